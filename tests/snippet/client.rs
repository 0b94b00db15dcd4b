//! `snippet client`: the snippets, run as they are printed. Each against the right CA, a wrong
//! CA, a certificate for another name, a server without TLS, and one that demands certificates:
//! what we say happens, happens.

use std::collections::BTreeSet;

use ccx_sec::driver::catalogue;
use serde_json::Value;

use crate::common::Home;
use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::drivers::server::{ODD, demand, listening, plain, prepare, user};
use crate::common::drivers::{Circumstances, Program, Runner, runners};
use crate::common::pki::{Client, Kind, Pki};
use crate::verify::simulate_mssql;

const MODES: [&str; 3] = ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"];
/// What is noted of a client that does.
const SYSTEM_TOO: &str = "the CAs of the system are trusted too";

/// What a server is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Good,
    WrongHost,
    /// It has no TLS.
    Plain,
    /// Good, and it demands a certificate of the client.
    Demands,
}

/// What a client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trusted {
    Ca,
    Another,
    /// The snippet says another; the system has that of the server.
    AnotherAndSystem,
}

/// What is asked of `snippet client`.
#[derive(Debug, Clone, Copy)]
struct Case {
    shown: Shown,
    trusted: Trusted,
    mode: &'static str,
    /// The client has a certificate.
    certificate: bool,
}

impl Case {
    /// Whether a client that does what is `said` gets in.
    fn gets_in(self, said: &Value) -> bool {
        let mode = said["mode"].as_str().expect("a mode");
        let notes = said["warnings"].as_array().expect("warnings");
        let trusts = match self.trusted {
            Trusted::Ca => true,
            Trusted::Another => false,
            Trusted::AnotherAndSystem => notes.iter().any(|note| note == SYSTEM_TOO),
        };
        match (self.shown, mode) {
            (Shown::Plain, _) => false,
            (Shown::Demands, _) => self.certificate,
            (_, "REQUIRED") => true,
            (Shown::WrongHost, "VERIFY_IDENTITY") => false,
            _ => trusts,
        }
    }
}

/// All that is asked of a client.
fn cases(client: &str, family: Family) -> Vec<Case> {
    // a test of its own says that these are refused
    let no_names = client.ends_with("-cli");
    let modes = MODES.into_iter().filter(|mode| !no_names || *mode != "VERIFY_IDENTITY");
    let case = |shown, trusted, mode| Case { shown, trusted, mode, certificate: false };
    let mut cases = Vec::new();
    for mode in modes {
        for trusted in [Trusted::Ca, Trusted::Another] {
            cases.push(case(Shown::Good, trusted, mode));
        }
        if mode != "REQUIRED" {
            cases.push(case(Shown::Good, Trusted::AnotherAndSystem, mode));
        }
        cases.push(case(Shown::WrongHost, Trusted::Ca, mode));
        // Redis and Valkey wait for the end of a line that never comes; once is enough
        if family != Family::Redis || mode == "REQUIRED" {
            cases.push(case(Shown::Plain, Trusted::Ca, mode));
        }
    }
    let mode = if no_names { "VERIFY_CA" } else { "VERIFY_IDENTITY" };
    for certificate in [true, false] {
        cases.push(Case { certificate, ..case(Shown::Demands, Trusted::Ca, mode) });
    }
    cases
}

/// The files that are named to the clients.
struct Files {
    ca: String,
    other: String,
    certificate: String,
    key: String,
    system: String,
}

impl Files {
    fn write(home: &Home, pki: &Pki) -> Self {
        let client = pki.client(Client::Good);
        Files {
            ca: home.write(&format!("{ODD}.pem"), pki.ca_pem()),
            other: home.write("other.pem", pki.other_pem()),
            certificate: home.write("it's a cert.pem", &client.certificate),
            key: home.write("it's a key.pem", &client.key),
            system: home.write("system.pem", pki.ca_pem()),
        }
    }
}

/// What `snippet client` says.
fn said(home: &Home, files: &Files, server: &Server, runner: &Runner, case: Case) -> Value {
    let (port, user) = (server.tls_port().to_string(), user(server));
    let port = if case.shown == Shown::Plain { server.port().to_string() } else { port };
    let ca = if case.trusted == Trusted::Ca { &files.ca } else { &files.other };
    let fixed =
        ["snippet", "client", "--engine", server.engine().kind(), "--client", runner.client];
    let at = ["--mode", case.mode, "--host", runner.host, "--port", &port, "--ca-file", ca];
    let who = ["--user", &user, "--database", ODD, "-o", "json"];
    let with = ["--client-cert", &files.certificate, "--client-key", &files.key];
    let with = if case.certificate { &with[..] } else { &[] };
    let said = home.done(&[&fixed[..], &at, &who, with].concat()).json()["clients"][0].clone();
    assert_eq!(said["proof"], "run against real servers by the tests", "{said}");
    let warned = !said["warnings"].as_array().expect("warnings").is_empty();
    assert!(said["mode"] == case.mode || warned, "{said}");
    said
}

/// Runs every client in every mode; `plain` is a server of that family without TLS.
fn every_client(engine: Engine, plain: &Server) {
    let pki = Pki::new();
    let good = pki.server_for(&["localhost", "127.0.0.1", "127.0.0.2"]);
    let bed = Bed::new(engine);
    bed.put(&pki.ca_pem(), &good.certificate, &good.key);
    let server = bed.start(&listening(engine, Config::tls(engine)));
    prepare(&server);

    let home = Home::new();
    let files = Files::write(&home, &pki);
    let runners = runners(engine);
    let mut asked = Vec::new();
    for runner in &runners {
        let mut all = Vec::new();
        for case in cases(runner.client, engine.family()) {
            let at = if case.shown == Shown::Plain { plain } else { &server };
            let said = said(&home, &files, at, runner, case);
            if case.certificate && !with_certificate(&said) {
                continue;
            }
            all.push((case, said));
        }
        let texts: Vec<String> = all.iter().map(|(_, said)| text(said)).collect();
        asked.push((runner.program(&home, &texts, &files.system), all));
    }

    let mut wrong = Vec::new();
    let wrong_host = pki.server(Kind::WrongHost);
    for shown in [Shown::Good, Shown::WrongHost, Shown::Plain, Shown::Demands] {
        let identity = if shown == Shown::WrongHost { &wrong_host } else { &good };
        server.put(&pki.ca_pem(), &identity.certificate, &identity.key);
        server.reload().expect("reloaded");
        if shown == Shown::Demands {
            demand(&server);
        }
        let runs = |(program, all): &(Program<'_>, Vec<(Case, Value)>)| {
            let all = all.iter().filter(|(case, _)| case.shown == shown);
            failures(program, all, &files, engine)
        };
        if shown == Shown::Plain && engine.family() == Family::Redis {
            // they do nothing but wait
            std::thread::scope(|scope| {
                let threads: Vec<_> = asked.iter().map(|one| scope.spawn(|| runs(one))).collect();
                wrong.extend(threads.into_iter().flat_map(|thread| thread.join().expect("ended")));
            });
        } else {
            wrong.extend(asked.iter().flat_map(runs));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What happens otherwise than it is said.
fn failures<'a>(
    program: &Program<'_>,
    all: impl Iterator<Item = &'a (Case, Value)>,
    files: &Files,
    engine: Engine,
) -> Vec<String> {
    let mut known = BTreeSet::new();
    // one mode may be said like another
    let new = all.filter(|(case, said)| known.insert((text(said), case.trusted)));
    let wrong = new.filter_map(|(case, said)| {
        let how = run(program, *case, said, files, engine.family()).err()?;
        Some(format!("{engine:?} {} {case:?}: {how}", program.client()))
    });
    wrong.collect()
}

fn text(said: &Value) -> String {
    said["text"].as_str().expect("a text").to_owned()
}

/// A client certificate that is given is in the snippet, or it is said why not.
fn with_certificate(said: &Value) -> bool {
    let has = text(said).contains("a cert.pem");
    let warned = said["warnings"].to_string().contains("client certificate");
    assert!(has || warned, "{said}");
    has
}

/// Whether what happens is what is said; if not, what happened.
fn run(
    program: &Program<'_>,
    case: Case,
    said: &Value,
    files: &Files,
    family: Family,
) -> Result<(), String> {
    let plain = case.shown == Shown::Plain;
    let circumstances = Circumstances {
        patience: if plain && family == Family::Redis { 4 } else { 30 },
        system: (case.trusted == Trusted::AnotherAndSystem).then(|| files.system.clone()),
    };
    let run = program.run(&text(said), &circumstances);
    let answered = run.stdout.lines().any(|line| line.trim() == "7");
    let got_in = run.code == 0 && answered;
    if got_in == case.gets_in(said) && answered == got_in {
        return Ok(());
    }
    Err(format!("{} {}{}", run.code, run.stdout, run.stderr))
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_mysql_do_what_their_snippets_say() {
    // MySQL's passwords need TLS, so that who falls back to plain text would not get in
    every_client(Engine::Mysql97, &plain(Engine::MariaDb1011));
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_mariadb_do_what_their_snippets_say() {
    every_client(Engine::MariaDb118, &plain(Engine::MariaDb1011));
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_postgresql_do_what_their_snippets_say() {
    every_client(Engine::Pg17, &plain(Engine::Pg17));
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_redis_and_valkey_do_what_their_snippets_say() {
    every_client(Engine::Valkey9, &plain(Engine::Valkey9));
}

/// Who is said to be run is run, and who is run is said to be.
#[test]
fn documented_commands_are_run() {
    let mut run = BTreeSet::new();
    for engine in [Engine::Mysql97, Engine::MariaDb118, Engine::Pg17, Engine::Valkey9] {
        let known = catalogue::drivers_for(Some(engine.kind().parse().expect("an engine")));
        let known: Vec<&str> = known.map(|client| client.name).collect();
        for runner in runners(engine) {
            assert!(known.contains(&runner.client), "{}", runner.client);
            run.insert(runner.client);
        }
    }
    let home = Home::new();
    let fixed = ["snippet", "client", "--all", "--host", "h", "--ca-file", "ca.pem"];
    for engine in ccx_sec::engine::Engine::ALL {
        let engine = engine.facts().name;
        let document = home.run(&[&fixed[..], &["--engine", engine, "-o", "json"]].concat()).json();
        let told = home.run(&[&fixed[..], &["--engine", engine, "-v"]].concat()).stderr;
        for said in document["clients"].as_array().expect("clients") {
            let of = |field: &str| said[field].as_str().expect("a text").to_owned();
            let (client, proof, source) = (of("client"), of("proof"), of("source"));
            let (by, begins) = match client.as_str() {
                one if run.contains(one) => ("run against real servers by the tests", "seen"),
                one if simulate_mssql::CLIENTS.contains(&one) => {
                    ("run against a peer made from the specification by the tests", "seen")
                }
                _ => ("from documentation", "from documentation: "),
            };
            assert_eq!(proof, by, "{client}");
            assert!(source.starts_with(begins), "{client}: {source}");
            assert!(told.contains(&format!("{client}: {proof} [{source}]")), "{client}: {told}");
        }
    }
}

#[test]
fn inexpressible_mode_is_refused_and_never_weakened() {
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
fn snippets_hold_no_password() {
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
