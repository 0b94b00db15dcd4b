//! `ccx-sec serve`, started and asked.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command as Process, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(180);

/// A service that runs; killed when dropped.
pub struct Service {
    child: Child,
    stdout: BufReader<ChildStdout>,
    directory: TempDir,
    /// Where it listens.
    pub urls: Vec<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The code of a problem document, which must be one.
    pub fn problem(&self) -> (u16, String) {
        let document = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{document}");
        assert_eq!(document["status"], self.status, "{document}");
        for member in ["type", "title", "detail", "code"] {
            assert!(document[member].is_string(), "{member}: {document}");
        }
        (self.status, document["code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Service {
    /// Starts it, and waits until it says where it listens: at so many addresses.
    pub fn start(command: &Command, addresses: usize) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let stderr = File::create(directory.path().join("stderr")).expect("a file");
        Self::start_with(command, addresses, directory, stderr)
    }

    /// The same, where nothing can be written to stderr.
    pub fn start_with_full_stderr(command: &Command) -> Self {
        let full = File::options().write(true).open("/dev/full").expect("/dev/full");
        Self::start_with(command, 1, tempfile::tempdir().expect("a directory"), full)
    }

    fn start_with(command: &Command, addresses: usize, directory: TempDir, stderr: File) -> Self {
        let mut process = Process::new(command.get_program());
        process.args(command.get_args()).env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                process.env(name, value);
            }
        }
        if let Some(home) = command.get_current_dir() {
            process.current_dir(home);
        }
        let mut child =
            process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().expect("it");
        let stdout = BufReader::new(child.stdout.take().expect("its stdout"));
        let mut service = Service { child, stdout, directory, urls: Vec::new() };
        for _ in 0..addresses {
            let mut line = String::new();
            service.stdout.read_line(&mut line).expect("a line");
            assert!(line.ends_with("/\n") || line.starts_with("unix:"), "{}", service.stderr());
            service.urls.push(line.trim_end().to_owned());
        }
        service
    }

    /// Asks for a path, with these arguments of curl.
    pub fn curl(&self, path: &str, arguments: &[&str]) -> Answer {
        let url = self.urls[0].trim_end_matches('/');
        curl(&format!("{url}{path}"), arguments)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.curl(path, &[])
    }

    /// Asks until the answer is as it should be.
    pub fn until(&self, path: &str, is_right: impl Fn(&Answer) -> bool) -> Answer {
        self.until_with(path, &[], is_right)
    }

    /// The same, with these arguments of curl.
    pub fn until_with(
        &self,
        path: &str,
        arguments: &[&str],
        is_right: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let mut last = self.curl(path, arguments);
        wait(|| {
            is_right(&last) || {
                last = self.curl(path, arguments);
                is_right(&last)
            }
        });
        last
    }

    /// A metric without labels.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name}: {text}")).parse().expect("a number")
    }

    /// All it said on stderr until now.
    pub fn stderr(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("stderr")).expect("its stderr")
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.send(rustix::process::Signal::TERM);
    }

    /// Sends a signal.
    pub fn send(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("a signal");
    }

    /// Waits for its end: exit status, what more it printed, and all it said.
    pub fn ended(mut self) -> (i32, String, String) {
        let status = self.child.wait().expect("its end");
        let mut more = String::new();
        self.stdout.read_to_string(&mut more).expect("its stdout");
        (status.code().unwrap_or(-1), more, self.stderr())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Until it is so.
pub fn wait(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !is_so() {
        assert!(Instant::now() < deadline, "it did not come about");
        thread::sleep(Duration::from_millis(20));
    }
}

/// What curl gets.
pub fn curl(url: &str, arguments: &[&str]) -> Answer {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| -> PathBuf { directory.path().join(name) };
    super::tiers::assert_everywhere("curl");
    let output = Process::new("curl")
        .args(["-sS", "--max-time", "30", "-o"])
        .arg(at("body"))
        .arg("-D")
        .arg(at("head"))
        .args(arguments)
        .arg(url)
        .output()
        .expect("curl");
    assert!(output.status.success(), "{url}: {}", String::from_utf8_lossy(&output.stderr));
    let head = std::fs::read_to_string(at("head")).expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status.unwrap_or_else(|| panic!("{url}: {head}")),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        // With --head curl writes the head there too.
        body: match arguments.contains(&"--head") {
            true => Vec::new(),
            false => std::fs::read(at("body")).unwrap_or_default(),
        },
    }
}
