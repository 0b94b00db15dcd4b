//! The credentials of a node: a certificate, its private key, and the bundle that verifies the
//! certificates of others. Issues, reads and judges them.

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Exit, Result};
use crate::hint::Hint;
use crate::node::issue_command;
use crate::node::renewal::RenewalTime;
use crate::node::trust::{FleetTrust, IssuerStanding};
use crate::pki::certificate::Certificate;
use crate::pki::issue::{Issuer, LeafRequest};
use crate::pki::key::{KeyType, PrivateKey};
use crate::pki::leaf_key::LeafKey;
use crate::pki::pem;
use crate::shell::Placeholder;

/// A certificate, its key, and a bundle. Reading checks that certificate and key match.
#[derive(Debug, Clone)]
pub struct Credentials {
    certificate: Certificate,
    key: LeafKey,
    bundle: String,
}

/// The verdict on credentials: the action that they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialAction {
    /// None: they are as desired.
    Keep,
    /// A new bundle: certificate and key are as desired, but the bundle is not the CA's current
    /// one.
    Refresh,
    /// Replacement, for this reason.
    Replace(RenewalReason),
}

/// The judgement of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialVerdict {
    /// The action that they need.
    pub action: CredentialAction,
    /// Whether a CA that a rotation replaces signed them, and they stay until their turn comes.
    pub waits: bool,
}

/// The reason for new credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RenewalReason {
    /// There are no credentials.
    Missing,
    /// They cannot be read, or certificate and key do not match.
    Damaged,
    /// Another CA signed them, perhaps the predecessor of this one.
    OtherCa,
    /// The CA that a rotation replaces signed them, and their turn has come.
    Rotation,
    /// They differ from the desired ones: other names, another use, another kind of key.
    Changed,
    /// They are due for renewal.
    Due,
    /// They have expired.
    Expired,
    /// They are not valid yet.
    NotYetValid,
    /// The user asked for it.
    Asked,
}

impl RenewalReason {
    /// The name in all outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RenewalReason::Missing => "missing",
            RenewalReason::Damaged => "damaged",
            RenewalReason::OtherCa => "other-ca",
            RenewalReason::Rotation => "rotation",
            RenewalReason::Changed => "changed",
            RenewalReason::Due => "due",
            RenewalReason::Expired => "expired",
            RenewalReason::NotYetValid => "not-yet-valid",
            RenewalReason::Asked => "asked",
        }
    }
}

/// Whether credentials could not be read because of their content, and not because of the disk,
/// permissions, or a store that does not answer.
#[must_use]
pub fn is_damage(error: &Error) -> bool {
    error.exit() != Exit::Failed
        || matches!(error.code(), Code::FileMissing | Code::FileLoop | Code::SecretKeyMissing)
}

/// Whether two bundles have the same certificates. A switch changes their order, and no node needs
/// its files anew for that.
fn has_same_certificates(one: &str, other: &str) -> bool {
    fn sorted(text: &str) -> Vec<&str> {
        let mut blocks: Vec<&str> = text.split("-----BEGIN").map(str::trim).collect();
        blocks.sort_unstable();
        blocks
    }
    one == other || sorted(one) == sorted(other)
}

/// The hint for credentials that cannot be used.
fn reissue_hint() -> Hint {
    let command = issue_command(None, None).option("--out", Placeholder("DIR")).flag("--force");
    Hint::from(("issue a certificate with a new key, replacing these files", command))
}

impl Credentials {
    /// Issues a certificate for `key`.
    ///
    /// # Errors
    /// See [`Issuer::issue`].
    pub fn issue(
        issuer: &Issuer<'_>,
        bundle: &str,
        request: &LeafRequest,
        key: LeafKey,
        now: Timestamp,
    ) -> Result<Self> {
        let certificate = issuer.issue(request, key.public(), now)?;
        Ok(Credentials { certificate, key, bundle: bundle.to_owned() })
    }

    /// Reads certificate, key and bundle from PEM; errors call them `name`.
    ///
    /// # Errors
    /// Exit 2 when one cannot be read, exit 4 when certificate and key do not match.
    pub fn read(name: &str, certificate: &[u8], key: &[u8], bundle: &[u8]) -> Result<Self> {
        let bundle = String::from_utf8_lossy(bundle).into_owned();
        let certificate =
            Certificate::from_pem(&format!("the certificate of {name}"), certificate)?
                .into_iter()
                .next()
                .ok_or_else(|| {
                    Error::usage(Code::CertificateMissing, format!("{name} holds no certificate"))
                        .hint(reissue_hint())
                })?;
        if certificate.parsed().is_ca() {
            let message =
                format!("{name} holds a CA certificate instead of the certificate of a node");
            return Err(Error::failed(Code::CertificateIsCa, message)
                .hint("a node must never have the key of a CA; move it away"));
        }
        let key = match pem::read(&format!("the key of {name}"), key)?.pop() {
            Some(pem::PemItem::Key(key)) => PrivateKey::from_der(&key)?,
            _ => {
                return Err(Error::usage(Code::KeyMissing, format!("{name} holds no private key"))
                    .hint(reissue_hint()));
            }
        };
        if key.public_key_info() != certificate.public_key_info() {
            let message = format!("key and certificate of {name} do not belong together");
            return Err(Error::refused(Code::KeyMismatch, message).hint(reissue_hint()));
        }
        Ok(Credentials { certificate, key: LeafKey::from(&key), bundle })
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &LeafKey {
        &self.key
    }

    /// The certificate as PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        pem::certificates([&self.certificate])
    }

    /// The key as PEM.
    #[must_use]
    pub fn key_pem(&self) -> Zeroizing<String> {
        pem::private_key(self.key.pkcs8())
    }

    /// The bundle as PEM.
    #[must_use]
    pub fn bundle_pem(&self) -> &str {
        &self.bundle
    }

    /// Whether they have the certificate and the bundle of `other`; the order of the bundle does not
    /// matter.
    #[must_use]
    pub fn serves_as(&self, other: &Credentials) -> bool {
        self.certificate == other.certificate && has_same_certificates(&self.bundle, &other.bundle)
    }

    /// Replaces the bundle.
    #[must_use]
    pub fn with_bundle(self, bundle: &str) -> Self {
        Credentials { bundle: bundle.to_owned(), ..self }
    }

    /// Judges the credentials: the CA that signs now must have signed them, or another one of the
    /// bundle while they wait for their turn in a rotation. They must not be due, and, if given,
    /// match `wanted` including the kind of key.
    ///
    /// # Errors
    /// See [`RenewalTime::from`].
    pub fn judge(
        &self,
        trust: &FleetTrust,
        wanted: Option<(&LeafRequest, KeyType)>,
        due: &RenewalTime,
        now: Timestamp,
    ) -> Result<CredentialVerdict> {
        let certificate = &self.certificate;
        let ends_with_ca = certificate.not_after() >= trust.signer().not_after();
        let standing = trust.standing(certificate);
        let due_from = match standing {
            IssuerStanding::Signer => due.from(certificate, now)?,
            // An early renewal at the user's request (`--before`) does not overtake the rotation.
            _ => due.from(certificate, now)?.max(RenewalTime::ByLife.from(certificate, now)?),
        };
        let reason = if now > certificate.not_after() {
            Some(RenewalReason::Expired)
        } else if now < certificate.not_before() {
            Some(RenewalReason::NotYetValid)
        } else if standing == IssuerStanding::Foreign {
            Some(RenewalReason::OtherCa)
        } else if wanted.is_some_and(|(request, key_type)| !self.matches(request, key_type)) {
            Some(RenewalReason::Changed)
        } else if !ends_with_ca && now >= due_from {
            Some(RenewalReason::Due) // a new one would end with the CA too, and be due again
        } else if standing == IssuerStanding::Rotates {
            Some(RenewalReason::Rotation)
        } else {
            None
        };
        let action = match reason {
            Some(reason) => CredentialAction::Replace(reason),
            None if !has_same_certificates(&self.bundle, trust.bundle_pem()) => {
                CredentialAction::Refresh
            }
            None => CredentialAction::Keep,
        };
        Ok(CredentialVerdict {
            waits: reason.is_none() && standing == IssuerStanding::Waits,
            action,
        })
    }

    /// Whether they end together with the CA that signed them, as found in their own bundle: then
    /// the CA has to be renewed first.
    #[must_use]
    pub fn ends_with_ca(&self) -> bool {
        let certificate = &self.certificate;
        let bundle = Certificate::from_pem("the bundle", self.bundle.as_bytes());
        bundle
            .unwrap_or_default()
            .iter()
            .any(|ca| certificate.not_after() >= ca.not_after() && certificate.is_signed_by(ca))
    }

    fn matches(&self, wanted: &LeafRequest, key_type: KeyType) -> bool {
        LeafRequest::from_certificate(&self.certificate).is_ok_and(|(request, kind)| {
            kind == key_type.name()
                && request.subject == wanted.subject
                && request.san == wanted.san
                && request.usage == wanted.usage
        })
    }
}

#[cfg(test)]
mod tests;
