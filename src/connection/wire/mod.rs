//! The wire protocols: what is said before TLS begins, and one question asked after it.
//!
//! Which words of which server, pool or proxy refuse a client is written down in `refusals`.
//!
//! Each is generic over its stream, reads what it needs and not a byte more, and refuses
//! packets longer than a server has reason to send ([`MAX_PACKET`]). None sends a secret.

pub mod mssql;
pub mod mysql;
pub mod postgresql;
pub mod redis;
pub(crate) mod refusals;
#[cfg(test)]
pub(crate) mod tests;
mod tls_only;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::connection::failure::Failure;
pub(crate) use tls_only::TlsOnly;

/// More than any packet of these conversations; what claims to be longer is refused before
/// it is read.
pub const MAX_PACKET: usize = 64 * 1024;

/// The user name of logins that are made without an account. It shows in the audit logs of
/// servers.
pub const DEFAULT_PROBE_USER: &str = "ccx-sec-probe";

/// A byte stream, plain or TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A server's reaction to a client on such a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reception {
    /// It talks to it, or goes on to its login; who the client is, is another question.
    Taken,
    /// It takes no client, or at least not this one, over such a channel; in its own words.
    Refused(String),
    /// It wants a client certificate.
    CertificateRequired(String),
    /// It says nothing about it before a login with good credentials.
    NeedsLogin,
}

/// Sends all of it.
pub async fn send(stream: &mut impl Stream, bytes: &[u8], step: &str) -> Result<(), Failure> {
    let sent = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    sent.await.map_err(|error| Failure::io(step, &error))
}

/// The result of sending and then reading. Reads even if sending failed: a server that refuses a
/// client may have sent the reason before it hung up.
pub fn outcome<T>(sent: Result<(), Failure>, answered: Result<T, Failure>) -> Result<T, Failure> {
    match (sent, answered) {
        (Err(sent), Err(answered)) if answered.kind.is_hang_up() => Err(sent),
        (_, answered) => answered,
    }
}

/// Fills the buffer.
pub async fn fill(
    stream: &mut (impl Stream + ?Sized),
    buffer: &mut [u8],
    step: &str,
) -> Result<(), Failure> {
    match stream.read_exact(buffer).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::io(step, &error)),
    }
}

/// Reads as many bytes as a packet claims to have.
pub async fn payload(
    stream: &mut (impl Stream + ?Sized),
    length: usize,
    protocol: &str,
    step: &str,
) -> Result<Vec<u8>, Failure> {
    if length > MAX_PACKET {
        return Err(Failure::not(protocol, format!("announces a packet of {length} bytes")));
    }
    let mut payload = vec![0; length];
    fill(stream, &mut payload, step).await?;
    Ok(payload)
}
