//! The behaviour of real clients as data, one file per protocol. Each client is described by the
//! words of its TLS settings; [`outcome`] derives from an observation of a server how the client
//! fares, and `look` is the client's check of the certificate. Pure.
//!
//! The names are those of [`crate::snippet::clients`], which has the clients' settings; this room
//! has their results, for any settings.

mod certificate_check;
mod mssql;
mod mysql;
mod mysql_drivers;
mod names;
pub mod outcome;
mod postgresql;
mod redis;
mod rules;

use crate::engine::{Engine, Version};
use crate::pki::chain::Verifier;
use crate::snippet::clients::{self, Evidence};

/// A client, in all of its versions or in some.
#[derive(Debug)]
pub struct ClientBehavior {
    /// Its name on the command line.
    pub name: &'static str,
    /// From this version on.
    pub since: Option<Version>,
    /// Up to this version, which is none of them any more.
    pub before: Option<Version>,
    /// The library that checks certificates.
    pub library: &'static Library,
    /// How it can be told about TLS.
    pub ways: &'static [ClientConfiguration],
    /// Its messages for each rejection: a part that they always contain. The first match counts.
    pub texts: &'static [&'static [(Rejection, &'static str)]],
    /// How we know.
    pub proof: Evidence,
    /// Where it is said; `seen:` what we saw it do.
    pub source: &'static str,
}

/// One way to tell a client about TLS, and what it then demands.
#[derive(Debug)]
pub struct ClientConfiguration {
    /// In its own words; empty for no word at all, `FILE` for the file of the CAs.
    pub options: &'static str,
    /// Known to versions from this one on.
    pub since: Option<Version>,
    /// Whether it insists on TLS.
    pub tls: TlsPolicy,
    /// The CAs that it trusts.
    pub trust: ClientTrust,
    /// Whether it compares names.
    pub name: NameCheck,
}

/// Whether a client insists on TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsPolicy {
    /// It comes without.
    Never,
    /// It comes without, and where that is refused, with.
    PlainFirst,
    /// It comes without where the server offers none; what goes wrong in it is final.
    IfOffered,
    /// It comes without where the server offers none, or something in it goes wrong.
    Preferred,
    /// It comes with TLS or not at all.
    Required,
}

/// The certificates that a client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientTrust {
    /// Anybody's: it does not look at them.
    NoVerification,
    /// Anybody's that is within its dates.
    DatesOnly,
    /// Those below the CAs of the file.
    File,
    /// Those below the CAs of the file, and those of its machine.
    FileAndMachine,
    /// Those below the CAs of its machine, which nobody else knows.
    Machine,
    /// Anybody's that is within its dates, if the server proves that it knows the password;
    /// or those below the CAs of its machine.
    Password,
}

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YesNoUnknown {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// No documentation says.
    Unknown,
}

/// Whether a client compares the name that it dials with those of the certificate. All that
/// do take a DNS name or an address among the alternative names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCheck {
    /// It does not.
    Unchecked,
    /// It does.
    Checked {
        /// When the common name counts too.
        common_name: CommonName,
        /// Its check when it connects to an address.
        address: AddressCheck,
        /// Whether it checks nothing where the host is exactly 127.0.0.1.
        not_on_loopback: bool,
    },
}

/// The name that a client looks for when it connects to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressCheck {
    /// The address.
    Address,
    /// The address, or its text as a DNS name.
    OrText,
    /// The name `localhost`, whatever the address.
    Localhost,
    /// The same written as a DNS name or common name: it looks at no address of a certificate.
    Text,
    /// The address; no documentation says whether its text as a DNS name is accepted.
    Unknown,
}

/// When the common name counts as a name of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommonName {
    /// Never (RFC 9525).
    Never,
    /// Where there is no DNS name among the alternative names.
    WithoutDns,
    /// Where there is neither a DNS name nor an address among the alternative names.
    WithoutAny,
    /// In any case.
    Always,
    /// No documentation says.
    Unknown,
}

/// A library that checks certificates; libraries differ in strictness.
#[derive(Debug)]
pub struct Library {
    /// Its verifiers of chains; several if they depend on its version, or it is not known.
    pub verifiers: &'static [Verifier],
    /// Whether the extended key usage is looked at.
    pub purpose: YesNoUnknown,
    /// Whether certificates of before X.509 version 3 are taken.
    pub version_1: YesNoUnknown,
}

/// The reason why a client refuses a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// No path to a CA that it trusts.
    Untrusted,
    /// The same, and the certificate is signed by itself.
    SelfSigned,
    /// The path ends at a CA of the file that is not self-signed.
    NoRoot,
    /// Past its last moment.
    Expired,
    /// Before its first moment.
    NotYetValid,
    /// Not for servers.
    Purpose,
    /// Not for the name that it dials.
    Name,
    /// The server offers no TLS.
    NoTls,
    /// The server takes nobody without TLS.
    PlainRefused,
}

/// A name on the command line that belongs to no engine's clients alone.
pub const ALL: &str = "all";

/// Which clients are asked for: all, or those of a name, perhaps of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientSelection {
    /// Those of the server's engine.
    All,
    /// Those of this name.
    One {
        /// The name.
        name: String,
        /// The version.
        version: Option<Version>,
    },
}

impl ClientSelection {
    /// Whether this client is asked for.
    #[must_use]
    pub fn means(&self, client: &ClientBehavior) -> bool {
        match self {
            ClientSelection::All => true,
            ClientSelection::One { name, version } => {
                *name == client.name && version.is_none_or(|version| client.covers(version))
            }
        }
    }

    /// The version that is asked for.
    fn version(&self) -> Option<Version> {
        match self {
            ClientSelection::All => None,
            ClientSelection::One { version, .. } => *version,
        }
    }
}

impl ClientBehavior {
    /// Whether a version is one of those that this is about.
    #[must_use]
    pub fn covers(&self, version: Version) -> bool {
        self.since.is_none_or(|since| version >= since)
            && self.before.is_none_or(|before| version < before)
    }

    /// Its versions, for people; none where it is about all of them.
    #[must_use]
    pub fn versions(&self) -> Option<String> {
        match (self.since, self.before) {
            (None, None) => None,
            (Some(since), None) => Some(format!("{since} and later")),
            (None, Some(before)) => Some(format!("before {before}")),
            (Some(since), Some(before)) => Some(format!("{since} and later, before {before}")),
        }
    }

    /// Whether it talks to servers of this engine.
    #[must_use]
    pub fn talks_to(&self, engine: Engine) -> bool {
        clients::clients_for(Some(engine)).any(|client| client.name == self.name)
    }

    fn error_message(&self, trouble: Rejection) -> Option<&'static str> {
        let said = |wanted| {
            let mut all = self.texts.iter().copied().flatten();
            all.find(|(trouble, _)| *trouble == wanted).map(|(_, text)| *text)
        };
        match trouble {
            Rejection::SelfSigned | Rejection::NoRoot => {
                said(trouble).or_else(|| said(Rejection::Untrusted))
            }
            _ => said(trouble),
        }
    }
}

/// All clients.
pub fn every() -> impl Iterator<Item = &'static ClientBehavior> {
    let mysql = [mysql::CLIENTS, mysql_drivers::CLIENTS];
    let others = [postgresql::CLIENTS, redis::CLIENTS, mssql::CLIENTS];
    mysql.into_iter().chain(others).flatten()
}

/// Those that are asked for and talk to this engine, each with the ways that it knows.
#[must_use]
pub fn asked(
    asked: &[ClientSelection],
    engine: Engine,
) -> Vec<(&'static ClientBehavior, Vec<&'static ClientConfiguration>)> {
    let wanted = |client: &&ClientBehavior| {
        client.talks_to(engine) && asked.iter().any(|asked| asked.means(client))
    };
    let ways = |client: &'static ClientBehavior| {
        // of several versions that were asked for, all that any of them knows
        let knows = |way: &&ClientConfiguration| {
            asked.iter().filter(|asked| asked.means(client)).any(|asked| {
                match (way.since, asked.version()) {
                    (Some(since), Some(version)) => version >= since,
                    _ => true,
                }
            })
        };
        (client, client.ways.iter().filter(knows).collect())
    };
    every().filter(wanted).map(ways).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_the_snippets() {
        for client in every() {
            let known = clients::clients_for(None).find(|known| known.name == client.name);
            let known = known.unwrap_or_else(|| panic!("{} has no snippet", client.name));
            assert!(!client.ways.is_empty() && !client.source.is_empty(), "{}", client.name);
            let documented = client.source.starts_with("from documentation: ");
            assert_eq!(client.proof == Evidence::Documentation, documented, "{}", client.name);
            if !documented {
                assert_eq!(known.proof, client.proof, "{}", client.name);
                assert!(!client.texts.is_empty(), "{} says nothing", client.name);
            }
        }
        for known in clients::clients_for(None) {
            assert!(every().any(|client| client.name == known.name), "{} is missing", known.name);
        }
    }

    #[test]
    fn every_version_has_one_rule() {
        for version in [Version::new(5, 7), Version::new(10, 11), Version::new(11, 8)] {
            let of = every().filter(|one| one.name == "mariadb" && one.covers(version));
            assert_eq!(of.count(), 1, "{version}");
        }
    }

    #[test]
    fn no_client_can_be_told_the_same_twice() {
        for client in every() {
            let mut options: Vec<&str> = client.ways.iter().map(|way| way.options).collect();
            options.sort_unstable();
            options.dedup();
            assert_eq!(options.len(), client.ways.len(), "{}", client.name);
        }
    }

    #[test]
    fn a_version_knows_its_own_ways() {
        let ways = |text: Option<Version>| {
            let one = ClientSelection::One { name: "psql".to_owned(), version: text };
            asked(&[one], Engine::Postgresql)[0].1.len()
        };
        assert_eq!(ways(Some(Version::new(15, 0))) + 1, ways(Some(Version::new(17, 0))));
        assert_eq!(ways(None), ways(Some(Version::new(18, 0))));
        let all = asked(&[ClientSelection::All], Engine::Redis);
        assert!(all.iter().any(|(client, _)| client.name == "redis-cli"));
        assert!(all.iter().all(|(client, _)| client.talks_to(Engine::Valkey)));
        let other = ClientSelection::One { name: "psql".to_owned(), version: None };
        assert!(asked(&[other], Engine::Mysql).is_empty());
    }
}
