//! Name constraints: the names that a CA may sign for (RFC 5280, section 4.2.1.10).

use std::fmt;
use std::str::FromStr;

use ipnet::IpNet;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, NameConstraints as Parsed};

use crate::error::{Code, Error, Result};
use crate::pki::chain::names::{self, Relation};

/// A permitted DNS subtree: the domain itself and everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsSubtree(String);

impl FromStr for DnsSubtree {
    type Err = Error;

    /// Parses `example.com`; also `*.example.com` and `.example.com`, which people write with the
    /// same meaning. Stored in lower case without a leading dot.
    fn from_str(text: &str) -> Result<Self> {
        let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.is_empty() || name.len() > 253 || !name.split('.').all(label) {
            return Err(Error::usage(Code::ConstraintDns, format!("{text:?} is not a DNS domain"))
                .hint("give a domain such as ccx.example.com, in ASCII (xn--… for others)"));
        }
        Ok(DnsSubtree(name.to_ascii_lowercase()))
    }
}

impl fmt::Display for DnsSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A permitted range of addresses, IPv4 or IPv6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpSubtree(IpNet);

impl FromStr for IpSubtree {
    type Err = Error;

    /// Parses a CIDR such as `10.0.0.0/8` or `fd00::/8`; bits behind the prefix are an error.
    fn from_str(text: &str) -> Result<Self> {
        let net: IpNet = text.parse().map_err(|_| {
            Error::usage(Code::ConstraintCidr, format!("{text:?} is not a CIDR"))
                .hint("give an address and a prefix length, such as 10.0.0.0/8 or fd00::/8")
        })?;
        if net.trunc() != net {
            return Err(Error::usage(
                Code::ConstraintHostBits,
                format!("{text} has bits set behind its prefix"),
            )
            .hint(format!("did you mean {}?", net.trunc())));
        }
        Ok(IpSubtree(net))
    }
}

impl fmt::Display for IpSubtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The permitted subtrees of a CA; empty means unconstrained.
///
/// A kind of name without a permitted subtree stays unconstrained (RFC 5280, section 4.2.1.10): a
/// CA that has only `dns` may still sign for any address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// Permitted DNS subtrees.
    pub dns: Vec<DnsSubtree>,
    /// Permitted address ranges.
    pub ip: Vec<IpSubtree>,
}

impl NameConstraints {
    pub(crate) fn to_rcgen(&self) -> Option<rcgen::NameConstraints> {
        let dns = self.dns.iter().map(|d| rcgen::GeneralSubtree::DnsName(d.0.clone()));
        let ip = self.ip.iter().map(|IpSubtree(net)| {
            let subnet = rcgen::CidrSubnet::from_addr_prefix(net.addr(), net.prefix_len());
            rcgen::GeneralSubtree::IpAddress(subnet)
        });
        let permitted_subtrees: Vec<_> = dns.chain(ip).collect();
        (!permitted_subtrees.is_empty())
            .then(|| rcgen::NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() })
    }
}

/// The name constraints of a CA certificate, whoever made it.
///
/// If a kind of name has permitted subtrees, a name of this kind must lie in one of them; no name
/// may lie in an excluded one. Only DNS names and addresses are checked here; chain verification
/// ([`crate::pki::chain`]), which compares names in the same way, checks the other kinds.
#[derive(Debug, Default)]
pub(crate) struct IssuerConstraints {
    permitted: Subtrees,
    excluded: Subtrees,
    /// Set if the constraints cannot be parsed or are meaningless; then no name is allowed.
    damaged: bool,
}

#[derive(Debug, Default)]
struct Subtrees {
    dns: Vec<String>,
    /// Addresses, each followed by its mask.
    ip: Vec<Vec<u8>>,
}

impl IssuerConstraints {
    pub(crate) fn from_certificate(x509: &X509Certificate<'_>) -> Self {
        let mut limits = IssuerConstraints::default();
        match x509.name_constraints() {
            Ok(None) => {}
            Ok(Some(parsed)) => limits.read(parsed.value),
            Err(_) => limits.damaged = true,
        }
        limits
    }

    fn read(&mut self, parsed: &Parsed<'_>) {
        // x509-parser treats a list that it cannot read as absent.
        self.damaged = parsed.permitted_subtrees.is_none() && parsed.excluded_subtrees.is_none();
        for (from, to) in [
            (&parsed.permitted_subtrees, &mut self.permitted),
            (&parsed.excluded_subtrees, &mut self.excluded),
        ] {
            for subtree in from.iter().flatten() {
                self.damaged |= !names::is_constraint(&subtree.base);
                match subtree.base {
                    GeneralName::DNSName(name) => to.dns.push(name.to_owned()),
                    GeneralName::IPAddress(range) => to.ip.push(range.to_vec()),
                    _ => {}
                }
            }
        }
    }

    pub(crate) fn allow(&self, name: &GeneralName<'_>) -> bool {
        match name {
            GeneralName::DNSName(name) => {
                let inside = |tree: &String| matches!(names::dns(name, tree), Relation::Inside);
                let outside = |tree: &String| matches!(names::dns(name, tree), Relation::Outside);
                let permitted = &self.permitted.dns;
                !self.damaged
                    && (permitted.is_empty() || permitted.iter().any(inside))
                    && self.excluded.dns.iter().all(outside)
            }
            GeneralName::IPAddress(ip) => {
                let inside = |range: &Vec<u8>| names::in_range(ip, range);
                let permitted = &self.permitted.ip;
                !self.damaged
                    && (permitted.is_empty() || permitted.iter().any(inside))
                    && !self.excluded.ip.iter().any(inside)
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        let parse =
            |text: &str| text.parse::<DnsSubtree>().map(|d| d.0).map_err(|e| e.code().name());
        assert_eq!(parse("Ccx.Example.com"), Ok("ccx.example.com".into()));
        assert_eq!(parse("*.example.com"), Ok("example.com".into()));
        assert_eq!(parse(".example.com"), Ok("example.com".into()));
        for bad in ["", ".", "*", "a..b", "-a.b", "a b", "ex\u{e4}mple.com", &"a".repeat(64)] {
            assert_eq!(parse(bad), Err("constraint-dns"), "{bad:?}");
        }
    }

    #[test]
    fn ranges() {
        let parse = |text: &str| text.parse::<IpSubtree>().map(|_| ()).map_err(|e| e.code().name());
        assert_eq!(parse("10.0.0.0/8"), Ok(()));
        assert_eq!(parse("fd00::/8"), Ok(()));
        assert_eq!(parse("0.0.0.0/0"), Ok(()));
        assert_eq!(parse("10.0.0.1/8"), Err("constraint-host-bits"));
        assert_eq!(parse("fd00::1/64"), Err("constraint-host-bits"));
        for bad in ["", "10.0.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "x/8"] {
            assert_eq!(parse(bad), Err("constraint-cidr"), "{bad:?}");
        }
    }

    #[test]
    fn excluded_and_damaged_constraints() {
        let dns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let allowed = |limits: &IssuerConstraints, name| limits.allow(&GeneralName::DNSName(name));
        let excluded =
            Subtrees { dns: dns(&["b.example.com"]), ip: vec![vec![10, 0, 0, 0, 255, 0, 0, 0]] };
        let limits = IssuerConstraints { excluded, ..IssuerConstraints::default() };
        assert!(allowed(&limits, "example.org") && allowed(&limits, "A.example.com"));
        assert!(!allowed(&limits, "a.B.example.com") && !allowed(&limits, "*.example.com"));
        assert!(!limits.allow(&GeneralName::IPAddress(&[10, 1, 2, 3])));
        assert!(limits.allow(&GeneralName::IPAddress(&[11, 1, 2, 3])));
        let damaged = IssuerConstraints { damaged: true, ..IssuerConstraints::default() };
        assert!(!allowed(&damaged, "example.org"));
        assert!(!damaged.allow(&GeneralName::IPAddress(&[11, 1, 2, 3])));
    }
}
