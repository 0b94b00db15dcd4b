//! Text and check results that several commands print.

pub(crate) mod checks;

use crate::output::LineMark;
use crate::pki::certificate::{Description, Names};
use crate::pki::finding::{Finding, Level};
use crate::pki::inspect::DamagedCertificate;

/// Renders a certificate for people: a line for each field that is not empty.
#[must_use]
pub(crate) fn certificate_text(certificate: &Description) -> String {
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

/// Renders the readable fields of a damaged certificate for people.
#[must_use]
pub(crate) fn damaged_text(damaged: &DamagedCertificate) -> String {
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

/// Adds a line with text of ccx-sec's own, which may have colors and is not escaped.
fn painted_line(text: &mut String, label: &str, value: &str) {
    text.push_str(&format!("{label:<14}{value}\n"));
}

/// Renders a finding for people: level, code and message on a line, hints below it.
#[must_use]
pub(crate) fn finding_text(finding: &Finding) -> String {
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
