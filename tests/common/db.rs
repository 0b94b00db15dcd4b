//! Real database servers, each for one test: started by `tests/bed/db-up` in a folder of its
//! own, and gone with the value that stands for it, whatever becomes of the test.

mod engine;

pub use engine::{Engine, Family};

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use tempfile::TempDir;

use super::{Run, env};

/// What a server is told. In the texts `{dir}` stands for the folder of the server, `{tls}` for
/// that of its TLS files, `{port}` and `{tls_port}` for its ports.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Settings in the engine's own language; they win over those of the test bed.
    pub lines: String,
    /// PostgreSQL's pg_hba.conf.
    pub hba: Option<String>,
}

impl Config {
    /// TLS as the engine has it by default: MySQL and MariaDB 11.8 make a certificate of their
    /// own, the others have none.
    pub fn bare() -> Self {
        Config::default()
    }

    /// No TLS.
    pub fn off(engine: Engine) -> Self {
        Config::bare().and(match engine.family() {
            Family::MySql => "[mysqld]\ntls_version=",
            Family::MariaDb => "[mysqld]\nskip-ssl",
            Family::PostgreSql | Family::Redis => "",
        })
    }

    /// TLS with the files that were put into the server's folder: not demanded of clients, and
    /// no certificate demanded of them.
    pub fn tls(engine: Engine) -> Self {
        let lines = match engine.family() {
            Family::MySql | Family::MariaDb => {
                "[mysqld]\nssl_ca={tls}/ca.pem\nssl_cert={tls}/server-cert.pem\n\
                 ssl_key={tls}/server-key.pem\n"
            }
            Family::PostgreSql => {
                "ssl = on\nssl_ca_file = '{tls}/ca.pem'\n\
                 ssl_cert_file = '{tls}/server-cert.pem'\nssl_key_file = '{tls}/server-key.pem'\n"
            }
            Family::Redis => {
                "tls-port {tls_port}\ntls-ca-cert-file {tls}/ca.pem\n\
                 tls-cert-file {tls}/server-cert.pem\ntls-key-file {tls}/server-key.pem\n\
                 tls-auth-clients no\n"
            }
        };
        Config { lines: lines.to_owned(), hba: None }
    }

    /// With more settings.
    pub fn and(mut self, lines: &str) -> Self {
        self.lines.push_str(lines);
        self.lines.push('\n');
        self
    }

    /// With another pg_hba.conf.
    pub fn hba(mut self, lines: &str) -> Self {
        self.hba = Some(lines.to_owned());
        self
    }
}

/// The folder and the ports of a server that is not running yet: files can be put there.
pub struct Bed {
    engine: Engine,
    directory: TempDir,
    port: u16,
}

impl Bed {
    pub fn new(engine: Engine) -> Self {
        let directory = tempfile::Builder::new().prefix("ccx-db-").tempdir().expect("a directory");
        let bed = Bed { engine, directory, port: free_port() };
        std::fs::create_dir(bed.tls()).expect("a directory");
        own(bed.dir());
        own(&bed.tls());
        bed
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    pub fn dir(&self) -> &Path {
        self.directory.path()
    }

    /// The folder for its TLS files.
    pub fn tls(&self) -> PathBuf {
        self.dir().join("tls")
    }

    /// The port for MySQL, MariaDB and PostgreSQL; that without TLS of Redis and Valkey.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port on which TLS is had.
    pub fn tls_port(&self) -> u16 {
        if self.engine.family() == Family::Redis { self.port + 1 } else { self.port }
    }

    /// Puts TLS files where [`Config::tls`] says they are.
    pub fn put(&self, ca: &str, certificate: &str, key: &str) {
        let files = [("ca.pem", ca), ("server-cert.pem", certificate), ("server-key.pem", key)];
        for (name, text) in files {
            self.put_file(&format!("tls/{name}"), text);
        }
    }

    /// Puts a file into the folder, for the server alone to read.
    pub fn put_file(&self, name: &str, text: &str) {
        let path = self.dir().join(name);
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("0600");
        own(&path);
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{dir}", &self.dir().display().to_string())
            .replace("{tls}", &self.tls().display().to_string())
            .replace("{port}", &self.port.to_string())
            .replace("{tls_port}", &self.tls_port().to_string())
    }

    /// Starts it; panics with the end of its log when it does not start.
    pub fn start(self, config: &Config) -> Server {
        self.try_start(config).unwrap_or_else(|log| panic!("it does not start: {log}"))
    }

    /// Starts it, or gives the end of its log.
    pub fn try_start(mut self, config: &Config) -> Result<Server, String> {
        for _ in 0..5 {
            self.put_file("server.conf", &self.fill(&config.lines));
            if let Some(hba) = &config.hba {
                self.put_file("pg_hba.conf", &self.fill(hba));
            }
            match up(&self) {
                Ok(keeper) => return Ok(Server { bed: self, keeper: Some(keeper) }),
                Err((Some(75), _)) => self.port = free_port(),
                Err((_, log)) => return Err(format!("{}: {log}", self.engine.name())),
            }
        }
        Err(format!("{}: no free port", self.engine.name()))
    }
}

/// Starts are one after the other: ten at once on two processors would each take ten times as
/// long, and run into their time limits.
static STARTING: Mutex<()> = Mutex::new(());

/// `tests/bed/db-up`, which holds the server, and ends it when we are gone.
fn up(bed: &Bed) -> Result<Child, (Option<i32>, String)> {
    let _one = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bed/db-up");
    let mut keeper = Command::new(script)
        .arg(bed.engine.name())
        .arg(bed.dir())
        .arg(bed.port.to_string())
        .env("CCX_DB_ATTACHED", "1")
        .env("CCX_TEST_DB", env("CCX_TEST_DB"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tests/bed/db-up runs");
    let mut answer = String::new();
    let stdout = keeper.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut answer).expect("read");
    if answer == "up\n" {
        return Ok(keeper);
    }
    let output = keeper.wait_with_output().expect("it ended");
    Err((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// A server that runs.
pub struct Server {
    bed: Bed,
    keeper: Option<Child>,
}

impl std::ops::Deref for Server {
    type Target = Bed;

    fn deref(&self) -> &Bed {
        &self.bed
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take()); // what ends it
            let _ = keeper.wait();
        }
    }
}

impl Server {
    /// Starts one; panics with the end of its log when it does not start.
    pub fn start(engine: Engine, config: &Config) -> Self {
        Bed::new(engine).start(config)
    }

    /// Stops it in good order, and starts it again with its data on the same port.
    pub fn restart(&mut self) {
        let mut keeper = self.keeper.take().expect("it runs");
        keeper.stdin.take().expect("piped").write_all(b"stop\n").expect("told");
        assert!(keeper.wait().expect("it ended").success(), "it did not stop");
        self.keeper = Some(up(&self.bed).unwrap_or_else(|(_, log)| panic!("restart: {log}")));
    }

    /// Gives it other settings, and starts it again without those that a statement left behind.
    pub fn reconfigure(&mut self, config: &Config) {
        self.put_file("server.conf", &self.fill(&config.lines));
        match &config.hba {
            Some(hba) => self.put_file("pg_hba.conf", &self.fill(hba)),
            None => drop(std::fs::remove_file(self.dir().join("pg_hba.conf"))),
        }
        for kept in ["mysqld-auto.cnf", "postgresql.auto.conf"] {
            let _ = std::fs::remove_file(self.dir().join("data").join(kept));
        }
        self.restart();
    }

    /// Types lines into the admin's client, as a person does who pastes them: what it prints.
    pub fn paste(&self, lines: &str) -> Result<String, String> {
        let mut client = Command::new(self.engine.client());
        client.env_clear().env("HOME", "/dev/null/none").env("PATH", env("PATH"));
        match self.engine.family() {
            Family::MySql | Family::MariaDb => client
                .args(["--no-defaults", "--user=root", "--batch", self.engine.without_tls()])
                .arg(format!("--socket={}", self.socket().display())),
            Family::PostgreSql => client
                .args(["--no-psqlrc", "--username=postgres", "--dbname=postgres"])
                .args(["--set=ON_ERROR_STOP=1", "--port", &self.port.to_string()])
                .arg(format!("--host={}", self.socket().display())),
            Family::Redis => client.arg("-e").arg("-s").arg(self.socket()),
        };
        let mut client = assert_cmd::Command::from_std(client);
        let output = client.write_stdin(format!("{lines}\n")).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() && output.stderr.is_empty() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr) + &text(&output.stdout))
        }
    }

    /// The URL that `ccx-sec verify` takes; of Redis and Valkey, that of the port with TLS.
    pub fn url(&self, host: &str) -> String {
        match self.engine.family() {
            Family::Redis => format!("{}s://{host}:{}", self.engine.kind(), self.tls_port()),
            _ => format!("{}://{host}:{}", self.engine.kind(), self.port),
        }
    }

    /// Its Unix socket; for PostgreSQL the folder of it.
    pub fn socket(&self) -> PathBuf {
        match self.engine.family() {
            Family::PostgreSql => self.dir().to_owned(),
            _ => self.dir().join("s.sock"),
        }
    }

    /// What it has logged since it was started.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.dir().join("server.log")).expect("a log");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Has the admin do a statement, or of Redis and Valkey a command, by the Unix socket: what
    /// it answers, a line a row, with tabs between columns.
    pub fn try_admin(&self, statement: &str) -> Result<String, String> {
        let mut client = Command::new(self.engine.client());
        client.env_clear().env("HOME", "/dev/null/none").env("PATH", env("PATH"));
        match self.engine.family() {
            Family::MySql | Family::MariaDb => client
                .args(["--no-defaults", "--user=root", "--batch", "--skip-column-names"])
                .arg(self.engine.without_tls())
                .arg(format!("--socket={}", self.socket().display()))
                .args(["--execute", statement]),
            Family::PostgreSql => client
                .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
                .args(["--field-separator=\t", "--username=postgres", "--dbname=postgres"])
                .args(["--set=ON_ERROR_STOP=1", "--port", &self.port.to_string()])
                .arg(format!("--host={}", self.socket().display()))
                .args(["--command", statement]),
            // -e: an error of the server is a failure; or else it would end with 0
            Family::Redis => {
                client.arg("-e").arg("-s").arg(self.socket()).args(statement.split(' '))
            }
        };
        let run = outcome(&mut client);
        if run.code == 0 { Ok(run.stdout) } else { Err(run.stderr + &run.stdout) }
    }

    /// The same; panics when it fails.
    pub fn admin(&self, statement: &str) -> String {
        self.try_admin(statement).unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// Has it load its TLS files again. PostgreSQL says yes, and does it, or not, a moment
    /// later: this waits until its log says which.
    pub fn reload(&self) -> Result<(), String> {
        let tls = self.tls().display().to_string();
        match self.engine.family() {
            Family::MySql => self.try_admin("ALTER INSTANCE RELOAD TLS").map(drop),
            Family::MariaDb => self.try_admin("FLUSH SSL").map(drop),
            Family::PostgreSql => {
                let before = self.log().len();
                self.try_admin("SELECT pg_reload_conf()")?;
                for _ in 0..200 {
                    let log = self.log().split_off(before);
                    if log.contains("SSL configuration was not reloaded") {
                        return Err(log);
                    }
                    // the postmaster takes the files before it starts the next session
                    if log.contains("received SIGHUP") {
                        self.try_admin("SELECT 1")?;
                        let log = self.log().split_off(before);
                        let refused = log.contains("SSL configuration was not reloaded");
                        return if refused { Err(log) } else { Ok(()) };
                    }
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                Err("PostgreSQL did not reload".to_owned())
            }
            Family::Redis => self
                .try_admin(&format!(
                    "CONFIG SET tls-cert-file {tls}/server-cert.pem tls-key-file \
                     {tls}/server-key.pem tls-ca-cert-file {tls}/ca.pem"
                ))
                .map(drop),
        }
    }

    /// The pid of the server itself.
    pub fn pid(&self) -> u32 {
        let pid = std::fs::read_to_string(self.dir().join("pid")).expect("a pid");
        pid.trim().parse().expect("a number")
    }
}

/// Runs a client, which gets no input and a minute, and takes its three answers together.
pub fn outcome(client: &mut Command) -> Run {
    let mut command = assert_cmd::Command::from_std(std::mem::replace(client, Command::new("")));
    let output = command.timeout(std::time::Duration::from_secs(60)).output().expect("it runs");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Who the servers run as when we are root, as `cert issue --owner` takes it.
pub const OWNER: &str = "65534:65534";

/// Gives a file to the user that the servers run as.
pub fn own(path: &Path) {
    if rustix::process::geteuid().is_root() {
        chown(path, Some(65534), Some(65534)).expect("root gives a file away");
    }
}

/// Two ports in a row that nothing listens on, below those that outgoing connections take.
pub fn free_port() -> u16 {
    static NEXT: Mutex<u16> = Mutex::new(0);
    let mut next = NEXT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if *next == 0 {
        let spread = u16::try_from(std::process::id() * 61 % 5_500).expect("small");
        *next = 20_000 + 2 * spread;
    }
    loop {
        *next = if *next >= 31_998 { 20_000 } else { *next + 2 };
        let free = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
        if free(*next) && free(*next + 1) {
            return *next;
        }
    }
}
