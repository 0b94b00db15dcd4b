//! Documents that several commands print.

pub mod checks;
mod credentials;
mod fleet;

pub use credentials::CertificateReport;
pub use fleet::{FleetReport, FleetRow};

use jiff::Timestamp;
use serde::Serialize;

use crate::error::Result;
use crate::output::LineMark;
use crate::pki::certificate::{Certificate, Description, Names};
use crate::pki::finding::{Finding, Level};
use crate::pki::inspect::DamagedCertificate;
use crate::store::bundle::{Bundle, bundle_name};
use crate::store::{Backend, StoreAddress};

/// A CA: its certificate object, where it is stored, and who else is in the bundle.
#[derive(Debug, Serialize)]
pub struct CaReport {
    /// The certificate object.
    #[serde(flatten)]
    pub certificate: Description,
    /// The place of the CA; `None` after a dry run on the client.
    pub stored_in: Option<CaLocation>,
    /// The members of the bundle.
    pub bundle: Vec<BundleMember>,
}

/// The place of a CA's two Secrets.
#[derive(Debug, Serialize)]
pub struct CaLocation {
    /// The store.
    #[serde(flatten)]
    pub address: StoreAddress,
    /// The name of the Secret with certificate and key.
    pub secret: String,
    /// The name of the Secret with the bundle.
    pub bundle_secret: String,
    #[serde(skip)]
    text: [String; 2],
}

impl CaLocation {
    /// The place of the CA `name` in `store`.
    #[must_use]
    pub fn new(store: &dyn Backend, name: &str) -> Self {
        let (secret, bundle_secret) = (name.to_owned(), bundle_name(name));
        let text = [store.place(&secret), store.place(&bundle_secret)];
        CaLocation { address: store.address(), secret, bundle_secret, text }
    }
}

/// A member of a bundle.
#[derive(Debug, Serialize)]
pub struct BundleMember {
    /// `active`, `next` or `retiring`.
    pub role: &'static str,
    /// SHA-256 of its DER.
    pub sha256: String,
    /// The subject.
    pub subject: String,
    /// The last moment at which it is valid.
    pub not_after: Timestamp,
}

impl CaReport {
    /// A CA that is in `store` under `name`, or nowhere.
    #[must_use]
    pub fn new(
        certificate: &Certificate,
        stored: Option<(&dyn Backend, &str)>,
        bundle: Option<&Bundle>,
        now: Timestamp,
    ) -> Self {
        let member = |member: &crate::store::bundle::BundleCertificate| BundleMember {
            role: member.role.name(),
            sha256: member.certificate.sha256(),
            subject: member.certificate.subject(),
            not_after: member.certificate.not_after(),
        };
        CaReport {
            certificate: certificate.describe(now),
            stored_in: stored.map(|(store, name)| CaLocation::new(store, name)),
            bundle: bundle.iter().flat_map(|bundle| bundle.members.iter().map(member)).collect(),
        }
    }

    /// The text.
    #[must_use]
    pub fn render_text(&self) -> String {
        let mut text = certificate_text(&self.certificate);
        if let Some(places) = &self.stored_in {
            let [ca, bundle] = &places.text;
            push_field(&mut text, "stored in", ca);
            push_field(&mut text, "bundle in", bundle);
        }
        for member in &self.bundle {
            let BundleMember { role, sha256, subject, not_after } = member;
            push_field(
                &mut text,
                "bundle holds",
                &format!("{role} {sha256} {subject} until {not_after}"),
            );
        }
        text
    }
}

/// A certificate object for people: a line a field, empty ones left out.
#[must_use]
pub fn certificate_text(certificate: &Description) -> String {
    let mut text = String::new();
    let days = certificate.days_left;
    let left = match days {
        ..0 => LineMark::Bad.paint(&format!("expired {} days ago", -days), 0),
        0..30 => LineMark::Warn.paint(&format!("{days} days left"), 0),
        _ => format!("{days} days left"),
    };
    push_field(&mut text, "subject", &certificate.subject);
    if certificate.issuer != certificate.subject {
        push_field(&mut text, "issuer", &certificate.issuer);
    }
    push_field(&mut text, "sha256", &certificate.sha256);
    push_field(&mut text, "serial", &certificate.serial);
    push_field(&mut text, "key type", &certificate.key_type);
    push_field(&mut text, "signature", &certificate.signature_algorithm);
    push_field(&mut text, "not before", &certificate.not_before.to_string());
    painted_line(&mut text, "not after", &format!("{} ({left})", certificate.not_after));
    push_field(&mut text, "is a CA", if certificate.is_ca { "yes" } else { "no" });
    push_field(&mut text, "key usage", &certificate.key_usage.join(", "));
    push_field(&mut text, "ext key usage", &certificate.ext_key_usage.join(", "));
    push_field(&mut text, "names", &names(&certificate.san));
    if let Some(constraints) = &certificate.name_constraints {
        push_field(&mut text, "permitted", &names(&constraints.permitted));
        push_field(&mut text, "excluded", &names(&constraints.excluded));
    }
    text
}

/// A certificate that does not parse, for people.
#[must_use]
pub fn damaged_text(damaged: &DamagedCertificate) -> String {
    let mut text = String::new();
    painted_line(&mut text, "damaged", &LineMark::Bad.paint(&damaged.error.message, 0));
    push_field(&mut text, "sha256", &damaged.sha256);
    let read = [
        ("subject", &damaged.subject),
        ("issuer", &damaged.issuer),
        ("serial", &damaged.serial),
        ("not before", &damaged.not_before),
        ("not after", &damaged.not_after),
    ];
    for (label, value) in read {
        push_field(&mut text, label, value.as_deref().unwrap_or_default());
    }
    text
}

fn names(names: &Names) -> String {
    let dns = names.dns.iter().map(|name| format!("DNS:{name}"));
    dns.chain(names.ip.iter().map(|ip| format!("IP:{ip}"))).collect::<Vec<_>>().join(", ")
}

/// Adds a line; escapes the value, so that foreign text cannot drive the terminal or pose as a line
/// of ours.
pub(crate) fn push_field(text: &mut String, label: &str, value: &str) {
    if !value.is_empty() {
        let mut safe = String::with_capacity(value.len());
        for c in value.chars() {
            match c {
                '\\' | '\'' | '"' => safe.push(c),
                _ => safe.extend(c.escape_debug()),
            }
        }
        painted_line(text, label, &safe);
    }
}

/// Adds a line with our own text, which may be coloured.
fn painted_line(text: &mut String, label: &str, value: &str) {
    text.push_str(&format!("{label:<14}{value}\n"));
}

/// A finding for people: level, code and message on a line, the hint below.
#[must_use]
pub fn finding_text(finding: &Finding) -> String {
    let mark = match finding.level {
        Level::Error => LineMark::Bad.paint("error", 8),
        Level::Warning => LineMark::Warn.paint("warning", 8),
    };
    let mut text = format!("{mark}{}: {}", finding.code, finding.message);
    if let Some(rule) = finding.rule {
        text.push_str(&format!(" ({rule})"));
    }
    text.push('\n');
    for hint in &finding.hints {
        let hint = hint.unbroken().replace('\n', "\n              ");
        text.push_str(&format!("        hint: {hint}\n"));
    }
    text
}

/// The bundle of a CA as its Secret holds it, where it can be read.
///
/// # Errors
/// Exit 3 when it is damaged, or the store cannot be read.
pub fn bundle_in(store: &dyn Backend, ca: &str) -> Result<Option<Bundle>> {
    store.get(&bundle_name(ca))?.map(|secret| Bundle::from_secret(&secret)).transpose()
}
