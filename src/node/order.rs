//! The order in which the nodes of a datastore follow a rotation of the CA.
//!
//! The nodes follow in rounds: in each round one node of each datastore, replicas before primaries.
//! A round begins when every node of the rounds before is proved. So two nodes of a datastore never
//! change at once, whenever their jobs run, and a bad certificate meets a replica first.
//!
//! The command that switches the CA knows all nodes and their roles, and publishes the order in the
//! bundle, which every node reads. It has eight bytes for each node: six of the digest of its name,
//! and its round.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::node::{NodeId, NodeRole};
use crate::pki::certificate::Certificate;

/// The length of the part of a node's digest that names it.
const KEY: usize = 6;
/// The length of an entry.
const ENTRY: usize = KEY + 2;

type NodeKey = [u8; KEY];

/// The round of each node.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FollowOrder(BTreeMap<NodeKey, u16>);

impl FollowOrder {
    /// Orders the nodes of each datastore: replicas, then nodes without a known role, then
    /// primaries. Within a role, the digest of the name decides.
    #[must_use]
    pub fn new<'a>(nodes: impl IntoIterator<Item = (&'a NodeId, Option<NodeRole>)>) -> Self {
        let mut datastores: BTreeMap<Uuid, Vec<(u8, NodeKey)>> = BTreeMap::new();
        for (id, role) in nodes {
            let place = match role {
                Some(NodeRole::Replica) => 0,
                None => 1,
                Some(NodeRole::Primary) => 2,
            };
            datastores.entry(id.datastore).or_default().push((place, key(id)));
        }
        let mut rounds = BTreeMap::new();
        let mut alike = Vec::new();
        for mut nodes in datastores.into_values() {
            nodes.sort_unstable();
            for (round, (_, key)) in (0..=u16::MAX - 2).zip(nodes) {
                if rounds.insert(key, round).is_some() {
                    alike.push(key);
                }
            }
        }
        // Nodes that cannot be told apart follow last, as nodes that are not listed.
        rounds.retain(|key, _| !alike.contains(key));
        FollowOrder(rounds)
    }

    /// The number of rounds of the listed nodes. Nodes that are not listed follow in one more.
    #[must_use]
    pub fn rounds(&self) -> u16 {
        self.0.values().max().map_or(0, |last| last + 1)
    }

    /// The round of a node, counted from 0.
    #[must_use]
    pub fn round_of(&self, id: &NodeId) -> u16 {
        self.0.get(&key(id)).copied().unwrap_or_else(|| self.rounds())
    }

    /// The round of the node that a certificate names; `None` for the certificate of a client.
    #[must_use]
    pub fn round_of_certificate(&self, certificate: &Certificate) -> Option<u16> {
        let names: Vec<NodeId> = certificate
            .names()
            .dns
            .iter()
            .filter_map(|name| NodeId::from_host(&name.to_ascii_lowercase()).map(|(id, _)| id))
            .collect();
        // Further names may be those of other nodes, or of the datastore as a whole.
        let own = certificate.common_name().and_then(|common_name| {
            let name = common_name.split('.').next().unwrap_or_default().to_owned();
            names.iter().find(|id| {
                let host = format!("{}.{}.", id.name, id.datastore);
                common_name.starts_with(&host) || (common_name == name && id.name.as_str() == name)
            })
        });
        match own {
            Some(id) => Some(self.round_of(id)),
            None => names.iter().map(|id| self.round_of(id)).max(),
        }
    }
}

fn key(id: &NodeId) -> NodeKey {
    let hash = digest(&SHA256, id.to_string().as_bytes());
    let mut key = [0; KEY];
    key.copy_from_slice(&hash.as_ref()[..KEY]);
    key
}

impl From<FollowOrder> for String {
    fn from(order: FollowOrder) -> String {
        let entry = |(key, round): (&NodeKey, &u16)| -> Vec<u8> {
            key.iter().copied().chain(round.to_be_bytes()).collect()
        };
        BASE64.encode(order.0.iter().flat_map(entry).collect::<Vec<u8>>())
    }
}

impl TryFrom<String> for FollowOrder {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = BASE64.decode(text).map_err(|error| error.to_string())?;
        let (entries, []) = bytes.as_chunks::<ENTRY>() else {
            return Err("the order of the nodes is cut off".to_owned());
        };
        let entry = |[a, b, c, d, e, f, high, low]: &[u8; ENTRY]| {
            ([*a, *b, *c, *d, *e, *f], u16::from_be_bytes([*high, *low]).min(u16::MAX - 2))
        };
        Ok(FollowOrder(entries.iter().map(entry).collect()))
    }
}

impl fmt::Debug for FollowOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes in {} rounds", self.0.len(), self.rounds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(datastore: u128, name: usize) -> NodeId {
        let name = format!("db-{name}").parse().expect("a name");
        NodeId { datastore: Uuid::from_u128(datastore), name }
    }

    #[test]
    fn nodes_of_a_datastore_have_rounds_of_their_own_and_primaries_the_last() {
        let nodes: Vec<(NodeId, Option<NodeRole>)> = (0..200_u128)
            .flat_map(|datastore| {
                let count = usize::try_from(datastore % 5).unwrap_or_default() + 1;
                (0..count).map(move |number| {
                    let role = match (datastore % 3, number) {
                        (0, _) => None,
                        (_, 0) => Some(NodeRole::Primary),
                        (1, _) => Some(NodeRole::Replica),
                        (_, number) => (number % 2 == 0).then_some(NodeRole::Replica),
                    };
                    (node(datastore, number), role)
                })
            })
            .collect();
        let order = FollowOrder::new(nodes.iter().map(|(id, role)| (id, *role)));
        assert_eq!(order.rounds(), 5);
        for (one, role) in &nodes {
            let is_first = nodes.iter().filter(|(id, _)| id.datastore == one.datastore).count();
            assert!(usize::from(order.round_of(one)) < is_first, "no round is left out");
            for (other, other_role) in nodes.iter().filter(|(id, _)| id.datastore == one.datastore)
            {
                let (mine, its) = (order.round_of(one), order.round_of(other));
                assert_eq!(mine == its, one == other, "{one} {other}");
                if *role == Some(NodeRole::Replica) && *other_role == Some(NodeRole::Primary) {
                    assert!(mine < its, "{one} {other}");
                }
            }
        }
        let reversed = FollowOrder::new(nodes.iter().rev().map(|(id, role)| (id, *role)));
        assert_eq!(order, reversed, "the order of the inventory does not matter");
    }

    #[test]
    fn order_is_read_as_it_was_written_and_puts_strangers_last() {
        let nodes = [node(1, 1), node(1, 2), node(2, 1)];
        let order = FollowOrder::new(nodes.iter().map(|id| (id, None)));
        let text = serde_json::to_string(&order).expect("JSON");
        assert_eq!(text.len(), 2 + 3 * ENTRY * 4 / 3);
        assert_eq!(serde_json::from_str::<FollowOrder>(&text).expect("an order"), order);
        assert_eq!((order.rounds(), order.round_of(&node(1, 3))), (2, 2));
        for wrong in ["\"AAAA\"", "\"?\"", "1"] {
            assert!(serde_json::from_str::<FollowOrder>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(FollowOrder::default().rounds(), 0);
    }
}
