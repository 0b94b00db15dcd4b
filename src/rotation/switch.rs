//! The exchange of the CA that signs, forward or back.
//!
//! Four writes; each is skipped where it is done, so that any process finishes it after a crash:
//! the bundle says `switching`, the key of the CA that signs is kept, the Secret of the CA takes the
//! target, and the bundle's roles turn. While the bundle says `switching`, both CAs may sign: every
//! bundle holds both.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::error::{Code, Error, Result};
use crate::node::order::FollowOrder;
use crate::rotation::stored::{StoredRotation, kept_copy, moved};
use crate::shell::CommandLine;
use crate::store::bundle::{Bundle, Role};
use crate::store::ca;
use crate::store::holders::KnownHolders;
use crate::store::links::drop_suspended_links;
use crate::store::rotation::{
    GateInquiry, Operator, Population, Rotation, RotationPhase, STEP, next_name, previous_name,
};

/// The answer of a gate that lets a rotation into its next phase.
#[derive(Debug, Clone, Default)]
pub struct GatePass {
    /// SHA-256 of the proof.
    pub proof: Option<String>,
    /// The gaps of the proof that a person accepted, each with the reason.
    pub accepted: Vec<String>,
    /// The nodes that the gate asked about.
    pub population: Option<Population>,
    /// The clients that the gate found recorded.
    pub known_holders: Option<KnownHolders>,
    /// The share of canaries, in thousandths, where the fleet needs another than the record has.
    pub canary_permille: Option<u16>,
    /// The order in which the nodes of each datastore follow, at a switch.
    pub order: Option<FollowOrder>,
}

impl StoredRotation<'_> {
    /// Makes the target the CA that signs: from `staged` to `switched`. Finishes an interrupted
    /// switch.
    ///
    /// # Errors
    /// Exit 4 in another phase, or when another process was faster; exit 3 when the store cannot be
    /// written.
    pub fn switch(mut self, gate: GatePass, operator: &Operator) -> Result<Rotation> {
        match self.rotation.phase {
            RotationPhase::Switching => {}
            RotationPhase::Staged => {
                self.rotation.ramp.widened_at = None;
                (self.rotation.ramp.order, self.rotation.ramp.round) = (None, 0);
                self.rotation.ramp.end_pause();
                self.begin_switch(gate, operator)?;
            }
            _ => return Err(self.wrong_phase("switched", &[RotationPhase::Staged])),
        }
        self.finish_switch(operator)
    }

    /// Writes that the CA is being exchanged. From here on both CAs may sign.
    pub(super) fn begin_switch(&mut self, gate: GatePass, operator: &Operator) -> Result<()> {
        self.check_keys()?;
        self.record(RotationPhase::Switching, gate, operator);
        self.bundle.rotation = Some(self.rotation.clone());
        self.write(&self.bundle)
    }

    /// Finishes the switch to the target of the record.
    pub(super) fn finish_switch(self, operator: &Operator) -> Result<Rotation> {
        const ATTEMPTS: usize = 5;
        let StoredRotation { store, name, rotation: wanted, .. } = self;
        for _ in 0..ATTEMPTS {
            let now = StoredRotation::read(store, &name)?;
            let is_same = now.rotation.id == wanted.id && now.rotation.target == wanted.target;
            match now.rotation.phase {
                RotationPhase::Switching if is_same => {}
                // Another process finished it.
                RotationPhase::Switched if is_same => return Ok(now.rotation),
                _ => break,
            }
            if now.keep_signing_key()? && now.exchange_signing_ca()? {
                let bundle = now.turned(operator)?;
                let secret = drop_suspended_links(now.bundle_secret.clone());
                if store.replace(&bundle.fill(secret)?)? {
                    return bundle.rotation.ok_or_else(|| moved(store, &name));
                }
            }
        }
        Err(moved(store, &name))
    }

    /// Makes sure that the key of the CA that signs is in a Secret of its own; false if another
    /// process made that Secret first.
    fn keep_signing_key(&self) -> Result<bool> {
        let signing = ca::certificate_of(&self.ca_secret)?;
        for kept in &self.kept {
            if ca::certificate_of(kept).is_ok_and(|certificate| certificate == signing) {
                if ca::authority_of(kept).is_ok() {
                    return Ok(true);
                }
                // The copy is spoiled, and this one is good.
                ca::authority_of(&self.ca_secret)?;
                let mut copy = kept.clone();
                copy.data.clone_from(&self.ca_secret.data);
                let _ = self.store.replace(&copy)?;
                return Ok(false);
            }
        }
        // The copy of the CA that signs may have been lost from either name.
        let names = [previous_name(&self.name), next_name(&self.name)];
        let is_free = |name: &&String| self.kept.iter().all(|kept| kept.name != **name);
        let Some(name) = names.iter().find(is_free) else {
            return Err(self.damaged(&format!(
                "{} and {} hold other CAs than the one that signs",
                self.store.place(&names[0]),
                self.store.place(&names[1])
            )));
        };
        let _ = self.store.create(
            &kept_copy(&self.ca_secret, &self.name, name, &self.rotation.step_label()),
            false,
        )?;
        Ok(false) // read it again, whoever made it
    }

    /// Puts certificate and key of the target into the CA's Secret; false if another process
    /// changed it.
    fn exchange_signing_ca(&self) -> Result<bool> {
        let step = self.rotation.step_label();
        let (target, certificate) = self.secret_of(&self.rotation.target)?;
        let is_written = self.ca_secret.annotations.get(STEP) == Some(&step);
        if is_written && ca::certificate_of(&self.ca_secret)? == certificate {
            return Ok(true);
        }
        let mut written = self.ca_secret.clone();
        for key in ["tls.crt", "tls.key", "ca.crt"] {
            written = written.with(key, target.value(key)?.to_vec());
        }
        written.annotations.insert(STEP.to_owned(), step);
        self.store.replace(&written)
    }

    /// The bundle after the switch.
    fn turned(&self, operator: &Operator) -> Result<Bundle> {
        let (target, from) = (self.target()?, self.from()?);
        let mut bundle = self.bundle.clone();
        for member in &mut bundle.members {
            if member.certificate == target {
                member.role = Role::Active;
            } else if member.certificate.is_renewal_of(&from) {
                member.role = Role::Retiring;
            }
        }
        bundle.members.sort_by_key(|member| match member.role {
            Role::Active => 0,
            Role::Next => 1,
            Role::Retiring => 2,
        });
        let mut rotation = self.rotation.clone();
        let gate = rotation.history.last().cloned();
        rotation.enter(
            RotationPhase::Switched,
            operator,
            gate.and_then(|gate| gate.proof),
            Vec::new(),
        );
        bundle.rotation = Some(rotation);
        Ok(bundle)
    }

    /// Writes the next phase after `switched`: `reissued`, or `removed`, which takes the old CA out
    /// of the bundle.
    ///
    /// # Errors
    /// Exit 4 in another phase than the one before, or when another process was faster; exit 3 when
    /// the store cannot be written.
    pub fn enter(
        mut self,
        phase: RotationPhase,
        gate: GatePass,
        operator: &Operator,
    ) -> Result<Rotation> {
        let before = match phase {
            RotationPhase::Reissued => RotationPhase::Switched,
            RotationPhase::Removed => RotationPhase::Reissued,
            RotationPhase::Staged | RotationPhase::Switching | RotationPhase::Switched => {
                return Err(self.wrong_phase(phase.name(), &[]));
            }
        };
        if self.rotation.phase != before {
            return Err(self.wrong_phase(phase.name(), &[before]));
        }
        // No further node follows, so there is nothing to pause.
        self.rotation.ramp.end_pause();
        if phase == RotationPhase::Removed {
            self.check_keys()?; // for the way back
            self.drop_old_ca()?;
        }
        self.record(phase, gate, operator);
        self.save()
    }

    /// Takes the old CA, and certificates that it renewed, out of the bundle.
    pub(super) fn drop_old_ca(&mut self) -> Result<()> {
        let from = self.from()?;
        self.rotation.from_generation = Some(self.bundle.generation_of(&from));
        self.bundle.members.retain(|member| !member.certificate.is_renewal_of(&from));
        Ok(())
    }

    /// Enters a phase in the record, with the answer of its gate.
    fn record(&mut self, phase: RotationPhase, gate: GatePass, operator: &Operator) {
        let rotation = &mut self.rotation;
        if let Some(population) = gate.population {
            rotation.population = Some(population);
        }
        if gate.known_holders.is_some() {
            rotation.known_holders = gate.known_holders;
        }
        if let Some(share) = gate.canary_permille {
            rotation.ramp.canary_permille = share;
        }
        if gate.order.is_some() {
            rotation.ramp.order = gate.order;
        }
        rotation.enter(phase, operator, gate.proof, gate.accepted);
    }

    /// Writes down the proof that every node refuses the old CA.
    ///
    /// # Errors
    /// Exit 4 in another phase than `removed`, or when another process was faster.
    pub fn record_distrust(mut self, proof: String, operator: &Operator) -> Result<Rotation> {
        if self.rotation.phase != RotationPhase::Removed {
            return Err(self.wrong_phase("proved to the end", &[RotationPhase::Removed]));
        }
        self.rotation.distrusted = Some(proof);
        self.rotation.touch(operator);
        self.save()
    }

    /// Writes down the answer of a gate that a job asked, in a phase that it did not leave.
    ///
    /// # Errors
    /// Exit 4 when another process was faster; exit 3 when the store cannot be written.
    pub fn record_asked(mut self, answer: &str, operator: &Operator) -> Result<Rotation> {
        let (at, answer) = (operator.at, answer.to_owned());
        self.rotation.asked = Some(GateInquiry { at, answer });
        self.rotation.touch(operator);
        self.save()
    }

    /// Lets the share of nodes rise in `round`: the canaries, or the rounds before, are proved.
    ///
    /// # Errors
    /// Exit 4 in another phase than `switched`, or when another process was faster.
    pub fn widen(mut self, round: u16, operator: &Operator) -> Result<Rotation> {
        if self.rotation.phase != RotationPhase::Switched {
            return Err(self.wrong_phase("widened", &[RotationPhase::Switched]));
        }
        self.rotation.ramp.widened_at = Some(operator.at);
        self.rotation.ramp.round = round;
        self.rotation.touch(operator);
        self.save()
    }

    /// Writes down the nodes that no gate asks about, each with the reason.
    ///
    /// # Errors
    /// Exit 4 when another process was faster; exit 3 when the store cannot be written.
    pub fn set_excluded(
        mut self,
        excluded: BTreeMap<String, String>,
        operator: &Operator,
    ) -> Result<Rotation> {
        self.rotation.excluded = excluded;
        // Another set of nodes has to be proved.
        self.rotation.distrusted = None;
        self.rotation.touch(operator);
        self.save()
    }

    /// Makes more nodes canaries: those of the record are left out.
    ///
    /// # Errors
    /// Exit 4 in another phase than `switched`, or when another process was faster.
    pub fn set_canaries(mut self, permille: u16, operator: &Operator) -> Result<Rotation> {
        if self.rotation.phase != RotationPhase::Switched {
            return Err(self.wrong_phase("given other canaries", &[RotationPhase::Switched]));
        }
        self.rotation.ramp.canary_permille = permille;
        self.rotation.touch(operator);
        self.save()
    }

    /// Stops the ramp, or lets it go on.
    ///
    /// # Errors
    /// Exit 4 when no node follows now, or when another process was faster.
    pub fn set_paused(mut self, paused: bool, operator: &Operator) -> Result<Rotation> {
        let follows = [RotationPhase::Switching, RotationPhase::Switched];
        if !follows.contains(&self.rotation.phase) {
            return Err(self.wrong_phase("paused or resumed", &follows));
        }
        if self.rotation.ramp.paused == paused {
            return Ok(self.rotation);
        }
        if let (false, Some(widened_at)) = (paused, self.rotation.ramp.widened_at) {
            // The pause does not count: nodes follow as slowly as they would have.
            let paused_at = self.rotation.ramp.paused_at.unwrap_or(operator.at).max(widened_at);
            let pause = operator.at.duration_since(paused_at).max(SignedDuration::ZERO);
            let later = widened_at.checked_add(pause).unwrap_or(operator.at);
            self.rotation.ramp.widened_at = Some(later);
        }
        self.rotation.ramp.paused = paused;
        self.rotation.ramp.paused_at = paused.then_some(operator.at);
        self.rotation.touch(operator);
        self.save()
    }

    pub(super) fn save(mut self) -> Result<Rotation> {
        self.bundle.rotation = Some(self.rotation.clone());
        self.write(&self.bundle)?;
        Ok(self.rotation)
    }

    pub(super) fn wrong_phase(&self, wanted: &str, before: &[RotationPhase]) -> Error {
        let phase = self.rotation.phase.name();
        let names: Vec<&str> = before.iter().map(|phase| phase.name()).collect();
        let only = match names.is_empty() {
            true => String::new(),
            false => format!(", which is possible from {}", names.join(", ")),
        };
        let message =
            format!("the rotation of the CA {} is {phase}; it cannot be {wanted}{only}", self.name);
        Error::refused(Code::RotationPhase, message)
            .hint(("see what comes next", CommandLine::ccx_sec("ca rotate status")))
    }
}
