//! `ca fetch`: what the real service hands out, what others in its place do, and that nothing
//! is taken but what was meant.

use std::io::{Read, Write};

use crate::common::pki::Pki;
use crate::common::service::Service;
use crate::common::tls::{closed_port, peer};
use crate::common::{Home, fingerprint, mode, tool};

const SERVE: [&str; 4] = ["serve", "--listen", "127.0.0.1:0", "-q"];

/// The fingerprint of the CA of a home, as its operator reads it off.
fn known(home: &Home) -> String {
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    shown["sha256"].as_str().expect("a fingerprint").to_owned()
}

#[test]
fn fetch_accepts_the_expected_ca_by_http_and_https() {
    let home = Home::with_ca();
    let sha256 = known(&home);
    let exported = home.done(&["ca", "export"]).stdout;
    let service = Service::start(&home.ccx(&SERVE), 1);
    let url = service.urls[0].as_str();
    let got = home.done(&["ca", "fetch", url, "--sha256", &sha256]);
    assert_eq!((got.stdout.as_str(), got.stderr.as_str()), (exported.as_str(), ""));

    let out = home.at("ca.pem");
    let written =
        home.done(&["ca", "fetch", url, "--sha256", &sha256, "--out", &out, "-o", "json"]);
    assert_eq!(written.json()["sha256"][0], *sha256);
    assert_eq!(written.json()["url"], format!("{url}api/v1/ca.pem"));
    assert_eq!((std::fs::read_to_string(&out).expect("it"), mode(out.as_ref())), (exported, 0o644));
    home.fails(&["ca", "fetch", url, "--sha256", &sha256, "--out", &out], 4, "file-exists");
    home.done(&["ca", "fetch", url, "--sha256", &sha256, "--out", &out, "--force"]);
    // As openssl prints it.
    let printed = tool("openssl", &["x509", "-noout", "-fingerprint", "-sha256", "-in", &out]);
    let printed = printed.trim().split_once('=').expect("a fingerprint").1.to_owned();
    assert!(printed.contains(':'));
    home.done(&["ca", "fetch", url, "--sha256", &printed]);

    // A server certificate that nobody knows is no matter, for the fingerprint is.
    let identity = Pki::new().server_for(&["other.example.com"]);
    let (cert, key) =
        (home.write("c.pem", identity.certificate), home.write("k.pem", identity.key));
    let tls = Service::start(
        &home.ccx(&[&SERVE[..], &["--tls-cert", &cert, "--tls-key", &key]].concat()),
        1,
    );
    assert!(tls.urls[0].starts_with("https://"));
    let member = format!("{}api/v1/ca/{sha256}.pem", tls.urls[0]);
    for url in [&tls.urls[0], &member] {
        home.done(&["ca", "fetch", url, "--sha256", &sha256]);
    }
    // Each of them spoken to in the other's way.
    let swapped = tls.urls[0].replace("https", "http");
    let plain = home.fails(&["ca", "fetch", &swapped, "--sha256", &sha256], 3, "fetch-unreachable");
    assert!(plain.stderr.contains("if not, use https://"), "{}", plain.stderr);
    let swapped = url.replace("http", "https");
    let tls = home.fails(&["ca", "fetch", &swapped, "--sha256", &sha256], 3, "fetch-unreachable");
    assert!(tls.stderr.contains("if not, use http://"), "{}", tls.stderr);
}

#[test]
fn fetch_takes_a_renewal_by_the_fingerprint_of_the_old_certificate_and_nothing_else() {
    let home = Home::with_ca();
    let old = known(&home);
    home.done(&["ca", "renew", "--validity", "20y"]);
    let new = known(&home);
    let service = Service::start(&home.ccx(&SERVE), 1);
    let url = service.urls[0].as_str();
    let got = home.done(&["ca", "fetch", url, "--sha256", &old]);
    assert_eq!(got.stdout.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(got.stderr.contains(&format!("--sha256 {new}")), "{}", got.stderr);

    // A certificate of the same name with another key is none, though it stands beside the old one.
    let forged = Home::with_ca();
    let stranger = forged.value("ccx-ca", "tls.crt");
    let bundle = format!("{}{stranger}", home.value("ccx-ca", "tls.crt"));
    let port = answering("200 OK", "", bundle.into_bytes());
    let url = format!("http://127.0.0.1:{port}/ca.pem");
    home.fails(&["ca", "fetch", &url, "--sha256", &new], 4, "fingerprint-differs");
}

#[test]
fn fetch_refuses_an_unexpected_ca() {
    let (home, other) = (Home::with_ca(), Home::with_ca());
    let (sha256, another) = (known(&home), known(&other));
    let service = Service::start(&home.ccx(&SERVE), 1);
    let url = service.urls[0].as_str();
    let out = home.at("ca.pem");
    let refused = home.fails(
        &["ca", "fetch", url, "--sha256", &another, "--out", &out],
        4,
        "fingerprint-differs",
    );
    assert!(refused.stderr.contains(&sha256), "{}", refused.stderr);
    assert!(refused.stderr.contains("in another way than the download"), "{}", refused.stderr);
    let missing = home.fails(&["ca", "fetch", url, "--out", &out], 2, "fingerprint-missing");
    assert!(missing.stderr.contains("in another way than the download"), "{}", missing.stderr);
    assert!(!missing.stderr.contains(&sha256), "nobody is to paste it from here");
    for wrong in [&sha256[1..], &format!("{sha256}0"), "", &"g".repeat(64)] {
        home.fails(&["ca", "fetch", url, "--sha256", wrong], 2, "fingerprint");
    }
    for wrong in ["ca.example.com", "ftp://a", "https://a@b"] {
        home.fails(&["ca", "fetch", wrong, "--sha256", &sha256], 2, "fetch-url");
    }
    home.fails(&["ca", "fetch", url, "--sha256", &sha256, "-o", "json"], 2, "fetch-needs-out");

    // Somebody in between adds one of his own.
    let both = home.value("ccx-ca-bundle", "ca.crt") + &other.value("ccx-ca-bundle", "ca.crt");
    let port = answering("200 OK", "", both.into_bytes());
    let url = format!("http://127.0.0.1:{port}");
    home.fails(
        &["ca", "fetch", &url, "--sha256", &sha256, "--out", &out],
        4,
        "fingerprint-differs",
    );
    let all = home.done(&["ca", "fetch", &url, "--sha256", &sha256, "--sha256", &another]);
    let text = home.write("both.pem", &all.stdout);
    assert_eq!((all.stdout.matches("BEGIN").count(), fingerprint(&text)), (2, sha256));
}

/// A server that gives every request the same answer.
fn answering(status: &'static str, headers: &'static str, body: Vec<u8>) -> u16 {
    peer(move |mut stream| {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request);
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n");
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    })
}

#[test]
fn servers_that_do_wrong_are_told_apart() {
    let home = Home::with_ca();
    let sha256 = known(&home);
    let fails = |port: u16, exit: i32, code: &str| {
        let url = format!("http://127.0.0.1:{port}/ca.pem");
        let fetch = ["ca", "fetch", &url, "--sha256", &sha256, "--timeout", "5s"];
        home.fails(&fetch, exit, code).stderr
    };
    let problem = "Content-Type: application/problem+json\r\n";
    let body = br#"{"status":503,"detail":"there is no CA\u001b[2J"}"#.to_vec();
    let shut = fails(answering("503 Service Unavailable", problem, body), 3, "fetch-refused");
    assert!(shut.contains(": there is no CA [2J"), "{shut}");
    let nothing = fails(answering("404 Not Found", "", b"<html>".to_vec()), 3, "fetch-refused");
    assert!(nothing.contains("answers 404 Not Found"), "{nothing}");
    let location = "Location: https://elsewhere.example.com/\r\n";
    let moved = fails(answering("302 Found", location, Vec::new()), 3, "fetch-moved");
    assert!(moved.contains("https://elsewhere.example.com/"), "{moved}");
    fails(answering("200 OK", "", b"no certificate".to_vec()), 2, "pem-empty");
    fails(answering("200 OK", "", vec![b'x'; 2 * 1024 * 1024]), 3, "fetch-answer");
    let key = home.value("ccx-ca", "tls.key").into_bytes();
    fails(answering("200 OK", "", key), 2, "private-key-unexpected");
    let garbage = |stream: &mut std::net::TcpStream| stream.write_all(b"220 mail\r\n");
    let mail = peer(move |mut stream| drop(garbage(&mut stream)));
    fails(mail, 3, "fetch-unreachable");
    fails(peer(drop), 3, "fetch-unreachable");
    fails(closed_port(), 3, "fetch-unreachable");
    let url = "https://nobody.invalid";
    home.fails(&["ca", "fetch", url, "--sha256", &sha256], 3, "fetch-unreachable");
    let silent = peer(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    let url = format!("http://127.0.0.1:{silent}");
    let fetch = ["ca", "fetch", &url, "--sha256", &sha256, "--timeout", "1s"];
    let late = home.fails(&fetch, 3, "fetch-unreachable");
    assert!(late.stderr.contains("no answer within 1s"), "{}", late.stderr);
}
