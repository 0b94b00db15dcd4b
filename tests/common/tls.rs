//! Servers that show certificates: OpenSSL's `s_server`, and peers that follow a script.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;

/// `openssl s_server` on a free port; ended when dropped.
pub struct SServer {
    child: Child,
    pub port: u16,
}

impl SServer {
    /// `more`: further options of `s_server`.
    pub fn new(certificate: &Path, key: &Path, more: &[&str]) -> Self {
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert"])
            .arg(certificate)
            .arg("-key")
            .arg(key)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl; run the tests with tests/run");
        let mut lines = BufReader::new(child.stdout.take().expect("its stdout")).lines();
        let port = loop {
            let line = lines.next().expect("s_server listens").expect("a line");
            if let Some(address) = line.strip_prefix("ACCEPT ") {
                break address.rsplit(':').next().expect("a port").parse().expect("a number");
            }
        };
        thread::spawn(move || lines.for_each(drop)); // or it would block on a full pipe
        SServer { child, port }
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Listens on a free port, which it gives back, and has `script` talk to whoever connects.
pub fn peer(script: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    thread::spawn(move || listener.incoming().flatten().for_each(&script));
    port
}

/// A port on which nobody listens. It is below those that the system hands out, so that no
/// other test gets it meanwhile.
pub fn closed_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 1000) as u16 * 10;
    (0..100)
        .map(|_| 12_000 + start + NEXT.fetch_add(1, Ordering::Relaxed))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// Joins a connection to another port, until one side ends.
pub fn forward(stream: &TcpStream, port: u16) {
    let other = TcpStream::connect(("127.0.0.1", port)).expect("the server behind");
    let copy = |from: &TcpStream, to: &TcpStream| {
        let (mut from, mut to) = (from.try_clone().expect("a clone"), to.try_clone().expect("it"));
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        })
    };
    let (there, back) = (copy(stream, &other), copy(&other, stream));
    let _ = (there.join(), back.join());
}

/// Reads exactly so many bytes.
pub fn take<const N: usize>(mut stream: &TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).expect("the client's bytes");
    bytes
}
