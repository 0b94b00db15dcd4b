//! The certificate that a server shows, verified with each trust set of a rotation. Pure.

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName};
use serde::{Deserialize, Serialize};

use super::{CaPair, CaSide, UnseenLeaf};
use crate::error::Reason;
use crate::pki::certificate::Certificate;
use crate::pki::chain::verify_presented;

/// The trust sets of a rotation that verify a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustSets {
    /// Clients that trust the old CA alone.
    pub old: bool,
    /// Clients that trust both.
    pub both: bool,
    /// Clients that trust the new CA alone.
    pub new: bool,
}

/// A certificate that a server showed in a handshake, and whose key it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafProof {
    /// Its fingerprint.
    pub sha256: String,
    /// Its end.
    pub not_after: Timestamp,
    /// The CA that signed it.
    pub signer: CaSide,
    /// The trust sets that verify it, its name included.
    pub verifies: TrustSets,
    /// The first fault with both CAs, or else with the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<LeafFault>,
    /// The certificate itself; not in documents.
    #[serde(skip)]
    pub certificate: Option<Certificate>,
}

/// The reason why clients refuse a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafFault {
    /// Its name, as in the documents of `verify`.
    pub reason: String,
    /// The message for people.
    pub message: String,
}

/// Verifies the chain that a server presented with each trust set.
///
/// # Errors
/// The reason why there is no certificate to verify.
pub fn prove(
    chain: &[CertificateDer<'static>],
    cas: &CaPair,
    name: Option<&ServerName<'static>>,
    at: Timestamp,
) -> Result<LeafProof, UnseenLeaf> {
    let damaged = |message: String| UnseenLeaf {
        reason: Reason::Damaged.name().to_owned(),
        message,
        is_fault: true,
    };
    let own = chain.first().ok_or_else(|| damaged("the server showed no certificate".into()))?;
    let leaf = Certificate::from_der(own.to_vec())
        .map_err(|error| damaged(format!("its certificate cannot be read: {error}")))?;
    let verify = |anchors: &[&Certificate]| {
        let anchors: Vec<Certificate> = anchors.iter().copied().cloned().collect();
        verify_presented(chain, &anchors, at, name)
    };
    let (old, new) = (verify(&[&cas.old]), verify(&[&cas.new]));
    let both = verify(&[&cas.new, &cas.old]);
    let verifies = TrustSets { old: old.is_ok(), both: both.is_ok(), new: new.is_ok() };
    let fault = both.err().or(new.err());
    let fault =
        fault.map(|(reason, message)| LeafFault { reason: reason.name().to_owned(), message });
    Ok(LeafProof {
        sha256: leaf.sha256(),
        not_after: leaf.not_after(),
        signer: cas.signer(&leaf),
        verifies,
        fault,
        certificate: Some(leaf),
    })
}
