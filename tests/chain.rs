//! `pki::chain`: what it says of a fault, the search for a path, CRLs, and bad peers.

use std::time::{Duration, Instant};

use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::chain::{self, Position, Reason};
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::KeyType;
use ccx_sec::pki::pem;
use proptest::prelude::*;
use rcgen::{
    CertificateRevocationListParams, GeneralSubtree, KeyIdMethod, RevokedCertParams, SerialNumber,
};

use crate::common::chains::{Ca, HOST, NOW, Question, at, date, sans};
use crate::common::tool;

#[test]
fn a_fault_names_the_certificate_the_values_the_rule_and_what_to_do() {
    let ca = Ca::plain();
    let leaf = ca.leaf(|leaf| leaf.subject_alt_names = sans(&["a.example.com", "10.1.2.3"]));
    let fault = Question::new(leaf, &[], &[&ca]).fault();
    assert_eq!((fault.reason, fault.certificate), (Reason::NameMismatch, Position::Leaf));
    assert_eq!(
        fault.message,
        "the leaf certificate (CN=db-1) is for DNS name a.example.com, address 10.1.2.3; \
         wanted: DNS name db-1.ds.example.com"
    );
    assert_eq!(fault.rule, Some("RFC 9525 section 6"));
    assert!(fault.hint.is_some());
    let document = serde_json::to_value(&fault).unwrap();
    assert_eq!(document["reason"], "name_mismatch");
    assert_eq!(document["certificate"], "leaf");

    let root = Ca::root("root", |_| {});
    let sub = root.sub("sub", |ca| ca.not_after = date("2026-05-31T00:00:00Z"));
    let fault = Question::new(sub.leaf(|_| {}), &[&sub], &[&root]).fault();
    assert_eq!((fault.reason, fault.certificate), (Reason::Expired, Position::Intermediate(1)));
    assert_eq!(
        fault.message,
        "the intermediate 1 certificate (CN=sub) expired at 2026-05-31T00:00:00Z; \
         it is looked at as of 2026-06-01T00:00:00Z"
    );

    let old = Ca::root("old", |ca| ca.not_after = date("2026-05-31T00:00:00Z"));
    let fault = Question::new(old.leaf(|_| {}), &[], &[&old]).fault();
    assert_eq!((fault.reason, fault.certificate), (Reason::Expired, Position::Ca));
}

#[test]
fn every_reason_has_the_name_that_it_is_serialized_with() {
    for reason in [
        Reason::Damaged,
        Reason::Unsupported,
        Reason::Untrusted,
        Reason::BadSignature,
        Reason::WeakKey,
        Reason::WeakSignature,
        Reason::Expired,
        Reason::NotYetValid,
        Reason::Revoked,
        Reason::BadCrl,
        Reason::NotACa,
        Reason::PathLength,
        Reason::NameConstraint,
        Reason::WrongPurpose,
        Reason::NameMismatch,
        Reason::Nonconforming,
        Reason::TooComplex,
    ] {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        assert_eq!(reason.to_string(), reason.name());
    }
}

#[test]
fn what_we_make_keeps_every_rule_of_strict_verification() {
    for key_type in KeyType::ALL {
        let ca = Ca::ours(key_type, NameConstraints::default());
        let verified = Question::new(ca.leaf(|_| {}), &[], &[&ca]).ask(|ask| ask.strict = true);
        assert_eq!(verified.map(|found| found.warnings), Ok(Vec::new()), "{key_type}");
    }
}

#[test]
fn strict_refuses_what_is_else_a_warning() {
    let ca = Ca::plain();
    let leaf = ca.leaf(|leaf| {
        leaf.use_authority_key_identifier_extension = false;
        leaf.extended_key_usages = Vec::new();
    });
    let question = Question::new(leaf, &[], &[&ca]);
    let warnings = question.verify().unwrap().warnings;
    let rules: Vec<_> = warnings.iter().filter_map(|fault| fault.rule).collect();
    assert_eq!(rules, ["RFC 5280 section 4.2.1.1", "BR section 7.1.2.7.6"]);
    let fault = question.ask(|ask| ask.strict = true).unwrap_err();
    assert_eq!((fault.reason, fault.rule), (Reason::Nonconforming, Some(rules[0])));
}

#[test]
fn the_good_path_is_found_among_bad_ones() {
    let (old_root, new_root) = (Ca::root("old root", |_| {}), Ca::root("new root", |_| {}));
    let sub = old_root.sub("sub", |_| {});
    let again = new_root.cross_signs(&sub, "sub");
    let expired = Ca::root("old root", |ca| ca.not_after = date("2026-05-31T00:00:00Z"));
    let path = |intermediates: &[&Ca], anchors: &[&Ca]| {
        let verified = Question::new(sub.leaf(|_| {}), intermediates, anchors).verify();
        verified.map(|found| found.path.last().map(Certificate::subject))
    };
    assert_eq!(path(&[&sub, &again], &[&new_root]), Ok(Some("CN=new root".into())));
    assert_eq!(path(&[&again, &sub], &[&old_root]), Ok(Some("CN=old root".into())));
    assert_eq!(path(&[&sub, &again], &[&expired, &new_root]), Ok(Some("CN=new root".into())));

    let fault = path(&[], &[&new_root]).unwrap_err();
    assert_eq!(fault.reason, Reason::Untrusted);
    assert!(fault.message.contains("is issued by CN=sub, which is neither"), "{fault}");
}

#[test]
fn what_rustls_webpki_refuses_by_design_is_a_warning() {
    let root = Ca::root("root", |_| {});
    let ca = root.sub("a CA as a server", |ca| {
        ca.key_usages.push(rcgen::KeyUsagePurpose::DigitalSignature);
        ca.subject_alt_names = sans(&[HOST]);
    });
    let verified = Question::new(ca.certificate, &[], &[&root]).verify().unwrap();
    assert!(verified.warnings[0].message.contains("is a CA itself"), "{:?}", verified.warnings);

    let ancient = Ca::root("ancient", |ca| ca.not_before = date("2000-01-01T00:00:00Z"));
    let old = Question::new(version_1(&ancient), &[], &[&ancient]);
    let made = old.leaf.not_before(); // by OpenSSL, just now
    let fault = old.ask(|ask| ask.at = made).unwrap_err();
    assert_eq!(fault.reason, Reason::NameMismatch, "{fault}");
    assert!(fault.message.contains("its common name old does not count"), "{fault}");
    let old = old.any_host();
    let verified = old.ask(|ask| ask.at = made).unwrap();
    assert!(verified.warnings[0].message.contains("is not of X.509 version 3"));
    let strict = old.ask(|ask| (ask.at, ask.strict) = (made, true)).unwrap_err();
    assert_eq!(strict.reason, Reason::Nonconforming, "{strict}");
}

/// A certificate without extensions, which OpenSSL makes of version 1.
fn version_1(ca: &Ca) -> Certificate {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    std::fs::write(file("ca.pem"), pem::certificates([&ca.certificate])).unwrap();
    std::fs::write(file("ca-key.pem"), pem::private_key(&ca.key)).unwrap();
    let (key, csr, leaf) = (file("key.pem"), file("csr.pem"), file("leaf.pem"));
    let new = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old";
    let mut arguments: Vec<&str> = new.split(' ').collect();
    arguments.extend(["-keyout", &key, "-out", &csr]);
    tool("openssl", &arguments);
    let (ca, ca_key) = (file("ca.pem"), file("ca-key.pem"));
    let sign = ["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-out", &leaf];
    tool("openssl", &[&sign[..], &["-days", "365", "-set_serial", "1234567890123"]].concat());
    let made = Certificate::from_pem("leaf.pem", &std::fs::read(&leaf).unwrap()).unwrap();
    made.into_iter().next().unwrap()
}

#[test]
fn two_that_certify_each_other_end_nowhere() {
    let (one, two) = (Ca::root("one", |_| {}), Ca::root("two", |_| {}));
    let (a, b) = (two.cross_signs(&one, "one"), one.cross_signs(&two, "two"));
    let stranger = Ca::root("stranger", |_| {});
    let question = Question::new(one.leaf(|_| {}), &[&a, &b], &[&stranger]);
    assert_eq!(question.verdict(), "untrusted");
}

#[test]
fn a_search_that_costs_too_much_ends() {
    let root = Ca::root("same", |_| {});
    let mut cas = vec![root.sub("same", |_| {})];
    for _ in 0..40 {
        cas.push(cas[cas.len() - 1].sub("same", |_| {}));
    }
    let leaf = cas[cas.len() - 1].leaf(|_| {});
    let all: Vec<&Ca> = cas.iter().collect();
    let stranger = Ca::root("stranger", |_| {});
    let start = Instant::now();
    assert_eq!(Question::new(leaf, &all, &[&stranger]).verdict(), "too_complex");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn revocation_lists() {
    let ca = Ca::plain();
    let (good, bad) = (ca.leaf(|_| {}), ca.leaf(|_| {}));
    let serial = |leaf: &Certificate| {
        let hex = leaf.describe(at(NOW)).serial;
        let octets = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16));
        SerialNumber::from(octets.collect::<Result<Vec<_>, _>>().unwrap())
    };
    let crl = |by: &Ca, until: &str| {
        let params = CertificateRevocationListParams {
            this_update: date("2026-05-01T00:00:00Z"),
            next_update: date(until),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: serial(&bad),
                revocation_time: date("2026-05-20T00:00:00Z"),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&by.issuer).unwrap().der().to_vec()
    };
    let verdict = |leaf: &Certificate, crl: &[u8]| {
        let crls = [crl.to_vec()];
        let question = Question::new(leaf.clone(), &[], &[&ca]);
        let identity = chain::identity(HOST).unwrap();
        let plain = chain::Request::new(
            &question.leaf,
            &[],
            &question.anchors,
            at(NOW),
            chain::Purpose::Server,
        );
        let request = chain::Request { identity: Some(&identity), crls: &crls, ..plain };
        chain::verify(&request).map_or_else(|fault| fault.message, |_| "ok".to_owned())
    };
    let list = crl(&ca, "2026-07-01T00:00:00Z");
    assert_eq!(verdict(&good, &list), "ok");
    assert_eq!(
        verdict(&bad, &list),
        "the leaf certificate (CN=db-1) was revoked at 2026-05-20T00:00:00Z"
    );
    let late = verdict(&good, &crl(&ca, "2026-05-31T00:00:00Z"));
    assert!(late.contains("CrlExpired"), "{late}");
    let twin = verdict(&good, &crl(&Ca::plain(), "2026-07-01T00:00:00Z"));
    assert!(twin.contains("InvalidCrlSignatureForPublicKey"), "{twin}");
    let rubbish = verdict(&good, b"rubbish");
    assert!(rubbish.contains("cannot be read"), "{rubbish}");
}

#[test]
fn names_of_peers() {
    let read = |text: &str| chain::identity(text).map(|name| name.to_str().into_owned());
    assert_eq!(read("db.example.com.").unwrap(), "db.example.com");
    assert_eq!(read("fd00:0:0::1").unwrap(), "fd00::1");
    for bad in ["", ".", "*.example.com", "a b", "10.0.0.1/8", "ex\u{e4}mple.com"] {
        assert_eq!(read(bad).unwrap_err().code(), "identity", "{bad:?}");
    }
}

/// Whatever bit of a good certificate is turned over, it is good no more.
#[test]
fn an_altered_certificate_is_refused() {
    let (ca, leaf) = altered();
    for bit in 0..leaf.der().len() * 8 {
        let mut der = leaf.der().to_vec();
        der[bit / 8] ^= 1 << (bit % 8);
        if let Ok(leaf) = Certificate::from_der(der) {
            let question = Question::new(leaf, &[], &[ca]).any_host();
            assert_ne!(question.verdict(), "ok", "bit {bit}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// An altered CA is refused or not: it is trusted as it is. Nothing panics.
    #[test]
    fn an_altered_ca_does_no_harm(at in any::<prop::sample::Index>(), octet in any::<u8>()) {
        let (ca, leaf) = altered();
        let mut der = ca.certificate.der().to_vec();
        let at = at.index(der.len());
        der[at] = octet;
        if let Ok(anchor) = Certificate::from_der(der) {
            let question = Question::new(leaf.clone(), &[], &[]);
            let _ = Question { anchors: vec![anchor], ..question }.ask(|ask| ask.strict = true);
        }
    }

    /// With names of both kinds and constraints on both, rustls-webpki alone says the same,
    /// but for wildcards that reach into what is excluded or out of what is permitted.
    #[test]
    fn constraints_agree_with_rustls_webpki(
        permitted in prop::collection::vec(name(), 0..3),
        excluded in prop::collection::vec(name(), 0..3),
        names in prop::collection::vec(name(), 1..4),
    ) {
        let root = Ca::root("root", |_| {});
        let sub = root.sub("sub", |ca| {
            ca.name_constraints = Some(rcgen::NameConstraints {
                permitted_subtrees: permitted.iter().map(|name| subtree(name)).collect(),
                excluded_subtrees: excluded.iter().map(|name| subtree(name)).collect(),
            });
        });
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let leaf = sub.leaf(|leaf| leaf.subject_alt_names = sans(&names));
        let ours = Question::new(leaf.clone(), &[&sub], &[&root]).any_host().verdict();
        let theirs = webpki_alone(&leaf, &sub, &root);
        prop_assert_eq!(ours == "ok", theirs, "{} {:?} {:?} {:?}", ours, permitted, excluded, names);
    }
}

fn altered() -> &'static (Ca, Certificate) {
    static MADE: std::sync::OnceLock<(Ca, Certificate)> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let ca = Ca::plain();
        let leaf = ca.leaf(|_| {});
        (ca, leaf)
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "(a|b)(\\.(a|b)){0,2}",
        (0u8..2, 0u8..4).prop_map(|(net, host)| format!("10.{net}.0.{host}")),
    ]
}

fn subtree(name: &str) -> GeneralSubtree {
    match name.parse::<std::net::Ipv4Addr>() {
        Ok(ip) => GeneralSubtree::IpAddress(rcgen::CidrSubnet::from_addr_prefix(ip.into(), 31)),
        Err(_) => GeneralSubtree::DnsName(name.to_owned()),
    }
}

fn webpki_alone(leaf: &Certificate, sub: &Ca, root: &Ca) -> bool {
    let der = |certificate: &Certificate| {
        rustls_pki_types::CertificateDer::from(certificate.der().to_vec())
    };
    let (leaf, sub, root) = (der(leaf), der(&sub.certificate), der(&root.certificate));
    let anchors = [webpki::anchor_from_trusted_cert(&root).unwrap()];
    let seconds = u64::try_from(at(NOW).as_second()).unwrap();
    let time = rustls_pki_types::UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let usage = webpki::KeyUsage::server_auth();
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    let end = webpki::EndEntityCert::try_from(&leaf).unwrap();
    end.verify_for_usage(algorithms, &anchors, &[sub], time, usage, None, None).is_ok()
}
