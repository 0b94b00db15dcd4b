//! Changes of the CA over the years. So far: a renewed certificate.
//!
//! ```text
//! renewal    the same key and name with new dates: no other certificate changes
//! ```
//!
//! A change consists of a few writes, each a compare-and-swap. A crash between two writes leaves a
//! state that the next command recognizes and finishes.

pub mod renewal;
