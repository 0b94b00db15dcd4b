//! An administrator's session at each real server: by socket, by loopback, by TLS; what it is
//! told, and how it says that it was not let in.

use std::time::Duration;

use ccx_sec::db_client::AccountCredentials;
use ccx_sec::db_client::redis::RedisReply;
use ccx_sec::db_client::session::{AdminAddress, AdminSession, ServerTrust};
use ccx_sec::error::{Error, Exit};
use ccx_sec::pki::certificate::Certificate;
use jiff::Timestamp;

use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::pki::{Kind, Pki};

fn open(
    place: &AdminAddress,
    user: &str,
    password: Option<&str>,
    ca: &str,
) -> Result<AdminSession, Error> {
    open_trusting(place, user, password, ca, false)
}

fn open_trusting(
    place: &AdminAddress,
    user: &str,
    password: Option<&str>,
    ca: &str,
    loopback: bool,
) -> Result<AdminSession, Error> {
    let anchors = Certificate::from_pem("the CA", ca.as_bytes())?;
    let trusted = ServerTrust { anchors: &anchors, at: Timestamp::now(), loopback };
    let credentials =
        AccountCredentials { user: user.to_owned(), password: password.map(|text| text.into()) };
    AdminSession::open(place, &credentials, trusted, Duration::from_secs(180))
}

fn socket(server: &Server) -> AdminAddress {
    let engine = server.engine().kind().parse().expect("an engine");
    let path = match server.engine().family() {
        Family::PostgreSql => server.socket().join(format!(".s.PGSQL.{}", server.port())),
        _ => server.socket(),
    };
    AdminAddress::Socket { engine, path }
}

fn admin(engine: Engine) -> &'static str {
    match engine.family() {
        Family::MySql | Family::MariaDb => "root",
        Family::PostgreSql => "postgres",
        Family::Redis => "default",
    }
}

#[test]
#[ignore = "needs tests/run"]
fn statements_are_done_by_each_server() {
    for engine in Engine::ALL {
        let pki = Pki::new();
        let bed = Bed::new(engine);
        let good = pki.server(Kind::Good);
        bed.put(&pki.ca_pem(), &good.certificate, &good.key);
        let server = bed.start(&Config::tls(engine));
        let mut session =
            open(&socket(&server), admin(engine), None, &pki.ca_pem()).expect("a session");
        let version = session.version().expect("a version").to_owned();
        assert!(version.starts_with(engine.version()), "{engine:?}: {version}");
        if engine.family() == Family::Redis {
            let asked = session.command(&["CONFIG", "GET", "tls-auth-clients"]).expect("answered");
            let words = ["tls-auth-clients", "no"].map(|word| RedisReply::Text(word.to_owned()));
            assert_eq!(asked, RedisReply::List(words.into()), "{engine:?}");
            let refused = session.command(&["CONFIG", "SET", "port", "none"]).expect_err("no");
            assert_eq!((refused.code().name(), refused.exit()), ("server-says-no", Exit::Failed));
            assert_eq!(session.command(&["PING"]).expect("alive"), RedisReply::Text("PONG".into()));
            continue;
        }
        let rows = session.sql("SELECT 7, NULL, 'it''s'").expect("rows");
        assert_eq!(rows, [[Some("7".to_owned()), None, Some("it's".to_owned())]], "{engine:?}");
        let create = "CREATE USER app IDENTIFIED BY 'secret'";
        let create = match engine.family() {
            Family::PostgreSql => "CREATE USER app PASSWORD 'secret'",
            _ => create,
        };
        assert_eq!(session.sql(create).expect("done").len(), 0);
        let refused = session.sql("SELECT nonsense").expect_err("no such column");
        assert_eq!((refused.code().name(), refused.exit()), ("server-says-no", Exit::Failed));
        let long = "x".repeat(300);
        assert_eq!(session.sql(&format!("SELECT '{long}'")).expect("rows"), [[Some(long)]]);

        // By loopback, with a certificate of another CA: nothing of the password goes there.
        let other = Pki::new().ca_pem();
        let by_name = |host: &str| AdminAddress::Tcp(server.url(host).parse().expect("a URL"));
        let here = by_name("127.0.0.1");
        let unproved = open(&here, "app", Some("secret"), &other).err().expect("not proved");
        assert!(
            unproved.hints().iter().any(|hint| hint.to_string().contains("--trust-loopback")),
            "{engine:?}: {unproved}"
        );
        let mut session = open_trusting(&here, "app", Some("secret"), &other, true).expect("in");
        assert_eq!(session.sql("SELECT 1").expect("rows"), [[Some("1".to_owned())]]);
        let denied = open(&by_name("127.0.0.1"), "app", Some("wrong"), &pki.ca_pem());
        let denied = denied.err().expect("out");
        assert_eq!((denied.code().name(), denied.exit()), ("admin-denied", Exit::Failed));
        assert!(!denied.to_string().contains("wrong"), "{denied}");
    }
}

#[test]
fn session_reports_a_missing_server() {
    let engine = "mysql".parse().expect("an engine");
    let nowhere = AdminAddress::Socket { engine, path: "/nonexistent/s.sock".into() };
    let ca = Pki::new().ca_pem();
    let error = open(&nowhere, "root", None, &ca).err().expect("nothing there");
    assert_eq!((error.code().name(), error.exit()), ("admin-unreachable", Exit::Failed));
    assert!(error.to_string().contains("/nonexistent/s.sock"), "{error}");
    assert!(!error.hints().is_empty());
    let closed = AdminAddress::Tcp("postgresql://127.0.0.1:1".parse().expect("a URL"));
    let error = open(&closed, "postgres", None, &ca).err().expect("nothing there");
    assert_eq!(error.code().name(), "admin-unreachable");
}
