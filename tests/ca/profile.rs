//! Every finding about the certificate itself: what `ca check` says of it in a store, and
//! what `ca import` says of the same one.

use std::fs;

use crate::ca::show_check::{codes, finds};
use crate::common::foreign::{Foreign, P521, Pair, RSA_1024, RSA_2048, RSA_2560, SOUND};
use crate::common::{Home, run};

/// A CA with these findings, worst first: errors, which refuse it, or else warnings.
struct Case {
    ca: Foreign<'static>,
    alter: Option<(&'static [u8], &'static [u8])>,
    errors: &'static [&'static str],
    warnings: &'static [&'static str],
}

fn extensions(extensions: &'static str) -> Foreign<'static> {
    Foreign { extensions, ..Foreign::default() }
}

fn warns(ca: Foreign<'static>, warnings: &'static [&'static str]) -> Case {
    Case { ca, alter: None, errors: &[], warnings }
}

fn errs(
    ca: Foreign<'static>,
    errors: &'static [&'static str],
    warnings: &'static [&'static str],
) -> Case {
    Case { ca, alter: None, errors, warnings }
}

/// The extensions of a sound CA with one changed: `line` takes the place of the one of its
/// name, or is one more; `NAME=` alone takes it out.
fn with(line: &str) -> &'static str {
    let name = line.split_inclusive('=').next().unwrap_or_default();
    let kept = SOUND.lines().filter(|sound| !sound.starts_with(name));
    let line = Some(line).filter(|line| *line != name);
    kept.chain(line).collect::<Vec<_>>().join("\n").leak()
}

fn warnings() -> Vec<Case> {
    let with = |line| extensions(with(line));
    vec![
        warns(Foreign::default(), &[]),
        warns(Foreign { digest: "sha384", ..Foreign::default() }, &[]),
        warns(Foreign { serial: "05", ..Foreign::default() }, &["serial-short"]),
        warns(Foreign { serial: "00", ..Foreign::default() }, &["serial-not-positive"]),
        warns(
            Foreign {
                serial: "112233445566778899aabbccddeeff0011223344556677",
                ..Foreign::default()
            },
            &["serial-too-long"],
        ),
        warns(Foreign { key: RSA_2560, ..Foreign::default() }, &["key-type"]),
        warns(with("basicConstraints=CA:TRUE,pathlen:0"), &["basic-constraints-not-critical"]),
        warns(with("basicConstraints=critical,CA:TRUE"), &["path-length"]),
        warns(with("basicConstraints=critical,CA:TRUE,pathlen:1"), &["path-length"]),
        warns(with("keyUsage="), &["key-usage-missing"]),
        warns(with("keyUsage=critical,keyCertSign"), &["key-usage-no-crl-sign"]),
        warns(with("keyUsage=keyCertSign,cRLSign"), &["key-usage-not-critical"]),
        warns(with("keyUsage=critical,keyCertSign,cRLSign,digitalSignature"), &["key-usage-more"]),
        warns(with("extendedKeyUsage=serverAuth"), &["ext-key-usage"]),
        warns(with("nameConstraints=permitted;DNS:a.example"), &["name-constraints-not-critical"]),
        warns(with("subjectKeyIdentifier=none"), &["ski-missing"]),
        Case {
            ca: Foreign { key: RSA_2048, ..Foreign::default() },
            alter: Some((b"21000101000000Z", b"20400101000000Z")),
            errors: &[],
            warnings: &["time-encoding"],
        },
    ]
}

fn errors() -> Vec<Case> {
    let with = |line| extensions(with(line));
    let two = "1.2.3.4=ASN1:NULL\n1.2.3.5=ASN1:NULL";
    vec![
        errs(extensions(""), &["not-v3", "not-a-ca"], &["key-usage-missing", "ski-missing"]),
        errs(with("basicConstraints=critical,CA:FALSE"), &["not-a-ca"], &[]),
        errs(with("basicConstraints="), &["not-a-ca"], &[]),
        errs(Foreign { digest: "sha1", ..Foreign::default() }, &["weak-signature"], &[]),
        errs(Foreign { digest: "sha512", ..Foreign::default() }, &["signature-unsupported"], &[]),
        errs(Foreign { subject: "/", ..Foreign::default() }, &["subject-missing"], &[]),
        errs(with("keyUsage=critical,cRLSign"), &["key-usage-no-cert-sign"], &[]),
        errs(
            extensions(
                "basicConstraints=critical,CA:TRUE,pathlen:0\nsubjectKeyIdentifier=hash\n2.5.29.15=critical,DER:0500",
            ),
            &["key-usage-damaged", "extension-damaged"],
            &[],
        ),
        errs(with("2.5.29.30=critical,DER:0500"), &["extension-damaged"], &[]),
        errs(with("1.2.3.4=critical,ASN1:NULL"), &["extension-unknown"], &[]),
        Case {
            ca: Foreign { key: RSA_2048, ..with(two) },
            alter: Some((&[6, 3, 0x2a, 3, 5], &[6, 3, 0x2a, 3, 4])),
            errors: &["extension-twice"],
            warnings: &[],
        },
        // A key that we cannot even load is found twice: in the certificate and in tls.key.
        errs(Foreign { key: RSA_1024, ..Foreign::default() }, &["ca-damaged", "weak-key"], &[]),
        errs(Foreign { key: P521, ..Foreign::default() }, &["key-unsupported"], &[]),
    ]
}

/// Makes the CA of a case, puts it into a store, checks it, and imports it into another.
fn found(case: &Case) {
    let home = Home::new();
    let pair = case.ca.make(&home, "foreign");
    if let Some((from, to)) = case.alter {
        pair.alter(from, to);
    }
    home.put(&pair);
    let all = [case.errors, case.warnings].concat();
    let no = i32::from(!case.errors.is_empty());
    finds(&home, &[], no, &all);
    finds(&home, &["--strict"], i32::from(!all.is_empty()), &all);
    imported(&home, &pair, case);
}

fn imported(home: &Home, pair: &Pair, case: &Case) {
    fs::remove_dir_all(home.store()).expect("removed");
    let import = ["ca", "import", "--cert", &pair.cert, "--key", &pair.key, "-o", "json"];
    let of_the_certificate = |code: &&&str| **code != "ca-damaged";
    match case.errors.iter().find(of_the_certificate) {
        Some(code) => drop(home.fails(&import, 4, code)),
        None => {
            let imported = run(&mut home.ccx(&import));
            assert_eq!(imported.code, 0, "{}", imported.stderr);
            assert_eq!(codes(&imported), case.warnings);
        }
    }
}

#[test]
fn difference_from_the_profile_is_a_warning() {
    warnings().iter().for_each(found);
}

#[test]
fn certificate_that_peers_refuse_is_an_error() {
    errors().iter().for_each(found);
}

#[test]
fn signed_by_another() {
    let home = Home::new();
    let root = Foreign::default().make(&home, "root");
    let sub = Foreign { subject: "/CN=Sub CA", issuer: Some(&root), ..Foreign::default() };
    let sub = sub.make(&home, "sub");
    home.put(&sub);
    finds(&home, &[], 1, &["not-self-signed", "bad-signature"]);
    fs::remove_dir_all(home.store()).expect("removed");
    home.fails(&["ca", "import", "--cert", &sub.cert, "--key", &sub.key], 4, "not-self-signed");

    // The same names, and a signature by another key, as after a re-keying.
    let other = Foreign { issuer: Some(&root), ..Foreign::default() }.make(&home, "other");
    home.put(&other);
    finds(&home, &[], 1, &["bad-signature"]);
    fs::remove_dir_all(home.store()).expect("removed");
    home.fails(&["ca", "import", "--cert", &other.cert, "--key", &other.key], 4, "bad-signature");
}
