//! The login of Redis and Valkey: the command AUTH, with the password itself (Redis documentation,
//! "AUTH" and "Redis serialization protocol").

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::connection::failure::{Failure, one_line};
use crate::connection::wire::redis::{turned_away, turns_away};
use crate::connection::wire::{MAX_PACKET, Stream, fill, outcome, send};
use crate::db_client::{AccountCredentials, ChannelSecrecy, LoginMethod, LoginOutcome};

const PROTOCOL: &str = "Redis";
const STEP: &str = "the login at the Redis server";

/// Logs in. Without a password, checks that the server accepts clients without a login.
///
/// # Errors
/// The connection is lost, or the peer does not speak Redis's protocol.
pub(crate) async fn log_in(
    stream: &mut impl Stream,
    secrecy: ChannelSecrecy,
    who: &AccountCredentials,
) -> Result<LoginOutcome, Failure> {
    let Some(password) = &who.password else {
        return match ask(stream, &["PING"]).await? {
            RedisReply::Error(said) => denied(said),
            _ => Ok(LoginMethod::by("nopass")),
        };
    };
    if !secrecy.keeps_secrets() {
        let why = "AUTH says the password itself, to a server that is trusted alone, over TLS";
        return Ok(LoginOutcome::Withheld(why.to_owned()));
    }
    match ask(stream, &["AUTH", &who.user, password.expose_secret()]).await? {
        RedisReply::Error(said) => denied(said),
        _ => Ok(LoginMethod::by("AUTH")),
    }
}

fn denied(said: String) -> Result<LoginOutcome, Failure> {
    if turns_away(said.as_bytes()) {
        return Err(turned_away(&said));
    }
    Ok(LoginOutcome::denied(said))
}

/// Sends QUIT.
pub(crate) async fn quit(stream: &mut impl Stream) {
    let _ = send(stream, b"QUIT\r\n", STEP).await;
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisReply {
    /// A simple or bulk string.
    Text(String),
    /// An integer.
    Number(i64),
    /// Null.
    Nil,
    /// An array.
    List(Vec<RedisReply>),
    /// An error message.
    Error(String),
}

/// Runs a command.
///
/// # Errors
/// The connection is lost, or the answer has another form.
pub(crate) async fn ask(stream: &mut impl Stream, words: &[&str]) -> Result<RedisReply, Failure> {
    let mut command = Zeroizing::new(format!("*{}\r\n", words.len()).into_bytes());
    for word in words {
        command.extend(format!("${}\r\n", word.len()).bytes());
        command.extend(word.bytes());
        command.extend(b"\r\n");
    }
    let sent = send(stream, &command, STEP).await;
    let mut room = MAX_PACKET;
    outcome(sent, Box::pin(read(stream, 0, &mut room)).await)
}

/// Reads an answer, with the answers nested in it. Fails if they are nested deeper than those of
/// any command used here, or longer than `room` bytes together.
async fn read(
    stream: &mut impl Stream,
    depth: usize,
    room: &mut usize,
) -> Result<RedisReply, Failure> {
    let other = || Failure::not(PROTOCOL, "answers a command with something else");
    let line = read_line(stream, room).await?;
    let (kind, rest) = line.split_first().ok_or_else(other)?;
    let number = || std::str::from_utf8(rest).ok().and_then(|text| text.parse::<i64>().ok());
    Ok(match kind {
        b'+' => RedisReply::Text(String::from_utf8_lossy(rest).into_owned()),
        b'-' => RedisReply::Error(one_line(rest)),
        b':' => RedisReply::Number(number().ok_or_else(other)?),
        b'$' | b'*' if number() == Some(-1) => RedisReply::Nil,
        b'$' => {
            let length = number().and_then(|length| usize::try_from(length).ok());
            let length = length.ok_or_else(other)?;
            *room = room.checked_sub(length).ok_or_else(other)?;
            let mut text = vec![0; length + 2];
            fill(stream, &mut text, STEP).await?;
            RedisReply::Text(String::from_utf8_lossy(&text[..length]).into_owned())
        }
        b'*' if depth < 4 => {
            let mut list = Vec::new();
            for _ in 0..number().ok_or_else(other)? {
                list.push(Box::pin(read(stream, depth + 1, room)).await?);
            }
            RedisReply::List(list)
        }
        _ => return Err(other()),
    })
}

async fn read_line(stream: &mut impl Stream, room: &mut usize) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        *room = room.checked_sub(1).ok_or_else(|| {
            Failure::not(PROTOCOL, format!("answers with more than {MAX_PACKET} bytes"))
        })?;
        fill(stream, &mut byte, STEP).await?;
        line.push(byte[0]);
    }
    line.truncate(line.len() - 2);
    Ok(line)
}
