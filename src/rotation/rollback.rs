//! The way back, from every phase until the old key is deleted.

use crate::error::{Code, Error, Result};
use crate::rotation::stored::{StoredRotation, moved, next_name};
use crate::rotation::switch::GatePass;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, BundleCertificate, Role, load_bundle};
use crate::store::ca;
use crate::store::links::with_links;
use crate::store::rotation::{Operator, Rotation, RotationKind, RotationPhase};

/// The result of a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollback {
    /// No rotation is under way any more: the next CA has left the bundle.
    Ended,
    /// The other CA signs again, and nodes follow back.
    Switched(Rotation),
    /// The old CA is in the bundle again, as retiring.
    Restored(Rotation),
    /// The key of a start that was interrupted was deleted.
    Cleared,
}

impl StoredRotation<'_> {
    /// Goes one phase back. A rollback after the switch leads to the CA that signed before, by the
    /// same writes and along the same phases; another rollback leads forward again.
    ///
    /// # Errors
    /// Exit 4 when the old key was stolen or is being deleted, or when another process was faster;
    /// exit 3 when the store cannot be written.
    pub fn roll_back(mut self, operator: &Operator) -> Result<Rollback> {
        if self.rotation.phase == RotationPhase::Staged {
            return self.unstage();
        }
        if self.rotation.kind == RotationKind::Compromised {
            let message = format!("the key of the CA {} was stolen", self.rotation.from);
            return Err(Error::refused(Code::RotationCompromised, message)
                .hint("nothing was changed; go on to the new CA")
                .hint(("see what comes next", CommandLine::ccx_sec("ca rotate status"))));
        }
        match self.rotation.phase {
            RotationPhase::Removed if self.rotation.forgetting => {
                let message = format!("the old key of the CA {} is being deleted", self.name);
                Err(Error::refused(Code::PointOfNoReturn, message)
                    .hint(("finish it", CommandLine::ccx_sec("ca rotate forget"))))
            }
            RotationPhase::Removed => self.restore(operator).map(Rollback::Restored),
            _ => {
                let Rotation { from, target, ramp, .. } = &mut self.rotation;
                std::mem::swap(from, target);
                // Every node trusts both, and goes back with its next run.
                let window = i64::try_from(ramp.window_seconds).unwrap_or(i64::MAX);
                let window = jiff::SignedDuration::from_secs(window);
                ramp.widened_at = Some(operator.at.checked_sub(window).unwrap_or(operator.at));
                ramp.paused = false;
                ramp.paused_at = None;
                self.begin_switch(GatePass::default(), operator)?;
                self.finish_switch(operator).map(Rollback::Switched)
            }
        }
    }

    /// Takes the next CA out of the bundle, then deletes its key.
    fn unstage(mut self) -> Result<Rollback> {
        let generation = self.bundle.last_generation();
        let target = self.rotation.target.clone();
        self.bundle.members.retain(|member| member.certificate.sha256() != target);
        self.bundle.rotation = None;
        self.bundle.retired_generation = Some(generation);
        let secret = with_links(self.bundle.fill(self.bundle_secret.clone())?, &[]);
        if !self.store.replace(&secret)? {
            return Err(moved(self.store, &self.name));
        }
        for kept in &self.kept {
            let _ = self.store.delete(kept)?;
        }
        Ok(Rollback::Ended)
    }

    /// Puts the old CA back into the bundle.
    fn restore(mut self, operator: &Operator) -> Result<Rotation> {
        let (_, certificate) = self.secret_of(&self.rotation.from)?;
        let generation = self
            .rotation
            .from_generation
            .unwrap_or_else(|| self.bundle.generation_of(&certificate));
        let role = Role::Retiring;
        self.bundle.members.push(BundleCertificate { role, certificate, generation });
        self.rotation.enter(RotationPhase::Reissued, operator, None, Vec::new());
        self.save()
    }
}

/// Deletes the key that an interrupted start, or an interrupted rollback of one, left behind; false
/// if there is none.
///
/// # Errors
/// Exit 4 when a rotation is under way, when another program made the Secret, or when another
/// process was faster; exit 3 when the store cannot be read or written.
pub fn clear_leftover(store: &dyn Backend, name: &str) -> Result<bool> {
    let Some(secret) = store.get(&next_name(name))? else { return Ok(false) };
    if !secret.is_ours() || !secret.annotations.contains_key(super::stored::STEP) {
        let message = format!("{} was not made by a rotation", store.place(&secret.name));
        return Err(Error::refused(Code::SecretForeign, message)
            .hint("it was not changed; find out who made it"));
    }
    let certificate = ca::certificate_of(&secret)?;
    let bundle: Option<Bundle> = load_bundle(store, name)?;
    let is_used = |bundle: &Bundle| bundle.rotation.is_some() || bundle.holds(&certificate);
    if bundle.as_ref().is_some_and(is_used) || !store.delete(&secret)? {
        return Err(moved(store, name));
    }
    Ok(true)
}
