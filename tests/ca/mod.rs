//! Commands of `ccx-sec ca`.

mod export;
mod fetch;
mod fetch_rotation;
mod import;
mod init;
mod init_killed;
mod profile;
mod renew;
mod renew_servers;
mod show_check;
mod show_rotation;
mod tools;
