//! PostgreSQL: an `SSLRequest`, or TLS from the first byte (since 17, with ALPN); then a
//! startup packet (PostgreSQL's manual, "Message Flow" and "Message Formats").

use crate::probe::failure::{Failure, Kind, shown};
use crate::probe::wire::{Reception, Stream, fill, nothing_waits, outcome, payload, send};

pub(crate) const PROTOCOL: &str = "PostgreSQL";

/// What a client must ask for by ALPN that begins with TLS.
pub const ALPN: &[u8] = b"postgresql";

/// Length 8, then the code 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const VERSION_3_0: u32 = 3 << 16;
pub(crate) const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];

/// Asks for TLS. One byte is the answer; any more before TLS are a fault.
///
/// # Errors
/// When the server has no TLS: then it waits for a startup packet without.
pub async fn request_tls(stream: &mut impl Stream) -> Result<(), Failure> {
    const STEP: &str = "PostgreSQL's SSLRequest";
    send(stream, &SSL_REQUEST, STEP).await?;
    let mut answer = [0];
    fill(stream, &mut answer, STEP).await?;
    match answer {
        [b'S'] => nothing_waits(stream, STEP).await,
        [b'N'] => Err(Failure::new(Kind::NoTls, "the server offers no TLS")),
        // Nobody has vouched for its text yet, but it is for people only.
        [b'E'] => {
            let what = read_error(stream, STEP).await.map(|error| error.message);
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

/// Says who is there, without a password, and looks what the server makes of it.
///
/// # Errors
/// The connection is lost, or the server turns the client away whoever it is.
pub async fn start_up(
    stream: &mut impl Stream,
    user: &str,
    database: &str,
    tls: bool,
) -> Result<Reception, Failure> {
    const STEP: &str = "the start at the PostgreSQL server";
    let sent = send(stream, &startup(user, database), STEP).await;
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

/// Says who is there, and what for.
pub(crate) fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = VERSION_3_0.to_be_bytes().to_vec();
    let parameters = ["user", user, "database", database, "application_name", "ccx-sec"];
    for word in parameters {
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
    /// Its text.
    pub(crate) message: String,
}

impl ServerError {
    /// Whether it is pg_hba.conf that says so, which looks at the connection before anything
    /// else does: by the routine `ClientAuthentication`.
    pub(crate) fn is_by_rules(&self) -> bool {
        self.code == "28000" && self.routine == "ClientAuthentication"
    }
}

/// That there is no such user or database is said after the rules were looked through.
fn judge(error: &ServerError, tls: bool) -> Result<Reception, Failure> {
    let message = &error.message;
    let by_rules = error.is_by_rules();
    // PgBouncer and its kin have no routine.
    let wants_tls = message.eq_ignore_ascii_case("SSL required");
    if by_rules && tls && message.contains("client certificate") {
        return Ok(Reception::CertificateRequired(message.clone()));
    }
    if by_rules || (wants_tls && !tls) {
        return Ok(Reception::Refused(message.clone()));
    }
    let logs_in = ["28000", "28P01", "3D000"].contains(&error.code.as_str());
    let pooler = error.routine.is_empty() && message.starts_with("no such ");
    if logs_in || pooler {
        return Ok(Reception::Taken);
    }
    let what = format!("the server turns the client away: {message} [{}]", error.code);
    Err(Failure::new(Kind::ServerError, what))
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
            _ => {}
        }
    }
    Ok(error)
}
