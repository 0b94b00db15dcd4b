//! Changes of the CA over the years: a renewed certificate, and the phases of a rotation.
//!
//! ```text
//! renewal    the same key and name with new dates: no other certificate changes
//! ```
//!
//! Each change is a few writes, and each write is a compare-and-swap. A crash between two writes
//! leaves a state that the next command recognizes and finishes.

pub mod renewal;
