//! A server that shows a chain to whoever comes, in TLS from the first byte, as PostgreSQL or as
//! MySQL, and says whether they went on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, Stream,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::common::chains::HOST;
use crate::common::db::{Engine, Family};
use crate::common::odd_chains::OddChain;
use crate::common::scripted::greeting;
use crate::common::tls::peer;

/// Two ports, one for those of MySQL, where the server speaks first; and what became of those who
/// came.
pub struct Served {
    pub port: u16,
    mysql: u16,
    went_on: Mutex<Receiver<bool>>,
}

impl Served {
    pub fn new(chain: &OddChain) -> Self {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = PrivateKeyDer::try_from(chain.key.clone()).expect("a key");
        let key = provider.key_provider.load_private_key(key).expect("a key");
        let sent = chain.sent.iter().map(|one| CertificateDer::from(one.der().to_vec())).collect();
        let shown = SingleCertAndKey::from(CertifiedKey::new(sent, key));
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        config.send_tls13_tickets = 0;
        let config = Arc::new(config);
        let (tell, went_on) = channel();
        let (own, tell_too) = (config.clone(), tell.clone());
        let port = peer(move |stream| {
            let _ = tell.send(serve(stream, &config, false));
        });
        let mysql = peer(move |stream| {
            let _ = tell_too.send(serve(stream, &own, true));
        });
        Served { port, mysql, went_on: Mutex::new(went_on) }
    }

    /// Whether the official client of an engine goes on, or what it says.
    pub fn client(&self, engine: Engine, cas: &Path) -> String {
        let went_on = self.went_on.lock().expect("no panic");
        while went_on.try_recv().is_ok() {} // of those before
        let mut client = Command::new(engine.client());
        client.env_clear().env("HOME", "/dev/null/none").env("PATH", crate::common::env("PATH"));
        match engine.family() {
            Family::PostgreSql => {
                let name = format!(
                    "host=127.0.0.1 port={} user=app dbname=app sslmode=verify-ca sslrootcert={}",
                    self.port,
                    cas.display()
                );
                client.args(["--no-psqlrc", "--no-password", &name]);
                client.env("PGSSLCERT", "/dev/null/none").env("PGSSLKEY", "/dev/null/none");
            }
            Family::MySql | Family::MariaDb => {
                client.args(["--no-defaults", "--protocol=TCP", "--host=127.0.0.1", "--user=app"]);
                client.arg(format!("--port={}", self.mysql));
                client.arg(format!("--ssl-ca={}", cas.display()));
                if engine.family() == Family::MySql {
                    client.arg("--ssl-mode=VERIFY_CA");
                }
                client.args(["--connect-timeout=30", "--execute=SELECT 1"]);
            }
            Family::Redis => {
                client.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "--tls"]);
                client.arg("--cacert").arg(cas).arg("PING");
            }
        }
        let output = client.stdin(Stdio::null()).output().expect("it runs");
        match went_on.recv_timeout(Duration::from_secs(60)) {
            Ok(true) => "ok".to_owned(),
            _ => String::from_utf8_lossy(&output.stderr).replace('\n', " "),
        }
    }
}

/// Whether the client sends something inside TLS.
fn serve(mut plain: TcpStream, config: &Arc<ServerConfig>, mysql: bool) -> bool {
    let _ = plain.set_read_timeout(Some(Duration::from_secs(30)));
    let mut first = [0];
    if mysql {
        let asked = plain.write_all(&greeting(true)).and_then(|()| plain.read_exact(&mut [0; 36]));
        if asked.is_err() {
            return false;
        }
    } else if plain.peek(&mut first).is_ok() && first == [0] {
        let asked = plain.read_exact(&mut [0; 8]).and_then(|()| plain.write_all(b"S"));
        if asked.is_err() {
            return false;
        }
    }
    let mut session = ServerConnection::new(config.clone()).expect("a session");
    let mut tls = Stream::new(&mut session, &mut plain);
    matches!(tls.read(&mut [0; 64]), Ok(count) if count > 0)
}

/// What rustls says of the server at a port: `ok`, or what is wrong.
pub fn rustls(port: u16, cas: &Path) -> String {
    let mut roots = RootCertStore::empty();
    for ca in CertificateDer::pem_file_iter(cas).expect("a file") {
        if let Err(error) = roots.add(ca.expect("PEM")) {
            return error.to_string();
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = HOST.try_into().expect("a name");
    let mut session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let mut plain = TcpStream::connect(("127.0.0.1", port)).expect("the server");
    match Stream::new(&mut session, &mut plain).write_all(b"x") {
        Ok(()) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}
