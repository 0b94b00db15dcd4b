//! Stores in a real Kubernetes API.

mod ca_store;
mod config;
mod errors;
mod faults;
mod fleet;
mod in_cluster;
mod kubectl;
mod nodes;
mod writes;
