//! `ca renew` on real servers: clients with the old CA certificate, the renewed one, or both get
//! in before and after the server takes the new bundle, while others come all the time.

use std::path::Path;

use serde_json::Value;

use crate::common::Run;
use crate::common::db::{Config, Engine, Family};
use crate::common::install::Scene;
use crate::common::official::{Met, Mode, Visit, account};

/// The JSON document of a run that succeeded.
fn document(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run.json()
}

/// Connects with the official client, with these trusted CAs and the client's own certificate, in
/// every mode that verifies the server.
fn connect(scene: &Scene, ca: &Path, client: &Path) {
    let (certificate, key) = (client.join("client-cert.pem"), client.join("client-key.pem"));
    let visit = Visit {
        server: &scene.server,
        host: "localhost",
        user: "app",
        ca,
        client: Some((&certificate, &key)),
    };
    let modes = [Mode::VerifyCa, Mode::VerifyIdentity].into_iter();
    let met: Vec<Met> = modes.filter_map(|mode| visit.come(mode)).collect();
    assert!(!met.is_empty() && met.iter().all(|met| *met == Met::Tls), "{}: {met:?}", ca.display());
}

fn renew(engine: Engine) {
    let scene = Scene::with(engine, &Config::off(engine));
    let home = &scene.home;
    let mutual = match engine.family() {
        Family::MySql | Family::MariaDb => "REQUIRE X509",
        _ => "",
    };
    account(&scene.server, "app", mutual);
    document(&scene.issue(&["--mode", "VERIFY_CA"]));
    let issue_client = |name: &str| {
        let out = home.at(name);
        home.done(&["cert", "issue", "--client", "--common-name", "app", "--out", &out]);
        crate::common::db::own(Path::new(&out));
        out
    };
    let old_client = issue_client("old-client");
    let old = home.write("old.pem", home.value("ccx-ca", "tls.crt"));
    connect(&scene, old.as_ref(), old_client.as_ref());

    let (shown, all) = scene.under_load(|_| {
        home.done(&["ca", "renew", "--validity", "20y"]);
        let new = home.write("new.pem", home.value("ccx-ca", "tls.crt"));
        let both = home.at("both.pem");
        home.done(&["ca", "export", "--out", &both]);
        let new_client = issue_client("new-client");
        let clients = [&old_client, &new_client];
        // Before the server has the renewed certificate, and after.
        for round in ["before", "after"] {
            for client in clients {
                for ca in [&old, &new, &both] {
                    connect(&scene, ca.as_ref(), client.as_ref());
                }
            }
            if round == "before" {
                let installed = document(&scene.install(&["--mode", "VERIFY_CA"]));
                assert_eq!(installed["certificate"]["action"], "refreshed", "{installed}");
            }
        }
        scene.shown()
    });
    assert!(shown.is_ok(), "{shown:?}");
    let failed: Vec<_> = all.iter().filter_map(|shown| shown.as_ref().err()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let trusted = std::fs::read_to_string(scene.server.tls().join("ca.pem")).expect("ca.pem");
    assert_eq!(trusted.matches("BEGIN CERTIFICATE").count(), 2);
}

#[test]
#[ignore = "needs tests/run"]
fn renew_on_mysql_97_fails_no_client() {
    renew(Engine::Mysql97);
}

#[test]
#[ignore = "needs tests/run"]
fn renew_on_mariadb_118_fails_no_client() {
    renew(Engine::MariaDb118);
}

#[test]
#[ignore = "needs tests/run"]
fn renew_on_postgresql_17_fails_no_client() {
    renew(Engine::Pg17);
}

#[test]
#[ignore = "needs tests/run"]
fn renew_on_valkey_9_fails_no_client() {
    renew(Engine::Valkey9);
}
