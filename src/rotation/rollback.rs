//! The way back, from every phase until the old key is deleted, and forward again.
//!
//! A rotation has a direction: towards the new CA, or back. Turning it is repeatable: it is turned
//! once, and the same command again finishes what was interrupted, or changes nothing.

use std::mem;

use jiff::SignedDuration;

use crate::error::{Code, Error, Result};
use crate::rotation::fleet_list;
use crate::rotation::stored::{StoredRotation, moved};
use crate::rotation::switch::GatePass;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, bundle_name, load_bundle};
use crate::store::ca;
use crate::store::links::{read_links, resume_links, with_links};
use crate::store::rotation::{
    Operator, Rotation, RotationKind, RotationPhase, is_of_rotation, next_name, previous_name,
};

/// The direction of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationDirection {
    /// To the CA that `ca rotate start` made.
    Forward,
    /// Back to the CA that signed before it.
    Back,
}

/// The result of turning a rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// No rotation is under way any more: the next CA, which had signed nothing, is gone.
    Ended,
    /// The other CA signs again; nodes trust both, and follow.
    Switched(Rotation),
    /// The other CA is in the bundle as next: nodes have to trust it before it signs.
    Staged(Rotation),
    /// The next CA, which nodes did not use, has left the bundle again.
    Removed(Rotation),
    /// The rotation has that direction already.
    Unchanged(Rotation),
}

impl StoredRotation<'_> {
    /// Turns the rotation into `direction`, or finishes that.
    ///
    /// # Errors
    /// Exit 4 when the old key was stolen or is being deleted, or when another process was faster;
    /// exit 3 when the store cannot be written.
    pub fn turn(mut self, direction: RotationDirection, operator: &Operator) -> Result<Turn> {
        if self.rotation.going_back == (direction == RotationDirection::Back) {
            return match self.rotation.phase {
                RotationPhase::Switching => self.finish_switch(operator).map(Turn::Switched),
                _ => Ok(Turn::Unchanged(self.rotation)),
            };
        }
        let has_signed = self.rotation.has_switched();
        if self.rotation.kind == RotationKind::Compromised && has_signed {
            let message = format!("the key of the CA {} was stolen", self.rotation.from);
            return Err(Error::refused(Code::RotationCompromised, message)
                .hint("nothing was changed; go on to the new CA")
                .hint(("see what comes next", CommandLine::ccx_sec("ca rotate status"))));
        }
        if self.rotation.forgetting {
            let message = format!("the old key of the CA {} is being deleted", self.name);
            return Err(Error::refused(Code::PointOfNoReturn, message)
                .hint(("finish it", CommandLine::ccx_sec("ca rotate forget"))));
        }
        if self.rotation.phase == RotationPhase::Staged && !has_signed {
            return self.unstage(operator);
        }
        let Rotation { from, target, going_back, .. } = &mut self.rotation;
        mem::swap(from, target);
        *going_back = direction == RotationDirection::Back;
        match self.rotation.phase {
            RotationPhase::Staged => self.remove_next(operator).map(Turn::Removed),
            RotationPhase::Removed => self.stage_again(operator).map(Turn::Staged),
            RotationPhase::Switching | RotationPhase::Switched | RotationPhase::Reissued => {
                let ramp = &mut self.rotation.ramp;
                let window = i64::try_from(ramp.window_seconds).unwrap_or(i64::MAX);
                let window = SignedDuration::from_secs(window);
                (ramp.widened_at, ramp.round) = match direction {
                    // All nodes go back with their next run: they trust both, and were well with it.
                    RotationDirection::Back => {
                        let begun = operator.at.checked_sub(window).unwrap_or(operator.at);
                        (Some(begun), u16::MAX)
                    }
                    // The canaries go first again.
                    RotationDirection::Forward => (None, 0),
                };
                ramp.end_pause();
                self.begin_switch(GatePass::default(), operator)?;
                self.finish_switch(operator).map(Turn::Switched)
            }
        }
    }

    /// Takes the next CA, which has signed nothing, out of the bundle, then deletes its key.
    fn unstage(mut self, operator: &Operator) -> Result<Turn> {
        ca::authority_of(&self.ca_secret)?; // the key that stays
        let generation = self.bundle.last_generation();
        let target = self.rotation.target.clone();
        let dropped = self.target()?.subject();
        self.bundle_secret = resume_links(self.bundle_secret);
        let mut links = read_links(&self.bundle_secret)?;
        self.bundle.members.retain(|member| member.certificate.sha256() != target);
        self.bundle.rotation = None;
        self.bundle.retired_generation = Some(generation);
        links.retain(|link| {
            let link = link.describe(operator.at);
            link.subject != dropped && link.issuer != dropped
        });
        let secret = with_links(self.bundle.fill(self.bundle_secret.clone())?, &links);
        if !self.store.replace(&secret)? {
            return Err(moved(self.store, &self.name));
        }
        let next = next_name(&self.name);
        for kept in self.kept.iter().filter(|kept| kept.name == next) {
            let _ = self.store.delete(kept)?;
        }
        fleet_list::delete(self.store, &self.name)?;
        Ok(Turn::Ended)
    }

    /// Takes the next CA out of the bundle again, after the rotation was turned: its certificates
    /// are out of use already.
    fn remove_next(mut self, operator: &Operator) -> Result<Rotation> {
        self.drop_old_ca()?;
        self.rotation.enter(RotationPhase::Removed, operator, None, Vec::new());
        self.save()
    }

    /// Puts the CA that was removed back into the bundle, as next: nodes may have dropped it.
    fn stage_again(mut self, operator: &Operator) -> Result<Rotation> {
        let (_, certificate) = self.secret_of(&self.rotation.target)?;
        let rotation = &mut self.rotation;
        let generation = rotation.from_generation.take();
        let generation = generation.unwrap_or_else(|| self.bundle.generation_of(&certificate));
        self.bundle.add_next(certificate, generation);
        // Clients may have dropped it, too: they get as long as at the start.
        let wait = i64::try_from(rotation.client_max_age_seconds).unwrap_or(i64::MAX);
        let wait = SignedDuration::from_secs(wait);
        rotation.earliest_switch = operator.at.checked_add(wait).unwrap_or(operator.at);
        rotation.enter(RotationPhase::Staged, operator, None, Vec::new());
        self.save()
    }
}

/// The error when a rotation that the bundle does not know has kept keys.
fn put_back(store: &dyn Backend, name: &str) -> Error {
    let message = format!(
        "{} knows of no rotation, but the CA {} was switched to has signed: the bundle was put back \
         from a backup, or changed by hand",
        store.place(&bundle_name(name)),
        store.place(&next_name(name)),
    );
    Error::failed(Code::RotationDamaged, message).hint(
        "nothing was changed; put back the bundle of the rotation. The keys of both CAs are in the \
         Secrets beside it",
    )
}

/// Deletes the key that an interrupted start, or an interrupted rollback of one, left behind; false
/// if there is none.
///
/// # Errors
/// Exit 4 when a rotation is under way, when another program made the Secret, or when another
/// process was faster; exit 3 when the store cannot be read or written.
pub fn clear_leftover(store: &dyn Backend, name: &str) -> Result<bool> {
    let Some(secret) = store.get(&next_name(name))? else { return Ok(false) };
    if !is_of_rotation(&secret, name) {
        let message = format!("{} was not made by a rotation", store.place(&secret.name));
        return Err(Error::refused(Code::SecretForeign, message)
            .hint("it was not changed; find out who made it"));
    }
    let certificate = ca::certificate_of(&secret)?;
    let bundle: Option<Bundle> = load_bundle(store, name)?;
    if bundle.as_ref().is_some_and(|bundle| bundle.rotation.is_some()) {
        return Err(moved(store, name));
    }
    let is_held = bundle.is_some_and(|bundle| bundle.holds(&certificate));
    if is_held || store.get(&previous_name(name))?.is_some() {
        return Err(put_back(store, name));
    }
    match store.delete(&secret)? {
        true => Ok(true),
        false => Err(moved(store, name)),
    }
}
