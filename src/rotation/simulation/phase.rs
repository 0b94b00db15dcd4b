//! The phases of a rotation, and when each of them is in force.

use jiff::Timestamp;
use serde::Serialize;

/// A phase of a rotation, as a plan looks at it. In order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SimulatedPhase {
    /// No rotation: everything is of the old CA.
    Idle,
    /// The old CA signs; nodes and clients take the bundle that holds both CAs.
    Staged,
    /// The next CA signs; certificates of both CAs are in use.
    Switched,
    /// Every certificate in use is of the next CA; every bundle holds both CAs.
    Reissued,
    /// Nodes and clients take the bundle without the old CA.
    Removed,
}

impl SimulatedPhase {
    /// All phases, in order.
    pub const ALL: [SimulatedPhase; 5] = [
        SimulatedPhase::Idle,
        SimulatedPhase::Staged,
        SimulatedPhase::Switched,
        SimulatedPhase::Reissued,
        SimulatedPhase::Removed,
    ];

    /// The name in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SimulatedPhase::Idle => "idle",
            SimulatedPhase::Staged => "staged",
            SimulatedPhase::Switched => "switched",
            SimulatedPhase::Reissued => "reissued",
            SimulatedPhase::Removed => "removed",
        }
    }

    /// The phase that follows; the last one follows itself.
    #[must_use]
    pub fn next(self) -> Self {
        let mut later = SimulatedPhase::ALL.into_iter().filter(|phase| *phase > self);
        later.next().unwrap_or(self)
    }
}

/// The times at which the phases begin. A phase ends when the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// The current time.
    pub now: Timestamp,
    /// The next CA signs from here on.
    pub switched: Timestamp,
    /// Every certificate of the old CA is replaced.
    pub reissued: Timestamp,
    /// The old CA leaves the bundle.
    pub removed: Timestamp,
}

impl Schedule {
    /// The first and the last moment of a phase; none before the current time.
    #[must_use]
    pub fn span(&self, phase: SimulatedPhase) -> (Timestamp, Timestamp) {
        let (from, until) = match phase {
            SimulatedPhase::Idle => (self.now, self.now),
            SimulatedPhase::Staged => (self.now, self.switched),
            SimulatedPhase::Switched => (self.switched, self.reissued),
            SimulatedPhase::Reissued => (self.reissued, self.removed),
            SimulatedPhase::Removed => (self.removed, self.removed),
        };
        let from = from.max(self.now);
        (from, until.max(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_follow_each_other_in_order() {
        let mut phase = SimulatedPhase::Idle;
        for expected in SimulatedPhase::ALL {
            assert_eq!(phase, expected);
            phase = phase.next();
        }
        assert_eq!(phase, SimulatedPhase::Removed);
    }

    #[test]
    fn no_phase_begins_before_now_or_ends_before_it_begins() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        let late = Schedule { now: at(50), switched: at(10), reissued: at(60), removed: at(20) };
        for phase in SimulatedPhase::ALL {
            let (from, until) = late.span(phase);
            assert!(at(50) <= from && from <= until, "{phase:?}");
        }
        assert_eq!(late.span(SimulatedPhase::Switched), (at(50), at(60)));
    }
}
