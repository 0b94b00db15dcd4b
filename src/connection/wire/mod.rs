//! The wire protocols: the messages before TLS, and one request after it (a dummy login or a PING).
//!
//! `refusals` lists the error messages by which servers, pools and proxies refuse a client.
//!
//! Each protocol is generic over its stream, reads not a byte more than it needs (TLS may follow),
//! and refuses packets longer than [`MAX_PACKET`]. None sends a secret.

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

/// The maximum size of a packet in bytes, more than these conversations need. A packet that
/// announces more is refused before it is read.
pub const MAX_PACKET: usize = 64 * 1024;

/// The default user name of the probe's login attempt. It appears in the audit logs of servers.
pub const DEFAULT_PROBE_USER: &str = "ccx-sec-probe";

/// A byte stream, plain or TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A server's reaction to a client, given the channel (TLS or plaintext) on which it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reception {
    /// The server accepts the channel: it answers the client, or goes on to the login. Whether the
    /// login succeeds does not matter.
    Taken,
    /// The server refuses all clients, or this one, on this channel; with the server's message.
    Refused(String),
    /// The server demands a client certificate; with its message.
    CertificateRequired(String),
    /// The server decides about the channel only after a login with valid credentials.
    NeedsLogin,
}

/// Writes all bytes and flushes.
pub async fn send(stream: &mut impl Stream, bytes: &[u8], step: &str) -> Result<(), Failure> {
    let sent = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    sent.await.map_err(|error| Failure::io(step, &error))
}

/// Combines the results of a write and the read after it. The caller reads even if the write
/// failed: a server that refuses a client may have sent the reason before it hung up.
pub fn outcome<T>(sent: Result<(), Failure>, answered: Result<T, Failure>) -> Result<T, Failure> {
    match (sent, answered) {
        (Err(sent), Err(answered)) if answered.kind.is_hang_up() => Err(sent),
        (_, answered) => answered,
    }
}

/// Reads until the buffer is full.
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

/// Reads the body of a packet that announces `length` bytes; fails if that exceeds [`MAX_PACKET`].
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
