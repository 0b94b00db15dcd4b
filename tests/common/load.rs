//! Clients that open new connections with TLS to a fleet all the time: the databases' own, and
//! drivers of this machine's Python, of Python 3.13, Node, Java and Go. Each has a certificate and a bundle, which it takes from
//! the store again and again. Each connection is counted, with the phase that it began in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::db::{Family, Server, outcome};
use super::live::Fleet;
use super::official::{Met, Mode, PASSWORD, Visit};
use super::{env, tool};

/// The clients of a load, and how many connections each opens a second at most: 50 in all. A busy
/// machine opens fewer.
const CLIENTS: [(&str, u16); 6] =
    [("official", 8), ("python", 9), ("python3.13", 9), ("node", 9), ("java", 6), ("go", 9)];

/// A connection that a client opened, or tried to.
#[derive(Debug, Clone)]
pub struct Connection {
    pub client: &'static str,
    /// Which node.
    pub node: usize,
    /// In milliseconds since 1970.
    begin: u64,
    pub phase: String,
    pub outcome: Result<(), String>,
}

#[derive(Default)]
struct Record {
    phases: Vec<(u64, String)>,
    connections: Vec<Connection>,
    /// Of clients that could not take what the store has.
    refreshes: Vec<String>,
}

/// The clients that come while a test works.
pub struct Load<'a> {
    fleet: &'a Fleet,
    folder: PathBuf,
    ended: AtomicBool,
    programs: Mutex<Vec<ChildStdin>>,
    record: Mutex<Record>,
}

/// Ends the clients, also where the test panics.
struct End<'a>(&'a Load<'a>);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::SeqCst);
        self.0.programs.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(now.as_millis()).expect("not so far")
}

/// Waits until it holds; panics after ten minutes, far more than a busy machine takes, with what it
/// was waited for.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(600);
    while !holds() {
        assert!(Instant::now() < end, "it does not come: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A file of `tests/bed/driver-fetch`.
fn driver(name: &str) -> PathBuf {
    Path::new(&env("CCX_TEST_DRIVERS")).join(name)
}

/// The program of Java, as it was compiled.
fn java(folder: &Path) -> Command {
    let jars = ["mariadb-java-client", "postgresql"];
    let jars = jars.map(|name| driver(&format!("sid/usr/share/java/{name}.jar")));
    let path = std::env::join_paths([folder.to_owned()].iter().chain(&jars));
    let mut command = Command::new("java");
    command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp"]);
    command.arg(path.expect("a path")).arg("Client");
    command
}

/// A driver's program, ready to be started.
fn program(folder: &Path, client: &str) -> Command {
    let source =
        |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/load").join(name);
    let mut command;
    match client {
        "python" => {
            command = Command::new(driver("venv/bin/python"));
            command.arg(source("client.py")).env("MYSQL_DRIVER", "mysql.connector");
        }
        "python3.13" => {
            command = Command::new(driver("python/bin/trixie/python3.13"));
            command.arg(source("client.py")).env("MYSQL_DRIVER", "pymysql");
            command.env("PYTHONPATH", driver("python/site"));
        }
        "node" => {
            command = Command::new("node");
            command.arg(source("client.js")).env("NODE_PATH", driver("node_modules"));
        }
        "java" => {
            tool("javac", &["-d".as_ref(), folder.as_os_str(), source("Client.java").as_os_str()]);
            command = java(folder);
        }
        _ => {
            fs::create_dir_all(folder.join("go/src/snippet")).expect("a folder");
            fs::copy(source("client.go"), folder.join("go/src/snippet/main.go")).expect("copied");
            tool(driver("bin/go-build").as_os_str().to_str().expect("UTF-8"), &[folder.join("go")]);
            command = Command::new(folder.join("go/program"));
        }
    }
    command
}

impl<'a> Load<'a> {
    /// Has clients come to every node of a fleet while `work` is done, and until each has come
    /// to each once after it.
    pub fn during<T>(fleet: &'a Fleet, work: impl FnOnce(&Load<'_>) -> T) -> (T, Tally) {
        let folder = fleet.store.home().join("load");
        fs::create_dir(&folder).expect("a folder");
        let load = Load {
            fleet,
            folder,
            ended: AtomicBool::new(false),
            programs: Mutex::default(),
            record: Mutex::default(),
        };
        load.enter("begin");
        let targets: String = fleet
            .nodes
            .iter()
            .map(|node| format!("{} {}\n", language(&node.server), node.server.tls_port()))
            .collect();
        fs::write(load.folder.join("targets"), targets).expect("written");
        for (client, _) in CLIENTS {
            let out = load.directory(client).display().to_string();
            let issue = ["cert", "issue", "--client", "--common-name", "app", "--out", &out];
            fleet.store.done(&issue);
            load.load(client);
        }
        let outcome = thread::scope(|scope| {
            let load = &load;
            let _end = End(load);
            for (client, rate) in CLIENTS {
                if client == "official" {
                    scope.spawn(move || load.come_officially(client, rate));
                } else {
                    let child = load.start(client, rate);
                    scope.spawn(move || load.listen(client, child));
                }
            }
            scope.spawn(|| load.refresh());
            load.settle();
            let outcome = work(load);
            load.settle();
            outcome
        });
        let record = load.record.into_inner().unwrap_or_else(PoisonError::into_inner);
        let names = fleet.nodes.iter().map(|node| node.name.clone()).collect();
        (outcome, Tally { names, connections: record.connections, refreshes: record.refreshes })
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The files of a client as the program writes them.
    fn directory(&self, client: &str) -> PathBuf {
        self.folder.join(client)
    }

    /// The link to the files that a client uses.
    fn current(&self, client: &str) -> PathBuf {
        self.folder.join(format!("{client}.current"))
    }

    /// Has a client use what is in its directory: a copy, as a program has that reads its files
    /// once. What was there before is not taken away from a connection that begins.
    fn load(&self, client: &str) {
        let written = self.directory(client).join("..data").canonicalize().expect("files");
        let name = written.file_name().expect("a name").to_string_lossy().into_owned();
        let copy = self.folder.join(format!("{client}{name}"));
        if copy.exists() {
            return;
        }
        fs::create_dir(&copy).expect("a folder");
        for name in ["ca.pem", "client-cert.pem", "client-key.pem"] {
            fs::copy(written.join(name), copy.join(name)).expect("copied");
        }
        let link = self.folder.join("link");
        symlink(&copy, &link).expect("a link");
        fs::rename(link, self.current(client)).expect("replaced");
    }

    /// From now on, connections count for this phase.
    pub fn enter(&self, phase: &str) {
        self.record().phases.push((now(), phase.to_owned()));
    }

    fn start(&self, client: &str, rate: u16) -> Child {
        let mut command = program(&self.folder, client);
        command.arg(self.folder.join("targets")).arg(self.current(client));
        command.arg(rate.to_string()).env("DB_PASSWORD", PASSWORD).env("HOME", "/dev/null/none");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{client}: {error}"));
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.push(child.stdin.take().expect("piped"));
        child
    }

    /// Notes what a program prints, until it ends.
    fn listen(&self, client: &'static str, mut child: Child) {
        for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
            let (begin, node, outcome) = connection(&line.expect("UTF-8"));
            self.note(client, node, begin, outcome);
        }
        let status = child.wait().expect("it ended");
        if !status.success() || !self.ended.load(Ordering::SeqCst) {
            self.note(client, 0, now(), Err(format!("the client ended: {status}")));
        }
    }

    fn come_officially(&self, client: &'static str, rate: u16) {
        let pause = Duration::from_secs(1) / u32::from(rate);
        for node in (0..self.fleet.nodes.len()).cycle() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            let (begin, next) = (now(), Instant::now() + pause);
            let outcome = come(&self.fleet.nodes[node].server, &self.current(client));
            self.note(client, node, begin, outcome);
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    fn note(&self, client: &'static str, node: usize, begin: u64, outcome: Result<(), String>) {
        let mut record = self.record();
        let phase = record.phases.iter().rfind(|(at, _)| *at <= begin).or(record.phases.first());
        let phase = phase.map(|(_, phase)| phase.clone()).unwrap_or_default();
        record.connections.push(Connection { client, node, begin, phase, outcome });
    }

    /// Each client takes a new bundle, and a new certificate where it is due.
    fn refresh(&self) {
        for (client, _) in CLIENTS.into_iter().cycle() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            let directory = self.directory(client).display().to_string();
            let renew = ["cert", "renew", "--quiet", "--dir", &directory];
            let output = self.fleet.store.ccx(&renew).output().expect("it runs");
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                self.record().refreshes.push(format!("{client}: {said}"));
            }
            self.load(client);
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Has a Java program come once to each node for which it has a driver, with the certificate of
    /// the load's, and trust what is in a keystore: the nodes, and what came of it.
    pub fn come_with_keystore(&self, keystore: &Path) -> BTreeMap<usize, Result<(), String>> {
        let mut command = java(&self.folder);
        command.arg(self.folder.join("targets")).arg(self.current("java")).arg("100");
        command.env("DB_PASSWORD", PASSWORD).env("HOME", "/dev/null/none");
        let run = outcome(command.env("TRUST_STORE", keystore));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let come = run.stdout.lines().map(connection);
        come.map(|(_, node, outcome)| (node, outcome)).collect()
    }

    /// The certificate and the key that a client uses now.
    pub fn identity(&self, client: &str) -> PathBuf {
        self.current(client).canonicalize().expect("files")
    }

    /// Waits until each client has come once more to each node.
    pub fn settle(&self) {
        let since = now();
        let mut missing = BTreeSet::new();
        for (client, _) in CLIENTS {
            for (node, at) in self.fleet.nodes.iter().enumerate() {
                if client != "java" || at.server.engine().family() != Family::Redis {
                    missing.insert((client, node));
                }
            }
        }
        let mut seen = 0;
        until("each client at each node", || {
            let record = self.record();
            for one in &record.connections[seen..] {
                if one.begin >= since {
                    missing.remove(&(one.client, one.node));
                }
            }
            seen = record.connections.len();
            missing.is_empty()
        });
    }

    /// Waits until this holds of the files of each client.
    pub fn until_each(&self, what: &str, holds: impl Fn(&Path) -> bool) {
        until(what, || CLIENTS.iter().all(|(client, _)| holds(&self.current(client))));
    }

    /// What has failed so far.
    pub fn failed(&self) -> Vec<String> {
        let record = self.record();
        let failed = |one: &Connection| {
            let node = &self.fleet.nodes[one.node].name;
            let why = one.outcome.as_ref().err()?;
            Some(format!("{}: {} at {node}: {why}", one.phase, one.client))
        };
        record.connections.iter().filter_map(failed).chain(record.refreshes.clone()).collect()
    }
}

/// A line that a program prints: when it began, at which node, and what came of it.
fn connection(line: &str) -> (u64, usize, Result<(), String>) {
    let mut words = line.splitn(3, ' ');
    let mut word = || words.next().unwrap_or_else(|| panic!("{line}"));
    let begin = word().parse().unwrap_or_else(|_| panic!("{line}"));
    let node = word().parse().unwrap_or_else(|_| panic!("{line}"));
    match word() {
        "ok" => (begin, node, Ok(())),
        why => (begin, node, Err(why.to_owned())),
    }
}

/// What the programs call the protocol of a server.
fn language(server: &Server) -> &'static str {
    match server.engine().family() {
        Family::MySql | Family::MariaDb => "mysql",
        Family::PostgreSql => "postgresql",
        Family::Redis => "redis",
    }
}

/// Connects with a server's own client, with the files of a directory.
pub fn come(server: &Server, directory: &Path) -> Result<(), String> {
    let here = directory.canonicalize().map_err(|error| error.to_string())?;
    come_with(server, &here.join("ca.pem"), &here)
}

/// The same, with another bundle.
pub fn come_with(server: &Server, ca: &Path, client: &Path) -> Result<(), String> {
    let (certificate, key) = (client.join("client-cert.pem"), client.join("client-key.pem"));
    let client = Some((certificate.as_path(), key.as_path()));
    let visit = Visit { server, host: "localhost", user: "app", ca, client };
    let met = visit.come(Mode::VerifyIdentity).or_else(|| visit.come(Mode::VerifyCa));
    match met.expect("a mode that verifies") {
        Met::Tls => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// All that clients have done.
pub struct Tally {
    names: Vec<String>,
    pub connections: Vec<Connection>,
    pub refreshes: Vec<String>,
}

impl Tally {
    /// The phases in which connections to a node failed.
    pub fn failed_in(&self, node: usize) -> BTreeSet<&str> {
        let failed = self.connections.iter().filter(|one| one.outcome.is_err());
        failed.filter(|one| one.node == node).map(|one| one.phase.as_str()).collect()
    }

    /// The clients of which a connection to a node failed in a phase.
    pub fn clients_that_failed(&self, node: usize, phase: &str) -> BTreeSet<&str> {
        let failed = self.connections.iter().filter(|one| one.outcome.is_err());
        failed.filter(|one| one.node == node && one.phase == phase).map(|one| one.client).collect()
    }

    /// Panics where a connection failed, or a client could not take what is in the store.
    pub fn assert_none_failed(&self) {
        let failed = |one: &&Connection| one.outcome.is_err();
        let count = self.connections.iter().filter(failed).count();
        assert!(count == 0 && self.refreshes.is_empty(), "{count} failed\n{self}");
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut phases: Vec<&str> = Vec::new();
        let mut counts: BTreeMap<(&str, &str), [usize; 2]> = BTreeMap::new();
        let mut faults = String::new();
        for one in &self.connections {
            if !phases.contains(&one.phase.as_str()) {
                phases.push(&one.phase);
            }
            let count = counts.entry((&one.phase, one.client)).or_default();
            count[usize::from(one.outcome.is_err())] += 1;
            if let Err(why) = &one.outcome
                && faults.lines().count() < 40
            {
                let (client, node, phase) = (one.client, &self.names[one.node], &one.phase);
                writeln!(faults, "  {phase}: {client} at {node}: {why}")?;
            }
        }
        for phase in phases {
            write!(f, "{phase:<20}")?;
            for (client, _) in CLIENTS {
                let [fine, failed] = counts.get(&(phase, client)).copied().unwrap_or_default();
                write!(f, "  {client} {fine}+{failed}")?;
            }
            writeln!(f)?;
        }
        if let (Some(first), Some(last)) = (self.connections.first(), self.connections.last()) {
            let seconds = (last.begin - first.begin).max(1) as f64 / 1000.0;
            let all = self.connections.len();
            writeln!(f, "{all} in {seconds:.0} s: {:.0} a second", all as f64 / seconds)?;
        }
        write!(f, "{faults}")?;
        self.refreshes.iter().try_for_each(|one| writeln!(f, "  refresh: {one}"))
    }
}

/// Whether the bundle of a directory holds exactly these certificates, in any order.
pub fn bundle_is(directory: &Path, fingerprints: &[&str]) -> bool {
    let Ok(text) = fs::read(directory.join("ca.pem")) else { return false };
    let held = super::live::fingerprints(&text);
    held.len() == fingerprints.len() && fingerprints.iter().all(|one| held.contains(*one))
}
