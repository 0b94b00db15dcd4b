//! Real proxies in front of real servers, in good and bad states: what `verify` says of them, and
//! that it never says more than is so. HAProxy, stunnel, nginx.

use crate::common::Home;
use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::pki::{Client, Identity, Kind, Pki};
use crate::common::proxies::{Place, Proxy};
use crate::common::verdicts::{Endpoint, verify};

/// A server with a good certificate, and one for its proxies.
struct Scene {
    home: Home,
    pki: Pki,
    server: Server,
    identity: Identity,
}

impl Scene {
    fn new(engine: Engine, config: Config) -> Self {
        let pki = Pki::new();
        let bed = Bed::new(engine);
        let identity = pki.server(Kind::Good);
        bed.put(&pki.ca_pem(), &identity.certificate, &identity.key);
        let server = bed.start(&config);
        Scene { home: Home::new(), pki, server, identity }
    }

    /// What it says of a server of the scene's engine at a port.
    fn verify(&self, port: u16, more: &[&str]) -> Endpoint {
        let secured = if self.server.port() == self.server.tls_port() { "" } else { "s" };
        let url = format!("{}{secured}://127.0.0.1:{port}", self.server.engine().kind());
        let all = ["--timeout", "30s", "--mode", "REQUIRED", "--mode", "PLAINTEXT", &url];
        verify(&self.home, &[&all[..], more].concat()).remove(0)
    }

    /// The verdicts on REQUIRED and on PLAINTEXT.
    fn says(&self, port: u16) -> [String; 2] {
        let endpoint = self.verify(port, &[]);
        ["REQUIRED", "PLAINTEXT"].map(|mode| endpoint.says(mode).to_owned())
    }

    /// Certificate and key in one file, and the CA.
    fn files(&self, place: &Place) -> [String; 2] {
        let both = self.identity.certificate.clone() + &self.identity.key;
        [place.put("both.pem", &both), place.put("ca.pem", &self.pki.ca_pem())]
    }
}

/// A frontend of HAProxy, with these lines of its own, over these servers in turn.
fn in_turn(frontend: &str, servers: &[String]) -> Proxy {
    let servers: String = servers
        .iter()
        .enumerate()
        .map(|(number, server)| format!("  server s{number} {server}\n"))
        .collect();
    let lines = format!(
        "frontend in\n  bind 127.0.0.1:{{port}}\n{frontend}  default_backend out\n\
         backend out\n  balance roundrobin\n{servers}"
    );
    Proxy::haproxy(Place::new(), &lines)
}

/// Accepts so many connections a minute, and hangs up on others.
fn no_more_than(connections: u8) -> String {
    format!(
        "  stick-table type ip size 1k expire 1m store conn_rate(1m)\n  \
         tcp-request connection track-sc0 src\n  \
         tcp-request connection reject if {{ sc_conn_rate(0) gt {connections} }}\n"
    )
}

fn at(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// A port of this machine on which nobody listens.
fn dead() -> String {
    at(crate::common::tls::closed_port())
}

/// Nothing is known, because somebody hung up.
fn is_hang_up(verdict: &str) -> bool {
    ["unknown closed", "unknown reset"].contains(&verdict)
}

/// Whoever comes without TLS is let in, and the proxy hangs up on some.
fn never_passes_behind_haproxy(scene: &Scene) {
    let server = at(scene.server.port());
    let half_dead = in_turn("", &[server.clone(), dead()]);
    for _ in 0..2 {
        assert_eq!(scene.says(half_dead.port)[1], "fail plain_accepted");
    }
    let limited = in_turn(&no_more_than(1), std::slice::from_ref(&server));
    let [required, disabled] = scene.says(limited.port);
    assert_eq!(required, "pass");
    assert!(is_hang_up(&disabled), "{disabled}");
    let open = in_turn("", &[server]);
    assert_eq!(scene.says(open.port), ["pass", "fail plain_accepted"]);
}

#[test]
#[ignore = "needs tests/run"]
fn postgresql_behind_proxies() {
    let engine = Engine::Pg17;
    let host = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    let scene = Scene::new(engine, Config::tls(engine).hba(host));
    never_passes_behind_haproxy(&scene);

    // The header is no start of a conversation of PostgreSQL: it hangs up.
    let unexpected = in_turn("", &[at(scene.server.port()) + " send-proxy"]);
    for verdict in scene.says(unexpected.port) {
        assert!(verdict.starts_with("unknown "), "{verdict}");
    }
    let place = Place::new();
    let [both, _] = scene.files(&place);
    let server = scene.server.port();
    let stunnel = format!("connect = {server}\nprotocol = pgsql\ncert = {both}\n");
    let stunnel = Proxy::stunnel(place, &stunnel);
    // Without TLS it hangs up, as somebody else on the way may do: so that proves nothing.
    let [required, disabled] = scene.says(stunnel.port);
    assert_eq!(required, "pass");
    assert!(is_hang_up(&disabled), "{disabled}");

    let hostssl = host.replace("host all", "hostssl all");
    scene.server.put_file("pg_hba.conf", &hostssl);
    scene.server.reload().expect("reloaded");
    let nginx = format!("server {{ listen 127.0.0.1:{{port}}; proxy_pass 127.0.0.1:{server}; }}");
    let nginx = Proxy::nginx(Place::new(), &nginx);
    assert_eq!(scene.says(nginx.port), ["pass", "pass"]);
    let open = in_turn("", &[at(server)]);
    assert_eq!(scene.says(open.port), ["pass", "pass"]);
}

#[test]
#[ignore = "needs tests/run"]
fn mariadb_behind_proxies() {
    let engine = Engine::MariaDb118;
    let config = Config::tls(engine).and("[mysqld]\nproxy-protocol-networks=127.0.0.1");
    let scene = Scene::new(engine, config);
    never_passes_behind_haproxy(&scene);
    let expected = in_turn("", &[at(scene.server.port()) + " send-proxy-v2"]);
    assert_eq!(scene.says(expected.port), ["pass", "fail plain_accepted"]);
    scene.server.admin("SET GLOBAL require_secure_transport = ON");
    assert_eq!(scene.says(expected.port), ["pass", "pass"]);
    // One that is not to send the header: the server takes it for a broken login.
    scene.server.admin("SET GLOBAL proxy_protocol_networks = '::1'");
    let [required, disabled] = scene.says(expected.port);
    assert!(required != "pass" && disabled.starts_with("unknown "), "{required}, {disabled}");
}

#[test]
#[ignore = "needs tests/run"]
fn redis_behind_proxies() {
    let engine = Engine::Redis7;
    let scene = Scene::new(engine, Config::tls(engine));
    let (plain, secured) = (at(scene.server.port()), at(scene.server.tls_port()));
    let pass = || ["pass".to_owned(), "pass".to_owned()];

    // What hangs up on everybody after a while is not what refuses clients without TLS.
    let through = in_turn("", std::slice::from_ref(&secured));
    assert_eq!(scene.says(through.port), pass());
    for connections in [1, 2, 3] {
        let limited = in_turn(&no_more_than(connections), std::slice::from_ref(&secured));
        let disabled = &scene.says(limited.port)[1];
        assert!(is_hang_up(disabled), "{connections}: {disabled}");
    }
    let half_dead = in_turn("", &[secured.clone(), dead()]);
    // The server refuses, if somebody has met it.
    let disabled = &scene.says(half_dead.port)[1];
    assert!(is_hang_up(disabled) || disabled == "pass", "{disabled}");
    let mixed = in_turn("", &[secured.clone(), secured.clone(), plain.clone()]);
    for _ in 0..3 {
        let disabled = &scene.says(mixed.port)[1];
        assert!(disabled == "fail plain_accepted" || is_hang_up(disabled), "{disabled}");
    }
    let unexpected = in_turn("", &[secured.clone() + " send-proxy"]);
    let disabled = &scene.says(unexpected.port)[1];
    assert!(disabled.starts_with("unknown "), "{disabled}");

    // Two servers, of which each has a certificate of its own.
    let bed = Bed::new(engine);
    let Identity { certificate, key } = scene.pki.server(Kind::Good);
    bed.put(&scene.pki.ca_pem(), &certificate, &key);
    let other = bed.start(&Config::tls(engine));
    let both = in_turn("", &[secured.clone(), at(other.tls_port()), secured.clone()]);
    assert_eq!(scene.says(both.port)[1], "unknown several_servers");

    // Proxies that have TLS themselves.
    let tls = |clients: &str| {
        let place = Place::new();
        let [both, ca] = scene.files(&place);
        let clients = clients.replace("{ca}", &ca);
        let lines = format!(
            "frontend in\n  bind 127.0.0.1:{{port}} ssl crt {both} {clients}\n  \
             default_backend out\nbackend out\n  server s {plain}\n"
        );
        Proxy::haproxy(place, &lines)
    };
    assert_eq!(scene.says(tls("").port), pass());
    let demanding = tls("ca-file {ca} verify required");
    assert_eq!(scene.says(demanding.port), ["fail client_cert_required", "pass"]);
    let endpoint = scene.verify(demanding.port, &["--expect-client-cert-required"]);
    assert_eq!(endpoint.says("MUTUAL_TLS"), "pass");
    mutual_tls_with_an_account(&scene);

    let place = Place::new();
    let [both, _] = scene.files(&place);
    let server = Proxy::stunnel(place, &format!("connect = {plain}\ncert = {both}\n"));
    assert_eq!(scene.says(server.port), pass());
    let client = format!("client = yes\nconnect = {secured}\n");
    let client = Proxy::stunnel(Place::new(), &client);
    assert_eq!(scene.says(client.port), ["fail no_tls", "fail plain_accepted"]);

    let place = Place::new();
    let (certificate, key) = (
        place.put("server.pem", &scene.identity.certificate),
        place.put("server.key", &scene.identity.key),
    );
    let lines = format!(
        "server {{ listen 127.0.0.1:{{port}} ssl; ssl_certificate {certificate};\n\
         ssl_certificate_key {key}; proxy_pass {plain}; }}"
    );
    assert_eq!(scene.says(Proxy::nginx(place, &lines).port), pass());
    // One port for both: who begins with TLS is led to the one, and others to the other.
    let lines = format!(
        "map $ssl_preread_protocol $where {{ \"\" {plain}; default {secured}; }}\n\
         server {{ listen 127.0.0.1:{{port}}; ssl_preread on; proxy_pass $where; }}"
    );
    let preread = Proxy::nginx(Place::new(), &lines);
    assert_eq!(scene.says(preread.port)[1], "fail plain_accepted");
}

/// The alert of TLS without a certificate is the proof, whoever logs in with one.
fn mutual_tls_with_an_account(scene: &Scene) {
    scene.server.admin("ACL SETUSER app on >secret +@all");
    scene.server.admin("CONFIG SET tls-auth-clients yes");
    let Identity { certificate, key } = scene.pki.client(Client::Good);
    let (ca, certificate, key, password) = (
        scene.home.write("ca.pem", scene.pki.ca_pem()),
        scene.home.write("client.crt", &certificate),
        scene.home.write("client.key", &key),
        scene.home.write("password", "secret\n"),
    );
    let arguments = [
        "--ca-file",
        &ca,
        "--client-cert",
        &certificate,
        "--client-key",
        &key,
        "--expect-client-cert-required",
        "--user",
        "app",
        "--password-file",
        &password,
    ];
    let endpoint = scene.verify(scene.server.tls_port(), &arguments);
    for mode in ["REQUIRED", "MUTUAL_TLS"] {
        assert_eq!(endpoint.says(mode), "pass", "{mode}: {endpoint:?}");
    }
    // The account may ask the server for its other port.
    assert_eq!(endpoint.says("PLAINTEXT"), "fail plain_port_open");
    scene.server.admin("CONFIG SET tls-auth-clients no");
}
