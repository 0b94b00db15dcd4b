//! PostgreSQL: an `SSLRequest`, or TLS from the first byte (since 17, with ALPN); then a
//! startup packet (PostgreSQL's manual, "Message Flow" and "Message Formats").

use crate::probe::failure::{Failure, Kind, shown};
use crate::probe::wire::refusals::{Meaning, PostgresqlError};
use crate::probe::wire::{Reception, Stream, fill, outcome, payload, send};

pub(crate) const PROTOCOL: &str = "PostgreSQL";

/// What a client must ask for by ALPN that begins with TLS.
pub const ALPN: &[u8] = b"postgresql";

/// Length 8, then the code 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const VERSION_3_0: u32 = 3 << 16;
pub(crate) const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];

/// Asks for TLS. One byte is the answer; what the server sends after it must be TLS (see
/// [`TlsOnly`](crate::probe::wire::TlsOnly)).
///
/// # Errors
/// When the server has no TLS: then it waits for a startup packet without.
pub async fn request_tls(stream: &mut impl Stream) -> Result<(), Failure> {
    const STEP: &str = "PostgreSQL's SSLRequest";
    send(stream, &SSL_REQUEST, STEP).await?;
    let mut answer = [0];
    fill(stream, &mut answer, STEP).await?;
    match answer {
        [b'S'] => Ok(()),
        [b'N'] => Err(Failure::new(Kind::NoTls, "the server offers no TLS")),
        // Nobody has vouched for its text yet, but it is for people only.
        [b'E'] => {
            let what = read_error(stream, STEP).await.map(|error| error.text());
            let what = what.unwrap_or_else(|failure| failure.message);
            Err(Failure::new(
                Kind::ServerError,
                format!("the server turns the client away: {what}"),
            ))
        }
        [b'G'] => Err(Failure::not(PROTOCOL, "answers with GSS what was asked of TLS")),
        [other] => Err(Failure::not(PROTOCOL, format!("answers with the byte {other:02x}"))),
    }
}

/// What a client opens: PostgreSQL chooses its rules by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// A session in this database.
    Database(&'a str),
    /// Physical replication of the whole cluster: `all` in pg_hba.conf does not cover it.
    Replication,
}

/// Names the user, without a password, and reads what the server makes of the client.
///
/// # Errors
/// The connection is lost, or the server turns the client away for another reason.
pub async fn start_up(
    stream: &mut impl Stream,
    user: &str,
    purpose: Purpose<'_>,
    tls: bool,
) -> Result<Reception, Failure> {
    const STEP: &str = "the start at the PostgreSQL server";
    let sent = send(stream, &startup(user, purpose), STEP).await;
    match outcome(sent, read_answer(stream, STEP).await)? {
        // While it waits for a password it takes no other message: going away is the way to
        // say goodbye then.
        Answer::WantsProof => Ok(Reception::Taken),
        // Somebody without a password has that name. There is nothing to do there.
        Answer::LetIn => {
            let _ = send(stream, &TERMINATE, STEP).await;
            Ok(Reception::Taken)
        }
        Answer::Error(error) => judge(&error, tls),
    }
}

/// The packet that says who is there, and what for. As `psql` does, a client that wants
/// replication names a database of that name, by which pools choose their rules.
pub(crate) fn startup(user: &str, purpose: Purpose<'_>) -> Vec<u8> {
    let mut body = VERSION_3_0.to_be_bytes().to_vec();
    let database = match purpose {
        Purpose::Database(name) => name,
        Purpose::Replication => "replication",
    };
    let mut words = vec!["user", user, "database", database, "application_name", "ccx-sec"];
    if purpose == Purpose::Replication {
        words.extend(["replication", "true"]);
    }
    for word in words {
        body.extend(word.bytes().filter(|byte| *byte != 0));
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or_default();
    [&length.to_be_bytes(), body.as_slice()].concat()
}

enum Answer {
    WantsProof,
    LetIn,
    Error(ServerError),
}

async fn read_answer(stream: &mut impl Stream, step: &str) -> Result<Answer, Failure> {
    let mut kind = [0];
    fill(stream, &mut kind, step).await?;
    match kind {
        [b'R'] => match read_message(stream, step).await?.as_slice() {
            [0, 0, 0, 0] => Ok(Answer::LetIn),
            [_, _, _, _, ..] => Ok(Answer::WantsProof),
            _ => Err(Failure::not(PROTOCOL, "asks for proof in a message that breaks off")),
        },
        [b'E'] => read_error(stream, step).await.map(Answer::Error),
        [other] => Err(Failure::not(PROTOCOL, format!("answers with the byte {other:02x}"))),
    }
}

/// What a server says against something.
#[derive(Debug, Default)]
pub(crate) struct ServerError {
    /// SQLSTATE.
    pub(crate) code: String,
    routine: String,
    message: String,
    detail: String,
}

impl ServerError {
    /// What it says about the channel, if that is known.
    pub(crate) fn meaning(&self) -> Option<Meaning> {
        let ServerError { code, routine, message, detail } = self;
        PostgresqlError { code, routine, message, detail }.meaning()
    }

    /// Its text, with the detail, in which pgpool-II says what is the matter.
    pub(crate) fn text(&self) -> String {
        match self.detail.as_str() {
            "" => self.message.clone(),
            detail => format!("{}: {detail}", self.message),
        }
    }
}

fn judge(error: &ServerError, tls: bool) -> Result<Reception, Failure> {
    match error.meaning() {
        Some(Meaning::LoginFailed) => Ok(Reception::Taken),
        Some(Meaning::UnknownName) if tls => Ok(Reception::Taken),
        Some(Meaning::CertificateRequired) if tls => {
            Ok(Reception::CertificateRequired(error.text()))
        }
        Some(Meaning::NoRule | Meaning::CertificateRequired) => {
            Ok(Reception::Refused(error.text()))
        }
        Some(Meaning::TlsRequired) if !tls => Ok(Reception::Refused(error.text())),
        _ => {
            let text = error.text();
            let what = format!("the server turns the client away: {text} [{}]", error.code);
            Err(Failure::new(Kind::ServerError, what))
        }
    }
}

pub(crate) async fn read_message(stream: &mut impl Stream, step: &str) -> Result<Vec<u8>, Failure> {
    let mut length = [0; 4];
    fill(stream, &mut length, step).await?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    match length.checked_sub(4) {
        Some(length) => payload(stream, length, PROTOCOL, step).await,
        None => Err(Failure::not(PROTOCOL, format!("announces a message of {length} bytes"))),
    }
}

pub(crate) async fn read_error(
    stream: &mut impl Stream,
    step: &str,
) -> Result<ServerError, Failure> {
    let message = read_message(stream, step).await?;
    let mut error = ServerError::default();
    for field in message.split(|byte| *byte == 0) {
        let Some((kind, value)) = field.split_first() else { break };
        let value = shown(value);
        match kind {
            b'C' => error.code = value,
            b'R' => error.routine = value,
            b'M' => error.message = value,
            b'D' => error.detail = value,
            _ => {}
        }
    }
    Ok(error)
}
