//! The proofs of a run, kept between its rounds.

use std::collections::HashMap;
use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};

use crate::error::Result;
use crate::output::Output;
use crate::process::Interrupts;
use crate::rotation::gate::{self, Gate, PreviousKey};
use crate::rotation::proof::collect::{self, CanaryAuthorities, ProofOptions, ProofTarget};
use crate::rotation::proof::{CaPair, CaTrust, NodeProof, TrustBasis};
use crate::rotation::stored::StoredRotation;

/// The age at which a proof is made anew.
const FRESH: SignedDuration = SignedDuration::from_mins(50);
/// The age up to which a proof lets nodes, or the rotation, go on.
const RECENT: SignedDuration = SignedDuration::from_secs(30);
/// The number of refused certificates after which a server that counts them as connect errors is
/// not asked again. MySQL and MariaDB block a host after 100, and one refusal may be four
/// connections.
const MAX_REFUSALS: u32 = 10;

/// The surroundings of a round.
pub(super) struct RoundContext<'a> {
    pub(super) output: &'a Output,
    pub(super) interrupts: &'a Interrupts,
    pub(super) options: ProofOptions,
    pub(super) now: &'a dyn Fn() -> Timestamp,
}

/// The newest proof of each node.
#[derive(Default)]
pub(super) struct ProofKeeper {
    proofs: HashMap<String, NodeProof>,
    /// The gate that they were made for.
    proved_for: Option<Gate>,
    /// The number of refused certificates, by node.
    refusals: HashMap<String, u32>,
}

impl ProofKeeper {
    /// Connects to the nodes that are not proved, or not lately. Returns the proofs of all, and
    /// whether the key of the old CA is kept; `None` if interrupted.
    ///
    /// # Errors
    /// Exit 3 when a Secret with a key is damaged, or the system refuses what an event loop needs.
    pub(super) fn prove(
        &mut self,
        stored: &StoredRotation<'_>,
        gate: Gate,
        cas: &CaPair,
        targets: &[ProofTarget],
        outside: &RoundContext<'_>,
    ) -> Result<Option<(Vec<NodeProof>, PreviousKey)>> {
        if !self.proved_for.is_some_and(|before| is_same_proof(before, gate)) {
            self.proofs.clear();
        }
        self.proved_for = Some(gate);
        let now = (outside.now)();
        let due: Vec<ProofTarget> =
            targets.iter().filter(|target| self.is_due(gate, target, now)).cloned().collect();
        let new = match cas.new.not_before() <= now {
            true => Some(stored.authority_of(&stored.rotation.target)?),
            false => None,
        };
        let (old, previous_key) = match gate {
            Gate::Distrusted => match stored.authority_of(&stored.rotation.from) {
                Ok(old) => (Some(old), PreviousKey::Held),
                Err(error) => (None, PreviousKey::Lost(error.to_string())),
            },
            _ => (None, PreviousKey::Unread),
        };
        let is_old_over = cas.old.not_after() < now;
        let authorities = CanaryAuthorities {
            new: new.as_ref(),
            old: old.as_ref().filter(|_| !is_old_over),
            control: gate == Gate::Switched,
        };
        let progress = outside.output.progress_of(due.len(), "looking at nodes");
        let mut left = due.len();
        let mut tick = || {
            if left > 0 {
                left -= 1;
                progress.one_more();
            }
            match outside.interrupts.is_seen() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let found =
            collect::collect(&due, cas, &authorities, outside.options, outside.now, &mut tick)?;
        drop(progress);
        let Some(found) = found else { return Ok(None) };
        for mut proof in found {
            if gate == Gate::Distrusted && is_old_over {
                let said = "the old CA has expired".to_owned();
                proof.trusts_old = Some(CaTrust::Refuses { basis: TrustBasis::Dates, said });
            }
            // A connection that ended without a reason may have been a refusal, too.
            if matches!(
                proof.trusts_new,
                CaTrust::Refuses { basis: TrustBasis::Wire, .. } | CaTrust::Unknown { .. }
            ) {
                *self.refusals.entry(proof.node.clone()).or_default() += 1;
            }
            self.proofs.insert(proof.node.clone(), proof);
        }
        let proofs = targets.iter().filter_map(|target| {
            let mut proof = self.proofs.get(&target.node.to_string())?.clone();
            proof.stored = target.stored.clone();
            Some(proof)
        });
        Ok(Some((proofs.collect(), previous_key)))
    }

    /// Drops all proofs if one of them is no longer recent; returns whether it did.
    pub(super) fn drop_old(&mut self, now: Timestamp) -> bool {
        let has_old = self.proofs.values().any(|proof| now > proof.at + RECENT);
        if has_old {
            self.proofs.clear();
        }
        has_old
    }

    /// Whether to connect to a server in this round.
    fn is_due(&self, gate: Gate, target: &ProofTarget, now: Timestamp) -> bool {
        let name = target.node.to_string();
        let Some(proof) = self.proofs.get(&name) else { return true };
        let counts = target.target.engine.facts().protocol.counts_connect_errors;
        if counts && self.refusals.get(&name).is_some_and(|refusals| *refusals >= MAX_REFUSALS) {
            return false;
        }
        !gate::is_proved(gate, proof) || now > proof.at + FRESH
    }
}

/// Whether proofs for one gate are those for the other.
fn is_same_proof(one: Gate, other: Gate) -> bool {
    let shows_leaf = |gate| matches!(gate, Gate::Reissued | Gate::Removed);
    one == other || (shows_leaf(one) && shows_leaf(other))
}
