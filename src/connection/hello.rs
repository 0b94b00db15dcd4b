//! A hand-made ClientHello and the server's first answer, for versions and cipher suites that
//! rustls rightly does not implement (RFC 8996, RFC 9325). No secret is ever sent over it.

use rustls_pki_types::ServerName;

use crate::connection::failure::{Failure, FailureKind};
use crate::connection::wire::{MAX_PACKET, Stream, fill, outcome, send};

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const SERVER_HELLO_DONE: u8 = 14;

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TlsVersion {
    /// RFC 2246.
    Tls10,
    /// RFC 4346.
    Tls11,
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl TlsVersion {
    /// The oldest first.
    pub(crate) const ALL: [TlsVersion; 4] =
        [TlsVersion::Tls10, TlsVersion::Tls11, TlsVersion::Tls12, TlsVersion::Tls13];

    /// The name, as in every output.
    pub(crate) fn name(self) -> &'static str {
        match self {
            TlsVersion::Tls10 => "TLSv1.0",
            TlsVersion::Tls11 => "TLSv1.1",
            TlsVersion::Tls12 => "TLSv1.2",
            TlsVersion::Tls13 => "TLSv1.3",
        }
    }

    fn bytes(self) -> [u8; 2] {
        match self {
            TlsVersion::Tls10 => [3, 1],
            TlsVersion::Tls11 => [3, 2],
            TlsVersion::Tls12 => [3, 3],
            TlsVersion::Tls13 => [3, 4],
        }
    }
}

/// A server's answer to an offered version of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// The server accepts it.
    Taken,
    /// The server refuses it.
    Refused,
    /// It could not be determined, for this reason.
    Unknown(String),
}

/// The offers of a client.
#[derive(Debug, Clone)]
pub(crate) struct ClientHello<'a> {
    /// The highest version; below TLS 1.3, a server may choose a lower one.
    pub(crate) version: TlsVersion,
    /// Cipher suites.
    pub(crate) suites: &'a [u16],
    /// Key exchange groups.
    pub(crate) groups: &'a [u16],
}

/// The server's choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerHello {
    pub(crate) version: TlsVersion,
    pub(crate) suite: u16,
    /// The key exchange group, if the suite uses one.
    pub(crate) group: Option<u16>,
    /// The server's own certificate, DER; only before TLS 1.3, which encrypts it.
    pub(crate) certificate: Option<Vec<u8>>,
}

/// Sends the offer and returns the server's choice; `None` if the server refuses by a TLS alert.
///
/// # Errors
/// The connection is lost, or the peer does not speak TLS.
pub(crate) async fn ask(
    stream: &mut impl Stream,
    hello: &ClientHello<'_>,
    name: &ServerName<'_>,
) -> Result<Option<ServerHello>, Failure> {
    const STEP: &str = "a ClientHello";
    let sent = send(stream, &client_hello(hello, name), STEP).await;
    let mut messages = Messages { stream, bytes: Vec::new(), read: 0, step: STEP };
    let Some((kind, body)) = outcome(sent, messages.next().await)? else { return Ok(None) };
    let no_tls = || Failure::new(FailureKind::TlsFailed, "what the server answered is no TLS");
    if kind != SERVER_HELLO {
        return Err(no_tls());
    }
    let mut chosen = server_hello(&body).ok_or_else(no_tls)?;
    // Before TLS 1.3, the group is in ServerKeyExchange.
    if chosen.version < TlsVersion::Tls13 {
        while let Ok(Some((kind, body))) = messages.next().await {
            if kind == CERTIFICATE {
                chosen.certificate = first_certificate(&body);
            }
            if kind == SERVER_KEY_EXCHANGE && body.first() == Some(&3) {
                chosen.group = number(&body, 1);
            }
            if kind == SERVER_KEY_EXCHANGE || kind == SERVER_HELLO_DONE {
                break;
            }
        }
    }
    Ok(Some(chosen))
}

/// Reads handshake messages from a server's records.
struct Messages<'a, S> {
    stream: &'a mut S,
    bytes: Vec<u8>,
    /// The bytes of all records so far, to limit the answer to [`MAX_PACKET`].
    read: usize,
    step: &'static str,
}

impl<S: Stream> Messages<'_, S> {
    /// Returns type and body of the next message; `None` for an alert.
    async fn next(&mut self) -> Result<Option<(u8, Vec<u8>)>, Failure> {
        loop {
            if let [kind, a, b, c, rest @ ..] = self.bytes.as_slice() {
                let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
                if let Some(body) = rest.get(..length) {
                    let message = (*kind, body.to_vec());
                    self.bytes.drain(..4 + length);
                    return Ok(Some(message));
                }
            }
            // Record: type, version, length.
            let mut head = [0; 5];
            fill(self.stream, &mut head, self.step).await?;
            let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
            self.read += length + head.len();
            match head[0] {
                ALERT => return Ok(None),
                HANDSHAKE if self.read <= MAX_PACKET => {}
                _ => {
                    let what = "what the server answered is no TLS";
                    return Err(Failure::new(FailureKind::TlsFailed, what));
                }
            }
            let mut record = vec![0; length];
            fill(self.stream, &mut record, self.step).await?;
            self.bytes.extend(record);
        }
    }
}

/// Parses a ServerHello, or a HelloRetryRequest, which has the same form (RFC 8446, section 4.1.3).
fn server_hello(body: &[u8]) -> Option<ServerHello> {
    let mut version = number(body, 0)?;
    let session = usize::from(*body.get(34)?);
    let suite = number(body, 35 + session)?;
    let mut group = None;
    let mut rest = body.get(35 + session + 2 + 1 + 2..).unwrap_or_default();
    while let (Some(kind), Some(length)) = (number(rest, 0), number(rest, 2)) {
        let content = rest.get(4..4 + usize::from(length))?;
        match kind {
            SUPPORTED_VERSIONS => version = number(content, 0)?,
            KEY_SHARE => group = number(content, 0),
            _ => {}
        }
        rest = &rest[4 + usize::from(length)..];
    }
    let version =
        TlsVersion::ALL.into_iter().find(|one| u16::from_be_bytes(one.bytes()) == version)?;
    Some(ServerHello { version, suite, group, certificate: None })
}

/// Returns the first certificate of a list (RFC 5246, section 7.4.2), whose lengths have three
/// octets.
fn first_certificate(body: &[u8]) -> Option<Vec<u8>> {
    let [_, _, _, a, b, c, rest @ ..] = body else { return None };
    let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
    rest.get(..length).map(<[u8]>::to_vec)
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// The signature schemes that the client offers: ECDSA, RSA-PSS, Ed25519, Ed448, RSA-PSS with a
/// PSS-only key, PKCS #1, and schemes with SHA-1.
const SIGNATURES: [u16; 17] = [
    0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0401,
    0x0501, 0x0601, 0x0201, 0x0203, 0x0202,
];

fn client_hello(hello: &ClientHello<'_>, name: &ServerName<'_>) -> Vec<u8> {
    let ClientHello { version, suites, groups } = *hello;
    let mut body = version.min(TlsVersion::Tls12).bytes().to_vec();
    body.extend([0x5a; 32]); // the client's random, constant: no key is derived from it
    body.push(0); // no session to resume
    body.extend(list(suites));
    body.extend([1, 0]); // no compression
    let mut extensions = Vec::new();
    if let ServerName::DnsName(name) = name {
        let name = name.as_ref().as_bytes();
        let entry = [&[0][..], &length(name.len()), name].concat();
        extension(&mut extensions, 0, &[&length(entry.len())[..], &entry].concat());
    }
    extension(&mut extensions, 10, &list(groups));
    extension(&mut extensions, 11, &[1, 0]); // points uncompressed
    if version >= TlsVersion::Tls12 {
        extension(&mut extensions, 13, &list(&SIGNATURES));
    }
    if version == TlsVersion::Tls13 {
        extension(&mut extensions, SUPPORTED_VERSIONS, &[2, 3, 4]);
        // No share: the server names the group in a HelloRetryRequest (RFC 8446, section 4.2.8).
        extension(&mut extensions, KEY_SHARE, &[0, 0]);
    }
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

fn list(numbers: &[u16]) -> Vec<u8> {
    let mut bytes = length(numbers.len() * 2).to_vec();
    numbers.iter().for_each(|number| bytes.extend(number.to_be_bytes()));
    bytes
}

fn length(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or_default().to_be_bytes()
}
