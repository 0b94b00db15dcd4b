//! The real API server that `tests/run` started: its kubeconfigs, and a namespace a test.

use std::path::PathBuf;

use super::{env, tool};

/// A namespace of its own for a test, on the real API server.
pub struct Namespace {
    pub name: String,
}

impl Namespace {
    /// Makes one with a random name.
    pub fn new() -> Self {
        let name = format!(
            "t-{}",
            tempfile::Builder::new()
                .rand_bytes(8)
                .tempdir()
                .expect("a random name")
                .path()
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .trim_start_matches(".tmp")
                .to_lowercase()
        );
        let namespace = Namespace { name };
        kubectl(&["create", "namespace", &namespace.name]);
        namespace
    }

    /// Arguments that point ccx-sec at this namespace as the cluster's admin.
    pub fn admin(&self) -> Vec<String> {
        self.with("admin")
    }

    /// The same with another kubeconfig of the test bed: admin, token, limited.
    pub fn with(&self, who: &str) -> Vec<String> {
        let kubeconfig = kubeconfig(who).display().to_string();
        ["--kubeconfig", &kubeconfig, "--namespace", &self.name].map(str::to_owned).to_vec()
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
