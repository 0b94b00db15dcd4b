//! Writing into a real cluster: only where nothing is, only over what was read, and never
//! over what is somebody else's.

use ccx_sec::store::secret::{MAX_SIZE, Secret};
use serde_json::json;

use crate::common::fault::{Fault, Proxy, first};
use crate::common::kube::{Namespace, kubeconfig};
use crate::common::{run, tool};

const ACCEPT: [&str; 3] = ["ca", "check", "--accept-new-ca"];

/// A CA, and a bundle that does not hold it but another one's certificate. Gives the
/// fingerprints of both.
fn with_the_bundle_of_another(namespace: &Namespace) -> (String, String) {
    namespace.init();
    namespace.ccx(&["ca", "init", "--common-name", "Other", "--ca", "o"]).assert().success();
    let sha256 = |ca: &str| {
        let shown = run(&mut namespace.ccx(&["ca", "show", "--ca", ca, "-o", "json"])).json();
        shown["sha256"].as_str().expect("sha256").to_owned()
    };
    let (mine, other) = (sha256("ccx-ca"), sha256("o"));
    let data = namespace.secret("o-bundle")["data"].clone();
    patch(namespace, "ccx-ca-bundle", &json!({"data": data}));
    (mine, other)
}

fn patch(namespace: &Namespace, name: &str, patch: &serde_json::Value) {
    namespace.kubectl(&["patch", "secret", name, "--type=merge", "-p", &patch.to_string()]);
}

fn index(namespace: &Namespace) -> serde_json::Value {
    serde_json::from_str(&namespace.value("ccx-ca-bundle", "bundle.json")).expect("JSON")
}

#[test]
#[ignore = "needs tests/run"]
fn foreign_secret_is_refused_and_left_alone() {
    let namespace = Namespace::new();
    for (name, code) in [("ccx-ca", "secret-foreign"), ("x-bundle", "secret-foreign")] {
        namespace.kubectl(&["create", "secret", "generic", name, "--from-literal=tls.crt=a"]);
        let ca = name.trim_end_matches("-bundle");
        let before = namespace.secret(name);
        for arguments in [
            &["ca", "init", "--common-name", "X"][..],
            &["ca", "init", "--common-name", "X", "--if-not-exists"],
            &["ca", "init", "--common-name", "X", "--dry-run=server"],
        ] {
            let refused = run(namespace.ccx(arguments).args(["--ca", ca, "-o", "json"]));
            assert_eq!((refused.code, refused.stdout.as_str()), (4, ""), "{arguments:?}");
            assert_eq!(refused.error_code(), code);
            assert!(refused.stderr.contains(&format!("Secret {}/{name} at ", namespace.name)));
        }
        assert_eq!(namespace.secret(name), before);
    }
    assert_eq!(namespace.secrets(), ["ccx-ca", "x-bundle"]);
}

#[test]
#[ignore = "needs tests/run"]
fn create_makes_and_never_overwrites() {
    let namespace = Namespace::new();
    let store = namespace.store();
    assert!(store.get("s").expect("asked").is_none());
    let first = Secret::new("s", "Opaque").with("k", "1");
    assert!(store.create(&first, true).expect("a dry run"));
    assert!(namespace.secrets().is_empty());
    assert!(store.create(&first, false).expect("made"));
    let before = namespace.secret("s");
    let second = Secret::new("s", "Opaque").with("k", "2");
    assert!(!store.create(&second, true).expect("a dry run"));
    assert!(!store.create(&second, false).expect("kept"));
    assert_eq!(namespace.secret("s"), before);
}

#[test]
#[ignore = "needs tests/run"]
fn replace_takes_only_the_version_that_was_read() {
    let namespace = Namespace::new();
    let store = namespace.store();
    store.create(&Secret::new("s", "Opaque").with("k", "1"), false).expect("made");
    let mut mine = store.get("s").expect("read").expect("there");
    patch(&namespace, "s", &json!({"metadata": {"labels": {"team": "dba"}}}));
    mine = mine.with("k", "2");
    let before = namespace.secret("s");
    assert!(!store.replace(&mine).expect("a stale version"));
    assert_eq!(namespace.secret("s"), before);

    let fresh = store.get("s").expect("read").expect("there").with("k", "2");
    assert!(store.replace(&fresh).expect("replaced"));
    assert_eq!(namespace.value("s", "k"), "2");
    assert!(!store.replace(&fresh).expect("stale by its own change"));
    namespace.kubectl(&["delete", "secret", "s"]);
    assert!(!store.replace(&fresh).expect("gone"));
    assert!(namespace.secrets().is_empty(), "a change does not bring a Secret back");
}

#[test]
#[ignore = "needs tests/run"]
fn value_that_was_taken_away_is_gone_and_those_of_others_are_not() {
    let namespace = Namespace::new();
    let store = namespace.store();
    let secret = Secret::new("s", "Opaque").with("k", "1").with("old", "2");
    store.create(&secret, false).expect("made");
    let read = store.get("s").expect("read").expect("there");
    assert!(store.replace(&read.without("old").without("none")).expect("replaced"));
    let now = store.get("s").expect("read").expect("there");
    assert_eq!(now.data.keys().collect::<Vec<_>>(), ["k"]);
    assert_eq!(now.without("k").with("k", "3").removed.len(), 0, "it is there again");
}

#[test]
#[ignore = "needs tests/run"]
fn delete_takes_only_the_version_that_was_read() {
    let namespace = Namespace::new();
    let store = namespace.store();
    store.create(&Secret::new("s", "Opaque").with("k", "1"), false).expect("made");
    let stale = store.get("s").expect("read").expect("there");
    patch(&namespace, "s", &json!({"metadata": {"labels": {"team": "dba"}}}));
    assert!(!store.delete(&stale).expect("a stale version"));
    assert_eq!(namespace.secrets(), ["s"]);
    let fresh = store.get("s").expect("read").expect("there");
    assert!(store.delete(&fresh).expect("deleted"));
    assert!(namespace.secrets().is_empty());
    assert!(!store.delete(&fresh).expect("gone"));
}

#[test]
#[ignore = "needs tests/run"]
fn foreign_labels_survive_repair() {
    let namespace = Namespace::new();
    let (mine, other) = with_the_bundle_of_another(&namespace);
    namespace.kubectl(&["create", "configmap", "owner"]);
    let uid = namespace.kubectl(&["get", "configmap", "owner", "-o", "jsonpath={.metadata.uid}"]);
    let owners = json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}]);
    let theirs = json!({
        "metadata": {
            "labels": {"team": "dba"}, "annotations": {"note": "ours"}, "finalizers": ["a.b/c"],
            "ownerReferences": owners,
        },
        "data": {"extra": "aGk="},
    });
    patch(&namespace, "ccx-ca-bundle", &theirs);
    let before = namespace.secret("ccx-ca-bundle");

    let looked = run(&mut namespace.ccx(&["ca", "check", "--no-repair"]));
    assert_eq!((looked.code, looked.stderr.as_str()), (1, ""));
    assert!(looked.stdout.contains("bundle-lacks-ca"), "{}", looked.stdout);
    assert_eq!(namespace.secret("ccx-ca-bundle"), before);

    // What was replaced by hand is no remainder of a crash: nothing goes on until it is accepted.
    let checked = run(&mut namespace.ccx(&["ca", "check"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (1, ""), "{}", checked.stdout);
    assert!(checked.stdout.contains("ccx-sec ca check --accept-new-ca --kubeconfig "));
    let issue = ["cert", "issue", "--client", "--common-name", "app", "--out", "app"];
    run(&mut namespace.ccx(&issue)).assert_error(4, "bundle-lacks-ca");
    assert_eq!(namespace.secret("ccx-ca-bundle"), before);

    let checked = run(&mut namespace.ccx(&ACCEPT));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    assert!(checked.stdout.starts_with("warning bundle-repaired: the CA was missing in"));
    let after = namespace.secret("ccx-ca-bundle");
    for field in ["labels", "annotations", "ownerReferences", "finalizers", "uid"] {
        assert_eq!(after["metadata"][field], before["metadata"][field], "{field}");
    }
    assert_eq!(after["data"]["extra"], "aGk=");
    let both = json!([
        {"role": "active", "sha256": mine, "generation": 2},
        {"role": "retiring", "sha256": other},
    ]);
    assert_eq!(index(&namespace)["certificates"], both);
}

/// `PATCH …/secrets/ccx-ca-bundle`
fn patch_bundle(namespace: &Namespace) -> String {
    format!("PATCH /api/v1/namespaces/{}/secrets/ccx-ca-bundle?", namespace.name)
}

/// A change that another one makes to the bundle.
fn edit(namespace: &Namespace) -> impl FnMut() + Send + 'static {
    let admin = kubeconfig("admin").display().to_string();
    let edit = ["-n", &namespace.name, "annotate", "secret", "ccx-ca-bundle", "--overwrite"];
    let edit: Vec<String> =
        [&["--kubeconfig", &admin], &edit[..]].concat().iter().map(|s| s.to_string()).collect();
    let mut count = 0;
    move || {
        count += 1;
        tool("kubectl", &[&edit[..], &[format!("edited={count}")]].concat());
    }
}

#[test]
#[ignore = "needs tests/run"]
fn change_between_read_and_write_is_kept_and_the_repair_tried_again() {
    let namespace = Namespace::new();
    with_the_bundle_of_another(&namespace);
    let proxy = Proxy::with(patch_bundle(&namespace), 1, first(edit(&namespace)));
    let checked = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &ACCEPT));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    assert_eq!(proxy.count("PATCH "), 2, "{:?}", proxy.log());
    let after = namespace.secret("ccx-ca-bundle");
    assert_eq!(after["metadata"]["annotations"]["edited"], "1");
    assert_eq!(index(&namespace)["certificates"].as_array().map(Vec::len), Some(2));
}

#[test]
#[ignore = "needs tests/run"]
fn bundle_that_keeps_changing_is_given_up_after_a_few_attempts() {
    let namespace = Namespace::new();
    with_the_bundle_of_another(&namespace);
    let before = namespace.secret("ccx-ca-bundle");
    let proxy = Proxy::with(patch_bundle(&namespace), usize::MAX, first(edit(&namespace)));
    let checked = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &ACCEPT));
    assert_eq!((checked.code, checked.stderr.as_str()), (1, ""), "{}", checked.stdout);
    assert!(checked.stdout.contains("bundle-contended"), "{}", checked.stdout);
    assert_eq!(proxy.count("PATCH "), 5, "{:?}", proxy.log());
    let after = namespace.secret("ccx-ca-bundle");
    assert_eq!(after["metadata"]["annotations"]["edited"], "5");
    assert_eq!(after["data"], before["data"]);
}

#[test]
#[ignore = "needs tests/run"]
fn lost_answer_to_a_repair_that_came_through_is_no_conflict() {
    let namespace = Namespace::new();
    with_the_bundle_of_another(&namespace);
    let proxy = Proxy::with(patch_bundle(&namespace), 1, Fault::LoseAnswer);
    let checked = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &ACCEPT));
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert_eq!(checked.stderr.lines().count(), 1, "{}", checked.stderr);
    assert!(checked.stderr.contains("; trying again in "), "{}", checked.stderr);
    assert_eq!(index(&namespace)["certificates"].as_array().map(Vec::len), Some(2));
}

#[test]
#[ignore = "needs tests/run"]
fn immutable_bundle_cannot_be_repaired_and_the_check_says_so() {
    let namespace = Namespace::new();
    with_the_bundle_of_another(&namespace);
    patch(&namespace, "ccx-ca-bundle", &json!({"immutable": true}));
    let before = namespace.secret("ccx-ca-bundle");
    let checked = run(namespace.ccx(&ACCEPT).args(["-o", "json"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (1, ""));
    let document = checked.json();
    let findings = document["findings"].as_array().expect("findings");
    assert_eq!(findings[0]["code"], "bundle-lacks-ca");
    assert_eq!(findings[1]["code"], "secret-immutable");
    let init = run(&mut namespace.ccx(&["ca", "init", "--if-not-exists", "-o", "json"]));
    assert_eq!((init.code, init.error_code().as_str()), (4, "bundle-lacks-ca"));
    assert_eq!(namespace.secret("ccx-ca-bundle"), before);
}

#[test]
#[ignore = "needs tests/run"]
fn sound_ca_may_be_immutable() {
    let namespace = Namespace::new();
    namespace.init();
    for name in ["ccx-ca", "ccx-ca-bundle"] {
        patch(&namespace, name, &json!({"immutable": true}));
    }
    let checked = run(&mut namespace.ccx(&["ca", "check", "--strict"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn limit_of_a_secret_is_the_api_servers() {
    let namespace = Namespace::new();
    let store = namespace.store();
    let full = Secret::new("full", "Opaque").with("k", vec![b'x'; MAX_SIZE]);
    assert!(store.create(&full, false).expect("the API server takes just so much"));
    let over = Secret::new("over", "Opaque").with("k", vec![b'x'; MAX_SIZE]).with("l", "x");
    let error = store.create(&over, false).expect_err("too large");
    assert_eq!((error.code().name(), error.exit().code()), ("secret-too-large", 4));
    assert_eq!(namespace.secrets(), ["full"]);
}

#[test]
#[ignore = "needs tests/run"]
fn bundle_that_would_grow_too_large_is_refused_before_anything_is_sent() {
    let namespace = Namespace::new();
    with_the_bundle_of_another(&namespace);
    let mut bundle = namespace.store().get("ccx-ca-bundle").expect("read").expect("there");
    let used: usize = bundle.data.values().map(|value| value.len()).sum();
    bundle = bundle.with("extra", vec![b'x'; MAX_SIZE - used]);
    assert!(namespace.store().replace(&bundle).expect("filled up"));
    let before = namespace.secret("ccx-ca-bundle");
    let proxy = Proxy::new(Vec::new());
    let checked = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &ACCEPT));
    assert_eq!((checked.code, checked.stderr.as_str()), (1, ""), "{}", checked.stdout);
    assert!(checked.stdout.contains("secret-too-large"), "{}", checked.stdout);
    let sent = proxy.log();
    assert!(!sent.is_empty() && sent.iter().all(|line| line.starts_with("GET ")), "{sent:?}");
    assert_eq!(namespace.secret("ccx-ca-bundle"), before);
}

#[test]
#[ignore = "needs tests/run"]
fn dry_run_on_the_server_makes_nothing_and_tells_what_would_happen() {
    let namespace = Namespace::new();
    let init = ["ca", "init", "--common-name", "X", "--dry-run=server", "-o", "json"];
    let dry = run(&mut namespace.ccx(&init));
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    assert_eq!((&dry.json()["created"], &dry.json()["dry_run"]), (&json!(false), &json!(true)));
    assert!(dry.stderr.starts_with("dry run: nothing was stored."), "{}", dry.stderr);
    assert!(namespace.secrets().is_empty());

    namespace.allow_limited("get");
    let dry = run(&mut namespace.ccx_as("limited", &init));
    assert_eq!((dry.code, dry.stdout.as_str()), (3, ""));
    assert_eq!(dry.error_code(), "kube-forbidden");

    namespace.init();
    let dry = run(&mut namespace.ccx(&init));
    assert_eq!((dry.code, dry.error_code().as_str()), (4, "ca-exists"));
}
