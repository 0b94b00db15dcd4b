//! `ca show` and `ca export` while the CA is being replaced.

use serde_json::json;

use crate::common::Home;
use crate::common::staged::{EARLIEST_SWITCH, Rotating};

#[test]
fn show_names_the_phase_and_its_dates() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    assert!(!home.done(&["ca", "show"]).stdout.contains("rotation"));
    assert_eq!(home.done(&["ca", "show", "-o", "json"]).json()["rotation"], json!(null));
    rotating.plan("staged");
    let line = format!(
        "rotation      staged since 2027-01-01T00:00:00Z, switch not before {EARLIEST_SWITCH}\n"
    );
    let shown = home.done(&["ca", "show"]).stdout;
    assert!(shown.ends_with(&line), "{shown}");
    let document = home.done(&["ca", "show", "-o", "json"]).json();
    assert_eq!(document["rotation"]["earliest_switch"], EARLIEST_SWITCH);
    assert_eq!(
        (&document["rotation"]["kind"], &document["bundle"][1]["generation"]),
        (&json!("planned"), &json!(2))
    );
    rotating.write("switching", "compromised", &[]);
    let shown = home.done(&["ca", "show"]).stdout;
    let line = "rotation      switching since 2027-01-01T00:00:00Z, after a theft of the key\n";
    assert!(shown.ends_with(line), "{shown}");
}

#[test]
fn export_says_that_clients_keep_both_and_that_der_is_not_enough() {
    let home = Home::with_ca();
    let before = home.done(&["ca", "export", "--format", "configmap"]);
    assert_eq!(before.stderr, "");
    Rotating::new(&home).plan("staged");
    for format in ["pem", "configmap", "secret"] {
        let run = home.done(&["ca", "export", "--format", format]);
        assert!(run.stderr.contains("Clients keep every certificate"), "{}", run.stderr);
        assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    }
    let der = home.done(&["ca", "export", "--format", "der", "--out", &home.at("ca.der")]);
    assert!(der.stderr.contains("warning: DER holds only the active"), "{}", der.stderr);
    // A backup of the CA is no file for clients.
    let with_key = ["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"];
    let backup = home.done(&[&with_key[..], &["--out", &home.at("backup.pem")]].concat());
    assert!(!backup.stderr.contains("Clients keep"), "{}", backup.stderr);
}
