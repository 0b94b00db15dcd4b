//! The login of PostgreSQL, from the startup packet on (PostgreSQL's manual, "Message Flow").

use postgres_protocol::authentication::md5_hash;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::connection::failure::{Failure, FailureKind, one_line};
use crate::connection::wire::postgresql::{
    PROTOCOL, ServerError, StartupPurpose, TERMINATE, read_error, read_message, startup,
};
use crate::connection::wire::refusals::ErrorMeaning;
use crate::connection::wire::{Stream, fill, outcome, send};
use crate::db_client::scram::{MIN_ITERATIONS, ScramLogin};
use crate::db_client::{
    AccountCredentials, ChannelSecrecy, LoginMethod, LoginOutcome, MAX_ROWS, ResultRow,
};

const STEP: &str = "the login at the PostgreSQL server";
/// The limit of messages in a login; most are settings that the server reports at its end.
const MAX_MESSAGES: usize = 200;

/// Logs in, and reads until the server waits for statements. With `only`, sends an md5 proof, which
/// is easily cracked, only if that method is md5. Binds SCRAM to the certificate whose hash is
/// `end_point`, if given.
///
/// # Errors
/// The connection is lost, or the server refuses every client.
pub(crate) async fn log_in(
    stream: &mut impl Stream,
    secrecy: ChannelSecrecy,
    who: &AccountCredentials,
    database: &str,
    only: Option<&str>,
    end_point: Option<&[u8]>,
) -> Result<(LoginOutcome, Option<String>), Failure> {
    let password = who.password.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
    let mut scram: Option<ScramLogin> = None;
    let mut is_in = false;
    let mut method = "trust";
    let mut version = None;
    let mut sent =
        send(stream, &startup(&who.user, StartupPurpose::Database(database)), STEP).await;
    for _ in 0..MAX_MESSAGES {
        let (kind, body) = match outcome(sent, read(stream).await)? {
            Message::Error(error) => return Ok((denied(&error, secrecy)?, version)),
            Message::Other(kind, body) => (kind, body),
        };
        sent = Ok(());
        match (kind, body.as_slice()) {
            (b'Z', _) if is_in => return Ok((LoginMethod::by(method), version)),
            (b'S', [b's', ..]) if body.starts_with(b"server_version\0") => {
                version = body.split(|byte| *byte == 0).nth(1).map(one_line);
            }
            (b'S' | b'K' | b'N' | b'v', _) => {}
            (b'R', [0, 0, 0, 0]) => {
                if scram.as_ref().is_some_and(|exchange| !exchange.is_proved()) {
                    let why = unproved(who, "it ends SCRAM without its own proof");
                    return Ok((LoginOutcome::Unproved(why), version));
                }
                is_in = true;
            }
            (b'R', [0, 0, 0, 3]) if secrecy.keeps_secrets() => {
                method = "password";
                sent =
                    send(stream, &encode_message(b'p', &[password.as_bytes(), b"\0"]), STEP).await;
            }
            (b'R', [0, 0, 0, 3]) => {
                let why = "the server asks for the password itself, which is told to a server \
                           that is trusted alone, over TLS";
                return Ok((LoginOutcome::Withheld(why.to_owned()), version));
            }
            (b'R', [0, 0, 0, 5, ..]) if only.is_some_and(|only| only != "md5") => {
                let why = "the server asks by md5, where over TLS it did not";
                return Ok((LoginOutcome::Withheld(why.to_owned()), version));
            }
            (b'R', [0, 0, 0, 5, a, b, c, d]) => {
                method = "md5";
                let hash = md5_hash(who.user.as_bytes(), password.as_bytes(), [*a, *b, *c, *d]);
                sent = send(stream, &encode_message(b'p', &[hash.as_bytes(), b"\0"]), STEP).await;
            }
            (b'R', [0, 0, 0, 10, offered @ ..]) => {
                let begun = ScramLogin::begin(offered, password.as_bytes(), end_point);
                let Some(exchange) = begun else {
                    return Ok((LoginOutcome::Withheld(unknown(offered)), version));
                };
                method = "scram-sha-256";
                sent = send(stream, &encode_message(b'p', &[&exchange.first()]), STEP).await;
                scram = Some(exchange);
            }
            (b'R', [0, 0, 0, 11, words @ ..]) => {
                // A server behind a Unix socket may get even the password itself.
                let least = if secrecy == ChannelSecrecy::Socket { 1 } else { MIN_ITERATIONS };
                match scram.as_mut().ok_or_else(other)?.answer(words, least)? {
                    Ok(proof) => sent = send(stream, &encode_message(b'p', &[&proof]), STEP).await,
                    Err(why) => return Ok((LoginOutcome::Weak(why), version)),
                }
            }
            (b'R', [0, 0, 0, 12, words @ ..]) => {
                if let Err(why) = scram.as_mut().ok_or_else(other)?.finish(words) {
                    return Ok((LoginOutcome::Unproved(unproved(who, &why)), version));
                }
            }
            (b'R', [_, _, _, way, ..]) => {
                let why = format!("the server asks by method {way}, which is not known here");
                return Ok((LoginOutcome::Withheld(why), version));
            }
            _ => return Err(other()),
        }
    }
    Err(Failure::not(PROTOCOL, "goes on without end"))
}

fn other() -> Failure {
    Failure::not(PROTOCOL, "answers a login with something else")
}

/// The message about a server that did not prove that it knows the password, which is part of SCRAM
/// (RFC 5802, section 3).
fn unproved(who: &AccountCredentials, why: &str) -> String {
    format!("the server does not prove that it knows the password of {}: {why}", who.user)
}

fn unknown(offered: &[u8]) -> String {
    let names = offered.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(one_line);
    let names: Vec<String> = names.collect();
    format!("the server asks by {}, which is not known here", names.join(", "))
}

fn denied(error: &ServerError, secrecy: ChannelSecrecy) -> Result<LoginOutcome, Failure> {
    let said = format!("{} [{}]", error.message(), error.code);
    match error.meaning() {
        Some(ErrorMeaning::NoRule | ErrorMeaning::TlsRequired)
            if secrecy == ChannelSecrecy::Plain =>
        {
            return Ok(LoginOutcome::Refused(said));
        }
        Some(ErrorMeaning::TlsRequired) | None => {}
        Some(_) => return Ok(LoginOutcome::Denied { said, cause: error.cause() }),
    }
    // 28: authentication; 3D, 42: permissions; other classes are not about this account.
    if ["28", "3D", "42"].iter().any(|class| error.code.starts_with(class)) {
        return Ok(LoginOutcome::Denied { said, cause: error.cause() });
    }
    let kind = FailureKind::ServerError(error.cause());
    Err(Failure::new(kind, format!("the server turns the client away: {said}")))
}

enum Message {
    Error(ServerError),
    Other(u8, Vec<u8>),
}

async fn read(stream: &mut impl Stream) -> Result<Message, Failure> {
    let mut kind = [0];
    fill(stream, &mut kind, STEP).await?;
    if kind == *b"E" {
        return read_error(stream, STEP).await.map(Message::Error);
    }
    Ok(Message::Other(kind[0], read_message(stream, STEP).await?))
}

/// Encodes a message of the client.
fn encode_message(kind: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut message = Zeroizing::new(Vec::with_capacity(1 + 4 + length));
    message.push(kind);
    message.extend(u32::try_from(length + 4).unwrap_or_default().to_be_bytes());
    parts.iter().for_each(|part| message.extend(*part));
    message
}

/// Sends Terminate.
pub(crate) async fn quit(stream: &mut impl Stream) {
    let _ = send(stream, &TERMINATE, STEP).await;
}

/// Runs a statement and returns its rows, or the server's error message.
///
/// # Errors
/// The connection is lost, or the answer has another form.
pub(crate) async fn query(
    stream: &mut impl Stream,
    statement: &str,
) -> Result<Result<Vec<ResultRow>, String>, Failure> {
    send(stream, &encode_message(b'Q', &[statement.as_bytes(), b"\0"]), STEP).await?;
    let mut rows = Vec::new();
    let mut refused = None;
    for _ in 0..MAX_ROWS {
        match read(stream).await? {
            Message::Error(error) => {
                refused = Some(format!("{} [{}]", error.message(), error.code))
            }
            Message::Other(b'Z', _) => return Ok(refused.map_or(Ok(rows), Err)),
            Message::Other(b'D', body) => {
                let broken = || Failure::not(PROTOCOL, "has a row that breaks off");
                rows.push(row(&body).ok_or_else(broken)?);
            }
            Message::Other(b'T' | b'C' | b'N' | b'S' | b'I', _) => {}
            Message::Other(..) => return Err(other()),
        }
    }
    Err(Failure::server_error(format!("more than {MAX_ROWS} rows")))
}

fn row(body: &[u8]) -> Option<ResultRow> {
    let columns = u16::from_be_bytes([*body.first()?, *body.get(1)?]);
    let mut rest = body.get(2..)?;
    let mut row = Vec::new();
    for _ in 0..columns {
        let length = i32::from_be_bytes(rest.get(..4)?.try_into().ok()?);
        rest = &rest[4..];
        row.push(match usize::try_from(length) {
            Err(_) => None, // -1: NULL
            Ok(length) => {
                let text = String::from_utf8_lossy(rest.get(..length)?).into_owned();
                rest = &rest[length..];
                Some(text)
            }
        });
    }
    rest.is_empty().then_some(row)
}
