//! The credentials of a node in its directory or its Secret. Reads no private key.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CaPair, CaSide, CaTrust, TrustBasis};
use crate::error::Result;
use crate::files;
use crate::node::directory::{BUNDLE, CredentialKind};
use crate::pki::certificate::Certificate;
use crate::pki::pem::MAX_PEM_FILE;
use crate::pki::validity;
use crate::store::secret::Secret;

/// The credentials of a node that are stored outside the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stored", rename_all = "snake_case")]
pub enum StoredLook {
    /// They were read.
    Read(StoredProof),
    /// There are none.
    Absent {
        /// The reason.
        why: String,
    },
    /// They could not be read.
    Unreadable {
        /// The reason.
        why: String,
    },
}

/// Stored credentials, by the CAs of a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProof {
    /// The directory or the Secret.
    pub place: String,
    /// Whether the place is a Secret of the store.
    pub is_secret: bool,
    /// The fingerprint of the certificate.
    pub sha256: String,
    /// The time of its issue.
    pub issued: Timestamp,
    /// The CA that signed it.
    pub signer: CaSide,
    /// Whether the bundle holds the old CA.
    pub holds_old: bool,
    /// Whether the bundle holds the new CA.
    pub holds_new: bool,
    /// The certificate itself; not in documents.
    #[serde(skip)]
    pub certificate: Option<Certificate>,
    /// The bundle itself; not in documents.
    #[serde(skip)]
    pub bundle: Vec<Certificate>,
    /// Whether the place is a Secret that a cluster can mount; not in documents.
    #[serde(skip)]
    pub is_mounted: bool,
}

impl StoredLook {
    /// The credentials, if they were read.
    #[must_use]
    pub fn read(&self) -> Option<&StoredProof> {
        match self {
            StoredLook::Read(proof) => Some(proof),
            StoredLook::Absent { .. } | StoredLook::Unreadable { .. } => None,
        }
    }

    /// Whether the bundle holds the CA `side`, as evidence for a server that asks for no client
    /// certificate.
    #[must_use]
    pub fn trust(&self, side: CaSide) -> CaTrust {
        let basis = TrustBasis::File;
        let unknown = |why: &str| {
            CaTrust::unknown(format!("the server asks for no client certificate, and {why}"))
        };
        match self {
            StoredLook::Read(proof) => {
                let holds = match side {
                    CaSide::Old => proof.holds_old,
                    CaSide::New => proof.holds_new,
                    CaSide::Other => false,
                };
                let said = || format!("the bundle in {} does not hold it", proof.place);
                if holds {
                    CaTrust::Trusts { basis }
                } else {
                    CaTrust::Refuses { basis, said: said() }
                }
            }
            StoredLook::Absent { why } | StoredLook::Unreadable { why } => unknown(why),
        }
    }
}

/// Reads the directory of a node.
#[must_use]
pub fn in_directory(directory: &Path, cas: &CaPair) -> StoredLook {
    let place = directory.display().to_string();
    let names = [BUNDLE, CredentialKind::Server.certificate()];
    let read = || -> Result<Option<(Vec<u8>, Vec<u8>)>> {
        let set = files::in_force(directory, &names)?;
        let (bundle, certificate) = (set.join(names[0]), set.join(names[1]));
        if !files::leads_somewhere(&certificate)? {
            return Ok(None);
        }
        let read = |path: &Path| files::read(path, MAX_PEM_FILE).map(|bytes| bytes.to_vec());
        Ok(Some((read(&certificate)?, read(&bundle)?)))
    };
    match read() {
        Ok(Some((certificate, bundle))) => look(&place, false, &certificate, &bundle, cas),
        Ok(None) => StoredLook::Absent { why: format!("{place} holds no certificate of a server") },
        Err(error) => StoredLook::Unreadable { why: error.to_string() },
    }
}

/// Reads the Secret of a node in a store of files, which no cluster mounts.
#[must_use]
pub fn in_secret_file(secret: &Secret, cas: &CaPair) -> StoredLook {
    match in_secret(secret, cas) {
        StoredLook::Read(proof) => StoredLook::Read(StoredProof { is_mounted: false, ..proof }),
        look => look,
    }
}

/// Reads the Secret of a node.
#[must_use]
pub fn in_secret(secret: &Secret, cas: &CaPair) -> StoredLook {
    let place = format!("the Secret {}", secret.name);
    match (secret.value("tls.crt"), secret.value("ca.crt")) {
        (Ok(certificate), Ok(bundle)) => look(&place, true, certificate, bundle, cas),
        (Err(error), _) | (_, Err(error)) => StoredLook::Unreadable { why: error.to_string() },
    }
}

fn look(
    place: &str,
    is_secret: bool,
    certificate: &[u8],
    bundle: &[u8],
    cas: &CaPair,
) -> StoredLook {
    let leaf = Certificate::from_pem(&format!("the certificate of {place}"), certificate);
    let bundle = Certificate::from_pem(&format!("the bundle of {place}"), bundle);
    let (leaf, bundle) = match (leaf.map(|found| found.into_iter().next()), bundle) {
        (Ok(Some(leaf)), Ok(bundle)) => (leaf, bundle),
        (Ok(None), _) => {
            return StoredLook::Unreadable { why: format!("{place} holds no certificate") };
        }
        (Err(error), _) | (_, Err(error)) => {
            return StoredLook::Unreadable { why: error.to_string() };
        }
    };
    let holds = |ca: &Certificate| bundle.iter().any(|one| one == ca || one.is_renewal_of(ca));
    let issued = leaf.not_before() + validity::BACKDATED;
    StoredLook::Read(StoredProof {
        place: place.to_owned(),
        is_secret,
        sha256: leaf.sha256(),
        issued,
        signer: cas.signer(&leaf),
        holds_old: holds(&cas.old),
        holds_new: holds(&cas.new),
        certificate: Some(leaf),
        bundle,
        is_mounted: is_secret,
    })
}
