//! A peer that speaks SQL Server's protocol as the specification has it ([MS-TDS], sections
//! 2.2.6.5 and 3.2.5.1), with the TLS of rustls. What it does not prove is that a real server
//! does the same.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::pki::Identity;

const PRELOGIN: u8 = 0x12;
const LOGIN: u8 = 0x10;
const ANSWER: u8 = 4;

/// What its configuration says of encryption, as PRELOGIN has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    Off = 0,
    NotSupported = 2,
    Required = 3,
}

/// Its TLS; `alpn`: of TDS 8.0.
pub fn config(
    identity: &Identity,
    alpn: bool,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(identity.certificate.as_bytes())
        .map(|one| one.expect("PEM"))
        .collect();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = provider.key_provider.load_private_key(key).expect("a key");
    // what looks at no certificate, so that it presents one that rustls cannot read
    let identity = SingleCertAndKey::from(CertifiedKey::new(chain, key));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(identity));
    if alpn {
        config.alpn_protocols = vec![b"tds/8.0".to_vec()];
    }
    Arc::new(config)
}

/// Reads a packet: its type and its body.
fn packet(stream: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 8];
    stream.read_exact(&mut header)?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let mut body = vec![0; length.saturating_sub(8)];
    stream.read_exact(&mut body)?;
    assert!(header[0] != LOGIN || header[1] == 1, "a login is one packet");
    Ok((header[0], body))
}

fn send(stream: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(body.len() + 8).expect("short").to_be_bytes();
    stream.write_all(&[&[kind, 1, length[0], length[1], 0, 0, 1, 0], body].concat())?;
    stream.flush()
}

/// Takes a PRELOGIN, and answers as a server of this configuration: its answer.
pub fn prelogin(stream: &mut (impl Read + Write), mine: Encryption) -> io::Result<u8> {
    let (kind, body) = packet(stream)?;
    if kind != PRELOGIN {
        return Err(io::ErrorKind::InvalidData.into()); // TLS: the server hangs up
    }
    // options: a token, an offset, a length
    let mut options = body.chunks_exact(5).take_while(|option| option[0] != 0xff);
    let encryption = options.find(|option| option[0] == 1).expect("ENCRYPTION");
    let theirs = body[usize::from(u16::from_be_bytes([encryption[1], encryption[2]]))];
    // The table of section 2.2.6.5.
    let answer = match (mine, theirs) {
        (Encryption::NotSupported, _) | (Encryption::Off, 2) => 2,
        (Encryption::Required, 2) => 3,
        (Encryption::Required, _) | (Encryption::Off, 1) => 1,
        (Encryption::Off, _) => 0,
    };
    let mut told = vec![0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff];
    told.extend([16, 0, 0x10, 0x0f, 0, 0, answer]);
    send(stream, ANSWER, &told)?;
    Ok(answer)
}

/// A TLS handshake inside PRELOGIN packets: the session, unless the client breaks it off.
pub fn handshake(stream: &mut TcpStream, config: &Arc<ServerConfig>) -> Option<ServerConnection> {
    let mut tls = ServerConnection::new(config.clone()).expect("a session");
    while tls.is_handshaking() {
        let (kind, body) = packet(stream).ok()?;
        assert_eq!(kind, PRELOGIN, "the handshake is in PRELOGIN packets");
        let mut body = body.as_slice();
        while !body.is_empty() {
            tls.read_tls(&mut body).expect("read");
            tls.process_new_packets().ok()?;
        }
        let mut flight = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut flight).expect("written");
        }
        if !flight.is_empty() {
            send(stream, PRELOGIN, &flight).ok()?;
        }
    }
    assert_eq!(tls.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_2));
    Some(tls)
}

/// TLS from the first byte, of TDS 8.0, and PRELOGIN inside; nothing for who comes without.
pub fn strict(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
) -> Option<StreamOwned<ServerConnection, TcpStream>> {
    let mut first = [0];
    if stream.peek(&mut first).is_err() || first != [22] {
        return None; // no TLS: the server hangs up
    }
    let tls = ServerConnection::new(config.clone()).expect("a session");
    let mut tls = StreamOwned::new(tls, stream);
    let _ = prelogin(&mut tls, Encryption::Required);
    Some(tls)
}

/// What a client that logs in is told, so that it says it: how its login came.
pub const OVER_TLS: &str = "the login came over TLS";
pub const IN_THE_OPEN: &str = "the login came in the open";

/// Takes a login, if one comes, and refuses it with this message.
fn refuse(stream: &mut (impl Read + Write), message: &str) {
    if !matches!(packet(stream), Ok((LOGIN, _))) {
        return;
    }
    let text = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let size = |length: usize| u16::try_from(length).expect("short").to_le_bytes();
    // ERROR 18456, state 1, class 14, of no server, of no procedure, line 1; then DONE
    let mut error = [&18456_u32.to_le_bytes()[..], &[1, 14], &size(message.len())].concat();
    error.extend(text(message));
    error.extend([0, 0, 1, 0, 0, 0]);
    let mut answer = [&[0xaa][..], &size(error.len()), &error].concat();
    answer.extend([0xfd, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let _ = send(stream, ANSWER, &answer);
    let _ = stream.read(&mut [0; 100]); // until it goes
}

/// Talks to one client up to its login: in TDS 8.0 where there is ALPN, else in 7.
pub fn serve(mut stream: TcpStream, config: &Arc<ServerConfig>, mine: Encryption) {
    if !config.alpn_protocols.is_empty() {
        if let Some(mut tls) = strict(stream, config) {
            refuse(&mut tls, OVER_TLS);
        }
        return;
    }
    match prelogin(&mut stream, mine) {
        Ok(1) => {
            if let Some(tls) = handshake(&mut stream, config) {
                refuse(&mut StreamOwned::new(tls, stream), OVER_TLS);
            }
        }
        Ok(2) => refuse(&mut stream, IN_THE_OPEN),
        _ => {}
    }
}
