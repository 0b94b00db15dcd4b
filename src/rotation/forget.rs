//! The end of a rotation: the old key is deleted. Nothing leads back.

use crate::error::{Code, Error, Result};
use crate::rotation::fleet_list;
use crate::rotation::stored::{StoredRotation, moved};
use crate::shell::{CommandLine, Placeholder};
use crate::store::ca;
use crate::store::rotation::{EndedRotation, Operator, RotationPhase};

/// The most rotations that the bundle remembers.
const REMEMBERED: usize = 16;

impl StoredRotation<'_> {
    /// Deletes the old key and ends the rotation. The bundle first says that the key is being
    /// deleted, so that no rollback counts on it; then the Secrets go, the old key first.
    ///
    /// # Errors
    /// Exit 4 before the old CA is out of the bundle, without the proof that every node refuses it
    /// (unless `is_unproved`), or when another process was faster; exit 3 when the key that stays is
    /// damaged, or the store cannot be written.
    pub fn forget(mut self, is_unproved: bool, operator: &Operator) -> Result<EndedRotation> {
        if self.rotation.phase != RotationPhase::Removed {
            return Err(self.wrong_phase("forgotten", &[RotationPhase::Removed]));
        }
        let (store, name, id) = (self.store, self.name.clone(), self.rotation.id.clone());
        if !self.rotation.forgetting {
            if self.rotation.distrusted.is_none() && !is_unproved {
                return Err(unproved(&name));
            }
            ca::authority_of(&self.ca_secret)?; // the key that stays
            self.rotation.forgetting = true;
            self.rotation.touch(operator);
            self.save()?;
            self = StoredRotation::read(store, &name)?;
        }
        if self.rotation.id != id || !self.rotation.forgetting {
            return Err(moved(store, &name));
        }
        ca::authority_of(&self.ca_secret)?;
        let mut kept = Vec::new();
        for secret in &self.kept {
            // One that is damaged is of no use to anybody.
            let certificate = ca::certificate_of(secret).ok();
            let is_target = certificate.is_some_and(|c| c.sha256() == self.rotation.target);
            kept.push((is_target, secret));
        }
        kept.sort_by_key(|(is_target, _)| *is_target);
        for (_, secret) in kept {
            if !store.delete(secret)? && store.get(&secret.name)?.is_some() {
                return Err(moved(store, &name));
            }
        }
        fleet_list::delete(store, &name)?;
        let ended = self.rotation.ended(operator);
        let generation =
            self.bundle.last_generation().max(self.rotation.from_generation.unwrap_or(0));
        self.bundle.retired_generation = Some(generation);
        self.bundle.rotation = None;
        self.bundle.rotations.push(ended.clone());
        let excess = self.bundle.rotations.len().saturating_sub(REMEMBERED);
        self.bundle.rotations.drain(..excess);
        // The links stay: a client that was away follows them later.
        match store.replace(&self.bundle.fill(self.bundle_secret.clone())?)? {
            true => Ok(ended),
            false => Err(interrupted(&name)),
        }
    }
}

/// The error when no proof says that every node refuses the old CA.
fn unproved(name: &str) -> Error {
    let message = format!("it is not proved that every node refuses the old CA of {name}");
    Error::refused(Code::RotationUnproved, message)
        .hint((
            "prove it, which needs the old key",
            CommandLine::ccx_sec("ca rotate advance")
                .option("--to", "removed")
                .option("--inventory", Placeholder("FILE")),
        ))
        .hint("or delete the key without the proof: --unproved")
}

/// The error when another process wrote the bundle after the old key was deleted.
fn interrupted(name: &str) -> Error {
    let message = format!("another process changed the bundle of the CA {name} meanwhile");
    Error::refused(Code::RotationMoved, message)
        .hint("the old key is deleted")
        .hint(("finish the rotation", CommandLine::ccx_sec("ca rotate forget")))
}
