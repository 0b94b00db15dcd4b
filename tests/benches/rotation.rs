//! What a rotation of the CA costs on real parts, beside the same without one:
//!
//! ```text
//! CCX_TEST_DB=$(tests/bed/db-fetch) CCX_TEST_KUBE=DIR cargo bench --bench rotation
//! cargo bench --bench rotation -- node       what a node does in a rotation
//! cargo bench --bench rotation -- status     `ca rotate status` beside a thousand nodes
//! cargo bench --bench rotation -- switch     the writes of a switch
//! ```
//!
//! `DIR` is a running `tests/bed/kube-up`. What needs a folder that is not named is left out. Both
//! sides take turns, so that a busy machine slows both: read ratios, and the time of the processor.
//!
//! Targets: a node at most 1.20 times its peer; the status under 50 ms; a switch under 1 s.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ccx-sec");
/// The name under which a gate looks for the node.
const HOST: &str = "db-0.5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10.example.com";
const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";
const HOSTS: &str = "CCX_BENCH_HOSTS";
const NODES: usize = 1000;
const ROUNDS: usize = 30;

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// Runs a command that must succeed: what it prints.
fn done(command: &mut Command) -> String {
    let output = run(command);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}: {stdout}{stderr}");
    stdout
}

/// The processor time of all commands that have ended, with those that they ran.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[13].parse::<u64>().unwrap() + fields[14].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The times that one thing took, in turns with another.
#[derive(Default)]
struct Times {
    taken: Vec<Duration>,
    processor: Duration,
}

impl Times {
    fn take<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (processor, begun) = (processor_time(), Instant::now());
        let outcome = work();
        self.taken.push(begun.elapsed());
        self.processor += processor_time() - processor;
        outcome
    }

    /// The least time, the median, and that of the processor, in seconds.
    fn figures(&self) -> [f64; 3] {
        let mut taken = self.taken.clone();
        taken.sort();
        let processor = self.processor / u32::try_from(taken.len()).unwrap();
        [taken[0], taken[taken.len() / 2], processor].map(|time| time.as_secs_f64())
    }

    fn print(&self, title: &str, peer: Option<&Times>) {
        let own = self.figures();
        print!("{title:<44}");
        own.iter().for_each(|seconds| print!(" {:8.1}", seconds * 1000.0));
        if let Some(peer) = peer {
            print!("   x");
            own.iter().zip(peer.figures()).for_each(|(own, peer)| print!(" {:.2}", own / peer));
        }
        println!();
    }
}

/// A store in which a CA is.
struct Store {
    home: TempDir,
    options: Vec<String>,
}

impl Store {
    fn with(options: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let home = tempfile::Builder::new().prefix("ccx-bench-").tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let store = Store { options: options(home.path()), home };
        store.done(&["ca", "init", "--common-name", "Bench CA"]);
        store
    }

    fn directory() -> Self {
        Store::with(|home| vec![format!("--store=dir:{}", home.join("store").display())])
    }

    /// In a namespace of its own, which is left behind.
    fn cluster(bed: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("bench-{}-{number}", std::process::id());
        let kubeconfig = bed.join("admin.kubeconfig").display().to_string();
        let create = ["create", "namespace", &namespace];
        done(Command::new("kubectl").args(["--kubeconfig", &kubeconfig]).args(create));
        Store::with(|_| {
            vec![format!("--kubeconfig={kubeconfig}"), format!("--namespace={namespace}")]
        })
    }

    fn ccx(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).args(&self.options).args(["--quiet", "--no-input"]);
        command
    }

    fn done(&self, arguments: &[&str]) -> String {
        done(&mut self.ccx(arguments))
    }

    fn at(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    fn inventory(&self, nodes: &str) -> String {
        fs::write(
            self.at("nodes.yaml"),
            format!("defaults: {{domain: example.com}}\nnodes:\n{nodes}"),
        )
        .unwrap();
        self.at("nodes.yaml")
    }

    /// All nodes are canaries, and may follow at once.
    fn start_rotation(&self) {
        let times = ["--client-max-age=0", "--reissue-window=0", "--canaries=1000"];
        self.done(&[&["ca", "rotate", "start"][..], &times].concat());
    }

    /// The first digits of the fingerprint of the CA that is next.
    fn next(&self) -> String {
        let status = self.done(&["ca", "rotate", "status", "-o", "json"]);
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        status["rotation"]["target"].as_str().unwrap()[..8].to_owned()
    }
}

/// A Valkey server with the files of a node.
struct Node<'a> {
    store: &'a Store,
    folder: PathBuf,
    port: u32,
    files: String,
    inventory: String,
    out: String,
    reload: String,
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        run(Command::new("tests/bed/db-down").arg(&self.folder));
    }
}

impl<'a> Node<'a> {
    fn start(store: &'a Store, bed: &Path) -> Self {
        let plain = 24_000 + std::process::id() % 2_000 * 2;
        let port = plain + 1;
        let (out, files) = (store.at("nodes"), store.at(&format!("nodes/{DATASTORE}/db-0")));
        let inventory = store.inventory(&format!(
            "- {{datastore: {DATASTORE}, node: db-0, engine: valkey, port: {port}, dns: [localhost]}}\n"
        ));
        let mut issue = vec!["cert", "issue", "--inventory", &inventory, "--out", &out];
        if rustix::process::geteuid().is_root() {
            issue.extend(["--owner", "65534:65534"]);
        }
        store.done(&issue);
        let folder = store.home.path().join("db");
        fs::create_dir(&folder).unwrap();
        let settings = format!(
            "port 0\ntls-port {port}\ntls-auth-clients optional\ntls-ca-cert-file {files}/ca.pem\n\
             tls-cert-file {files}/server-cert.pem\ntls-key-file {files}/server-key.pem\n"
        );
        fs::write(folder.join("server.conf"), settings).unwrap();
        let mut up = Command::new("tests/bed/db-up");
        done(up.arg("valkey9").arg(&folder).arg(plain.to_string()).env("CCX_TEST_DB", bed));
        let reload = format!(
            "{}/bin/sid/valkey-cli -e -s {}/s.sock CONFIG SET tls-cert-file \
             {files}/server-cert.pem tls-key-file {files}/server-key.pem tls-ca-cert-file \
             {files}/ca.pem >/dev/null",
            bed.display(),
            folder.display()
        );
        Node { store, folder, port, files, inventory, out, reload }
    }

    fn renew(&self, more: &[&str]) -> String {
        let renew = ["cert", "renew", "--dir", &self.files, "--exec", &self.reload, "-o", "json"];
        self.store.done(&[&renew[..], more].concat())
    }

    fn advance(&self, to: &str, more: &[&str]) {
        let advance = ["ca", "rotate", "advance", "--to", to, "--inventory", &self.inventory];
        self.store.done(&[&advance[..], &["--dir", &self.out], more].concat());
    }

    fn verify(&self) {
        let url = format!("valkeys://localhost:{}", self.port);
        self.store.done(&["verify", &url, "--ca-file", &format!("{}/ca.pem", self.files)]);
    }

    /// Starts a rotation, and switches it.
    fn switch(&self) {
        self.store.start_rotation();
        self.renew(&[]);
        self.advance("switched", &["--confirm", &self.store.next()]);
    }
}

/// Exchanges the two CAs of a rotation: a switch without its gate.
fn exchange(store: &Store, round: usize) {
    let back = ["ca", "rotate", "rollback", "--undo"];
    store.done(if round.is_multiple_of(2) { &back[..3] } else { &back });
}

fn node(bed: &Path) {
    let store = Store::directory();
    let node = Node::start(&store, bed);
    node.switch();
    node.renew(&[]);
    let [mut part, mut peer, mut renewed, mut as_usual, mut proved, mut verified] =
        [(); 6].map(|()| Times::default());
    for round in 0..ROUNDS {
        exchange(&store, round);
        part.take(|| {
            let done = renewed.take(|| node.renew(&[]));
            assert!(done.contains("\"renewed\""), "{done}");
            proved.take(|| node.advance("reissued", &["--dry-run"]));
        });
        peer.take(|| {
            as_usual.take(|| node.renew(&["--force"]));
            verified.take(|| node.verify());
        });
    }
    part.print("a node in a rotation: renewal and proof", Some(&peer));
    peer.print("  beside cert renew --exec, then verify", None);
    renewed.print("cert renew --exec, of the other CA", Some(&as_usual));
    as_usual.print("  beside cert renew --exec --force", None);
    proved.print("the gate of one node", Some(&verified));
    verified.print("  beside verify", None);
}

fn status(store: &Store, title: &str) {
    let nodes: String = (0..NODES)
        .map(|n| format!("- {{datastore: 5b0d8c1e-7a55-4f0e-9a52-{:012x}, node: db-{n}, engine: postgresql}}\n", n / 3))
        .collect();
    let inventory = store.inventory(&nodes);
    store.done(&["cert", "issue", "--inventory", &inventory, "--secret"]);
    store.start_rotation();
    let [mut status, mut show] = [(); 2].map(|()| Times::default());
    for _ in 0..ROUNDS {
        status.take(|| store.done(&["ca", "rotate", "status"]));
        show.take(|| store.done(&["ca", "show"]));
    }
    status.print(&format!("ca rotate status, {title}"), Some(&show));
    show.print("  beside ca show", None);
}

fn switch(store: &Store, bed: &Path, title: &str) {
    let node = Node::start(store, bed);
    node.switch();
    let [mut switch, mut status] = [(); 2].map(|()| Times::default());
    for round in 0..ROUNDS {
        switch.take(|| exchange(store, round));
        status.take(|| store.done(&["ca", "rotate", "status"]));
    }
    switch.print(&format!("the writes of a switch, {title}"), Some(&status));
    status.print("  beside ca rotate status, which reads", None);
}

/// Runs this program again, in a mount namespace whose /etc/hosts has the name of the node.
fn run_with_hosts() {
    let hosts = tempfile::NamedTempFile::new().unwrap();
    fs::write(hosts.path(), format!("127.0.0.1 localhost\n127.0.0.1 {HOST}\n")).unwrap();
    fs::set_permissions(hosts.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let root = rustix::process::geteuid().is_root();
    let script = format!("mount --bind \"${HOSTS}\" /etc/hosts; exec \"$@\"");
    let mut again = Command::new("unshare");
    again.args([if root { "-m" } else { "-rm" }, "sh", "-ec", &script, "sh"]);
    again.arg(std::env::current_exe().unwrap()).args(std::env::args().skip(1));
    assert!(again.env(HOSTS, hosts.path()).status().unwrap().success());
}

fn main() {
    if std::env::var_os(HOSTS).is_none() {
        return run_with_hosts();
    }
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_wanted = |word: &str| words.is_empty() || words.iter().any(|one| one == word);
    let folder = |name: &str| {
        let folder = std::env::var_os(name).map(|path| fs::canonicalize(path).unwrap());
        if folder.is_none() {
            println!("{name} is not set: some of it is left out");
        }
        folder
    };
    let (bed, cluster) = (folder("CCX_TEST_DB"), folder("CCX_TEST_KUBE"));
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    println!("load {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    println!("{:<44} {:>8} {:>8} {:>8}   x least median processor", "ms", "least", "median", "cpu");
    if let Some(bed) = bed.as_ref().filter(|_| is_wanted("node")) {
        node(bed);
    }
    if is_wanted("status") {
        status(&Store::directory(), "directory");
        cluster.iter().for_each(|cluster| status(&Store::cluster(cluster), "API server"));
    }
    if let Some(bed) = bed.filter(|_| is_wanted("switch")) {
        switch(&Store::directory(), &bed, "directory");
        cluster.iter().for_each(|cluster| switch(&Store::cluster(cluster), &bed, "API server"));
    }
}
