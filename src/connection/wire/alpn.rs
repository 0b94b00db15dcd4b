//! The names of the protocols that a client asks for by ALPN (RFC 7301).

use crate::connection::wire::{mssql, postgresql};
use crate::engine::Engine;

/// Returns the ALPN name that the engine's clients send when they begin with TLS (`direct`).
pub(crate) fn protocol_name(engine: Engine, direct: bool) -> Option<&'static [u8]> {
    match (engine, direct) {
        (Engine::Postgresql, true) => Some(postgresql::ALPN),
        (Engine::Mssql, true) => Some(mssql::ALPN),
        _ => None,
    }
}
