//! Peers that are no servers, or hostile ones: never a pass, never a panic, never later than
//! the deadline, and never a password.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::common::scripted::{greeting, packet, prelogin};
use crate::common::tls::{closed_port, peer};
use crate::common::{Home, run};

const SCHEMES: [&str; 4] = ["mysql", "postgresql", "rediss", "mssql"];

/// A home with a CA, and what `verify` says there of many servers at once: verdicts as
/// `pass`, or answer and reason, by URL and mode.
struct Verify(Home);

impl Verify {
    fn new() -> Self {
        let home = Home::new();
        home.init();
        Verify(home)
    }

    fn says(&self, urls: &[String], more: &[&str]) -> BTreeMap<(String, String), String> {
        let mut arguments = vec!["verify", "-o", "json", "--timeout", "1s"];
        arguments.extend(more);
        arguments.extend(urls.iter().map(String::as_str));
        let started = Instant::now();
        let run = run(&mut self.0.ccx(&arguments));
        // Two connections, each of a few steps, all servers at the same time.
        assert!(started.elapsed() < Duration::from_secs(100), "{:?}", started.elapsed());
        assert_eq!(run.stderr, "", "{}", run.stdout);
        assert!([1, 3].contains(&run.code), "{}: {}", run.code, run.stdout);
        let document = run.json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let mut said = BTreeMap::new();
        for endpoint in document["endpoints"].as_array().expect("endpoints") {
            for verdict in endpoint["verdicts"].as_array().expect("verdicts") {
                let told = format!("{} {}", text(&verdict["verdict"]), text(&verdict["reason"]));
                said.insert((text(&endpoint["url"]), text(&verdict["mode"])), told);
            }
        }
        assert_eq!(said.len() % urls.len(), 0, "a verdict for every server and mode");
        said
    }

    /// None of them passes in any mode.
    fn none_passes(&self, urls: &[String]) -> BTreeMap<(String, String), String> {
        let modes = ["PLAINTEXT", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"];
        let modes: Vec<&str> = modes.iter().flat_map(|mode| ["--mode", mode]).collect();
        let said = self.says(urls, &[&modes[..], &["--expect-client-cert-required"]].concat());
        for (of, told) in &said {
            assert!(!told.starts_with("pass"), "{of:?}: {told}");
        }
        said
    }
}

fn url(scheme: &str, port: u16) -> String {
    format!("{scheme}://127.0.0.1:{port}")
}

/// Says this, then reads until the client goes.
fn say(what: Vec<u8>) -> u16 {
    peer(move |mut stream| {
        let what = what.clone();
        thread::spawn(move || {
            let _ = stream.write_all(&what);
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
        });
    })
}

/// Says this, and then one thing over and over as long as the client listens.
fn endless(first: Vec<u8>, again: Vec<u8>, pause: Duration) -> u16 {
    peer(move |mut stream| {
        let (first, again) = (first.clone(), again.clone());
        thread::spawn(move || {
            let _ = stream.write_all(&first);
            while stream.write_all(&again).is_ok() {
                thread::sleep(pause);
            }
        });
    })
}

#[test]
fn peers_that_say_nothing_or_drip_do_not_hold_it_up() {
    let mut urls = Vec::new();
    for scheme in SCHEMES {
        urls.push(url(scheme, say(Vec::new())));
        let first: &[u8] = match scheme {
            "mysql" => &[200, 0, 0, 0, 10],
            "postgresql" => b"E\0\0\0\xff",
            "rediss" => b"\x16\x03\x03\x10\0",
            _ => &[4, 1, 0, 200],
        };
        urls.push(url(scheme, endless(first.to_vec(), vec![0], Duration::from_millis(300))));
    }
    let verify = Verify::new();
    for ((url, mode), told) in verify.none_passes(&urls) {
        // To a plain PING, what drips is no answer of Redis.
        let other = url.starts_with("rediss") && mode == "PLAINTEXT";
        assert!(told == "unknown timeout" || other, "{url} {mode}: {told}");
    }
}

#[test]
fn peers_that_say_too_much_or_nonsense_are_none_of_theirs() {
    let mut urls = Vec::new();
    let mut nonsense: Vec<(&str, Vec<u8>)> = vec![
        ("mysql", vec![0, 0, 0, 0]),
        ("mysql", packet(0, &[0xff])),
        ("mysql", packet(0, b"\x09old")),
        ("mysql", packet(0, b"\x0a8.4.0")),
        ("postgresql", b"G".to_vec()),
        ("postgresql", b"E\0\0\0\x03".to_vec()),
        ("postgresql", b"E\xff\xff\xff\xff".to_vec()),
        ("postgresql", b"R\0\0\0\x08\0\0\0\0".to_vec()),
        ("rediss", b"+HELLO\r\n".to_vec()),
        ("mssql", vec![4, 1, 0, 7, 0, 0, 1, 0]),
        ("mssql", vec![4, 1, 0, 8, 0, 0, 1, 0]),
        ("mssql", vec![4, 1, 0, 9, 0, 0, 1, 0, 0xff]),
        ("mssql", vec![4, 1, 0, 13, 0, 0, 1, 0, 1, 0xff, 0xff, 0xff, 0xff]),
    ];
    for scheme in SCHEMES {
        nonsense.push((scheme, b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
        nonsense.push((scheme, b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()));
        nonsense.push((scheme, vec![0xff; 64]));
        nonsense.push((scheme, vec![0; 64]));
    }
    for (scheme, what) in nonsense {
        urls.push(url(scheme, say(what)));
    }
    let pages = |byte| vec![byte; 64 * 1024];
    let quick = Duration::ZERO;
    for (scheme, first, again) in [
        ("mysql", vec![0xff, 0xff, 0xff, 0, 10], pages(1)),
        ("mysql", Vec::new(), packet(0, b"\xff\x10\x04Too many connections")),
        ("postgresql", b"E\x01\0\0\0".to_vec(), pages(b'x')),
        ("postgresql", b"E\0\0\0\x0fSFATAL\0Mno\0\0".to_vec(), b"E\0\0\0\x05\0".to_vec()),
        ("rediss", b"+".to_vec(), pages(b'x')),
        ("rediss", Vec::new(), b"-ERR max number of clients reached\r\n".to_vec()),
        ("mssql", Vec::new(), [&[4, 0, 0xff, 0xff, 0, 0, 1, 0][..], &vec![0; 0xfff7]].concat()),
    ] {
        urls.push(url(scheme, endless(first, again, quick)));
    }
    let said = Verify::new().none_passes(&urls);
    let known = [
        "not_this_protocol",
        "server_error",
        "tls_failed",
        "plaintext_injected",
        "timeout",
        "closed",
        "reset",
    ];
    for (of, told) in said {
        let reason = told.split(' ').nth(1).expect("a reason");
        // A server that answers a plain client is one that takes it.
        let plain = ["plain_accepted", "no_tls"].contains(&reason) && told.starts_with("fail");
        assert!(known.contains(&reason) || plain, "{of:?}: {told}");
    }
}

#[test]
fn peers_that_close_at_any_byte_pass_nowhere() {
    let conversations = [
        ("mysql", greeting(true)),
        ("mysql", greeting(false)),
        ("mysql", packet(0, b"\xff\x69\x04Host is blocked")),
        ("postgresql", b"S".to_vec()),
        ("postgresql", b"N".to_vec()),
        ("postgresql", b"E\0\0\0\x20SFATAL\0C53300\0Mtoo many\0\0".to_vec()),
        ("rediss", b"\x15\x03\x03\0\x02\x02\x28".to_vec()),
        ("rediss", b"+PONG\r".to_vec()),
        ("mssql", prelogin()),
    ];
    let mut urls = Vec::new();
    for (scheme, words) in conversations {
        for count in 0..=words.len() {
            let words = words[..count].to_vec();
            urls.push(url(scheme, peer(move |mut stream| drop(stream.write_all(&words)))));
        }
    }
    assert!(urls.len() > 200, "{}", urls.len());
    Verify::new().none_passes(&urls);
}

/// Waits for the client's request, and answers with this.
fn after_request(first: Vec<u8>, then: Vec<u8>) -> u16 {
    peer(move |mut stream| {
        let (first, then) = (first.clone(), then.clone());
        thread::spawn(move || {
            let _ = stream.write_all(&first);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&then);
            let _ = stream.read(&mut [0; 4096]);
        });
    })
}

#[test]
fn bytes_before_tls_are_refused() {
    let ok = packet(2, &[0, 0, 0, 2, 0, 0, 0]);
    let login = b"R\0\0\0\x08\0\0\0\0".to_vec();
    let urls = [
        url("postgresql", after_request(Vec::new(), [b"S", login.as_slice()].concat())),
        url("mysql", after_request(greeting(true), ok.clone())),
        url("mssql", after_request(Vec::new(), [prelogin(), prelogin()].concat())),
        url("rediss", after_request(Vec::new(), b"+PONG\r\n+OK\r\n".to_vec())),
        url("mysql", say([greeting(true), ok].concat())), // together with the greeting
    ];
    let said = Verify::new().none_passes(&urls);
    let of = |url: &String, mode: &str| said[&(url.clone(), mode.to_owned())].as_str();
    for mode in ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"] {
        assert_eq!(of(&urls[0], mode), "fail plaintext_injected");
        assert_eq!(of(&urls[1], mode), "fail tls_failed");
        assert_eq!(of(&urls[2], mode), "fail tls_failed");
        assert_eq!(of(&urls[3], mode), "fail no_tls");
        assert_eq!(of(&urls[4], mode), "fail tls_failed");
    }
    assert_eq!(of(&urls[3], "PLAINTEXT"), "fail plain_accepted");
}

/// Talks as this says, and tells all that the client sent.
fn listening(
    script: impl Fn(&mut TcpStream) + Send + Sync + 'static,
) -> (u16, mpsc::Receiver<Vec<u8>>) {
    let (send, receive) = mpsc::channel();
    let port = peer(move |mut stream| {
        script(&mut stream);
        let mut heard = Vec::new();
        let _ = stream.set_read_timeout(Some(Duration::from_secs(3)));
        let _ = stream.read_to_end(&mut heard);
        let _ = send.send(heard);
    });
    (port, receive)
}

#[test]
fn passwords_never_go_out_in_clear() {
    let (mysql, heard_by_mysql) = listening(|stream| {
        let _ = stream.write_all(&greeting(false));
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&packet(2, b"\xfemysql_clear_password\0"));
    });
    let (postgresql, heard_by_postgresql) = listening(|stream| {
        let _ = stream.read(&mut [0; 8]);
        let _ = stream.write_all(b"N");
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"R\0\0\0\x08\0\0\0\x03");
    });
    let urls = [url("mysql", mysql), url("postgresql", postgresql)];
    let said = Verify::new().none_passes(&urls);
    for (of, told) in &said {
        let reason =
            if of.0 == urls[1] && of.1 == "PLAINTEXT" { "plain_accepted" } else { "no_tls" };
        assert_eq!(told, &format!("fail {reason}"), "{of:?}");
    }
    for heard in [heard_by_mysql, heard_by_postgresql] {
        let answer = heard.recv_timeout(Duration::from_secs(180)).expect("the end of it");
        assert_eq!(answer, b"", "nothing is the answer");
    }
}

#[test]
fn failures_before_tls_are_told_apart() {
    let error = |code: u16, text: &str| {
        let body = [&[0xff], &code.to_le_bytes()[..], text.as_bytes()].concat();
        url("mysql", say(packet(0, &body)))
    };
    let cases = [
        (url("mysql", closed_port()), "unknown refused"),
        ("postgresql://no-such-host.invalid:5432".to_owned(), "unknown name_unknown"),
        (url("mysql", peer(drop)), "unknown closed|reset"),
        (url("mysql", say(Vec::new())), "unknown timeout"),
        (url("mysql", say(b"+OK\r\n".to_vec())), "unknown not_this_protocol"),
        (error(1130, "Host '127.0.0.1' is not allowed to connect"), "unknown server_error"),
        (error(1040, "Too many connections"), "unknown server_error"),
        (error(1129, "Host '127.0.0.1' is blocked"), "unknown server_error"),
        (url("mysql", say(greeting(false))), "fail no_tls"),
        (
            url("mysql", after_request(greeting(true), b"\x15\x03\x03\0\x02\x02\x46".to_vec())),
            "fail weak_protocol",
        ),
        (
            url("mysql", after_request(greeting(true), b"\x15\x03\x03\0\x02\x02\x28".to_vec())),
            "fail tls_alert",
        ),
        (
            url("mysql", after_request(greeting(true), b"HTTP/1.1 400\r\n".to_vec())),
            "fail tls_failed",
        ),
    ];
    let urls: Vec<String> = cases.iter().map(|(url, _)| url.clone()).collect();
    let said = Verify::new().says(&urls, &["--mode", "REQUIRED"]);
    for (url, expected) in cases {
        let told = &said[&(url.clone(), "REQUIRED".to_owned())];
        let (answer, reasons) = expected.split_once(' ').expect("two words");
        let fits = reasons.split('|').any(|reason| *told == format!("{answer} {reason}"));
        assert!(fits, "{url}: {told}, and not {expected}");
    }
}
