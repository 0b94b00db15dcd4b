//! What the commands on certificates must never do: hand out the key of the CA, take one
//! node's place with another, or forget what an earlier run left to do.

use std::fs;

use serde_json::json;

use crate::common::nodes::{DATASTORE, DOMAIN, HOST, action, certificate, done, fault, load};
use crate::common::{Home, run, tool};

fn home() -> Home {
    let home = Home::with_ca();
    done(&mut home.issue("mysql", &[]));
    home
}

#[test]
fn ca_is_no_node() {
    let home = home();
    let before = (load(&home.join("tls")), fs::read(home.store().join("ccx-ca.yaml")).expect("CA"));
    let renew = |more: &[&str]| fault(&mut home.ccx(&[&["cert", "renew"][..], more].concat()));
    for name in ["ccx-ca", "ccx-ca-bundle"] {
        assert_eq!(renew(&["--secret", name]), (4, "secret-not-of-a-node".into()));
        assert_eq!(renew(&["--secret", name, "--force"]), (4, "secret-not-of-a-node".into()));
        assert_eq!(renew(&["--dir", "tls", "--secret", name]), (2, "usage".into()));
    }
    home.ccx(&["ca", "export", "--with-key", "--no-passphrase", "--yes-export-private-key"])
        .args(["--out", "ca-key.pem"])
        .assert()
        .success();
    fs::create_dir(home.join("misled")).expect("a directory");
    for name in ["server-cert.pem", "server-key.pem"] {
        fs::copy(home.join("ca-key.pem"), home.join("misled").join(name)).expect("copied");
    }
    fs::copy(home.join("tls/ca.pem"), home.join("misled/server-cert.pem")).expect("copied");
    assert_eq!(renew(&["--dir", "misled", "--force"]), (3, "certificate-is-ca".into()));
    let after = (load(&home.join("tls")), fs::read(home.store().join("ccx-ca.yaml")).expect("CA"));
    assert_eq!(after, before);
}

/// Whoever may write into the directory of a node could put any name there.
#[test]
fn names_of_a_certificate_of_no_ca_of_ours_are_not_signed_again() {
    let home = home();
    let path = |name: &str| home.join("tls").join(name).display().to_string();
    let (certificate, key) = (path("server-cert.pem"), path("server-key.pem"));
    let planted =
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];
    let names = [
        "-subj",
        "/CN=victim",
        "-addext",
        "subjectAltName=DNS:victim.example.com",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    let days = ["-days", "1", "-out", &certificate, "-keyout", &key];
    tool("openssl", &[&planted[..], &names, &days].concat());
    let before = load(&home.join("tls"));
    let refused = fault(&mut home.ccx(&["cert", "renew", "--dir", "tls"]));
    assert_eq!(refused, (4, "certificate-foreign".into()));
    assert_eq!(load(&home.join("tls")), before);
    let forced = run(home.issue("mysql", &[]).arg("--force"));
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert!(forced.stderr.contains("does not have DNS:victim.example.com"), "{}", forced.stderr);
}

#[test]
fn directory_of_another_node_is_refused() {
    let home = home();
    let before = load(&home.join("tls"));
    let node = ["--datastore", DATASTORE, "--node", "db-9", "--engine", "mysql"];
    let other = [&["cert", "issue"][..], &node, &["--domain", DOMAIN, "--out", "tls"]].concat();
    assert_eq!(fault(&mut home.ccx(&other)), (4, "directory-of-another".into()));
    assert_eq!(load(&home.join("tls")), before);
    let client = ["cert", "issue", "--client", "--common-name", "app", "--out", "app"];
    done(&mut home.ccx(&client));
    let other = ["cert", "issue", "--client", "--common-name", "other", "--out", "app"];
    assert_eq!(fault(&mut home.ccx(&other)), (4, "directory-of-another".into()));
    let taken = done(home.ccx(&other).arg("--force"));
    assert_eq!(
        (action(&taken), &taken["subject"]),
        (("renewed", Some("changed")), &json!("CN=other"))
    );
}

#[test]
fn renewing_a_fleet_needs_no_more_than_who_they_are_and_keeps_what_they_say() {
    let home = Home::with_ca();
    let nodes = format!(
        "- {{datastore: {DATASTORE}, node: db-1}}\n- {{datastore: {DATASTORE}, node: db-2}}\n"
    );
    fs::write(home.join("nodes.yaml"), nodes).expect("written");
    let fleet = ["--inventory", "nodes.yaml", "--out", "fleet"];
    let issue = ["--domain", DOMAIN, "--engine", "redis", "--dns", "primary.example"];
    done(home.ccx(&["cert", "issue", "--key-type", "ed25519"]).args(fleet).args(issue));
    let said = |command: &str, more: &[&str]| {
        run(home.ccx(&["cert", command, "-o", "json"]).args(fleet).args(more)).json()
    };
    assert_eq!(said("renew", &[])["summary"]["kept"], 2);
    assert_eq!(said("needs-renewal", &[])["needs_renewal"], false);
    let due: Vec<_> = said("needs-renewal", &[])["certificates"].as_array().expect("rows").clone();
    assert_ne!(due[0]["due_from"], due[1]["due_from"], "each at a moment of its own");
    assert_eq!(said("renew", &["--force"])["summary"]["renewed"], 2);
    let new = certificate(&home.join("fleet").join(DATASTORE).join("db-1/server-cert.pem"));
    let new = new.describe(new.not_before());
    assert_eq!((new.key_type.as_str(), new.san.dns.len()), ("ed25519", 2));
}

#[test]
fn certificate_that_ends_with_its_ca_is_due_when_there_is_another() {
    let home = Home::new();
    home.ccx(&["ca", "init", "--common-name", "Old", "--validity", "20d"]).assert().success();
    let made = run(&mut home.issue("mysql", &["--validity", "1y"]));
    assert!(made.stderr.starts_with("warning: a new certificate ends at "), "{}", made.stderr);
    let renew = ["cert", "renew", "--dir", "tls"];
    for before in [&[][..], &["--before", "30d"]] {
        let kept = run(home.ccx(&renew).args(before).args(["-o", "json"]));
        assert_eq!((kept.code, &kept.json()["action"]), (0, &json!("kept")), "{}", kept.stderr);
        let due = run(home.ccx(&["cert", "needs-renewal", "--dir", "tls"]).args(before));
        assert_eq!(due.code, 1, "{}", due.stdout);
    }
    home.ccx(&["ca", "init", "--common-name", "New", "--ca", "new"]).assert().success();
    let moved = ["--ca", "new"];
    assert_eq!(fault(home.ccx(&renew).args(moved)), (4, "certificate-foreign".into()));
    let renewed = done(home.ccx(&renew).args(moved).arg("--force"));
    assert_eq!(action(&renewed), ("renewed", Some("other-ca")));
    assert!(renewed["days_left"].as_i64().expect("days") > 300, "a life of its own: {renewed}");
}

#[test]
fn interrupted_reload_stays_pending_until_one_ends() {
    let home = home();
    let good = load(&home.join("tls"));
    let renew = |exec: &str| {
        run(&mut home.ccx(&["cert", "renew", "--dir", "tls", "--force", "--exec", exec]))
    };
    assert_ne!(renew("kill -9 $PPID").code, 0);
    // Others that change the files do not swallow it, nor what was good last.
    done(&mut home.issue("mysql", &["--dns", "a.example.com"]));
    done(&mut home.ccx(&["cert", "renew", "--dir", "tls", "--force"]));
    assert_ne!(load(&home.join("tls")), good);
    let failed = renew("exit 1");
    assert_eq!(failed.code, 3);
    assert!(!failed.stderr.contains("exit 1"), "there may be a password in it: {}", failed.stderr);
    assert_eq!(load(&home.join("tls")), good, "{HOST} has its last good set again");

    assert_ne!(renew("kill -9 $PPID").code, 0);
    let reload = ["cert", "renew", "--dir", "tls", "--exec", "touch done"];
    assert_eq!(action(&done(&mut home.ccx(&reload))), ("refreshed", None));
    assert!(home.join("done").exists());
    assert_eq!(action(&done(&mut home.ccx(&reload))), ("kept", None));
}
