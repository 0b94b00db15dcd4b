//! `install`: what it prints goes into a real cluster, twice; its pods are such as Pod Security's
//! profile "restricted" admits; and what is wrong with its arguments.

use std::collections::BTreeSet;

use assert_cmd::Command;
use serde_json::Value;

use crate::common::kube::{Namespace, kubeconfig, kubectl};
use crate::common::{Home, run};

pub const NODES: &str = "\
defaults: {domain: ccx.example, engine: redis}
nodes:
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-0, ip: [127.0.0.1]}
";
const IMAGE: [&str; 2] = ["--image", "registry.example/ccx-sec:1"];
/// What the API server of the tests needs.
const OLD: [&str; 2] = ["--kubernetes", "1.20"];

/// What `install` prints with these arguments, as JSON.
pub fn items(namespace: &Namespace, arguments: &[&str]) -> Vec<Value> {
    let all = [&["manifests", "-o", "json"], &IMAGE[..], &OLD, arguments].concat();
    let printed = run(&mut namespace.ccx(&all));
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    assert_eq!(printed.json()["kind"], "List");
    printed.json()["items"].as_array().expect("a list").clone()
}

fn of_kind<'a>(items: &'a [Value], kind: &str) -> Vec<&'a Value> {
    items.iter().filter(|item| item["kind"] == kind).collect()
}

/// The specs of all pods.
fn pods(items: &[Value]) -> Vec<&Value> {
    ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"]
        .iter()
        .flat_map(|path| items.iter().filter_map(|item| item.pointer(path)))
        .collect()
}

fn applied(namespace: &Namespace, file: &str, more: &[&str]) -> Vec<String> {
    let words = [&["apply", "-f", file], more].concat();
    namespace.kubectl(&words).lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "needs tests/run"]
fn cluster_takes_it_and_the_second_time_nothing_changes() {
    let namespace = Namespace::new();
    let nodes = namespace.home.write("nodes.yaml", NODES);
    let more = ["--inventory", &nodes, "--volume", "db-1", "--rotate"];
    let all = [&["manifests"], &IMAGE[..], &OLD, &more].concat();
    let printed = run(&mut namespace.ccx(&all));
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    let warnings: Vec<&str> = printed.stderr.lines().collect();
    assert!(
        matches!(warnings[..], [only] if only.contains("ccx-sec-rotate may read every Secret"))
    );
    assert_eq!(run(&mut namespace.ccx(&all)).stdout, printed.stdout);
    let count = printed.stdout.matches("---\n").count();
    let file = namespace.home.write("all.yaml", &printed.stdout);

    let dry = applied(&namespace, &file, &["--server-side", "--dry-run=server"]);
    assert_eq!(dry.len(), count);
    assert!(!namespace.kubectl(&["get", "deployments", "-o", "name"]).contains("ccx-sec"));
    let first = applied(&namespace, &file, &[]);
    assert!(
        first.len() == count && first.iter().all(|line| line.ends_with(" created")),
        "{first:?}"
    );
    let second = applied(&namespace, &file, &[]);
    assert!(second.iter().all(|line| line.ends_with(" unchanged")), "{second:?}");

    // As JSON it is the same.
    let list = run(&mut namespace.ccx(&[&all[..], &["-o", "json"]].concat())).stdout;
    let list = namespace.home.write("all.json", &list);
    let third = applied(&namespace, &list, &[]);
    assert!(third.len() == count && third.iter().all(|line| line.ends_with(" unchanged")));

    // What the jobs mount is the inventory, to the byte.
    let map = namespace.kubectl(&["get", "configmap", "ccx-sec-inventory", "-o", "json"]);
    let map: Value = serde_json::from_str(&map).expect("JSON");
    assert_eq!(map["data"]["nodes.yaml"], NODES);

    // With another image nothing is in the way of those that are there.
    let other = [&all[..], &["--image", "registry.example/ccx-sec:2"]].concat();
    let other: Vec<&str> = other.iter().copied().filter(|word| *word != IMAGE[1]).collect();
    let at = other.iter().position(|word| *word == "--image").expect("the first of the two");
    let other = [&other[..at], &other[at + 1..]].concat();
    let changed = run(&mut namespace.ccx(&other));
    assert_eq!(changed.code, 0, "{}", changed.stderr);
    let file = namespace.home.write("other.yaml", &changed.stdout);
    let fourth = applied(&namespace, &file, &[]);
    let changes = |end: &str| fourth.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!((changes(" created"), changes(" configured")), (0, 5), "{fourth:?}");
}

#[test]
#[ignore = "needs tests/run"]
fn every_pod_is_one_that_the_restricted_profile_admits() {
    let namespace = Namespace::absent();
    let nodes = namespace.home.write("nodes.yaml", NODES);
    for tls in [&["--tls-secret", "mine"][..], &["--insecure-http"]] {
        let items = items(&namespace, &[&["--inventory", &nodes, "--rotate"], tls].concat());
        let pods = pods(&items);
        assert_eq!(pods.len(), 5, "check, server, renew, verify, rotate");
        for pod in pods {
            restricted(pod);
        }
    }
}

/// Pod Security Standards, "Restricted", and a root that nobody writes to.
fn restricted(pod: &Value) {
    for forbidden in ["hostNetwork", "hostPID", "hostIPC", "hostUsers", "initContainers"] {
        assert!(pod.get(forbidden).is_none(), "{forbidden}: {pod}");
    }
    let whole = &pod["securityContext"];
    assert_eq!(
        (&whole["runAsNonRoot"], &whole["seccompProfile"]["type"]),
        (&true.into(), &"RuntimeDefault".into())
    );
    assert!(whole["runAsUser"].as_u64().is_some_and(|user| user > 0), "{pod}");
    let kinds = ["configMap", "secret", "emptyDir", "projected", "downwardAPI", "name"];
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        let keys = volume.as_object().expect("a volume").keys();
        assert!(keys.clone().all(|key| kinds.contains(&key.as_str())), "{volume}");
    }
    for container in pod["containers"].as_array().expect("containers") {
        let context = &container["securityContext"];
        assert_eq!(context["allowPrivilegeEscalation"], false, "{container}");
        assert_eq!(context["readOnlyRootFilesystem"], true, "{container}");
        assert_eq!(context["capabilities"], serde_json::json!({"drop": ["ALL"]}));
        assert!(context.get("privileged").is_none() && context.get("seccompProfile").is_none());
        for port in container["ports"].as_array().into_iter().flatten() {
            assert!(port.get("hostPort").is_none(), "{port}");
        }
        let resources = &container["resources"];
        assert!(
            resources["requests"]["cpu"].is_string() && resources["limits"]["memory"].is_string()
        );
    }
}

#[test]
#[ignore = "needs tests/run"]
fn everything_has_its_place_and_its_labels_and_leads_where_it_should() {
    let namespace = Namespace::absent();
    let nodes = namespace.home.write("nodes.yaml", NODES);
    let items = items(&namespace, &["--inventory", &nodes, "--name", "mine"]);
    let mut seen = BTreeSet::new();
    for item in &items {
        let metadata = &item["metadata"];
        assert_eq!(metadata["namespace"], *namespace.name, "{item}");
        assert!(metadata["name"].as_str().is_some_and(|name| name.starts_with("mine")), "{item}");
        let label = |name: &str| &metadata["labels"][format!("app.kubernetes.io/{name}")];
        assert_eq!((label("name"), label("instance")), (&"ccx-sec".into(), &"mine".into()));
        assert_eq!(label("managed-by"), "ccx-sec");
        assert!(label("component").is_string());
        assert!(seen.insert(format!("{}/{}", item["kind"], metadata["name"])), "twice: {item}");
    }
    let deployment = of_kind(&items, "Deployment")[0];
    assert_eq!(deployment["spec"]["replicas"], 2);
    let labels = deployment["spec"]["template"]["metadata"]["labels"].as_object().expect("labels");
    let chosen = |selector: &Value| {
        let selector = selector.as_object().expect("a selector");
        !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
    };
    assert!(chosen(&deployment["spec"]["selector"]["matchLabels"]));
    assert!(chosen(&of_kind(&items, "Service")[0]["spec"]["selector"]));
    assert!(chosen(&of_kind(&items, "PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"]));
    let policies = of_kind(&items, "NetworkPolicy");
    let ours: Vec<_> =
        policies.iter().filter(|p| chosen(&p["spec"]["podSelector"]["matchLabels"])).collect();
    assert_eq!((policies.len(), ours.len()), (4, 1), "each pod has one policy");
    let container = &deployment["spec"]["template"]["spec"]["containers"][0];
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert_eq!(container[probe]["httpGet"]["scheme"], "HTTPS", "{probe}");
    }
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/readyz");
    for pod in pods(&items) {
        let account = &pod["serviceAccountName"];
        assert!(
            items.iter().any(
                |item| item["kind"] == "ServiceAccount" && item["metadata"]["name"] == *account
            ),
            "{account}"
        );
    }
}

#[test]
fn versions_of_kinds_are_those_of_the_cluster() {
    let home = Home::new();
    for (version, budget, job) in [
        ("1.20", "policy/v1beta1", "batch/v1beta1"),
        ("1.21", "policy/v1", "batch/v1"),
        ("1.34", "policy/v1", "batch/v1"),
    ] {
        let nodes = home.write("nodes.yaml", NODES);
        let words =
            ["manifests", "-n", "x", "-o", "json", "--inventory", &nodes, "--kubernetes", version];
        let printed = home.run(&[&words[..], &IMAGE].concat()).json();
        let items = printed["items"].as_array().expect("a list");
        assert_eq!(of_kind(items, "PodDisruptionBudget")[0]["apiVersion"], budget);
        for found in of_kind(items, "CronJob") {
            assert_eq!(found["apiVersion"], job, "{version}");
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn inventory_keeps_its_notation() {
    let namespace = Namespace::absent();
    let text = "datastore,node,engine,domain\n\
        5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10,db-0,redis,ccx.example\n";
    let nodes = namespace.home.write("fleet.csv", text);
    let items = items(&namespace, &["--inventory", &nodes]);
    assert_eq!(of_kind(&items, "ConfigMap")[0]["data"]["nodes.csv"], text);
    let jobs = of_kind(&items, "CronJob");
    let with = jobs.iter().filter(|job| job.to_string().contains("/nodes.csv\""));
    assert_eq!((jobs.len(), with.count()), (3, 2), "renew and verify, and not check");
}

/// Group, plural, kind, version, scope.
const CUSTOM: [(&str, &str, &str, &str, &str); 4] = [
    ("monitoring.coreos.com", "servicemonitors", "ServiceMonitor", "v1", "Namespaced"),
    ("cert-manager.io", "issuers", "Issuer", "v1", "Namespaced"),
    ("cert-manager.io", "certificates", "Certificate", "v1", "Namespaced"),
    ("trust.cert-manager.io", "bundles", "Bundle", "v1alpha1", "Cluster"),
];

#[test]
#[ignore = "needs tests/run"]
fn objects_for_operators_are_taken_where_their_kinds_are_known() {
    let namespace = Namespace::new();
    let mut text = String::new();
    for (group, plural, kind, version, scope) in CUSTOM {
        text += &format!(
            "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: {plural}.{group}, annotations: {{api-approved.kubernetes.io: unapproved}}}}\n\
             spec:\n  group: {group}\n  scope: {scope}\n  names: {{kind: {kind}, plural: {plural}}}\n  \
             versions:\n  - name: {version}\n    served: true\n    storage: true\n    schema:\n      \
             openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}\n"
        );
    }
    let definitions = namespace.home.write("definitions.yaml", text);
    kubectl(&["apply", "-f", &definitions]);
    kubectl(&["wait", "--for=condition=established", "--timeout=60s", "-f", &definitions]);
    let ca = format!("ca-{}", namespace.name);
    let operators = ["--cert-manager", "--trust-manager", "--service-monitor"];
    let words = ["--only", "server", "--host", "ca.example.com", "--ca", &ca];
    let all = [&["manifests"], &words[..], &operators, &IMAGE, &OLD].concat();
    let printed = run(&mut namespace.ccx(&all));
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    let file = namespace.home.write("all.yaml", &printed.stdout);
    // The client learns of the new kinds when it asks for them.
    let first = applied(&namespace, &file, &[]);
    let second = applied(&namespace, &file, &[]);
    let get = |kind: &str, name: &str| -> Value {
        let text = namespace.kubectl(&["get", kind, name, "-o", "json"]);
        serde_json::from_str(&text).expect("JSON")
    };
    let issuer = get("issuers.cert-manager.io", &ca);
    let certificate = get("certificates.cert-manager.io", "ccx-sec-tls");
    let monitor = get("servicemonitors.monitoring.coreos.com", "ccx-sec");
    let service = get("service", "ccx-sec");
    let bundle = get("bundles.trust.cert-manager.io", &format!("{ca}-bundle"));
    let deployment = get("deployment", "ccx-sec");
    kubectl(&["delete", "-f", &definitions]);

    assert!(first.iter().all(|line| line.ends_with(" created")), "{first:?}");
    assert!(second.iter().all(|line| line.ends_with(" unchanged")), "{second:?}");
    assert_eq!(issuer["spec"]["ca"]["secretName"], *ca);
    let spec = &certificate["spec"];
    assert_eq!(
        (&spec["issuerRef"]["name"], &spec["issuerRef"]["kind"]),
        (&(*ca).into(), &"Issuer".into())
    );
    assert_eq!(
        spec["secretName"],
        deployment["spec"]["template"]["spec"]["volumes"][0]["secret"]["secretName"]
    );
    assert_eq!(spec["dnsNames"][0], "ca.example.com");
    assert_eq!(spec["usages"], serde_json::json!(["digital signature", "server auth"]));
    let endpoint = &monitor["spec"]["endpoints"][0];
    assert_eq!(endpoint["port"], service["spec"]["ports"][0]["name"]);
    let name = &endpoint["tlsConfig"]["serverName"];
    assert!(spec["dnsNames"].as_array().expect("names").contains(name), "{name}");
    assert_eq!(bundle["spec"]["sources"][0]["secret"]["name"], format!("{ca}-bundle"));
}

#[test]
fn missing_and_wrong_arguments_are_reported() {
    let home = Home::new();
    let empty = home.write("empty.yaml", "nodes: []\n");
    let bare = home.write("bare.yaml", NODES.replace("domain: ccx.example, ", ""));
    let in_place = ["manifests", "-n", "x"];
    let cases: [(&[&str], &str); 13] = [
        (&["manifests", "--image", "x"], "namespace-missing"),
        (&["manifests", "-n", "No", "--image", "x"], "namespace"),
        (&["manifests", "-n", "x"], "image-missing"),
        (&["manifests", "-n", "x", "--image", "a b"], "image"),
        (&["manifests", "-n", "x", "--image", "x", "--only", "renew"], "inventory-missing"),
        (&["manifests", "-n", "x", "--image", "x", "--only", "server,verify"], "inventory-missing"),
        (&["manifests", "-n", "x", "--image", "x", "--inventory", &empty], "inventory"),
        (&["manifests", "-n", "x", "--image", "x", "--name", "1st"], "name"),
        (&["manifests", "-n", "x", "--image", "x", "--name", &"x".repeat(41)], "name"),
        (&["manifests", "-n", "x", "--image", "x", "--kubernetes", "1.19"], "kubernetes"),
        (&["manifests", "-n", "x", "--image", "x", "--kubernetes", "latest"], "kubernetes"),
        (&["manifests", "-n", "x", "--image", "x", "--tls-secret", "A"], "secret-name"),
        (&["manifests", "-n", "x", "--only", "volume", "--volume", "A/b"], "volume-id"),
    ];
    for (words, code) in cases {
        home.fails(&[words, &["-o", "json"]].concat(), 2, code);
    }
    let large = home.write("large.yaml", format!("{NODES}# {}\n", "x".repeat(1000 * 1024)));
    let words = ["manifests", "-n", "x", "--only", "issuer", "-o", "json", "--inventory", &large];
    home.fails(&words, 2, "inventory-too-large");
    let told = home.run(&["manifests", "-n", "x", "--image", "x", "--inventory", &bare]);
    assert_eq!(told.code, 2, "verify and renew need the domain: {}", told.stderr);
    let issuer = [&in_place[..], &["--inventory", &bare, "--only", "issuer"]].concat();
    assert_eq!(home.run(&issuer).code, 0, "and an account does not");
    home.fails(
        &[&in_place[..], &["--image", "x", "--inventory", "gone", "-o", "json"]].concat(),
        3,
        "file-missing",
    );
}

#[test]
fn broad_roles_name_their_accounts() {
    let home = Home::new();
    let wide = home.run(&["manifests", "-n", "x", "--only", "issuer,volume"]);
    assert_eq!(wide.code, 0);
    for (account, option) in [("issuer", "--inventory FILE"), ("volume", "--volume ID")] {
        let said = format!("the account ccx-sec-{account} may read every Secret of x");
        let line = wide.stderr.lines().find(|line| line.contains(&said)).expect("a warning");
        assert!(line.contains(option), "{line}");
    }
    let nodes = home.write("nodes.yaml", NODES);
    let narrow =
        ["manifests", "-n", "x", "--only", "issuer,volume", "--volume", "a", "--inventory", &nodes];
    assert_eq!(home.run(&narrow).stderr, "");
    // Only those accounts, and no image is needed.
    assert!(!wide.stdout.contains("kind: Deployment") && !wide.stdout.contains("image:"));
}

#[test]
#[ignore = "needs tests/run"]
fn cluster_that_lacks_a_kind_says_so() {
    let namespace = Namespace::new();
    let all = [&["manifests", "--only", "server"], &IMAGE[..], &["--kubernetes", "1.21"]].concat();
    let printed = run(&mut namespace.ccx(&all)).stdout;
    let file = namespace.home.write("all.yaml", printed);
    let admin = kubeconfig("admin").display().to_string();
    let refused = run(Command::new("kubectl").args(["--kubeconfig", &admin, "apply", "-f", &file]));
    assert!(refused.code != 0 && refused.stderr.contains("policy/v1"), "{}", refused.stderr);
}
