//! Certificates that others might bring, each odd in one way, and what is said of it.
//! `fixtures/README.md` says how each was made.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ccx_sec::error::Result;
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::profile;
use jiff::Timestamp;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn read(name: &str) -> Result<Certificate> {
    let text = fs::read(folder().join(format!("{name}.pem"))).expect("a fixture");
    Certificate::from_pem(name, &text).map(|mut found| found.remove(0))
}

/// Each fixture, with what the profile and, in 2026, its dates have against it; or with
/// the code of the error, where it is no certificate at all.
const FOUND: [(&str, &[&str]); 31] = [
    ("good", &[]),
    ("version-1", &["not-v3", "not-a-ca", "key-usage-missing", "ski-missing"]),
    ("serial-negative", &["serial-not-positive"]),
    ("serial-zero", &["serial-not-positive"]),
    ("serial-21-octets", &["serial-too-long"]),
    ("time-generalized-early", &["time-encoding"]),
    ("time-utc-50", &["dates-reversed"]), // UTCTime ends in 2049: it says 1950
    ("time-9999", &[]),
    ("time-minute-99", &["certificate-damaged"]),
    ("extension-twice", &["extension-twice"]),
    ("extension-critical-unknown", &["extension-unknown"]),
    ("extension-damaged", &["key-usage-damaged", "extension-damaged"]),
    ("san-control", &[]),
    ("subject-empty", &["subject-missing"]),
    ("subject-bmp", &[]),
    ("subject-t61", &[]),
    ("subject-control", &[]),
    ("subject-special", &[]),
    ("subject-many", &[]),
    ("subject-multi-valued", &[]),
    ("key-p521", &["key-unsupported"]),
    ("key-explicit-curve", &["key-unsupported"]),
    ("key-ed448", &["key-unsupported"]),
    ("key-dsa", &["key-unsupported"]),
    ("key-rsa-1024", &["weak-key"]),
    ("key-rsa-pss", &["key-unsupported"]),
    ("signature-rsa-pss", &[]),
    ("signature-rsa-pss-salt", &["signature-unsupported"]),
    ("signature-ecdsa-sha512", &["signature-unsupported"]),
    ("signature-sha1", &["weak-signature"]),
    ("trailing-bytes", &["certificate-damaged"]),
];

#[test]
fn each_oddity_is_found_and_no_other() {
    let now: Timestamp = "2026-12-31T00:00:00Z".parse().expect("a timestamp");
    let found = FOUND.map(|(name, _)| {
        let found: Vec<&str> = match read(name) {
            Ok(certificate) => {
                let mut found = profile::check_ca(&certificate);
                found.extend(profile::check_dates(&certificate, now, None));
                found.iter().map(|finding| finding.code.name()).collect()
            }
            Err(error) => vec![error.code().name()],
        };
        (name, found)
    });
    assert_eq!(found, FOUND.map(|(name, expected)| (name, expected.to_vec())));
}

#[test]
fn every_fixture_has_its_expectation() {
    let entries = fs::read_dir(folder()).expect("the folder");
    let there: BTreeSet<String> = entries
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".pem").map(str::to_owned))
        .collect();
    let known: BTreeSet<String> = FOUND.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, known);
}

#[test]
fn subjects_are_written_as_rfc_4514_has_it() {
    for (name, subject) in [
        ("good", "CN=Odd"),
        ("subject-empty", ""),
        ("subject-bmp", "CN=Größe"),
        ("subject-t61", "CN=#14054772f6df65"),
        ("subject-control", r"CN=A\1B[2J\E2\80\AEB"),
        ("subject-special", r"CN=\#a\+b\,c\\\ "),
        ("subject-many", "CN=Odd,OU=Two,OU=One,DC=example,DC=com"),
        ("subject-multi-valued", "CN=Odd+O=Acme"),
    ] {
        assert_eq!(read(name).expect(name).subject(), subject, "{name}");
    }
}

#[test]
fn keys_signatures_and_names_are_described() {
    let describe = |name: &str| read(name).expect(name).describe(Timestamp::UNIX_EPOCH);
    for (name, key_type, signature) in [
        ("good", "ed25519", "Ed25519"),
        ("key-p521", "ecdsa-p521", "ecdsa-with-SHA256"),
        ("key-explicit-curve", "ecdsa", "ecdsa-with-SHA256"),
        ("key-ed448", "ed448", "Ed448"),
        ("key-dsa", "dsa", "2.16.840.1.101.3.4.3.2"),
        ("key-rsa-1024", "rsa-1024", "sha256WithRSAEncryption"),
        ("key-rsa-pss", "1.2.840.113549.1.1.10", "id-RSASSA-PSS"),
        ("signature-rsa-pss", "rsa-2048", "id-RSASSA-PSS"),
        ("signature-ecdsa-sha512", "ecdsa-p256", "ecdsa-with-SHA512"),
        ("signature-sha1", "rsa-2048", "sha1WithRSAEncryption"),
    ] {
        let described = describe(name);
        let told = (described.key_type.as_str(), described.signature_algorithm.as_str());
        assert_eq!(told, (key_type, signature), "{name}");
    }
    assert_eq!(describe("serial-negative").serial, "fedcba9876543211");
    assert_eq!(describe("time-9999").not_after.to_string(), "9999-12-30T22:00:00Z");
    assert_eq!(describe("san-control").san.dns, ["#1b5b324a"]);
}
