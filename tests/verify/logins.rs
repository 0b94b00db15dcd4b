//! `verify --user`: accounts that log in, by every method that the servers have, with TLS and
//! without; and what is never said to a server.

use std::io::Write;
use std::net::TcpListener;

use serde_json::Value;

use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::pki::{Client, Kind, Pki};
use crate::common::{Home, run};

const PASSWORD: &str = "a pass'word é";

struct Scene {
    pki: Pki,
    home: Home,
    server: Server,
}

impl Scene {
    fn new(engine: Engine, kind: Kind, config: impl FnOnce(Config) -> Config) -> Self {
        let (pki, home) = (Pki::new(), Home::new());
        home.write("ca.pem", pki.ca_pem());
        home.write("password", format!("{PASSWORD}\n"));
        home.write("wrong", "wrong\n");
        let bed = Bed::new(engine);
        let server = pki.server(kind);
        bed.put(&pki.ca_pem(), &server.certificate, &server.key);
        Scene { server: bed.start(&config(Config::tls(engine))), pki, home }
    }

    /// What is found with these arguments, at the one server.
    fn verify(&self, arguments: &[&str]) -> Found {
        let mut all = vec!["verify", "-o", "json", "--ca-file", "ca.pem"];
        if !arguments.contains(&"--password-file") {
            all.extend(["--password-file", "password"]);
        }
        all.extend(arguments);
        let url = self.server.url("127.0.0.1");
        all.push(&url);
        let run = run(&mut self.home.ccx(&all));
        assert_eq!(run.stderr, "", "{all:?}");
        let endpoint = run.json()["endpoints"][0].clone();
        assert!(!endpoint.to_string().contains("pass'word"), "{endpoint}");
        Found { code: run.code, endpoint }
    }

    fn client(&self) -> [String; 4] {
        let client = self.pki.client(Client::Good);
        let certificate = self.home.write("client.crt", client.certificate);
        let key = self.home.write("client.key", client.key);
        ["--client-cert".to_owned(), certificate, "--client-key".to_owned(), key]
    }
}

struct Found {
    code: i32,
    endpoint: Value,
}

impl Found {
    /// `tls` or `plain` of the account with this number: `in METHOD CACHE`, or the outcome.
    fn login(&self, number: usize, way: &str) -> String {
        let told = &self.endpoint["accounts"][number][way];
        let words = ["login", "method", "cache"].map(|key| told[key].as_str().unwrap_or_default());
        words.join(" ").trim().to_owned()
    }

    fn message(&self, number: usize, way: &str) -> String {
        self.endpoint["accounts"][number][way]["message"].as_str().expect("a message").to_owned()
    }

    fn verdict(&self, mode: &str) -> String {
        let verdicts = self.endpoint["verdicts"].as_array().expect("verdicts");
        let one = verdicts.iter().find(|one| one["mode"] == mode).expect("the mode");
        let words = ["verdict", "reason"].map(|key| one[key].as_str().unwrap_or_default());
        words.join(" ").trim().to_owned()
    }
}

/// As SQL has it.
fn quoted() -> String {
    format!("'{}'", PASSWORD.replace('\'', "''"))
}

#[test]
#[ignore = "needs tests/run"]
fn caching_sha2_is_cold_then_warm_and_tells_who_gets_in_without_tls() {
    let scene = Scene::new(Engine::Mysql97, Kind::Good, |config| config);
    let password = quoted();
    scene.server.admin(&format!(
        "CREATE USER open@'%' IDENTIFIED BY {password}; \
         CREATE USER secured@'%' IDENTIFIED BY {password} REQUIRE SSL; \
         CREATE USER known@'%' IDENTIFIED BY {password} REQUIRE X509; \
         CREATE USER rsa@'%' IDENTIFIED WITH sha256_password BY {password}"
    ));
    let found = scene.verify(&["--user", "open", "--user", "secured"]);
    assert_eq!(found.login(0, "tls"), "in caching_sha2_password cold");
    assert_eq!(found.login(0, "plain"), "in caching_sha2_password warm");
    assert_eq!(found.login(1, "tls"), "in caching_sha2_password cold");
    assert_eq!(found.login(1, "plain"), "denied");
    assert_eq!(found.verdict("PLAINTEXT"), "fail plain_accepted");
    assert_eq!(found.verdict("REQUIRED"), "pass");
    assert_eq!(found.code, 1);
    // Only those that are not let in.
    let found = scene.verify(&["--user", "secured"]);
    assert_eq!(found.login(0, "tls"), "in caching_sha2_password warm");
    assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("pass", 0));

    // One that needs a certificate: not let in without, and with one it is.
    let found = scene.verify(&["--user", "known"]);
    assert_eq!(found.login(0, "tls"), "denied");
    assert_eq!(found.verdict("VERIFY_CA"), "fail login_denied");
    assert_eq!(found.verdict("PLAINTEXT"), "unknown login_withheld");
    let client = scene.client();
    let mut arguments: Vec<&str> = client.iter().map(String::as_str).collect();
    arguments.extend(["--expect-client-cert-required", "--user", "known"]);
    let found = scene.verify(&arguments);
    // The server has looked at the password before, and then for the certificate.
    assert_eq!(found.login(0, "tls"), "in caching_sha2_password warm");
    assert_eq!(found.login(0, "without_certificate"), "denied");
    assert_eq!((found.verdict("MUTUAL_TLS").as_str(), found.code), ("pass", 0));
    arguments.extend(["--user", "secured"]);
    let found = scene.verify(&arguments);
    assert_eq!(found.verdict("MUTUAL_TLS"), "fail client_cert_not_required");

    // The server insists, and says so to who is known.
    scene.server.admin("SET GLOBAL require_secure_transport=ON");
    let found = scene.verify(&["--user", "open"]);
    assert_eq!(found.login(0, "plain"), "refused");
    assert!(found.message(0, "plain").contains("3159"), "{:?}", found.endpoint);
    assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("pass", 0));
    scene.server.admin("SET GLOBAL require_secure_transport=OFF");

    let found = scene.verify(&["--user", "rsa"]);
    assert_eq!(found.login(0, "tls"), "in sha256_password");
    assert_eq!(found.login(0, "plain"), "withheld");
    assert_eq!(found.verdict("PLAINTEXT"), "unknown login_withheld");

    let found = scene.verify(&["--user", "open", "--password-file", "wrong"]);
    assert_eq!(found.login(0, "tls"), "denied");
    assert!(found.message(0, "tls").contains("1045"), "{:?}", found.endpoint);
    assert_eq!(found.verdict("REQUIRED"), "fail login_denied");
}

/// A server that forgets its accounts time and again, and a limit on connect errors.
#[test]
#[ignore = "needs tests/run"]
fn logins_that_are_broken_off_block_nobody() {
    let limit = |config: Config| config.and("[mysqld]\nmax_connect_errors=3");
    let scene = Scene::new(Engine::Mysql97, Kind::WrongHost, limit);
    scene.server.admin(&format!("CREATE USER app@'%' IDENTIFIED BY {}", quoted()));
    scene.server.admin("CREATE USER rsa@'%' IDENTIFIED WITH sha256_password BY 'x'");
    for _ in 0..10 {
        // The password of an account whose server is not trusted stays here.
        let found =
            scene.verify(&["--user", "app", "--mode", "VERIFY_IDENTITY", "--mode", "PLAINTEXT"]);
        assert_eq!(found.login(0, "tls"), "withheld");
        assert_eq!(found.endpoint["accounts"][0]["plain"], Value::Null);
        assert_eq!(found.verdict("PLAINTEXT"), "unknown not_trusted");
        let risk = "--insecure-skip-name-check";
        let found = scene.verify(&["--user", "rsa", "--password-file", "wrong", risk]);
        assert_eq!(found.login(0, "plain"), "withheld");
        assert_eq!(found.login(0, "tls"), "denied");
    }
    let found = scene.verify(&["--user", "app", "--insecure-skip-name-check"]);
    assert_eq!(found.login(0, "tls"), "in caching_sha2_password cold", "{:?}", found.endpoint);
}

fn mariadb(engine: Engine, methods: &[(&str, &str)]) {
    let scene = Scene::new(engine, Kind::Good, |config| config);
    let password = quoted();
    scene.server.admin("INSTALL SONAME 'auth_ed25519'");
    for (method, via) in methods {
        if *method == "parsec" {
            scene.server.admin("INSTALL SONAME 'auth_parsec'");
        }
        scene.server.admin(&format!(
            "CREATE USER {method}@'%' IDENTIFIED VIA {via} USING PASSWORD({password}); \
             CREATE USER {method}_ssl@'%' IDENTIFIED VIA {via} USING PASSWORD({password}) REQUIRE SSL"
        ));
        let secured = format!("{method}_ssl");
        let found = scene.verify(&["--user", method, "--user", &secured]);
        let way_in = format!("in {via}");
        assert_eq!(found.login(0, "tls"), way_in);
        assert_eq!(found.login(0, "plain"), way_in);
        assert_eq!(found.login(1, "tls"), way_in);
        assert_eq!(found.login(1, "plain"), "denied");
        assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("fail plain_accepted", 1));
        // MariaDB 11.8 tells before the login that it leads others to one without TLS: whom the
        // run names as well changes nothing of that.
        let by_probe =
            |told| if engine == Engine::MariaDb118 { "fail plain_accepted" } else { told };
        let found = scene.verify(&["--user", &secured]);
        assert_eq!(found.verdict("PLAINTEXT"), by_probe("pass"));
        let found = scene.verify(&["--user", method, "--password-file", "wrong"]);
        assert_eq!(found.login(0, "tls"), "denied");
        assert_eq!(found.login(0, "plain"), "withheld");
        assert_eq!(found.verdict("PLAINTEXT"), by_probe("unknown login_withheld"));
    }
    // The one exception of the service is for one plugin.
    let exception = ["--exception", "mysql_native_password"];
    let found = scene.verify(&[&["--user", "native"][..], &exception].concat());
    assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("pass", 0));
    let found = scene.verify(&[&["--user", "ed25519"][..], &exception].concat());
    assert_eq!(found.verdict("PLAINTEXT"), "fail plain_accepted");

    scene.server.admin("SET GLOBAL require_secure_transport=ON");
    let found = scene.verify(&["--user", "native"]);
    let told = if engine == Engine::MariaDb118 { "refused" } else { "denied" };
    assert_eq!(found.login(0, "plain"), told);
    assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("pass", 0));
}

#[test]
#[ignore = "needs tests/run"]
fn accounts_of_mariadb_10_11() {
    let methods = [("native", "mysql_native_password"), ("ed25519", "ed25519")];
    mariadb(Engine::MariaDb1011, &methods);
}

#[test]
#[ignore = "needs tests/run"]
fn accounts_of_mariadb_11_8() {
    let methods =
        [("native", "mysql_native_password"), ("ed25519", "ed25519"), ("parsec", "parsec")];
    mariadb(Engine::MariaDb118, &methods);
}

fn postgresql(engine: Engine) {
    let hba = "local all postgres trust\n\
               hostssl all x509 all scram-sha-256 clientcert=verify-ca\n\
               hostssl all secured all scram-sha-256\n\
               host all scram all scram-sha-256\n\
               host all md5 all md5\n\
               host all clear all password\n\
               host all trusted all trust\n\
               hostnossl all plain all scram-sha-256\n";
    let scene = Scene::new(engine, Kind::Good, |config| config.hba(hba));
    let password = quoted();
    for user in ["scram", "secured", "x509", "clear", "trusted", "plain"] {
        scene.server.admin(&format!("CREATE ROLE {user} LOGIN PASSWORD {password}"));
    }
    scene.server.admin(&format!(
        "SET password_encryption = 'md5'; CREATE ROLE md5 LOGIN PASSWORD {password}"
    ));
    let users = ["scram", "md5", "clear", "secured", "trusted", "plain"];
    let arguments: Vec<&str> = users.iter().flat_map(|user| ["--user", user]).collect();
    let found = scene.verify(&arguments);
    for (number, tls, plain) in [
        (0, "in scram-sha-256", "in scram-sha-256"),
        (1, "in md5", "in md5"),
        (2, "in password", "withheld"),
        (3, "in scram-sha-256", "refused"),
        (4, "in trust", "in trust"),
        (5, "denied", "in scram-sha-256"),
    ] {
        assert_eq!(found.login(number, "tls"), tls, "{}", users[number]);
        assert_eq!(found.login(number, "plain"), plain, "{}", users[number]);
    }
    assert!(found.message(3, "plain").contains("no encryption"), "{:?}", found.endpoint);
    assert_eq!(found.verdict("PLAINTEXT"), "fail plain_accepted");
    assert_eq!(found.verdict("REQUIRED"), "fail login_denied");
    let found = scene.verify(&["--user", "secured", "--probe-user", "secured"]);
    assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("pass", 0));
    let found = scene.verify(&["--user", "secured", "--password-file", "wrong"]);
    assert_eq!(found.login(0, "tls"), "denied");
    assert!(found.message(0, "tls").contains("28P01"), "{:?}", found.endpoint);

    let client = scene.client();
    let mut arguments: Vec<&str> = client.iter().map(String::as_str).collect();
    arguments.extend(["--user", "x509"]);
    let found = scene.verify(&arguments);
    assert_eq!(found.login(0, "tls"), "in scram-sha-256");
    assert_eq!(found.login(0, "without_certificate"), "denied");
    assert!(found.message(0, "without_certificate").contains("client certificate"));
}

#[test]
#[ignore = "needs tests/run"]
fn accounts_of_postgresql_15() {
    postgresql(Engine::Pg15);
}

#[test]
#[ignore = "needs tests/run"]
fn accounts_of_postgresql_17() {
    postgresql(Engine::Pg17);
}

#[test]
#[ignore = "needs tests/run"]
fn accounts_of_redis_and_valkey() {
    for engine in [Engine::Redis7, Engine::Redis8, Engine::Valkey8, Engine::Valkey9] {
        // A password for ACL has no blanks in redis.conf.
        let scene =
            Scene::new(engine, Kind::Good, |config| config.and("user app on >s3cret +@all"));
        scene.home.write("s3cret", "s3cret");
        let file = ["--password-file", "s3cret"];
        let found = scene.verify(&[&["--user", "app"][..], &file].concat());
        assert_eq!(found.login(0, "tls"), "in AUTH");
        assert_eq!(found.endpoint["accounts"][0]["plain"], Value::Null);
        // The account may ask for the port without TLS, which is open beside the other.
        let disabled = found.verdict("PLAINTEXT");
        assert_eq!((disabled.as_str(), found.code), ("fail plain_port_open", 1), "{engine:?}");
        assert_eq!(found.endpoint["not_looked_at"], Value::Null);
        let message = found.endpoint["verdicts"][3]["message"].as_str().expect("a message");
        assert!(message.ends_with(&format!("at its port {}", scene.server.port())), "{message}");
        scene.server.admin("ACL SETUSER app -config");
        let found = scene.verify(&[&["--user", "app"][..], &file].concat());
        let caveat = found.endpoint["not_looked_at"].as_str().expect("a caveat");
        assert!(caveat.starts_with("other ports except 6379 were not checked"), "{caveat}");
        // It was asked, and did not say: that is no pass.
        assert!(caveat.ends_with("the server did not tell --user which ports it has"), "{caveat}");
        assert_eq!(
            (found.verdict("PLAINTEXT").as_str(), found.code),
            ("unknown ports_not_told", 3)
        );
        let message = found.endpoint["verdicts"][3]["message"].as_str().expect("a message");
        assert!(message.contains("app gets NOPERM"), "{message}");
        // One of several that may is enough.
        scene.server.admin("ACL SETUSER other on >s3cret +config|get");
        let found = scene.verify(&[&["--user", "app", "--user", "other"][..], &file].concat());
        assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("fail plain_port_open", 1));
        scene.server.admin("ACL SETUSER app +config");
        scene.server.admin("CONFIG SET port 0");
        let found = scene.verify(&[&["--user", "app"][..], &file].concat());
        assert_eq!((found.verdict("PLAINTEXT").as_str(), found.code), ("pass", 0));
        assert_eq!(found.endpoint["not_looked_at"], Value::Null);
        let found = scene.verify(&["--user", "app"]);
        assert_eq!(found.login(0, "tls"), "denied");
        assert!(found.message(0, "tls").starts_with("WRONGPASS"), "{:?}", found.endpoint);
        assert_eq!(found.verdict("REQUIRED"), "fail login_denied");
        assert_eq!(
            (found.verdict("PLAINTEXT").as_str(), found.code),
            ("unknown ports_not_told", 3)
        );
    }
}

/// TLS itself demands the certificate: its alert is the proof, whoever logs in with one.
#[test]
#[ignore = "needs tests/run"]
fn accounts_of_redis_and_valkey_with_client_certificates() {
    for engine in [Engine::Redis7, Engine::Redis8, Engine::Valkey8, Engine::Valkey9] {
        let demand = "tls-auth-clients yes\nport 0\nuser app on >s3cret +@all";
        let scene = Scene::new(engine, Kind::Good, |config| config.and(demand));
        scene.home.write("s3cret", "s3cret");
        let client = scene.client();
        let mut arguments: Vec<&str> = client.iter().map(String::as_str).collect();
        arguments.extend(["--expect-client-cert-required", "--user", "app"]);
        arguments.extend(["--password-file", "s3cret"]);
        let found = scene.verify(&arguments);
        assert_eq!(found.login(0, "tls"), "in AUTH", "{engine:?}");
        for mode in ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY", "PLAINTEXT", "MUTUAL_TLS"] {
            assert_eq!(found.verdict(mode), "pass", "{engine:?}, {mode}: {}", found.endpoint);
        }
        assert_eq!(found.code, 0, "{engine:?}");
        // A certificate that is asked for and not demanded is no pass of that mode.
        scene.server.admin("CONFIG SET tls-auth-clients optional");
        let found = scene.verify(&arguments);
        let mutual = found.verdict("MUTUAL_TLS");
        assert_eq!((mutual.as_str(), found.code), ("fail client_cert_not_required", 1));
    }
}

/// Nobody may ask the server, and the usual port of its host takes clients without TLS.
#[test]
#[ignore = "needs tests/run"]
fn usual_port_of_redis_is_looked_at_too() {
    let scene =
        Scene::new(Engine::Redis7, Kind::Good, |config| config.and("bind 127.0.0.1 127.0.0.7"));
    let listener = TcpListener::bind("127.0.0.7:6379").expect("a port that nobody else uses");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream
                .and_then(|mut stream| stream.write_all(b"-NOAUTH Authentication required.\r\n"));
        }
    });
    let url = scene.server.url("127.0.0.7");
    let said = run(&mut scene.home.ccx(&["verify", "--mode", "PLAINTEXT", &url]));
    assert_eq!((said.code, said.stderr.as_str()), (3, ""), "{}", said.stdout);
    for part in
        ["unknown  plain_port_open", "port 6379 of the same host", "other ports except 6379"]
    {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn login_text_has_one_line_each_and_bad_arguments_are_named() {
    let scene = Scene::new(Engine::Pg17, Kind::Good, |config| {
        config.hba("local all all trust\nhostssl all all all scram-sha-256")
    });
    scene.server.admin(&format!("CREATE ROLE app LOGIN PASSWORD {}", quoted()));
    let url = scene.server.url("127.0.0.1");
    let arguments = ["verify", "--ca-file", "ca.pem", "--user", "app", "--password-file"];
    let run = run(&mut scene.home.ccx(&[&arguments[..], &["password", &url]].concat()));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let said = |what: &str| assert!(run.stdout.contains(what), "{what}: {}", run.stdout);
    said("  app over TLS: in (scram-sha-256)\n");
    said("  app without TLS: refused: no pg_hba.conf entry");

    let refused = |arguments: &[&str]| {
        let all =
            [&["verify", "--ca-file", "ca.pem", "-o", "json"][..], arguments, &[&url]].concat();
        let run = crate::common::run(&mut scene.home.ccx(&all));
        let error: Value = serde_json::from_str(&run.stderr).expect("an error");
        (run.code, error["error"]["code"].as_str().expect("a code").to_owned())
    };
    scene.home.write("empty", "\n");
    let wrong = |code: &str| (2, code.to_owned());
    assert_eq!(refused(&["--user", "app"]), wrong("answer-missing"));
    assert_eq!(refused(&["--user", "app", "--password-file", "empty"]), wrong("password-file"));
    assert_eq!(refused(&["--password-file", "password"]), wrong("usage"));
    let two = ["--user", "a", "--password-file", "password", "--password-file", "password"];
    assert_eq!(refused(&two), wrong("password-files"));
    assert_eq!(refused(&["--user", "", "--password-file", "password"]), wrong("user"));
}
