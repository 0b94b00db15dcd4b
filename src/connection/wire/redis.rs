//! Redis and Valkey: TLS from the first byte on a port of its own; then lines (the Redis
//! serialization protocol).

use crate::connection::failure::{Failure, one_line};
use crate::connection::wire::{Reception, Stream, fill, outcome, send};

const PROTOCOL: &str = "Redis";
/// The record type of a TLS alert, with which a TLS server answers data that are not TLS.
const TLS_ALERT: u8 = 21;
/// The number of bytes after the header of the odd record. Neither of its two bytes is NUL, which
/// would end the line.
const ODD_LENGTH: u16 = 0x0101;
/// The record type of a TLS handshake.
const TLS_HANDSHAKE: u8 = 22;
/// The maximum length of a line in bytes, more than any answer to a PING has.
const MAX_LINE: usize = 512;

/// Sends a PING, which needs no login to be answered.
///
/// # Errors
/// The connection is lost, or the peer is not a Redis server.
pub async fn ping(stream: &mut impl Stream) -> Result<Reception, Failure> {
    const STEP: &str = "a PING at the Redis server";
    let sent = send(stream, b"PING\r\n", STEP).await;
    let line = outcome(sent, read_line(stream, STEP).await)?;
    if line == [TLS_ALERT] {
        return Ok(Reception::Refused("it answers with a TLS alert".to_owned()));
    }
    let _ = send(stream, b"QUIT\r\n", STEP).await;
    judge(line.trim_ascii())
}

/// Sends bytes that Redis reads as a line and a TLS server as a record of an unknown type. Redis
/// answers with an error, a TLS server with an alert, and a proxy that checks for a ClientHello
/// treats them as a plaintext client. With `is_handshake`, the record is a handshake record without
/// a ClientHello, which more servers answer.
///
/// # Errors
/// The connection is lost, or the peer answers neither as Redis nor as a TLS server.
pub(crate) async fn send_odd_record(
    stream: &mut impl Stream,
    is_handshake: bool,
) -> Result<Reception, Failure> {
    const STEP: &str = "a broken TLS record";
    let [high, low] = ODD_LENGTH.to_be_bytes();
    let mut record = vec![if is_handshake { TLS_HANDSHAKE } else { b'P' }, 3, 1, high, low];
    let end = record.len() + usize::from(ODD_LENGTH);
    record.extend(b"ING");
    record.resize(end - 2, b' ');
    record.extend(b"\r\n");
    let sent = send(stream, &record, STEP).await;
    let line = outcome(sent, read_line(stream, STEP).await)?;
    if line != [TLS_ALERT] {
        return judge(line.trim_ascii());
    }
    let mut version = [0];
    fill(stream, &mut version, STEP).await?;
    match version {
        [3] => Ok(Reception::Refused("it answers with a TLS alert".to_owned())),
        _ => Err(Failure::not(PROTOCOL, "answers with something else")),
    }
}

async fn read_line(stream: &mut impl Stream, step: &str) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        fill(stream, &mut byte, step).await?;
        line.push(byte[0]);
        if line == [TLS_ALERT] {
            return Ok(line);
        }
        if !matches!(line[0], b'+' | b'-') || line.len() > MAX_LINE {
            return Err(Failure::not(PROTOCOL, "answers a PING with something else"));
        }
    }
    Ok(line)
}

/// Whether an error refuses every client regardless of its channel: the server has too many
/// clients, or is in protected mode.
pub(crate) fn turns_away(said: &[u8]) -> bool {
    [b"DENIED".as_slice(), b"ERR max number of clients"].iter().any(|start| said.starts_with(start))
}

/// The failure for an error that refuses every client.
pub(crate) fn turned_away(said: &str) -> Failure {
    Failure::server_error(format!("the server turns the client away: {said}"))
}

fn judge(line: &[u8]) -> Result<Reception, Failure> {
    if line.strip_prefix(b"-").is_some_and(turns_away) {
        return Err(turned_away(&one_line(line)));
    }
    let known: [&[u8]; 7] =
        [b"+PONG", b"-NOAUTH", b"-NOPERM", b"-ERR", b"-LOADING", b"-MASTERDOWN", b"-BUSY"];
    if known.iter().any(|start| line.starts_with(start)) {
        return Ok(Reception::Taken);
    }
    Err(Failure::not(PROTOCOL, format!("answers a PING with {:?}", one_line(line))))
}
