//! `cert install` on every real server: from nothing to TLS alone, rotations under load, and
//! everything that it must leave alone.

use std::sync::atomic::Ordering;

use ccx_sec::db_client::session::AdminSession;
use serde_json::Value;

use crate::common::db::{Config, Engine, Family, own};
use crate::common::install::Scene;
use crate::common::nodes::DATASTORE;
use crate::common::official::{Met, Mode, PASSWORD, Visit, account};
use crate::common::pki::{Client, Kind, Pki};
use crate::common::random::say;
use crate::common::{Run, env, mode, run};

/// So many clients come at least while certificates change.
const CLIENTS: usize = 150;

fn document(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run.json()
}

/// What the handshake showed, of which the document says the same.
fn served(scene: &Scene, document: &Value) -> String {
    let sha256 = document["certificate"]["sha256"].as_str().expect("a fingerprint");
    assert_eq!(document["proof"]["sha256"], sha256, "{document}");
    assert_eq!(scene.shown().as_deref(), Ok(sha256));
    sha256.to_owned()
}

fn visit(scene: &Scene, mode: Mode) -> Option<Met> {
    let ca = scene.server.tls().join("ca.pem");
    let server = &scene.server;
    Visit { server, host: "localhost", user: "app", ca: &ca, client: None }.come(mode)
}

/// TLS is had, with a certificate that is verified, and nothing else.
fn is_tls_alone(scene: &Scene) {
    assert!(matches!(visit(scene, Mode::Disabled), Some(Met::Refused(_))));
    let strongest = [Mode::VerifyIdentity, Mode::VerifyCa].into_iter();
    let met = strongest.filter_map(|mode| visit(scene, mode)).next();
    assert_eq!(met, Some(Met::Tls));
    let url = scene.server.url("localhost");
    let verified =
        scene.home.run(&["verify", &url, "--mode", "REQUIRED", "--mode", "VERIFY_IDENTITY"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

/// The session goes on.
fn alive(session: &mut AdminSession, engine: Engine) {
    match engine.family() {
        Family::Redis => drop(session.command(&["PING"]).expect("an answer")),
        _ => drop(session.sql("SELECT 1").expect("an answer")),
    }
}

fn install(engine: Engine) {
    let scene = Scene::new(engine);
    account(&scene.server, "app", "");
    assert_eq!(visit(&scene, Mode::Required).filter(|met| *met == Met::Tls), None);

    let first = document(&scene.issue(&[]));
    let old = served(&scene, &first);
    assert_eq!(first["proof"]["sha256_before"], Value::Null);
    assert_eq!(first["restart"], engine.family() == Family::MariaDb);
    assert_eq!(mode(&scene.server.tls().join("server-key.pem")), 0o600);
    is_tls_alone(&scene);

    // What is as it should be stays, and is proved all the same.
    let again = document(&scene.issue(&[]));
    assert_eq!(again["certificate"]["action"], "kept");
    assert_eq!(served(&scene, &again), old);
    assert_eq!(again["restart"], false);
    let files = again["config"].as_array().expect("files");
    assert!(files.iter().all(|file| file["changed"] == false), "{again}");

    // Another certificate; who is there stays, and not one who comes meanwhile is sent away.
    let mut there = scene.session("localhost", "app");
    let (rotated, shown) = scene.under_load(|come| {
        let mut rotated = Vec::new();
        while come.load(Ordering::SeqCst) < CLIENTS {
            let name = format!("name-{}.example.com", rotated.len());
            rotated.push(served(&scene, &document(&scene.issue(&["--dns", &name]))));
        }
        rotated
    });
    say("under load", &format!("{engine:?}: {} clients, {} rotations", shown.len(), rotated.len()));
    let failed: Vec<_> = shown.iter().filter_map(|shown| shown.as_ref().err()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let new = rotated.last().expect("a rotation").clone();
    assert!(!rotated.contains(&old) && rotated.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(shown.iter().flatten().all(|shown| *shown == old || rotated.contains(shown)));
    assert_eq!(shown.first(), Some(&Ok(old)));
    assert_eq!(shown.last(), Some(&Ok(new.clone())));
    alive(&mut there, engine);
    drop(there);

    // By itself, from the names that are there; and it still is so after another start.
    assert_eq!(served(&scene, &document(&scene.install(&[]))), new);
    let mut scene = scene;
    scene.keep_block();
    scene.server.restart();
    assert_eq!(scene.shown(), Ok(new));
    is_tls_alone(&scene);
}

#[test]
#[ignore = "needs tests/run"]
fn mysql_97_takes_certificates() {
    install(Engine::Mysql97);
}

#[test]
#[ignore = "needs tests/run"]
fn mariadb_1011_takes_certificates() {
    install(Engine::MariaDb1011);
}

#[test]
#[ignore = "needs tests/run"]
fn mariadb_118_takes_certificates() {
    install(Engine::MariaDb118);
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_15_takes_certificates() {
    install(Engine::Pg15);
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_17_takes_certificates() {
    install(Engine::Pg17);
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_18_takes_certificates() {
    install(Engine::Pg18);
}

#[test]
#[ignore = "needs tests/run"]
fn redis_and_valkey_take_certificates() {
    for engine in [Engine::Redis7, Engine::Redis8, Engine::Valkey8, Engine::Valkey9] {
        install(engine);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn three_commands_on_a_fresh_machine() {
    for engine in [Engine::MariaDb118, Engine::Pg17] {
        let scene = Scene::without_ca(engine);
        account(&scene.server, "app", "");
        let url = scene.server.url("localhost");
        scene.home.done(&["ca", "init", "--common-name", "Test CA"]);
        document(&scene.issue(&[]));
        let verified = scene.home.done(&["verify", &url, "-o", "json"]).json();
        for verdict in verified["endpoints"][0]["verdicts"].as_array().expect("verdicts") {
            assert_eq!(verdict["verdict"], "pass", "{engine:?}: {verdict}");
        }
        assert!(matches!(visit(&scene, Mode::Disabled), Some(Met::Refused(_))));
    }
}

/// Everything in the folder of the server that is not its data, and in the home.
fn everything(scene: &Scene) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![scene.server.dir().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_ours = !path.ends_with("data") && !path.ends_with("server.log");
            if path.is_dir() && is_ours {
                folders.push(path);
            } else if is_ours || path.ends_with("postgresql.conf") {
                files.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
            }
        }
    }
    files.sort();
    files
}

#[test]
#[ignore = "needs tests/run"]
fn dry_run_shows_it_all_and_changes_nothing() {
    for engine in [Engine::Mysql97, Engine::Pg17, Engine::Valkey9] {
        let scene = Scene::new(engine);
        account(&scene.server, "app", "");
        let before = (everything(&scene), scene.home.snapshot());
        let shown = document(&scene.issue(&["--dry-run"]));
        assert!(shown["config"][0]["diff"].as_str().expect("a diff").contains("+++ "), "{shown}");
        assert!(shown["steps"].as_array().expect("steps").len() > 2, "{shown}");
        assert_eq!(shown["proof"]["sha256"], Value::Null);
        assert!((everything(&scene), scene.home.snapshot()) == before, "{engine:?}");
        assert_eq!(visit(&scene, Mode::Required).filter(|met| *met == Met::Tls), None);
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", "example.com"];
        let text = run(scene.command(&node).arg("--dry-run"));
        assert!(text.stdout.contains("\nsteps\n"), "{}{}", text.stdout, text.stderr);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn server_is_not_restarted_unasked() {
    for engine in [Engine::MariaDb1011, Engine::MariaDb118] {
        let scene = Scene::new(engine);
        let (before, pid) = (everything(&scene), scene.server.pid());
        let node = ["--datastore", DATASTORE, "--node", "db-1"];
        let refused = scene.install(&[&node[..], &["--domain", "example.com"]].concat());
        refused.assert_error(3, "restart-needed");
        assert!(everything(&scene) == before, "{engine:?}");
        assert_eq!(scene.server.pid(), pid);
    }
}

/// The administrator comes by TCP, with a password: before there is TLS, and with it.
#[test]
#[ignore = "needs tests/run"]
fn administrator_may_come_by_tcp() {
    for engine in [Engine::Mysql97, Engine::Pg17, Engine::Redis7] {
        // MySQL takes a password for the first time over TLS alone; it has some of its own.
        let scene = Scene::with(engine, &Config::bare());
        let (user, more) = match engine.family() {
            Family::PostgreSql => ("boss", "ALTER USER boss SUPERUSER"),
            Family::Redis => ("default", "CONFIG SET requirepass a-password-of-a-test"),
            _ => ("boss", "GRANT ALL ON *.* TO boss"),
        };
        account(&scene.server, "boss", "");
        scene.server.admin(more);
        let password = if user == "boss" { PASSWORD } else { "a-password-of-a-test" };
        let file = scene.home.write("password", format!("{password}\n"));
        let plain = format!("{}://127.0.0.1:{}", engine.kind(), scene.server.port());
        let come = |url: &str, more: &[&str]| {
            let words = scene.arguments();
            let at = words.iter().position(|word| word == "--socket").expect("it is said");
            let words = words.iter().enumerate().filter(|(n, _)| *n != at && *n != at + 1);
            let words: Vec<&str> = words.map(|(_, word)| word.as_str()).collect();
            let who = ["--url", url, "--user", user, "--password-file", &file, "-o", "json"];
            scene.home.run(&[&words[..], &who, more].concat())
        };
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", "example.com"];
        let names = ["--dns", "localhost", "--ip", "127.0.0.1"];
        let mut asked = [&node[..], &names].concat();
        // Who listens on a port of this machine hears nothing of a password unasked.
        let refused = come(&plain, &asked);
        assert_eq!((refused.code, refused.error_code().as_str()), (3, "admin-denied"));
        assert!(refused.stderr.contains("--trust-loopback"), "{}", refused.stderr);
        asked.push("--trust-loopback");
        let first = document(&come(&plain, &asked));
        let old = served(&scene, &first);
        // From then on the server proves who it is.
        let tls = scene.server.url("127.0.0.1");
        let second = document(&come(&tls, &[&node[..], &names, &["--dns", "x.example"]].concat()));
        assert_ne!(served(&scene, &second), old, "{engine:?}");
    }
}

/// PostgreSQL as Debian sets it up: root is not the administrator, but may become it.
#[test]
#[ignore = "needs tests/run"]
fn root_comes_as_the_user_of_the_account() {
    let scene = Scene::new(Engine::Pg17);
    let me = if rustix::process::geteuid().is_root() { "nobody" } else { &env("USER") };
    scene.server.admin(&format!("CREATE ROLE {me} SUPERUSER LOGIN"));
    scene.server.put_file("pg_hba.conf", "local all all peer\nhost all all all scram-sha-256\n");
    assert!(scene.server.reload().expect_err("no postgres here").contains("Peer"));
    let refused = scene.issue(&["--user", "no-such-user-here"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "admin-denied"));
    served(&scene, &document(&scene.issue(&["--user", me])));
}

#[test]
#[ignore = "needs tests/run"]
fn lines_of_others_stay_as_they_are() {
    let theirs = "# ours\nlocal all all trust\n\nhost all all 127.0.0.0/8 scram-sha-256 # x\n";
    let settings = "work_mem = '5MB' # theirs\ninclude_dir 'conf.d'\n";
    for engine in [Engine::Pg15, Engine::Pg17] {
        let scene = Scene::with(engine, &Config::bare().hba(theirs));
        let (hba, main) = (
            scene.server.dir().join("pg_hba.conf"),
            scene.server.dir().join("data/postgresql.conf"),
        );
        let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("text");
        let before = read(&main);
        document(&scene.issue(&[]));
        assert!(read(&hba).starts_with("# BEGIN ccx-sec") && read(&hba).ends_with(theirs));
        assert!(read(&main).starts_with(&before), "{}", read(&main));
        assert!(read(&main).ends_with("# END ccx-sec\n"));
        // A folder that is included needs no line of ours.
        let folder = scene.server.dir().join("data/conf.d");
        std::fs::create_dir(&folder).expect("a folder");
        own(&folder);
        std::fs::write(&main, format!("{before}{settings}")).expect("written");
        document(&scene.issue(&[]));
        assert_eq!(read(&main), format!("{before}{settings}"));
        assert!(read(&folder.join("zz-ccx-sec.conf")).contains("ssl = 'on'"));
    }
    for engine in [Engine::Redis7, Engine::Valkey9] {
        let scene = Scene::new(engine);
        let main = scene.server.dir().join("redis.conf");
        let before = std::fs::read_to_string(&main).expect("text");
        document(&scene.issue(&[]));
        let after = std::fs::read_to_string(&main).expect("text");
        assert!(after.starts_with(&before) && after.ends_with("# END ccx-sec\n"), "{after}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn verify_ca_demands_client_certificates() {
    let pki = Pki::new();
    for engine in [Engine::Pg15, Engine::Pg17, Engine::Redis7, Engine::Valkey9] {
        let scene = Scene::new(engine);
        account(&scene.server, "app", "");
        let ca = scene.home.write("ca.pem", pki.ca_pem());
        let given = pki.server(Kind::Good);
        let certificate = scene.home.write("given.pem", &given.certificate);
        let key = scene.home.write("given-key.pem", &given.key);
        let given = ["--certificate", &certificate, "--key", &key, "--ca-file", &ca];
        document(&scene.install(&[&given[..], &["--mode", "VERIFY_CA"]].concat()));
        let client = pki.client(Client::Good);
        let certificate = scene.home.write("client.pem", &client.certificate);
        let key = scene.home.write("client-key.pem", &client.key);
        let come = |client| {
            let ca = ca.as_ref();
            Visit { server: &scene.server, host: "localhost", user: "app", ca, client }
                .come(Mode::VerifyCa)
        };
        assert!(matches!(come(None), Some(Met::Refused(_))), "{engine:?}");
        assert_eq!(come(Some((certificate.as_ref(), key.as_ref()))), Some(Met::Tls), "{engine:?}");
        assert!(matches!(visit(&scene, Mode::Disabled), Some(Met::Refused(_))));
    }
}
