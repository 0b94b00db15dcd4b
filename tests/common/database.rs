//! Real databases, in a directory of their own, for as long as a test lasts.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::tls::closed_port;
use super::tool;

/// A server with a certificate, or without TLS; ended when dropped.
pub struct Database {
    child: Child,
    pub port: u16,
    _directory: TempDir,
}

/// Certificate and key, PEM.
pub type Identity<'a> = (&'a Path, &'a Path);

impl Database {
    /// PostgreSQL, of the newest version that is installed.
    pub fn postgresql(identity: Option<Identity<'_>>) -> Self {
        let installed = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL; see tests/run");
        let newest = installed.flatten().map(|version| version.path()).max().expect("a version");
        let directory = open_directory();
        let (data, port) = (directory.path().join("data"), closed_port());
        let program = |name: &str| unprivileged(&newest.join("bin").join(name));
        let made =
            program("initdb").arg("-D").arg(&data).args(["-A", "trust", "--no-sync"]).output();
        let made = made.expect("initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut server = program("postgres");
        server
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-k"])
            .arg(&data);
        if let Some(identity) = identity {
            let (certificate, key) = install(&directory, identity);
            let set = |name: &str, path: PathBuf| format!("{name}={}", path.display());
            server.args(["-c", "ssl=on", "-c", &set("ssl_cert_file", certificate)]);
            server.args(["-c", &set("ssl_key_file", key)]);
        }
        Self::start(server, port, directory)
    }

    /// MariaDB, without its own tables: it serves nobody, but that is after TLS.
    pub fn mariadb(identity: Option<Identity<'_>>) -> Self {
        let directory = open_directory();
        let (data, port) = (directory.path().join("data"), closed_port());
        let mut server = unprivileged(Path::new("mariadbd"));
        server.args(["--no-defaults", "--skip-grant-tables", "--bind-address=127.0.0.1"]);
        server.args(["--innodb=OFF", "--default-storage-engine=Aria"]);
        server.arg("--default-tmp-storage-engine=Aria").arg(format!("--port={port}"));
        server.arg(format!("--socket={}", directory.path().join("socket").display()));
        server.arg(format!("--datadir={}", data.display()));
        if let Some(identity) = identity {
            let (certificate, key) = install(&directory, identity);
            server.arg(format!("--ssl-cert={}", certificate.display()));
            server.arg(format!("--ssl-key={}", key.display()));
        }
        fs::create_dir(&data).expect("a directory");
        give_away(&data);
        Self::start(server, port, directory)
    }

    fn start(mut server: Command, port: u16, directory: TempDir) -> Self {
        let log = fs::File::create(directory.path().join("log")).expect("a log");
        let child = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let mut database =
            Database { child: child.expect("the server"), port, _directory: directory };
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return database;
            }
            if let Ok(Some(status)) = database.child.try_wait() {
                let log = fs::read_to_string(database._directory.path().join("log"));
                panic!("the server ended, {status}: {}", log.unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("the server does not listen");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Databases refuse to run as root: then as nobody.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
    // mariadbd is where only root looks.
    command.env("PATH", format!("{}:/usr/sbin", super::env("PATH")));
    command
}

fn open_directory() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    give_away(directory.path());
    directory
}

fn give_away(path: &Path) {
    if is_root() {
        tool("chown", &["nobody:nogroup", &path.display().to_string()]);
    }
}

fn install(directory: &TempDir, identity: Identity<'_>) -> (PathBuf, PathBuf) {
    let copy = |from: &Path, name: &str| {
        let to = directory.path().join(name);
        fs::copy(from, &to).expect("a copy");
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).expect("its mode");
        give_away(&to);
        to
    };
    (copy(identity.0, "server-cert.pem"), copy(identity.1, "server-key.pem"))
}
