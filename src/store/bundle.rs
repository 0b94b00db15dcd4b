//! The bundle: the CA certificates that clients must trust, each with its role, and the rotation
//! that is under way. It lies in one Secret, so that one compare-and-swap changes all of it.

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::pki::pem;
use crate::shell::CommandLine;
use crate::store::secret::Secret;

const OPAQUE: &str = "Opaque";

/// The role of a certificate in the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Signs now.
    Active,
    /// Will sign once every client trusts it.
    Next,
    /// No longer signs; certificates that it signed are still in use.
    Retiring,
}

impl Role {
    /// The name in all outputs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Active => "active",
            Role::Next => "next",
            Role::Retiring => "retiring",
        }
    }
}

/// A certificate of the bundle with its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleCertificate {
    /// Its role.
    pub role: Role,
    /// The certificate.
    pub certificate: Certificate,
}

/// The CA certificates that clients must trust now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The members, the active one first.
    pub members: Vec<BundleCertificate>,
}

#[derive(Serialize, Deserialize)]
struct Index {
    certificates: Vec<IndexEntry>,
}

#[derive(Serialize, Deserialize)]
struct IndexEntry {
    role: Role,
    sha256: String,
}

impl Bundle {
    /// Creates the bundle of a new CA.
    #[must_use]
    pub fn from_certificate(certificate: &Certificate) -> Self {
        let certificate = certificate.clone();
        Bundle { members: vec![BundleCertificate { role: Role::Active, certificate }] }
    }

    /// Whether the bundle holds a certificate, in any role.
    #[must_use]
    pub fn holds(&self, certificate: &Certificate) -> bool {
        self.members.iter().any(|member| member.certificate == *certificate)
    }

    /// The active certificates; a sound bundle has exactly one.
    #[must_use]
    pub fn actives(&self) -> Vec<&Certificate> {
        let active = self.members.iter().filter(|member| member.role == Role::Active);
        active.map(|member| &member.certificate).collect()
    }

    /// All certificates of the bundle of the CA `name`, each with its alias in a trust store.
    #[must_use]
    pub fn entries(&self, name: &str) -> Vec<(String, &Certificate)> {
        let entry = |member: &'_ BundleCertificate| {
            let sha256 = member.certificate.sha256();
            format!("{name}-{}-{}", member.role.name(), &sha256[..8])
        };
        self.members.iter().map(|member| (entry(member), &member.certificate)).collect()
    }

    /// All certificates as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        pem::certificates(self.members.iter().map(|member| &member.certificate))
    }

    /// Reads `ca.crt` and `bundle.json` of the bundle's Secret, and checks them against each other.
    ///
    /// # Errors
    /// Exit 3 when one of them is missing or damaged, or the two disagree.
    pub fn from_secret(secret: &Secret) -> Result<Self> {
        let damaged = |what: &str| {
            let message = format!("the Secret {} is damaged: {what}", secret.name);
            Error::failed(Code::BundleDamaged, message).hint((
                "restore it from a backup; or delete it, and create it again from the CA",
                CommandLine::ccx_sec("ca check"),
            ))
        };
        let certificates = Certificate::from_pem("ca.crt", secret.value("ca.crt")?)
            .map_err(|error| damaged(&error.to_string()))?;
        let index: Index = serde_json::from_slice(secret.value("bundle.json")?)
            .map_err(|error| damaged("bundle.json cannot be read").because(error))?;
        if index.certificates.len() != certificates.len() {
            return Err(damaged("bundle.json and ca.crt hold different certificates"));
        }
        let members = certificates
            .into_iter()
            .map(|certificate| {
                let sha256 = certificate.sha256();
                let entry = index.certificates.iter().find(|entry| entry.sha256 == sha256);
                let entry = entry.ok_or_else(|| damaged("a certificate is not in bundle.json"))?;
                Ok(BundleCertificate { role: entry.role, certificate })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Bundle { members })
    }

    pub(super) fn fill(&self, secret: Secret) -> Result<Secret> {
        let certificates = self
            .members
            .iter()
            .map(|member| IndexEntry { role: member.role, sha256: member.certificate.sha256() })
            .collect();
        let index = serde_json::to_vec(&Index { certificates }).map_err(|source| {
            Error::failed(Code::BundleEncoding, "cannot encode the bundle").because(source)
        })?;
        Ok(secret.with("ca.crt", self.pem()).with("bundle.json", index))
    }

    /// Encodes the bundle as a new Secret.
    ///
    /// # Errors
    /// Exit 3 when the bundle cannot be encoded.
    pub fn to_secret(&self, name: &str) -> Result<Secret> {
        self.fill(Secret::new(name, OPAQUE))
    }
}

pub(super) const BUNDLE_SUFFIX: &str = "-bundle";

/// The name of the bundle that belongs to a CA.
#[must_use]
pub fn bundle_name(ca: &str) -> String {
    format!("{ca}{BUNDLE_SUFFIX}")
}
