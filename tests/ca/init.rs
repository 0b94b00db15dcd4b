//! `ca init` on a directory store: what it makes, prints, asks and refuses.

use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::common::{Home, base64, ccx, mode, run};

const INIT: [&str; 4] = ["ca", "init", "--common-name", "Test CA"];

fn init<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&INIT, more].concat()
}

#[test]
fn every_key_type_gives_a_sound_ca() {
    let home = Home::new();
    for (key_type, signature) in [
        ("ecdsa-p256", "ecdsa-with-SHA256"),
        ("ecdsa-p384", "ecdsa-with-SHA384"),
        ("ed25519", "Ed25519"),
        ("rsa-2048", "sha256WithRSAEncryption"),
        ("rsa-3072", "sha256WithRSAEncryption"),
        ("rsa-4096", "sha256WithRSAEncryption"),
    ] {
        let made = home.done(&init(&["-o", "json", "--key-type", key_type, "--ca", key_type]));
        assert_eq!(made.json()["created"], true, "{key_type}");
        assert_eq!(made.json()["key_type"], key_type);
        assert_eq!(made.json()["signature_algorithm"], signature);
        let checked = home.done(&["ca", "check", "--strict", "--ca", key_type]);
        assert_eq!(checked.stderr, "", "{key_type}");
    }
    let default = home.done(&init(&["-o", "json"]));
    assert_eq!(default.json()["key_type"], "ecdsa-p256");
    home.fails(&init(&["--key-type", "rsa-1024", "-o", "json", "--ca", "x"]), 2, "usage");
}

#[test]
fn validity_is_by_the_calendar() {
    let moment =
        |value: &Value| value.as_str().expect("a date").parse::<Timestamp>().expect("RFC 3339");
    for (validity, days) in [
        (None, 3652..=3653),
        (Some("90d"), 90..=90),
        (Some("1y6mo"), 545..=549),
        (Some("500y"), 182_621..=182_622),
    ] {
        let home = Home::new();
        let option = validity.map(|validity| format!("--validity={validity}"));
        let made = home.done(&init(&[option.as_deref().unwrap_or("--quiet"), "-o", "json"]));
        let made = made.json();
        let length = moment(&made["not_after"]).duration_since(moment(&made["not_before"]));
        let length = length - SignedDuration::from_mins(5);
        assert_eq!(length.as_secs() % 86_400, 0, "{validity:?}");
        assert!(days.contains(&(length.as_secs() / 86_400)), "{validity:?}: {length}");
        home.done(&["ca", "check", "--strict"]);
    }
}

#[test]
fn name_constraints_are_in_the_certificate() {
    let home = Home::new();
    let permit = [
        "--permit-dns",
        "Db.Example",
        "--permit-dns",
        "*.other.example",
        "--permit-ip",
        "10.1.0.0/16",
        "--permit-ip",
        "fd00:1::/32",
        "--permit-ip",
        "192.0.2.7/32",
    ];
    let made = home.done(&init(&[&permit[..], &["-o", "json"]].concat())).json();
    let permitted = json!({
        "dns": ["db.example", "other.example"],
        "ip": ["10.1.0.0/16", "fd00:1::/32", "192.0.2.7/32"],
    });
    assert_eq!(made["name_constraints"]["permitted"], permitted);
    assert_eq!(made["name_constraints"]["excluded"], json!({"dns": [], "ip": []}));
    let shown = home.done(&["ca", "show"]).stdout;
    let line = "permitted     DNS:db.example, DNS:other.example, IP:10.1.0.0/16, IP:fd00:1::/32, IP:192.0.2.7/32\n";
    assert!(shown.contains(line), "{shown}");
    home.done(&["ca", "check", "--strict"]);
}

#[test]
fn init_prints_the_ca_and_the_next_steps() {
    let home = Home::new();
    let made = home.done(&init(&["--organization", "Acme, Inc."]));
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    let field = |name: &str| shown[name].as_str().expect("text").to_owned();
    let store = home.store().display().to_string();
    let sha256 = field("sha256");
    // A second after it was made, a day less is left in whole days.
    let days = shown["days_left"].as_i64().expect("days");
    let days = [days, days + 1].into_iter().find(|days| made.stdout.contains(&format!("({days} ")));
    let expected = format!(
        "subject       CN=Test CA,O=Acme\\, Inc.
sha256        {sha256}
serial        {}
key type      ecdsa-p256
signature     ecdsa-with-SHA256
not before    {}
not after     {} ({} days left)
is a CA       yes
key usage     keyCertSign, cRLSign
stored in     {store}/ccx-ca.yaml
bundle in     {store}/ccx-ca-bundle.yaml
bundle holds  active {sha256} CN=Test CA,O=Acme\\, Inc. until {}
",
        field("serial"),
        field("not_before"),
        field("not_after"),
        days.expect("the days that are left"),
        field("not_after"),
    );
    assert_eq!(made.stdout, expected);
    let next = format!(
        "The CA was made. Next:\n  ccx-sec ca check --store dir:{store}\n  \
         ccx-sec ca export --out ca.pem --store dir:{store}\n"
    );
    assert_eq!(made.stderr, next);
    // The two commands, as they stand there, do their work.
    for line in next.lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        assert_eq!(run(ccx(home.path()).args(words)).code, 0, "{line}");
    }
    assert!(home.join("ca.pem").is_file());

    let json = home.done(&init(&["-o", "json", "--ca", "j"]));
    assert!(json.stderr.starts_with("The CA was made. Next:\n"), "{}", json.stderr);
    let yaml = home.done(&init(&["-o", "yaml", "--ca", "y"]));
    let yaml: Value = serde_saphyr::from_str(&yaml.stdout).expect("one YAML document");
    let keys =
        |value: &Value| value.as_object().expect("a map").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&yaml), keys(&json.json()));
    let places = json!({"store": "dir", "path": store, "secret": "y", "bundle_secret": "y-bundle"});
    assert_eq!(yaml["stored_in"], places);
    assert_eq!((&yaml["created"], &yaml["dry_run"]), (&json!(true), &json!(false)));
}

#[test]
fn quiet_says_nothing_but_data_that_was_asked_for() {
    let home = Home::new();
    let quiet = home.done(&init(&["-q"]));
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let json = home.done(&init(&["-q", "-o", "json", "--ca", "j"]));
    assert_eq!((&json.json()["created"], json.stderr.as_str()), (&json!(true), ""));
    let refused = home.fails(&init(&["-q"]), 4, "ca-exists");
    assert!(refused.stderr.starts_with("error: there is a CA in "), "{}", refused.stderr);
}

#[test]
fn dry_run_makes_nothing() {
    let home = Home::new();
    for kind in ["--dry-run=client", "--dry-run=server"] {
        let dry = home.done(&init(&[kind, "-o", "json"]));
        assert!(dry.stderr.starts_with("dry run: nothing was stored."), "{}", dry.stderr);
        assert_eq!((&dry.json()["created"], &dry.json()["dry_run"]), (&json!(false), &json!(true)));
        assert_eq!(dry.json()["subject"], "CN=Test CA");
        assert_eq!(dry.json()["stored_in"].is_null(), kind == "--dry-run=client");
        assert!(!(dry.stdout + &dry.stderr).contains("PRIVATE"), "{kind}");
        assert!(home.snapshot().is_empty(), "{kind} made {:?}", home.snapshot().keys());
    }
    // Only the server's looks into the store.
    home.init();
    home.done(&init(&["--dry-run=client"]));
    home.fails(&init(&["--dry-run=server"]), 4, "ca-exists");
    fs::remove_file(home.secret_file("ccx-ca-bundle")).expect("removed");
    home.fails(&init(&["--dry-run=server"]), 4, "ca-exists");
    let dry = home.done(&init(&["--dry-run=server", "--if-not-exists", "-o", "json"]));
    assert_eq!(dry.json()["bundle"], json!([]));
    assert!(!home.secret_file("ccx-ca-bundle").exists());
}

#[test]
fn second_init_changes_nothing() {
    let home = Home::new();
    home.init();
    let before = home.snapshot();
    for more in [&["--common-name", "Other"][..], &["--key-type", "rsa-2048"], &["--no-input"]] {
        let arguments = [&["ca", "init", "-o", "json"], more].concat();
        home.fails(&arguments, 4, "ca-exists");
    }
    let found = home.done(&init(&["--if-not-exists"]));
    // The days that are left may be one fewer a moment later.
    let lines = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("not after"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&found.stdout), lines(&home.done(&["ca", "show"]).stdout));
    assert_eq!(found.stderr, "The CA was there already; nothing was changed.\n");
    let found =
        home.done(&["ca", "init", "--common-name", "Other", "--if-not-exists", "-o", "json"]);
    assert_eq!(
        (&found.json()["created"], &found.json()["subject"]),
        (&json!(false), &json!("CN=Test CA"))
    );
    assert_eq!(home.snapshot(), before);

    let made = Home::new().done(&init(&["--if-not-exists", "-o", "json"]));
    assert_eq!(made.json()["created"], true);
}

#[test]
fn secrets_of_others_are_left_alone() {
    for name in ["ccx-ca", "ccx-ca-bundle"] {
        let home = Home::new();
        home.init();
        home.edit(name, |secret| secret["metadata"]["labels"] = json!({"app": "other"}));
        for more in [&[][..], &["--if-not-exists"], &["--dry-run=server"]] {
            let refused = home.fails(&init(more), 4, "secret-foreign");
            let named = format!("{} was not made by ccx-sec", home.secret_file(name).display());
            assert!(refused.stderr.contains(&named), "{}", refused.stderr);
        }
    }
}

#[test]
fn only_the_owner_gets_at_the_store() {
    for umask in ["000", "022", "077"] {
        let home = Home::new();
        let command = home.ccx(&init(&[]));
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")]);
        shell.arg(command.get_program()).args(command.get_args());
        assert!(shell.output().expect("sh").status.success(), "umask {umask}");
        assert_eq!(mode(&home.store()), 0o700, "umask {umask}");
        for name in ["ccx-ca.yaml", "ccx-ca-bundle.yaml", ".lock"] {
            assert_eq!(mode(&home.store().join(name)), 0o600, "{name}, umask {umask}");
        }
    }
}

#[test]
fn default_store_is_said() {
    let home = Home::new();
    let made = run(ccx(home.path()).args(INIT));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let store = home.path().join(".local/state/ccx-sec");
    let said = format!(
        "warning: no cluster is configured and no --store given: using the directory {}\n",
        store.display()
    );
    assert!(made.stderr.starts_with(&said), "{}", made.stderr);
    assert_eq!(mode(&store), 0o700);
    let there = format!("dir:{}", store.display());
    assert_eq!(run(ccx(home.path()).env("CCX_SEC_STORE", there).args(["ca", "check"])).stderr, "");
}

#[test]
fn crash_between_the_two_secrets_is_mended() {
    let home = Home::new();
    home.init();
    let whole = home.snapshot();
    let bundle = home.secret_file("ccx-ca-bundle");
    let lose = || fs::remove_file(&bundle).expect("removed");

    lose();
    let again = run(&mut home.ccx(&init(&["-o", "json"])));
    let (warning, error) = again.stderr.split_once('\n').expect("two parts");
    assert_eq!(warning, "warning: the bundle was missing; it was made from the CA");
    assert_eq!((again.code, again.stdout.as_str()), (4, ""), "{error}");
    assert_eq!(again.error_code(), "ca-exists");
    assert_eq!(home.snapshot(), whole);

    lose();
    let found = home.done(&init(&["--if-not-exists"]));
    assert!(found.stdout.contains("bundle holds  active "), "{}", found.stdout);
    assert_eq!(home.snapshot(), whole);

    lose();
    let checked = home.done(&["ca", "check", "-o", "json"]).json();
    assert_eq!(checked["findings"][0]["code"], "bundle-repaired");
    assert_eq!(home.snapshot(), whole);

    // A bundle of an older CA is kept, and ours put before it where that is accepted.
    home.edit("ccx-ca-bundle", |bundle| {
        let old = Home::new();
        old.init();
        let value = |key| base64(old.value("ccx-ca-bundle", key));
        bundle["data"] = json!({"ca.crt": value("ca.crt"), "bundle.json": value("bundle.json")});
    });
    home.fails(&init(&["--if-not-exists"]), 4, "bundle-lacks-ca");
    home.done(&["ca", "check", "--accept-new-ca"]);
    let found = home.done(&["ca", "show", "-o", "json"]).json();
    let roles = |at: usize| found["bundle"][at]["role"].as_str().expect("a role").to_owned();
    assert_eq!((roles(0), roles(1)), ("active".into(), "retiring".into()));
    assert_eq!(found["bundle"][0]["sha256"], found["sha256"]);
    home.done(&["ca", "check", "--strict"]);
}
