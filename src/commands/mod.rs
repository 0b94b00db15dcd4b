//! The commands: one file a leaf, with its arguments and its `run`.

mod admin;
mod anchors;
pub(crate) mod ca;
pub(crate) mod cert;
pub(crate) mod completion;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod dry_run;
mod fleet_servers;
pub(crate) mod help;
pub(crate) mod man;
pub(crate) mod manifests;
pub(crate) mod serve;
pub(crate) mod snippet;
pub(crate) mod verify;
pub(crate) mod version;
pub(crate) mod volume;
