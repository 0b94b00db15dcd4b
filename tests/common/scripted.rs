//! Servers that hold a certificate, speak as far as they must to get to TLS, and from there by
//! script. What the real ones cannot be made to do.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::pki::Identity;
use super::tls::peer;

/// The way to TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    MySql,
    PostgreSql,
    Redis,
    /// SQL Server, with the handshake inside PRELOGIN packets.
    Tds7,
    /// SQL Server with TLS from the first byte (`--direct`).
    Tds8,
}

/// What a server does that has sent as many bytes as it means to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    HangUp,
    /// Until the client goes.
    Silence,
}

pub trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// TLS over whatever the protocol has under it.
pub type Tls = StreamOwned<ServerConnection, Box<dyn Wire>>;

impl Protocol {
    pub const ALL: [Protocol; 5] =
        [Protocol::MySql, Protocol::PostgreSql, Protocol::Redis, Protocol::Tds7, Protocol::Tds8];

    /// As its URLs begin.
    pub fn scheme(self) -> &'static str {
        match self {
            Protocol::MySql => "mysql",
            Protocol::PostgreSql => "postgresql",
            Protocol::Redis => "rediss",
            Protocol::Tds7 | Protocol::Tds8 => "mssql",
        }
    }

    /// Between them, both versions of TLS. Inside packets there is no 1.3.
    fn version(self) -> &'static SupportedProtocolVersion {
        match self {
            Protocol::MySql | Protocol::Tds7 => &rustls::version::TLS12,
            Protocol::PostgreSql | Protocol::Redis | Protocol::Tds8 => &rustls::version::TLS13,
        }
    }

    fn before_tls(self, stream: &mut impl Wire) -> io::Result<()> {
        match self {
            Protocol::MySql => {
                stream.write_all(&greeting(true))?;
                stream.read_exact(&mut [0; 36])
            }
            Protocol::PostgreSql => {
                stream.read_exact(&mut [0; 8])?;
                stream.write_all(b"S")
            }
            Protocol::Tds7 => {
                stream.read_exact(&mut [0; 26])?;
                stream.write_all(&prelogin())
            }
            Protocol::Redis | Protocol::Tds8 => Ok(()),
        }
    }

    /// What a server says inside TLS to a client whom it takes as one, and no byte more than is
    /// needed to know that.
    pub fn answer(self) -> Vec<u8> {
        match self {
            Protocol::MySql => packet(3, b"\xff\x15\x04#28000Access denied"),
            Protocol::PostgreSql => b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0".to_vec(),
            Protocol::Redis => b"-NOAUTH Authentication required.\r\n".to_vec(),
            Protocol::Tds7 => Vec::new(),
            Protocol::Tds8 => prelogin(),
        }
    }
}

/// The TLS of a server with this certificate.
pub fn config(protocol: Protocol, identity: &Identity) -> Arc<ServerConfig> {
    config_of(protocol, identity, rustls::crypto::aws_lc_rs::default_provider())
}

/// The same with this cryptography.
pub fn config_of(
    protocol: Protocol,
    identity: &Identity,
    provider: CryptoProvider,
) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[protocol.version()])
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate");
    config.send_tls13_tickets = 0;
    if protocol == Protocol::Tds8 {
        config.alpn_protocols = vec![b"tds/8.0".to_vec()];
    }
    Arc::new(config)
}

/// Listens, and has each client that comes over TLS dealt with on a thread of its own: who
/// comes without is hung up on.
pub fn serve(
    protocol: Protocol,
    identity: &Identity,
    script: impl Fn(Connection) + Send + Sync + 'static,
) -> u16 {
    serve_with(protocol, config(protocol, identity), script)
}

/// The same with this TLS.
pub fn serve_with(
    protocol: Protocol,
    config: Arc<ServerConfig>,
    script: impl Fn(Connection) + Send + Sync + 'static,
) -> u16 {
    let script = Arc::new(script);
    peer(move |stream| {
        let (config, script) = (config.clone(), script.clone());
        thread::spawn(move || {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
            let mut first = [0];
            let waits = matches!(protocol, Protocol::Redis | Protocol::Tds8);
            if !waits || (stream.peek(&mut first).is_ok() && first == [22]) {
                script(Connection { protocol, config, stream });
            }
        });
    })
}

/// A client that has come.
pub struct Connection {
    protocol: Protocol,
    config: Arc<ServerConfig>,
    stream: TcpStream,
}

impl Connection {
    /// Gets as far as TLS, and no further.
    pub fn before_tls(mut self) -> io::Result<TcpStream> {
        self.protocol.before_tls(&mut self.stream)?;
        Ok(self.stream)
    }

    /// Shakes hands.
    pub fn accept(self) -> io::Result<Tls> {
        self.accept_until(usize::MAX, End::HangUp, &Arc::default())
    }

    /// The same, but sends no more than so many bytes in all, and says in `sent` how many.
    pub fn accept_until(self, most: usize, end: End, sent: &Arc<AtomicUsize>) -> io::Result<Tls> {
        let cut = Cut { stream: self.stream, most, end, sent: sent.clone() };
        let mut wire: Box<dyn Wire> = Box::new(cut);
        self.protocol.before_tls(&mut wire)?;
        if self.protocol == Protocol::Tds7 {
            wire = Box::new(Packets { stream: wire, left: 0 });
        }
        let session = ServerConnection::new(self.config).expect("a session");
        let mut tls = StreamOwned::new(session, wire);
        tls.conn.complete_io(&mut tls.sock)?;
        Ok(tls)
    }
}

/// A stream that ends after some bytes.
struct Cut {
    stream: TcpStream,
    most: usize,
    end: End,
    sent: Arc<AtomicUsize>,
}

impl Read for Cut {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Cut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.most - self.sent.load(Ordering::Relaxed);
        if left == 0 {
            if self.end == End::Silence {
                until_it_goes(&mut self.stream);
            }
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = self.stream.write(&bytes[..bytes.len().min(left)])?;
        self.sent.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Reads on, and says nothing.
pub fn until_it_goes(stream: &mut impl Read) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// A stream inside PRELOGIN packets.
struct Packets {
    stream: Box<dyn Wire>,
    /// Of the packet that is being read.
    left: usize,
}

impl Read for Packets {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let mut header = [0; 8];
            self.stream.read_exact(&mut header)?;
            self.left = usize::from(u16::from_be_bytes([header[2], header[3]])) - header.len();
        }
        let most = buffer.len().min(self.left);
        let count = self.stream.read(&mut buffer[..most])?;
        self.left -= count;
        Ok(count)
    }
}

impl Write for Packets {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(4000);
        let length = u16::try_from(count + 8).expect("short").to_be_bytes();
        let header = [0x12, 1, length[0], length[1], 0, 0, 1, 0];
        self.stream.write_all(&[&header, &bytes[..count]].concat())?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A greeting of MySQL, with TLS or without.
pub fn greeting(tls: bool) -> Vec<u8> {
    let mut body = b"\x0a8.4.0\0\x01\0\0\x0012345678\0".to_vec();
    body.extend(if tls { [0xff, 0xff] } else { [0xff, 0xf7] });
    body.extend(b"\xff\x02\0\xff\xc7\x15\0\0\0\0\0\0\0\0\0\0");
    body.extend(b"123456789012\0caching_sha2_password\0");
    packet(0, &body)
}

/// A packet of MySQL.
pub fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_le_bytes();
    [&[length[0], length[1], length[2], number], body].concat()
}

/// An answer to PRELOGIN that offers TLS.
pub fn prelogin() -> Vec<u8> {
    let body = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 4, 0, 0, 0, 1];
    [&[4, 1, 0, 26, 0, 0, 1, 0][..], &body].concat()
}
