//! The result of a run, as a document and as text.

use serde::Serialize;

use crate::error::Exit;
use crate::output::LineMark;
use crate::probe::mode::Answer;
use crate::report::push_field;
use crate::rotation::gate::gap::Gap;
use crate::rotation::gate::ramp::RampStep;
use crate::rotation::gate::waits::NodeWait;
use crate::rotation::gate::{Gate, GateAnswer};
use crate::rotation::proof::NodeProof;
use crate::store::rotation::{Rotation, RotationPhase};

/// The most gaps in the text; documents have all.
const MAX_LINES: usize = 50;

/// The most nodes that the text names as awaited.
const NAMED: usize = 3;

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AdvanceResult {
    /// The phase is reached, or in a dry run the next gate opens.
    Pass,
    /// Nothing is wrong: nodes wait for their turn.
    Wait,
    /// A gate answers no, or a node failed.
    Fail,
    /// A node or a part of the simulation could not be looked at.
    Unknown,
}

impl AdvanceResult {
    /// The result of a gate.
    pub(super) fn of(gate: &GateAnswer) -> Self {
        match gate.answer {
            Answer::Pass => AdvanceResult::Pass,
            Answer::Fail if gate.only_waits() => AdvanceResult::Wait,
            Answer::Fail => AdvanceResult::Fail,
            Answer::Unknown => AdvanceResult::Unknown,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            AdvanceResult::Pass => "pass",
            AdvanceResult::Wait => "wait",
            AdvanceResult::Fail => "fail",
            AdvanceResult::Unknown => "unknown",
        }
    }
}

impl From<Answer> for AdvanceResult {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Pass => AdvanceResult::Pass,
            Answer::Fail => AdvanceResult::Fail,
            Answer::Unknown => AdvanceResult::Unknown,
        }
    }
}

/// The document of a run.
#[derive(Debug, Serialize)]
pub(super) struct AdvanceDocument {
    pub(super) result: AdvanceResult,
    pub(super) dry_run: bool,
    pub(super) interrupted: bool,
    pub(super) rotation: String,
    pub(super) phase: RotationPhase,
    pub(super) entered: Vec<RotationPhase>,
    /// The state that the rotation waits for, for a job: no failure of its run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waits_for: Option<String>,
    /// Whether no gate was asked.
    #[serde(skip)]
    pub(super) is_held: bool,
    pub(super) from: String,
    pub(super) target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gate: Option<GateAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ramp: Option<RampStep>,
    /// Whether the ramp is paused, by this run or an earlier one.
    pub(super) paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proof: Option<String>,
    pub(super) proofs: Vec<NodeProof>,
}

impl AdvanceDocument {
    /// A run that has asked no gate yet.
    pub(super) fn new(rotation: &Rotation, dry_run: bool) -> Self {
        AdvanceDocument {
            result: AdvanceResult::Pass,
            dry_run,
            interrupted: false,
            rotation: rotation.id.clone(),
            phase: rotation.phase,
            entered: Vec::new(),
            waits_for: None,
            is_held: false,
            from: rotation.from.clone(),
            target: rotation.target.clone(),
            gate: None,
            ramp: None,
            paused: rotation.ramp.paused,
            proof: None,
            proofs: Vec::new(),
        }
    }

    /// The exit status.
    pub(super) fn exit(&self) -> Exit {
        let gate = self.gate.iter().flat_map(|gate| &gate.lacks);
        let is_incomplete = gate.into_iter().any(|gap| gap.answer == Answer::Unknown);
        match self.result {
            _ if self.interrupted => Exit::Interrupted,
            _ if self.waits_for.is_some() && !self.is_held => Exit::Done,
            // As everywhere: what could not be looked at wins.
            AdvanceResult::Fail if is_incomplete => Exit::Failed,
            AdvanceResult::Pass => Exit::Done,
            AdvanceResult::Wait | AdvanceResult::Fail => Exit::No,
            AdvanceResult::Unknown => Exit::Failed,
        }
    }

    /// The text for people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let entered: Vec<&str> = self.entered.iter().map(|phase| phase.name()).collect();
        push_field(&mut text, "phase", self.phase.name());
        push_field(&mut text, "entered now", &entered.join(", "));
        push_field(&mut text, "target", &self.target);
        if let Some(waits_for) = &self.waits_for {
            push_field(&mut text, "waits for", waits_for);
        }
        if let Some(gate) = &self.gate {
            push_field(&mut text, gate_label(gate.gate), &summary(gate));
            if let Some(holders) = &gate.holders {
                push_field(&mut text, "clients", &holders.summary());
            }
            for (node, reason) in &gate.excluded {
                push_field(&mut text, "left out", &format!("{node}: {reason}"));
            }
        }
        if let Some(ramp) = &self.ramp {
            push_field(&mut text, "following", &ramp_text(ramp, self.paused));
        }
        if let Some(waits) = self.gate.as_ref().and_then(|gate| gate.waits.as_ref()) {
            push_field(&mut text, "waits", &wait_text(waits));
        }
        if let Some(proof) = &self.proof {
            push_field(&mut text, "proof", proof);
        }
        let failures = match &self.ramp {
            Some(RampStep::Stop { failures }) => failures.as_slice(),
            _ => &[],
        };
        let lacks = self.gate.iter().flat_map(|gate| &gate.lacks);
        let is_listed = |gap: &&Gap| !failures.contains(gap);
        let mut gaps: Vec<&Gap> = failures.iter().chain(lacks.filter(is_listed)).collect();
        // Those first of which nothing is known.
        gaps.sort_by_key(|gap| gap.answer != Answer::Unknown);
        gaps.iter().take(MAX_LINES).for_each(|gap| text.push_str(&gap_text(gap)));
        if gaps.len() > MAX_LINES {
            let more = gaps.len() - MAX_LINES;
            text.push_str(&format!("and {more} more; -o json has all\n"));
        }
        text
    }
}

fn gate_label(gate: Gate) -> &'static str {
    match gate {
        Gate::Switched => "into switched",
        Gate::Reissued => "into reissued",
        Gate::Removed => "into removed",
        Gate::Distrusted => "old CA",
    }
}

fn summary(gate: &GateAnswer) -> String {
    let asked = gate.nodes.saturating_sub(gate.excluded.len());
    let by_file = match gate.by_file {
        0 => String::new(),
        count => format!(", {count} of them by a file only"),
    };
    let what = match gate.gate {
        Gate::Distrusted => "nodes refuse it",
        Gate::Switched | Gate::Reissued | Gate::Removed => "nodes proved",
    };
    let result = AdvanceResult::of(gate).name();
    format!("{result}: {} of {asked} {what}{by_file}", gate.proved)
}

/// The number of nodes in words.
fn count(number: usize) -> String {
    match number {
        1 => "1 node".to_owned(),
        _ => format!("{number} nodes"),
    }
}

/// The nodes whose turn has not come.
fn wait_text(waits: &NodeWait) -> String {
    let NodeWait { nodes, later, until, is_paused } = waits;
    let what = match (is_paused, until) {
        (true, _) => "the rotation is paused".to_owned(),
        (false, None) => "those before them are not proved yet".to_owned(),
        (false, Some(until)) if *later == 0 => format!("the last turn comes at {until:.0}"),
        (false, Some(until)) => {
            format!("the turns of this round come until {until:.0}; {later} follow later")
        }
    };
    format!("{}: {what}", count(*nodes))
}

fn ramp_text(ramp: &RampStep, is_paused: bool) -> String {
    match ramp {
        RampStep::Wait { nodes } if nodes.is_empty() => "waits for a first node".to_owned(),
        RampStep::Widen { .. } if is_paused => {
            "the nodes that go first are proved; paused".to_owned()
        }
        RampStep::Widen { round: 0 } => "every canary is proved: more nodes follow".to_owned(),
        RampStep::Widen { .. } => {
            "one more node of each datastore follows: those before it are proved".to_owned()
        }
        RampStep::Wait { nodes } => {
            let more = if nodes.len() > NAMED { ", …" } else { "" };
            let named = nodes.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            format!("waits for {}: {named}{more}", count(nodes.len()))
        }
        RampStep::Stop { failures } if is_paused => {
            format!("paused, since {} failed", count(failures.len()))
        }
        RampStep::Stop { failures } => format!("to be paused: {} failed", count(failures.len())),
        RampStep::Finished => "every node has followed".to_owned(),
    }
}

fn gap_text(gap: &Gap) -> String {
    let mark = match gap.answer {
        Answer::Unknown => LineMark::Warn.paint("unknown", 8),
        Answer::Pass | Answer::Fail => LineMark::Bad.paint("fail", 8),
    };
    let node = gap.node.as_ref().map_or(String::new(), |node| format!("{node}: "));
    let mut text = format!("{mark}{}: {node}{}\n", gap.code.name(), gap.message);
    for hint in &gap.hints {
        let hint = hint.unbroken().replace('\n', "\n              ");
        text.push_str(&format!("        hint: {hint}\n"));
    }
    text
}
