//! The nodes that follow now in the phase `switched`, and those that wait for their turn.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::nodes::FleetNodes;
use crate::node::order::FollowOrder;
use crate::node::trust::{self, TURNS};
use crate::probe::mode::Answer;
use crate::rotation::gate::gap::{Gap, GapCode};
use crate::rotation::gate::ramp::{self, RampRounds, RampStep};
use crate::rotation::gate::waits::WaitingNodes;
use crate::rotation::proof::{LeafLook, NodeProof};
use crate::store::rotation::{Ramp, Rotation, RotationPhase};

/// The nodes by their turns.
pub(super) struct Following {
    rounds: RampRounds,
    /// The turn of each node, if it is known.
    turns: BTreeMap<String, Option<u16>>,
    /// The share of canaries that makes at least one node a canary.
    pub(super) canary_permille: u16,
    /// The order of the nodes of each datastore.
    pub(super) order: Option<FollowOrder>,
}

impl Following {
    /// Finds the turns of the nodes that were looked at. Before the switch, the order is made anew.
    pub(super) fn new(rotation: &Rotation, fleet: &FleetNodes, proofs: &[NodeProof]) -> Self {
        let ramp = &rotation.ramp;
        let has_followers = rotation.phase >= RotationPhase::Switched;
        let order = match has_followers {
            true => ramp.order.clone(),
            // Where all nodes are canaries, they follow at once.
            false => (ramp.canary_permille < TURNS).then(|| fleet.order()),
        };
        let round =
            |node: &crate::node::NodeId| order.as_ref().map_or(0, |order| order.round_of(node));
        let rounds: BTreeMap<String, u16> = fleet
            .targets
            .iter()
            .map(|target| (target.node.to_string(), round(&target.node)))
            .collect();
        let turns: BTreeMap<String, Option<u16>> =
            proofs.iter().map(|proof| (proof.node.clone(), turn_of(proof))).collect();
        let first = |node: &String| rounds.get(node).is_none_or(|round| *round == 0);
        let known = turns.iter().filter(|(node, _)| first(node)).filter_map(|(_, turn)| *turn);
        let canary_permille = trust::canary_permille(known, ramp.canary_permille);
        // A node whose turn is not known counts, so that nothing is decided without it.
        let is_canary = |share: u16| {
            let first = &first;
            move |(node, turn): &(&String, &Option<u16>)| {
                first(node) && turn.is_none_or(|turn| turn < share)
            }
        };
        let chosen = |share| -> BTreeSet<String> {
            turns.iter().filter(is_canary(share)).map(|(node, _)| node.clone()).collect()
        };
        let canaries = chosen(ramp.canary_permille);
        // If every canary is left out, the next node by turn takes their place.
        let canaries = if canaries.is_empty() { chosen(canary_permille) } else { canaries };
        let rounds = RampRounds {
            canaries,
            is_wide: ramp.widened_at.is_some(),
            present: if has_followers { ramp.round } else { 0 },
            rounds,
            last: order.as_ref().map_or(0, FollowOrder::rounds),
        };
        Following { rounds, turns, canary_permille, order }
    }

    /// The share of canaries that the record needs, if all of its canaries are left out.
    pub(super) fn missing_share(&self, ramp: &Ramp) -> Option<u16> {
        let is_missing = !self.rounds.is_wide && self.canary_permille > ramp.canary_permille;
        is_missing.then_some(self.canary_permille)
    }

    /// The next step of the ramp; `None` while a node that is missing or was not looked at may be
    /// one that it waits for.
    pub(super) fn step(
        &self,
        proofs: &[NodeProof],
        lacks: &[Gap],
        now: Timestamp,
    ) -> Option<RampStep> {
        let step = ramp::next(proofs, &self.rounds, now);
        let follows_later = |gap: &Gap| {
            let turn = gap.node.as_ref().and_then(|node| self.turns.get(node).copied().flatten());
            turn.is_some_and(|turn| turn >= self.canary_permille)
        };
        let is_complete = |gap: &Gap| {
            let is_unknown = gap.answer == Answer::Unknown || gap.code == GapCode::PopulationShrank;
            !is_unknown || follows_later(gap)
        };
        let widens = matches!(step, RampStep::Widen { .. });
        (!widens || lacks.iter().all(is_complete)).then_some(step)
    }

    /// The nodes whose turn has not come at `now`.
    pub(super) fn waiting(&self, ramp: &Ramp, now: Timestamp) -> WaitingNodes {
        let (share, rise) = (ramp.permille(now), ramp.rise());
        let mut waiting = WaitingNodes { is_paused: ramp.paused, ..WaitingNodes::default() };
        for (node, turn) in &self.turns {
            let round = self.rounds.rounds.get(node).copied().unwrap_or_default();
            let turn = turn.unwrap_or_default();
            if ramp.paused || round > self.rounds.present {
                waiting.nodes.insert(node.clone(), None);
            } else if round == self.rounds.present && turn >= share {
                waiting.nodes.insert(node.clone(), rise.map(|rise| rise.time_of(turn)));
            }
        }
        waiting
    }
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
