//! The tests of the program as a whole. Run them with `tests/run`, which starts what they
//! need; one that misses a real part fails.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod common;

mod ca;
mod cert;
mod cli;
mod faults;
mod kube;
mod manifests;
mod pki;
mod probe;
mod project;
mod rotation;
mod serve;
mod snapshots;
mod snippet;
mod store;
mod testbed;
mod verify;
mod volume;
