//! The ramp in `switched`: after the canaries, the share of nodes that take new certificates grows.
//! A node that fails stops it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::gap::{Gap, GapCode};
use crate::rotation::proof::{CaSide, LeafLook, NodeProof};

/// The time in which a server may go on showing its former certificate after a new one was stored:
/// the kubelet updates a mounted Secret within two minutes.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);

/// The largest number of nodes that may fail after the canaries, unless a hundredth of the fleet is
/// less.
const FAILURES: usize = 3;

/// The nodes that the ramp waits for, and those that come after them.
#[derive(Debug, Clone, Default)]
pub struct RampRounds {
    /// The nodes that go first, of round 0.
    pub canaries: BTreeSet<String>,
    /// Whether the other nodes of the present round follow already.
    pub is_wide: bool,
    /// The present round.
    pub present: u16,
    /// The round of each node; 0 where the nodes of a datastore have no order.
    pub rounds: BTreeMap<String, u16>,
    /// The round of the nodes that the order does not list.
    pub last: u16,
}

impl RampRounds {
    fn round_of(&self, node: &str) -> u16 {
        self.rounds.get(node).copied().unwrap_or_default()
    }

    /// Whether the ramp waits for a node now.
    fn awaits(&self, node: &str) -> bool {
        let round = self.round_of(node);
        match self.is_wide {
            true => round <= self.present,
            false => round < self.present || self.canaries.contains(node),
        }
    }
}

/// The next step of the ramp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RampStep {
    /// The canaries, or all rounds before this one, are proved: let the other nodes of this round
    /// follow.
    Widen {
        /// The round.
        round: u16,
    },
    /// Canaries, or other nodes, are not done yet.
    Wait {
        /// Those nodes.
        nodes: Vec<String>,
    },
    /// So many nodes failed that no further node should follow.
    Stop {
        /// The failures.
        failures: Vec<Gap>,
    },
    /// The ramp is wide, and every node is proved.
    Finished,
}

/// Decides the next step.
#[must_use]
pub fn next(proofs: &[NodeProof], rounds: &RampRounds, now: Timestamp) -> RampStep {
    let failures: Vec<Gap> = proofs.iter().filter_map(|proof| failure(proof, now)).collect();
    let canaries = &rounds.canaries;
    let of_canary = |gap: &Gap| gap.node.as_ref().is_some_and(|node| canaries.contains(node));
    let nodes: BTreeSet<&str> = proofs.iter().map(|proof| proof.node.as_str()).collect();
    let most = FAILURES.min(nodes.len() / 100);
    if failures.iter().any(of_canary) || failures.len() > most {
        return RampStep::Stop { failures };
    }
    let unproved: BTreeSet<&str> =
        proofs.iter().filter(|proof| !is_proved(proof)).map(|proof| proof.node.as_str()).collect();
    let waiting: Vec<String> =
        unproved.iter().filter(|node| rounds.awaits(node)).map(|node| (*node).to_owned()).collect();
    if !waiting.is_empty() {
        return RampStep::Wait { nodes: waiting };
    }
    let first = unproved.iter().map(|node| rounds.round_of(node)).min();
    match first {
        // Nodes that are not asked about may still have old credentials.
        None if !rounds.is_wide || rounds.present < rounds.last => {
            RampStep::Widen { round: rounds.last }
        }
        None => RampStep::Finished,
        // Without a canary, nothing is proved.
        Some(0) if canaries.is_empty() => RampStep::Wait { nodes: Vec::new() },
        Some(round) => RampStep::Widen { round },
    }
}

/// Whether a node shows a certificate of the new CA that its clients accept.
fn is_proved(proof: &NodeProof) -> bool {
    matches!(&proof.leaf, LeafLook::Seen(leaf) if leaf.signer == CaSide::New
        && leaf.verifies.both && leaf.verifies.new)
}

/// The failure of a node whose certificate was replaced. A node that still has its old certificate,
/// on the wire and stored, is not a failure; nor is one that was not reached.
fn failure(proof: &NodeProof, now: Timestamp) -> Option<Gap> {
    let gap = |code, message| Some(Gap::fail(code, message).of(&proof.node));
    let leaf = match &proof.leaf {
        LeafLook::Seen(leaf) => leaf,
        LeafLook::Unseen(unseen) if unseen.is_fault => {
            return gap(GapCode::NoTls, unseen.message.clone());
        }
        LeafLook::Unseen(_) => return None,
    };
    // A certificate of the old CA that clients refuse was there before the rotation.
    if leaf.signer != CaSide::Old && !leaf.verifies.both {
        let why = leaf.fault.as_ref().map_or("", |fault| fault.message.as_str());
        let message = format!("the server shows a certificate that clients refuse: {why}");
        return gap(GapCode::BadCertificate, message);
    }
    match proof.stored.read() {
        Some(stored)
            if stored.signer == CaSide::New
                && leaf.signer != CaSide::New
                && now > stored.issued + SETTLING =>
        {
            let message = format!(
                "{} has held a certificate of the new CA since {}, and the server has not loaded it",
                stored.place, stored.issued
            );
            gap(GapCode::NotLoaded, message)
        }
        _ => None,
    }
}
