//! A fleet: 10,000 nodes from one inventory, damage and kills that the next run makes good,
//! and failures of some that do not stop the others.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::kill::{self, kill, time_to_end, undisturbed, wait_for};
use crate::common::nodes::{DOMAIN, certificate, done, fault, load, summary};
use crate::common::random::{Random, say};
use crate::common::{Home, run, tool, unprivileged};

const NODES: usize = 10_000;
/// How many nodes a run that is killed has.
const SOME: usize = 200;
const KILLS: u32 = 12;

/// The datastore and the name of the `n`th node: ten nodes a datastore.
fn node(n: usize) -> (String, String) {
    (format!("5b0d8c1e-7a55-4f0e-9a52-{:012x}", n / 10), format!("db-{n}"))
}

fn directory(home: &Home, n: usize) -> PathBuf {
    let (datastore, name) = node(n);
    home.join("fleet").join(datastore).join(name)
}

/// A home with a CA and an inventory of so many nodes.
fn home(nodes: usize) -> Home {
    let home = Home::with_ca();
    let mut text = format!("defaults: {{domain: {DOMAIN}, engine: postgresql}}\nnodes:\n");
    for n in 0..nodes {
        let (datastore, name) = node(n);
        let ip = format!("10.0.{}.{}", n / 250, n % 250);
        text.push_str(&format!("- {{datastore: {datastore}, node: {name}, ip: [{ip}]}}\n"));
    }
    fs::write(home.join("nodes.yaml"), text).expect("written");
    home
}

const ISSUE: [&str; 6] = ["cert", "issue", "--inventory", "nodes.yaml", "--out", "fleet"];

/// A run over the fleet that must succeed: how many were issued, renewed, refreshed and kept.
fn issue(home: &Home) -> [u64; 4] {
    summary(&done(&mut home.ccx(&ISSUE)))
}

#[test]
#[ignore = "slow: left to tests/run"]
fn ten_thousand_nodes_are_issued_kept_and_mended() {
    let begin = Instant::now();
    let home = home(NODES);
    let first = done(&mut home.ccx(&ISSUE));
    let issued = begin.elapsed();
    assert_eq!(summary(&first), [NODES as u64, 0, 0, 0]);
    let rows = |document: &Value| document["nodes"].as_array().expect("nodes").clone();
    let rows_of_first = rows(&first);
    assert_eq!(rows_of_first.len(), NODES);
    let serials: std::collections::HashSet<&str> =
        rows_of_first.iter().map(|row| row["serial"].as_str().expect("a serial")).collect();
    assert_eq!(serials.len(), NODES);

    // A hundred of them, by OpenSSL, each for its own name.
    for n in (0..NODES).step_by(NODES / 100) {
        let certificate = directory(&home, n).join("server-cert.pem").display().to_string();
        let ca = directory(&home, 0).join("ca.pem").display().to_string();
        let (datastore, name) = node(n);
        let host = format!("{name}.{datastore}.{DOMAIN}");
        let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &ca];
        let said =
            tool("openssl", &[&verify[..], &["-verify_hostname", &host, &certificate]].concat());
        assert_eq!(said, format!("{certificate}: OK\n"));
        assert_eq!(
            load(&directory(&home, n)).as_deref(),
            rows_of_first[n]["sha256"].as_str().ok_or(&String::new())
        );
    }
    let second = Instant::now();
    assert_eq!(issue(&home), [0, 0, 0, NODES as u64]);
    let kept = second.elapsed();

    let half = NODES as u64 / 2;
    (0..NODES).step_by(2).for_each(|n| fs::remove_dir_all(directory(&home, n)).expect("removed"));
    let third = Instant::now();
    let mended = done(&mut home.ccx(&ISSUE));
    let mend = third.elapsed();
    assert_eq!(summary(&mended), [half, 0, 0, half]);
    for (n, (before, after)) in rows_of_first.iter().zip(rows(&mended)).enumerate() {
        assert_eq!(before["sha256"] == after["sha256"], n % 2 == 1, "{n}");
    }
    say(
        "fleet",
        &format!("{NODES} nodes: issued in {issued:?}, kept in {kept:?}, half mended in {mend:?}"),
    );
    assert!(issued < Duration::from_secs(60), "{issued:?}");
}

#[test]
#[ignore = "slow: left to tests/run"]
fn issue_fleet_killed_anywhere_resumes() {
    let mut random = Random::new("fleet");
    let home = home(SOME);
    let store = format!("dir:{}", home.store().display());
    let start = || kill::start(home.path(), &[&["--store", &store][..], &ISSUE].concat());
    let usual = undisturbed(|_| {
        let _ = fs::remove_dir_all(home.join("fleet"));
        time_to_end(start())
    });
    let mut left = Vec::new();
    for n in 0..KILLS {
        let _ = fs::remove_dir_all(home.join("fleet"));
        let mut child = start();
        // Every other one when it has begun to put nodes in force, which it soon has done.
        let within = if n % 2 == 0 { usual } else { Duration::ZERO };
        if n % 2 == 1 {
            wait_for(|| directory(&home, 0).join("..data").is_symlink(), &mut child);
        }
        kill(child, n, KILLS, within, &mut random);
        let mut whole = 0;
        for n in 0..SOME {
            let directory = directory(&home, n);
            // A name that leads nowhere yet is no certificate.
            if directory.join("server-cert.pem").exists()
                || directory.join("server-key.pem").exists()
            {
                load(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
                whole += 1;
            }
        }
        left.push(whole);
        let [issued, renewed, refreshed, kept] = issue(&home);
        // One that was in force and not confirmed is confirmed.
        assert_eq!((issued + refreshed + kept, renewed), (SOME as u64, 0));
        assert_eq!((refreshed + kept) as usize, whole);
    }
    say("fleet", &format!("{SOME} nodes, killed within {usual:?}: {left:?} of them whole"));
    assert!(left.contains(&0) && left.iter().any(|whole| (1..SOME).contains(whole)), "{left:?}");
    assert_eq!(issue(&home), [0, 0, 0, SOME as u64]);
    for n in 0..SOME {
        assert_eq!(fs::read_dir(directory(&home, n)).expect("a directory").count(), 5, "{n}");
    }
}

#[test]
fn failed_node_is_named_and_does_not_stop_the_others() {
    let home = home(20);
    fs::create_dir_all(directory(&home, 3)).expect("made");
    fs::write(directory(&home, 3).join("server-key.pem"), "theirs").expect("written");
    fs::create_dir_all(directory(&home, 4).parent().expect("above")).expect("made");
    fs::write(directory(&home, 4), "a file").expect("written");
    fs::create_dir_all(directory(&home, 5)).expect("made");
    let held = fs::File::open(directory(&home, 5)).expect("opened");
    held.lock().expect("locked");
    fs::write(directory(&home, 10).parent().expect("above"), "a file").expect("written");
    let failed: HashMap<usize, &str> =
        [(3, "file-foreign"), (4, "file-unwritable"), (5, "directory-locked")]
            .into_iter()
            .chain((10..20).map(|n| (n, "file-unwritable")))
            .collect();
    let said = run(home.ccx(&ISSUE).args(["-o", "json"]));
    assert_eq!((said.code, said.stderr.as_str()), (3, ""));
    let document = said.json();
    assert_eq!((summary(&document), &document["summary"]["failed"]), ([7, 0, 0, 0], &json!(13)));
    for (n, row) in document["nodes"].as_array().expect("nodes").iter().enumerate() {
        let (datastore, name) = node(n);
        assert_eq!((&row["datastore"], &row["node"]), (&json!(datastore), &json!(name)));
        match failed.get(&n) {
            Some(code) => assert_eq!(
                (&row["action"], &row["error"]["code"]),
                (&json!("failed"), &json!(code)),
                "{n}"
            ),
            None => drop(load(&directory(&home, n)).expect("a pair")),
        }
    }
    drop(held);
    let said = run(&mut home.ccx(&ISSUE));
    assert_eq!((said.code, said.stderr.as_str()), (3, ""));
    let (datastore, name) = node(3);
    let told = format!(
        "failed    {datastore}/{name}: fleet/{datastore}/{name}/server-key.pem was not made by ccx-sec [file-foreign]\n"
    );
    assert!(said.stdout.contains(&told), "{}", said.stdout);
    assert!(
        said.stdout.ends_with("issued 1, renewed 0, refreshed 0, kept 7, failed 12\n"),
        "{}",
        said.stdout
    );
    fs::remove_file(directory(&home, 4)).expect("removed");
    fs::remove_file(directory(&home, 10).parent().expect("above")).expect("removed");
    assert_eq!(summary(&done(home.ccx(&ISSUE).arg("--force"))), [12, 0, 0, 8]);
}

#[test]
fn damaged_nodes_are_repaired_and_unreadable_ones_reported() {
    let home = home(12);
    assert_eq!(summary(&done(home.ccx(&ISSUE).args(["--jobs", "3"]))), [12, 0, 0, 0]);
    let at = |n: usize, name: &str| directory(&home, n).join(name);
    fs::write(at(0, "server-key.pem"), "rubbish").expect("written");
    fs::write(at(1, "server-cert.pem"), [0x30, 0x82, 0xff, 0xff, 0x00]).expect("written");
    fs::remove_file(at(2, "..data")).expect("removed");
    fs::remove_file(at(3, "..data")).expect("removed");
    symlink("..data", at(3, "..data")).expect("a loop");
    fs::remove_file(at(4, "ca.pem").canonicalize().expect("a path")).expect("removed");
    fs::copy(at(6, "server-key.pem"), at(5, "server-key.pem")).expect("the key of another");
    fs::write(at(7, "..data/server-key.pem"), vec![b'x'; 2 * 1024 * 1024]).expect("written");
    let document = done(&mut home.ccx(&ISSUE));
    let rows = document["nodes"].as_array().expect("nodes");
    let actions: Vec<&str> =
        rows.iter().map(|row| row["action"].as_str().expect("an action")).collect();
    let right =
        ["renewed", "renewed", "issued", "renewed", "refreshed", "renewed", "kept", "renewed"];
    assert_eq!(actions[..8], right);
    assert!(actions[8..].iter().all(|action| *action == "kept"), "{actions:?}");
    (0..12).for_each(|n| drop(load(&directory(&home, n)).expect("a pair")));
    assert_eq!(issue(&home), [0, 0, 0, 12]);

    fs::set_permissions(directory(&home, 1), fs::Permissions::from_mode(0o000)).expect("closed");
    let said = run(&mut unprivileged(&home.ccx(&[&ISSUE[..], &["-o", "json"]].concat())));
    let document = said.json();
    assert_eq!((said.code, &document["summary"]["failed"]), (3, &json!(1)));
    let listed =
        run(&mut unprivileged(&home.ccx(&["cert", "list", "--dir", "fleet", "-o", "json"])));
    assert_eq!((listed.code, listed.stderr.as_str()), (3, ""));
    let rows = listed.json()["certificates"].as_array().expect("rows").clone();
    assert_eq!((rows.len(), rows.iter().filter(|row| row["error"].is_null()).count()), (12, 11));
    fs::set_permissions(directory(&home, 1), fs::Permissions::from_mode(0o755)).expect("opened");
    assert_eq!(issue(&home), [0, 0, 0, 12]);
}

#[test]
fn renewing_a_fleet() {
    let home = home(5);
    issue(&home);
    let fleet = ["--inventory", "nodes.yaml", "--out", "fleet"];
    let cert = |what: &str, more: &[&str]| home.ccx(&[&["cert", what][..], &fleet, more].concat());
    assert_eq!(run(&mut cert("needs-renewal", &[])).code, 1);
    assert_eq!(run(&mut cert("needs-renewal", &["--before", "2y"])).code, 0);
    assert_eq!(summary(&done(&mut cert("renew", &[]))), [0, 0, 0, 5]);
    let before = certificate(&directory(&home, 0).join("server-cert.pem")).sha256();
    assert_eq!(summary(&done(&mut cert("renew", &["--before", "2y"]))), [0, 5, 0, 0]);
    assert_ne!(load(&directory(&home, 0)), Ok(before));
    fs::remove_dir_all(directory(&home, 2)).expect("removed");
    let said = run(cert("renew", &["--force"]).args(["-o", "json"]));
    assert_eq!((said.code, summary(&said.json())), (3, [0, 4, 0, 0]));
    assert_eq!(said.json()["nodes"][2]["error"]["code"], "certificate-missing");
    assert_eq!(run(&mut cert("needs-renewal", &["--before", "2y"])).code, 3);
    let nowhere = ["cert", "renew", "--inventory", "nodes.yaml"];
    assert_eq!(fault(&mut home.ccx(&nowhere)), (2, "place-missing".into()));
    assert!(!Path::new("fleet").exists());
}
