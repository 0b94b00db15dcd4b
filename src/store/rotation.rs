//! The record of a CA rotation, in the bundle: its phase, its two CAs, and the speed at which nodes
//! follow.
//!
//! Phase and roles are in one Secret, so that one compare-and-swap changes both.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::node::order::FollowOrder;
use crate::node::trust::{ShareRise, TURNS};
use crate::store::holders::KnownHolders;
use crate::store::secret::Secret;

/// The person or job that writes a record, and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The user and host, as `alice@ops-1`.
    pub name: String,
    /// The time of the command.
    pub at: Timestamp,
}

/// The annotation of a Secret that a rotation writes: the rotation's id and step. Each write of a
/// switch changes it, so that a slower process with an older version of the Secret cannot write.
pub const STEP: &str = "ccx-sec/rotation-step";

/// The annotation of a Secret that a rotation keeps beside the CA's own two: the name of the CA.
const OF_CA: &str = "ccx-sec/rotation-of";

/// Marks a new Secret as one that a rotation of the CA `ca` keeps.
#[must_use]
pub fn marked(mut secret: Secret, ca: &str) -> Secret {
    secret.annotations.insert(OF_CA.to_owned(), ca.to_owned());
    secret
}

/// The CA whose rotation keeps the Secret, if any does.
#[must_use]
pub fn rotation_owner(secret: &Secret) -> Option<&str> {
    secret.annotations.get(OF_CA).map(String::as_str).filter(|_| secret.is_ours())
}

/// Whether a rotation of the CA `ca` made the Secret. A CA of the same name is another matter.
#[must_use]
pub fn is_of_rotation(secret: &Secret, ca: &str) -> bool {
    rotation_owner(secret) == Some(ca)
}

/// The name of the Secret with the key of the next CA.
#[must_use]
pub fn next_name(ca: &str) -> String {
    format!("{ca}-next")
}

/// The name of the Secret with the key of the previous CA.
#[must_use]
pub fn previous_name(ca: &str) -> String {
    format!("{ca}-previous")
}

/// The name of the Secret with the lists of nodes that the gates asked about.
#[must_use]
pub fn list_name(ca: &str) -> String {
    format!("{ca}-fleet")
}

/// The phase of a rotation from the old CA to the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationPhase {
    /// The bundle holds both CAs; the old one signs.
    Staged,
    /// The signing CA is being replaced. A crash leaves this phase, and the next command resumes.
    Switching,
    /// The new CA signs; nodes take new certificates.
    Switched,
    /// Every node has a certificate of the new CA.
    Reissued,
    /// The bundle holds the new CA only; the old key is still in the store.
    Removed,
}

impl RotationPhase {
    /// The name in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RotationPhase::Staged => "staged",
            RotationPhase::Switching => "switching",
            RotationPhase::Switched => "switched",
            RotationPhase::Reissued => "reissued",
            RotationPhase::Removed => "removed",
        }
    }
}

/// The cause of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationKind {
    /// The key is replaced in time; clients get the new CA first.
    Planned,
    /// The old key was stolen: nothing waits, and nothing goes back to it.
    Compromised,
}

impl RotationKind {
    /// The name in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RotationKind::Planned => "planned",
            RotationKind::Compromised => "compromised",
        }
    }
}

/// The share of nodes that may take a certificate of the target now. It is the canary share until
/// the canaries are proved, then rises evenly to all nodes over the window. Where the nodes of each
/// datastore have an order, this happens in each round, over an equal part of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ramp {
    /// The share of canaries, in thousandths of all nodes.
    pub canary_permille: u16,
    /// The time from the proof of the canaries until all nodes may follow, in seconds.
    pub window_seconds: u64,
    /// The moment at which the canaries were proved, or the present round began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widened_at: Option<Timestamp>,
    /// Whether no further node follows.
    #[serde(default)]
    pub paused: bool,
    /// The start of the pause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<Timestamp>,
    /// The order in which the nodes of each datastore follow; `None` in records of releases that
    /// knew none, and where all nodes are canaries. It is written beside the ramp.
    #[serde(default, skip_serializing)]
    pub order: Option<FollowOrder>,
    /// The round of that order in which nodes follow now, counted from 0.
    #[serde(default, skip_serializing)]
    pub round: u16,
}

impl Ramp {
    /// A ramp that has not begun.
    #[must_use]
    pub fn new(canary_permille: u16, window_seconds: u64) -> Self {
        Ramp {
            canary_permille,
            window_seconds,
            widened_at: None,
            paused: false,
            paused_at: None,
            order: None,
            round: 0,
        }
    }

    /// The number of rounds in which the nodes of each datastore follow.
    #[must_use]
    pub fn rounds(&self) -> u16 {
        self.order.as_ref().map_or(1, |order| order.rounds().max(1))
    }

    /// The rise of the share in the present round; `None` before the canaries are proved.
    #[must_use]
    pub fn rise(&self) -> Option<ShareRise> {
        let first = match self.round {
            0 => self.canary_permille.min(TURNS),
            _ => 0,
        };
        let seconds = self.window_seconds / u64::from(self.rounds());
        self.widened_at.map(|from| ShareRise { first, from, seconds })
    }

    /// Ends a pause, without counting it.
    pub fn end_pause(&mut self) {
        (self.paused, self.paused_at) = (false, None);
    }

    /// The share of nodes that may follow at `now`, in thousandths; 0 while paused.
    #[must_use]
    pub fn permille(&self, now: Timestamp) -> u16 {
        if self.paused {
            return 0;
        }
        self.rise().map_or(self.canary_permille.min(TURNS), |rise| rise.permille(now))
    }
}

/// A phase that was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseEntry {
    /// The phase.
    pub phase: RotationPhase,
    /// SHA-256 of the CA certificate that the phase led to.
    pub target: String,
    /// The time.
    pub at: Timestamp,
    /// The user and host.
    pub by: String,
    /// SHA-256 of the proof that opened the gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// The gaps of the proof that a person accepted, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
}

/// A rotation that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")] // `rotation_order` has the traits
pub struct Rotation {
    /// A random number in hexadecimal that no other rotation has.
    pub id: String,
    /// The cause.
    pub kind: RotationKind,
    /// The present phase.
    pub phase: RotationPhase,
    /// SHA-256 of the CA certificate that signed before. A rollback after the switch exchanges it
    /// with `target`.
    pub from: String,
    /// SHA-256 of the CA certificate that signs at the end.
    pub target: String,
    /// The generation of the CA `from`, which leaves the bundle before the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_generation: Option<u32>,
    /// The number of writes of this record.
    pub step: u64,
    /// The start of the present phase.
    pub since: Timestamp,
    /// The user and host of the last write.
    pub by: String,
    /// The first moment of a switch: clients have taken the bundle by then.
    pub earliest_switch: Timestamp,
    /// The time that clients have to take the bundle before a switch, in seconds.
    #[serde(default)]
    pub client_max_age_seconds: u64,
    /// The speed at which nodes follow.
    pub ramp: Ramp,
    /// Nodes that no gate asks about, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub excluded: BTreeMap<String, String>,
    /// SHA-256 of the sorted names of the nodes that the last gate asked about, and their number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Population>,
    /// The clients that were recorded at the start, or at the last gate that asked for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_holders: Option<KnownHolders>,
    /// The phases that were entered, the oldest first, at most [`HISTORY`] of them.
    #[serde(default)]
    pub history: Vec<PhaseEntry>,
    /// SHA-256 of the proof that every node refuses the old CA, in the phase `removed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distrusted: Option<String>,
    /// The last time that a job asked the gate of this phase, and the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<GateInquiry>,
    /// Whether the rotation goes back to the CA that signed before it: `from` is the CA that the
    /// start made, and `target` the older one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub going_back: bool,
    /// Whether the old key is being deleted: nothing goes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forgetting: bool,
    /// Fields that a later release wrote, which a write preserves.
    #[serde(flatten)]
    pub(super) other: Map<String, Value>,
}

/// A rotation that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedRotation {
    /// The number of the rotation.
    pub id: String,
    /// The cause.
    pub kind: RotationKind,
    /// SHA-256 of the CA certificate that was given up.
    pub from: String,
    /// SHA-256 of the CA certificate that signs since.
    pub target: String,
    /// The start.
    pub started: Timestamp,
    /// The end.
    pub ended: Timestamp,
    /// The user and host that ended it.
    pub by: String,
}

/// The nodes that a gate asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Population {
    /// Their number.
    pub count: usize,
    /// SHA-256 of their sorted names, each followed by a line feed.
    pub sha256: String,
}

/// A gate that a job asked, and that did not lead to another phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateInquiry {
    /// The time.
    pub at: Timestamp,
    /// `pass`, `fail` or `unknown`.
    pub answer: String,
}

/// The most entries in [`Rotation::history`].
pub const HISTORY: usize = 32;

impl Rotation {
    /// A rotation that has just been staged.
    #[must_use]
    pub fn staged(
        id: String,
        kind: RotationKind,
        (from, target): (String, String),
        earliest_switch: Timestamp,
        ramp: Ramp,
        operator: &Operator,
    ) -> Self {
        let mut rotation = Rotation {
            id,
            kind,
            phase: RotationPhase::Staged,
            from,
            target,
            from_generation: None,
            step: 0,
            since: operator.at,
            by: operator.name.clone(),
            earliest_switch,
            client_max_age_seconds: u64::try_from(
                earliest_switch.duration_since(operator.at).as_secs(),
            )
            .unwrap_or_default(),
            ramp,
            excluded: BTreeMap::new(),
            population: None,
            known_holders: None,
            history: Vec::new(),
            distrusted: None,
            asked: None,
            going_back: false,
            forgetting: false,
            other: Map::new(),
        };
        rotation.enter(RotationPhase::Staged, operator, None, Vec::new());
        rotation
    }

    /// Whether the CA that the start made has signed, or may have.
    #[must_use]
    pub fn has_switched(&self) -> bool {
        let is_switch = |entry: &PhaseEntry| entry.phase != RotationPhase::Staged;
        self.going_back || self.history.iter().any(is_switch)
    }

    /// Enters a phase, and adds it to the history.
    pub fn enter(
        &mut self,
        phase: RotationPhase,
        operator: &Operator,
        proof: Option<String>,
        accepted: Vec<String>,
    ) {
        self.phase = phase;
        (self.distrusted, self.asked) = (None, None);
        self.since = operator.at;
        self.touch(operator);
        let (target, by, at) = (self.target.clone(), operator.name.clone(), operator.at);
        self.history.push(PhaseEntry { phase, target, at, by, proof, accepted });
        let excess = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..excess);
    }

    /// The record of the rotation after its end.
    #[must_use]
    pub fn ended(&self, operator: &Operator) -> EndedRotation {
        EndedRotation {
            id: self.id.clone(),
            kind: self.kind,
            from: self.from.clone(),
            target: self.target.clone(),
            started: self.history.first().map_or(self.since, |entry| entry.at),
            ended: operator.at,
            by: operator.name.clone(),
        }
    }

    /// The value of the annotation [`STEP`] of a Secret that is written in this step.
    #[must_use]
    pub fn step_label(&self) -> String {
        format!("{}/{}", self.id, self.step)
    }

    /// Counts a write within the present phase.
    pub fn touch(&mut self, operator: &Operator) {
        self.step += 1;
        self.by.clone_from(&operator.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn ramp_waits_for_the_canaries_and_then_rises_evenly_over_its_window() {
        let mut ramp = Ramp::new(10, 86_400);
        assert_eq!(ramp.permille(at("2030-01-01T00:00:00Z")), 10);
        ramp.widened_at = Some(at("2026-01-01T00:00:00Z"));
        for (now, permille) in [
            ("2025-12-31T00:00:00Z", 10),
            ("2026-01-01T00:00:00Z", 10),
            ("2026-01-01T12:00:00Z", 505),
            ("2026-01-01T23:59:59Z", 999),
            ("2026-01-02T00:00:00Z", 1000),
        ] {
            assert_eq!(ramp.permille(at(now)), permille, "{now}");
        }
        ramp.paused = true;
        assert_eq!(ramp.permille(at("2026-01-02T00:00:00Z")), 0);
        let all = Ramp { window_seconds: 0, paused: false, ..ramp };
        assert_eq!(all.permille(at("2026-01-01T00:00:00Z")), 1000);
    }
}
