//! Failing system calls and kills, for all commands that write.

mod points;
mod sweep;
