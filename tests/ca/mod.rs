//! Commands of `ccx-sec ca`.

mod export;
mod fetch;
mod import;
mod init;
mod init_killed;
mod profile;
mod renew;
mod renew_servers;
mod show_check;
mod tools;
