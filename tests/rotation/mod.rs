//! CA rotations: what clients, servers and stores see of them.

mod advance;
mod fleet;
mod holders;
mod kept_bundles;
mod load;
mod phases;
mod plan;
mod proof;
mod put_back;
mod start;
mod transitions;
