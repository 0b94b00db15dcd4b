//! The bundle: the CA certificates that clients must trust, each with its role, and the record of a
//! rotation that is under way. It is one Secret, so that one compare-and-swap changes all of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::pki::pem;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::rotation::{EndedRotation, Rotation, RotationPhase};
use crate::store::secret::Secret;

const OPAQUE: &str = "Opaque";

/// The newest format of `bundle.json` that this release writes and reads. Format 1 has the roles
/// only, and no version.
const VERSION: u32 = 2;

/// The role of a certificate in the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The CA that signs now.
    Active,
    /// The CA that will sign once every client trusts it.
    Next,
    /// A CA that no longer signs; certificates that it signed are still in use.
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
    /// The number of its key among the keys of this CA, from 1; a renewal keeps the number.
    pub generation: u32,
}

/// The CA certificates that clients must trust now, and the rotation that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The members, the active one first.
    pub members: Vec<BundleCertificate>,
    /// The rotation that is under way.
    pub rotation: Option<Rotation>,
    /// The rotations that have ended, the oldest first.
    pub rotations: Vec<EndedRotation>,
    /// The highest generation that was ever in the bundle, where it is higher than those of the
    /// members: no later key takes its name.
    pub retired_generation: Option<u32>,
    /// Fields that a later release wrote, which a write preserves.
    other: Map<String, Value>,
}

/// `bundle.json`.
#[derive(Serialize, Deserialize)]
struct Index {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    certificates: Vec<IndexEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotation: Option<Rotation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rotations: Vec<EndedRotation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired_generation: Option<u32>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// The part of `bundle.json` that every format has.
#[derive(Deserialize)]
struct IndexHead {
    #[serde(default)]
    version: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct IndexEntry {
    role: Role,
    sha256: String,
    #[serde(default = "first_generation", skip_serializing_if = "is_first_generation")]
    generation: u32,
}

fn first_generation() -> u32 {
    1
}

// serde passes a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_first_generation(generation: &u32) -> bool {
    *generation == first_generation()
}

impl Bundle {
    /// Creates the bundle of a new CA.
    #[must_use]
    pub fn from_certificate(certificate: &Certificate) -> Self {
        Bundle {
            members: vec![BundleCertificate {
                role: Role::Active,
                certificate: certificate.clone(),
                generation: first_generation(),
            }],
            ..Bundle::empty()
        }
    }

    /// A bundle without a certificate, for a CA without a bundle.
    #[must_use]
    pub fn empty() -> Self {
        Bundle {
            members: Vec::new(),
            rotation: None,
            rotations: Vec::new(),
            retired_generation: None,
            other: Map::new(),
        }
    }

    /// Whether `certificate` may sign: it is a member, and the active one or one that a renewal
    /// replaced by the active one; while the signing CA is being exchanged, any member.
    #[must_use]
    pub fn lets_sign(&self, certificate: &Certificate) -> bool {
        let is_switching = self
            .rotation
            .as_ref()
            .is_some_and(|rotation| rotation.phase == RotationPhase::Switching);
        self.holds(certificate) && (is_switching || self.is_active_key(certificate))
    }

    /// Whether the bundle holds a certificate, in any role.
    #[must_use]
    pub fn holds(&self, certificate: &Certificate) -> bool {
        self.members.iter().any(|member| member.certificate == *certificate)
    }

    /// The certificates of the members, in the order of the bundle.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        self.members.iter().map(|member| member.certificate.clone()).collect()
    }

    /// The ended rotation that gave up a CA, if there is one.
    #[must_use]
    pub fn given_up(&self, certificate: &Certificate) -> Option<&EndedRotation> {
        let sha256 = certificate.sha256();
        self.rotations.iter().rev().find(|ended| ended.from == sha256)
    }

    /// The active certificates; a sound bundle has exactly one.
    #[must_use]
    pub fn actives(&self) -> Vec<&Certificate> {
        let active = self.members.iter().filter(|member| member.role == Role::Active);
        active.map(|member| &member.certificate).collect()
    }

    /// The highest generation that was ever in the bundle; 0 where there was none.
    #[must_use]
    pub fn last_generation(&self) -> u32 {
        let members = self.members.iter().map(|member| member.generation);
        members.chain(self.retired_generation).max().unwrap_or(0)
    }

    /// Whether an active certificate has the name and the key of `certificate`.
    #[must_use]
    pub fn is_active_key(&self, certificate: &Certificate) -> bool {
        self.actives().into_iter().any(|active| active.is_renewal_of(certificate))
    }

    /// Adds `certificate` as the active one; former active certificates become retiring.
    pub fn activate(&mut self, certificate: Certificate) {
        let generation = self.generation_of(&certificate);
        for member in self.members.iter_mut().filter(|member| member.role == Role::Active) {
            member.role = Role::Retiring;
        }
        let role = Role::Active;
        self.members.insert(0, BundleCertificate { role, certificate, generation });
    }

    /// Adds `certificate` as the next one, behind the active ones.
    pub fn add_next(&mut self, certificate: Certificate, generation: u32) {
        let actives = self.actives().len();
        let role = Role::Next;
        self.members.insert(actives, BundleCertificate { role, certificate, generation });
    }

    /// The generation of the key of `certificate`: that of a member with the same name and key,
    /// else the next one.
    #[must_use]
    pub fn generation_of(&self, certificate: &Certificate) -> u32 {
        let same = self.members.iter().find(|member| member.certificate.is_renewal_of(certificate));
        same.map_or_else(|| 1 + self.last_generation(), |member| member.generation)
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
                "restore it from a backup; or, if no rotation is under way, delete it, and create it \
                 again from the CA",
                CommandLine::ccx_sec("ca check"),
            ))
        };
        let certificates = Certificate::from_pem("ca.crt", secret.value("ca.crt")?)
            .map_err(|error| damaged(&error.to_string()))?;
        let unreadable = |error| damaged("bundle.json cannot be read").because(error);
        let json = secret.value("bundle.json")?;
        // First the version: a later format may have roles that this release cannot read.
        let head: IndexHead = serde_json::from_slice(json).map_err(unreadable)?;
        if let Some(version) = head.version.filter(|version| *version > VERSION) {
            let message = format!(
                "the Secret {} is of format {version}; this release reads formats up to {VERSION}",
                secret.name
            );
            return Err(Error::failed(Code::BundleVersion, message)
                .hint("a later release of ccx-sec wrote it; use that release here too"));
        }
        let index: Index = serde_json::from_slice(json).map_err(unreadable)?;
        if index.certificates.len() != certificates.len() {
            return Err(damaged("bundle.json and ca.crt hold different certificates"));
        }
        let members = certificates
            .into_iter()
            .map(|certificate| {
                let sha256 = certificate.sha256();
                let entry = index.certificates.iter().find(|entry| entry.sha256 == sha256);
                let entry = entry.ok_or_else(|| damaged("a certificate is not in bundle.json"))?;
                let IndexEntry { role, generation, .. } = *entry;
                Ok(BundleCertificate { role, certificate, generation })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Bundle {
            members,
            rotation: index.rotation,
            rotations: index.rotations,
            retired_generation: index.retired_generation,
            other: index.other,
        })
    }

    /// Writes the bundle into a Secret that was read before.
    ///
    /// # Errors
    /// Exit 3 when it cannot be encoded.
    pub fn fill(&self, secret: Secret) -> Result<Secret> {
        let certificates: Vec<IndexEntry> = self
            .members
            .iter()
            .map(|member| IndexEntry {
                role: member.role,
                sha256: member.certificate.sha256(),
                generation: member.generation,
            })
            .collect();
        let is_first_format = self.rotation.is_none() && self.last_generation() <= 1;
        let index = Index {
            version: (!is_first_format).then_some(VERSION),
            certificates,
            rotation: self.rotation.clone(),
            rotations: self.rotations.clone(),
            retired_generation: self.retired_generation,
            other: self.other.clone(),
        };
        let index = serde_json::to_vec(&index).map_err(|source| {
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

/// Reads the bundle of a CA; `None` when the store has none.
///
/// # Errors
/// Exit 3 when it is damaged, or the store cannot be read.
pub fn load_bundle(store: &dyn Backend, ca: &str) -> Result<Option<Bundle>> {
    store.get(&bundle_name(ca))?.map(|secret| Bundle::from_secret(&secret)).transpose()
}
