//! The CA and its bundle in a store.
//!
//! Two Secrets: NAME (`kubernetes.io/tls`, with the key; usable unchanged by a cert-manager CA
//! issuer) and NAME-bundle (`Opaque`, public). A new CA is written in that order. A crash between
//! the two leaves a CA without a bundle, which [`repair_bundle`] repairs: the bundle is derived
//! from the certificate only, so every process that repairs it writes the same one.

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::hint::Hint;
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::key::PrivateKey;
use crate::pki::pem;
use crate::shell::CommandLine;
use crate::store::bundle::{BUNDLE_SUFFIX, Bundle, bundle_name};
use crate::store::rotation::{is_of_rotation, next_name, previous_name, rotation_owner};
use crate::store::secret::Secret;
use crate::store::{Backend, Revision, StoreAddress, missing, revise};

/// The type of a Secret with a certificate and its key.
pub const TLS: &str = "kubernetes.io/tls";

/// The two Secrets of a CA, as read; one or both may be missing.
#[derive(Debug)]
pub struct StoredCa {
    /// The name of the CA.
    pub name: String,
    /// The Secret with certificate and key.
    pub ca: Option<Secret>,
    /// The Secret with the bundle.
    pub bundle: Option<Secret>,
    /// The store that they are in.
    pub address: StoreAddress,
}

impl StoredCa {
    /// Reads both Secrets. A rotation can change them between the two reads: then they are read
    /// again, until they fit or stay as they are.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read.
    pub fn read(store: &dyn Backend, name: &str) -> Result<Self> {
        const ATTEMPTS: usize = 5;
        let mut stored = Self::read_once(store, name)?;
        if let Some(owner) = stored.ca.as_ref().and_then(rotation_owner) {
            let message = format!(
                "{} is no CA of its own: the rotation of the CA {owner} keeps a key in it",
                store.place(name)
            );
            return Err(Error::refused(Code::SecretForeign, message)
                .hint(format!("name the CA: --ca {owner}")));
        }
        for _ in 1..ATTEMPTS {
            if stored.fits() {
                break;
            }
            let again = Self::read_once(store, name)?;
            let is_same = again.ca == stored.ca && again.bundle == stored.bundle;
            stored = again;
            if is_same {
                break;
            }
        }
        Ok(stored)
    }

    /// Whether the bundle lets the CA sign, as far as both can be read.
    fn fits(&self) -> bool {
        let (Some(ca), Some(bundle)) = (&self.ca, &self.bundle) else { return true };
        match (certificate_of(ca), Bundle::from_secret(bundle)) {
            (Ok(certificate), Ok(bundle)) => bundle.lets_sign(&certificate),
            _ => true,
        }
    }

    fn read_once(store: &dyn Backend, name: &str) -> Result<Self> {
        let mut ca = store.get(name)?;
        let bundle = store.get(&bundle_name(name))?;
        if ca.is_none() && bundle.is_some() {
            ca = store.get(name)?; // a CA is written before its bundle
        }
        Ok(StoredCa { name: name.to_owned(), ca, bundle, address: store.address() })
    }

    /// The Secret of the CA.
    ///
    /// # Errors
    /// Exit 1 when there is none.
    pub fn ca_secret(&self, store: &dyn Backend) -> Result<&Secret> {
        self.ca.as_ref().ok_or_else(|| missing::error(store, &self.name, self.bundle.is_some()))
    }

    /// The Secret of the bundle.
    ///
    /// # Errors
    /// Exit 3 when there is none.
    pub fn bundle_secret(&self, store: &dyn Backend) -> Result<&Secret> {
        self.bundle.as_ref().ok_or_else(|| {
            let message = format!("{} is missing", store.place(&bundle_name(&self.name)));
            Error::failed(Code::BundleMissing, message)
                .hint(("make it from the CA", CommandLine::ccx_sec("ca check")))
        })
    }

    /// As [`signing`], from the Secrets that were read.
    ///
    /// # Errors
    /// Those of [`signing`].
    pub fn signing(&self, store: &dyn Backend) -> Result<(Authority, Bundle)> {
        let authority = authority_of(self.ca_secret(store)?)?;
        let bundle = Bundle::from_secret(self.bundle_secret(store)?)?;
        if bundle.lets_sign(authority.certificate()) {
            return Ok((authority, bundle));
        }
        Err(match bundle.holds(authority.certificate()) {
            true => not_active(store, &self.name),
            false => replaced(store, &self.name, &bundle, authority.certificate()),
        })
    }
}

fn damaged(secret: &Secret, what: impl std::fmt::Display) -> Error {
    Error::failed(Code::CaDamaged, format!("the Secret {} is damaged: {what}", secret.name))
        .hint("restore it from a backup")
}

/// Reads the certificate in a CA's Secret.
///
/// # Errors
/// Exit 3 when it is missing or damaged.
pub fn certificate_of(secret: &Secret) -> Result<Certificate> {
    let found = Certificate::from_pem("tls.crt", secret.value("tls.crt")?)
        .map_err(|error| damaged(secret, error))?;
    let count = found.len();
    <[Certificate; 1]>::try_from(found)
        .map(|[certificate]| certificate)
        .map_err(|_| damaged(secret, format!("tls.crt holds {count} certificates, not one")))
}

/// Reads certificate and key in a CA's Secret, and checks that they match.
///
/// # Errors
/// Exit 3 when one is missing or damaged, or the two do not match.
pub fn authority_of(secret: &Secret) -> Result<Authority> {
    let certificate = certificate_of(secret)?;
    let items = pem::read("tls.key", secret.value("tls.key")?);
    let mut items = items.map_err(|error| damaged(secret, error))?;
    let key = match (items.pop(), items.is_empty()) {
        (Some(pem::PemItem::Key(key)), true) => key,
        _ => return Err(damaged(secret, "tls.key does not hold exactly one private key")),
    };
    let key = PrivateKey::from_der(&key).map_err(|error| damaged(secret, error))?;
    Authority::new(certificate, key).map_err(|error| {
        let message = format!("the Secret {} is damaged: {error}", secret.name);
        Error::failed(error.code(), message).hint("restore it from a backup")
    })
}

/// Reads the CA for signing, and the bundle to hand out with new certificates.
///
/// # Errors
/// Exit 1 when there is no CA; exit 3 when the CA or its bundle is damaged, or the bundle is
/// missing; exit 4 when the bundle does not hold the CA's certificate.
pub fn signing(store: &dyn Backend, name: &str) -> Result<(Authority, Bundle)> {
    StoredCa::read(store, name)?.signing(store)
}

/// The error when the bundle, which clients trust, does not contain the CA. A crash can leave a CA
/// without a bundle, but never with the bundle of another CA: so one of the two Secrets was
/// replaced.
fn replaced(store: &dyn Backend, name: &str, bundle: &Bundle, certificate: &Certificate) -> Error {
    let message = format!(
        "{} was replaced: no client trusts it yet, since {} does not hold it",
        store.place(name),
        store.place(&bundle_name(name)),
    );
    Error::refused(Code::BundleLacksCa, message).hint(replaced_hint(bundle, certificate))
}

/// The hint for a CA in the store that clients do not trust.
pub(super) fn replaced_hint(bundle: &Bundle, certificate: &Certificate) -> Hint {
    if bundle.rotation.is_some() || bundle.given_up(certificate).is_some() {
        return Hint::from("put the Secret of the CA back from a backup; see the other findings");
    }
    let accept = CommandLine::ccx_sec("ca check").flag("--accept-new-ca");
    let how = "restore the old Secret from a backup; or, if the new CA is intended, make it the \
               active one";
    Hint::from((how, accept))
}

/// The error when the CA in the store is a member of the bundle, but not the active one.
fn not_active(store: &dyn Backend, name: &str) -> Error {
    let message = format!(
        "{} holds a CA that {} does not call active",
        store.place(name),
        store.place(&bundle_name(name)),
    );
    Error::refused(Code::BundleActive, message).hint((
        "one of the two Secrets was put back from a backup, or changed by hand; see",
        CommandLine::ccx_sec("ca check"),
    ))
}

/// The result of [`create`], or with `dry_run` the result that it would have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// Both Secrets were created.
    Created,
    /// A CA existed already; nothing was changed.
    Exists,
}

/// Writes a new CA into the store. With `dry_run`, only runs the checks.
///
/// # Errors
/// Exit 4 when ccx-sec did not make a Secret of either name, or a bundle exists without its CA;
/// exit 3 when the store cannot be written.
pub fn create(
    store: &dyn Backend,
    name: &str,
    authority: &Authority,
    dry_run: bool,
) -> Result<Creation> {
    let certificate = authority.certificate();
    let stored = StoredCa::read(store, name)?;
    if refuse_foreign(store, &stored, Some(certificate))? {
        return Ok(Creation::Exists);
    }
    if stored.bundle.is_none() {
        refuse_lost_rotation(store, name)?;
    }
    let pem = pem::certificates([certificate]);
    let mut secret =
        Secret::new(name, TLS).with("tls.crt", pem.as_str()).with("ca.crt", pem.as_str());
    let key = pem::private_key(authority.key().pkcs8());
    secret.data.insert("tls.key".to_owned(), Zeroizing::new(key.as_bytes().to_vec()));
    if !store.create(&secret, dry_run)? {
        refuse_foreign(store, &StoredCa::read(store, name)?, None)?;
        return Ok(Creation::Exists);
    }
    if dry_run {
        store
            .create(&Bundle::from_certificate(certificate).to_secret(&bundle_name(name))?, true)?;
    } else {
        repair_bundle(store, name, certificate, ReplacementPolicy::Refuse)?;
    }
    Ok(Creation::Created)
}

/// Refuses to continue if another program made the Secret of the CA or of its bundle, or if there
/// is a bundle without its CA (unless the bundle contains `restored`): clients may trust that CA.
/// Returns whether the CA exists.
///
/// # Errors
/// Exit 4 in both cases.
pub fn refuse_foreign(
    store: &dyn Backend,
    stored: &StoredCa,
    restored: Option<&Certificate>,
) -> Result<bool> {
    for secret in [&stored.ca, &stored.bundle].into_iter().flatten() {
        if !secret.is_ours() {
            let place = store.place(&secret.name);
            return Err(Error::refused(
                Code::SecretForeign,
                format!("{place} was not made by ccx-sec"),
            )
            .hint("it was not changed; find out who made it, or use another name: --ca NAME")
            .hint(stored.address.adoption(&secret.name)));
        }
    }
    if let (None, Some(bundle)) = (&stored.ca, &stored.bundle) {
        let holds = |certificate: &&Certificate| {
            Bundle::from_secret(bundle).is_ok_and(|bundle| bundle.lets_sign(certificate))
        };
        if restored.filter(holds).is_none() {
            return Err(Error::refused(
                Code::BundleWithoutCa,
                format!("{} holds the bundle of a CA that is gone", store.place(&bundle.name)),
            )
            .hint(missing::restore())
            .hint(
                "to start with a new CA, which those clients do not trust, delete the bundle first",
            ));
        }
    }
    Ok(stored.ca.is_some())
}

/// Refuses to change an immutable Secret (`immutable: true`).
///
/// # Errors
/// Exit 4.
pub fn refuse_immutable(store: &dyn Backend, secret: &Secret) -> Result<()> {
    if !secret.immutable {
        return Ok(());
    }
    let message = format!("{} is immutable", store.place(&secret.name));
    let refused = Error::refused(Code::SecretImmutable, message);
    Err(match secret.name.ends_with(BUNDLE_SUFFIX) {
        true => refused.hint((
            "save it and delete it; then create it again: in a rotation from what was saved, else from \
             the CA",
            CommandLine::ccx_sec("ca check"),
        )),
        false => refused.hint("save it, delete it, and create it again without immutable: true"),
    })
}

/// Refuses to make a bundle while a rotation keeps keys of other CAs: the lost bundle held more than
/// the CA that signs.
fn refuse_lost_rotation(store: &dyn Backend, ca: &str) -> Result<()> {
    for name in [next_name(ca), previous_name(ca)] {
        let kept = store.get(&name)?;
        if kept.is_some_and(|kept| is_of_rotation(&kept, ca)) {
            let message = format!(
                "{} is missing, and {} is of a rotation: the bundle held other CAs too",
                store.place(&bundle_name(ca)),
                store.place(&name)
            );
            return Err(Error::refused(Code::BundleMissing, message)
                .hint("put the bundle back from a backup"));
        }
    }
    Ok(())
}

/// The result of [`repair_bundle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleRepair {
    /// The bundle holds the CA.
    Whole,
    /// The bundle was missing, and was made.
    Made,
    /// The bundle did not hold the CA, which was added as the active one.
    Added,
}

/// The policy of [`repair_bundle`] for a bundle without the CA, after one of the two was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplacementPolicy {
    /// Refuse.
    Refuse,
    /// Add the CA as the active member; former active members become retiring.
    Accept,
}

/// Repairs the bundle of a CA: creates a missing bundle, and adds a replaced CA if `replaced_ca` is
/// `Accept`.
///
/// # Errors
/// Exit 3 when the bundle is damaged or cannot be written; exit 4 when it lacks the CA and
/// `replaced_ca` is `Refuse`, when another program made it, when it is immutable, or when other
/// writers keep changing it.
pub fn repair_bundle(
    store: &dyn Backend,
    ca: &str,
    certificate: &Certificate,
    replaced_ca: ReplacementPolicy,
) -> Result<BundleRepair> {
    let name = bundle_name(ca);
    let repaired = revise(store, &name, store.get(&name)?, |there| {
        let Some(secret) = there else {
            refuse_lost_rotation(store, ca)?;
            let secret = Bundle::from_certificate(certificate).to_secret(&name)?;
            return Ok(Revision::Write(secret, BundleRepair::Made));
        };
        if !secret.is_ours() {
            let message = format!("{} was not made by ccx-sec", store.place(&name));
            return Err(Error::refused(Code::SecretForeign, message)
                .hint("it was not changed; find out who made it, or use another name: --ca NAME")
                .hint(store.address().adoption(&name)));
        }
        let mut bundle = Bundle::from_secret(&secret)?;
        if bundle.holds(certificate) {
            return Ok(Revision::Keep(BundleRepair::Whole));
        }
        if replaced_ca == ReplacementPolicy::Refuse {
            return Err(replaced(store, ca, &bundle, certificate));
        }
        if let Some(rotation) = &bundle.rotation {
            let phase = rotation.phase.name();
            let message =
                format!("{} was replaced during a rotation, which is {phase}", store.place(ca));
            return Err(Error::refused(Code::RotationUnderWay, message)
                .hint("nothing was changed; put the old Secret back from a backup"));
        }
        if let Some(ended) = bundle.given_up(certificate) {
            let message = format!(
                "{} holds a CA that a rotation gave up, which ended at {}",
                store.place(ca),
                ended.ended
            );
            return Err(Error::refused(Code::BundleLacksCa, message).hint(format!(
                "nothing was changed; put back {ca} from a backup of the time after that"
            )));
        }
        refuse_immutable(store, &secret)?;
        bundle.activate(certificate.clone());
        Ok(Revision::Write(bundle.fill(secret)?, BundleRepair::Added))
    })?;
    repaired.ok_or_else(|| {
        Error::refused(Code::BundleContended, format!("{} keeps changing", store.place(&name)))
            .hint("another process keeps writing it; try again when that one is done")
    })
}
