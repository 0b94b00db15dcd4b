//! The report about a CA: its certificate, its place, and its bundle.

use jiff::Timestamp;
use serde::Serialize;

use crate::pki::certificate::{Certificate, Description};
use crate::report::{certificate_text, push_field};
use crate::store::bundle::{Bundle, BundleCertificate, bundle_name};
use crate::store::rotation::{Rotation, RotationKind, RotationPhase};
use crate::store::{Backend, StoreAddress};

/// A CA: its certificate object, where it is stored, and who else is in the bundle.
#[derive(Debug, Serialize)]
pub(super) struct CaReport {
    /// The certificate object.
    #[serde(flatten)]
    certificate: Description,
    /// The place of the CA; `None` after a dry run on the client.
    stored_in: Option<CaLocation>,
    /// The members of the bundle.
    bundle: Vec<BundleMember>,
    /// The rotation that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<RotationSummary>,
}

/// A rotation in short.
#[derive(Debug, Serialize)]
struct RotationSummary {
    phase: &'static str,
    kind: &'static str,
    since: Timestamp,
    earliest_switch: Timestamp,
    #[serde(skip)]
    text: String,
}

impl RotationSummary {
    fn new(rotation: &Rotation) -> Self {
        RotationSummary {
            phase: rotation.phase.name(),
            kind: rotation.kind.name(),
            since: rotation.since,
            earliest_switch: rotation.earliest_switch,
            text: rotation_text(rotation),
        }
    }
}

/// The phase of a rotation and its dates, as `staged since …, switch not before …`.
#[must_use]
pub(super) fn rotation_text(rotation: &Rotation) -> String {
    let Rotation { phase, kind, since, earliest_switch, .. } = rotation;
    let date = match phase {
        RotationPhase::Staged => format!(", switch not before {earliest_switch}"),
        _ => String::new(),
    };
    let why = match kind {
        RotationKind::Planned => "",
        RotationKind::Compromised => ", after a theft of the key",
    };
    format!("{} since {since}{date}{why}", phase.name())
}

/// The place of a CA's two Secrets.
#[derive(Debug, Serialize)]
pub(super) struct CaLocation {
    /// The store.
    #[serde(flatten)]
    address: StoreAddress,
    /// The name of the Secret with certificate and key.
    secret: String,
    /// The name of the Secret with the bundle.
    bundle_secret: String,
    #[serde(skip)]
    text: [String; 2],
}

impl CaLocation {
    /// The place of the CA `name` in `store`.
    #[must_use]
    pub(super) fn new(store: &dyn Backend, name: &str) -> Self {
        let (secret, bundle_secret) = (name.to_owned(), bundle_name(name));
        let text = [store.place(&secret), store.place(&bundle_secret)];
        CaLocation { address: store.address(), secret, bundle_secret, text }
    }
}

/// A member of a bundle.
#[derive(Debug, Serialize)]
pub(super) struct BundleMember {
    /// `active`, `next` or `retiring`.
    role: &'static str,
    /// The number of its key among the keys of this CA.
    generation: u32,
    /// SHA-256 of its DER.
    sha256: String,
    /// The subject.
    subject: String,
    /// The last moment at which it is valid.
    not_after: Timestamp,
}

impl CaReport {
    /// A CA that is in `store` under `name`, or nowhere.
    #[must_use]
    pub(super) fn new(
        certificate: &Certificate,
        stored: Option<(&dyn Backend, &str)>,
        bundle: Option<&Bundle>,
        now: Timestamp,
    ) -> Self {
        let member = |member: &BundleCertificate| BundleMember {
            role: member.role.name(),
            generation: member.generation,
            sha256: member.certificate.sha256(),
            subject: member.certificate.subject(),
            not_after: member.certificate.not_after(),
        };
        CaReport {
            certificate: certificate.describe(now),
            stored_in: stored.map(|(store, name)| CaLocation::new(store, name)),
            bundle: bundle.iter().flat_map(|bundle| bundle.members.iter().map(member)).collect(),
            rotation: bundle.and_then(|bundle| bundle.rotation.as_ref()).map(RotationSummary::new),
        }
    }

    /// The text.
    #[must_use]
    pub(super) fn render_text(&self) -> String {
        let mut text = certificate_text(&self.certificate);
        if let Some(places) = &self.stored_in {
            let [ca, bundle] = &places.text;
            push_field(&mut text, "stored in", ca);
            push_field(&mut text, "bundle in", bundle);
        }
        for member in &self.bundle {
            let BundleMember { role, sha256, subject, not_after, .. } = member;
            push_field(
                &mut text,
                "bundle holds",
                &format!("{role} {sha256} {subject} until {not_after}"),
            );
        }
        if let Some(rotation) = &self.rotation {
            push_field(&mut text, "rotation", &rotation.text);
        }
        text
    }
}
