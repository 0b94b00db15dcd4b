//! Name constraints: what a CA may sign for (RFC 5280, section 4.2.1.10).

use std::str::FromStr;

use ipnet::IpNet;

use crate::error::{Error, Result};

/// A permitted DNS subtree: the domain itself and everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsSubtree(String);

impl FromStr for DnsSubtree {
    type Err = Error;

    /// Takes `example.com`; also `*.example.com` and `.example.com`, which people write
    /// for the same thing. Stored in lower case without a leading dot.
    fn from_str(text: &str) -> Result<Self> {
        let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.is_empty() || name.len() > 253 || !name.split('.').all(label) {
            return Err(Error::usage("constraint-dns", format!("{text:?} is not a DNS domain"))
                .hint("give a domain such as ccx.example.com, in ASCII (xn--… for others)"));
        }
        Ok(DnsSubtree(name.to_ascii_lowercase()))
    }
}

/// A permitted range of addresses, IPv4 or IPv6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpSubtree(IpNet);

impl FromStr for IpSubtree {
    type Err = Error;

    /// Takes a CIDR such as `10.0.0.0/8` or `fd00::/8`, without host bits.
    fn from_str(text: &str) -> Result<Self> {
        let net: IpNet = text.parse().map_err(|_| {
            Error::usage("constraint-cidr", format!("{text:?} is not a CIDR"))
                .hint("give an address and a prefix length, such as 10.0.0.0/8 or fd00::/8")
        })?;
        if net.trunc() != net {
            return Err(Error::usage(
                "constraint-host-bits",
                format!("{text} has bits set behind its prefix"),
            )
            .hint(format!("did you mean {}?", net.trunc())));
        }
        Ok(IpSubtree(net))
    }
}

/// The permitted subtrees of a CA. Empty: no constraint.
///
/// A kind of name with no permitted subtree stays unconstrained, as RFC 5280 has it: a CA
/// with `dns` alone may still sign for any address.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        let parse = |text: &str| text.parse::<DnsSubtree>().map(|d| d.0).map_err(|e| e.code());
        assert_eq!(parse("Ccx.Example.com"), Ok("ccx.example.com".into()));
        assert_eq!(parse("*.example.com"), Ok("example.com".into()));
        assert_eq!(parse(".example.com"), Ok("example.com".into()));
        for bad in ["", ".", "*", "a..b", "-a.b", "a b", "ex\u{e4}mple.com", &"a".repeat(64)] {
            assert_eq!(parse(bad), Err("constraint-dns"), "{bad:?}");
        }
    }

    #[test]
    fn ranges() {
        let parse = |text: &str| text.parse::<IpSubtree>().map(|_| ()).map_err(|e| e.code());
        assert_eq!(parse("10.0.0.0/8"), Ok(()));
        assert_eq!(parse("fd00::/8"), Ok(()));
        assert_eq!(parse("0.0.0.0/0"), Ok(()));
        assert_eq!(parse("10.0.0.1/8"), Err("constraint-host-bits"));
        assert_eq!(parse("fd00::1/64"), Err("constraint-host-bits"));
        for bad in ["", "10.0.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "x/8"] {
            assert_eq!(parse(bad), Err("constraint-cidr"), "{bad:?}");
        }
    }
}
