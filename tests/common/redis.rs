//! A real Redis, whose port takes TLS alone and which loads its certificate anew when told.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::tls::closed_port;
use super::{Home, env};

/// A server on a port of loopback; gone when dropped.
pub struct Redis {
    server: Child,
    socket: String,
    port: u16,
    /// A pair that it started with, and goes back to.
    certificates: String,
}

impl Redis {
    /// Starts one with the certificates in `HOME/name`.
    pub fn start(home: &Home, name: &str) -> Self {
        let certificates = home.join(name).display().to_string();
        let socket = home.join("redis.sock").display().to_string();
        let port = closed_port();
        // One program with several names; Debian's redis-tools has it without the service.
        let server = Command::new("redis-check-rdb")
            .arg0("redis-server")
            .args(["--port", "0", "--bind", "127.0.0.1", "--tls-port", &port.to_string()])
            .args(["--unixsocket", &socket, "--save", "", "--appendonly", "no"])
            .args(["--tls-cert-file", &format!("{certificates}/server-cert.pem")])
            .args(["--tls-key-file", &format!("{certificates}/server-key.pem")])
            .args(["--tls-ca-cert-file", &format!("{certificates}/ca.pem")])
            .args(["--tls-auth-clients", "no"])
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(fs::File::create(home.join("redis.log")).expect("a log"))
            .spawn()
            .expect("redis-check-rdb; run the tests with tests/run");
        let redis = Redis { server, socket, port, certificates };
        let begin = Instant::now();
        while redis.ask(&["PING"]).trim() != "PONG" {
            let log = fs::read_to_string(home.join("redis.log")).unwrap_or_default();
            assert!(begin.elapsed() < Duration::from_secs(20), "no Redis: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        redis
    }

    fn ask(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.env_clear().env("PATH", env("PATH")).args(["-s", &self.socket]).args(words);
        let said = command.output().expect("redis-cli runs");
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    /// Has it load the certificates in `directory`; what it says: `OK`, or an error.
    pub fn load(&self, directory: &Path) -> String {
        let at = |name: &str| directory.join(name).display().to_string();
        let (certificate, key) = (at("server-cert.pem"), at("server-key.pem"));
        let set = ["CONFIG", "SET", "tls-cert-file", &certificate, "tls-key-file", &key];
        self.ask(&set).trim().to_owned()
    }

    /// The certificate that a client is shown in a handshake, PEM; panics where it does not
    /// verify.
    pub fn handshake(&self, host: &str) -> String {
        let ca = format!("{}/ca.pem", self.certificates);
        let to = format!("127.0.0.1:{}", self.port);
        let connect = ["s_client", "-connect", &to, "-CAfile", &ca, "-verify_return_error"];
        let said = Command::new("openssl")
            .args([&connect[..], &["-verify_hostname", host]].concat())
            .stdin(Stdio::null())
            .output()
            .expect("openssl runs");
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success(), "{text}{}", String::from_utf8_lossy(&said.stderr));
        text
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
