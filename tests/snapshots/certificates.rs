//! The outputs of `ca` and `cert`, on a directory store.

use super::{assert_snapshot, transcript};
use crate::common::Home;

/// A CA, and the credentials of a node.
fn home() -> Home {
    let home = Home::with_ca();
    home.issue("postgresql", &[]).assert().success();
    home
}

fn printed(home: &Home, arguments: &[&str]) -> String {
    let place = home.path().display().to_string();
    transcript(&mut home.ccx(arguments), &[(&place, "HOME")])
}

#[test]
fn ca_init_in_text_and_json() {
    let init = ["ca", "init", "--common-name", "Example CA"];
    assert_snapshot("ca-init", &printed(&Home::new(), &init));
    let json = printed(&Home::new(), &[&init[..], &["-o", "json"]].concat());
    assert_snapshot("ca-init-json", &json);
}

#[test]
fn ca_show_in_text_and_json() {
    let home = Home::with_ca();
    assert_snapshot("ca-show", &printed(&home, &["ca", "show"]));
    assert_snapshot("ca-show-json", &printed(&home, &["ca", "show", "-o", "json"]));
}

#[test]
fn ca_check_of_a_sound_and_a_missing_ca() {
    assert_snapshot("ca-check", &printed(&Home::with_ca(), &["ca", "check"]));
    assert_snapshot("ca-check-missing", &printed(&Home::new(), &["ca", "check"]));
}

#[test]
fn error_in_text_and_json() {
    let home = Home::new();
    assert_snapshot("error", &printed(&home, &["ca", "show"]));
    assert_snapshot("error-json", &printed(&home, &["ca", "show", "-o", "json"]));
}

#[test]
fn cert_issue_in_text_and_json() {
    let issue = |more: &[&str]| {
        let home = Home::with_ca();
        let place = home.path().display().to_string();
        transcript(&mut home.issue("mysql", more), &[(&place, "HOME")])
    };
    assert_snapshot("cert-issue", &issue(&[]));
    assert_snapshot("cert-issue-json", &issue(&["-o", "json"]));
}

#[test]
fn cert_inspect_and_cert_renew() {
    let home = home();
    let file = "tls/server-cert.pem";
    assert_snapshot("cert-inspect", &printed(&home, &["cert", "inspect", file]));
    assert_snapshot("cert-renew", &printed(&home, &["cert", "renew", "--dir", "tls"]));
}

#[test]
fn snippet_of_a_server_and_a_client() {
    let home = Home::with_ca();
    let server = ["snippet", "server", "--engine", "postgresql", "--dir", "/etc/tls"];
    assert_snapshot("snippet-server", &printed(&home, &server));
    home.done(&["ca", "export", "--out", "ca.pem"]);
    let client = ["snippet", "client", "--engine", "postgresql", "--client", "psql"];
    let client = [&client[..], &["--host", "db.example.com", "--ca-file", "ca.pem"]].concat();
    assert_snapshot("snippet-client", &printed(&home, &client));
}
