//! SQL Server: PRELOGIN packets, in which client and server state the encryption that they want,
//! then a TLS handshake inside PRELOGIN packets, then TLS itself ([MS-TDS], sections 2.2.6.5 and
//! 3.2.5.1); or, since TDS 8.0, TLS from the first byte with ALPN (2.2.1).
//!
//! Written from the specification; not tested against a real server.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::failure::{Failure, FailureKind};
use crate::connection::wire::{MAX_PACKET, Reception, Stream, fill, outcome, payload, send};

const PROTOCOL: &str = "SQL Server";

const PRELOGIN: u8 = 0x12;
const TABULAR_RESULT: u8 = 0x04;
const END_OF_MESSAGE: u8 = 0x01;
const HEADER: usize = 8;
/// The maximum size of a packet's body before another size is negotiated (2.2.3.1).
const MAX_BODY: usize = 4096 - HEADER;

const OPTION_VERSION: u8 = 0;
const OPTION_ENCRYPTION: u8 = 1;
const TERMINATOR: u8 = 0xff;

/// The encryption that a side asks for (2.2.6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreloginEncryption {
    /// Only the login is encrypted.
    Off,
    /// Everything.
    On,
    /// Nothing: there is no TLS.
    NotSupported,
    /// Everything; clients without encryption are refused.
    Required,
}

impl PreloginEncryption {
    fn from_byte(byte: u8) -> Option<Self> {
        match byte & 0x1f {
            0 => Some(PreloginEncryption::Off),
            1 => Some(PreloginEncryption::On),
            2 => Some(PreloginEncryption::NotSupported),
            3 => Some(PreloginEncryption::Required),
            _ => None,
        }
    }
}

/// The server's answer to a PRELOGIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prelogin {
    /// The version of the server.
    pub version: String,
    encryption: PreloginEncryption,
}

/// Sends a PRELOGIN that asks for full encryption or, without `tls`, states that the client cannot
/// encrypt; returns the server's answer.
///
/// # Errors
/// The connection is lost, or the peer is not a SQL Server.
pub async fn prelogin(stream: &mut impl Stream, tls: bool) -> Result<Prelogin, Failure> {
    const STEP: &str = "the PRELOGIN at the SQL Server";
    let wanted = if tls { 1 } else { 2 };
    // Options: token, offset, length; then their values.
    let mut body = vec![OPTION_VERSION, 0, 11, 0, 6, OPTION_ENCRYPTION, 0, 17, 0, 1, TERMINATOR];
    body.extend([0, 0, 0, 0, 0, 0, wanted]);
    let sent = send(stream, &packets(&body), STEP).await;
    let message = outcome(sent, read_message(stream, STEP).await)?;
    read_prelogin(&message)
        .ok_or_else(|| Failure::not(PROTOCOL, "answers a PRELOGIN with what is none"))
}

async fn read_message(stream: &mut impl Stream, step: &str) -> Result<Vec<u8>, Failure> {
    let mut message = Vec::new();
    loop {
        let mut header = [0; HEADER];
        fill(stream, &mut header, step).await?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[0] != TABULAR_RESULT || length < HEADER {
            return Err(Failure::not(PROTOCOL, "does not answer a PRELOGIN as one"));
        }
        message.extend(payload(stream, length - HEADER, PROTOCOL, step).await?);
        if header[1] & END_OF_MESSAGE != 0 {
            return Ok(message);
        }
        if message.len() > MAX_BODY {
            return Err(Failure::not(PROTOCOL, "answers a PRELOGIN without end"));
        }
    }
}

fn read_prelogin(message: &[u8]) -> Option<Prelogin> {
    let value = |wanted: u8| {
        let options = message.chunks_exact(5).take_while(|option| option[0] != TERMINATOR);
        options.filter(|option| option[0] == wanted).find_map(|option| {
            let at = usize::from(u16::from_be_bytes([option[1], option[2]]));
            let length = usize::from(u16::from_be_bytes([option[3], option[4]]));
            message.get(at..at + length)
        })
    };
    let version = match value(OPTION_VERSION)? {
        [major, minor, build @ ..] if build.len() >= 2 => {
            format!("{major}.{minor}.{}", u16::from_be_bytes([build[0], build[1]]))
        }
        _ => return None,
    };
    let encryption = PreloginEncryption::from_byte(*value(OPTION_ENCRYPTION)?.first()?)?;
    Some(Prelogin { version, encryption })
}

impl Prelogin {
    /// Checks that a TLS handshake can follow.
    ///
    /// # Errors
    /// When the server has no TLS.
    pub fn offers_tls(&self) -> Result<(), Failure> {
        match self.encryption {
            PreloginEncryption::NotSupported => {
                Err(Failure::new(FailureKind::NoTls, "the server offers no TLS"))
            }
            _ => Ok(()),
        }
    }

    /// The reception of a client that stated that it cannot encrypt.
    pub fn without_tls(&self) -> Reception {
        match self.encryption {
            PreloginEncryption::On | PreloginEncryption::Required => {
                Reception::Refused("it answers that encryption is required".to_owned())
            }
            PreloginEncryption::Off | PreloginEncryption::NotSupported => Reception::Taken,
        }
    }
}

/// Splits a message into packets; returns no bytes for an empty message.
fn packets(message: &[u8]) -> Vec<u8> {
    let mut packets = Vec::with_capacity(message.len() + HEADER);
    let mut bodies = message.chunks(MAX_BODY).peekable();
    let mut number = 0_u8;
    while let Some(body) = bodies.next() {
        let status = if bodies.peek().is_none() { END_OF_MESSAGE } else { 0 };
        let length = u16::try_from(HEADER + body.len()).unwrap_or(u16::MAX).to_be_bytes();
        packets.extend([PRELOGIN, status, length[0], length[1], 0, 0, number, 0]);
        packets.extend(body);
        number = number.wrapping_add(1);
    }
    packets
}

/// A stream that carries a TLS handshake inside PRELOGIN packets, and after the handshake plain TLS
/// records.
#[derive(Debug)]
pub struct PreloginStream<S> {
    stream: S,
    /// Whether the handshake is still running.
    wrapping: bool,
    /// The bytes of the next handshake message, until it is flushed.
    message: Vec<u8>,
    /// Packets to send, of which the first `sent` bytes are sent.
    out: Vec<u8>,
    sent: usize,
    /// The header of the next packet, of which the first `header_read` bytes are read.
    header: [u8; HEADER],
    header_read: usize,
    /// The unread bytes of the current packet.
    left: usize,
}

impl<S: Stream> PreloginStream<S> {
    /// Wraps `stream` for the duration of a handshake.
    pub fn new(stream: S) -> Self {
        PreloginStream {
            stream,
            wrapping: true,
            message: Vec::new(),
            out: Vec::new(),
            sent: 0,
            header: [0; HEADER],
            header_read: 0,
            left: 0,
        }
    }

    /// Sends and expects plain TLS records from now on: the handshake is over.
    pub fn unwrap_from_now_on(&mut self) {
        self.wrapping = false;
    }

    /// The stream underneath.
    #[cfg(test)]
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.out.extend(packets(&std::mem::take(&mut self.message)));
        while self.sent < self.out.len() {
            let rest = &self.out[self.sent..];
            match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.sent += count,
            }
        }
        self.out.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Reads the header of the next packet if the current packet is used up; `false` at the end of
    /// the stream.
    fn poll_header(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.left == 0 {
            let mut buffer = ReadBuf::new(&mut self.header[self.header_read..]);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            match buffer.filled().len() {
                0 => return Poll::Ready(Ok(false)),
                count => self.header_read += count,
            }
            if self.header_read == HEADER {
                self.header_read = 0;
                let length = usize::from(u16::from_be_bytes([self.header[2], self.header[3]]));
                let kind = self.header[0];
                if !matches!(kind, PRELOGIN | TABULAR_RESULT) || length <= HEADER {
                    let what = "no PRELOGIN packet around the TLS handshake";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, what)));
                }
                self.left = length - HEADER;
            }
        }
        Poll::Ready(Ok(true))
    }
}

impl<S: Stream> AsyncRead for PreloginStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.wrapping && this.left == 0 && this.header_read == 0 {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        if !ready!(this.poll_header(context))? {
            return Poll::Ready(Ok(()));
        }
        let wanted = this.left.min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(wanted));
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut part))?;
        let count = part.filled().len();
        buffer.advance(count);
        this.left -= count;
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for PreloginStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if !this.wrapping {
            ready!(this.poll_send(context))?;
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        }
        // A flight of the handshake becomes one message, which the flush sends.
        if this.message.len() + bytes.len() > MAX_PACKET {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        this.message.extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
