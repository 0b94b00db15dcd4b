//! Real servers as they come, with no word about TLS in their configuration, and what they take
//! of TLS: versions, and TLS from the first byte.

use serde_json::Value;

use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::pki::{Kind, Pki};
use crate::common::verdicts::verify;
use crate::common::{Home, run};

const MODES: [&str; 4] = ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY", "PLAINTEXT"];

/// What `verify` says of the four modes.
fn says(server: &Server, ca: &str, url: &str) -> [String; 4] {
    let home = Home::new();
    let file = home.join("ca.pem");
    std::fs::write(&file, ca).expect("written");
    let file = file.display().to_string();
    let mut arguments = vec!["--ca-file", file.as_str(), url];
    arguments.extend(MODES.iter().flat_map(|mode| ["--mode", mode]));
    let endpoints = verify(&home, &arguments);
    assert_eq!(endpoints.len(), 1, "{:?}", server.engine());
    MODES.map(|mode| endpoints[0].says(mode).to_owned())
}

#[test]
#[ignore = "needs tests/run"]
fn servers_without_a_word_about_tls() {
    let stranger = Pki::new().ca_pem();
    for engine in [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118, Engine::Pg15] {
        let server = Server::start(engine, &Config::bare());
        let said = says(&server, &stranger, &server.url("localhost"));
        let wanted = match engine {
            // MySQL made a CA, and a certificate without any extension, when it was set up.
            Engine::Mysql97 => ["pass", "fail untrusted", "fail untrusted", "unknown needs_login"],
            // MariaDB makes one that signs itself, each time it starts.
            Engine::MariaDb118 => {
                ["pass", "fail untrusted", "fail untrusted", "fail plain_accepted"]
            }
            // There is no TLS, and so no doubt that nobody insists on it: but MariaDB does not
            // say so before a login.
            Engine::MariaDb1011 => ["fail no_tls", "fail no_tls", "fail no_tls", "fail no_tls"],
            _ => ["fail no_tls", "fail no_tls", "fail no_tls", "fail plain_accepted"],
        };
        assert_eq!(said, wanted, "{engine:?}");
    }
    // Whoever trusts MySQL's own CA can verify it, and not by name.
    let server = Server::start(Engine::Mysql97, &Config::bare());
    let own = std::fs::read_to_string(server.dir().join("data/ca.pem")).expect("its CA");
    let said = says(&server, &own, &server.url("localhost"));
    assert_eq!(said, ["pass", "pass", "fail name_mismatch", "unknown needs_login"]);

    for engine in [Engine::Redis7, Engine::Valkey9] {
        let server = Server::start(engine, &Config::bare());
        let url = format!("{}://127.0.0.1:{}", engine.kind(), server.port());
        let said = says(&server, &stranger, &url);
        let wanted = ["fail no_tls", "fail no_tls", "fail no_tls", "fail plain_accepted"];
        assert_eq!(said, wanted, "{engine:?}");
        let nothing_there = says(&server, &stranger, &server.url("127.0.0.1"));
        assert_eq!(nothing_there, ["unknown refused"; 4], "{engine:?}");
    }
}

/// The document of `verify` with more arguments.
fn document(server: &Server, more: &[&str]) -> Value {
    let home = Home::new();
    let url = server.url("127.0.0.1");
    let mut arguments = vec!["verify", "-o", "json", "--mode", "REQUIRED", &url];
    arguments.extend(more);
    run(&mut home.ccx(&arguments)).json()["endpoints"][0].clone()
}

#[test]
#[ignore = "needs tests/run"]
fn versions_of_tls_that_servers_take() {
    let pki = Pki::new();
    let good = pki.server(Kind::Good);
    for engine in Engine::ALL {
        let newest = match engine.family() {
            Family::MySql | Family::MariaDb => "[mysqld]\ntls_version=TLSv1.3",
            Family::PostgreSql => "ssl_min_protocol_version = 'TLSv1.3'",
            Family::Redis => "tls-protocols TLSv1.3",
        };
        for (more, old) in [("", "accepted"), (newest, "refused")] {
            let bed = Bed::new(engine);
            bed.put(&pki.ca_pem(), &good.certificate, &good.key);
            let server = bed.start(&Config::tls(engine).and(more));
            let endpoint = document(&server, &["--enumerate"]);
            let wanted = serde_json::json!({
                "TLSv1.0": "refused", "TLSv1.1": "refused", "TLSv1.2": old, "TLSv1.3": "accepted"
            });
            assert_eq!(endpoint["versions"], wanted, "{engine:?} with {more:?}");
            assert_eq!(endpoint["tls"]["version"], "TLSv1.3", "{engine:?} with {more:?}");
            // Before a login, MySQL and MariaDB alone say what they are.
            let says = matches!(engine.family(), Family::MySql | Family::MariaDb);
            let version = endpoint["server"].as_str().unwrap_or_default();
            assert_eq!(version.starts_with(engine.version()), says, "{engine:?}: {version}");
        }
    }
}

/// Servers that somebody has left in the past: what they take is found out, and is not enough.
#[test]
#[ignore = "needs tests/run"]
fn servers_with_old_tls_alone() {
    let pki = Pki::new();
    let good = pki.server(Kind::Good);
    for (engine, old) in [
        (Engine::MariaDb1011, "[mysqld]\ntls_version=TLSv1.1\nssl_cipher=DEFAULT:@SECLEVEL=0"),
        (
            Engine::Pg15,
            "ssl_min_protocol_version = 'TLSv1'\nssl_max_protocol_version = 'TLSv1.1'\n\
             ssl_ciphers = 'DEFAULT:@SECLEVEL=0'",
        ),
        (Engine::Redis7, "tls-protocols \"TLSv1 TLSv1.1\"\ntls-ciphers DEFAULT:@SECLEVEL=0"),
    ] {
        let bed = Bed::new(engine);
        bed.put(&pki.ca_pem(), &good.certificate, &good.key);
        let server = bed.start(&Config::tls(engine).and(old));
        let endpoint = document(&server, &["--enumerate"]);
        assert_eq!(endpoint["verdicts"][0]["verdict"], "fail", "{engine:?}: {endpoint}");
        assert_eq!(endpoint["verdicts"][0]["reason"], "weak_protocol", "{engine:?}: {endpoint}");
        let oldest = if engine == Engine::MariaDb1011 { "refused" } else { "accepted" };
        let wanted = serde_json::json!({
            "TLSv1.0": oldest, "TLSv1.1": "accepted", "TLSv1.2": "refused", "TLSv1.3": "refused"
        });
        assert_eq!(endpoint["versions"], wanted, "{engine:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_takes_tls_from_the_first_byte_from_17_on() {
    let pki = Pki::new();
    let good = pki.server(Kind::Good);
    for (engine, wanted) in [(Engine::Pg17, "pass"), (Engine::Pg15, "unknown")] {
        let bed = Bed::new(engine);
        bed.put(&pki.ca_pem(), &good.certificate, &good.key);
        let server = bed.start(&Config::tls(engine));
        let endpoint = document(&server, &["--direct"]);
        assert_eq!(endpoint["verdicts"][0]["verdict"], wanted, "{engine:?}: {endpoint}");
    }
}
