//! Name constraints: the names that the CAs of a path may sign for (RFC 5280, section 4.2.1.10).
//!
//! The constraints of a CA bind all certificates below it, except self-issued intermediates. A
//! certificate with a name of a form that is constrained, but not understood here, is refused. A
//! wildcard must lie wholly within the permitted subtrees, and must not overlap an excluded one:
//! RFC 5280 does not define wildcards, and this reading is the safe one.

use std::collections::BTreeSet;

use x509_parser::extensions::{GeneralName, GeneralSubtree};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AttributeTypeAndValue, RelativeDistinguishedName, X509Name};

use crate::pki::chain::budget::{Budget, BudgetExhaustion};
use crate::pki::chain::link::PathCertificate;
use crate::pki::chain::oid::NAME_CONSTRAINTS;
use crate::pki::chain::{ChainFault, ChainReason};
use crate::pki::der::Elements;
use crate::pki::{certificate, hex, subject};

const RULE: &str = "RFC 5280 section 4.2.1.10";

/// Checks the names of every certificate of the path against the constraints of the CAs above it.
/// Returns the first fault.
pub(super) fn check(
    path: &[PathCertificate<'_>],
    budget: &mut Budget,
) -> Result<Option<ChainFault>, BudgetExhaustion> {
    for (at, issuer) in path.iter().enumerate().skip(1) {
        let Some(constraints) = issuer.extension(NAME_CONSTRAINTS) else { continue };
        let Some([permitted, excluded]) = subtrees(constraints.value) else {
            let what = "holds name constraints that cannot be read, or have bounds";
            return Ok(Some(ChainFault::new(ChainReason::NameConstraint, issuer, what).rule(RULE)));
        };
        let (permitted, excluded) = (permitted.as_slice(), excluded.as_slice());
        if let Some(bad) = permitted.iter().chain(excluded).find(|tree| !is_constraint(&tree.base))
        {
            let what = format!("holds an invalid name constraint: {}", show(&bad.base));
            return Ok(Some(ChainFault::new(ChainReason::NameConstraint, issuer, what).rule(RULE)));
        }
        for link in path.iter().take(at).filter(|link| link.is_leaf() || !link.is_self_issued()) {
            if let Some(fault) = check_one(link, issuer, permitted, excluded, budget)? {
                return Ok(Some(fault));
            }
        }
    }
    Ok(None)
}

/// The permitted and the excluded subtrees of a nameConstraints extension; `None` if it cannot be
/// read. Parsed here because x509-parser stops at the first empty list, and skips the bounds
/// (`minimum`, `maximum`), which RFC 5280 does not allow.
fn subtrees(extension: &[u8]) -> Option<[Vec<GeneralSubtree<'_>>; 2]> {
    let mut lists = [Vec::new(), Vec::new()];
    let constraints = Elements::new(extension).next()?.ok()?;
    for list in constraints.children() {
        let list = list.ok()?;
        let trees = lists.get_mut(usize::from(list.tag.checked_sub(0xa0)?))?;
        for tree in list.children() {
            let tree = tree.ok()?;
            let (rest, base) = GeneralName::from_der(tree.content).ok()?;
            if tree.tag != 0x30 || !rest.is_empty() {
                return None;
            }
            trees.push(GeneralSubtree { base });
        }
    }
    Some(lists)
}

fn check_one(
    link: &PathCertificate<'_>,
    issuer: &PathCertificate<'_>,
    permitted: &[GeneralSubtree<'_>],
    excluded: &[GeneralSubtree<'_>],
    budget: &mut Budget,
) -> Result<Option<ChainFault>, BudgetExhaustion> {
    let directory = GeneralName::DirectoryName(link.x509.subject().clone());
    let directory = link.x509.subject().iter_rdn().next().is_some().then_some(&directory);
    let mails = subject_mails(link);
    let names = link.alternative_names().iter().chain(directory).chain(&mails);
    for name in names {
        let bad = |what: &str| {
            let (position, whose) = (issuer.position, issuer.certificate.subject());
            let what = format!("holds the name {}, {what} by the {position} ({whose})", show(name));
            Some(
                ChainFault::new(ChainReason::NameConstraint, link, what)
                    .rule(RULE)
                    .hint("issue it without this name, or from a CA that may sign for it"),
            )
        };
        for tree in excluded.iter().filter(|tree| same_form(name, &tree.base)) {
            budget.pay_for_comparison()?;
            if !matches!(compare(name, &tree.base), Relation::Outside) {
                return Ok(bad("which is excluded"));
            }
        }
        let mut forms = permitted.iter().filter(|tree| same_form(name, &tree.base)).peekable();
        if forms.peek().is_none() {
            continue;
        }
        let mut inside = false;
        for tree in forms {
            budget.pay_for_comparison()?;
            inside |= matches!(compare(name, &tree.base), Relation::Inside);
        }
        if !inside {
            return Ok(bad("which is not permitted"));
        }
    }
    Ok(None)
}

/// The mail addresses in the subject; they count only if the alternative names hold none.
fn subject_mails<'l>(link: &'l PathCertificate<'_>) -> Vec<GeneralName<'l>> {
    let has = link.alternative_names().iter().any(|one| matches!(one, GeneralName::RFC822Name(_)));
    let mails = link.x509.subject().iter_email().filter(|_| !has);
    mails.filter_map(|one| one.as_str().ok()).map(GeneralName::RFC822Name).collect()
}

/// The position of a name relative to a subtree.
pub(in crate::pki) enum Relation {
    Inside,
    Outside,
    /// The name overlaps the subtree only in part, or the two cannot be compared.
    Unclear,
}

impl From<bool> for Relation {
    fn from(inside: bool) -> Self {
        if inside { Relation::Inside } else { Relation::Outside }
    }
}

fn same_form(name: &GeneralName<'_>, base: &GeneralName<'_>) -> bool {
    std::mem::discriminant(name) == std::mem::discriminant(base)
}

fn compare(name: &GeneralName<'_>, base: &GeneralName<'_>) -> Relation {
    match (name, base) {
        (GeneralName::DNSName(name), GeneralName::DNSName(base)) => dns(name, base),
        (GeneralName::IPAddress(name), GeneralName::IPAddress(base)) => in_range(name, base).into(),
        (GeneralName::RFC822Name(name), GeneralName::RFC822Name(base)) => mail(name, base),
        (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => {
            starts_with(name, base).into()
        }
        _ => Relation::Unclear,
    }
}

pub(in crate::pki) fn is_constraint(base: &GeneralName<'_>) -> bool {
    match base {
        GeneralName::DNSName(domain) => {
            domain.is_empty() || is_domain(domain.strip_prefix('.').unwrap_or(domain))
        }
        GeneralName::IPAddress(bytes) => match bytes.len() {
            8 | 32 => {
                let mask = &bytes[bytes.len() / 2..];
                let bits =
                    mask.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
                bits.clone().zip(bits.skip(1)).all(|(bit, next)| bit >= next)
            }
            _ => false,
        },
        GeneralName::RFC822Name(base) => match base.split_once('@') {
            Some((local, domain)) => !local.is_empty() && is_domain(domain),
            None => is_domain(base.strip_prefix('.').unwrap_or(base)),
        },
        GeneralName::Invalid(..) => false,
        _ => true,
    }
}

/// Whether the name consists of labels of letters, digits, `-` and `_`.
pub(super) fn is_domain(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

pub(in crate::pki) fn dns(name: &str, base: &str) -> Relation {
    // RFC 5280 has no leading dot here; OpenSSL and others ignore it.
    let base = base.strip_prefix('.').unwrap_or(base);
    match name.strip_prefix("*.") {
        Some(rest) if is_domain(rest) => {
            // The asterisk stands for exactly one label.
            let touches = base.split_once('.').is_some_and(|(_, up)| up.eq_ignore_ascii_case(rest));
            match (is_below(rest, base), touches) {
                (true, _) => Relation::Inside,
                (false, true) => Relation::Unclear,
                (false, false) => Relation::Outside,
            }
        }
        None if is_domain(name) => is_below(name, base).into(),
        _ => Relation::Unclear,
    }
}

/// Whether `name` equals `base` or has further labels in front of it.
fn is_below(name: &str, base: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    let Some(front) = name.len().checked_sub(base.len()) else { return false };
    let (before, end) = name.as_bytes().split_at(front);
    end.eq_ignore_ascii_case(base.as_bytes()) && before.last().is_none_or(|last| *last == b'.')
}

pub(in crate::pki) fn in_range(address: &[u8], range: &[u8]) -> bool {
    let (network, mask) = range.split_at(range.len() / 2);
    address.len() == network.len()
        && address.iter().zip(network).zip(mask).all(|((a, n), m)| a & m == n & m)
}

/// Compares a mail address with a constraint. A mailbox is compared byte by byte, its host without
/// regard to case; a host covers all its mailboxes; a domain with a leading dot covers the
/// mailboxes of all hosts below it.
fn mail(name: &str, base: &str) -> Relation {
    let Some((local, host)) = name.split_once('@') else { return Relation::Unclear };
    if local.is_empty() || !is_domain(host) {
        return Relation::Unclear;
    }
    match (base.split_once('@'), base.strip_prefix('.')) {
        (Some((wanted, domain)), _) => {
            (local == wanted && host.eq_ignore_ascii_case(domain)).into()
        }
        (None, Some(domain)) => (is_below(host, domain) && host.len() > domain.len()).into(),
        (None, None) => host.eq_ignore_ascii_case(base).into(),
    }
}

/// Whether the distinguished name begins with all of `base`. Case and the amount of white space are
/// ignored (RFC 5280, section 7.1).
fn starts_with(name: &X509Name<'_>, base: &X509Name<'_>) -> bool {
    let mut rdns = name.iter_rdn();
    base.iter_rdn().all(|wanted| rdns.next().is_some_and(|rdn| fold(rdn) == fold(wanted)))
}

fn fold(rdn: &RelativeDistinguishedName<'_>) -> BTreeSet<(String, String)> {
    let value = |pair: &AttributeTypeAndValue<'_>| match pair.as_str() {
        Ok(text) => text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "),
        Err(_) => hex(pair.as_slice()),
    };
    rdn.iter().map(|pair| (pair.attr_type().to_id_string(), value(pair))).collect()
}

fn show(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            name.escape_debug().to_string()
        }
        GeneralName::IPAddress(bytes) => certificate::address(bytes),
        GeneralName::DirectoryName(name) => subject::rfc4514(name),
        _ => "of another form".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(relation: Relation) -> &'static str {
        match relation {
            Relation::Inside => "inside",
            Relation::Outside => "outside",
            Relation::Unclear => "unclear",
        }
    }

    #[test]
    fn dns_names() {
        for (name, base, expected) in [
            ("example.com", "example.com", "inside"),
            ("a.b.Example.COM", "example.com", "inside"),
            ("a.example.com", ".example.com", "inside"),
            ("notexample.com", "example.com", "outside"),
            ("com", "example.com", "outside"),
            ("anything", "", "inside"),
            ("*.example.com", "example.com", "inside"),
            ("*.example.com", "com", "inside"),
            ("*.example.com", "", "inside"),
            ("*.example.com", "a.example.com", "unclear"),
            ("*.example.com", "a.b.example.com", "outside"),
            ("*.other.com", "example.com", "outside"),
            (".example.com", "example.com", "unclear"),
            ("*", "example.com", "unclear"),
            ("a*.example.com", "example.com", "unclear"),
            ("ex ample.com", "com", "unclear"),
        ] {
            assert_eq!(verdict(dns(name, base)), expected, "{name} {base}");
        }
    }

    #[test]
    fn mail_addresses() {
        for (name, base, expected) in [
            ("a@example.com", "a@EXAMPLE.com", "inside"),
            ("A@example.com", "a@example.com", "outside"),
            ("a@example.com", "example.com", "inside"),
            ("a@x.example.com", "example.com", "outside"),
            ("a@x.example.com", ".example.com", "inside"),
            ("a@example.com", ".example.com", "outside"),
            ("a@b@example.com", "example.com", "unclear"),
            ("@example.com", "example.com", "unclear"),
        ] {
            assert_eq!(verdict(mail(name, base)), expected, "{name} {base}");
        }
    }

    #[test]
    fn addresses() {
        let range = [10, 1, 0, 0, 255, 255, 0, 0];
        assert!(in_range(&[10, 1, 2, 3], &range));
        assert!(!in_range(&[10, 2, 2, 3], &range));
        assert!(!in_range(&[0; 16], &range));
        let is = |bytes: &[u8]| is_constraint(&GeneralName::IPAddress(bytes));
        assert!(is(&range) && is(&[0; 8]) && is(&[0xff; 32]));
        assert!(!is(&[10, 1, 0, 0]) && !is(&[10, 1, 0, 0, 255, 0, 255, 0]) && !is(&[]));
    }
}
