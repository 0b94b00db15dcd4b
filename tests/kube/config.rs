//! Which cluster, whose credentials, which namespace: kubectl's rules.

use std::fs;

use crate::common::kube::{Namespace, cluster_ca, kubeconfig, kubectl, server};
use crate::common::{Run, ccx, run};

const TOKEN: &str = "token";

fn namespace_of(shown: &Run) -> String {
    assert_eq!((shown.code, shown.stderr.as_str()), (1, ""), "{}", shown.stdout);
    shown.json()["stored_in"]["namespace"].as_str().expect("a namespace").to_owned()
}

/// A check that finds no CA, and in its answer the namespace that it looked in. The name of
/// the CA is one that no test makes.
const CHECK: [&str; 6] = ["ca", "check", "--ca", "no-such-ca", "-o", "json"];

#[test]
#[ignore = "needs tests/run"]
fn token_will_do() {
    let namespace = Namespace::new();
    let made = run(&mut namespace.ccx_as(TOKEN, &["ca", "init", "--common-name", "X"]));
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stdout.starts_with("subject       CN=X\n"), "{}", made.stdout);
    assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);
}

#[test]
#[ignore = "needs tests/run"]
fn namespace_is_the_options_then_the_contexts() {
    let home = Namespace::absent().home;
    let file = kubeconfig("admin").display().to_string();
    let check = |arguments: &[&str]| {
        let mut command = ccx(home.path());
        command.env("POD_NAMESPACE", "not-this").args(["--kubeconfig", &file]);
        namespace_of(&run(command.args(CHECK).args(arguments)))
    };
    assert_eq!(check(&[]), "alpha");
    assert_eq!(check(&["--context", "ccx-beta"]), "beta");
    assert_eq!(check(&["--context", "ccx-beta", "-n", "alpha"]), "alpha");
}

#[test]
#[ignore = "needs tests/run"]
fn kubeconfig_is_found_in_the_environment_and_at_home() {
    let namespace = Namespace::absent();
    let mut command = ccx(namespace.home.path());
    command.env("KUBECONFIG", kubeconfig("admin"));
    assert_eq!(namespace_of(&run(command.args(CHECK))), "alpha");

    fs::create_dir(namespace.home.join(".kube")).expect("made");
    fs::copy(kubeconfig("admin"), namespace.home.join(".kube/config")).expect("copied");
    let mut command = ccx(namespace.home.path());
    assert_eq!(namespace_of(&run(command.args(CHECK))), "alpha");
    let mut command = ccx(namespace.home.path());
    assert_eq!(namespace_of(&run(command.args(CHECK).args(["-n", "beta"]))), "beta");
}

#[test]
#[ignore = "needs tests/run"]
fn list_of_files_is_merged_and_missing_ones_are_passed_over() {
    let namespace = Namespace::new();
    // The first names the context, the second the cluster and the user.
    let context = namespace.home.join("context");
    fs::write(
        &context,
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: merged\ncontexts: [{{name: merged, \
             context: {{cluster: ccx, user: ccx, namespace: {}}}}}]\n",
            namespace.name
        ),
    )
    .expect("written");
    let list = [
        namespace.home.join("not-there").display().to_string(),
        context.display().to_string(),
        kubeconfig("admin").display().to_string(),
    ]
    .join(":");
    let mut command = ccx(namespace.home.path());
    assert_eq!(namespace_of(&run(command.env("KUBECONFIG", &list).args(CHECK))), namespace.name);
    // kubectl means the same by this list.
    let kubectl = std::process::Command::new("kubectl")
        .env("KUBECONFIG", &list)
        .args(["config", "view", "--minify", "-o", "jsonpath={..namespace}"])
        .output()
        .expect("kubectl");
    assert_eq!(String::from_utf8_lossy(&kubectl.stdout), namespace.name);

    let mut command = ccx(namespace.home.path());
    let none = format!("{0}/a:{0}/b", namespace.home.path().display());
    let refused = run(command.env("KUBECONFIG", none).args(CHECK));
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
    assert_eq!(refused.error_code(), "kubeconfig");
}

#[test]
#[ignore = "needs tests/run"]
fn unknown_context_is_told_with_those_there_are() {
    let namespace = Namespace::absent();
    let show = ["ca", "show", "--context", "prod"];
    let text = run(&mut namespace.ccx(&show));
    assert_eq!((text.code, text.stdout.as_str()), (2, ""));
    assert_eq!(
        text.stderr,
        "error: the kubeconfig has no context \"prod\" [kube-context]\n  \
         hint: its contexts are: ccx, ccx-beta\n"
    );
    let json = run(namespace.ccx(&show).args(["-o", "json"]));
    assert_eq!((json.code, json.error_code().as_str()), (2, "kube-context"));
}

#[test]
#[ignore = "needs tests/run"]
fn kubeconfig_without_a_current_context_needs_one_named() {
    let namespace = Namespace::absent();
    let text = fs::read_to_string(kubeconfig("admin")).expect("read");
    let file = namespace.home.join("no-current");
    fs::write(&file, text.replace("current-context: ccx\n", "")).expect("written");
    let show = ["ca", "show", "-o", "json"];
    let refused = run(&mut namespace.ccx_by(&file, &show));
    assert_eq!((refused.code, refused.error_code().as_str()), (2, "kube-context"));
    let mut command = ccx(namespace.home.path());
    command.arg("--kubeconfig").arg(&file).args(["--context", "ccx-beta"]);
    assert_eq!(namespace_of(&run(command.args(CHECK))), "beta");
}

#[test]
#[ignore = "needs tests/run"]
fn files_that_a_kubeconfig_names_are_looked_for_beside_it() {
    let namespace = Namespace::new();
    fs::copy(cluster_ca(), namespace.home.join("cluster-ca.crt")).expect("copied");
    let token = fs::read_to_string(kubeconfig(TOKEN)).expect("read");
    let token = token.split("token: ").nth(1).and_then(|rest| rest.split('}').next());
    fs::write(namespace.home.join("token"), token.expect("a token")).expect("written");
    let cluster = format!("{{server: '{}', certificate-authority: cluster-ca.crt}}", server());
    let token_file = format!("{{tokenFile: '{}'}}", namespace.home.join("token").display());
    let file = namespace.kubeconfig("relative", &cluster, &token_file);
    let other = Namespace::absent().home;
    let mut command = ccx(other.path());
    command.arg("--kubeconfig").arg(&file).args(["-n", &namespace.name]).args(CHECK);
    assert_eq!(namespace_of(&run(&mut command)), namespace.name);
}

#[test]
#[ignore = "needs tests/run"]
fn namespace_that_cannot_be_one_is_a_usage_error() {
    let home = Namespace::absent().home;
    let file = kubeconfig("admin").display().to_string();
    for name in ["", "Alpha", "a/b", "../alpha", "a b", &"a".repeat(64)] {
        let mut command = ccx(home.path());
        command.args(["--kubeconfig", &file, "-n", name, "ca", "show", "-o", "json"]);
        let refused = run(&mut command);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{name:?}");
        assert_eq!(refused.error_code(), "namespace-name", "{name:?}");
    }
    assert!(kubectl(&["get", "namespaces"]).contains("alpha"));
}

#[test]
#[ignore = "needs tests/run"]
fn user_that_is_impersonated_counts() {
    let namespace = Namespace::new();
    let text = fs::read_to_string(kubeconfig(TOKEN)).expect("read");
    let file = namespace.home.join("as");
    fs::write(&file, text.replace("{token: ", "{as: limited, token: ")).expect("written");
    let refused = run(&mut namespace.ccx_by(&file, &CHECK));
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "kube-forbidden"));
    assert!(refused.stderr.contains("the user limited may not get"), "{}", refused.stderr);
}

#[test]
fn cluster_that_is_configured_and_away_is_never_replaced_by_a_directory() {
    let namespace = Namespace::absent();
    let away = namespace.kubeconfig("away", "{server: 'https://127.0.0.1:1'}", "{}");
    let mut command = ccx(namespace.home.path());
    let init = ["ca", "init", "--common-name", "X", "--timeout", "1s", "-o", "json"];
    let refused = run(command.env("KUBECONFIG", &away).args(init));
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{}", refused.stderr);
    assert_eq!(refused.error_code(), "kube-unreachable");

    let mut command = ccx(namespace.home.path());
    let refused = run(command.env("CCX_SEC_STORE", "k8s").args(init));
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""), "{}", refused.stderr);
    assert_eq!(refused.error_code(), "kube-not-configured");
    let left: Vec<_> = fs::read_dir(namespace.home.path()).expect("home").collect();
    assert_eq!(left.len(), 1, "nothing but the kubeconfig: {left:?}");
}
