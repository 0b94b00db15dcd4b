//! `snippet users`: accounts of any name, made by the server itself, then told by ours what to
//! demand, and what the server then says of each.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::common::db::{Bed, Config, Engine, Family, Server, outcome};
use crate::common::pki::{Client, Kind, Pki};
use crate::common::{Home, Run, ccx, run};

/// Names that mean something to a parser, and some that chance made; each once. MySQL takes
/// spaces and line breaks from both ends of a name.
fn names(special: &[&'static str], longest: usize) -> Vec<String> {
    #[rustfmt::skip]
    let word = prop_oneof![
        select(vec!["'", "\"", "`", "\\", "@", "%", "--", "#", ";", " ", "\n", "\r", "\t", "é", "/*",
            "\u{2028}", "'@'", "\\n", "DELIMITER ", "all", "+", "/", "a", "B", "0", ",", "$"]),
    ];
    let name = vec(word, 1..8).prop_map(|words| words.concat());
    let mut runner = TestRunner::deterministic();
    let mut all: BTreeMap<String, ()> =
        special.iter().map(|name| ((*name).to_owned(), ())).collect();
    while all.len() < 120 {
        let name = name.new_tree(&mut runner).expect("a name").current();
        if name.len() <= longest && name.trim() == name {
            all.insert(name, ());
        }
    }
    all.into_keys().collect()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

/// What `snippet users` makes of accounts on its standard input.
fn made(home: &Home, engine: Engine, accounts: &str, more: &[&str]) -> String {
    let mut command = ccx(home.path());
    command.args(["snippet", "users", "--engine", engine.kind(), "--accounts", "-"]);
    command.args(["--engine-version", engine.version()]).args(more);
    let output = command.write_stdin(accounts).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Gives a script to the server's own client on its standard input, as an administrator.
fn script(server: &Server, text: &str) {
    let mut client = Command::new(server.engine().client());
    client.args(["--no-defaults", "--user=root", "--batch"]);
    client.arg(format!("--socket={}", server.socket().display()));
    client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = client.env_clear().spawn().expect("the client runs");
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs tests/run"]
fn mysql_and_mariadb_accounts_of_any_name_demand_tls() {
    let home = Home::new();
    let special = ["", "ä", "a b", "root'@'%", "\u{1}", "x\u{1a}"];
    let names = names(&special, 28);
    for engine in [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118] {
        let server = Server::start(engine, &Config::bare());
        // made by the server's own quoting, out of hexadecimal digits
        let create = |name: &String| {
            format!(
                "SET @name = CONVERT(X'{}' USING utf8mb4); \
                 SET @make = CONCAT('CREATE USER ', QUOTE(@name), '@\"10.0.0.%\"'); \
                 PREPARE made FROM @make; EXECUTE made;\n",
                hex(name)
            )
        };
        let created: String = names.iter().map(create).collect();
        script(&server, &format!("SET NAMES utf8mb4;\n{created}"));
        let listed = "SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user \
                      WHERE Host = '10.0.0.%'";
        let mut client = Command::new(engine.client());
        client.args(["--no-defaults", "--user=root", "--batch", "--raw", "--skip-column-names"]);
        client.arg(format!("--socket={}", server.socket().display())).args(["--execute", listed]);
        client.arg("--default-character-set=utf8mb4");
        let listed = outcome(&mut client).stdout;
        for (mode, kind) in [("REQUIRED", "ANY"), ("VERIFY_CA", "X509")] {
            // a server whose strings have no escapes, and whose quotes are names
            let sql = made(&home, engine, &listed, &["--mode", mode]);
            script(&server, &format!("SET SESSION sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES';\n{sql}"));
            let told = server.admin(
                "SELECT HEX(CONVERT(User USING utf8mb4)), ssl_type FROM mysql.user \
                 WHERE Host = '10.0.0.%'",
            );
            let told: BTreeMap<&str, &str> =
                told.lines().map(|line| line.split_once('\t').expect("two columns")).collect();
            let expected: Vec<String> = names.iter().map(|name| hex(name)).collect();
            assert_eq!(told.len(), expected.len(), "{engine:?}");
            for name in &expected {
                assert_eq!(told.get(name.as_str()), Some(&kind), "{engine:?} {name}");
            }
        }
        let others = server
            .admin("SELECT COUNT(*) FROM mysql.user WHERE Host <> '10.0.0.%' AND ssl_type <> ''");
        assert_eq!(others.trim(), "0", "{engine:?}: accounts that nobody named");
    }
}

/// The arguments with which a server tells its accounts itself.
fn asked(home: &Home, server: &Server, more: &[&str]) -> Run {
    let socket = match server.engine().family() {
        Family::PostgreSql => server.socket().join(format!(".s.PGSQL.{}", server.port())),
        _ => server.socket(),
    };
    let socket = socket.display().to_string();
    let users = ["snippet", "users", "--engine", server.engine().kind(), "--socket", &socket];
    run(&mut home.ccx(&[&users[..], more].concat()))
}

#[test]
#[ignore = "needs tests/run"]
fn servers_tell_their_accounts_themselves() {
    let home = Home::new();
    for engine in [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118] {
        let server = Server::start(engine, &Config::bare());
        server.admin("CREATE USER 'it''s'@'%'; CREATE USER secured@'10.%' REQUIRE SSL");
        let told = asked(&home, &server, &[]);
        assert_eq!(told.code, 0, "{engine:?}");
        assert!(told.stderr.contains("root@localhost, which asked, is left out"), "{engine:?}");
        assert!(told.stdout.contains("ALTER USER 'it''s'@'%' REQUIRE SSL;\n"), "{}", told.stdout);
        assert!(!told.stdout.contains("secured"), "{}", told.stdout);
        let major = engine.version().split('.').next().expect("a number");
        assert!(told.stdout.contains(&format!("--engine-version {major}.")), "{}", told.stdout);
        script(&server, &told.stdout);
        let again = asked(&home, &server, &[]);
        assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{engine:?}");
        assert!(again.stderr.contains("every account demands REQUIRED already"), "{engine:?}");
        let strict = asked(&home, &server, &["--user", "nobody"]);
        assert_eq!(strict.code, 3, "{}", strict.stdout);
        assert!(strict.stderr.contains("does not let nobody in"), "{}", strict.stderr);
    }
    for engine in [Engine::Pg15, Engine::Pg17] {
        let server = Server::start(engine, &Config::bare().hba("local all all trust\n"));
        server.admin("CREATE ROLE \"it's \"\"a\"\"\" LOGIN");
        server.admin("CREATE ROLE folk NOLOGIN");
        let told = asked(&home, &server, &[]);
        assert_eq!((told.code, told.stderr.as_str()), (0, ""), "{engine:?}");
        assert!(told.stdout.contains("\"it's \"\"a\"\"\"  all  reject\n"), "{}", told.stdout);
        assert!(!told.stdout.contains("folk"), "{}", told.stdout);
    }
    let server = Server::start(Engine::Valkey9, &Config::bare());
    server.admin("ACL SETUSER app on >secret +@all");
    let told = asked(&home, &server, &["--mode", "VERIFY_CA"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stdout.contains("ACL SETUSER \"app\" on resetpass\n"), "{}", told.stdout);
    assert!(!told.stdout.contains("\"default\""), "{}", told.stdout);
    let url = server.url("127.0.0.1");
    let wrong = ["snippet", "users", "--engine", "mysql", "--url", &url];
    home.fails(&wrong, 2, "engine-other");
    let none = ["snippet", "users", "--engine", "mysql", "--socket", "/nonexistent"];
    home.fails(&none, 3, "admin-unreachable");
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_roles_of_any_name_demand_tls() {
    let (home, pki) = (Home::new(), Pki::new());
    let special = ["all", "+all", "/a.b", "/", "replication", "@file", "a\\", "samerole", "ä"];
    let names: Vec<String> =
        names(&special, 60).into_iter().filter(|name| !name.contains(['\n', '\r'])).collect();
    let lines: String =
        names.iter().map(|name| format!("\"{}\"\n", name.replace('"', "\"\""))).collect();
    let identity = pki.server(Kind::Good);
    for engine in [Engine::Pg15, Engine::Pg17] {
        let hba = made(&home, engine, &lines, &[]);
        let bed = Bed::new(engine);
        bed.put(&pki.ca_pem(), &identity.certificate, &identity.key);
        let hba = format!("local all all trust\n{hba}\nhost all all 127.0.0.0/8 trust\n");
        let server = bed.start(&Config::tls(engine).hba(&hba));
        let faults = "SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL";
        assert_eq!(server.admin(faults), "", "{engine:?}");
        // without the slashes, which are regular expressions from 16 on
        let told = server.admin(
            "SELECT DISTINCT encode(convert_to(user_name[1], 'UTF8'), 'hex') FROM pg_hba_file_rules \
             WHERE type = 'hostnossl'",
        );
        for name in names.iter().filter(|name| !name.starts_with('/')) {
            let name = hex(name).to_lowercase();
            assert!(told.lines().any(|line| line == name), "{engine:?}: {name}");
        }
        let sample = names.iter().filter(|name| name.starts_with('/')).map(String::as_str);
        let sample = sample.chain(["all", "+all", "@file", "a\\", "/aXb", "allx"]);
        for name in sample {
            let quoted = format!("\"{}\"", name.replace('"', "\"\""));
            server.admin(&format!("CREATE ROLE {quoted} LOGIN"));
            let come = |sslmode: &str| {
                let mut client = Command::new(engine.client());
                client.env_clear().env("PGSSLMODE", sslmode).env("PGUSER", name);
                client.args(["--no-psqlrc", "--host=127.0.0.1", "--dbname=postgres"]);
                client.args([&format!("--port={}", server.port()), "--command=SELECT 1"]);
                outcome(&mut client)
            };
            let plain = come("disable");
            if names.iter().any(|known| known == name) {
                assert!(plain.stderr.contains("pg_hba.conf rejects"), "{name}: {}", plain.stderr);
            } else {
                assert_eq!(plain.code, 0, "{engine:?}: {name} was not named: {}", plain.stderr);
            }
            assert_eq!(come("require").code, 0, "{engine:?} {name}");
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn valkey_9_accounts_get_in_by_their_certificate_alone() {
    let (home, pki) = (Home::new(), Pki::new());
    let (engine, identity) = (Engine::Valkey9, pki.server(Kind::Good));
    let bed = Bed::new(engine);
    bed.put(&pki.ca_pem(), &identity.certificate, &identity.key);
    let config = Config::tls(engine).and("tls-auth-clients optional");
    let server = bed.start(&config);
    assert_eq!(server.engine().family(), Family::Redis);
    server.admin("ACL SETUSER app on >secret +@all");
    let commands = made(&home, engine, "app\nodd\"name\n", &["--mode", "VERIFY_CA"]);
    let mut client = Command::new(engine.client());
    client.arg("-e").arg("-s").arg(server.socket()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = client.spawn().expect("valkey-cli");
    child.stdin.take().expect("piped").write_all(commands.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "OK\nOK\nOK\n");
    assert!(server.admin("ACL USERS").lines().any(|user| user == "odd\"name"));

    let ca = home.write("ca.pem", pki.ca_pem());
    let app = pki.client(Client::Good);
    let (cert, key) = (home.write("cert.pem", &app.certificate), home.write("key.pem", &app.key));
    let come = |more: &[&str]| {
        let mut client = Command::new(engine.client());
        client.args(["-h", "127.0.0.1", "-p", &server.tls_port().to_string()]);
        client.args(["--tls", "--cacert", &ca]).args(more);
        outcome(&mut client)
    };
    let with = come(&["--cert", &cert, "--key", &key, "ACL", "WHOAMI"]);
    assert_eq!(with.stdout, "app\n", "{}", with.stderr);
    let without = come(&["AUTH", "app", "secret"]);
    assert!((without.stdout + &without.stderr).contains("WRONGPASS"));
}

#[test]
fn invalid_accounts_are_reported() {
    let home = Home::new();
    let users = ["snippet", "users", "--engine", "mysql", "--engine-version", "8.4"];
    let with = |more: &[&'static str]| [&users[..], more].concat();
    home.fails(&with(&[]), 2, "accounts-missing");
    home.fails(&with(&["--account", "'a"]), 2, "account");
    home.fails(&with(&["--account", ""]), 2, "account");
    home.fails(&with(&["--account", "a", "--subject", "/CN=a"]), 2, "subject-unsupported");
    home.fails(&with(&["--accounts", "missing"]), 3, "file-missing");
    let made =
        home.done(&with(&["--account", "a", "--mode", "VERIFY_CA", "--subject", "/O=it's/CN=a"]));
    assert!(made.stdout.contains("ALTER USER 'a'@'%' REQUIRE SUBJECT '/O=it''s/CN=a';\n"));
    let redis = ["snippet", "users", "--engine", "redis", "--engine-version", "7.2"];
    home.fails(&[&redis[..], &["--account", "a"]].concat(), 2, "accounts-unsupported");
}
