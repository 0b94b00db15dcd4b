//! Connections to servers: addresses, TCP, TLS, and the engines' wire protocols before a login.
//!
//! ```text
//! target   the server of a URL              dial     name look-ups, TCP, the deadline of a step
//! tls      a handshake that records all     wire/    the protocols, one file each
//! hello    a ClientHello made by hand       suites   cipher suites and groups, by name
//! failure  failures, by kind                runtime  the event loop
//! ```
//!
//! The TLS handshake here accepts any certificate and records it. The rooms above judge it before
//! they send a secret.

pub(crate) mod dial;
pub mod failure;
pub(crate) mod hello;
pub(crate) mod runtime;
pub mod suites;
pub mod target;
pub mod tls;
pub mod wire;
