//! Certificates of nodes as Secrets of a real cluster: what kubectl shows of them, who may
//! write them, and whose they are.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::fault::{Fault, Proxy, Rule, first, status};
use crate::common::fleets::{self, datastore, inventory, node, secret};
use crate::common::kube::{Namespace, kubectl};
use crate::common::{Run, run, tool};

/// `cert issue` of the `n`th node of a fleet.
fn issue(n: usize) -> Vec<String> {
    let (datastore, node, ip) = (datastore(n), node(n), format!("10.0.0.{n}"));
    ["cert", "issue", "--secret", "--datastore", datastore, "--node", &node, "--ip", &ip]
        .into_iter()
        .chain(["--engine", "mysql", "--domain", "ccx.example", "-o", "json"])
        .map(str::to_owned)
        .collect()
}

fn ccx(namespace: &Namespace, arguments: &[impl AsRef<str>]) -> Run {
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    run(&mut namespace.ccx(&arguments))
}

fn done(run: Run) -> Value {
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    run.json()
}

fn refused(run: Run, exit: i32, code: &str) -> String {
    assert_eq!((run.code, run.stdout.as_str()), (exit, ""), "{}", run.stderr);
    assert_eq!(run.error_code(), code, "{}", run.stderr);
    run.stderr
}

/// A CA and the `n`th node.
fn with_node(n: usize) -> (Namespace, Value) {
    let namespace = Namespace::new();
    namespace.init();
    let made = done(ccx(&namespace, &issue(n)));
    (namespace, made)
}

#[test]
#[ignore = "needs tests/run"]
fn node_is_a_tls_secret_that_openssl_takes() {
    let (namespace, made) = with_node(1);
    assert_eq!((&made["action"], &made["secret"]), (&json!("issued"), &json!(secret(1))));
    let there = namespace.secret(&secret(1));
    assert_eq!(there["type"], "kubernetes.io/tls");
    let labels = json!({
        "app.kubernetes.io/managed-by": "ccx-sec", "ccx-sec/datastore": datastore(1),
        "ccx-sec/engine": "mysql", "ccx-sec/node": "db-1",
    });
    assert_eq!(there["metadata"]["labels"], labels);
    let keys: Vec<&String> = there["data"].as_object().expect("data").keys().collect();
    assert_eq!(keys, ["ca.crt", "tls.crt", "tls.key"]);
    let bundle = namespace.secret("ccx-ca-bundle");
    assert_eq!(there["data"]["ca.crt"], bundle["data"]["ca.crt"]);

    let file = |key: &str| namespace.value_file(&secret(1), key).display().to_string();
    let (ca, crt, key) = (file("ca.crt"), file("tls.crt"), file("tls.key"));
    let host = format!("db-1.{}.ccx.example", datastore(1));
    let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", &host];
    let said = tool("openssl", &[&verify[..], &["-CAfile", &ca, &crt]].concat());
    assert_eq!(said, format!("{crt}: OK\n"));
    let of_certificate = tool("openssl", &["x509", "-pubkey", "-noout", "-in", &crt]);
    assert_eq!(tool("openssl", &["pkey", "-pubout", "-in", &key]), of_certificate);

    let kept = ccx(&namespace, &issue(1)).json();
    assert_eq!((&kept["action"], &kept["serial"]), (&json!("kept"), &made["serial"]));
    assert_eq!(namespace.secret(&secret(1)), there);
}

#[test]
#[ignore = "needs tests/run"]
fn foreign_labels_survive_renewal() {
    let (namespace, made) = with_node(1);
    let name = secret(1);
    namespace.kubectl(&["label", "secret", &name, "team=dba"]);
    namespace.kubectl(&["annotate", "secret", &name, "note=ours"]);
    let extra = json!({"data": {"extra": "aGk="}}).to_string();
    namespace.kubectl(&["patch", "secret", &name, "--type=merge", "-p", &extra]);
    let before = namespace.secret(&name);

    let kept = ccx(&namespace, &["cert", "renew", "--secret", &name, "-o", "json"]).json();
    assert_eq!(kept["action"], "kept");
    assert_eq!(namespace.secret(&name), before);

    let renew = ["cert", "renew", "--secret", &name, "--force", "-o", "json"];
    let renewed = done(ccx(&namespace, &renew));
    assert_eq!((&renewed["action"], &renewed["reason"]), (&json!("renewed"), &json!("asked")));
    assert_ne!(renewed["serial"], made["serial"]);
    for field in ["subject", "san", "key_usage", "ext_key_usage", "key_type"] {
        assert_eq!(renewed[field], made[field], "{field}");
    }
    let after = namespace.secret(&name);
    for field in ["labels", "annotations", "uid"] {
        assert_eq!(after["metadata"][field], before["metadata"][field], "{field}");
    }
    assert_eq!(after["data"]["extra"], "aGk=");
    assert_ne!(after["data"]["tls.key"], before["data"]["tls.key"]);

    let again = done(ccx(&namespace, &[&renew[..], &["--reuse-key"]].concat()));
    assert_ne!(again["serial"], renewed["serial"]);
    let last = namespace.secret(&name);
    assert_eq!(last["data"]["tls.key"], after["data"]["tls.key"]);
    assert_ne!(last["data"]["tls.crt"], after["data"]["tls.crt"]);
}

#[test]
#[ignore = "needs tests/run"]
fn inventory_is_issued_and_renewed_node_by_node() {
    let namespace = Namespace::new();
    namespace.init();
    let file = inventory(&namespace, 6).display().to_string();
    let issue = ["cert", "issue", "--inventory", &file, "--secret", "-o", "json"];
    let dry = done(ccx(&namespace, &[&issue[..], &["--dry-run"]].concat()));
    assert_eq!((&dry["dry_run"], &dry["summary"]["issued"]), (&json!(true), &json!(6)));
    assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);

    let issued = done(ccx(&namespace, &issue));
    assert_eq!(issued["summary"]["issued"], 6);
    let bundle = namespace.value("ccx-ca-bundle", "ca.crt");
    for (name, there) in &fleets::secrets(&namespace) {
        let n = (0..6).find(|n| secret(*n) == *name).expect("a node of the inventory");
        let row = &issued["nodes"][n];
        assert_eq!((&row["action"], &row["secret"]), (&json!("issued"), &json!(name)));
        assert_eq!(row["serial"], fleets::whole(n, there, &bundle));
    }
    let renew = ["cert", "renew", "--inventory", &file, "--secret", "-o", "json"];
    let none_due = done(ccx(&namespace, &renew));
    assert_eq!(none_due["summary"]["kept"], 6);
    namespace.kubectl(&["delete", "secret", &secret(3)]);
    let renewed = ccx(&namespace, &[&renew[..], &["--before", "2y"]].concat());
    assert_eq!((renewed.code, renewed.stderr.as_str()), (3, ""), "{}", renewed.stdout);
    let document = renewed.json();
    assert_eq!(
        (&document["summary"]["renewed"], &document["summary"]["failed"]),
        (&json!(5), &json!(1))
    );
    assert_eq!(document["nodes"][3]["error"]["code"], "certificate-missing");
    assert!(!namespace.secrets().contains(&secret(3)), "renewing makes no new node");
    assert_eq!(done(ccx(&namespace, &issue))["summary"]["issued"], 1);
}

#[test]
#[ignore = "needs tests/run"]
fn secret_needs_renewal() {
    let (namespace, _) = with_node(1);
    let name = secret(1);
    let ask = |more: &[&str]| {
        ccx(
            &namespace,
            &[&["cert", "needs-renewal", "--secret", &name, "-o", "json"], more].concat(),
        )
    };
    let answer = |run: Run, code: i32, reason: Value| {
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{}", run.stdout);
        assert_eq!(run.json()["certificates"][0]["reason"], reason);
    };
    answer(ask(&[]), 1, Value::Null);
    answer(ask(&["--before", "2y"]), 0, json!("due"));
    let key = json!({"data": {"tls.key": namespace.secret("ccx-ca")["data"]["tls.key"]}});
    namespace.kubectl(&["patch", "secret", &name, "--type=merge", "-p", &key.to_string()]);
    answer(ask(&[]), 0, json!("damaged"));
    namespace.kubectl(&["delete", "secret", &name]);
    refused(ask(&[]), 3, "certificate-missing");
}

#[test]
#[ignore = "needs tests/run"]
fn list_goes_over_pages_and_by_labels() {
    const NODES: usize = 620;
    let namespace = Namespace::new();
    namespace.init();
    let file = inventory(&namespace, NODES).display().to_string();
    done(ccx(&namespace, &["cert", "issue", "--inventory", &file, "--secret", "-o", "json"]));
    // What has no labels of a node is none of ours to list, whatever its name.
    namespace.kubectl(&["create", "secret", "generic", "ccx-node-theirs"]);
    let proxy = Proxy::new(Vec::new());
    let through = |proxy: &Proxy, more: &[&str]| {
        let list = [&["cert", "list", "-o", "json"], more].concat();
        run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &list))
    };
    let rows = |run: Run| -> Vec<Value> {
        assert!(run.stderr.is_empty(), "{}", run.stderr);
        run.json()["certificates"].as_array().expect("certificates").clone()
    };
    let all = rows(through(&proxy, &[]));
    assert_eq!((all.len(), proxy.count("GET ")), (NODES, 2), "{:?}", proxy.log());
    let mut names: Vec<&str> = all.iter().filter_map(|row| row["place"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), NODES);

    let of_one = rows(through(&proxy, &["--datastore", datastore(2)]));
    assert_eq!((of_one.len(), proxy.count("GET ")), (NODES / 4, 3), "{:?}", proxy.log());
    assert!(of_one.iter().all(|row| row["datastore"] == datastore(2)));
    let one = rows(through(&proxy, &["--node", "db-7"]));
    assert_eq!((one.len(), &one[0]["engine"]), (1, &json!("mysql")));
    assert!(one[0]["days_left"].as_i64().is_some_and(|days| days >= 364), "{one:?}");

    let soon = ccx(&namespace, &["cert", "list", "--node", "db-7", "--expires-within", "2y"]);
    assert_eq!((soon.code, soon.stdout.lines().count()), (1, 2), "{}", soon.stdout);
    let none = ccx(&namespace, &["cert", "list", "--expires-within", "30d", "-o", "json"]);
    assert_eq!((none.code, rows(none).len()), (0, 0));
    let wide = ccx(&namespace, &["cert", "list", "--node", "db-7", "-o", "wide"]);
    let row = wide.stdout.lines().nth(1).expect("a row");
    let serial = one[0]["serial"].as_str().expect("a serial");
    let host = format!("db-7.{}.ccx.example,10.0.0.7  {}", datastore(7), secret(7));
    assert!(row.contains(serial) && row.ends_with(&host), "{}", wide.stdout);

    let damage = json!({"data": {"tls.crt": "cnViYmlzaA=="}}).to_string();
    namespace.kubectl(&["patch", "secret", &secret(9), "--type=merge", "-p", &damage]);
    let damaged = ccx(&namespace, &["cert", "list", "--node", "db-9", "-o", "json"]);
    assert_eq!(damaged.code, 3);
    assert!(rows(damaged)[0]["error"].is_string());

    // A continue token is good for some minutes only. The API server's answer to an expired
    // one holds another, which goes on from the same place; one without cannot be helped.
    let gone = |token: Value| {
        let message = "The provided continue parameter is too old to display a consistent list";
        let body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": token, "status": "Failure",
            "message": message, "reason": "Expired", "code": 410,
        });
        Fault::Answer(410, "Content-Type: application/json\r\n", body.to_string())
    };
    let list = format!("GET /api/v1/namespaces/{}/secrets?", namespace.name);
    let second_page = |fault: Fault| {
        let page = |times, fault| Rule { request: list.clone(), times, fault };
        Proxy::new(vec![page(1, first(|| ())), page(1, fault)])
    };
    let proxy = second_page(gone(json!({})));
    refused(through(&proxy, &[]), 3, "kube-expired");
    let next = json!({"continue": continue_token(&namespace)});
    let proxy = second_page(gone(next));
    let listed = through(&proxy, &["--node", "db-7"]);
    assert_eq!(rows(listed).len(), 1);
    assert_eq!(proxy.count("GET "), 3, "{:?}", proxy.log());
}

/// A token of the API server with which a list of the Secrets goes on behind the first page.
fn continue_token(namespace: &Namespace) -> String {
    let selector = "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dccx-sec";
    let path = format!("/api/v1/namespaces/{}/secrets?{selector}&limit=500", namespace.name);
    let page: Value = serde_json::from_str(&kubectl(&["get", "--raw", &path])).expect("JSON");
    page["metadata"]["continue"].as_str().expect("a token").to_owned()
}

#[test]
#[ignore = "needs tests/run"]
fn grants_named_by_a_refusal_suffice() {
    let namespace = Namespace::new();
    namespace.init();
    let may = |verbs: &str| {
        let role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"},
            "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": verbs.split(',').collect::<Vec<_>>()}],
        });
        namespace.apply(&role.to_string());
        for verb in verbs.split(',') {
            let end = Instant::now() + Duration::from_secs(180);
            let ask = ["-n", &namespace.name, "auth", "can-i", verb, "secrets", "--as=limited"];
            while !can(&ask) {
                assert!(Instant::now() < end, "{verb} is not granted");
            }
        }
    };
    namespace.allow_limited("watch"); // the binding; of no use by itself
    let file = inventory(&namespace, 2).display().to_string();
    let limited = |arguments: &[&str]| {
        run(&mut namespace.ccx_as("limited", &[arguments, &["-o", "json"]].concat()))
    };
    let lacks = |run: Run, verb: &str| {
        let said = refused(run, 3, "kube-forbidden");
        let grants =
            said.contains("resources: [secrets]\\n") && said.contains(&format!("verbs: [{verb}]"));
        assert!(grants, "{said}");
    };
    let one = issue(1);
    let one: Vec<&str> = one.iter().take(one.len() - 2).map(String::as_str).collect();
    let renew = ["cert", "renew", "--secret", &secret(1), "--force"];
    let list = ["cert", "list"];
    lacks(limited(&one), "get");
    lacks(limited(&list), "list");
    may("get");
    lacks(limited(&one), "create");
    assert!(!namespace.secrets().contains(&secret(1)));
    may("get,create");
    assert_eq!(limited(&one).code, 0);
    assert_eq!(limited(&["cert", "needs-renewal", "--secret", &secret(1)]).code, 1);
    let before = namespace.secret(&secret(1));
    lacks(limited(&renew), "patch");
    assert_eq!(namespace.secret(&secret(1)), before);
    may("get,create,patch");
    assert_eq!(done(limited(&renew))["action"], "renewed");
    lacks(limited(&list), "list");
    may("get,create,patch,list");
    assert_eq!(done(limited(&list))["certificates"].as_array().map(Vec::len), Some(1));
    let fleet = done(limited(&["cert", "issue", "--inventory", &file, "--secret"]));
    assert_eq!((&fleet["summary"]["issued"], &fleet["summary"]["failed"]), (&json!(1), &json!(0)));
}

/// Whether `kubectl auth can-i` says yes; it exits 1 for no.
fn can(ask: &[&str]) -> bool {
    let kubeconfig = crate::common::kube::kubeconfig("admin");
    let asked = std::process::Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(ask)
        .output();
    asked.expect("kubectl").status.success()
}

#[test]
#[ignore = "needs tests/run"]
fn secret_of_others_or_an_immutable_one_is_left_alone() {
    let namespace = Namespace::new();
    namespace.init();
    let file = inventory(&namespace, 3).display().to_string();
    namespace.kubectl(&["create", "secret", "generic", &secret(1), "--from-literal=a=b"]);
    done(ccx(&namespace, &issue(2)));
    let immutable = json!({"immutable": true}).to_string();
    namespace.kubectl(&["patch", "secret", &secret(2), "--type=merge", "-p", &immutable]);
    let before = (namespace.secret(&secret(1)), namespace.secret(&secret(2)));

    refused(ccx(&namespace, &issue(1)), 4, "secret-foreign");
    let more = [&issue(2)[..], &["--dns".to_owned(), "x.ccx.example".to_owned()]].concat();
    refused(ccx(&namespace, &more), 4, "secret-immutable");
    for (n, exit, code) in [(1, 4, "secret-not-of-a-node"), (2, 4, "secret-immutable")] {
        let renew = ["cert", "renew", "--secret", &secret(n), "--force", "-o", "json"];
        refused(ccx(&namespace, &renew), exit, code);
    }
    let fleet = ccx(&namespace, &["cert", "issue", "--inventory", &file, "--secret", "-o", "json"]);
    assert_eq!((fleet.code, fleet.stderr.as_str()), (3, ""), "{}", fleet.stdout);
    let document = fleet.json();
    assert_eq!(document["nodes"][1]["error"]["code"], "secret-foreign");
    assert_eq!(
        (&document["summary"]["issued"], &document["summary"]["failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!((namespace.secret(&secret(1)), namespace.secret(&secret(2))), before);
}

#[test]
#[ignore = "needs tests/run"]
fn change_between_read_and_write_is_kept_and_told() {
    let namespace = Namespace::new();
    namespace.init();
    let path = format!("/api/v1/namespaces/{}/secrets", namespace.name);
    let (name, there) = (secret(1), namespace.name.clone());
    let create = move || drop(kubectl(&["-n", &there, "create", "secret", "generic", &name]));
    let proxy = Proxy::with(format!("POST {path}?"), 1, first(create));
    let one = issue(1);
    let one: Vec<&str> = one.iter().map(String::as_str).collect();
    let late = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &one));
    refused(late, 4, "node-contended");
    assert_eq!(namespace.secret(&secret(1))["type"], "Opaque");
    refused(ccx(&namespace, &issue(1)), 4, "secret-foreign");

    done(ccx(&namespace, &issue(2)));
    let (name, there) = (secret(2), namespace.name.clone());
    let edit = move || drop(kubectl(&["-n", &there, "annotate", "secret", &name, "edited=1"]));
    let before = namespace.secret(&secret(2));
    let proxy = Proxy::with(format!("PATCH {path}/{}?", secret(2)), 1, first(edit));
    let renew = ["cert", "renew", "--secret", &secret(2), "--force", "-o", "json"];
    let late = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &renew));
    assert_eq!((late.code, &late.json()["action"]), (0, &json!("renewed")), "{}", late.stderr);
    let after = namespace.secret(&secret(2));
    assert_eq!(after["metadata"]["annotations"]["edited"], "1");
    assert_ne!(after["data"], before["data"]);

    let (name, there) = (secret(2), namespace.name.clone());
    let data = json!({"data": {"ca.crt": "eA=="}}).to_string();
    let patch = ["patch", "secret", &name, "--type=merge", "-p", &data].map(str::to_owned);
    let other = move || {
        let words = ["-n", &there].into_iter().chain(patch.iter().map(String::as_str));
        drop(kubectl(&words.collect::<Vec<_>>()));
    };
    let proxy = Proxy::with(format!("PATCH {path}/{}?", secret(2)), 1, first(other));
    let late = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &renew));
    refused(late, 4, "node-contended");
    let there = namespace.secret(&secret(2));
    assert_eq!(
        (&there["data"]["ca.crt"], &there["data"]["tls.key"]),
        (&json!("eA=="), &after["data"]["tls.key"])
    );
    assert_eq!(done(ccx(&namespace, &renew))["action"], "renewed");
}

#[test]
#[ignore = "needs tests/run"]
fn lost_answer_to_a_certificate_that_came_through_is_no_conflict() {
    let namespace = Namespace::new();
    namespace.init();
    let path = format!("/api/v1/namespaces/{}/secrets", namespace.name);
    let proxy = Proxy::with(format!("POST {path}?"), 1, Fault::LoseAnswer);
    let one = issue(1);
    let one: Vec<&str> = one.iter().map(String::as_str).collect();
    let made = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &one));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let proxy = Proxy::with(format!("PATCH {path}/"), 1, Fault::LoseAnswer);
    let renew = ["cert", "renew", "--secret", &secret(1), "--force", "-o", "json"];
    let renewed = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &renew));
    assert_eq!(renewed.code, 0, "{}", renewed.stderr);
    assert_ne!(renewed.json()["serial"], made.json()["serial"]);
    let bundle = namespace.value("ccx-ca-bundle", "ca.crt");
    let there = &fleets::secrets(&namespace)[&secret(1)];
    assert_eq!(renewed.json()["serial"], fleets::whole(1, there, &bundle));
}

#[test]
#[ignore = "needs tests/run"]
fn server_that_fails_all_the_time_is_told_of_every_node() {
    let namespace = Namespace::new();
    namespace.init();
    let file = inventory(&namespace, 2).display().to_string();
    let post = format!("POST /api/v1/namespaces/{}/secrets?", namespace.name);
    let unavailable = status(503, "ServiceUnavailable", "etcd leader changed", json!({}));
    let proxy = Proxy::with(post, usize::MAX, unavailable);
    let issue = ["cert", "issue", "--inventory", &file, "--secret", "-o", "json"];
    let failed = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &issue));
    assert_eq!(failed.code, 3, "{}", failed.stderr);
    for n in 0..2 {
        assert_eq!(failed.json()["nodes"][n]["error"]["code"], "kube-server-error");
    }
    assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);
}
