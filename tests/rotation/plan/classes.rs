//! Classes: the verdict on one certificate of a class is that on each.

use std::collections::BTreeSet;

use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::chain::{self, ChainRequest, Purpose};
use ccx_sec::rotation::simulation::{SimulatedLeaf, SimulatedPhase, TrustSet, VERIFIERS};
use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose as Eku, IsCa, KeyPair, KeyUsagePurpose as Ku,
    SerialNumber,
};

use crate::common::chains::{Ca, at, dns, leaf_params, sans};
use crate::common::random::Random;
use crate::rotation::plan::{NOW, Plan};

type Change = fn(&mut CertificateParams);

/// Changes that verifiers may look at, and changes that none does.
const CHANGES: [Change; 14] = [
    |_| {},
    |leaf| leaf.use_authority_key_identifier_extension = false,
    |leaf| leaf.key_usages = vec![Ku::KeyEncipherment],
    |leaf| leaf.key_usages = vec![Ku::DigitalSignature, Ku::KeyEncipherment],
    |leaf| leaf.extended_key_usages = vec![Eku::ClientAuth],
    |leaf| leaf.extended_key_usages = vec![Eku::ServerAuth, Eku::ClientAuth],
    |leaf| leaf.extended_key_usages = vec![Eku::Any],
    |leaf| leaf.extended_key_usages = Vec::new(),
    |leaf| leaf.is_ca = IsCa::NoCa,
    |leaf| leaf.subject_alt_names = sans(&["10.1.2.3", "db.other.example"]),
    |leaf| leaf.subject_alt_names = vec![dns("db-9.ds.example.com")],
    |leaf| leaf.serial_number = Some(SerialNumber::from(5)),
    |leaf| leaf.not_after += time::Duration::days(40),
    |leaf| leaf.distinguished_name = rcgen::DistinguishedName::new(),
];

/// A leaf with up to two of the changes, of one of the CAs; sometimes with a signature by another.
fn random_leaf(random: &mut Random, cas: &[Ca]) -> Certificate {
    let mut params = leaf_params();
    for _ in 0..2 {
        CHANGES[random.below(CHANGES.len())](&mut params);
    }
    let ca = &cas[random.below(cas.len())];
    let key = match random.below(4) {
        0 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap(),
        _ => KeyPair::generate().unwrap(),
    };
    let signed = params.signed_by(&key, &ca.issuer).unwrap();
    let mut der = signed.der().to_vec();
    if random.below(10) == 0 {
        // The last byte of the signature.
        *der.last_mut().unwrap() ^= 1;
    }
    Certificate::from_der(der).unwrap()
}

/// Every leaf is asked alone, and the answer is that of its class.
#[test]
fn classes_have_the_verdict_of_each_of_their_leaves() {
    let mut random = Random::new("classes");
    let limited = |params: &mut CertificateParams| {
        params.name_constraints = Some(rcgen::NameConstraints {
            permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("example.com".into())],
            excluded_subtrees: Vec::new(),
        });
    };
    let cas = [
        Ca::root("old", |_| {}),
        Ca::root("old", |_| {}), // another key of this name
        Ca::root("limited", limited),
        Ca::root("unknown to all", |_| {}),
    ];
    let next = Ca::root("next", |params| params.not_after += time::Duration::days(1));
    let set = |members: &[usize]| -> Vec<Certificate> {
        members.iter().map(|member| cas[*member].certificate.clone()).collect()
    };
    let sets = [set(&[0, 1, 2]), set(&[1, 0]), set(&[2]), set(&[0]), set(&[1])];
    let name = |number: usize| format!("client-{number}");
    let leaves: Vec<SimulatedLeaf> = (0..200)
        .map(|number| SimulatedLeaf::new(&format!("{number}"), random_leaf(&mut random, &cas)))
        .collect();
    let plan = Plan {
        from: cas[0].certificate.clone(),
        target: next.certificate.clone(),
        bundle: vec![cas[0].certificate.clone()],
        present: SimulatedPhase::Idle,
        now: at(NOW),
        leaves: leaves.clone(),
        trust_sets: sets
            .iter()
            .enumerate()
            .map(|(number, set)| TrustSet::of_client(&name(number), set.clone()))
            .collect(),
    };
    let simulation = plan.simulate();
    let in_use = simulation.classes.iter().filter(|class| class.in_use);
    assert_eq!(in_use.clone().map(|class| class.leaves).sum::<usize>(), leaves.len());
    assert!((10..=190).contains(&in_use.count()), "{}", simulation.classes.len());
    // Each (trust set, verifier) refuses as many leaves as are refused one by one.
    let idle = simulation.phase(SimulatedPhase::Idle).unwrap();
    for (number, set) in sets.iter().enumerate() {
        for verifier in VERIFIERS {
            let cells = idle.cells.iter().filter(|cell| {
                cell.purpose == Purpose::Server
                    && simulation.trust_sets[cell.trust_set].name == name(number)
                    && simulation.classes[cell.class].in_use
            });
            let refused: usize = cells
                .filter(|cell| cell.refusals.iter().any(|one| one.verifier == verifier))
                .map(|cell| simulation.classes[cell.class].leaves)
                .sum();
            let alone: BTreeSet<usize> = (0..leaves.len())
                .filter(|leaf| {
                    let leaf = &leaves[*leaf];
                    let sent =
                        cas.iter().filter(|ca| leaf.certificate.is_signed_by(&ca.certificate));
                    let sent: Vec<Certificate> = sent
                        .map(|ca| ca.certificate.clone())
                        .filter(|ca| *ca == cas[0].certificate)
                        .collect();
                    let ask = |sent: &[Certificate]| {
                        let request = ChainRequest::new(
                            &leaf.certificate,
                            sent,
                            set,
                            at(NOW),
                            Purpose::Server,
                        );
                        chain::verify(&ChainRequest { verifier, ..request }).is_err()
                    };
                    leaf.purposes.contains(&Purpose::Server) && (ask(&[]) || ask(&sent))
                })
                .collect();
            assert_eq!(refused, alone.len(), "set {number}, {verifier:?}: {alone:?}");
        }
    }
}
