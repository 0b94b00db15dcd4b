//! Links against OpenSSL itself: of no use in any place of a chain, and no harm beside the CA that
//! they announce.

use std::path::Path;
use std::process::Command;

use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::issue::{Issuer, LeafRequest, Usage};
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::leaf_key::PublicKey;
use ccx_sec::pki::san::San;
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::{Validity, ca_default};
use ccx_sec::pki::{link, pem};
use jiff::Timestamp;

fn authority(name: &str, key_type: KeyType, now: Timestamp) -> Authority {
    let request = CaRequest {
        subject: Subject::new(name, None).unwrap(),
        validity: Validity::starting(now, &ca_default()).unwrap(),
        constraints: NameConstraints::default(),
    };
    Authority::create(&request, PrivateKey::generate(key_type).unwrap()).unwrap()
}

/// What `openssl verify` says: "OK", or its error.
fn verify(dir: &Path, options: &[&str], anchors: &[&Certificate], leaf: &Certificate) -> String {
    let ca = dir.join("ca.pem");
    std::fs::write(&ca, pem::certificates(anchors.iter().copied())).unwrap();
    std::fs::write(dir.join("leaf.pem"), pem::certificates([leaf])).unwrap();
    let output = Command::new("openssl")
        .args(["verify", "-CAfile"])
        .arg(&ca)
        .args(options)
        .arg(dir.join("leaf.pem"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let fault = text.lines().find_map(|line| line.split_once("lookup: ").map(|(_, why)| why));
    match output.status.success() {
        true => "OK".to_owned(),
        false => fault.unwrap_or(&text).to_owned(),
    }
}

#[test]
fn link_is_of_no_use_in_a_chain() {
    let now = Timestamp::now();
    let dir = tempfile::tempdir().unwrap();
    for key_type in [KeyType::EcdsaP256, KeyType::Rsa2048] {
        let (old, next) = (authority("CA", key_type, now), authority("CA G2", key_type, now));
        let made = link::make(&old, next.certificate(), now).unwrap().unwrap();
        let key = PrivateKey::generate(KeyType::EcdsaP256).unwrap();
        let request = LeafRequest {
            subject: Subject::new("db", None).unwrap(),
            san: San::new(vec!["db.example.com".parse().unwrap()], Vec::new()),
            usage: Usage::Both,
            validity: "90d".parse().unwrap(),
        };
        let issuer = Issuer::new(&next, now).unwrap();
        let leaf = issuer.issue(&request, &PublicKey::from_private_key(&key), now).unwrap();
        let (old, next) = (old.certificate(), next.certificate());
        let dir = dir.path();
        let sent = dir.join("sent.pem");
        std::fs::write(&sent, pem::certificates([&made])).unwrap();
        let sent = ["-untrusted", sent.to_str().unwrap()];

        let critical = "unhandled critical extension";
        assert_eq!(verify(dir, &[], &[next], &leaf), "OK");
        let unknown_issuer = "unable to get local issuer certificate";
        assert_eq!(verify(dir, &sent, &[old], &leaf), unknown_issuer, "as an intermediate");
        for options in [&[][..], &["-partial_chain"], &["-ignore_critical", "-partial_chain"]] {
            let answer = verify(dir, options, &[&made], &leaf);
            assert_ne!(answer, "OK", "{options:?}: as the trusted CA");
        }
        assert_eq!(verify(dir, &[], &[old], &made), critical, "as a leaf");
        for purpose in ["sslserver", "sslclient"] {
            let options = ["-ignore_critical", "-purpose", purpose];
            let answer = verify(dir, &options, &[old], &made);
            assert!(answer.contains("certificate purpose"), "{purpose}: {answer}");
        }
        // In a file of trusted CAs, a link hides nothing, in any order.
        for anchors in [[&made, next], [next, &made]] {
            assert_eq!(verify(dir, &[], &anchors, &leaf), "OK");
        }
    }
}
