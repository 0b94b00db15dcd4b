//! The start of a rotation: the next CA joins the bundle. There are two writes: the Secret with its
//! key, then the bundle. A crash between the two leaves a key that nobody trusts, which the next
//! start takes and a rollback deletes.

use jiff::{SignedDuration, Timestamp};

use crate::error::{Code, Error, Result};
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::{hex, link, pem, random};
use crate::rotation::fleet_list;
use crate::rotation::stored::moved;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, Role};
use crate::store::ca::{self, StoredCa, TLS};
use crate::store::holders::KnownHolders;
use crate::store::links::{read_links, suspend_links, with_links};
use crate::store::rotation::{
    Operator, Ramp, Rotation, RotationKind, STEP, is_of_rotation, marked, next_name, previous_name,
};
use crate::store::secret::Secret;

/// The settings of a rotation.
#[derive(Debug, Clone)]
pub struct RotationSettings {
    /// The cause.
    pub kind: RotationKind,
    /// The time that clients have to take the new bundle before the switch.
    pub client_max_age: SignedDuration,
    /// The speed at which nodes follow after the switch.
    pub ramp: Ramp,
    /// The clients that are recorded.
    pub known_holders: Option<KnownHolders>,
}

/// A CA from which a rotation can start.
pub struct RotationStart<'a> {
    store: &'a dyn Backend,
    name: String,
    /// The CA that signs now.
    pub active: Authority,
    /// The bundle.
    pub bundle: Bundle,
    bundle_secret: Secret,
    /// The Secret of a start that was interrupted.
    leftover: Option<Secret>,
}

impl<'a> RotationStart<'a> {
    /// Reads the CA `name`.
    ///
    /// # Errors
    /// Exit 1 when there is no CA; exit 3 when the store cannot be read, or CA and bundle do not
    /// fit; exit 4 when a rotation is under way, a renewal is unfinished, or another program made
    /// one of the Secrets.
    pub fn read(store: &'a dyn Backend, name: &str) -> Result<Self> {
        let next_secret = store.get(&next_name(name))?;
        let stored = StoredCa::read(store, name)?;
        ca::refuse_foreign(store, &stored, None)?;
        let (active, bundle) = stored.signing(store)?;
        if let Some(rotation) = &bundle.rotation {
            return Err(under_way(name, rotation));
        }
        for secret in [stored.ca_secret(store)?, stored.bundle_secret(store)?] {
            ca::refuse_immutable(store, secret)?;
        }
        if bundle.actives() != [active.certificate()] {
            let message = format!("the renewal of the CA {name} is not finished");
            return Err(Error::refused(Code::RenewalUnfinished, message)
                .hint(("finish it", CommandLine::ccx_sec("ca renew"))));
        }
        if let Some(previous) = store.get(&previous_name(name))? {
            return Err(in_the_way(store, &previous));
        }
        let list = store.get(&fleet_list::list_name(name))?;
        if let Some(list) = list.filter(|list| !is_of_rotation(list, name)) {
            return Err(in_the_way(store, &list));
        }
        let leftover = match next_secret {
            Some(secret) if is_of_rotation(&secret, name) => Some(secret),
            Some(secret) => return Err(in_the_way(store, &secret)),
            None => None,
        };
        let bundle_secret = stored.bundle_secret(store)?.clone();
        let name = name.to_owned();
        Ok(RotationStart { store, name, active, bundle, bundle_secret, leftover })
    }

    /// The generation of the next CA.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.bundle.last_generation() + 1
    }

    /// The next CA of a start that was interrupted.
    ///
    /// # Errors
    /// Exit 3 when its Secret is damaged.
    pub fn leftover(&self) -> Result<Option<Authority>> {
        self.leftover.as_ref().map(ca::authority_of).transpose()
    }

    /// Stages the next CA. With `dry_run`, only runs the checks of the store.
    ///
    /// # Errors
    /// Exit 4 when another process was faster, or when an interrupted start left another next CA;
    /// exit 3 when the store cannot be written.
    pub fn stage(
        self,
        next: &Authority,
        settings: &RotationSettings,
        operator: &Operator,
        dry_run: bool,
    ) -> Result<Rotation> {
        let mut id = [0; 16];
        random(&mut id)?;
        let id = hex(&id);
        let earliest_switch = match settings.kind {
            RotationKind::Planned => {
                operator.at.checked_add(settings.client_max_age).unwrap_or(Timestamp::MAX)
            }
            RotationKind::Compromised => operator.at,
        };
        let (from, target) = (self.active.certificate().sha256(), next.certificate().sha256());
        let cas = (from, target);
        let ramp = settings.ramp.clone();
        let mut rotation =
            Rotation::staged(id, settings.kind, cas, earliest_switch, ramp, operator);
        rotation.known_holders.clone_from(&settings.known_holders);
        let mut bundle = self.with_next(next.certificate(), operator.at);
        bundle.rotation = Some(rotation.clone());
        let secret = bundle.fill(self.bundle_secret.clone())?;
        let secret = match settings.kind {
            RotationKind::Planned => with_links(secret, &self.links(next, operator.at)?),
            // Whoever stole the key could make links, too.
            RotationKind::Compromised => suspend_links(secret),
        };
        // An account without the right leaves no key behind.
        if !self.store.check_replace(&secret)? {
            return Err(moved(self.store, &self.name));
        }
        self.keep_next(next, &rotation, dry_run)?;
        if !dry_run && !self.store.replace(&secret)? {
            return Err(moved(self.store, &self.name));
        }
        Ok(rotation)
    }

    /// The links of the bundle and those between the two CAs. A client that was away during a
    /// rotation follows a link later, if it knows the CA that made it.
    fn links(&self, next: &Authority, now: Timestamp) -> Result<Vec<Certificate>> {
        let mut links = read_links(&self.bundle_secret)?;
        links.retain(|link| link.not_after() >= now);
        for (one, other) in [(&self.active, next), (next, &self.active)] {
            links.extend(link::make(one, other.certificate(), now)?);
        }
        Ok(links)
    }

    /// Writes the Secret with the key of the next CA.
    fn keep_next(&self, next: &Authority, rotation: &Rotation, dry_run: bool) -> Result<()> {
        let step = rotation.step_label();
        if let Some(secret) = &self.leftover {
            if ca::certificate_of(secret)? != *next.certificate() {
                return Err(another_leftover(self.store, secret));
            }
            // A rollback that deletes it must not find it as it was.
            let mut taken = secret.clone();
            taken.annotations.insert(STEP.to_owned(), step);
            let replace = match dry_run {
                true => self.store.check_replace(&taken)?,
                false => self.store.replace(&taken)?,
            };
            return match replace {
                true => Ok(()),
                false => Err(moved(self.store, &self.name)),
            };
        }
        let pem = pem::certificates([next.certificate()]);
        let key = pem::private_key(next.key().pkcs8());
        let secret = marked(Secret::new(&next_name(&self.name), TLS), &self.name);
        let mut secret = secret
            .with("tls.crt", pem.as_str())
            .with("ca.crt", pem.as_str())
            .with("tls.key", key.as_bytes());
        secret.annotations.insert(STEP.to_owned(), step);
        match self.store.create(&secret, dry_run)? {
            true => Ok(()),
            false => Err(moved(self.store, &self.name)),
        }
    }

    /// The bundle with the next CA, without certificates that have expired.
    #[must_use]
    pub fn with_next(&self, next: &Certificate, now: Timestamp) -> Bundle {
        let mut bundle = self.bundle.clone();
        bundle
            .members
            .retain(|member| member.role == Role::Active || member.certificate.not_after() >= now);
        bundle.add_next(next.clone(), self.generation());
        bundle
    }
}

/// The error when a rotation is under way.
fn under_way(name: &str, rotation: &Rotation) -> Error {
    let message = format!(
        "a rotation of the CA {name} is under way: {} since {}, by {}",
        rotation.phase.name(),
        rotation.since,
        rotation.by
    );
    Error::refused(Code::RotationUnderWay, message)
        .hint(("see what comes next", CommandLine::ccx_sec("ca rotate status")))
}

/// The error when a Secret has a name that the rotation needs.
fn in_the_way(store: &dyn Backend, secret: &Secret) -> Error {
    let message = format!("{} exists, and no rotation is under way", store.place(&secret.name));
    Error::refused(Code::SecretForeign, message)
        .hint("a rotation keeps a key under this name; find out whose it is, and move it away")
}

/// The error when an interrupted start left another next CA.
fn another_leftover(store: &dyn Backend, secret: &Secret) -> Error {
    let message = format!(
        "{} holds the next CA of a start that was interrupted, and another one was asked for",
        store.place(&secret.name)
    );
    Error::refused(Code::RotationUnderWay, message).hint((
        "no certificate and no client has it; delete it, then start again",
        CommandLine::ccx_sec("ca rotate rollback"),
    ))
}
