//! MySQL and MariaDB: the server greets, and the client answers with an SSL request, then
//! TLS, then its login (MySQL source documentation, "Connection Phase"; MariaDB
//! documentation, "Connecting").
//!
//! MySQL and MariaDB count a client that leaves before its login as a connect error, and block its
//! host after `max_connect_errors` of them. So every conversation here ends with a login attempt
//! as a user that does not exist, which costs nothing but a line in an audit log.

use crate::connection::failure::{Failure, FailureKind, RefusalCause, one_line};
use crate::connection::wire::refusals::mysql_requires_tls;
use crate::connection::wire::{Reception, Stream, fill, outcome, payload, send};

pub(crate) const PROTOCOL: &str = "MySQL";

const LONG_PASSWORD: u32 = 1;
const PROTOCOL_41: u32 = 1 << 9;
pub(crate) const SSL: u32 = 1 << 11;
const SECURE_CONNECTION: u32 = 1 << 15;
pub(crate) const PLUGIN_AUTH: u32 = 1 << 19;

const UTF8MB4: u8 = 45;
/// The maximum number of packets that an authentication may take.
pub(crate) const MAX_ROUNDS: usize = 5;

pub(crate) const ACCESS_DENIED: [u16; 3] = [1045, 1698, 1251];
const TOO_MANY_CONNECTIONS: u16 = 1040;
const HOST_BLOCKED: u16 = 1129;
const HOST_NOT_PRIVILEGED: u16 = 1130;

/// The server's first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// The version of the server, without the prefix `5.5.5-` that MariaDB adds for old replicas.
    pub version: String,
    /// The number of this connection; each further connection gets a higher one.
    pub(crate) connection: u32,
    /// The authentication plugin that the server proposes.
    pub(crate) plugin: String,
    /// The nonce to which the proof of a password is bound.
    pub(crate) nonce: Vec<u8>,
    capabilities: u32,
}

impl Greeting {
    pub(crate) fn has(&self, capability: u32) -> bool {
        self.capabilities & capability != 0
    }

    /// Whether the server is MariaDB, of at least version `wanted`.
    fn is_mariadb_from(&self, wanted: (u32, u32)) -> bool {
        let mut numbers = self.version.split(['.', '-']).map(|part| part.parse::<u32>());
        let version = (numbers.next(), numbers.next());
        self.version.contains("MariaDB")
            && matches!(version, (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= wanted)
    }
}

/// Reads the greeting.
///
/// # Errors
/// The server sends an error instead: it has too many connections, or blocks this host.
pub async fn greeting(stream: &mut impl Stream) -> Result<Greeting, Failure> {
    const STEP: &str = "the MySQL greeting";
    let (_, packet) = read_packet(stream, STEP).await?;
    match packet.first() {
        Some(10) => read_greeting(&packet)
            .ok_or_else(|| Failure::not(PROTOCOL, "has a greeting that breaks off")),
        Some(0xff) => Err(server_error(&packet)),
        _ => Err(Failure::not(PROTOCOL, "does not greet as one")),
    }
}

fn read_greeting(packet: &[u8]) -> Option<Greeting> {
    let rest = packet.get(1..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let version = one_line(rest.get(..end)?);
    let version = match version.strip_prefix("5.5.5-") {
        Some(real) if real.contains("MariaDB") => real.to_owned(),
        _ => version,
    };
    // After it: thread (4), nonce (8), a zero, capabilities, charset, status, more capabilities.
    let connection = u32::from_le_bytes(rest.get(end + 1..end + 1 + 4)?.try_into().ok()?);
    let mut nonce = rest.get(end + 1 + 4..end + 1 + 4 + 8)?.to_vec();
    let rest = rest.get(end + 1 + 4 + 8 + 1..)?;
    let low = u16::from_le_bytes([*rest.first()?, *rest.get(1)?]);
    let high = match rest.get(5..7) {
        Some(high) => u16::from_le_bytes([high[0], high[1]]),
        None => 0,
    };
    let capabilities = u32::from(high) << 16 | u32::from(low);
    let mut plugin = String::new();
    if capabilities & PLUGIN_AUTH != 0 {
        // The rest of the nonce, and a zero.
        let more = usize::from(*rest.get(7)?).saturating_sub(8).max(13);
        nonce.extend(rest.get(8 + 10..8 + 10 + more - 1)?);
        plugin = lossy_text(rest.get(8 + 10 + more..).unwrap_or_default());
    }
    Some(Greeting { version, connection, plugin, nonce, capabilities })
}

/// Sends the request for TLS. The server sends nothing before the TLS handshake.
///
/// # Errors
/// The server has no TLS.
pub async fn request_tls(stream: &mut impl Stream, greeting: &Greeting) -> Result<(), Failure> {
    if greeting.capabilities & SSL == 0 {
        return Err(Failure::new(FailureKind::NoTls, "the server offers no TLS"));
    }
    send(stream, &packet(1, &client(greeting, SSL)), "MySQL's SSL request").await
}

/// The fixed part at the beginning of a client's SSL request and login: capabilities (with `more`),
/// packet size and charset.
pub(crate) fn client(greeting: &Greeting, more: u32) -> Vec<u8> {
    const MAX_PACKET: u32 = 1 << 24;
    let wanted = LONG_PASSWORD | PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH;
    let capabilities = wanted & (greeting.capabilities | PROTOCOL_41) | more;
    let mut body = Vec::with_capacity(128);
    body.extend(capabilities.to_le_bytes());
    body.extend(MAX_PACKET.to_le_bytes());
    body.push(UTF8MB4);
    body.extend([0; 23]);
    body
}

/// Attempts a login as `user`, which should not exist, with a proof that fits no password. `tls`
/// tells whether the stream is encrypted.
///
/// # Errors
/// The connection is lost, or the server refuses every client, such as a blocked host.
pub async fn log_in(
    stream: &mut impl Stream,
    greeting: &Greeting,
    user: &str,
    tls: bool,
) -> Result<Reception, Failure> {
    const STEP: &str = "the login at the MySQL server";
    let mut body = client(greeting, if tls { SSL } else { 0 });
    body.extend(user.bytes().filter(|byte| *byte != 0));
    body.push(0);
    let proof = no_password(&greeting.plugin);
    body.push(u8::try_from(proof.len()).unwrap_or_default());
    body.extend(proof);
    if greeting.capabilities & PLUGIN_AUTH != 0 {
        body.extend(greeting.plugin.bytes());
        body.push(0);
    }
    let mut next = packet(if tls { 2 } else { 1 }, &body);
    let mut plugin = greeting.plugin.clone();
    for _ in 0..MAX_ROUNDS {
        let sent = send(stream, &next, STEP).await;
        let (number, answer) = outcome(sent, read_packet(stream, STEP).await)?;
        let proof = match answer.first() {
            // An account with that name and no password exists. Log out again.
            Some(0x00) => {
                let _ = send(stream, &packet(0, &[1]), STEP).await; // COM_QUIT
                return Ok(Reception::Taken);
            }
            Some(0xff) => return judge(&answer, greeting, tls),
            Some(0xfe) => {
                plugin = lossy_text(&answer[1..]);
                no_password(&plugin)
            }
            Some(0x01) if plugin == "parsec" => vec![0; 32 + 64],
            _ => return Err(Failure::not(PROTOCOL, "answers a login with something else")),
        };
        if plugin == "mysql_clear_password" {
            // Never answered, not even with an empty password.
            return Ok(if tls { Reception::Taken } else { Reception::NeedsLogin });
        }
        next = packet(number.wrapping_add(1), &proof);
    }
    Err(Failure::not(PROTOCOL, "asks without end"))
}

/// Returns a proof of the form that `plugin` expects and that fits no password. The server then
/// denies access; a malformed proof would count as a connect error.
fn no_password(plugin: &str) -> Vec<u8> {
    match plugin {
        "mysql_native_password" => vec![0x55; 20],
        "client_ed25519" => vec![0; 64],
        "parsec" => Vec::new(),
        _ => vec![0],
    }
}

fn judge(answer: &[u8], greeting: &Greeting, tls: bool) -> Result<Reception, Failure> {
    match code(answer) {
        Some(one) if !tls && mysql_requires_tls(one, &error_message(answer)) => {
            Ok(Reception::Refused(error_message(answer)))
        }
        // Only MariaDB checks require_secure_transport before the password (seen in 11.8);
        // the others deny access in both cases.
        Some(one) if ACCESS_DENIED.contains(&one) => {
            let told = tls || greeting.is_mariadb_from((11, 8));
            Ok(if told { Reception::Taken } else { Reception::NeedsLogin })
        }
        _ => Err(server_error(answer)),
    }
}

pub(crate) fn code(error: &[u8]) -> Option<u16> {
    Some(u16::from_le_bytes([*error.get(1)?, *error.get(2)?]))
}

pub(crate) fn error_message(error: &[u8]) -> String {
    let rest = error.get(3..).unwrap_or_default();
    let text = if rest.first() == Some(&b'#') { rest.get(6..).unwrap_or_default() } else { rest };
    format!("error {}: {}", code(error).unwrap_or_default(), one_line(text))
}

pub(crate) fn server_error(error: &[u8]) -> Failure {
    let known = match code(error) {
        Some(TOO_MANY_CONNECTIONS) => "the server has too many connections",
        Some(HOST_BLOCKED) => "the server blocks this host",
        Some(HOST_NOT_PRIVILEGED) => "the server lets nobody in from this host",
        Some(_) => "the server turns the client away",
        None => return Failure::not(PROTOCOL, "answers with half an error"),
    };
    let cause = match code(error) {
        Some(HOST_BLOCKED) => RefusalCause::HostBlocked,
        _ => RefusalCause::Other,
    };
    Failure::new(FailureKind::ServerError(cause), format!("{known}: {}", error_message(error)))
}

/// Returns the text up to the first NUL byte, on one line.
pub(crate) fn lossy_text(bytes: &[u8]) -> String {
    one_line(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
}

pub(crate) fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or_default().to_le_bytes();
    let mut packet = vec![length[0], length[1], length[2], number];
    packet.extend(body);
    packet
}

pub(crate) async fn read_packet(
    stream: &mut impl Stream,
    step: &str,
) -> Result<(u8, Vec<u8>), Failure> {
    let mut header = [0; 4];
    fill(stream, &mut header, step).await?;
    let length = u32::from_le_bytes([header[0], header[1], header[2], 0]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok((header[3], payload(stream, length, PROTOCOL, step).await?))
}
