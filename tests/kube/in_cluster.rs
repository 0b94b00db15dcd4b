//! In a pod: the files of a service account, two addresses in the environment, and no
//! arguments. The pod is a mount namespace of its own.

use std::fs;

use assert_cmd::Command;

use crate::common::kube::{Namespace, cluster_ca, server};
use crate::common::{env, run};

/// Mounts an empty directory over `/run`, where the kubelet would put the files, and runs
/// the rest in it. Nothing of it is seen outside.
const POD: &str = "\
    mount -t tmpfs tmpfs \"$(readlink -f /var/run)\"\n\
    mkdir -p /var/run/secrets/kubernetes.io/serviceaccount\n\
    cp \"$1\"/token \"$1\"/ca.crt \"$1\"/namespace /var/run/secrets/kubernetes.io/serviceaccount/\n\
    shift\n\
    exec \"$@\"";

/// A namespace with a service account that may do `verbs` with Secrets there, and with what
/// a pod of that account finds at its place.
fn with_account(verbs: &str) -> Namespace {
    let namespace = Namespace::new();
    namespace.kubectl(&["create", "serviceaccount", "db"]);
    let account = format!("--serviceaccount={}:db", namespace.name);
    if !verbs.is_empty() {
        let verbs = format!("--verb={verbs}");
        namespace.kubectl(&["create", "role", "db", &verbs, "--resource=secrets"]);
        namespace.kubectl(&["create", "rolebinding", "db", "--role=db", &account]);
    }
    let token = namespace.kubectl(&["create", "token", "db"]);
    put(&namespace, "token", token.trim());
    put(&namespace, "ca.crt", &fs::read_to_string(cluster_ca()).expect("the cluster's CA"));
    put(&namespace, "namespace", &namespace.name);
    namespace
}

fn put(namespace: &Namespace, name: &str, text: &str) {
    fs::write(namespace.home.join(name), text).expect("written");
}

/// ccx-sec in a pod of that namespace.
fn pod(namespace: &Namespace, arguments: &[&str]) -> Command {
    let address = server();
    let (host, port) = address.trim_start_matches("https://").split_once(':').expect("host:port");
    let root = rustix::process::geteuid().is_root();
    let mut command = Command::new("unshare");
    command
        .arg(if root { "-m" } else { "-rm" })
        .args(["sh", "-ec", POD, "pod"])
        .arg(namespace.home.path())
        .arg(assert_cmd::cargo::cargo_bin!("ccx-sec"))
        .args(arguments)
        .env_clear()
        .env("PATH", env("PATH"))
        .env("KUBERNETES_SERVICE_HOST", host)
        .env("KUBERNETES_SERVICE_PORT", port);
    command
}

#[test]
#[ignore = "needs tests/run"]
fn init_container_waits_for_the_ca() {
    let namespace = with_account("get");
    let check = |arguments: &[&str]| {
        let all = [&["ca", "check", "--expires-within", "30d"], arguments].concat();
        run(pod(&namespace, &all).env("POD_NAMESPACE", &namespace.name))
    };
    let missing = check(&["-q"]);
    assert_eq!((missing.code, missing.stderr.as_str()), (1, ""), "{}", missing.stdout);
    assert_eq!(
        missing.stdout,
        format!(
            "error   ca-missing: there is no Secret ccx-ca\n        \
             hint: if it is in another store or has another name, give --store, --context, --namespace or --ca\n              for the first CA of a new service, see: ccx-sec ca init --help\n\
             not ok  Secret {}/ccx-ca at {}\n",
            namespace.name,
            server()
        )
    );
    namespace.init();
    let quiet = check(&["-q"]);
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (0, "", ""));
    let said = check(&[]);
    assert_eq!((said.code, said.stderr.as_str(), said.stdout.lines().count()), (0, "", 1));
    assert!(said.stdout.starts_with("ok      Secret "), "{}", said.stdout);
    let soon = run(pod(&namespace, &["ca", "check", "--expires-within", "11y"]).arg("-q"));
    assert_eq!((soon.code, soon.stderr.as_str()), (1, ""));
    assert!(soon.stdout.contains("expires-soon: "), "{}", soon.stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn hook_job_makes_the_ca_with_what_the_readme_grants() {
    let namespace = with_account("get,create,patch");
    let init = ["ca", "init", "--common-name", "X", "--if-not-exists"];
    for note in ["The CA was made.", "The CA was there already;"] {
        let made = run(&mut pod(&namespace, &init));
        assert_eq!(made.code, 0, "{}", made.stderr);
        assert!(made.stdout.starts_with("subject       CN=X\n"), "{}", made.stdout);
        assert!(made.stderr.starts_with(note), "{}", made.stderr);
    }
    assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);
}

#[test]
#[ignore = "needs tests/run"]
fn option_wins_over_pod_namespace_and_that_over_the_file() {
    let (own, named, given) = (with_account("get"), Namespace::new(), Namespace::new());
    for other in [&named, &given] {
        other.kubectl(&["create", "role", "db", "--verb=get", "--resource=secrets"]);
        let account = format!("--serviceaccount={}:db", own.name);
        other.kubectl(&["create", "rolebinding", "db", "--role=db", &account]);
    }
    let check = ["ca", "check", "-o", "json"];
    let looked_in = |command: &mut Command, expected: &Namespace| {
        let checked = run(command);
        assert_eq!((checked.code, checked.stderr.as_str()), (1, ""), "{}", checked.stdout);
        let place = &checked.json()["stored_in"];
        assert_eq!(place["namespace"], *expected.name);
        assert_eq!(place["server"], server());
    };
    looked_in(&mut pod(&own, &check), &own);
    looked_in(pod(&own, &check).env("POD_NAMESPACE", &named.name), &named);
    let option = [&check[..], &["-n", &given.name]].concat();
    looked_in(pod(&own, &option).env("POD_NAMESPACE", &named.name), &given);
    // kubelets write no line end after it, people do
    put(&own, "namespace", &format!("{}\n", own.name));
    looked_in(&mut pod(&own, &check), &own);
}

#[test]
#[ignore = "needs tests/run"]
fn account_without_rights_is_told_what_to_grant_it() {
    let namespace = with_account("");
    let check = || run(pod(&namespace, &["ca", "check"]).env("POD_NAMESPACE", &namespace.name));
    let mut refused = check();
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
    let account = format!("the user system:serviceaccount:{}:db may not get", namespace.name);
    assert!(refused.stderr.starts_with(&format!("error: {account}")), "{}", refused.stderr);
    let subject = format!("--serviceaccount={}:db -n ", namespace.name);
    assert!(refused.stderr.contains(&subject), "{}", refused.stderr);
    // One grant for each Secret that it may not get: each is another.
    while refused.code == 3 {
        let lines = refused.stderr.lines().map(str::trim);
        for line in lines.filter(|line| line.starts_with("kubectl create ")) {
            let words: Vec<&str> = line.split(' ').skip(1).collect();
            crate::common::kube::kubectl(&words);
        }
        refused = check();
    }
    let missing = run(&mut pod(&namespace, &["ca", "check", "-o", "json"]));
    assert_eq!((missing.code, missing.stderr.as_str()), (1, ""), "{}", missing.stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn broken_service_account_is_an_error_and_never_another_store() {
    let namespace = with_account("get");
    put(&namespace, "token", "not.a.token");
    let refused = run(&mut pod(&namespace, &["ca", "check", "-o", "json"]));
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
    assert_eq!(refused.error_code(), "kube-unauthorized");
    put(&namespace, "ca.crt", "no certificate");
    let refused = run(&mut pod(&namespace, &["ca", "check", "-o", "json"]));
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
    assert_eq!(refused.error_code(), "kube-config");
    let namespace = with_account("get");
    let mut command = pod(&namespace, &["ca", "check", "-o", "json"]);
    let refused = run(command.env_remove("KUBERNETES_SERVICE_PORT"));
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
    assert_eq!(refused.error_code(), "kube-in-cluster");
    let context = run(&mut pod(&namespace, &["ca", "check", "--context", "x", "-o", "json"]));
    assert_eq!((context.code, context.error_code().as_str()), (2, "context-without-kubeconfig"));
}
