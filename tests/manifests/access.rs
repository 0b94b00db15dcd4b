//! The Roles of `install`: each function runs with its account on the real API server, and with
//! any verb or name taken from its Role it does not.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::common::kube::{Namespace, cluster_ca, kubeconfig, server};
use crate::common::service::{Service, wait};
use crate::common::tls::closed_port;
use crate::common::{Run, chmod, run};
use crate::manifests::apply::{NODES, items};

const NODE: &str = "ccx-node-5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10-db-0";

/// An account of `install` in a cluster, and the Role that it was given.
pub(super) struct Account {
    pub(super) namespace: Namespace,
    part: &'static str,
    role: Value,
    items: Vec<Value>,
    pub(super) kubeconfig: PathBuf,
}

impl Account {
    /// Applies what `install` prints for this part alone.
    fn new(part: &'static str, arguments: &[&str]) -> Self {
        let namespace = Namespace::new();
        namespace.home.write("nodes.yaml", NODES);
        namespace.init();
        Account::of(namespace, part, arguments)
    }

    /// The same, in this namespace; `NODES` stands for the file `nodes.yaml` in its home.
    pub(super) fn of(namespace: Namespace, part: &'static str, arguments: &[&str]) -> Self {
        let nodes = namespace.home.at("nodes.yaml");
        let arguments: Vec<&str> =
            arguments.iter().map(|word| if *word == "NODES" { &nodes } else { *word }).collect();
        let items = items(&namespace, &[&["--only", part], &arguments[..]].concat());
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        namespace.apply(&list.to_string());
        let role = items.iter().find(|item| item["kind"] == "Role").expect("a Role").clone();
        let token = namespace.kubectl(&["create", "token", &format!("ccx-sec-{part}")]);
        let cluster = format!(
            "{{server: '{}', certificate-authority: '{}'}}",
            server(),
            cluster_ca().display()
        );
        let user = format!("{{token: {}}}", token.trim());
        let kubeconfig = namespace.kubeconfig(part, &cluster, &user);
        let account = Account { namespace, part, role, items, kubeconfig };
        account.give(&account.rules());
        account
    }

    pub(super) fn rules(&self) -> Vec<Value> {
        self.role["rules"].as_array().expect("rules").clone()
    }

    /// Runs it as that account.
    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.namespace.ccx_by(&self.kubeconfig, arguments))
    }

    /// What the pod of this part is told to run, with `path` where it has its mount.
    pub(super) fn arguments(&self, mounted: &str, path: &str) -> Vec<String> {
        let places = [
            "/spec/template/spec/containers/0/args",
            "/spec/jobTemplate/spec/template/spec/containers/0/args",
        ];
        let found =
            places.iter().find_map(|place| self.items.iter().find_map(|i| i.pointer(place)));
        let words = found.and_then(Value::as_array).expect("arguments").iter();
        words.map(|word| word.as_str().expect("a word").replace(mounted, path)).collect()
    }

    /// Gives the Role these rules, and waits until the API server goes by them.
    pub(super) fn give(&self, rules: &[Value]) {
        let mut role = self.role.clone();
        role["rules"] = rules.into();
        self.namespace.kubectl(&[
            "apply",
            "-f",
            &self.namespace.home.write("role.json", role.to_string()),
        ]);
        for (names, verbs) in
            self.rules().iter().map(|rule| (words(rule, "resourceNames"), words(rule, "verbs")))
        {
            let names = if names.is_empty() { vec![String::new()] } else { names };
            for (name, verb) in names.iter().flat_map(|n| verbs.iter().map(move |v| (n, v))) {
                let allowed = rules.iter().any(|rule| {
                    let (names, verbs) = (words(rule, "resourceNames"), words(rule, "verbs"));
                    verbs.contains(verb) && (names.is_empty() || names.contains(name))
                });
                wait(|| self.may(verb, name) == allowed);
            }
        }
    }

    pub(super) fn may(&self, verb: &str, name: &str) -> bool {
        let user = format!("system:serviceaccount:{}:ccx-sec-{}", self.namespace.name, self.part);
        let what = if name.is_empty() { "secrets".to_owned() } else { format!("secrets/{name}") };
        let admin = kubeconfig("admin").display().to_string();
        let mut command = assert_cmd::Command::new("kubectl");
        command.args(["--kubeconfig", &admin, "-n", &self.namespace.name, "auth", "can-i", verb]);
        run(command.args([&what, "--as", &user])).stdout.trim() == "yes"
    }

    /// The function works; with each verb, and each name, taken away it fails and says which
    /// verb it is. `work` puts things as they were before it begins, and runs the function.
    fn is_sufficient_and_minimal(&self, work: impl Fn(&Self) -> Vec<Run>) {
        for done in work(self) {
            assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
        }
        for (fewer, verb) in reduced(&self.rules()) {
            self.give(&fewer);
            let failed = work(self).into_iter().find(|run| run.code != 0);
            let failed = failed.unwrap_or_else(|| panic!("{} needs no more: {fewer:?}", self.part));
            assert_eq!(failed.code, 3, "{}{}", failed.stdout, failed.stderr);
            let said = format!("{}{}", failed.stdout, failed.stderr);
            let mut verbs = verb.iter().map(|verb| format!("may not {verb} secrets"));
            assert!(verbs.any(|words| said.contains(&words)), "{fewer:?}: {said}");
        }
    }
}

fn words(rule: &Value, field: &str) -> Vec<String> {
    let words = rule[field].as_array().into_iter().flatten();
    words.map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// The rules with one verb or one name less, and which verbs are missing then.
pub(super) fn reduced(rules: &[Value]) -> Vec<(Vec<Value>, Vec<String>)> {
    let mut all = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let (names, verbs) = (words(rule, "resourceNames"), words(rule, "verbs"));
        let mut with = |field: &str, left: Vec<&String>, missing: Vec<String>| {
            let mut fewer = rules.to_vec();
            fewer[at][field] = json!(left);
            // A rule without verbs is none; one without names would be one for all.
            if left.is_empty() {
                fewer.remove(at);
            }
            all.push((fewer, missing));
        };
        for verb in &verbs {
            with(
                "verbs",
                verbs.iter().filter(|other| *other != verb).collect(),
                vec![verb.clone()],
            );
        }
        for name in names.iter().filter(|_| names.len() > 1) {
            with(
                "resourceNames",
                names.iter().filter(|other| *other != name).collect(),
                verbs.clone(),
            );
        }
    }
    all
}

#[test]
#[ignore = "needs tests/run"]
fn check() {
    let account = Account::new("check", &[]);
    account.namespace.ccx(&["ca", "rotate", "start"]).assert().success();
    account.is_sufficient_and_minimal(|account| {
        let words = account.arguments("", "");
        vec![account.run(&words.iter().map(String::as_str).collect::<Vec<_>>())]
    });
    // An init container has an account that reads no kept key: its gate stays open, and says so.
    account.namespace.kubectl(&["get", "secret", "ccx-ca-next"]);
    let mut narrow = account.rules();
    narrow[0]["resourceNames"] = json!(["ccx-ca", "ccx-ca-bundle"]);
    account.give(&narrow);
    let gate = account.run(&["ca", "check", "--no-repair"]);
    assert_eq!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    assert_eq!(gate.stdout.matches("rotation-key-unread").count(), 2, "{}", gate.stdout);
}

const ISSUE: [&str; 12] = [
    "cert",
    "issue",
    "--secret",
    "--datastore",
    "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10",
    "--node",
    "db-0",
    "--engine",
    "redis",
    "--domain",
    "ccx.example",
    "--quiet",
];

fn without_node(account: &Account) {
    account.namespace.kubectl(&["delete", "secret", NODE, "--ignore-not-found"]);
}

#[test]
#[ignore = "needs tests/run"]
fn issuer_of_the_nodes_that_are_known() {
    let account = Account::new("issuer", &["--inventory", "NODES"]);
    let nodes = account.namespace.home.at("nodes.yaml");
    account.is_sufficient_and_minimal(|account| {
        without_node(account);
        let place = ["--inventory", &nodes, "--secret"];
        let issue = account.run(&[&["cert", "issue"], &place[..]].concat());
        vec![issue, account.run(&[&["cert", "renew", "--force"], &place[..]].concat())]
    });
    // What is not its business it cannot read, not even as one of all.
    account.give(&account.rules());
    assert!(!account.may("get", "ccx-volume-x") && !account.may("list", ""));
    assert!(!account.may("patch", "ccx-ca") && !account.may("delete", NODE));
}

#[test]
#[ignore = "needs tests/run"]
fn issuer_of_a_whole_namespace() {
    let account = Account::new("issuer", &[]);
    let nodes = account.namespace.home.at("nodes.yaml");
    account.is_sufficient_and_minimal(|account| {
        without_node(account);
        let place = ["--inventory", &nodes, "--secret"];
        let issue = account.run(&[&["cert", "issue"], &place[..]].concat());
        let renew = account.run(&[&["cert", "renew", "--force"], &place[..]].concat());
        vec![issue, renew, account.run(&["cert", "list"])]
    });
}

#[test]
#[ignore = "needs tests/run"]
fn renew_with_the_arguments_of_its_job() {
    let account = Account::new("issuer", &["--inventory", "NODES"]);
    let nodes = account.namespace.home.at("nodes.yaml");
    let renew = items(&account.namespace, &["--only", "renew", "--inventory", &nodes]);
    let account = Account { items: renew, ..account };
    let words = account.arguments("/etc/ccx-sec/inventory/nodes.yaml", &nodes);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let work = |expected: &str| {
        let done = account.run(&words);
        assert_eq!((done.code, done.stdout.contains(expected)), (0, true), "{}", done.stdout);
        account.namespace.value(NODE, "tls.crt")
    };
    // What is missing is issued, what is right is kept, what another CA signed is replaced.
    let first = work("issued 1,");
    assert_eq!(work("kept 1,"), first);
    account.namespace.kubectl(&["delete", "secret", "ccx-ca", "ccx-ca-bundle"]);
    account.run(&words).assert_error(1, "ca-missing");
    account.namespace.init();
    assert_ne!(work("renewed 1,"), first);
}

#[test]
#[ignore = "needs tests/run"]
fn verify_with_the_arguments_of_its_job() {
    let modes = ["--mode", "verify_identity", "--mode", "PLAINTEXT"];
    let account = Account::new("verify", &[&["--inventory", "NODES"][..], &modes].concat());
    let nodes = NODES.replace("ip: ", &format!("port: {}, ip: ", closed_port()));
    let nodes = account.namespace.home.write("nodes.yaml", nodes);
    let words = account.arguments("/etc/ccx-sec/inventory/nodes.yaml", &nodes);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // There is no server; that it is looked for shows that the CA was read.
    let looked = account.run(&words);
    assert!(
        looked.code == 3 && looked.stdout.contains("name_unknown"),
        "{}{}",
        looked.stdout,
        looked.stderr
    );
    let found = account.run(&[&words[..], &["-o", "json"]].concat()).json();
    let verdicts = found["endpoints"][0]["verdicts"].as_array().expect("verdicts").clone();
    let modes: Vec<&str> = verdicts.iter().filter_map(|one| one["mode"].as_str()).collect();
    assert_eq!(modes, ["VERIFY_IDENTITY", "PLAINTEXT"]);
    account.give(&[]);
    let refused = account.run(&words);
    assert_eq!((refused.code, refused.stdout.as_str()), (3, ""));
    assert!(refused.stderr.contains("may not get secrets"), "{}", refused.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn server_with_the_arguments_of_its_deployment() {
    let account = Account::new("server", &["--tls-secret", "tls"]);
    assert!(
        account.namespace.ccx(&ISSUE).arg("--dns=localhost").output().expect("it").status.success()
    );
    for file in ["tls.crt", "tls.key"] {
        let value = account.namespace.value(NODE, file);
        account.namespace.home.write(file, value);
        // As the kubelet has it for the group of the pod.
        chmod(&account.namespace.home.join(file), 0o440);
    }
    let mount = account.namespace.home.path().display().to_string();
    let words = account.arguments("/etc/ccx-sec/tls", &mount);
    let words: Vec<String> =
        words.iter().map(|word| word.replace("[::]:8443", "127.0.0.1:0")).collect();
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| *word != "--wait=60s").collect();
    let start = || Service::start(&account.namespace.ccx_by(&account.kubeconfig, &words), 1);
    {
        // It comes before the CA, and waits.
        account.namespace.kubectl(&["delete", "secret", "ccx-ca", "ccx-ca-bundle"]);
        let service = start();
        assert_eq!(service.curl("/healthz", &["--insecure"]).status, 200);
        assert_eq!(service.curl("/readyz", &["--insecure"]).status, 503);
        assert!(service.stderr().contains("Waiting for a CA"), "{}", service.stderr());
        account.namespace.init();
        let ready = service.until_with("/readyz", &["--insecure"], |got| got.status == 200);
        assert_eq!(ready.text(), "ok\n");
        account.namespace.kubectl(&["delete", "secret", "ccx-ca", "ccx-ca-bundle"]);
        service.until_with("/readyz", &["--insecure"], |got| got.status == 503);
        account.namespace.init();
        service.until_with("/readyz", &["--insecure"], |got| got.status == 200);
        let stderr = service.stderr();
        assert!(!stderr.contains("may not watch") && !stderr.contains("/readyz"), "{stderr}");
    }
    for (fewer, verbs) in reduced(&account.rules()) {
        account.give(&fewer);
        match verbs[0].as_str() {
            "get" => {
                let refused = account.run(&words);
                refused.assert_error(3, "kube-forbidden");
                assert!(refused.stderr.contains("may not get secrets"), "{}", refused.stderr);
            }
            _ => {
                let service = start();
                wait(|| service.stderr().contains(" may not watch secrets"));
            }
        }
    }
}

/// A volume on a plain file comes, has its key changed, is looked at and goes.
fn volume(account: &Account, more: &[&str]) -> Vec<Run> {
    let namespace = &account.namespace;
    namespace.kubectl(&["delete", "secret", "ccx-volume-db-1", "--ignore-not-found"]);
    let disk = namespace.home.write("disk", []);
    let file = std::fs::File::options().write(true).open(&disk).expect("a file");
    file.set_len(64 << 20).expect("long enough");
    drop(file);
    let journal = namespace.home.at("journal");
    let _ = std::fs::remove_dir_all(&journal);
    let journal = ["--journal", &journal];
    let step = |words: &[&str]| account.run(&[words, &journal].concat());
    let mut runs = vec![
        step(&["volume", "encrypt", &disk, "--id", "db-1"]),
        step(&["volume", "rekey", "db-1"]),
        step(&["volume", "test-recovery", "db-1"]),
    ];
    if !more.is_empty() {
        runs.push(account.run(more));
    }
    runs.push(step(&["volume", "erase", "db-1", "--confirm", "disk"]));
    runs
}

#[test]
#[ignore = "needs tests/run"]
fn volume_that_is_named() {
    let account = Account::new("volume", &["--volume", "db-1"]);
    account.is_sufficient_and_minimal(|account| volume(account, &[]));
    account.give(&account.rules());
    assert!(!account.may("get", "ccx-ca") && !account.may("list", ""));
}

#[test]
#[ignore = "needs tests/run"]
fn volumes_of_a_whole_namespace() {
    let account = Account::new("volume", &[]);
    account.is_sufficient_and_minimal(|account| volume(account, &["volume", "list"]));
}

#[test]
#[ignore = "needs tests/run"]
fn documented_role_is_the_granted_role() {
    let namespace = Namespace::absent();
    let items = items(&namespace, &["--only", "server"]);
    let role = items.iter().find(|item| item["kind"] == "Role").expect("a Role");
    let rules = role["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), 1);
    let grant = format!(
        "--verb={} --resource=secrets --resource-name={}",
        words(&rules[0], "verbs").join(","),
        words(&rules[0], "resourceNames").join(",")
    );
    let help = run(&mut namespace.ccx(&["serve", "--help"])).stdout;
    // As a shell reads it: a line that ends with a backslash goes on with the next.
    let lines: Vec<&str> = help.split("\\\n").map(str::trim).collect();
    assert!(lines.join(" ").contains(&grant), "{help}");
    assert!(include_str!("../../man/guide/serve.md").contains(&grant));
}
