//! `ccx-sec verify` against real servers.

mod balancers;
mod command;
mod defaults;
mod fleet;
mod floor;
mod keys;
mod loaded;
mod logins;
mod matrix;
mod names;
mod noise;
mod policies;
mod pools;
mod proxies;
mod remedies;
mod simulate;
pub mod simulate_mssql;
