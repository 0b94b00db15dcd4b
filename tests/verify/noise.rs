//! What servers notice of being verified: nobody is blocked, and what they count and log is
//! known to the line.

use std::net::{IpAddr, SocketAddr};

use crate::common::Home;
use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::forward::{Forwarder, connect};
use crate::common::official::account;
use crate::common::pki::{Kind, Pki};
use crate::common::verdicts::verify;

fn server(engine: Engine, more: &str) -> Server {
    let pki = Pki::new();
    let good = pki.server(Kind::Good);
    let bed = Bed::new(engine);
    bed.put(&pki.ca_pem(), &good.certificate, &good.key);
    bed.start(&Config::tls(engine).and(more))
}

/// `verify`, that often, in one run: the same server under that many URLs.
fn probes(engine: Engine, port: u16, times: usize) {
    let url = |number| format!("{}://127.0.0.1:{port}/d{number}", engine.kind());
    let urls: Vec<_> = (0..times).map(url).collect();
    let mut arguments = vec!["--jobs", "4", "--mode", "REQUIRED", "--mode", "PLAINTEXT"];
    arguments.extend(urls.iter().map(String::as_str));
    let endpoints = verify(&Home::new(), &arguments);
    assert_eq!(endpoints.len(), times);
    for endpoint in endpoints {
        assert_eq!(endpoint.says("REQUIRED"), "pass", "{endpoint:?}");
    }
}

/// From another host (loopback's first address is never blocked), two thousand probes, each
/// over TLS and without, against a server that blocks after three that hang up.
fn nobody_is_blocked(engine: Engine) {
    const PROBES: usize = 2_000;
    let server = server(engine, "[mysqld]\nmax_connect_errors=3\nmax_connections=50");
    let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
    let source: IpAddr = [127, 0, 0, 2].into();
    let forwarder = Forwarder::new(source, address);
    // Or else nobody but the admin has an account, and the server sends other hosts away.
    account(&server, "app", "");
    let status = |name: &str| {
        let answer = server.admin(&format!("SHOW GLOBAL STATUS LIKE '{name}'"));
        let number = answer.split_whitespace().last().and_then(|number| number.parse().ok());
        number.unwrap_or_else(|| panic!("{name}: {answer}"))
    };
    let (aborted, clients): (usize, usize) =
        (status("Aborted_connects"), status("Aborted_clients"));
    let lines = logged(&server, forwarder.port, PROBES);
    // Both count a login that fails as an aborted connect, and there are two logins a probe.
    // Nothing else is counted: no broken handshake, no client that went away inside a session.
    assert_eq!(status("Aborted_connects") - aborted, 2 * PROBES, "{engine:?}");
    assert_eq!(status("Aborted_clients") - clients, 0, "{engine:?}");
    if engine.family() == Family::MariaDb {
        assert_eq!(status("Aborted_connects_preauth"), 0, "{engine:?}");
    }
    // MariaDB logs a login that fails, by its defaults; MySQL does not. What the resolver
    // says of the address, or does not, is no doing of ours.
    let denied =
        lines.iter().filter(|line| line.contains("Access denied for user 'ccx-sec-probe'"));
    let logins = if engine.family() == Family::MariaDb { 2 * PROBES } else { 0 };
    assert_eq!(denied.count(), logins, "{engine:?}");
    // MySQL pretends that who does not exist has some plugin, another on each server, and
    // complains about those that it wants to be rid of.
    let decoys = lines.iter().filter(|line| line.contains("'sha256_password' is deprecated"));
    let decoys = decoys.count();
    assert!(decoys == 0 || (engine, decoys) == (Engine::Mysql97, 2 * PROBES), "{decoys}");
    let known = |line: &&String| {
        let words = ["Access denied", "is deprecated", "resolve", "Hostname", "[Note]"];
        words.iter().any(|word| line.contains(word))
    };
    let others: Vec<_> = lines.iter().filter(|line| !known(line)).take(3).collect();
    assert!(others.is_empty(), "{engine:?}: {others:?}");

    // To ask whether certificates are demanded of clients costs nothing more: the stranger, whose
    // certificate would be a connect error, stays away where everybody is let in.
    for _ in 0..5 {
        let url = format!("{}://127.0.0.1:{}", engine.kind(), forwarder.port);
        let mutual = ["--mode", "REQUIRED", "--expect-client-cert-required", &url];
        let said = verify(&Home::new(), &mutual);
        assert_eq!(said[0].says("REQUIRED"), "pass", "{engine:?}");
        assert_eq!(said[0].says("MUTUAL_TLS"), "unknown needs_login", "{engine:?}");
    }

    // And it does block: four who hang up are enough.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        for _ in 0..4 {
            drop(connect(source, address).await.expect("a connection"));
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    let url = format!("{}://127.0.0.1:{}", engine.kind(), forwarder.port);
    let blocked = verify(&Home::new(), &["--mode", "REQUIRED", &url]);
    assert_eq!(blocked[0].says("REQUIRED"), "unknown server_error", "{engine:?}");
}

#[test]
#[ignore = "needs tests/run"]
fn two_thousand_probes_block_nobody_on_mysql_97() {
    nobody_is_blocked(Engine::Mysql97);
}

#[test]
#[ignore = "needs tests/run"]
fn two_thousand_probes_block_nobody_on_mariadb_1011() {
    nobody_is_blocked(Engine::MariaDb1011);
}

#[test]
#[ignore = "needs tests/run"]
fn two_thousand_probes_block_nobody_on_mariadb_118() {
    nobody_is_blocked(Engine::MariaDb118);
}

/// What the log says of that many probes.
fn logged(server: &Server, port: u16, times: usize) -> Vec<String> {
    let before = server.log().len();
    probes(server.engine(), port, times);
    server.log().split_off(before).lines().map(str::to_owned).collect()
}

/// A probe leaves when PostgreSQL asks for a password, which it does not log. Where it refuses
/// who comes without TLS, it logs that, as it does for every client: two lines for sessions, and
/// two for replication.
#[test]
#[ignore = "needs tests/run"]
fn postgresql_logs_of_a_probe_are_known() {
    const PROBES: usize = 50;
    for engine in [Engine::Pg15, Engine::Pg17, Engine::Pg18] {
        let server = server(engine, "");
        assert_eq!(logged(&server, server.port(), PROBES), Vec::<String>::new(), "{engine:?}");

        server.put_file("pg_hba.conf", "local all all trust\nhostssl all all all scram-sha-256\n");
        server.reload().expect("reloaded");
        let lines = logged(&server, server.port(), PROBES);
        let refusals = lines.iter().filter(|line| line.contains("FATAL:  no pg_hba.conf entry"));
        let four = 4 * PROBES;
        let some = &lines[..lines.len().min(5)];
        assert_eq!((refusals.count(), lines.len()), (four, four), "{engine:?}: {some:?}");
    }
}

/// Redis and Valkey log who comes without TLS to the port with it: five lines a probe, since it
/// comes again to see that it was no accident, and nobody else who hung up.
#[test]
#[ignore = "needs tests/run"]
fn redis_and_valkey_logs_of_a_probe_are_known() {
    const PROBES: usize = 50;
    for engine in [Engine::Redis7, Engine::Redis8, Engine::Valkey8, Engine::Valkey9] {
        let server = server(engine, "");
        let lines = logged(&server, server.tls_port(), PROBES);
        let strangers = lines.iter().filter(|line| line.contains("Error accepting a client"));
        let five = 5 * PROBES;
        let some = &lines[..lines.len().min(5)];
        assert_eq!((strangers.count(), lines.len()), (five, five), "{engine:?}: {some:?}");
    }
}
