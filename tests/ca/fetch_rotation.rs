//! `ca fetch` in a rotation: a client that knows the old CA gets the next one, and nobody else
//! can give it another.

use std::fs;
use std::io::{Read, Write};

use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::{link, pem};
use jiff::Timestamp;
use serde_json::json;

use crate::common::service::Service;
use crate::common::staged::{EARLIEST_SWITCH, Rotating, new_authority};
use crate::common::tls::{closed_port, peer};
use crate::common::{Home, tool};

fn start(home: &Home) -> Service {
    Service::start(&home.ccx(&["serve", "--listen", "127.0.0.1:0", "-q"]), 1)
}

fn certificates(text: &str) -> usize {
    text.matches("BEGIN CERTIFICATE").count()
}

/// A server with a bundle and with links, each an answer with this status.
fn serving(bundle: &[&Certificate], links: (&'static str, Vec<Certificate>)) -> String {
    let bundle = pem::certificates(bundle.iter().copied());
    let (status, links) = (links.0, pem::certificates(&links.1));
    let port = peer(move |mut stream| {
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap_or(0);
        let is_links = String::from_utf8_lossy(&request[..length]).contains("links.pem");
        let (status, body) = if is_links { (status, &links) } else { ("200 OK", &bundle) };
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = stream.write_all((head + body).as_bytes());
    });
    format!("http://127.0.0.1:{port}")
}

#[test]
fn fetch_follows_the_links_of_a_planned_rotation_in_every_phase() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    let (old, next) = (rotating.old_sha256(), rotating.next_sha256());
    for phase in ["staged", "switching", "switched", "reissued"] {
        rotating.plan(phase);
        let service = start(&home);
        let url = service.urls[0].as_str();
        for (known, new) in [(&old, &next), (&next, &old)] {
            let got = home.done(&["ca", "fetch", url, "--sha256", known]);
            assert_eq!(certificates(&got.stdout), 2, "{phase}");
            assert!(got.stderr.contains(&format!("--sha256 {new}")), "{}", got.stderr);
            let strict = ["ca", "fetch", url, "--sha256", known, "--no-follow"];
            let refused = home.fails(&strict, 4, "fingerprint-differs");
            assert!(refused.stderr.contains("leave out --no-follow"), "{}", refused.stderr);
        }
        let both = home.done(&["ca", "fetch", url, "--sha256", &old, "--sha256", &next]);
        assert_eq!(both.stderr, "", "both fingerprints were given");
        let out = home.at("ca.pem");
        let fetch = ["ca", "fetch", url, "--sha256", &old, "--out", &out, "--force", "-o", "json"];
        assert_eq!(home.done(&fetch).json()["new_sha256"], json!([next]), "{phase}");
    }
}

/// The same with the commands of a rotation: what `start` writes is what `serve` serves and `fetch`
/// follows, and a rollback or the end of the rotation takes it back.
#[test]
fn fetch_follows_what_start_announces_until_the_rotation_ends() {
    let home = Home::with_ca();
    let shown = home.done(&["ca", "show", "-o", "json"]).json();
    let old = shown["sha256"].as_str().expect("a fingerprint").to_owned();
    let file = home.at("ca.pem");
    home.done(&["ca", "export", "--out", &file]);
    let service = start(&home);
    let url = service.urls[0].as_str();
    let fetch = ["ca", "fetch", url, "--sha256", &old];
    let checked = |count: usize| {
        let check = ["ca", "fetch", url, "--check", &file, "-o", "json"];
        let found = || {
            let run = home.run(&check).json();
            let lacks = run["lacks"].as_array().map(Vec::len);
            lacks == Some(count) && run["superfluous"] == json!([])
        };
        crate::common::service::wait(found);
    };
    checked(0);
    home.done(&["ca", "rotate", "start"]);
    checked(1);
    assert_eq!(certificates(&home.done(&fetch).stdout), 2);
    let shown = home.done(&["ca", "show"]).stdout;
    assert!(shown.contains("rotation      staged since "), "{shown}");
    home.done(&["ca", "rotate", "rollback"]);
    checked(0);
    assert_eq!(certificates(&home.done(&fetch).stdout), 1);
    assert!(!home.done(&["ca", "show"]).stdout.contains("rotation"));
    home.done(&["ca", "rotate", "start", "--compromised"]);
    crate::common::service::wait(|| home.run(&fetch).code == 4);
    home.fails(&fetch, 4, "fingerprint-differs");
}

/// A job that knows only the first CA, and runs on when that one has been removed.
#[test]
fn fetch_with_the_old_file_follows_after_the_old_ca_was_removed() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    let old = rotating.old_sha256();
    let out = home.at("ca.pem");
    home.done(&["ca", "export", "--out", &out]);
    rotating.plan("removed");
    let service = start(&home);
    let fetch = ["ca", "fetch", service.urls[0].as_str(), "--sha256", &old];
    home.fails(&fetch, 4, "fingerprint-differs");
    home.done(&[&fetch[..], &["--out", &out, "--force"]].concat());
    let text = fs::read(&out).expect("the file");
    let written = Certificate::from_pem("ca.pem", &text).expect("certificates");
    assert_eq!(written, [rotating.next.certificate().clone()], "the old one is not kept");
}

#[test]
fn fetch_follows_nothing_after_a_theft_of_the_key() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    rotating.write("staged", "compromised", &rotating.links());
    let service = start(&home);
    let out = home.at("ca.pem");
    let url = service.urls[0].as_str();
    let fetch = ["ca", "fetch", url, "--sha256", &rotating.old_sha256(), "--out", &out];
    let refused = home.fails(&fetch, 4, "fingerprint-differs");
    assert!(refused.stderr.contains("told to you by another way"), "{}", refused.stderr);
    assert!(!fs::exists(&out).expect("a folder"));
    let next = rotating.next_sha256();
    home.done(&[&fetch[..], &["--sha256", &next]].concat());
}

#[test]
fn fetch_refuses_links_that_do_not_announce_what_is_sent() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    let (old, next) = (rotating.old.certificate(), rotating.next.certificate());
    let sha256 = rotating.old_sha256();
    let now = Timestamp::now();
    let name = next.common_name().expect("a name");
    let stranger = new_authority(&name);
    let namesake = new_authority(&old.common_name().expect("a name"));
    let made = |from, to| link::make(from, to, now).expect("a link").expect("in date");
    let leaf = {
        let out = home.at("client");
        let issue = ["cert", "issue", "--client", "--common-name", "app", "--out", &out];
        home.done(&issue);
        let text = fs::read(format!("{out}/client-cert.pem")).expect("a leaf");
        Certificate::from_pem("leaf", &text).expect("a leaf").remove(0)
    };
    let good = rotating.links();
    let fetch = |url: &str, exit: i32, code: &str| {
        home.fails(&["ca", "fetch", url, "--sha256", &sha256], exit, code);
    };
    let url = serving(&[old, next], ("200 OK", good.clone()));
    home.done(&["ca", "fetch", &url, "--sha256", &sha256]);
    for (sent, links) in [
        // Another key under the announced name; a link of a CA of the same name; none; a CA
        // certificate and a leaf as links; the only link goes back from the stranger.
        (stranger.certificate(), good.clone()),
        (stranger.certificate(), vec![made(&namesake, stranger.certificate())]),
        (stranger.certificate(), vec![made(&stranger, old)]),
        (stranger.certificate(), vec![stranger.certificate().clone(), old.clone(), leaf.clone()]),
        (&leaf, good.clone()),
        (&good[0], good.clone()),
    ] {
        fetch(&serving(&[old, sent], ("200 OK", links)), 4, "fingerprint-differs");
    }
    for none in ["404 Not Found", "403 Forbidden"] {
        fetch(&serving(&[old, next], (none, Vec::new())), 4, "fingerprint-differs");
    }
    // A link lets nothing in that the bundle does not hold.
    let url = serving(&[old], ("200 OK", good.clone()));
    assert_eq!(certificates(&home.done(&["ca", "fetch", &url, "--sha256", &sha256]).stdout), 1);
    // Links that cannot be read are not the same as none.
    fetch(&serving(&[old, next], ("500 Oops", Vec::new())), 3, "fetch-refused");
    fetch(&serving(&[old, next], ("200 OK", Vec::new())), 2, "pem-empty");
}

#[test]
fn check_says_what_the_file_lacks_and_what_it_has_too_much_and_how_to_replace_it() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    let next = rotating.next_sha256();
    let file = home.at("ca.pem");
    home.done(&["ca", "export", "--out", &file]);
    let service = start(&home);
    let url = service.urls[0].as_str();
    let check = ["ca", "fetch", url, "--check", &file];
    let json = [&check[..], &["-o", "json"]].concat();
    let current = home.done(&check);
    assert!(current.stdout.starts_with("ok        "), "{}", current.stdout);
    assert_eq!(home.done(&json).json()["current"], true);

    let phase = |phase: &str, kind: &str| {
        let links = if kind == "planned" { rotating.links() } else { Vec::new() };
        rotating.write(phase, kind, &links);
        let follows = || home.run(&json).json()["phase"] == *phase;
        crate::common::service::wait(follows);
    };
    // The command that it prints.
    let replace = |run: &crate::common::Run| {
        let line = run.stdout.lines().find_map(|line| line.strip_prefix("hint: replace it: "));
        let line = line.unwrap_or_else(|| panic!("{}", run.stdout));
        let arguments: Vec<&str> = line.split(' ').skip(1).collect();
        home.done(&arguments);
    };
    phase("staged", "planned");
    let lacks = home.run(&json);
    let document = lacks.json();
    assert_eq!((lacks.code, &document["current"]), (1, &json!(false)));
    assert_eq!(document["before"], EARLIEST_SWITCH);
    let missing = &document["lacks"][0];
    assert_eq!((&missing["sha256"], &missing["role"]), (&json!(next), &json!("next")));
    assert_eq!((&missing["proved"], &document["superfluous"]), (&json!(true), &json!([])));
    let text = home.run(&check);
    assert!(
        text.stdout.contains(&format!("next, needed from {EARLIEST_SWITCH}")),
        "{}",
        text.stdout
    );
    replace(&text);
    home.done(&check);
    phase("switched", "planned");
    home.done(&check);
    phase("removed", "planned");
    let surplus = home.run(&check);
    assert_eq!(surplus.code, 1);
    assert!(surplus.stdout.contains("surplus   "), "{}", surplus.stdout);
    replace(&surplus);
    home.done(&check);

    // The file of before, in a rotation after a theft: nothing proves the missing certificate.
    let old = home.write("old.pem", pem::certificates([rotating.old.certificate()]));
    phase("switched", "compromised");
    let run = home.run(&["ca", "fetch", url, "--check", &old]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("active, needed now"), "{}", run.stdout);
    assert!(run.stdout.contains("--sha256 FINGERPRINT"), "{}", run.stdout);
    let given = ["ca", "fetch", url, "--check", &old, "--sha256", &next, "-o", "json"];
    assert_eq!(home.run(&given).json()["lacks"][0]["proved"], true);
}

#[test]
fn check_that_cannot_be_made_is_no_answer() {
    let home = Home::with_ca();
    let file = home.at("ca.pem");
    home.done(&["ca", "export", "--out", &file]);
    let service = start(&home);
    let url = service.urls[0].as_str();
    let fails = |url: &str, file: &str, exit: i32, code: &str| {
        home.fails(&["ca", "fetch", url, "--check", file], exit, code);
    };
    fails(url, "/nix.pem", 3, "file-missing");
    fails(url, &home.write("empty.pem", ""), 2, "pem-empty");
    fails(
        url,
        &home.write("key.pem", home.value("ccx-ca", "tls.key")),
        2,
        "private-key-unexpected",
    );
    let stranger = pem::certificates([new_authority("another").certificate()]);
    fails(url, &home.write("another.pem", stranger), 4, "fingerprint-differs");
    fails(&format!("http://127.0.0.1:{}", closed_port()), &file, 3, "fetch-unreachable");
    // A service that describes nothing is compared all the same.
    let rotating = Rotating::new(&home);
    let bundle = [rotating.old.certificate(), rotating.next.certificate()];
    let plain = serving(&bundle, ("200 OK", rotating.links()));
    let run = home.run(&["ca", "fetch", &plain, "--check", &file, "-o", "json"]);
    assert_eq!((run.code, &run.json()["lacks"][0]["proved"]), (1, &json!(true)));
    assert_eq!(run.json()["phase"], json!(null));
}

#[test]
#[ignore = "needs tests/run"]
fn fetch_writes_trust_stores_of_every_certificate_for_java() {
    let home = Home::with_ca();
    let rotating = Rotating::new(&home);
    rotating.plan("staged");
    let service = start(&home);
    for (format, kind) in [("pkcs12", "PKCS12"), ("jks", "JKS")] {
        let out = home.at(format);
        let fetch = ["ca", "fetch", service.urls[0].as_str(), "--format", format, "--out", &out];
        home.done(&[&fetch[..], &["--sha256", &rotating.old_sha256()]].concat());
        let list = ["-list", "-rfc", "-storepass", "changeit", "-storetype", kind, "-keystore"];
        let listed = tool("keytool", &[&list[..], &[&out]].concat());
        assert_eq!(certificates(&listed), 2, "{format}: {listed}");
    }
}
