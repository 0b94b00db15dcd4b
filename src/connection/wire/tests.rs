//! Conversations by script: no bytes at all make a reader panic, or wait where the end has come.

mod transcripts;

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::*;
use crate::connection::failure::{FailureKind, RefusalCause};
use crate::connection::hello::{self, ClientHello, TlsVersion};
use crate::connection::runtime::block_on;

/// A peer that says these pieces, one a read, whatever it hears.
pub(crate) struct Script {
    pieces: VecDeque<Vec<u8>>,
    then: PeerEnding,
    /// How much of it was read.
    given: usize,
    pub(crate) heard: Vec<u8>,
}

/// The behaviour of a peer after its last message.
enum PeerEnding {
    HangUp,
    /// It is silent, until somebody gives up.
    Wait,
    /// This, over and over.
    Again(Vec<u8>),
}

impl Script {
    pub(crate) fn new(words: &[u8], cuts: &[usize]) -> Self {
        let mut pieces = VecDeque::new();
        let mut rest = words;
        for cut in cuts {
            let (piece, after) = rest.split_at((*cut).clamp(1, rest.len().max(1)).min(rest.len()));
            pieces.push_back(piece.to_vec());
            rest = after;
        }
        pieces.push_back(rest.to_vec());
        pieces.retain(|piece| !piece.is_empty());
        Script { pieces, then: PeerEnding::HangUp, given: 0, heard: Vec::new() }
    }

    fn then(self, then: PeerEnding) -> Self {
        Script { then, ..self }
    }

    /// How many bytes nobody has read.
    fn left(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }
}

/// Runs `work` without waiting; `None` if it would wait.
fn now<T>(work: impl Future<Output = T>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(mut piece) = self.pieces.pop_front() else {
            return match &self.then {
                PeerEnding::HangUp => Poll::Ready(Ok(())),
                PeerEnding::Wait => Poll::Pending,
                PeerEnding::Again(what) => {
                    let count = buffer.remaining();
                    let words: Vec<u8> = what.iter().copied().cycle().take(count).collect();
                    self.pieces.push_back(words);
                    self.poll_read(&mut Context::from_waker(Waker::noop()), buffer)
                }
            };
        };
        let rest = piece.split_off(piece.len().min(buffer.remaining()));
        buffer.put_slice(&piece);
        self.given += piece.len();
        if !rest.is_empty() {
            self.pieces.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.heard.extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A greeting, of which the last parts are the same for all.
fn greeting(version: &str, plugin: &str) -> Vec<u8> {
    let mut body = [b"\x0a", version.as_bytes(), b"\0\x01\0\0\x0012345678\0"].concat();
    body.extend(b"\xff\xff\xff\x02\0\xff\xff\x15\0\0\0\0\0\0\0\0\0\x00123456789012\0");
    body.extend(plugin.as_bytes());
    packet(0, &[body.as_slice(), b"\0"].concat())
}

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_le_bytes();
    [&[length[0], length[1], length[2], number], body].concat()
}

fn mysql_8() -> Vec<u8> {
    greeting("8.4.0", "caching_sha2_password")
}

fn mariadb_11() -> Vec<u8> {
    greeting("5.5.5-11.8.9-MariaDB", "mysql_native_password")
}

fn switch_to(plugin: &str) -> Vec<u8> {
    packet(3, &[b"\xfe", plugin.as_bytes(), b"\0abcdefghijklmnopqrst\0"].concat())
}

fn denied() -> Vec<u8> {
    packet(5, b"\xff\x15\x04#28000Access denied!")
}

fn mysql(words: &[u8], cuts: &[usize], tls: bool) -> (Result<Reception, Failure>, Script) {
    let mut script = Script::new(words, cuts);
    let talked = async {
        let greeting = mysql::greeting(&mut script).await?;
        if tls {
            mysql::request_tls(&mut script, &greeting).await?;
        }
        mysql::log_in(&mut script, &greeting, "nobody", tls).await
    };
    (block_on(talked).expect("a runtime"), script)
}

fn postgresql(words: &[u8], cuts: &[usize], tls: bool) -> (Result<Reception, Failure>, Script) {
    let mut script = Script::new(words, cuts);
    let talked = block_on(postgresql::start_up(
        &mut script,
        "nobody",
        postgresql::StartupPurpose::Database("db"),
        tls,
    ));
    (talked.expect("a runtime").map(|start| start.reception), script)
}

fn pg_error(code: &str, routine: &str, message: &str) -> Vec<u8> {
    let body = format!("SFATAL\0C{code}\0M{message}\0R{routine}\0\0");
    let length = u32::try_from(body.len() + 4).expect("short").to_be_bytes();
    [b"E", &length[..], body.as_bytes()].concat()
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..40, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_to_an_end(words in prop::collection::vec(any::<u8>(), 0..300), cuts in cuts()) {
        for tls in [false, true] {
            let _ = mysql(&words, &cuts, tls);
            let _ = mysql(&[mysql_8(), words.clone()].concat(), &cuts, tls);
            let _ = postgresql(&words, &cuts, tls);
            let _ = postgresql(&[b"E\0\0\0\x40", words.as_slice()].concat(), &cuts, tls);
        }
        let mut script = Script::new(&words, &cuts);
        let _ = block_on(redis::ping(&mut script));
        let mut script = Script::new(&words, &cuts);
        let _ = block_on(mssql::prelogin(&mut script, true));
        let mut script = Script::new(&[b"\x04\x01\0\x30\0\0\x01\0", words.as_slice()].concat(), &cuts);
        let _ = block_on(mssql::prelogin(&mut script, true));
        let name = "db.example.com".try_into().expect("a name");
        let mut script = Script::new(&words, &cuts);
        let (version, suites, groups) = (TlsVersion::Tls12, &[0x2f][..], &[23][..]);
        let hello = ClientHello { version, suites, groups };
        let _ = block_on(hello::ask(&mut script, &hello, &name));
        let hello_begins = [b"\x16\x03\x03\x01\0\x02\0\0\x4f\x03\x03", words.as_slice()].concat();
        let mut script = Script::new(&hello_begins, &cuts);
        let _ = block_on(hello::ask(&mut script, &hello, &name));
    }

    /// Data that enter one end of the wrapping leave the other end, as packets in between.
    #[test]
    fn handshakes_survive_their_packets(
        flights in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..9000), 1..4),
        cuts in cuts(),
    ) {
        let mut there = mssql::PreloginStream::new(Script::new(b"", &[]));
        block_on(async {
            for flight in &flights {
                send(&mut there, flight, "a flight").await.expect("sent");
            }
        }).expect("a runtime");
        let wire = there.into_inner().heard;
        prop_assert!(wire.len() > flights.iter().map(Vec::len).sum::<usize>());
        let mut back = mssql::PreloginStream::new(Script::new(&wire, &cuts));
        for flight in &flights {
            let mut read = vec![0; flight.len()];
            block_on(fill(&mut back, &mut read, "a flight")).expect("a runtime").expect("read");
            prop_assert_eq!(&read, flight);
        }
    }
}

#[test]
fn a_greeting_tells_the_version_and_nothing_comes_before_the_request() {
    let mut script = Script::new(&mariadb_11(), &[]);
    let greeting = block_on(mysql::greeting(&mut script)).expect("a runtime").expect("one");
    assert_eq!(greeting.version, "11.8.9-MariaDB");
    assert!(script.heard.is_empty());
}

#[test]
fn a_login_at_mysql_has_the_form_that_each_plugin_wants() {
    let (_, script) =
        mysql(&[mariadb_11(), switch_to("client_ed25519"), denied()].concat(), &[], true);
    // The SSL request, the login as packet 2, the signature as the answer to packet 3.
    assert_eq!(script.heard[..4], [32, 0, 0, 1]);
    assert_eq!(script.heard[36 + 3], 2);
    let login = &script.heard[40..];
    assert_eq!(&login[32..39], b"nobody\0");
    assert_eq!(login[39], 20, "the length of a native scramble");
    let answer = &script.heard[script.heard.len() - 68..];
    assert_eq!(answer[..4], [64, 0, 0, 4]);
}

#[test]
fn clear_text_passwords_are_asked_for_in_vain() {
    for (tls, expected) in [(true, Reception::Taken), (false, Reception::NeedsLogin)] {
        let (told, script) =
            mysql(&[mysql_8(), switch_to("mysql_clear_password")].concat(), &[], tls);
        assert_eq!(told, Ok(expected));
        let logins = if tls { 36 } else { 0 };
        let length = usize::from(script.heard[logins]);
        assert_eq!(script.heard.len(), logins + 4 + length, "nothing after the login");
    }
}

#[test]
fn errors_of_postgresql_are_told_apart() {
    let told =
        |code, routine, message, tls| postgresql(&pg_error(code, routine, message), &[], tls).0;
    let hba = "ClientAuthentication";
    assert!(matches!(
        told("28000", hba, "connection requires a valid client certificate", true),
        Ok(Reception::CertificateRequired(_))
    ));
    assert!(matches!(told("08P01", "", "SSL required", false), Ok(Reception::Refused(_))));
    for (code, routine, message) in [
        ("28000", "InitializeSessionUserId", "role \"nobody\" does not exist"),
        ("3D000", "InitPostgres", "database \"db\" does not exist"),
        ("08P01", "", "\"trust\" authentication failed"),
    ] {
        assert_eq!(told(code, routine, message, false), Ok(Reception::Taken), "{message}");
    }
    // A pool that knows no such name has looked at nothing else yet.
    let unknown = told("08P01", "", "no such user: nobody", false);
    assert_eq!(
        unknown.map_err(|failure| failure.kind),
        Err(FailureKind::ServerError(RefusalCause::UnknownName))
    );
    assert_eq!(told("08P01", "", "no such user: nobody", true), Ok(Reception::Taken));
    let full = told("53300", "InitPostgres", "sorry, too many clients already", true);
    assert_eq!(
        full.map_err(|failure| failure.kind),
        Err(FailureKind::ServerError(RefusalCause::Other))
    );
}

/// Reads what comes after the answer to an SSLRequest.
fn after_request(words: &[u8], cuts: &[usize]) -> Result<Vec<u8>, Failure> {
    let mut script = Script::new(words, cuts);
    let read = async {
        postgresql::request_tls(&mut script).await?;
        let mut bytes = vec![0; words.len() - 1];
        fill(&mut TlsOnly::new(script), &mut bytes, "TLS").await.map(|()| bytes)
    };
    block_on(read).expect("a runtime")
}

#[test]
fn what_follows_the_answer_to_a_request_must_be_tls_however_it_is_split() {
    // An alert before the client has said anything: protocol_version.
    for record in [&b"\x15\x03\x03\0\x02\x02\x46"[..], b"\x16\x03\x01\0\x05hello"] {
        let words = [b"S", record].concat();
        for cuts in [&[][..], &[1], &[2], &[1, 1, 1]] {
            assert_eq!(after_request(&words, cuts), Ok(record.to_vec()), "{cuts:?}");
        }
    }
    for injected in [&b"R\0\0\0\x08\0\0\0\0"[..], b"E", b"\x15\x02", b"\x18\x03\x03"] {
        let words = [b"S", injected].concat();
        for cuts in [&[][..], &[1], &[2], &[1, 1, 1]] {
            let kind = after_request(&words, cuts).map_err(|failure| failure.kind);
            assert_eq!(kind, Err(FailureKind::PlaintextInjected), "{injected:?} {cuts:?}");
        }
    }
}
