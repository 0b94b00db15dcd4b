//! `serve --record-holders`: the records survive the server, all servers share them, and no download
//! waits for them or fails because of them.

use std::path::PathBuf;

use serde_json::Value;

use crate::common::kube::{Namespace, cluster_ca, server};
use crate::common::service::{Answer, Service, wait};
use crate::common::staged::Rotating;
use crate::common::{Home, run};

const RECORDS: [&str; 5] =
    ["serve", "--listen", "127.0.0.1:0", "--record-holders=100ms", "--access-log=off"];

const RECORDS_KEY: &str = "holders.json";

/// A tokens file with the owner of all datastores and two shops.
fn tokens(home: &Home) -> String {
    let hash = |token: &str| ccx_sec::pki::sha256_hex(token.as_bytes());
    let lines = ["platform", "shop", "till"].map(|name| format!("{name} {}\n", hash(name)));
    format!("--auth=tokens:{}", home.write("tokens", lines.concat()))
}

fn by(service: &Service, token: &str, path: &str) -> Answer {
    service.curl(path, &["-H", &format!("Authorization: Bearer {token}")])
}

/// The names of the holders that have a bundle, with whether it is the present one.
fn holders(service: &Service) -> Vec<(String, bool)> {
    let document = by(service, "platform", "/api/v1/holders").json();
    assert_eq!(document["kept"], true, "{document}");
    let all = document["holders"].as_array().expect("a list").iter();
    let all = all.filter(|row| row["bundle"].is_string());
    let pair = |row: &Value| {
        (row["name"].as_str().expect("a name").to_owned(), row["current"] == Value::Bool(true))
    };
    all.map(pair).collect()
}

/// The digest of the bundle that a holder has, as it is stored.
fn stored_bundle(home: &Home, holder: &str) -> Value {
    let shards = (0..16).map(|shard| home.value(&format!("ccx-ca-holders-{shard}"), RECORDS_KEY));
    let shards = shards.map(|text| serde_json::from_str::<Value>(&text).expect("JSON"));
    let mut found = shards.filter(|shard| shard["holders"][holder].is_array());
    let Some(shard) = found.next() else { return Value::Null };
    let place = shard["holders"][holder][0].as_u64().expect("a place");
    shard["bundles"][usize::try_from(place).expect("small")]["sha256"].clone()
}

fn pair(name: &str, is_current: bool) -> (String, bool) {
    (name.to_owned(), is_current)
}

#[test]
#[ignore = "needs tests/run"]
fn holders_survive_the_servers_and_are_shared() {
    let home = Home::with_ca();
    let auth = tokens(&home);
    let start = || Service::start(&home.ccx(&[&RECORDS[..], &[&auth]].concat()), 1);
    let (one, two) = (start(), start());
    assert_eq!(by(&one, "shop", "/api/v1/ca.pem").status, 200);
    assert_eq!(by(&two, "till", "/api/v1/ca.pem").status, 200);
    // The end of a server loses nothing, though nothing was waited for.
    for service in [one, two] {
        service.terminate();
        let (code, _, stderr) = service.ended();
        assert_eq!(code, 0, "{stderr}");
        assert!(!stderr.contains("records of clients"), "{stderr}");
    }
    let service = start();
    wait(|| holders(&service).len() == 2);
    assert_eq!(holders(&service), [pair("shop", true), pair("till", true)]);
    let metric = |current: bool| {
        let name = format!("ccxsec_bundle_holders{{current=\"{current}\"}}");
        service.metric(&name)
    };
    assert_eq!((metric(true), metric(false)), (2.0, 0.0));
    Rotating::new(&home).plan("staged");
    service.until("/api/v1/ca", |got| got.json()["rotation"]["phase"] == "staged");
    assert_eq!(by(&service, "shop", "/api/v1/ca.pem").status, 200);
    assert_eq!(holders(&service), [pair("shop", true), pair("till", false)]);
    let document = by(&service, "platform", "/api/v1/holders").text();
    assert_eq!((metric(true), metric(false)), (1.0, 1.0), "{document}");
    assert_eq!(service.metric("ccxsec_bundle_holders_lacking_target"), 1.0);
    assert_eq!(service.metric("ccxsec_holder_write_errors_total"), 0.0);
    // Killed after the next write: what was written is there.
    let current = by(&service, "platform", "/api/v1/holders").json()["bundle"].clone();
    wait(|| stored_bundle(&home, "token:shop") == current);
    drop(service);
    let service = start();
    wait(|| holders(&service).len() == 2);
    assert_eq!(holders(&service), [pair("shop", true), pair("till", false)]);
    // No token and no address is in the records.
    for shard in 0..16 {
        let text = home.value(&format!("ccx-ca-holders-{shard}"), RECORDS_KEY);
        assert!(!text.contains("127.0.0.1"), "{text}");
    }
    let stranger = home.run(&["serve", "--record-holders"]);
    assert_eq!(stranger.code, 2, "without tokens nobody is known: {}", stranger.stderr);
}

/// The account of the manifests: no `create`, no `list`.
fn account(namespace: &Namespace) -> PathBuf {
    let mut printed = namespace.ccx(&[
        "manifests",
        "--only",
        "server",
        "--image",
        "x",
        "--tokens-secret",
        "tokens",
        "--record-holders",
        "-o",
        "json",
    ]);
    let list = run(&mut printed).json();
    let items = list["items"].as_array().expect("items").iter();
    let wanted = ["Secret", "ServiceAccount", "Role", "RoleBinding"];
    let items: Vec<&Value> =
        items.filter(|item| wanted.iter().any(|kind| item["kind"] == *kind)).collect();
    assert_eq!(items.iter().filter(|item| item["kind"] == "Secret").count(), 16);
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
    namespace.apply(&list.to_string());
    let token = namespace.kubectl(&["create", "token", "ccx-sec-server"]);
    let cluster =
        format!("{{server: '{}', certificate-authority: '{}'}}", server(), cluster_ca().display());
    namespace.kubeconfig("serve", &cluster, &format!("{{token: {}}}", token.trim()))
}

#[test]
#[ignore = "needs tests/run"]
fn holders_are_kept_in_a_cluster_by_an_account_without_create() {
    let namespace = Namespace::new();
    namespace.init();
    let kubeconfig = account(&namespace);
    let auth = tokens(&namespace.home);
    let start = || {
        let arguments = [&RECORDS[..], &[&auth]].concat();
        Service::start(&namespace.ccx_by(&kubeconfig, &arguments), 1)
    };
    // Two servers write the same Secrets at the same time.
    let (one, two) = (start(), start());
    for _ in 0..20 {
        assert_eq!(by(&one, "shop", "/api/v1/ca.pem").status, 200);
        assert_eq!(by(&two, "till", "/api/v1/ca.pem").status, 200);
    }
    let stored = |name: &str| {
        (0..16).any(|shard| {
            let name_of_shard = format!("ccx-ca-holders-{shard}");
            let is_empty = namespace.secret(&name_of_shard)["data"].is_null();
            !is_empty && namespace.value(&name_of_shard, RECORDS_KEY).contains(name)
        })
    };
    wait(|| stored("token:shop") && stored("token:till"));
    // Applied again, the manifests change no record.
    account(&namespace);
    assert!(stored("token:shop"));

    // The right is withdrawn: downloads go on, and the failures are counted and told once.
    namespace.kubectl(&["delete", "rolebinding", "ccx-sec-server"]);
    wait(|| {
        assert_eq!(by(&one, "platform", "/api/v1/ca.pem").status, 200);
        one.metric("ccxsec_holder_write_errors_total") >= 3.0
    });
    let warning = "the records of clients stay in memory until they can be written";
    assert_eq!(one.stderr().matches(warning).count(), 1, "{}", one.stderr());
    account(&namespace);
    wait(|| stored("token:platform"));
    wait(|| one.stderr().contains("The records of clients are written again."));
    drop((one, two));
    let service = start();
    wait(|| holders(&service).len() == 3);
}
