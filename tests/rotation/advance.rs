//! `ca rotate advance` on real servers: each gate opens when every node is proved, and one node
//! that is not stops it, with its name and the command that mends it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use serde_json::Value;

use crate::common::db::{Bed, Config, Engine, Family, OWNER, Server};
use crate::common::live::with_hosts;
use crate::common::nodes::DATASTORE;
use crate::common::scripted::{self, Protocol};
use crate::common::tls::closed_port;
use crate::common::{Home, Run, run};

const ACCEPT_AGE: [&str; 2] = ["--accept-age", "no client is outside of this test"];

/// A home with a CA and the nodes `db-1`, `db-2`, … of one datastore, below `localhost`.
struct Fleet {
    home: Home,
    servers: Vec<Server>,
    /// Engine and port of each node, also of nodes without a server.
    nodes: Vec<(&'static str, u16)>,
}

impl Fleet {
    fn new() -> Self {
        Fleet { home: Home::with_ca(), servers: Vec::new(), nodes: Vec::new() }
    }

    /// Real servers that verify client certificates.
    fn of(engines: &[Engine]) -> Self {
        let mut fleet = Fleet::new();
        for engine in engines {
            fleet.add(*engine, "tls-auth-clients optional");
        }
        fleet
    }

    /// Adds a server, with this line of settings if it is Redis or Valkey.
    fn add(&mut self, engine: Engine, line: &str) {
        let bed = Bed::new(engine);
        let number = self.nodes.len() + 1;
        self.issue(number, engine.kind(), &bed.tls());
        let config = match engine.family() {
            Family::Redis => Config::tls(engine).and(line),
            _ => Config::tls(engine),
        };
        let server = bed.start(&config);
        let directory = self.files().join(DATASTORE);
        std::fs::create_dir_all(&directory).expect("a directory");
        std::os::unix::fs::symlink(server.tls(), directory.join(format!("db-{number}")))
            .expect("a link");
        self.nodes.push((engine.kind(), server.tls_port()));
        self.servers.push(server);
    }

    fn issue(&self, number: usize, kind: &str, out: &Path) {
        let (name, out) = (format!("db-{number}"), out.display().to_string());
        let mut issue = vec!["cert", "issue", "--datastore", DATASTORE, "--node", &name];
        issue.extend(["--engine", kind, "--domain", "localhost", "--out", &out]);
        if rustix::process::geteuid().is_root() {
            issue.extend(["--owner", OWNER]);
        }
        self.home.done(&issue);
    }

    /// The directory of the fleet's files, as `--dir` takes it.
    fn files(&self) -> PathBuf {
        self.home.join("fleet")
    }

    /// The inventory of the nodes with these numbers.
    fn inventory(&self, numbers: &[usize]) -> String {
        let node = |number: &usize| {
            let (engine, port) = self.nodes[number - 1];
            format!(
                "- {{datastore: {DATASTORE}, node: db-{number}, engine: {engine}, port: {port}}}\n"
            )
        };
        let nodes: String = numbers.iter().map(node).collect();
        self.home.write("nodes.yaml", format!("defaults: {{domain: localhost}}\nnodes:\n{nodes}"))
    }

    fn start(&self) {
        let start = ["ca", "rotate", "start", "--client-max-age", "0", "--reissue-window", "0"];
        self.home.done(&[&start[..], &["--canaries", "1000", "--validity", "11y"]].concat());
    }

    /// Renews the files of a node; without the reload, its server does not know.
    fn renew(&self, number: usize) {
        let directory = self.servers[number - 1].tls().display().to_string();
        self.home.done(&["cert", "renew", "--dir", &directory]);
    }

    fn reload(&self, number: usize) {
        self.servers[number - 1].reload().unwrap_or_else(|error| panic!("db-{number}: {error}"));
    }

    fn follow(&self, numbers: impl IntoIterator<Item = usize>) {
        for number in numbers {
            self.renew(number);
            self.reload(number);
        }
    }

    /// The first digits of the fingerprint of a CA: `from` or `target`.
    fn word(&self, side: &str) -> String {
        let status = self.home.done(&["ca", "rotate", "status", "-o", "json"]).json();
        status[side]["sha256"].as_str().expect("a fingerprint")[..8].to_owned()
    }

    fn phase(&self) -> String {
        let status = self.home.done(&["ca", "rotate", "status", "-o", "json"]).json();
        status["phase"].as_str().expect("a phase").to_owned()
    }

    /// `advance --to PHASE` over the inventory that was written last.
    fn advance(&self, to: &str, more: &[&str]) -> Run {
        let (inventory, word) = (self.home.at("nodes.yaml"), self.word("target"));
        let old = self.word("from");
        let advance = ["ca", "rotate", "advance", "--to", to, "--inventory", &inventory];
        let confirm = ["--confirm", &word, "--confirm", &old, "-o", "json", "--no-input"];
        let names: String = (1..10).map(|n| format!(" db-{n}.{DATASTORE}.localhost")).collect();
        let hosts = self.home.write("hosts", format!("127.0.0.1 localhost{names}\n"));
        let plain = self.home.ccx(&[&advance[..], &confirm, more].concat());
        run(&mut with_hosts(&plain, Path::new(&hosts)))
    }

    fn switch(&self) {
        let run = self.advance("switched", &ACCEPT_AGE);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    }
}

/// The code of each gap, with the name of its node.
fn gaps(run: &Run) -> Vec<String> {
    let document = run.json();
    let lacks = document["gate"]["lacks"].as_array().expect("gaps").clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let gap = |gap: &Value| {
        let node = text(&gap["node"]);
        format!("{} {}", text(&gap["code"]), node.rsplit('/').next().unwrap_or_default())
    };
    lacks.iter().map(gap).collect()
}

fn check(run: &Run, code: i32, expected: &[&str]) {
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
    assert_eq!(gaps(run), expected, "{}", run.stdout);
}

/// A whole rotation of four engines. Each step is tried before the nodes have done it.
#[test]
#[ignore = "needs tests/run"]
fn advance_goes_as_far_as_the_nodes_have_followed() {
    let fleet = Fleet::of(&[Engine::Mysql97, Engine::MariaDb118, Engine::Pg17, Engine::Valkey9]);
    fleet.inventory(&[1, 2, 3, 4]);
    fleet.start();
    let of_all = |code: &str| (1..=4).map(|n| format!("{code} db-{n}")).collect::<Vec<_>>();
    let all = |run: &Run, code: &str| {
        assert_eq!((run.code, gaps(run)), (1, of_all(code)), "{}", run.stderr);
        let hint = run.json()["gate"]["lacks"][0]["hints"][0].to_string();
        assert!(hint.contains("cert renew --dir") && hint.contains("ALTER INSTANCE"), "{hint}");
    };

    // Into switched: one after the other, and the last one ignores the reload.
    all(&fleet.advance("switched", &[]), "ca-not-trusted");
    fleet.follow(1..=3);
    check(&fleet.advance("switched", &[]), 1, &["ca-not-trusted db-4"]);
    fleet.renew(4);
    let files = fleet.files().display().to_string();
    let ignores = fleet.advance("switched", &["--dir", &files]);
    // The file proves nothing.
    check(&ignores, 1, &["ca-not-trusted db-4"]);
    let hint = ignores.json()["gate"]["lacks"][0]["hints"][0].to_string();
    assert!(hint.contains("CONFIG SET") && !hint.contains("cert renew"), "{hint}");
    fleet.reload(4);
    let dry = fleet.advance("switched", &["--dry-run"]);
    check(&dry, 0, &[]);
    assert_eq!(fleet.phase(), "staged");
    assert_eq!(dry.json()["proofs"][2]["names_new"], true, "PostgreSQL names its CAs");
    fleet.switch();

    // Into reissued.
    all(&fleet.advance("reissued", &[]), "old-certificate");
    // One node of a datastore in a run.
    fleet.follow(1..=4);
    let reissued = fleet.advance("reissued", &[]);
    check(&reissued, 0, &[]);
    assert_eq!(reissued.json()["ramp"]["step"], "widen");

    // Into removed, which is reached when every node refuses the old CA. The wait ends with that.
    all(&fleet.advance("removed", &[]), "old-ca-trusted");
    assert_eq!(fleet.phase(), "removed");
    let removed = std::thread::scope(|scope| {
        let waits = scope.spawn(|| fleet.advance("removed", &["--wait", "10m"]));
        fleet.follow(1..=4);
        waits.join().expect("it ended")
    });
    check(&removed, 0, &[]);
    assert_eq!(removed.json()["gate"]["gate"], "distrusted");
    let status = fleet.home.done(&["ca", "rotate", "status", "-o", "json"]).json();
    let history = status["rotation"]["history"].as_array().expect("a history").clone();
    for entry in history.iter().filter(|entry| entry["phase"] != "staged") {
        assert!(
            entry["proof"].as_str().is_some_and(|proof| proof.starts_with("sha256:")),
            "{entry}"
        );
    }
    fleet.home.done(&["ca", "rotate", "forget", "--confirm", &fleet.word("from")]);
    assert!(!fleet.home.secret_file("ccx-ca-fleet").exists());
}

/// The nodes of a datastore follow one after the other, whatever their jobs do: each waits until the
/// one before it is proved, and the primary is the last.
#[test]
#[ignore = "needs tests/run"]
fn advance_lets_the_nodes_of_a_datastore_follow_one_by_one_and_the_primary_last() {
    let fleet = Fleet::of(&[Engine::Valkey9; 3]);
    let node = |number: usize| {
        let role = if number == 2 { "primary" } else { "replica" };
        let port = fleet.nodes[number - 1].1;
        format!("- {{datastore: {DATASTORE}, node: db-{number}, port: {port}, role: {role}}}\n")
    };
    let nodes: String = (1..=3).map(node).collect();
    fleet.home.write(
        "nodes.yaml",
        format!("defaults: {{domain: localhost, engine: valkey}}\nnodes:\n{nodes}"),
    );
    let start = ["ca", "rotate", "start", "--client-max-age", "0", "--reissue-window", "0"];
    fleet.home.done(&[&start[..], &["--validity", "11y"]].concat());
    fleet.follow(1..=3);
    fleet.switch();
    let moved = || -> Vec<usize> {
        // Every job runs, some twice.
        let followed = |number: &usize| {
            let directory = fleet.servers[*number - 1].tls().display().to_string();
            let renew = ["cert", "renew", "--dir", &directory, "-o", "json"];
            fleet.home.done(&renew).json()["action"] == "renewed"
        };
        [3, 1, 2, 1, 3].into_iter().filter(followed).collect()
    };
    let mut order = Vec::new();
    for round in 1..=3 {
        let new = moved();
        assert_eq!(new.len(), 1, "round {round}: {new:?}");
        // The certificate is taken, and the server does not know: nobody else follows.
        let run = fleet.advance("reissued", &[]);
        assert_eq!((run.code, gaps(&run).len()), (1, 1), "{}", run.stdout);
        let waits = if round == 3 { Value::Null } else { (3 - round).into() };
        assert_eq!(run.json()["gate"]["waits"]["nodes"], waits, "{}", run.stdout);
        assert_eq!(moved(), [0; 0]);
        fleet.reload(new[0]);
        order.extend(new);
        let run = fleet.advance("reissued", &[]);
        let expected = if round == 3 { (0, "pass") } else { (1, "wait") };
        let result = run.json()["result"].as_str().expect("a result").to_owned();
        assert_eq!((run.code, result.as_str()), expected, "{}{}", run.stdout, run.stderr);
    }
    assert_eq!(order[2], 2, "the primary is the last: {order:?}");
    assert_eq!(fleet.phase(), "reissued");
}

/// A canary that is left out is replaced by the next node, and comes back with --include.
#[test]
#[ignore = "needs tests/run"]
fn advance_takes_another_canary_for_one_that_is_left_out_and_takes_it_back() {
    let fleet = Fleet::of(&[Engine::Valkey9; 2]);
    fleet.inventory(&[1, 2]);
    let start = ["ca", "rotate", "start", "--client-max-age", "0", "--reissue-window", "0"];
    fleet.home.done(&[&start[..], &["--validity", "11y"]].concat());
    fleet.follow(1..=2);
    fleet.switch();
    let renew = |number: usize| {
        let directory = fleet.servers[number - 1].tls().display().to_string();
        let renew = ["cert", "renew", "--dir", &directory, "-o", "json"];
        fleet.home.done(&renew).json()["action"] == "renewed"
    };
    let canary = if renew(1) { 1 } else { 2 };
    let other = 3 - canary;
    assert!(!renew(other), "one node of the datastore follows");
    let name = format!("{DATASTORE}/db-{canary}");
    let exclude = format!("{name}=it is down for a repair");
    for _ in 0..3 {
        let run = fleet.advance("reissued", &["--exclude", &exclude]);
        assert_eq!(run.code, 1, "nothing is proved: {}", run.stdout);
        let status = fleet.home.done(&["ca", "rotate", "status", "-o", "json"]).json();
        assert!(status["rotation"]["excluded"][&name].is_string(), "{status}");
    }
    let follow = |_| {
        let new = renew(other);
        fleet.reload(other);
        fleet.advance("reissued", &["--dry-run"]).code == 0 || new
    };
    assert!((0..2).any(follow), "the other node follows");
    let run = fleet.advance("reissued", &["--include", &name, "--dry-run"]);
    assert_eq!((run.code, gaps(&run).len()), (1, 1), "{}", run.stdout);
    fleet.reload(canary);
    let run = fleet.advance("reissued", &["--include", &name]);
    check(&run, 0, &[]);
    let status = fleet.home.done(&["ca", "rotate", "status", "-o", "json"]).json();
    assert!(status["rotation"]["excluded"][&name].is_null(), "{status}");
}

/// What the Secret says counts for nothing where the server says another thing, and stops where it
/// is older than the server.
#[test]
#[ignore = "needs tests/run"]
fn advance_believes_the_server_and_not_its_secret() {
    let fleet = Fleet::of(&[Engine::Pg17]);
    fleet.inventory(&[1]);
    let secret = format!("ccx-node-{DATASTORE}-db-1");
    let node = ["--datastore", DATASTORE, "--node", "db-1", "--engine", "postgresql"];
    fleet.home.done(&[&["cert", "issue", "--secret", "--domain", "localhost"][..], &node].concat());
    fleet.start();
    fleet.home.done(&["cert", "renew", "--secret", &secret]);
    check(&fleet.advance("switched", &[]), 1, &["ca-not-trusted db-1"]);
    fleet.follow([1]);
    fleet.switch();
    fleet.home.done(&["cert", "renew", "--secret", &secret]);
    // The Secret has the new certificate, and the server shows the old one.
    check(&fleet.advance("reissued", &[]), 1, &["old-certificate db-1"]);
    fleet.follow([1]);
    check(&fleet.advance("reissued", &["--dry-run"]), 0, &[]);
    // The other way round: a Secret that was put back from a backup, for instance.
    let fleet = Fleet::of(&[Engine::Pg17]);
    fleet.inventory(&[1]);
    fleet.home.done(&[&["cert", "issue", "--secret", "--domain", "localhost"][..], &node].concat());
    fleet.start();
    fleet.follow([1]);
    fleet.home.done(&["cert", "renew", "--secret", &secret]);
    fleet.switch();
    fleet.follow([1]);
    check(&fleet.advance("reissued", &[]), 1, &["stored-old db-1"]);
    fleet.home.done(&["cert", "renew", "--secret", &secret]);
    check(&fleet.advance("reissued", &[]), 0, &[]);
}

#[test]
#[ignore = "needs tests/run"]
fn advance_passes_over_no_node_that_was_not_seen_or_left_out_with_a_reason() {
    let mut fleet = Fleet::of(&[Engine::Valkey9]);
    fleet.nodes.push(("valkey", closed_port()));
    fleet.inventory(&[1, 2]);
    fleet.start();
    fleet.follow([1]);
    check(&fleet.advance("switched", &[]), 3, &["unreachable db-2"]);
    let exclude = |node: usize, why: &str| format!("{DATASTORE}/db-{node}={why}");
    let run = fleet.advance("switched", &["--exclude", &exclude(2, "short")]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let reason = "it is being replaced by db-3";
    let both = [&exclude(1, reason), &exclude(2, reason)];
    let run = fleet.advance("switched", &["--exclude", both[0], "--exclude", both[1]]);
    run.assert_error(4, "nodes-missing");
    let run = fleet.advance("switched", &["--exclude", both[1]]);
    check(&run, 0, &[]);
    let status = fleet.home.done(&["ca", "rotate", "status", "-o", "json"]).json();
    assert_eq!(status["rotation"]["excluded"][format!("{DATASTORE}/db-2")], reason);
    fleet.follow([1]);
    // It stays left out. A node that is missing in the inventory is not.
    check(&fleet.advance("reissued", &["--dry-run"]), 0, &[]);
    fleet.nodes.push(fleet.nodes[0]);
    fleet.inventory(&[3]);
    let shrank = fleet.advance("reissued", &[]);
    assert_eq!(shrank.code, 1, "{}", shrank.stdout);
    assert_eq!(gaps(&shrank)[0], "population-shrank db-1", "{}", shrank.stdout);
}

/// A server that asks for no client certificate tells nothing: its files do.
#[test]
#[ignore = "needs tests/run"]
fn advance_takes_files_only_for_servers_that_ask_for_no_certificate() {
    let mut fleet = Fleet::new();
    fleet.add(Engine::Valkey9, "tls-auth-clients no");
    fleet.inventory(&[1]);
    fleet.start();
    check(&fleet.advance("switched", &[]), 3, &["trust-unknown db-1"]);
    let files = fleet.files().display().to_string();
    let stale = fleet.advance("switched", &["--dir", &files]);
    // The simulation knows the same bundle, and does not repeat it.
    check(&stale, 1, &["ca-not-trusted db-1"]);
    fleet.follow([1]);
    let run = fleet.advance("switched", &["--dir", &files, "--dry-run"]);
    check(&run, 0, &[]);
    assert_eq!(run.json()["gate"]["by_file"], 1, "{}", run.stdout);
    assert_eq!(run.json()["proofs"][0]["trusts_new"]["basis"], "file", "{}", run.stdout);
}

/// Takes every client certificate.
#[derive(Debug)]
struct Gullible(Arc<CryptoProvider>);

impl ClientCertVerifier for Gullible {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A server that takes any client certificate, such as behind a proxy, takes that of the new CA
/// too: it proves nothing by that.
#[test]
fn advance_does_not_believe_a_server_that_takes_any_certificate() {
    let mut fleet = Fleet::new();
    let out = fleet.home.join("tls");
    fleet.home.done(&[
        "cert",
        "issue",
        "--datastore",
        DATASTORE,
        "--node",
        "db-1",
        "--engine",
        "redis",
        "--domain",
        "localhost",
        "--out",
        &out.display().to_string(),
    ]);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let chain = CertificateDer::pem_file_iter(out.join("server-cert.pem")).expect("PEM");
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(out.join("server-key.pem")).expect("a key");
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(Arc::new(Gullible(provider)))
        .with_single_cert(chain, key)
        .expect("a certificate");
    config.send_tls13_tickets = 0;
    let port = scripted::serve_with(Protocol::Redis, Arc::new(config), |client| {
        let Ok(mut tls) = client.accept() else { return };
        let mut line = [0; 6];
        if tls.read_exact(&mut line).is_ok() {
            let _ = tls.write_all(&Protocol::Redis.answer());
        }
    });
    fleet.nodes.push(("redis", port));
    fleet.inventory(&[1]);
    fleet.start();
    let run = fleet.advance("switched", &[]);
    check(&run, 3, &["takes-any db-1"]);
    assert_eq!(fleet.phase(), "staged");
}

/// A canary with a certificate that clients refuse pauses the rotation by itself.
#[test]
#[ignore = "needs tests/run"]
fn advance_pauses_the_rotation_when_a_canary_fails() {
    let fleet = Fleet::of(&[Engine::Valkey9]);
    fleet.inventory(&[1]);
    fleet.start();
    fleet.follow([1]);
    fleet.switch();
    let other = Home::with_ca();
    let out = other.at("tls");
    other.done(&[
        "cert",
        "issue",
        "--datastore",
        DATASTORE,
        "--node",
        "db-1",
        "--engine",
        "valkey",
        "--domain",
        "localhost",
        "--out",
        &out,
    ]);
    let read = |name: &str| std::fs::read_to_string(other.join("tls").join(name)).expect("text");
    let server = &fleet.servers[0];
    for name in ["server-cert.pem", "server-key.pem", "ca.pem"] {
        std::fs::remove_file(server.tls().join(name)).expect("removed");
    }
    server.put(
        &fleet.home.value("ccx-ca-bundle", "ca.crt"),
        &read("server-cert.pem"),
        &read("server-key.pem"),
    );
    fleet.reload(1);
    let run = fleet.advance("reissued", &["--wait", "1h"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    let document = run.json();
    assert_eq!(document["ramp"]["step"], "stop", "{document}");
    assert_eq!(document["paused"], true, "{document}");
    assert!(run.stderr.contains("ca rotate resume"), "{}", run.stderr);
    let status = fleet.home.done(&["ca", "rotate", "status", "-o", "json"]).json();
    assert_eq!(status["rotation"]["ramp"]["paused"], true, "{status}");
}
