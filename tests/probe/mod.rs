//! `ccx-sec verify` against scripted and hostile peers.

mod after_tls;
mod handshake;
mod mssql;
mod peers;
