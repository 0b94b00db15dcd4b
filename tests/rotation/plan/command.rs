//! `ca rotate plan`: what it says, its exit statuses, and that it changes nothing.

use std::fs;

use serde_json::{Value, json};

use crate::common::rotations::Rotation;
use crate::common::{Home, fingerprint};

const INVENTORY: &str = "\
defaults: {domain: ds.example.com, engine: mysql}
nodes:
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-1}
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-2}
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-3, engine: postgresql}
";

/// A CA, and three nodes with Secrets and directories.
fn fleet() -> (Home, String, String) {
    let home = Home::with_ca();
    let inventory = home.write("nodes.yaml", INVENTORY);
    let fleet = home.at("fleet");
    home.done(&["cert", "issue", "--inventory", &inventory, "--out", &fleet, "--secret"]);
    (home, inventory, fleet)
}

fn plan(home: &Home, more: &[&str], exit: i32) -> Value {
    let run = home.run(&[&["ca", "rotate", "plan", "-o", "json"], more].concat());
    assert_eq!(run.code, exit, "{}{}", run.stdout, run.stderr);
    run.json()
}

/// The phases in which something breaks.
fn broken(document: &Value) -> Vec<&str> {
    let phases = document["phases"].as_array().expect("phases").iter();
    let fails = |phase: &&Value| {
        let cells = phase["cells"].as_array().expect("cells");
        cells.iter().any(|cell| cell.get("refusals").is_some())
    };
    phases.filter(fails).map(|phase| phase["phase"].as_str().expect("a name")).collect()
}

#[test]
fn plan_of_a_sound_fleet_is_green_and_changes_nothing() {
    let (home, inventory, fleet) = fleet();
    let before = home.snapshot();
    for source in [&["--from-secrets"][..], &["--inventory", &inventory, "--dir", &fleet]] {
        let document = plan(&home, source, 0);
        assert_eq!((&document["green"], &document["nodes"]), (&json!(true), &json!(3)));
        assert_eq!(document["target_source"], "imagined");
        let subject = document["target"]["subject"].as_str().expect("a subject");
        assert!(subject.contains(" G2"), "{subject}");
        assert_eq!(broken(&document), [""; 0]);
    }
    let text = home.done(&["ca", "rotate", "plan", "--from-secrets"]).stdout;
    for phase in ["idle", "staged", "switched", "reissued", "removed"] {
        let line = text.lines().find(|line| line.starts_with(phase)).expect("a line");
        assert!(line.contains("3 certificates in ") && line.ends_with(": pass"), "{line}");
    }
    assert_eq!(home.snapshot(), before);
}

#[test]
fn plan_tells_when_a_client_breaks() {
    let (home, _, _) = fleet();
    let old = home.at("old.pem");
    home.done(&["ca", "export", "--out", &old]);
    let document = plan(&home, &["--from-secrets", "--client-bundle", &old], 1);
    assert_eq!(broken(&document), ["switched", "reissued", "removed"]);
    assert_eq!(document["clients"][0]["breaks"], json!(["switched", "reissued", "removed"]));
    let run = home.run(&["ca", "rotate", "plan", "--from-secrets", "--client-bundle", &old]);
    let line = format!("{old} holds the old CA and not the next one: it breaks in phases switched");
    assert!(run.stdout.contains(&line), "{}", run.stdout);
    assert!(run.stdout.contains("ccx-sec ca export --out FILE"), "{}", run.stdout);

    // With both CAs, it goes on.
    home.done(&["ca", "rotate", "start"]);
    let both = home.at("both.pem");
    home.done(&["ca", "export", "--out", &both]);
    let document = plan(&home, &["--from-secrets", "--client-bundle", &both], 1);
    assert_eq!(document["clients"][0]["breaks"], json!([]));
}

/// During a rotation, the rest of it is planned, with the bundles that the nodes have now.
#[test]
fn plan_of_a_staged_rotation_names_nodes_without_the_new_bundle() {
    let (home, inventory, fleet) = fleet();
    home.done(&["ca", "rotate", "start"]);
    let source = ["--inventory", inventory.as_str(), "--dir", &fleet];
    let document = plan(&home, &source, 1);
    assert_eq!(
        (&document["present"], &document["target_source"]),
        (&json!("staged"), &json!("rotation"))
    );
    assert_eq!(broken(&document), ["switched"]);
    let run = home.run(&[&["ca", "rotate", "plan"][..], &source].concat());
    assert!(run.stdout.contains("switched: "), "{}", run.stdout);
    assert!(run.stdout.contains("/db-1 and 2 more"), "{}", run.stdout);
    home.done(&["cert", "renew", "--inventory", &inventory, "--out", &fleet]);
    assert_eq!(plan(&home, &source, 0)["green"], true);
    // The next CA of a rotation that is under way is that of the rotation.
    home.fails(&["ca", "rotate", "plan", "--common-name", "x"], 4, "rotation-under-way");
}

/// A part that was not looked at is no pass.
#[test]
fn plan_counts_what_was_not_looked_at() {
    let (home, inventory, fleet) = fleet();
    let document = plan(&home, &[], 3);
    assert_eq!(broken(&document), [""; 0]);
    let message = document["unknown"][0]["message"].as_str().expect("a message");
    assert!(message.starts_with("no node was looked at"), "{message}");
    let hint = "plan for the nodes in the store: ccx-sec ca rotate plan --from-secrets";
    assert!(home.run(&["ca", "rotate", "plan"]).stdout.contains(hint));

    let node = format!("{fleet}/5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10/db-2");
    fs::remove_dir_all(&node).expect("removed");
    let document = plan(&home, &["--inventory", &inventory, "--dir", &fleet], 3);
    assert_eq!((&document["nodes"], &document["unknown"][0]["count"]), (&json!(2), &json!(1)));
    let message = document["unknown"][0]["message"].as_str().expect("a message");
    assert!(message.contains("/db-2: "), "{message}");
}

#[test]
fn plan_refuses_a_next_ca_that_breaks_a_rule() {
    let (home, _, _) = fleet();
    let name = home.done(&["ca", "show", "-o", "json"]).json()["subject"].clone();
    let name = name.as_str().expect("a subject").trim_start_matches("CN=").to_owned();
    let name = name.split(',').next().expect("a name");
    let rules = |more: &[&str]| {
        let document = plan(&home, &[&["--from-secrets"], more].concat(), 4);
        document["rules"][0]["code"].as_str().expect("a code").to_owned()
    };
    assert_eq!(rules(&["--common-name", name]), "name-taken");
    assert_eq!(rules(&["--validity", "1y"]), "ends-too-soon");
    assert_eq!(rules(&["--permit-dns", "other.example"]), "outside-constraints");
    let own = home.write("own.pem", home.value("ccx-ca", "tls.crt"));
    // The present CA itself is compared with no other.
    let document = plan(&home, &["--from-secrets", "--cert", &own], 4);
    assert_eq!(document["rules"][0]["code"], "key-taken");
}

/// A store without nodes: the hint is not the command that was just run.
#[test]
fn plan_without_nodes_names_another_source() {
    let home = Home::with_ca();
    let run = home.run(&["ca", "rotate", "plan", "--from-secrets"]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("no certificate of a node was found"), "{}", run.stdout);
    assert!(run.stdout.contains("--inventory FILE --dir DIR"), "{}", run.stdout);
    assert!(!run.stdout.contains("--from-secrets"), "{}", run.stdout);
}

/// Once the old CA has left the bundle, the plan still tells the two CAs apart.
#[test]
fn plan_names_a_ca_that_has_left_the_bundle() {
    let rotation = Rotation::idle();
    let old = fingerprint(&rotation.home.write("old.pem", rotation.certificates()[0]));
    rotation.remove();
    let document = plan(&rotation.home, &[], 3);
    assert_eq!(document["from"], json!({"sha256": old}));
    assert_ne!(document["target"]["sha256"], document["from"]["sha256"]);
    let text = rotation.home.run(&["ca", "rotate", "plan"]).stdout;
    let line = format!("from      {}, which has left the bundle\n", &old[..8]);
    assert!(text.contains(&line), "{text}");
}

/// `start` has the same rules.
#[test]
fn start_refuses_a_next_ca_that_breaks_a_rule() {
    let (home, _, _) = fleet();
    let before = home.snapshot();
    home.fails(&["ca", "rotate", "start", "--validity", "1y", "-o", "json"], 4, "ends-too-soon");
    let other = Home::new();
    other.done(&["ca", "init", "--common-name", "shared name"]);
    let name = "shared name";
    other.fails(&["ca", "rotate", "start", "--common-name", name, "-o", "json"], 4, "name-taken");
    assert_eq!(home.snapshot(), before);
}

#[test]
fn plan_without_a_ca_and_with_wrong_files() {
    let home = Home::new();
    home.fails(&["ca", "rotate", "plan", "-o", "json"], 1, "ca-missing");
    let home = Home::with_ca();
    let text = home.write("text.pem", "no certificate");
    let run = home.run(&["ca", "rotate", "plan", "--client-bundle", &text]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let run = home.run(&["ca", "rotate", "plan", "--client-bundle", &home.at("nowhere.pem")]);
    assert_eq!(run.code, 3, "{}", run.stderr);
}
