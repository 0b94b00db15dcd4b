//! The simulation of clients: what becomes of a real client at a server that was observed, by the
//! behavior that [`crate::driver`] has of it. Pure.
//!
//! ```text
//! outcome             the steps of one client    certificate_check   its check of a certificate
//! names               its comparison of names
//! ```

mod certificate_check;
mod names;
pub mod outcome;
