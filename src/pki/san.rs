//! The names that a certificate is valid for: DNS names and addresses (RFC 5280, section 4.2.1.6).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use crate::error::{Code, Error, Result};
use crate::text::clip;

/// The longest DNS name, in octets (RFC 1035, section 2.3.4).
const MAX_NAME: usize = 253;

/// A DNS name in the preferred syntax (RFC 1034, section 3.5), in lower case, or a wildcard
/// of one (RFC 6125, section 6.4.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DnsName {
    type Err = Error;

    /// Parses names such as `db.example.com` and `*.db.example.com`; a wildcard needs two labels
    /// behind it.
    fn from_str(text: &str) -> Result<Self> {
        let name = text.to_ascii_lowercase();
        let base = name.strip_prefix("*.");
        let labels: Vec<&str> = base.unwrap_or(&name).split('.').collect();
        let bad = |why: &str| {
            let shown = clip(text, 80);
            Error::usage(Code::DnsName, format!("{shown:?} is not a DNS name: {why}"))
                .hint("labels of 1 to 63 letters, digits and '-', such as db.example.com")
        };
        if let Some(label) = labels.iter().find(|label| !is_label(label)) {
            let shown = clip(label, 64);
            return Err(bad(&format!("{shown:?} cannot be a label")));
        }
        if name.len() > MAX_NAME {
            return Err(bad(&format!("it is longer than {MAX_NAME} characters")));
        }
        if labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(bad("its last label is a number").hint("give addresses with --ip"));
        }
        if base.is_some() && labels.len() < 2 {
            return Err(bad("a wildcard needs two labels behind it"));
        }
        Ok(DnsName(name))
    }
}

/// Whether `text` is one label of a DNS name, in lower case.
#[must_use]
pub fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The names of one certificate: sorted, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct San {
    dns: Vec<DnsName>,
    ip: Vec<IpAddr>,
}

impl San {
    /// Sorts the names and drops duplicates.
    #[must_use]
    pub fn new(
        dns: impl IntoIterator<Item = DnsName>,
        ip: impl IntoIterator<Item = IpAddr>,
    ) -> Self {
        let (mut dns, mut ip): (Vec<_>, Vec<_>) =
            (dns.into_iter().collect(), ip.into_iter().collect());
        dns.sort();
        dns.dedup();
        ip.sort();
        ip.dedup();
        San { dns, ip }
    }

    /// The names of a certificate; `None` if it has names of other kinds, or DNS names that
    /// [`DnsName`] does not accept.
    pub(crate) fn from_certificate(certificate: &X509Certificate<'_>) -> Option<Self> {
        let (mut dns, mut ip) = (Vec::new(), Vec::new());
        let extension = certificate.subject_alternative_name().ok()?;
        for name in extension.iter().flat_map(|extension| &extension.value.general_names) {
            match name {
                GeneralName::DNSName(name) => dns.push(name.parse().ok()?),
                GeneralName::IPAddress(octets) => ip.push(match octets.len() {
                    4 => IpAddr::from(<[u8; 4]>::try_from(*octets).ok()?),
                    _ => IpAddr::from(<[u8; 16]>::try_from(*octets).ok()?),
                }),
                _ => return None,
            }
        }
        Some(San::new(dns, ip))
    }

    /// The DNS names, sorted.
    #[must_use]
    pub fn dns(&self) -> &[DnsName] {
        &self.dns
    }

    /// The addresses, sorted.
    #[must_use]
    pub fn ip(&self) -> &[IpAddr] {
        &self.ip
    }

    /// Whether it has no name at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dns.is_empty() && self.ip.is_empty()
    }

    pub(crate) fn to_rcgen(&self) -> Result<Vec<rcgen::SanType>> {
        let dns = self.dns.iter().map(|name| {
            let text = rcgen::string::Ia5String::try_from(name.as_str()).map_err(|source| {
                Error::usage(Code::DnsName, format!("{name} is not ASCII")).because(source)
            });
            Ok(rcgen::SanType::DnsName(text?))
        });
        dns.chain(self.ip.iter().map(|ip| Ok(rcgen::SanType::IpAddress(*ip)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let parse = |text: &str| text.parse::<DnsName>().map(|n| n.0).map_err(|e| e.code().name());
        assert_eq!(parse("Db-1.Example.com"), Ok("db-1.example.com".into()));
        assert_eq!(parse("localhost"), Ok("localhost".into()));
        assert_eq!(parse("*.db.example.com"), Ok("*.db.example.com".into()));
        let long = format!("{}.com", "a.".repeat(125));
        for bad in [
            "", ".", "a..b", "a.", "-a.b", "a_b.c", "*", "*.com", "a.*.b", "10.0.0.1", "é.com",
            &long,
        ] {
            assert_eq!(parse(bad), Err("dns-name"), "{bad:?}");
        }
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        let name = |text: &str| text.parse::<DnsName>().expect("a name");
        let one = San::new([name("b.c"), name("a.b"), name("B.C")], []);
        assert_eq!(one, San::new([name("a.b"), name("b.c")], []));
        assert_eq!(one.dns().len(), 2);
    }
}
