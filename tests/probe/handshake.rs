//! Servers with a good certificate that go wrong on the way to TLS: they pass nowhere, hold
//! nobody up, and what was seen of them until then is told.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::common::pki::{Kind, Pki};
use crate::common::scripted::{End, Protocol, serve, until_it_goes};
use crate::common::verdicts::{Endpoint, verify};
use crate::common::{Home, run};

/// A home in which the first CA is trusted, as `ca.pem`, and the other is in `other.pem`.
fn home(pki: &Pki) -> Home {
    let home = Home::new();
    home.write("ca.pem", pki.ca_pem());
    home.write("other.pem", pki.other_pem());
    home
}

/// Looks at the server that often, for REQUIRED and VERIFY_IDENTITY.
fn look(home: &Home, protocol: Protocol, port: u16, times: usize) -> Vec<Endpoint> {
    let urls = (0..times).map(|n| format!("{}://localhost:{port}/d{n}", protocol.scheme()));
    let urls: Vec<_> = urls.collect();
    let mut arguments = vec!["--ca-file", "ca.pem", "--timeout", "2s"];
    arguments.extend(["--mode", "REQUIRED", "--mode", "VERIFY_IDENTITY"]);
    arguments.extend((protocol == Protocol::Tds8).then_some("--direct"));
    arguments.extend(urls.iter().map(String::as_str));
    verify(home, &arguments)
}

/// Serves as it should, and gives how many bytes the server sends until the handshake is over.
fn good(home: &Home, pki: &Pki, protocol: Protocol) -> usize {
    let needed = Arc::new(AtomicUsize::new(0));
    let noted = needed.clone();
    let port = serve(protocol, &pki.server(Kind::Good), move |client| {
        let sent = Arc::default();
        let mut tls = client.accept_until(usize::MAX, End::HangUp, &sent).expect("a handshake");
        noted.store(sent.load(Ordering::Relaxed), Ordering::Relaxed);
        let _ = tls.read(&mut [0; 4096]);
        let _ = tls.write_all(&protocol.answer());
        until_it_goes(&mut tls);
    });
    let said = look(home, protocol, port, 1);
    for mode in ["REQUIRED", "VERIFY_IDENTITY"] {
        assert_eq!(said[0].says(mode), "pass", "{protocol:?}");
    }
    needed.load(Ordering::Relaxed)
}

/// Signatures of the same kind differ in length by a few bytes.
const SPREAD: usize = 10;

#[test]
fn silence_in_the_handshake_times_out_once() {
    let pki = Pki::new();
    let home = home(&pki);
    for protocol in Protocol::ALL {
        let needed = good(&home, &pki, protocol);
        let points: Vec<usize> = (0..=24).map(|n| (needed - SPREAD) * n / 24).collect();
        let (times, next) = (points.len(), AtomicUsize::new(0));
        let port = serve(protocol, &pki.server(Kind::Good), move |client| {
            let most = points[next.fetch_add(1, Ordering::Relaxed) % points.len()];
            let _ = client.accept_until(most, End::Silence, &Arc::default());
        });
        let started = Instant::now();
        for endpoint in look(&home, protocol, port, times) {
            for (mode, said) in endpoint.verdicts {
                assert_eq!(said, "unknown timeout", "{protocol:?} {mode}");
            }
        }
        // Two seconds for all at the same time; one after the other, 50.
        assert!(started.elapsed() < Duration::from_secs(45), "{:?}", started.elapsed());
    }
}

/// Under TLS 1.2 the certificate has been seen, and the key proved, before the client's turn.
#[test]
fn certificate_before_a_silence_is_reported() {
    let pki = Pki::new();
    let home = home(&pki);
    for protocol in [Protocol::MySql, Protocol::Tds7] {
        let most = good(&home, &pki, protocol) - SPREAD;
        let port = serve(protocol, &pki.server(Kind::Good), move |client| {
            let _ = client.accept_until(most, End::Silence, &Arc::default());
        });
        let url = format!("{}://localhost:{port}", protocol.scheme());
        let told = |ca: &str| {
            let modes = ["--mode", "REQUIRED", "--mode", "VERIFY_CA", &url];
            let arguments = ["verify", "-o", "json", "--timeout", "1s", "--ca-file", ca];
            run(&mut home.ccx(&[&arguments[..], &modes].concat())).json()["endpoints"][0].take()
        };
        for (ca, verified) in
            [("ca.pem", ("unknown", "timeout")), ("other.pem", ("fail", "untrusted"))]
        {
            let endpoint = told(ca);
            let chain = endpoint["tls"]["certificates"].as_array().expect("certificates");
            assert_eq!(chain[0]["issuer"], "CN=a root", "{endpoint}");
            let verdict = |at: usize| &endpoint["verdicts"][at];
            assert_eq!(
                (&verdict(0)["verdict"], &verdict(0)["reason"]),
                (&"unknown".into(), &"timeout".into())
            );
            let (answer, reason) = verified;
            assert_eq!(verdict(1)["verdict"], answer, "{endpoint}");
            assert_eq!(verdict(1)["reason"], reason, "{endpoint}");
        }
    }
}

#[test]
fn hang_up_at_any_handshake_byte_never_passes() {
    let pki = Pki::new();
    let home = home(&pki);
    for protocol in Protocol::ALL {
        let needed = good(&home, &pki, protocol) - SPREAD;
        // Of a thousand bytes and more, each of the first and the last, and every fifth between.
        let near = |at: &usize| *at < 100 || *at + 100 > needed || at.is_multiple_of(5);
        let points: Vec<usize> = (0..needed).filter(near).collect();
        let (times, next) = (points.len(), AtomicUsize::new(0));
        let port = serve(protocol, &pki.server(Kind::Good), move |client| {
            let most = points[next.fetch_add(1, Ordering::Relaxed) % points.len()];
            let _ = client.accept_until(most, End::HangUp, &Arc::default());
        });
        for endpoint in look(&home, protocol, port, times) {
            for (mode, said) in endpoint.verdicts {
                let hung_up = ["unknown closed", "unknown reset"].contains(&said.as_str());
                assert!(hung_up, "{protocol:?} {mode}: {said}");
            }
        }
    }
}

/// What may come where the handshake should, over and over.
fn floods() -> Vec<(&'static str, Vec<u8>)> {
    let record = |kind: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).expect("short").to_be_bytes();
        [&[kind, 3, 3, length[0], length[1]], content].concat()
    };
    let hello = |length: [u8; 3]| [&[2][..], &length, &[0; 16_000]].concat();
    vec![
        ("a message of 16 MiB", record(22, &hello([0xff, 0xff, 0xff]))),
        ("a message of a bad length", record(22, &hello([0, 0, 1]))),
        ("no messages in records", record(22, &[])),
        ("change of cipher", record(20, &[1])),
        ("warnings", record(21, &[1, 90])),
        ("data", record(23, &[0; 16_000])),
        ("a record too long", [&[22, 3, 3, 0xff, 0xff][..], &[0; 0xffff]].concat()),
        ("errors of a database", b"\x17\0\0\x01\xff\x10\x04Too many connections".to_vec()),
        ("zeros", vec![0; 16_000]),
        ("the answer to the login, in plain", b"R\0\0\0\x08\0\0\0\0".to_vec()),
    ]
}

#[test]
fn invalid_handshake_fails_in_time() {
    let pki = Pki::new();
    let home = home(&pki);
    for protocol in Protocol::ALL {
        for inside_packets in [false, true] {
            if inside_packets && protocol != Protocol::Tds7 {
                continue;
            }
            for (name, flood) in floods() {
                let (first, second) = (flood[0], flood[1]);
                let port = serve(protocol, &pki.server(Kind::Good), move |client| {
                    let Ok(mut stream) = client.before_tls() else { return };
                    let again = if inside_packets { in_packet(&flood) } else { flood.clone() };
                    let _ = stream.read(&mut [0; 16]); // it waits for the client's turn
                    while stream.write_all(&again).is_ok() {}
                });
                let started = Instant::now();
                let said = look(&home, protocol, port, 1);
                // After PostgreSQL's yes to the request for TLS, what is none was put there.
                let is_record = (20..=23).contains(&first) && second == 3;
                let expected = match protocol {
                    Protocol::PostgreSql if !is_record => "fail plaintext_injected",
                    _ => "fail tls_failed",
                };
                for mode in ["REQUIRED", "VERIFY_IDENTITY"] {
                    assert_eq!(said[0].says(mode), expected, "{protocol:?} {name} {mode}");
                }
                assert!(started.elapsed() < Duration::from_secs(100), "{protocol:?} {name}");
            }
        }
    }
}

fn in_packet(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[..bytes.len().min(0xff00)];
    let length = u16::try_from(bytes.len() + 8).expect("short").to_be_bytes();
    [&[4, 1, length[0], length[1], 0, 0, 1, 0], bytes].concat()
}
