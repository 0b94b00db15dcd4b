//! What runs the snippets of clients as they are printed: programs, and drivers of several
//! languages, which `tests/bed/driver-fetch` puts there. Each asks its server for a 7.

mod build;
pub mod server;
mod table;

pub use table::runners;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::db::{Engine, outcome};
use super::{Home, Run, env};

/// A client, and what stands before and after its snippet to make it a program that asks the
/// server for something.
pub struct Runner {
    pub client: &'static str,
    /// Where it finds the server, by TCP.
    pub host: &'static str,
    tool: Tool,
    before: &'static str,
    after: &'static str,
}

/// What reads the snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    /// A shell, in which that engine's client is found.
    Shell(Engine),
    /// That client, which takes a connection string.
    Psql(Engine),
    Python,
    Node,
    Php,
    Ruby,
    Isql,
    Java,
    Go,
    /// A Go program that takes a connection string.
    GoString,
    Rust,
}

/// A client that is ready to run snippets; those that have to be compiled, the ones that it was
/// made for.
pub struct Program<'a> {
    runner: &'a Runner,
    home: &'a Home,
    texts: Vec<String>,
}

/// How a snippet is run.
pub struct Circumstances {
    /// Seconds until it is ended.
    pub patience: u8,
    /// A file of CA certificates, which the system trusts.
    pub system: Option<String>,
}

/// A file of `tests/bed/driver-fetch`.
fn driver(path: &str) -> PathBuf {
    Path::new(&env("CCX_TEST_DRIVERS")).join(path)
}

impl Runner {
    /// Compiles what has to be; `system` is the CA that the system may be made to trust.
    pub fn program<'a>(&'a self, home: &'a Home, texts: &[String], system: &str) -> Program<'a> {
        let mut texts = texts.to_vec();
        texts.sort_unstable();
        texts.dedup();
        match self.tool {
            Tool::Java => build::java(home, system),
            Tool::Go => build::go(home, self, &texts),
            Tool::GoString => build::go(home, self, &[String::new()]),
            Tool::Rust => build::rust(home, self, &texts),
            _ => {}
        }
        Program { runner: self, home, texts }
    }
}

impl Program<'_> {
    pub fn client(&self) -> &'static str {
        self.runner.client
    }

    /// Runs a snippet.
    pub fn run(&self, snippet: &str, circumstances: &Circumstances) -> Run {
        let Runner { before, after, client, tool, .. } = self.runner;
        let source = |kind: &str| {
            let name = format!("snippet of {client}.{kind}");
            self.home.write(&name, format!("{before}{snippet}\n{after}"))
        };
        let mut command = Command::new("timeout");
        command.arg(circumstances.patience.to_string());
        match tool {
            Tool::Shell(engine) => {
                let snippet = snippet.replace(" --password", "");
                let program = engine.client();
                let folder = program.parent().expect("a folder").display();
                let path = format!("{folder}:{}", env("PATH"));
                command.args(["sh", "-c", &(snippet + after)]).env("PATH", path);
            }
            Tool::Psql(engine) => {
                command.arg(engine.client()).args([snippet, "-c", "SELECT 7"]);
            }
            Tool::Python => {
                command.arg(driver("venv/bin/python")).arg(source("py"));
            }
            Tool::Node => {
                command.arg("node").arg(source("js"));
                command.env("NODE_PATH", driver("node_modules"));
            }
            Tool::Php => drop(command.arg(driver("bin/php")).arg(source("php"))),
            Tool::Ruby => drop(command.arg(driver("bin/ruby")).arg(source("rb"))),
            Tool::Isql => {
                let ask = "echo 'SELECT 7' | \"$1\" \"$2\" -k -b -v -d,";
                command.args(["sh", "-c", ask, "sh"]).arg(driver("bin/isql")).arg(snippet);
            }
            Tool::Java => {
                let jars = ["mariadb-java-client", "postgresql"];
                let jars = jars.map(|name| driver(&format!("sid/usr/share/java/{name}.jar")));
                let path = std::env::join_paths([self.home.path().to_owned()].iter().chain(&jars));
                command.args(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"]);
                command.arg(path.expect("a path"));
                if circumstances.system.is_some() {
                    command.arg(format!("-Djavax.net.ssl.trustStore={}", build::TRUST_STORE));
                }
                command.arg("Connect").arg(source("properties"));
            }
            Tool::Go | Tool::Rust => {
                let case = self.texts.iter().position(|text| text == snippet);
                command.arg(self.home.join(client).join("program"));
                command.arg(case.expect("it was compiled").to_string());
            }
            Tool::GoString => {
                command.arg(self.home.join(client).join("program")).args(["0", snippet]);
            }
        }
        command.env("HOME", "/dev/null/none").env("LC_ALL", "C.UTF-8");
        for password in ["MYSQL_PWD", "PGPASSWORD", "DB_PASSWORD", "REDISCLI_AUTH"] {
            command.env(password, "a password");
        }
        for system in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
            command.envs(circumstances.system.as_ref().map(|file| (system, file)));
        }
        outcome(command.current_dir(self.home.path()))
    }
}
