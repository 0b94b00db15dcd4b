//! Real pools and proxies in front of real servers: programs of the folder that
//! `tests/bed/proxy-fetch` made, each in a folder of its own, and gone with the value that stands
//! for it.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process_group};
use tempfile::TempDir;

use super::db::{free_port, own};
use super::env;

/// A program that listens on one port.
pub struct Proxy {
    child: Child,
    directory: TempDir,
    pub port: u16,
}

/// The folder of a proxy that is not running yet: files can be put there.
pub struct Place {
    directory: TempDir,
    pub port: u16,
}

impl Place {
    pub fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("ccx-px-").tempdir().expect("a directory");
        own(directory.path());
        Place { directory, port: free_port() }
    }

    pub fn dir(&self) -> String {
        self.directory.path().display().to_string()
    }

    /// Puts a file there, and gives its path.
    pub fn put(&self, name: &str, text: &str) -> String {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).expect("written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, mode).expect("0600");
        own(&path);
        path.display().to_string()
    }

    /// Starts a program, and waits until it listens, without connecting to it.
    fn start(self, program: &str, arguments: &[&str]) -> Proxy {
        let log = std::fs::File::create(self.directory.path().join("log")).expect("a log");
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=TERM");
        if geteuid().is_root() {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        let program = fetched().join("bin/trixie").join(program);
        let child = command
            .arg(&program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a clone"))
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("setpriv");
        let mut proxy = Proxy { child, directory: self.directory, port: self.port };
        let limit = Instant::now() + Duration::from_secs(60);
        while !is_listening(proxy.port) {
            let ended = proxy.child.try_wait().expect("a child").is_some();
            assert!(!ended && Instant::now() < limit, "{program:?}: {}", proxy.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        proxy
    }
}

impl Proxy {
    /// HAProxy in TCP mode: its one frontend listens on the port that `{port}` stands for.
    /// `lines` are those of the frontend and of its backends.
    pub fn haproxy(place: Place, lines: &str) -> Self {
        let config = format!(
            "defaults\n  mode tcp\n  retries 0\n  timeout connect 5s\n  timeout client 60s\n  \
             timeout server 60s\n{}",
            lines.replace("{port}", &place.port.to_string())
        );
        let config = place.put("haproxy.cfg", &config);
        place.start("haproxy", &["-db", "-f", &config])
    }

    /// stunnel with these lines of one service, which accepts on the port.
    pub fn stunnel(place: Place, lines: &str) -> Self {
        let port = place.port;
        let config =
            format!("foreground = yes\npid =\n[service]\naccept = 127.0.0.1:{port}\n{lines}");
        let config = place.put("stunnel.conf", &config);
        place.start("stunnel4", &[&config])
    }

    /// nginx with these lines in its block `stream`.
    pub fn nginx(place: Place, lines: &str) -> Self {
        let dir = place.dir();
        let module = fetched().join("trixie/usr/lib/nginx/modules/ngx_stream_module.so");
        let config = format!(
            "load_module {};\ndaemon off;\npid {dir}/pid;\nerror_log {dir}/error.log;\n\
             worker_processes 1;\nevents {{}}\nstream {{\n{}\n}}\n",
            module.display(),
            lines.replace("{port}", &place.port.to_string())
        );
        let config = place.put("nginx.conf", &config);
        let log = format!("{dir}/error.log");
        place.start("nginx", &["-p", &dir, "-e", &log, "-c", &config])
    }

    /// PgBouncer before the PostgreSQL on `server`, with these settings, lines of auth_hba_file,
    /// and one account, whose password is that of all accounts.
    pub fn pgbouncer(place: Place, server: u16, hba: &str, settings: &str) -> Self {
        let (users, hba) = (
            place.put("users", &format!("\"app\" \"{}\"\n", super::official::PASSWORD)),
            place.put("hba", hba),
        );
        let port = place.port;
        let config = format!(
            "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_file = {users}\nauth_hba_file = {hba}\nserver_tls_sslmode = require\n{settings}"
        );
        let config = place.put("pgbouncer.ini", &config);
        place.start("pgbouncer", &[&config])
    }

    /// pgpool-II before the PostgreSQL on `server`, with these settings and lines of pool_hba.conf.
    pub fn pgpool(place: Place, server: u16, hba: &str, settings: &str) -> Self {
        let dir = place.dir();
        let passwords = format!("app:TEXT{}\n", super::official::PASSWORD);
        let passwords = place.put("pool_passwd", &passwords);
        let hba = place.put("pool_hba.conf", hba);
        let pcp = place.put("pcp.conf", "");
        let port = place.port;
        let config = format!(
            "backend_clustering_mode = 'raw'\nlisten_addresses = '127.0.0.1'\nport = {port}\n\
             pcp_listen_addresses = ''\nunix_socket_directories = '{dir}'\n\
             pcp_socket_dir = '{dir}'\npid_file_name = '{dir}/pid'\nlogdir = '{dir}'\n\
             work_dir = '{dir}'\nbackend_hostname0 = '127.0.0.1'\nbackend_port0 = {server}\n\
             backend_flag0 = 'ALWAYS_PRIMARY'\nnum_init_children = 2\nmax_pool = 1\n\
             pool_passwd = '{passwords}'\nsr_check_period = 0\nhealth_check_period = 0\n{settings}"
        );
        let config = place.put("pgpool.conf", &config);
        place.start("pgpool", &["-n", "-f", &config, "-a", &hba, "-F", &pcp])
    }

    /// What it has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Proxy {
    /// SIGINT ends them all; pgpool-II gives its shared memory back then.
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(group, Signal::INT);
        let limit = Instant::now() + Duration::from_secs(60);
        while Instant::now() < limit && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}

fn fetched() -> PathBuf {
    Path::new(&env("CCX_TEST_PROXIES")).to_owned()
}

/// Whether somebody listens on a port of this machine, by the kernel's own table.
fn is_listening(port: u16) -> bool {
    const LISTEN: &str = "0A";
    let table = std::fs::read_to_string("/proc/net/tcp").expect("proc(5)");
    let port = format!(":{port:04X}");
    table.lines().any(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let local = columns.next().unwrap_or_default();
        local.ends_with(&port) && columns.nth(1) == Some(LISTEN)
    })
}
