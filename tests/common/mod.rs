//! What the tests share: the program in a clean environment, directories, the real API
//! server, and the tools that look at what we made.

pub mod chains;
pub mod database;
pub mod fault;
pub mod kube;
pub mod tls;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use assert_cmd::Command;
use tempfile::TempDir;

/// The program, with nothing of this machine's environment but `PATH`, and a home that is
/// empty: no kubeconfig, no store.
pub fn ccx(home: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ccx-sec"));
    command.env_clear().env("PATH", env("PATH")).env("HOME", home).current_dir(home);
    command.timeout(std::time::Duration::from_secs(120));
    command
}

/// A home with a directory store in it.
pub struct Home {
    directory: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Home { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The directory store.
    pub fn store(&self) -> PathBuf {
        self.join("store")
    }

    /// `ccx-sec --store dir:HOME/store ARGUMENTS`
    pub fn ccx(&self, arguments: &[&str]) -> Command {
        let mut command = ccx(self.path());
        command.arg("--store").arg(format!("dir:{}", self.store().display())).args(arguments);
        command
    }

    /// Makes a CA with defaults; panics when that fails.
    pub fn init(&self) -> &Self {
        self.ccx(&["ca", "init", "--common-name", "Test CA"]).assert().success();
        self
    }
}

/// What a run of a program gave.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The code of the error document on stderr (`-o json`); panics when there is none.
    pub fn error_code(&self) -> String {
        let start = self.stderr.find('{').unwrap_or_else(|| panic!("no document: {}", self.stderr));
        let document: serde_json::Value =
            serde_json::from_str(&self.stderr[start..]).expect("an error document");
        document["error"]["code"].as_str().expect("a code").to_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error}: stdout {:?}, stderr {:?}", self.stdout, self.stderr)
        })
    }
}

/// Runs the program and takes its three answers together.
pub fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the program runs");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
    }
}

/// Runs a tool that must succeed, and gives its stdout; panics with all it said otherwise.
pub fn tool<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> String {
    let output = Process::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; run the tests with tests/run"));
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {stdout}{stderr}");
    stdout
}

/// A variable that `tests/run` sets.
pub fn env(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; run the tests with tests/run"))
}
