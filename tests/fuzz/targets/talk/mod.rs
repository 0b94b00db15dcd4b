//! A server that says what the fuzzer came up with, whatever it hears, and hangs up. What it is
//! taken for may depend on the bytes, and on nothing else.

use std::fmt::Debug;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use ccx_sec::connection::failure::Failure;
use ccx_sec::connection::wire::Reception;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// More than any conversation may take in, or send.
const MOST: usize = 1024 * 1024;
/// How often a reader may ask on after the end.
const ENDS: usize = 8;

pub struct Server<'a> {
    words: &'a [u8],
    /// How much of it is had in one read.
    at_a_time: usize,
    ends: usize,
    heard: usize,
}

impl AsyncRead for Server<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.at_a_time.min(self.words.len()).min(buffer.remaining());
        let (now, later) = self.words.split_at(count);
        buffer.put_slice(now);
        self.words = later;
        self.ends += usize::from(count == 0);
        assert!(self.ends < ENDS, "it asks on and on");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Server<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.heard += bytes.len();
        assert!(self.heard < MOST, "it talks without end");
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Talks to such a server twice, once where the bytes come as they are wanted, and once one by
/// one: what comes of it must be the same. A failure must say something, on one line.
pub fn talk<T: PartialEq + Debug>(
    words: &[u8],
    client: impl AsyncFn(&mut Server<'_>) -> Result<T, Failure>,
) -> Option<T> {
    let [said, in_bytes] = [usize::MAX, 1].map(|at_a_time| {
        let mut server = Server { words, at_a_time, ends: 0, heard: 0 };
        let talked = match pin!(client(&mut server)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(talked) => talked,
            Poll::Pending => panic!("it waits, and the server has hung up"),
        };
        let read = words.len() - server.words.len();
        assert!(read < MOST, "it takes in {read} bytes");
        talked
    });
    assert_eq!(said, in_bytes, "it matters how the bytes come");
    said.inspect_err(|failure| {
        assert!(!failure.message.is_empty() && failure.message.len() < 2000);
        assert!(!failure.message.contains(char::is_control), "{failure:?}");
    })
    .ok()
}

/// What a server said is fit to be shown.
pub fn shown(reception: Option<Reception>) {
    if let Some(Reception::Refused(said) | Reception::CertificateRequired(said)) = reception {
        assert!(!said.contains(char::is_control), "{said:?}");
    }
}
