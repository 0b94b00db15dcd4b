//! The run: one gate after the other, each round with new connections to the nodes that are not
//! proved yet.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::following::Following;
use super::next::next_command;
use super::nodes::{self, FleetNodes};
use super::proofs::{ProofKeeper, RoundContext};
use super::report::{AdvanceDocument, AdvanceResult};
use super::unattended::word;
use super::{Args, rehearsal, unattended};
use crate::confirm::confirm_by_word;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::probe::mode::Answer;
use crate::process::{self, Interrupts};
use crate::rotation::bundle_holders::HolderEvidence;
use crate::rotation::fleet_list;
use crate::rotation::gate::ramp::RampStep;
use crate::rotation::gate::{self, Gate, GateRequest, RotationFacts, SimulationAnswer};
use crate::rotation::proof::collect::ProofOptions;
use crate::rotation::proof::{CaPair, NodeProof, digest_of};
use crate::rotation::stored::StoredRotation;
use crate::rotation::switch::GatePass;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::rotation::{Operator, Rotation, RotationPhase};

/// The longest pause between two rounds.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The proofs of a round, and the answers.
struct Round {
    proofs: Vec<NodeProof>,
    fleet: BTreeSet<String>,
    answer: gate::GateAnswer,
    ramp: Option<RampStep>,
    digest: String,
    following: Following,
}

pub(super) struct AdvanceRun<'a> {
    arguments: &'a Args,
    context: &'a Context,
    store: &'a dyn Backend,
    interrupts: &'a Interrupts,
    begun: Instant,
    proofs: ProofKeeper,
    told: String,
}

impl<'a> AdvanceRun<'a> {
    pub(super) fn new(
        arguments: &'a Args,
        context: &'a Context,
        store: &'a dyn Backend,
        interrupts: &'a Interrupts,
    ) -> Self {
        AdvanceRun {
            arguments,
            context,
            store,
            interrupts,
            begun: Instant::now(),
            proofs: ProofKeeper::default(),
            told: String::new(),
        }
    }

    fn now(&self) -> Timestamp {
        later(self.context.now, self.begun)
    }

    fn operator(&self) -> Operator {
        let at = Timestamp::from_second(self.now().as_second()).unwrap_or(self.context.now);
        Operator { name: process::user_at_host(), at }
    }

    fn is_dry(&self) -> bool {
        self.arguments.dry_run.is_on()
    }

    pub(super) fn run(mut self) -> Result<Exit> {
        let first = match StoredRotation::read(self.store, &self.context.ca) {
            Err(error) if self.arguments.unattended && error.code() == Code::RotationMissing => {
                return unattended::report_idle(self.context, self.arguments);
            }
            read => read?.rotation,
        };
        match self.arguments.unattended {
            true => unattended::tell_of_other_confirmations(self.context, self.arguments, &first),
            false => self.check_confirmations(&first)?,
        }
        let mut document = AdvanceDocument::new(&first, self.is_dry());
        let mut pause = Duration::from_secs(1);
        loop {
            let stored = StoredRotation::read(self.store, &self.context.ca)?;
            if stored.rotation.id != first.id || stored.rotation.target != first.target {
                return Err(moved(&self.context.ca));
            }
            document.phase = stored.rotation.phase;
            document.paused = stored.rotation.ramp.paused;
            let gate = self.next_gate(stored.rotation.phase);
            let held = gate.and_then(|gate| {
                unattended::hold(self.arguments, self.context, &stored.rotation, gate)
            });
            if let Some(hold) = held {
                document.result = AdvanceResult::from(hold.result);
                document.waits_for = Some(hold.waits_for);
                document.is_held = true;
                break;
            }
            if stored.rotation.phase == RotationPhase::Switching && !self.is_dry() {
                // An earlier run passed the gate, and was interrupted.
                let rotation = stored.switch(GatePass::default(), &self.operator())?;
                document.entered.push(rotation.phase);
                continue;
            }
            let Some(gate) = gate else { break };
            let Some(round) = self.ask(&stored, gate)? else {
                document.interrupted = true;
                document.result = AdvanceResult::Unknown;
                break;
            };
            let stored_dates = (stored.rotation.earliest_switch, stored.target()?.not_before());
            let excluded = self.excluded(&stored.rotation);
            let stored = match excluded == stored.rotation.excluded || self.is_dry() {
                true => stored,
                false => {
                    stored.set_excluded(excluded, &self.operator())?;
                    StoredRotation::read(self.store, &self.context.ca)?
                }
            };
            let answer = round.answer.answer;
            document.result = AdvanceResult::of(&round.answer);
            document.gate = Some(round.answer.clone());
            document.proof = Some(round.digest.clone());
            document.ramp.clone_from(&round.ramp);
            document.proofs.clone_from(&round.proofs);
            if let Some(RampStep::Stop { .. }) = &round.ramp {
                document.result = AdvanceResult::Fail;
                if !self.is_dry() && !stored.rotation.ramp.paused {
                    document.paused = stored.set_paused(true, &self.operator())?.ramp.paused;
                }
                break;
            }
            if answer == Answer::Pass && gate == Gate::Distrusted && !self.is_dry() {
                stored.record_distrust(round.digest.clone(), &self.operator())?;
                break;
            }
            if answer == Answer::Pass && self.is_dry() {
                break;
            }
            if self.arguments.unattended {
                let ramp = round.ramp.as_ref();
                let (arguments, context) = (self.arguments, self.context);
                let rotation = &stored.rotation;
                document.waits_for =
                    unattended::waits_for(arguments, context, rotation, &round.answer, ramp);
                let is_awaited = answer == Answer::Pass && document.waits_for.is_some();
                if is_awaited || (answer != Answer::Pass && unattended::refuses_certificates(gate))
                {
                    self.record(stored, &round)?;
                    break;
                }
            }
            if answer == Answer::Pass {
                let rotation = self.enter(stored, gate, &round)?;
                document.phase = rotation.phase;
                document.entered.push(rotation.phase);
                pause = Duration::from_secs(1);
                continue;
            }
            if let (Some(RampStep::Widen { round }), false, false) =
                (&round.ramp, document.paused, self.is_dry())
            {
                stored.widen(*round, &self.operator())?;
            } else if let (Some(share), Gate::Reissued, false) =
                (round.following.missing_share(&stored.rotation.ramp), gate, self.is_dry())
            {
                stored.set_canaries(share, &self.operator())?;
            }
            if unattended::refuses_certificates(gate) && !self.is_dry() {
                let stored = StoredRotation::read(self.store, &self.context.ca);
                if let Err(error) = stored.and_then(|stored| self.record(stored, &round)) {
                    let message = format!("the answer was not written down for the job: {error}");
                    self.context.output.warning(&message);
                }
            }
            if !self.may_wait(pause) || self.is_too_long(&stored_dates, gate) {
                break;
            }
            self.tell_what_is_awaited(&round);
            if self.sleep(pause).is_break() {
                document.interrupted = true;
                break;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.finish(document)
    }

    fn finish(&self, mut document: AdvanceDocument) -> Result<Exit> {
        let invocation = &self.context.invocation;
        for gap in document.gate.iter_mut().flat_map(|gate| &mut gate.lacks) {
            gap.complete(invocation);
        }
        if let Some(RampStep::Stop { failures }) = &mut document.ramp {
            failures.iter_mut().for_each(|gap| gap.complete(invocation));
        }
        self.context.output.report(&document, || document.text())?;
        if document.paused {
            let resume = self.context.completed(CommandLine::ccx_sec("ca rotate resume"));
            self.context.output.warning(&format!(
                "the rotation is paused: no further node takes a new certificate; when the nodes \
                 are mended: {}",
                crate::hint::unbroken(&resume)
            ));
        }
        if document.dry_run {
            self.context.output.note("dry run: nothing was written.");
        } else if document.interrupted {
            let entered =
                document.entered.last().map_or("no phase was entered".to_owned(), |phase| {
                    format!("the phase {} was entered", phase.name())
                });
            self.context.output.note(&format!("interrupted; {entered}. The same command goes on."));
        } else if document.gate.is_none() && document.entered.is_empty() && !document.is_held {
            let phase = document.phase.name();
            self.context
                .output
                .note(&format!("The phase is {phase} already: nothing was changed."));
        } else if let Some(next) = next_command(self.arguments, self.context, &document) {
            self.context.output.note(&next);
        }
        Ok(document.exit())
    }

    /// The gate behind `phase` on the way to the goal; `None` at the goal.
    fn next_gate(&self, phase: RotationPhase) -> Option<Gate> {
        let goal = self.arguments.goal();
        match phase {
            RotationPhase::Staged | RotationPhase::Switching => Some(Gate::Switched),
            RotationPhase::Switched if goal > RotationPhase::Switched => Some(Gate::Reissued),
            RotationPhase::Reissued if goal > RotationPhase::Reissued => Some(Gate::Removed),
            RotationPhase::Removed if goal == RotationPhase::Removed => Some(Gate::Distrusted),
            RotationPhase::Switched | RotationPhase::Reissued | RotationPhase::Removed => None,
        }
    }

    /// Refuses a confirmation of another CA.
    fn check_confirmations(&self, rotation: &Rotation) -> Result<()> {
        let words = [word(&rotation.target), word(&rotation.from)];
        if let Some(other) = self.arguments.confirm.iter().find(|given| !words.contains(given)) {
            let message = format!(
                "--confirm {other} is wrong: the fingerprint of the new CA begins with {}, that of \
                 the old CA with {}; nothing was changed",
                words[0], words[1]
            );
            return Err(Error::refused(Code::NotConfirmed, message)
                .hint(("see their fingerprints", CommandLine::ccx_sec("ca rotate status"))));
        }
        Ok(())
    }

    fn excluded(&self, rotation: &Rotation) -> BTreeMap<String, String> {
        let mut all = rotation.excluded.clone();
        all.extend(self.arguments.exclusions());
        self.arguments.include.iter().for_each(|node| drop(all.remove(&node.to_string())));
        all
    }

    /// Looks at the nodes, and asks the gate; `None` if interrupted.
    /// Asks the gate. A round that would let nodes or the rotation go on connects to all nodes
    /// again, whose proofs may be of an earlier round of `--wait`.
    fn ask(&mut self, stored: &StoredRotation<'_>, gate: Gate) -> Result<Option<Round>> {
        let round = self.ask_once(stored, gate)?;
        let goes_on = round.as_ref().is_some_and(|round| {
            round.answer.answer == Answer::Pass
                || matches!(round.ramp, Some(RampStep::Widen { .. }))
        });
        if goes_on && self.proofs.drop_old(self.now()) {
            return self.ask_once(stored, gate);
        }
        Ok(round)
    }

    fn ask_once(&mut self, stored: &StoredRotation<'_>, gate: Gate) -> Result<Option<Round>> {
        let rotation = &stored.rotation;
        let cas = CaPair { old: stored.from()?, new: stored.target()? };
        let excluded = self.excluded(rotation);
        let fleet = nodes::read(self.arguments, self.context, self.store, &cas, &excluded)?;
        if fleet.foreign > 0 {
            self.context.output.detail(&format!(
                "{} Secrets of nodes with another CA were left out",
                fleet.foreign
            ));
        }
        let options =
            ProofOptions { jobs: self.arguments.jobs.into(), timeout: self.context.step_timeout };
        let (begun, start) = (self.begun, self.context.now);
        let outside = RoundContext {
            output: &self.context.output,
            interrupts: self.interrupts,
            options,
            now: &|| later(start, begun),
        };
        let Some((proofs, previous_key)) =
            self.proofs.prove(stored, gate, &cas, &fleet.targets, &outside)?
        else {
            return Ok(None);
        };
        let fleet_before = self.fleet_before(rotation, &fleet)?;
        let simulation = match gate {
            Gate::Switched | Gate::Removed => {
                rehearsal::rehearse(stored, &cas, gate, &fleet, &proofs, self.now())?
            }
            Gate::Reissued | Gate::Distrusted => SimulationAnswer::Green,
        };
        let now = self.now();
        let holders = matches!(gate, Gate::Switched | Gate::Removed)
            .then(|| HolderEvidence::read(self.store, &self.context.ca, rotation, now));
        let following = Following::new(rotation, &fleet, &proofs);
        let waiting = following.waiting(&rotation.ramp, now);
        let request = GateRequest {
            gate,
            rotation: RotationFacts {
                since: rotation.since,
                earliest_switch: rotation.earliest_switch,
                accept_age: self.arguments.accept_age.as_deref(),
                target_not_before: cas.new.not_before(),
                excluded: &excluded,
                previous_key,
            },
            proofs: &proofs,
            fleet: &fleet.names,
            fleet_before: fleet_before.as_ref(),
            others: &fleet.others,
            holders: holders.as_ref(),
            accept_holders: self.arguments.accept_holders,
            simulation: &simulation,
            waiting: &waiting,
            now,
        };
        let answer = gate::ask(&request);
        let step = (gate == Gate::Reissued).then(|| following.step(&proofs, &answer.lacks, now));
        let digest = digest_of(&proofs)?;
        let fleet = fleet.included(&excluded);
        Ok(Some(Round { proofs, fleet, answer, ramp: step.flatten(), digest, following }))
    }

    /// The nodes at the last gate, by name; `None` if there was none. If the list is lost, the
    /// number of nodes must not be smaller.
    fn fleet_before(
        &self,
        rotation: &Rotation,
        fleet: &FleetNodes,
    ) -> Result<Option<BTreeSet<String>>> {
        let Some(population) = &rotation.population else { return Ok(None) };
        let list = fleet_list::read(self.store, &self.context.ca, population)?;
        if list.is_none() {
            self.context.output.warning(&format!(
                "{} does not hold the nodes of the last gate: only their number is compared",
                self.store.place(&fleet_list::list_name(&self.context.ca))
            ));
            if fleet.names.len() < population.count {
                let message = format!(
                    "there were {} nodes at the last gate, and there are {} now",
                    population.count,
                    fleet.names.len()
                );
                return Err(
                    Error::no(Code::NodesMissing, message).hint("give an inventory of all nodes")
                );
            }
        }
        Ok(list)
    }

    /// Writes down the answer of a gate, where servers had to refuse a certificate for it.
    fn record(&self, stored: StoredRotation<'_>, round: &Round) -> Result<()> {
        let (rotation, now) = (&stored.rotation, self.now());
        match unattended::answer_to_record(rotation, &round.answer, &round.proofs, now) {
            Some(answer) => stored.record_asked(answer, &self.operator()).map(drop),
            None => Ok(()),
        }
    }

    /// Passes through a gate that has opened.
    fn enter(&self, stored: StoredRotation<'_>, gate: Gate, round: &Round) -> Result<Rotation> {
        let rotation = &stored.rotation;
        let (nodes, ca) = (round.fleet.len(), &self.context.ca);
        let confirmation = match gate {
            Gate::Switched => Some((
                format!(
                    "From now on the new CA of {ca} signs, and {nodes} nodes follow. Its \
                     fingerprint begins with {}.",
                    word(&rotation.target)
                ),
                word(&rotation.target),
            )),
            Gate::Removed => Some((
                format!(
                    "The old CA of {ca} leaves the bundle: {nodes} nodes and all clients drop it. \
                     Its fingerprint begins with {}.",
                    word(&rotation.from)
                ),
                word(&rotation.from),
            )),
            Gate::Reissued | Gate::Distrusted => None,
        };
        if let Some((what, word)) = confirmation {
            let all = &self.arguments.confirm;
            let other = all.first().filter(|_| !self.context.can_ask());
            let given = all.iter().find(|given| **given == word).or(other);
            confirm_by_word(self.context, &what, &word, given.map(String::as_str))?;
        }
        fleet_list::write(self.store, ca, &round.fleet, rotation.population.as_ref())?;
        let mut accepted: Vec<String> = Vec::new();
        let is_early = self.now() < rotation.earliest_switch;
        if let (Gate::Switched, true, Some(reason)) = (gate, is_early, &self.arguments.accept_age) {
            accepted.push(format!("too-early: {reason}"));
        }
        let holders = round.answer.holders.as_ref();
        let most = self.arguments.accept_holders.unwrap_or_default();
        accepted.extend(holders.into_iter().flat_map(|holders| holders.accepted(most)));
        let is_switch = gate == Gate::Switched;
        let pass = GatePass {
            proof: Some(round.digest.clone()),
            accepted,
            population: Some(fleet_list::population(&round.fleet)),
            known_holders: holders.and_then(HolderEvidence::known),
            canary_permille: is_switch.then_some(round.following.canary_permille),
            order: is_switch.then(|| round.following.order.clone()).flatten(),
        };
        match gate {
            Gate::Switched => stored.switch(pass, &self.operator()),
            Gate::Reissued => stored.enter(RotationPhase::Reissued, pass, &self.operator()),
            Gate::Removed | Gate::Distrusted => {
                stored.enter(RotationPhase::Removed, pass, &self.operator())
            }
        }
    }

    /// Whether another round fits into the time of `--wait`.
    fn may_wait(&self, pause: Duration) -> bool {
        self.arguments.wait.is_some_and(|wait| self.begun.elapsed() + pause < wait)
    }

    /// Whether the gate opens at a date behind the time of `--wait`: the earliest switch, or the
    /// beginning of the new CA.
    fn is_too_long(&self, (earliest, valid): &(Timestamp, Timestamp), gate: Gate) -> bool {
        let Some(wait) = self.arguments.wait.filter(|_| gate == Gate::Switched) else {
            return false;
        };
        let earliest = Some(*earliest).filter(|_| self.arguments.accept_age.is_none());
        let opens = earliest.unwrap_or(*valid).max(*valid);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let end = self.context.now.checked_add(wait).unwrap_or(Timestamp::MAX);
        if opens > end {
            self.context.output.note(&format!(
                "The gate does not open before {opens:.0}, and --wait ends before: it is not waited for."
            ));
        }
        opens > end
    }

    /// Sleeps; breaks when interrupted.
    fn sleep(&self, pause: Duration) -> ControlFlow<()> {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            if self.interrupts.is_seen() {
                return ControlFlow::Break(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        ControlFlow::Continue(())
    }

    /// Says what the run waits for, when that has changed.
    fn tell_what_is_awaited(&mut self, round: &Round) {
        let gate = round.answer.gate.name();
        let lacks = &round.answer.lacks;
        let first = lacks.first().map_or(String::new(), |gap| {
            let node = gap.node.as_ref().map_or(String::new(), |node| format!("{node}: "));
            format!("{node}{}", gap.message)
        });
        let more = match lacks.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let told = format!("Waiting for {gate}: {first}{more}");
        if told != self.told {
            self.context.output.note(&told);
            self.told = told;
        }
    }
}

/// The time, for a run that began at `start`.
fn later(start: Timestamp, begun: Instant) -> Timestamp {
    let passed = SignedDuration::try_from(begun.elapsed()).unwrap_or_default();
    start.checked_add(passed).unwrap_or(start)
}

fn moved(ca: &str) -> Error {
    let message = format!("another process began, ended or turned the rotation of the CA {ca}");
    Error::refused(Code::RotationMoved, message)
        .hint(("see where the rotation is now", CommandLine::ccx_sec("ca rotate status")))
}
