//! Twenty real servers of eight kinds, with certificates as `cert issue` makes them, and a
//! fault in eight: `verify` finds each, and nothing else. Then the good ones get new
//! certificates while they run.

use std::collections::BTreeMap;

use crate::common::db::{Bed, Config, Engine, Family, OWNER, Server};
use crate::common::pki::{Kind, Pki};
use crate::common::verdicts::{Endpoint, verify};
use crate::common::{Home, run};

const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

/// What is wrong with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// It presents one of these.
    Presents(Kind),
    NoTls,
    TakesPlain,
    WantsCertificate,
    Down,
}

const FLEET: [(Engine, Fault); 20] = [
    (Engine::Mysql97, Fault::None),
    (Engine::Mysql97, Fault::NoTls),
    (Engine::MariaDb1011, Fault::None),
    (Engine::MariaDb1011, Fault::Presents(Kind::Expired)),
    (Engine::MariaDb118, Fault::None),
    (Engine::MariaDb118, Fault::Presents(Kind::ClientUsage)),
    (Engine::MariaDb118, Fault::TakesPlain),
    (Engine::Pg15, Fault::None),
    (Engine::Pg15, Fault::Presents(Kind::OtherCa)),
    (Engine::Pg15, Fault::None),
    (Engine::Pg17, Fault::None),
    (Engine::Pg17, Fault::TakesPlain),
    (Engine::Pg17, Fault::None),
    (Engine::Redis7, Fault::None),
    (Engine::Redis7, Fault::WantsCertificate),
    (Engine::Valkey8, Fault::None),
    (Engine::Valkey8, Fault::Presents(Kind::WrongHost)),
    (Engine::Valkey9, Fault::None),
    (Engine::Valkey9, Fault::Down),
    (Engine::Valkey9, Fault::None),
];

/// A node that insists on TLS, with its own certificate, unless that is its fault.
fn node(home: &Home, pki: &Pki, number: usize, engine: Engine, fault: Fault) -> Server {
    let bed = Bed::new(engine);
    let out = bed.tls().display().to_string();
    let name = format!("db-{number}");
    let issue = ["cert", "issue", "--datastore", DATASTORE, "--node", &name, "--engine"];
    let mut issue = issue.to_vec();
    issue.extend([engine.kind(), "--domain", "ccx.example.com", "--ip", "127.0.0.1"]);
    issue.extend(["--out", &out]);
    if rustix::process::geteuid().is_root() {
        issue.extend(["--owner", OWNER]);
    }
    let run = run(&mut home.ccx(&issue));
    assert_eq!(run.code, 0, "{}", run.stderr);
    if let Fault::Presents(kind) = fault {
        // As somebody might do who copies files about.
        let identity = pki.server(kind);
        std::fs::remove_file(bed.tls().join("server-cert.pem")).expect("removed");
        std::fs::remove_file(bed.tls().join("server-key.pem")).expect("removed");
        bed.put_file("tls/server-cert.pem", &identity.certificate);
        bed.put_file("tls/server-key.pem", &identity.key);
    }
    let insists = fault != Fault::TakesPlain;
    let config = match engine.family() {
        _ if fault == Fault::NoTls => Config::off(engine),
        Family::MySql | Family::MariaDb if insists => {
            Config::tls(engine).and("require_secure_transport=ON")
        }
        Family::PostgreSql => {
            let kind = if insists { "hostssl" } else { "host" };
            Config::tls(engine)
                .hba(&format!("local all all trust\n{kind} all all 127.0.0.1/32 scram-sha-256\n"))
        }
        Family::Redis if fault == Fault::WantsCertificate => {
            Config::tls(engine).and("port 0").and("tls-auth-clients yes")
        }
        Family::Redis => Config::tls(engine).and("port 0"),
        _ => Config::tls(engine),
    };
    bed.start(&config)
}

/// What `verify` must say in the modes REQUIRED, VERIFY_IDENTITY and PLAINTEXT.
fn expected(engine: Engine, fault: Fault) -> [&'static str; 3] {
    // They do not tell before a login; MariaDB 11.8 does.
    let quiet = matches!(engine, Engine::Mysql97 | Engine::MariaDb1011);
    let disabled = if quiet { "unknown needs_login" } else { "pass" };
    match fault {
        Fault::None => ["pass", "pass", disabled],
        Fault::Presents(Kind::Expired) => ["pass", "fail expired", disabled],
        Fault::Presents(Kind::ClientUsage) => ["pass", "fail wrong_purpose", disabled],
        Fault::Presents(Kind::OtherCa) => ["pass", "fail untrusted", disabled],
        Fault::Presents(_) => ["pass", "fail name_mismatch", disabled],
        Fault::NoTls => ["fail no_tls", "fail no_tls", "fail no_tls"],
        Fault::TakesPlain => ["pass", "pass", "fail plain_accepted"],
        Fault::WantsCertificate => {
            ["fail client_cert_required", "fail client_cert_required", disabled]
        }
        Fault::Down => ["unknown refused", "unknown refused", "unknown refused"],
    }
}

fn look(home: &Home, servers: &[(String, Engine, Fault)], anchors: &str) -> Vec<Endpoint> {
    let mut arguments = vec!["--ca-file", anchors];
    for mode in ["REQUIRED", "VERIFY_IDENTITY", "PLAINTEXT"] {
        arguments.extend(["--mode", mode]);
    }
    arguments.extend(servers.iter().map(|(url, ..)| url.as_str()));
    verify(home, &arguments)
}

#[test]
#[ignore = "needs tests/run"]
fn fleet_of_twenty_with_eight_faults() {
    let (home, pki) = (Home::new(), Pki::new());
    home.init();
    // Its own CA, and that of the files that were copied about.
    let bundle = run(&mut home.ccx(&["ca", "export"])).stdout;
    let anchors = home.join("anchors.pem");
    std::fs::write(&anchors, bundle + &pki.ca_pem()).expect("written");
    let anchors = anchors.display().to_string();

    let mut running: BTreeMap<usize, Server> = BTreeMap::new();
    let mut servers = Vec::new();
    for (number, (engine, fault)) in FLEET.into_iter().enumerate() {
        let server = node(&home, &pki, number, engine, fault);
        servers.push((server.url("127.0.0.1"), engine, fault));
        if fault != Fault::Down {
            running.insert(number, server);
        }
    }
    let found = look(&home, &servers, &anchors);
    assert_eq!(found.len(), FLEET.len());
    let mut wrong = Vec::new();
    for (endpoint, (url, engine, fault)) in found.iter().zip(&servers) {
        assert_eq!(&endpoint.url, url);
        let said = ["REQUIRED", "VERIFY_IDENTITY", "PLAINTEXT"].map(|mode| endpoint.says(mode));
        if said != expected(*engine, *fault) {
            wrong.push(format!("{engine:?} with {fault:?}: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // New certificates for the good ones, loaded while they run: `verify` sees the new one.
    for (number, server) in &running {
        let (engine, fault) = FLEET[*number];
        if fault != Fault::None {
            continue;
        }
        let url = server.url("127.0.0.1");
        let serial = || {
            let arguments = ["verify", "--mode", "VERIFY_IDENTITY", "-o", "json", &url];
            let run = run(&mut home.ccx(&arguments));
            assert_eq!(run.code, 0, "{engine:?}: {}", run.stdout);
            run.json()["endpoints"][0]["tls"]["certificates"][0]["serial"].to_string()
        };
        let before = serial();
        let directory = server.tls().display().to_string();
        let renewed = run(&mut home.ccx(&["cert", "renew", "--force", "--dir", &directory]));
        assert_eq!(renewed.code, 0, "{engine:?}: {}", renewed.stderr);
        assert_eq!(serial(), before, "{engine:?} has not been told yet");
        server.reload().unwrap_or_else(|error| panic!("{engine:?}: {error}"));
        assert_ne!(serial(), before, "{engine:?}");
    }
}
