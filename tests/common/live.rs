//! Fleets of real servers that demand client certificates: their nodes are in one store, some
//! are replicas of others over TLS.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ccx_sec::connection::target::TlsServer;
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::probe::presented;
use ccx_sec::store::location::Location;
use ccx_sec::store::{self, Backend, StoreOptions};
use serde_json::Value;
use tempfile::TempDir;

use super::db::{Bed, Config, Engine, Family, OWNER, Server, own};
use super::kube::Namespace;
use super::load::until;
use super::nodes::{DATASTORE, DOMAIN};
use super::official::{PASSWORD, account};
use super::{Home, Run, run};

/// One of each family, and two of them again for replicas.
pub const ONE_OF_EACH: [Engine; 6] = [
    Engine::Mysql97,
    Engine::MariaDb118,
    Engine::Pg17,
    Engine::Valkey9,
    Engine::Valkey8,
    Engine::MariaDb118,
];

/// Every engine twice, those of [`ONE_OF_EACH`] first.
pub const EVERY_ENGINE: [Engine; 20] = [
    Engine::Mysql97,
    Engine::MariaDb118,
    Engine::Pg17,
    Engine::Valkey9,
    Engine::Valkey8,
    Engine::MariaDb118,
    Engine::Mysql97,
    Engine::MariaDb1011,
    Engine::Pg15,
    Engine::Redis7,
    Engine::Pg18,
    Engine::Redis8,
    Engine::Pg18,
    Engine::Redis8,
    Engine::Pg17,
    Engine::MariaDb1011,
    Engine::Pg15,
    Engine::Redis7,
    Engine::Valkey8,
    Engine::Valkey9,
];

/// Primaries and their replicas in [`EVERY_ENGINE`].
pub const LINKS: [(usize, usize); 6] = [(3, 4), (1, 5), (0, 6), (10, 12), (9, 13), (2, 14)];

/// Where a fleet has its CA, and the certificates of its nodes.
pub enum Store {
    Directory(Home),
    Cluster(Namespace),
}

impl Store {
    pub fn home(&self) -> &Home {
        match self {
            Store::Directory(home) => home,
            Store::Cluster(namespace) => &namespace.home,
        }
    }

    /// The program, on this store.
    pub fn ccx(&self, arguments: &[&str]) -> Command {
        match self {
            Store::Directory(home) => home.ccx(arguments),
            Store::Cluster(namespace) => namespace.ccx(arguments),
        }
    }

    /// The store, without the program around it.
    pub fn open(&self) -> Box<dyn Backend> {
        match self {
            Store::Directory(home) => {
                let notice = Box::new(|note: &str| panic!("{note}"));
                let options = StoreOptions { timeout: Duration::from_secs(30), notice };
                store::open(&Location::Directory(home.store()), options).expect("a store")
            }
            Store::Cluster(namespace) => namespace.store(),
        }
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.ccx(arguments))
    }

    /// Runs what must succeed.
    pub fn done(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
        run
    }

    /// Every Secret: its name, and its values.
    pub fn secrets(&self) -> Vec<(String, Vec<Vec<u8>>)> {
        let all: Vec<Value> = match self {
            Store::Directory(home) => fs::read_dir(home.store())
                .expect("the store")
                .map(|entry| entry.expect("an entry").path())
                .filter(|path| path.extension().is_some_and(|kind| kind == "yaml"))
                .map(|path| fs::read_to_string(path).expect("a manifest"))
                .map(|text| serde_saphyr::from_str(&text).expect("YAML"))
                .collect(),
            Store::Cluster(namespace) => {
                let text = namespace.kubectl(&["get", "secrets", "-o", "json"]);
                let list: Value = serde_json::from_str(&text).expect("JSON of kubectl");
                list["items"].as_array().expect("items").clone()
            }
        };
        let values = |secret: &Value| {
            let data = secret["data"].as_object().into_iter().flatten();
            data.map(|(_, value)| STANDARD.decode(value.as_str().expect("text")).expect("base64"))
                .collect()
        };
        let name = |secret: &Value| secret["metadata"]["name"].as_str().expect("a name").to_owned();
        all.iter().map(|secret| (name(secret), values(secret))).collect()
    }
}

/// The certificates of a PEM file, or of a value that may be one.
pub fn certificates(pem: &[u8]) -> Vec<Certificate> {
    Certificate::from_pem("a file", pem).unwrap_or_default()
}

/// Their fingerprints.
pub fn fingerprints(pem: &[u8]) -> BTreeSet<String> {
    certificates(pem).iter().map(Certificate::sha256).collect()
}

/// A node: its server, and the name of the node.
pub struct Node {
    pub name: String,
    pub server: Server,
}

impl Node {
    /// The name of its Secret.
    pub fn secret(&self) -> String {
        format!("ccx-node-{DATASTORE}-{}", self.name)
    }

    /// A shell command that has it load its files again.
    fn reload(&self) -> String {
        let server = &self.server;
        let (client, socket) = (server.engine().client(), server.socket());
        let (client, socket, tls) = (client.display(), socket.display(), server.tls());
        match server.engine().family() {
            Family::MySql | Family::MariaDb => {
                let statement = match server.engine().family() {
                    Family::MySql => "ALTER INSTANCE RELOAD TLS",
                    _ => "FLUSH SSL",
                };
                let off = server.engine().without_tls();
                format!(
                    "{client} --no-defaults --user=root {off} --socket={socket} --execute='{statement}'"
                )
            }
            Family::PostgreSql => {
                let port = server.port();
                format!(
                    "{client} --no-psqlrc --quiet --username=postgres --dbname=postgres --port={port} --host={socket} --command='SELECT pg_reload_conf()'"
                )
            }
            Family::Redis => {
                let tls = tls.display();
                format!(
                    "{client} -e -s {socket} CONFIG SET tls-cert-file {tls}/server-cert.pem tls-key-file {tls}/server-key.pem tls-ca-cert-file {tls}/ca.pem"
                )
            }
        }
    }

    /// The certificate that it presents on a new connection.
    pub fn presented(&self) -> Certificate {
        let server = TlsServer::Database(self.server.url("127.0.0.1").parse().expect("a URL"));
        let limit = Duration::from_secs(60);
        let presented = presented::chain(&server, limit).expect("a handshake");
        let leaf = presented.chain.first().expect("a certificate");
        Certificate::from_der(leaf.to_vec()).expect("a certificate")
    }
}

/// A fleet that runs.
pub struct Fleet {
    pub store: Store,
    pub nodes: Vec<Node>,
    /// Primaries and their replicas.
    pub links: Vec<(usize, usize)>,
    /// The directories of the nodes, as `--out` lays them out.
    folder: TempDir,
}

/// The options that give files to the user that servers run as.
fn owner() -> &'static [&'static str] {
    if rustix::process::geteuid().is_root() { &["--owner", OWNER] } else { &[] }
}

impl Fleet {
    /// Starts a node for each engine; `links` are primaries and replicas among them.
    pub fn start(store: Store, engines: &[Engine], links: &[(usize, usize)]) -> Self {
        store.done(&["ca", "init", "--common-name", "Test CA"]);
        let folder = tempfile::Builder::new().prefix("ccx-fleet-").tempdir().expect("a directory");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        let beds: Vec<Bed> = engines.iter().map(|engine| Bed::new(*engine)).collect();
        let mut fleet = Fleet { store, nodes: Vec::new(), links: links.to_vec(), folder };
        let of = beds.iter().enumerate();
        fleet.write_inventory(of.map(|(number, bed)| (number, bed.engine(), bed.tls_port())));
        let (inventory, out) = (fleet.inventory(), fleet.out());
        let issue = ["cert", "issue", "--inventory", &inventory, "--out", &out, "--secret"];
        fleet.store.done(&[&issue[..], owner()].concat());
        for (number, bed) in beds.into_iter().enumerate() {
            fs::remove_dir(bed.tls()).expect("empty");
            symlink(fleet.directory(number), bed.tls()).expect("a link");
            let server = fleet.boot(number, bed);
            fleet.nodes.push(Node { name: name(number), server });
        }
        let nodes = fleet.nodes.iter().enumerate();
        let ports: Vec<_> =
            nodes.map(|(n, node)| (n, node.server.engine(), node.server.tls_port())).collect();
        fleet.write_inventory(ports.into_iter());
        fleet.replicate();
        fleet
    }

    fn write_inventory(&self, nodes: impl Iterator<Item = (usize, Engine, u16)>) {
        let mut text = format!(
            "defaults: {{domain: {DOMAIN}, replication: true, dns: [localhost], ip: [127.0.0.1]}}\nnodes:\n"
        );
        let mut hosts = "127.0.0.1 localhost\n".to_owned();
        for (number, engine, port) in nodes {
            let (node, engine) = (name(number), engine.kind());
            text += &format!(
                "- {{datastore: {DATASTORE}, node: {node}, engine: {engine}, port: {port}, replication: true, dns: [localhost], ip: [127.0.0.1]}}\n"
            );
            hosts += &format!("127.0.0.1 {node}.{DATASTORE}.{DOMAIN}\n");
        }
        let text = text.replacen(", replication: true, dns: [localhost], ip: [127.0.0.1]", "", 1);
        fs::write(self.folder.path().join("nodes.yaml"), text).expect("written");
        fs::write(self.folder.path().join("hosts"), hosts).expect("written");
    }

    /// The file that lists the nodes.
    pub fn inventory(&self) -> String {
        self.folder.path().join("nodes.yaml").display().to_string()
    }

    /// The folder of the directories of the nodes.
    pub fn out(&self) -> String {
        self.folder.path().join("nodes").display().to_string()
    }

    /// The directory of a node.
    pub fn directory(&self, number: usize) -> PathBuf {
        Path::new(&self.out()).join(DATASTORE).join(name(number))
    }

    /// Every file in the directories of the nodes, also of sets that are no longer in use.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::from(self.out())];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.symlink_metadata().expect("its kind").is_dir() {
                    true => folders.push(path),
                    false => files.extend(fs::read(&path).map(|bytes| (path, bytes))),
                }
            }
        }
        files
    }

    fn boot(&self, number: usize, bed: Bed) -> Server {
        let engine = bed.engine();
        let primary = self.links.iter().find(|(_, replica)| *replica == number);
        let config = Config::tls(engine);
        let config = match engine.family() {
            Family::MySql | Family::MariaDb => {
                let id = number + 1;
                config
                    .and(&format!("require_secure_transport=ON\nlog_bin=bin\nserver_id={id}"))
                    .and("connect_timeout=60")
            }
            Family::PostgreSql => {
                let config = config.hba(
                    "local all all trust\n\
                     hostssl all,replication all 127.0.0.0/8 scram-sha-256 clientcert=verify-ca\n",
                );
                match primary {
                    Some((primary, _)) => {
                        bed.put_file("standby.signal", "");
                        let port = self.nodes[*primary].server.port();
                        config.and(&standby(port))
                    }
                    None => config.and("wal_keep_size = '256MB'"),
                }
            }
            Family::Redis => {
                let config =
                    config.and("port 0").and("tls-auth-clients yes").and("tls-replication yes");
                match primary {
                    Some((primary, _)) => {
                        let port = self.nodes[*primary].server.tls_port();
                        config.and(&format!("replicaof 127.0.0.1 {port}"))
                    }
                    None => config,
                }
            }
        };
        let mut server = bed.start(&config);
        if engine == Engine::Mysql97 && primary.is_some() {
            // Or else it has the UUID of its primary.
            fs::remove_file(server.dir().join("data/auto.cnf")).expect("its UUID");
            server.restart();
        }
        if primary.is_none() {
            let mutual = match engine.family() {
                Family::MySql | Family::MariaDb => "REQUIRE X509",
                _ => "",
            };
            account(&server, "app", mutual);
            if engine.family() == Family::PostgreSql {
                account(&server, "repl", "REPLICATION");
            }
        }
        server
    }

    /// Has the replicas replicate, all by TLS with the certificates of the nodes.
    fn replicate(&self) {
        for (primary, replica) in &self.links {
            let (primary, replica) = (&self.nodes[*primary].server, &self.nodes[*replica].server);
            let (port, tls) = (primary.port(), replica.tls().display().to_string());
            let (noun, short, start) = match primary.engine().family() {
                Family::MySql => ("REPLICATION SOURCE", "SOURCE", "START REPLICA"),
                Family::MariaDb => ("MASTER", "MASTER", "START SLAVE"),
                _ => continue,
            };
            account(primary, "repl", "REQUIRE X509");
            primary.admin("GRANT REPLICATION SLAVE ON *.* TO repl");
            replica.admin(&format!(
                "CHANGE {noun} TO {short}_HOST='127.0.0.1', {short}_PORT={port}, \
                 {short}_USER='repl', {short}_PASSWORD='{PASSWORD}', {short}_CONNECT_RETRY=1, \
                 {short}_SSL=1, {short}_SSL_VERIFY_SERVER_CERT=1, {short}_SSL_CA='{tls}/ca.pem', \
                 {short}_SSL_CERT='{tls}/server-cert.pem', {short}_SSL_KEY='{tls}/server-key.pem'"
            ));
            replica.admin(start);
        }
        self.check_replication("begin");
    }

    /// Cuts each replication link; panics unless it comes up again and carries what is new.
    pub fn check_replication(&self, word: &str) {
        for (primary, replica) in &self.links {
            let (primary, replica) = (&self.nodes[*primary].server, &self.nodes[*replica].server);
            let what =
                format!("{:?} replicates from {:?}: {word}", replica.engine(), primary.engine());
            if primary.engine().family() == Family::Redis {
                let _ = primary.try_admin("CLIENT KILL TYPE replica");
                primary.admin(&format!("SET word {word}"));
                until(&what, || replica.admin("GET word").trim() == word);
                continue;
            }
            if primary.engine().family() == Family::PostgreSql {
                primary.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
                primary.admin(&format!("CREATE TABLE \"{word}\" ()"));
                let there = format!("SELECT count(*) FROM pg_class WHERE relname = '{word}'");
                until(&what, || replica.admin(&there).trim() == "1");
                continue;
            }
            let threads =
                "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'";
            for id in primary.admin(threads).lines() {
                let _ = primary.try_admin(&format!("KILL {id}"));
            }
            primary.admin(&format!("CREATE DATABASE `{word}`"));
            let there = format!("SHOW DATABASES LIKE '{word}'");
            until(&what, || replica.admin(&there).trim() == word);
        }
    }

    /// The program, with the names of the nodes resolved.
    pub fn ccx_resolving(&self, arguments: &[&str]) -> Command {
        self.resolving(&self.store.ccx(arguments))
    }

    /// The command in a mount namespace of its own, where the names of the nodes are known.
    pub fn resolving(&self, plain: &Command) -> Command {
        with_hosts(plain, &self.folder.path().join("hosts"))
    }

    /// Runs `cert renew` for a node, which reloads its server: what was done.
    pub fn renew(&self, number: usize) -> String {
        let directory = self.directory(number).display().to_string();
        let reload = format!("{} >/dev/null", self.nodes[number].reload());
        let renew = ["cert", "renew", "--dir", &directory, "--exec", &reload, "-o", "json"];
        let done = self.store.done(&renew).json();
        let secret = self.nodes[number].secret();
        let stored = self.store.done(&["cert", "renew", "--secret", &secret, "-o", "json"]).json();
        assert_eq!(done["action"], stored["action"], "{done} {stored}");
        done["action"].as_str().expect("an action").to_owned()
    }

    /// Has each node renew: what was done.
    pub fn renew_all(&self) -> BTreeSet<String> {
        (0..self.nodes.len()).map(|number| self.renew(number)).collect()
    }

    /// Gives a node files of another CA, and has it load them.
    pub fn put(&self, number: usize, ca: &str, certificate: &str, key: &str) {
        let directory = self.directory(number).join("..data").canonicalize().expect("files");
        for (name, text) in [("ca", ca), ("server-cert", certificate), ("server-key", key)] {
            let file = directory.join(format!("{name}.pem"));
            fs::write(&file, text).expect("written");
            own(&file);
        }
        self.nodes[number].server.reload().expect("reloaded");
    }
}

/// The command in a mount namespace of its own, where `hosts` is `/etc/hosts`: no name server is
/// asked for the names in it.
pub fn with_hosts(plain: &Command, hosts: &Path) -> Command {
    let root = rustix::process::geteuid().is_root();
    let script = format!("mount --bind {} /etc/hosts; exec \"$@\"", hosts.display());
    let home = plain.get_current_dir().expect("a home");
    let mut command = Command::new("unshare");
    command.args([if root { "-m" } else { "-rm" }, "sh", "-ec", &script, "sh"]);
    command.arg(plain.get_program()).args(plain.get_args());
    command.env_clear().env("PATH", super::env("PATH")).env("HOME", home);
    command.current_dir(home).timeout(Duration::from_secs(300));
    command
}

/// The settings of a streaming replica, which takes a lost link up again at once.
fn standby(port: u16) -> String {
    let quoted = format!("''{PASSWORD}''");
    format!(
        "wal_retrieve_retry_interval = '200ms'\n\
         primary_conninfo = 'host=localhost port={port} user=repl password={quoted} \
         sslmode=verify-full sslrootcert={{tls}}/ca.pem sslcert={{tls}}/server-cert.pem \
         sslkey={{tls}}/server-key.pem'"
    )
}

fn name(number: usize) -> String {
    format!("db-{number}")
}
