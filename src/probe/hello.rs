//! A ClientHello of an old version of TLS, made by hand: rustls speaks none of them, and
//! rightly so (RFC 8996). What the server answers first tells whether it still takes it.

use rustls_pki_types::ServerName;

use crate::probe::failure::{Failure, Kind};
use crate::probe::wire::{Stream, fill, outcome, send};

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;

/// A version that no server should take any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Old {
    /// RFC 2246.
    Tls10,
    /// RFC 4346.
    Tls11,
}

impl Old {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Old::Tls10 => "TLSv1.0",
            Old::Tls11 => "TLSv1.1",
        }
    }

    fn bytes(self) -> [u8; 2] {
        match self {
            Old::Tls10 => [3, 1],
            Old::Tls11 => [3, 2],
        }
    }
}

/// What a server does with a version of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// It takes it.
    Taken,
    /// It does not.
    Refused,
    /// It was not to be found out, for this reason.
    Unknown(String),
}

impl Offer {
    /// What a failure on the way means: one of TLS itself is a no.
    pub(crate) fn of(failure: &Failure) -> Self {
        match failure.kind {
            Kind::TlsAlert(_) | Kind::WeakProtocol | Kind::Closed | Kind::Reset => Offer::Refused,
            _ => Offer::Unknown(failure.message.clone()),
        }
    }
}

/// Asks for this version, and no other.
///
/// # Errors
/// The connection is lost, or what answers is no TLS.
pub(crate) async fn ask(
    stream: &mut impl Stream,
    version: Old,
    name: &ServerName<'_>,
) -> Result<Offer, Failure> {
    const STEP: &str = "an old ClientHello";
    let sent = send(stream, &client_hello(version, name), STEP).await;
    // Record: type, version, length; then the handshake's type, length, version.
    let mut record = [0; 5];
    outcome(sent, fill(stream, &mut record, STEP).await)?;
    match record[0] {
        ALERT => Ok(Offer::Refused),
        HANDSHAKE => {
            let mut head = [0; 6];
            fill(stream, &mut head, STEP).await?;
            let agreed = head[0] == SERVER_HELLO && head[4..] == version.bytes();
            Ok(if agreed { Offer::Taken } else { Offer::Refused })
        }
        _ => Err(Failure::new(Kind::TlsFailed, "what the server answered is no TLS")),
    }
}

/// Cipher suites of those days, with and without forward secrecy, for RSA and EC keys.
const SUITES: [u16; 9] = [
    0xc00a, 0xc009, 0xc014, 0xc013, // ECDHE with AES-CBC
    0x0039, 0x0033, // DHE
    0x0035, 0x002f, 0x000a, // RSA
];

fn client_hello(version: Old, name: &ServerName<'_>) -> Vec<u8> {
    let mut body = version.bytes().to_vec();
    body.extend([0x5a; 32]); // the client's random: no secret will be made of it
    body.push(0); // no session to go on with
    body.extend(length(SUITES.len() * 2));
    SUITES.iter().for_each(|suite| body.extend(suite.to_be_bytes()));
    body.extend([1, 0]); // no compression
    let mut extensions = Vec::new();
    if let ServerName::DnsName(name) = name {
        let name = name.as_ref().as_bytes();
        let entry = [&[0][..], &length(name.len()), name].concat();
        extension(&mut extensions, 0, &[&length(entry.len())[..], &entry].concat());
    }
    extension(&mut extensions, 10, &[0, 6, 0, 23, 0, 24, 0, 29]); // P-256, P-384, X25519
    extension(&mut extensions, 11, &[1, 0]); // points uncompressed
    extension(&mut extensions, 0xff01, &[0]); // safe renegotiation (RFC 5746)
    body.extend(length(extensions.len()));
    body.extend(extensions);
    let handshake = [&[1, 0][..], &length(body.len()), &body].concat();
    [&[HANDSHAKE, 3, 1][..], &length(handshake.len()), &handshake].concat()
}

fn extension(extensions: &mut Vec<u8>, kind: u16, body: &[u8]) {
    extensions.extend(kind.to_be_bytes());
    extensions.extend(length(body.len()));
    extensions.extend(body);
}

fn length(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or_default().to_be_bytes()
}
