//! Whether a certificate is for the name that a client dials, by the client's own rules.

use std::net::IpAddr;

use super::{Address, CommonName, Known, Name};
use crate::pki::certificate::Names;

/// The names of a server's certificate.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerNames {
    /// The alternative ones.
    pub(super) san: Names,
    /// The common name.
    pub(super) common: Option<String>,
}

/// Whether one of them is that of `host`. What only a rule that no documentation tells would
/// let pass is unknown.
pub(super) fn fits(names: &ServerNames, host: &str, rule: Name) -> Known {
    let Name::Checked { common_name, address, not_on_loopback } = rule else {
        return Known::Yes;
    };
    if not_on_loopback && host == "127.0.0.1" {
        return Known::Yes;
    }
    let common = names.common.as_deref();
    let mut host = host.strip_suffix('.').unwrap_or(host);
    match host.parse::<IpAddr>() {
        Ok(_) if address == Address::Localhost => host = "localhost",
        Ok(_) if address == Address::Never => return Known::No,
        Ok(ip) if names.san.ip.iter().any(|one| one.parse() == Ok(ip)) => return Known::Yes,
        Ok(_) => {
            let counts = common == Some(host) && counts(common_name, names) != Known::No;
            let is_there = counts || names.san.dns.iter().any(|name| name == host);
            return match address {
                Address::OrText if is_there => Known::Yes,
                Address::Unknown if is_there => Known::Unknown,
                _ => Known::No,
            };
        }
        Err(_) => {}
    }
    if names.san.dns.iter().any(|pattern| matches(pattern, host)) {
        return Known::Yes;
    }
    match common {
        Some(name) if matches(name, host) => counts(common_name, names),
        _ => Known::No,
    }
}

fn counts(rule: CommonName, names: &ServerNames) -> Known {
    let counts = match rule {
        CommonName::Never => false,
        CommonName::WithoutDns => names.san.dns.is_empty(),
        CommonName::WithoutAny => names.san.dns.is_empty() && names.san.ip.is_empty(),
        CommonName::Always => true,
        CommonName::Unknown => return Known::Unknown,
    };
    if counts { Known::Yes } else { Known::No }
}

/// The same name, or one label more below `*.`: on that they agree.
fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => host
            .split_once('.')
            .is_some_and(|(label, up)| !label.is_empty() && up.eq_ignore_ascii_case(rest)),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Name = Name::Checked {
        common_name: CommonName::Never,
        address: Address::Address,
        not_on_loopback: false,
    };
    const LAX: Name = Name::Checked {
        common_name: CommonName::WithoutDns,
        address: Address::OrText,
        not_on_loopback: false,
    };

    fn names(dns: &[&str], ip: &[&str], common: &str) -> ServerNames {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        ServerNames {
            san: Names { dns: all(dns), ip: all(ip) },
            common: Some(common.to_owned()).filter(|name| !name.is_empty()),
        }
    }

    #[test]
    fn names_are_compared_as_each_client_does() {
        let wildcard = names(&["*.example.com"], &["10.0.0.1", "2001:db8::1"], "");
        for (host, expected) in [
            ("a.example.com", Known::Yes),
            ("A.EXAMPLE.com.", Known::Yes),
            ("example.com", Known::No),
            (".example.com", Known::No),
            ("a.b.example.com", Known::No),
            ("10.0.0.1", Known::Yes),
            ("2001:db8:0::1", Known::Yes),
            ("10.0.0.2", Known::No),
        ] {
            assert_eq!(fits(&wildcard, host, STRICT), expected, "{host}");
            assert_eq!(fits(&wildcard, host, LAX), expected, "{host}");
        }
        let text = names(&["127.0.0.1"], &[], "127.0.0.1");
        assert_eq!(fits(&text, "127.0.0.1", STRICT), Known::No);
        assert_eq!(fits(&text, "127.0.0.1", LAX), Known::Yes);
        assert_eq!(fits(&text, "127.0.0.1", Name::Unchecked), Known::Yes);
    }

    #[test]
    fn one_client_looks_for_localhost_instead_of_an_address() {
        let rule = Name::Checked {
            common_name: CommonName::WithoutDns,
            address: Address::Localhost,
            not_on_loopback: false,
        };
        assert_eq!(fits(&names(&[], &["10.0.0.1"], ""), "10.0.0.1", rule), Known::No);
        assert_eq!(fits(&names(&["localhost"], &[], ""), "10.0.0.1", rule), Known::Yes);
        assert_eq!(fits(&names(&["localhost"], &[], ""), "db", rule), Known::No);
    }

    #[test]
    fn one_client_accepts_no_certificate_for_an_address() {
        let rule = Name::Checked {
            common_name: CommonName::Unknown,
            address: Address::Never,
            not_on_loopback: false,
        };
        let both = names(&["db"], &["10.0.0.1"], "10.0.0.1");
        assert_eq!(fits(&both, "10.0.0.1", rule), Known::No);
        assert_eq!(fits(&both, "db", rule), Known::Yes);
    }

    #[test]
    fn the_common_name_counts_where_the_client_says_so() {
        let with = |common_name| Name::Checked {
            common_name,
            address: Address::Address,
            not_on_loopback: false,
        };
        let bare = names(&[], &[], "db");
        let address = names(&[], &["10.0.0.1"], "db");
        let other = names(&["other"], &[], "db");
        for (rule, expected) in [
            (CommonName::Never, [Known::No; 3]),
            (CommonName::WithoutDns, [Known::Yes, Known::Yes, Known::No]),
            (CommonName::WithoutAny, [Known::Yes, Known::No, Known::No]),
            (CommonName::Always, [Known::Yes; 3]),
            (CommonName::Unknown, [Known::Unknown; 3]),
        ] {
            let found = [&bare, &address, &other].map(|names| fits(names, "db", with(rule)));
            assert_eq!(found, expected, "{rule:?}");
        }
    }

    #[test]
    fn one_client_checks_nothing_on_loopback() {
        let rule = Name::Checked {
            common_name: CommonName::WithoutDns,
            address: Address::OrText,
            not_on_loopback: true,
        };
        let other = names(&["other"], &[], "");
        assert_eq!(fits(&other, "127.0.0.1", rule), Known::Yes);
        assert_eq!(fits(&other, "127.0.0.2", rule), Known::No);
        assert_eq!(fits(&other, "localhost", rule), Known::No);
    }
}
