//! Directory stores, and what both kinds of store promise.

mod bad_directory;
mod foreign_places;
mod race;
mod watch;
