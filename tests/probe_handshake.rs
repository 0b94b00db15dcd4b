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
fn who_falls_silent_in_the_handshake_is_waited_for_once() {
    let pki = Pki::new();
    let home = home(&pki);
    for protocol in Protocol::ALL {
        let needed = good(&home, &pki, protocol);
        let points: Vec<usize> = (0..=12).map(|n| (needed - SPREAD) * n / 12).collect();
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
        // One step of two seconds, all of them at the same time; and much to spare.
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }
}

/// Under TLS 1.2 the certificate has been seen, and the key proved, before the client's turn.
#[test]
fn what_was_seen_before_the_silence_is_told() {
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
