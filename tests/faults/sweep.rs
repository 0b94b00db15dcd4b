//! Every command that writes, while a system call of it fails, or killed at it: what was in force
//! before still is, or the whole new set; no exit status 0 over a loss; the same command goes
//! through afterwards. `CCX_TEST_FAULTS=all` in the environment tries all calls and all errors
//! (`tests/benches/faults`); otherwise it is some of each.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;

use crate::common::db::Engine;
use crate::common::faults::{Most, Stage, at_each_fault, copy_of, faults, inject, inject_at};
use crate::common::install::Scene as InstallScene;
use crate::common::nodes::{DATASTORE, DOMAIN, done, load};
use crate::common::service::Service;
use crate::common::{Home, Run, run, tool};

/// How many faults are tried of a command, where not all are.
const SOME: Most = Most { some: 14, of_all: None };
/// The same of those that write dozens of files, or change a server.
const SOME_OF_MANY: Most = Most { some: 14, of_all: Some(200) };

/// A directory of credentials holds the current set, perhaps those that the last run replaced (two
/// where it also took over files of others), and nothing of those that were not finished.
fn assert_tidy(directory: &Path) {
    let names: Vec<String> = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    let is_set = |name: &&String| name.starts_with("..") && name.len() == 14;
    let sets = names.iter().filter(is_set).count();
    assert!((1..=3).contains(&sets) && names.len() == 4 + sets, "{names:?}");
}

/// A home with a CA, and the credentials of a node in `tls`; their fingerprint.
fn with_node() -> (Home, String) {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &[]));
    let old = load(&home.join("tls")).expect("credentials");
    (home, old)
}

#[test]
#[ignore = "needs tests/run"]
fn cert_renew_with_nothing_due() {
    let (home, old) = with_node();
    let command = |home: &Home| home.ccx(&["cert", "renew", "--dir", "tls"]);
    at_each_fault(&home, SOME, command, |home, run, stage| {
        let now = load(&home.join("tls")).expect("they load");
        // A file that ends early is damaged, and is replaced.
        assert!(now == old || run.stdout.contains("damaged"), "{}{}", run.stdout, run.stderr);
        if stage == Stage::Again {
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert_tidy(&home.join("tls"));
        }
    });
}

#[test]
#[ignore = "needs tests/run"]
fn cert_renew_by_force() {
    let (home, old) = with_node();
    let command = |home: &Home| {
        home.ccx(&["cert", "renew", "--dir", "tls", "--force", "--exec", "test -s tls/ca.pem"])
    };
    at_each_fault(&home, SOME, command, |home, run, stage| {
        let now = load(&home.join("tls")).expect("they load");
        assert!(run.code != 0 || now != old, "{}", run.stdout);
        if stage == Stage::Again {
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert_tidy(&home.join("tls"));
        }
    });
}

#[test]
#[ignore = "needs tests/run"]
fn cert_issue_over_files_of_others() {
    let (home, _) = with_node();
    let there = ["ca.pem", "server-cert.pem", "server-key.pem"];
    fs::create_dir(home.join("theirs")).expect("a directory");
    for name in there {
        fs::copy(home.join("tls").join(name), home.join("theirs").join(name)).expect("copied");
    }
    fs::remove_dir_all(home.join("tls")).expect("removed");
    fs::rename(home.join("theirs"), home.join("tls")).expect("renamed");
    let command = |home: &Home| home.issue("mysql", &["--force", "--dns", "new.example.com"]);
    at_each_fault(&home, SOME, command, |home, run, stage| {
        load(&home.join("tls")).expect("they load");
        if stage == Stage::Again {
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert_tidy(&home.join("tls"));
        }
    });
}

const INVENTORY: &str = "\
defaults: {domain: ccx.example.com, engine: mysql, datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10}
nodes:
- {node: db-1}
- {node: db-2}
";

#[test]
#[ignore = "needs tests/run"]
fn cert_issue_of_an_inventory() {
    let home = Home::with_ca();
    home.write("nodes.yaml", INVENTORY);
    let inventory = ["cert", "issue", "--inventory", "nodes.yaml", "--out", "fleet", "--jobs", "1"];
    done(&mut home.ccx(&inventory));
    let nodes = ["db-1", "db-2"].map(|node| format!("fleet/{DATASTORE}/{node}"));
    let old = nodes.clone().map(|node| load(&home.join(&node)).expect("credentials"));
    let command = |home: &Home| home.ccx(&inventory);
    let renewed = Cell::new(false);
    at_each_fault(&home, SOME, command, |home, run, stage| {
        // A file that ends early is damaged, and is replaced: the sums say so.
        let renews = run.stdout.contains("renewed 1");
        renewed.set(renews || stage == Stage::Again && renewed.get());
        for (node, old) in nodes.iter().zip(&old) {
            let now = load(&home.join(node)).expect("they load");
            assert!(now == *old || renewed.get(), "{}", run.stdout);
            if stage == Stage::Again {
                assert_eq!(run.code, 0, "{}", run.stderr);
                assert_tidy(&home.join(node));
            }
        }
    });
}

/// As at the limit of processes: an error, and no panic.
#[test]
#[ignore = "needs tests/run"]
fn threads_that_cannot_start() {
    let home = Home::with_ca();
    home.write("nodes.yaml", INVENTORY);
    let inventory = ["cert", "issue", "--inventory", "nodes.yaml", "--out", "fleet"];
    let verify = ["verify", "--mode", "PLAINTEXT", "redis://localhost:1"];
    for when in ["1", "2", "3", "1+"] {
        for command in [home.ccx(&inventory), home.ccx(&verify)] {
            let run = inject_at(&command, "clone3", "error=EAGAIN", when);
            assert!((0..=4).contains(&run.code), "{when}: {} {}", run.code, run.stderr);
            assert!(!run.stderr.contains("panicked"), "{when}: {}", run.stderr);
        }
    }
    done(&mut home.ccx(&inventory));
    for node in ["db-1", "db-2"] {
        load(&home.join(&format!("fleet/{DATASTORE}/{node}"))).expect("credentials");
    }
}

/// The CA in the store, made whole where its bundle is missing; its fingerprint.
fn ca(home: &Home) -> Option<String> {
    let checked = home.run(&["ca", "check", "-o", "json"]);
    let found = checked.json();
    let codes: Vec<&str> = found["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|f| f["code"].as_str())
        .collect();
    match codes.as_slice() {
        [] | ["bundle-repaired"] => Some(found["sha256"].as_str().expect("a CA").to_owned()),
        ["ca-missing"] => None,
        other => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "needs tests/run"]
fn ca_init() {
    let command = |home: &Home| home.ccx(&["ca", "init", "--common-name", "X", "-o", "json"]);
    at_each_fault(&Home::new(), SOME, command, |home, run, stage| {
        let made = ca(home).is_some();
        assert!(made || run.code != 0, "{}", run.stdout);
        if stage == Stage::Again {
            // Where it was made, and could not be told.
            let is_there = run.code == 4 && run.error_code() == "ca-exists";
            assert!(made && (run.code == 0 || is_there), "{}", run.stderr);
        }
    });
}

#[test]
#[ignore = "needs tests/run"]
fn ca_import() {
    let home = Home::with_ca();
    let export = ["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"];
    home.done(&[&export[..], &["--out", "backup.pem"]].concat());
    let old = ca(&home);
    fs::remove_file(home.secret_file("ccx-ca")).expect("removed");
    let command = |home: &Home| home.ccx(&["ca", "import", "--cert", "backup.pem", "-o", "json"]);
    at_each_fault(&home, SOME, command, |home, run, stage| {
        let is_there = home.secret_file("ccx-ca").exists();
        assert!(is_there || run.code != 0, "{}", run.stdout);
        if stage == Stage::Again {
            let is_refused = run.code == 4 && run.error_code() == "ca-exists";
            assert!(run.code == 0 || is_refused, "{}", run.stderr);
            assert_eq!(ca(home), old);
        }
    });
}

/// A command that writes the one file `out`: it is the old one or the whole new one.
fn at_a_file(home: &Home, out: &str, command: impl Fn(&Home) -> Command) {
    let old = fs::read(home.join(out)).expect("the old file");
    let judge = |home: &Home, run: &Run, stage: Stage| {
        let now = fs::read(home.join(out)).expect("a file");
        let text = String::from_utf8(now.clone()).expect("text");
        assert!(now == old || text.ends_with("-----END CERTIFICATE-----\n"), "{text}");
        assert!(run.code != 0 || now != old, "{}", run.stdout);
        if stage == Stage::Again {
            assert_eq!(run.code, 0, "{}", run.stderr);
        }
    };
    at_each_fault(home, SOME, command, judge);
}

#[test]
#[ignore = "needs tests/run"]
fn ca_export() {
    let home = Home::with_ca();
    home.write("ca.pem", "old");
    at_a_file(&home, "ca.pem", |home| home.ccx(&["ca", "export", "--out", "ca.pem", "--force"]));
}

#[test]
#[ignore = "needs tests/run"]
fn cert_sign() {
    let home = Home::with_ca();
    let request = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let (key, csr) = (home.at("key.pem"), home.at("csr.pem"));
    let paths = ["-keyout", &key, "-out", &csr, "-subj", "/CN=x"];
    tool("openssl", &[&request[..], &paths].concat());
    home.write("cert.pem", "old");
    let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", "ccx.example.com"];
    let files = ["--engine", "mysql", "--csr", "csr.pem", "--out", "cert.pem", "--force"];
    let words = [&["cert", "sign"][..], &node, &files].concat();
    at_a_file(&home, "cert.pem", |home| home.ccx(&words));
}

#[test]
#[ignore = "needs tests/run"]
fn ca_fetch() {
    let home = Home::with_ca();
    let service = Service::start(&home.ccx(&["serve", "--listen", "127.0.0.1:0", "-q"]), 1);
    let sha256 = home.done(&["ca", "show", "-o", "json"]).json()["sha256"].clone();
    let sha256 = sha256.as_str().expect("a fingerprint");
    home.write("ca.pem", "old");
    let words = ["ca", "fetch", &service.urls[0], "--sha256", sha256, "--out", "ca.pem", "--force"];
    at_a_file(&home, "ca.pem", |home| home.ccx(&words));
}

/// A command that writes files into the directory `out`: each is the old one or the whole new one.
fn at_files(home: &Home, out: &str, command: impl Fn(&Home) -> Command) {
    let read = |home: &Home| -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(home.join(out)).into_iter().flatten();
        let named = entries.map(|entry| entry.expect("an entry"));
        // What a killed writer leaves is not a file that anybody reads.
        let named = named.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
        named
            .map(|entry| {
                let name = entry.file_name().into_string().expect("UTF-8");
                (name, fs::read(entry.path()).expect("a file"))
            })
            .collect()
    };
    let scratch = copy_of(home);
    done_as_text(&mut command(&scratch));
    let whole = read(&scratch);
    assert!(!whole.is_empty());
    for name in whole.keys() {
        home.write(&format!("{out}/{name}"), "old");
    }
    at_each_fault(home, SOME_OF_MANY, command, |home, run, stage| {
        let now = read(home);
        let names: Vec<&String> = now.keys().collect();
        assert_eq!(names, whole.keys().collect::<Vec<_>>());
        for (name, bytes) in &now {
            assert!(bytes == b"old" || *bytes == whole[name], "{name} is half written");
        }
        if run.code == 0 || stage == Stage::Again {
            assert_eq!((run.code, now == whole), (0, true), "{}", run.stderr);
        }
    });
}

fn done_as_text(command: &mut Command) {
    let run = run(command);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn snippet_into_files() {
    let home = Home::new();
    fs::create_dir(home.join("out")).expect("a directory");
    let server = ["--engine", "postgresql", "--engine-version", "17", "--dir", "/etc/tls"];
    let words = [&["snippet", "server"][..], &server, &["--out", "out", "--force"]].concat();
    at_files(&home, "out", |home| home.ccx(&words));
}

#[test]
#[ignore = "needs tests/run"]
fn man_pages() {
    let home = Home::new();
    fs::create_dir(home.join("out")).expect("a directory");
    at_files(&home, "out", |home| home.ccx(&["man", "--out", "out"]));
}

/// On a server that runs: it serves the old certificate or the new one, and with exit status 0
/// what the directory holds. The server stays, so each run asks for another name.
#[test]
#[ignore = "needs tests/run"]
fn cert_install() {
    let scene = InstallScene::new(Engine::Valkey9);
    done_as_text(&mut scene.command(&[
        "--datastore",
        DATASTORE,
        "--node",
        "db-1",
        "--domain",
        DOMAIN,
    ]));
    let command = |nth: usize| {
        let name = format!("n{nth}.example.com");
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
        scene.command(&[&node[..], &["--dns", &name]].concat())
    };
    let held = || load(&scene.server.tls()).expect("credentials");
    let faults = faults(&command(0), SOME_OF_MANY);
    for (nth, fault) in faults.iter().enumerate() {
        let before = scene.shown().expect("a certificate");
        let faulty = inject(&command(nth + 1), fault);
        let (now, there) = (scene.shown().expect("it serves TLS"), held());
        assert!(now == before || now == there, "{fault}: {}", faulty.stderr);
        assert!(faulty.code != 0 || now == there, "{fault}: {}", faulty.stderr);
        assert!(!faulty.stderr.contains("ROLLBACK FAILED"), "{fault}: {}", faulty.stderr);
        let again = run(&mut command(nth + 1));
        assert_eq!(again.code, 0, "{fault}: {}", again.stderr);
        assert_eq!(scene.shown(), Ok(held()), "{fault}: {}", again.stderr);
    }
    assert_tidy(&scene.server.tls());
}

#[test]
#[ignore = "needs tests/run"]
fn secret_of_a_node() {
    let home = Home::with_ca();
    let issue = |home: &Home, more: &[&str]| {
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--engine", "mysql"];
        let place = ["--domain", "ccx.example.com", "--secret"];
        home.ccx(&[&["cert", "issue"][..], &node, &place, more].concat())
    };
    run(&mut issue(&home, &[]));
    let name = format!("ccx-node-{DATASTORE}-db-1");
    let old = home.value(&name, "tls.crt");
    let command = |home: &Home| issue(home, &["--dns", "new.example.com"]);
    at_each_fault(&home, SOME, command, |home, run, stage| {
        let now = home.value(&name, "tls.crt");
        assert!(now.ends_with("-----END CERTIFICATE-----\n"), "{now}");
        assert!(run.code != 0 || now != old, "{}", run.stdout);
        if stage == Stage::Again {
            assert_eq!(run.code, 0, "{}", run.stderr);
            done(&mut home.ccx(&["cert", "list"]));
        }
    });
}
