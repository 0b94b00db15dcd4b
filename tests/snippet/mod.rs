//! Commands of `ccx-sec snippet`, run by real servers and clients.

mod client;
mod galera;
mod quotes;
mod server;
mod users;
