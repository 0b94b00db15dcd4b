//! The order and the round of a ramp in the record of a rotation.
//!
//! They stand beside the ramp, not in it: releases that know no order carry unknown fields of a
//! record through their writes, and drop unknown fields of a ramp. Such a release may also enter a
//! phase, or turn the rotation, without setting the round, so the record says to which entry of a
//! phase the round belongs.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::node::order::FollowOrder;
use crate::store::rotation::Rotation;

/// The name of the field.
const FIELD: &str = "follow_order";

/// The order, the round, and the start of the phase in which that round was set.
#[derive(Serialize, Deserialize)]
struct OrderRecord {
    nodes: FollowOrder,
    #[serde(default)]
    round: u16,
    since: Timestamp,
}

impl Serialize for Rotation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = self.clone();
        if let Some(nodes) = self.ramp.order.clone() {
            let record = OrderRecord { nodes, round: self.ramp.round, since: self.since };
            let value = serde_json::to_value(record).map_err(S::Error::custom)?;
            written.other.insert(FIELD.to_owned(), value);
        }
        Rotation::serialize(&written, serializer)
    }
}

impl<'de> Deserialize<'de> for Rotation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut rotation = Rotation::deserialize(deserializer)?;
        if let Some(value) = rotation.other.remove(FIELD) {
            let record: OrderRecord = serde_json::from_value(value)
                .map_err(|error| D::Error::custom(format!("{FIELD}: {error}")))?;
            rotation.ramp.order = Some(record.nodes);
            let is_same = record.since == rotation.since;
            let is_wide = rotation.ramp.widened_at.is_some();
            rotation.ramp.round = match is_wide {
                true if is_same => record.round,
                // A release without rounds turned the rotation back: all nodes follow.
                true if rotation.going_back => u16::MAX,
                true | false => 0,
            };
        }
        Ok(rotation)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::node::NodeId;
    use crate::store::rotation::{Operator, Ramp, RotationKind, RotationPhase};

    fn rotation() -> Rotation {
        let at = "2030-01-01T00:00:00Z".parse().expect("a time");
        let operator = Operator { name: "ops".to_owned(), at };
        let cas = ("a".repeat(64), "b".repeat(64));
        let (id, ramp) = ("5f".to_owned(), Ramp::new(10, 3600));
        let mut rotation = Rotation::staged(id, RotationKind::Planned, cas, at, ramp, &operator);
        rotation.enter(RotationPhase::Switched, &operator, None, Vec::new());
        let nodes = ["db-1", "db-2"].map(|name| NodeId {
            datastore: uuid::Uuid::from_u128(1),
            name: name.parse().expect("a name"),
        });
        rotation.ramp.order = Some(FollowOrder::new(nodes.iter().map(|id| (id, None))));
        (rotation.ramp.widened_at, rotation.ramp.round) = (Some(at), 1);
        rotation
    }

    /// Reads a record back that a release without rounds wrote, which drops unknown fields of the ramp.
    fn rewritten(rotation: &Rotation, change: impl Fn(&mut Value)) -> Rotation {
        let mut record = serde_json::to_value(rotation).expect("JSON");
        let known = ["canary_permille", "window_seconds", "widened_at", "paused", "paused_at"];
        let ramp = record["ramp"].as_object_mut().expect("a ramp");
        ramp.retain(|name, _| known.contains(&name.as_str()));
        change(&mut record);
        serde_json::from_value(record).expect("a rotation")
    }

    #[test]
    fn order_and_round_survive_a_write_by_a_release_that_knows_neither() {
        let rotation = rotation();
        assert_eq!(rewritten(&rotation, |_| {}), rotation);
        let later = "2030-01-01T02:00:00Z";
        let resumed = rewritten(&rotation, |record| record["ramp"]["widened_at"] = json!(later));
        assert_eq!((&resumed.ramp.order, resumed.ramp.round), (&rotation.ramp.order, 1));
        // It rolls back: all nodes follow. Forward again: the first of each datastore.
        let back = |record: &mut Value| {
            (record["going_back"], record["since"]) = (json!(true), json!(later));
        };
        assert_eq!(rewritten(&rotation, back).ramp.round, u16::MAX);
        let forward = |record: &mut Value| {
            record["ramp"].as_object_mut().expect("a ramp").remove("widened_at");
            record["since"] = json!(later);
        };
        let forward = rewritten(&rotation, forward);
        assert_eq!((&forward.ramp.order, forward.ramp.round), (&rotation.ramp.order, 0));
        let widened = |record: &mut Value| record["ramp"]["widened_at"] = json!(later);
        assert_eq!(rewritten(&forward, widened).ramp.round, 0);
    }

    #[test]
    fn order_in_the_ramp_is_read_and_one_that_is_damaged_is_an_error() {
        let rotation = rotation();
        let mut record = serde_json::to_value(&rotation).expect("JSON");
        let follow = record.as_object_mut().expect("a record").remove(FIELD).expect("an order");
        record["ramp"]["order"] = follow["nodes"].clone();
        record["ramp"]["round"] = follow["round"].clone();
        let read: Rotation = serde_json::from_value(record.clone()).expect("a rotation");
        assert_eq!(read, rotation);
        record[FIELD] = json!({"nodes": "AAAA", "round": 0, "since": rotation.since});
        assert!(serde_json::from_value::<Rotation>(record).is_err());
    }
}
