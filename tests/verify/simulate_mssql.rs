//! Microsoft's ODBC driver (by pyodbc, by isql) and tedious, beside what `verify --simulate` says of
//! them and what `snippet client` prints for them. SQL Server is the peer of
//! [`crate::common::tds`]; what it does not prove is that a real server does the same.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::ServerConfig;
use rustls::version::TLS12;

use crate::common::db::outcome;
use crate::common::interpreter::Interpreter;
use crate::common::official::Met;
use crate::common::pki::{Kind, Pki};
use crate::common::tds::{self, Encryption, IN_THE_OPEN, OVER_TLS};
use crate::common::tls::peer;
use crate::common::{Home, env, run};

/// Those that are run.
pub const CLIENTS: [&str; 3] = ["pyodbc", "odbc-mssql", "tedious"];

const TEDIOUS: &str = r#"
const { Connection } = require("tedious");
const connection = new Connection({ server: "HOST",
  authentication: { type: "default", options: { userName: "app", password: "x" } },
  options: { port: PORT, connectTimeout: 120000, OPTIONS } });
try {
  await new Promise((done, failed) => connection.connect((error) => error ? failed(error) : done()));
} finally {
  connection.close();
}
"#;

/// A server of this configuration; with ALPN, of TDS 8.0.
fn server(config: Arc<ServerConfig>, mine: Encryption) -> u16 {
    peer(move |stream| {
        let config = config.clone();
        thread::spawn(move || tds::serve(stream, &config, mine));
    })
}

fn tds_7(pki: &Pki, kind: Kind, mine: Encryption) -> u16 {
    server(tds::config(&pki.server(kind), false, &[&TLS12]), mine)
}

fn tds_8(pki: &Pki, kind: Kind) -> u16 {
    server(tds::config(&pki.server(kind), true, rustls::ALL_VERSIONS), Encryption::Required)
}

/// What became of a client, by what it says: it always fails, and hands on what it was told.
fn met(said: String) -> Met {
    match (said.contains(OVER_TLS), said.contains(IN_THE_OPEN)) {
        (true, false) => Met::Tls,
        (false, true) => Met::Plain,
        _ => Met::Refused(said),
    }
}

/// A program that has what the drivers need; `machine` are the CAs that the machine trusts.
fn with_driver(program: impl AsRef<std::ffi::OsStr>, machine: &str) -> Command {
    let mut command = Command::new("timeout");
    command.arg("120").arg(program).env("ODBCSYSINI", env("CCX_TEST_MSSQL"));
    command.env("SSL_CERT_FILE", machine).env("HOME", "/dev/null/none").env("DB_PASSWORD", "x");
    command.env("NODE_PATH", Path::new(&env("CCX_TEST_MSSQL")).join("node_modules"));
    command
}

/// By a connection string of ODBC.
fn isql(text: &str, machine: &str) -> Met {
    let mut command =
        with_driver(Path::new(&env("CCX_TEST_DRIVERS")).join("bin/trixie/isql"), machine);
    let run = outcome(command.arg(text).args(["-k", "-b", "-v"]));
    met(run.stdout + &run.stderr)
}

fn odbc_text(host: &str, port: u16, options: &str) -> String {
    format!(
        "Driver={{ODBC Driver 18 for SQL Server}};Server=tcp:{host},{port};UID=app;PWD=x;{options}"
    )
}

/// Who comes.
struct Clients {
    ca: String,
    python: Interpreter,
    node: Interpreter,
    faults: Vec<String>,
    compared: usize,
}

impl Clients {
    fn new(ca: String) -> Self {
        let folder = env("CCX_TEST_MSSQL");
        let (python, node) = (Interpreter::python_of(&folder), Interpreter::node_of(&folder));
        Clients { ca, python, node, faults: Vec::new(), compared: 0 }
    }

    /// Comes; `machine`: with the CA among those of its machine.
    fn come(&mut self, client: &str, host: &str, port: u16, options: &str, machine: bool) -> Met {
        let ca = if machine { self.ca.as_str() } else { "/none" };
        let told = match client {
            "odbc-mssql" => return isql(&odbc_text(host, port, options), ca),
            "pyodbc" => self.python.run(&format!(
                "os.environ[\"SSL_CERT_FILE\"] = {ca:?}\nos.environ[\"ODBCSYSINI\"] = {:?}\n\
                 import pyodbc\npyodbc.connect({:?}, timeout=120)\nanswer = 0",
                env("CCX_TEST_MSSQL"),
                odbc_text(host, port, options)
            )),
            _ => {
                let options = options.replace("FILE", &self.ca);
                let filled = TEDIOUS.replace("HOST", host).replace("PORT", &port.to_string());
                self.node.run(&filled.replace("OPTIONS", &options))
            }
        };
        met(told.expect_err("the peer lets nobody in"))
    }

    /// Compares what is said of each with what it does.
    fn compare(&mut self, home: &Home, place: &str, host: &str, port: u16, trusted: bool) {
        let url = format!("mssql://{host}:{port}");
        let fixed = ["verify", "-o", "json", "--ca-file", &self.ca, &url];
        let asked: Vec<&str> = CLIENTS.iter().flat_map(|client| ["--simulate", client]).collect();
        let document = run(&mut home.ccx(&[&fixed[..], &asked].concat())).json();
        let rows = document["endpoints"][0]["clients"].as_array().expect("clients");
        assert_eq!(rows.len(), 9, "{document}");
        for row in rows {
            let of = |field: &str| row[field].as_str().unwrap_or_default();
            assert_eq!(row["proof"], "peer", "{row}");
            let client = of("client");
            let mut come = |machine| self.come(client, host, port, of("options"), machine);
            let without = come(false);
            // Node reads those of its machine once, when it starts
            let with = if client == "tedious" { without.clone() } else { come(true) };
            let as_told = match (of("outcome"), &without, &with) {
                ("tls", Met::Tls, Met::Tls) | ("plain", Met::Plain, Met::Plain) => true,
                ("refuses", Met::Refused(without), Met::Refused(with)) => {
                    without.contains(of("says"))
                        && (!trusted || with.contains(words(client, of("reason"))))
                }
                ("unknown", Met::Refused(_), with) if of("reason") == "machine_cas" => {
                    client == "tedious" || (*with == Met::Tls) == trusted
                }
                _ => false,
            };
            self.compared += 1;
            if !as_told {
                self.faults.push(format!("{place}, {host}: {row}, and it: {without:?} {with:?}"));
            }
        }
    }
}

/// What the driver says to whom it trusts but for this.
fn words(client: &str, reason: &str) -> &'static str {
    match reason {
        _ if client == "tedious" => "",
        "name_mismatch" => "subject name does not match host name",
        "expired" => "certificate has expired",
        "not_yet_valid" => "certificate is not yet valid",
        "wrong_purpose" => "unsuitable certificate purpose",
        "no_tls" => "Encryption not supported on SQL Server",
        _ => panic!("no words for {reason}"),
    }
}

#[test]
#[ignore = "needs tests/run"]
fn mssql_clients_do_what_verify_says() {
    let (home, pki) = (Home::new(), Pki::new());
    let mut clients = Clients::new(home.write("ca.pem", pki.ca_pem()));
    for kind in Kind::ALL {
        let trusted = !matches!(kind, Kind::OtherCa | Kind::Leaf | Kind::SelfSigned);
        let port = tds_7(&pki, kind, Encryption::Required);
        for host in ["localhost", "127.0.0.1"] {
            clients.compare(&home, &format!("{kind:?}"), host, port, trusted);
        }
    }
    for mine in [Encryption::Off, Encryption::NotSupported] {
        let port = tds_7(&pki, Kind::Good, mine);
        clients.compare(&home, &format!("{mine:?}"), "localhost", port, true);
    }
    assert!(clients.faults.is_empty(), "{}", clients.faults.join("\n"));
    assert_eq!(clients.compared, (15 * 2 + 2) * 9);
}

/// What the snippets stand on, and `--simulate` does not ask: every mode of encryption.
#[test]
#[ignore = "needs tests/run"]
fn mssql_clients_in_each_encryption_mode() {
    let (home, pki) = (Home::new(), Pki::new());
    let mut clients = Clients::new(home.write("ca.pem", pki.ca_pem()));
    let other = tds_7(&pki, Kind::OtherCa, Encryption::Required);
    let good = tds_7(&pki, Kind::Good, Encryption::Required);
    let none = tds_7(&pki, Kind::Good, Encryption::NotSupported);
    let strict = tds_8(&pki, Kind::Good);
    let strict_other = tds_8(&pki, Kind::OtherCa);
    let strict_wrong = tds_8(&pki, Kind::WrongHost);
    let ca = "cryptoCredentialsDetails: { ca: fs.readFileSync(\"FILE\") }";
    let to_strict = format!("encrypt: \"strict\", {ca}");
    let to_strict_unchecked = format!("encrypt: \"strict\", trustServerCertificate: true, {ca}");
    let checked = format!("encrypt: true, trustServerCertificate: false, {ca}");
    let apart = format!("encrypt: true, serverName: \"localhost\", {ca}");
    let dns_only = tds_7(&pki, Kind::DnsOnly, Encryption::Required);
    for (client, host, port, options, expected) in [
        ("pyodbc", "localhost", none, "Encrypt=optional", "plain"),
        ("pyodbc", "localhost", none, "Encrypt=no;TrustServerCertificate=no", "plain"),
        ("pyodbc", "localhost", other, "Encrypt=no;TrustServerCertificate=yes", "tls"),
        ("pyodbc", "localhost", none, "Encrypt=mandatory;TrustServerCertificate=yes", "refused"),
        ("pyodbc", "localhost", good, "Encrypt=mandatory", "tls"),
        ("pyodbc", "localhost", strict, "Encrypt=mandatory", "refused"),
        ("pyodbc", "localhost", strict, "Encrypt=strict", "tls"),
        ("pyodbc", "127.0.0.1", strict, "Encrypt=strict", "refused"),
        ("pyodbc", "127.0.0.1", strict, "Encrypt=strict;HostNameInCertificate=localhost", "tls"),
        (
            "pyodbc",
            "localhost",
            strict_other,
            "Encrypt=strict;TrustServerCertificate=yes",
            "refused",
        ),
        ("pyodbc", "localhost", strict_wrong, "Encrypt=strict", "refused"),
        ("pyodbc", "localhost", good, "Encrypt=strict", "refused"),
        ("pyodbc", "localhost", none, "Encrypt=strict", "refused"),
        ("pyodbc", "127.0.0.1", good, "HostNameInCertificate=localhost", "tls"),
        ("pyodbc", "127.0.0.1", good, "HostNameInCertificate=127.0.0.1", "refused"),
        ("pyodbc", "127.0.0.1", good, "HostNameInCertificate=db.example.com", "refused"),
        // a name given apart counts beside the one that is dialled
        ("pyodbc", "localhost", good, "HostNameInCertificate=db.example.com", "tls"),
        ("tedious", "localhost", none, "encrypt: false", "plain"),
        ("tedious", "localhost", good, "encrypt: false", "refused"),
        ("tedious", "localhost", none, checked.as_str(), "plain"),
        ("tedious", "localhost", good, checked.as_str(), "tls"),
        ("tedious", "localhost", strict, checked.as_str(), "refused"),
        ("tedious", "127.0.0.1", dns_only, apart.as_str(), "tls"),
        ("tedious", "localhost", strict, to_strict.as_str(), "tls"),
        ("tedious", "127.0.0.1", strict, to_strict.as_str(), "tls"),
        ("tedious", "127.0.0.1", strict_wrong, to_strict.as_str(), "refused"),
        ("tedious", "localhost", strict_wrong, to_strict.as_str(), "refused"),
        ("tedious", "localhost", strict_other, to_strict_unchecked.as_str(), "refused"),
        ("tedious", "localhost", good, to_strict.as_str(), "refused"),
        ("tedious", "localhost", none, to_strict.as_str(), "refused"),
    ] {
        let found = match clients.come(client, host, port, options, true) {
            Met::Tls => "tls",
            Met::Plain => "plain",
            Met::Refused(_) => "refused",
        };
        assert_eq!(found, expected, "{client} at {host}: {options}");
    }
    // beside what verify says of TDS 8.0
    for (port, expected) in [(strict, "pass"), (strict_other, "fail"), (strict_wrong, "fail")] {
        let url = format!("mssql://localhost:{port}");
        let fixed = ["verify", "-o", "json", "--ca-file", &clients.ca, "--direct", &url];
        let document = run(&mut home.ccx(&[&fixed[..], &["--mode", "VERIFY_IDENTITY"]].concat()));
        assert_eq!(document.json()["endpoints"][0]["verdicts"][0]["verdict"], expected);
    }
}

/// Runs a snippet as it is printed.
fn run_snippet(home: &Home, client: &str, text: &str, machine: &str) -> Met {
    if client == "odbc-mssql" {
        return isql(&format!("{};PWD={{x}}", text.trim_end()), machine);
    }
    let folder = env("CCX_TEST_MSSQL");
    let mut command = match client {
        "pyodbc" => {
            let source = home.write("snippet.py", text);
            let mut command = with_driver(Path::new(&folder).join("venv/bin/python"), machine);
            command.arg(source);
            command
        }
        _ => {
            let rest = "connection.connect((e) => { console.log(e); process.exit(); });\n";
            let source = home.write("snippet.js", format!("{text}\n{rest}"));
            let mut command = with_driver("node", machine);
            command.arg(source);
            command
        }
    };
    let run = outcome(&mut command);
    met(run.stdout + &run.stderr)
}

#[test]
#[ignore = "needs tests/run"]
fn mssql_snippets_do_what_they_say() {
    let (home, pki) = (Home::new(), Pki::new());
    let ca = home.write("it's a ca.pem", pki.ca_pem());
    let other = home.write("other.pem", pki.other_pem());
    for client in CLIENTS {
        let start = |kind| match client {
            "tedious" => tds_8(&pki, kind),
            _ => tds_7(&pki, kind, Encryption::Required),
        };
        let (good, wrong) = (start(Kind::Good), start(Kind::WrongHost));
        let none = tds_7(&pki, Kind::Good, Encryption::NotSupported);
        for mode in ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"] {
            for (host, port, ca, is_trusted, is_named) in [
                ("localhost", good, &ca, true, true),
                ("127.0.0.1", good, &ca, true, true),
                ("localhost", good, &other, false, true),
                ("localhost", wrong, &ca, true, false),
                ("127.0.0.1", wrong, &ca, true, false),
                ("localhost", none, &ca, true, true),
            ] {
                let at = ["--host", host, "--port", &port.to_string(), "--ca-file", ca];
                let what = ["snippet", "client", "--engine", "mssql", "--client", client];
                let how = ["--user", "app", "--database", "a db", "--mode", mode, "-o", "json"];
                let document = home.done(&[&what[..], &at, &how].concat()).json();
                let said = &document["clients"][0];
                let of = |field: &str| said[field].as_str().expect("a text");
                assert!(of("proof").starts_with("run against a peer"), "{said}");
                let text = of("text").replace("=NAME", "=localhost");
                let checks = of("mode") == "VERIFY_IDENTITY";
                assert!(checks || mode == "REQUIRED", "{said}");
                let gets_in = port != none && (!checks || (is_trusted && is_named));
                let found = run_snippet(&home, client, &text, ca);
                assert_eq!(found == Met::Tls, gets_in, "{mode} {host}: {found:?}\n{text}");
                assert_ne!(found, Met::Plain, "{mode} {host}: {text}");
            }
        }
    }
}
