//! Logins at servers by script: those that want to be told what they must not be, those that
//! break the rules, and those that say anything at all.

use proptest::prelude::*;

use super::*;
use crate::connection::failure::Failure;
use crate::connection::runtime::block_on;
use crate::connection::wire::mysql::greeting;
use crate::connection::wire::tests::Script;
use crate::db_client::redis::RedisReply;

const PASSWORD: &str = "geheim, geheim";

fn app() -> AccountCredentials {
    AccountCredentials { user: "app".to_owned(), password: Some(PASSWORD.into()) }
}

/// The result of a login, and all bytes that the server received.
type LoginTranscript = (Result<LoginOutcome, Failure>, Vec<u8>);

fn at_mysql(words: &[&[u8]], cuts: &[usize], secrecy: ChannelSecrecy) -> LoginTranscript {
    let mut script = Script::new(&words.concat(), cuts);
    let login = block_on(async {
        let greeting = greeting(&mut script).await?;
        mysql::log_in(
            &mut script,
            &greeting,
            secrecy == ChannelSecrecy::Verified,
            secrecy,
            &app(),
            None,
        )
        .await
    });
    (login.expect("a runtime"), script.heard)
}

fn at_postgresql(words: &[&[u8]], cuts: &[usize], secrecy: ChannelSecrecy) -> LoginTranscript {
    let mut script = Script::new(&words.concat(), cuts);
    let login = block_on(postgresql::log_in(&mut script, secrecy, &app(), "db", None, None));
    (login.expect("a runtime").map(|(login, _)| login), script.heard)
}

fn at_redis(words: &[&[u8]], cuts: &[usize], secrecy: ChannelSecrecy) -> LoginTranscript {
    let mut script = Script::new(&words.concat(), cuts);
    let login = block_on(redis::log_in(&mut script, secrecy, &app()));
    (login.expect("a runtime"), script.heard)
}

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_le_bytes();
    [&[length[0], length[1], length[2], number], body].concat()
}

fn hello(plugin: &str) -> Vec<u8> {
    let mut body = b"\x0a8.0.36\0\x01\0\0\x0012345678\0".to_vec();
    body.extend(b"\xff\xff\xff\x02\0\xff\xff\x15\0\0\0\0\0\0\0\0\0\x00123456789012\0");
    body.extend(plugin.as_bytes());
    packet(0, &[body.as_slice(), b"\0"].concat())
}

fn switch_to(plugin: &str) -> Vec<u8> {
    packet(2, &[b"\xfe", plugin.as_bytes(), b"\0abcdefghijklmnopqrstuvwxyz012345\0"].concat())
}

fn ok() -> Vec<u8> {
    packet(4, b"\0\0\0\x02\0\0\0")
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("short").to_be_bytes();
    [&[kind], &length[..], body].concat()
}

fn asks(way: u8, more: &[u8]) -> Vec<u8> {
    message(b'R', &[&[0, 0, 0, way], more].concat())
}

fn heard(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

#[test]
fn a_warm_account_is_let_in_and_a_cold_one_says_its_password_in_tls_alone() {
    let sha2 = hello("caching_sha2_password");
    let warm = [&sha2[..], &packet(2, b"\x01\x03"), &ok()];
    let (login, bytes) = at_mysql(&warm, &[], ChannelSecrecy::Plain);
    let how = LoginMethod { method: "caching_sha2_password".to_owned(), cache: Some(Cache::Warm) };
    assert_eq!(login, Ok(LoginOutcome::In(how)));
    assert!(!heard(&bytes, PASSWORD));
    let cold = [&sha2[..], &packet(2, b"\x01\x04"), &ok()];
    let (login, bytes) = at_mysql(&cold, &[], ChannelSecrecy::Plain);
    assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{login:?}");
    assert!(!heard(&bytes, PASSWORD));
    for secrecy in [ChannelSecrecy::Verified, ChannelSecrecy::Socket] {
        let (login, bytes) = at_mysql(&cold, &[], secrecy);
        let how =
            LoginMethod { method: "caching_sha2_password".to_owned(), cache: Some(Cache::Cold) };
        assert_eq!(login, Ok(LoginOutcome::In(how)));
        assert!(heard(&bytes, PASSWORD));
    }
}

#[test]
fn what_a_server_must_not_have_it_does_not_get() {
    for secrecy in [
        ChannelSecrecy::Verified,
        ChannelSecrecy::Socket,
        ChannelSecrecy::Loopback { trusted: true },
        ChannelSecrecy::Plain,
    ] {
        for plugin in ["mysql_clear_password", "dialog", "authentication_ldap_simple_client", ""] {
            let words = [&hello("mysql_native_password")[..], &switch_to(plugin), &ok()];
            let (login, bytes) = at_mysql(&words, &[], secrecy);
            assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{plugin}: {login:?}");
            assert!(!heard(&bytes, PASSWORD));
        }
        // As the plugin that it proposes: it hears of another.
        let words = [&hello("mysql_clear_password")[..], &switch_to("mysql_clear_password")];
        let (login, bytes) = at_mysql(&words, &[], secrecy);
        assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{login:?}");
        assert!(!heard(&bytes, PASSWORD));
        // Kerberos, and SASL of other kinds.
        for asked in [asks(7, b""), asks(10, b"OAUTHBEARER\0\0"), asks(9, b"")] {
            let (login, _) = at_postgresql(&[&asked], &[], secrecy);
            assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{login:?}");
        }
    }
    let (login, bytes) = at_postgresql(&[&asks(3, b"")], &[], ChannelSecrecy::Plain);
    assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{login:?}");
    assert!(!heard(&bytes, PASSWORD));
    for secrecy in [ChannelSecrecy::Plain, ChannelSecrecy::Loopback { trusted: false }] {
        let (login, bytes) = at_redis(&[b"+OK\r\n"], &[], secrecy);
        assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{login:?}");
        assert_eq!(bytes, b"");
    }
}

#[test]
fn a_server_has_us_hash_for_parsec_once() {
    let salt = [&b"\x01P\x00"[..], b"0123456789abcdef"].concat();
    let (native, parsec) = (hello("mysql_native_password"), switch_to("parsec"));
    let words = [&native[..], &parsec, &packet(4, &salt)].concat();
    let (login, _) = at_mysql(&[&words, &ok()], &[], ChannelSecrecy::Verified);
    assert!(matches!(login, Ok(LoginOutcome::In(_))), "{login:?}");
    let (login, _) = at_mysql(&[&words, &packet(6, &salt), &ok()], &[], ChannelSecrecy::Verified);
    assert!(login.is_err(), "{login:?}");
}

#[test]
fn without_tls_there_is_no_other_method_than_with_it() {
    let plain = |words: &[&[u8]], only: &str| {
        let mut script = Script::new(&words.concat(), &[]);
        let login = block_on(async {
            let greeting = greeting(&mut script).await?;
            let secrecy = ChannelSecrecy::Plain;
            mysql::log_in(&mut script, &greeting, false, secrecy, &app(), Some(only)).await
        });
        (login.expect("a runtime"), script.heard)
    };
    let native = "mysql_native_password";
    let proof = proof::native(PASSWORD, b"12345678123456789012");
    let asked = |only: &str, next: &[u8]| plain(&[&hello(native), next], only);
    let (login, bytes) = asked(native, &ok());
    assert!(matches!(login, Ok(LoginOutcome::In(_))), "{login:?}");
    assert!(bytes.windows(20).any(|window| window == proof), "by the method that is meant");
    for only in ["caching_sha2_password", "ed25519", "parsec"] {
        let (login, bytes) = asked(only, &switch_to(native));
        assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{only}: {login:?}");
        assert!(!bytes.windows(20).any(|window| window == proof), "{only}");
    }
    let mut script = Script::new(&asks(5, b"salt"), &[]);
    let (who, only) = (app(), Some("scram-sha-256"));
    let login = postgresql::log_in(&mut script, ChannelSecrecy::Plain, &who, "db", only, None);
    let login = block_on(login).expect("a runtime").map(|(login, _)| login);
    assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{login:?}");
}

#[test]
fn who_breaks_the_rules_of_scram_lets_nobody_in() {
    let begin = asks(10, b"SCRAM-SHA-256\0\0");
    let ready = [asks(0, b""), message(b'Z', b"I")].concat();
    for wrong in [
        asks(11, b"r=somebody-else,s=QUJD,i=4096"), // not our nonce
        asks(11, b""),
    ] {
        let (login, _) = at_postgresql(&[&begin, &wrong, &ready], &[], ChannelSecrecy::Verified);
        assert!(login.is_err(), "{login:?}");
    }
    let (login, _) =
        at_postgresql(&[&asks(11, b"r=x,s=QUJD,i=1"), &ready], &[], ChannelSecrecy::Verified);
    assert!(login.is_err(), "{login:?}");
    // Before it says that somebody is in, nobody is.
    let (login, _) = at_postgresql(&[&message(b'Z', b"I")], &[], ChannelSecrecy::Verified);
    assert!(login.is_err(), "{login:?}");
}

#[test]
fn a_server_that_does_not_know_the_password_lets_nobody_in() {
    let begin = asks(10, b"SCRAM-SHA-256\0\0");
    let ready = [asks(0, b""), message(b'Z', b"I")].concat();
    for secrecy in [ChannelSecrecy::Verified, ChannelSecrecy::Socket, ChannelSecrecy::Plain] {
        let (login, _) = at_postgresql(&[&begin, &ready], &[], secrecy);
        assert!(matches!(login, Ok(LoginOutcome::Unproved(_))), "{login:?}");
        let (login, _) = at_postgresql(&[&begin, &asks(12, b"v=QUJD"), &ready], &[], secrecy);
        assert!(matches!(login, Ok(LoginOutcome::Unproved(_))), "{login:?}");
    }
}

#[test]
fn a_proof_is_made_of_as_many_random_bytes_as_the_plugin_has() {
    for plugin in ["mysql_native_password", "caching_sha2_password", "client_ed25519", "parsec"] {
        let few = packet(2, &[b"\xfe", plugin.as_bytes(), b"\0abc\0"].concat());
        let words = [&hello("sha256_password")[..], &few, &ok()];
        let (login, _) = at_mysql(&words, &[], ChannelSecrecy::Verified);
        assert!(matches!(login, Ok(LoginOutcome::Withheld(_))), "{plugin}: {login:?}");
    }
}

#[test]
fn answers_of_redis_are_read_whole_and_neither_deep_nor_long() {
    let ask = |words: &[u8]| {
        let mut script = Script::new(words, &[3, 1, 4]);
        block_on(redis::ask(&mut script, &["X"])).expect("a runtime")
    };
    let text = |text: &str| RedisReply::Text(text.to_owned());
    assert_eq!(ask(b"$4\r\na\r\nb\r\n"), Ok(text("a\r\nb")));
    let list = RedisReply::List(vec![
        RedisReply::Number(-7),
        RedisReply::Nil,
        RedisReply::List(Vec::new()),
    ]);
    assert_eq!(ask(b"*3\r\n:-7\r\n$-1\r\n*0\r\n"), Ok(list));
    assert_eq!(ask(b"-ERR no\r\n"), Ok(RedisReply::Error("ERR no".to_owned())));
    let deep = b"*1\r\n".repeat(1000);
    let many = [b"*9999999\r\n".to_vec(), b":1\r\n".repeat(30_000)].concat();
    for wrong in [&b"$99999999\r\n"[..], &deep, &many, b"$-2\r\n", b"*x\r\n", b"\r\n", b"", b"!"] {
        assert!(ask(wrong).is_err(), "{:?}", &wrong[..wrong.len().min(20)]);
    }
}

#[test]
fn rows_that_break_off_are_none() {
    let count = packet(1, b"\x02");
    let column = packet(2, b"\x03def");
    let end = packet(4, b"\xfe\0\0\x02\0");
    let head = [&count[..], &column, &column, &end].concat();
    let rows = |row: &[u8]| {
        let words = [&head[..], &packet(5, row), &end].concat();
        let mut script = Script::new(&words, &[]);
        block_on(mysql::query(&mut script, "SELECT")).expect("a runtime")
    };
    let row = vec![Some("ab".to_owned()), None];
    assert_eq!(rows(b"\x02ab\xfb"), Ok(Ok(vec![row.clone()])));
    assert_eq!(rows(b"\xff\x15\x04#28000No"), Ok(Err("error 1045: No".to_owned())));
    for wrong in [&b"\x02ab"[..], b"\x03ab\xfb", b"\xfc\x01", b"\xfd\x01\0\0a\xfb", b"\x02ab\xfbx"]
    {
        assert!(rows(wrong).is_err(), "{wrong:?}");
    }

    let rows = |row: &[u8]| {
        let words = [message(b'D', row), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")];
        let mut script = Script::new(&words.concat(), &[]);
        block_on(postgresql::query(&mut script, "SELECT")).expect("a runtime")
    };
    assert_eq!(rows(b"\0\x02\0\0\0\x02ab\xff\xff\xff\xff"), Ok(Ok(vec![row])));
    for wrong in [&b""[..], b"\0\x01", b"\0\x01\0\0\0\x02a", b"\0\0x", b"\0\x01\x7f\xff\xff\xff"] {
        assert!(rows(wrong).is_err(), "{wrong:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// For any answers of a server, in any pieces: a login ends, and without TLS the password is
    /// never sent.
    #[test]
    fn without_tls_no_server_hears_the_password(
        words in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(1_usize..40, 0..20),
        plugin in prop::sample::select(vec![
            "mysql_native_password", "caching_sha2_password", "sha256_password", "client_ed25519",
            "parsec", "mysql_clear_password",
        ]),
        way in 0_u8..13,
    ) {
        let odd = packet(2, &words);
        let goes_on = packet(2, &[&b"\x01"[..], &words].concat());
        for second in [&odd, &goes_on, &switch_to(plugin)] {
            let script = [&hello(plugin)[..], second, &goes_on, &ok()];
            let (_, bytes) = at_mysql(&script, &cuts, ChannelSecrecy::Plain);
            prop_assert!(!heard(&bytes, PASSWORD));
        }
        let script = [&asks(way, &words)[..], &asks(11, &words), &asks(12, &words), &words];
        prop_assert!(!heard(&at_postgresql(&script, &cuts, ChannelSecrecy::Plain).1, PASSWORD));
        prop_assert!(!heard(&at_redis(&[&words], &cuts, ChannelSecrecy::Plain).1, PASSWORD));
        let _ = at_redis(&[&words], &cuts, ChannelSecrecy::Verified);
        for words in [&words, &packet(1, &words), &[&b"\x01\0\0\x01\x02"[..], &words].concat()] {
            let mut script = Script::new(words, &cuts);
            let _ = block_on(mysql::query(&mut script, "SELECT")).expect("a runtime");
            let _ = block_on(postgresql::query(&mut script, "SELECT")).expect("a runtime");
        }
    }

    /// However the bytes are split or run together, what they mean is the same.
    #[test]
    fn splits_change_nothing(cuts in prop::collection::vec(1_usize..9, 0..60)) {
        let warm = [&hello("caching_sha2_password")[..], &packet(2, b"\x01\x03"), &ok()];
        let (login, _) = at_mysql(&warm, &cuts, ChannelSecrecy::Plain);
        prop_assert!(matches!(login, Ok(LoginOutcome::In(_))), "{login:?}");
        let words = [
            asks(5, b"salt"), asks(0, b""), message(b'S', b"server_version\x0017.2\0"),
            message(b'Z', b"I"),
        ];
        let (login, _) = at_postgresql(&[&words.concat()], &cuts, ChannelSecrecy::Plain);
        prop_assert_eq!(login, Ok(LoginMethod::by("md5")));
        let (login, _) = at_redis(&[b"-WRONGPASS no\r\n"], &cuts, ChannelSecrecy::Verified);
        prop_assert_eq!(login, Ok(LoginOutcome::denied("WRONGPASS no".to_owned())));
    }
}
