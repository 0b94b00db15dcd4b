//! The demands on the next CA.
//!
//! The measured table of verifiers, chains and trust sets leaves a region in which all of them agree:
//! self-signed roots with a name and a key of their own, and leaves that name their issuer by its key
//! identifier alone. A next CA outside of it is refused.

use jiff::Timestamp;
use x509_parser::extensions::ParsedExtension;

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::pki::finding::{Finding, Level};
use crate::pki::profile;
use crate::shell::CommandLine;

/// Checks whether `next` can follow the CAs of `bundle`, the members of the bundle before a switch, the
/// active one first. `next` itself may be among those behind it.
///
/// Findings of level error refuse it. Names of nodes that its constraints exclude are found by
/// [`super::simulate`], which knows the nodes.
#[must_use]
pub fn check_next_ca(next: &Certificate, bundle: &[Certificate], now: Timestamp) -> Vec<Finding> {
    let mut found = profile::check_ca(next);
    for finding in &mut found {
        // A warning for a CA that signs already is a reason not to take a new one.
        if finding.code == Code::SkiMissing {
            finding.level = Level::Error;
            finding.hints.push("have it made with a subjectKeyIdentifier".into());
        }
    }
    found.retain(|finding| finding.code != Code::PathLength);
    found.extend(check_dates(next, now));
    found.extend(names_issuer_serial(next));
    if let Some((active, others)) = bundle.split_first() {
        let others = others.iter().filter(|member| *member != next);
        let mut members = std::iter::once(active).chain(others);
        found.extend(members.find_map(|member| check_identity(next, member)));
        found.extend(check_against_active(next, active));
    }
    found
}

/// Checks a next CA as [`check_next_ca`] does, and returns the warnings.
///
/// # Errors
/// Exit 4, with the code and message of the first error among the findings.
pub fn accept_next_ca(
    next: &Certificate,
    bundle: &[Certificate],
    now: Timestamp,
) -> Result<Vec<Finding>> {
    let found = check_next_ca(next, bundle, now);
    match found.iter().find(|finding| finding.level == Level::Error) {
        None => Ok(found),
        Some(finding) => {
            let message = format!("the next CA {} is refused: {}", next.subject(), finding.message);
            let hint = CommandLine::ccx_sec("ca rotate plan").flag("--from-secrets");
            let refused = Error::refused(finding.code, message);
            let refused = finding.hints.iter().cloned().fold(refused, Error::hint);
            Err(refused.hint(("see all that a next CA must be, with the nodes", hint)))
        }
    }
}

/// A CA that has expired is refused; one that is not valid yet can be announced.
fn check_dates(next: &Certificate, now: Timestamp) -> Vec<Finding> {
    let mut found = profile::check_dates(next, now, None);
    for finding in &mut found {
        if finding.code == Code::NotYetValid {
            finding.level = Level::Warning;
            finding.message += ": it cannot sign before that";
        }
    }
    found
}

/// Checks that no other member has the name or the key of the next CA.
fn check_identity(next: &Certificate, member: &Certificate) -> Option<Finding> {
    if next.public_key_info() == member.public_key_info() {
        let message = format!(
            "the next CA has the key of {}, a CA of the bundle: that is a renewal, not a rotation",
            member.subject()
        );
        let renew = ("to give a CA a longer life, renew it", CommandLine::ccx_sec("ca renew"));
        return Some(Finding::error(Code::KeyTaken, message).hint(renew));
    }
    (folded(&next.subject()) == folded(&member.subject())).then(|| {
        let message = format!(
            "the next CA has the name of a CA of the bundle with another key, {}: OpenSSL takes the \
             first of them for the issuer, and GnuTLS the last",
            member.subject()
        );
        Finding::error(Code::NameTaken, message)
            .hint("give the next CA a name of its own: --common-name")
            .rule("RFC 5280 section 4.1.2.4")
    })
}

/// A name as verifiers compare it: without regard to case and to the amount of white space (RFC
/// 5280, section 7.1).
fn folded(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Refuses an authorityKeyIdentifier with issuer and serial number: after a renewal of the CA, which
/// changes its serial number, OpenSSL and Java no longer find it.
fn names_issuer_serial(next: &Certificate) -> Option<Finding> {
    let x509 = next.parsed();
    let names_serial = x509.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::AuthorityKeyIdentifier(identifier)
            if identifier.authority_cert_serial.is_some()
                || identifier.authority_cert_issuer.is_some())
    });
    names_serial.then(|| {
        let message = "its authorityKeyIdentifier names an issuer and a serial number: OpenSSL and \
                       Java refuse it after a renewal";
        Finding::error(Code::AkiSerial, message)
            .hint("have it made with the key identifier alone, or without the extension")
            .rule("RFC 5280 section 4.2.1.1")
    })
}

/// Checks that the next CA is no weaker, no wider and no shorter-lived than the active one.
fn check_against_active(next: &Certificate, active: &Certificate) -> Vec<Finding> {
    let mut found = Vec::new();
    if next.not_after() < active.not_after() {
        let message = format!(
            "the next CA ends at {}, before the present one, at {}",
            next.not_after(),
            active.not_after()
        );
        found.push(
            Finding::error(Code::EndsTooSoon, message).hint("give it a longer life: --validity"),
        );
    }
    let (new, old) = (key_type(next), key_type(active));
    if let (Some(strength), Some(present)) = (strength(&new), strength(&old))
        && strength < present
    {
        let message = format!("the key of the next CA is {new}, weaker than {old} of the present");
        found.push(
            Finding::error(Code::WeakKey, message)
                .hint("use a key that is at least as strong: --key-type"),
        );
    }
    if path_length(next) > path_length(active) {
        let message = "its pathLenConstraint allows more CAs below it than that of the present CA";
        found.push(
            Finding::error(Code::PathLength, message)
                .hint("have it made with pathLenConstraint 0")
                .rule("RFC 5280 section 4.2.1.9"),
        );
    }
    let is_constrained = |ca: &Certificate| ca.describe(ca.not_before()).name_constraints.is_some();
    if is_constrained(active) && !is_constrained(next) {
        let message =
            "the next CA may sign for any name: it lacks the name constraints of the present CA";
        found.push(
            Finding::warning(Code::NextCa, message)
                .hint("if it should not, have it made with them: --permit-dns, --permit-ip")
                .rule("RFC 5280 section 4.2.1.10"),
        );
    }
    found
}

fn key_type(ca: &Certificate) -> String {
    ca.describe(ca.not_before()).key_type
}

/// The strength of a key in bits (NIST SP 800-57 part 1, table 2); `None` for an unknown kind.
fn strength(kind: &str) -> Option<u32> {
    if let Some(bits) = kind.strip_prefix("rsa-") {
        return Some(match bits.parse().ok()? {
            ..2048_u32 => 80,
            2048..3072 => 112,
            3072..7680 => 128,
            7680.. => 192,
        });
    }
    match kind {
        "ecdsa-p256" | "ed25519" => Some(128),
        "ecdsa-p384" => Some(192),
        "ecdsa-p521" => Some(256),
        _ => None,
    }
}

/// The number of CAs that may follow; without a limit, the largest number.
fn path_length(ca: &Certificate) -> u32 {
    let x509 = ca.parsed();
    let constraints = x509.basic_constraints().ok().flatten();
    constraints.and_then(|one| one.value.path_len_constraint).unwrap_or(u32::MAX)
}
