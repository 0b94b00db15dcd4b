//! What `install` prints, in a Kubernetes in which pods run: it is applied once, before there is
//! a CA, and heals. By request, since the node takes minutes to build and needs root:
//! `CCX_WITH_PODS=1 tests/run -- cluster`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Home, Run, ccx, env, run, tool};

const NAMESPACE: &str = "ccx";
const IMAGE: &str = "localhost/ccx-sec:1";
const INVENTORY: &str = "\
defaults: {domain: ccx.example, engine: postgresql}
nodes:
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-1, ip: [10.0.0.1]}
- {datastore: 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10, node: db-2, ip: [10.0.0.2]}
";

/// A script of the test bed.
fn bed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bed").join(name)
}

/// A cluster of one node with our image; gone when dropped.
struct Cluster {
    directory: TempDir,
    home: Home,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = Command::new(bed("cluster-down")).arg(self.state()).status();
    }
}

impl Cluster {
    fn up() -> Self {
        let directory = tempfile::Builder::new().prefix("ccx-cluster-").tempdir().expect("made");
        let cluster = Cluster { directory, home: Home::new() };
        let image = cluster.home.at("image.tar");
        let program = assert_cmd::cargo::cargo_bin!("ccx-sec").display().to_string();
        tool(&bed("ccx-image").display().to_string(), &[&image, IMAGE, &program]);
        let up = Command::new(bed("cluster-up"))
            .arg(cluster.state())
            .arg(&image)
            .env("CCX_CLUSTER", env("CCX_TEST_CLUSTER"))
            .env("CCX_KUBE_WAIT", "600")
            .output()
            .expect("cluster-up runs");
        assert!(up.status.success(), "{}", String::from_utf8_lossy(&up.stderr));
        cluster
    }

    fn state(&self) -> PathBuf {
        self.directory.path().join("node")
    }

    fn kubeconfig(&self) -> String {
        self.state().join("admin.kubeconfig").display().to_string()
    }

    fn kubectl(&self, arguments: &[&str]) -> String {
        let kubeconfig = self.kubeconfig();
        let place = ["--kubeconfig", &kubeconfig, "--namespace", NAMESPACE];
        tool("kubectl", &[&place[..], arguments].concat())
    }

    fn get(&self, what: &[&str]) -> Value {
        let text = self.kubectl(&[&["get", "-o", "json"][..], what].concat());
        serde_json::from_str(&text).expect("JSON of kubectl")
    }

    /// ccx-sec as the cluster's admin.
    fn ccx(&self, arguments: &[&str]) -> Run {
        let kubeconfig = self.kubeconfig();
        let place = ["--kubeconfig", &kubeconfig, "--namespace", NAMESPACE];
        let run = run(ccx(self.home.path()).args(place).args(arguments));
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
        run
    }

    /// Waits, for as long as a busy machine may take, until something is so.
    fn until<T>(&self, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = found() {
                return found;
            }
            let pods = || self.kubectl(&["describe", "pods"]);
            assert!(start.elapsed() < Duration::from_secs(600), "not {what}: {}", pods());
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Runs the Job of a CronJob now, under another name, and waits for its end: whether it
    /// succeeded, and what its pod said.
    fn job(&self, cron: &str, name: &str) -> (bool, String) {
        let template = self.get(&["cronjob", cron])["spec"]["jobTemplate"].take();
        let mut job = template;
        job["apiVersion"] = "batch/v1".into();
        job["kind"] = "Job".into();
        job["metadata"]["name"] = name.into();
        let file = self.home.write("job.json", job.to_string());
        self.kubectl(&["create", "-f", &file]);
        let succeeded = self.until(&format!("at the end of {name}"), || {
            let status = self.get(&["job", name])["status"].take();
            let conditions = status["conditions"].as_array()?.clone();
            let ended =
                |kind| conditions.iter().any(|one| one["type"] == kind && one["status"] == "True");
            if ended("Complete") { Some(true) } else { ended("Failed").then_some(false) }
        });
        (succeeded, self.kubectl(&["logs", &format!("job/{name}")]))
    }

    /// The pods of the service: phase, whether ready, restarts.
    fn servers(&self) -> Vec<(String, bool, i64)> {
        let pods = self.get(&["pods", "-l", "app.kubernetes.io/component=server"]);
        let pods = pods["items"].as_array().expect("pods").clone();
        pods.iter()
            .map(|pod| {
                let status = &pod["status"];
                let container = &status["containerStatuses"][0];
                (
                    status["phase"].as_str().unwrap_or_default().to_owned(),
                    container["ready"].as_bool().unwrap_or_default(),
                    container["restartCount"].as_i64().unwrap_or_default(),
                )
            })
            .collect()
    }

    /// The certificates of the nodes' Secrets, by name.
    fn certificates(&self) -> Vec<(String, String)> {
        let secrets = self.get(&["secrets", "-l", "ccx-sec/node"]);
        let all = secrets["items"].as_array().expect("Secrets").clone();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let one =
            |secret: &Value| (text(&secret["metadata"]["name"]), text(&secret["data"]["tls.crt"]));
        all.iter().map(one).collect()
    }
}

#[test]
#[ignore = "by request: CCX_WITH_PODS=1 tests/run -- cluster"]
fn cluster_manifests_are_applied_once_and_heal() {
    let cluster = Cluster::up();
    cluster.kubectl(&["create", "namespace", NAMESPACE]);
    let inventory = cluster.home.write("nodes.yaml", INVENTORY);
    let print = ["manifests", "--image", IMAGE, "--kubernetes", "1.20", "--insecure-http"];
    let manifests = cluster.ccx(&[&print[..], &["--inventory", &inventory]].concat()).stdout;
    let manifests = cluster.home.write("manifests.yaml", manifests);
    cluster.kubectl(&["apply", "-f", &manifests]);

    // Without a CA the service runs and waits; it is neither ready nor started anew.
    let waits = |servers: &[(String, bool, i64)]| {
        servers.len() == 2 && servers.iter().all(|(phase, ready, _)| phase == "Running" && !ready)
    };
    cluster.until("waiting", || waits(&cluster.servers()).then_some(()));
    let (succeeded, said) = cluster.job("ccx-sec-check", "check-without");
    assert!(!succeeded && said.contains("ca-missing"), "{said}");
    let (succeeded, said) = cluster.job("ccx-sec-renew", "renew-without");
    assert!(!succeeded && said.contains("ca-missing"), "{said}");
    std::thread::sleep(Duration::from_secs(10));
    let servers = cluster.servers();
    assert!(waits(&servers) && servers.iter().all(|one| one.2 == 0), "{servers:?}");

    // With one, everything that failed or waited goes on by itself.
    cluster.ccx(&["ca", "init", "--common-name", "Test CA"]);
    cluster.until("ready", || {
        let servers = cluster.servers();
        servers.iter().all(|(_, ready, restarts)| *ready && *restarts == 0).then_some(())
    });
    let (succeeded, said) = cluster.job("ccx-sec-check", "check-with");
    assert!(succeeded, "{said}");
    assert!(cluster.certificates().is_empty());
    let (succeeded, said) = cluster.job("ccx-sec-renew", "issue");
    assert!(succeeded, "{said}");
    let issued = cluster.certificates();
    assert_eq!(issued.len(), 2, "{issued:?}");

    // What is neither missing nor due stays; what is due is renewed; applying again is no harm.
    cluster.kubectl(&["apply", "-f", &manifests]);
    let (succeeded, said) = cluster.job("ccx-sec-renew", "nothing-due");
    assert!(succeeded, "{said}");
    assert_eq!(cluster.certificates(), issued);
    let (due, kept) = (&issued[0].0, &issued[1]);
    cluster.kubectl(&["delete", "secret", due]);
    let node = if due.ends_with("db-1") { "db-1" } else { "db-2" };
    let names = ["--datastore", "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10", "--node", node];
    let issue = ["cert", "issue", "--engine", "postgresql", "--domain", "ccx.example", "--secret"];
    let address = if node == "db-1" { "10.0.0.1" } else { "10.0.0.2" };
    let short = ["--ip", address, "--validity", "1s"];
    cluster.ccx(&[&issue[..], &names, &short].concat());
    let old = cluster.certificates();
    let (succeeded, said) = cluster.job("ccx-sec-renew", "renew");
    assert!(succeeded, "{said}");
    let renewed = cluster.certificates();
    let of = |all: &[(String, String)], name: &str| {
        all.iter().find(|one| one.0 == name).expect("the Secret").1.clone()
    };
    assert_ne!(of(&renewed, due), of(&old, due));
    assert_eq!(of(&renewed, &kept.0), kept.1);
}
