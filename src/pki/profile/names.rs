//! The names of a leaf: its subjectAltName, and its common name.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use crate::error::Code;
use crate::pki::finding::Finding;

const RULE: &str = "RFC 5280 section 4.2.1.6";

/// Checks the names. `serves` means that clients look in them for the name that they connected to.
pub(super) fn check_names(x509: &X509Certificate<'_>, serves: bool, found: &mut Vec<Finding>) {
    let has_subject = x509.subject().iter_rdn().next().is_some();
    let common_name = x509.subject().iter_common_name().find_map(|name| name.as_str().ok());
    let san = match x509.subject_alternative_name() {
        Ok(Some(san)) => san,
        Err(_) => return, // twice or damaged: told with the extensions
        Ok(None) => {
            // A client is known by its subject; nobody connects to it.
            if serves || !has_subject {
                found.push(missing(common_name.is_some_and(is_host)));
            }
            return;
        }
    };
    if san.critical && has_subject {
        found.push(
            Finding::warning(Code::SanCritical, "its subjectAltName is critical beside a subject")
                .rule(RULE),
        );
    } else if !san.critical && !has_subject {
        found.push(
            Finding::warning(
                Code::SanNotCritical,
                "it has no subject, and its subjectAltName is not critical",
            )
            .rule(RULE),
        );
    }
    let names = &san.value.general_names;
    if names.is_empty() {
        found.push(Finding::error(Code::SanEmpty, "its subjectAltName is empty").rule(RULE));
    }
    for name in names {
        check_name(name, found);
    }
    if let Some(common_name) = common_name.filter(|name| serves && is_host(name))
        && !names.iter().any(|name| is_named(name, common_name))
    {
        found.push(
            Finding::warning(
                Code::CnNotInSan,
                format!("its common name {common_name:?} is not in its subjectAltName"),
            )
            .hint("clients read only the subjectAltName")
            .rule("RFC 9525 section 2"),
        );
    }
}

fn missing(cn_only: bool) -> Finding {
    if cn_only {
        Finding::error(Code::CnOnly, "its only name is its common name: it has no subjectAltName")
            .hint("clients read only the subjectAltName; put the name there")
            .rule("RFC 9525 section 2")
    } else {
        Finding::error(Code::SanMissing, "it has no subjectAltName: it is valid for no name")
            .hint("put the names that clients connect to into the subjectAltName")
            .rule(RULE)
    }
}

/// Whether a common name is the name of a host: an address, or labels separated by dots.
fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*'))
    };
    name.parse::<IpAddr>().is_ok()
        || name == "localhost"
        || (name.contains('.') && name.split('.').all(label))
}

fn is_named(name: &GeneralName<'_>, host: &str) -> bool {
    match name {
        GeneralName::DNSName(dns) => dns.eq_ignore_ascii_case(host),
        GeneralName::IPAddress(bytes) => match host.parse() {
            Ok(IpAddr::V4(ip)) => *bytes == ip.octets(),
            Ok(IpAddr::V6(ip)) => *bytes == ip.octets(),
            Err(_) => false,
        },
        _ => false,
    }
}

fn check_name(name: &GeneralName<'_>, found: &mut Vec<Finding>) {
    match name {
        GeneralName::DNSName(dns) => found.extend(check_dns(dns)),
        GeneralName::IPAddress(bytes) if !matches!(bytes.len(), 4 | 16) => {
            let message = format!("an address in it has {} octets, not 4 or 16", bytes.len());
            found.push(Finding::error(Code::IpAddressLength, message).rule(RULE));
        }
        GeneralName::Invalid(..) => found.push(
            Finding::error(Code::SanDamaged, "a name in its subjectAltName cannot be read")
                .rule(RULE),
        ),
        _ => {}
    }
}

/// Checks a DNS name (RFC 1034, section 3.5, as modified by RFC 1123; wildcards by RFC 9525,
/// section 6.3).
fn check_dns(name: &str) -> Option<Finding> {
    let error =
        |code, what: &str| Some(Finding::error(code, format!("the DNS name {name:?} {what}")));
    if name.parse::<IpAddr>().is_ok() {
        return error(Code::DnsNameIsAddress, "is an address, which clients do not look for there")
            .map(|finding| finding.hint("make it an iPAddress of the subjectAltName").rule(RULE));
    }
    let (base, is_wildcard) = match name.strip_prefix("*.") {
        Some(base) => (base, true),
        None => (name, false),
    };
    if base.contains('*') {
        return error(Code::DnsNameWildcard, "has a wildcard that is not its whole leftmost label")
            .map(|finding| finding.rule("RFC 9525 section 6.3"));
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 253 || !base.split('.').all(label) {
        return error(Code::DnsNameMalformed, "is not a host name")
            .map(|finding| finding.rule(RULE));
    }
    let warning =
        |code, what: &str| Some(Finding::warning(code, format!("the DNS name {name:?} {what}")));
    if name.contains('_') {
        return warning(Code::DnsNameUnderscore, "has an underscore, which host names cannot have")
            .map(|finding| finding.rule(RULE));
    }
    if is_wildcard && !base.contains('.') {
        return warning(Code::DnsNameWildcardWide, "is a wildcard for a whole top-level domain");
    }
    None
}
