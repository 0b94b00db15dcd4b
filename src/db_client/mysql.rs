//! The login of MySQL and MariaDB, after the greeting and, over TLS, after the SSL request (MySQL
//! source documentation, "Connection Phase").

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::connection::failure::Failure;
use crate::connection::wire::mysql::{
    ACCESS_DENIED, Greeting, MAX_ROUNDS, PLUGIN_AUTH, PROTOCOL, SSL, client, code, error_message,
    lossy_text, packet, read_packet, server_error,
};
use crate::connection::wire::refusals::mysql_requires_tls;
use crate::connection::wire::{Stream, outcome, send};
use crate::db_client::{
    AccountCredentials, Cache, ChannelSecrecy, LoginMethod, LoginOutcome, MAX_ROWS, ResultRow,
    proof,
};

const STEP: &str = "the login at the MySQL server";

const NATIVE: &str = "mysql_native_password";
const CACHING_SHA2: &str = "caching_sha2_password";
const SHA256: &str = "sha256_password";
const ED25519: &str = "client_ed25519";
const PARSEC: &str = "parsec";
/// Plugins that only check which user is at the other end of the Unix socket.
const BY_SOCKET: [&str; 2] = ["auth_socket", "unix_socket"];

/// The server's answers in `caching_sha2_password`: the account is in its cache, or not.
const WARM: u8 = 3;
const COLD: u8 = 4;

/// Logs in; with `only`, the client answers no other method.
///
/// # Errors
/// The connection is lost, or the server refuses every client.
pub(crate) async fn log_in(
    stream: &mut impl Stream,
    greeting: &Greeting,
    tls: bool,
    secrecy: ChannelSecrecy,
    who: &AccountCredentials,
    only: Option<&str>,
) -> Result<LoginOutcome, Failure> {
    let password = who.password.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
    let mut talk = Talk {
        plugin: only.unwrap_or(&greeting.plugin).to_owned(),
        nonce: greeting.nonce.clone(),
        only,
        cache: None,
        salted: false,
        password,
        // Over plaintext TCP, the server expects the password encrypted with its RSA key.
        may_be_told: secrecy.keeps_secrets() && (tls || secrecy == ChannelSecrecy::Socket),
    };
    let mut proof = talk.first();
    if only.is_some_and(|only| ![NATIVE, CACHING_SHA2].contains(&only)) {
        // The nonce for this plugin comes with the server's switch to it: begin with an empty
        // proof for another plugin.
        (talk.plugin, proof) = (NATIVE.to_owned(), Ok(Zeroizing::default()));
    } else if proof.is_err() {
        // The server's default plugin is unknown here; the server switches to the account's plugin.
        talk.plugin = NATIVE.to_owned();
        proof = talk.first();
    }
    let proof = proof.unwrap_or_default();
    let mut body = Zeroizing::new(client(greeting, if tls { SSL } else { 0 }));
    body.extend(who.user.bytes().filter(|byte| *byte != 0));
    body.push(0);
    body.push(u8::try_from(proof.len()).unwrap_or_default());
    body.extend(proof.iter());
    if greeting.has(PLUGIN_AUTH) {
        body.extend(talk.plugin.bytes());
        body.push(0);
    }
    let mut next = Some(Zeroizing::new(packet(if tls { 2 } else { 1 }, &body)));
    for _ in 0..MAX_ROUNDS {
        let sent = match next.take() {
            Some(packet) => send(stream, &packet, STEP).await,
            None => Ok(()), // the server sends another packet first
        };
        let (number, answer) = outcome(sent, read_packet(stream, STEP).await)?;
        let reply = match answer.first() {
            Some(0x00) => return Ok(talk.got_in()),
            Some(0xff) => return denied(&answer, secrecy),
            Some(0xfe) => talk.switch(&answer),
            Some(0x01) => talk.next_step(&answer[1..])?,
            _ => return Err(Failure::not(PROTOCOL, "answers a login with something else")),
        };
        match reply {
            LoginStep::Send(bytes) => {
                next = Some(Zeroizing::new(packet(number.wrapping_add(1), &bytes)));
            }
            LoginStep::Wait => {}
            LoginStep::Withhold(why) => return Ok(LoginOutcome::Withheld(why)),
        }
    }
    Err(Failure::not(PROTOCOL, "asks without end"))
}

/// The next step after a packet from the server.
enum LoginStep {
    Send(Zeroizing<Vec<u8>>),
    Wait,
    Withhold(String),
}

struct Talk<'a> {
    plugin: String,
    nonce: Vec<u8>,
    cache: Option<Cache>,
    /// Whether the server has sent a salt for parsec.
    salted: bool,
    /// The only method that may prove the password.
    only: Option<&'a str>,
    password: &'a str,
    /// Whether the password itself may be sent.
    may_be_told: bool,
}

impl Talk<'_> {
    /// Returns the first data for the plugin; the error is the reason to send none.
    fn first(&self) -> Result<Zeroizing<Vec<u8>>, String> {
        let password = self.password;
        let proof = match self.plugin.as_str() {
            plugin if BY_SOCKET.contains(&plugin) => Vec::new(),
            NATIVE if password.is_empty() => Vec::new(),
            NATIVE => proof::native(password, self.nonce(20)?),
            CACHING_SHA2 if password.is_empty() => vec![0],
            CACHING_SHA2 => proof::caching_sha2(password, self.nonce(20)?),
            ED25519 => proof::ed25519(password, self.nonce(32)?),
            PARSEC => self.nonce(32).map(|_| Vec::new())?, // asks for the salt
            SHA256 if password.is_empty() => vec![0],
            SHA256 if self.may_be_told => return Ok(self.password_itself()),
            SHA256 => return Err(self.wants_the_password()),
            "mysql_clear_password" => {
                return Err(format!(
                    "the server asks for the password in the clear ({}), which is never sent",
                    self.plugin
                ));
            }
            other => return Err(format!("the server asks by {other:?}, which is not known here")),
        };
        Ok(Zeroizing::new(proof))
    }

    /// Returns the server's nonce, if it has `length` bytes, as the plugin requires. An answer to a
    /// shorter nonce would reveal the password to precomputed tables.
    fn nonce(&self, length: usize) -> Result<&[u8], String> {
        let found = self.nonce.len();
        if found != length {
            let plugin = self.method();
            return Err(format!(
                "the server asks by {plugin} with {found} random bytes, not {length}"
            ));
        }
        Ok(&self.nonce)
    }

    fn password_itself(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.password.len() + 1));
        bytes.extend(self.password.bytes());
        bytes.push(0);
        bytes
    }

    fn wants_the_password(&self) -> String {
        format!(
            "{} asks for the password itself, which is told to a server that is trusted alone, \
             over TLS (a client that takes the server's public key on trust would send it)",
            self.plugin
        )
    }

    /// Reads a switch to another plugin: its name, a zero byte, its nonce.
    fn switch(&mut self, answer: &[u8]) -> LoginStep {
        if answer.len() == 1 {
            return LoginStep::Withhold("the server asks by the method of MySQL 4.0".to_owned());
        }
        self.plugin = lossy_text(&answer[1..]);
        let nonce = answer.get(1 + self.plugin.len() + 1..).unwrap_or_default();
        let length = if [ED25519, PARSEC].contains(&self.plugin.as_str()) { 32 } else { 20 };
        self.nonce = nonce.get(..length).unwrap_or(nonce).to_vec();
        match self.only.filter(|only| *only != self.method()) {
            Some(only) => LoginStep::Withhold(format!(
                "the server asks by {}, where over TLS it asked by {only}",
                self.method()
            )),
            None => match self.first() {
                Ok(proof) => LoginStep::Send(proof),
                Err(why) => LoginStep::Withhold(why),
            },
        }
    }

    /// The name of the method for people: MariaDB's server and its clients name the ed25519 plugin
    /// differently.
    fn method(&self) -> &str {
        if self.plugin == ED25519 { "ed25519" } else { &self.plugin }
    }

    /// Answers a further message of the plugin.
    fn next_step(&mut self, said: &[u8]) -> Result<LoginStep, Failure> {
        match (self.plugin.as_str(), said) {
            (CACHING_SHA2, [WARM]) => {
                self.cache = Some(Cache::Warm);
                Ok(LoginStep::Wait)
            }
            (CACHING_SHA2, [COLD]) => {
                self.cache = Some(Cache::Cold);
                Ok(match self.may_be_told {
                    true => LoginStep::Send(self.password_itself()),
                    false => LoginStep::Withhold(self.wants_the_password()),
                })
            }
            // At most once: the hashing takes long, and blocks this thread.
            (PARSEC, _) if std::mem::replace(&mut self.salted, true) => {
                Err(Failure::not(PROTOCOL, "has a salt for parsec twice"))
            }
            (PARSEC, salt) => match proof::parsec(self.password, &self.nonce, salt) {
                Some(proof) => Ok(LoginStep::Send(Zeroizing::new(proof))),
                None => Err(Failure::not(PROTOCOL, "has a salt for parsec that is none")),
            },
            (plugin, _) => {
                Err(Failure::not(PROTOCOL, format!("goes on with {plugin:?} in a way of its own")))
            }
        }
    }

    fn got_in(self) -> LoginOutcome {
        LoginOutcome::In(LoginMethod { method: self.method().to_owned(), cache: self.cache })
    }
}

fn denied(answer: &[u8], secrecy: ChannelSecrecy) -> Result<LoginOutcome, Failure> {
    match code(answer) {
        Some(one)
            if secrecy == ChannelSecrecy::Plain
                && mysql_requires_tls(one, &error_message(answer)) =>
        {
            Ok(LoginOutcome::Refused(error_message(answer)))
        }
        Some(one) if ACCESS_DENIED.contains(&one) || one == 1044 || one == 1049 => {
            Ok(LoginOutcome::denied(error_message(answer)))
        }
        _ => Err(server_error(answer)),
    }
}

/// Sends COM_QUIT.
pub(crate) async fn quit(stream: &mut impl Stream) {
    let _ = send(stream, &packet(0, &[1]), STEP).await; // COM_QUIT
}

/// Runs a statement and returns its rows, or the server's error message.
///
/// # Errors
/// The connection is lost, or the answer has another form (MySQL source documentation,
/// "Text Protocol").
pub(crate) async fn query(
    stream: &mut impl Stream,
    statement: &str,
) -> Result<Result<Vec<ResultRow>, String>, Failure> {
    const STEP: &str = "a statement at the MySQL server";
    let other = || Failure::not(PROTOCOL, "answers a statement with something else");
    send(stream, &packet(0, &[b"\x03", statement.as_bytes()].concat()), STEP).await?;
    let (_, first) = read_packet(stream, STEP).await?;
    match first.as_slice() {
        [0x00, ..] => return Ok(Ok(Vec::new())),
        [0xff, ..] => return Ok(Err(error_message(&first))),
        [1..=0xfa] => {}
        _ => return Err(other()),
    }
    let columns = usize::from(first[0]);
    for _ in 0..columns {
        read_packet(stream, STEP).await?;
    }
    let is_end = |packet: &[u8]| packet.first() == Some(&0xfe) && packet.len() < 9;
    if !is_end(&read_packet(stream, STEP).await?.1) {
        return Err(other());
    }
    let mut rows = Vec::new();
    while rows.len() < MAX_ROWS {
        let (_, packet) = read_packet(stream, STEP).await?;
        match packet.first() {
            Some(0xff) => return Ok(Err(error_message(&packet))),
            _ if is_end(&packet) => return Ok(Ok(rows)),
            _ => rows.push(row(&packet, columns).ok_or_else(other)?),
        }
    }
    Err(Failure::server_error(format!("{STEP}: more than {MAX_ROWS} rows")))
}

fn row(mut packet: &[u8], columns: usize) -> Option<ResultRow> {
    let mut row = Vec::with_capacity(columns);
    for _ in 0..columns {
        let (first, rest) = packet.split_first()?;
        let (length, rest) = match *first {
            0xfb => {
                row.push(None);
                packet = rest;
                continue;
            }
            length @ 0..=0xfa => (usize::from(length), rest),
            0xfc => (usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?])), &rest[2..]),
            _ => return None, // longer than MAX_PACKET
        };
        row.push(Some(String::from_utf8_lossy(rest.get(..length)?).into_owned()));
        packet = &rest[length..];
    }
    packet.is_empty().then_some(row)
}
