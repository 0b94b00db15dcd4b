//! The record of a CA rotation: its phase, its dates, and the pace at which nodes are re-issued.
//!
//! The record is part of the bundle (`bundle.json`), so that the phase and the roles of the
//! certificates change in one write and cannot disagree.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The maximum number of entries in [`Rotation::history`]; older ones are dropped.
pub const MAX_HISTORY: usize = 32;

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

/// The reason for a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationKind {
    /// A planned rotation: clients get time to load the new bundle.
    Planned,
    /// The old key is compromised: the rotation does not wait, and cannot be rolled back.
    Compromised,
}

/// A rotation that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The identifier of this rotation in labels and documents.
    pub id: Uuid,
    /// The reason for the rotation.
    pub kind: RotationKind,
    /// The present phase.
    pub phase: RotationPhase,
    /// SHA-256 of the CA that signs at the end: the new CA or, after a rollback, the old one.
    pub target: String,
    /// Whether the rotation is being rolled back to the old CA.
    #[serde(default)]
    pub rolled_back: bool,
    /// The number of writes to this record; each write adds one.
    pub step: u64,
    /// The moment at which the phase began.
    pub since: Timestamp,
    /// The operator of the last write: user and host.
    pub by: String,
    /// The earliest time of a switch without `--accept-age`; clients have until then to load the
    /// new bundle.
    pub earliest_switch: Timestamp,
    /// The schedule by which nodes get new certificates.
    pub reissue: Reissue,
    /// The phases so far, the oldest first, at most [`MAX_HISTORY`].
    pub history: Vec<PhaseRecord>,
    /// Fields that a later release wrote; they are kept.
    #[serde(flatten)]
    pub(super) other: Map<String, Value>,
}

/// The schedule by which nodes get certificates of the new CA: first a share of them (canaries),
/// then a linear ramp.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reissue {
    /// The start of the ramp, after the canaries were verified; `None` while only canaries are due.
    pub from: Option<Timestamp>,
    /// The end of the ramp, when every node is due.
    pub until: Option<Timestamp>,
    /// The share of canaries, in thousandths of all nodes.
    pub canary_permille: u16,
    /// Whether re-issuing is paused.
    pub paused: bool,
}

impl Reissue {
    /// The share of nodes, in thousandths, that are due at `now`: 0 while paused, the canaries
    /// until the ramp begins, then linearly all of them.
    #[must_use]
    pub fn permille(&self, now: Timestamp) -> u16 {
        const ALL: u16 = 1000;
        if self.paused {
            return 0;
        }
        let canaries = self.canary_permille.min(ALL);
        let (Some(from), Some(until)) = (self.from, self.until) else { return canaries };
        if now >= until {
            return ALL;
        }
        if now <= from {
            return canaries;
        }
        let length = until.duration_since(from).as_secs().max(1);
        let passed = now.duration_since(from).as_secs();
        let rest = i64::from(ALL - canaries);
        let risen = (rest.saturating_mul(passed) / length).clamp(0, rest);
        canaries + u16::try_from(risen).unwrap_or(ALL - canaries)
    }
}

/// An entry of the history: a phase, and the operator who entered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// The phase.
    pub phase: RotationPhase,
    /// The time at which the phase began.
    pub at: Timestamp,
    /// The operator: user and host.
    pub by: String,
    /// SHA-256 of the report of the phase's checks, or the operator's reasons to skip them.
    pub proof: Option<String>,
    /// Failed checks that the operator accepted: `node db-7: decommissioned on Monday`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
}

impl Rotation {
    /// A rotation in its first phase, to the CA with the fingerprint `target`.
    #[must_use]
    pub fn start(
        id: Uuid,
        kind: RotationKind,
        target: String,
        client_max_age: SignedDuration,
        entry: PhaseRecord,
    ) -> Self {
        Rotation {
            id,
            kind,
            phase: entry.phase,
            target,
            rolled_back: false,
            step: 1,
            since: entry.at,
            by: entry.by.clone(),
            earliest_switch: entry.at.checked_add(client_max_age).unwrap_or(Timestamp::MAX),
            reissue: Reissue { canary_permille: 10, ..Reissue::default() },
            history: vec![entry],
            other: Map::new(),
        }
    }

    /// Enters a phase.
    pub fn enter(&mut self, entry: PhaseRecord) {
        self.step += 1;
        self.phase = entry.phase;
        self.since = entry.at;
        self.by.clone_from(&entry.by);
        self.history.push(entry);
        let excess = self.history.len().saturating_sub(MAX_HISTORY);
        self.history.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn permille_rises_from_the_canaries_to_all_and_stops_while_paused() {
        let mut reissue = Reissue { canary_permille: 10, ..Reissue::default() };
        assert_eq!(reissue.permille(at("2030-01-01T00:00:00Z")), 10);
        reissue.from = Some(at("2030-01-01T00:00:00Z"));
        reissue.until = Some(at("2030-01-02T00:00:00Z"));
        for (now, permille) in [
            ("2029-12-31T00:00:00Z", 10),
            ("2030-01-01T00:00:00Z", 10),
            ("2030-01-01T12:00:00Z", 505),
            ("2030-01-02T00:00:00Z", 1000),
            ("2031-01-01T00:00:00Z", 1000),
        ] {
            assert_eq!(reissue.permille(at(now)), permille, "{now}");
        }
        reissue.paused = true;
        assert_eq!(reissue.permille(at("2031-01-01T00:00:00Z")), 0);
    }

    #[test]
    fn permille_of_a_ramp_without_length_is_all() {
        let moment = Some(at("2030-01-01T00:00:00Z"));
        let reissue = Reissue { from: moment, until: moment, canary_permille: 10, paused: false };
        assert_eq!(reissue.permille(at("2030-01-01T00:00:00Z")), 1000);
    }

    #[test]
    fn history_keeps_the_newest_entries() {
        let entry = |phase| PhaseRecord {
            phase,
            at: at("2030-01-01T00:00:00Z"),
            by: "0@host".to_owned(),
            proof: None,
            accepted: Vec::new(),
        };
        let month = SignedDuration::from_hours(30 * 24);
        let kind = RotationKind::Planned;
        let mut rotation = Rotation::start(
            Uuid::nil(),
            kind,
            "ab".to_owned(),
            month,
            entry(RotationPhase::Staged),
        );
        assert_eq!(rotation.earliest_switch, at("2030-01-31T00:00:00Z"));
        for _ in 0..MAX_HISTORY {
            rotation.enter(entry(RotationPhase::Switched));
        }
        assert_eq!(rotation.history.len(), MAX_HISTORY);
        assert!(rotation.history.iter().all(|entry| entry.phase == RotationPhase::Switched));
        assert_eq!(rotation.step, 33);
    }
}
