//! What servers take of TLS, listed to the cipher suite and the group; a floor that they must not
//! go below; and servers whose only cipher suites are weak.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use rustls::crypto::aws_lc_rs::{self, kx_group};
use serde_json::{Value, json};

use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::pki::{Kind, Pki};
use crate::common::scripted::{Protocol, config_of, serve_with, until_it_goes};
use crate::common::{Home, run};

/// A home with a CA, and a server with an RSA certificate of it: static RSA needs such a key.
fn scene(engine: Engine, more: &str) -> (Home, Server) {
    let home = Home::with_ca();
    let node = ["--datastore", "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10", "--node", "db-1"];
    let names = ["--domain", "example.com", "--ip", "127.0.0.1", "--key-type", "rsa-2048"];
    let issue = ["cert", "issue", "--engine", engine.kind(), "--out", "tls"];
    home.done(&[&issue[..], &node, &names].concat());
    let bed = Bed::new(engine);
    let file = |name: &str| {
        std::fs::read_to_string(home.join("tls").join(name)).expect("a file of the node")
    };
    bed.put(&file("ca.pem"), &file("server-cert.pem"), &file("server-key.pem"));
    let server = bed.start(&Config::tls(engine).and(more));
    (home, server)
}

/// Exit status, and what is found with these arguments.
fn verify(scene: &(Home, Server), more: &[&str]) -> (i32, Value) {
    let (home, server) = scene;
    let url = server.url("127.0.0.1");
    let fixed = ["verify", "-o", "json", "--mode", "REQUIRED", &url];
    let run = run(&mut home.ccx(&[&fixed[..], more].concat()));
    assert_eq!(run.stderr, "", "{more:?}");
    (run.code, run.json()["endpoints"][0].take())
}

/// `MODE verdict reason` of each row.
fn rows(endpoint: &Value) -> Vec<String> {
    let row = |one: &Value| {
        let words = ["mode", "verdict", "reason"].map(|key| one[key].as_str().unwrap_or_default());
        words.join(" ").trim().to_owned()
    };
    endpoint["verdicts"].as_array().expect("verdicts").iter().map(row).collect()
}

/// Cipher suites of TLS 1.2 in this engine's own words, and others.
fn ciphers(engine: Engine, list: &str) -> String {
    match engine.family() {
        Family::MySql | Family::MariaDb => format!("[mysqld]\nssl_cipher={list}"),
        Family::PostgreSql => format!("ssl_ciphers = '{list}'"),
        Family::Redis => format!("tls-ciphers {list}"),
    }
}

fn newest(engine: Engine, version: &str) -> &'static str {
    match (engine.family(), version) {
        (Family::MySql | Family::MariaDb, "1.2") => "tls_version=TLSv1.2",
        (Family::MySql | Family::MariaDb, _) => "tls_version=TLSv1.3",
        (Family::PostgreSql, "1.2") => "ssl_max_protocol_version = 'TLSv1.2'",
        (Family::PostgreSql, _) => "ssl_min_protocol_version = 'TLSv1.3'",
        (Family::Redis, "1.2") => "tls-protocols TLSv1.2",
        (Family::Redis, _) => "tls-protocols TLSv1.3",
    }
}

const STRONG: &str = "ECDHE-RSA-AES128-GCM-SHA256";

#[test]
#[ignore = "needs tests/run"]
fn servers_with_weak_cipher_suites_alone() {
    let name = |cipher: &str| match cipher {
        "AES128-GCM-SHA256" => "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "AES256-SHA" => "TLS_RSA_WITH_AES_256_CBC_SHA",
        _ => "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    };
    for (engine, cipher) in [
        (Engine::Redis7, "AES128-GCM-SHA256"),
        (Engine::Valkey9, "DHE-RSA-AES256-GCM-SHA384"),
        (Engine::Pg17, "AES256-SHA"),
        (Engine::MariaDb118, "AES128-GCM-SHA256"),
    ] {
        let more = format!("{}\n{}", ciphers(engine, cipher), newest(engine, "1.2"));
        let scene = scene(engine, &more);
        let (code, endpoint) = verify(&scene, &["--enumerate", "--min-tls", "1.2"]);
        assert_eq!(code, 1, "{engine:?}: {endpoint}");
        let weak = cipher.starts_with("AES");
        let floor = if weak { "MIN_TLS fail weak_cipher_accepted" } else { "MIN_TLS pass" };
        assert_eq!(rows(&endpoint), ["REQUIRED fail weak_cipher", floor], "{engine:?}");
        let verdict = &endpoint["verdicts"][0];
        let message = verdict["message"].as_str().expect("a message");
        assert!(message.contains(name(cipher)), "{message}");
        assert!(verdict["hints"][0].as_str().expect("a remedy").contains(STRONG), "{verdict}");
        assert_eq!(endpoint["cipher_suites"], json!({"TLSv1.2": [name(cipher)]}), "{engine:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn cipher_suites_and_groups_are_listed_by_their_names() {
    for engine in [Engine::Mysql97, Engine::MariaDb118, Engine::Pg17, Engine::Redis7] {
        let list = "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:AES256-GCM-SHA384";
        // MySQL from 8.4 on refuses cipher suites without forward secrecy in its settings.
        let strong = "ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384";
        let is_mysql = engine == Engine::Mysql97;
        let scene = scene(engine, &ciphers(engine, if is_mysql { strong } else { list }));
        let (_, endpoint) = verify(&scene, &["--enumerate", "--min-tls", "1.2"]);
        let mut tls12: Vec<&str> = endpoint["cipher_suites"]["TLSv1.2"]
            .as_array()
            .expect("cipher suites")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        tls12.sort_unstable();
        let mut wanted =
            vec!["TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"];
        wanted.extend((!is_mysql).then_some("TLS_RSA_WITH_AES_256_GCM_SHA384"));
        assert_eq!(tls12, wanted, "{engine:?}");
        assert_eq!(endpoint["enumeration_complete"], true, "{engine:?}: {endpoint}");
        for (list, some) in [("cipher_suites", "TLS_AES_256_GCM_SHA384"), ("groups", "secp256r1")] {
            let found = &endpoint[list];
            let found = if list == "groups" { found } else { &found["TLSv1.3"] };
            let has = found.as_array().expect("a list").iter().any(|one| one == some);
            assert!(has, "{engine:?}: {some} in {found}");
        }
        // What was agreed on is one of them.
        let agreed = ["cipher", "group"].map(|key| endpoint["tls"][key].clone());
        let suites = endpoint["cipher_suites"]["TLSv1.3"].as_array().expect("a list");
        assert!(suites.contains(&agreed[0]), "{engine:?}: {agreed:?}");
        assert!(endpoint["groups"].as_array().expect("groups").contains(&agreed[1]), "{agreed:?}");
        let floor = if is_mysql { "MIN_TLS pass" } else { "MIN_TLS fail weak_cipher_accepted" };
        assert_eq!(rows(&endpoint)[1], floor, "{engine:?}");
        // It can be looked at again: nobody was blocked, and a higher floor fails it.
        let (code, endpoint) = verify(&scene, &["--min-tls", "1.3"]);
        assert_eq!((code, rows(&endpoint)[0].as_str()), (1, "REQUIRED pass"), "{engine:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn floor_fails_servers_that_take_less() {
    let old = "tls-protocols \"TLSv1.1 TLSv1.2 TLSv1.3\"\ntls-ciphers DEFAULT:@SECLEVEL=0";
    let with_old = scene(Engine::Redis7, old);
    let (code, endpoint) = verify(&with_old, &[]);
    assert_eq!((code, rows(&endpoint)), (0, vec!["REQUIRED pass".to_owned()]));
    let (code, endpoint) = verify(&with_old, &["--min-tls", "1.2"]);
    assert_eq!(code, 1, "{endpoint}");
    assert_eq!(rows(&endpoint)[1], "MIN_TLS fail weak_protocol_accepted");
    let message = endpoint["verdicts"][1]["message"].as_str().expect("a message");
    assert!(message.contains("TLSv1.1 with ") && message.contains("TLS_RSA_"), "{message}");

    let newest = scene(Engine::Pg17, newest(Engine::Pg17, "1.3"));
    let (code, endpoint) = verify(&newest, &["--min-tls", "1.3"]);
    assert_eq!((code, rows(&endpoint)[1].as_str()), (0, "MIN_TLS pass"), "{endpoint}");
    let both = scene(Engine::Valkey9, &ciphers(Engine::Valkey9, STRONG));
    let floors =
        ["1.2", "1.3"].map(|floor| rows(&verify(&both, &["--min-tls", floor]).1)[1].clone());
    assert_eq!(floors, ["MIN_TLS pass", "MIN_TLS fail weak_protocol_accepted"]);
}

/// A server with the hybrid of X25519 and ML-KEM alone: it is agreed on, and listed.
#[test]
fn hybrid_group_is_a_fact() {
    let provider = rustls::crypto::CryptoProvider {
        kx_groups: vec![kx_group::X25519MLKEM768],
        ..aws_lc_rs::default_provider()
    };
    let config = config_of(Protocol::Redis, &Pki::new().server(Kind::Good), provider);
    let port = serve_with(Protocol::Redis, config, |client| {
        let Ok(mut tls) = client.accept() else { return };
        let _ = tls.read(&mut [0; 64]);
        let _ = tls.write_all(&Protocol::Redis.answer());
        until_it_goes(&mut tls);
    });
    let (home, url) = (Home::new(), format!("rediss://localhost:{port}"));
    let look = ["verify", "--mode", "REQUIRED", "--enumerate", &url, "-o"];
    let said = |format| run(&mut home.ccx(&[&look[..], &[format]].concat()));
    let endpoint = said("json").json()["endpoints"][0].take();
    assert_eq!(endpoint["tls"]["group"], "X25519MLKEM768", "{endpoint}");
    assert_eq!(endpoint["groups"], json!(["X25519MLKEM768"]));
    let suites =
        ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
    let mut found = endpoint["cipher_suites"]["TLSv1.3"].as_array().expect("suites").clone();
    found.sort_by_key(Value::to_string);
    assert_eq!(found, suites.map(Value::from));
    let text = said("wide").stdout;
    for part in ["GROUP", "X25519MLKEM768", "  key exchange groups: X25519MLKEM768\n"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Cipher suites that few set, each beside a good one: no floor passes them, and they are listed.
#[test]
#[ignore = "needs tests/run"]
fn suites_that_few_set_are_below_the_floor() {
    let engine = Engine::Redis7;
    for (cipher, name) in [
        ("ARIA256-GCM-SHA384", "TLS_RSA_WITH_ARIA_256_GCM_SHA384"),
        ("ARIA128-GCM-SHA256", "TLS_RSA_WITH_ARIA_128_GCM_SHA256"),
        ("CAMELLIA256-SHA256", "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256"),
        ("CAMELLIA128-SHA256", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256"),
        ("ADH-CAMELLIA256-SHA256", "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"),
        ("ADH-CAMELLIA128-SHA256", "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256"),
    ] {
        let list = format!("tls-ciphers {STRONG}:{cipher}:@SECLEVEL=0");
        let scene = scene(engine, &list);
        let (code, endpoint) = verify(&scene, &["--enumerate", "--min-tls", "1.2"]);
        assert_eq!(code, 1, "{cipher}: {endpoint}");
        assert_eq!(rows(&endpoint), ["REQUIRED pass", "MIN_TLS fail weak_cipher_accepted"]);
        let listed = endpoint["cipher_suites"]["TLSv1.2"].as_array().expect("cipher suites");
        assert!(listed.iter().any(|one| one == name), "{cipher}: {listed:?}");
    }
}

/// OpenSSL's own server with all that it has, keys that both know among it: all of it is listed.
#[test]
fn every_suite_that_openssl_takes_is_listed() {
    let all = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
    let known = Command::new("openssl")
        .args(["ciphers", "-stdname", "-s", "-tls1_2", "-psk", all])
        .output()
        .expect("openssl runs");
    let known = String::from_utf8(known.stdout).expect("text");
    let of_rsa = |line: &&str| !["ECDSA", "DSS", "SRP"].iter().any(|part| line.contains(part));
    let known = known.lines().filter(of_rsa).filter_map(|line| line.split_whitespace().next());
    let known: BTreeSet<&str> = known.filter(|name| name.contains("_WITH_")).collect();
    assert!(known.len() > 100, "{known:?}");

    let home = Home::new();
    let (key, certificate) = (home.join("key.pem"), home.join("cert.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=db-1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{made:?}");
    let mut server = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-tls1_2", "-psk", "1a2b"])
        .args(["-cipher", all, "-key"])
        .arg(&key)
        .arg("-cert")
        .arg(&certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl runs");
    let mut lines = BufReader::new(server.stdout.take().expect("piped")).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.strip_prefix("ACCEPT ").and_then(|at| at.rsplit(':').next().map(str::to_owned))
    });
    // What it prints of each client must go somewhere.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    let url = format!("rediss://127.0.0.1:{}", port.expect("a port"));
    let asked = ["verify", "-o", "json", "--mode", "REQUIRED", "--enumerate", &url];
    let run = run(&mut home.ccx(&asked));
    server.kill().expect("it ran");
    server.wait().expect("it ended");
    let endpoint = run.json()["endpoints"][0].take();
    let listed = endpoint["cipher_suites"]["TLSv1.2"].as_array().expect("cipher suites");
    let listed: BTreeSet<&str> = listed.iter().filter_map(Value::as_str).collect();
    let missing: Vec<_> = known.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(endpoint["enumeration_complete"], true, "{endpoint}");
}
