//! `snippet client`: the snippets, run as they are printed. Each against the right CA, a wrong
//! CA, a certificate for another name, and a server without TLS: what we say happens, happens.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::common::db::{Bed, Config, Engine, Family, Server, outcome};
use crate::common::pki::{Client, Kind, Pki};
use crate::common::{Home, Run, env};

/// A name that every language has to quote. For the file of the CA, the account, the database.
const ODD: &str = "it's \"a\" $HOME \\ #é";
const MODES: [&str; 3] = ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"];

/// What the client is run with, and what stands before and after the snippet to make it a
/// program that asks the server for something.
struct Runner {
    client: &'static str,
    program: PathBuf,
    after: &'static str,
}

impl Runner {
    fn cli(client: &'static str, engine: Engine, after: &'static str) -> Self {
        Runner { client, program: engine.client(), after }
    }

    fn python(client: &'static str, after: &'static str) -> Self {
        let program = PathBuf::from(env("CCX_TEST_DRIVERS")).join("venv/bin/python");
        Runner { client, program, after }
    }

    fn node(client: &'static str, after: &'static str) -> Self {
        Runner { client, program: PathBuf::from("node"), after }
    }

    /// Runs a snippet of `language`.
    fn run(
        &self,
        home: &Home,
        language: &str,
        snippet: &str,
        patience: &str,
        system: Option<String>,
    ) -> Run {
        let mut command = Command::new("timeout");
        command.envs(system.map(|ca| ("SSL_CERT_FILE", ca)));
        command.arg(patience);
        let program = self.program.display().to_string();
        match language {
            "shell" => {
                let snippet = snippet.replace(" --password", "");
                let folder = self.program.parent().expect("a folder").display().to_string();
                let path = format!("{folder}:{}", env("PATH"));
                command.args(["sh", "-c", &(snippet + self.after)]).env("PATH", path);
            }
            "connection-string" => drop(command.args([&program, snippet, "-c", "SELECT 7"])),
            "python" => {
                let file = home.write("snippet.py", format!("{snippet}\n{}", self.after));
                command.args([&program, &file]);
            }
            "javascript" => {
                let file = home.write("snippet.js", format!("{snippet}\n{}", self.after));
                command.args([&program, &file]);
                command.env("NODE_PATH", Path::new(&env("CCX_TEST_DRIVERS")).join("node_modules"));
            }
            other => panic!("{other} is not run"),
        }
        command.env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8");
        for password in ["MYSQL_PWD", "PGPASSWORD", "DB_PASSWORD", "REDISCLI_AUTH"] {
            command.env(password, "a password");
        }
        outcome(command.current_dir(home.path()))
    }
}

const MYSQL_PY: &str =
    "cursor = connection.cursor()\ncursor.execute('SELECT 7')\nprint(cursor.fetchone()[0])\n";
const MYSQL_JS: &str = "connection.query('SELECT 7 AS n', (error, rows) => {\n\
    if (error) { console.error(error); process.exit(1); }\n\
    console.log(rows[0].n); connection.destroy(); });\n";
const PG_PY: &str = "print(connection.execute('SELECT 7').fetchone()[0])\n";
const PG_JS: &str = "client.connect().then(() => client.query('SELECT 7 AS n'))\n\
    .then((result) => { console.log(result.rows[0].n); return client.end(); })\n\
    .catch((error) => { console.error(error); process.exit(1); });\n";
const REDIS_PY: &str = "print(client.ping() and 7)\n";
const REDIS_JS: &str = "client.on('error', (error) => { console.error(error); process.exit(1); });\n\
    client.ping().then(() => { console.log(7); client.disconnect(); });\n";

fn runners(engine: Engine) -> Vec<Runner> {
    let sql = " --batch --skip-column-names --no-auto-rehash --execute='SELECT 7'";
    match engine.family() {
        Family::MySql => vec![
            Runner::cli("mysql", engine, sql),
            Runner::python("mysql-connector-python", MYSQL_PY),
            Runner::python("pymysql", MYSQL_PY),
            Runner::node("node-mysql2", MYSQL_JS),
        ],
        Family::MariaDb => vec![
            Runner::cli("mariadb", Engine::MariaDb1011, sql),
            Runner::cli("mariadb", Engine::MariaDb118, sql),
            Runner::python("mysql-connector-python", MYSQL_PY),
            Runner::python("pymysql", MYSQL_PY),
            Runner::node("node-mysql2", MYSQL_JS),
        ],
        Family::PostgreSql => vec![
            Runner::cli("psql", Engine::Pg15, " -Atc 'SELECT 7'"),
            Runner::cli("psql", Engine::Pg17, " -Atc 'SELECT 7'"),
            Runner::cli("libpq", engine, ""),
            Runner::python("psycopg", PG_PY),
            Runner::node("node-pg", PG_JS),
        ],
        Family::Redis => vec![
            Runner::cli("redis-cli", Engine::Redis7, " -e EVAL 'return 7' 0"),
            Runner::cli("valkey-cli", Engine::Valkey9, " -e EVAL 'return 7' 0"),
            Runner::python("redis-py", REDIS_PY),
            Runner::node("ioredis", REDIS_JS),
        ],
    }
}

/// The account, which may have to do without what its server knows no way to write.
fn user(server: &Server) -> String {
    match server.engine().family() {
        Family::Redis => ODD.replace(' ', "_"),
        _ => ODD.to_owned(),
    }
}

/// Makes the account and the database.
fn prepare(server: &Server) {
    let user = user(server);
    match server.engine().family() {
        Family::MySql | Family::MariaDb => {
            let quoted = user.replace('\\', "\\\\").replace('\'', "''");
            server.admin(&format!(
                "SET NAMES utf8mb4; CREATE DATABASE `{ODD}`; \
                 CREATE USER '{quoted}'@'%' IDENTIFIED BY 'a password'; \
                 GRANT ALL ON *.* TO '{quoted}'@'%'"
            ));
        }
        Family::PostgreSql => {
            let quoted = user.replace('"', "\"\"");
            server.admin(&format!("CREATE ROLE \"{quoted}\" LOGIN PASSWORD 'a password'"));
            server.admin(&format!("CREATE DATABASE \"{quoted}\""));
        }
        Family::Redis => {
            let mut client = Command::new(server.engine().client());
            client.arg("-e").arg("-s").arg(server.socket()).args(["ACL", "SETUSER", &user]);
            let made = outcome(client.args(["on", ">a password", "+@all", "~*"]));
            assert_eq!(made.stdout, "OK\n", "{}", made.stderr);
        }
    }
}

/// What `snippet client` says of a client.
fn said(home: &Home, server: &Server, port: u16, client: &str, mode: &str, more: &[&str]) -> Value {
    let port = port.to_string();
    let user = user(server);
    let fixed = [
        "snippet",
        "client",
        "--engine",
        server.engine().kind(),
        "--client",
        client,
        "--mode",
        mode,
        "--host",
        "localhost",
        "--port",
        &port,
        "--user",
        &user,
        "--database",
        ODD,
        "-o",
        "json",
    ];
    home.done(&[&fixed[..], more].concat()).json()["clients"][0].clone()
}

/// Runs every client in every mode; `plain` is a server of that family without TLS.
fn every_client(engine: Engine, plain: (&Server, u16)) {
    let (home, pki) = (Home::new(), Pki::new());
    let ca = home.write(&format!("{ODD}.pem"), pki.ca_pem());
    let other = home.write("other.pem", pki.other_pem());
    let (good, wrong_host) = (pki.server(Kind::Good), pki.server(Kind::WrongHost));
    let bed = Bed::new(engine);
    bed.put(&pki.ca_pem(), &good.certificate, &good.key);
    let server = bed.start(&Config::tls(engine));
    prepare(&server);
    let port = server.tls_port();

    for (shown, identity) in [("good", &good), ("wrong host", &wrong_host)] {
        server.put(&pki.ca_pem(), &identity.certificate, &identity.key);
        server.reload().expect("reloaded");
        for runner in runners(engine) {
            for mode in MODES {
                for (trusted, file) in [("the CA", &ca), ("another CA", &other)] {
                    if shown == "wrong host" && trusted == "another CA" {
                        continue;
                    }
                    let case = format!("{engine:?} {} {mode}: {shown}, {trusted}", runner.client);
                    let Some((told, run)) =
                        run(&home, &server, port, &runner, mode, &["--ca-file", file], "30")
                    else {
                        continue;
                    };
                    let expected = match told.as_str() {
                        "REQUIRED" => true,
                        "VERIFY_CA" => trusted == "the CA",
                        _ => trusted == "the CA" && shown == "good",
                    };
                    let got_in = run.code == 0 && run.stdout.contains('7');
                    let says = format!("{case}: {}{}", run.stdout, run.stderr);
                    assert_eq!(got_in, expected, "{says}");
                    assert!(got_in || !run.stdout.contains('7'), "{says}");
                }
            }
        }
    }
    for runner in runners(engine) {
        for mode in MODES {
            let (server, port) = plain;
            // Redis and Valkey wait for the end of a line that never comes; once is enough
            let waits = engine.family() == Family::Redis;
            if waits && mode != "REQUIRED" {
                continue;
            }
            let patience = if waits { "4" } else { "30" };
            let more = ["--ca-file", &ca];
            let Some((_, run)) = run(&home, server, port, &runner, mode, &more, patience) else {
                continue;
            };
            let says = format!("{engine:?} {} {mode}: {}{}", runner.client, run.stdout, run.stderr);
            assert!(run.code != 0 && !run.stdout.contains('7'), "without TLS: {says}");
            let for_want_of_tls = ["SSL", "TLS"].iter().any(|sign| run.stderr.contains(sign));
            assert!(for_want_of_tls || run.code == 124, "without TLS: {says}");
        }
    }
    with_a_certificate(&home, &pki, &server, &ca);
}

/// The mode that the snippet is for, and how it ended; none where it says that it cannot.
fn run(
    home: &Home,
    server: &Server,
    port: u16,
    runner: &Runner,
    mode: &str,
    more: &[&str],
    patience: &str,
) -> Option<(String, Run)> {
    if mode == "VERIFY_IDENTITY" && runner.client.ends_with("-cli") {
        return None; // a test of its own says that these are refused
    }
    let said = said(home, server, port, runner.client, mode, more);
    assert_eq!(said["proof"], "run against real servers by the tests", "{said}");
    let text = said["text"].as_str().expect("a text");
    let told = said["mode"].as_str().expect("a mode").to_owned();
    assert!(told == mode || !said["warnings"].as_array().expect("warnings").is_empty(), "{said}");
    let language = said["language"].as_str().expect("a language");
    // Without the name, only the CA that was given may count: those of the system, among which
    // OpenSSL has the server's own here, must not.
    let system = (told == "VERIFY_CA").then(|| home.at(&format!("{ODD}.pem")));
    Some((told, runner.run(home, language, text, patience, system)))
}

/// A server that demands a certificate lets them in with theirs, and not without.
fn with_a_certificate(home: &Home, pki: &Pki, server: &Server, ca: &str) {
    let engine = server.engine();
    let good = pki.server(Kind::Good);
    server.put(&pki.ca_pem(), &good.certificate, &good.key);
    server.reload().expect("reloaded");
    match engine.family() {
        Family::MySql | Family::MariaDb => {
            let quoted = user(server).replace('\\', "\\\\").replace('\'', "''");
            server.admin(&format!("SET NAMES utf8mb4; ALTER USER '{quoted}'@'%' REQUIRE X509"));
        }
        Family::PostgreSql => {
            let hba =
                "local all all trust\nhostssl all all all scram-sha-256 clientcert=verify-ca\n";
            server.put_file("pg_hba.conf", hba);
            server.reload().expect("reloaded");
        }
        Family::Redis => drop(server.admin("CONFIG SET tls-auth-clients yes")),
    }
    let identity = pki.client(Client::Good);
    let cert = home.write("it's a cert.pem", &identity.certificate);
    let key = home.write("it's a key.pem", &identity.key);
    for runner in runners(engine) {
        let mode = if runner.client.ends_with("-cli") { "VERIFY_CA" } else { "VERIFY_IDENTITY" };
        let with = ["--ca-file", ca, "--client-cert", &cert, "--client-key", &key];
        for (more, expected) in [(&with[..], true), (&with[..2], false)] {
            let (_, run) =
                run(home, server, server.tls_port(), &runner, mode, more, "30").expect("run");
            let got_in = run.code == 0 && run.stdout.contains('7');
            let client = runner.client;
            assert_eq!(
                got_in, expected,
                "{engine:?} {client} {more:?}: {}{}",
                run.stdout, run.stderr
            );
        }
    }
}

#[test]
fn clients_of_mysql_do_what_their_snippets_say() {
    // with an account whose password needs no TLS, so that who falls back to plain gets in
    let plain = Server::start(Engine::MariaDb1011, &Config::bare());
    prepare(&plain);
    every_client(Engine::Mysql97, (&plain, plain.port()));
}

#[test]
fn clients_of_mariadb_do_what_their_snippets_say() {
    let plain = Server::start(Engine::MariaDb1011, &Config::bare());
    prepare(&plain);
    every_client(Engine::MariaDb118, (&plain, plain.port()));
}

#[test]
fn clients_of_postgresql_do_what_their_snippets_say() {
    let plain = Server::start(Engine::Pg17, &Config::bare());
    prepare(&plain);
    every_client(Engine::Pg17, (&plain, plain.port()));
}

#[test]
fn clients_of_redis_and_valkey_do_what_their_snippets_say() {
    let plain = Server::start(Engine::Valkey9, &Config::bare());
    prepare(&plain);
    every_client(Engine::Valkey9, (&plain, plain.port()));
}

#[test]
fn what_cannot_be_said_is_refused_and_never_weakened() {
    let home = Home::new();
    let client = |engine: &'static str, more: &[&'static str]| {
        let fixed = ["snippet", "client", "--engine", engine, "--host", "db.example.com"];
        [&fixed[..], more].concat()
    };
    let ca = ["--ca-file", "ca.pem"];
    for name in ["redis-cli", "valkey-cli"] {
        let arguments = client("redis", &[&["--client", name][..], &ca[..]].concat());
        home.fails(&arguments, 4, "mode-not-expressible");
    }
    home.fails(&client("mysql", &["--client", "mysql"]), 2, "ca-missing");
    home.fails(&client("mysql", &["--client", "psql"]), 2, "client-unknown");
    for mode in ["DISABLED", "PREFERRED"] {
        home.fails(&client("mysql", &["--all", "--mode", mode]), 2, "usage");
    }
    for host in ["/run/mysqld", "a,b", "-h", "a b", "", "a\nb", "$(id)", "[::1]"] {
        let fixed = ["snippet", "client", "--engine", "mysql", "--all"];
        home.fails(&[&fixed[..], &[&format!("--host={host}")]].concat(), 2, "host");
    }
    let stronger = home.run(&client(
        "mysql",
        &[&["--client", "go-sql-driver", "--mode", "VERIFY_CA"][..], &ca[..]].concat(),
    ));
    assert_eq!(stronger.code, 0);
    assert!(
        stronger.stderr.starts_with("warning: go-sql-driver: VERIFY_CA"),
        "{}",
        stronger.stderr
    );
    assert!(stronger.stdout.contains("VERIFY_IDENTITY:"), "{}", stronger.stdout);

    let all = home.run(&client("valkey", &[&["--all", "-o", "json"][..], &ca[..]].concat()));
    let document = all.json();
    let clients = document["clients"].as_array().expect("clients");
    assert!(clients.len() >= 6);
    for client in clients {
        let cannot = client["client"].as_str().is_some_and(|name| name.ends_with("-cli"));
        assert_eq!(client["text"].is_null(), cannot, "{client}");
        assert!(client["source"].as_str().is_some_and(|source| !source.is_empty()));
    }
}

/// No snippet has room for a password, so none can be left in one.
#[test]
fn no_snippet_holds_a_password() {
    let home = Home::new();
    for engine in ["mysql", "mariadb", "postgresql", "redis", "valkey", "mssql"] {
        let all = home.run(&[
            "snippet",
            "client",
            "--engine",
            engine,
            "--all",
            "--host",
            "h",
            "--ca-file",
            "ca.pem",
        ]);
        for line in all.stdout.lines().filter(|line| !line.starts_with(['#', '/'])) {
            let line = line.to_lowercase();
            let named = line.contains("password=") || line.contains("pwd=");
            assert!(!named || line.contains("environ"), "{line}");
        }
    }
}
