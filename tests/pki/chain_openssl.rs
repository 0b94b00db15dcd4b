//! A table of chains: what we say of each, and what OpenSSL does. Where one takes a chain
//! and the other does not, the table says why.

use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::KeyType;
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose as Eku, IsCa, KeyPair,
    KeyUsagePurpose as Ku,
};

use crate::common::chains::{Ca, HOST, Question, date, dns, leaf_params, named, sans};

/// A chain's name, the question, our verdict and OpenSSL's.
struct Row(&'static str, Question, &'static str, &'static str);

/// Chains that one takes and the other does not, and why.
const DIFFERENCES: [(&str, &str); 4] = [
    (
        "last second",
        "RFC 5280, section 4.1.2.5: a certificate is valid through notAfter, inclusive",
    ),
    (
        "common name only",
        "RFC 9525, section 2: a common name is no identity; OpenSSL falls back to it",
    ),
    (
        "no key identifiers",
        "-x509_strict wants the authority key identifier of RFC 5280, section 4.2.1.1; clients do \
         without. We warn, and refuse in strict verification",
    ),
    (
        "MySQL's own",
        "-x509_strict again: MySQL's generated certificates have no extensions at all, and its \
         clients take them. We warn, and refuse in strict verification",
    ),
];

fn check(rows: Vec<Row>) {
    for Row(name, question, ours, openssl) in rows {
        let (we_say, they_say) = (question.verdict(), question.openssl());
        assert_eq!(we_say, ours, "{name}: {:?}", question.verify());
        assert_eq!(they_say, openssl, "{name}");
        let explained = DIFFERENCES.iter().any(|(row, _)| *row == name);
        assert_eq!((we_say == "ok") != (they_say == "ok"), explained, "{name}: {they_say}");
    }
}

#[test]
fn names() {
    let ca = Ca::plain();
    let with = |names: &[&str]| {
        let names = sans(names);
        Question::new(ca.leaf(|leaf| leaf.subject_alt_names = names.clone()), &[], &[&ca])
    };
    let common_name = ca.leaf(|leaf| {
        leaf.subject_alt_names = Vec::new();
        leaf.distinguished_name = named(HOST);
    });
    let address = ca.leaf(|leaf| leaf.subject_alt_names = vec![dns("10.1.2.3")]);
    check(vec![
        Row("good", with(&[HOST]), "ok", "ok"),
        Row("any name", with(&["other.example.com"]).any_host(), "ok", "ok"),
        Row("other name", with(&["db-2.example.com"]), "name_mismatch", "hostname mismatch"),
        Row("other case", with(&["DB-1.ds.EXAMPLE.com"]), "ok", "ok"),
        Row("wildcard", with(&["*.ds.example.com"]), "ok", "ok"),
        Row("two labels", with(&["*.example.com"]), "name_mismatch", "hostname mismatch"),
        Row("IPv4", with(&["10.1.2.3"]).host("10.1.2.3"), "ok", "ok"),
        Row("IPv6", with(&["fd00::1"]).host("fd00:0::1"), "ok", "ok"),
        Row(
            "other IP",
            with(&["10.1.2.4"]).host("10.1.2.3"),
            "name_mismatch",
            "IP address mismatch",
        ),
        Row(
            "IP as a DNS name",
            Question::new(address, &[], &[&ca]).host("10.1.2.3"),
            "name_mismatch",
            "IP address mismatch",
        ),
        Row("common name only", Question::new(common_name, &[], &[&ca]), "name_mismatch", "ok"),
    ]);
}

#[test]
fn constraints() {
    let ca = Ca::ours(
        KeyType::EcdsaP384,
        NameConstraints {
            dns: vec!["ds.example.com".parse().unwrap()],
            ip: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
        },
    );
    let with = |names: &[&str]| {
        let names = sans(names);
        Question::new(ca.leaf(|leaf| leaf.subject_alt_names = names.clone()), &[], &[&ca])
    };
    const OUTSIDE: &str = "permitted subtree violation";
    check(vec![
        Row("inside", with(&[HOST, "10.1.2.3", "fd00::1", "*.ds.example.com"]), "ok", "ok"),
        Row("name outside", with(&[HOST, "x.example.com"]), "name_constraint", OUTSIDE),
        Row("IPv4 outside", with(&[HOST, "192.0.2.1"]), "name_constraint", OUTSIDE),
        Row("IPv6 outside", with(&[HOST, "2001:db8::1"]), "name_constraint", OUTSIDE),
    ]);
}

#[test]
fn trust() {
    let (ca, twin) = (Ca::plain(), Ca::plain());
    let stranger = Ca::root("another CA", |_| {});
    let root = Ca::root("root", |_| {});
    let sub = root.sub("sub", |_| {});
    let by = |ca: &Ca| ca.leaf(|_| {});
    let own = |change: fn(&mut CertificateParams)| {
        let mut params = leaf_params();
        change(&mut params);
        let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
        ccx_sec::pki::certificate::Certificate::from_der(der).unwrap()
    };
    let self_signed = own(|_| {});
    let trusted = Question {
        anchors: vec![self_signed.clone()],
        ..Question::new(self_signed.clone(), &[], &[])
    };
    let bare = ca.leaf(|leaf| {
        leaf.is_ca = IsCa::NoCa;
        leaf.key_usages = Vec::new();
        leaf.extended_key_usages = Vec::new();
        leaf.subject_alt_names = Vec::new();
        leaf.use_authority_key_identifier_extension = false;
    });
    let no_ids = ca.leaf(|leaf| leaf.use_authority_key_identifier_extension = false);
    const NO_ISSUER: &str = "unable to get local issuer certificate";
    check(vec![
        Row("intermediate", Question::new(by(&sub), &[&sub], &[&root]), "ok", "ok"),
        Row("with the root", Question::new(by(&sub), &[&root, &sub], &[&root]), "ok", "ok"),
        Row("rotated bundle", Question::new(by(&ca), &[], &[&twin, &ca]), "ok", "ok"),
        Row("another CA", Question::new(by(&ca), &[], &[&stranger]), "untrusted", NO_ISSUER),
        Row("the same name", Question::new(by(&ca), &[], &[&twin]), "untrusted", NO_ISSUER),
        Row(
            "the same name, root sent",
            Question::new(by(&ca), &[&ca], &[&twin]),
            "untrusted",
            "self-signed certificate in certificate chain",
        ),
        Row("not sent", Question::new(by(&sub), &[], &[&root]), "untrusted", NO_ISSUER),
        Row(
            "root sent, not trusted",
            Question::new(by(&sub), &[&sub, &root], &[&ca]),
            "untrusted",
            "self-signed certificate in certificate chain",
        ),
        Row(
            "self-signed",
            Question::new(self_signed, &[], &[&ca]),
            "untrusted",
            "self-signed certificate",
        ),
        Row("self-signed and trusted", trusted, "ok", "ok"),
        Row(
            "intermediate as the CA",
            Question::new(by(&sub), &[], &[&sub]),
            "untrusted",
            "unable to get issuer certificate",
        ),
        Row(
            "no key identifiers",
            Question::new(no_ids, &[], &[&ca]),
            "ok",
            "Missing Authority Key Identifier",
        ),
        Row(
            "MySQL's own",
            Question::new(bare, &[], &[&ca]).any_host(),
            "ok",
            "Missing Authority Key Identifier",
        ),
    ]);
}

#[test]
fn uses_dates_and_authorities() {
    let ca = Ca::plain();
    let root = Ca::root("root", |_| {});
    let with = |change: fn(&mut CertificateParams)| Question::new(ca.leaf(change), &[], &[&ca]);
    let below = |ca: &Ca, between: &[&Ca]| Question::new(ca.leaf(|_| {}), between, &[&root]);
    let zero = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = root.sub("short", |ca| ca.is_ca = zero);
    let deep = short.sub("deep", |_| {});
    let again = short.sub("short", |_| {});
    let no_sign = root.sub("no sign", |ca| ca.key_usages = vec![Ku::CrlSign]);
    let for_mail = root.sub("mail", |ca| ca.extended_key_usages = vec![Eku::EmailProtection]);
    let no_ca = root.sub("no CA", |ca| ca.is_ca = IsCa::ExplicitNoCa);
    let old = Ca::root("old", |ca| ca.not_after = date("2026-05-31T00:00:00Z"));
    let to_client: fn(&mut CertificateParams) =
        |leaf| leaf.extended_key_usages = vec![Eku::ClientAuth];
    const PURPOSE: &str = "unsuitable certificate purpose";
    const NO_CA: &str = "invalid CA certificate";
    check(vec![
        Row(
            "last second",
            with(|_| {}).at("2026-08-01T00:00:00Z"),
            "ok",
            "certificate has expired",
        ),
        Row("late", with(|_| {}).at("2026-08-01T00:00:01Z"), "expired", "certificate has expired"),
        Row(
            "early",
            with(|_| {}).at("2026-04-30T23:59:59Z"),
            "not_yet_valid",
            "certificate is not yet valid",
        ),
        Row(
            "expired CA",
            Question::new(old.leaf(|_| {}), &[], &[&old]),
            "expired",
            "certificate has expired",
        ),
        Row("client as server", with(to_client), "wrong_purpose", PURPOSE),
        Row("server as client", with(|_| {}).client(), "wrong_purpose", PURPOSE),
        Row("client", with(to_client).client(), "ok", "ok"),
        Row("keyUsage", with(|leaf| leaf.key_usages = vec![Ku::CrlSign]), "wrong_purpose", PURPOSE),
        Row(
            "path length",
            below(&deep, &[&deep, &short]),
            "path_length",
            "path length constraint exceeded",
        ),
        Row("self-issued", below(&again, &[&again, &short]), "ok", "ok"),
        Row("no keyCertSign", below(&no_sign, &[&no_sign]), "not_a_ca", NO_CA),
        Row("no CA", below(&no_ca, &[&no_ca]), "not_a_ca", NO_CA),
        Row("CA for mail", below(&for_mail, &[&for_mail]), "wrong_purpose", PURPOSE),
    ]);
}
