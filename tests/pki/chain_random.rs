//! `pki::chain` against chance: altered certificates, rubbish that a CA signed, names and
//! constraints beside rustls-webpki alone.

use std::time::Duration;

use ccx_sec::pki::certificate::Certificate;
use proptest::prelude::*;
use rcgen::{CertificateParams, CustomExtension, GeneralSubtree, IsCa};

use crate::common::chains::{Ca, NOW, Question, at, sans};

/// Whatever bit of a good certificate is turned over, it is good no more.
#[test]
fn altered_certificate_is_refused() {
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
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// An altered CA is refused or not: it is trusted as it is. Nothing panics.
    #[test]
    fn altered_ca_does_no_harm(at in any::<prop::sample::Index>(), octet in any::<u8>()) {
        let (ca, leaf) = altered();
        let mut der = ca.certificate.der().to_vec();
        let at = at.index(der.len());
        der[at] = octet;
        if let Ok(anchor) = Certificate::from_der(der) {
            let question = Question::new(leaf.clone(), &[], &[]);
            let _ = Question { anchors: vec![anchor], ..question }.ask(|ask| ask.strict = true);
        }
    }

    /// A CA may sign anything: any content of any extension is taken or refused. Nothing
    /// panics, and what is critical and not understood is never good.
    #[test]
    fn signed_rubbish_does_no_harm(
        arc in prop::sample::select(vec![14u64, 15, 16, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 54, 99]),
        content in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(any::<u8>(), 0..30).prop_map(|mut inner| {
                inner.splice(0..0, [0x30, inner.len() as u8]);
                inner
            }),
        ],
        critical in any::<bool>(),
        in_ca in any::<bool>(),
    ) {
        let (ca, _) = altered();
        let change = |params: &mut CertificateParams| {
            let mut own = CustomExtension::from_oid_content(&[2, 5, 29, arc], content.clone());
            own.set_criticality(critical);
            params.custom_extensions = vec![own];
            // One of each kind: ours gives way.
            match arc {
                15 => params.key_usages = Vec::new(),
                17 => params.subject_alt_names = Vec::new(),
                19 => params.is_ca = IsCa::NoCa,
                35 => params.use_authority_key_identifier_extension = false,
                37 => params.extended_key_usages = Vec::new(),
                _ => {}
            }
        };
        let question = if in_ca {
            let Some(sub) = ca.try_sub("sub", change) else { return Ok(()) };
            Question::new(sub.leaf(|_| {}), &[&sub], &[ca])
        } else {
            Question::new(ca.leaf(change), &[], &[ca])
        };
        let verdict = question.any_host().verdict();
        if critical && ![15, 17, 19, 30, 31, 37].contains(&arc) {
            prop_assert_ne!(verdict, "ok");
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
