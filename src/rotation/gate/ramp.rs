//! The ramp in `switched`: after the canaries, the share of nodes that take new certificates grows.
//! A node that fails stops it.

use std::collections::BTreeSet;

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

/// The next step of the ramp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum RampStep {
    /// Every canary is proved: let the other nodes follow.
    Widen,
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

/// Decides the next step. `canaries` are the nodes that go first; `is_wide` says whether the other
/// nodes follow already.
#[must_use]
pub fn next(
    proofs: &[NodeProof],
    canaries: &BTreeSet<String>,
    is_wide: bool,
    now: Timestamp,
) -> RampStep {
    let failures: Vec<Gap> = proofs.iter().filter_map(|proof| failure(proof, now)).collect();
    let of_canary = |gap: &Gap| gap.node.as_ref().is_some_and(|node| canaries.contains(node));
    let nodes: BTreeSet<&str> = proofs.iter().map(|proof| proof.node.as_str()).collect();
    let most = FAILURES.min(nodes.len() / 100);
    if failures.iter().any(of_canary) || failures.len() > most {
        return RampStep::Stop { failures };
    }
    let is_asked = |node: &str| is_wide || canaries.contains(node);
    let waiting: BTreeSet<String> = proofs
        .iter()
        .filter(|proof| is_asked(&proof.node) && !is_proved(proof))
        .map(|proof| proof.node.clone())
        .collect();
    match (waiting.is_empty(), is_wide) {
        (false, _) => RampStep::Wait { nodes: waiting.into_iter().collect() },
        (true, false) => RampStep::Widen,
        (true, true) => RampStep::Finished,
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
