//! A CA with a key at hand, in the place of a CA whose key is elsewhere.
//!
//! A plan needs certificates that the next CA has not signed yet. A stand-in has the name, the
//! identifiers, the extensions and the dates of that CA, and a key of the same kind that exists for
//! the time of the simulation only. In trust sets it takes the place of the CA. No verifier can tell
//! the two sets of certificates apart by anything but the bits of keys.

use jiff::Timestamp;

use crate::error::{Code, Error, Result};
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::issue::{Issuer, LeafRequest, Usage};
use crate::pki::key::{KeyType, PrivateKey};
use crate::pki::leaf_key::{LeafKey, PublicKey};
use crate::pki::renewal;
use crate::pki::san::San;
use crate::pki::subject::Subject;
use crate::pki::validity;

/// A CA that can sign, like another CA.
pub(super) struct StandIn {
    original: Certificate,
    authority: Authority,
}

impl StandIn {
    /// Makes the stand-in of `ca`.
    ///
    /// # Errors
    /// Exit 3 when its key is of a kind that ccx-sec does not make, when its certificate cannot be
    /// written again byte for byte, or when signing fails.
    pub(super) fn new(ca: &Certificate) -> Result<Self> {
        let unlike = |what: String| {
            let message = format!("the CA {} cannot be simulated: {what}", ca.subject());
            Error::failed(Code::RenewalDiffers, message)
                .hint("check certificates of it with the real clients before they are used")
        };
        let kind = ca.describe(ca.not_before()).key_type;
        let key_type: KeyType =
            kind.parse().map_err(|_| unlike(format!("ccx-sec makes no keys of kind {kind}")))?;
        let key = PrivateKey::generate(key_type)?;
        let copy = renewal::with_other_key(ca, &key)?.ok_or_else(|| {
            unlike("its name or an extension is encoded in a way that is not written here".into())
        })?;
        Ok(StandIn { original: ca.clone(), authority: Authority::new(copy, key)? })
    }

    /// The certificate of the stand-in.
    pub(super) fn certificate(&self) -> &Certificate {
        self.authority.certificate()
    }

    /// Puts the stand-in in the place of its CA, in every certificate with that CA's key. Returns
    /// `None` if another CA signed such a certificate: a cross certificate, which cannot be made
    /// for the key of the stand-in.
    pub(super) fn take_place_in(
        &self,
        anchors: &[Certificate],
    ) -> Result<Option<Vec<Certificate>>> {
        let key = self.original.public_key_info();
        let mut replaced = Vec::with_capacity(anchors.len());
        for anchor in anchors {
            replaced.push(if *anchor == self.original {
                self.certificate().clone()
            } else if anchor.public_key_info() != key {
                anchor.clone()
            } else if anchor.is_signed_by(anchor) {
                match renewal::with_other_key(anchor, self.authority.key())? {
                    Some(copy) => copy,
                    None => return Ok(None),
                }
            } else {
                return Ok(None);
            });
        }
        Ok(Some(replaced))
    }

    /// Signs the certificate that `cert renew` would make for the names, uses and key of `leaf`.
    ///
    /// # Errors
    /// Exit 4 when ccx-sec does not issue such a certificate, or when the CA may not sign for a name
    /// of it or is not valid at `at`.
    pub(super) fn reissue(&self, leaf: &Certificate, at: Timestamp) -> Result<Certificate> {
        let (request, _) = LeafRequest::from_certificate(leaf)?;
        let key = PublicKey::from_info(leaf.parsed().public_key())?;
        Issuer::new(&self.authority, at)?.issue(&request, &key, at)
    }

    /// Signs a certificate of a node that is both server and client, as `cert issue` does.
    ///
    /// # Errors
    /// Exit 4 when the CA is not valid at `at`.
    pub(super) fn issue(&self, at: Timestamp) -> Result<Certificate> {
        let constraints = self.original.describe(at).name_constraints.unwrap_or_default();
        let domain = constraints.permitted.dns.first().map_or("example.com", String::as_str);
        let name = format!("node.{}", domain.trim_start_matches('.'));
        let request = LeafRequest {
            subject: Subject::new("node", None)?,
            san: San::new([name.parse()?], []),
            usage: Usage::Both,
            validity: validity::leaf_default(),
        };
        let key = LeafKey::generate(KeyType::EcdsaP256)?;
        Issuer::new(&self.authority, at)?.issue(&request, key.public(), at)
    }
}
