//! SQL Server, which no package has: the peer of [`crate::common::tds`]. What it does not prove
//! is that a real server does the same.

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::ServerConfig;

use crate::common::pki::{Kind, Pki};
use crate::common::proxies::{Place, Proxy};
use crate::common::tds::{self, Encryption};
use crate::common::tls::peer;
use crate::common::{Home, run};

fn config(pki: &Pki, alpn: bool) -> Arc<ServerConfig> {
    tds::config(&pki.server(Kind::Good), alpn, rustls::ALL_VERSIONS)
}

/// A TLS handshake inside PRELOGIN packets, then TLS as it is, until the client goes.
fn tds_7(mut stream: TcpStream, config: &Arc<ServerConfig>, mine: Encryption) {
    if !matches!(tds::prelogin(&mut stream, mine), Ok(1)) {
        return;
    }
    if tds::handshake(&mut stream, config).is_none() {
        return;
    }
    // What comes now is TLS itself: a record, and no packet.
    let mut kind = [0];
    if stream.read_exact(&mut kind).is_ok() {
        assert_eq!(kind, [21], "close_notify");
    }
}

/// TLS from the first byte, and PRELOGIN inside.
fn tds_8(stream: TcpStream, config: &Arc<ServerConfig>) {
    if let Some(mut tls) = tds::strict(stream, config) {
        let _ = tls.read(&mut [0; 100]);
    }
}

fn verify(home: &Home, port: u16, more: &[&str]) -> Vec<String> {
    let url = format!("mssql://localhost:{port}");
    let modes = ["--mode", "REQUIRED", "--mode", "VERIFY_IDENTITY", "--mode", "PLAINTEXT"];
    let arguments = ["verify", "-o", "json", "--ca-file", "ca.pem", "--timeout", "3s", &url];
    let run = run(&mut home.ccx(&[&arguments[..], &modes, more].concat()));
    assert_eq!(run.stderr, "", "{}", run.stdout);
    let document = run.json();
    let verdicts = document["endpoints"][0]["verdicts"].as_array().expect("verdicts").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    verdicts
        .map(|one| format!("{} {}", text(&one["verdict"]), text(&one["reason"])).trim().to_owned())
        .collect()
}

#[test]
fn encryption_modes_of_the_specification_are_told_apart() {
    let (home, pki) = (Home::new(), Pki::new());
    std::fs::write(home.join("ca.pem"), pki.ca_pem()).expect("written");
    for (mine, expected) in [
        (Encryption::Required, ["pass", "pass", "pass"]),
        (Encryption::Off, ["pass", "pass", "fail plain_accepted"]),
        (Encryption::NotSupported, ["fail no_tls", "fail no_tls", "fail plain_accepted"]),
    ] {
        let config = config(&pki, false);
        let port = peer(move |stream| {
            let config = config.clone();
            thread::spawn(move || tds_7(stream, &config, mine));
        });
        assert_eq!(verify(&home, port, &[]), expected);
        let strict = verify(&home, port, &["--direct"]);
        assert!(strict[0].starts_with("unknown") || strict[0].starts_with("fail"), "{strict:?}");
    }
    let strict = config(&pki, true);
    let port = peer(move |stream| {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let strict = strict.clone();
        thread::spawn(move || tds_8(stream, &strict));
    });
    assert_eq!(verify(&home, port, &["--direct"]), ["pass", "pass", "pass"]);
    let without_alpn = config(&pki, false);
    let port = peer(move |stream| {
        let without_alpn = without_alpn.clone();
        thread::spawn(move || tds_8(stream, &without_alpn));
    });
    assert_eq!(verify(&home, port, &["--direct"])[0], "unknown not_this_protocol");
}

/// HAProxy over two peers in turn.
fn in_turn(ports: [u16; 2]) -> Proxy {
    let [one, other] = ports;
    let lines = format!(
        "frontend in\n  bind 127.0.0.1:{{port}}\n  default_backend out\nbackend out\n  \
         balance roundrobin\n  server a 127.0.0.1:{one}\n  server b 127.0.0.1:{other}\n"
    );
    Proxy::haproxy(Place::new(), &lines)
}

/// What is said of PLAINTEXT, whichever of two peers comes first.
fn whoever_is_first(home: &Home, ports: [u16; 2], more: &[&str]) -> [String; 2] {
    [ports, [ports[1], ports[0]]].map(|ports| verify(home, in_turn(ports).port, more).remove(2))
}

#[test]
#[ignore = "needs tests/run"]
fn two_servers_that_differ_behind_one_address_never_pass() {
    let (home, pki) = (Home::new(), Pki::new());
    std::fs::write(home.join("ca.pem"), pki.ca_pem()).expect("written");
    // Both have one certificate.
    let shared = config(&pki, false);
    let start = |mine| {
        let config = shared.clone();
        peer(move |stream| {
            let config = config.clone();
            thread::spawn(move || tds_7(stream, &config, mine));
        })
    };
    let (good, other, open) =
        (start(Encryption::Required), start(Encryption::Required), start(Encryption::Off));
    assert_eq!(whoever_is_first(&home, [good, other], &[]), ["pass", "pass"]);
    for verdict in whoever_is_first(&home, [good, open], &[]) {
        assert_eq!(verdict, "fail plain_accepted");
    }
    let own = config(&pki, false);
    let apart = peer(move |stream| {
        let own = own.clone();
        thread::spawn(move || tds_7(stream, &own, Encryption::Required));
    });
    for verdict in whoever_is_first(&home, [good, apart], &[]) {
        assert_eq!(verdict, "unknown several_servers");
    }
}

/// TDS 8.0 has no words for a client without TLS: a hang-up counts where TLS was accepted before
/// and after, and both were tried twice.
#[test]
#[ignore = "needs tests/run"]
fn hang_up_at_tds_8_needs_a_control() {
    let (home, pki) = (Home::new(), Pki::new());
    std::fs::write(home.join("ca.pem"), pki.ca_pem()).expect("written");
    let strict = config(&pki, true);
    // Talks to the first so many clients, and hangs up on all others, as a proxy may.
    let limited = |clients: usize| {
        let (strict, count) = (strict.clone(), AtomicUsize::new(0));
        peer(move |stream| {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            if count.fetch_add(1, Ordering::Relaxed) < clients {
                let strict = strict.clone();
                thread::spawn(move || tds_8(stream, &strict));
            }
        })
    };
    for clients in 1..=3 {
        let disabled = verify(&home, limited(clients), &["--direct"]).remove(2);
        let is_told = ["unknown closed", "unknown reset"].contains(&disabled.as_str());
        assert!(is_told, "{clients}: {disabled}");
    }
    assert_eq!(verify(&home, limited(4), &["--direct"]), ["pass", "pass", "pass"]);

    // One that takes TDS 7 as well, as SQL Server does where it is not strict.
    let lax = config(&pki, true);
    let both = peer(move |stream| {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let lax = lax.clone();
        thread::spawn(move || {
            let mut first = [0];
            match stream.peek(&mut first).is_ok() && first == [22] {
                true => tds_8(stream, &lax),
                false => tds_7(stream, &lax, Encryption::Off),
            }
        });
    });
    for verdict in whoever_is_first(&home, [limited(100), both], &["--direct"]) {
        assert!(verdict.starts_with("fail ") || verdict.starts_with("unknown "), "{verdict}");
    }
}
