//! Changes of the CA over the years: a renewed certificate, or another key.
//!
//! ```text
//! renewal    the same key and name with new dates: no other certificate changes
//!
//! next_ca    the CA of a new key            staging    it joins the bundle
//! stored     a rotation as it is stored     switch     it signs; later the old CA leaves the bundle
//! rollback   the way back                   forget     the old key is deleted
//! simulation PURE: which verifier refuses which certificate in each phase
//! population the certificates and trust sets of nodes, read for a simulation
//! proof      what each server shows and trusts, on new connections
//! canary     client certificates of five minutes, for the proofs
//! gate       the demands of the next phase on the proofs
//! bundle_holders   the clients that still lack the new CA
//! fleet_list the nodes that the last gate asked about
//! ```
//!
//! A change consists of a few writes, each a compare-and-swap. A crash between two writes leaves a
//! state that the next command recognizes and finishes.

pub mod bundle_holders;
pub mod canary;
pub mod fleet_list;
pub mod forget;
pub mod gate;
pub mod next_ca;
pub mod population;
pub mod proof;
pub mod renewal;
pub mod rollback;
pub mod simulation;
pub mod staging;
pub mod stored;
pub mod switch;
