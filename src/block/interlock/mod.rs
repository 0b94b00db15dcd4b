//! What stands between a device and whoever is about to write to it, so that no byte is lost by
//! mistake. Whatever could not be looked at is a no.
//!
//! ```text
//! claim      nothing else uses it, and it stays the one that it is
//! identity   what it is known by             usage     who uses it
//! contents   what is on it, by probes that must agree
//! ```
//!
//! The order is: [`ExclusiveDevice::take`], [`ExclusiveDevice::contents`] and [`refuse_unless_blank`],
//! [`ExclusiveDevice::release`], [`PinnedDevice::check_still`], and then the program that writes, on [`PinnedDevice::path`].

mod claim;
mod contents;
mod identity;
mod usage;

pub use claim::{ExclusiveDevice, PinnedDevice};
pub use contents::{Contents, DeviceContent, refuse_unless_blank};
pub use identity::DeviceIdentity;
