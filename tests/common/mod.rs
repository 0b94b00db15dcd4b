//! What the tests share: the program in a clean environment, directories, the real API
//! server, and the tools that look at what we made.

pub mod chains;
pub mod db;
pub mod drivers;
pub mod fault;
pub mod faults;
pub mod fleets;
pub mod foreign;
pub mod forward;
pub mod guest;
pub mod hints;
pub mod install;
pub mod interpreter;
pub mod kill;
pub mod kube;
pub mod live;
pub mod load;
pub mod nodes;
pub mod odd_chains;
pub mod official;
pub mod operator;
pub mod pki;
pub mod points;
pub mod proxies;
pub mod random;
pub mod relay;
pub mod rotations;
pub mod scripted;
pub mod service;
pub mod staged;
pub mod tds;
pub mod terminal;
pub mod tiers;
pub mod tls;
pub mod verdicts;
pub mod verifiers;
pub mod volume;
pub mod volumes;
pub mod web;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use assert_cmd::Command;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
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

    /// One with a CA in its store.
    pub fn with_ca() -> Self {
        let home = Home::new();
        home.init();
        home
    }

    /// Makes a CA with defaults; panics when that fails.
    pub fn init(&self) -> &Self {
        self.ccx(&["ca", "init", "--common-name", "Test CA"]).assert().success();
        self
    }

    /// Runs the program on the directory store.
    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.ccx(arguments))
    }

    /// Runs what must succeed, and say nothing on stderr but notes.
    pub fn done(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
        run
    }

    /// Runs what must fail with this status and code, print nothing and change nothing.
    pub fn fails(&self, arguments: &[&str], exit: i32, code: &str) -> Run {
        let before = self.snapshot();
        let run = self.run(arguments);
        run.assert_error(exit, code);
        assert_eq!(self.snapshot(), before, "{arguments:?} changed something");
        run
    }

    /// The path of a file in the home, for an argument.
    pub fn at(&self, name: &str) -> String {
        self.join(name).display().to_string()
    }

    /// Writes a file into the home, for its owner alone; gives its path for an argument.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.join(name), bytes).expect("written");
        chmod(&self.join(name), 0o600);
        self.at(name)
    }

    /// Everything in the home by its path: mode and contents (of what is huge, the size).
    pub fn snapshot(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut all = BTreeMap::new();
        let mut directories = vec![self.path().to_owned()];
        while let Some(directory) = directories.pop() {
            // What is closed to us too has its mode in here, and no more.
            for entry in fs::read_dir(directory).into_iter().flatten() {
                let entry = entry.expect("an entry");
                let metadata = entry.metadata().expect("its metadata");
                let contents = match metadata.len() {
                    _ if !metadata.is_file() => Vec::new(),
                    ..0x10_0000 => fs::read(entry.path()).unwrap_or_default(),
                    length => length.to_le_bytes().to_vec(),
                };
                if metadata.is_dir() {
                    directories.push(entry.path());
                }
                all.insert(entry.path(), (metadata.permissions().mode(), contents));
            }
        }
        all
    }

    /// The file of a Secret in the store.
    pub fn secret_file(&self, name: &str) -> PathBuf {
        self.store().join(format!("{name}.yaml"))
    }

    /// Changes a Secret in the store behind the program's back.
    pub fn edit(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let file = self.secret_file(name);
        let text = fs::read_to_string(&file).expect("a manifest");
        let mut secret: Value = serde_saphyr::from_str(&text).expect("YAML");
        change(&mut secret);
        fs::write(&file, secret.to_string()).expect("written");
    }

    /// A value of a Secret in the store, decoded.
    pub fn value(&self, name: &str, key: &str) -> String {
        let text = fs::read_to_string(self.secret_file(name)).expect("a manifest");
        let secret: Value = serde_saphyr::from_str(&text).expect("YAML");
        let value = secret["data"][key].as_str().unwrap_or_else(|| panic!("no {key} in {name}"));
        String::from_utf8(STANDARD.decode(value).expect("base64")).expect("UTF-8")
    }
}

/// As the values of a Secret are written.
pub fn base64(value: impl AsRef<[u8]>) -> Value {
    STANDARD.encode(value).into()
}

/// Sets the mode of a file.
pub fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

/// The mode of a file, without its kind.
pub fn mode(path: &Path) -> u32 {
    path.metadata().expect("its metadata").permissions().mode() & 0o7777
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
        self.error()["code"].as_str().expect("a code").to_owned()
    }

    /// The document of the error on stderr.
    pub fn error(&self) -> Value {
        let start = self.stderr.find('{').unwrap_or_else(|| panic!("no document: {}", self.stderr));
        let document: Value =
            serde_json::from_str(&self.stderr[start..]).expect("an error document");
        document["error"].clone()
    }

    /// Panics unless the program failed with this status and code, and printed no data. As
    /// text, the error also says what to do; of the command line itself clap says it.
    pub fn assert_error(&self, exit: i32, code: &str) {
        let Run { stdout, stderr, .. } = self;
        let as_text = match code {
            "usage" => stderr.ends_with("\n\nFor more information, try '--help'.\n"),
            _ => stderr.contains(&format!(" [{code}]\n")) && stderr.contains("\n  hint: "),
        };
        let as_document = || stderr.starts_with('{') && self.error_code() == code;
        assert!(as_text || as_document(), "expected {exit} {code}: {stdout}{stderr}");
        assert_eq!((self.code, stdout.as_str()), (exit, ""), "{code}: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error}: stdout {:?}, stderr {:?}", self.stdout, self.stderr)
        })
    }
}

/// Runs the program and takes its three answers together; its hints must be of use.
pub fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the program runs");
    let run = Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
    };
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    hints::check(&words.collect::<Vec<_>>(), &run);
    run
}

/// The command without root's right to read, write and give away everything.
pub fn unprivileged(command: &Command) -> Command {
    let root = rustix::process::geteuid().is_root();
    let program = if root { OsStr::new("setpriv") } else { command.get_program() };
    let mut other = Process::new(program);
    if root {
        other.args(["--bounding-set=-dac_override,-dac_read_search,-chown", "--"]);
        other.arg(command.get_program());
    }
    let home = command.get_current_dir().expect("a home");
    other.args(command.get_args()).env_clear().env("PATH", env("PATH")).current_dir(home);
    Command::from_std(other)
}

/// Copies a program that is to be run. Another process writes the copy: a file that this one has
/// open for writing cannot be run (`ETXTBSY`), and programs that other tests start inherit it.
pub fn copy_program(from: impl AsRef<OsStr>, to: &Path) {
    tool("cp", &[from.as_ref(), to.as_os_str()]);
}

/// Runs a tool that must succeed, and gives its stdout; panics with all it said otherwise.
pub fn tool<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> String {
    tiers::assert_everywhere(program);
    let output = Process::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; run the tests with tests/run"));
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {stdout}{stderr}");
    stdout
}

/// A variable of the environment, such as `tests/run` sets for tests that are marked.
pub fn env(name: &str) -> String {
    if name.starts_with("CCX_TEST_") {
        tiers::assert_ignored(name);
    }
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; run the tests with tests/run"))
}

/// `lint_pkix_cert` of pkilint has nothing on a certificate, at WARNING and above.
pub fn lint(certificate: &str) {
    let lint = ["lint", "-s", "WARNING", "-f", "JSON", certificate];
    let found: Value =
        serde_json::from_str(&tool(&env("CCX_TEST_PKILINT"), &lint)).expect("JSON of pkilint");
    assert_eq!(found["results"], serde_json::json!([]), "{certificate}");
}

/// openssl takes a self-signed CA certificate, by its strictest rules.
pub fn verify(certificate: &str) {
    let verify = ["verify", "-x509_strict", "-check_ss_sig", "-CAfile", certificate, certificate];
    assert_eq!(tool("openssl", &verify), format!("{certificate}: OK\n"));
}

/// The fingerprint of a certificate as openssl computes it and as we write it.
pub fn fingerprint(certificate: &str) -> String {
    let said = tool("openssl", &["x509", "-noout", "-fingerprint", "-sha256", "-in", certificate]);
    let (_, hex) = said.trim_end().split_once('=').expect("a fingerprint");
    hex.replace(':', "").to_lowercase()
}
