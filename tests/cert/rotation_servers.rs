//! A rotation of the CA on real servers: a node that missed the staged bundle gets it together with
//! its certificate, in one set of files and one reload.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::common::Run;
use crate::common::db::{Engine, Family, own};
use crate::common::install::Scene;
use crate::common::nodes::load;
use crate::common::official::{Met, Mode, Visit, account};
use crate::common::rotations::{Ramp, Rotation, WINDOW};

const ENGINES: [Engine; 6] = [
    Engine::Mysql97,
    Engine::MariaDb1011,
    Engine::MariaDb118,
    Engine::Pg17,
    Engine::Redis7,
    Engine::Valkey9,
];
const ALL: Ramp = Ramp { widened: Some(WINDOW), paused: false };

fn document(run: &Run) -> serde_json::Value {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run.json()
}

/// Whether the official client gets in with these trusted CAs, without a certificate or with one.
fn gets_in(scene: &Scene, ca: &str, client: Option<&str>) -> bool {
    let client = client.map(Path::new);
    let files = client.map(|dir| (dir.join("client-cert.pem"), dir.join("client-key.pem")));
    let visit = Visit {
        server: &scene.server,
        host: "localhost",
        user: "app",
        ca: Path::new(ca),
        client: files.as_ref().map(|(certificate, key)| (certificate.as_path(), key.as_path())),
    };
    let modes = [Mode::VerifyCa, Mode::VerifyIdentity].into_iter();
    let met: Vec<Met> = modes.filter_map(|mode| visit.come(mode)).collect();
    assert!(!met.is_empty());
    met.iter().all(|met| *met == Met::Tls)
}

/// The shell command that makes the server load its files.
fn reload_command(scene: &Scene) -> String {
    let (server, client) = (&scene.server, scene.server.engine().client());
    let (client, socket) = (client.display(), server.socket());
    let (socket, tls) = (socket.display(), server.tls());
    let tls = tls.display();
    match server.engine().family() {
        Family::MySql => format!(
            "{client} --no-defaults --user=root --socket={socket} -e 'ALTER INSTANCE RELOAD TLS'"
        ),
        Family::MariaDb => {
            format!("{client} --no-defaults --user=root --socket={socket} -e 'FLUSH SSL'")
        }
        Family::PostgreSql => format!(
            "{client} --no-psqlrc --username=postgres --dbname=postgres --port={} --host={socket} \
             -c 'SELECT pg_reload_conf()'",
            server.port()
        ),
        Family::Redis => format!(
            "{client} -e -s {socket} CONFIG SET tls-cert-file {tls}/server-cert.pem tls-key-file \
             {tls}/server-key.pem tls-ca-cert-file {tls}/ca.pem"
        ),
    }
}

/// A client's certificate, whose files the server's user may read.
fn issue_client(scene: &Scene, name: &str) -> String {
    let out = scene.home.at(name);
    scene.home.done(&["cert", "issue", "--client", "--common-name", "app", "--out", &out]);
    own(Path::new(&out));
    out
}

/// The server after the certificate of the new CA: who gets in with which CA and certificate.
fn check_switched(scene: &Scene, rotation: &Rotation<&crate::common::Home>, clients: &[&str]) {
    let [old, new] = rotation.certificates();
    let old_ca = scene.home.write("old.pem", old);
    let new_ca = scene.home.write("new.pem", new);
    let both = scene.home.write("both.pem", format!("{old}{new}"));
    let engine = scene.server.engine();
    for client in clients {
        assert!(gets_in(scene, &both, Some(client)), "{engine:?} {client}");
        assert!(gets_in(scene, &new_ca, Some(client)), "{engine:?} {client}");
        assert!(!gets_in(scene, &old_ca, Some(client)), "{engine:?} {client}");
    }
    let trusted = fs::read_to_string(scene.server.tls().join("ca.pem")).expect("ca.pem");
    assert_eq!(trusted.matches("BEGIN CERTIFICATE").count(), 2, "{engine:?}");
    assert_eq!(scene.shown(), load(&scene.server.tls()), "{engine:?}");
}

#[test]
#[ignore = "needs tests/run"]
fn install_brings_bundle_and_certificate_in_one_reload() {
    for engine in ENGINES {
        let scene = Scene::new(engine);
        let mutual = match engine.family() {
            Family::MySql | Family::MariaDb => "REQUIRE X509",
            _ => "",
        };
        account(&scene.server, "app", mutual);
        document(&scene.issue(&["--mode", "VERIFY_CA"]));
        let old_client = issue_client(&scene, "old-client");
        let rotation = Rotation::of(&scene.home);
        // Its turn has not come: only the bundle, as it would have got it while staged.
        let before = scene.shown().expect("a certificate");
        rotation.switch(Ramp { paused: true, ..ALL });
        let dry = document(&scene.install(&["--mode", "VERIFY_CA", "--dry-run"]));
        assert_eq!(dry["certificate"]["action"], "refreshed", "{engine:?}: {dry}");
        rotation.switch(ALL);
        let (installed, seen) =
            scene.under_load(|_| document(&scene.install(&["--mode", "VERIFY_CA"])));
        assert_eq!(installed["certificate"]["action"], "renewed", "{engine:?}: {installed}");
        assert_eq!(installed["certificate"]["reason"], json!("rotation"), "{engine:?}");
        let failed: Vec<_> = seen.iter().filter_map(|shown| shown.as_ref().err()).collect();
        assert!(failed.is_empty(), "{engine:?}: {failed:?}");
        assert_ne!(scene.shown().expect("a certificate"), before, "{engine:?}");
        let new_client = issue_client(&scene, "new-client");
        check_switched(&scene, &rotation, &[&old_client, &new_client]);
        // Back again, and what fails on the way changes nothing.
        rotation.switch_back(ALL);
        let present = scene.shown().expect("a certificate");
        let url = format!("{}://127.0.0.1:1", engine.kind());
        let failed = scene.install(&["--mode", "VERIFY_CA", "--url", &url, "--timeout", "4s"]);
        assert_eq!(failed.code, 3, "{engine:?}: {}{}", failed.stdout, failed.stderr);
        assert!(!failed.stderr.contains("ROLLBACK FAILED"), "{engine:?}: {}", failed.stderr);
        assert_eq!(scene.shown().as_ref(), Ok(&present), "{engine:?}");
        check_switched(&scene, &rotation, &[&old_client, &new_client]);
        document(&scene.install(&["--mode", "VERIFY_CA"]));
        let old = scene.home.at("old.pem");
        for client in [&old_client, &new_client] {
            assert!(gets_in(&scene, &old, Some(client)), "{engine:?} {client}");
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn renew_exec_brings_bundle_and_certificate_in_one_reload() {
    for engine in ENGINES {
        let scene = Scene::new(engine);
        account(&scene.server, "app", "");
        document(&scene.issue(&[]));
        let rotation = Rotation::of(&scene.home);
        rotation.switch(ALL);
        let before = scene.shown().expect("a certificate");
        let tls = scene.server.tls().display().to_string();
        let renew = |exec: &str| {
            scene.home.run(&["cert", "renew", "--dir", &tls, "--exec", exec, "-o", "json"])
        };
        let command = reload_command(&scene);
        // A reload that fails, before the server has read the files and after.
        for exec in ["false".to_owned(), format!("{command} >&2 && false")] {
            let failed = renew(&exec);
            assert_eq!((failed.code, failed.error_code().as_str()), (3, "command-failed"));
            assert_eq!(load(&scene.server.tls()).as_ref(), Ok(&before), "{engine:?}");
            let trusted = fs::read_to_string(scene.server.tls().join("ca.pem")).expect("ca.pem");
            assert_eq!(trusted.matches("BEGIN CERTIFICATE").count(), 1, "{engine:?}");
        }
        let made = document(&renew(&format!("{command} >&2")));
        assert_eq!(made["reason"], "rotation", "{engine:?}: {made}");
        if engine.family() == Family::PostgreSql {
            scene.server.reload().expect("it has read the files");
        }
        assert_eq!(scene.shown().ok().as_deref(), made["sha256"].as_str(), "{engine:?}");
        let old_client = issue_client(&scene, "client");
        check_switched(&scene, &rotation, &[&old_client]);
    }
}
