//! Builds the matrix of a scenario, judges it, and tells the result.

use std::collections::{BTreeMap, BTreeSet};

use super::forecast::{
    CellRefusal, ClassForecast, MatrixCell, PhaseForecast, Simulation, TrustSetForecast,
    UnknownPart, VerifierForecast,
};
use super::leaf_class::{Authorities, ClassifiedLeaves, PartyList};
use super::matrix::{ClassOrigin, Matrix, MatrixClass, MatrixSet, OpenCell, OpenPhase};
use super::phase::SimulatedPhase;
use super::stand_in::StandIn;
use super::trust_set::TrustHolder;
use super::verdict::{VERIFIERS, Verdicts, programs};
use super::{RotationScenario, advice, classes, rules};
use crate::error::{Code, Result};
use crate::pki::certificate::Certificate;
use crate::pki::chain::{Purpose, Verifier};
use crate::pki::finding::Finding;
use crate::shell::{CommandLine, Placeholder};

pub(super) fn run(scenario: &RotationScenario<'_>) -> Result<Simulation> {
    let mut unknown = Vec::new();
    let all = classes::all_authorities(scenario);
    let signers = classes::one_per_key(&all);
    let authorities = Authorities::new(&signers, &all, scenario.target, scenario.schedule.now);
    let sorted = authorities.classify(scenario.leaves);
    let mut matrix = Matrix::default();
    classes::add_classes_in_use(&mut matrix, scenario, &sorted, &signers);
    let from = classes::add_present_sample(&mut matrix, scenario, &mut unknown);
    let target = match StandIn::new(scenario.target) {
        Ok(target) => Some(target),
        Err(error) => {
            unknown.push(classes::unknown_part(1, &error));
            None
        }
    };
    if let Some(target) = &target {
        classes::add_reissued(&mut matrix, scenario, &authorities, target, &mut unknown);
    }
    matrix.add_sets(scenario, from.as_ref(), target.as_ref())?;
    let open = matrix.phases(scenario);
    let verdicts = matrix.judge(&open);
    let phases = close(scenario, &matrix, open, &verdicts);
    unknown.extend(left_out(&sorted, &matrix));
    let mut rules = match scenario.present {
        SimulatedPhase::Idle | SimulatedPhase::Staged => {
            rules::check_next_ca(scenario.target, scenario.bundle, scenario.schedule.now)
        }
        _ => Vec::new(), // it signs already
    };
    rules.extend(outside(&sorted));
    Ok(Simulation {
        clients: advice::client_forecasts(scenario, &matrix, &phases),
        phases,
        rules,
        findings: invalid(&sorted),
        unknown,
        classes: matrix.classes.iter().enumerate().map(class_forecast).collect(),
        trust_sets: trust_sets(&matrix),
        verifiers: VERIFIERS
            .map(|verifier| VerifierForecast { verifier, programs: programs(verifier) })
            .to_vec(),
    })
}

/// The answers of the verifiers, phase by phase.
fn close(
    scenario: &RotationScenario<'_>,
    matrix: &Matrix,
    open: Vec<OpenPhase>,
    verdicts: &Verdicts,
) -> Vec<PhaseForecast> {
    let mut broken = BrokenBefore::default();
    let close = |phase: OpenPhase| {
        let (from, until) = scenario.schedule.span(phase.phase);
        let is_present = phase.phase == scenario.present;
        let mut cells = Vec::with_capacity(phase.cells.len());
        for cell in &phase.cells {
            let refusals = refusals(cell, verdicts);
            if is_present {
                broken.note(matrix, cell, &refusals);
            }
            cells.push((cell, refusals));
        }
        let judged = cells.into_iter().map(|(cell, mut refusals)| {
            for refusal in &mut refusals {
                refusal.already = broken.holds(matrix, cell, refusal.verifier);
            }
            MatrixCell {
                class: cell.class,
                trust_set: cell.trust_set,
                purpose: cell.purpose,
                holder: matrix.sets[cell.trust_set].set.holder,
                hints: (!refusals.is_empty())
                    .then(|| advice::remedy(scenario, matrix, cell, verdicts))
                    .into_iter()
                    .collect(),
                refusals,
            }
        });
        PhaseForecast {
            phase: phase.phase,
            from,
            until,
            leaves: leaves_in(matrix, &phase.classes),
            cells: judged.collect(),
            classes: phase.classes.len(),
            trust_sets: phase.trust_sets.len(),
        }
    };
    open.into_iter().map(close).collect()
}

/// The number of certificates in use: those of today, and those that have replaced others.
fn leaves_in(matrix: &Matrix, classes: &[usize]) -> usize {
    let leaves = |id: &usize| {
        let class = &matrix.classes[*id];
        match class.origin {
            ClassOrigin::InUse => class.leaves,
            ClassOrigin::FromStandIn | ClassOrigin::TargetStandIn => {
                let gone = class.sources.iter().filter(|(source, _)| !classes.contains(source));
                gone.map(|(_, leaves)| leaves).sum()
            }
        }
    };
    classes.iter().map(leaves).sum()
}

/// The first refusal by each verifier.
fn refusals(cell: &OpenCell, verdicts: &Verdicts) -> Vec<CellRefusal> {
    let mut refusals: BTreeMap<usize, CellRefusal> = BTreeMap::new();
    for (at, question) in &cell.questions {
        for (verifier, fault) in verdicts.get(question).into_iter().flatten() {
            let place = VERIFIERS.iter().position(|one| one == verifier).unwrap_or_default();
            let refusal = CellRefusal {
                verifier: *verifier,
                at: *at,
                reason: fault.reason,
                message: fault.message.clone(),
                already: false,
            };
            match refusals.get(&place) {
                Some(present) if present.at <= *at => {}
                _ => drop(refusals.insert(place, refusal)),
            }
        }
    }
    refusals.into_values().collect()
}

/// The refusals of the present phase.
#[derive(Default)]
struct BrokenBefore(BTreeSet<(TrustHolder, Option<usize>, usize, bool, &'static str)>);

impl BrokenBefore {
    /// The bundles that nodes and clients follow are one holder in all phases.
    fn key(
        matrix: &Matrix,
        cell: &OpenCell,
        class: usize,
        verifier: Verifier,
    ) -> (TrustHolder, Option<usize>, usize, bool, &'static str) {
        let holder = matrix.sets[cell.trust_set].set.holder;
        let set = (holder != TrustHolder::Bundle).then_some(cell.trust_set);
        (holder, set, class, cell.purpose == Purpose::Server, verifier.name())
    }

    fn note(&mut self, matrix: &Matrix, cell: &OpenCell, refusals: &[CellRefusal]) {
        for refusal in refusals {
            self.0.insert(BrokenBefore::key(matrix, cell, cell.class, refusal.verifier));
        }
    }

    /// Whether the verifier refused this class, or one that it replaces.
    fn holds(&self, matrix: &Matrix, cell: &OpenCell, verifier: Verifier) -> bool {
        let sources = matrix.classes[cell.class].sources.iter().map(|(source, _)| *source);
        std::iter::once(cell.class)
            .chain(sources)
            .any(|class| self.0.contains(&BrokenBefore::key(matrix, cell, class, verifier)))
    }
}

/// The parts of the population that are in no cell.
fn left_out(sorted: &ClassifiedLeaves<'_>, matrix: &Matrix) -> Vec<UnknownPart> {
    let mut unknown = Vec::new();
    if sorted.unsorted.count > 0 {
        let message = format!(
            "the certificates have too many forms to judge each; left out: {}",
            sorted.unsorted.text()
        );
        let hints = vec!["plan for a part of the fleet at a time".into()];
        unknown.push(UnknownPart { count: sorted.unsorted.count, message, hints });
    }
    if matrix.sets_left_out > 0 {
        let message = "there are too many different trust sets to judge each".to_owned();
        let hints = vec!["plan for a part of the fleet at a time".into()];
        unknown.push(UnknownPart { count: matrix.sets_left_out, message, hints });
    }
    for id in &matrix.crossed {
        let set = &matrix.sets[*id].set;
        let message = format!(
            "the trust set of {} holds the next CA's key in a certificate that another CA signed; \
             certificates of the next CA are not judged before it",
            set.name
        );
        let hints =
            vec!["take the cross certificate out: bundles hold self-signed CAs only".into()];
        unknown.push(UnknownPart { count: set.holders, message, hints });
    }
    unknown
}

/// The refusal of a next CA that may not sign for the names in use.
fn outside(sorted: &ClassifiedLeaves<'_>) -> Option<Finding> {
    let PartyList { count, .. } = sorted.outside;
    (count > 0).then(|| {
        let message = format!(
            "the name constraints of the next CA exclude names of {count} certificates: {}",
            sorted.outside.text()
        );
        Finding::error(Code::OutsideConstraints, message)
            .hint("have the next CA made with name constraints that permit them, or with none")
            .rule("RFC 5280 section 4.2.1.10")
    })
}

/// Certificates that nobody accepts now.
fn invalid(sorted: &ClassifiedLeaves<'_>) -> Vec<Finding> {
    let PartyList { count, .. } = sorted.invalid;
    let finding = || {
        let message = format!(
            "{count} certificates have expired or are not valid yet, whatever the CA: {}",
            sorted.invalid.text()
        );
        Finding::error(Code::Expired, message).hint((
            "renew them",
            CommandLine::ccx_sec("cert renew").option("--dir", Placeholder("DIR")),
        ))
    };
    (count > 0).then(finding).into_iter().collect()
}

fn class_forecast((id, class): (usize, &MatrixClass)) -> ClassForecast {
    ClassForecast {
        id,
        issuer: class.issuer.clone(),
        in_use: class.origin == ClassOrigin::InUse,
        leaves: class.leaves,
        example: class.party.clone(),
        purposes: class.purposes.to_vec(),
    }
}

fn trust_sets(matrix: &Matrix) -> Vec<TrustSetForecast> {
    let forecast = |(id, one): (usize, &MatrixSet)| TrustSetForecast {
        id,
        holder: one.set.holder,
        name: one.set.name.clone(),
        holders: one.set.holders,
        certificates: one.set.anchors.iter().map(Certificate::sha256).collect(),
    };
    matrix.sets.iter().enumerate().map(forecast).collect()
}
