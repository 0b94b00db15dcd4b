//! A stream on which the peer may send nothing but TLS, for use after a server has accepted a
//! request for TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::failure::PlaintextBeforeTls;
use crate::connection::wire::Stream;

/// The first byte of a TLS record (RFC 8446, section 5.1). The second is the major version, 3 in
/// all versions of TLS. No message of PostgreSQL begins with such a byte.
const RECORD_TYPES: std::ops::RangeInclusive<u8> = 20..=23;
const MAJOR_VERSION: u8 = 3;

/// The number of bytes to check: record type and major version.
const COMPARED: usize = 2;

/// A stream whose reads fail if the peer's first bytes are not a TLS record.
#[derive(Debug)]
pub(crate) struct TlsOnly<S> {
    stream: S,
    /// The number of the peer's bytes that were checked.
    compared: usize,
}

impl<S: Stream> TlsOnly<S> {
    /// Creates a stream that checks the first bytes of the peer.
    pub(crate) fn new(stream: S) -> Self {
        TlsOnly { stream, compared: 0 }
    }

    /// Creates a stream that checks nothing: without a request for TLS before, the handshake itself
    /// detects other bytes.
    pub(crate) fn unchecked(stream: S) -> Self {
        TlsOnly { stream, compared: COMPARED }
    }

    fn compare(&mut self, bytes: &[u8]) -> io::Result<()> {
        for byte in bytes {
            let fits = match self.compared {
                0 => RECORD_TYPES.contains(byte),
                1 => *byte == MAJOR_VERSION,
                _ => return Ok(()),
            };
            if !fits {
                return Err(io::Error::new(io::ErrorKind::InvalidData, PlaintextBeforeTls));
            }
            self.compared += 1;
        }
        Ok(())
    }
}

impl<S: Stream> AsyncRead for TlsOnly<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if self.compared < COMPARED {
            self.compare(&buffer.filled()[before..])?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for TlsOnly<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
