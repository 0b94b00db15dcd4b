//! Changes of the CA over the years: a renewed certificate; a new key, in phases.
//!
//! ```text
//! renewal    the same key and name with new dates: no other certificate changes
//! simulation PURE: which verifier refuses which certificate in each phase of a rotation
//! proof      what each server shows and trusts, on new connections
//! canary     client certificates of five minutes, for the proofs
//! gate       the demands of the next phase on the proofs
//! ```
//!
//! A change consists of a few writes, each a compare-and-swap. A crash between two writes leaves a
//! state that the next command recognizes and finishes.

pub mod canary;
pub mod gate;
pub mod proof;
pub mod renewal;
pub mod simulation;
