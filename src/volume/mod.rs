//! Volumes: so far, what a machine needs to have for them.

pub mod cryptsetup;
pub mod device_mapper;
