//! The hints of `verify`, followed on the real server that they were printed for: the fault is
//! provoked, each way that the hint offers is done as it is printed, and `verify` runs again: it
//! passes, or names the next true reason.

use std::fs;

use serde_json::Value;

use crate::common::db::{Bed, Config, Engine, Family, OWNER, Server, own};
use crate::common::nodes::{DATASTORE, DOMAIN};
use crate::common::official::{PASSWORD, account};
use crate::common::operator::{Operator, paste, psql, ways};
use crate::common::pki::{Kind, Pki};
use crate::common::tls::closed_port;
use crate::common::{Home, chmod, env, run, tool};

/// A server whose TLS files are those of `cert issue`, and its CA in a home.
struct Scene {
    home: Home,
    server: Server,
}

/// A fault, and what `verify` says of a mode before and after each way of its hint.
struct Case<'a> {
    name: &'a str,
    host: &'a str,
    arguments: &'a [&'a str],
    mode: &'a str,
    reason: &'a str,
    after: &'a [&'a str],
    /// Makes the fault, before each way.
    provoke: &'a dyn Fn(&mut Scene),
}

impl Case<'_> {
    const NONE: Case<'static> = Case {
        name: "",
        host: "127.0.0.1",
        arguments: &[],
        mode: "REQUIRED",
        reason: "",
        after: &["pass"],
        provoke: &|_| {},
    };
}

impl Scene {
    fn new(engine: Engine) -> Self {
        let home = Home::with_ca();
        home.done(&["ca", "export", "--out", "ca.pem"]);
        home.write("password", PASSWORD);
        home.write("wrong", "wrong");
        let bed = Bed::new(engine);
        let tls = bed.tls().display().to_string();
        let scene = Scene { home, server: bed.start(&Config::off(engine)) };
        scene.issue_to(&tls, &["--ip", "127.0.0.1", "--dns", "localhost"]);
        account(&scene.server, "app", "");
        for folder in [scene.home.join("bin"), scene.server.dir().join("conf.d")] {
            fs::create_dir(&folder).expect("a folder");
            own(&folder);
        }
        let bed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bed");
        let (dir, port) = (scene.server.dir().display(), scene.server.port());
        let systemctl = format!(
            "#!/bin/sh -e\n{bed}/db-down --gently {dir}\nCCX_TEST_DB={} {bed}/db-up {} {dir} {port} \
             </dev/null >/dev/null\n",
            env("CCX_TEST_DB"),
            engine.name(),
        );
        scene.home.write("bin/systemctl", systemctl);
        chmod(&scene.home.join("bin/systemctl"), 0o700);
        scene
    }

    fn engine(&self) -> Engine {
        self.server.engine()
    }

    /// `cert issue` for the node, whose files belong to the server.
    fn issue_to(&self, directory: &str, more: &[&str]) {
        let node = ["cert", "issue", "--datastore", DATASTORE, "--node", "db-1"];
        let engine = ["--engine", self.server.engine().kind(), "--domain", DOMAIN];
        let out = ["--out", directory, "--owner", OWNER, "--force"];
        self.home.done(&[&node[..], &engine, &out, more].concat());
    }

    fn empty_tls(&self) {
        fs::remove_dir_all(self.server.tls()).expect("removed");
        fs::create_dir(self.server.tls()).expect("made");
        own(&self.server.tls());
    }

    fn issue(&self, more: &[&str]) {
        self.issue_to(&self.server.tls().display().to_string(), more);
    }

    /// A certificate for another name than before, which has expired.
    fn expire(&self) {
        self.issue(&["--validity", "1s", "--dns", "short.example.com"]);
        std::thread::sleep(std::time::Duration::from_millis(2100));
    }

    /// Settings without those of an earlier `cert install`, and the folder for new ones.
    fn start(&mut self, config: Config) {
        let _ = fs::remove_file(self.server.dir().join("conf.d/zz-ccx-sec.cnf"));
        let folder = match self.engine().family() {
            Family::MySql | Family::MariaDb => "!includedir {dir}/conf.d",
            _ => "",
        };
        self.server.reconfigure(&config.and(folder));
    }

    /// A good certificate, and these settings after it.
    fn good(&mut self, more: &str) {
        self.issue(&["--ip", "127.0.0.1", "--dns", "localhost"]);
        self.server.reconfigure(&Config::tls(self.engine()).and(more));
    }

    /// The same with an RSA key, which old cipher suites need.
    fn rsa(&mut self, more: &str) {
        let tls = self.server.tls();
        if !tls.join("server-key.pem").exists() || !self.home.join("rsa").exists() {
            self.empty_tls();
            self.issue(&["--ip", "127.0.0.1", "--key-type", "rsa-2048"]);
            self.home.write("rsa", "");
        }
        self.server.reconfigure(&Config::tls(self.engine()).and(more));
    }

    /// Certificate and key of a client.
    fn client_files(&self) -> [String; 2] {
        let client = self.home.at("app");
        self.home.done(&["cert", "issue", "--client", "--common-name", "app", "--out", &client]);
        ["client-cert.pem", "client-key.pem"].map(|name| format!("{client}/{name}"))
    }

    /// The same with another pg_hba.conf.
    fn rules(&mut self, hba: &str) {
        self.issue(&["--ip", "127.0.0.1", "--dns", "localhost"]);
        let hba = format!("local all all trust\n{hba}");
        self.server.reconfigure(&Config::tls(self.engine()).hba(&hba));
    }

    /// What the words in capitals stand for.
    fn words(&self) -> Vec<(&'static str, String)> {
        let tls = self.server.tls();
        let in_tls = |name: &str| tls.join(name).display().to_string();
        let socket = match self.engine().family() {
            Family::PostgreSql => {
                self.server.dir().join(format!(".s.PGSQL.{}", self.server.port()))
            }
            _ => self.server.socket(),
        };
        let text = str::to_owned;
        vec![
            ("DATASTORE", text(DATASTORE)),
            ("NODE", text("db-1")),
            ("DOMAIN", text(DOMAIN)),
            ("DIR", tls.display().to_string()),
            ("SOCKET", socket.display().to_string()),
            ("PORT", self.server.tls_port().to_string()),
            ("CA_FILE", in_tls("ca.pem")),
            ("CERT_FILE", in_tls("server-cert.pem")),
            ("KEY_FILE", in_tls("server-key.pem")),
            ("OWNER", text(OWNER)),
            ("INTERMEDIATE_FILE", self.home.at("intermediate.pem")),
            ("NAME", text("app")),
            ("HOST", text("%")),
            ("DATABASE", text("all")),
            ("ROLE", text("all")),
            ("ADDRESS", text("all")),
        ]
    }

    /// What `verify` says of a mode of the server, and its hint.
    fn verify(&self, host: &str, arguments: &[String], mode: &str) -> (String, String) {
        self.verify_url(&self.server.url(host), arguments, mode)
    }

    fn verify_url(&self, url: &str, arguments: &[String], mode: &str) -> (String, String) {
        let mut command = self.home.ccx(&["verify", "-o", "json", url]);
        let mut arguments = arguments.to_vec();
        match mode {
            "MUTUAL_TLS" => arguments.push("--expect-client-cert-required".to_owned()),
            "MIN_TLS" => {}
            named => arguments.extend(["--mode".to_owned(), named.to_owned()]),
        }
        // Who is asked for it types the password.
        let has = |option: &str| arguments.iter().any(|word| word == option);
        if has("--user") && !has("--password-file") {
            arguments.extend(["--password-file", "password"].map(str::to_owned));
        }
        let run = run(command.args(&arguments));
        let endpoint = run.json()["endpoints"][0].take();
        let verdicts = endpoint["verdicts"].as_array().expect("verdicts");
        let named = |verdict: &&Value| verdict["mode"] == mode;
        let verdict = verdicts.iter().find(named).unwrap_or_else(|| panic!("{endpoint}"));
        let text = |name: &str| verdict[name].as_str().unwrap_or_default();
        let said = format!("{} {}", text("verdict"), text("reason"));
        let hint = verdict["hints"][0].as_str().unwrap_or_default().to_owned();
        (said.trim().to_owned(), hint)
    }

    fn case(&mut self, case: &Case<'_>) {
        self.case_with(case, &[]);
    }

    /// Follows each way of the hint; `words` come before those of the scene.
    fn case_with(&mut self, case: &Case<'_>, words: &[(&'static str, String)]) {
        let name = format!("{:?}, {}", self.engine(), case.name);
        let arguments: Vec<String> = case.arguments.iter().map(|word| (*word).to_owned()).collect();
        for (number, after) in case.after.iter().enumerate() {
            (case.provoke)(self);
            let (said, hint) = self.verify(case.host, &arguments, case.mode);
            assert_eq!(said, case.reason, "{name}");
            let ways = ways(&hint);
            assert_eq!(ways.len(), case.after.len(), "{name}: {hint}");
            let words = [words, &self.words()].concat();
            let Scene { home, server } = self;
            let options = Operator { home, server, words }.follow(&ways[number]);
            let mut again = arguments.clone();
            for pair in options.chunks(2) {
                // The last one given counts: what was wrong is replaced.
                if let Some(at) = again.iter().position(|word| *word == pair[0]) {
                    again.drain(at..at + 2);
                }
                again.extend_from_slice(pair);
            }
            let (said, next) = self.verify(case.host, &again, case.mode);
            assert_eq!(said, *after, "{name}, after {hint}: {next}");
        }
    }
}

/// Faults of certificates: the same on every engine.
fn certificates(scene: &mut Scene) {
    scene.good("");
    let other = Home::with_ca();
    other.done(&["ca", "export", "--out", "ca.pem"]);
    let strange = other.at("ca.pem");
    let ca = scene.home.at("ca.pem");
    scene.case_with(
        &Case {
            name: "another CA",
            arguments: &["--ca-file", &strange],
            mode: "VERIFY_CA",
            reason: "fail untrusted",
            ..Case::NONE
        },
        &[("FILE", ca.clone())],
    );
    another_name(scene);
    scene.case(&Case {
        name: "expired",
        mode: "VERIFY_CA",
        reason: "fail expired",
        provoke: &|scene| {
            scene.expire();
            scene.server.restart();
        },
        ..Case::NONE
    });
    // Renewed on the disk, and never read.
    scene.case(&Case {
        name: "expired in memory",
        mode: "VERIFY_CA",
        reason: "fail expired",
        provoke: &|scene| {
            scene.expire();
            scene.server.restart();
            scene.issue(&["--ip", "127.0.0.1"]);
        },
        ..Case::NONE
    });
    let chain = intermediate(&scene.home);
    scene.case(&Case {
        name: "no intermediate",
        arguments: &["--ca-file", &chain],
        mode: "VERIFY_CA",
        reason: "fail intermediate_missing",
        provoke: &|scene| {
            let read = |name: &str| fs::read_to_string(scene.home.join(name)).expect("a file");
            scene.empty_tls();
            scene.server.put(&read("root.pem"), &read("leaf.pem"), &read("leaf.key"));
            scene.server.reconfigure(&Config::tls(scene.engine()));
        },
        ..Case::NONE
    });
    let both = scene.home.at("both.pem");
    scene.case(&Case {
        name: "for clients alone",
        arguments: &["--ca-file", &both],
        mode: "VERIFY_CA",
        reason: "fail wrong_purpose",
        provoke: &|scene| {
            let pki = Pki::new();
            let identity = pki.server(Kind::ClientUsage);
            let ours = fs::read_to_string(scene.home.join("ca.pem")).expect("a CA");
            scene.home.write("both.pem", ours + &pki.ca_pem());
            scene.empty_tls();
            scene.server.put(&pki.ca_pem(), &identity.certificate, &identity.key);
            scene.server.reconfigure(&Config::tls(scene.engine()));
        },
        ..Case::NONE
    });
    scene.empty_tls();
    scene.good("");
}

/// A name that the certificate lacks: the new one has it, and keeps the names of the old one.
fn another_name(scene: &mut Scene) {
    let name = format!("{:?}", scene.engine());
    let url_of = |scene: &Scene| scene.server.url("127.0.0.1");
    for way in 0..3 {
        scene.empty_tls();
        scene.issue(&["--dns", "localhost", "--dns", "old.example.com"]);
        scene.start(Config::tls(scene.engine()));
        let url = url_of(scene);
        let (said, hint) = scene.verify_url(&url, &[], "VERIFY_IDENTITY");
        assert_eq!(said, "fail name_mismatch", "{name}");
        let names = "--dns localhost --dns old.example.com --ip 127.0.0.1 ";
        let node = format!("--datastore {DATASTORE} --node db-1 --domain {DOMAIN} {names}");
        assert_eq!(hint.matches(&node).count(), 2, "{name}: {hint}");
        let ways = ways(&hint);
        assert_eq!(ways.len(), 3, "{name}: {hint}");
        let host = ("NAME", format!("db-1.{DATASTORE}.{DOMAIN}"));
        let words = [vec![host], scene.words()].concat();
        let Scene { home, server } = &mut *scene;
        let options = Operator { home, server, words }.follow(&ways[way]);
        assert_eq!(options.is_empty(), way < 2, "{name}: {options:?}");
        let (said, next) = scene.verify_url(&url, &options, "VERIFY_IDENTITY");
        assert_eq!(said, "pass", "{name}, after {hint}: {next}");
        let (said, next) = scene.verify("localhost", &[], "VERIFY_IDENTITY");
        assert_eq!(said, "pass", "{name}, after {hint}: {next}");
    }
    scene.good("");
}

/// The certificate that MySQL and MariaDB make for themselves: no CA can be trusted for it.
fn self_made(scene: &mut Scene) {
    scene.case(&Case {
        name: "a certificate that the server made",
        mode: "VERIFY_IDENTITY",
        reason: "fail untrusted",
        provoke: &|scene| scene.start(Config::bare()),
        ..Case::NONE
    });
}

/// A root, an intermediate CA of the same organization and a server's certificate below it, by
/// OpenSSL: the file of the root.
fn intermediate(home: &Home) -> String {
    let openssl = |arguments: &str| {
        let words: Vec<String> = arguments
            .split(' ')
            .map(|word| match word.strip_prefix('@') {
                Some(name) => home.at(name),
                None => word.to_owned(),
            })
            .collect();
        tool("openssl", &words);
    };
    let new = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9";
    let ca = "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign";
    home.write("ca.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
    home.write("leaf.ext", "extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n");
    // OpenSSL adds basicConstraints of its own configuration to a certificate that it signs
    // itself, if there is one.
    home.write("openssl.cnf", "[req]\ndistinguished_name=name\n[name]\n");
    openssl(&format!(
        "{new} -x509 {ca} -config @openssl.cnf -subj /O=Acme/CN=Root -keyout @root.key -out @root.pem"
    ));
    for (name, signer, subject, extensions) in [
        ("intermediate", "root", "/O=Acme/CN=Below", "ca.ext"),
        ("leaf", "intermediate", "/O=Acme/CN=db", "leaf.ext"),
    ] {
        openssl(&format!(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config @openssl.cnf \
             -subj {subject} -keyout @{name}.key -out @{name}.csr"
        ));
        openssl(&format!(
            "x509 -req -in @{name}.csr -CA @{signer}.pem -CAkey @{signer}.key -CAcreateserial \
             -days 9 -extfile @{extensions} -out @{name}.pem"
        ));
    }
    home.at("root.pem")
}

/// No TLS at all: `cert install`, or by hand.
fn no_tls(scene: &mut Scene) {
    scene.case(&Case {
        name: "no TLS",
        mode: "VERIFY_CA",
        reason: "fail no_tls",
        after: &["pass", "pass"],
        provoke: &|scene| {
            scene.issue(&["--ip", "127.0.0.1"]);
            scene.start(Config::off(scene.engine()));
        },
        ..Case::NONE
    });
}

/// The same where TLS has a port of its own: the port without it is dialled.
fn no_tls_port(scene: &mut Scene) {
    let engine = scene.engine();
    let plain = format!("{}s://127.0.0.1:{}", engine.kind(), scene.server.port());
    for (way, after) in [(0, "pass"), (1, "fail client_cert_required")] {
        scene.issue(&["--ip", "127.0.0.1"]);
        scene.server.reconfigure(&Config::off(engine));
        let (said, hint) = scene.verify_url(&plain, &[], "REQUIRED");
        assert_eq!(said, "fail no_tls", "{engine:?}");
        let words = scene.words();
        let Scene { home, server } = &mut *scene;
        Operator { home, server, words }.follow(&ways(&hint)[way]);
        assert_eq!(scene.verify("127.0.0.1", &[], "REQUIRED").0, after, "{engine:?}: {hint}");
    }
}

/// OpenSSL speaks the protocol of the engine before TLS, as the hint tells it to.
fn handshake_fails(scene: &mut Scene, settings: &str) {
    scene.case(&Case {
        name: "nothing of TLS in common",
        reason: "fail tls_alert",
        after: &["fail tls_alert"],
        provoke: &|scene| scene.good(settings),
        ..Case::NONE
    });
}

/// Old versions, and cipher suites without forward secrecy, that are taken, or are all there is.
fn weak(scene: &mut Scene, only_suites: &str, versions: Option<&str>, suites: Option<&str>) {
    scene.case(&Case {
        name: "weak suites alone",
        reason: "fail weak_cipher",
        provoke: &|scene| scene.rsa(only_suites),
        ..Case::NONE
    });
    for (name, settings, reason) in [
        ("old versions", versions, "fail weak_protocol_accepted"),
        ("weak suites", suites, "fail weak_cipher_accepted"),
    ] {
        let Some(settings) = settings else { continue };
        scene.case(&Case {
            name,
            arguments: &["--mode", "REQUIRED", "--min-tls", "1.2"],
            mode: "MIN_TLS",
            reason,
            provoke: &|scene| scene.rsa(settings),
            ..Case::NONE
        });
    }
    scene.case(&Case {
        name: "TLS 1.2 below the floor",
        arguments: &["--mode", "REQUIRED", "--min-tls", "1.3"],
        mode: "MIN_TLS",
        reason: "fail weak_protocol_accepted",
        provoke: &|scene| {
            let strong = "ECDHE-RSA-AES128-GCM-SHA256";
            scene.rsa(&match scene.engine().family() {
                Family::MySql | Family::MariaDb => format!("ssl_cipher={strong}"),
                Family::PostgreSql => format!("ssl_ciphers = '{strong}'"),
                Family::Redis => format!("tls-ciphers {strong}"),
            });
        },
        ..Case::NONE
    });
    scene.empty_tls();
}

/// What accounts tell of MySQL and MariaDB: passwords, client certificates, plaintext.
fn accounts(scene: &mut Scene) {
    scene.good("");
    let login = ["--user", "app", "--password-file", "password"];
    let password = ("FILE", scene.home.at("password"));
    scene.case(&Case {
        name: "without TLS",
        mode: "PLAINTEXT",
        arguments: &login,
        reason: "fail plain_accepted",
        provoke: &|scene| scene.good(""),
        ..Case::NONE
    });
    scene.good("");
    let files = scene.client_files();
    let certificate = ["--client-cert", &files[0], "--client-key", &files[1]];
    scene.case_with(
        &Case {
            name: "wrong password",
            arguments: &["--user", "app", "--password-file", "wrong"],
            reason: "fail login_denied",
            after: &["pass", "fail login_denied"],
            ..Case::NONE
        },
        &[password, ("CERT_FILE", files[0].clone()), ("KEY_FILE", files[1].clone())],
    );
    scene.case(&Case {
        name: "no client certificate is needed",
        arguments: &[&login[..], &certificate].concat(),
        mode: "MUTUAL_TLS",
        reason: "fail client_cert_not_required",
        ..Case::NONE
    });
    let words = [
        ("FILE", scene.home.at("password")),
        ("CERT_FILE", files[0].clone()),
        ("KEY_FILE", files[1].clone()),
    ];
    scene.case_with(
        &Case {
            name: "a client certificate is needed",
            arguments: &login,
            reason: "fail login_denied",
            after: &["fail login_denied", "pass"],
            ..Case::NONE
        },
        &words,
    );
}

#[test]
#[ignore = "needs tests/run"]
fn remedies_on_mysql() {
    let mut scene = Scene::new(Engine::Mysql97);
    certificates(&mut scene);
    scene.case(&Case {
        name: "login needed",
        mode: "PLAINTEXT",
        reason: "unknown needs_login",
        after: &["fail plain_accepted", "unknown needs_login"],
        ..Case::NONE
    });
    accounts(&mut scene);
    scene.good("");
    scene
        .server
        .admin(&format!("CREATE USER rsa@'%' IDENTIFIED WITH sha256_password BY '{PASSWORD}'"));
    scene.case(&Case {
        name: "a password that never goes out in clear",
        mode: "PLAINTEXT",
        arguments: &["--user", "rsa"],
        reason: "unknown login_withheld",
        after: &["unknown login_withheld", "unknown login_withheld"],
        ..Case::NONE
    });
    handshake_fails(&mut scene, "tls_version=TLSv1.3\ntls_ciphersuites=TLS_AES_128_CCM_SHA256");
    let weak_only = "tls_version=TLSv1.2\nssl_cipher=DHE-RSA-AES256-GCM-SHA384";
    weak(&mut scene, weak_only, None, None);
    self_made(&mut scene);
    no_tls(&mut scene);
}

#[test]
#[ignore = "needs tests/run"]
fn remedies_on_mariadb() {
    let mut scene = Scene::new(Engine::MariaDb118);
    certificates(&mut scene);
    accounts(&mut scene);
    weak(
        &mut scene,
        "tls_version=TLSv1.2\nssl_cipher=AES128-GCM-SHA256",
        Some("tls_version=TLSv1.1,TLSv1.2,TLSv1.3\nssl_cipher=DEFAULT:@SECLEVEL=0"),
        Some("ssl_cipher=ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256"),
    );
    self_made(&mut scene);
    named_as_mysql(&mut scene);
    no_tls(&mut scene);
}

/// Drivers say `mysql` of a MariaDB server too; what helps is for MariaDB.
fn named_as_mysql(scene: &mut Scene) {
    scene.good("");
    let url = format!("mysql://127.0.0.1:{}", scene.server.port());
    let login = ["--user", "app", "--password-file", "password"].map(str::to_owned);
    let (said, hint) = scene.verify_url(&url, &login, "PLAINTEXT");
    assert_eq!(said, "fail plain_accepted", "{hint}");
    assert!(hint.contains("SET GLOBAL require_secure_transport"), "{hint}");
    let words = scene.words();
    let Scene { home, server } = &mut *scene;
    Operator { home, server, words }.follow(&ways(&hint)[0]);
    let setting = scene.server.admin("SELECT @@GLOBAL.require_secure_transport");
    assert_eq!(setting.trim(), "1", "{hint}");
}

#[test]
#[ignore = "needs tests/run"]
fn remedies_on_postgresql() {
    let mut scene = Scene::new(Engine::Pg17);
    certificates(&mut scene);
    let login = ["--user", "app", "--password-file", "password"];
    scene.case(&Case {
        name: "without TLS",
        mode: "PLAINTEXT",
        reason: "fail plain_accepted",
        provoke: &|scene| scene.rules("host all all 127.0.0.0/8 scram-sha-256"),
        ..Case::NONE
    });
    scene.case(&Case {
        name: "replication without TLS",
        mode: "PLAINTEXT",
        reason: "fail replication_accepted",
        provoke: &|scene| {
            let replication = "host replication all 127.0.0.0/8 scram-sha-256";
            scene.rules(&format!("hostssl all all 127.0.0.0/8 scram-sha-256\n{replication}"));
        },
        ..Case::NONE
    });
    scene.case(&Case {
        name: "TLS refused",
        reason: "fail tls_refused",
        provoke: &|scene| scene.rules("hostnossl all all 127.0.0.0/8 scram-sha-256"),
        ..Case::NONE
    });
    scene.case(&Case {
        name: "nobody admitted",
        reason: "unknown not_admitted",
        provoke: &|scene| scene.rules("host all app 127.0.0.0/8 scram-sha-256"),
        ..Case::NONE
    });
    scene.case(&Case {
        name: "no rule for the account",
        arguments: &login,
        reason: "fail login_denied",
        provoke: &|scene| scene.rules("host all other 127.0.0.0/8 scram-sha-256"),
        ..Case::NONE
    });
    scene.case_with(
        &Case {
            name: "wrong password",
            arguments: &["--user", "app", "--password-file", "wrong"],
            reason: "fail login_denied",
            provoke: &|scene| scene.rules("hostssl all all 127.0.0.0/8 scram-sha-256"),
            ..Case::NONE
        },
        &[("FILE", scene.home.at("password"))],
    );
    let url = scene.server.url("127.0.0.1");
    let login = login.map(str::to_owned);
    let (said, hint) = scene.verify_url(&format!("{url}/nodb"), &login, "REQUIRED");
    assert_eq!(said, "fail login_denied", "{hint}");
    let (_, named) = hint.split_once(": ").expect("a URL");
    assert_eq!(named, format!("{url}/DATABASE"), "{hint}");
    let named = named.replace("DATABASE", "postgres");
    assert_eq!(scene.verify_url(&named, &login, "REQUIRED").0, "pass", "{hint}");
    client_certificates(
        &mut scene,
        &|scene| scene.rules("hostssl all all 127.0.0.0/8 scram-sha-256 clientcert=verify-ca"),
        &|scene| scene.rules("hostssl all all 127.0.0.0/8 scram-sha-256"),
    );
    handshake_fails(&mut scene, "ssl_ecdh_curve = 'brainpoolP256r1'");
    weak(
        &mut scene,
        "ssl_max_protocol_version = 'TLSv1.2'\nssl_ciphers = 'AES256-SHA'",
        Some("ssl_min_protocol_version = 'TLSv1.1'\nssl_ciphers = 'DEFAULT:@SECLEVEL=0'"),
        Some("ssl_ciphers = 'ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256'"),
    );
    // OpenSSL speaks none of them any more.
    scene.case(&Case {
        name: "old versions alone",
        reason: "fail weak_protocol",
        provoke: &|scene| {
            scene.good("ssl_min_protocol_version = 'TLSv1'\nssl_max_protocol_version = 'TLSv1.1'");
        },
        ..Case::NONE
    });
    few_iterations(&mut scene);
    no_tls(&mut scene);
}

/// Clients without a certificate, where the server `demand`s one and where one is `optional`.
fn client_certificates(
    scene: &mut Scene,
    demand: &dyn Fn(&mut Scene),
    optional: &dyn Fn(&mut Scene),
) {
    let directory = scene.home.at("client");
    scene.case_with(
        &Case {
            name: "a client certificate is needed",
            reason: "fail client_cert_required",
            provoke: &|scene| {
                let _ = fs::remove_dir_all(scene.home.join("client"));
                demand(scene);
            },
            ..Case::NONE
        },
        &[("DIR", directory)],
    );
    let files = scene.client_files();
    let certificate = ["--client-cert", &files[0], "--client-key", &files[1]];
    scene.case(&Case {
        name: "no client certificate is needed",
        arguments: &certificate,
        mode: "MUTUAL_TLS",
        reason: "fail client_cert_not_required",
        provoke: optional,
        ..Case::NONE
    });
}

/// The statement of the hint and psql's own command after it, in one session.
fn few_iterations(scene: &mut Scene) {
    scene.rules("hostssl all all 127.0.0.0/8 scram-sha-256");
    scene.server.admin(&format!("SET scram_iterations = 1; ALTER ROLE app PASSWORD '{PASSWORD}'"));
    let login = ["--user", "app", "--password-file", "password"].map(str::to_owned);
    let (said, hint) = scene.verify("127.0.0.1", &login, "REQUIRED");
    assert_eq!(said, "unknown weak_scram", "{hint}");
    let mut psql = psql(&scene.server);
    for line in hint.lines() {
        let (_, text) = line.split_once(": ").expect("text to paste");
        psql.expect("postgres=# ");
        psql.send(&format!("{}\r", text.replace("NAME", "app")));
        if text.starts_with('\\') {
            for question in ["Enter new password", "Enter it again"] {
                psql.answer(question, PASSWORD);
            }
        }
    }
    psql.expect("postgres=# ");
    assert_eq!(scene.verify("127.0.0.1", &login, "REQUIRED").0, "pass");
}

fn redis(engine: Engine) {
    let mut scene = Scene::new(engine);
    certificates(&mut scene);
    scene.home.write("s3cret", "s3cret");
    scene.case(&Case {
        name: "the other port",
        mode: "PLAINTEXT",
        arguments: &["--user", "app", "--password-file", "s3cret"],
        reason: "fail plain_port_open",
        after: &["pass"],
        provoke: &|scene| scene.good("user app on >s3cret +@all"),
        ..Case::NONE
    });
    client_certificates(&mut scene, &|scene| scene.good("tls-auth-clients yes"), &|scene| {
        scene.good("")
    });
    handshake_fails(&mut scene, "tls-protocols TLSv1.3\ntls-ciphersuites TLS_AES_128_CCM_SHA256");
    weak(
        &mut scene,
        "tls-protocols TLSv1.2\ntls-ciphers AES128-GCM-SHA256",
        Some("tls-protocols \"TLSv1.1 TLSv1.2 TLSv1.3\"\ntls-ciphers DEFAULT:@SECLEVEL=0"),
        Some("tls-ciphers ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256"),
    );
    no_tls_port(&mut scene);
}

#[test]
#[ignore = "needs tests/run"]
fn remedies_on_redis() {
    redis(Engine::Redis7);
}

#[test]
#[ignore = "needs tests/run"]
fn remedies_on_valkey() {
    redis(Engine::Valkey9);
}

/// Nothing listens, nobody has the name, nothing answers: what is asked then can be asked.
#[test]
#[ignore = "needs tests/run"]
fn remedies_of_places() {
    let home = Home::with_ca();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    for (url, limit, reason, code) in [
        (format!("mysql://127.0.0.1:{}", closed_port()), "10s", "refused", 0),
        ("redis://no-such-name.invalid".to_owned(), "10s", "name_unknown", 2),
        (format!("valkey://127.0.0.1:{port}"), "1s", "timeout", 3),
    ] {
        let words = ["verify", "-o", "json", "--mode", "REQUIRED", "--timeout", limit, &url];
        let document = run(&mut home.ccx(&words)).json();
        let verdict = &document["endpoints"][0]["verdicts"][0];
        assert_eq!(verdict["reason"], reason, "{document}");
        let hint = verdict["hints"][0].as_str().expect("a hint");
        let command = hint.rsplit_once(": ").expect("a command").1;
        if reason == "timeout" {
            // It answers now, and is no server that anybody wants.
            let silent = silent.try_clone().expect("the same port");
            std::thread::spawn(move || silent.incoming().for_each(drop));
        }
        let pasted = paste(&home, command);
        assert_eq!(pasted.code, code, "{command}: {}{}", pasted.stdout, pasted.stderr);
    }
}
