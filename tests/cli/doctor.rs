//! `doctor`: what it finds in a cluster, in a directory and on this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::common::fault::{Fault, Proxy};
use crate::common::kube::{Namespace, kubectl, server};
use crate::common::{Home, Run, ccx, env, run};

/// The checks of a name in the document.
fn checks(run: &Run, name: &str) -> Vec<Value> {
    let document = run.json();
    let all = document["checks"].as_array().expect("checks").clone();
    all.into_iter().filter(|check| check["name"] == name).collect()
}

fn only(run: &Run, name: &str) -> Value {
    let found = checks(run, name);
    assert_eq!(found.len(), 1, "{name}: {}", run.stdout);
    found[0].clone()
}

const JSON: [&str; 3] = ["doctor", "-o", "json"];

#[test]
#[ignore = "needs tests/run"]
fn admin_of_a_cluster_with_a_ca_misses_nothing() {
    let namespace = Namespace::new();
    namespace.init();
    let looked = run(&mut namespace.ccx(&JSON));
    assert_eq!(looked.code, 0, "{}{}", looked.stdout, looked.stderr);
    assert_eq!(looked.json()["ok"], true);
    let store = only(&looked, "store");
    let version: Value = serde_json::from_str(&kubectl(&["get", "--raw", "/version"])).expect("it");
    let message = format!(
        "the namespace {} at {}, Kubernetes {}",
        namespace.name,
        server(),
        version["gitVersion"].as_str().expect("a version")
    );
    assert_eq!((&store["status"], &store["message"]), (&json!("ok"), &json!(message)));
    assert_eq!(only(&looked, "clock")["status"], "ok");
    assert_eq!(only(&looked, "ca")["status"], "ok");
    let permissions = checks(&looked, "permission");
    assert_eq!(permissions.len(), 5, "{}", looked.stdout);
    let what = ["get secrets/ccx-ca ", "get secrets/ccx-ca-bundle ", "list ", "create ", "patch "];
    for (check, verb) in permissions.iter().zip(what) {
        assert_eq!(check["status"], "ok");
        assert!(check["message"].as_str().expect("text").starts_with(verb), "{check}");
        assert_eq!(check["hints"], json!([]));
    }
    let text = run(&mut namespace.ccx(&["doctor"]));
    assert_eq!(text.code, 0, "{}", text.stderr);
    for line in ["ok       store         ", "ok       clock         ", "ok       ca            "] {
        assert!(text.stdout.lines().any(|l| l.starts_with(line)), "{line}: {}", text.stdout);
    }
    assert!(!text.stdout.contains("hint: "), "{}", text.stdout);
    assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);
}

#[test]
#[ignore = "needs tests/run"]
fn ca_that_is_missing_or_half_there_is_a_problem_and_left_so() {
    let namespace = Namespace::new();
    let looked = run(&mut namespace.ccx(&JSON));
    assert_eq!(looked.code, 1, "{}", looked.stderr);
    let ca = only(&looked, "ca");
    assert_eq!((&ca["status"], looked.json()["ok"].clone()), (&json!("problem"), json!(false)));
    assert!(ca["message"].as_str().expect("text").starts_with("ca-missing: "), "{ca}");
    namespace.init();
    namespace.kubectl(&["delete", "secret", "ccx-ca-bundle"]);
    let looked = run(&mut namespace.ccx(&JSON));
    assert_eq!(looked.code, 1, "{}", looked.stderr);
    let message = only(&looked, "ca")["message"].as_str().expect("text").to_owned();
    assert!(message.starts_with("bundle-missing: "), "{message}");
    assert_eq!(namespace.secrets(), ["ccx-ca"], "doctor changes nothing");
}

#[test]
#[ignore = "needs tests/run"]
fn permissions_are_told_by_verb_and_hints_only_when_asked_for() {
    let namespace = Namespace::new();
    namespace.init();
    let of = |looked: &Run| -> Vec<Value> {
        checks(looked, "permission").iter().map(|check| check["status"].clone()).collect()
    };
    let none = run(&mut namespace.ccx_as("limited", &JSON));
    assert_eq!(none.code, 3, "{}{}", none.stdout, none.stderr);
    assert_eq!(of(&none), ["problem", "problem", "warning", "warning", "warning"]);
    assert_eq!(only(&none, "ca")["status"], "unknown");
    assert_eq!(only(&none, "store")["status"], "ok");

    let text = run(&mut namespace.ccx_as("limited", &["doctor"]));
    assert_eq!(text.code, 3);
    let line =
        format!("problem  permission    may not get secrets/ccx-ca in {} (for", namespace.name);
    assert!(text.stdout.contains(&line), "{}", text.stdout);
    assert!(!text.stdout.contains("hint: "), "{}", text.stdout);
    assert!(text.stderr.starts_with("What to do: ccx-sec doctor --fix-hints --kubeconfig "));
    let hints = run(&mut namespace.ccx_as("limited", &["doctor", "--fix-hints"]));
    assert_eq!((hints.code, hints.stderr.as_str()), (3, ""));
    let grant = format!(
        "kubectl create role ccx-sec --verb=get,list,create,patch --resource=secrets -n {}\n",
        namespace.name
    );
    assert!(hints.stdout.contains(&grant), "{}", hints.stdout);

    namespace.allow_limited("get");
    let get = run(&mut namespace.ccx_as("limited", &JSON));
    assert_eq!(get.code, 0, "{}{}", get.stdout, get.stderr);
    assert_eq!(of(&get), ["ok", "ok", "warning", "warning", "warning"]);
    assert_eq!(only(&get, "ca")["status"], "ok");
}

#[test]
#[ignore = "needs tests/run"]
fn account_that_is_narrowed_to_names_may_do_what_it_may() {
    let namespace = Namespace::new();
    namespace.init();
    let by = |name: &str, verbs: &str, names: &[&str]| {
        let mut words = vec!["create", "role", name, verbs, "--resource=secrets"];
        words.extend(names);
        namespace.kubectl(&words);
        let role = format!("--role={name}");
        namespace.kubectl(&["create", "rolebinding", name, &role, "--user=limited"]);
        run(&mut namespace.ccx_as("limited", &JSON))
    };
    let of = |looked: &Run| -> Vec<Value> {
        checks(looked, "permission").iter().map(|check| check["status"].clone()).collect()
    };
    // As `install` gives it to the Job that checks, and as `ca check` needs it.
    let names = ["--resource-name=ccx-ca", "--resource-name=ccx-ca-bundle"];
    let check = by("check", "--verb=get", &names);
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
    assert_eq!(of(&check), ["ok", "ok", "warning", "warning", "warning"]);
    assert_eq!(only(&check, "ca")["status"], "ok");
    // As the issuer has it for the nodes of an inventory.
    let node = by("node", "--verb=patch", &["--resource-name=ccx-node-x", "--resource-name=b"]);
    assert_eq!(of(&node), ["ok", "ok", "warning", "warning", "ok"]);
    let patch = checks(&node, "permission")[4]["message"].as_str().expect("text").to_owned();
    assert!(patch.ends_with(", but only b, ccx-node-x"), "{patch}");
    // Another CA is another name.
    let other = run(namespace.ccx_as("limited", &JSON).args(["--ca", "other"]));
    assert_eq!(other.code, 3, "{}", other.stdout);
    assert_eq!(of(&other)[..2], ["problem", "problem"]);
}

#[test]
#[ignore = "needs tests/run"]
fn cluster_that_cannot_be_looked_at_is_unknown_and_no_pass() {
    let namespace = Namespace::absent();
    let closed = namespace.kubeconfig("closed", "{server: 'https://127.0.0.1:1'}", "{}");
    let looked = run(namespace.ccx_by(&closed, &JSON).args(["--timeout", "1s"]));
    assert_eq!(looked.code, 3, "{}", looked.stdout);
    let store = only(&looked, "store");
    let expected = (&json!("unknown"), &json!("kube-unreachable"));
    assert_eq!((&store["status"], &store["code"]), expected);
    assert_eq!((looked.json()["ok"].clone(), checks(&looked, "ca").len()), (json!(false), 0));

    let missing = run(&mut namespace.ccx(&JSON));
    assert_eq!(missing.code, 3, "{}", missing.stdout);
    assert_eq!(only(&missing, "ca")["code"], "namespace-missing");

    let context = run(namespace.ccx(&JSON).args(["--context", "nope"]));
    assert_eq!(context.code, 1, "{}", context.stdout);
    let store = only(&context, "store");
    assert_eq!((&store["status"], &store["code"]), (&json!("problem"), &json!("kube-context")));
}

#[test]
#[ignore = "needs tests/run"]
fn clock_that_is_wrong_is_a_problem() {
    let namespace = Namespace::new();
    namespace.init();
    for (date, status, exit) in [
        ("Thu, 01 Jan 2015 00:00:00 GMT".to_owned(), "problem", 1),
        (format!("Thu, 01 Jan {} 00:00:00 GMT", 2099), "problem", 1),
        ("once upon a time".to_owned(), "unknown", 3),
    ] {
        let proxy = Proxy::with("GET /version", 1, Fault::Date(date.clone()));
        let looked = run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), &JSON));
        assert_eq!(looked.code, exit, "{date}: {}{}", looked.stdout, looked.stderr);
        let clock = only(&looked, "clock");
        assert_eq!(clock["status"], status, "{date}: {clock}");
        assert_eq!(clock["hints"].as_array().map(Vec::len), Some(1), "{clock}");
        assert_eq!(only(&looked, "ca")["status"], "ok", "the rest is looked at all the same");
    }
    let proxy = Proxy::with("GET /version", 1, Fault::Silence);
    let silent =
        run(namespace.ccx_by(&proxy.kubeconfig(&namespace), &JSON).args(["--timeout", "1s"]));
    assert_eq!((silent.code, &only(&silent, "store")["code"]), (3, &json!("kube-timeout")));
}

#[test]
fn directory_store_needs_no_cluster() {
    let home = Home::new();
    home.init();
    let looked = run(&mut home.ccx(&JSON));
    assert_eq!(looked.code, 0, "{}{}", looked.stdout, looked.stderr);
    let store = only(&looked, "store");
    assert_eq!(store["message"], format!("the directory {}", home.store().display()));
    assert_eq!(
        (only(&looked, "ca")["status"].clone(), checks(&looked, "clock").len()),
        (json!("ok"), 0)
    );
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o755)).expect("0755");
    let open = run(&mut home.ccx(&JSON));
    assert_eq!(open.code, 1, "{}{}", open.stdout, open.stderr);
    let store = only(&open, "store");
    let expected = (&json!("problem"), &json!("permissions-too-wide"));
    assert_eq!((&store["status"], &store["code"]), expected);
}

/// doctor on a sound directory store, where the system's programs are what this script makes of
/// them, in a mount namespace of its own: nothing else changes where they are looked for.
fn with_programs(prepare: &str) -> Run {
    let home = Home::new();
    home.init();
    let root = rustix::process::geteuid().is_root();
    let mut command = assert_cmd::Command::new("unshare");
    command
        .arg(if root { "-m" } else { "-rm" })
        .args(["sh", "-ec", &format!("{prepare}\nexec \"$@\""), "sh"])
        .arg(assert_cmd::cargo::cargo_bin!("ccx-sec"))
        .arg("--store")
        .arg(format!("dir:{}", home.store().display()))
        .args(JSON)
        .env_clear()
        .env("PATH", env("PATH"));
    run(&mut command)
}

/// With a script as cryptsetup.
fn with_cryptsetup(script: &str) -> Run {
    with_programs(&format!(
        "mount -t tmpfs tmpfs /usr/local/sbin; chmod 755 /usr/local/sbin
         cat >/usr/local/sbin/cryptsetup <<'END'\n{script}\nEND
         chmod 755 /usr/local/sbin/cryptsetup"
    ))
}

#[test]
#[ignore = "needs tests/run"]
fn cryptsetup_old_broken_or_good() {
    for (script, status, exit, said) in [
        ("#!/bin/sh\necho cryptsetup 2.3.7 flags: UDEV\n", "warning", 0, "older than 2.4"),
        ("#!/bin/sh\necho cryptsetup 2.4.0\n", "ok", 0, "cryptsetup 2.4.0"),
        ("#!/bin/sh\necho cryptsetup 10.0 x\n", "ok", 0, "cryptsetup 10.0.0"),
        ("#!/bin/sh\necho hello\n", "unknown", 3, "prints no version"),
        ("#!/bin/sh\necho cryptsetup 2.6.1\nexit 1\n", "unknown", 3, "prints no version"),
    ] {
        let looked = with_cryptsetup(script);
        assert_eq!(looked.code, exit, "{script}: {}{}", looked.stdout, looked.stderr);
        let check = only(&looked, "cryptsetup");
        assert_eq!(check["status"], status, "{script}: {check}");
        let message = check["message"].as_str().expect("text");
        assert!(message.contains(said), "{script}: {message}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn cryptsetup_missing_is_a_warning() {
    let looked = with_programs(
        "mount -t tmpfs tmpfs \"$(readlink -f /usr/sbin)\"
         mount -t tmpfs tmpfs \"$(readlink -f /sbin)\"",
    );
    assert_eq!(looked.code, 0, "{}{}", looked.stdout, looked.stderr);
    let check = only(&looked, "cryptsetup");
    let expected = (&json!("warning"), &json!("cryptsetup is not installed"));
    assert_eq!((&check["status"], &check["message"]), expected);
    assert!(check["hints"][0].as_str().expect("a hint").contains("apt-get install"), "{check}");
}

#[test]
fn default_store_is_named() {
    let home = Home::new();
    let looked = run(ccx(home.path()).args(JSON));
    assert_eq!(looked.code, 1, "{}{}", looked.stdout, looked.stderr);
    let default = home.join(".local/state/ccx-sec").display().to_string();
    assert!(looked.stderr.starts_with("warning: no cluster is configured"), "{}", looked.stderr);
    let store = only(&looked, "store");
    assert_eq!(store["message"], format!("there is no directory {default}"));
    assert_eq!(store["status"], "warning");
    assert!(fs::read_dir(home.path()).expect("home").next().is_none(), "doctor makes nothing");
}
