//! The nodes whose turn in a rotation has not come: they wait, and are no failures.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::gap::{Gap, GapCode};

/// The nodes whose turn has not come, each with its time, if that is known.
#[derive(Debug, Clone, Default)]
pub struct WaitingNodes {
    /// The nodes.
    pub nodes: BTreeMap<String, Option<Timestamp>>,
    /// Whether an operator, or a failure, has paused the rotation.
    pub is_paused: bool,
}

impl WaitingNodes {
    /// Whether the node of these gaps only waits for its turn: all that it lacks is a certificate of
    /// the new CA.
    #[must_use]
    pub fn explain(&self, node: &str, gaps: &[Gap]) -> bool {
        let is_old = |gap: &Gap| matches!(gap.code, GapCode::OldCertificate | GapCode::StoredOld);
        self.nodes.contains_key(node) && !gaps.is_empty() && gaps.iter().all(is_old)
    }

    /// Sums up those of the nodes that `is_counted`; `None` if there are none.
    #[must_use]
    pub fn sum(&self, is_counted: impl Fn(&str) -> bool) -> Option<NodeWait> {
        let counted: Vec<Option<Timestamp>> =
            self.nodes.iter().filter(|(node, _)| is_counted(node)).map(|(_, time)| *time).collect();
        let until = counted.iter().copied().max()?.filter(|_| !self.is_paused);
        let later = counted.iter().filter(|time| time.is_none()).count();
        Some(NodeWait { nodes: counted.len(), later, until, is_paused: self.is_paused })
    }
}

/// A number of nodes that wait for their turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NodeWait {
    /// Their number.
    pub nodes: usize,
    /// The number of those whose turn has no time yet: nodes that go before are not proved.
    pub later: usize,
    /// The time of the last turn that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether the rotation is paused.
    #[serde(rename = "paused")]
    pub is_paused: bool,
}
