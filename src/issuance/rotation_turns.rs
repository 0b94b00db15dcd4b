//! The nodes that a run moves to the CA of a rotation: one of each datastore.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// The datastores of which the run has moved a node. Two nodes of a datastore never change in one
/// run, so that no fault of a new certificate meets both.
#[derive(Debug, Default)]
pub struct RotationTurns(Mutex<HashSet<Uuid>>);

/// The right to move one node. When it is dropped before [`TurnClaim::keep`], since the node failed
/// before anything was written, another node of the datastore may be moved.
pub(super) struct TurnClaim<'a> {
    turns: &'a RotationTurns,
    datastore: Option<Uuid>,
}

impl RotationTurns {
    /// Claims the turn of a datastore; `None` when another node has it. A target without a datastore
    /// always gets a turn.
    pub(super) fn claim(&self, datastore: Option<Uuid>) -> Option<TurnClaim<'_>> {
        let is_free = datastore.is_none_or(|datastore| self.datastores().insert(datastore));
        is_free.then(|| TurnClaim { turns: self, datastore })
    }

    fn datastores(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnClaim<'_> {
    /// Keeps the turn for the rest of the run.
    pub(super) fn keep(mut self) {
        self.datastore = None;
    }
}

impl Drop for TurnClaim<'_> {
    fn drop(&mut self) {
        if let Some(datastore) = self.datastore {
            self.turns.datastores().remove(&datastore);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_node_of_a_datastore_gets_the_turn_and_a_failed_one_gives_it_back() {
        let turns = RotationTurns::default();
        let [one, two] = [1, 2].map(|n| Some(Uuid::from_u128(n)));
        drop(turns.claim(one).expect("free"));
        turns.claim(one).expect("free again").keep();
        assert!(turns.claim(one).is_none());
        assert!(turns.claim(one).is_none(), "a refused claim frees nothing");
        turns.claim(two).expect("another datastore").keep();
        turns.claim(None).expect("no datastore").keep();
        turns.claim(None).expect("no datastore").keep();
    }
}
