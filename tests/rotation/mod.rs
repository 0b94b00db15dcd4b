//! CA rotations: what clients, servers and stores see of them.

mod advance;
mod fleet;
mod phases;
mod plan;
mod proof;
