//! `pki::chain`: what it says of a fault, the search for a path, CRLs, weak parts.

use std::time::{Duration, Instant};

use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::chain::{self, ChainReason, Position};
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::KeyType;
use ccx_sec::pki::pem;
use rcgen::{
    CertificateRevocationListParams, CustomExtension, KeyIdMethod, RevokedCertParams, SerialNumber,
};

use crate::common::chains::{Ca, HOST, NOW, Question, at, date, sans};
use crate::common::tool;

#[test]
fn fault_names_the_certificate_the_values_the_rule_and_what_to_do() {
    let ca = Ca::plain();
    let leaf = ca.leaf(|leaf| leaf.subject_alt_names = sans(&["a.example.com", "10.1.2.3"]));
    let fault = Question::new(leaf, &[], &[&ca]).fault();
    assert_eq!((fault.reason, fault.certificate), (ChainReason::NameMismatch, Position::Leaf));
    assert_eq!(
        fault.message,
        "the leaf certificate (CN=db-1) is for DNS name a.example.com, address 10.1.2.3; \
         wanted: DNS name db-1.ds.example.com"
    );
    assert_eq!(fault.rule, Some("RFC 9525 section 6"));
    assert!(!fault.hints.is_empty());
    let document = serde_json::to_value(&fault).unwrap();
    assert_eq!(document["reason"], "name_mismatch");
    assert_eq!(document["certificate"], "leaf");

    let root = Ca::root("root", |_| {});
    let sub = root.sub("sub", |ca| ca.not_after = date("2026-05-31T00:00:00Z"));
    let fault = Question::new(sub.leaf(|_| {}), &[&sub], &[&root]).fault();
    assert_eq!(
        (fault.reason, fault.certificate),
        (ChainReason::Expired, Position::Intermediate(1))
    );
    assert_eq!(
        fault.message,
        "the intermediate 1 certificate (CN=sub) expired at 2026-05-31T00:00:00Z; \
         checked at 2026-06-01T00:00:00Z"
    );

    let old = Ca::root("old", |ca| ca.not_after = date("2026-05-31T00:00:00Z"));
    let fault = Question::new(old.leaf(|_| {}), &[], &[&old]).fault();
    assert_eq!((fault.reason, fault.certificate), (ChainReason::Expired, Position::Ca));
}

#[test]
fn every_reason_has_the_name_that_it_is_serialized_with() {
    for reason in [
        ChainReason::Damaged,
        ChainReason::Unsupported,
        ChainReason::Untrusted,
        ChainReason::IntermediateMissing,
        ChainReason::BadSignature,
        ChainReason::WeakKey,
        ChainReason::WeakSignature,
        ChainReason::Expired,
        ChainReason::NotYetValid,
        ChainReason::Revoked,
        ChainReason::BadCrl,
        ChainReason::NotACa,
        ChainReason::PathLength,
        ChainReason::NameConstraint,
        ChainReason::WrongPurpose,
        ChainReason::NameMismatch,
        ChainReason::Nonconforming,
        ChainReason::TooComplex,
    ] {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        assert_eq!(reason.to_string(), reason.name());
    }
}

#[test]
fn issued_chains_pass_strict_verification() {
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
    assert_eq!((fault.reason, fault.rule), (ChainReason::Nonconforming, Some(rules[0])));
}

#[test]
fn good_path_is_found_among_bad_ones() {
    let (old_root, new_root) = (Ca::root("old root", |_| {}), Ca::root("new root", |_| {}));
    let sub = old_root.sub("sub", |_| {});
    let again = new_root.cross_signs(&sub, "sub");
    let expired = Ca::root("old root", |ca| ca.not_after = date("2026-05-31T00:00:00Z"));
    let path = |intermediates: &[&Ca], anchors: &[&Ca]| {
        let question = Question::new(sub.leaf(|_| {}), intermediates, anchors);
        let verified = question.ask(|ask| ask.verifier = chain::Verifier::Rfc5280);
        verified.map(|found| found.path.last().map(Certificate::subject))
    };
    assert_eq!(path(&[&sub, &again], &[&new_root]), Ok(Some("CN=new root".into())));
    assert_eq!(path(&[&again, &sub], &[&old_root]), Ok(Some("CN=old root".into())));
    assert_eq!(path(&[&sub, &again], &[&expired, &new_root]), Ok(Some("CN=new root".into())));

    let fault = path(&[], &[&new_root]).unwrap_err();
    assert_eq!(fault.reason, ChainReason::Untrusted);
    assert!(fault.message.contains("is issued by CN=sub, which is neither"), "{fault}");
}

#[test]
fn another_ca_of_the_same_name_is_told_from_a_damaged_signature() {
    let fault = |leaf: &Certificate, sent: &[&Ca], trusted: &Ca| {
        let fault = Question::new(leaf.clone(), sent, &[trusted]).fault();
        (fault.reason, fault.certificate)
    };
    let (leaf, root) = (Position::Leaf, Position::Intermediate(1));
    for identifiers in [true, false] {
        // Without them, the key alone says which of the two it is.
        let make = |name: &str| {
            Ca::root(name, |ca| ca.use_authority_key_identifier_extension = identifiers)
        };
        let (ca, twin) = (make("the CA"), make("the CA"));
        let by_twin = twin.leaf(|leaf| leaf.use_authority_key_identifier_extension = identifiers);
        assert_eq!(fault(&by_twin, &[&twin], &ca), (ChainReason::Untrusted, root), "{identifiers}");
        let sub = twin.sub("sub", |_| {});
        let below = (ChainReason::Untrusted, Position::Intermediate(2));
        assert_eq!(fault(&sub.leaf(|_| {}), &[&sub, &twin], &ca), below, "{identifiers}");
        assert_eq!(fault(&twin.certificate, &[], &ca), (ChainReason::Untrusted, leaf));
    }
    let (ca, rsa) = (Ca::plain(), Ca::ours(KeyType::Rsa2048, NameConstraints::default()));
    let no_ids = rsa.leaf(|leaf| leaf.use_authority_key_identifier_extension = false);
    assert_eq!(fault(&no_ids, &[], &ca), (ChainReason::Untrusted, leaf));
    assert_eq!(fault(&no_ids, &[&rsa], &ca), (ChainReason::Untrusted, root));

    let good = ca.leaf(|_| {});
    let mut der = good.der().to_vec();
    *der.last_mut().unwrap() ^= 1;
    let damaged = Certificate::from_der(der).unwrap();
    assert_eq!(fault(&damaged, &[], &ca), (ChainReason::BadSignature, leaf));
    assert_eq!(fault(&damaged, &[&ca], &ca), (ChainReason::BadSignature, leaf));
    let mut der = ca.certificate.der().to_vec();
    *der.last_mut().unwrap() ^= 1;
    let damaged = Certificate::from_der(der).unwrap();
    assert_eq!(fault(&damaged, &[], &ca), (ChainReason::BadSignature, leaf));
}

#[test]
fn rustls_webpki_limits_are_warnings() {
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
    assert_eq!(fault.reason, ChainReason::NameMismatch, "{fault}");
    assert!(fault.message.contains("its common name old does not count"), "{fault}");
    let old = old.any_host();
    let verified = old.ask(|ask| ask.at = made).unwrap();
    assert!(verified.warnings[0].message.contains("is not of X.509 version 3"));
    let strict = old.ask(|ask| (ask.at, ask.strict) = (made, true)).unwrap_err();
    assert_eq!(strict.reason, ChainReason::Nonconforming, "{strict}");
}

#[test]
fn weak_keys_and_signatures_are_told_apart() {
    let ca = Ca::root("ancient", |ca| ca.not_before = date("2000-01-01T00:00:00Z"));
    let reason = |key: &str, digest: &str| {
        let question = Question::new(by_openssl(&ca, key, digest), &[], &[&ca]).any_host();
        let made = question.leaf.not_before();
        question.ask(|ask| ask.at = made).map_or_else(|fault| fault.reason.name(), |_| "ok")
    };
    assert_eq!(reason("rsa:2048", "-sha256"), "ok");
    assert_eq!(reason("rsa:1024", "-sha256"), "weak_key");
    assert_eq!(reason("rsa:2048", "-sha1"), "weak_signature");
}

fn version_1(ca: &Ca) -> Certificate {
    by_openssl(ca, "rsa:2048", "-sha256")
}

/// A certificate without extensions, which OpenSSL makes of version 1, with a new `key`.
fn by_openssl(ca: &Ca, key: &str, digest: &str) -> Certificate {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    std::fs::write(file("ca.pem"), pem::certificates([&ca.certificate])).unwrap();
    std::fs::write(file("ca-key.pem"), pem::private_key(&ca.key)).unwrap();
    let (key_file, csr, leaf) = (file("key.pem"), file("csr.pem"), file("leaf.pem"));
    let request = ["req", "-new", "-newkey", key, "-nodes", "-subj", "/CN=old", "-out", &csr];
    tool("openssl", &[&request[..], &["-keyout", &key_file]].concat());
    let (ca, ca_key) = (file("ca.pem"), file("ca-key.pem"));
    let sign = ["x509", "-req", digest, "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-out", &leaf];
    tool("openssl", &[&sign[..], &["-days", "365", "-set_serial", "1234567890123"]].concat());
    let made = Certificate::from_pem("leaf.pem", &std::fs::read(&leaf).unwrap()).unwrap();
    made.into_iter().next().unwrap()
}

#[test]
fn extensions_that_must_not_be_there() {
    let ca = Ca::plain();
    let with = |extensions: &[(&[u64], &[u8], bool)]| {
        let leaf = ca.leaf(|leaf| {
            let own = extensions.iter().map(|(oid, content, critical)| {
                let mut own = CustomExtension::from_oid_content(oid, content.to_vec());
                own.set_criticality(*critical);
                own
            });
            leaf.custom_extensions = own.collect();
        });
        Question::new(leaf, &[], &[&ca]).verdict()
    };
    let unknown: &[u64] = &[1, 3, 6, 1, 4, 1, 99999, 1];
    assert_eq!(with(&[(unknown, &[5, 0], false)]), "ok");
    assert_eq!(with(&[(unknown, &[5, 0], true)]), "unsupported");
    assert_eq!(with(&[(unknown, &[5, 0], false), (unknown, &[5, 0], false)]), "damaged");
    assert_eq!(with(&[(&[2, 5, 29, 19], &[0x30, 0], true)]), "damaged");
    assert_eq!(with(&[(&[2, 5, 29, 30], &[4, 0], false)]), "damaged");
}

#[test]
fn intermediate_that_is_not_sent_is_told_from_another_ca() {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa};
    let of = |organization: &'static str| {
        move |ca: &mut CertificateParams| {
            ca.distinguished_name.push(DnType::OrganizationName, organization);
        }
    };
    let root = Ca::root("root", of("Acme"));
    let fault = |by: &Ca, anchor: &Ca| Question::new(by.leaf(|_| {}), &[], &[anchor]).fault();
    let missing = fault(&root.sub("sub", of("Acme")), &root);
    assert_eq!(missing.reason, ChainReason::IntermediateMissing);
    assert_eq!(missing.rule, Some("RFC 8446 section 4.4.2"));
    assert!(missing.hints[0].starts_with("let the peer send the certificate of "));
    assert_eq!(fault(&root.sub("sub", of("another")), &root).reason, ChainReason::Untrusted);
    assert_eq!(fault(&root.sub("sub", |_| {}), &root).reason, ChainReason::Untrusted);
    // One that may have no CA below it has none.
    let short = Ca::root("root", |ca| {
        of("Acme")(ca);
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    assert_eq!(fault(&Ca::root("other", of("Acme")), &short).reason, ChainReason::Untrusted);
}

#[test]
fn name_in_another_string_type_is_told_from_another_ca() {
    use rcgen::{DistinguishedName, DnType, DnValue};
    let ca = Ca::root("Acme CA", |_| {});
    let fault = |name: &str| {
        let issuer = Ca::root_of("again", &ca.key, |params| {
            let name = DnValue::PrintableString(name.try_into().unwrap());
            params.distinguished_name = DistinguishedName::new();
            params.distinguished_name.push(DnType::CommonName, name);
        });
        Question::new(issuer.leaf(|_| {}), &[], &[&ca]).fault()
    };
    let rewritten = fault("acme  CA");
    assert_eq!(rewritten.reason, ChainReason::Untrusted);
    assert!(rewritten.message.contains("writes in another way"), "{rewritten}");
    assert!(fault("Acme CB").message.contains("neither a trusted CA"));
}

#[test]
fn cross_certified_pair_has_no_path() {
    let (one, two) = (Ca::root("one", |_| {}), Ca::root("two", |_| {}));
    let (a, b) = (two.cross_signs(&one, "one"), one.cross_signs(&two, "two"));
    let stranger = Ca::root("stranger", |_| {});
    let question = Question::new(one.leaf(|_| {}), &[&a, &b], &[&stranger]);
    assert_eq!(question.verdict(), "untrusted");
}

#[test]
fn search_that_costs_too_much_ends() {
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
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
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
        let plain = chain::ChainRequest::new(
            &question.leaf,
            &[],
            &question.anchors,
            at(NOW),
            chain::Purpose::Server,
        );
        let request = chain::ChainRequest { identity: Some(&identity), crls: &crls, ..plain };
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
        assert_eq!(read(bad).unwrap_err().code().name(), "identity", "{bad:?}");
    }
}
