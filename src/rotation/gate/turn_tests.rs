//! Whole ramps, in any order of the runs of nodes, of servers that load late, and of the command
//! that proves them.

use jiff::SignedDuration;
use uuid::Uuid;

use super::ramp::{RampRounds, RampStep, next};
use super::tests::{leaf, proof};
use super::*;
use crate::node::order::FollowOrder;
use crate::node::trust::{PresentRound, RotationPace, ShareRise, canary_permille, turn};
use crate::node::{NodeId, NodeRole};
use crate::rotation::proof::CaSide;

const WINDOW: u64 = 3600;

/// The certificates of a node in one ramp.
struct RampNode {
    id: NodeId,
    role: Option<NodeRole>,
    turn: u16,
    /// Whether its job has taken the new certificate.
    has_taken: bool,
    /// Whether its server has loaded it.
    has_loaded: bool,
    /// Whether a run of the command saw it.
    is_proved: bool,
}

/// Numbers that look random (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % limit
    }
}

fn fleet(numbers: &mut Numbers) -> Vec<RampNode> {
    let mut nodes = Vec::new();
    for datastore in 0..1 + numbers.below(5) as u128 {
        let count = 1 + numbers.below(4);
        let has_roles = numbers.below(3) > 0;
        for number in 0..count {
            let name = format!("db-{number}").parse().expect("a name");
            let id = NodeId { datastore: Uuid::from_u128(datastore), name };
            let role = match number {
                0 => NodeRole::Primary,
                _ => NodeRole::Replica,
            };
            nodes.push(RampNode {
                turn: turn(id.to_string().as_bytes()),
                role: has_roles.then_some(role),
                id,
                has_taken: false,
                has_loaded: false,
                is_proved: false,
            });
        }
    }
    nodes
}

#[test]
fn no_order_of_runs_moves_two_nodes_of_a_datastore_at_once_or_a_primary_first() {
    for seed in 1..400 {
        let mut numbers = Numbers(seed * 0x9e37_79b9);
        let mut nodes = fleet(&mut numbers);
        let order = FollowOrder::new(nodes.iter().map(|node| (&node.id, node.role)));
        let first = nodes.iter().filter(|node| order.round_of(&node.id) == 0);
        let share = canary_permille(first.map(|node| node.turn), 10);
        let (mut round, mut widened): (u16, Option<Timestamp>) = (0, None);
        let mut now = "2030-01-01T00:00:00Z".parse().expect("a time");
        let mut steps = 0;
        while nodes.iter().any(|node| !node.is_proved) {
            steps += 1;
            assert!(steps < 20_000, "seed {seed}: it never ends");
            now += SignedDuration::from_secs(numbers.below(600).try_into().expect("seconds"));
            let rise = widened.map(|from| ShareRise {
                first: if round == 0 { share } else { 0 },
                from,
                seconds: WINDOW / u64::from(order.rounds()),
            });
            let pace = RotationPace {
                permille: rise.map_or(share, |rise| rise.permille(now)),
                rise,
                present: Some(PresentRound { order: order.clone(), round }),
                ..RotationPace::unlimited()
            };
            let one = numbers.below(nodes.len());
            match numbers.below(6) {
                0..=2 => {
                    let node = &nodes[one];
                    let delay = pace.delay_of(Some(order.round_of(&node.id)), node.turn);
                    if node.has_taken || delay.is_some() {
                        continue;
                    }
                    let (id, role) = (node.id.clone(), node.role);
                    for other in nodes
                        .iter()
                        .filter(|other| other.id.datastore == id.datastore && other.id != id)
                    {
                        assert!(
                            !other.has_taken || other.is_proved,
                            "seed {seed}: {id} follows before {} is proved",
                            other.id
                        );
                        let is_early = role == Some(NodeRole::Primary)
                            && other.role == Some(NodeRole::Replica)
                            && !other.is_proved;
                        assert!(!is_early, "seed {seed}: the primary {id} goes first");
                    }
                    nodes[one].has_taken = true;
                }
                3 | 4 => nodes[one].has_loaded = nodes[one].has_taken,
                _ => {
                    let proofs: Vec<NodeProof> = nodes
                        .iter_mut()
                        .map(|node| {
                            node.is_proved = node.has_loaded;
                            let signer = if node.has_loaded { CaSide::New } else { CaSide::Old };
                            NodeProof {
                                node: node.id.to_string(),
                                leaf: leaf(signer),
                                ..proof(1, CaSide::Old)
                            }
                        })
                        .collect();
                    let is_canary =
                        |node: &&RampNode| order.round_of(&node.id) == 0 && node.turn < share;
                    let rounds = RampRounds {
                        canaries: nodes
                            .iter()
                            .filter(is_canary)
                            .map(|n| n.id.to_string())
                            .collect(),
                        is_wide: widened.is_some(),
                        present: round,
                        rounds: nodes
                            .iter()
                            .map(|node| (node.id.to_string(), order.round_of(&node.id)))
                            .collect(),
                        last: order.rounds(),
                    };
                    if let RampStep::Widen { round: next } = next(&proofs, &rounds, now) {
                        (round, widened) = (next, Some(now));
                    }
                }
            }
        }
    }
}
