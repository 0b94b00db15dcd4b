//! The run: one gate after the other, each round with new connections to the nodes that are not
//! proved yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::nodes::{self, FleetNodes};
use super::report::AdvanceDocument;
use super::{Args, rehearsal};
use crate::confirm::confirm_by_word;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::node::trust;
use crate::probe::mode::Answer;
use crate::process::{self, Interrupts};
use crate::rotation::fleet_list;
use crate::rotation::gate::ramp::{self, RampStep};
use crate::rotation::gate::{
    self, Gate, GateRequest, PreviousKey, RotationFacts, SimulationAnswer,
};
use crate::rotation::proof::collect::{self, CanaryAuthorities, ProofOptions, ProofTarget};
use crate::rotation::proof::{CaPair, CaTrust, LeafLook, NodeProof, TrustBasis, digest_of};
use crate::rotation::stored::StoredRotation;
use crate::rotation::switch::GatePass;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::rotation::{Operator, Rotation, RotationPhase};

/// The age at which a proof is made anew.
const FRESH: SignedDuration = SignedDuration::from_mins(50);
/// The longest pause between two rounds.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The number of refused certificates after which a server that counts them as connect errors is
/// not asked again. MySQL and MariaDB block a host after 100, and one refusal may be four
/// connections.
const MAX_REFUSALS: u32 = 10;

/// The proofs of a round, and the answers.
struct Round {
    proofs: Vec<NodeProof>,
    fleet: BTreeSet<String>,
    answer: gate::GateAnswer,
    ramp: Option<RampStep>,
    digest: String,
    canary_permille: u16,
}

pub(super) struct AdvanceRun<'a> {
    arguments: &'a Args,
    context: &'a Context,
    store: &'a dyn Backend,
    interrupts: &'a Interrupts,
    begun: Instant,
    /// The proofs that are kept between rounds, by node.
    proofs: HashMap<String, NodeProof>,
    /// The gate that they were made for.
    proved_for: Option<Gate>,
    refusals: HashMap<String, u32>,
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
            proofs: HashMap::new(),
            proved_for: None,
            refusals: HashMap::new(),
            told: String::new(),
        }
    }

    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.begun.elapsed()).unwrap_or_default();
        self.context.now.checked_add(passed).unwrap_or(self.context.now)
    }

    fn operator(&self) -> Operator {
        Operator { name: process::user_at_host(), at: self.now() }
    }

    fn is_dry(&self) -> bool {
        self.arguments.dry_run.is_on()
    }

    pub(super) fn run(mut self) -> Result<Exit> {
        let first = StoredRotation::read(self.store, &self.context.ca)?.rotation;
        self.check_confirmations(&first)?;
        let mut document = AdvanceDocument::new(&first, self.is_dry());
        let mut pause = Duration::from_secs(1);
        loop {
            let stored = StoredRotation::read(self.store, &self.context.ca)?;
            if stored.rotation.id != first.id || stored.rotation.target != first.target {
                return Err(moved(&self.context.ca));
            }
            document.phase = stored.rotation.phase;
            document.paused = stored.rotation.ramp.paused;
            if stored.rotation.phase == RotationPhase::Switching && !self.is_dry() {
                // An earlier run passed the gate, and was interrupted.
                let rotation = stored.switch(GatePass::default(), &self.operator())?;
                document.entered.push(rotation.phase);
                continue;
            }
            let Some(gate) = self.next_gate(stored.rotation.phase) else { break };
            let Some(round) = self.ask(&stored, gate)? else {
                document.interrupted = true;
                document.result = Answer::Unknown;
                break;
            };
            let answer = round.answer.answer;
            document.result = answer;
            document.gate = Some(round.answer.clone());
            document.proof = Some(round.digest.clone());
            document.ramp.clone_from(&round.ramp);
            document.proofs.clone_from(&round.proofs);
            if let Some(RampStep::Stop { .. }) = &round.ramp {
                document.result = Answer::Fail;
                if !self.is_dry() && !stored.rotation.ramp.paused {
                    document.paused = stored.set_paused(true, &self.operator())?.ramp.paused;
                }
                break;
            }
            if answer == Answer::Pass && (gate == Gate::Distrusted || self.is_dry()) {
                break;
            }
            if answer == Answer::Pass {
                let rotation = self.enter(stored, gate, &round)?;
                document.phase = rotation.phase;
                document.entered.push(rotation.phase);
                pause = Duration::from_secs(1);
                continue;
            }
            let widens = round.ramp == Some(RampStep::Widen);
            if widens && stored.rotation.ramp.widened_at.is_none() && !self.is_dry() {
                stored.widen(&self.operator())?;
                self.context.output.note("Every canary is proved: the other nodes follow.");
            }
            if !self.may_wait(pause) {
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
        }
        Ok(document.exit())
    }

    /// The gate behind `phase` on the way to the goal; `None` at the goal.
    fn next_gate(&self, phase: RotationPhase) -> Option<Gate> {
        let goal = self.arguments.to.phase();
        match phase {
            RotationPhase::Staged | RotationPhase::Switching => Some(Gate::Switched),
            RotationPhase::Switched if goal > RotationPhase::Switched => Some(Gate::Reissued),
            RotationPhase::Reissued if goal > RotationPhase::Reissued => Some(Gate::Removed),
            RotationPhase::Removed if goal == RotationPhase::Removed => Some(Gate::Distrusted),
            RotationPhase::Switched | RotationPhase::Reissued | RotationPhase::Removed => None,
        }
    }

    /// Refuses a confirmation of another CA, and asks early for what nobody can be asked later.
    fn check_confirmations(&self, rotation: &Rotation) -> Result<()> {
        let words = [word(&rotation.target), word(&rotation.from)];
        if let Some(other) = self.arguments.confirm.iter().find(|given| !words.contains(given)) {
            let message = format!("--confirm {other} is of neither CA: nothing was changed");
            return Err(Error::refused(Code::NotConfirmed, message)
                .hint(("see their fingerprints", CommandLine::ccx_sec("ca rotate status"))));
        }
        let phase = rotation.phase;
        let goal = self.arguments.to.phase();
        for (needed, before, word) in [
            (RotationPhase::Switched, RotationPhase::Switching, &words[0]),
            (RotationPhase::Removed, RotationPhase::Removed, &words[1]),
        ] {
            let is_ahead = phase < before && goal >= needed;
            let is_given = self.arguments.confirm.contains(word);
            if is_ahead && !is_given && !self.is_dry() && !self.context.can_ask() {
                let flag = format!("--confirm {word}");
                return Err(self.context.unanswered("your confirmation", &flag));
            }
        }
        Ok(())
    }

    fn excluded(&self, rotation: &Rotation) -> BTreeMap<String, String> {
        let mut all = rotation.excluded.clone();
        all.extend(self.arguments.exclusions());
        all
    }

    /// Looks at the nodes, and asks the gate; `None` if interrupted.
    fn ask(&mut self, stored: &StoredRotation<'_>, gate: Gate) -> Result<Option<Round>> {
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
        let (proofs, previous_key) = match self.prove(stored, gate, &cas, &fleet.targets)? {
            Some(found) => found,
            None => return Ok(None),
        };
        let fleet_before = self.fleet_before(rotation, &fleet)?;
        let simulation = match gate {
            Gate::Switched | Gate::Removed => {
                rehearsal::rehearse(stored, &cas, gate, &fleet, &proofs, self.now())?
            }
            Gate::Reissued | Gate::Distrusted => SimulationAnswer::Green,
        };
        let now = self.now();
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
            simulation: &simulation,
            now,
        };
        let answer = gate::ask(&request);
        let canaries = canaries(&proofs, rotation.ramp.canary_permille);
        let is_wide = rotation.ramp.widened_at.is_some();
        let ramp = (gate == Gate::Reissued).then(|| ramp::next(&proofs, &canaries, is_wide, now));
        let turns = proofs.iter().filter_map(turn_of);
        let canary_permille = trust::canary_permille(turns, rotation.ramp.canary_permille);
        let digest = digest_of(&proofs)?;
        let fleet = fleet.included(&excluded);
        Ok(Some(Round { proofs, fleet, answer, ramp, digest, canary_permille }))
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

    /// Connects to the nodes that are not proved, or not lately. Returns the proofs of all, and
    /// whether the key of the old CA is kept; `None` if interrupted.
    fn prove(
        &mut self,
        stored: &StoredRotation<'_>,
        gate: Gate,
        cas: &CaPair,
        targets: &[ProofTarget],
    ) -> Result<Option<(Vec<NodeProof>, PreviousKey)>> {
        if !self.proved_for.is_some_and(|before| is_same_proof(before, gate)) {
            self.proofs.clear();
        }
        self.proved_for = Some(gate);
        let now = self.now();
        let due: Vec<ProofTarget> =
            targets.iter().filter(|target| self.is_due(gate, target, now)).cloned().collect();
        let new = match cas.new.not_before() <= now {
            true => Some(stored.authority_of(&stored.rotation.target)?),
            false => None,
        };
        let (old, previous_key) = match gate {
            Gate::Distrusted => match stored.authority_of(&stored.rotation.from) {
                Ok(old) => (Some(old), PreviousKey::Held),
                Err(error) => (None, PreviousKey::Lost(error.to_string())),
            },
            _ => (None, PreviousKey::Unread),
        };
        let is_old_over = cas.old.not_after() < now;
        let authorities = CanaryAuthorities {
            new: new.as_ref(),
            old: old.as_ref().filter(|_| !is_old_over),
            control: gate == Gate::Switched,
        };
        let options =
            ProofOptions { jobs: self.arguments.jobs.into(), timeout: self.context.step_timeout };
        let progress = self.context.output.progress_of(due.len(), "looking at nodes");
        let mut left = due.len();
        let clock = || self.now();
        let mut tick = || {
            if left > 0 {
                left -= 1;
                progress.one_more();
            }
            match self.interrupts.is_seen() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let found = collect::collect(&due, cas, &authorities, options, &clock, &mut tick)?;
        drop(progress);
        let Some(found) = found else { return Ok(None) };
        for mut proof in found {
            if gate == Gate::Distrusted && is_old_over {
                let said = "the old CA has expired".to_owned();
                proof.trusts_old = Some(CaTrust::Refuses { basis: TrustBasis::Dates, said });
            }
            if matches!(proof.trusts_new, CaTrust::Refuses { basis: TrustBasis::Wire, .. }) {
                *self.refusals.entry(proof.node.clone()).or_default() += 1;
            }
            self.proofs.insert(proof.node.clone(), proof);
        }
        let proofs = targets.iter().filter_map(|target| {
            let mut proof = self.proofs.get(&target.node.to_string())?.clone();
            proof.stored = target.stored.clone();
            Some(proof)
        });
        Ok(Some((proofs.collect(), previous_key)))
    }

    /// Whether to connect to a server in this round.
    fn is_due(&self, gate: Gate, target: &ProofTarget, now: Timestamp) -> bool {
        let name = target.node.to_string();
        let Some(proof) = self.proofs.get(&name) else { return true };
        let counts = target.target.engine.facts().protocol.counts_connect_errors;
        if counts && self.refusals.get(&name).is_some_and(|refusals| *refusals >= MAX_REFUSALS) {
            return false;
        }
        !gate::is_proved(gate, proof) || now > proof.at + FRESH
    }

    /// Passes through a gate that has opened.
    fn enter(&self, stored: StoredRotation<'_>, gate: Gate, round: &Round) -> Result<Rotation> {
        let rotation = &stored.rotation;
        let (nodes, ca) = (round.fleet.len(), &self.context.ca);
        let confirmation = match gate {
            Gate::Switched => Some((
                format!("From now on the new CA of {ca} signs, and {nodes} nodes follow."),
                word(&rotation.target),
            )),
            Gate::Removed => Some((
                format!(
                    "The old CA of {ca} leaves the bundle: {nodes} nodes and all clients drop it."
                ),
                word(&rotation.from),
            )),
            Gate::Reissued | Gate::Distrusted => None,
        };
        if let Some((what, word)) = confirmation {
            let given = self.arguments.confirm.iter().find(|given| **given == word);
            confirm_by_word(self.context, &what, &word, given.map(String::as_str))?;
        }
        fleet_list::write(self.store, ca, &round.fleet, rotation.population.as_ref())?;
        let mut accepted: Vec<String> = Vec::new();
        let is_early = self.now() < rotation.earliest_switch;
        if let (Gate::Switched, true, Some(reason)) = (gate, is_early, &self.arguments.accept_age) {
            accepted.push(format!("too-early: {reason}"));
        }
        let pass = GatePass {
            proof: Some(round.digest.clone()),
            accepted,
            population: Some(fleet_list::population(&round.fleet)),
            excluded: self.arguments.exclusions(),
            canary_permille: (gate == Gate::Switched).then_some(round.canary_permille),
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

/// Whether proofs for one gate are those for the other.
fn is_same_proof(one: Gate, other: Gate) -> bool {
    let shows_leaf = |gate| matches!(gate, Gate::Reissued | Gate::Removed);
    one == other || (shows_leaf(one) && shows_leaf(other))
}

/// The turn of a node in the rotation, by the names in the certificate that it shows, or else in
/// the stored one.
fn turn_of(proof: &NodeProof) -> Option<u16> {
    let shown = match &proof.leaf {
        LeafLook::Seen(leaf) => leaf.certificate.as_ref(),
        LeafLook::Unseen(_) => None,
    };
    let stored = || proof.stored.read().and_then(|stored| stored.certificate.as_ref());
    shown.or_else(stored).map(|certificate| trust::turn(&certificate.names_der()))
}

/// The nodes that go first. One whose turn is not known counts, so that nothing is decided without
/// it.
fn canaries(proofs: &[NodeProof], permille: u16) -> BTreeSet<String> {
    let is_canary = |proof: &&NodeProof| turn_of(proof).is_none_or(|turn| turn < permille);
    proofs.iter().filter(is_canary).map(|proof| proof.node.clone()).collect()
}

/// The word that confirms a CA: the first digits of its fingerprint.
fn word(sha256: &str) -> String {
    sha256.chars().take(8).collect()
}

fn moved(ca: &str) -> Error {
    let message = format!("another process began, ended or turned the rotation of the CA {ca}");
    Error::refused(Code::RotationMoved, message)
        .hint(("see where the rotation is now", CommandLine::ccx_sec("ca rotate status")))
}
