//! The server's name, and what it decides: a row of its own by default, and whether a password,
//! or a proof of one, goes out at all. And servers that take a login without knowing the password.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::common::db::{Bed, Config, Engine};
use crate::common::pki::{Kind, Pki};
use crate::common::scripted::{Protocol, Tls, serve, until_it_goes};
use crate::common::{Home, run};

const PASSWORD: &str = "a-password-of-a-test";

/// A home with the CA, and the password of `app`.
fn home(pki: &Pki) -> Home {
    let home = Home::new();
    home.write("ca.pem", pki.ca_pem());
    home.write("password", PASSWORD);
    home
}

/// Exit status, and the one server's part of the document.
fn verify(home: &Home, url: &str, more: &[&str]) -> (i32, Value) {
    let fixed = ["verify", "-o", "json", "--ca-file", "ca.pem", "--timeout", "5s", url];
    let run = run(&mut home.ccx(&[&fixed[..], more].concat()));
    assert_eq!(run.stderr, "", "{more:?}");
    assert!(!run.stdout.contains(PASSWORD), "{}", run.stdout);
    (run.code, run.json()["endpoints"][0].take())
}

/// By mode, in the order of the rows: `MODE pass`, `MODE fail REASON`.
fn rows(endpoint: &Value) -> Vec<String> {
    let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    let row = |verdict: &Value| {
        let words = ["mode", "verdict", "reason"].map(|key| text(&verdict[key]));
        words.join(" ").trim().to_owned()
    };
    endpoint["verdicts"].as_array().expect("verdicts").iter().map(row).collect()
}

fn login(endpoint: &Value) -> &str {
    endpoint["accounts"][0]["tls"]["login"].as_str().expect("a login")
}

const USER: [&str; 4] = ["--user", "app", "--password-file", "password"];

#[test]
#[ignore = "needs tests/run"]
fn password_goes_to_a_server_of_the_name_that_was_dialled() {
    let pki = Pki::new();
    let home = home(&pki);
    for (engine, hba) in [
        (Engine::Pg17, Some("local all all trust\nhostssl all all all password")),
        (Engine::Mysql97, None),
        (Engine::MariaDb118, None),
        (Engine::Valkey9, None),
    ] {
        let bed = Bed::new(engine);
        let server = pki.server(Kind::WrongHost);
        bed.put(&pki.ca_pem(), &server.certificate, &server.key);
        let config = Config { hba: hba.map(str::to_owned), ..Config::tls(engine) };
        let server = bed.start(&config);
        match engine {
            Engine::Valkey9 => server.admin(&format!("ACL SETUSER app on >{PASSWORD} +@all")),
            Engine::Pg17 => server.admin(&format!("CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'")),
            _ => server.admin(&format!("CREATE USER app@'%' IDENTIFIED BY '{PASSWORD}'")),
        };
        let url = server.url("127.0.0.1");

        let (code, endpoint) = verify(&home, &url, &[]);
        let row = &rows(&endpoint)[2];
        assert_eq!(row, "VERIFY_IDENTITY fail name_mismatch", "{engine:?}");
        assert_ne!(code, 0, "{engine:?}");
        let remedy = endpoint["verdicts"][2]["hints"][0].as_str().expect("a remedy");
        assert!(remedy.contains("--server-name NAME"), "{remedy}");
        let modes = ["--mode", "REQUIRED", "--mode", "VERIFY_CA"];
        let with = |more: &[&str]| verify(&home, &url, &[&USER, &modes[..], more].concat());

        let (code, endpoint) = with(&[]);
        assert_eq!((code, login(&endpoint)), (3, "withheld"), "{engine:?}");
        assert_eq!(endpoint["accounts"][0]["plain"], Value::Null, "{engine:?}");
        assert_eq!(
            rows(&endpoint),
            ["REQUIRED unknown not_trusted", "VERIFY_CA unknown not_trusted"],
            "{engine:?}"
        );
        // Clients know it by another name; or somebody takes the risk.
        let named = ["--server-name", "db.example.com", "--mode", "VERIFY_IDENTITY"];
        let (code, endpoint) = with(&named);
        assert_eq!((code, login(&endpoint)), (0, "in"), "{engine:?}: {endpoint}");
        let risk = ["--insecure-skip-name-check", "--mode", "VERIFY_IDENTITY"];
        let (code, endpoint) = with(&risk);
        assert_eq!((code, login(&endpoint)), (1, "in"), "{engine:?}");
        assert_eq!(
            rows(&endpoint),
            ["REQUIRED pass", "VERIFY_CA pass", "VERIFY_IDENTITY fail name_mismatch"]
        );
    }
}

#[test]
#[ignore = "needs tests/run"]
fn few_iterations_of_scram_are_not_answered_with_tls_or_without() {
    let pki = Pki::new();
    let home = home(&pki);
    let bed = Bed::new(Engine::Pg17);
    let server = pki.server(Kind::Good);
    bed.put(&pki.ca_pem(), &server.certificate, &server.key);
    let hba = "local all all trust\nhostnossl all plain all scram-sha-256\n\
               hostssl all all all scram-sha-256";
    let server = bed.start(&Config::tls(Engine::Pg17).hba(hba));
    for (user, count) in [("app", 4095), ("enough", 4096), ("plain", 4095)] {
        server.admin(&format!(
            "SET scram_iterations = {count}; CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'"
        ));
    }
    let url = server.url("127.0.0.1");
    let (code, endpoint) = verify(&home, &url, &USER);
    assert_eq!((code, login(&endpoint)), (3, "withheld"), "{endpoint}");
    assert_eq!(rows(&endpoint)[0], "REQUIRED unknown weak_scram");
    let remedy = endpoint["verdicts"][0]["hints"][0].as_str().expect("a remedy");
    assert!(remedy.contains("SET scram_iterations"), "{remedy}");
    // The same where the only way in is without TLS.
    let other = |user| ["--user", user, "--password-file", "password"];
    let (_, endpoint) = verify(&home, &url, &other("plain"));
    assert_eq!(endpoint["accounts"][0]["plain"]["login"], "withheld", "{endpoint}");
    assert_eq!(rows(&endpoint)[3], "PLAINTEXT unknown weak_scram");
    // Bound to the certificate, as the server offers it: or else it would refuse.
    let (code, endpoint) = verify(&home, &url, &other("enough"));
    assert_eq!((code, login(&endpoint)), (0, "in"), "{endpoint}");
}

/// A message of PostgreSQL: what it asks for, or says of a login.
fn asks(way: u8, more: &[u8]) -> Vec<u8> {
    let length = u32::try_from(more.len() + 8).expect("short").to_be_bytes();
    [b"R", &length[..], &[0, 0, 0, way], more].concat()
}

fn hear(tls: &mut Tls) -> Vec<u8> {
    let mut heard = vec![0; 4096];
    let count = tls.read(&mut heard).unwrap_or_default();
    heard.truncate(count);
    heard
}

/// A server with the right certificate that goes on with SCRAM as it likes: `iterations`, and
/// `last` instead of a proof of its own. What it hears of the client is in `heard`.
fn rogue(pki: &Pki, iterations: u32, last: &[u8], heard: &Arc<Mutex<Vec<u8>>>) -> u16 {
    let (last, heard) = (last.to_vec(), heard.clone());
    serve(Protocol::PostgreSql, &pki.server(Kind::Good), move |client| {
        let Ok(mut tls) = client.accept() else { return };
        let start = hear(&mut tls);
        let _ = tls.write_all(&asks(10, b"SCRAM-SHA-256\0\0"));
        if !start.windows(4).any(|word| word == b"app\0") {
            return until_it_goes(&mut tls);
        }
        let first = String::from_utf8_lossy(&hear(&mut tls)).into_owned();
        let nonce = first.rsplit("r=").next().unwrap_or_default();
        let salt = STANDARD.encode(b"a salt, not ours");
        let words = format!("r={nonce}more,s={salt},i={iterations}");
        let _ = tls.write_all(&asks(11, words.as_bytes()));
        let proof = hear(&mut tls);
        heard.lock().expect("a lock").extend(proof);
        let ready = b"Z\0\0\0\x05I";
        let _ = tls.write_all(&[&last[..], &asks(0, b""), ready].concat());
        until_it_goes(&mut tls);
    })
}

#[test]
fn server_without_the_password_is_found_out() {
    let pki = Pki::new();
    let home = home(&pki);
    let wrong = asks(12, format!("v={}", STANDARD.encode([7; 32])).as_bytes());
    for (iterations, last, said, reason) in [
        (4096, &b""[..], "not_proved", "fail server_not_proved"),
        (4096, &wrong, "not_proved", "fail server_not_proved"),
        (1, b"", "withheld", "unknown weak_scram"),
    ] {
        let heard = Arc::default();
        let port = rogue(&pki, iterations, last, &heard);
        let url = format!("postgresql://localhost:{port}");
        let (_, endpoint) = verify(&home, &url, &[&USER[..], &["--mode", "REQUIRED"]].concat());
        assert_eq!(login(&endpoint), said, "{endpoint}");
        assert_eq!(rows(&endpoint), [format!("REQUIRED {reason}")]);
        let heard = heard.lock().expect("a lock");
        let proof = heard.windows(3).any(|word| word == b",p=");
        assert_eq!(proof, iterations > 1, "a proof of the password went out");
    }
}
