//! `ca renew`: the renewed CA certificate verifies everything that the old one signed.

use std::fs;

use serde_json::json;

use crate::common::foreign::{Foreign, Pair};
use crate::common::{Home, fingerprint, tool};

/// Issues a certificate for a node into a directory of the home.
fn issue(home: &Home, directory: &str) -> String {
    let out = home.at(directory);
    home.done(&["cert", "issue", "--client", "--common-name", "app", "--out", &out]);
    out
}

/// The SHA-256 of the CA certificate in the Secret of the CA.
fn sha256_in_store(home: &Home) -> String {
    fingerprint(&home.write("stored.crt", home.value("ccx-ca", "tls.crt")))
}

#[test]
fn renewed_ca_keeps_key_and_name_and_every_certificate() {
    let home = Home::with_ca();
    let before = home.done(&["ca", "show", "-o", "json"]).json();
    let key = home.value("ccx-ca", "tls.key");
    let client = issue(&home, "client");
    let old = home.write("old.pem", home.value("ccx-ca", "tls.crt"));

    let renewed = home.done(&["ca", "renew", "--validity", "20y", "-o", "json"]);
    let document = renewed.json();
    assert_eq!(document["renewed"], true);
    assert_eq!(document["replaced"]["sha256"], before["sha256"]);
    for field in ["subject", "ski", "key_type", "key_usage"] {
        assert_eq!(document[field], before[field], "{field}");
    }
    assert_ne!(document["serial"], before["serial"]);
    assert_eq!(home.value("ccx-ca", "tls.key"), key, "the key stays");
    assert_eq!(home.value("ccx-ca", "ca.crt"), home.value("ccx-ca", "tls.crt"));
    home.done(&["ca", "check", "--strict"]);
    let roles: Vec<_> = document["bundle"].as_array().expect("members").iter().collect();
    assert_eq!((&roles[0]["role"], &roles[1]["role"]), (&json!("active"), &json!("retiring")));
    assert_eq!(roles[1]["sha256"], before["sha256"]);

    // OpenSSL takes the old certificate with the new CA, and a new one with the old CA.
    let new = home.write("new.pem", home.value("ccx-ca", "tls.crt"));
    let newer = issue(&home, "newer");
    for (ca, directory) in [(&new, &client), (&old, &newer), (&new, &newer)] {
        tool("openssl", &["verify", "-CAfile", ca, &format!("{directory}/client-cert.pem")]);
    }
    // Nothing is due: a renewal of certificates only brings the bundle.
    let kept = home.done(&["cert", "renew", "--dir", &client, "-o", "json"]).json();
    assert_eq!(kept["action"], "refreshed", "{kept}");
    let ca_pem = fs::read_to_string(format!("{client}/ca.pem")).expect("the bundle");
    assert_eq!(ca_pem.matches("BEGIN CERTIFICATE").count(), 2);
}

#[test]
fn renewed_ca_certificate_that_ends_earlier_is_refused() {
    let home = Home::with_ca();
    let refused =
        home.fails(&["ca", "renew", "--validity", "1y", "-o", "json"], 4, "ends-too-soon");
    assert!(refused.stderr.contains("--validity"), "{}", refused.stderr);
}

#[test]
fn renew_dry_run_writes_nothing() {
    let home = Home::with_ca();
    let before = home.snapshot();
    let run = home.done(&["ca", "renew", "--validity", "20y", "--dry-run", "-o", "json"]);
    assert_eq!((&run.json()["renewed"], &run.json()["dry_run"]), (&json!(false), &json!(true)));
    assert_eq!(home.snapshot(), before);
}

#[test]
fn renew_interrupted_between_its_writes_is_finished_by_the_next_run() {
    let home = Home::with_ca();
    let old = home.value("ccx-ca", "tls.crt");
    home.done(&["ca", "renew", "--validity", "20y"]);
    let new = sha256_in_store(&home);
    // As after a crash behind the first write: the bundle is new, the CA is old.
    for key in ["tls.crt", "ca.crt"] {
        let value = crate::common::base64(&old);
        home.edit("ccx-ca", |secret| secret["data"][key] = value);
    }
    let checked = home.done(&["ca", "check", "-o", "json"]).json();
    assert_eq!(checked["findings"][0]["code"], "renewal-unfinished");
    issue(&home, "meanwhile"); // the gate is open, and the CA signs
    let given = home.write("given.crt", &old);
    home.fails(&["ca", "renew", "--cert", &given, "-o", "json"], 4, "renewal-unfinished");
    let finished = home.done(&["ca", "renew", "--validity", "30y", "-o", "json"]).json();
    assert_eq!((&finished["resumed"], &finished["sha256"]), (&json!(true), &json!(new)));
    assert_eq!(sha256_in_store(&home), new, "no third certificate was made");
    home.done(&["ca", "check", "--strict"]);
}

#[test]
fn renewed_certificate_from_elsewhere_is_taken_and_another_refused() {
    let home = Home::new();
    let pair = Foreign::default().make(&home, "foreign");
    home.done(&["ca", "import", "--cert", &pair.cert, "--key", &pair.key]);
    // The same request signed again, for longer.
    let renewed = home.at("renewed.crt");
    let arguments =
        ["x509", "-in", &pair.cert, "-signkey", &pair.key, "-days", "36500", "-out", &renewed];
    tool("openssl", &arguments);
    let imported = home.fails(
        &["ca", "import", "--cert", &renewed, "--key", &pair.key, "-o", "json"],
        4,
        "ca-exists",
    );
    assert!(imported.stderr.contains("ca renew"), "{}", imported.stderr);
    home.done(&["ca", "renew", "--cert", &renewed]);
    assert_eq!(sha256_in_store(&home), fingerprint(&renewed));
    home.done(&["ca", "check"]);

    let Pair { cert, .. } = Foreign::default().make(&home, "other");
    home.fails(&["ca", "renew", "--cert", &cert, "-o", "json"], 4, "no-renewal");
}

#[test]
fn renew_of_a_ca_whose_bundle_lacks_it_is_refused() {
    let home = Home::with_ca();
    let other = Home::with_ca();
    fs::copy(other.secret_file("ccx-ca"), home.secret_file("ccx-ca")).expect("copied");
    home.fails(&["ca", "renew", "--validity", "20y", "-o", "json"], 4, "bundle-lacks-ca");
}

#[test]
fn renew_drops_the_serial_number_that_the_key_identifier_names() {
    let home = Home::new();
    let (cert, key) = (home.at("ca.crt"), home.at("ca.key"));
    let request =
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let names = ["-subj", "/CN=Old CA", "-days", "90", "-keyout", &key, "-out", &cert];
    let extensions = [
        "-addext",
        "basicConstraints=critical,CA:TRUE,pathlen:0",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
        "-addext",
        "authorityKeyIdentifier=keyid:always,issuer:always",
    ];
    tool("openssl", &[&request[..], &names, &extensions].concat());
    home.done(&["ca", "import", "--cert", &cert, "--key", &key]);
    let before = issue(&home, "before");
    home.done(&["ca", "renew"]);
    let renewed = home.write("renewed.crt", home.value("ccx-ca", "tls.crt"));
    let after = issue(&home, "after");
    for leaf in [&before, &after] {
        tool("openssl", &["verify", "-CAfile", &renewed, &format!("{leaf}/client-cert.pem")]);
    }
    tool("openssl", &["verify", "-CAfile", &renewed, &renewed]);
}

#[test]
fn bundle_from_before_the_renewal_is_refused_and_nothing_is_signed() {
    let home = Home::with_ca();
    let bundle = fs::read(home.secret_file("ccx-ca-bundle")).expect("read");
    home.done(&["ca", "renew", "--validity", "20y"]);
    fs::write(home.secret_file("ccx-ca-bundle"), bundle).expect("put back");
    home.fails(&["ca", "renew", "--validity", "30y", "-o", "json"], 4, "bundle-lacks-ca");
    let client = home.at("client");
    let issue =
        ["cert", "issue", "--client", "--common-name", "app", "--out", &client, "-o", "json"];
    home.fails(&issue, 4, "bundle-lacks-ca");
    home.done(&["ca", "check", "--accept-new-ca"]);
    let index = home.value("ccx-ca-bundle", "bundle.json");
    assert!(!index.contains("generation"), "the key is the same: {index}");
    home.done(&["ca", "check", "--strict"]);
}

/// Who may write only the bundle has no key, and can make a certificate with the CA's name and
/// public key that another key signed.
#[test]
fn forged_active_certificate_of_the_bundle_is_refused() {
    let home = Home::with_ca();
    let ca = home.write("ca.crt", home.value("ccx-ca", "tls.crt"));
    let (public, key, request) = (home.at("public.pem"), home.at("other.key"), home.at("csr"));
    tool("openssl", &["x509", "-in", &ca, "-noout", "-pubkey", "-out", &public]);
    let new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    tool(
        "openssl",
        &[&new[..], &["-subj", "/CN=Test CA", "-keyout", &key, "-out", &request]].concat(),
    );
    let forged = home.at("forged.crt");
    let sign = ["x509", "-req", "-in", &request, "-signkey", &key, "-force_pubkey", &public];
    tool("openssl", &[&sign[..], &["-days", "9000", "-out", &forged]].concat());
    let pem = fs::read_to_string(&forged).expect("PEM");
    let index = json!({"certificates": [
        {"role": "active", "sha256": fingerprint(&forged)},
        {"role": "retiring", "sha256": fingerprint(&ca)},
    ]});
    home.edit("ccx-ca-bundle", |secret| {
        secret["data"]["ca.crt"] = crate::common::base64(pem + &home.value("ccx-ca", "tls.crt"));
        secret["data"]["bundle.json"] = crate::common::base64(index.to_string());
    });
    home.fails(&["ca", "renew", "--validity", "20y", "-o", "json"], 4, "bundle-active");
    let checked = home.run(&["ca", "check", "-o", "json"]);
    assert_eq!(checked.code, 1, "{}", checked.stdout);
}

#[test]
fn renew_without_a_ca_fails() {
    let home = Home::new();
    let run = home.run(&["ca", "renew", "-o", "json"]);
    run.assert_error(1, "ca-missing");
}

#[test]
fn bundle_of_a_later_format_is_left_alone_and_unknown_fields_are_kept() {
    let home = Home::with_ca();
    let change = |home: &Home, field: &str, value: serde_json::Value| {
        let text = home.value("ccx-ca-bundle", "bundle.json");
        let mut index: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        index[field] = value;
        let encoded = crate::common::base64(index.to_string());
        home.edit("ccx-ca-bundle", |secret| secret["data"]["bundle.json"] = encoded);
    };
    change(&home, "colour", json!({"of": "tomorrow"}));
    home.done(&["ca", "renew", "--validity", "20y"]);
    assert!(home.value("ccx-ca-bundle", "bundle.json").contains("tomorrow"));
    let staged = json!({
        "id": "00", "kind": "planned", "phase": "staged", "from": "01", "target": "00", "step": 1,
        "since": "2026-01-01T00:00:00Z", "by": "a later release",
        "earliest_switch": "2026-01-01T00:00:00Z",
        "ramp": {"canary_permille": 10, "window_seconds": 0},
    });
    change(&home, "rotation", staged);
    home.fails(&["ca", "renew", "--validity", "30y", "-o", "json"], 4, "rotation-under-way");
    let checked = home.run(&["ca", "check", "-o", "json"]);
    assert!(checked.stdout.contains("rotation-damaged"), "{}", checked.stdout);
    change(&home, "version", json!(3));
    change(&home, "certificates", json!([{"role": "frozen", "sha256": "00"}]));
    home.fails(&["ca", "renew", "--validity", "30y", "-o", "json"], 3, "bundle-version");
    home.fails(
        &[
            "cert",
            "issue",
            "--client",
            "--common-name",
            "app",
            "--out",
            &home.at("c"),
            "-o",
            "json",
        ],
        3,
        "bundle-version",
    );
}
