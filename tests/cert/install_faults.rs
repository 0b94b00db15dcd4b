//! `cert install` where something is wrong: with what is given, with the server, or on the way.
//! Whatever it is, the old certificate is served, and the exit status is 3.

use std::path::Path;

use crate::common::db::{Config, Engine, Family};
use crate::common::faults::inject_at;
use crate::common::install::Scene;
use crate::common::kill;
use crate::common::nodes::{DATASTORE, DOMAIN, load};
use crate::common::pki::{Kind, Pki};
use crate::common::random::Random;
use crate::common::{Run, run};

/// How often an installation is killed, an engine.
const KILLS: u32 = 16;

/// The configuration files of the server, but for its data.
fn settings(scene: &Scene) -> Vec<(String, String)> {
    let dir = scene.server.dir();
    let names = [
        "conf.d/zz-ccx-sec.cnf",
        "data/zz-ccx-sec.conf",
        "data/postgresql.conf",
        "pg_hba.conf",
        "ccx-sec.conf",
        "redis.conf",
    ];
    let read = |name: &str| Some((name.to_owned(), std::fs::read_to_string(dir.join(name)).ok()?));
    names.into_iter().filter_map(read).collect()
}

/// It failed so, and everything is as it was.
fn failed(scene: &Scene, run: &Run, codes: &[&str], old: &str, before: &[(String, String)]) {
    let engine = scene.server.engine();
    assert_eq!(run.code, 3, "{engine:?}: {}{}", run.stdout, run.stderr);
    let code = run.error_code();
    assert!(codes.contains(&code.as_str()), "{engine:?}: {codes:?}: {}", run.stderr);
    assert!(!run.stderr.contains("ROLLBACK FAILED"), "{engine:?}: {}", run.stderr);
    assert_eq!(scene.shown().as_deref(), Ok(old), "{engine:?}: {}", run.stderr);
    assert_eq!(load(&scene.server.tls()).as_deref(), Ok(old), "{engine:?}");
    assert_eq!(settings(scene), before, "{engine:?}");
}

/// One that serves a certificate that we issued: that, and its settings.
fn serving(engine: Engine) -> (Scene, String, Vec<(String, String)>) {
    let scene = Scene::new(engine);
    let made = scene.issue(&[]);
    assert_eq!(made.code, 0, "{engine:?}: {}{}", made.stdout, made.stderr);
    let (old, before) = (scene.shown().expect("a certificate"), settings(&scene));
    (scene, old, before)
}

fn given(scene: &Scene, pki: &Pki, kind: Kind) -> [String; 6] {
    let identity = pki.server(kind);
    let ca = scene.home.write("given-ca.pem", pki.ca_pem());
    let certificate = scene.home.write("given.pem", &identity.certificate);
    let key = scene.home.write("given-key.pem", &identity.key);
    let words = ["--ca-file", &ca, "--certificate", &certificate, "--key", &key];
    words.map(str::to_owned)
}

fn install(scene: &Scene, words: &[String], more: &[&str]) -> Run {
    let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    scene.install(&words)
}

#[test]
#[ignore = "needs tests/run"]
fn bad_certificate_does_not_get_to_the_server() {
    let pki = Pki::new();
    for engine in [Engine::Mysql97, Engine::MariaDb118, Engine::Pg17, Engine::Valkey9] {
        let (scene, old, before) = serving(engine);
        for kind in [Kind::Expired, Kind::Future, Kind::OtherCa, Kind::ClientUsage, Kind::Leaf] {
            let refused = install(&scene, &given(&scene, &pki, kind), &[]);
            failed(&scene, &refused, &["certificate-unfit"], &old, &before);
        }
        let words = given(&scene, &pki, Kind::Good);
        scene.home.write("given-key.pem", pki.server(Kind::Good).key);
        failed(&scene, &install(&scene, &words, &[]), &["key-mismatch"], &old, &before);
        std::fs::remove_file(scene.home.join("given-key.pem")).expect("removed");
        failed(&scene, &install(&scene, &words, &[]), &["file-missing"], &old, &before);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn settings_that_the_server_refuses_are_rolled_back() {
    let pki = Pki::new();
    for engine in Engine::ALL {
        let (scene, old, before) = serving(engine);
        let words = given(&scene, &pki, Kind::Good);
        // A key that is not the server's to read. (To those who are not root it cannot be given.)
        let refused = install(&scene, &words, &["--owner", "0:0"]);
        failed(&scene, &refused, &["server-says-no", "file-unwritable"], &old, &before);
        // The handshake is made where another answers, or nobody.
        let url = format!("{}://127.0.0.1:1", engine.kind());
        let refused = install(&scene, &words, &["--url", &url, "--timeout", "4s"]);
        failed(&scene, &refused, &["server-refused"], &old, &before);
        assert_eq!(install(&scene, &words, &[]).code, 0, "it is good otherwise");
        assert_ne!(scene.shown().expect("a certificate"), old);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn first_certificate_that_is_not_taken_leaves_no_settings() {
    for engine in Engine::ALL {
        let scene = Scene::new(engine);
        let before = settings(&scene);
        let url = format!("{}://127.0.0.1:1", engine.kind());
        let refused = scene.issue(&["--url", &url, "--timeout", "4s"]);
        assert_eq!(refused.code, 3, "{engine:?}: {}{}", refused.stdout, refused.stderr);
        assert!(!refused.stderr.contains("ROLLBACK FAILED"), "{engine:?}: {}", refused.stderr);
        assert_eq!(settings(&scene), before, "{engine:?}");
        let shown = scene.shown();
        assert!(shown.is_err(), "{engine:?} has no TLS as before: {shown:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn file_that_is_not_read_or_not_ours_is_told() {
    for engine in [Engine::Mysql97, Engine::MariaDb118] {
        let (scene, old, before) = serving(engine);
        let elsewhere = scene.server.dir().join("elsewhere/zz-ccx-sec.cnf");
        let moved = elsewhere.display().to_string();
        // With what is read gone, what is not read is not enough.
        std::fs::rename(scene.config(), scene.config().with_extension("off")).expect("moved");
        let arguments = scene.arguments();
        let at = arguments.iter().position(|word| word == "--config").expect("it is said");
        let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        words[at + 1] = &moved;
        let refused = scene.home.run(&[&words[..], &["-o", "json"]].concat());
        std::fs::rename(scene.config().with_extension("off"), scene.config()).expect("moved");
        failed(&scene, &refused, &["config-not-read"], &old, &before);
        assert!(!elsewhere.exists());

        // What is read after it wins.
        scene.server.put_file("conf.d/zzz.cnf", "[mysqld]\nssl-cert=/nowhere\n");
        failed(&scene, &scene.install(&[]), &["config-overridden"], &old, &before);

        std::fs::write(scene.config(), "[mysqld]\n# theirs\n").expect("written");
        let refused = scene.install(&[]);
        assert_eq!((refused.code, refused.error_code().as_str()), (4, "config-foreign"));
        assert_eq!(std::fs::read_to_string(scene.config()).expect("text"), "[mysqld]\n# theirs\n");
        assert_eq!(scene.shown(), Ok(old));
    }
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_is_told_what_wins_over_the_file() {
    for engine in [Engine::Pg15, Engine::Pg17] {
        let scene = Scene::new(engine);
        let before = settings(&scene);
        scene.server.admin("ALTER SYSTEM SET ssl_cert_file = '/nowhere'");
        let refused = scene.issue(&[]);
        assert_eq!((refused.code, refused.error_code().as_str()), (3, "config-overridden"));
        assert!(refused.stderr.contains("ssl_cert_file"), "{}", refused.stderr);
        assert_eq!(settings(&scene), before);
        scene.server.admin("ALTER SYSTEM RESET ssl_cert_file");
        // That it says the same is no reason.
        scene.server.admin("ALTER SYSTEM SET ssl = 'on'");
        assert_eq!(scene.issue(&["--dry-run"]).code, 0);
        // It would go on as before, and not start again.
        scene.server.admin("ALTER SYSTEM SET ssl_max_protocol_version = 'TLSv1.2'");
        let refused = scene.issue(&["--profile", "modern"]);
        assert_eq!((refused.code, refused.error_code().as_str()), (3, "config-invalid"));
        assert!(refused.stderr.contains("ssl_max_protocol_version"), "{}", refused.stderr);
        assert_eq!(settings(&scene), before);
        // Rules of theirs that it cannot read are told before they are in force.
        let hba = scene.server.dir().join("pg_hba.conf");
        let theirs = std::fs::read_to_string(&hba).expect("text");
        // (Of the second its view says no error: it just is no rule.)
        for wrong in ["host all all nonsense", "hostssl all all all md5 clientcert=nonsense"] {
            std::fs::write(&hba, format!("{theirs}{wrong}\n")).expect("written");
            let (before, refused) = (settings(&scene), scene.issue(&[]));
            assert_eq!((refused.code, refused.error_code().as_str()), (3, "config-invalid"));
            assert_eq!(settings(&scene), before);
        }
        std::fs::write(&hba, theirs).expect("written");
        assert_eq!(scene.issue(&[]).code, 0);
    }
}

/// What is on its command line wins at its next start, which then fails.
#[test]
#[ignore = "needs tests/run"]
fn redis_is_told_that_its_port_is_not_from_its_file() {
    for engine in [Engine::Redis7, Engine::Valkey9] {
        let scene = Scene::new(engine);
        let main = scene.server.dir().join("redis.conf");
        let text = std::fs::read_to_string(&main).expect("text");
        let port = format!("port {}\n", scene.server.port());
        assert!(text.contains(&port), "{text}");
        std::fs::write(&main, text.replace(&port, "")).expect("written");
        let (before, refused) = (settings(&scene), scene.issue(&[]));
        assert_eq!((refused.code, refused.error_code().as_str()), (3, "config-overridden"));
        assert_eq!(settings(&scene), before);
        std::fs::write(&main, text).expect("written");
        if engine == Engine::Valkey9 {
            scene.server.admin("REPLICAOF 127.0.0.1 1");
        }
        let made = scene.issue(&[]);
        assert_eq!(made.code, 0, "{engine:?}: {}{}", made.stdout, made.stderr);
        let warned = made.stderr.contains("it replicates");
        assert_eq!(warned, engine == Engine::Valkey9, "{}", made.stderr);
        assert_eq!(scene.issue(&[]).code, 0, "and once more");
    }
}

/// At its next start it would serve something else.
#[test]
#[ignore = "needs tests/run"]
fn mysql_and_mariadb_are_told_what_wins_over_the_file() {
    for engine in [Engine::Mysql97, Engine::MariaDb118] {
        let scene = Scene::new(engine);
        for theirs in ["ssl-cert=/nowhere", "loose-require_secure_transport=0"] {
            scene.server.put_file("conf.d/zzz.cnf", &format!("[mysqld]\n{theirs}\n"));
            let (before, refused) = (settings(&scene), scene.issue(&[]));
            assert_eq!((refused.code, refused.error_code().as_str()), (3, "config-overridden"));
            assert_eq!(settings(&scene), before);
        }
        // That it says the same is no reason.
        scene.server.put_file("conf.d/zzz.cnf", "[mysqld]\nrequire-secure-transport\n");
        if engine == Engine::Mysql97 {
            scene.server.admin("SET PERSIST ssl_key = '/nowhere'");
            scene.server.admin("SET GLOBAL ssl_key = DEFAULT");
            let refused = scene.issue(&[]);
            assert_eq!((refused.code, refused.error_code().as_str()), (3, "config-overridden"));
            assert!(refused.stderr.contains("RESET PERSIST ssl_key"), "{}", refused.stderr);
            scene.server.admin("RESET PERSIST ssl_key");
        }
        let made = scene.issue(&[]);
        assert_eq!(made.code, 0, "{engine:?}: {}{}", made.stdout, made.stderr);
        assert!(!made.stderr.contains("could not be checked"), "{}", made.stderr);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn mysql_is_told_what_it_keeps_by_itself() {
    let (scene, old, before) = serving(Engine::Mysql97);
    scene.server.admin("SET PERSIST_ONLY ssl_cert = '/nowhere'");
    let refused = scene.install(&[]);
    failed(&scene, &refused, &["config-overridden"], &old, &before);
    assert!(refused.stderr.contains("RESET PERSIST ssl_cert"), "{}", refused.stderr);
    scene.server.admin("RESET PERSIST ssl_cert");
    // That it says the same is no reason.
    scene.server.admin("SET PERSIST require_secure_transport = ON");
    assert_eq!(scene.install(&[]).code, 0);
}

#[test]
#[ignore = "needs tests/run"]
fn server_that_would_not_start_again_is_not_restarted() {
    for engine in [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118] {
        let scene = Scene::new(engine);
        scene.server.put_file("conf.d/aa.cnf", "[mysqld]\nno_such_option=1\n");
        let (before, pid) = (settings(&scene), scene.server.pid());
        let refused = scene.issue(&[]);
        assert_eq!((refused.code, refused.error_code().as_str()), (3, "config-invalid"));
        assert!(refused.stderr.contains("no_such_option"), "{}", refused.stderr);
        assert_eq!((settings(&scene), scene.server.pid()), (before, pid), "{engine:?}");
        assert!(scene.shown().is_err());
    }
}

/// It is stopped, and with the new settings it does not start.
#[test]
#[ignore = "needs tests/run"]
fn server_that_does_not_start_again_is_started_as_it_was() {
    let scene = Scene::new(Engine::MariaDb118);
    let (before, pid) = (settings(&scene), scene.server.pid());
    let (stop, start) = scene.restart_in_two();
    let command = format!("{stop} && [ ! -e {} ] && {start}", scene.config().display());
    let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
    let refused = scene.install(&[&node[..], &["--restart-command", &command]].concat());
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "command-failed"));
    assert!(!refused.stderr.contains("ROLLBACK FAILED"), "{}", refused.stderr);
    assert_eq!(settings(&scene), before);
    assert_ne!(scene.server.pid(), pid, "it was stopped");
    assert_eq!(scene.server.admin("SELECT 1").trim(), "1");
    assert!(scene.shown().is_err());
}

#[test]
#[ignore = "needs tests/run"]
fn restart_that_fails_leaves_the_settings_of_before() {
    let scene = Scene::with(Engine::MariaDb118, &Config::bare());
    let (before, pid) = (settings(&scene), scene.server.pid());
    let node = ["--datastore", DATASTORE, "--node", "db-1"];
    let restart = ["--domain", "example.com", "--restart-command", "echo started; exit 7"];
    let refused = scene.install(&[node, [restart[0], restart[1], restart[2], restart[3]]].concat());
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "command-failed"));
    assert!(
        refused.stderr.contains("ROLLBACK FAILED"),
        "it could not be restarted: {}",
        refused.stderr
    );
    assert_eq!((settings(&scene), scene.server.pid()), (before, pid));
}

/// A change that the disk does not take is in the file all the same where it was renamed before.
#[test]
#[ignore = "needs tests/run"]
fn sync_that_fails_is_undone_with_what_it_was_for() {
    for engine in [Engine::Pg17, Engine::Mysql97, Engine::Valkey9] {
        let scene = Scene::new(engine);
        let before = settings(&scene);
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
        let install = |when: &str| inject_at(&scene.command(&node), "fsync", "error=EIO", when);
        let takes_plain = || {
            let url = scene.server.url("127.0.0.1");
            let asked = scene.home.run(&["verify", "--mode", "PLAINTEXT", &url]);
            asked.stdout.contains("plain_accepted")
        };
        let mut last = 0;
        for nth in 1..60 {
            let failed = install(&nth.to_string());
            if failed.code == 0 {
                break;
            }
            assert_eq!(failed.code, 3, "{engine:?} {nth}: {}", failed.stderr);
            assert!(!failed.stderr.contains("ROLLBACK FAILED"), "{engine:?}: {}", failed.stderr);
            assert_eq!(settings(&scene), before, "{engine:?} {nth}: {}", failed.stderr);
            assert!(scene.shown().is_err(), "{engine:?} {nth}: it has no TLS, as before");
            assert!(engine != Engine::Pg17 || takes_plain(), "{nth}: {}", failed.stderr);
            last = nth;
        }
        assert!(last > 3, "{engine:?}: {last} failed");
        // What cannot come back is told.
        let scene = Scene::new(engine);
        let install = |when: &str| inject_at(&scene.command(&node), "fsync", "error=EIO", when);
        assert_eq!(install("1").code, 3);
        let failed = install(&format!("{last}+"));
        assert_eq!(failed.code, 3, "{engine:?}: {}", failed.stderr);
        assert!(failed.stderr.contains("ROLLBACK FAILED"), "{engine:?}: {}", failed.stderr);
        assert!(!failed.stderr.contains("as before"), "{engine:?}: {}", failed.stderr);
    }
}

/// The server has the new certificate: that is no failure, and the next run confirms it.
#[test]
#[ignore = "needs tests/run"]
fn change_that_cannot_be_confirmed_is_a_warning() {
    let (scene, mut old, _) = serving(Engine::Valkey9);
    let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
    let mut warned = 0;
    for nth in 1..6 {
        let name = format!("n{nth}.example.com");
        let command = || scene.command(&[&node[..], &["--dns", &name]].concat());
        let done = inject_at(&command(), "unlink", "error=EIO", &nth.to_string());
        let (shown, held) = (scene.shown().expect("a certificate"), load(&scene.server.tls()));
        assert_eq!(done.code == 0, shown != old, "{nth}: {}", done.stderr);
        assert_eq!(Ok(&shown), held.as_ref(), "{nth}: {}", done.stderr);
        warned += u32::from(done.stderr.contains("the change could not be confirmed"));
        assert_eq!(run(&mut command()).code, 0);
        old = scene.shown().expect("a certificate");
        assert!(!scene.server.tls().join("..previous").exists());
    }
    assert!(warned > 0);
}

/// Killed at any moment, something good is served, what is on the disk fits, and another run
/// completes it.
#[test]
#[ignore = "needs tests/run"]
fn kill_leaves_the_old_or_the_new() {
    let mut random = Random::new("a killed installation");
    for engine in [Engine::Mysql97, Engine::Pg17, Engine::Valkey9] {
        let (scene, mut old, _) = serving(engine);
        let url = scene.server.url("127.0.0.1");
        let names = |n: u32| format!("name-{n}.example.com");
        let arguments = |n: u32| {
            let store = ["--store".to_owned(), format!("dir:{}", scene.home.store().display())];
            let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
            let mut words: Vec<String> = store.into_iter().chain(scene.arguments()).collect();
            words.extend(node.map(str::to_owned));
            words.extend(["--dns".to_owned(), names(n)]);
            words
        };
        let start = |n: u32| {
            let words = arguments(n);
            kill::start(scene.home.path(), &words.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let usual = kill::undisturbed(|n| kill::time_to_end(start(n)));
        let mut killed = 0;
        for n in 0..KILLS {
            old = scene.shown().unwrap_or(old);
            killed += u32::from(kill::kill(start(100 + n), n, KILLS, usual, &mut random));
            let (shown, there) = (scene.shown().expect("a certificate"), load(&scene.server.tls()));
            let there = there.expect("certificate and key fit");
            assert!(shown == old || shown == there, "{engine:?} {url}: {shown}");
            let words = arguments(100 + n);
            let again = run(scene.home.ccx(&[]).args(&words[2..]).args(["-o", "json"]));
            assert_eq!(again.code, 0, "{engine:?}: {}{}", again.stdout, again.stderr);
            assert_eq!(scene.shown(), load(&scene.server.tls()), "{engine:?}");
        }
        assert!(killed > KILLS / 4, "{engine:?}: {killed} were killed");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn wrong_or_missing_engine_is_reported() {
    let scene = Scene::with(Engine::MariaDb118, &Config::bare());
    let socket = scene.server.socket().display().to_string();
    let ask = |engine: &str, socket: &str| {
        let words = ["cert", "install", "--engine", engine, "--dir", "tls", "--socket", socket];
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", "x.example"];
        scene.home.run(&[&words[..], &node, &["-o", "json"]].concat())
    };
    let code = |run: &Run| (run.code, run.error_code());
    assert_eq!(code(&ask("mysql", &socket)), (2, "engine-other".to_owned()));
    assert_eq!(code(&ask("mssql", &socket)).0, 2);
    // Names need the node that they are for.
    let words = ["cert", "install", "--engine", "mariadb", "--dir", "tls", "--socket", &socket];
    let named = scene.home.run(&[&words[..], &["--dns", "x.example", "-o", "json"]].concat());
    assert_eq!(code(&named), (2, "node-missing".to_owned()));
    assert_eq!(ask("mariadb", &scene.home.at("nothing.sock")).code, 3);
    assert!(!Path::new(&scene.home.at("tls")).exists(), "nothing was made");
    assert_eq!(scene.server.engine().family(), Family::MariaDb);
}
