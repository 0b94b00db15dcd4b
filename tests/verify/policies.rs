//! What real servers demand of clients: TLS off, there, insisted on, client certificates asked
//! for and demanded. What `verify` says of each, beside what happens to the database's own
//! client.

use std::path::{Path, PathBuf};

use crate::common::Home;
use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::official::{Met, Mode, Visit, account};
use crate::common::pki::{Client, Identity, Kind, Pki};
use crate::common::verdicts::verify;

/// A server with a good certificate, and who comes to it.
struct Scene {
    home: Home,
    server: Server,
    ca: PathBuf,
    /// Certificate and key, of every kind of client.
    clients: Vec<(Client, PathBuf, PathBuf)>,
}

impl Scene {
    fn new(engine: Engine) -> Self {
        let (pki, home) = (Pki::new(), Home::new());
        let write = |name: &str, text: &str| {
            let path = home.join(name);
            std::fs::write(&path, text).expect("written");
            // psql demands it of the key
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(&path, mode).expect("0600");
            path
        };
        let ca = write("ca.pem", &pki.ca_pem());
        let client = |kind: Client| {
            let Identity { certificate, key } = pki.client(kind);
            let name = format!("{kind:?}");
            (kind, write(&format!("{name}.crt"), &certificate), write(&format!("{name}.key"), &key))
        };
        let clients = Client::ALL.map(client).into();
        let bed = Bed::new(engine);
        let good = pki.server(Kind::Good);
        bed.put(&pki.ca_pem(), &good.certificate, &good.key);
        let server = bed.start(&Config::tls(engine));
        account(&server, "app", "");
        Scene { home, server, ca, clients }
    }

    fn client(&self, kind: Client) -> (&Path, &Path) {
        let client = self.clients.iter().find(|(one, ..)| *one == kind).expect("made");
        (&client.1, &client.2)
    }

    /// What `verify` says of one mode.
    fn says(&self, mode: Mode, client: Option<Client>) -> String {
        self.says_of(&self.server.url("127.0.0.1"), mode, client)
    }

    fn says_of(&self, url: &str, mode: Mode, client: Option<Client>) -> String {
        let ca = self.ca.display().to_string();
        let mut arguments = vec!["--ca-file", &ca, "--mode", mode.name(), url];
        let files = client.map(|kind| self.client(kind));
        let files = files.map(|(crt, key)| [crt.display().to_string(), key.display().to_string()]);
        if let Some([certificate, key]) = &files {
            arguments.extend(["--client-cert", certificate, "--client-key", key]);
        }
        verify(&self.home, &arguments)[0].says(mode.name()).to_owned()
    }

    /// What becomes of the database's own client.
    fn meets(&self, user: &str, mode: Mode, client: Option<Client>) -> Met {
        let client = client.map(|kind| self.client(kind));
        let (server, ca) = (&self.server, self.ca.as_path());
        let visit = Visit { server, host: "127.0.0.1", user, ca, client };
        visit.come(mode).expect("it has the mode")
    }

    /// Both, on one mode: they agree, and the verdict is this.
    fn both(&self, mode: Mode, client: Option<Client>, verdict: &str) {
        let place = format!("{:?}, {mode:?}, {client:?}", self.server.engine());
        assert_eq!(self.says(mode, client), verdict, "{place}");
        let met = self.meets("app", mode, client);
        let agree = match (mode, verdict) {
            (Mode::Disabled, "pass") => matches!(met, Met::Refused(_)),
            (Mode::Disabled, said) if said.starts_with("fail") => met == Met::Plain,
            (_, "pass") => met == Met::Tls,
            (_, said) if said.starts_with("fail") => met != Met::Tls,
            _ => true, // it says that it does not know
        };
        assert!(agree, "{place}: {verdict}, its client: {met:?}");
    }

    /// Other settings, and a restart.
    fn restart_with(&mut self, lines: &str) {
        self.server.put_file("server.conf", lines);
        self.server.restart();
    }
}

fn mysql(engine: Engine) {
    let mut scene = Scene::new(engine);
    // Before a login, only MariaDB 11.8 tells whether it insists.
    let tells = engine == Engine::MariaDb118;
    let disabled = |told| if tells { told } else { "unknown needs_login" };

    scene.both(Mode::Required, None, "pass");
    scene.both(Mode::VerifyIdentity, None, "pass");
    scene.both(Mode::Disabled, None, disabled("fail plain_accepted"));
    assert_eq!(scene.meets("app", Mode::Disabled, None), Met::Plain);

    for client in Client::ALL {
        let good = client == Client::Good;
        let verdict = if good { "pass" } else { "fail client_cert_rejected" };
        scene.both(Mode::Required, Some(client), verdict);
    }

    // Under TLS 1.3 they say so after the handshake, or hang up before the words are through.
    for _ in 0..3 {
        let said = scene.says(Mode::Required, Some(Client::OtherCa));
        assert_eq!(said, "fail client_cert_rejected", "{engine:?}");
    }

    // Accounts that demand something of their own: what verify cannot know without their
    // password. It says so, and how to find out.
    account(&scene.server, "ssl_app", "REQUIRE SSL");
    account(&scene.server, "x509_app", "REQUIRE X509");
    assert_eq!(scene.meets("ssl_app", Mode::Required, None), Met::Tls);
    assert!(matches!(scene.meets("ssl_app", Mode::Disabled, None), Met::Refused(_)));
    assert!(matches!(scene.meets("x509_app", Mode::Required, None), Met::Refused(_)));
    assert_eq!(scene.meets("x509_app", Mode::Required, Some(Client::Good)), Met::Tls);
    let url = scene.server.url("127.0.0.1");
    let mutual = ["--mode", "REQUIRED", "--expect-client-cert-required", &url];
    let mutual = verify(&scene.home, &mutual);
    assert_eq!(mutual[0].says("MUTUAL_TLS"), "unknown needs_login");

    scene.server.admin("SET GLOBAL require_secure_transport = ON");
    scene.both(Mode::Required, None, "pass");
    scene.both(Mode::Disabled, None, disabled("pass"));
    assert!(matches!(scene.meets("app", Mode::Disabled, None), Met::Refused(_)));

    scene.restart_with(&Config::off(engine).lines);
    for mode in [Mode::Required, Mode::VerifyIdentity] {
        scene.both(mode, None, "fail no_tls");
    }
    // MySQL's own client does not send a password that the server has not seen over TLS.
    let said = scene.says(Mode::Disabled, None);
    assert!(said == "fail no_tls" || said == "fail plain_accepted", "{said}");
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_mysql_97() {
    mysql(Engine::Mysql97);
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_mariadb_1011() {
    mysql(Engine::MariaDb1011);
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_mariadb_118() {
    mysql(Engine::MariaDb118);
}

const HOST: &str = "host all all 127.0.0.1/32 scram-sha-256\n";
const HOSTSSL: &str = "hostssl all all 127.0.0.1/32 scram-sha-256\n";
const HOSTNOSSL: &str = "hostnossl all all 127.0.0.1/32 scram-sha-256\n";
const REJECT: &str = "hostnossl all all 127.0.0.1/32 reject\n";
const CLIENTCERT: &str = "hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n";

fn postgresql(engine: Engine) {
    let scene = Scene::new(engine);
    let on = Config::tls(engine).lines;
    let on = on.replace("{tls}", &scene.server.tls().display().to_string());
    let set = |settings: &str, hba: &str| {
        scene.server.put_file("server.conf", settings);
        scene.server.put_file("pg_hba.conf", &format!("local all all trust\n{hba}"));
        scene.server.reload().expect("reloaded");
    };
    let both = [HOST, HOSTSSL].concat();
    let rejecting = [REJECT, HOST].concat();
    let rows = [
        // ssl, pg_hba.conf, PLAINTEXT, REQUIRED
        (true, HOST, "fail plain_accepted", "pass"),
        (true, HOSTSSL, "pass", "pass"),
        (true, HOSTNOSSL, "fail plain_accepted", "fail tls_refused"),
        (true, &rejecting, "pass", "pass"),
        // the first line that fits wins: the second is dead
        (true, &both, "fail plain_accepted", "pass"),
        (false, HOST, "fail plain_accepted", "fail no_tls"),
    ];
    for (ssl, hba, disabled, required) in rows {
        set(if ssl { &on } else { "" }, hba);
        scene.both(Mode::Disabled, None, disabled);
        scene.both(Mode::Required, None, required);
        let verified = if ssl { required } else { "fail no_tls" };
        scene.both(Mode::VerifyIdentity, None, verified);
    }
    // Nobody gets in at all: TLS cannot be the reason, and nothing is proved.
    set("", HOSTSSL);
    assert_eq!(scene.says(Mode::Disabled, None), "fail no_tls");
    assert!(matches!(scene.meets("app", Mode::Disabled, None), Met::Refused(_)));
    set(&on, "host all somebody 127.0.0.1/32 scram-sha-256\n");
    scene.both(Mode::Disabled, None, "unknown not_admitted");
    scene.both(Mode::Required, None, "unknown not_admitted");
    let url = scene.server.url("127.0.0.1");
    let known = ["--mode", "REQUIRED", "--probe-user", "somebody", &url];
    assert_eq!(verify(&scene.home, &known)[0].says("REQUIRED"), "pass");

    set(&on, CLIENTCERT);
    scene.both(Mode::Disabled, None, "pass");
    scene.both(Mode::Required, None, "fail client_cert_required");
    let mutual = ["--mode", "PLAINTEXT", "--expect-client-cert-required", &url];
    assert_eq!(verify(&scene.home, &mutual)[0].says("MUTUAL_TLS"), "pass");
    let certificates = |scene: &Scene| {
        for client in Client::ALL {
            let good = client == Client::Good;
            let verdict = if good { "pass" } else { "fail client_cert_rejected" };
            scene.both(Mode::Required, Some(client), verdict);
        }
    };
    certificates(&scene);
    // One that shows a certificate of another CA is refused though nobody asked for one.
    set(&on, HOSTSSL);
    assert_eq!(verify(&scene.home, &mutual)[0].says("MUTUAL_TLS"), "fail client_cert_not_required");
    certificates(&scene);
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_postgresql_15() {
    postgresql(Engine::Pg15);
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_postgresql_17() {
    postgresql(Engine::Pg17);
}

fn redis(engine: Engine) {
    assert_eq!(engine.family(), Family::Redis);
    let scene = Scene::new(engine);
    let plain = scene.server.url("127.0.0.1").replace("s://", "://");
    let tls_port = scene.server.tls_port().to_string();
    let plain = plain.replace(&tls_port, &scene.server.port().to_string());

    // Its port with TLS refuses who comes without, whatever the other port does.
    assert_eq!(scene.says(Mode::Disabled, None), "pass");
    assert_eq!(scene.says_of(&plain, Mode::Disabled, None), "fail plain_accepted");
    assert_eq!(scene.says_of(&plain, Mode::Required, None), "fail no_tls");
    assert_eq!(scene.meets("", Mode::Disabled, None), Met::Plain);

    for (demand, without) in
        [("no", "pass"), ("optional", "pass"), ("yes", "fail client_cert_required")]
    {
        scene.server.admin(&format!("CONFIG SET tls-auth-clients {demand}"));
        scene.both(Mode::Required, None, without);
        for client in Client::ALL {
            let taken = client == Client::Good || demand == "no";
            let verdict = if taken { "pass" } else { "fail client_cert_rejected" };
            scene.both(Mode::Required, Some(client), verdict);
        }
        let url = scene.server.url("127.0.0.1");
        let mutual = ["--mode", "PLAINTEXT", "--expect-client-cert-required", &url];
        let wanted = if demand == "yes" { "pass" } else { "fail client_cert_not_required" };
        assert_eq!(verify(&scene.home, &mutual)[0].says("MUTUAL_TLS"), wanted, "{demand}");
    }

    scene.server.admin("CONFIG SET port 0");
    assert!(matches!(scene.meets("", Mode::Disabled, None), Met::Refused(_)));
    assert_eq!(scene.says_of(&plain, Mode::Disabled, None), "unknown refused");
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_redis_7() {
    redis(Engine::Redis7);
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_valkey_8() {
    redis(Engine::Valkey8);
}

#[test]
#[ignore = "needs tests/run"]
fn policies_of_valkey_9() {
    redis(Engine::Valkey9);
}
