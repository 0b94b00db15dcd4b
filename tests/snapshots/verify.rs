//! The outputs of `verify`, for a scripted server with a good certificate and one of another CA.

use std::io::{Read, Write};

use super::{assert_snapshot, transcript};
use crate::common::Home;
use crate::common::pki::{Kind, Pki};
use crate::common::scripted::{Protocol, serve, until_it_goes};

fn verified(name: &str, kind: Kind, more: &[&str]) {
    let pki = Pki::new();
    let home = Home::new();
    home.write("ca.pem", pki.ca_pem());
    let protocol = Protocol::PostgreSql;
    let port = serve(protocol, &pki.server(kind), move |client| {
        let Ok(mut tls) = client.accept() else { return };
        let _ = tls.read(&mut [0; 4096]);
        let _ = tls.write_all(&protocol.answer());
        until_it_goes(&mut tls);
    });
    let url = format!("postgresql://localhost:{port}/app");
    let modes = ["--mode", "REQUIRED", "--mode", "VERIFY_CA", "--mode", "VERIFY_IDENTITY"];
    let verify = ["verify", "--ca-file", "ca.pem", &url];
    let arguments = [&verify[..], &modes, more].concat();
    let (place, port) = (home.path().display().to_string(), port.to_string());
    let redact = [(place.as_str(), "HOME"), (port.as_str(), "PORT")];
    assert_snapshot(name, &transcript(&mut home.ccx(&arguments), &redact));
}

#[test]
fn verify_of_a_good_server_in_text_and_json() {
    verified("verify", Kind::Good, &[]);
    verified("verify-json", Kind::Good, &["-o", "json"]);
}

#[test]
fn verify_of_another_ca_in_text() {
    verified("verify-other-ca", Kind::OtherCa, &[]);
}
