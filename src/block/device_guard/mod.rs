//! Guards a device before it is written to. A device that cannot be checked counts as in use.
//!
//! ```text
//! pinned     a device that stays the same, and one that nobody else uses
//! identity   serial number, WWN, path        usage     mounts, swap, mappings, programs
//! contents   signatures and data on it, by several probes that must agree
//! ```
//!
//! The order of calls is: [`ExclusiveDevice::take`], [`ExclusiveDevice::contents`] with
//! [`refuse_unless_blank`], [`ExclusiveDevice::release`], [`PinnedDevice::check_still`], and then the
//! program that writes to [`PinnedDevice::path`].

mod contents;
mod identity;
mod pinned;
mod usage;

pub use contents::{Contents, DeviceContent, refuse_unless_blank};
pub use identity::DeviceIdentity;
pub use pinned::{ExclusiveDevice, PinnedDevice};
