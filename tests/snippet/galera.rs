//! Nodes of a Galera cluster: with `snippet server --galera` they connect with TLS, and
//! `cert install` warns of nodes that do not.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::install::Scene;
use crate::common::nodes::{DATASTORE, DOMAIN};
use crate::common::official;
use crate::common::pki::{Identity, Kind, Pki};
use crate::common::tls::closed_port;
use crate::common::{Home, env, run};

const ENGINE: Engine = Engine::MariaDb118;

fn provider() -> String {
    let path =
        PathBuf::from(env("CCX_TEST_DB")).join("galera/trixie/usr/lib/galera/libgalera_smm.so");
    assert!(path.exists(), "{}: run tests/bed/db-fetch", path.display());
    path.display().to_string()
}

/// The settings of a node that listens on `port`; `peer` is the port of one that is there.
/// Its data is that of the others already.
fn cluster(port: u16, peer: Option<u16>) -> String {
    let peer = peer.map(|port| format!("127.0.0.1:{port}")).unwrap_or_default();
    format!(
        "[mariadbd]\nwsrep_on=ON\nwsrep_provider={}\nwsrep_cluster_address=gcomm://{peer}\n\
         wsrep_node_address=127.0.0.1:{port}\nwsrep_sst_method=skip\nbinlog_format=ROW\n\
         innodb_autoinc_lock_mode=2",
        provider()
    )
}

/// The options of the provider that a node on one machine with others needs.
fn listen(port: u16) -> String {
    format!("gmcast.listen_addr=tcp://127.0.0.1:{port};ist.recv_addr=127.0.0.1:{}", closed_port())
}

/// A node with what the snippet says, and its own options among those of the provider.
fn node(home: &Home, port: u16, peer: Option<u16>) -> Server {
    let bed = Bed::new(ENGINE);
    let file = |name: &str| std::fs::read_to_string(home.join("tls").join(name)).expect("written");
    bed.put(&file("ca.pem"), &file("server-cert.pem"), &file("server-key.pem"));
    let dir = bed.tls().display().to_string();
    let snippet =
        ["snippet", "server", "--engine", "mariadb", "--engine-version", "11.8", "--galera"];
    let printed = run(home.ccx(&snippet).args(["--dir", &dir]));
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    let ours = "\"socket.ssl=YES";
    let text = printed.stdout.replace(ours, &format!("\"{};socket.ssl=YES", listen(port)));
    assert!(text.contains("gmcast") && text.contains("[sst]\n"), "{text}");
    bed.start(&Config::bare().and(&cluster(port, peer)).and(&text))
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "needs tests/run"]
fn nodes_with_the_snippet_form_a_cluster_with_tls() {
    let home = Home::with_ca();
    home.ccx(&["cert", "issue", "--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN])
        .args(["--ip", "127.0.0.1", "--engine", "mariadb", "--out", "tls", "--quiet"])
        .assert()
        .success();
    let (first, second) = (closed_port(), closed_port());
    let one = node(&home, first, None);
    let _other = node(&home, second, Some(first));
    let size = || one.admin("SHOW STATUS LIKE 'wsrep_cluster_size'");
    until("the second node joins", || size().trim().ends_with('2'));

    for port in [first, second] {
        let url = format!("tls://127.0.0.1:{port}");
        let shown = run(&mut home.ccx(&["cert", "inspect", "--verify", &url, "-o", "json"]));
        assert_eq!(shown.code, 0, "{}{}", shown.stdout, shown.stderr);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn cert_install_warns_of_a_node_that_replicates_without_tls() {
    let port = closed_port();
    let lines = format!("{}\nwsrep_provider_options=\"{}\"", cluster(port, None), listen(port));
    let scene = Scene::with(ENGINE, &Config::off(ENGINE).and(&lines.replace("=skip", "=rsync")));
    let made = scene.issue(&["--dry-run"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    for part in
        ["replicate without TLS (port 4567)", "snippet server --galera", "rsync needs stunnel"]
    {
        assert!(made.stderr.contains(part), "{part}: {}", made.stderr);
    }
}

/// What `verify` says of PLAINTEXT at a node that listens without TLS for other nodes, and what it
/// did not look at.
#[test]
#[ignore = "needs tests/run"]
fn verify_fails_a_node_that_says_it_replicates_without_tls() {
    let (pki, home) = (Pki::new(), Home::new());
    let start = |lines: &str| {
        let bed = Bed::new(ENGINE);
        let Identity { certificate, key } = pki.server(Kind::Good);
        bed.put(&pki.ca_pem(), &certificate, &key);
        let server = bed.start(&Config::tls(ENGINE).and(lines));
        server.admin("SET GLOBAL require_secure_transport = ON");
        official::account(&server, "app", "");
        server
    };
    let ca = home.write("ca.pem", pki.ca_pem());
    let password = home.write("password", official::PASSWORD);
    let verify = |server: &Server, login: &[&str]| {
        let url = format!("mariadb://127.0.0.1:{}", server.port());
        let all = ["verify", "-o", "json", "--ca-file", &ca, "--mode", "PLAINTEXT", &url];
        let endpoint =
            run(&mut home.ccx(&[&all[..], login].concat())).json()["endpoints"][0].clone();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let verdict = &endpoint["verdicts"][0];
        [text(&verdict["verdict"]), text(&verdict["reason"]), text(&endpoint["not_looked_at"])]
    };
    let login = ["--user", "app", "--password-file", &password];

    let alone = start("");
    let [verdict, _, caveat] = verify(&alone, &[]);
    assert_eq!(verdict, "pass");
    assert!(caveat.starts_with("extra_port and Galera's replication were not checked"), "{caveat}");
    assert_eq!(verify(&alone, &login), ["pass", "", ""]);

    let galera = |options: &str| {
        let port = closed_port();
        let options = format!("wsrep_provider_options=\"{}{options}\"", listen(port));
        start(&format!("{}\nextra_port={}\n{options}", cluster(port, None), closed_port()))
    };
    let clear = galera("");
    let [verdict, reason, caveat] = verify(&clear, &login);
    assert_eq!([verdict, reason], ["fail", "galera_plaintext"]);
    assert!(caveat.contains("extra_port ") && caveat.contains("(SST)"), "{caveat}");
    let files = ";socket.ssl=YES;socket.ssl_cert={tls}/server-cert.pem;\
                 socket.ssl_key={tls}/server-key.pem;socket.ssl_ca={tls}/ca.pem";
    let secured = galera(files);
    let [verdict, reason, caveat] = verify(&secured, &login);
    assert_eq!([verdict.as_str(), &reason], ["pass", ""]);
    assert!(caveat.contains("(SST)"), "{caveat}");
}
