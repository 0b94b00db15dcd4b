//! Operations on volumes. Each consists of steps, and can be interrupted at any moment: the data stay
//! intact, and a key in the store unlocks them.
//!
//! ```text
//! registry      which code runs which kind of operation
//! encrypt       encrypts a device, and destroys its contents
//! in_place      encrypts a device with the file system on it
//! rekey         replaces the key             volume_key  reencrypts with a new volume key
//! restore       restores the header          erase       destroys header and keys
//! steps         steps that several operations have in common
//! reencryption  finishes an interrupted reencryption
//! operation     the trait: runs steps, resumes them, rolls them back
//! run           the state of an operation that is under way
//! header_copy   copies of the header         locate      finds the device of a volume
//! mount         opens, mounts, closes        opened      finds the mapping of a volume
//! boot          systemd units and fstab
//! journal       the pending operation, on this machine's disk
//! stored        the Secret of a volume       record      the document in it
//! kind          names of operations and steps
//! ```
//!
//! The rules that all of them keep:
//! - The key is in the store, and was read back, before anything needs it, and stays there as long
//!   as anything needs it.
//! - The journal has each step before it begins, and the store has each operation. While one is
//!   pending, no other begins.
//! - A step checks the device and the store for what is left to do, and so can be repeated.

pub mod boot;
mod encrypt;
mod erase;
pub mod header_copy;
mod in_place;
pub mod journal;
pub mod kind;
pub mod locate;
pub mod mount;
pub mod opened;
mod operation;
pub mod record;
mod reencryption;
mod registry;
mod rekey;
pub mod restore;
pub mod run;
mod steps;
pub mod stored;
mod volume_key;

pub use in_place::check_room;
pub use operation::OperationStep;
pub use registry::{roll_back, run, steps};
