//! Encrypted volumes: what is under a path, whether it is encrypted as it must be, and the
//! header that says so. Knows no Kubernetes, and prints nothing.
//!
//! ```text
//! luks           the header, read natively; PURE      policy   what it must say; PURE
//! stack          what a path or a device lies on, layer by layer, from sysfs
//! mounts         what is mounted, what is swapped to, who keeps data where
//! interlock      that nothing is lost when a device is written to
//! device         the bytes of a device                sysfs    what the kernel tells of it
//! key            what opens it                        image    a copy of a header
//! cryptsetup     the only caller of that program      mapping  the volumes that are open
//! file_system    those on volumes, read natively; PURE
//! device_mapper  without which no volume opens
//! ```

pub mod cryptsetup;
pub mod device;
pub mod device_mapper;
pub mod file_system;
pub mod image;
pub mod interlock;
pub mod key;
pub mod luks;
pub mod mapping;
pub mod mounts;
pub mod policy;
pub mod stack;
pub mod sysfs;
