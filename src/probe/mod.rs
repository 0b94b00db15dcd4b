//! Servers, asked over the network. Knows no store: a command hands it what it needs.
//!
//! ```text
//! target      which server, and how TLS begins there     dial   TCP, with a deadline
//! postgresql, mysql   how a plain connection turns into TLS
//! presented   the certificates that a server shows
//! ```

pub mod dial;
mod mysql;
mod postgresql;
pub mod presented;
pub mod target;

use std::io::{self, Read};

use crate::error::Error;

/// Reads exactly `buffer`; what comes instead of it is told as `step` of the protocol.
fn read_exactly(stream: &mut impl Read, buffer: &mut [u8], step: &str) -> Result<(), Error> {
    stream.read_exact(buffer).map_err(|source| lost(step, source))
}

/// A connection that ended, or timed out, in the middle of `step`.
fn lost(step: &str, source: io::Error) -> Error {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock,
    };
    match source.kind() {
        WouldBlock | TimedOut => {
            Error::failed("server-timeout", format!("no answer in time: {step}"))
                .hint("is it the right port? wait longer: --timeout")
        }
        UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => {
            Error::failed("server-closed", format!("the server closed the connection: {step}"))
                .hint("is it the right port, and the right scheme in the URL?")
        }
        _ => Error::failed("server-lost", format!("the connection broke: {step}"))
            .because(source)
            .hint("is it the right port, and the right scheme in the URL?"),
    }
}

fn not_what_it_should_be(protocol: &str, what: &str) -> Error {
    Error::failed("server-protocol", format!("the server does not speak {protocol}: {what}"))
        .hint("is it the right port, and the right scheme in the URL?")
}

fn without_tls(protocol: &str, setting: &str) -> Error {
    Error::failed("server-without-tls", format!("the {protocol} server offers no TLS"))
        .hint(format!("switch TLS on there: {setting}"))
}
