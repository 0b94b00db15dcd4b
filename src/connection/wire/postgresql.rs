//! PostgreSQL: an `SSLRequest`, or TLS from the first byte (since 17, with ALPN); then a
//! startup packet (PostgreSQL's manual, "Message Flow" and "Message Formats").

use crate::connection::failure::{Failure, FailureKind, RefusalCause, one_line};
use crate::connection::wire::refusals::{ErrorMeaning, PostgresqlError};
use crate::connection::wire::{Reception, Stream, fill, outcome, payload, send};

pub(crate) const PROTOCOL: &str = "PostgreSQL";

/// Length 8, then the code 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// The SASL mechanism that every PostgreSQL since 10 has.
const SCRAM_SHA_256: &str = "SCRAM-SHA-256";
const VERSION_3_0: u32 = 3 << 16;
pub(crate) const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];

/// Sends an SSLRequest and reads the answer of one byte. All later bytes of the server must be TLS
/// (see `TlsOnly`).
///
/// # Errors
/// The server has no TLS; it then waits for a plaintext startup packet.
pub async fn request_tls(stream: &mut impl Stream) -> Result<(), Failure> {
    const STEP: &str = "PostgreSQL's SSLRequest";
    send(stream, &SSL_REQUEST, STEP).await?;
    let mut answer = [0];
    fill(stream, &mut answer, STEP).await?;
    match answer {
        [b'S'] => Ok(()),
        [b'N'] => Err(Failure::new(FailureKind::NoTls, "the server offers no TLS")),
        // The text is not authenticated, but only shown to people.
        [b'E'] => {
            let (what, cause) = match read_error(stream, STEP).await {
                Ok(error) => (error.message(), error.cause()),
                Err(failure) => (failure.message, RefusalCause::Other),
            };
            Err(Failure::new(
                FailureKind::ServerError(cause),
                format!("the server turns the client away: {what}"),
            ))
        }
        [b'G'] => Err(Failure::not(PROTOCOL, "answers with GSS what was asked of TLS")),
        [other] => Err(Failure::not(PROTOCOL, format!("answers with the byte {other:02x}"))),
    }
}

/// The purpose of a connection, by which PostgreSQL chooses its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartupPurpose<'a> {
    /// A session in this database.
    Database(&'a str),
    /// Physical replication of the whole cluster: `all` in pg_hba.conf does not cover it.
    Replication,
}

/// A server's reaction to a client that named its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The reception of the client.
    pub reception: Reception,
    /// A fingerprint of the answer: the source position or text of the error, or the login method
    /// that the server asks for. One server gives the same each time.
    pub manner: String,
}

impl Start {
    /// Whether the server waits for a login by SCRAM.
    pub(crate) fn wants_scram(&self) -> bool {
        self.manner.starts_with("SASL ") && self.manner.split(' ').any(|one| one == SCRAM_SHA_256)
    }
}

/// Sends a startup packet, without a password, and judges the server's answer.
///
/// # Errors
/// The connection is lost, or the server refuses the client for a reason other than its channel.
pub async fn start_up(
    stream: &mut impl Stream,
    user: &str,
    purpose: StartupPurpose<'_>,
    tls: bool,
) -> Result<Start, Failure> {
    const STEP: &str = "the start at the PostgreSQL server";
    let sent = send(stream, &startup(user, purpose), STEP).await;
    match outcome(sent, read_answer(stream, STEP).await)? {
        // A server that waits for a password accepts no Terminate message: the caller just closes
        // the connection.
        LoginResponse::WantsProof(manner) => Ok(Start { reception: Reception::Taken, manner }),
        // An account with that name and no password exists. Log out again.
        LoginResponse::LetIn => {
            let _ = send(stream, &TERMINATE, STEP).await;
            Ok(Start { reception: Reception::Taken, manner: "let in".to_owned() })
        }
        LoginResponse::Error(error) => {
            let manner = error.manner();
            judge(&error, tls).map(|reception| Start { reception, manner })
        }
    }
}

/// The startup packet, with user and purpose. As `psql` does, a client that asks for replication
/// names the database `replication`, by which pools choose their rules.
pub(crate) fn startup(user: &str, purpose: StartupPurpose<'_>) -> Vec<u8> {
    let mut body = VERSION_3_0.to_be_bytes().to_vec();
    let database = match purpose {
        StartupPurpose::Database(name) => name,
        StartupPurpose::Replication => "replication",
    };
    let mut words = vec!["user", user, "database", database, "application_name", "ccx-sec"];
    if purpose == StartupPurpose::Replication {
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

/// Asks a server that offers SCRAM for the user's salt and iteration count. For a user that does
/// not exist, PostgreSQL derives the salt from the name and a secret of the cluster
/// (src/backend/libpq/auth-scram.c, `scram_mock_salt`). The exchange reveals nothing of a password,
/// and the server does not log a client that leaves then.
pub(crate) async fn salt(stream: &mut impl Stream) -> Result<String, Failure> {
    const STEP: &str = "the beginning of SCRAM";
    // The exchange stops before any proof, so the nonce may be constant.
    const FIRST: &[u8] = b"n,,n=,r=ccx-sec-probe-nonce";
    let length = u32::try_from(FIRST.len()).unwrap_or_default().to_be_bytes();
    let body = [SCRAM_SHA_256.as_bytes(), b"\0", &length, FIRST].concat();
    let length = u32::try_from(body.len() + 4).unwrap_or_default().to_be_bytes();
    send(stream, &[b"p", &length[..], &body].concat(), STEP).await?;
    let mut kind = [0];
    fill(stream, &mut kind, STEP).await?;
    let message = read_message(stream, STEP).await?;
    match (kind, message.as_slice()) {
        ([b'R'], [0, 0, 0, 11, words @ ..]) => {
            let words = one_line(words);
            Ok(words.split_once(',').map_or("", |(_, salt)| salt).to_owned())
        }
        _ => Err(Failure::not(PROTOCOL, "does not go on with SCRAM")),
    }
}

enum LoginResponse {
    /// The server asks for a proof, by this method.
    WantsProof(String),
    LetIn,
    Error(ServerError),
}

async fn read_answer(stream: &mut impl Stream, step: &str) -> Result<LoginResponse, Failure> {
    let mut kind = [0];
    fill(stream, &mut kind, step).await?;
    match kind {
        [b'R'] => match read_message(stream, step).await?.as_slice() {
            [0, 0, 0, 0] => Ok(LoginResponse::LetIn),
            [0, 0, 0, 10, mechanisms @ ..] => {
                Ok(LoginResponse::WantsProof(format!("SASL {}", one_line(mechanisms))))
            }
            [a, b, c, d, ..] => {
                let method = u32::from_be_bytes([*a, *b, *c, *d]);
                Ok(LoginResponse::WantsProof(format!("method {method}")))
            }
            _ => Err(Failure::not(PROTOCOL, "asks for proof in a message that breaks off")),
        },
        [b'E'] => read_error(stream, step).await.map(LoginResponse::Error),
        [other] => Err(Failure::not(PROTOCOL, format!("answers with the byte {other:02x}"))),
    }
}

/// An error message of a server.
#[derive(Debug, Default)]
pub(crate) struct ServerError {
    /// SQLSTATE.
    pub(crate) code: String,
    routine: String,
    message: String,
    detail: String,
    /// The source file in which the server raises the error.
    file: String,
    line: String,
}

impl ServerError {
    /// The parts of the error that are equal whenever one server sends it.
    fn manner(&self) -> String {
        match self.file.as_str() {
            "" => self.message(),
            file => format!("{file}:{}", self.line),
        }
    }

    /// The meaning of the error for the client's channel; `None` if the table does not list it.
    pub(crate) fn meaning(&self) -> Option<ErrorMeaning> {
        self.fields().meaning()
    }

    /// The cause, by which remedies differ.
    pub(crate) fn cause(&self) -> RefusalCause {
        self.fields().cause()
    }

    fn fields(&self) -> PostgresqlError<'_> {
        let ServerError { code, routine, message, detail, .. } = self;
        PostgresqlError { code, routine, message, detail }
    }

    /// The text and the detail, in which pgpool-II gives the reason.
    pub(crate) fn message(&self) -> String {
        match self.detail.as_str() {
            "" => self.message.clone(),
            detail => format!("{}: {detail}", self.message),
        }
    }
}

fn judge(error: &ServerError, tls: bool) -> Result<Reception, Failure> {
    match error.meaning() {
        Some(ErrorMeaning::LoginFailed) => Ok(Reception::Taken),
        Some(ErrorMeaning::UnknownName) if tls => Ok(Reception::Taken),
        Some(ErrorMeaning::CertificateRequired) if tls => {
            Ok(Reception::CertificateRequired(error.message()))
        }
        Some(ErrorMeaning::NoRule | ErrorMeaning::CertificateRequired) => {
            Ok(Reception::Refused(error.message()))
        }
        Some(ErrorMeaning::TlsRequired) if !tls => Ok(Reception::Refused(error.message())),
        _ => {
            let text = error.message();
            let what = format!("the server turns the client away: {text} [{}]", error.code);
            Err(Failure::new(FailureKind::ServerError(error.cause()), what))
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
        let value = one_line(value);
        match kind {
            b'C' => error.code = value,
            b'R' => error.routine = value,
            b'M' => error.message = value,
            b'D' => error.detail = value,
            b'F' => error.file = value,
            b'L' => error.line = value,
            _ => {}
        }
    }
    Ok(error)
}
