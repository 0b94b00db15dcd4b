//! `snippet server`: each configuration, loaded by the real server, and what the server then
//! does with clients: of its own kind, and ours.

use std::path::Path;
use std::process::Command;

use crate::common::db::{Bed, Config, Engine, Family, Server, outcome, own};
use crate::common::pki::{Client, Identity, Kind, Pki};
use crate::common::{Home, Run, ccx, run};

/// A folder whose name every file format has to quote.
const ODD: &str = "it's \"tls\" #1; \\n é";

/// The files that `snippet server` writes for a server whose TLS files are in `tls`.
fn snippet(home: &Home, bed: &Bed, tls: &str, more: &[&str]) -> Vec<(String, String)> {
    let engine = bed.engine();
    let tls = bed.dir().join(tls);
    let out = home.at(engine.name());
    let mut command = ccx(home.path());
    command.args(["snippet", "server", "--engine", engine.kind()]);
    command.args(["--engine-version", engine.version(), "--out", &out, "--force"]);
    command.arg("--dir").arg(&tls).args(more);
    if engine.family() == Family::Redis {
        command.args(["--tls-port", &bed.tls_port().to_string()]);
    }
    let made = run(&mut command);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&out)
        .expect("the folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let text = std::fs::read_to_string(entry.path()).expect("text");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    files.sort();
    files
}

/// A server with that configuration and nothing else of ours, and an account `app`.
fn start(home: &Home, pki: &Pki, engine: Engine, tls: &str, more: &[&str]) -> Server {
    let identity = pki.server(Kind::Good);
    let bed = Bed::new(engine);
    if !bed.dir().join(tls).exists() {
        std::fs::create_dir(bed.dir().join(tls)).expect("a folder");
        own(&bed.dir().join(tls));
    }
    bed.put_file(&format!("{tls}/ca.pem"), &pki.ca_pem());
    bed.put_file(&format!("{tls}/server-cert.pem"), &identity.certificate);
    bed.put_file(&format!("{tls}/server-key.pem"), &identity.key);
    let files = snippet(home, &bed, tls, more);
    let named = |end: &str| files.iter().find(|(name, _)| name.contains(end)).map(|(_, text)| text);
    let config = match engine.family() {
        Family::PostgreSql => {
            let mut hba = named("pg_hba").expect("pg_hba.conf").clone();
            if engine == Engine::Pg17 {
                bed.put_file("pg_hba.ccx-sec.conf", &hba);
                hba = "include {dir}/pg_hba.ccx-sec.conf".to_owned();
            }
            let theirs = "local all all trust\nhost all all 127.0.0.0/8 scram-sha-256\n";
            Config::bare().and(named("zz-").expect("settings")).hba(&format!("{hba}\n{theirs}"))
        }
        Family::Redis => Config::bare().and(named("ccx-sec").expect("settings")),
        _ => Config::bare().and(named("zz-").expect("settings")),
    };
    let server = bed.start(&config);
    match engine.family() {
        Family::MySql | Family::MariaDb => {
            drop(server.admin("CREATE USER app@'%' IDENTIFIED BY 'a password'"));
        }
        Family::PostgreSql => drop(server.admin("CREATE USER app PASSWORD 'a password'")),
        Family::Redis => {}
    }
    server
}

/// How the engine's own client comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Come<'a> {
    Plain,
    Tls,
    With(&'a Path),
}

/// The engine's own client, which trusts the CA, and looks at names where it can.
fn client(server: &Server, ca: &Path, come: Come<'_>) -> Run {
    let engine = server.engine();
    let mut client = Command::new(engine.client());
    client.env_clear().env("HOME", "/dev/null/none").env("MYSQL_PWD", "a password");
    client.env("PGPASSWORD", "a password").env("PGCONNECT_TIMEOUT", "20");
    let ca = ca.display();
    let file = |name: &str| match come {
        Come::With(folder) => folder.join(name).display().to_string(),
        _ => String::new(),
    };
    match engine.family() {
        Family::MySql | Family::MariaDb => {
            let port = server.port().to_string();
            client.args(["--no-defaults", "--host=127.0.0.1", "--user=app", "--port", &port]);
            client.args(["--batch", "--skip-column-names", "--connect-timeout=20"]);
            let mysql = engine.family() == Family::MySql;
            match (come, mysql) {
                (Come::Plain, true) => {
                    client.args(["--ssl-mode=DISABLED", "--get-server-public-key"]);
                }
                (Come::Plain, false) => drop(client.arg("--skip-ssl")),
                (_, true) => {
                    client.arg("--ssl-mode=VERIFY_IDENTITY").arg(format!("--ssl-ca={ca}"));
                }
                (_, false) => {
                    client.arg("--ssl-verify-server-cert").arg(format!("--ssl-ca={ca}"));
                }
            }
            if let Come::With(_) = come {
                client.arg(format!("--ssl-cert={}", file("client-cert.pem")));
                client.arg(format!("--ssl-key={}", file("client-key.pem")));
            }
            client.args(["--execute", "SHOW SESSION STATUS LIKE 'Ssl_version'"]);
        }
        Family::PostgreSql => {
            let mode = if come == Come::Plain { "disable" } else { "verify-full" };
            let mut conninfo = format!(
                "host=127.0.0.1 port={} user=app dbname=postgres sslmode={mode} sslrootcert={ca}",
                server.port()
            );
            if let Come::With(_) = come {
                let (cert, key) = (file("client-cert.pem"), file("client-key.pem"));
                conninfo += &format!(" sslcert={cert} sslkey={key}");
            }
            client.args(["--no-psqlrc", "--tuples-only", "--no-align", &conninfo, "--command"]);
            client.arg("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        }
        Family::Redis => {
            let port = if come == Come::Plain { server.port() } else { server.tls_port() };
            client.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
            if come != Come::Plain {
                client.args(["--tls", "--cacert", &ca.to_string()]);
            }
            if let Come::With(_) = come {
                client.args(["--cert", &file("client-cert.pem"), "--key", &file("client-key.pem")]);
            }
            client.arg("PING");
        }
    }
    outcome(&mut client)
}

/// What `ccx-sec verify` says of it: each mode, and the verdict.
fn verified(home: &Home, server: &Server, ca: &str, more: &[&str]) -> Vec<(String, String)> {
    let url = server.url("localhost");
    let fixed = ["verify", "-o", "json", "--ca-file", ca, &url];
    let json = home.run(&[&fixed[..], more].concat()).json();
    let verdicts = json["endpoints"][0]["verdicts"].as_array().expect("verdicts").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    verdicts.map(|one| (text(&one["mode"]), text(&one["verdict"]))).collect()
}

/// Files of a client, readable for us alone.
fn identity(home: &Home, name: &str, identity: &Identity) -> std::path::PathBuf {
    let folder = home.join(name);
    std::fs::create_dir(&folder).expect("a folder");
    home.write(&format!("{name}/client-cert.pem"), &identity.certificate);
    home.write(&format!("{name}/client-key.pem"), &identity.key);
    folder
}

/// It got in, by TLS; of Redis, it was answered.
fn is_in(run: &Run) -> bool {
    run.code == 0 && ["TLSv1.3", "PONG"].iter().any(|sign| run.stdout.contains(sign))
}

/// It was turned away, for what it came without.
fn is_out(run: &Run, signs: &[&str]) -> bool {
    run.code != 0 && signs.iter().any(|sign| run.stderr.contains(sign))
}

const NO_PLAIN: &[&str] = &[
    "3159",
    "1045", // MariaDB 10.11 says no more than this
    "pg_hba.conf rejects connection",
    "Connection refused",
];

#[test]
#[ignore = "needs tests/run"]
fn server_with_required_serves_tls_and_nothing_else() {
    let (home, pki) = (Home::new(), Pki::new());
    let ca = home.write("ca.pem", pki.ca_pem());
    for engine in Engine::ALL {
        let server = start(&home, &pki, engine, ODD, &[]);
        let plain = client(&server, ca.as_ref(), Come::Plain);
        assert!(is_out(&plain, NO_PLAIN), "{engine:?}: {}{}", plain.stdout, plain.stderr);
        let tls = client(&server, ca.as_ref(), Come::Tls);
        assert!(is_in(&tls), "{engine:?}: {}{}", tls.stdout, tls.stderr);
        // These two say so after a good login alone.
        let tells = !matches!(engine, Engine::Mysql97 | Engine::MariaDb1011);
        let expected = [
            ("REQUIRED", "pass"),
            ("VERIFY_IDENTITY", "pass"),
            ("PLAINTEXT", if tells { "pass" } else { "unknown" }),
        ];
        let modes = expected.iter().flat_map(|(mode, _)| ["--mode", mode]).collect::<Vec<_>>();
        let expected = expected.map(|(mode, verdict)| (mode.to_owned(), verdict.to_owned()));
        assert_eq!(verified(&home, &server, &ca, &modes), expected, "{engine:?}");
        let offers = ["-tls1_3", "-tls1_2", "-tls1_1"].map(|version| speaks(&server, version));
        assert_eq!(offers, [true, true, false], "{engine:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn server_with_verify_ca_wants_a_certificate_and_modern_speaks_tls_1_3() {
    let (home, pki) = (Home::new(), Pki::new());
    let ca = home.write("ca.pem", pki.ca_pem());
    let good = identity(&home, "good", &pki.client(Client::Good));
    let other = identity(&home, "other", &pki.client(Client::OtherCa));
    for engine in Engine::ALL {
        let more = ["--mode", "VERIFY_CA", "--profile", "modern"];
        let server = start(&home, &pki, engine, "tls", &more);
        if matches!(engine.family(), Family::MySql | Family::MariaDb) {
            let users = home.done(&[
                "snippet",
                "users",
                "--engine",
                engine.kind(),
                "--engine-version",
                engine.version(),
                "--mode",
                "VERIFY_CA",
                "--account",
                "app",
            ]);
            server.admin(&users.stdout);
        }
        let come = |come| client(&server, ca.as_ref(), come);
        let told = |run: &Run| format!("{engine:?}: {}{}", run.stdout, run.stderr);
        let plain = come(Come::Plain);
        assert!(is_out(&plain, NO_PLAIN), "{}", told(&plain));
        let with = come(Come::With(&good));
        assert!(is_in(&with), "{}", told(&with));
        let without = come(Come::Tls);
        assert!(!is_in(&without) && without.stdout.is_empty(), "{}", told(&without));
        let signs = ["1045", "requires a valid client certificate", "closed", "reset"];
        assert!(signs.iter().any(|sign| told(&without).contains(sign)), "{}", told(&without));
        let foreign = come(Come::With(&other));
        assert!(!is_in(&foreign) && foreign.stdout.is_empty(), "{}", told(&foreign));
        if matches!(engine.family(), Family::PostgreSql | Family::Redis) {
            let (cert, key) = (good.join("client-cert.pem"), good.join("client-key.pem"));
            let shown = [cert, key].map(|path| path.display().to_string());
            let more = [
                "--mode",
                "VERIFY_CA",
                "--expect-client-cert-required",
                "--probe-user",
                "app",
                "--client-cert",
                &shown[0],
                "--client-key",
                &shown[1],
            ];
            let passed = |mode: &str| (mode.to_owned(), "pass".to_owned());
            let told = verified(&home, &server, &ca, &more);
            assert_eq!(told, [passed("VERIFY_CA"), passed("MUTUAL_TLS")], "{engine:?}");
        }
        let offers = ["-tls1_3", "-tls1_2"].map(|version| speaks(&server, version));
        assert_eq!(offers, [true, false], "{engine:?}");
    }
}

/// Whether the server speaks that version of TLS with `openssl s_client`.
fn speaks(server: &Server, version: &str) -> bool {
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", version, "-connect", &format!("127.0.0.1:{}", server.tls_port())]);
    openssl.args(["-cipher", "DEFAULT@SECLEVEL=0"]);
    match server.engine().family() {
        Family::MySql | Family::MariaDb => drop(openssl.args(["-starttls", "mysql"])),
        Family::PostgreSql => drop(openssl.args(["-starttls", "postgres"])),
        Family::Redis => {}
    }
    let run = outcome(&mut openssl);
    ["Cipher is TLS_", "Cipher is ECDHE-"].iter().any(|sign| run.stdout.contains(sign))
}

#[test]
#[ignore = "needs tests/run"]
fn mysql_does_not_start_without_its_files() {
    let home = Home::new();
    let bed = Bed::new(Engine::Mysql97);
    let files = snippet(&home, &bed, "nowhere", &[]);
    let log = bed.try_start(&Config::bare().and(&files[0].1)).err().expect("it does not start");
    assert!(log.contains("SSL") || log.contains("TLS"), "{log}");
}

/// Accounts with mysql_native_password come without TLS, and nobody else, once the statements
/// that the second file prints were run.
#[test]
#[ignore = "needs tests/run"]
fn exception_is_for_old_accounts_alone() {
    let (home, pki) = (Home::new(), Pki::new());
    let ca = home.write("ca.pem", pki.ca_pem());
    for engine in [Engine::MariaDb1011, Engine::MariaDb118] {
        let more = ["--exception", "mysql_native_password"];
        let server = start(&home, &pki, engine, "tls", &more);
        let sql = home.join(engine.name()).join("exception-mysql_native_password.sql");
        let sql = std::fs::read_to_string(sql).expect("SQL");
        let say = |come| client(&server, ca.as_ref(), come);
        let plain = say(Come::Plain);
        assert_eq!((plain.code, plain.stderr.as_str()), (0, ""), "{engine:?}: an old account");

        server.admin("INSTALL SONAME 'auth_ed25519'");
        server.admin("ALTER USER app IDENTIFIED VIA ed25519 USING PASSWORD('a password')");
        server.admin("CREATE USER old IDENTIFIED BY 'a password'");
        let answer = server.admin(&sql);
        let statements: Vec<&str> =
            answer.lines().filter(|line| line.starts_with("ALTER USER")).collect();
        assert_eq!(statements, ["ALTER USER 'app'@'%' REQUIRE SSL;"], "{answer}");
        assert!(answer.contains("root\tlocalhost\t\n"), "the oldest form of the same: {answer}");
        assert!(answer.contains("old\t%\tmysql_native_password\n"), "{answer}");
        server.admin(statements[0]);
        let left = server.admin(&sql);
        assert!(!left.contains("app"), "{left}");
        assert_eq!(server.admin("SELECT ssl_type FROM mysql.user WHERE User = 'old'"), "\n");

        // its client finds the plugin for ed25519 where the other plugins are
        let plugins = engine.client_plugins();
        let with = |arguments: &[&str]| {
            let mut client = Command::new(engine.client());
            client.args(["--no-defaults", "--host=127.0.0.1", "--user=app", "--execute=SELECT 1"]);
            client.arg(format!("--port={}", server.port())).env("MYSQL_PWD", "a password");
            outcome(client.arg(format!("--plugin-dir={}", plugins.display())).args(arguments))
        };
        let tls = with(&["--ssl-verify-server-cert", &format!("--ssl-ca={ca}")]);
        assert_eq!(tls.code, 0, "{engine:?}: {}", tls.stderr);
        let plain = with(&["--skip-ssl"]);
        assert!(is_out(&plain, &["1045"]), "{engine:?}: {}{}", plain.stdout, plain.stderr);
    }
}

/// What is written where, and what is in the way.
#[test]
fn files_are_written_once() {
    let home = Home::new();
    let postgresql =
        ["snippet", "server", "--engine", "postgresql", "--engine-version", "17", "--dir", "/tls"];
    let with = |more: &[&'static str]| [&postgresql[..], more].concat();
    let made = home.done(&with(&["--out", "out"]));
    let names = ["pg_hba.ccx-sec.conf", "zz-ccx-sec.conf"];
    assert!(names.iter().all(|name| made.stdout.contains(name)), "{}", made.stdout);
    let printed = home.done(&postgresql);
    for name in names {
        let text = std::fs::read_to_string(home.join("out").join(name)).expect("a file");
        assert!(printed.stdout.contains(&format!("# ==== {name} ====\n{text}")), "{name}");
    }
    home.fails(&with(&["--out", "out"]), 4, "file-exists");
    home.done(&with(&["--out", "out", "--force"]));

    let document = home.done(&with(&["-o", "json"])).json();
    let files = document["files"].as_array().expect("files");
    assert_eq!(files.len(), 2);
    assert_eq!(document["profile"], "intermediate");
    for claim in files.iter().flat_map(|file| file["claims"].as_array().expect("claims")) {
        assert!(claim["source"].as_str().is_some_and(|source| !source.is_empty()), "{claim}");
    }
    let verbose = home.done(&with(&["-v"]));
    assert!(verbose.stderr.contains("[seen: PostgreSQL 15, 17, 18]"), "{}", verbose.stderr);
}

#[test]
fn settings_that_leave_tls_off_are_refused() {
    let home = Home::new();
    let server = ["snippet", "server", "--dir", "/tls"];
    let with = |more: &[&'static str]| [&server[..], more].concat();
    let exception = ["--exception", "mysql_native_password"];
    let mysql9 = with(&["--engine", "mysql", "--engine-version", "9.7"]);
    home.fails(&[&mysql9[..], &exception[..]].concat(), 4, "exception-gone");
    let redis = with(&["--engine", "redis", "--engine-version", "7.2"]);
    home.fails(&[&redis[..], &exception[..]].concat(), 2, "exception-unsupported");
    for mode in ["DISABLED", "PREFERRED"] {
        home.fails(&[&redis[..], &["--mode", mode]].concat(), 2, "usage");
    }
    let mssql = with(&["--engine", "mssql", "--engine-version", "2022", "--mode", "VERIFY_CA"]);
    home.fails(&mssql, 2, "mode-unsupported");
    home.fails(
        &["snippet", "server", "--engine", "redis", "--engine-version", "7.2", "--dir", "tls"],
        2,
        "dir-relative",
    );
}
