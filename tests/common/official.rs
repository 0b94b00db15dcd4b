//! The databases' own clients, in the mode that a test wants: whether they get in, and how.

use std::path::Path;
use std::process::Command;

use super::db::{Engine, Family, Server, outcome};
use super::env;
use super::pki::{Kind, Pki};

/// What a client demands, as `verify` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    Disabled,
    Required,
    VerifyCa,
    VerifyIdentity,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Mode::Disabled => "PLAINTEXT",
            Mode::Required => "REQUIRED",
            Mode::VerifyCa => "VERIFY_CA",
            Mode::VerifyIdentity => "VERIFY_IDENTITY",
        }
    }
}

/// What became of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    Tls,
    Plain,
    /// With what it said.
    Refused(String),
}

/// The password of every account that a test makes.
pub const PASSWORD: &str = "a password of a test";

/// An account with the password of the tests; `more` is what is demanded of it.
pub fn account(server: &Server, user: &str, more: &str) {
    let statement = match server.engine().family() {
        Family::MySql | Family::MariaDb => {
            format!("CREATE USER {user} IDENTIFIED BY '{PASSWORD}' {more}")
        }
        Family::PostgreSql => format!("CREATE USER {user} {more} PASSWORD '{PASSWORD}'"),
        Family::Redis => return,
    };
    server.admin(&statement);
}

/// Has the server present this certificate: without a restart where it can.
pub fn present(server: &mut Server, pki: &Pki, kind: Kind) {
    let identity = pki.server(kind);
    // MySQL takes a new certificate only of a CA that it knows.
    let cas = pki.ca_pem() + &pki.other_pem();
    server.put(&cas, &identity.certificate, &identity.key);
    if let Err(refusal) = server.reload() {
        let stubborn = server.engine() == Engine::Mysql97;
        assert!(stubborn, "{:?} refuses {kind:?}: {refusal}", server.engine());
        server.restart();
    }
}

/// Who comes, from where to where, with what.
pub struct Visit<'a> {
    pub server: &'a Server,
    pub host: &'a str,
    pub user: &'a str,
    pub ca: &'a Path,
    /// Certificate and key.
    pub client: Option<(&'a Path, &'a Path)>,
}

impl Visit<'_> {
    /// Comes in this mode; nothing when the client has no such mode.
    pub fn come(&self, mode: Mode) -> Option<Met> {
        let mut client = Command::new(self.server.engine().client());
        client.env_clear().env("HOME", "/dev/null/none").env("PATH", env("PATH"));
        match self.server.engine().family() {
            Family::MySql | Family::MariaDb => self.mysql(&mut client, mode)?,
            Family::PostgreSql => self.psql(&mut client, mode),
            Family::Redis => self.redis(&mut client, mode)?,
        }
        let run = outcome(&mut client);
        let said = (run.stderr + &run.stdout).trim().to_owned();
        if run.code != 0 {
            return Some(Met::Refused(said));
        }
        let secured = match self.server.engine().family() {
            Family::MySql | Family::MariaDb => said.contains("TLS_"),
            Family::PostgreSql => said.ends_with('t'),
            Family::Redis if said.ends_with("PONG") => mode != Mode::Disabled,
            Family::Redis => return Some(Met::Refused(said)),
        };
        Some(if secured { Met::Tls } else { Met::Plain })
    }

    fn mysql(&self, client: &mut Command, mode: Mode) -> Option<()> {
        let ca = format!("--ssl-ca={}", self.ca.display());
        client.args(["--no-defaults", "--protocol=TCP", "--batch", "--skip-column-names"]);
        client.arg(format!("--host={}", self.host)).arg(format!("--user={}", self.user));
        client.arg(format!("--port={}", self.server.port())).env("MYSQL_PWD", PASSWORD);
        client.args(["--execute", "SHOW STATUS LIKE 'Ssl_cipher'"]);
        if let Some((certificate, key)) = self.client.filter(|_| mode != Mode::Disabled) {
            client.arg(format!("--ssl-cert={}", certificate.display()));
            client.arg(format!("--ssl-key={}", key.display()));
        }
        match (self.server.engine(), mode) {
            (Engine::Mysql97, mode) => {
                // The client's own word for no TLS, not that of `verify`.
                let word = if mode == Mode::Disabled { "DISABLED" } else { mode.name() };
                client.arg(format!("--ssl-mode={word}"));
                if matches!(mode, Mode::VerifyCa | Mode::VerifyIdentity) {
                    client.arg(ca);
                }
            }
            (_, Mode::Disabled) => drop(client.arg("--skip-ssl")),
            (Engine::MariaDb118, Mode::Required) => {
                client.arg("--skip-ssl-verify-server-cert");
            }
            (_, Mode::Required) => drop(client.arg("--ssl")),
            // There, who names a CA has the host checked as well.
            (Engine::MariaDb118, Mode::VerifyCa) => return None,
            (_, Mode::VerifyCa) => drop(client.args(["--ssl", &ca])),
            (_, Mode::VerifyIdentity) => {
                client.args(["--ssl-verify-server-cert", &ca]);
            }
        }
        Some(())
    }

    fn psql(&self, client: &mut Command, mode: Mode) {
        let (mode, ca) = match mode {
            Mode::Disabled => ("disable", None),
            Mode::Required => ("require", None),
            Mode::VerifyCa => ("verify-ca", Some(self.ca)),
            Mode::VerifyIdentity => ("verify-full", Some(self.ca)),
        };
        client.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--no-password"]);
        client.args(["--command", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"]);
        client.env("PGHOST", self.host).env("PGPORT", self.server.port().to_string());
        client.env("PGUSER", self.user).env("PGDATABASE", "postgres").env("PGPASSWORD", PASSWORD);
        client.env("PGSSLMODE", mode);
        // Or else it looks for both in the home of the user, whatever HOME says.
        client.env("PGSSLROOTCERT", ca.unwrap_or(Path::new("/dev/null/none")));
        let none = Path::new("/dev/null/none");
        let (certificate, key) = self.client.unwrap_or((none, none));
        client.env("PGSSLCERT", certificate).env("PGSSLKEY", key);
    }

    fn redis(&self, client: &mut Command, mode: Mode) -> Option<()> {
        client.args(["-e", "-h", self.host]);
        if mode == Mode::Disabled {
            client.args(["-p", &self.server.port().to_string(), "PING"]);
            return Some(());
        }
        client.args(["-p", &self.server.tls_port().to_string(), "--tls"]);
        if let Some((certificate, key)) = self.client {
            client.arg("--cert").arg(certificate).arg("--key").arg(key);
        }
        match mode {
            Mode::Required => drop(client.arg("--insecure")),
            Mode::VerifyCa => drop(client.arg("--cacert").arg(self.ca)),
            // It never looks at the name.
            Mode::VerifyIdentity | Mode::Disabled => return None,
        }
        client.arg("PING");
        Some(())
    }
}
