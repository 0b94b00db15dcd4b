//! A rotation as it is stored: the bundle with its record, the Secret of the CA that signs, and the
//! Secrets with the keys of the other CAs.

use crate::error::{Code, Error, Result};
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, bundle_name};
use crate::store::ca::{self, StoredCa, TLS};
use crate::store::phase;
use crate::store::rotation::{
    Rotation, RotationPhase, STEP, is_of_rotation, marked, next_name, previous_name,
};
use crate::store::secret::Secret;

/// A rotation that is under way, as it was read from the store.
pub struct StoredRotation<'a> {
    pub(super) store: &'a dyn Backend,
    /// The name of the CA.
    pub name: String,
    pub(super) ca_secret: Secret,
    pub(super) bundle_secret: Secret,
    /// The Secrets with keys of CAs that do not sign now.
    pub(super) kept: Vec<Secret>,
    /// The bundle.
    pub bundle: Bundle,
    /// The record of the rotation.
    pub rotation: Rotation,
}

impl<'a> StoredRotation<'a> {
    /// Reads the rotation of the CA `name`.
    ///
    /// # Errors
    /// Exit 1 when there is no CA; exit 4 when no rotation is under way, or another program made
    /// one of the Secrets; exit 3 when the store cannot be read, or when bundle, record and Secrets
    /// contradict each other.
    pub fn read(store: &'a dyn Backend, name: &str) -> Result<Self> {
        const ATTEMPTS: usize = 5;
        let mut version = None;
        for _ in 0..ATTEMPTS {
            let stored = StoredCa::read(store, name)?;
            ca::refuse_foreign(store, &stored, None)?;
            let ca_secret = stored.ca_secret(store)?.clone();
            let bundle_secret = stored.bundle_secret(store)?.clone();
            let bundle = Bundle::from_secret(&bundle_secret)?;
            let Some(rotation) = bundle.rotation.clone() else {
                return Err(missing(store, name));
            };
            let mut kept = Vec::new();
            for slot in [next_name(name), previous_name(name)] {
                kept.extend(store.get(&slot)?);
            }
            let current = StoredRotation {
                store,
                name: name.to_owned(),
                ca_secret,
                bundle_secret,
                kept,
                bundle,
                rotation,
            };
            match current.check() {
                Ok(()) => return Ok(current),
                // The Secrets were read one after the other, and may be of two moments.
                Err(contradiction) if version == current.bundle_secret.version => {
                    return Err(contradiction);
                }
                Err(_) => version = current.bundle_secret.version.clone(),
            }
        }
        Err(moved(store, name))
    }

    /// Checks that the Secrets fit the phase.
    fn check(&self) -> Result<()> {
        if let Err(contradiction) = phase::check(&self.bundle) {
            return Err(self.damaged(&format!("its record {contradiction}")));
        }
        for kept in &self.kept {
            if !is_of_rotation(kept, &self.name) {
                let place = self.store.place(&kept.name);
                let message = format!("{place} was not made by this rotation");
                return Err(Error::refused(Code::SecretForeign, message)
                    .hint("it was not changed; find out who made it, and move it away"));
            }
            ca::refuse_immutable(self.store, kept)?;
        }
        ca::refuse_immutable(self.store, &self.ca_secret)?;
        ca::refuse_immutable(self.store, &self.bundle_secret)?;
        let signing = ca::certificate_of(&self.ca_secret)?.sha256();
        let Rotation { phase, from, target, .. } = &self.rotation;
        let fits = match phase {
            RotationPhase::Staged => signing == *from,
            RotationPhase::Switching => signing == *from || signing == *target,
            RotationPhase::Switched | RotationPhase::Reissued | RotationPhase::Removed => {
                signing == *target
            }
        };
        match fits {
            true => Ok(()),
            false => Err(self.damaged(&format!(
                "{} holds another CA than the phase {} has",
                self.store.place(&self.name),
                phase.name()
            ))),
        }
    }

    /// The error for a state that no rotation leaves behind.
    pub(super) fn damaged(&self, what: &str) -> Error {
        let message = format!("the rotation of the CA {} is damaged: {what}", self.name);
        Error::failed(Code::RotationDamaged, message)
            .hint(
                "a Secret was put back from a backup, changed by hand, or deleted; put back the \
                 Secrets of the CA and of its rotation that belong together",
            )
            .hint(("see the state", CommandLine::ccx_sec("ca rotate status")))
    }

    /// The CA that signed before.
    ///
    /// # Errors
    /// Exit 3 when neither the bundle nor a Secret holds it.
    pub fn from(&self) -> Result<Certificate> {
        self.certificate(&self.rotation.from)
    }

    /// The CA that signs at the end.
    ///
    /// # Errors
    /// Exit 3 when neither the bundle nor a Secret holds it.
    pub fn target(&self) -> Result<Certificate> {
        self.certificate(&self.rotation.target)
    }

    fn certificate(&self, sha256: &str) -> Result<Certificate> {
        let members = self.bundle.members.iter().map(|member| &member.certificate);
        if let Some(found) = members.into_iter().find(|member| member.sha256() == sha256) {
            return Ok(found.clone());
        }
        let (_, certificate) = self.secret_of(sha256)?;
        Ok(certificate)
    }

    /// The CA `sha256` with its key, for instance to sign a certificate that lasts minutes.
    ///
    /// # Errors
    /// Exit 3 when no Secret holds it, or that Secret is damaged.
    pub fn authority_of(&self, sha256: &str) -> Result<Authority> {
        let (secret, _) = self.secret_of(sha256)?;
        ca::authority_of(secret)
    }

    /// Checks that the keys of both CAs of the rotation are there and can be used.
    ///
    /// # Errors
    /// Exit 3 when no Secret holds one of them, or its key does not fit.
    pub(super) fn check_keys(&self) -> Result<()> {
        self.authority_of(&self.rotation.from)?;
        self.authority_of(&self.rotation.target)?;
        Ok(())
    }

    /// The Secret with the key of the CA `sha256`, and its certificate; of two, the first whose key
    /// can be used.
    pub(super) fn secret_of(&self, sha256: &str) -> Result<(&Secret, Certificate)> {
        let mut spoiled = None;
        for secret in self.kept.iter().chain([&self.ca_secret]) {
            let certificate = match ca::certificate_of(secret) {
                Ok(certificate) => certificate,
                Err(error) => {
                    spoiled = spoiled.or(Some(error));
                    continue;
                }
            };
            if certificate.sha256() != sha256 {
                continue;
            }
            match ca::authority_of(secret) {
                Ok(_) => return Ok((secret, certificate)),
                Err(error) => spoiled = Some(error),
            }
        }
        Err(spoiled.unwrap_or_else(|| {
            self.damaged(&format!("no Secret holds the CA with the fingerprint {sha256}"))
        }))
    }

    /// Writes the bundle, if it is still as it was read.
    pub(super) fn write(&self, bundle: &Bundle) -> Result<()> {
        match self.store.replace(&bundle.fill(self.bundle_secret.clone())?)? {
            true => Ok(()),
            false => Err(moved(self.store, &self.name)),
        }
    }
}

/// A Secret that keeps the key of the CA `ca` under `name`, copied from `secret`.
pub(super) fn kept_copy(secret: &Secret, ca: &str, name: &str, step: &str) -> Secret {
    let mut copy = marked(Secret::new(name, TLS), ca);
    copy.data.clone_from(&secret.data);
    copy.annotations.insert(STEP.to_owned(), step.to_owned());
    copy
}

/// The error when no rotation is under way.
fn missing(store: &dyn Backend, name: &str) -> Error {
    let message = format!(
        "no rotation of the CA {name} is under way, says {}",
        store.place(&bundle_name(name))
    );
    Error::refused(Code::RotationMissing, message)
        .hint(("see what a rotation would do", CommandLine::ccx_sec("ca rotate plan")))
        .hint(("start one", CommandLine::ccx_sec("ca rotate start")))
}

/// The error when another process changed the CA during the command.
pub(super) fn moved(store: &dyn Backend, name: &str) -> Error {
    let message = format!("another process changed {} meanwhile", store.place(&bundle_name(name)));
    Error::refused(Code::RotationMoved, message)
        .hint(("see where the rotation is now", CommandLine::ccx_sec("ca rotate status")))
}
