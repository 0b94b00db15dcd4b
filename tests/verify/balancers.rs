//! Several real servers behind one address, handed out in turn by HAProxy, of which one takes
//! clients without TLS: `verify` never passes PLAINTEXT, whichever of them comes first. And what
//! it says where all of them are as they should be.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::common::Home;
use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::official::{PASSWORD, account};
use crate::common::pki::{Identity, Kind, Pki};
use crate::common::proxies::{Place, Proxy};
use crate::common::tls::closed_port;
use crate::common::verdicts::{Endpoint, verify};

const HOSTSSL: &str = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";

/// Whose certificates the servers have.
struct Scene {
    home: Home,
    pki: Pki,
    /// One that servers share.
    shared: Identity,
    ca: String,
}

impl Scene {
    fn new() -> Self {
        let (pki, home) = (Pki::new(), Home::new());
        let (shared, ca) = (pki.server(Kind::Good), home.write("ca.pem", pki.ca_pem()));
        home.write("password", PASSWORD);
        Scene { home, pki, shared, ca }
    }

    fn server(&self, config: &Config, engine: Engine, identity: &Identity) -> Server {
        let bed = Bed::new(engine);
        bed.put(&self.pki.ca_pem(), &identity.certificate, &identity.key);
        bed.start(config)
    }

    /// A PostgreSQL with these rules, and the certificate that all share.
    fn postgresql(&self, hba: &str) -> Server {
        let engine = Engine::Pg17;
        self.server(&Config::tls(engine).hba(hba), engine, &self.shared)
    }

    fn verify(&self, engine: Engine, proxy: &Proxy, more: &[&str]) -> Endpoint {
        let secured = if is_redis(engine) { "s" } else { "" };
        let url = format!("{}{secured}://127.0.0.1:{}", engine.kind(), proxy.port);
        let all = ["--timeout", "60s", "--ca-file", &self.ca, "--mode", "PLAINTEXT", &url];
        verify(&self.home, &[&all[..], more].concat()).remove(0)
    }

    /// The verdicts on PLAINTEXT of as many runs as there are servers, each of which meets another
    /// one first.
    fn each_first(
        &self,
        engine: Engine,
        proxy: &Proxy,
        servers: usize,
        more: &[&str],
    ) -> Vec<String> {
        let run = |_| {
            drop(TcpStream::connect(("127.0.0.1", proxy.port)).expect("a connection"));
            self.verify(engine, proxy, more).says("PLAINTEXT").to_owned()
        };
        // However many connections a run makes, one of these begins at each of the servers.
        (0..2 * servers).map(run).collect()
    }
}

fn is_redis(engine: Engine) -> bool {
    matches!(engine, Engine::Redis7 | Engine::Valkey8)
}

/// HAProxy over these ports in turn.
fn in_turn(ports: &[u16]) -> Proxy {
    balanced("roundrobin", ports)
}

fn balanced(by: &str, ports: &[u16]) -> Proxy {
    let servers: String = ports
        .iter()
        .enumerate()
        .map(|(number, port)| format!("  server s{number} 127.0.0.1:{port}\n"))
        .collect();
    let lines = format!(
        "frontend in\n  bind 127.0.0.1:{{port}}\n  default_backend out\n\
         backend out\n  balance {by}\n{servers}"
    );
    Proxy::haproxy(Place::new(), &lines)
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_servers_with_different_rules_never_pass() {
    let (scene, engine) = (Scene::new(), Engine::Pg17);
    let good = scene.postgresql(HOSTSSL);
    let open = scene.postgresql(&HOSTSSL.replace("hostssl", "host"));
    let (a, b) = (good.port(), open.port());
    for verdict in scene.each_first(engine, &in_turn(&[a, b]), 2, &[]) {
        assert_eq!(verdict, "fail plain_accepted");
    }
    let three = in_turn(&[a, a, b]);
    // As many clients as servers meet them all.
    for verdict in scene.each_first(engine, &three, 3, &["--attempts", "3"]) {
        assert_eq!(verdict, "fail plain_accepted");
    }
    // With fewer, certificates tell them apart, where each has its own.
    let Identity { certificate, key } = scene.pki.server(Kind::Good);
    open.put(&scene.pki.ca_pem(), &certificate, &key);
    open.reload().expect("reloaded");
    for verdict in scene.each_first(engine, &three, 3, &[]) {
        let is_told = ["fail plain_accepted", "unknown several_servers"];
        assert!(is_told.contains(&verdict.as_str()), "{verdict}");
    }
    let least = balanced("leastconn", &[a, b]);
    for verdict in scene.each_first(engine, &least, 2, &[]) {
        assert_eq!(verdict, "fail plain_accepted");
    }

    // Rules for replication alone.
    let replication = format!("{HOSTSSL}host replication all 127.0.0.1/32 scram-sha-256\n");
    open.put_file("pg_hba.conf", &replication);
    open.reload().expect("reloaded");
    for verdict in scene.each_first(engine, &in_turn(&[a, b]), 2, &[]) {
        assert_eq!(verdict, "fail replication_accepted");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_servers_that_are_all_good_pass_where_they_are_one() {
    let (scene, engine) = (Scene::new(), Engine::Pg17);
    let good = scene.postgresql(HOSTSSL);
    let port = good.port();
    for verdict in scene.each_first(engine, &in_turn(&[port, port, port]), 1, &["--attempts", "9"])
    {
        assert_eq!(verdict, "pass");
    }
    // Another server with the same certificate and the same rules. A copy, as a standby is, tells
    // the same of a user that does not exist; of one that was made in each, the salts differ.
    let other = scene.postgresql(HOSTSSL);
    for server in [&good, &other] {
        account(server, "app", "");
    }
    let proxy = in_turn(&[port, other.port()]);
    for verdict in scene.each_first(engine, &proxy, 2, &["--probe-user", "app"]) {
        assert_eq!(verdict, "unknown several_servers");
    }
    // An account that one of them lets in without TLS.
    let hba = format!("{HOSTSSL}hostnossl all app 127.0.0.1/32 scram-sha-256\n");
    other.put_file("pg_hba.conf", &hba);
    other.reload().expect("reloaded");
    let login = ["--user", "app", "--password-file", "password"];
    for verdict in scene.each_first(engine, &proxy, 2, &login) {
        assert_eq!(verdict, "fail plain_accepted");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn mariadb_and_mysql_servers_with_different_settings_never_pass() {
    for engine in [Engine::MariaDb118, Engine::Mysql97] {
        let scene = Scene::new();
        let start = || {
            let server = scene.server(&Config::tls(engine), engine, &scene.shared);
            account(&server, "app", "");
            server
        };
        let (good, open) = (start(), start());
        good.admin("SET GLOBAL require_secure_transport = ON");
        let proxy = in_turn(&[good.port(), open.port()]);
        let login = ["--user", "app", "--password-file", "password"];
        for verdict in scene.each_first(engine, &proxy, 2, &[]) {
            let is_told = verdict.starts_with("fail ") || verdict.starts_with("unknown ");
            assert!(is_told, "{engine:?}: {verdict}");
        }
        for verdict in scene.each_first(engine, &proxy, 2, &login) {
            // The other one of MySQL's servers may not know the account yet, and asks for more
            // than a proof.
            let is_told = ["fail plain_accepted", "unknown login_withheld"];
            assert!(is_told.contains(&verdict.as_str()), "{engine:?}: {verdict}");
        }
        // One server behind a balancer, and two whose connections are numbered apart.
        let one = in_turn(&[good.port(), good.port()]);
        assert_eq!(scene.verify(engine, &one, &login).says("PLAINTEXT"), "pass", "{engine:?}");
        open.admin("SET GLOBAL require_secure_transport = ON");
        for verdict in scene.each_first(engine, &proxy, 2, &login) {
            let is_told = ["unknown several_servers", "unknown login_withheld"];
            assert!(is_told.contains(&verdict.as_str()), "{engine:?}: {verdict}");
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn redis_and_valkey_servers_with_different_ports_never_pass() {
    for engine in [Engine::Redis7, Engine::Valkey8] {
        let scene = Scene::new();
        let good = scene.server(&Config::tls(engine), engine, &scene.shared);
        let open = scene.server(&Config::tls(engine), engine, &scene.shared);
        // One port for both: who begins with TLS is led to the one, and others to the other.
        let (plain, secured) = (open.port(), open.tls_port());
        let lines = format!(
            "map $ssl_preread_protocol $where {{ \"\" 127.0.0.1:{plain}; default 127.0.0.1:{secured}; }}\n\
             server {{ listen 127.0.0.1:{{port}}; ssl_preread on; proxy_pass $where; }}"
        );
        let both = Proxy::nginx(Place::new(), &lines);
        let proxy = in_turn(&[good.tls_port(), both.port]);
        for verdict in scene.each_first(engine, &proxy, 2, &[]) {
            assert_eq!(verdict, "fail plain_accepted", "{engine:?}");
        }
        // One that hangs up on every other client, whether it has TLS or not.
        let half_dead = in_turn(&[both.port, closed_port()]);
        for verdict in scene.each_first(engine, &half_dead, 2, &[]) {
            let is_told = verdict.starts_with("fail ") || verdict.starts_with("unknown ");
            assert!(is_told, "{engine:?}: {verdict}");
        }
        busy_or_gone(&scene, engine, &open);
        let one = in_turn(&[good.tls_port(), good.tls_port()]);
        assert_eq!(scene.verify(engine, &one, &[]).says("PLAINTEXT"), "pass", "{engine:?}");
    }
}

/// Behind one port for both, the server without TLS takes no more clients for a while, or most of
/// them are gone: the proxy hangs up, and the next client may get in.
fn busy_or_gone(scene: &Scene, engine: Engine, server: &Server) {
    let by_hello = |plain: &str| {
        let secured = server.tls_port();
        let lines = format!(
            "frontend in\n  bind 127.0.0.1:{{port}}\n  tcp-request inspect-delay 30s\n  \
             tcp-request content accept if {{ req.len gt 0 }}\n  \
             use_backend tls if {{ req.ssl_hello_type 1 }}\n  default_backend plain\n\
             backend tls\n  server s 127.0.0.1:{secured}\n\
             backend plain\n  balance roundrobin\n  retries 0\n  timeout queue 1s\n{plain}"
        );
        Proxy::haproxy(Place::new(), &lines)
    };
    let busy = by_hello(&format!("  server p 127.0.0.1:{} maxconn 1\n", server.port()));
    let mut client = TcpStream::connect(("127.0.0.1", busy.port)).expect("a connection");
    let mut answer = [0; 7];
    client.write_all(b"PING\r\n").expect("sent");
    client.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"+PONG\r\n");
    let verdict = scene.verify(engine, &busy, &[]).says("PLAINTEXT").to_owned();
    assert!(["unknown closed", "unknown reset"].contains(&verdict.as_str()), "{verdict}");
    drop(client);
    let dead: String =
        (0..9).map(|number| format!("  server d{number} 127.0.0.1:{}\n", closed_port())).collect();
    let gone = by_hello(&format!("{dead}  server p 127.0.0.1:{}\n", server.port()));
    let verdict = scene.verify(engine, &gone, &[]).says("PLAINTEXT").to_owned();
    assert!(["unknown closed", "unknown reset"].contains(&verdict.as_str()), "{verdict}");
}
