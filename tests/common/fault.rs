//! A proxy in front of the real API server that does wrong on purpose: what a real server
//! cannot be made to do when a test wants it.
//!
//! It speaks plain HTTP on loopback, one request a connection, and hands what it does not
//! spoil to `kubectl proxy` of the cluster's admin.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::kube::{Namespace, kubeconfig};

/// What happens to a request.
pub enum Fault {
    /// An answer that the API server did not give: status, more headers, body.
    Answer(u16, &'static str, String),
    /// The connection is reset before an answer.
    Reset,
    /// The connection is closed before an answer.
    Close,
    /// The API server gets the request and its answer is lost.
    LoseAnswer,
    /// The API server gets the request, and half of its answer comes.
    CutAnswer,
    /// The API server's answer comes with another `Date`.
    Date(String),
    /// This happens before the API server gets the request.
    First(Arc<Mutex<dyn FnMut() + Send>>),
    /// This happens when the API server has answered, before the client gets the answer.
    Last(Arc<Mutex<dyn FnMut() + Send>>),
    /// There is no answer at all.
    Silence,
}

/// A fault for the requests whose first line begins so, this many times.
pub struct Rule {
    pub request: String,
    pub times: usize,
    pub fault: Fault,
}

struct State {
    rules: Vec<Rule>,
    log: Vec<String>,
}

/// The proxy; stopped when dropped.
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
    kubectl: Child,
}

impl Proxy {
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut kubectl = Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(kubeconfig("admin"))
            .args(["proxy", "--port=0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("kubectl");
        let mut line = String::new();
        let stdout = kubectl.stdout.take().expect("its stdout");
        BufReader::new(stdout).read_line(&mut line).expect("a line of kubectl proxy");
        let upstream = line.trim().rsplit(' ').next().expect("its address").to_owned();
        assert!(upstream.starts_with("127.0.0.1:"), "{line}");

        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State { rules, log: Vec::new() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, upstream) = (Arc::clone(&shared), upstream.clone());
                std::thread::spawn(move || serve(stream, &shared, &upstream));
            }
        });
        Proxy { port, state, kubectl }
    }

    /// One rule: all requests that begin with `request`, the first `times` times.
    pub fn with(request: impl Into<String>, times: usize, fault: Fault) -> Self {
        Proxy::new(vec![Rule { request: request.into(), times, fault }])
    }

    /// A kubeconfig for it.
    pub fn kubeconfig(&self, namespace: &Namespace) -> PathBuf {
        let cluster = format!("{{server: 'http://127.0.0.1:{}'}}", self.port);
        namespace.kubeconfig(&format!("proxy-{}", self.port), &cluster, "{}")
    }

    /// How many requests came whose first line begins so.
    pub fn count(&self, request: &str) -> usize {
        let state = self.state.lock().expect("the log");
        state.log.iter().filter(|line| line.starts_with(request)).count()
    }

    /// The first lines of all requests that came.
    pub fn log(&self) -> Vec<String> {
        self.state.lock().expect("the log").log.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.kubectl.kill();
        let _ = self.kubectl.wait();
    }
}

/// Before the API server gets the request, `act` happens.
pub fn first(act: impl FnMut() + Send + 'static) -> Fault {
    Fault::First(Arc::new(Mutex::new(act)))
}

/// The answer of an API server that says no.
pub fn status(code: u16, reason: &str, message: &str, details: serde_json::Value) -> Fault {
    let body = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "details": details, "code": code,
    });
    Fault::Answer(code, "Content-Type: application/json\r\n", body.to_string())
}

enum Then {
    Act(Arc<Mutex<dyn FnMut() + Send>>),
    Bytes(Vec<u8>),
    Forward,
    Lose,
    Half,
    Date(String),
    Nothing,
    Cut,
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, upstream: &str) {
    // Only looked at, so far: closing a socket with unread bytes in it is what resets it.
    let Some(head) = peek_head(&stream) else { return };
    let line = head.lines().next().unwrap_or_default().to_owned();
    let (then, first) = {
        let mut state = state.lock().expect("the rules");
        state.log.push(line.clone());
        let rule =
            state.rules.iter_mut().find(|rule| rule.times > 0 && line.starts_with(&rule.request));
        match rule {
            None => (Then::Forward, None),
            Some(rule) => {
                rule.times -= 1;
                match &mut rule.fault {
                    Fault::Answer(code, headers, body) => {
                        (Then::Bytes(answer(*code, headers, body)), None)
                    }
                    Fault::Reset => return,
                    Fault::Close => (Then::Cut, None),
                    Fault::LoseAnswer => (Then::Lose, None),
                    Fault::CutAnswer => (Then::Half, None),
                    Fault::Date(date) => (Then::Date(date.clone()), None),
                    Fault::Silence => (Then::Nothing, None),
                    Fault::First(act) => (Then::Forward, Some(Arc::clone(act))),
                    Fault::Last(act) => (Then::Act(Arc::clone(act)), None),
                }
            }
        }
    };
    let Some(request) = read_request(&mut stream, head.len()) else { return };
    if let Some(act) = first {
        act.lock().expect("what comes first")(); // without the lock: what it does may come by here as well
    }
    let _ = match then {
        Then::Bytes(bytes) => stream.write_all(&bytes),
        Then::Forward => stream.write_all(&forward(upstream, &request)),
        Then::Date(date) => stream.write_all(&dated(&forward(upstream, &request), &date)),
        Then::Act(act) => {
            let answer = forward(upstream, &request);
            act.lock().expect("what comes last")();
            stream.write_all(&answer)
        }
        Then::Lose => {
            forward(upstream, &request);
            Ok(())
        }
        Then::Half => {
            let answer = forward(upstream, &request);
            stream.write_all(&answer[..answer.len() / 2])
        }
        Then::Cut => Ok(()),
        Then::Nothing => stream.read(&mut [0; 1]).map(|_| ()), // until the client gives up
    };
    let _ = stream.shutdown(Shutdown::Both);
}

fn answer(code: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {code} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The first line and the headers, left in the socket.
fn peek_head(stream: &TcpStream) -> Option<String> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = stream.peek(&mut buffer).ok().filter(|length| *length > 0)?;
        let text = String::from_utf8_lossy(&buffer[..length]);
        if let Some(end) = text.find("\r\n\r\n") {
            return Some(text[..end + 4].to_owned());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Takes the whole request out of the socket; it will be the last of its connection.
fn read_request(stream: &mut TcpStream, head_length: usize) -> Option<Vec<u8>> {
    let mut head = vec![0; head_length];
    stream.read_exact(&mut head).ok()?;
    let head = String::from_utf8(head).ok()?;
    let mut length = 0;
    let mut request = String::new();
    for line in head.trim_end().split("\r\n") {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "connection" => continue,
            _ => {}
        }
        request.push_str(line);
        request.push_str("\r\n");
    }
    request.push_str("Connection: close\r\n\r\n");
    let mut request = request.into_bytes();
    let start = request.len();
    request.resize(start + length, 0);
    stream.read_exact(&mut request[start..]).ok()?;
    Some(request)
}

/// The API server's answer; none when the proxy was stopped meanwhile.
fn forward(upstream: &str, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    if let Ok(mut server) = TcpStream::connect(upstream) {
        let _ = server.write_all(request).and_then(|()| server.read_to_end(&mut answer));
    }
    answer
}

fn dated(answer: &[u8], date: &str) -> Vec<u8> {
    let text = String::from_utf8(answer.to_vec()).expect("an answer in UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("headers");
    let kept = head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
    let head = kept.collect::<Vec<_>>().join("\r\n");
    format!("{head}\r\nDate: {date}\r\n\r\n{body}").into_bytes()
}
