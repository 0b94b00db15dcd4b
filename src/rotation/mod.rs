//! Changes of the CA over the years: today the renewal of its certificate. The record of a rotation
//! is in `store::rotation`.
//!
//! ```text
//! renewal    the same key and name with new dates: no other certificate changes
//! ```
//!
//! A change consists of a few writes, each a compare-and-swap. A crash between two writes leaves a
//! state that the next command recognizes and finishes.

pub mod renewal;
