//! A server that shows another's certificate, which anyone can have, and not its key.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::common::nodes::{HOST, done};
use crate::common::{Home, run};

/// With its length before it, in `octets` octets.
fn sized(octets: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - octets..], content].concat()
}

fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind][..], &sized(3, content)].concat()
}

/// What a server of TLS 1.2 says first (RFC 5246, section 7.4), with a signature of rubbish.
fn flight(certificate: &[u8]) -> Vec<u8> {
    let random = [7; 32];
    let extensions = [0x00, 0x17, 0, 0, 0xff, 0x01, 0, 1, 0]; // extended_master_secret, renegotiation_info
    let hello = [&[3, 3][..], &random, &[0, 0xc0, 0x2b, 0], &sized(2, &extensions)].concat();
    let chain = sized(3, &sized(3, certificate));
    let mut point = vec![4];
    for half in [
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    ] {
        let octet = |at: usize| u8::from_str_radix(&half[at..at + 2], 16).expect("hex");
        point.extend((0..half.len()).step_by(2).map(octet));
    }
    let signature = [&[4, 3][..], &sized(2, &[0x42; 70])].concat();
    let exchange = [&[3, 0, 0x17][..], &sized(1, &point), &signature].concat();
    let messages = [(2, hello), (11, chain), (12, exchange), (14, Vec::new())];
    let messages = messages.iter().flat_map(|(kind, content)| message(*kind, content));
    [&[0x16, 3, 3][..], &sized(2, &messages.collect::<Vec<u8>>())].concat()
}

#[test]
fn copy_of_a_certificate_is_shown_and_verifies_nothing() {
    let home = Home::new();
    home.init();
    done(&mut home.issue("mysql", &[]));
    let der = home.join("leaf.der").display().to_string();
    let pem = home.join("tls/server-cert.pem").display().to_string();
    crate::common::tool("openssl", &["x509", "-in", &pem, "-outform", "DER", "-out", &der]);
    let flight = flight(&std::fs::read(der).expect("a certificate"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("tls://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&flight);
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    let shown = run(&mut home.ccx(&["cert", "inspect", &url]));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains(HOST), "{}", shown.stdout);
    let verify = ["cert", "inspect", &url, "--verify", "--host", HOST, "-o", "json"];
    let refused = run(&mut home.ccx(&verify));
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert_eq!(refused.error_code(), "key-not-proved");
    let url = url.replace("tls:", "rediss:");
    let verify = ["verify", &url, "--server-name", HOST, "--timeout", "3s", "-o", "json"];
    let refused = run(&mut home.ccx(&verify));
    assert_eq!((refused.code, refused.stderr.as_str()), (3, ""), "{}", refused.stdout);
    let verdicts = refused.json()["endpoints"][0]["verdicts"].clone();
    for verdict in &verdicts.as_array().expect("verdicts")[..3] {
        assert_eq!(verdict["verdict"], "fail", "{verdict}");
        assert_eq!(verdict["reason"], "key_not_proved", "{verdict}");
    }
    assert_eq!(verdicts[3]["verdict"], "unknown", "{verdicts}");
}
