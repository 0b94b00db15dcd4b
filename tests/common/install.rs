//! Servers that `cert install` is run on: what it is told, and what they then show.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ccx_sec::connection::target::{DatabaseTarget, TlsServer as Url};
use ccx_sec::db_client::AccountCredentials;
use ccx_sec::db_client::session::{AdminAddress, AdminSession, ServerTrust};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::probe::presented;

use super::db::{Bed, Config, Engine, Family, Server, own};
use super::nodes::{DATASTORE, DOMAIN};
use super::official::PASSWORD;
use super::{Home, Run, env, run};

/// One with a folder for option files.
fn start(engine: Engine, config: &Config) -> Server {
    let bed = Bed::new(engine);
    for folder in ["conf.d", "elsewhere"] {
        std::fs::create_dir(bed.dir().join(folder)).expect("a folder");
        own(&bed.dir().join(folder));
    }
    bed.start(&match engine.family() {
        Family::MySql | Family::MariaDb => config.clone().and("!includedir {dir}/conf.d"),
        _ => config.clone(),
    })
}

/// A home with a CA, and a server that has no TLS of ours, and an account `app`.
pub struct Scene {
    pub home: Home,
    pub server: Server,
}

impl Scene {
    /// One without TLS.
    pub fn new(engine: Engine) -> Self {
        Scene::with(engine, &Config::off(engine))
    }

    /// The same, in a home that has no CA yet.
    pub fn without_ca(engine: Engine) -> Self {
        Scene { home: Home::new(), server: start(engine, &Config::off(engine)) }
    }

    pub fn with(engine: Engine, config: &Config) -> Self {
        Scene { home: Home::with_ca(), server: start(engine, config) }
    }

    fn engine(&self) -> Engine {
        self.server.engine()
    }

    /// The file for its settings, where it has to be said.
    pub fn config(&self) -> PathBuf {
        self.server.dir().join("conf.d/zz-ccx-sec.cnf")
    }

    /// What stops it, and what starts it again as it is.
    pub fn restart_in_two(&self) -> (String, String) {
        let bed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bed");
        let (bed, dir) = (bed.display(), self.server.dir().display());
        let (db, name, port) = (env("CCX_TEST_DB"), self.engine().name(), self.server.port());
        let start =
            format!("CCX_TEST_DB={db} {bed}/db-up {name} {dir} {port} </dev/null >/dev/null");
        (format!("{bed}/db-down --gently {dir}"), start)
    }

    /// Both.
    fn restart(&self) -> String {
        let (stop, start) = self.restart_in_two();
        format!("{stop} && {start}")
    }

    /// The test bed writes the main file anew at each start: what it includes shall be in it then.
    pub fn keep_block(&self) {
        let main = match self.engine().family() {
            Family::PostgreSql => "data/postgresql.conf",
            Family::Redis => "redis.conf",
            _ => return,
        };
        let text = std::fs::read_to_string(self.server.dir().join(main)).expect("text");
        let block = text.find("# BEGIN ccx-sec").expect("our block");
        let theirs = std::fs::read_to_string(self.server.dir().join("server.conf")).expect("text");
        self.server.put_file("server.conf", &format!("{theirs}{}", &text[block..]));
    }

    /// The arguments: which server, and where its files are.
    pub fn arguments(&self) -> Vec<String> {
        let (engine, server) = (self.engine(), &self.server);
        let socket = match engine.family() {
            Family::PostgreSql => server.dir().join(format!(".s.PGSQL.{}", server.port())),
            _ => server.socket(),
        };
        let mut words = ["cert", "install", "--engine", engine.kind()].map(str::to_owned).to_vec();
        let mut say = |option: &str, value: String| words.extend([option.to_owned(), value]);
        say("--dir", server.tls().display().to_string());
        say("--socket", socket.display().to_string());
        if matches!(engine.family(), Family::MySql | Family::MariaDb) {
            say("--config", self.config().display().to_string());
        }
        if engine.family() == Family::Redis {
            say("--tls-port", server.tls_port().to_string());
        }
        words
    }

    pub fn command(&self, more: &[&str]) -> assert_cmd::Command {
        let mut command = self.home.ccx(&[]);
        command.args(arguments(self.arguments(), more)).args(more);
        command
    }

    /// `cert install` on it, with more.
    pub fn install(&self, more: &[&str]) -> Run {
        run(self.command(more).args(["-o", "json"]))
    }

    /// The same for a certificate that is issued for it, and a restart where it needs one.
    pub fn issue(&self, more: &[&str]) -> Run {
        let restart = self.restart();
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
        let names = ["--dns", "localhost", "--ip", "127.0.0.1", "--restart-command", &restart];
        self.install(&[&node[..], &names, more].concat())
    }

    /// Somebody who has logged in by TCP, and stays.
    pub fn session(&self, host: &str, user: &str) -> AdminSession {
        let url: DatabaseTarget = self.server.url(host).parse().expect("a URL");
        let ca = std::fs::read(self.server.tls().join("ca.pem")).expect("a CA");
        let anchors = Certificate::from_pem("the CA", &ca).expect("certificates");
        let trusted =
            ServerTrust { anchors: &anchors, at: jiff::Timestamp::now(), loopback: false };
        let who = match self.engine().family() {
            Family::Redis => AccountCredentials { user: "default".to_owned(), password: None },
            _ => AccountCredentials { user: user.to_owned(), password: Some(PASSWORD.into()) },
        };
        let limit = Duration::from_secs(180);
        AdminSession::open(&AdminAddress::Tcp(url), &who, trusted, limit).expect("a session")
    }

    /// The fingerprint of what it shows to those who come now.
    pub fn shown(&self) -> Result<String, String> {
        shown(&self.server.url("127.0.0.1").parse().expect("a URL"))
    }

    /// Has clients come fifty times a second, with TLS, while `work` is done, which is told how
    /// many have come, and until one has come after it. What each was shown, in order, or why
    /// it failed.
    pub fn under_load<T>(
        &self,
        work: impl FnOnce(&AtomicUsize) -> T,
    ) -> (T, Vec<Result<String, String>>) {
        let url: DatabaseTarget = self.server.url("127.0.0.1").parse().expect("a URL");
        let (done, come) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            let clients = scope.spawn(|| {
                let mut clients = Vec::new();
                loop {
                    let last = done.load(Ordering::SeqCst);
                    clients.push(scope.spawn(|| shown(&url)));
                    come.fetch_add(1, Ordering::SeqCst);
                    if last {
                        return clients;
                    }
                    thread::sleep(Duration::from_millis(20));
                }
            });
            let outcome = work(&come);
            done.store(true, Ordering::SeqCst);
            let clients = clients.join().expect("clients").into_iter();
            (outcome, clients.map(|client| client.join().expect("a client")).collect())
        })
    }
}

/// The arguments without the directory, where `more` names another.
fn arguments(mut all: Vec<String>, more: &[&str]) -> Vec<String> {
    if let Some(at) =
        all.iter().position(|word| word == "--dir").filter(|_| more.contains(&"--dir"))
    {
        all.drain(at..at + 2);
    }
    all
}

fn shown(url: &DatabaseTarget) -> Result<String, String> {
    let server = Url::Database(url.clone());
    let presented =
        presented::chain(&server, Duration::from_secs(180)).map_err(|e| format!("{e:?}"))?;
    assert!(presented.holds_key, "{url}");
    let leaf = presented.chain.first().expect("a certificate");
    Ok(Certificate::from_der(leaf.to_vec()).expect("it reads").sha256())
}
