//! Rules that most peers do not enforce: rules of RFC 5280 for the certificates of a path, and
//! rules for public CAs (CA/Browser Forum, Baseline Requirements: "BR") that make sense for a
//! private CA too. Every peer accepts a certificate that follows them.
//!
//! A finding is a warning, or a refusal in strict verification. Three are always warnings, because
//! RFC 5280 and the BR contradict each other there.

use std::net::IpAddr;

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::x509::X509Version;

use crate::pki::certificate::{self, key_type};
use crate::pki::chain::link::PathCertificate;
use crate::pki::chain::names::is_domain;
use crate::pki::chain::oid::{AKI, ALTERNATIVE_NAMES, BASIC_CONSTRAINTS, SKI};
use crate::pki::chain::{ChainFault, ChainReason, ChainRequest, Position, Purpose};

const POLICY_CONSTRAINTS: &str = "2.5.29.36";
const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
const AUTHORITY_INFO: &str = "1.3.6.1.5.5.7.1.1";

/// A finding, and whether strict verification refuses a chain for it.
type StrictFindings = Vec<(bool, ChainFault)>;

/// Checks every certificate of the path against these rules.
pub(super) fn check(path: &[PathCertificate<'_>], request: &ChainRequest<'_>) -> StrictFindings {
    let mut found = StrictFindings::new();
    for link in path {
        let mut report = |what: &str, rule: &'static str| {
            found.push((true, ChainFault::new(ChainReason::Nonconforming, link, what).rule(rule)));
        };
        body(link, &mut report);
        key_identifiers(link, &mut report);
        criticality(link, &mut report);
        if link.is_leaf() {
            leaf(link, request, &mut report);
        } else {
            authority(link, &mut report);
        }
    }
    notes(path, &mut found);
    found
}

fn body(link: &PathCertificate<'_>, report: &mut impl FnMut(&str, &'static str)) {
    let x509 = &link.x509;
    if x509.version() != X509Version::V3 {
        report("is not of X.509 version 3", "RFC 5280 section 4.1.2.1");
    }
    let serial = x509.raw_serial();
    if link.position == Position::Ca {
        // Nobody looks up a trusted CA by its serial number, and old roots have 0.
    } else if serial.first().is_none_or(|first| first & 0x80 != 0) || serial.iter().all(|b| *b == 0)
    {
        report("has a serial number that is not positive", "RFC 5280 section 4.1.2.2");
    } else if serial.len() > 20 {
        report("has a serial number longer than 20 octets", "RFC 5280 section 4.1.2.2");
    }
    if x509.issuer().iter_rdn().next().is_none() {
        report("does not name its issuer", "RFC 5280 section 4.1.2.4");
    }
    let no_subject = x509.subject().iter_rdn().next().is_none();
    let names = link.extension(ALTERNATIVE_NAMES).map(|one| one.critical);
    match (no_subject, link.is_ca(), names) {
        (true, true, _) => report("is a CA without a subject", "RFC 5280 section 4.1.2.6"),
        (true, false, None | Some(false)) => {
            report("has neither a subject nor critical names", "RFC 5280 section 4.2.1.6");
        }
        (false, _, Some(true)) => {
            report("has a subject, but critical names", "BR section 7.1.2.7.12");
        }
        _ => {}
    }
    let kind = key_type(x509.public_key());
    let bits = kind.strip_prefix("rsa-").and_then(|bits| bits.parse::<u32>().ok());
    if bits.is_some_and(|bits| bits % 8 != 0) {
        report("has an RSA key whose length is no whole number of octets", "BR section 6.1.6");
    }
}

fn key_identifiers(link: &PathCertificate<'_>, report: &mut impl FnMut(&str, &'static str)) {
    let self_signed = link.is_self_issued() && link.check_signature(link).is_ok();
    if link.is_ca() && link.subject_key_id().is_none() {
        report("is a CA without a subject key identifier", "RFC 5280 section 4.2.1.2");
    }
    if link.authority_key_id().is_none() && link.position != Position::Ca {
        report("has no authority key identifier", "RFC 5280 section 4.2.1.1");
    }
    if let Some(id) = link.authority_key().filter(|_| self_signed) {
        const RULE: &str = "BR section 7.1.2.1.3";
        if link.authority_key_id() != link.subject_key_id() {
            report("is self-signed, but its two key identifiers differ", RULE);
        }
        if id.authority_cert_issuer.is_some() || id.authority_cert_serial.is_some() {
            report("is self-signed, but names its issuer's certificate", RULE);
        }
    }
}

fn criticality(link: &PathCertificate<'_>, report: &mut impl FnMut(&str, &'static str)) {
    let mut must = |oid: &str, critical: bool, what: &str, rule| {
        if link.extension(oid).is_some_and(|one| one.critical != critical) {
            report(what, rule);
        }
    };
    must(AKI, false, "has a critical authority key identifier", "RFC 5280 section 4.2.1.1");
    must(SKI, false, "has a critical subject key identifier", "RFC 5280 section 4.2.1.2");
    must(AUTHORITY_INFO, false, "has critical authority information", "RFC 5280 section 4.2.2.1");
    let rule = "RFC 5280 section 4.2.1.11";
    must(POLICY_CONSTRAINTS, true, "has policy constraints that are not critical", rule);
    let rule = "RFC 5280 section 4.2.1.14";
    must(INHIBIT_ANY_POLICY, true, "has an inhibitAnyPolicy that is not critical", rule);
    let information = link.extension(AUTHORITY_INFO).map(|one| one.parsed_extension());
    let empty = match information {
        Some(ParsedExtension::AuthorityInfoAccess(information)) => {
            information.accessdescs.is_empty()
        }
        other => other.is_some(),
    };
    if empty {
        report("has authority information that cannot be read", "RFC 5280 section 4.2.2.1");
    }
}

fn authority(link: &PathCertificate<'_>, report: &mut impl FnMut(&str, &'static str)) {
    if link.extension(BASIC_CONSTRAINTS).is_some_and(|one| !one.critical) {
        report("has basicConstraints that are not critical", "RFC 5280 section 4.2.1.9");
    }
    let empty = |(_, constraints): (bool, &x509_parser::extensions::NameConstraints<'_>)| {
        constraints.permitted_subtrees.is_none() && constraints.excluded_subtrees.is_none()
    };
    if link.name_constraints().is_some_and(empty) {
        report("has empty name constraints", "RFC 5280 section 4.2.1.10");
    }
    let dotted = link.name_constraints().is_some_and(|(_, constraints)| {
        let trees = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
        trees.into_iter().flatten().flatten().any(
            |tree| matches!(tree.base, GeneralName::DNSName(domain) if domain.starts_with('.')),
        )
    });
    if dotted {
        report("has a name constraint with a dot in front", "RFC 5280 section 4.2.1.10");
    }
    if link.position == Position::Ca && link.ext_key_usage().is_some() {
        report("is a trusted CA, but has extended key usages", "BR section 7.1.2.1.2");
    }
}

fn leaf(
    link: &PathCertificate<'_>,
    request: &ChainRequest<'_>,
    report: &mut impl FnMut(&str, &'static str),
) {
    let signs = link.key_usage().is_some_and(|usage| usage.key_cert_sign());
    match link.basic_constraints() {
        Some((true, _)) if link.key_usage().is_some() && !signs => {
            report(
                "is a CA by its basicConstraints, but not by its keyUsage",
                "BR section 7.1.2.7.8",
            );
        }
        Some((false, _)) | None if signs => {
            report("may sign certificates, but is not a CA", "RFC 5280 section 4.2.1.9");
        }
        _ => {}
    }
    if !link.is_ca() && link.name_constraints().is_some() {
        report("has name constraints, but is not a CA", "RFC 5280 section 4.2.1.10");
    }
    if let Some((critical, usage)) = link.ext_key_usage() {
        if critical {
            report("has an extended key usage that is critical", "BR section 7.1.2.7.6");
        }
        if usage.any {
            report("is for any use (anyExtendedKeyUsage)", "BR section 7.1.2.7.10");
        }
    }
    for name in link.alternative_names() {
        if let GeneralName::DNSName(name) = name
            && let Some((what, rule)) = bad_dns_name(name)
        {
            report(&format!("has the DNS name {name:?}, which {what}"), rule);
        }
    }
    if request.purpose == Purpose::Server {
        common_name(link, report);
    }
}

/// Checks the preferred name syntax of RFC 1034 (RFC 5280, section 4.2.1.6). A leading asterisk may
/// stand for one label, but not directly below the root or a top-level domain.
fn bad_dns_name(name: &str) -> Option<(&'static str, &'static str)> {
    const RULE: &str = "RFC 5280 section 4.2.1.6";
    let domain = name.strip_prefix("*.").unwrap_or(name);
    if name.parse::<IpAddr>().is_ok() {
        return Some(("is an IP address", RULE));
    }
    if name == "*" || (name.starts_with("*.") && !domain.contains('.')) {
        return Some(("stands for a whole top-level domain", "BR section 3.2.2.6"));
    }
    if !is_domain(domain) {
        return Some(("is not a DNS name", RULE));
    }
    let dashed = |label: &str| label.starts_with('-') || label.ends_with('-');
    if domain.contains('_') || domain.split('.').any(dashed) {
        return Some(("is not a host name by RFC 1034", RULE));
    }
    None
}

/// Checks that a common name which looks like a DNS name or an address is one of the alternative
/// names, byte by byte, or a parent domain of one: clients that still use the common name must not
/// accept the certificate for another host.
fn common_name(link: &PathCertificate<'_>, report: &mut impl FnMut(&str, &'static str)) {
    let Some(name) = link.x509.subject().iter_common_name().find_map(|one| one.as_str().ok())
    else {
        return;
    };
    let names = certificate::names(link.alternative_names().iter());
    let address = name.contains(':') || name.starts_with(|c: char| c.is_ascii_digit());
    let address = address && name.chars().all(|c| c.is_ascii_hexdigit() || "x.:X".contains(c));
    let among = if address { &names.ip } else { &names.dns };
    let claims = address || (name.contains('.') && !name.contains(char::is_whitespace));
    let is_or_is_above = |one: &String| {
        one.strip_suffix(name).is_some_and(|front| front.is_empty() || front.ends_with('.'))
    };
    if claims && !among.is_empty() && !among.iter().any(is_or_is_above) {
        let what =
            format!("has the common name {name:?}, which is not among its alternative names");
        report(&what, "BR section 7.1.4.3");
    }
}

/// Adds observations that never refuse a chain.
fn notes(path: &[PathCertificate<'_>], found: &mut StrictFindings) {
    let [leaf, issuers @ ..] = path else { return };
    let mut note = |link: &PathCertificate<'_>, what: &str, rule: &'static str, hint: &str| {
        let fault = ChainFault::new(ChainReason::Nonconforming, link, what).rule(rule).hint(hint);
        found.push((false, fault));
    };
    if leaf.is_ca() {
        let hint = "issue another from it for this peer, and keep the key of the CA elsewhere";
        note(leaf, "is a CA itself; some clients refuse it", "BR section 7.1.2.7.8", hint);
    }
    if leaf.ext_key_usage().is_none() {
        let hint = "issue it again with serverAuth, clientAuth or both";
        note(leaf, "has no extended key usage: it allows any use", "BR section 7.1.2.7.6", hint);
    }
    for issuer in issuers {
        if issuer.name_constraints().is_some_and(|(critical, _)| !critical) {
            let what = "has name constraints that are not critical: some peers ignore them";
            let hint = "make a new CA with critical ones";
            note(issuer, what, "RFC 5280 section 4.2.1.10", hint);
        }
    }
    if let Some(anchor) = issuers.last()
        && !anchor.is_self_issued()
    {
        let hint = "add the root that issued it to the bundle";
        let what = "is trusted but not self-signed; OpenSSL's clients need the root too";
        note(anchor, what, "RFC 5280 section 6.1.1 (d)", hint);
    }
}
