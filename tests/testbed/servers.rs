//! The test bed's database servers: each starts with what it is told, takes new TLS files while
//! it runs, keeps its data through a restart, and is gone with the test.

use std::process::Command;

use crate::common::db::{Bed, Config, Engine, Family, Server, outcome};
use crate::common::pki::{Kind, Pki};

/// The leaf that a server presents, by `openssl s_client`.
fn served(server: &Server) -> String {
    let port = server.tls_port();
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-showcerts", "-connect", &format!("127.0.0.1:{port}")]);
    match server.engine().family() {
        Family::MySql | Family::MariaDb => drop(openssl.args(["-starttls", "mysql"])),
        Family::PostgreSql => drop(openssl.args(["-starttls", "postgres"])),
        Family::Redis => {}
    }
    let run = outcome(&mut openssl);
    let start = run.stdout.find("-----BEGIN").unwrap_or_else(|| panic!("{}", run.stderr));
    let end = "-----END CERTIFICATE-----\n";
    let length = run.stdout[start..].find(end).expect("an end") + end.len();
    run.stdout[start..start + length].to_owned()
}

#[test]
#[ignore = "needs tests/run"]
fn each_server_starts_serves_reloads_and_restarts() {
    let pki = Pki::new();
    let (first, second) = (pki.server(Kind::Good), pki.server(Kind::DnsOnly));
    let plain = |text: &str| text.replace('\r', "");
    for engine in Engine::ALL {
        let bed = Bed::new(engine);
        bed.put(&pki.ca_pem(), &first.certificate, &first.key);
        let mut server = bed.start(&Config::tls(engine));
        assert_eq!(served(&server), plain(&first.certificate), "{engine:?}");

        server.put(&pki.ca_pem(), &second.certificate, &second.key);
        assert_eq!(served(&server), plain(&first.certificate), "{engine:?}: only told so");
        server.reload().unwrap_or_else(|error| panic!("{engine:?}: {error}"));
        assert_eq!(served(&server), plain(&second.certificate), "{engine:?}");

        server.put(&pki.ca_pem(), &first.certificate, &second.key);
        let refused = server.reload().expect_err("a key that does not fit");
        assert!(!refused.is_empty(), "{engine:?}");
        assert_eq!(served(&server), plain(&second.certificate), "{engine:?}: the old one");

        server.put(&pki.ca_pem(), &first.certificate, &first.key);
        let (make, look) = match engine.family() {
            Family::PostgreSql => ("CREATE TABLE kept AS SELECT 7", "SELECT * FROM kept"),
            Family::Redis => ("SET kept 7", "GET kept"),
            _ => ("CREATE TABLE mysql.kept AS SELECT 7", "SELECT * FROM mysql.kept"),
        };
        server.admin(make);
        if engine.family() == Family::Redis {
            server.admin("SAVE");
        }
        server.restart();
        assert_eq!(server.admin(look).trim(), "7", "{engine:?}: its data");
        assert_eq!(served(&server), plain(&first.certificate), "{engine:?}: restarted");

        let pid = server.pid();
        let folder = server.dir().to_owned();
        drop(server);
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{engine:?} lives on");
        assert!(!folder.exists(), "{engine:?} leaves its folder");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn server_that_does_not_start_says_why() {
    for (engine, nonsense) in [
        (Engine::MariaDb1011, "no_such_option=1"),
        (Engine::Pg15, "no_such_option = 1"),
        (Engine::Redis7, "no-such-option 1"),
    ] {
        let log =
            Bed::new(engine).try_start(&Config::bare().and(nonsense)).err().expect("an error");
        assert!(log.contains(nonsense.split([' ', '=']).next().unwrap()), "{engine:?}: {log}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn server_ends_with_a_test_that_panics() {
    let (send, receive) = std::sync::mpsc::channel();
    let panicked = std::thread::spawn(move || {
        let server = Server::start(Engine::Valkey8, &Config::bare());
        send.send((server.pid(), server.port())).expect("sent");
        panic!("as planned");
    })
    .join();
    assert!(panicked.is_err());
    let (pid, port) = receive.recv().expect("a pid");
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
#[ignore = "needs tests/run"]
fn each_server_and_its_client_are_of_the_version_that_is_said() {
    for engine in Engine::ALL {
        let server = Server::start(engine, &Config::bare());
        let asked = match engine.family() {
            Family::PostgreSql => server.admin("SHOW server_version"),
            // Valkey too says in redis_version what it is compatible with
            Family::Redis => server.admin("INFO server"),
            _ => server.admin("SELECT version()"),
        };
        let name = if engine.kind() == "valkey" { "valkey_version:" } else { "redis_version:" };
        let said = asked.lines().find_map(|line| line.strip_prefix(name));
        let said = said.unwrap_or(&asked).to_owned();
        assert!(said.starts_with(engine.version()), "{engine:?}: {asked}");
        let client = outcome(Command::new(engine.client()).arg("--version"));
        assert!(client.stdout.contains(engine.version()), "{engine:?}: {}", client.stdout);
    }
}

/// What MariaDB's logins by signature need is there too: plugins, in server and client.
#[test]
#[ignore = "needs tests/run"]
fn mariadb_logs_accounts_in_by_signature() {
    for (engine, plugins) in
        [(Engine::MariaDb1011, &["ed25519"][..]), (Engine::MariaDb118, &["ed25519", "parsec"])]
    {
        let server = Server::start(engine, &Config::bare());
        for plugin in plugins {
            server.admin(&format!("INSTALL SONAME 'auth_{plugin}'"));
            let by = format!("IDENTIFIED VIA {plugin} USING PASSWORD('secret')");
            server.admin(&format!("CREATE USER by_{plugin} {by}"));
            let mut client = Command::new(engine.client());
            client.args(["--no-defaults", "--protocol=TCP", "--host=127.0.0.1", "--skip-ssl"]);
            client.arg(format!("--plugin-dir={}", engine.client_plugins().display()));
            client.arg(format!("--port={}", server.port())).arg(format!("--user=by_{plugin}"));
            client.args(["--batch", "--skip-column-names", "--execute", "SELECT 7"]);
            let run = outcome(client.env("MYSQL_PWD", "secret"));
            assert_eq!((run.code, run.stdout.trim()), (0, "7"), "{engine:?}: {}", run.stderr);
        }
    }
}
