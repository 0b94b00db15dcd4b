//! Prepares a target: assesses its places, chooses or issues its credentials, and writes them where
//! no reader finds them yet.

use std::time::Duration;

use uuid::Uuid;

use super::outcome::{Decision, RotationWait};
use super::rotation_turns::TurnClaim;
use super::{
    CredentialTarget, DesiredCertificate, ExpectedSubject, IssueContext, IssueOutcome, IssuePolicy,
};
use crate::error::{Code, Error, Result};
use crate::files::{self, Durability, PublishedFiles, Slot, StagedFiles};
use crate::node::credentials::{
    self, CredentialAction, CredentialVerdict, Credentials, RenewalReason,
};
use crate::node::directory;
use crate::node::issue_command;
use crate::pki::certificate::Certificate;
use crate::pki::issue::LeafRequest;
use crate::pki::leaf_key::LeafKey;
use crate::pki::profile;
use crate::pki::validity;
use crate::shell::Placeholder;
use crate::store::nodes::{self, SecretTarget};
use crate::store::secret::Secret;

/// The contents of a target's place, and the verdict on them.
struct StoredCredentials {
    credentials: Option<Credentials>,
    /// Why the credentials cannot be read.
    damage: Option<String>,
    verdict: CredentialVerdict,
}

impl StoredCredentials {
    /// The reason to replace the credentials, if there is one.
    fn reason(&self) -> Option<RenewalReason> {
        match self.verdict.action {
            CredentialAction::Replace(reason) => Some(reason),
            CredentialAction::Keep | CredentialAction::Refresh => None,
        }
    }

    /// The credentials, if they need not be replaced.
    fn good(&self) -> Option<&Credentials> {
        self.credentials.as_ref().filter(|_| self.reason().is_none())
    }

    /// Refuses to replace the certificate of another node or client.
    fn refuse_others(&self, name: &str, holder: &ExpectedSubject) -> Result<()> {
        let others = self.credentials.as_ref().filter(|there| !holder.has(there.certificate()));
        let Some(others) = others else { return Ok(()) };
        let whose = others.certificate().name();
        let message = format!("the directory for {name} holds the certificate of {whose}");
        Err(Error::refused(Code::DirectoryOfAnother, message)
            .hint("give another directory; or, to replace the file: --force"))
    }

    /// Whether the place has to be written to get `chosen`.
    fn lacks(&self, chosen: &Credentials) -> bool {
        self.credentials.as_ref().is_none_or(|there| !there.serves_as(chosen))
    }
}

/// Credentials on the way to their places.
pub(super) struct CredentialDelivery {
    pub(super) outcome: IssueOutcome,
    pub(super) directory: Directory,
    /// The Secret to write: the target, the Secret as it was read, and the new credentials.
    pub(super) secret: Option<(SecretTarget, Option<Secret>, Credentials)>,
}

impl CredentialDelivery {
    pub(super) fn failed(error: Error) -> Self {
        let outcome = IssueOutcome::failed(error);
        CredentialDelivery { outcome, directory: Directory::Untouched, secret: None }
    }

    /// The delivery of a target that was not begun.
    pub(super) fn skipped() -> Self {
        CredentialDelivery {
            outcome: IssueOutcome::skipped(),
            directory: Directory::Untouched,
            secret: None,
        }
    }

    pub(super) fn is_staged(&self) -> bool {
        matches!(self.directory, Directory::Staged(_))
    }

    pub(super) fn is_changed(&self) -> bool {
        matches!(self.directory, Directory::Changed(_))
    }
}

/// The state of a target's directory.
pub(super) enum Directory {
    Untouched,
    Staged(StagedFiles),
    Changed(PublishedFiles),
    /// An earlier run changed it and never confirmed the change.
    Unconfirmed(PublishedFiles),
}

impl IssueContext<'_> {
    /// Assesses the places of a target, and stages new credentials.
    pub(super) fn prepare(
        &self,
        target: CredentialTarget,
        durability: Durability,
    ) -> Result<CredentialDelivery> {
        let made = target.directory.as_ref().map(|(path, _)| path.clone());
        let made = made.filter(|path| !self.dry_run && !files::exists(path));
        let prepared = self.prepare_in_place(target, durability);
        if let (Err(_), Some(path)) = (&prepared, made) {
            files::remove_empty_directory(&path);
        }
        prepared
    }

    fn prepare_in_place(
        &self,
        target: CredentialTarget,
        durability: Durability,
    ) -> Result<CredentialDelivery> {
        let CredentialTarget { name, wanted, directory, secret, holder, datastore } = target;
        // With many nodes, do not wait: another process may be waiting for this one in turn.
        let patience = match durability {
            Durability::Now => self.patience,
            Durability::Later => Duration::ZERO,
        };
        let slot = match directory.as_ref().filter(|_| !self.dry_run) {
            Some((path, _)) => Some(Slot::open(path, durability, patience)?),
            None => None,
        };
        let in_directory = match &directory {
            Some((path, kind)) => Some(self.assess(directory::read(path, *kind), &wanted)?),
            None => None,
        };
        let has_style = match &directory {
            Some((path, kind)) => directory::has_style(path, *kind, &self.style)?,
            None => true,
        };
        let read = match (&secret, self.store) {
            (Some(to), Some(store)) if self.may_be_there(&to.name) => store.get(&to.name)?,
            _ => None,
        };
        let in_secret = secret.as_ref().map(|_| {
            let credentials = read.as_ref().map(nodes::credentials_of).transpose();
            self.assess(credentials, &wanted)
        });
        let in_secret = in_secret.transpose()?;

        let places: Vec<&StoredCredentials> = in_directory.iter().chain(&in_secret).collect();
        let mut chosen = self.choose(&name, &wanted, &places, datastore)?;
        if let (Some(found), Some(holder)) = (&in_directory, &holder) {
            found.refuse_others(&name, holder)?;
        }
        let lacks = |place: Option<&StoredCredentials>| {
            place.is_some_and(|found| found.lacks(&chosen.credentials))
        };
        let to_directory = lacks(in_directory.as_ref()) || !has_style;
        let changes_role =
            |to: &SecretTarget| read.as_ref().is_some_and(|read| to.changes_role_of(read));
        let to_secret = lacks(in_secret.as_ref()) || secret.as_ref().is_some_and(changes_role);
        if let (Some(to), Some(store), true) = (&secret, self.store, to_secret) {
            nodes::check_writable(store, to, read.as_ref())?;
        }
        let replaced = places.iter().filter_map(|found| found.credentials.as_ref());
        let outcome = IssueOutcome::from_decision(&chosen, to_directory || to_secret, self.trust)
            .compared_with(replaced.map(Credentials::certificate));
        if self.dry_run {
            chosen.claim.take().into_iter().for_each(TurnClaim::keep);
            return Ok(CredentialDelivery {
                outcome,
                directory: Directory::Untouched,
                secret: None,
            });
        }
        let directory = match (slot, directory) {
            (Some(slot), Some((_, kind))) if to_directory => {
                let credentials = &chosen.credentials;
                let staged = directory::stage(slot, kind, credentials, &self.style, durability)?;
                Directory::Staged(staged)
            }
            (Some(slot), _) => {
                slot.unconfirmed()?.map_or(Directory::Untouched, Directory::Unconfirmed)
            }
            (None, _) => Directory::Untouched,
        };
        chosen.claim.take().into_iter().for_each(TurnClaim::keep);
        let secret = secret.filter(|_| to_secret).map(|to| (to, read, chosen.credentials));
        Ok(CredentialDelivery { outcome, directory, secret })
    }

    fn may_be_there(&self, secret: &str) -> bool {
        self.there.as_ref().is_none_or(|there| there.contains(secret))
    }

    /// Judges credentials as they were read. Damaged ones are to be replaced; if reading failed for
    /// another reason, that is an error.
    fn assess(
        &self,
        read: Result<Option<Credentials>>,
        wanted: &DesiredCertificate,
    ) -> Result<StoredCredentials> {
        let replace = |reason, damage| {
            let action = CredentialAction::Replace(reason);
            let verdict = CredentialVerdict { action, waits: false };
            StoredCredentials { credentials: None, damage, verdict }
        };
        let credentials = match read {
            Ok(None) => return Ok(replace(RenewalReason::Missing, None)),
            Ok(Some(credentials)) => credentials,
            Err(error) if credentials::is_damage(&error) => {
                return Ok(replace(RenewalReason::Damaged, Some(error.to_string())));
            }
            Err(error) => return Err(error),
        };
        let wanted = wanted.as_ref().map(|(request, key_type)| (request, *key_type));
        let mut verdict = credentials.judge(self.trust, wanted, self.due, self.now)?;
        let is_good = !matches!(verdict.action, CredentialAction::Replace(_));
        if is_good && self.goal == IssuePolicy::RenewAll {
            let action = CredentialAction::Replace(RenewalReason::Asked);
            verdict = CredentialVerdict { action, waits: false };
        }
        Ok(StoredCredentials { credentials: Some(credentials), damage: None, verdict })
    }

    /// Chooses the credentials of a target: among usable ones in its places those of the CA that
    /// signs now, and of these those that are valid longest; without any, issues new ones.
    fn choose(
        &self,
        name: &str,
        wanted: &DesiredCertificate,
        places: &[&StoredCredentials],
        datastore: Option<Uuid>,
    ) -> Result<Decision<'_>> {
        let keep = |kept: &Credentials, waiting| Decision {
            credentials: kept.clone().with_bundle(self.trust.bundle_pem()),
            reason: None,
            waiting,
            claim: None,
        };
        let good = places.iter().filter_map(|found| Some((found.verdict.waits, found.good()?)));
        let last =
            |(waits, found): &(bool, &Credentials)| (!waits, found.certificate().not_after());
        if let Some((waits, good)) = good.max_by_key(last) {
            return Ok(keep(good, waits.then(|| RotationWait::of(self.trust, good.certificate()))));
        }
        let mut reasons = places.iter().filter_map(|found| found.reason());
        let reason = reasons.find(|reason| *reason != RenewalReason::Missing);
        let reason = reason.unwrap_or(RenewalReason::Missing);
        let mut claim = None;
        if reason == RenewalReason::Rotation && self.goal != IssuePolicy::RenewAll {
            claim = self.turns.claim(datastore);
            let is_rotation = |found: &&&StoredCredentials| found.reason() == Some(reason);
            let kept = places.iter().find(is_rotation).and_then(|found| found.credentials.as_ref());
            if let (None, Some(kept)) = (&claim, kept) {
                return Ok(keep(kept, Some(RotationWait::Datastore)));
            }
        }
        if self.goal != IssuePolicy::Issue && reason == RenewalReason::Missing {
            return Err(Error::failed(
                Code::CertificateMissing,
                format!("{name} has no certificate"),
            )
            .hint("cert renew needs an existing certificate")
            .hint((
                "issue the first one",
                issue_command(None, None).option("--out", Placeholder("DIR")),
            )));
        }
        let old = places.iter().find_map(|found| found.credentials.as_ref());
        let (request, key_type) = match (wanted, old) {
            (Some((request, key_type)), _) => (request.clone(), *key_type),
            (None, Some(old)) => {
                self.check_origin(name, old.certificate())?;
                let (request, key_type) = LeafRequest::from_certificate(old.certificate())?;
                // The lifetime of a certificate that was cut at its CA's end is no model.
                let default = || old.ends_with_ca().then(validity::leaf_default);
                let request = match self.validity.cloned().or_else(default) {
                    Some(validity) => LeafRequest { validity, ..request },
                    None => request,
                };
                (request, key_type.parse()?)
            }
            // A certificate without its key proves nothing: anybody can copy one.
            (None, None) => {
                let damage = places.iter().find_map(|found| found.damage.as_deref());
                let damage = damage.unwrap_or("its certificate cannot be read");
                let message = format!("{name} cannot be renewed: {damage}");
                return Err(Error::failed(Code::CertificateDamaged, message).hint((
                    "its names are not trustworthy: issue a new one",
                    issue_command(None, None).option("--out", Placeholder("DIR")).flag("--force"),
                )));
            }
        };
        let key = match old.filter(|old| self.reuse_key && old.key().has_type(key_type)) {
            Some(old) => old.key().clone(),
            None => LeafKey::generate(key_type)?,
        };
        let credentials =
            Credentials::issue(self.issuer, self.trust.bundle_pem(), &request, key, self.now)?;
        Ok(Decision { credentials, reason: Some(reason), waiting: None, claim })
    }

    /// Refuses to sign the names of a certificate again if no CA of the bundle signed it: anybody
    /// who can write into the directory could have chosen them. Allowed if the user asked to renew
    /// all.
    fn check_origin(&self, name: &str, old: &Certificate) -> Result<()> {
        if self.goal == IssuePolicy::RenewAll {
            return Ok(());
        }
        let bundle = Certificate::from_pem("the bundle", self.trust.bundle_pem().as_bytes())?;
        let mut trusted = bundle.iter().chain([self.issuer.certificate()]);
        if trusted.any(|ca| profile::check_signature(old, ca).is_none()) {
            return Ok(());
        }
        let message = format!(
            "the certificate of {name} is not signed by a CA of the bundle: its names are not trustworthy"
        );
        Err(Error::refused(Code::CertificateForeign, message)
            .hint((
                "issue one for the names that you give",
                issue_command(None, None).option("--out", Placeholder("DIR")).flag("--force"),
            ))
            .hint("to trust its names, renew it with --force: check them with cert inspect first"))
    }
}
