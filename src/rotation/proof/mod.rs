//! Proofs on nodes: which certificate a server shows on a new connection, and which CAs it trusts.
//!
//! ```text
//! reaction   a server's reaction to a client certificate      leaf      the certificate it shows
//! stored     credentials in a directory or a Secret           collect   connects to the servers
//! ```
//!
//! A file that changed proves nothing until the server that reads it shows it. So each proof comes
//! from a new connection; a server that asks for no client certificate is the only exception, and
//! its proof says so ([`TrustBasis::File`]). A value that could not be read is unknown.

pub mod collect;
pub mod leaf;
pub mod reaction;
pub mod stored;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::pki::sha256_hex;
use leaf::LeafProof;
use stored::StoredLook;

/// The two CAs of a rotation.
#[derive(Debug, Clone)]
pub struct CaPair {
    /// The CA that signed before the rotation.
    pub old: Certificate,
    /// The CA that signs at its end: the target.
    pub new: Certificate,
}

/// One of the two CAs, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaSide {
    /// The old one.
    Old,
    /// The new one.
    New,
    /// Another.
    Other,
}

impl CaPair {
    /// The CA whose key signed a certificate.
    #[must_use]
    pub fn signer(&self, certificate: &Certificate) -> CaSide {
        if certificate.is_signed_by(&self.new) {
            CaSide::New
        } else if certificate.is_signed_by(&self.old) {
            CaSide::Old
        } else {
            CaSide::Other
        }
    }
}

/// The evidence of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustBasis {
    /// A handshake: a certificate of the CA was taken, and one of an unrelated CA refused.
    Wire,
    /// The stored bundle, for a server that asks for no client certificate.
    File,
    /// The dates of the CA, which has expired.
    Dates,
}

/// Whether a server trusts a CA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum CaTrust {
    /// It does.
    Trusts {
        /// The evidence.
        basis: TrustBasis,
    },
    /// It does not.
    Refuses {
        /// The evidence.
        basis: TrustBasis,
        /// The alert of the server, or the stored bundle that lacks the CA.
        said: String,
    },
    /// It takes client certificates of any CA, so that an acceptance proves nothing.
    TakesAny,
    /// It could not be found out.
    Unknown {
        /// The reason.
        why: String,
    },
}

impl CaTrust {
    /// The value for this reason.
    pub fn unknown(why: impl Into<String>) -> Self {
        CaTrust::Unknown { why: why.into() }
    }
}

/// The proof on one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeProof {
    /// The node, `DATASTORE/NODE`.
    pub node: String,
    /// The server, as a URL.
    pub url: String,
    /// The engine.
    pub engine: String,
    /// The address that was dialled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The time of the handshake.
    pub at: Timestamp,
    /// The certificate that the server shows.
    pub leaf: LeafLook,
    /// Whether the server trusts the target.
    pub trusts_new: CaTrust,
    /// Whether the server still trusts the old CA; only asked for after it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusts_old: Option<CaTrust>,
    /// Whether the server names the target among the CAs whose certificates it takes; `None` where
    /// it names none. PostgreSQL names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names_new: Option<bool>,
    /// The stored credentials of the node.
    pub stored: StoredLook,
}

/// The certificate of a server, or the reason why none was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "look", rename_all = "snake_case")]
pub enum LeafLook {
    /// The server showed it, and holds its key.
    Seen(LeafProof),
    /// It was not seen.
    Unseen(UnseenLeaf),
}

/// The reason why no certificate of a server was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnseenLeaf {
    /// The reason's name, as in the documents of `verify`.
    pub reason: String,
    /// The message for people.
    pub message: String,
    /// Whether the server answered, and not as a TLS server with a readable certificate does.
    pub is_fault: bool,
}

/// The digest of proofs, for the history of a rotation: `sha256:` and 64 digits, over the JSON of
/// the proofs in the order of their nodes.
///
/// # Errors
/// Exit 3 when they cannot be encoded.
pub fn digest_of(proofs: &[NodeProof]) -> Result<String> {
    let mut sorted: Vec<&NodeProof> = proofs.iter().collect();
    sorted.sort_by(|one, other| (&one.node, &one.url).cmp(&(&other.node, &other.url)));
    let json = serde_json::to_vec(&sorted).map_err(|source| {
        Error::failed(Code::Internal, "cannot encode the proofs").because(source)
    })?;
    Ok(format!("sha256:{}", sha256_hex(&json)))
}
