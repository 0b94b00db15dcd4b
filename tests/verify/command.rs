//! `ccx-sec verify`, the command: which servers, which modes, in which form, and when to stop.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::tls::{closed_port, peer};
use crate::common::{Home, run};

const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

/// A store with a CA, and a server with a certificate of it, for the address and a name that
/// is no host's.
fn home_and_server(engine: Engine, config: &Config) -> (Home, Server) {
    let home = Home::new();
    home.init();
    home.ccx(&["cert", "issue", "--datastore", DATASTORE, "--node", "db-1", "--domain"])
        .args(["ccx.example.com", "--ip", "127.0.0.1", "--out", "tls", "--secret", "--quiet"])
        .args(["--engine", engine.kind()])
        .assert()
        .success();
    let bed = Bed::new(engine);
    let file = |name: &str| fs::read_to_string(home.join("tls").join(name)).expect("written");
    bed.put(&file("ca.pem"), &file("server-cert.pem"), &file("server-key.pem"));
    (home, bed.start(config))
}

#[test]
#[ignore = "needs tests/run"]
fn table_for_people_says_why_and_what_to_do() {
    let engine = Engine::Pg15;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let port = server.port();
    let url = format!("postgresql://127.0.0.1:{port}/app");
    let said = run(&mut home.ccx(&["verify", &url]));
    assert_eq!((said.code, said.stderr.as_str()), (1, ""));
    assert_eq!(
        said.stdout,
        format!(
            "ENDPOINT                          MODE             VERDICT   REASON\n\
             postgresql://127.0.0.1:{port}/app  REQUIRED         pass      -\n\
             postgresql://127.0.0.1:{port}/app  VERIFY_CA        pass      -\n\
             postgresql://127.0.0.1:{port}/app  VERIFY_IDENTITY  pass      -\n\
             postgresql://127.0.0.1:{port}/app  PLAINTEXT        accepted  plain_accepted\n  \
             the server goes on to the login of a client that comes without TLS\n  \
             to do: at the top of pg_hba.conf: hostnossl all,replication all all reject\n         \
             then let the server read it: SELECT pg_reload_conf();\n  \
             checked for user ccx-sec-probe; from 127.0.0.1; database app\n"
        )
    );
    let quiet = run(&mut home.ccx(&["verify", &url, "--mode", "verify_ca", "--quiet"]));
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (0, "", ""));
    let name = format!("postgresql://localhost:{port}");
    let said = run(&mut home.ccx(&["verify", &name, "--mode", "VERIFY_IDENTITY", "-o", "wide"]));
    assert_eq!((said.code, said.stderr.as_str()), (1, ""));
    for part in ["name_mismatch", "TLSv1.3", "TLS_AES_", "wanted: DNS name localhost"] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    let remedy = "to do: on the server, install a certificate that also has this name: ccx-sec \
                  cert install --engine postgresql --datastore ";
    assert!(said.stdout.contains(remedy), "{}", said.stdout);
    assert!(said.stdout.contains(" --ip 127.0.0.1 --dns localhost --dir DIR "), "{}", said.stdout);
    let nothing = run(&mut home.ccx(&["verify", "-o", "json"]));
    assert_eq!((nothing.code, nothing.error_code().as_str()), (2, "usage"));
    assert!(nothing.stderr.contains("--from-secrets"), "{}", nothing.stderr);
    let other = Home::new();
    other.ccx(&["ca", "init", "--common-name", "Another CA"]).assert().success();
    let said = run(&mut other.ccx(&["verify", &url, "--mode", "VERIFY_CA"]));
    assert_eq!((said.code, said.stderr.as_str()), (1, ""));
    assert!(said.stdout.contains("fail     untrusted"), "{}", said.stdout);
    let no_ca = Home::new();
    let said = run(&mut no_ca.ccx(&["verify", &url, "-o", "json"]));
    assert_eq!((said.code, said.error_code().as_str()), (3, "bundle-missing"));
    let said = run(&mut no_ca.ccx(&["verify", &url, "--mode", "REQUIRED"]));
    assert_eq!(said.code, 0, "REQUIRED needs no CA: {}", said.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn machine_formats_hold_the_verdicts() {
    let engine = Engine::Redis7;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let good = server.url("127.0.0.1");
    let gone = format!("mysql://127.0.0.1:{}", closed_port());
    let verify = |format: &str| {
        let said =
            run(&mut home.ccx(&["verify", &good, &gone, "--mode", "VERIFY_CA", "-o", format]));
        assert_eq!((said.code, said.stderr.as_str()), (3, ""), "{format}");
        said
    };
    let json = verify("json").json();
    assert_eq!(json["summary"]["passed"], 1);
    assert_eq!(json["summary"]["unknown"], 1);
    let endpoint = &json["endpoints"][0];
    assert_eq!(endpoint["url"], good);
    assert_eq!(endpoint["engine"], "redis");
    assert_eq!(endpoint["tls"]["certificates"][0]["san"]["ip"][0], "127.0.0.1");
    assert_eq!(
        endpoint["verdicts"][0],
        serde_json::json!({"mode": "VERIFY_CA", "verdict": "pass"})
    );
    let verdict = &json["endpoints"][1]["verdicts"][0];
    assert_eq!((&verdict["verdict"], &verdict["reason"]), (&"unknown".into(), &"refused".into()));
    assert!(verdict["hints"][0].as_str().expect("a remedy").contains("ss -ltn"));
    assert!(verify("yaml").stdout.contains("reason: refused"));
    assert_eq!((&json["format_version"], &json["result"]), (&1.into(), &"unknown".into()));
    assert_eq!(
        (&endpoint["result"], &json["endpoints"][1]["result"]),
        (&"pass".into(), &"unknown".into())
    );

    let said = run(&mut home.ccx(&["ca", "show", "-o", "junit"]));
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("[output-format]"), "{}", said.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn fleets_come_from_inventories_and_from_the_store() {
    let engine = Engine::Valkey9;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let node = format!("{DATASTORE}/db-1");
    let inventory = format!(
        "nodes:\n- {{datastore: {DATASTORE}, node: db-1, engine: valkey, port: {}}}\n",
        server.tls_port()
    );
    fs::write(home.join("nodes.yaml"), inventory).expect("written");
    let by = |arguments: &[&str]| {
        let all = ["verify", "-o", "json", "--mode", "REQUIRED", "--timeout", "5s"];
        let said = run(&mut home.ccx(&[&all[..], arguments].concat()));
        assert_eq!((said.code, said.stderr.as_str()), (3, ""), "{}", said.stdout);
        said.json()["endpoints"][0].clone()
    };
    let host = format!("db-1.{DATASTORE}.ccx.example.com");
    for (arguments, port) in [
        (&["--inventory", "nodes.yaml", "--domain", "ccx.example.com"][..], server.tls_port()),
        (&["--from-secrets"], 6379),
    ] {
        let endpoint = by(arguments);
        // A name that no resolver knows: what is dialled is what counts here.
        assert_eq!(endpoint["url"], format!("valkey://{host}:{port}"), "{arguments:?}");
        assert_eq!(endpoint["node"], node, "{arguments:?}");
        assert_eq!(endpoint["verdicts"][0]["reason"], "name_unknown", "{arguments:?}");
    }
    let empty = Home::new();
    empty.init();
    let said = run(&mut empty.ccx(&["verify", "--from-secrets", "-o", "json"]));
    assert_eq!((said.code, said.error_code().as_str()), (3, "nodes-missing"));
}

#[test]
fn nodes_of_secrets_are_dialled_by_their_own_names() {
    let home = Home::with_ca();
    let issue = |node: &str, names: &[&str]| {
        let mut issue = home.ccx(&["cert", "issue", "--datastore", DATASTORE, "--node", node]);
        let all = ["--domain", "ccx.example.com", "--engine", "valkey", "--secret", "--quiet"];
        issue.args(all).args(names.iter().flat_map(|name| ["--dns", name])).assert().success();
    };
    // Each of these comes before the node's own in the sorted names of the certificate.
    issue("va", &["localhost"]);
    issue("vb", &["aaa.example.com", "localhost"]);
    issue("vc", &[&format!("va.{DATASTORE}.ccx.example.com")]);
    let verify = ["verify", "--from-secrets", "--mode", "REQUIRED", "--timeout", "5s"];
    let said = run(&mut home.ccx(&verify));
    assert_eq!((said.code, said.stderr.as_str()), (3, ""), "{}", said.stdout);
    for node in ["va", "vb", "vc"] {
        let url = format!("valkey://{node}.{DATASTORE}.ccx.example.com:6379");
        assert!(said.stdout.contains(&url), "{}", said.stdout);
    }
    assert!(!said.stdout.contains("//localhost"), "{}", said.stdout);
    assert!(!said.stdout.contains("pass "), "{}", said.stdout);
    // Two names of one node: nobody knows which of them is dialled.
    issue("vd", &[&format!("vd.{DATASTORE}.other.example.com")]);
    let said = run(&mut home.ccx(&verify));
    assert_eq!((said.code, said.stdout.as_str()), (3, ""));
    assert!(said.stderr.contains(&format!("{DATASTORE}/vd")), "{}", said.stderr);
    assert!(said.stderr.contains("[node-unknown]"), "{}", said.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn every_address_of_a_name_is_looked_at_where_asked_for() {
    let engine = Engine::Redis7;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let url = server.url("localhost");
    let said = run(&mut home.ccx(&["verify", &url, "--mode", "VERIFY_CA", "-o", "json"]));
    assert_eq!(said.code, 0, "the first that answers: {}", said.stdout);
    let all = ["verify", &url, "--mode", "VERIFY_CA", "--all-addresses", "-o", "json"];
    let said = run(&mut home.ccx(&all));
    let document = said.json();
    let endpoints = document["endpoints"].as_array().expect("endpoints");
    assert!(endpoints.iter().any(|one| one["verdicts"][0]["verdict"] == "pass"), "{document}");
    let text = run(&mut home.ccx(&all[..5])).stdout;
    for endpoint in endpoints.iter().filter(|_| endpoints.len() > 1) {
        let address = endpoint["address"].as_str().expect("an address");
        assert!(text.contains(&format!("{url} at {address}")), "{text}");
    }
}

/// A name with two addresses, in a mount namespace of its own, of which one is looked at.
#[test]
#[ignore = "needs tests/run"]
fn other_addresses_of_a_name_are_named() {
    let engine = Engine::Pg15;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let hosts = home.write("hosts", "127.0.0.1 two.example.com\n127.0.0.9 two.example.com\n");
    let verify = format!(
        "mount --bind {hosts} /etc/hosts; exec {} --store dir:{} verify --mode REQUIRED {}",
        assert_cmd::cargo::cargo_bin!("ccx-sec").display(),
        home.store().display(),
        server.url("two.example.com"),
    );
    let root = rustix::process::geteuid().is_root();
    let mut command = assert_cmd::Command::new("unshare");
    command.args([if root { "-m" } else { "-rm" }, "sh", "-ec", &verify]);
    let said = run(&mut command);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{}", said.stdout);
    let names = [["127.0.0.1", "127.0.0.9"], ["127.0.0.9", "127.0.0.1"]];
    let line = |[one, other]: [&str; 2]| {
        format!("of two.example.com only {one} was checked, not {other}; --all-addresses checks")
    };
    assert!(names.into_iter().any(|both| said.stdout.contains(&line(both))), "{}", said.stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn hint_to_leave_a_mode_out_keeps_the_others() {
    let engine = Engine::Mysql97;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let url = server.url("127.0.0.1");
    let said = run(&mut home.ccx(&["verify", &url]));
    assert_eq!((said.code, said.stderr.as_str()), (3, ""), "{}", said.stdout);
    let kept = "--mode REQUIRED --mode VERIFY_CA --mode VERIFY_IDENTITY ";
    assert!(said.stdout.contains(&format!("{kept}{url}")), "{}", said.stdout);
    let said = run(&mut home.ccx(&["verify", "--mode", "PLAINTEXT", &url]));
    assert!(!said.stdout.contains("or leave PLAINTEXT out"), "{}", said.stdout);
}

#[test]
fn arguments_that_would_not_do_are_refused() {
    let home = Home::new();
    home.init();
    fs::write(home.join("own.pem"), "x").expect("written");
    for (arguments, code) in [
        (&["mysql://me:secret@db"][..], "url-password"),
        (&["mysql://me@db"], "url-user"),
        (&["mysql:///run/mysqld/mysqld.sock"], "url-socket"),
        (&["tls://db:1"], "url"),
        (&["oracle://db"], "url"),
        (&[], "usage"),
        (&["mysql://db", "--mode", "PREFERRED"], "usage"),
        (&["mysql://db", "--client-cert", "own.pem"], "usage"),
        (&["mysql://db", "--client-cert", "own.pem", "--client-key", "own.pem"], "pem-empty"),
        (&["mysql://db", "--watch", "30s"], "watch-format"),
        (&["mysql://db", "--jobs", "0"], "usage"),
        (&["mysql://db", "--deadline", "0"], "usage"),
    ] {
        let said = run(&mut home.ccx(&[&["verify", "-o", "json"], arguments].concat()));
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{arguments:?}: {}", said.stderr);
        assert_eq!(said.error_code(), code, "{arguments:?}");
        let told = said.stderr.replace("--from-secrets", "");
        assert!(!told.contains("secret"), "{}", said.stderr);
    }
    let said = run(&mut home.ccx(&["verify", "mysql://db", "--watch", "1s", "--enumerate"]));
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("[watch-enumerate]"), "{}", said.stderr);
}

#[test]
fn client_options_of_a_url_are_named_and_ignored_and_secrets_in_them_refused() {
    let home = Home::with_ca();
    let closed = closed_port();
    let url = format!("postgresql://127.0.0.1:{closed}/app?sslmode=disable");
    let said = run(&mut home.ccx(&["verify", &url]));
    assert_eq!(said.code, 3, "{}", said.stdout);
    assert!(said.stderr.contains("ignored the client options sslmode"), "{}", said.stderr);
    let url = format!("postgresql://127.0.0.1:{closed}/app?password=secret");
    let said = run(&mut home.ccx(&["verify", "-o", "json", &url]));
    assert_eq!((said.code, said.error_code().as_str()), (2, "url-password"));
    assert!(!said.stderr.contains("secret"), "{}", said.stderr);
}

#[test]
fn ca_file_in_der_is_taken_with_a_warning() {
    let home = Home::with_ca();
    home.done(&["ca", "export", "--format", "der", "--out", &home.at("ca.der")]);
    let url = format!("postgresql://127.0.0.1:{}", closed_port());
    let said = run(&mut home.ccx(&["verify", "--ca-file", "ca.der", &url]));
    assert!(said.stderr.contains("ca.der is in DER"), "{}", said.stderr);
    assert!(said.stderr.contains("openssl x509 -inform DER"), "{}", said.stderr);
}

/// A server that never says a word.
fn black_hole() -> u16 {
    peer(|stream| {
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(60));
            drop(stream);
        });
    })
}

#[test]
fn verify_stops_at_the_deadline_or_the_first_failure() {
    let home = Home::new();
    home.init();
    let silent: Vec<String> =
        (0..5).map(|_| format!("mysql://127.0.0.1:{}", black_hole())).collect();
    let silent: Vec<&str> = silent.iter().map(String::as_str).collect();
    let started = Instant::now();
    let limits = ["verify", "-o", "json", "--deadline", "1s", "--timeout", "50s", "--jobs", "2"];
    let said = run(&mut home.ccx(&[&limits[..], &silent].concat()));
    assert!(started.elapsed() < Duration::from_secs(45), "{:?}", started.elapsed());
    assert_eq!((said.code, said.stderr.as_str()), (3, ""));
    let document = said.json();
    assert_eq!(document["summary"]["unknown"], 5);
    for endpoint in document["endpoints"].as_array().expect("endpoints") {
        assert_eq!(endpoint["verdicts"][0]["reason"], "timeout", "{endpoint}");
    }
    let gone = format!("mysql://127.0.0.1:{}", closed_port());
    let fast = ["verify", "-o", "json", "--fail-fast", "--timeout", "50s", &gone];
    let started = Instant::now();
    let said = run(&mut home.ccx(&[&fast[..], &silent].concat()));
    assert!(started.elapsed() < Duration::from_secs(45), "{:?}", started.elapsed());
    assert_eq!((said.code, &said.json()["summary"]["skipped"]), (3, &5.into()));
}

#[test]
#[ignore = "needs tests/run"]
fn watching_prints_what_changes() {
    let engine = Engine::Redis7;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let url = server.url("127.0.0.1");
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("ccx-sec"));
    let mut child = command
        .args(["verify", "--mode", "REQUIRED", "--watch", "1s", "--timeout", "2s", &url])
        .env_clear()
        .env("HOME", home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    assert!(next().starts_with("ENDPOINT"));
    assert!(next().ends_with("REQUIRED  pass     -"));
    drop(server);
    let changed = next();
    let _ = child.kill();
    let _ = child.wait();
    assert!(changed.contains(&format!("  {url}  REQUIRED  pass -> unknown (re")), "{changed}");
}

#[test]
#[ignore = "needs tests/run"]
fn certificate_that_is_not_taken_is_shown_with_the_cas_that_are_trusted() {
    let engine = Engine::Pg15;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let url = format!("postgresql://127.0.0.1:{}/app", server.port());
    home.done(&["ca", "init", "--ca", "other", "--common-name", "Another CA"]);
    home.done(&["ca", "export", "--ca", "other", "--out", "other.pem"]);
    let of = |input: &str| home.done(&["cert", "inspect", input, "-o", "json"]).json();
    let short = |shown: &serde_json::Value| {
        shown["certificates"][0]["sha256"].as_str().expect("a fingerprint")[..16].to_owned()
    };
    let (leaf, other) = (of("tls/server-cert.pem"), of("other.pem"));
    let untrusted = run(&mut home.ccx(&["verify", "--ca-file", "other.pem", &url]));
    let subject = leaf["certificates"][0]["subject"].as_str().expect("a subject");
    for part in [
        format!("  certificate seen: {subject}\n    sha256 {}, from ", short(&leaf)),
        format!("trusted CA: CN=Another CA, sha256 {}\n", short(&other)),
    ] {
        assert_eq!(untrusted.stdout.matches(&part).count(), 1, "{part}: {}", untrusted.stdout);
    }
    // One that is taken is shown on demand.
    let verify = ["verify", "--mode", "VERIFY_IDENTITY", &url];
    assert!(!home.done(&verify).stdout.contains("certificate seen"));
    let wide = home.done(&[&verify[..], &["-o", "wide"]].concat()).stdout;
    assert!(wide.contains("certificate seen") && wide.contains("trusted CA: CN=Test CA"), "{wide}");
    // The same server, by the command that shows certificates.
    assert_eq!(short(&of(&url)), short(&leaf));
}

#[test]
#[ignore = "needs tests/run"]
fn password_is_asked_for_where_a_server_may_have_it() {
    let engine = Engine::Pg15;
    let (home, server) = home_and_server(engine, &Config::tls(engine));
    let port = server.port();
    let closed = format!("postgresql://127.0.0.1:{}", closed_port());
    let (named, unnamed) =
        (format!("postgresql://127.0.0.1:{port}"), format!("postgresql://localhost:{port}"));
    home.done(&["ca", "init", "--ca", "other", "--common-name", "Another CA"]);
    let asks = |arguments: &[&str]| {
        let arguments = [&["verify", "--user", "app"][..], arguments].concat();
        let mut terminal = home.terminal(&arguments);
        terminal.expect("Password of app");
        terminal.control('c');
        assert_ne!(terminal.end().0, 0);
    };
    let asks_nothing = |arguments: &[&str], code: i32| {
        let arguments = [&["verify", "--user", "app"][..], arguments].concat();
        let (exit, said) = home.terminal(&arguments).end();
        assert!(!said.contains("Password of") && said.contains("No password was asked"), "{said}");
        assert_eq!(exit, code, "{said}");
    };
    asks_nothing(&[&closed], 3);
    asks_nothing(&[&named, "--ca", "other"], 3);
    asks_nothing(&["--mode", "REQUIRED", &named, "--ca", "other"], 3);
    asks_nothing(&["--mode", "REQUIRED", &unnamed], 3);
    asks(&[&named]);
    asks(&[&closed, &named]);
    asks(&["--insecure-skip-name-check", &unnamed]);
}
