//! Simulates real clients: from the observation of a server and the behavior of a client in
//! [`crate::driver`], derives whether the client would connect. Pure.
//!
//! ```text
//! outcome             the steps of one client    certificate_check   its check of a certificate
//! names               its comparison of names
//! ```

mod certificate_check;
mod names;
pub mod outcome;
