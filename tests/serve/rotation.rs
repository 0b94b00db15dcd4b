//! A rotation, as clients of the service learn of it: documents, header, links, page, metrics, and
//! the record of the clients that have the bundle.

use serde_json::{Value, json};

use crate::common::service::Service;
use crate::common::staged::{EARLIEST_SWITCH, Rotating};
use crate::common::{Home, tool};
use crate::serve::gate::{DATASTORE, FLEET};

fn start(home: &Home, more: &[&str]) -> Service {
    let arguments = [&["serve", "--listen", "127.0.0.1:0", "-q"], more].concat();
    Service::start(&home.ccx(&arguments), 1)
}

fn certificates(text: &str) -> usize {
    text.matches("BEGIN CERTIFICATE").count()
}

#[test]
#[ignore = "needs tests/run"]
fn rotation_is_announced_with_every_bundle_in_every_phase() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    let service = start(&home, &[]);
    let idle = service.get("/api/v1/ca");
    assert_eq!((&idle.json()["generation"], &idle.json()["rotation"]), (&json!(1), &Value::Null));
    assert_eq!(idle.header("ccx-ca-rotation"), "");
    assert_eq!(service.get("/api/v1/ca/links.pem").problem(), (404, "not-found".to_owned()));
    let metrics = service.get("/metrics").text();
    assert!(metrics.contains("\nccxsec_rotation_phase{phase=\"idle\"} 1\n"), "{metrics}");
    assert!(!metrics.contains("ccxsec_rotation_since"), "{metrics}");

    let files = ["", ".pem", ".p12", ".jks", ".der", ".pem?role=active"];
    let date = format!("switch-not-before=\"{EARLIEST_SWITCH}\"");
    for (phase, generation, members) in [
        ("staged", 1, 2),
        ("switching", 1, 2),
        ("switched", 2, 2),
        ("reissued", 2, 2),
        ("removed", 2, 1),
    ] {
        rotating.plan(phase);
        let got = service.until("/api/v1/ca", |got| got.json()["rotation"]["phase"] == *phase);
        let document = got.json();
        assert_eq!(document["generation"], generation, "{phase}");
        assert_eq!(document["rotation"]["earliest_switch"], EARLIEST_SWITCH);
        assert_eq!(document["rotation"]["target"], rotating.next_sha256());
        let numbers: Vec<_> = document["certificates"].as_array().expect("a list").iter().collect();
        assert_eq!(numbers.len(), members, "{phase}");
        assert_eq!(numbers[0]["generation"], generation, "{phase}: the active one is first");
        for file in files {
            let path = format!("/api/v1/ca{file}");
            let got = service.get(&path);
            let header = got.header("ccx-ca-rotation");
            assert!(header.starts_with(&format!("{phase};since=\"2027-")), "{path}: {header}");
            assert_eq!(header.contains(&date), phase.starts_with("sta") || phase == "switching");
            let known = format!("If-None-Match: {}", got.header("etag"));
            let unchanged = service.curl(&path, &["-H", &known]);
            assert_eq!((unchanged.status, unchanged.header("ccx-ca-rotation")), (304, header));
        }
        let one = service.get(&format!("/api/v1/ca/{}.pem", rotating.next_sha256()));
        assert_eq!((one.status, one.header("ccx-ca-rotation")), (200, ""), "cached forever");
        assert_eq!(certificates(&service.get("/api/v1/ca.pem").text()), members);
        let metrics = service.get("/metrics").text();
        let set = metrics
            .lines()
            .filter(|line| line.starts_with("ccxsec_rotation_phase{") && line.ends_with(" 1"));
        let set: Vec<&str> = set.collect();
        assert_eq!(set, [format!("ccxsec_rotation_phase{{phase=\"{phase}\"}} 1")]);
        assert_eq!(service.metric("ccxsec_rotation_since_timestamp_seconds"), 1_798_761_600.0);
        let earliest = service.metric("ccxsec_rotation_earliest_switch_timestamp_seconds");
        assert_eq!(earliest, 1_803_859_200.0);
        let page = service.get("/").text();
        assert!(page.contains("class=\"band\"") && page.contains("CA certificate"), "{page}");
        assert!(!page.contains("The certificate is being replaced"), "{page}");
    }
}

/// Java's keytool takes one certificate from a PEM file. The files for Java hold both, and the page
/// and its commands say so.
#[test]
#[ignore = "needs tests/run"]
fn java_gets_both_certificates_from_the_trust_stores() {
    let home = Home::with_ca();
    Rotating::new(&home).plan("staged");
    let service = start(&home, &[]);
    let pem = home.write("ca.pem", service.get("/api/v1/ca.pem").body);
    let imported = home.at("imported.p12");
    let import = ["-importcert", "-noprompt", "-file", &pem, "-storepass", "changeit", "-keystore"];
    tool("keytool", &[&import[..], &[&imported]].concat());
    let listed = |store: &str, kind: &str| {
        let list = ["-list", "-rfc", "-storepass", "changeit", "-storetype", kind, "-keystore"];
        certificates(&tool("keytool", &[&list[..], &[store]].concat()))
    };
    assert_eq!(listed(&imported, "PKCS12"), 1, "it drops the second without a word");
    for (format, kind) in [("p12", "PKCS12"), ("jks", "JKS")] {
        let body = service.get(&format!("/api/v1/ca.{format}")).body;
        assert_eq!(listed(&home.write(&format!("ca.{format}"), body), kind), 2, "{format}");
    }
    let page = service.get("/").text();
    assert!(page.contains("takes only the first certificate of a PEM file"), "{page}");
    // The command that the page shows prints the fingerprint of each certificate.
    let start = page.find("id=\"check\">").expect("the command") + "id=\"check\">".len();
    let command = &page[start..start + page[start..].find("</code>").expect("its end")];
    let command = command.replace("&#x27;", "'").replace("&quot;", "\"").replace("&#x2f;", "/");
    let command = command.replace("ccx-ca.pem", &pem);
    let printed = tool("sh", &["-c", &command]);
    assert_eq!(printed.matches("ingerprint=").count(), 2, "{command}: {printed}");
}

#[test]
#[ignore = "needs tests/run"]
fn links_are_served_unless_the_key_was_stolen() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    rotating.plan("staged");
    let service = start(&home, &[]);
    let got = service.get("/api/v1/ca/links.pem");
    assert_eq!((got.status, certificates(&got.text())), (200, 2));
    assert_eq!(got.header("content-type"), "application/pem-certificate-chain");
    assert!(got.header("ccx-ca-rotation").starts_with("staged;"));
    assert_eq!(service.get("/api/v1/ca/links.pem?x").problem(), (400, "query".to_owned()));
    for link in rotating.links() {
        let bundle = service.get("/api/v1/ca.pem").text();
        let pem = ccx_sec::pki::pem::certificates([&link]);
        assert!(!bundle.contains(pem.lines().nth(5).expect("base64")), "no link is trusted");
    }
    // Links that somebody left in the store announce nothing after a theft.
    rotating.write("staged", "compromised", &rotating.links());
    service.until("/api/v1/ca/links.pem", |got| got.status == 404);
    assert_eq!(service.get("/api/v1/ca.pem").status, 200);
    assert!(service.get("/").text().contains("was stolen"));
    // Damaged ones shut no gate.
    rotating.plan("staged");
    service.until("/api/v1/ca/links.pem", |got| got.status == 200);
    home.edit("ccx-ca-bundle", |secret| secret["data"]["links.pem"] = "eA==".into());
    service.until("/api/v1/ca/links.pem", |got| got.status == 404);
    assert_eq!(service.get("/readyz").text(), "ok, with warnings\n");
}

#[test]
#[ignore = "needs tests/run"]
fn clients_with_tokens_are_seen_to_hold_a_bundle_and_others_are_counted() {
    let home = Home::with_ca();
    let inventory = home.write("fleet.csv", FLEET);
    home.done(&["cert", "issue", "--inventory", &inventory, "--secret", "-q"]);
    let hash = |token: &str| ccx_sec::pki::sha256_hex(token.as_bytes());
    let lines = [("platform", "all", ""), ("shop", "one", DATASTORE), ("idle", "two", DATASTORE)];
    let lines = lines.map(|(name, token, of)| format!("{name} {} {of}\n", hash(token))).concat();
    let tokens = home.write("tokens", lines);
    let service = start(&home, &["--auth", &format!("tokens:{tokens}")]);
    let with = |path: &str, token: &str, more: &[&str]| {
        let header = format!("Authorization: Bearer {token}");
        service.curl(path, &[&["-H", &header], more].concat())
    };
    let holder = |name: &str| {
        let document = with("/api/v1/holders", "all", &[]).json();
        let all = document["holders"].as_array().expect("a list").clone();
        let row = all.into_iter().find(|row| row["name"] == *name);
        row.unwrap_or_else(|| panic!("{name}: {document}"))
    };
    assert_eq!(service.get("/api/v1/holders").problem(), (401, "unauthorized".to_owned()));
    assert_eq!(with("/api/v1/holders", "one", &[]).problem(), (403, "forbidden".to_owned()));
    assert_eq!(holder("shop"), json!({"kind": "token", "name": "shop", "current": false}));

    let own = format!("/api/v1/datastores/{DATASTORE}/ca.pem");
    service.until_with(&own, &["-H", "Authorization: Bearer one"], |got| got.status == 200);
    let first = with("/api/v1/ca.pem", "one", &[]);
    let row = holder("shop");
    assert_eq!((&row["current"], &row["evidence"]), (&json!(true), &json!("downloaded")));
    assert_eq!(row["bundle"], ccx_sec::pki::sha256_hex(&first.body));
    let known = format!("If-None-Match: {}", first.header("etag"));
    for (header, evidence) in [("If-None-Match: *", "downloaded"), (&known, "confirmed")] {
        assert_eq!(with("/api/v1/ca.pem", "one", &["-H", header]).status, 304);
        assert_eq!(holder("shop")["evidence"], evidence, "{header}");
    }
    let counted = |current: bool| {
        let text = service.get("/metrics").text();
        let line =
            format!("ccxsec_bundle_downloads_total{{current=\"{current}\",format=\"pem\"}} ");
        let value = text.lines().find_map(|one| one.strip_prefix(&line));
        value.unwrap_or_else(|| panic!("{text}")).parse::<u64>().expect("a number")
    };
    let before = counted(true);
    // The description of the CA, the head of an answer, a guess and a client without a token are no
    // evidence of a holder.
    with("/api/v1/ca", "two", &[]);
    with("/api/v1/ca.pem", "two", &["--head"]);
    assert_eq!(counted(true), before);
    assert_eq!(with("/api/v1/ca.pem", "guess", &[]).status, 200, "the CA is public");
    service.get("/api/v1/ca.pem");
    assert_eq!(counted(true), before + 2);
    assert_eq!(holder("idle")["current"], false);

    Rotating::new(&home).plan("staged");
    service.until("/api/v1/ca", |got| got.json()["rotation"]["phase"] == "staged");
    let row = holder("shop");
    assert_eq!((&row["current"], &row["bundle"].is_string()), (&json!(false), &true), "{row}");
    assert_eq!((counted(true), counted(false)), (0, before + 2));
    let document = with("/api/v1/holders", "all", &[]).json();
    let bundle = service.get("/api/v1/ca.pem").body;
    assert_eq!(document["bundle"], ccx_sec::pki::sha256_hex(&bundle));
    assert_eq!(with("/api/v1/ca.p12", "one", &["-H", &known]).status, 200, "it had the old one");
    let row = holder("shop");
    assert_eq!((&row["current"], &row["format"]), (&json!(true), &json!("p12")), "{row}");
    assert_eq!(counted(true), 1);
    // A client that takes a part of the bundle has this part alone, whatever it had before.
    for part in ["/api/v1/ca.pem?role=active", "/api/v1/ca.der"] {
        with("/api/v1/ca.pem", "two", &[]);
        assert_eq!(holder("idle")["current"], true);
        with(part, "two", &[]);
        assert_eq!(holder("idle")["current"], false, "{part}");
    }
    let whole = with("/api/v1/ca.pem?role=active", "two", &[]).body;
    assert_eq!(holder("idle")["bundle"], ccx_sec::pki::sha256_hex(&whole));
    // No address is in any of it.
    let all = with("/api/v1/holders", "all", &[]).text() + &service.get("/metrics").text();
    assert!(!all.contains("127.0.0.1"), "{all}");
    // Without tokens nobody is known.
    let open = start(&home, &[]);
    assert_eq!(open.get("/api/v1/holders").problem(), (404, "not-found".to_owned()));
}
