//! Certificates of nodes and clients during a rotation of the CA, in each of its phases.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ccx_sec::node::trust::turn;
use ccx_sec::pki::certificate::Certificate;
use serde_json::{Value, json};

use crate::common::nodes::{DATASTORE, DOMAIN, action, certificate, done, fault, load, summary};
use crate::common::rotations::{CANARIES, Ramp, Rotation, WINDOW};
use crate::common::{Home, run, tool};

const NODES_EACH: usize = 3;
const FLEET: [&str; 4] = ["--inventory", "nodes.yaml", "--out", "fleet"];
const CLIENT: [&str; 7] = ["cert", "issue", "--client", "--common-name", "app", "--out", "app"];
/// The last ramp of a rotation: every turn has come.
const ALL: Ramp = Ramp { widened: Some(WINDOW), paused: false };

/// The ramp after this share of its window.
fn ramp(permille: i64) -> Ramp {
    Ramp { widened: Some(WINDOW * permille / 1000), paused: false }
}

/// A home whose CA has issued a certificate for a client into `app`.
fn with_client() -> Rotation {
    let rotation = Rotation::idle();
    done(&mut rotation.home.ccx(&CLIENT));
    rotation
}

fn renew(home: &Home, more: &[&str]) -> Value {
    done(&mut home.ccx(&[&["cert", "renew", "--dir", "app"][..], more].concat()))
}

/// The exit status of `cert needs-renewal`, and its answer.
fn needs_renewal(home: &Home) -> (i32, Value) {
    let said =
        run(&mut home.ccx(&["cert", "needs-renewal", "--dir", "app", "-o", "json", "--quiet"]));
    (said.code, said.json()["certificates"][0].take())
}

/// The number of certificates in a bundle.
fn members(home: &Home, file: &str) -> usize {
    let pem = fs::read_to_string(home.join(file)).expect("a bundle");
    pem.matches("BEGIN CERTIFICATE").count()
}

/// Checks that a certificate verifies with its own bundle.
fn verify(home: &Home, directory: &str) {
    let path = |name: &str| home.at(&format!("{directory}/{name}"));
    tool("openssl", &["verify", "-CAfile", &path("ca.pem"), &path("client-cert.pem")]);
}

fn issuer(home: &Home, directory: &str) -> String {
    let leaf = certificate(&home.join(directory).join("client-cert.pem"));
    leaf.describe(leaf.not_before()).issuer
}

#[test]
fn staged_bundle_reaches_every_certificate_and_nothing_is_reissued() {
    let rotation = with_client();
    let home = &rotation.home;
    rotation.stage();
    let (code, answer) = needs_renewal(home);
    assert_eq!((code, answer["reason"].as_str()), (0, Some("bundle")), "{answer}");
    assert_eq!(action(&renew(home, &[])), ("refreshed", None));
    assert_eq!((members(home, "app/ca.pem"), needs_renewal(home).0), (2, 1));
    let again = renew(home, &[]);
    assert_eq!((action(&again), &again["waiting"]), (("kept", None), &Value::Null));
    // A node that joins now gets what signs now, and the bundle of now.
    done(home.ccx(&CLIENT[..6]).arg("later"));
    assert_eq!((issuer(home, "later").as_str(), members(home, "later/ca.pem")), ("CN=Test CA", 2));
    rotation.switch(Ramp::default());
    done(home.ccx(&CLIENT[..6]).arg("last"));
    assert_eq!((issuer(home, "last").as_str(), members(home, "last/ca.pem")), ("CN=Test CA G2", 2));
    for directory in ["app", "later", "last"] {
        verify(home, directory);
    }
}

#[test]
fn switched_certificate_waits_for_its_turn() {
    let rotation = with_client();
    let home = &rotation.home;
    let leaf = certificate(&home.join("app/client-cert.pem"));
    let turn = i64::from(turn(&leaf.names_der()));
    assert!((20..980).contains(&turn), "choose another name: {turn}");
    for (ramp, why) in [(Ramp::default(), "canaries"), (ramp(turn - 15), "turn")] {
        rotation.switch(ramp);
        let kept = renew(home, &[]);
        assert_eq!(action(&kept).1, None, "{kept}");
        assert_eq!((&kept["waiting"], members(home, "app/ca.pem")), (&json!(why), 2));
        assert_eq!(kept["turn_from"].is_string(), why == "turn", "{kept}");
        let (code, answer) = needs_renewal(home);
        assert_eq!((code, &answer["waiting"]), (1, &json!(why)), "{answer}");
    }
    rotation.switch(Ramp { paused: true, ..ALL });
    assert_eq!(renew(home, &[])["waiting"], "paused");
    assert_eq!(needs_renewal(home).1["waiting"], "paused");
    let text = run(&mut home.ccx(&["cert", "renew", "--dir", "app"]));
    assert!(text.stderr.contains("the rotation of the CA is paused"), "{}", text.stderr);
    // Early at the user's wish is not earlier than the rotation.
    assert_eq!(renew(home, &["--before", "2y"])["waiting"], "paused");
    let early = ["cert", "needs-renewal", "--dir", "app", "--before", "2y", "-o", "json"];
    assert_eq!(home.run(&early).code, 1);
    // The same certificate is kept by cert issue.
    assert_eq!(action(&done(&mut home.ccx(&CLIENT))), ("kept", None));
    assert_eq!(certificate(&home.join("app/client-cert.pem")), leaf);

    rotation.switch(ramp(turn + 15));
    let (code, answer) = needs_renewal(home);
    assert_eq!((code, answer["reason"].as_str()), (0, Some("rotation")), "{answer}");
    assert_eq!(action(&renew(home, &[])), ("renewed", Some("rotation")));
    assert_eq!((issuer(home, "app").as_str(), needs_renewal(home).0), ("CN=Test CA G2", 1));
    verify(home, "app");
    // A pause moves no certificate back.
    rotation.switch(Ramp { paused: true, ..ALL });
    assert_eq!((action(&renew(home, &[])), needs_renewal(home).0), (("kept", None), 1));
}

#[test]
fn force_renews_one_certificate_before_its_turn() {
    let rotation = with_client();
    let home = &rotation.home;
    rotation.switch(Ramp { paused: true, ..Ramp::default() });
    assert_eq!(action(&renew(home, &["--force"])), ("renewed", Some("asked")));
    assert_eq!(issuer(home, "app"), "CN=Test CA G2");
}

#[test]
fn certificate_that_is_due_by_its_life_does_not_wait() {
    let rotation = Rotation::idle();
    let home = &rotation.home;
    done(home.ccx(&CLIENT).args(["--validity", "2m"]));
    rotation.switch(Ramp { paused: true, ..Ramp::default() });
    assert_eq!(needs_renewal(home).1["reason"], "due");
    assert_eq!(action(&renew(home, &[])), ("renewed", Some("due")));
    assert_eq!(issuer(home, "app"), "CN=Test CA G2");
}

#[test]
fn interrupted_switch_moves_no_certificate() {
    let rotation = with_client();
    let home = &rotation.home;
    for is_written in [false, true] {
        rotation.switching(is_written);
        let kept = renew(home, &[]);
        assert_eq!(action(&kept).1, None, "{is_written}: {kept}");
        assert_eq!(kept["waiting"], if is_written { json!("turn") } else { Value::Null });
        let name = if is_written { "after" } else { "before" };
        done(home.ccx(&CLIENT[..6]).arg(name));
        verify(home, name);
        assert_eq!(members(home, &format!("{name}/ca.pem")), 2);
    }
}

#[test]
fn rollback_of_the_switch_leads_certificates_back() {
    let rotation = with_client();
    let home = &rotation.home;
    rotation.switch(ALL);
    assert_eq!(action(&renew(home, &[])), ("renewed", Some("rotation")));
    rotation.switch_back(Ramp { paused: true, ..ALL });
    assert_eq!(renew(home, &[])["waiting"], "paused");
    rotation.switch_back(ALL);
    assert_eq!(action(&renew(home, &[])), ("renewed", Some("rotation")));
    assert_eq!(
        (issuer(home, "app").as_str(), action(&renew(home, &[]))),
        ("CN=Test CA", ("kept", None))
    );
}

#[test]
fn late_certificate_follows_at_once_and_a_removed_ca_is_foreign() {
    let rotation = with_client();
    let home = &rotation.home;
    done(home.ccx(&CLIENT[..6]).arg("later"));
    rotation.reissued();
    assert_eq!(needs_renewal(home).1["reason"], "rotation");
    assert_eq!(action(&renew(home, &[])), ("renewed", Some("rotation")));
    rotation.remove();
    assert_eq!((action(&renew(home, &[])), members(home, "app/ca.pem")), (("refreshed", None), 1));
    let later = ["cert", "renew", "--dir", "later"];
    assert_eq!(fault(&mut home.ccx(&later)), (4, "certificate-foreign".into()));
    assert_eq!(action(&done(home.ccx(&later).arg("--force"))), ("renewed", Some("other-ca")));
}

#[test]
fn replaced_ca_without_a_rotation_is_followed_at_once() {
    let rotation = with_client();
    let home = &rotation.home;
    rotation.without_record();
    assert_eq!(needs_renewal(home).1["reason"], "other-ca");
    assert_eq!(action(&renew(home, &[])), ("renewed", Some("other-ca")));
}

/// Writes the inventory of a fleet with [`NODES_EACH`] nodes in each datastore, and issues its
/// certificates.
fn with_fleet(datastores: usize) -> Rotation {
    let rotation = Rotation::idle();
    let nodes = (0..datastores).flat_map(|n| (0..NODES_EACH).map(move |node| (n, node)));
    let nodes: String = nodes
        .map(|(n, node)| {
            format!("- {{datastore: 5b0d8c1e-7a55-4f0e-9a52-{n:012}, node: db-{node}}}\n")
        })
        .collect();
    let head = format!("defaults: {{domain: {DOMAIN}, engine: mysql}}\nnodes:\n");
    fs::write(rotation.home.join("nodes.yaml"), head + &nodes).expect("written");
    done(rotation.home.ccx(&["cert", "issue"]).args(FLEET));
    rotation
}

/// The certificates of a fleet, by datastore and node.
fn leaves(home: &Home) -> BTreeMap<(String, String), Certificate> {
    let mut found = BTreeMap::new();
    for datastore in fs::read_dir(home.join("fleet")).expect("a fleet") {
        let datastore = datastore.expect("a datastore");
        for node in fs::read_dir(datastore.path()).expect("nodes") {
            let node = node.expect("a node");
            let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            let leaf = certificate(&node.path().join("server-cert.pem"));
            load(&node.path()).expect("a pair");
            found.insert((name(&datastore), name(&node)), leaf);
        }
    }
    found
}

fn is_new(leaf: &Certificate) -> bool {
    leaf.describe(leaf.not_before()).issuer == "CN=Test CA G2"
}

fn renew_fleet(home: &Home) -> Value {
    done(home.ccx(&["cert", "renew"]).args(FLEET))
}

#[test]
fn fleet_follows_the_ramp_and_one_node_of_a_datastore_at_a_time() {
    let rotation = with_fleet(100);
    let home = &rotation.home;
    let turns: BTreeMap<_, _> = leaves(home)
        .into_iter()
        .map(|(id, leaf)| (id, i64::from(turn(&leaf.names_der()))))
        .collect();
    let datastores = |ids: &BTreeSet<(String, String)>| {
        ids.iter().map(|(datastore, _)| datastore.clone()).collect::<BTreeSet<_>>().len()
    };
    let moved = || -> BTreeSet<(String, String)> {
        leaves(home).into_iter().filter(|(_, leaf)| is_new(leaf)).map(|(id, _)| id).collect()
    };
    let mut before = moved();
    assert!(before.is_empty());
    let canaries = (i64::from(CANARIES), Ramp::default());
    for (permille, ramp) in [canaries, (250, ramp(242)), (700, ramp(697)), (1000, ALL)] {
        rotation.switch(ramp);
        let mut runs = 0;
        loop {
            let report = renew_fleet(home);
            runs += 1;
            let now = moved();
            let new: BTreeSet<_> = now.difference(&before).cloned().collect();
            assert_eq!(datastores(&new), new.len(), "two nodes of one datastore in one run");
            let [issued, renewed, refreshed, kept] = summary(&report);
            assert_eq!((issued, renewed as usize), (0, new.len()));
            assert_eq!((refreshed + kept) as usize, turns.len() - new.len());
            assert_eq!(report["summary"]["waiting"], turns.len() - now.len());
            assert!(before.is_subset(&now));
            before = now;
            let nodes = report["nodes"].as_array().expect("nodes");
            if !nodes.iter().any(|node| node["waiting"] == "datastore") {
                break;
            }
            let renewed = nodes.iter().filter(|node| node["reason"] == "rotation").count();
            assert_eq!(renewed, new.len());
        }
        assert!(runs <= NODES_EACH + 1, "{runs} runs");
        // The clock goes on, a thousandth of the window in 86 s.
        for (id, turn) in &turns {
            if !(permille..permille + 3).contains(turn) {
                assert_eq!(before.contains(id), *turn < permille, "{id:?} {turn} {permille}");
            }
        }
    }
    assert_eq!(before.len(), turns.len());
    assert_eq!(summary(&renew_fleet(home)), [0, 0, 0, turns.len() as u64]);
}

#[test]
fn forced_renewal_of_a_fleet_does_not_overtake_the_rotation() {
    let rotation = with_fleet(2);
    let home = &rotation.home;
    let forced = [&["cert", "renew", "--force"][..], &FLEET].concat();
    for is_done in [true, false] {
        match is_done {
            true => rotation.switch(ALL),
            false => rotation.switching(true),
        }
        assert_eq!(fault(&mut home.ccx(&forced)), (4, "rotation-pace".into()));
    }
    rotation.stage();
    assert_eq!(summary(&done(&mut home.ccx(&forced))), [0, 6, 0, 0]);
    rotation.reissued();
    assert_eq!(summary(&done(&mut home.ccx(&forced))), [0, 6, 0, 0]);
}

#[test]
fn fleet_report_says_how_many_wait_and_a_dry_run_agrees() {
    let rotation = with_fleet(4);
    let home = &rotation.home;
    rotation.switch(ALL);
    let command = [&["cert", "renew"][..], &FLEET].concat();
    let dry = done(home.ccx(&command).arg("--dry-run"));
    assert_eq!((summary(&dry), &dry["summary"]["waiting"]), ([0, 4, 8, 0], &json!(8)));
    let text = home.run(&command);
    assert_eq!(text.code, 0, "{}", text.stderr);
    assert!(text.stdout.contains("8 keep certificates of the old CA for now"), "{}", text.stdout);
    assert!(
        text.stderr.contains("8 of 12 nodes keep their certificates until the next run"),
        "{}",
        text.stderr
    );
    // The certificates that wait do so with the bundle of both CAs; cert issue agrees, and lists.
    let issued = done(home.ccx(&["cert", "issue"]).args(FLEET));
    assert_eq!((summary(&issued), &issued["summary"]["waiting"]), ([0, 4, 0, 8], &json!(4)));
    let listed = home.done(&["cert", "list", "--dir", "fleet", "-o", "json"]).json();
    let new = |row: &&Value| row["issuer"] == "CN=Test CA G2";
    assert_eq!(listed["certificates"].as_array().expect("rows").iter().filter(new).count(), 8);
    rotation.switch(Ramp { paused: true, ..ALL });
    let text = home.run(&command);
    assert!(
        text.stderr.contains("4 of 12 nodes keep their certificates of the old CA"),
        "{}",
        text.stderr
    );
    let asked = [&["cert", "needs-renewal", "-o", "json"][..], &FLEET].concat();
    let answers = home.run(&asked);
    assert_eq!(answers.code, 1, "{}", answers.stdout);
    let rows = answers.json()["certificates"].take();
    let waits = |row: &&Value| row["waiting"] == "paused";
    assert_eq!(rows.as_array().expect("rows").iter().filter(waits).count(), 4);
}

#[test]
fn secret_gets_the_staged_bundle_and_then_its_certificate() {
    let rotation = Rotation::idle();
    let home = &rotation.home;
    let node =
        ["--datastore", DATASTORE, "--node", "db-1", "--engine", "mysql", "--domain", DOMAIN];
    done(home.ccx(&["cert", "issue", "--secret"]).args(node));
    let name = format!("ccx-node-{DATASTORE}-db-1");
    let renew = || done(&mut home.ccx(&["cert", "renew", "--secret", &name]));
    let both = |key| home.value(&name, key).matches("BEGIN CERTIFICATE").count();
    let leaf = home.value(&name, "tls.crt");
    rotation.stage();
    assert_eq!((action(&renew()), both("ca.crt")), (("refreshed", None), 2));
    assert_eq!(home.value(&name, "tls.crt"), leaf);
    // Also where it lies in a directory, which the switch finds without the bundle.
    rotation.switch(Ramp { paused: true, ..ALL });
    let copied = done(home.ccx(&["cert", "issue", "--secret", "--out", "tls"]).args(node));
    assert_eq!((action(&copied), &copied["waiting"]), (("refreshed", None), &json!("paused")));
    assert_eq!(fs::read_to_string(home.join("tls/server-cert.pem")).expect("PEM"), leaf);
    rotation.switch(ALL);
    assert_eq!(action(&renew()), ("renewed", Some("rotation")));
    // The newer one of the two places wins, though a pause came between.
    rotation.switch(Ramp { paused: true, ..ALL });
    let copied = done(home.ccx(&["cert", "issue", "--secret", "--out", "tls"]).args(node));
    assert_eq!((action(&copied), &copied["waiting"]), (("refreshed", None), &Value::Null));
    assert!(is_new(&certificate(&home.join("tls/server-cert.pem"))));
}

#[test]
fn nodes_with_secrets_are_renewed_without_an_inventory() {
    let rotation = Rotation::idle();
    let home = &rotation.home;
    let all = ["cert", "renew", "--from-secrets"];
    assert_eq!(fault(&mut home.ccx(&all)), (3, "certificate-missing".into()));
    let domain = ["--domain", DOMAIN, "--engine", "mysql", "--secret"];
    for node in ["db-1", "db-2"] {
        let issue = ["cert", "issue", "--datastore", DATASTORE, "--node", node];
        done(home.ccx(&issue).args(domain));
    }
    rotation.stage();
    assert_eq!(summary(&done(&mut home.ccx(&all))), [0, 0, 2, 0]);
    rotation.switch(ALL);
    for left in [1, 0] {
        let made = done(home.ccx(&all).args(["--jobs", "2"]));
        // The one that waits has both CAs already: their order does not matter.
        let waiting = &made["summary"]["waiting"];
        assert_eq!((summary(&made), waiting), ([0, 1, 0, 1], &json!(left)));
    }
    assert_eq!(summary(&done(&mut home.ccx(&all))), [0, 0, 0, 2]);
    let asked = home.run(&["cert", "needs-renewal", "--from-secrets", "-o", "json"]);
    assert_eq!((asked.code, asked.json()["certificates"].as_array().map(Vec::len)), (1, Some(2)));
    home.fails(&["cert", "renew", "--from-secrets", "--dir", "tls", "-o", "json"], 2, "usage");
    home.fails(&["cert", "renew", "--dir", "tls", "--jobs", "2", "-o", "json"], 2, "usage");
}

#[test]
fn reload_that_fails_during_a_rotation_brings_the_old_set_back() {
    let rotation = with_client();
    let home = &rotation.home;
    rotation.switch(ALL);
    let before = certificate(&home.join("app/client-cert.pem"));
    let failing = [
        "cert",
        "renew",
        "--dir",
        "app",
        "--exec",
        "grep -c BEGIN $CCX_SEC_DIR/ca.pem >> seen; exit 1",
    ];
    assert_eq!(fault(&mut home.ccx(&failing)), (3, "command-failed".into()));
    assert_eq!(certificate(&home.join("app/client-cert.pem")), before);
    assert_eq!(members(home, "app/ca.pem"), 1, "certificate and bundle are one set");
    let made = renew(home, &["--exec", "grep -c BEGIN $CCX_SEC_DIR/ca.pem >> seen"]);
    assert_eq!(action(&made), ("renewed", Some("rotation")));
    assert_eq!(fs::read_to_string(home.join("seen")).expect("what was in force"), "2\n2\n");
    // While it waits, it has both CAs, and the server need not load anything.
    rotation.switch_back(Ramp { paused: true, ..ALL });
    assert_eq!(action(&renew(home, &["--exec", "echo x >> loaded"])), ("kept", None));
    assert!(!home.join("loaded").exists());
}
