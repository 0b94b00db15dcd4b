//! Each rule of the profile of a leaf, by a certificate that breaks it and nothing else.

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};

use super::*;
use crate::pki::authority::{Authority, CaRequest};
use crate::pki::chain::Purpose;
use crate::pki::constraints::NameConstraints;
use crate::pki::key::PrivateKey;
use crate::pki::subject::Subject;
use crate::pki::validity::{self, Validity};

const SERVER: &[Purpose] = &[Purpose::Server];

fn authority(constraints: NameConstraints) -> Authority {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
    let request = CaRequest {
        subject: Subject::new("Test CA", None).expect("a subject"),
        validity: Validity::starting(now, &validity::ca_default()).expect("in range"),
        constraints,
    };
    let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
    Authority::create(&request, key).expect("a CA")
}

/// A leaf that breaks no rule.
fn sound() -> CertificateParams {
    let mut leaf = CertificateParams::new(vec!["db.example.com".to_owned()]).expect("a name");
    leaf.distinguished_name = rcgen::DistinguishedName::new();
    leaf.distinguished_name.push(DnType::CommonName, "db.example.com");
    leaf.serial_number = Some(SerialNumber::from_slice(&[0x10; 16]));
    leaf.not_before = rcgen::date_time_ymd(2026, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(2027, 1, 1);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    leaf
}

fn sign(ca: &Authority, leaf: &CertificateParams, key: &KeyPair) -> Certificate {
    let issuer = rcgen::Issuer::from_ca_cert_der(&ca.certificate().der().into(), ca.key().rcgen())
        .expect("an issuer");
    Certificate::from_der(leaf.signed_by(key, &issuer).expect("signed").der().to_vec())
        .expect("a certificate")
}

/// The codes of the findings in a leaf after `change` made it unsound.
fn codes(change: impl FnOnce(&mut CertificateParams)) -> Vec<&'static str> {
    let (ca, mut leaf) = (authority(NameConstraints::default()), sound());
    change(&mut leaf);
    let certificate = sign(&ca, &leaf, &KeyPair::generate().expect("a key"));
    let issuer = IssuerRules::new(ca.certificate());
    assert_eq!(check_signature(&certificate, ca.certificate()), None);
    let found = check_issued(&certificate.parsed(), SERVER, &issuer);
    let apart = [check_leaf(&certificate, SERVER), issuer.check(&certificate)].concat();
    assert_eq!(found, apart);
    found.iter().map(|finding| finding.code.name()).collect()
}

#[test]
fn a_sound_leaf_breaks_no_rule() {
    assert_eq!(codes(|_| {}), Vec::<&str>::new());
    let both = |leaf: &mut CertificateParams| {
        leaf.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    };
    assert_eq!(codes(both), Vec::<&str>::new());
}

#[test]
fn each_rule_is_found_broken_by_itself() {
    type Change = fn(&mut CertificateParams);
    let cases: [(&str, Change); 14] = [
        ("serial-short", |leaf| leaf.serial_number = Some(7_u64.into())),
        ("serial-too-long", |leaf| leaf.serial_number = Some(vec![0x10; 21].into())),
        ("basic-constraints-missing", |leaf| leaf.is_ca = IsCa::NoCa),
        ("key-usage-missing", |leaf| leaf.key_usages.clear()),
        ("key-usage-no-signature", |leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyAgreement]),
        ("key-usage-encipherment", |leaf| leaf.key_usages.push(KeyUsagePurpose::KeyEncipherment)),
        ("key-usage-cert-sign", |leaf| leaf.key_usages.push(KeyUsagePurpose::KeyCertSign)),
        ("key-usage-more", |leaf| leaf.key_usages.push(KeyUsagePurpose::ContentCommitment)),
        ("ext-key-usage-missing", |leaf| leaf.extended_key_usages.clear()),
        ("ext-key-usage-lacks", |leaf| {
            leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }),
        ("ext-key-usage-more", |leaf| {
            leaf.extended_key_usages.push(ExtendedKeyUsagePurpose::CodeSigning);
        }),
        ("aki-missing", |leaf| leaf.use_authority_key_identifier_extension = false),
        ("outlives-issuer", |leaf| leaf.not_after = rcgen::date_time_ymd(2036, 1, 2)),
        ("extension-unknown", |leaf| {
            let mut unknown = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4], vec![5, 0]);
            unknown.set_criticality(true);
            leaf.custom_extensions.push(unknown);
        }),
    ];
    for (code, change) in cases {
        let found = codes(change);
        // Some rules cannot be broken alone: a usage without its main bit has another, for one.
        assert!(found.contains(&code), "{code}: {found:?}");
        assert!(found.len() <= 2, "{code}: {found:?}");
    }
}

#[test]
fn a_ca_is_no_leaf_and_a_leaf_no_issuer() {
    let ca = authority(NameConstraints::default());
    assert_eq!(
        check_leaf(ca.certificate(), &[]).iter().map(|f| f.code.name()).collect::<Vec<_>>(),
        [
            "is-a-ca",
            "key-usage-no-signature",
            "key-usage-cert-sign",
            "key-usage-more",
            "ext-key-usage-missing",
            "san-missing",
            "self-signed"
        ]
    );
    let leaf = sign(&ca, &sound(), &KeyPair::generate().expect("a key"));
    let found = IssuerRules::new(&leaf).check(&leaf);
    let found: Vec<_> = found.iter().map(|finding| finding.code.name()).collect();
    assert_eq!(found, ["issuer-not-a-ca", "issuer-differs", "aki-differs"]);
    let signature = check_signature(&leaf, &leaf).map(|finding| finding.code.name());
    assert_eq!(signature, Some("bad-signature"));
}

#[test]
fn a_path_length_without_a_ca_is_found() {
    let path_length = |leaf: &mut CertificateParams| {
        leaf.is_ca = IsCa::NoCa;
        // SEQUENCE { INTEGER 0 }
        let content = vec![0x30, 3, 2, 1, 0];
        leaf.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 19], content));
    };
    // rcgen leaves the subjectKeyIdentifier out beside it.
    assert_eq!(codes(path_length), ["path-length-on-leaf", "ski-missing"]);
    let ca = |leaf: &mut CertificateParams| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert!(codes(ca).contains(&"is-a-ca"));
}

#[test]
fn names_are_held_against_what_clients_do_with_them() {
    let named = |names: &[&str]| {
        codes(|leaf| {
            leaf.distinguished_name = rcgen::DistinguishedName::new();
            leaf.distinguished_name.push(DnType::CommonName, "a database");
            let name = |name: &&str| SanType::DnsName((*name).try_into().expect("IA5"));
            leaf.subject_alt_names = names.iter().map(name).collect();
        })
    };
    let none: [&str; 0] = [];
    assert_eq!(named(&["db.example.com", "*.example.com", "localhost"]), none);
    assert_eq!(named(&[]), ["san-missing"]);
    assert_eq!(named(&["10.0.0.1"]), ["dns-name-is-address"]);
    assert_eq!(named(&["fd00::1"]), ["dns-name-is-address"]);
    assert_eq!(named(&["db_1.example.com"]), ["dns-name-underscore"]);
    assert_eq!(named(&["*.com"]), ["dns-name-wildcard-wide"]);
    for wildcard in ["db-*.example.com", "a.*.example.com", "*.*.example.com", "*"] {
        assert_eq!(named(&[wildcard]), ["dns-name-wildcard"], "{wildcard}");
    }
    for malformed in ["", ".", "a..b", "db.example.com.", "-a.b", "a b.c", ".example.com", "*."] {
        assert_eq!(named(&[malformed]), ["dns-name-malformed"], "{malformed:?}");
    }
}

#[test]
fn a_common_name_of_a_host_stands_among_the_names_too() {
    let common = |name: &str, san: bool| {
        codes(|leaf| {
            leaf.distinguished_name = rcgen::DistinguishedName::new();
            leaf.distinguished_name.push(DnType::CommonName, name);
            if !san {
                leaf.subject_alt_names.clear();
            }
        })
    };
    let none: [&str; 0] = [];
    assert_eq!(common("DB.example.com", true), none);
    assert_eq!(common("An old database", true), none);
    assert_eq!(common("other.example.com", true), ["cn-not-in-san"]);
    assert_eq!(common("10.0.0.1", true), ["cn-not-in-san"]);
    assert_eq!(common("db.example.com", false), ["cn-only"]);
    assert_eq!(common("An old database", false), ["san-missing"]);
}

#[test]
fn names_outside_the_constraints_of_the_ca_are_found() {
    let constraints = NameConstraints {
        dns: vec!["example.com".parse().expect("a domain")],
        ip: vec!["10.0.0.0/8".parse().expect("a range")],
    };
    let ca = authority(constraints);
    let mut leaf = sound();
    for dns in ["notexample.com", "example.com", "a.example.org", "*.example.com", "A.EXAMPLE.COM"]
    {
        leaf.subject_alt_names.push(SanType::DnsName(dns.try_into().expect("IA5")));
    }
    for ip in ["10.255.0.1", "11.0.0.1", "::ffff:10.0.0.1"] {
        leaf.subject_alt_names.push(SanType::IpAddress(ip.parse().expect("an address")));
    }
    let leaf = sign(&ca, &leaf, &KeyPair::generate().expect("a key"));
    let found = IssuerRules::new(ca.certificate()).check(&leaf);
    let messages: Vec<_> = found.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "its name notexample.com is outside the CA's constraints",
            "its name a.example.org is outside the CA's constraints",
            "its name 11.0.0.1 is outside the CA's constraints",
            "its name ::ffff:10.0.0.1 is outside the CA's constraints",
        ]
    );
    assert!(found.iter().all(|finding| finding.code == Code::OutsideConstraints));
}
