//! Expired on the wire, good on the disk: what a server serves, compared with what its directory
//! or its Secret holds. What `verify` says to do is done, step by step, on real servers, and ends
//! with a server that passes.

use std::time::{Duration, Instant};

use crate::common::db::{Engine, OWNER};
use crate::common::hints::hints;
use crate::common::install::Scene;
use crate::common::nodes::{DATASTORE, DOMAIN, certificate, load};
use crate::common::random::say;
use crate::common::{Home, Run, chmod, run, tool};

/// What a person fills in on the way.
const FILLED: [(&str, &str); 5] = [
    ("DATASTORE", DATASTORE),
    ("NODE", "db-1"),
    ("DOMAIN", DOMAIN),
    ("ENGINE", "mysql"),
    ("OWNER", OWNER),
];

/// The mode, verdict and reason of each row.
fn rows(run: &Run) -> Vec<String> {
    let lines = run.stdout.lines().filter(|line| line.contains("://") && !line.starts_with(' '));
    lines.map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")).collect()
}

fn row(run: &Run, mode: &str) -> String {
    let found = rows(run).into_iter().find(|row| row.split(' ').next() == Some(mode));
    let row = found.unwrap_or_else(|| panic!("no {mode}: {}{}", run.stdout, run.stderr));
    row[mode.len() + 1..].to_owned()
}

/// The remedy below the row of a mode, line by line.
fn remedy(home: &Home, arguments: &[&str], mode: &str) -> Vec<String> {
    let document = home.run(&[arguments, &["-o", "json"]].concat()).json();
    let verdicts = document["endpoints"][0]["verdicts"].as_array().expect("verdicts").clone();
    let verdict = verdicts.iter().find(|verdict| verdict["mode"] == mode).expect("the mode");
    let hints = verdict["hints"].as_array().unwrap_or_else(|| panic!("no hint: {verdict}"));
    hints.iter().flat_map(|hint| hint.as_str().expect("text").lines()).map(str::to_owned).collect()
}

/// Does one line of a remedy as a person would: pastes its command, or has the server do its
/// statement. The run of the command, if it is one.
fn follow(scene: &Scene, line: &str) -> Option<Run> {
    let tls = scene.server.tls().display().to_string();
    if let Some(at) = line.find("ccx-sec ") {
        let words = shell_words::split(&line[at..]).expect("words").into_iter().skip(1);
        let fill = |word: String| {
            let known = FILLED.iter().find(|(name, _)| *name == word);
            let word = known.map_or(word, |(_, value)| (*value).to_owned());
            if word == "DIR" { tls.clone() } else { word }
        };
        let words: Vec<String> = words.map(fill).collect();
        return Some(scene.home.run(&words.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    let (_, statement) = line.split_once("let the server read")?;
    let (_, statement) = statement.split_once(": ").expect("a statement");
    let file = |name: &str| format!("{tls}/{name}");
    let statement = statement
        .replace("CERT_FILE", &file("server-cert.pem"))
        .replace("KEY_FILE", &file("server-key.pem"));
    let said = scene.server.try_admin(&statement);
    say("server", &format!("{statement}: {said:?}"));
    None
}

/// Does a remedy to its end, and gives its last run.
fn follow_all(scene: &Scene, lines: &[String]) -> Run {
    let mut last = None;
    for line in lines {
        say("step", line);
        last = follow(scene, line)
            .inspect(|run| say("run", &format!("{}{}", run.stdout, run.stderr)))
            .or(last);
    }
    last.expect("a command")
}

/// `verify` again until a row is so: a server loads its files a moment after it was told.
fn verify_until(scene: &Scene, arguments: &[&str], mode: &str, wanted: &str) -> Run {
    let start = Instant::now();
    loop {
        let looked = scene.home.run(arguments);
        if row(&looked, mode) == wanted {
            return looked;
        }
        assert!(start.elapsed() < Duration::from_secs(300), "{}", looked.stdout);
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A server that serves what `cert install` gave it; its URL and its directory.
fn serving(engine: Engine) -> (Scene, String, String) {
    let scene = Scene::new(engine);
    let made = scene.issue(&[]);
    assert_eq!(made.code, 0, "{engine:?}: {}{}", made.stdout, made.stderr);
    let (url, dir) = (scene.server.url("127.0.0.1"), scene.server.tls().display().to_string());
    (scene, url, dir)
}

/// The same with a certificate that has expired since. Servers load none that has expired, so it
/// lasts as long as this machine takes for that.
fn serving_expired(engine: Engine) -> (Scene, String, String) {
    let (scene, url, dir) = serving(engine);
    for validity in ["4s", "16s", "64s", "256s"] {
        let old = scene.shown().expect("a certificate");
        scene.home.done(&["cert", "renew", "--dir", &dir, "--force", "--validity", validity]);
        let _ = scene.server.reload();
        if scene.shown().expect("a certificate") != old {
            verify_until(&scene, &["verify", &url], "VERIFY_CA", "fail expired");
            return (scene, url, dir);
        }
    }
    panic!("{engine:?} loads nothing");
}

const ENGINES: [Engine; 5] =
    [Engine::Mysql97, Engine::MariaDb118, Engine::Pg17, Engine::Redis7, Engine::Valkey9];

#[test]
#[ignore = "needs tests/run"]
fn verify_expired_remedy_ends_with_a_server_that_passes() {
    for engine in ENGINES {
        let (scene, url, dir) = serving_expired(engine);
        let (plain, compare) = (["verify", &url], ["verify", "--dir", &dir, &url]);
        // Both are old.
        let both = scene.home.run(&compare);
        assert_eq!(row(&both, "LOADED"), "pass -", "{}", both.stdout);
        // The renewal is done, and the server was not told: good on the disk.
        let renewed = scene.home.done(&["cert", "renew", "--dir", &dir, "--validity", "1d"]);
        assert!(renewed.stdout.contains("renewed"), "{}", renewed.stdout);
        let looked = scene.home.run(&compare);
        assert_eq!(row(&looked, "LOADED"), "fail not_loaded", "{}", looked.stdout);
        let (old, new) = (
            scene.shown().expect("a certificate"),
            certificate(&scene.server.tls().join("server-cert.pem")),
        );
        assert_ne!(old, new.sha256());
        assert!(looked.stdout.contains("which ended on"), "{}", looked.stdout);
        assert!(looked.stdout.contains(&new.serial()), "{}", looked.stdout);
        // Renewing once more says that nothing is due, and how to compare.
        let kept = scene.home.done(&["cert", "renew", "--dir", &dir]);
        assert!(kept.stderr.contains(&format!("verify --dir {dir} URL")), "{}", kept.stderr);
        // Whoever does what `verify` says, without --dir and with it, ends well.
        let steps = remedy(&scene.home, &plain, "VERIFY_CA");
        assert!(steps[0].contains("cert renew --dir DIR"), "{steps:?}");
        let steps_with = remedy(&scene.home, &compare, "VERIFY_CA");
        assert!(steps_with[0].contains("let the server read the files"), "{steps_with:?}");
        follow_all(&scene, &steps);
        let looked = verify_until(&scene, &compare, "LOADED", "pass -");
        assert_eq!(row(&looked, "VERIFY_IDENTITY"), "pass -", "{}", looked.stdout);

        scene.home.done(&["cert", "renew", "--dir", &dir, "--force"]);
        follow_all(&scene, &remedy(&scene.home, &compare, "LOADED"));
        let looked = verify_until(&scene, &compare, "LOADED", "pass -");
        assert_eq!(row(&looked, "VERIFY_IDENTITY"), "pass -", "{}", looked.stdout);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn verify_expired_remedy_renews_and_reloads_where_both_are_old() {
    for engine in [Engine::Mysql97, Engine::Pg17, Engine::Redis7] {
        let (scene, url, dir) = serving_expired(engine);
        let compare = ["verify", "--dir", &dir, &url];
        let steps = remedy(&scene.home, &compare, "VERIFY_CA");
        assert!(steps[0].contains(&format!("cert renew --dir {dir}")), "{steps:?}");
        // Left alone it would again be one for some seconds.
        scene.home.done(&["cert", "renew", "--dir", &dir, "--validity", "1d"]);
        follow_all(&scene, &steps[1..]);
        let looked = verify_until(&scene, &compare, "LOADED", "pass -");
        assert_eq!(row(&looked, "VERIFY_IDENTITY"), "pass -", "{}", looked.stdout);
    }
}

/// A key that does not belong to the certificate: the server refuses the files, and serves the old
/// ones.
#[test]
#[ignore = "needs tests/run"]
fn verify_tells_a_replaced_key_and_its_remedy_ends_well() {
    for engine in ENGINES {
        let (scene, url, dir) = serving(engine);
        let compare = ["verify", "--dir", &dir, &url];
        let old = scene.shown().expect("a certificate");
        let key = scene.server.tls().join("server-key.pem");
        let key = std::fs::canonicalize(key).expect("a key");
        let words = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
        let other = tool("openssl", &words);
        std::fs::write(&key, other).expect("written");
        let refused = scene.server.reload();
        assert!(refused.is_err(), "{engine:?} takes it");
        assert_eq!(scene.shown(), Ok(old), "{engine:?}");
        let looked = scene.home.run(&compare);
        assert_eq!(row(&looked, "LOADED"), "fail files_damaged", "{}", looked.stdout);
        assert!(looked.stdout.contains("do not belong together"), "{}", looked.stdout);
        // Its names are not proved, and renewal says so.
        let renewed = scene.home.run(&["cert", "renew", "--dir", &dir]);
        renewed.assert_error(3, "certificate-damaged");
        assert!(renewed.stderr.contains("do not belong together"), "{}", renewed.stderr);
        follow_all(&scene, &remedy(&scene.home, &compare, "LOADED"));
        let looked = verify_until(&scene, &compare, "LOADED", "pass -");
        assert_eq!(row(&looked, "VERIFY_IDENTITY"), "pass -", "{}", looked.stdout);
    }
}

/// A new certificate on the disk that the server has not loaded, and a run that fails for another
/// reason: `cert install` says which certificate is on the disk, and which one is served.
#[test]
#[ignore = "needs tests/run"]
fn cert_install_that_fails_says_what_the_directory_holds_and_the_server_serves() {
    for engine in ENGINES {
        let (scene, url, dir) = serving(engine);
        let old = scene.shown().expect("a certificate");
        scene.home.done(&["cert", "renew", "--dir", &dir, "--force"]);
        let new = load(&scene.server.tls()).expect("credentials");
        let elsewhere = format!("{}://127.0.0.1:1", engine.kind());
        let refused = run(&mut scene.command(&["--url", &elsewhere, "--timeout", "4s"]));
        assert_eq!(refused.code, 3, "{engine:?}: {}{}", refused.stdout, refused.stderr);
        // Nobody answered there, before or after, and the server has loaded the files meanwhile.
        assert_eq!(scene.shown().as_ref(), Ok(&new), "{engine:?}: {}", refused.stderr);
        let compare = ["verify", "--dir", &dir, &url];
        assert_eq!(row(&scene.home.run(&compare), "LOADED"), "pass -");

        // A key that the server may not read; only root can give files away.
        if !rustix::process::geteuid().is_root() {
            continue;
        }
        scene.home.done(&["cert", "renew", "--dir", &dir, "--force"]);
        let newest = load(&scene.server.tls()).expect("credentials");
        let refused = run(&mut scene.command(&["--owner", "0:0"]));
        assert_eq!(refused.code, 3, "{engine:?}: {}{}", refused.stdout, refused.stderr);
        assert!(!refused.stderr.contains("ROLLBACK FAILED"), "{engine:?}: {}", refused.stderr);
        let served = scene.shown().expect("a certificate");
        let said = refused.stderr.contains("which it did not before");
        assert_eq!(said, served == newest, "{engine:?}: {}", refused.stderr);
        let said = hints(&refused).into_iter().find(|hint| hint.contains("does not serve"));
        assert_eq!(said.is_some(), served != newest, "{engine:?}: {}", refused.stderr);
        assert!(served == newest || said.is_some_and(|said| said.contains(&newest)));
        assert!([&old, &new, &newest].contains(&&served));
    }
}

/// Files that the server cannot reach (only root can take that right from another user).
#[test]
#[ignore = "needs tests/run"]
fn cert_install_that_is_refused_says_that_the_directory_is_not_served() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    for engine in ENGINES {
        let scene = Scene::new(engine);
        let place = tempfile::tempdir().expect("a directory");
        chmod(place.path(), 0o755);
        let (tls, url) = (place.path().join("tls"), scene.server.url("127.0.0.1"));
        let dir = tls.display().to_string();
        let made = scene.issue(&["--dir", &dir]);
        assert_eq!(made.code, 0, "{engine:?}: {}{}", made.stdout, made.stderr);
        let old = scene.shown().expect("a certificate");
        scene.home.done(&["cert", "renew", "--dir", &dir, "--force"]);
        let new = load(&tls).expect("credentials");
        chmod(&tls, 0o700);
        let refused = run(&mut scene.command(&["--dir", &dir]));
        assert_eq!(refused.code, 3, "{engine:?}: {}{}", refused.stdout, refused.stderr);
        assert_eq!(scene.shown().as_ref(), Ok(&old), "{engine:?}");
        let said = hints(&refused).into_iter().find(|hint| hint.contains("does not serve"));
        let said = said.unwrap_or_else(|| panic!("{engine:?}: {}", refused.stderr));
        assert!(said.contains(&old) && said.contains(&new), "{engine:?}: {said}");
        chmod(&tls, 0o755);
        let compare = ["verify", "--dir", &dir, &url];
        assert_eq!(row(&scene.home.run(&compare), "LOADED"), "fail not_loaded");
        follow_all(&scene, &remedy(&scene.home, &compare, "LOADED"));
        verify_until(&scene, &compare, "LOADED", "pass -");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn verify_compares_with_secrets() {
    let engine = Engine::Pg17;
    let scene = Scene::new(engine);
    let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
    let kind = ["--engine", engine.kind(), "--secret"];
    scene.home.done(&[&["cert", "issue"][..], &node, &kind].concat());
    let name = format!("ccx-node-{DATASTORE}-db-1");
    let issued = scene.issue(&[]);
    assert_eq!(issued.code, 0, "{}", issued.stderr);
    let inventory = format!(
        "nodes:\n- {{datastore: {DATASTORE}, node: db-1, engine: {}, domain: {DOMAIN}, port: {}}}\n",
        engine.kind(),
        scene.server.port()
    );
    scene.home.write("nodes.yaml", inventory);
    // Nobody answers for the node's name here: the Secret is compared where a server is seen.
    let compare = || {
        let compare = ["verify", "--inventory", "nodes.yaml", "--expect-loaded", "-o", "json"];
        let document = scene.home.run(&compare).json();
        let verdicts = document["endpoints"][0]["verdicts"].as_array().expect("verdicts").clone();
        let loaded = verdicts.iter().find(|verdict| verdict["mode"] == "LOADED").expect("LOADED");
        format!("{} {}", loaded["verdict"], loaded["reason"]).replace('"', "")
    };
    assert_eq!(compare(), "unknown name_unknown");
    std::fs::remove_file(scene.home.secret_file(&name)).expect("removed");
    assert_eq!(compare(), "unknown files_not_read");
}

#[test]
#[ignore = "needs tests/run"]
fn verify_dir_that_is_not_there_is_no_pass() {
    let scene = Scene::new(Engine::Valkey9);
    let url = scene.server.url("127.0.0.1");
    let looked = scene.home.run(&["verify", "--dir", "nowhere", &url]);
    assert_eq!(row(&looked, "LOADED"), "unknown files_not_read", "{}", looked.stdout);
    assert!(looked.code != 0);
}
