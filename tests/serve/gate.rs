//! The gate: without a CA that can be relied on there is no service; what becomes of the CA is
//! seen while it runs; and who may see the datastores.

use std::fs;

use serde_json::{Value, json};

use crate::common::foreign::Foreign;
use crate::common::service::{Service, wait};
use crate::common::{Home, base64, fingerprint};

/// A datastore of two nodes.
pub const DATASTORE: &str = "7f1c9d3e-5b7a-4c53-9e7d-0b7f7f6f0a01";
pub const FLEET: &str = "datastore,node,domain,engine\n\
    7f1c9d3e-5b7a-4c53-9e7d-0b7f7f6f0a01,db-1,ccx.example.com,postgresql\n\
    7f1c9d3e-5b7a-4c53-9e7d-0b7f7f6f0a01,db-2,ccx.example.com,postgresql\n\
    0d2f3c5a-9f0e-4d60-8a57-3e6a1d2b4c02,cache-1,ccx.example.com,valkey\n";

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

fn start(home: &Home, more: &[&str]) -> Service {
    Service::start(&home.ccx(&[&SERVE[..], more].concat()), 1)
}

/// The bundle with a second certificate in it, and its fingerprint.
fn with_next(home: &Home) -> (Value, String) {
    let other = Home::with_ca();
    let pem = home.value("ccx-ca-bundle", "ca.crt") + &other.value("ccx-ca-bundle", "ca.crt");
    let next = other.value("ccx-ca-bundle", "ca.crt");
    let sha256 = fingerprint(&other.write("next.pem", next));
    let mut index: Value =
        serde_json::from_str(&home.value("ccx-ca-bundle", "bundle.json")).expect("JSON");
    let certificates = index["certificates"].as_array_mut().expect("certificates");
    certificates.push(json!({"role": "next", "sha256": sha256}));
    (json!({"ca.crt": base64(pem), "bundle.json": base64(index.to_string())}), sha256)
}

#[test]
fn service_without_a_ca_does_not_start() {
    let home = Home::new();
    let missing = home.fails(&SERVE, 1, "bundle-missing");
    assert!(
        missing.stderr.contains("this command creates its bundle: ccx-sec ca check --store "),
        "{}",
        missing.stderr
    );
    let missing = home.run(&[&SERVE[..], &["-o", "json"]].concat());
    assert_eq!((missing.code, missing.error_code().as_str()), (1, "bundle-missing"));
    home.init();
    let key = home.value("ccx-ca", "tls.key");
    let whole = fs::read(home.secret_file("ccx-ca-bundle")).expect("the bundle");
    let pem = home.value("ccx-ca-bundle", "ca.crt");
    let cases: [(Value, &str); 4] = [
        (json!({"ca.crt": base64(&pem)}), "secret-key-missing"),
        (json!({"ca.crt": base64(&pem), "bundle.json": base64("{}")}), "bundle-damaged"),
        (
            json!({"ca.crt": base64(&pem), "bundle.json": base64(r#"{"certificates":[]}"#)}),
            "bundle-damaged",
        ),
        // A private key that somebody put there by mistake goes to nobody.
        (
            json!({"ca.crt": base64(pem.clone() + &key),
                   "bundle.json": base64(home.value("ccx-ca-bundle", "bundle.json"))}),
            "bundle-damaged",
        ),
    ];
    for (data, code) in cases {
        home.edit("ccx-ca-bundle", |secret| secret["data"] = data);
        home.fails(&SERVE, 1, code);
        fs::write(home.secret_file("ccx-ca-bundle"), &whole).expect("restored");
    }
    home.edit("ccx-ca-bundle", |secret| {
        let index = home.value("ccx-ca-bundle", "bundle.json").replace("active", "retiring");
        secret["data"]["bundle.json"] = base64(index);
    });
    home.fails(&SERVE, 1, "bundle-active");
    fs::write(home.secret_file("ccx-ca-bundle"), "{").expect("damaged");
    home.fails(&SERVE, 3, "manifest-damaged");
}

#[test]
fn expired_ca_and_one_that_is_none_are_not_served() {
    let refused = |foreign: Foreign<'_>, code: &str| {
        let home = Home::new();
        home.put(&foreign.make(&home, "foreign"));
        home.fails(&SERVE, 1, code);
    };
    let dates = ["20200101000000Z", "20210101000000Z"];
    refused(Foreign { dates, ..Foreign::default() }, "expired");
    let extensions = "basicConstraints=critical,CA:FALSE";
    refused(Foreign { extensions, ..Foreign::default() }, "not-a-ca");
}

#[test]
#[ignore = "needs tests/run"]
fn ca_that_expires_while_it_runs_is_served_no_longer() {
    let home = Home::new();
    let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(20);
    let end = end.strftime("%Y%m%d%H%M%SZ").to_string();
    let dates = ["20200101000000Z", &end];
    home.put(&Foreign { dates, ..Foreign::default() }.make(&home, "foreign"));
    let service = start(&home, &[]);
    assert_eq!(service.get("/api/v1/ca.pem").status, 200);
    assert!(service.get("/").text().contains("This certificate expires in 0 days"));
    let shut = service.until("/api/v1/ca.pem", |got| got.status == 503);
    assert_eq!(shut.json()["findings"][0]["code"], "expired");
    assert_eq!(service.get("/readyz").status, 503);
}

#[test]
#[ignore = "needs tests/run"]
fn service_follows_the_bundle() {
    let home = Home::with_ca();
    let service = start(&home, &[]);
    let bundle = home.secret_file("ccx-ca-bundle");
    let first = fs::read(&bundle).expect("the bundle");
    let etag = service.get("/api/v1/ca.pem").header("etag").to_owned();
    assert_eq!(service.get("/readyz").status, 200);

    let (data, next) = with_next(&home);
    home.edit("ccx-ca-bundle", |secret| secret["data"] = data);
    let both = service.until("/api/v1/ca", |got| {
        got.json()["certificates"].as_array().is_some_and(|all| all.len() == 2)
    });
    assert_eq!(both.json()["certificates"][1]["role"], "next");
    let pem = service.get("/api/v1/ca.pem");
    assert_eq!(pem.text().matches("BEGIN CERTIFICATE").count(), 2);
    assert_ne!(pem.header("etag"), etag);
    let by_role = service.get("/api/v1/ca.pem?role=next");
    assert_eq!(by_role.header("content-disposition"), "attachment; filename=\"ccx-ca-next.pem\"");
    assert_eq!(fingerprint(&home.write("next.pem", &by_role.body)), next);
    assert_eq!(service.get(&format!("/api/v1/ca/{next}.pem")).body, by_role.body);
    let active = service.get("/api/v1/ca.der").body;
    assert_eq!(active, service.get("/api/v1/ca.der?role=active").body);
    assert!(service.get("/").text().contains("The certificate is being replaced"));

    for (what, code) in [(None, "bundle-missing"), (Some("{"), "secret-key-missing")] {
        match what {
            None => fs::remove_file(&bundle).expect("removed"),
            Some(text) => home.write("store/ccx-ca-bundle.yaml", text).truncate(0),
        }
        let shut = service
            .until("/readyz", |got| got.status == 503 && got.json()["findings"][0]["code"] == code);
        assert_eq!(shut.problem(), (503, "ca-unavailable".to_owned()));
        assert_eq!(shut.header("retry-after"), "5");
        for path in ["ca", "ca.pem", "ca.der", "ca.p12", "ca.jks", &format!("ca/{next}.pem")] {
            let refused = service.get(&format!("/api/v1/{path}"));
            assert_eq!(refused.problem(), (503, "ca-unavailable".to_owned()), "{path}");
            assert_eq!(refused.header("cache-control"), "no-store");
        }
        let page = service.get("/");
        assert_eq!(page.status, 503);
        assert!(page.text().contains("There is no certificate to download now"));
        assert_eq!(service.get("/healthz").status, 200);
        assert_eq!(service.metric("ccxsec_ready"), 0.0);
    }
    home.write("store/ccx-ca-bundle.yaml", &first);
    service.until("/readyz", |got| got.status == 200);
    assert_eq!(service.get("/api/v1/ca.pem").header("etag"), etag);
    assert_eq!(service.metric("ccxsec_ready"), 1.0);
}

#[test]
#[ignore = "needs tests/run"]
fn datastores_are_those_whose_nodes_are_in_the_store() {
    let home = Home::with_ca();
    let inventory = home.write("fleet.csv", FLEET);
    home.done(&["cert", "issue", "--inventory", &inventory, "--secret", "-q"]);
    let service = start(&home, &["-q"]);
    let all = service.until("/api/v1/datastores", |got| got.status == 200).json();
    assert_eq!(all["datastores"].as_array().expect("a list").len(), 2);
    let one = service.get(&format!("/api/v1/datastores/{DATASTORE}")).json();
    let node = |name: &str| json!({"name": name, "engine": "postgresql"});
    assert_eq!(one["nodes"], json!([node("db-1"), node("db-2")]));
    let ca = service.get(one["ca"].as_str().expect("an address"));
    assert_eq!((ca.status, &ca.body), (200, &service.get("/api/v1/ca.pem").body));
    let page = service.get(&format!("/datastores/{DATASTORE}/settings"));
    assert_eq!((page.status, page.header("cache-control")), (200, "private, no-cache"));
    assert!(page.text().contains("db-1 (postgresql)") && page.text().contains("psql"));
    // What is in the nodes' Secrets is nowhere.
    let key = home.value(&format!("ccx-node-{DATASTORE}-db-1"), "tls.crt");
    assert!(!page.text().contains(key.lines().nth(1).expect("base64")));
}

#[test]
#[ignore = "needs tests/run"]
fn token_shows_its_datastore_and_nothing_shows_without() {
    let home = Home::with_ca();
    let inventory = home.write("fleet.csv", FLEET);
    home.done(&["cert", "issue", "--inventory", &inventory, "--secret", "-q"]);
    let hash = |token: &str| ccx_sec::pki::sha256_hex(token.as_bytes());
    let file = |tokens: &str| home.write("tokens", tokens);
    let tokens = file(&format!("platform {}\nshop {} {DATASTORE}\n", hash("all"), hash("one")));
    let service = start(&home, &["-q", "--auth", &format!("tokens:{tokens}")]);
    let with = |path: &str, token: &str| {
        service.curl(path, &["-H", &format!("Authorization: Bearer {token}")])
    };
    let own = format!("/api/v1/datastores/{DATASTORE}");
    let other = "/api/v1/datastores/0d2f3c5a-9f0e-4d60-8a57-3e6a1d2b4c02";
    let settings = format!("/datastores/{DATASTORE}/settings");
    wait(|| with("/api/v1/datastores", "all").status == 200);
    for path in ["/api/v1/datastores", &own, &format!("{own}/ca.pem"), other, &settings] {
        let refused = service.get(path);
        assert_eq!(refused.problem(), (401, "unauthorized".to_owned()), "{path}");
        assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"ccx-sec\"");
        assert_eq!(with(path, "all").status, 200, "{path}");
    }
    assert_eq!((with(&own, "one").status, with(&settings, "one").status), (200, 200));
    assert_eq!(with(other, "one").problem(), (403, "forbidden".to_owned()));
    // Whether there is such a datastore is nothing for who may not see it.
    let none = "/api/v1/datastores/99999999-5b7a-4c53-9e7d-0b7f7f6f0a01";
    assert_eq!(with(none, "one").problem(), (403, "forbidden".to_owned()));
    let seen = with("/api/v1/datastores", "one").json();
    assert_eq!(seen["datastores"].as_array().expect("a list").len(), 1, "{seen}");
    for path in ["/api/v1/ca.pem", "/", "/readyz", "/api/v1/snippets/mysql/mysql?host=a"] {
        assert_eq!(service.get(path).status, 200, "the CA is public: {path}");
    }
    // A browser asks for a name and a password, and gets in with the token.
    let browser = ["-H", "Accept: text/html,application/xhtml+xml"];
    let challenge = service.curl(&settings, &browser);
    assert_eq!(challenge.status, 401);
    assert!(challenge.header("www-authenticate").starts_with("Basic realm="), "{challenge:?}");
    let page = service.curl(&settings, &[&browser[..], &["-u", "me:all"]].concat());
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(service.curl(&settings, &["-u", "all:me"]).status, 401);
    // A token that is taken out of the file no longer counts; a broken file changes nothing.
    file("broken\n");
    wait(|| service.metric("ccxsec_file_errors_total") == 1.0);
    assert_eq!(with(&own, "all").status, 200);
    file(&format!("platform {}\n", hash("new")));
    wait(|| with(&own, "all").status == 401);
    assert_eq!(with(&own, "new").status, 200);
    // Who guesses must wait; a right token from the same address is heard all the same.
    wait(|| with(&own, "guess").status == 429);
    assert_eq!(with(&own, "new").status, 200);
    let held_up = service
        .until_with(&own, &["-H", "Authorization: Bearer guess"], |answer| answer.status == 429);
    assert_eq!(held_up.problem(), (429, "too-many-failures".to_owned()));
    assert!(held_up.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    service.terminate();
    let (code, _, stderr) = service.ended();
    assert_eq!(code, 0, "{stderr}");
    for token in ["all", "one", "guess"] {
        assert!(!stderr.contains(&format!("Bearer {token}")), "{stderr}");
    }
    home.fails(&[&SERVE[..], &["--auth", "tokens:/nix"]].concat(), 3, "file-missing");
    home.fails(&[&SERVE[..], &["--auth", "password"]].concat(), 2, "auth");
    home.fails(&[&SERVE[..], &["--auth", "kubernetes"]].concat(), 2, "auth-without-cluster");
    let broken = home.write("tokens", "x\n");
    home.fails(&[&SERVE[..], &["--auth", &format!("tokens:{broken}")]].concat(), 2, "tokens-file");
}
