//! What is done to volumes, most of it in several steps, so that whatever moment it is broken
//! off at, the data are whole, and a key in the store opens them.
//!
//! ```text
//! work        an operation under way: its steps, carried on, or undone
//! task        what it is, as it is written down      journal  where: on this machine's disk
//! record      what the store knows about a volume    locate   which device it is on
//! encrypt     a device becomes a volume              in_place with what is on it
//! rekey       it gets a new key                      volume_key  and what is on it, anew
//! reencryption  what is moved or encrypted anew is carried to its end
//! restore     its header comes back                  erase    nothing opens it any more
//! opened      whether it is open, and by which mapping
//! use_of      opened, mounted, closed                boot     at every boot
//! ```
//!
//! The rules that all of them keep:
//! - The key is in the store, and was read back, before anything needs it; and stays until
//!   nothing does.
//! - A step is written down before it begins, in the journal; that something has begun, in the
//!   store too. While that is so, nothing else begins.
//! - A step looks at what is there, not at what it was told, and so may begin again.

pub mod boot;
mod encrypt;
mod erase;
mod in_place;
pub mod journal;
pub mod kind;
pub mod locate;
pub mod mount;
pub mod opened;
pub mod record;
mod reencryption;
mod rekey;
pub mod restore;
mod volume_key;
pub mod work;

pub use encrypt::{HEADER, MINIMUM, check_opens};
pub use in_place::check_room;
pub use work::contended;
