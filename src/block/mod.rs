//! Block devices and their encryption: LUKS headers, mappings, and guards against data loss. Knows
//! nothing of Kubernetes, and prints nothing.
//!
//! ```text
//! luks           reads LUKS headers; PURE             policy   required parameters; PURE
//! stack          the layers below a path or device    mounts   mounts, swap, data directories
//! device_guard   refuses devices that are in use or hold data
//! device         reads and writes a device            sysfs    kernel attributes of a device
//! key            keys and passphrases                 image    a copy of a header
//! cryptsetup     runs cryptsetup, as the only caller  mapping  mappings of open volumes
//! file_system    reads ext4 and xfs superblocks; PURE
//! device_mapper  checks the kernel's device mapper
//! ```

pub mod cryptsetup;
pub mod device;
pub mod device_guard;
pub mod device_mapper;
pub mod file_system;
pub mod image;
pub mod key;
pub mod luks;
pub mod mapping;
pub mod mounts;
pub mod policy;
pub mod reason;
pub mod stack;
pub mod sysfs;
