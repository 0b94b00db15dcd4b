//! PostgreSQL's rules, and its pools: what `verify` says of a real PgBouncer and a real pgpool-II
//! in good and bad states, in front of a real server, and of a server whose rules tell users,
//! databases and replication apart.

use serde_json::Value;

use crate::common::db::{Bed, Config, Engine, Server, outcome};
use crate::common::official::{PASSWORD, account};
use crate::common::pki::{Client, Identity, Kind, Pki};
use crate::common::proxies::{Place, Proxy};
use crate::common::{Home, env, run};

/// A PostgreSQL with a good certificate and an account, and the files of who comes to it.
struct Scene {
    home: Home,
    server: Server,
    identity: Identity,
    ca: String,
}

/// What the run said of one server.
struct Told {
    code: i32,
    endpoint: Value,
}

impl Told {
    fn verdict(&self, mode: &str) -> String {
        let verdicts = self.endpoint["verdicts"].as_array().expect("verdicts");
        let one = verdicts.iter().find(|one| one["mode"] == mode).expect("the mode");
        let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("verdict"), text("reason")).trim().to_owned()
    }

    fn of(&self, mode: &str, member: &str) -> Value {
        let verdicts = self.endpoint["verdicts"].as_array().expect("verdicts");
        verdicts.iter().find(|one| one["mode"] == mode).expect("the mode")[member].clone()
    }
}

impl Scene {
    fn new(hba: &str) -> Self {
        let (pki, home) = (Pki::new(), Home::new());
        let engine = Engine::Pg17;
        let bed = Bed::new(engine);
        let identity = pki.server(Kind::Good);
        bed.put(&pki.ca_pem(), &identity.certificate, &identity.key);
        let hba = format!("local all all trust\n{hba}");
        let server = bed.start(&Config::tls(engine).hba(&hba));
        account(&server, "app", "");
        let ca = home.write("ca.pem", pki.ca_pem());
        home.write("password", PASSWORD);
        let Identity { certificate, key } = pki.client(Client::Good);
        home.write("client.crt", &certificate);
        home.write("client.key", &key);
        Scene { home, server, identity, ca }
    }

    fn verify_with(&self, port: u16, more: &[&str]) -> Told {
        self.verify_within("60s", port, more)
    }

    fn verify_within(&self, limit: &str, port: u16, more: &[&str]) -> Told {
        let url = format!("postgresql://127.0.0.1:{port}/postgres");
        let all = ["verify", "-o", "json", "--timeout", limit, "--ca-file", &self.ca, &url];
        let ran = run(&mut self.home.ccx(&[&all[..], more].concat()));
        assert_eq!(ran.stderr, "", "{}", ran.stdout);
        Told { code: ran.code, endpoint: ran.json()["endpoints"][0].clone() }
    }

    /// What it says of PLAINTEXT, of who has no account.
    fn disabled(&self, port: u16) -> String {
        self.verify_with(port, &["--mode", "PLAINTEXT"]).verdict("PLAINTEXT")
    }

    /// Whether psql does a statement without TLS: with these words in its connection string.
    fn psql(&self, port: u16, words: &str, statement: &str) -> Result<String, String> {
        let mut psql = std::process::Command::new(Engine::Pg17.client());
        psql.env_clear().env("HOME", "/dev/null/none").env("PATH", env("PATH"));
        psql.env("PGPASSWORD", PASSWORD).args(["--no-psqlrc", "--quiet", "--tuples-only"]);
        psql.arg("--no-align").arg("--command").arg(statement);
        psql.arg(format!("host=127.0.0.1 port={port} sslmode=disable {words}"));
        let ran = outcome(&mut psql);
        if ran.code == 0 { Ok(ran.stdout) } else { Err(ran.stderr) }
    }

    /// The settings by which a pool has the server's own certificate.
    fn pool(&self, names: [&str; 3], quote: &str) -> (Place, String) {
        let place = Place::new();
        let ca = std::fs::read_to_string(&self.ca).expect("read");
        let files = [
            place.put("server.pem", &self.identity.certificate),
            place.put("server.key", &self.identity.key),
            place.put("ca.pem", &ca),
        ];
        let lines =
            names.iter().zip(files).map(|(name, file)| format!("{name} = {quote}{file}{quote}\n"));
        let lines = lines.collect();
        (place, lines)
    }

    fn pgbouncer(&self, hba: &str, settings: &str) -> Proxy {
        let names = ["client_tls_cert_file", "client_tls_key_file", "client_tls_ca_file"];
        let (place, tls) = self.pool(names, "");
        Proxy::pgbouncer(place, self.server.port(), hba, &(tls + settings))
    }

    fn pgpool(&self, hba: &str, settings: &str) -> Proxy {
        let (place, tls) = self.pool(["ssl_cert", "ssl_key", "ssl_ca_cert"], "'");
        Proxy::pgpool(place, self.server.port(), hba, &(tls + settings))
    }
}

#[test]
#[ignore = "needs tests/run"]
fn replication_and_other_users_may_have_other_rules() {
    let scene = Scene::new(
        "hostssl all all 127.0.0.1/32 scram-sha-256\n\
         hostnossl all legacy 127.0.0.1/32 scram-sha-256\n",
    );
    account(&scene.server, "legacy", "");
    scene.server.admin(&format!("CREATE USER copier REPLICATION PASSWORD '{PASSWORD}'"));
    let port = scene.server.port();

    // As it should be for whom was asked, and for nobody else.
    let told = scene.verify_with(port, &[]);
    assert_eq!((told.verdict("PLAINTEXT").as_str(), told.code), ("pass", 0));
    let scope = serde_json::json!(
        {"users": ["ccx-sec-probe"], "from": "127.0.0.1", "database": "postgres", "replication": true,
         "plaintext_connections": 2}
    );
    assert_eq!(told.of("PLAINTEXT", "scope"), scope);
    assert_eq!(told.of("REQUIRED", "scope")["replication"], false);
    assert_eq!(scene.psql(port, "user=legacy dbname=postgres", "SELECT 1"), Ok("1\n".to_owned()));
    let legacy = scene.verify_with(port, &["--user", "legacy", "--password-file", "password"]);
    assert_eq!(legacy.verdict("PLAINTEXT"), "fail plain_accepted");
    assert_eq!(legacy.of("PLAINTEXT", "scope")["users"][1], "legacy");

    // `all` does not cover replication.
    for user in ["all", "copier"] {
        let hba = format!(
            "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n\
             host replication {user} 127.0.0.1/32 scram-sha-256\n"
        );
        scene.server.put_file("pg_hba.conf", &hba);
        scene.server.reload().expect("reloaded");
        let streams = scene.psql(port, "user=copier replication=true", "IDENTIFY_SYSTEM");
        assert!(streams.is_ok(), "{streams:?}");
        let login = ["--user", "copier", "--password-file", "password"];
        let told = scene.verify_with(port, if user == "all" { &[] } else { &login });
        let verdict = told.verdict("PLAINTEXT");
        assert_eq!((verdict.as_str(), told.code), ("fail replication_accepted", 1), "{user}");
        let hints = told.of("PLAINTEXT", "hints");
        assert!(hints[0].as_str().is_some_and(|text| text.contains("hostnossl all,replication")));
    }

    // An account that gets in without TLS fails, though the rules know the probe's user not at all.
    let hba = "local all all trust\nhost all app 127.0.0.1/32 scram-sha-256\n";
    scene.server.put_file("pg_hba.conf", hba);
    scene.server.reload().expect("reloaded");
    assert_eq!(scene.disabled(port), "unknown not_admitted");
    let told = scene.verify_with(port, &["--user", "app", "--password-file", "password"]);
    assert_eq!(told.verdict("PLAINTEXT"), "fail plain_accepted");

    let text = |format: &str| {
        let url = format!("postgresql://127.0.0.1:{port}/postgres");
        let arguments = ["verify", "--mode", "PLAINTEXT", &url, "-o", format];
        run(&mut scene.home.ccx(&arguments)).stdout
    };
    let scope = "user ccx-sec-probe; from 127.0.0.1; database postgres; replication";
    assert!(text("text").contains(&format!("  checked for {scope}\n")), "{}", text("text"));
    let property = format!("<property name=\"scope\" value=\"{scope}\"/>");
    assert!(text("junit").contains(&property), "{}", text("junit"));
    assert!(text("sarif").contains(&format!("\"scope\": \"{scope}\"")), "{}", text("sarif"));
    assert!(text("prometheus").contains("user=\"ccx-sec-probe\""), "{}", text("prometheus"));
}

#[test]
#[ignore = "needs tests/run"]
fn alert_right_after_the_yes_is_an_old_version_and_no_attack() {
    let scene = Scene::new("hostssl all all 127.0.0.1/32 scram-sha-256\n");
    let tls = Config::tls(Engine::Pg17).lines;
    let tls = tls.replace("{tls}", &scene.server.tls().display().to_string());
    // OpenSSL speaks neither any more: it says so before it has read a byte.
    let old = "ssl_min_protocol_version = 'TLSv1'\nssl_max_protocol_version = 'TLSv1.1'\n";
    scene.server.put_file("server.conf", &(tls + old));
    scene.server.reload().expect("reloaded");
    for _ in 0..10 {
        let told = scene.verify_with(scene.server.port(), &["--mode", "REQUIRED", "--enumerate"]);
        assert_eq!(told.verdict("REQUIRED"), "fail weak_protocol");
        let hints = told.of("REQUIRED", "hints");
        assert!(hints[0].as_str().is_some_and(|text| text.contains("ssl_max_protocol_version")));
        let versions = told.endpoint["versions"].as_object().expect("versions").values();
        assert!(versions.clone().all(|one| one == "refused"), "{versions:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn pgbouncer_refuses_by_its_own_words() {
    let scene = Scene::new("hostssl all all 127.0.0.1/32 scram-sha-256\n");
    let hostssl = "hostssl all all 127.0.0.1/32 scram-sha-256\n";
    let host = "host all all 127.0.0.1/32 scram-sha-256\n";
    let reject = ["hostnossl all all 0.0.0.0/0 reject\n", hostssl].concat();
    for (hba, settings, disabled, required) in [
        (hostssl, "auth_type=hba\nclient_tls_sslmode=allow\n", "pass", "pass"),
        (&reject, "auth_type=hba\nclient_tls_sslmode=allow\n", "pass", "pass"),
        (host, "auth_type=hba\nclient_tls_sslmode=allow\n", "fail plain_accepted", "pass"),
        ("", "auth_type=scram-sha-256\nclient_tls_sslmode=require\n", "pass", "pass"),
        (
            "",
            "auth_type=scram-sha-256\nclient_tls_sslmode=disable\n",
            "fail plain_accepted",
            "fail no_tls",
        ),
        ("", "auth_type=trust\nclient_tls_sslmode=require\n", "pass", "pass"),
        ("", "auth_type=trust\nclient_tls_sslmode=prefer\n", "fail plain_accepted", "pass"),
        (
            "",
            "auth_type=scram-sha-256\nclient_tls_sslmode=verify-full\n",
            "pass",
            "fail client_cert_required",
        ),
        (
            "",
            "auth_type=cert\nclient_tls_sslmode=verify-full\n",
            "pass",
            "fail client_cert_required",
        ),
    ] {
        let pool = scene.pgbouncer(hba, settings);
        let told = scene.verify_with(pool.port, &[]);
        let verdicts = [told.verdict("PLAINTEXT"), told.verdict("REQUIRED")];
        assert_eq!(verdicts, [disabled, required], "{hba}{settings}{}", told.endpoint);
        if settings.contains("scram-sha-256\nclient_tls_sslmode=verify-full") {
            mutual_tls_with_an_account(&scene, pool.port);
        }
    }
    // A server behind a pool that lets nobody in tells nothing.
    let pool = scene.pgbouncer(
        "hostssl all nobody 127.0.0.1/32 scram-sha-256\n",
        "auth_type=hba\nclient_tls_sslmode=allow\n",
    );
    assert_eq!(scene.disabled(pool.port), "unknown not_admitted");
}

/// The alert of TLS without a certificate is the proof, whoever logs in with one.
fn mutual_tls_with_an_account(scene: &Scene, port: u16) {
    let told = scene.verify_with(
        port,
        &[
            "--client-cert",
            "client.crt",
            "--client-key",
            "client.key",
            "--expect-client-cert-required",
            "--user",
            "app",
            "--password-file",
            "password",
        ],
    );
    for mode in ["REQUIRED", "VERIFY_CA", "PLAINTEXT", "MUTUAL_TLS"] {
        assert_eq!(told.verdict(mode), "pass", "{mode}: {}", told.endpoint);
    }
    assert_eq!(told.code, 0);
}

#[test]
#[ignore = "needs tests/run"]
fn pgpool_says_in_the_detail_what_is_the_matter() {
    let scene = Scene::new("hostssl all all 127.0.0.1/32 scram-sha-256\n");
    let on = "enable_pool_hba = on\nssl = on\n";
    for (hba, settings, disabled, required) in [
        ("hostssl all all 127.0.0.1/32 scram-sha-256\n", on, "pass", "pass"),
        ("host all all 127.0.0.1/32 scram-sha-256\n", on, "fail plain_accepted", "pass"),
        (
            "host all all 127.0.0.1/32 scram-sha-256\n",
            "enable_pool_hba = on\nssl = off\n",
            "fail plain_accepted",
            "fail no_tls",
        ),
        // Without rules of its own it takes everybody, with TLS or without.
        ("", "enable_pool_hba = off\nssl = on\n", "fail plain_accepted", "pass"),
        ("", "enable_pool_hba = off\nssl = off\n", "fail no_tls", "fail no_tls"),
    ] {
        let pool = scene.pgpool(hba, settings);
        let told = scene.verify_with(pool.port, &[]);
        let verdicts = [told.verdict("PLAINTEXT"), told.verdict("REQUIRED")];
        assert_eq!(verdicts, [disabled, required], "{hba}{settings}{}", told.endpoint);
    }
}

/// A PgBouncer that expects no header of the PROXY protocol takes it for the start of a longer
/// message, and waits.
#[test]
#[ignore = "needs tests/run"]
fn pgbouncer_behind_the_proxy_protocol_is_never_a_pass() {
    let scene = Scene::new("hostssl all all 127.0.0.1/32 scram-sha-256\n");
    let pool = scene.pgbouncer("", "auth_type=scram-sha-256\nclient_tls_sslmode=require\n");
    let before = |header: &str| {
        let lines = format!(
            "frontend in\n  bind 127.0.0.1:{{port}}\n  default_backend out\n\
             backend out\n  server pool 127.0.0.1:{} {header}\n",
            pool.port
        );
        Proxy::haproxy(Place::new(), &lines)
    };
    assert_eq!(scene.disabled(before("").port), "pass");
    for header in ["send-proxy", "send-proxy-v2"] {
        let told = scene.verify_within("2s", before(header).port, &[]);
        for mode in ["REQUIRED", "PLAINTEXT"] {
            let verdict = told.verdict(mode);
            assert!(verdict.starts_with("unknown "), "{header} {mode}: {verdict}");
        }
    }
}
