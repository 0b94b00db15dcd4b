//! `verify --simulate`: what it says of each client, told in each of its ways, beside what that
//! client does when it is told so. Every difference is a failure; what is said to be unknown
//! is allowed only where this file says why.

use std::process::Command;

use serde_json::Value;

use crate::common::db::{Bed, Config, Engine, Family, Server, outcome};
use crate::common::interpreter::Interpreter;
use crate::common::official::{Met, PASSWORD, account, present};
use crate::common::pki::{Kind, Pki};
use crate::common::{Home, env, run};

/// A client as `--simulate` has it, which versions of it, and what runs it.
struct Program {
    client: &'static str,
    versions: &'static str,
    /// A way that this version does not know yet.
    lacks: Option<&'static str>,
    runs: Runs,
}

enum Runs {
    /// The command-line client of this server.
    Official(Engine),
    /// In these, `OPTIONS` stands for what the client is told.
    Python(&'static str),
    Node(&'static str),
}

const MYSQL_CONNECTOR: &str = r#"
import mysql.connector
connection = mysql.connector.connect(host="HOST", port=PORT, user="app", password="PASSWORD", OPTIONS)
cursor = connection.cursor()
cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
answer = cursor.fetchone()[1] != ""
connection.close()
"#;
const PYMYSQL: &str = r#"
import pymysql
connection = pymysql.connect(host="HOST", port=PORT, user="app", password="PASSWORD", OPTIONS)
cursor = connection.cursor()
cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
answer = cursor.fetchone()[1] != ""
connection.close()
"#;
const MYSQL2: &str = r#"
const mysql = require("mysql2/promise");
const connection = await mysql.createConnection(
  { host: "HOST", port: PORT, user: "app", password: "PASSWORD", OPTIONS });
const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
connection.destroy();
return rows[0].Value !== "";
"#;
const PSYCOPG: &str = r#"
import psycopg
connection = psycopg.connect("host=HOST port=PORT user=app password='PASSWORD' dbname=postgres OPTIONS")
answer = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()[0]
connection.close()
"#;
const PG: &str = r#"
const { Client } = require("pg");
const client = new Client(
  { host: "HOST", port: PORT, user: "app", password: "PASSWORD", database: "postgres", OPTIONS });
try {
  await client.connect();
  const found = await client.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
  return found.rows[0].ssl;
} finally {
  client.end().catch(() => {});
}
"#;
const REDIS_PY: &str = r#"
import redis, redis.backoff, redis.retry
once = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
client = redis.Redis(host="HOST", port=PORT, socket_timeout=1, socket_connect_timeout=1, retry=once, OPTIONS)
client.ping()
answer = client.connection_pool.connection_class is redis.SSLConnection
client.close()
"#;
const IOREDIS: &str = r#"
const Redis = require("ioredis");
let said;
const client = new Redis({ host: "HOST", port: PORT, lazyConnect: true, connectTimeout: 1000,
  maxRetriesPerRequest: 0, retryStrategy: () => null, OPTIONS });
client.on("error", (error) => { said = error; });
try {
  await client.connect();
  await client.ping();
  return client.stream.encrypted === true;
} catch (error) {
  throw said || error;
} finally {
  client.disconnect();
}
"#;

/// Those for the servers of an engine. libpq is there as psql and psycopg.
fn programs(engine: Engine) -> Vec<Program> {
    let program = |client, versions, runs| Program { client, versions, lacks: None, runs };
    let mariadb = || {
        [
            program("mariadb", "before 11.4", Runs::Official(Engine::MariaDb1011)),
            program("mariadb", "11.4 and later", Runs::Official(Engine::MariaDb118)),
        ]
    };
    let drivers = [
        program("mysql-connector-python", "26 and later", Runs::Python(MYSQL_CONNECTOR)),
        program("pymysql", "1.2 and later", Runs::Python(PYMYSQL)),
        program("node-mysql2", "3.16 and later", Runs::Node(MYSQL2)),
    ];
    match engine {
        Engine::Mysql97 => {
            let mysql = program("mysql", "8 and later", Runs::Official(Engine::Mysql97));
            std::iter::once(mysql).chain(mariadb()).chain(drivers).collect()
        }
        Engine::MariaDb1011 | Engine::MariaDb118 => mariadb().into_iter().chain(drivers).collect(),
        Engine::Pg15 | Engine::Pg17 | Engine::Pg18 => {
            let mut old = program("psql", "15 and later", Runs::Official(Engine::Pg15));
            old.lacks = Some("sslmode=verify-full sslrootcert=system");
            vec![
                old,
                program("psql", "15 and later", Runs::Official(Engine::Pg17)),
                program("psycopg", "", Runs::Python(PSYCOPG)),
                program("node-pg", "8.23 and later", Runs::Node(PG)),
            ]
        }
        Engine::Redis7 | Engine::Redis8 | Engine::Valkey8 | Engine::Valkey9 => vec![
            program("redis-cli", "6.2 and later", Runs::Official(Engine::Redis7)),
            program("valkey-cli", "", Runs::Official(Engine::Valkey9)),
            program("redis-py", "6 and later", Runs::Python(REDIS_PY)),
            program("ioredis", "5 and later", Runs::Node(IOREDIS)),
        ],
    }
}

/// Who comes to the servers of one engine.
struct Clients {
    home: Home,
    /// What they take for the CA, and whether it is a root.
    ca: String,
    is_root: bool,
    programs: Vec<Program>,
    python: Interpreter,
    node: Interpreter,
    password: &'static str,
    /// More that verify is told.
    more: Vec<String>,
    faults: Vec<String>,
    compared: usize,
}

impl Clients {
    fn new(engine: Engine, pki: &Pki) -> Self {
        let home = Home::new();
        let ca = home.write("ca.pem", pki.ca_pem());
        // without a password, so that caching_sha2_password does without TLS
        let password = if engine == Engine::Mysql97 { "" } else { PASSWORD };
        Clients {
            home,
            ca,
            is_root: true,
            programs: programs(engine),
            python: Interpreter::python(),
            node: Interpreter::node(),
            password,
            more: Vec::new(),
            faults: Vec::new(),
            compared: 0,
        }
    }

    /// Compares what is said of each with what it does. `unknown` is what may be said to be so.
    fn compare(&mut self, place: &str, server: &Server, port: u16, unknown: &[&str]) {
        self.compare_at(place, server, port, "localhost", unknown, &|_| true);
    }

    fn compare_at(
        &mut self,
        place: &str,
        server: &Server,
        port: u16,
        host: &str,
        unknown: &[&str],
        wanted: &dyn Fn(&Value) -> bool,
    ) {
        let url = format!("{}://{host}:{port}", server.engine().kind());
        let mut arguments = vec!["verify", "-o", "json", "--ca-file", &self.ca, &url];
        arguments.extend(self.more.iter().map(String::as_str));
        arguments.extend(self.programs.iter().flat_map(|program| ["--simulate", program.client]));
        let document = run(&mut self.home.ccx(&arguments)).json();
        let endpoint = &document["endpoints"][0];
        let verdicts = endpoint["verdicts"].as_array().expect("verdicts");
        let good = self.is_root
            && ["REQUIRED", "VERIFY_CA"].iter().all(|mode| {
                verdicts.iter().any(|one| one["mode"] == *mode && one["verdict"] == "pass")
            });
        for number in 0..self.programs.len() {
            let Program { client, versions, lacks, .. } = self.programs[number];
            let rows = endpoint["clients"].as_array().expect("clients").iter();
            let rows = rows.filter(|row| {
                (text(row, "client"), text(row, "versions")) == (client, versions)
                    && lacks != Some(text(row, "options"))
            });
            let rows: Vec<&Value> = rows.collect();
            assert!(rows.len() >= 4, "{client} {versions}: {document}");
            for row in rows.into_iter().filter(|row| wanted(row)) {
                assert_eq!(row["proof"], "run", "{row}");
                let visit = Visit { number, row, host, port, good, engine: server.engine() };
                if let Err(fault) = self.compare_one(&visit, unknown) {
                    self.faults.push(format!("{place}, {host}, {client} {versions} {fault}"));
                }
            }
        }
    }

    fn compare_one(&mut self, visit: &Visit<'_>, unknown: &[&str]) -> Result<(), String> {
        let row = visit.row;
        let met = self.come(visit, false);
        let (outcome, reason) = (text(row, "outcome"), text(row, "reason"));
        let as_told = match (outcome, &met) {
            ("tls", Met::Tls) | ("plain", Met::Plain) => true,
            ("refuses" | "refused", Met::Refused(said)) => said.contains(text(row, "says")),
            // our CA is not among those of this machine; where it is put there, it counts
            ("unknown", Met::Refused(_)) if reason == "machine_cas" => {
                let is_node = matches!(self.programs[visit.number].runs, Runs::Node(_));
                is_node || (self.come(visit, true) == Met::Tls) == visit.good
            }
            ("unknown", _) => unknown.contains(&reason),
            _ => false,
        };
        self.compared += 1;
        if as_told {
            return Ok(());
        }
        let met = match met {
            Met::Refused(said) => {
                said.chars().rev().take(200).collect::<Vec<_>>().iter().rev().collect()
            }
            other => format!("{other:?}"),
        };
        let (options, says) = (text(row, "options"), text(row, "says"));
        Err(format!("[{options}]: {outcome} {reason} {says:?}, and it: {met}"))
    }

    /// Comes; `machine`: with the CA among those of the machine.
    fn come(&mut self, visit: &Visit<'_>, machine: bool) -> Met {
        let Visit { number, row, host, port, .. } = *visit;
        let options = text(row, "options").replace("FILE", &self.ca);
        let filled = |template: &str| {
            template
                .replace("HOST", host)
                .replace("PORT", &port.to_string())
                .replace("PASSWORD", self.password)
                .replace("OPTIONS", &options)
        };
        let told = match self.programs[number].runs {
            Runs::Official(client) => return self.official(client, &options, visit, machine),
            Runs::Python(template) => {
                let ca = if machine { self.ca.as_str() } else { "/none" };
                let set = format!("os.environ[\"SSL_CERT_FILE\"] = \"{ca}\"");
                self.python.run(&(set + &filled(template)))
            }
            Runs::Node(template) => self.node.run(&filled(template)),
        };
        match told {
            Ok(tls) if tls.as_bool().expect("yes or no") => Met::Tls,
            Ok(_) => Met::Plain,
            Err(said) => Met::Refused(said),
        }
    }

    fn official(&self, client: Engine, options: &str, visit: &Visit<'_>, machine: bool) -> Met {
        let Visit { host, port, engine, .. } = *visit;
        let (port, none) = (port.to_string(), self.home.at("none"));
        let mut command = Command::new("timeout");
        command.env_clear().env("HOME", &none).env("PATH", env("PATH"));
        command.envs(machine.then_some(("SSL_CERT_FILE", &self.ca)));
        // with TLS, Redis' clients wait at a port without it
        let waits = client.family() == Family::Redis;
        command.arg(if waits { "1" } else { "30" }).arg(client.client());
        let options = options.split_whitespace();
        match client.family() {
            Family::MySql | Family::MariaDb => {
                let mut options: Vec<&str> = options.collect();
                let (user, password) = match (client.family(), engine.family()) {
                    (Family::MariaDb, Family::MySql) => ("other", PASSWORD),
                    _ => ("app", self.password),
                };
                if options.first() == Some(&"MYSQL_PWD=PASSWORD") {
                    options.clear();
                    command.arg("--no-defaults").env("MYSQL_PWD", password);
                } else {
                    let file = format!("[client]\npassword=\"{password}\"\n");
                    let file = self.home.write("my.cnf", file);
                    command.arg(format!("--defaults-file={file}"));
                }
                if client.family() == Family::MariaDb {
                    command.arg("--plugin-dir").arg(client.client_plugins());
                }
                command.args(["--protocol=TCP", "--batch", "--skip-column-names"]);
                command.args(["--host", host, "--port", &port, "--user", user]);
                command.args(["--execute", "SHOW STATUS LIKE 'Ssl_cipher'"]).args(options);
            }
            Family::PostgreSql => {
                command.env("PGPASSWORD", self.password).env("PGSSLROOTCERT", &none);
                command.env("PGSSLCERT", &none).env("PGSSLKEY", &none);
                let fixed = format!("host={host} port={port} user=app dbname=postgres ");
                let conninfo = fixed + &options.collect::<Vec<_>>().join(" ");
                command.args(["--no-psqlrc", "--tuples-only", "--no-align", "--no-password"]);
                command.args(["--dbname", &conninfo, "--command"]);
                command.arg("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
            }
            Family::Redis => {
                command.args(["-e", "-h", host, "-p", &port]).args(options).arg("PING");
            }
        }
        let run = outcome(&mut command);
        if run.code != 0 {
            return Met::Refused(run.stderr + &run.stdout);
        }
        let said = run.stdout.trim();
        let tls = match client.family() {
            Family::MySql | Family::MariaDb => said.contains("TLS_"),
            Family::PostgreSql => said == "t",
            Family::Redis if said == "PONG" => text(visit.row, "options").contains("--tls"),
            Family::Redis => return Met::Refused(said.to_owned()),
        };
        if tls { Met::Tls } else { Met::Plain }
    }

    /// Nothing differed, and something was compared.
    fn done(self, at_least: usize) {
        let all = self.faults.len();
        assert!(all == 0, "{all} differences:\n{}", self.faults.join("\n"));
        assert!(self.compared >= at_least, "only {} compared", self.compared);
    }
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// One client that comes.
struct Visit<'a> {
    number: usize,
    row: &'a Value,
    host: &'a str,
    port: u16,
    engine: Engine,
    /// Whether the server's certificate is of our CA, and the server takes the client.
    good: bool,
}

/// Those in which the address that is dialled makes a difference.
const NAMES: [Kind; 9] = [
    Kind::Good,
    Kind::Expired,
    Kind::WrongHost,
    Kind::DnsOnly,
    Kind::CnOnly,
    Kind::CnSan,
    Kind::IpAsDns,
    Kind::NoExtensions,
    Kind::Version1,
];

/// Every certificate, then `more` of the same server; then a server without TLS.
fn every_kind(
    engine: Engine,
    unknown: &[&str],
    more: impl Fn(&mut Clients, &Server),
    least: usize,
) {
    let pki = Pki::new();
    let mut clients = Clients::new(engine, &pki);
    let bed = Bed::new(engine);
    let good = pki.server(Kind::Good);
    bed.put(&pki.ca_pem(), &good.certificate, &good.key);
    let mut server = bed.start(&Config::tls(engine));
    accounts(&server);
    for kind in Kind::ALL {
        present(&mut server, &pki, kind);
        let (place, port) = (format!("{kind:?}"), server.tls_port());
        clients.compare_at(&place, &server, port, "localhost", unknown, &|_| true);
        if NAMES.contains(&kind) {
            let looks = |row: &Value| row["checks"].as_array().is_some_and(|all| !all.is_empty());
            clients.compare_at(&place, &server, port, "127.0.0.1", unknown, &looks);
        }
    }
    // the intermediate alone as the CA: OpenSSL goes on to look for a root, Python from 3.13 on
    // does not, and which Python it will be, nobody can tell
    present(&mut server, &pki, Kind::Leaf);
    let intermediate = clients.home.write("intermediate.pem", pki.intermediate_pem());
    let ca = std::mem::replace(&mut clients.ca, intermediate);
    clients.is_root = false;
    let unknown_too = [unknown, &["untrusted"]].concat();
    clients.compare("an intermediate as the CA", &server, server.tls_port(), &unknown_too);
    (clients.ca, clients.is_root) = (ca, true);
    present(&mut server, &pki, Kind::Good);
    more(&mut clients, &server);
    drop(server);

    let plain = Server::start(engine, &Config::off(engine));
    accounts(&plain);
    clients.compare("without TLS", &plain, plain.port(), &[]);
    clients.done(least);
}

fn accounts(server: &Server) {
    if server.engine().family() == Family::MySql {
        server.admin("CREATE USER app");
        server.admin(&format!("CREATE USER other IDENTIFIED BY '{PASSWORD}'"));
        // so that the server knows it by the time that somebody comes without TLS
        let mut client = Command::new(server.engine().client());
        client.args(["--no-defaults", "--user=other", "--execute", "SELECT 1", "--socket"]);
        let run = outcome(client.arg(server.socket()).env("MYSQL_PWD", PASSWORD));
        assert_eq!(run.code, 0, "{}", run.stderr);
    } else {
        account(server, "app", "");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_mysql() {
    // it says whether it takes clients without TLS only after a good login
    let unknown = ["needs_login"];
    every_kind(
        Engine::Mysql97,
        &unknown,
        |clients, server| {
            let demand = "SET GLOBAL require_secure_transport = ON";
            server.admin(demand);
            clients.compare("TLS demanded", server, server.port(), &unknown);
            // an account tells what nobody is told
            let password = clients.home.write("password", PASSWORD);
            let user = ["--user", "other", "--password-file", &password];
            clients.more = user.map(str::to_owned).to_vec();
            clients.compare("TLS demanded, by account", server, server.port(), &[]);
            server.admin(&demand.replace("ON", "OFF"));
            clients.compare("TLS offered, by account", server, server.port(), &[]);
            clients.more.clear();
        },
        500,
    );
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_mariadb() {
    every_kind(
        Engine::MariaDb118,
        &[],
        |clients, server| {
            server.admin("SET GLOBAL require_secure_transport = ON");
            clients.compare("TLS demanded", server, server.port(), &[]);
        },
        500,
    );
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_postgresql() {
    let rules = [
        ("TLS demanded", "hostssl all all all scram-sha-256"),
        ("TLS refused", "hostnossl all all all scram-sha-256"),
        ("a certificate demanded", "hostssl all all all scram-sha-256 clientcert=verify-ca"),
        (
            "a certificate demanded of TLS",
            "hostssl all all all scram-sha-256 clientcert=verify-ca\n\
          hostnossl all all all scram-sha-256",
        ),
    ];
    every_kind(
        Engine::Pg17,
        &[],
        |clients, server| {
            for (what, rules) in rules {
                server.put_file("pg_hba.conf", &format!("local all all trust\n{rules}\n"));
                server.reload().expect("reloaded");
                clients.compare(what, server, server.port(), &[]);
            }
        },
        500,
    );
}

#[test]
#[ignore = "needs tests/run"]
fn clients_of_redis_and_valkey() {
    every_kind(
        Engine::Valkey9,
        &[],
        |clients, server| {
            server.admin("CONFIG SET tls-auth-clients yes");
            clients.compare("a certificate demanded", server, server.tls_port(), &[]);
        },
        350,
    );
}

#[test]
fn simulated_client_is_looked_up_by_name() {
    let home = Home::with_ca();
    let nobody = "mysql://127.0.0.1:1";
    let said = |arguments: &[&str], code| {
        home.fails(&[&["verify", nobody], arguments].concat(), 2, code).stderr
    };
    // a name that there is not: which there are, and which was meant perhaps
    let unknown = said(&["--simulate", "psq"], "usage");
    assert!(unknown.contains("[possible values: all, mysql, mariadb,"), "{unknown}");
    assert!(unknown.contains("a similar value exists: 'psql'"), "{unknown}");
    for version in ["mysql@", "mysql@x", "mysql@5.6", "mysql@8@9", "all@8"] {
        said(
            &["--simulate", version],
            if version == "mysql@5.6" || version == "all@8" {
                "client-version"
            } else {
                "engine-version"
            },
        );
    }
    said(&["--simulate", "@8"], "usage");
    let other = said(&["--simulate", "mysql", "--simulate", "psql"], "client-other-engine");
    assert!(other.contains("psql is no client of mysql"), "{other}");
    for format in ["junit", "sarif", "prometheus"] {
        said(&["--simulate", "mysql", "-o", format], "as-format");
    }
    for option in [&["--watch", "1s"][..], &["--direct"]] {
        said(&[&["--simulate", "mysql"], option].concat(), "usage");
    }
    // of servers of several engines, each has its own
    let arguments = ["verify", "-o", "json", nobody, "valkey://127.0.0.1:1", "--simulate"];
    let document =
        home.run(&[&arguments[..], &["mysql@9.7", "--simulate", "redis-cli"]].concat()).json();
    let clients = |number: usize| {
        let rows = document["endpoints"][number]["clients"].as_array().expect("clients");
        assert!(rows.iter().all(|row| row["outcome"] == "unknown"), "{document}");
        let mut names: Vec<&str> = rows.iter().map(|row| text(row, "client")).collect();
        names.dedup();
        names.join(" ")
    };
    assert_eq!([clients(0), clients(1)], ["mysql", "redis-cli"]);
    let all = home.run(&[&arguments[..], &["all"]].concat()).json();
    for endpoint in all["endpoints"].as_array().expect("endpoints") {
        assert!(endpoint["clients"].as_array().expect("clients").len() > 20, "{endpoint}");
    }
    let without = home.run(&arguments[..5]).json();
    assert!(without["endpoints"][0].get("clients").is_none(), "{without}");
}

#[test]
#[ignore = "needs tests/run"]
fn rows_are_information_for_people() {
    let (home, pki) = (Home::new(), Pki::new());
    let bed = Bed::new(Engine::Valkey9);
    let identity = pki.server(Kind::WrongHost);
    bed.put(&pki.ca_pem(), &identity.certificate, &identity.key);
    let server = bed.start(&Config::tls(Engine::Valkey9));
    let (ca, url) = (home.write("ca.pem", pki.ca_pem()), server.url("localhost"));
    let modes = ["--mode", "VERIFY_CA", "--mode", "PLAINTEXT"];
    let fixed = [&["verify", "--ca-file", &ca, &url], &modes[..]].concat();
    let verify = |more: &[&str]| home.done(&[&fixed[..], more].concat());

    // no mode that is wanted fails, so the clients that refuse change no status
    let told = verify(&["--simulate", "redis-py", "--simulate", "redis-cli"]).stdout;
    let row = |options: &str| {
        let line = told.lines().find(|line| line.contains(&format!("  {options}  ")));
        let line = line.unwrap_or_else(|| panic!("no {options}: {told}"));
        line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect::<Vec<_>>()
    };
    let named = row("ssl=True, ssl_ca_certs=\"FILE\"");
    assert_eq!(named[2..], ["refuses: name", "trust, dates, purpose, name", "-"]);
    assert_eq!(named[0], "redis-py (6 and later)");
    let unnamed = row("--tls --cacert FILE");
    assert_eq!(unnamed[2..], ["connects over TLS", "trust, dates, purpose", "name"]);
    let plain = row("(none)");
    assert_eq!(plain[2..], ["is refused: TLS is demanded", "-", "trust, dates, purpose, name"]);
    let machine = row("--tls");
    assert_eq!(machine[2], "unknown: the machine's CAs");
    assert!(told.contains("\n  redis-py prints: certificate is not valid for\n"), "{told}");
    assert!(told.contains(", and the client dials localhost\n"), "{told}");
    assert!(told.contains(&format!("\n\nclients of {url}\nCLIENT  ")), "{told}");

    // quiet: only what is not as one would have it
    let quiet = verify(&["--simulate", "redis-cli", "--quiet"]).stdout;
    assert!(quiet.starts_with("clients of ") && !quiet.contains("connects over TLS"), "{quiet}");
    let wide = verify(&["--simulate", "go-redis", "-o", "wide"]).stdout;
    assert!(wide.contains("documentation  from documentation: pkg.go.dev/"), "{wide}");
    assert!(verify(&["-o", "yaml", "--simulate", "ioredis"]).stdout.contains("outcome: refuses\n"));
}
