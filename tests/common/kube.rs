//! The real API server that `tests/run` started: its kubeconfigs, and a namespace a test.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use base64::{Engine, engine::general_purpose::STANDARD};
use ccx_sec::store::location::{Cluster, ClusterCredentials, Location};
use ccx_sec::store::{self, Backend, StoreOptions};
use serde_json::Value;

use super::{Home, ccx, env, tool};

/// A namespace of its own for a test, on the real API server, and a home to work from.
pub struct Namespace {
    pub name: String,
    pub home: Home,
}

impl Namespace {
    /// Makes one with a random name.
    pub fn new() -> Self {
        let namespace = Namespace::absent();
        kubectl(&["create", "namespace", &namespace.name]);
        namespace
    }

    /// One that nobody made.
    pub fn absent() -> Self {
        let random = tempfile::Builder::new().prefix("t-").rand_bytes(10).tempdir();
        let random = random.expect("a random name");
        let name = random.path().file_name().expect("a name").to_string_lossy().to_lowercase();
        Namespace { name, home: Home::new() }
    }

    /// ccx-sec as the cluster's admin, in this namespace.
    pub fn ccx(&self, arguments: &[&str]) -> Command {
        self.ccx_as("admin", arguments)
    }

    /// ccx-sec with another kubeconfig of the test bed.
    pub fn ccx_as(&self, who: &str, arguments: &[&str]) -> Command {
        self.ccx_by(&kubeconfig(who), arguments)
    }

    /// ccx-sec with any kubeconfig, in this namespace.
    pub fn ccx_by(&self, kubeconfig: &Path, arguments: &[&str]) -> Command {
        let mut command = ccx(self.home.path());
        command.arg("--kubeconfig").arg(kubeconfig).args(["--namespace", &self.name]);
        command.args(arguments);
        command
    }

    /// The store of this namespace, without the program around it.
    pub fn store(&self) -> Box<dyn Backend> {
        let cluster = Cluster {
            credentials: ClusterCredentials::Kubeconfig(vec![kubeconfig("admin")]),
            context: None,
            namespace: Some(self.name.clone()),
        };
        // That an answer takes long is no fault on a busy machine.
        let notice = Box::new(|note: &str| assert!(note.contains(": no answer for "), "{note}"));
        let conditions = StoreOptions { timeout: Duration::from_secs(30), notice };
        store::open(&Location::Kubernetes(cluster), conditions).expect("a store")
    }

    /// Makes a CA with defaults; panics when that fails.
    pub fn init(&self) -> &Self {
        self.ccx(&["ca", "init", "--common-name", "Test CA"]).assert().success();
        self
    }

    /// A Secret as kubectl shows it, without the record of who changed what when.
    pub fn secret(&self, name: &str) -> Value {
        let text = self.kubectl(&["get", "secret", name, "-o", "json"]);
        let mut secret: Value = serde_json::from_str(&text).expect("JSON of kubectl");
        secret["metadata"].as_object_mut().expect("metadata").remove("managedFields");
        secret
    }

    /// The names of all Secrets.
    pub fn secrets(&self) -> Vec<String> {
        let names = self.kubectl(&["get", "secrets", "-o", "name"]);
        names.lines().map(|line| line.trim_start_matches("secret/").to_owned()).collect()
    }

    /// A value of a Secret, decoded.
    pub fn value(&self, name: &str, key: &str) -> String {
        let secret = self.secret(name);
        let text = secret["data"][key].as_str().unwrap_or_else(|| panic!("no {key} in {name}"));
        String::from_utf8(STANDARD.decode(text).expect("base64")).expect("UTF-8")
    }

    /// The same, as a file in the home of this namespace.
    pub fn value_file(&self, name: &str, key: &str) -> PathBuf {
        let file = self.home.join(key);
        std::fs::write(&file, self.value(name, key)).expect("written");
        file
    }

    /// kubectl applies a manifest, in this namespace.
    pub fn apply(&self, manifest: &str) {
        let file = self.home.join("manifest.yaml");
        std::fs::write(&file, manifest).expect("written");
        self.kubectl(&["apply", "-f", &file.display().to_string()]);
    }

    /// Lets the user "limited" do `verbs` with Secrets here.
    pub fn allow_limited(&self, verbs: &str) {
        let verbs = format!("--verb={verbs}");
        self.kubectl(&["create", "role", "r", &verbs, "--resource=secrets"]);
        self.kubectl(&["create", "rolebinding", "r", "--role=r", "--user=limited"]);
    }

    /// A kubeconfig in the home of this namespace, with one cluster and one user, both as YAML.
    pub fn kubeconfig(&self, name: &str, cluster: &str, user: &str) -> PathBuf {
        let file = self.home.join(name);
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters: [{{name: test, cluster: {cluster}}}]\n\
             users: [{{name: test, user: {user}}}]\n\
             contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\n"
        );
        std::fs::write(&file, text).expect("written");
        file
    }

    /// kubectl as the admin, in this namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let mut all = vec!["-n", &self.name];
        all.extend(arguments);
        kubectl(&all)
    }
}

/// A kubeconfig of the test bed: admin, token, limited.
pub fn kubeconfig(who: &str) -> PathBuf {
    PathBuf::from(env("CCX_TEST_KUBE")).join(format!("{who}.kubeconfig"))
}

/// kubectl as the cluster's admin; panics when it fails.
pub fn kubectl(arguments: &[&str]) -> String {
    let kubeconfig = kubeconfig("admin").display().to_string();
    let mut all = vec!["--kubeconfig", &kubeconfig];
    all.extend(arguments);
    tool("kubectl", &all)
}

/// The address of the API server: `https://127.0.0.1:PORT`.
pub fn server() -> String {
    let file = PathBuf::from(env("CCX_TEST_KUBE")).join("server");
    std::fs::read_to_string(file).expect("the server's address").trim().to_owned()
}

/// The file with the cluster's CA.
pub fn cluster_ca() -> PathBuf {
    PathBuf::from(env("CCX_TEST_KUBE")).join("ca.crt")
}
