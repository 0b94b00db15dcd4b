//! `cert issue` for one node or client: what the certificate says, which names are refused,
//! and when it is issued anew.

use std::fs;

use serde_json::json;

use crate::common::nodes::{
    DATASTORE, DOMAIN, HOST, action, certificate, done, fault, load, openssl_verify,
};
use crate::common::{Home, run, tool};

const BOTH: [&str; 2] = ["serverAuth", "clientAuth"];
const SERVER: [&str; 1] = ["serverAuth"];

#[test]
fn every_engine_gets_what_it_needs() {
    let home = Home::with_ca();
    for (engine, key_type, uses) in [
        ("mysql", "ecdsa-p256", &BOTH[..]),
        ("mariadb", "ecdsa-p256", &BOTH),
        ("redis", "ecdsa-p256", &BOTH),
        ("valkey", "ecdsa-p256", &BOTH),
        ("postgresql", "ecdsa-p256", &SERVER),
        ("mssql", "rsa-2048", &SERVER),
    ] {
        let made = done(&mut home.issue(engine, &[]));
        assert_eq!(made["subject"], format!("CN={HOST}"), "{engine}");
        assert_eq!(made["san"], json!({"dns": [HOST], "ip": []}), "{engine}");
        assert_eq!(made["key_type"], key_type, "{engine}");
        assert_eq!(made["ext_key_usage"], json!(uses), "{engine}");
        let rsa = ["digitalSignature", "keyEncipherment"];
        let usage = if key_type == "rsa-2048" { &rsa[..] } else { &rsa[..1] };
        assert_eq!(made["key_usage"], json!(usage), "{engine}");
        for (replication, uses) in [("true", json!(BOTH)), ("false", json!(SERVER))] {
            let made = done(&mut home.issue(engine, &["--replication", replication]));
            assert_eq!(made["ext_key_usage"], uses, "{engine}, {replication}");
        }
    }
    let refused = fault(&mut home.issue("mssql", &["--key-type", "ecdsa-p256"]));
    assert_eq!(refused, (2, "key-type".into()));
    let long = "a-rather-long-domain.of-a-service.example.com";
    let args = ["--datastore", DATASTORE, "--node", "db-1", "--domain", long, "--out", "long"];
    let args = [&["cert", "issue"][..], &args].concat();
    let told = fault(home.ccx(&args).args(["--engine", "mssql"]));
    assert_eq!(told, (2, "host-too-long".into()));
    let made = done(home.ccx(&args).args(["--engine", "mysql"]));
    assert_eq!(made["subject"], "CN=db-1");
    openssl_verify(
        &home.join("long"),
        "server-cert.pem",
        &["-verify_hostname", &HOST.replace(DOMAIN, long)],
    );
}

#[test]
fn names_that_get_lost_are_told() {
    let home = Home::with_ca();
    let names = ["--dns", "localhost", "--dns", "b.example.com", "--ip", "10.0.0.7"];
    let first = run(&mut home.issue("mysql", &names));
    assert_eq!(
        (first.code, first.stderr.contains("does not have")),
        (0, false),
        "{}",
        first.stderr
    );
    for more in [&["-q"][..], &["-q", "--dry-run"]] {
        let fewer = [&["--dns", "localhost", "--ip", "10.0.0.8"], more].concat();
        let again = run(&mut home.issue("mysql", &fewer));
        let lost = "does not have DNS:b.example.com, IP:10.0.0.7, which the replaced one had";
        let is_first = more.len() == 1;
        assert_eq!(again.code, 0, "{}", again.stderr);
        assert_eq!(again.stderr.contains(lost), is_first, "{}", again.stderr);
    }
    let more = [&names[..], &["--ip", "10.0.0.8"]].concat();
    let more = run(&mut home.issue("mysql", &more));
    assert_eq!((more.code, more.stderr.contains("does not have")), (0, false), "{}", more.stderr);
}

#[test]
fn names_and_addresses_for_nodes_and_clients() {
    let home = Home::with_ca();
    let more = [
        "--dns",
        "Primary.ccx.example.com",
        "--dns",
        "*.ro.example.com",
        "--ip",
        "10.0.0.7",
        "--ip",
        "fd00::7",
    ];
    let made = done(&mut home.issue("mysql", &more));
    let dns = ["*.ro.example.com", HOST, "primary.ccx.example.com"];
    assert_eq!(made["san"], json!({"dns": dns, "ip": ["10.0.0.7", "fd00::7"]}));
    let tls = home.join("tls");
    for name in [HOST, "primary.ccx.example.com", "x.ro.example.com"] {
        openssl_verify(&tls, "server-cert.pem", &["-verify_hostname", name]);
    }
    for ip in ["10.0.0.7", "fd00:0::7"] {
        openssl_verify(&tls, "server-cert.pem", &["-verify_ip", ip]);
    }
    let client = ["cert", "issue", "--client", "--common-name", "app1", "--out"];
    let made = done(home.ccx(&client).arg("app1"));
    assert_eq!(
        (&made["subject"], &made["ext_key_usage"]),
        (&json!("CN=app1"), &json!(["clientAuth"]))
    );
    openssl_verify(&home.join("app1"), "client-cert.pem", &["-purpose", "sslclient"]);
    assert_eq!(fault(home.ccx(&client).arg("tls")), (4, "directory-taken".into()));
    let mut server = home.ccx(&["cert", "issue", "--datastore", DATASTORE, "--node", "db-1"]);
    server.args(["--engine", "mysql", "--domain", DOMAIN, "--out", "app1"]);
    assert_eq!(fault(&mut server), (4, "directory-taken".into()));
    for (bad, code) in [
        (&["--dns", "a_b.example.com"][..], "dns-name"),
        (&["--dns", "10.0.0.1"], "dns-name"),
        (&["--dns", "*.com"], "dns-name"),
        (&["--ip", "10.0.0.256"], "usage"),
        (&["--node", "UPPER"], "usage"),
    ] {
        assert_eq!(fault(&mut home.issue("mysql", bad)), (2, code.into()), "{bad:?}");
    }
}

#[test]
fn constrained_ca_gives_the_domain_and_refuses_other_names() {
    let home = Home::new();
    let init =
        ["ca", "init", "--common-name", "CA", "--permit-dns", DOMAIN, "--permit-ip", "10.0.0.0/8"];
    home.ccx(&init).assert().success();
    let node = [
        "cert",
        "issue",
        "--datastore",
        DATASTORE,
        "--node",
        "db-1",
        "--engine",
        "mysql",
        "--out",
        "tls",
    ];
    let made = done(home.ccx(&node).args(["--ip", "10.1.2.3"]));
    assert_eq!(made["san"]["dns"], json!([HOST]));
    openssl_verify(&home.join("tls"), "server-cert.pem", &["-verify_hostname", HOST]);
    let before = load(&home.join("tls"));
    for outside in [
        ["--dns", "db.example.com"],
        ["--ip", "11.0.0.1"],
        ["--ip", "fd00::1"],
        ["--domain", "evil.example"],
    ] {
        let told = fault(home.ccx(&node).args(outside));
        assert_eq!(told, (4, "outside-constraints".into()), "{outside:?}");
    }
    assert_eq!(load(&home.join("tls")), before);
    let free = Home::with_ca();
    assert_eq!(fault(&mut free.ccx(&node)), (2, "domain-missing".into()));
}

#[test]
fn life_of_the_ca_bounds_that_of_what_it_signs() {
    let home = Home::new();
    home.ccx(&["ca", "init", "--common-name", "CA", "--validity", "10s"]).assert().success();
    let made = run(&mut home.issue("mysql", &["--validity", "1y", "-o", "json"]));
    assert!(made.stderr.starts_with("warning: a new certificate ends at "), "{}", made.stderr);
    let made = made.json();
    let ca = certificate(&home.join("tls/ca.pem"));
    assert_eq!(made["not_after"], ca.not_after().to_string());
    while jiff::Timestamp::now() <= ca.not_after() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(fault(&mut home.issue("mysql", &[])), (4, "ca-not-valid".into()));
    assert_eq!(fault(&mut home.issue("mysql", &["--validity", "9999y"])).0, 4);
}

#[test]
fn issue_keeps_a_fitting_certificate_and_replaces_others() {
    let home = Home::with_ca();
    let tls = home.join("tls");
    let first = done(&mut home.issue("mysql", &[]));
    assert_eq!(action(&first), ("issued", Some("missing")));
    let kept = done(&mut home.issue("mysql", &[]));
    assert_eq!((action(&kept), &kept["sha256"]), (("kept", None), &first["sha256"]));
    // Another order and other case are no change.
    done(&mut home.issue("mysql", &["--dns", "a.example.com", "--dns", "b.example.com"]));
    let kept =
        done(&mut home.issue("mysql", &["--dns", "B.example.com", "--dns", "a.example.com"]));
    assert_eq!(action(&kept), ("kept", None));
    for more in
        [&["--dns", "c.example.com"][..], &["--replication", "false"], &["--key-type", "ed25519"]]
    {
        // The names of the certificate before are lost, which is told.
        let made = run(home.issue("mysql", more).args(["-o", "json", "--quiet"]));
        assert_eq!(made.code, 0, "{more:?}: {}", made.stderr);
        assert_eq!(action(&made.json()), ("renewed", Some("changed")), "{more:?}");
    }
    let good = done(&mut home.issue("mysql", &[]));
    for (file, text) in [
        ("server-key.pem", "rubbish"),
        ("server-cert.pem", "rubbish"),
        ("server-cert.pem", ""),
        ("server-key.pem", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"),
    ] {
        fs::write(tls.join(file), text).expect("written");
        let made = done(&mut home.issue("mysql", &[]));
        assert_eq!(action(&made), ("renewed", Some("damaged")), "{file}: {text}");
        assert_ne!(made["sha256"], good["sha256"]);
        load(&tls).expect("a pair");
    }
    // The key of another certificate.
    let other = tool("openssl", &["genpkey", "-algorithm", "ED25519"]);
    fs::write(tls.join("server-key.pem"), other).expect("written");
    assert_eq!(action(&done(&mut home.issue("mysql", &[]))), ("renewed", Some("damaged")));
    let good = done(&mut home.issue("mysql", &[]));
    let bundle = fs::read(tls.join("ca.pem")).expect("a bundle");
    for change in [|path: &_| fs::remove_file(path), |path: &_| fs::write(path, "rubbish")] {
        change(&tls.join("ca.pem")).expect("changed");
        let made = done(&mut home.issue("mysql", &[]));
        assert_eq!((action(&made), &made["sha256"]), (("refreshed", None), &good["sha256"]));
        assert_eq!(fs::read(tls.join("ca.pem")).expect("a bundle"), bundle);
    }
    home.ccx(&["ca", "init", "--common-name", "Other", "--ca", "other"]).assert().success();
    let made = done(&mut home.issue("mysql", &["--ca", "other"]));
    assert_eq!(action(&made), ("renewed", Some("other-ca")));
    openssl_verify(&tls, "server-cert.pem", &[]);
    // Seven minutes of life, two of which are left: less than a third.
    done(&mut home.issue("mysql", &["--validity", "2m"]));
    assert_eq!(
        action(&done(&mut home.issue("mysql", &["--validity", "2m"]))),
        ("renewed", Some("due"))
    );
}
