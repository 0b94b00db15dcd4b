//! Certificates, good and bad, on every real server: what `verify` says of each mode, beside
//! what happens to the database's own client in that mode. Where the two differ, the table
//! says so, and why; a difference that is not in the table is a failure, and so is a line of
//! the table that no longer holds.

use std::collections::BTreeSet;

use crate::common::Home;
use crate::common::db::{Bed, Config, Engine};
use crate::common::official::{Met, Mode, Visit, account, present};
use crate::common::pki::{Kind, Pki};
use crate::common::verdicts::verify;

/// How a server is dialled.
const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

/// Where the database's own client lets pass what `verify` does not, and why `verify` is right.
struct Difference {
    client: &'static [Engine],
    kinds: &'static [Kind],
    mode: Mode,
    hosts: &'static [&'static str],
    #[allow(dead_code, reason = "for who reads the table")]
    why: &'static str,
}

const OPENSSL_CLIENTS: &[Engine] = &[
    Engine::Mysql97,
    Engine::MariaDb1011,
    Engine::MariaDb118,
    Engine::Pg15,
    Engine::Pg17,
    Engine::Pg18,
];

const DIFFERENCES: &[Difference] = &[
    Difference {
        client: OPENSSL_CLIENTS,
        kinds: &[Kind::CnOnly, Kind::NoExtensions, Kind::Version1],
        mode: Mode::VerifyIdentity,
        hosts: &["localhost"],
        why: "OpenSSL falls back to the common name where there is no alternative name, and so does \
              Node; clients in Go and Rust do not (RFC 9525, section 2)",
    },
    Difference {
        client: &[Engine::MariaDb1011, Engine::Pg15, Engine::Pg17, Engine::Pg18],
        kinds: &[Kind::IpAsDns],
        mode: Mode::VerifyIdentity,
        hosts: &["127.0.0.1"],
        why: "an address written as a DNS name: these compare it as text, others do not (RFC \
              9525, section 4.3: an address is matched by an iPAddress alone)",
    },
    Difference {
        client: &[Engine::MariaDb118],
        kinds: &[Kind::WrongHost, Kind::DnsOnly, Kind::CnOnly, Kind::CnSan, Kind::IpAsDns],
        mode: Mode::VerifyIdentity,
        hosts: &["127.0.0.1"],
        why: "MariaDB's client from 11.4 on leaves the name unchecked for 127.0.0.1",
    },
    Difference {
        client: &[Engine::MariaDb118],
        kinds: &[Kind::NoExtensions, Kind::Version1],
        mode: Mode::VerifyIdentity,
        hosts: &["127.0.0.1"],
        why: "MariaDB's client from 11.4 on leaves the name unchecked for 127.0.0.1",
    },
];

/// What `verify` must say.
fn expected(kind: Kind, mode: Mode, host: &str) -> &'static str {
    let address = host == "127.0.0.1";
    match (mode, kind) {
        (Mode::Required, _) => "pass",
        (_, Kind::OtherCa | Kind::Leaf | Kind::SelfSigned) => "fail untrusted",
        (_, Kind::Expired) => "fail expired",
        (_, Kind::Future) => "fail not_yet_valid",
        (_, Kind::ClientUsage) => "fail wrong_purpose",
        (Mode::VerifyCa, _) | (_, Kind::Good | Kind::Chain) => "pass",
        (_, Kind::DnsOnly) if !address => "pass",
        _ => "fail name_mismatch",
    }
}

/// The verdict that goes with what a client says of a certificate, where it says what it is;
/// `mysql` and `redis-cli` do not.
fn why(met: &Met) -> Option<&'static str> {
    let Met::Refused(said) = met else { return None };
    let reasons = [
        ("unable to get local issuer certificate", "fail untrusted"),
        ("self-signed certificate", "fail untrusted"),
        ("certificate has expired", "fail expired"),
        ("certificate is not yet valid", "fail not_yet_valid"),
        ("unsuitable certificate purpose", "fail wrong_purpose"),
        ("Validation of SSL server certificate failed", "fail name_mismatch"),
        ("Hostname verification failed", "fail name_mismatch"),
        ("does not match host name", "fail name_mismatch"),
    ];
    reasons.iter().find(|(text, _)| said.contains(text)).map(|(_, reason)| *reason)
}

fn certificates(engine: Engine) {
    let (pki, home) = (Pki::new(), Home::new());
    let ca = home.join("ca.pem");
    std::fs::write(&ca, pki.ca_pem()).expect("written");
    let ca_file = ca.display().to_string();
    let bed = Bed::new(engine);
    let good = pki.server(Kind::Good);
    bed.put(&pki.ca_pem(), &good.certificate, &good.key);
    let mut server = bed.start(&Config::tls(engine));
    account(&server, "app", "");

    let modes = [Mode::Required, Mode::VerifyCa, Mode::VerifyIdentity];
    let mut faults = Vec::new();
    let mut met = BTreeSet::new();
    for kind in Kind::ALL {
        present(&mut server, &pki, kind);
        let mut arguments = vec!["--ca-file", &ca_file];
        arguments.extend(modes.iter().flat_map(|mode| ["--mode", mode.name()]));
        let urls = HOSTS.map(|host| server.url(host));
        arguments.extend(urls.iter().map(String::as_str));
        let endpoints = verify(&home, &arguments);
        assert_eq!(endpoints.len(), HOSTS.len());
        for (endpoint, mode) in endpoints.iter().flat_map(|one| modes.map(|mode| (one, mode))) {
            let (host, verdict) = (endpoint.host.as_str(), endpoint.says(mode.name()));
            let place = format!("{engine:?}, {kind:?}, {mode:?}, {host}");
            let wanted = expected(kind, mode, host);
            if verdict != wanted {
                faults.push(format!("{place}: {verdict}, and not {wanted}"));
            }
            let visit = Visit { server: &server, host, user: "app", ca: &ca, client: None };
            let Some(client) = visit.come(mode) else { continue };
            if (client == Met::Tls) == (verdict == "pass") {
                let reason = why(&client).unwrap_or(verdict);
                if reason != verdict {
                    faults.push(format!("{place}: {verdict}, its client {client:?}"));
                }
                continue;
            }
            let known = DIFFERENCES.iter().position(|line| {
                line.client.contains(&engine)
                    && line.kinds.contains(&kind)
                    && line.mode == mode
                    && line.hosts.contains(&host)
            });
            match known {
                Some(line) => drop(met.insert((line, format!("{kind:?} {host}")))),
                None => faults.push(format!("{place}: {verdict}, its client {client:?}")),
            }
        }
    }
    for (number, line) in DIFFERENCES.iter().enumerate() {
        for (kind, host) in line.kinds.iter().flat_map(|k| line.hosts.iter().map(move |h| (k, h))) {
            let place = format!("{kind:?} {host}");
            if line.client.contains(&engine) && !met.contains(&(number, place.clone())) {
                faults.push(format!("{engine:?}, {place}: no difference, but the table has one"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_mysql_97() {
    certificates(Engine::Mysql97);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_mariadb_1011() {
    certificates(Engine::MariaDb1011);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_mariadb_118() {
    certificates(Engine::MariaDb118);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_postgresql_15() {
    certificates(Engine::Pg15);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_postgresql_17() {
    certificates(Engine::Pg17);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_postgresql_18() {
    certificates(Engine::Pg18);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_redis_7() {
    certificates(Engine::Redis7);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_redis_8() {
    certificates(Engine::Redis8);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_valkey_8() {
    certificates(Engine::Valkey8);
}

#[test]
#[ignore = "needs tests/run"]
fn certificates_on_valkey_9() {
    certificates(Engine::Valkey9);
}
