//! `ca show` and `ca check` on a directory store: the documents, and every finding about the
//! Secrets and the dates. Those about the certificate itself are in `ca_profile`.

use std::fs;

use serde_json::{Value, json};

use crate::common::foreign::Foreign;
use crate::common::nodes::done;
use crate::common::{Home, Run, base64};

/// The codes of the findings of a check, in their order.
pub fn codes(checked: &Run) -> Vec<String> {
    let findings = checked.json()["findings"].as_array().expect("findings").clone();
    findings.iter().map(|f| f["code"].as_str().expect("a code").to_owned()).collect()
}

/// `ca check --no-repair` finds just these, errors first, exits with this status, and writes
/// nothing.
pub fn finds(home: &Home, more: &[&str], exit: i32, expected: &[&str]) {
    let before = home.snapshot();
    let check = [&["ca", "check", "--no-repair", "-o", "json"], more].concat();
    let checked = home.run(&check);
    assert_eq!(codes(&checked), expected, "{}", checked.stdout);
    assert_eq!((checked.code, checked.stderr.as_str()), (exit, ""), "{}", checked.stdout);
    assert_eq!(checked.json()["ok"], exit == 0);
    assert_eq!(home.snapshot(), before);
}

#[test]
fn certificate_object() {
    let home = Home::new();
    home.init();
    let json = home.done(&["ca", "show", "-o", "json"]);
    let yaml = home.done(&["ca", "show", "-o", "yaml"]);
    assert_eq!(json.stderr + &yaml.stderr, "");
    let shown = json.stdout;
    let shown: Value = serde_json::from_str(&shown).expect("one JSON document");
    // A second between the two runs can be the first of another day.
    let without_days = |document: &Value| {
        let mut document = document.clone();
        document.as_object_mut().expect("an object").remove("days_left");
        document
    };
    let yaml: Value = serde_saphyr::from_str(&yaml.stdout).expect("one YAML document");
    assert_eq!(without_days(&yaml), without_days(&shown));
    let mut expected = vec![
        "subject",
        "issuer",
        "serial",
        "sha256",
        "key_type",
        "signature_algorithm",
        "not_before",
        "not_after",
        "days_left",
        "is_ca",
        "san",
        "key_usage",
        "ext_key_usage",
        "ski",
        "aki",
        "stored_in",
        "bundle",
        "format_version",
    ];
    expected.sort_unstable();
    let keys =
        |value: &Value| value.as_object().expect("a map").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&shown), expected);

    let text = |name: &str| shown[name].as_str().expect("text").to_owned();
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    assert_eq!((text("subject"), text("issuer")), ("CN=Test CA".into(), "CN=Test CA".into()));
    assert!(is_hex(&text("sha256"), 64) && is_hex(&text("ski"), 40), "{shown}");
    assert!(text("serial").len() >= 16 && is_hex(&text("serial"), text("serial").len()), "{shown}");
    for date in ["not_before", "not_after"] {
        assert!(text(date).parse::<jiff::Timestamp>().is_ok() && text(date).ends_with('Z'));
    }
    assert!((3651..=3653).contains(&shown["days_left"].as_i64().expect("a number")));
    assert_eq!((&shown["is_ca"], &shown["aki"]), (&json!(true), &Value::Null));
    assert_eq!(shown["san"], json!({"dns": [], "ip": []}));
    assert_eq!(shown["key_usage"], json!(["keyCertSign", "cRLSign"]));
    assert_eq!(shown["ext_key_usage"], json!([]));
    let store = home.store().display().to_string();
    let places = json!({"store": "dir", "path": store, "secret": "ccx-ca", "bundle_secret": "ccx-ca-bundle"});
    assert_eq!(shown["stored_in"], places);
    let member = json!({
        "role": "active", "generation": 1, "sha256": shown["sha256"], "subject": "CN=Test CA", "not_after": shown["not_after"],
    });
    assert_eq!(shown["bundle"], json!([member]));
}

#[test]
fn missing_ca_is_reported() {
    let home = Home::new();
    finds(&home, &[], 1, &["ca-missing"]);
    home.fails(&["ca", "show"], 1, "ca-missing");
    home.fails(&["ca", "export"], 1, "ca-missing");
    let text = home.run(&["ca", "check"]);
    let place = home.secret_file("ccx-ca").display().to_string();
    let said = format!(
        "error   ca-missing: there is no Secret ccx-ca\n        hint: if it is in another store or has another name, give --store dir:PATH, --store k8s or --ca\n              for the first CA of a new service, see: ccx-sec ca init --help --store dir:{}\n\
         not ok  {place}\n",
        home.store().display()
    );
    assert_eq!((text.code, text.stdout, text.stderr.as_str()), (1, said, ""));
    assert!(home.snapshot().is_empty());

    home.init();
    fs::remove_file(home.secret_file("ccx-ca")).expect("removed");
    finds(&home, &[], 1, &["ca-missing", "bundle-without-ca"]);
    home.fails(&["ca", "show"], 1, "ca-missing");
    home.fails(&["ca", "init", "--common-name", "X"], 4, "bundle-without-ca");
}

#[test]
fn sound_ca_has_no_findings() {
    let home = Home::new();
    home.init();
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    let checked = home.done(&["ca", "check"]);
    let place = home.secret_file("ccx-ca").display().to_string();
    let until = shown["not_after"].as_str().expect("a date");
    assert_eq!(checked.stdout, format!("ok      {place} is sound until {until}\n"));
    assert_eq!(checked.stderr, "");
    let quiet = home.done(&["ca", "check", "-q", "--strict"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let document = home.done(&["ca", "check", "-o", "json"]).json();
    let expected = json!({
        "format_version": 1, "result": "pass", "ok": true, "stored_in": shown["stored_in"], "sha256": shown["sha256"],
        "not_after": until, "findings": [],
    });
    assert_eq!(document, expected);
}

#[test]
fn dates() {
    let check = |dates, more: &[&str], exit, expected: &[&str]| {
        let home = Home::new();
        home.put(&Foreign { dates, ..Foreign::default() }.make(&home, "foreign"));
        finds(&home, more, exit, expected);
    };
    check(["20200101000000Z", "20210101000000Z"], &[], 1, &["expired"]);
    check(["20200101000000Z", "20210101000000Z"], &["--expires-within", "1d"], 1, &["expired"]);
    check(["20900101000000Z", "21000101000000Z"], &[], 1, &["not-yet-valid"]);
    check(["20900101000000Z", "20200101000000Z"], &[], 1, &["dates-reversed"]);

    let home = Home::new();
    home.done(&["ca", "init", "--common-name", "X", "--validity", "30d"]);
    finds(&home, &["--expires-within", "29d"], 0, &[]);
    finds(&home, &["--expires-within", "30d1h"], 1, &["expires-soon"]);
    finds(&home, &["--expires-within", "1y"], 1, &["expires-soon"]);
    home.fails(&["ca", "check", "--expires-within", "soon", "-o", "json"], 2, "duration");
    home.fails(&["ca", "check", "--expires-within", "9000y", "-o", "json"], 2, "date-past-9999");
    let quiet = home.run(&["ca", "check", "-q", "--expires-within", "1y"]);
    assert!(quiet.code == 1 && quiet.stdout.starts_with("error   expires-soon: it expires at "));
}

/// What a change to a Secret is found as, and how the check ends without and with --strict.
fn changed(secret: &str, change: impl FnOnce(&mut Value), exits: [i32; 2], expected: &[&str]) {
    let home = Home::new();
    home.init();
    home.edit(secret, change);
    finds(&home, &[], exits[0], expected);
    finds(&home, &["--strict"], exits[1], expected);
}

#[test]
fn secrets() {
    let (no, warning) = ([1, 1], [0, 1]);
    let other = Home::new();
    other.init();
    let set =
        |key: &'static str, value: Value| move |secret: &mut Value| secret["data"][key] = value;
    let remove = |key: &'static str| {
        move |secret: &mut Value| {
            secret["data"].as_object_mut().expect("data").remove(key);
        }
    };
    let foreign = |secret: &mut Value| secret["metadata"]["labels"] = json!({});
    changed("ccx-ca", foreign, warning, &["secret-foreign"]);
    changed("ccx-ca", |secret| secret["type"] = json!("Opaque"), warning, &["secret-type"]);
    let theirs = base64(other.value("ccx-ca", "tls.crt"));
    changed("ccx-ca", set("ca.crt", theirs), warning, &["ca-crt-differs"]);
    changed("ccx-ca", remove("ca.crt"), warning, &["ca-crt-differs"]);
    changed("ccx-ca", remove("tls.key"), no, &["secret-key-missing"]);
    changed("ccx-ca", remove("tls.crt"), no, &["secret-key-missing", "ca-crt-differs"]);
    let theirs = base64(other.value("ccx-ca", "tls.key"));
    changed("ccx-ca", set("tls.key", theirs), no, &["key-mismatch"]);
    changed("ccx-ca", set("tls.key", base64("hello")), no, &["ca-damaged"]);
    changed("ccx-ca", set("tls.crt", base64("hello")), no, &["ca-damaged", "ca-crt-differs"]);

    changed("ccx-ca-bundle", foreign, warning, &["secret-foreign"]);
    changed("ccx-ca-bundle", remove("ca.crt"), no, &["secret-key-missing"]);
    changed("ccx-ca-bundle", set("ca.crt", base64("x")), no, &["bundle-damaged"]);
    changed("ccx-ca-bundle", set("bundle.json", base64("{}")), no, &["bundle-damaged"]);
    let with_key = base64(other.value("ccx-ca", "tls.crt") + &other.value("ccx-ca", "tls.key"));
    changed("ccx-ca-bundle", set("ca.crt", with_key), no, &["bundle-damaged"]);
    let empty = base64(r#"{"certificates": []}"#);
    changed("ccx-ca-bundle", set("bundle.json", empty), no, &["bundle-damaged"]);
    let (theirs, index) = (
        base64(other.value("ccx-ca-bundle", "ca.crt")),
        other.value("ccx-ca-bundle", "bundle.json"),
    );
    let swap = |secret: &mut Value| {
        secret["data"] = json!({"ca.crt": theirs, "bundle.json": base64(index)})
    };
    changed("ccx-ca-bundle", swap, no, &["bundle-lacks-ca"]);
}

#[test]
fn roles_in_the_bundle() {
    let home = Home::new();
    home.put(
        &Foreign { dates: ["20200101000000Z", "20210101000000Z"], ..Foreign::default() }
            .make(&home, "old"),
    );
    let old = home.value("ccx-ca", "tls.crt");
    let old_sha256 = crate::common::fingerprint(&home.at("old.crt"));
    fs::remove_dir_all(home.store()).expect("removed");
    home.init();
    let (ours, sha256) = (
        home.value("ccx-ca", "tls.crt"),
        home.done(&["ca", "show", "-o", "json"]).json()["sha256"].clone(),
    );
    let roles = |our_role: &str, old_role: &str| {
        let index = json!({"certificates": [
            {"role": our_role, "sha256": sha256}, {"role": old_role, "sha256": old_sha256},
        ]});
        let certificates = base64(ours.clone() + &old);
        home.edit("ccx-ca-bundle", |bundle| {
            bundle["data"] =
                json!({"ca.crt": certificates, "bundle.json": base64(index.to_string())});
        });
    };
    roles("active", "retiring");
    finds(&home, &[], 0, &["bundle-expired-member"]);
    finds(&home, &["--strict"], 1, &["bundle-expired-member"]);
    roles("active", "active");
    finds(&home, &[], 1, &["bundle-active"]);
    roles("next", "active");
    finds(&home, &[], 1, &["bundle-active"]);
    roles("next", "retiring");
    finds(&home, &[], 1, &["bundle-active", "bundle-expired-member"]);
}

/// The Secret of the CA is replaced by hand, by one that no client has.
#[test]
fn replaced_ca_signs_nothing_until_it_is_accepted() {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &[]));
    let other = Home::with_ca();
    fs::copy(other.secret_file("ccx-ca"), home.secret_file("ccx-ca")).expect("replaced");
    let before = home.snapshot();
    for more in [&[][..], &["--no-repair"]] {
        let checked = home.run(&[&["ca", "check", "-o", "json"][..], more].concat());
        assert_eq!((codes(&checked), checked.code), (vec!["bundle-lacks-ca".to_owned()], 1));
        let hint = checked.json()["findings"][0]["hints"][0].as_str().expect("a hint").to_owned();
        assert!(hint.contains("ca check --accept-new-ca --store dir:"), "{hint}");
        assert_eq!(home.snapshot(), before);
    }
    home.fails(&["cert", "renew", "--dir", "tls"], 4, "bundle-lacks-ca");
    home.fails(&["cert", "renew", "--dir", "tls", "--force"], 4, "bundle-lacks-ca");
    let client = ["cert", "issue", "--client", "--common-name", "app", "--out", "app"];
    home.fails(&client, 4, "bundle-lacks-ca");
    home.fails(&["ca", "init", "--common-name", "X", "--if-not-exists"], 4, "bundle-lacks-ca");
    home.fails(&["ca", "check", "--no-repair", "--accept-new-ca"], 2, "usage");

    let accepted = home.done(&["ca", "check", "--accept-new-ca"]);
    assert!(accepted.stdout.contains("ca export --out ca.pem --store dir:"), "{}", accepted.stdout);
    let roles = |home: &Home| {
        let shown = home.done(&["ca", "show", "-o", "json"]).json();
        let role = |at: usize| shown["bundle"][at]["role"].as_str().expect("a role").to_owned();
        (role(0), role(1))
    };
    assert_eq!(roles(&home), ("active".to_owned(), "retiring".to_owned()));
    home.done(&["ca", "check", "--strict"]);
    home.done(&["cert", "renew", "--dir", "tls"]);
}

#[test]
fn repairs() {
    let home = Home::new();
    home.init();
    let whole = home.snapshot();
    fs::remove_file(home.secret_file("ccx-ca-bundle")).expect("removed");
    finds(&home, &[], 1, &["bundle-missing"]);
    let shown = home.done(&["ca", "show"]);
    assert!(
        shown
            .stderr
            .starts_with("warning: the bundle is missing; this makes it: ccx-sec ca check --store")
    );
    home.fails(&["ca", "export"], 3, "bundle-missing");
    // --strict counts the repair; the next check has nothing to say any more.
    let strict = home.run(&["ca", "check", "--strict", "-o", "json"]);
    assert_eq!((codes(&strict), strict.code), (vec!["bundle-repaired".to_owned()], 1));
    assert_eq!(home.snapshot(), whole);
    finds(&home, &["--strict"], 0, &[]);

    // An immutable bundle cannot be mended, and the check says why.
    let other = Home::new();
    other.init();
    home.edit("ccx-ca-bundle", |bundle| {
        let value = |key| base64(other.value("ccx-ca-bundle", key));
        bundle["data"] = json!({"ca.crt": value("ca.crt"), "bundle.json": value("bundle.json")});
        bundle["immutable"] = json!(true);
    });
    let before = home.snapshot();
    let checked = home.run(&["ca", "check", "--accept-new-ca", "-o", "json"]);
    assert_eq!(
        (codes(&checked), checked.code),
        (vec!["bundle-lacks-ca".to_owned(), "secret-immutable".to_owned()], 1)
    );
    assert_eq!(home.snapshot(), before);

    // What is damaged is not touched.
    home.edit("ccx-ca-bundle", |bundle| bundle["data"]["bundle.json"] = base64("{"));
    let before = home.snapshot();
    let checked = home.run(&["ca", "check", "-o", "json"]);
    assert_eq!((codes(&checked), checked.code), (vec!["bundle-damaged".to_owned()], 1));
    assert_eq!(home.snapshot(), before);
}
