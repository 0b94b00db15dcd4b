//! Compares the name that a client dials with the names of a certificate, by the client's rules.

use std::net::IpAddr;

use crate::driver::behavior::{AddressCheck, CommonName, NameCheck, YesNoUnknown};
use crate::pki::certificate::Names;

/// The names of a server's certificate.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerNames {
    /// The subject alternative names.
    pub(super) san: Names,
    /// The common name.
    pub(super) common: Option<String>,
}

/// Whether one of the names matches `host`; unknown if only an undocumented rule would accept it.
pub(super) fn fits(names: &ServerNames, host: &str, rule: NameCheck) -> YesNoUnknown {
    let NameCheck::Checked { common_name, address, not_on_loopback } = rule else {
        return YesNoUnknown::Yes;
    };
    if not_on_loopback && host == "127.0.0.1" {
        return YesNoUnknown::Yes;
    }
    let common = names.common.as_deref();
    let mut host = host.strip_suffix('.').unwrap_or(host);
    match host.parse::<IpAddr>() {
        Ok(_) if address == AddressCheck::Localhost => host = "localhost",
        Ok(_) if address == AddressCheck::Text => {} // a name like any other
        Ok(ip) if names.san.ip.iter().any(|one| one.parse() == Ok(ip)) => return YesNoUnknown::Yes,
        Ok(_) => {
            let counts = common == Some(host) && counts(common_name, names) != YesNoUnknown::No;
            let is_there = counts || names.san.dns.iter().any(|name| name == host);
            return match address {
                AddressCheck::OrText if is_there => YesNoUnknown::Yes,
                AddressCheck::Unknown if is_there => YesNoUnknown::Unknown,
                _ => YesNoUnknown::No,
            };
        }
        Err(_) => {}
    }
    if names.san.dns.iter().any(|pattern| matches(pattern, host)) {
        return YesNoUnknown::Yes;
    }
    match common {
        Some(name) if matches(name, host) => counts(common_name, names),
        _ => YesNoUnknown::No,
    }
}

fn counts(rule: CommonName, names: &ServerNames) -> YesNoUnknown {
    let counts = match rule {
        CommonName::Never => false,
        CommonName::WithoutDns => names.san.dns.is_empty(),
        CommonName::WithoutAny => names.san.dns.is_empty() && names.san.ip.is_empty(),
        CommonName::Always => true,
        CommonName::Unknown => return YesNoUnknown::Unknown,
    };
    if counts { YesNoUnknown::Yes } else { YesNoUnknown::No }
}

/// Whether a DNS name matches: equal, or one more label below `*.`. All clients agree on this.
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

    const STRICT: NameCheck = NameCheck::Checked {
        common_name: CommonName::Never,
        address: AddressCheck::Address,
        not_on_loopback: false,
    };
    const LAX: NameCheck = NameCheck::Checked {
        common_name: CommonName::WithoutDns,
        address: AddressCheck::OrText,
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
            ("a.example.com", YesNoUnknown::Yes),
            ("A.EXAMPLE.com.", YesNoUnknown::Yes),
            ("example.com", YesNoUnknown::No),
            (".example.com", YesNoUnknown::No),
            ("a.b.example.com", YesNoUnknown::No),
            ("10.0.0.1", YesNoUnknown::Yes),
            ("2001:db8:0::1", YesNoUnknown::Yes),
            ("10.0.0.2", YesNoUnknown::No),
        ] {
            assert_eq!(fits(&wildcard, host, STRICT), expected, "{host}");
            assert_eq!(fits(&wildcard, host, LAX), expected, "{host}");
        }
        let text = names(&["127.0.0.1"], &[], "127.0.0.1");
        assert_eq!(fits(&text, "127.0.0.1", STRICT), YesNoUnknown::No);
        assert_eq!(fits(&text, "127.0.0.1", LAX), YesNoUnknown::Yes);
        assert_eq!(fits(&text, "127.0.0.1", NameCheck::Unchecked), YesNoUnknown::Yes);
    }

    #[test]
    fn one_client_looks_for_localhost_instead_of_an_address() {
        let rule = NameCheck::Checked {
            common_name: CommonName::WithoutDns,
            address: AddressCheck::Localhost,
            not_on_loopback: false,
        };
        assert_eq!(fits(&names(&[], &["10.0.0.1"], ""), "10.0.0.1", rule), YesNoUnknown::No);
        assert_eq!(fits(&names(&["localhost"], &[], ""), "10.0.0.1", rule), YesNoUnknown::Yes);
        assert_eq!(fits(&names(&["localhost"], &[], ""), "db", rule), YesNoUnknown::No);
    }

    #[test]
    fn one_client_takes_an_address_for_a_name() {
        let rule = NameCheck::Checked {
            common_name: CommonName::WithoutAny,
            address: AddressCheck::Text,
            not_on_loopback: false,
        };
        let both = names(&["db"], &["10.0.0.1"], "10.0.0.1");
        assert_eq!(fits(&both, "10.0.0.1", rule), YesNoUnknown::No);
        assert_eq!(fits(&both, "db", rule), YesNoUnknown::Yes);
        assert_eq!(fits(&names(&["10.0.0.1"], &[], ""), "10.0.0.1", rule), YesNoUnknown::Yes);
        assert_eq!(fits(&names(&[], &[], "10.0.0.1"), "10.0.0.1", rule), YesNoUnknown::Yes);
    }

    #[test]
    fn the_common_name_counts_where_the_client_says_so() {
        let with = |common_name| NameCheck::Checked {
            common_name,
            address: AddressCheck::Address,
            not_on_loopback: false,
        };
        let bare = names(&[], &[], "db");
        let address = names(&[], &["10.0.0.1"], "db");
        let other = names(&["other"], &[], "db");
        for (rule, expected) in [
            (CommonName::Never, [YesNoUnknown::No; 3]),
            (CommonName::WithoutDns, [YesNoUnknown::Yes, YesNoUnknown::Yes, YesNoUnknown::No]),
            (CommonName::WithoutAny, [YesNoUnknown::Yes, YesNoUnknown::No, YesNoUnknown::No]),
            (CommonName::Always, [YesNoUnknown::Yes; 3]),
            (CommonName::Unknown, [YesNoUnknown::Unknown; 3]),
        ] {
            let found = [&bare, &address, &other].map(|names| fits(names, "db", with(rule)));
            assert_eq!(found, expected, "{rule:?}");
        }
    }

    #[test]
    fn one_client_checks_nothing_on_loopback() {
        let rule = NameCheck::Checked {
            common_name: CommonName::WithoutDns,
            address: AddressCheck::OrText,
            not_on_loopback: true,
        };
        let other = names(&["other"], &[], "");
        assert_eq!(fits(&other, "127.0.0.1", rule), YesNoUnknown::Yes);
        assert_eq!(fits(&other, "127.0.0.2", rule), YesNoUnknown::No);
        assert_eq!(fits(&other, "localhost", rule), YesNoUnknown::No);
    }
}
