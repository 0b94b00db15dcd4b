//! The matrix: which classes of certificates meet which trust sets in each phase.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::RotationScenario;
use super::phase::SimulatedPhase;
use super::stand_in::StandIn;
use super::trust_set::{TrustHolder, TrustSet, bundles_of};
use super::verdict::{MomentFinder, Presentation, Question, Verdicts, ask_all};
use crate::error::Result;
use crate::pki::certificate::Certificate;
use crate::pki::chain::Purpose;

/// The largest number of trust sets. A fleet has fewer than ten.
const MOST_SETS: usize = 500;

/// The origin of a class, which decides which certificates of a trust set have a stand-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassOrigin {
    /// Certificates in use.
    InUse,
    /// Certificates that the stand-in of the present CA signed.
    FromStandIn,
    /// Certificates that the stand-in of the next CA signed.
    TargetStandIn,
}

/// A class of certificates in the matrix.
pub(super) struct MatrixClass {
    pub(super) origin: ClassOrigin,
    /// The certificate that is judged.
    pub(super) example: Certificate,
    /// The party that shows it.
    pub(super) party: String,
    pub(super) leaves: usize,
    pub(super) purposes: &'static [Purpose],
    /// The subject of the CA that signed it.
    pub(super) issuer: String,
    /// Whether the key of the next CA signed it.
    pub(super) is_of_target: bool,
    /// The certificates that servers may send behind it: none, or its root.
    pub(super) sent: Vec<Vec<Certificate>>,
    /// The classes that this one replaces, each with its leaves.
    pub(super) sources: Vec<(usize, usize)>,
}

/// A trust set in the matrix.
pub(super) struct MatrixSet {
    pub(super) set: TrustSet,
    /// The certificates, with the stand-in of the present CA.
    with_from: Option<Vec<Certificate>>,
    /// The certificates, with the stand-in of the next CA.
    with_target: Option<Vec<Certificate>>,
}

/// A cell before it is judged.
pub(super) struct OpenCell {
    pub(super) class: usize,
    pub(super) trust_set: usize,
    pub(super) purpose: Purpose,
    /// The questions, each with the moment of the phase that it is asked for.
    pub(super) questions: Vec<(Timestamp, Question)>,
}

/// A phase before it is judged.
pub(super) struct OpenPhase {
    pub(super) phase: SimulatedPhase,
    pub(super) classes: Vec<usize>,
    pub(super) trust_sets: Vec<usize>,
    pub(super) cells: Vec<OpenCell>,
}

/// All classes and trust sets, and their meetings.
#[derive(Default)]
pub(super) struct Matrix {
    pub(super) classes: Vec<MatrixClass>,
    pub(super) sets: Vec<MatrixSet>,
    /// The sets of a phase, by number.
    sets_of: BTreeMap<SimulatedPhase, BTreeSet<usize>>,
    /// All moments of the simulation, in order.
    times: Vec<Timestamp>,
    /// Parties whose trust set is left out, since there are too many.
    pub(super) sets_left_out: usize,
    /// Trust sets with a cross certificate of the next CA.
    pub(super) crossed: BTreeSet<usize>,
}

impl Matrix {
    /// Adds the trust sets of each phase: bundles, nodes in the present phase and the next, clients
    /// in all.
    pub(super) fn add_sets(
        &mut self,
        scenario: &RotationScenario<'_>,
        from: Option<&StandIn>,
        target: Option<&StandIn>,
    ) -> Result<()> {
        let mut known: BTreeMap<(TrustHolder, Vec<Vec<u8>>), usize> = BTreeMap::new();
        for phase in scenario.phases() {
            let follows = phase <= scenario.present.next();
            let given = scenario.trust_sets.iter().filter(|set| match set.holder {
                TrustHolder::Node => follows,
                TrustHolder::Client | TrustHolder::Bundle => true,
            });
            for set in bundles_of(scenario, phase).iter().chain(given) {
                // Clients are told apart by their names, since each has a forecast of its own.
                let mut key: Vec<Vec<u8>> =
                    set.anchors.iter().map(|one| one.der().to_vec()).collect();
                if set.holder == TrustHolder::Client {
                    key.push(set.name.clone().into_bytes());
                }
                let key = (set.holder, key);
                let is_first = phase == scenario.present;
                let id = match known.get(&key) {
                    Some(id) => {
                        if is_first {
                            self.sets[*id].set.holders += set.holders;
                        }
                        *id
                    }
                    None if self.sets.len() >= MOST_SETS => {
                        self.sets_left_out += if is_first { set.holders } else { 0 };
                        continue;
                    }
                    None => {
                        let place = |ca: Option<&StandIn>| {
                            ca.map_or(Ok(None), |ca| ca.take_place_in(&set.anchors))
                        };
                        let (with_from, with_target) = (place(from)?, place(target)?);
                        let id = self.sets.len();
                        if target.is_some() && with_target.is_none() {
                            self.crossed.insert(id);
                        }
                        self.sets.push(MatrixSet { set: set.clone(), with_from, with_target });
                        known.insert(key, id);
                        id
                    }
                };
                self.sets_of.entry(phase).or_default().insert(id);
            }
        }
        Ok(())
    }

    /// Fixes the moments of each phase: its first and its last one, and each change of the valid CA
    /// certificates in between.
    pub(super) fn phases(&mut self, scenario: &RotationScenario<'_>) -> Vec<OpenPhase> {
        let second = jiff::SignedDuration::from_secs(1);
        let anchors = || self.sets.iter().flat_map(|one| &one.set.anchors);
        let changes: BTreeSet<Timestamp> = anchors()
            .flat_map(|ca| [Some(ca.not_before()), ca.not_after().checked_add(second).ok()])
            .flatten()
            .collect();
        let times_of = |phase| -> BTreeSet<Timestamp> {
            let (from, until) = scenario.schedule.span(phase);
            changes.range(from..=until).copied().chain([from, until]).collect()
        };
        let phases: Vec<(SimulatedPhase, BTreeSet<Timestamp>)> =
            scenario.phases().map(|phase| (phase, times_of(phase))).collect();
        let all: BTreeSet<Timestamp> =
            phases.iter().flat_map(|(_, times)| times).copied().collect();
        self.times = all.into_iter().collect();
        let open = |(phase, times): &(SimulatedPhase, BTreeSet<Timestamp>)| {
            let classes: Vec<usize> =
                (0..self.classes.len()).filter(|id| self.is_in(*id, *phase, scenario)).collect();
            let trust_sets: Vec<usize> =
                self.sets_of.get(phase).into_iter().flatten().copied().collect();
            let cells = self.cells(&classes, &trust_sets, times);
            OpenPhase { phase: *phase, classes, trust_sets, cells }
        };
        phases.iter().map(open).collect()
    }

    /// Whether a class of certificates is in use in a phase. Those in use now are so in the present
    /// phase and the next; then each gate has proved that the old ones are replaced.
    fn is_in(&self, class: usize, phase: SimulatedPhase, scenario: &RotationScenario<'_>) -> bool {
        let class = &self.classes[class];
        let is_new = class.is_of_target && phase >= SimulatedPhase::Switched;
        let is_old = !class.is_of_target && phase <= SimulatedPhase::Switched;
        let is_now = phase <= scenario.present.next();
        is_new || is_old || (class.origin == ClassOrigin::InUse && is_now)
    }

    fn cells(
        &self,
        classes: &[usize],
        sets: &[usize],
        times: &BTreeSet<Timestamp>,
    ) -> Vec<OpenCell> {
        let mut cells = Vec::new();
        for &class in classes {
            for &trust_set in sets {
                let purposes = self.classes[class].purposes.iter().copied();
                for purpose in purposes.filter(|purpose| {
                    *purpose == Purpose::Server || self.sets[trust_set].set.verifies_clients()
                }) {
                    let questions = self.questions(class, trust_set, purpose, times);
                    if !questions.is_empty() {
                        cells.push(OpenCell { class, trust_set, purpose, questions });
                    }
                }
            }
        }
        cells
    }

    fn questions(
        &self,
        class: usize,
        trust_set: usize,
        purpose: Purpose,
        times: &BTreeSet<Timestamp>,
    ) -> Vec<(Timestamp, Question)> {
        let is_server = purpose == Purpose::Server;
        let mut questions = Vec::new();
        for sent in 0..self.classes[class].sent.len() {
            let question = |at| Question { class, trust_set, sent, is_server, at };
            let Some(shown) = self.presentation(&question(Timestamp::MIN)) else { continue };
            let finder = MomentFinder::new(&shown, &self.times);
            let asked = times.iter().filter_map(|at| Some((*at, question(finder.moment(*at)?))));
            questions.extend(asked);
        }
        questions
    }

    /// The certificates of a question; `None` if the trust set cannot have a stand-in.
    fn presentation(&self, question: &Question) -> Option<Presentation<'_>> {
        let (class, set) = (&self.classes[question.class], &self.sets[question.trust_set]);
        let anchors = match class.origin {
            ClassOrigin::InUse => Some(&set.set.anchors),
            ClassOrigin::FromStandIn => set.with_from.as_ref(),
            ClassOrigin::TargetStandIn => set.with_target.as_ref(),
        };
        let sent = &class.sent[question.sent];
        Some(Presentation { leaf: &class.example, sent, anchors: anchors? })
    }

    /// Asks every verifier every question of the phases.
    pub(super) fn judge(&self, phases: &[OpenPhase]) -> Verdicts {
        let cells = phases.iter().flat_map(|phase| &phase.cells);
        let questions: BTreeSet<Question> =
            cells.flat_map(|cell| cell.questions.iter().map(|(_, question)| *question)).collect();
        ask_all(&questions, |question| self.presentation(question))
    }
}
