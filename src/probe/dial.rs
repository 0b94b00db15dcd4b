//! TCP connections on which every step has the same deadline. The only user of sockets.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::probe::target::Target;

/// A connection; reading and writing fail when its deadline has passed.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    deadline: Instant,
}

/// Connects to the first address of the host that answers; looking the name up counts.
///
/// # Errors
/// Exit 3 when the name is unknown, nothing answers there, or the time is over.
pub fn dial(target: &Target, timeout: Duration) -> Result<Connection> {
    let deadline = Instant::now() + timeout;
    let mut last = None;
    for address in resolve(target, timeout)? {
        match left(deadline).and_then(|left| TcpStream::connect_timeout(&address, left)) {
            Ok(stream) => return Ok(Connection { stream, deadline }),
            Err(error) => last = Some(error),
        }
    }
    let source = last.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into());
    let (code, hint) = match source.kind() {
        io::ErrorKind::ConnectionRefused => {
            ("server-refused", "is the server running, and listening on that port and address?")
        }
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            ("server-timeout", "is a firewall in between? wait longer: --timeout")
        }
        _ => ("server-unreachable", "check the network between here and there"),
    };
    Err(Error::failed(code, format!("cannot connect to {target}")).because(source).hint(hint))
}

/// The system's resolver knows no deadline, so it runs aside, and is left behind when late.
fn resolve(target: &Target, timeout: Duration) -> Result<Vec<SocketAddr>> {
    let (sender, receiver) = mpsc::channel();
    let (host, port) = (target.host.clone(), target.port);
    thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        let _ = sender.send(found);
    });
    let failed = || Error::failed("server-unknown", format!("cannot look up {:?}", target.host));
    match receiver.recv_timeout(timeout) {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(source)) => {
            Err(failed().because(source).hint("check the name, and this machine's DNS"))
        }
        Err(_) => Err(failed().hint("DNS does not answer; wait longer: --timeout")),
    }
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.deadline)?))?;
        self.stream.read(buffer)
    }
}

impl Write for Connection {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left(self.deadline)?))?;
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
