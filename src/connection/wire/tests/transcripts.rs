//! Whole conversations. However the bytes are split or run together on the way, what they mean
//! is the same; cut off anywhere, they mean that the server is gone; and a server that talks
//! without end is not listened to for long.
//!
//! What is said for MySQL 8.0 and 8.4, of which there is no package to start here, is put
//! together from their documentation ("Connection Phase"): all of it is in the order, and with
//! the capabilities, of those versions. 8.0 gives users that do not exist one of three plugins.

use proptest::prelude::*;

use super::*;

/// A client, as far as it talks before and after TLS.
#[derive(Debug, Clone, Copy)]
enum ScriptedClient {
    MySql { tls: bool },
    SslRequest,
    StartUp { tls: bool },
    Ping,
    Prelogin { tls: bool },
}

impl ScriptedClient {
    async fn talk(self, server: &mut Script) -> Result<String, Failure> {
        let told = |reception: Reception| format!("{reception:?}");
        match self {
            ScriptedClient::MySql { tls } => {
                let greeting = mysql::greeting(server).await?;
                if tls {
                    mysql::request_tls(server, &greeting).await?;
                }
                let answer = mysql::log_in(server, &greeting, "nobody", tls).await?;
                Ok(format!("{} {answer:?}", greeting.version))
            }
            ScriptedClient::SslRequest => {
                postgresql::request_tls(server).await.map(|()| "TLS".to_owned())
            }
            ScriptedClient::StartUp { tls } => {
                let database = postgresql::StartupPurpose::Database("db");
                postgresql::start_up(server, "nobody", database, tls)
                    .await
                    .map(|start| told(start.reception))
            }
            ScriptedClient::Ping => redis::ping(server).await.map(told),
            ScriptedClient::Prelogin { tls } => {
                let answer = mssql::prelogin(server, tls).await?;
                Ok(format!("{} {:?}", answer.version, answer.without_tls()))
            }
        }
    }

    /// The verdict on the server; `None` if it still waits.
    fn outcome(self, server: &mut Script) -> Option<Result<String, FailureKind>> {
        now(self.talk(server)).map(|told| told.map_err(|failure| failure.kind))
    }
}

/// The bytes of a server, all of which are needed, and their meaning.
struct Transcript {
    client: ScriptedClient,
    says: Vec<u8>,
    told: Result<&'static str, FailureKind>,
}

fn transcript(
    client: ScriptedClient,
    says: &[&[u8]],
    told: Result<&'static str, FailureKind>,
) -> Transcript {
    Transcript { client, says: says.concat(), told }
}

/// Its greeting: all capabilities but MariaDB's own, the character set utf8mb4_0900_ai_ci.
fn mysql_greets(version: &str) -> Vec<u8> {
    let mut body = [b"\x0a", version.as_bytes(), b"\0\x33\0\0\0ABCDEFGH\0"].concat();
    body.extend(b"\xff\xff\xff\x02\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0");
    body.extend(b"caching_sha2_password\0");
    packet(0, &body)
}

/// Before TLS, the SSL request is packet 1 and the login packet 2.
fn denied_as(number: u8) -> Vec<u8> {
    packet(number, b"\xff\x15\x04#28000Access denied for user 'nobody'@'localhost'")
}

fn switch(number: u8, plugin: &str) -> Vec<u8> {
    packet(number, &[b"\xfe", plugin.as_bytes(), b"\0ABCDEFGHijklmnopqrst\0"].concat())
}

fn of_mysql() -> Vec<Transcript> {
    let (tls, plain) = (ScriptedClient::MySql { tls: true }, ScriptedClient::MySql { tls: false });
    let (old, lts) = (mysql_greets("8.0.42"), mysql_greets("8.4.5"));
    let mariadb = mariadb_11();
    let taken = |version| match version {
        8 => Ok("8.4.5 Taken"),
        11 => Ok("11.8.9-MariaDB Taken"),
        _ => Ok("8.0.42 Taken"),
    };
    let mut all = vec![
        transcript(tls, &[&lts, &denied_as(3)], taken(8)),
        transcript(plain, &[&lts, &denied_as(2)], Ok("8.4.5 NeedsLogin")),
        transcript(tls, &[&lts, &switch(3, "sha256_password"), &denied_as(5)], taken(8)),
        transcript(tls, &[&old, &denied_as(3)], taken(0)),
        transcript(tls, &[&lts, &packet(3, b"\0\0\0\x02\0\0\0")], taken(8)),
        transcript(
            plain,
            &[&lts, &packet(2, b"\xff\x57\x0c#HY000Connections using insecure transport")],
            Ok("8.4.5 Refused(\"error 3159: Connections using insecure transport\")"),
        ),
        transcript(tls, &[&lts, &switch(3, "mysql_clear_password")], taken(8)),
        transcript(plain, &[&lts, &switch(2, "mysql_clear_password")], Ok("8.4.5 NeedsLogin")),
        transcript(tls, &[&mariadb, &switch(3, "client_ed25519"), &denied_as(5)], taken(11)),
        transcript(plain, &[&mariadb, &denied_as(2)], taken(11)),
        transcript(
            tls,
            &[&mariadb, &switch(3, "parsec"), &packet(5, b"\x01salt"), &denied_as(7)],
            taken(11),
        ),
        transcript(
            tls,
            &[&packet(0, b"\xff\x10\x04Too many connections")],
            Err(FailureKind::ServerError(RefusalCause::Other)),
        ),
        transcript(
            tls,
            &[&packet(0, b"\xff\x69\x04Host is blocked")],
            Err(FailureKind::ServerError(RefusalCause::HostBlocked)),
        ),
        transcript(
            tls,
            &[&lts, &packet(3, b"\xff\x10\x04")],
            Err(FailureKind::ServerError(RefusalCause::Other)),
        ),
    ];
    for plugin in ["mysql_native_password", "sha256_password", "caching_sha2_password"] {
        all.push(transcript(tls, &[&old, &switch(3, plugin), &denied_as(5)], taken(0)));
        let answer = Ok("8.0.42 NeedsLogin");
        all.push(transcript(plain, &[&old, &switch(2, plugin), &denied_as(4)], answer));
    }
    all
}

fn of_the_others() -> Vec<Transcript> {
    let (tls, plain) =
        (ScriptedClient::StartUp { tls: true }, ScriptedClient::StartUp { tls: false });
    let hba = |message| pg_error("28000", "ClientAuthentication", message);
    let full = pg_error("53300", "InitPostgres", "sorry, too many clients already");
    let certificate = "connection requires a valid client certificate";
    let wanted = Ok("CertificateRequired(\"connection requires a valid client certificate\")");
    // In two packets, the second of which ends the message.
    let prelogin = b"\x04\0\0\x0f\0\0\0\0\0\0\x0b\0\x06\x01\0\x04\x01\0\x13\0\0\x01\0\x11\0\x01\xff\x10\0\x03\xe8\0\0\x03";
    vec![
        transcript(ScriptedClient::SslRequest, &[b"S"], Ok("TLS")),
        transcript(ScriptedClient::SslRequest, &[b"N"], Err(FailureKind::NoTls)),
        transcript(ScriptedClient::SslRequest, &[b"G"], Err(FailureKind::NotThisProtocol)),
        transcript(
            ScriptedClient::SslRequest,
            &[&full],
            Err(FailureKind::ServerError(RefusalCause::Other)),
        ),
        transcript(tls, &[b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"], Ok("Taken")),
        transcript(tls, &[b"R\0\0\0\x08\0\0\0\x03"], Ok("Taken")),
        transcript(plain, &[b"R\0\0\0\x0c\0\0\0\x05salt"], Ok("Taken")),
        transcript(tls, &[b"R\0\0\0\x08\0\0\0\0"], Ok("Taken")),
        transcript(tls, &[&hba(certificate)], wanted),
        transcript(plain, &[&hba("no pg_hba.conf entry")], Ok("Refused(\"no pg_hba.conf entry\")")),
        transcript(tls, &[&full], Err(FailureKind::ServerError(RefusalCause::Other))),
        transcript(ScriptedClient::Ping, &[b"+PONG\r\n"], Ok("Taken")),
        transcript(ScriptedClient::Ping, &[b"-NOAUTH Authentication required.\r\n"], Ok("Taken")),
        transcript(
            ScriptedClient::Ping,
            &[b"-DENIED Redis is running in protected mode\r\n"],
            Err(FailureKind::ServerError(RefusalCause::Other)),
        ),
        transcript(
            ScriptedClient::Ping,
            &[b"\x15"],
            Ok("Refused(\"it answers with a TLS alert\")"),
        ),
        transcript(
            ScriptedClient::Prelogin { tls: false },
            &[prelogin],
            Ok("16.0.1000 Refused(\"it answers that encryption is required\")"),
        ),
        transcript(
            ScriptedClient::Prelogin { tls: true },
            &[b"\x04\x01\0\x1a\0\0\x01\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x10\0\x10\x0f\0\0\x02"],
            Ok("16.0.4111 Taken"),
        ),
    ]
}

fn transcripts() -> Vec<Transcript> {
    of_mysql().into_iter().chain(of_the_others()).collect()
}

fn expected(told: Result<&'static str, FailureKind>) -> Option<Result<String, FailureKind>> {
    Some(told.map(str::to_owned))
}

#[test]
fn cut_in_two_at_any_byte_or_byte_by_byte_it_is_the_same() {
    for Transcript { client, says, told } in transcripts() {
        for at in 1..=says.len() {
            let mut server = Script::new(&says, &[at]).then(PeerEnding::Wait);
            assert_eq!(client.outcome(&mut server), expected(told), "{client:?} {says:?} {at}");
        }
        let mut server = Script::new(&says, &vec![1; says.len()]).then(PeerEnding::Wait);
        assert_eq!(client.outcome(&mut server), expected(told), "{client:?} {says:?}");
    }
}

#[test]
fn what_comes_behind_it_in_the_same_packet_is_not_looked_at() {
    for Transcript { client, says, told } in transcripts() {
        let behind = b"S+OK\r\n\x16\x03\x03\0\0R\0\0\0\x08\0\0\0\0";
        let mut server = Script::new(&[&says, behind.as_slice()].concat(), &[]);
        assert_eq!(client.outcome(&mut server), expected(told), "{client:?} {says:?}");
        assert_eq!(server.left(), behind.len(), "{client:?} {says:?}");
    }
}

#[test]
fn cut_off_at_any_byte_the_server_is_gone_and_silent_it_is_waited_for() {
    for Transcript { client, says, .. } in transcripts() {
        for at in 0..says.len() {
            let mut gone = Script::new(&says[..at], &[]);
            let told = client.outcome(&mut gone).expect("no waiting for who is gone");
            // The text of an error is only for people; that it is one, the first byte has said.
            let half_an_error = matches!(client, ScriptedClient::SslRequest) && at > 0;
            let kind = if half_an_error {
                FailureKind::ServerError(RefusalCause::Other)
            } else {
                FailureKind::Closed
            };
            assert_eq!(told, Err(kind), "{client:?} {:?}", &says[..at]);
            let mut silent = Script::new(&says[..at], &[]).then(PeerEnding::Wait);
            assert_eq!(client.outcome(&mut silent), None, "{client:?} {:?}", &says[..at]);
        }
    }
}

/// However a server goes on that never ends: it is told off, long before a MiB is read.
#[test]
fn without_end_it_is_not_listened_to_for_long() {
    const MOST: usize = 512 * 1024;
    let error = pg_error("XX000", "nobody", "again");
    let again: [&[u8]; 8] = [
        b"\0",
        b"\xff",
        b"x",
        &denied_as(3),
        &switch(3, "mysql_native_password"),
        &packet(3, b"\x01more"),
        &error,
        b"-ERR again\r\n",
    ];
    for Transcript { client, says, .. } in transcripts() {
        for at in 0..says.len() {
            for again in again {
                let mut server =
                    Script::new(&says[..at], &[]).then(PeerEnding::Again(again.to_vec()));
                let told = client.outcome(&mut server);
                let case = || format!("{client:?} {:?} {again:?}: {told:?}", &says[..at]);
                assert!(told.is_some(), "{}", case());
                assert!(server.given <= MOST, "{}: {}", case(), server.given);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_pieces_of_any_sizes_it_is_the_same(cuts in cuts()) {
        for Transcript { client, says, told } in transcripts() {
            let mut server = Script::new(&says, &cuts);
            prop_assert_eq!(client.outcome(&mut server), expected(told), "{:?} {:?}", client, says);
        }
    }

    /// One byte of a good conversation is another: whatever that means, it is told at once, and
    /// the same in one piece and in many.
    #[test]
    fn a_wrong_byte_is_no_reason_to_wait(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let all = transcripts();
        let Transcript { client, says, .. } = &all[which.index(all.len())];
        let mut says = says.clone();
        let at = at.index(says.len());
        says[at] = byte;
        let whole = client.outcome(&mut Script::new(&says, &[]));
        prop_assert!(whole.is_some());
        let pieces = client.outcome(&mut Script::new(&says, &vec![1; says.len()]));
        prop_assert_eq!(whole, pieces);
    }
}
