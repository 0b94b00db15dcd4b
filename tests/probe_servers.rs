//! Real servers, looked at: what is good passes, each policy shows itself, and nobody is
//! hurt.

use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::time::Duration;

use ccx_sec::probe::fleet::{self, Pace};
use ccx_sec::probe::observe::{NOBODY, Options};
use ccx_sec::probe::target::Target;
use ccx_sec::probe::wire::Reception;

use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::pki::{self, Kind, Pki};
use crate::common::{Home, run};

/// A home with the CA of the tests as a file.
struct Prober {
    home: Home,
    pki: Pki,
}

impl Prober {
    fn new() -> Self {
        let (home, pki) = (Home::new(), Pki::new());
        std::fs::write(home.join("ca.pem"), pki.ca_pem()).expect("written");
        Prober { home, pki }
    }

    fn start(&self, engine: Engine, config: &Config) -> Server {
        let bed = Bed::new(engine);
        let identity = self.pki.server(Kind::Good);
        bed.put(&self.pki.ca_pem(), &identity.certificate, &identity.key);
        bed.start(config)
    }

    /// `mode answer reason` a verdict, and the whole document.
    fn verify(&self, url: &str, more: &[&str]) -> (Vec<String>, serde_json::Value) {
        let arguments = ["verify", "-o", "json", "--ca-file", "ca.pem", url];
        let run = run(&mut self.home.ccx(&[&arguments[..], more].concat()));
        assert_eq!(run.stderr, "", "{url}: {}", run.stdout);
        let document = run.json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let verdicts = document["endpoints"][0]["verdicts"].as_array().expect("verdicts").iter();
        let told = |verdict: &serde_json::Value| {
            let [mode, answer, reason] =
                ["mode", "verdict", "reason"].map(|key| text(&verdict[key]));
            format!("{mode} {answer} {reason}").trim().to_owned()
        };
        let told: Vec<String> = verdicts.map(told).collect();
        let has = |answer: &str| told.iter().any(|one| one.contains(answer));
        let status = if has(" unknown ") { 3 } else { i32::from(has(" fail ")) };
        assert_eq!(run.code, status, "{url}: {told:?}");
        (told, document)
    }
}

const ALL: [&str; 6] = ["--mode", "REQUIRED", "--mode", "VERIFY_IDENTITY", "--mode", "DISABLED"];

#[test]
fn each_engine_passes_with_a_good_certificate_and_says_what_it_is() {
    let client = Prober::new();
    for engine in Engine::ALL {
        let server = client.start(engine, &Config::tls(engine));
        let (told, document) =
            client.verify(&server.url("localhost"), &[&ALL[..], &["--enumerate"]].concat());
        let plain = match engine {
            Engine::Mysql97 | Engine::MariaDb1011 => "DISABLED unknown needs_login",
            Engine::MariaDb118 | Engine::Pg15 | Engine::Pg17 => "DISABLED fail plain_accepted",
            Engine::Redis7 | Engine::Valkey8 | Engine::Valkey9 => "DISABLED pass",
        };
        assert_eq!(told, ["REQUIRED pass", "VERIFY_IDENTITY pass", plain], "{engine:?}");
        let endpoint = &document["endpoints"][0];
        assert_eq!(endpoint["tls"]["version"], "TLSv1.3", "{engine:?}");
        assert_eq!(endpoint["versions"]["TLSv1.0"], "refused", "{engine:?}");
        assert_eq!(endpoint["versions"]["TLSv1.2"], "accepted", "{engine:?}");
        assert_eq!(endpoint["versions"]["TLSv1.3"], "accepted", "{engine:?}");
        let version = endpoint["server"].as_str().unwrap_or_default();
        let says = matches!(engine.family(), Family::MySql | Family::MariaDb);
        assert_eq!(version.starts_with(engine.version()), says, "{engine:?}: {version}");
    }
}

#[test]
fn a_server_without_tls_or_that_insists_on_it_is_told_apart() {
    let client = Prober::new();
    let plain = Config::bare();
    let off = |engine: Engine| match engine.family() {
        Family::MySql => plain.clone().and("[mysqld]\ntls_version="),
        Family::MariaDb => plain.clone().and("[mysqld]\nskip_ssl"),
        _ => plain.clone(),
    };
    for engine in [Engine::Mysql97, Engine::MariaDb118, Engine::Pg15, Engine::Redis7] {
        let server = client.start(engine, &off(engine));
        let url = format!("{}://127.0.0.1:{}", engine.kind(), server.port());
        let (told, _) = client.verify(&url, &ALL);
        let accepted = if engine == Engine::Mysql97 { "no_tls" } else { "plain_accepted" };
        let expected = [
            "REQUIRED fail no_tls",
            "VERIFY_IDENTITY fail no_tls",
            &format!("DISABLED fail {accepted}"),
        ];
        assert_eq!(told, expected, "{engine:?}");
    }
    let ssl_alone = "local all all trust\nhostssl all all all scram-sha-256";
    let insists = "[mysqld]\nrequire_secure_transport=ON";
    for (engine, config) in [
        (Engine::Pg17, Config::tls(Engine::Pg17).hba(ssl_alone)),
        (Engine::MariaDb118, Config::tls(Engine::MariaDb118).and(insists)),
    ] {
        let server = client.start(engine, &config);
        let (told, _) = client.verify(&server.url("127.0.0.1"), &ALL);
        assert_eq!(told, ["REQUIRED pass", "VERIFY_IDENTITY pass", "DISABLED pass"], "{engine:?}");
    }
    let nobody = "local all all trust\nhostssl all somebody all scram-sha-256";
    let server = client.start(Engine::Pg15, &Config::tls(Engine::Pg15).hba(nobody));
    let (told, _) = client.verify(&server.url("127.0.0.1"), &ALL);
    let unknown = ["REQUIRED", "VERIFY_IDENTITY", "DISABLED"];
    assert_eq!(told, unknown.map(|mode| format!("{mode} unknown not_admitted")));
    let (told, _) = client
        .verify(&server.url("127.0.0.1"), &[&ALL[..], &["--probe-user", "somebody"]].concat());
    assert_eq!(told, ["REQUIRED pass", "VERIFY_IDENTITY pass", "DISABLED pass"]);
    let never = "local all all trust\nhostnossl all all all scram-sha-256";
    let server = client.start(Engine::Pg15, &Config::tls(Engine::Pg15).hba(never));
    let (told, _) = client.verify(&server.url("127.0.0.1"), &["--mode", "REQUIRED"]);
    assert_eq!(told, ["REQUIRED fail tls_refused"]);
}

#[test]
fn who_demands_client_certificates_and_takes_which() {
    let client = Prober::new();
    for (name, identity) in [
        ("own", client.pki.client(pki::Client::Good)),
        ("other", client.pki.client(pki::Client::OtherCa)),
    ] {
        std::fs::write(client.home.join(&format!("{name}.pem")), identity.certificate).unwrap();
        std::fs::write(client.home.join(&format!("{name}.key")), identity.key).unwrap();
    }
    let own = ["--client-cert", "own.pem", "--client-key", "own.key"];
    let other = ["--client-cert", "other.pem", "--client-key", "other.key"];
    let demand = "local all all trust\nhostssl all all all scram-sha-256 clientcert=verify-ca";
    for (engine, config) in [
        (Engine::Redis7, Config::tls(Engine::Redis7).and("tls-auth-clients yes")),
        (Engine::Valkey9, Config::tls(Engine::Valkey9).and("tls-auth-clients yes")),
        (Engine::Pg15, Config::tls(Engine::Pg15).hba(demand)),
        (Engine::Pg17, Config::tls(Engine::Pg17).hba(demand)),
    ] {
        let server = client.start(engine, &config);
        let says = |more: &[&str]| {
            let modes = ["--mode", "VERIFY_CA", "--expect-client-cert-required"];
            client.verify(&server.url("127.0.0.1"), &[&modes[..], more].concat()).0
        };
        let refused = "VERIFY_CA fail client_cert_required";
        assert_eq!(says(&[]), [refused, "MUTUAL_TLS pass"], "{engine:?}");
        assert_eq!(says(&own), ["VERIFY_CA pass", "MUTUAL_TLS pass"], "{engine:?}");
        let refused = "VERIFY_CA fail client_cert_rejected";
        assert_eq!(says(&other), [refused, "MUTUAL_TLS pass"], "{engine:?}");
    }
    // These ask for one, and take none; but one that they do not trust they refuse, at the
    // handshake or, under TLS 1.3, after it.
    for engine in [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118, Engine::Pg17] {
        let server = client.start(engine, &Config::tls(engine));
        for _ in 0..3 {
            let says = |more: &[&str]| client.verify(&server.url("127.0.0.1"), more).0[0].clone();
            assert_eq!(says(&[]), "REQUIRED pass", "{engine:?}");
            assert_eq!(says(&own), "REQUIRED pass", "{engine:?}");
            assert_eq!(says(&other), "REQUIRED fail client_cert_rejected", "{engine:?}");
        }
    }
    for engine in [Engine::Redis7, Engine::Pg15, Engine::Mysql97] {
        let server = client.start(engine, &Config::tls(engine));
        let (told, document) = client.verify(
            &server.url("127.0.0.1"),
            &["--mode", "REQUIRED", "--expect-client-cert-required"],
        );
        let expected = match engine {
            Engine::Mysql97 => "MUTUAL_TLS unknown needs_login",
            _ => "MUTUAL_TLS fail client_cert_not_required",
        };
        assert_eq!(told, ["REQUIRED pass", expected], "{engine:?}: {document}");
    }
}

#[test]
fn postgresql_takes_tls_from_the_first_byte_since_17() {
    let client = Prober::new();
    let direct = ["--direct", "--mode", "VERIFY_IDENTITY"];
    let server = client.start(Engine::Pg17, &Config::tls(Engine::Pg17));
    let (told, _) = client.verify(&server.url("localhost"), &direct);
    assert_eq!(told, ["VERIFY_IDENTITY pass"]);
    let server = client.start(Engine::Pg15, &Config::tls(Engine::Pg15));
    let (told, _) = client.verify(&server.url("localhost"), &direct);
    assert!(told[0].starts_with("VERIFY_IDENTITY unknown"), "{told:?}");
}

#[test]
fn postgresql_logs_nothing_of_a_probe() {
    let client = Prober::new();
    let server = client.start(Engine::Pg15, &Config::tls(Engine::Pg15));
    let before = server.log();
    for _ in 0..5 {
        client.verify(&server.url("localhost"), &[]);
    }
    assert_eq!(server.log(), before);
}

/// Forwards to `port`, as a client whose address is not 127.0.0.1, which is never blocked.
fn from_another_address(port: u16) -> u16 {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap().port()).unwrap();
            while let Ok((mut near, _)) = listener.accept().await {
                let socket = tokio::net::TcpSocket::new_v4().unwrap();
                socket.bind((Ipv4Addr::new(127, 0, 0, 2), 0).into()).unwrap();
                let far = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await;
                let Ok(mut far) = far else { continue };
                tokio::spawn(
                    async move { tokio::io::copy_bidirectional(&mut near, &mut far).await },
                );
            }
        });
    });
    receive.recv().expect("a port")
}

#[test]
fn two_thousand_probes_block_nobody() {
    let client = Prober::new();
    for engine in [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118] {
        let config = Config::tls(engine)
            .and("max_connect_errors=3\nskip_name_resolve=OFF\nhost_cache_size=100");
        let server = client.start(engine, &config);
        server.admin("CREATE USER somebody@'%' IDENTIFIED BY 'a password'"); // or no host is let in
        let port = from_another_address(server.port());
        let target: Target = format!("{}://127.0.0.1:{port}", engine.kind()).parse().unwrap();
        let options = Options {
            user: NOBODY.to_owned(),
            timeout: Duration::from_secs(20),
            direct: false,
            plain: true,
            identity: None,
            stranger: None,
            enumerate: false,
        };
        let pace = Pace { jobs: 8, deadline: None, all_addresses: false };
        let mut taken = 0;
        fleet::run(&vec![target; 2000], &options, pace, |_, seen| {
            assert_eq!(seen[0].secured.outcome, Ok(Reception::Taken), "{engine:?} {taken}");
            taken += 1;
            ControlFlow::Continue(())
        })
        .expect("they ran");
        assert_eq!(taken, 2000, "{engine:?}");
        // The counter works: what hangs up is blocked, and told so.
        let mut blocked = String::new();
        for _ in 0..10 {
            let stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("connected");
            let mut greeting = [0; 200];
            let count = std::io::Read::read(&mut &stream, &mut greeting).expect("a greeting");
            blocked = String::from_utf8_lossy(&greeting[..count]).into_owned();
        }
        assert!(blocked.contains("is blocked"), "{engine:?}: {blocked}");
    }
}
