//! The gates between the phases of a rotation. Pure: proofs in, answers out.
//!
//! ```text
//! gap     a demand of a gate that is not met, and what mends it
//! holder  the demand on the clients
//! node    the demands on one node                        ramp    the stop rule and the next share
//! waits   the nodes whose turn has not come
//! ```
//!
//! A node that was not looked at is unknown, and unknown is never a pass.

pub mod gap;
mod holder;
mod node;
pub mod ramp;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod turn_tests;
pub mod waits;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::probe::mode::Answer;
use crate::rotation::bundle_holders::HolderEvidence;
use crate::rotation::proof::NodeProof;
use crate::rotation::proof::stored::StoredLook;
use gap::{Gap, GapCode};
use waits::{NodeWait, WaitingNodes};

/// A gate, named after the phase behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Every node trusts the new CA.
    Switched,
    /// Every node shows a certificate of the new CA.
    Reissued,
    /// The same, shortly before the old CA leaves the bundle.
    Removed,
    /// No gate, but the proof after `removed`: no node trusts the old CA.
    Distrusted,
}

impl Gate {
    /// The name in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Gate::Switched => "switched",
            Gate::Reissued => "reissued",
            Gate::Removed => "removed",
            Gate::Distrusted => "distrusted",
        }
    }
}

/// The simulation of the phase behind a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimulationAnswer {
    /// No connection fails that works today.
    Green,
    /// These fail.
    Red(Vec<Gap>),
    /// It could not be made, or not for all.
    Unknown(String),
}

/// The facts of the rotation that the gates ask for.
#[derive(Debug, Clone)]
pub struct RotationFacts<'a> {
    /// The beginning of the present phase.
    pub since: Timestamp,
    /// The time before which the CA is not switched, so that every client has the bundle.
    pub earliest_switch: Timestamp,
    /// The reason of `--accept-age`, which passes over the time.
    pub accept_age: Option<&'a str>,
    /// The first moment at which the new CA is valid.
    pub target_not_before: Timestamp,
    /// Nodes that were left out, with reasons.
    pub excluded: &'a BTreeMap<String, String>,
    /// Whether the key of the old CA is in its Secret.
    pub previous_key: PreviousKey,
}

/// The Secret with the key of the old CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviousKey {
    /// It holds certificate and key.
    Held,
    /// It is missing, or holds something else: the text says what.
    Lost(String),
    /// It was not read.
    Unread,
}

/// The question to a gate.
#[derive(Debug, Clone)]
pub struct GateRequest<'a> {
    /// The gate.
    pub gate: Gate,
    /// The rotation.
    pub rotation: RotationFacts<'a>,
    /// The proofs, one for each node that was looked at.
    pub proofs: &'a [NodeProof],
    /// All nodes of the fleet now.
    pub fleet: &'a BTreeSet<String>,
    /// The nodes at the last gate; `None` before the first.
    pub fleet_before: Option<&'a BTreeSet<String>>,
    /// Stored credentials of nodes outside `fleet`.
    pub others: &'a [(String, StoredLook)],
    /// The records of clients; `None` where the gate does not ask them.
    pub holders: Option<&'a HolderEvidence>,
    /// The number of clients without the new CA that a person accepts.
    pub accept_holders: Option<u64>,
    /// The simulation of the phase behind the gate.
    pub simulation: &'a SimulationAnswer,
    /// The nodes whose turn to follow has not come.
    pub waiting: &'a WaitingNodes,
    /// The time.
    pub now: Timestamp,
}

/// The answer of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateAnswer {
    /// The gate.
    pub gate: Gate,
    /// Whether it opens.
    pub answer: Answer,
    /// The number of nodes of the fleet.
    pub nodes: usize,
    /// The number of nodes that meet every demand.
    pub proved: usize,
    /// Of those, the number for which the evidence is a file.
    pub by_file: usize,
    /// Nodes that were left out, with reasons.
    pub excluded: BTreeMap<String, String>,
    /// The records of clients, where the gate asked them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holders: Option<HolderEvidence>,
    /// The demands that are not met.
    pub lacks: Vec<Gap>,
    /// The nodes that lack a certificate of the new CA because their turn has not come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<NodeWait>,
}

impl GateAnswer {
    /// Whether the gate is shut only because nodes wait for their turn.
    #[must_use]
    pub fn only_waits(&self) -> bool {
        self.waits.is_some() && self.lacks.is_empty()
    }
}

/// Whether a node meets every demand of a gate.
#[must_use]
pub fn is_proved(gate: Gate, proof: &NodeProof) -> bool {
    node::gaps(gate, proof).is_empty()
}

/// Asks a gate.
#[must_use]
pub fn ask(request: &GateRequest<'_>) -> GateAnswer {
    let mut lacks = of_rotation(request);
    let excluded = request.rotation.excluded;
    let mut seen: BTreeMap<&str, Vec<&NodeProof>> = BTreeMap::new();
    for proof in request.proofs {
        seen.entry(&proof.node).or_default().push(proof);
    }
    let (mut proved, mut by_file) = (0, 0);
    let mut waits: BTreeSet<&str> = BTreeSet::new();
    for name in request.fleet.iter().filter(|name| !excluded.contains_key(*name)) {
        let Some(proofs) = seen.get(name.as_str()) else {
            let message = "the node was not looked at".to_owned();
            lacks.push(Gap::unknown(GapCode::NotLookedAt, message).of(name));
            continue;
        };
        let found: Vec<Gap> =
            proofs.iter().flat_map(|proof| node::gaps(request.gate, proof)).collect();
        if request.gate == Gate::Reissued && request.waiting.explain(name, &found) {
            waits.insert(name);
            continue;
        }
        if found.is_empty() {
            proved += 1;
            by_file +=
                usize::from(proofs.iter().any(|proof| node::is_by_file(request.gate, proof)));
        }
        lacks.extend(found);
    }
    let is_counted = |name: &str| !excluded.contains_key(name) && !waits.contains(name);
    let others = request.others.iter().filter(|(name, _)| is_counted(name));
    lacks.extend(others.filter_map(|(name, stored)| match request.gate {
        Gate::Switched => node::of_other_trust(name, stored),
        Gate::Reissued | Gate::Removed => node::of_other_node(name, stored),
        Gate::Distrusted => None,
    }));
    let lacks = gap::merged(lacks);
    let waits = request.waiting.sum(|node| waits.contains(node));
    let answer = match &lacks {
        lacks if lacks.iter().any(|gap| gap.answer == Answer::Fail) => Answer::Fail,
        lacks if lacks.is_empty() && waits.is_none() => Answer::Pass,
        lacks if lacks.is_empty() => Answer::Fail,
        _ => Answer::Unknown,
    };
    let excluded = excluded.clone();
    let nodes = request.fleet.len();
    let holders = request.holders.cloned();
    GateAnswer {
        gate: request.gate,
        answer,
        nodes,
        proved,
        by_file,
        excluded,
        holders,
        lacks,
        waits,
    }
}

/// The demands on the rotation and the fleet as a whole.
fn of_rotation(request: &GateRequest<'_>) -> Vec<Gap> {
    let GateRequest { gate, rotation, now, .. } = request;
    let mut lacks = Vec::new();
    if *now < rotation.since {
        let message = format!(
            "the clock is wrong here or was wrong there: it is {now}, and the phase began at {}",
            rotation.since
        );
        lacks.push(Gap::unknown(GapCode::Clock, message));
    }
    if *gate == Gate::Switched {
        if *now < rotation.earliest_switch && rotation.accept_age.is_none() {
            let message = format!(
                "clients may hold a bundle without the new CA until {:.0}",
                rotation.earliest_switch
            );
            lacks.push(
                Gap::fail(GapCode::TooEarly, message)
                    .hint("wait until then; or say why it can be earlier: --accept-age REASON"),
            );
        }
        if *now < rotation.target_not_before {
            let message =
                format!("the new CA is not valid before {:.0}", rotation.target_not_before);
            lacks.push(Gap::fail(GapCode::TargetNotYetValid, message).hint("wait until then"));
        }
    }
    if let Some(evidence) = request.holders {
        lacks.extend(holder::gaps(evidence, request.accept_holders));
    }
    if *gate == Gate::Distrusted {
        match &rotation.previous_key {
            PreviousKey::Held => {}
            PreviousKey::Lost(what) => lacks.push(
                Gap::fail(GapCode::PreviousKeyMissing, what.clone())
                    .hint("restore it from a backup, or a rollback is not possible"),
            ),
            PreviousKey::Unread => {
                let message = "the Secret with the key of the old CA was not read".to_owned();
                lacks.push(Gap::unknown(GapCode::PreviousKeyMissing, message));
            }
        }
    }
    if request.fleet.is_empty() {
        let message = "there is no node that could prove anything".to_owned();
        lacks.push(Gap::unknown(GapCode::NotLookedAt, message));
    }
    let gone = request.fleet_before.into_iter().flatten();
    let is_gone =
        |name: &&String| !request.fleet.contains(*name) && !rotation.excluded.contains_key(*name);
    for name in gone.filter(is_gone) {
        let message = "the node was there at the last gate, and is not among the nodes now";
        lacks.push(
            Gap::fail(GapCode::PopulationShrank, message.to_owned())
                .of(name)
                .hint(format!("put it back; or, if it is gone for good: --exclude {name}=REASON")),
        );
    }
    if matches!(gate, Gate::Switched | Gate::Removed) {
        match request.simulation {
            SimulationAnswer::Green => {}
            SimulationAnswer::Red(what) => {
                lacks.extend(what.iter().cloned());
                if what.is_empty() {
                    let message = "connections would fail".to_owned();
                    lacks.push(Gap::fail(GapCode::SimulationRed, message));
                }
            }
            SimulationAnswer::Unknown(why) => {
                let message = format!("the simulation is not complete: {why}");
                lacks.push(Gap::unknown(GapCode::SimulationUnknown, message));
            }
        }
    }
    lacks
}
