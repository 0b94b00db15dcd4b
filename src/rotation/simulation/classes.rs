//! The classes of a scenario: of certificates in use, and of those that replace them.

use std::collections::{BTreeMap, BTreeSet};

use super::RotationScenario;
use super::forecast::UnknownPart;
use super::leaf::SimulatedLeaf;
use super::leaf_class::{Authorities, ClassifiedLeaves};
use super::matrix::{ClassOrigin, Matrix, MatrixClass};
use super::phase::SimulatedPhase;
use super::stand_in::StandIn;
use crate::error::{Code, Error};
use crate::pki::certificate::Certificate;
use crate::pki::chain::Purpose;
use crate::pki::subject;

/// The name of a party that shows an imagined certificate.
const IMAGINED: &str = "a node";

/// A part that is unknown because of `error`.
pub(super) fn unknown_part(count: usize, error: &Error) -> UnknownPart {
    UnknownPart { count, message: error.to_string(), hints: error.hints().to_vec() }
}

/// Every CA certificate of the scenario, each once.
pub(super) fn all_authorities(scenario: &RotationScenario<'_>) -> Vec<Certificate> {
    let mut seen = BTreeSet::new();
    let anchors = scenario.trust_sets.iter().flat_map(|set| &set.anchors);
    let all = [scenario.from, scenario.target].into_iter().chain(scenario.bundle).chain(anchors);
    all.filter(|ca| seen.insert(ca.der())).cloned().collect()
}

/// One of the certificates with the same name and key.
pub(super) fn one_per_key(all: &[Certificate]) -> Vec<Certificate> {
    let mut seen = BTreeSet::new();
    let key = |ca: &Certificate| (ca.parsed().subject().as_raw().to_vec(), ca.public_key_info());
    all.iter().filter(|ca| seen.insert(key(ca))).cloned().collect()
}

/// The lists of certificates that a server may send behind one that `signer` signed: none, or a root
/// from its own `ca.pem`, as MySQL, MariaDB, PostgreSQL and Valkey do.
fn sent_with(scenario: &RotationScenario<'_>, signer: &Certificate) -> Vec<Vec<Certificate>> {
    let mut roots: Vec<&Certificate> = Vec::new();
    for root in scenario.bundle.iter().chain([scenario.target]) {
        if root.is_renewal_of(signer) && !roots.contains(&root) {
            roots.push(root);
        }
    }
    std::iter::once(Vec::new()).chain(roots.into_iter().map(|root| vec![root.clone()])).collect()
}

pub(super) fn add_classes_in_use(
    matrix: &mut Matrix,
    scenario: &RotationScenario<'_>,
    sorted: &ClassifiedLeaves<'_>,
    authorities: &[Certificate],
) {
    for class in &sorted.classes {
        let signer = class.signer.map(|number| &authorities[number]);
        let issuer = subject::rfc4514(class.example.certificate.parsed().issuer());
        matrix.classes.push(MatrixClass {
            origin: ClassOrigin::InUse,
            example: class.example.certificate.clone(),
            party: class.example.party.clone(),
            leaves: class.leaves,
            purposes: class.example.purposes,
            issuer,
            is_of_target: signer.is_some_and(|signer| signer.is_renewal_of(scenario.target)),
            sent: signer.map_or_else(|| vec![Vec::new()], |signer| sent_with(scenario, signer)),
            sources: Vec::new(),
        });
    }
}

/// Adds a certificate that the present CA would issue, where none is in use as a server's, or none as
/// a client's.
pub(super) fn add_present_sample(
    matrix: &mut Matrix,
    scenario: &RotationScenario<'_>,
    unknown: &mut Vec<UnknownPart>,
) -> Option<StandIn> {
    let now = scenario.schedule.now;
    let is_shown_as = |purpose: &Purpose| {
        let mut old = matrix.classes.iter().filter(|class| !class.is_of_target);
        old.any(|class| class.purposes.contains(purpose))
    };
    let is_in_use = [Purpose::Server, Purpose::Client].iter().all(is_shown_as);
    let is_over = now > scenario.from.not_after() || now < scenario.from.not_before();
    if is_in_use || is_over {
        return None;
    }
    let sample = StandIn::new(scenario.from)
        .and_then(|stand_in| stand_in.issue(now).map(|leaf| (stand_in, leaf)));
    match sample {
        Ok((stand_in, leaf)) => {
            matrix.classes.push(sample_class(ClassOrigin::FromStandIn, &stand_in, leaf));
            Some(stand_in)
        }
        Err(error) => {
            unknown.push(unknown_part(1, &error));
            None
        }
    }
}

fn sample_class(origin: ClassOrigin, ca: &StandIn, leaf: Certificate) -> MatrixClass {
    MatrixClass {
        origin,
        example: leaf,
        party: IMAGINED.to_owned(),
        leaves: 0,
        purposes: &[Purpose::Server, Purpose::Client],
        issuer: ca.certificate().subject(),
        is_of_target: origin == ClassOrigin::TargetStandIn,
        sent: vec![Vec::new(), vec![ca.certificate().clone()]],
        sources: Vec::new(),
    }
}

/// Adds, for each class of other CAs, the certificate of the next CA that replaces it. Classes whose
/// replacements have one form are one class of the next CA.
pub(super) fn add_reissued(
    matrix: &mut Matrix,
    scenario: &RotationScenario<'_>,
    authorities: &Authorities<'_>,
    target: &StandIn,
    unknown: &mut Vec<UnknownPart>,
) {
    let at = scenario.schedule.span(SimulatedPhase::Switched).0;
    let mut known: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let count = matrix.classes.len();
    for source in 0..count {
        let class = &matrix.classes[source];
        if class.is_of_target {
            continue;
        }
        let leaves = class.leaves;
        let leaf = match target.reissue(&class.example, at) {
            Ok(leaf) => SimulatedLeaf::new(&class.party, leaf),
            // The names of every leaf are checked for themselves.
            Err(error) if error.code() == Code::OutsideConstraints => continue,
            Err(error) => {
                let party = &class.party;
                unknown.push(UnknownPart {
                    message: format!(
                        "certificates such as that of {party} are not issued again, so those that \
                         replace them are unknown: {error}"
                    ),
                    ..unknown_part(leaves.max(1), &error)
                });
                continue;
            }
        };
        let id = *known.entry(authorities.form(&leaf)).or_insert_with(|| {
            matrix.classes.push(MatrixClass {
                party: leaf.party.clone(),
                purposes: leaf.purposes,
                ..sample_class(ClassOrigin::TargetStandIn, target, leaf.certificate.clone())
            });
            matrix.classes.len() - 1
        });
        matrix.classes[id].leaves += leaves;
        matrix.classes[id].sources.push((source, leaves));
    }
    if matrix.classes.iter().any(|class| class.is_of_target) {
        return;
    }
    match target.issue(at) {
        Ok(leaf) => {
            matrix.classes.push(sample_class(ClassOrigin::TargetStandIn, target, leaf));
        }
        Err(error) => unknown.push(unknown_part(1, &error)),
    }
}
