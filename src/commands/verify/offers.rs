//! The TLS versions, cipher suites and groups that a server accepts, in the form that is printed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::connection::hello::Acceptance;
use crate::connection::suites::is_weak;
use crate::probe::observation::ServerOffers;

/// The results of `--enumerate`.
#[derive(Debug, Serialize)]
pub(super) struct OffersReport {
    /// For each version: accepted, refused or unknown.
    versions: BTreeMap<&'static str, &'static str>,
    /// For each version, the IANA names of its cipher suites.
    cipher_suites: BTreeMap<&'static str, Vec<String>>,
    groups: Vec<String>,
    enumeration_complete: bool,
}

impl OffersReport {
    pub(super) fn new(found: &ServerOffers) -> Self {
        let told = |(version, offer): &(&'static str, Acceptance)| {
            let told = match offer {
                Acceptance::Taken => "accepted",
                Acceptance::Refused => "refused",
                Acceptance::Unknown(_) => "unknown",
            };
            (*version, told)
        };
        OffersReport {
            versions: found.versions.iter().map(told).collect(),
            cipher_suites: found.suites.clone(),
            groups: found.groups.clone(),
            enumeration_complete: found.is_complete,
        }
    }

    /// The text: a line for the versions, one for the suites of each version, one for the groups.
    pub(super) fn lines(&self) -> Vec<String> {
        let versions = self.versions.iter().map(|(version, told)| format!("{version} {told}"));
        let mut lines = vec![format!("  {}", versions.collect::<Vec<_>>().join(", "))];
        for (version, suites) in &self.cipher_suites {
            let marked = |name: &String| {
                let weak = *version < "TLSv1.2" || is_weak(name);
                if weak { format!("{name} (weak)") } else { name.clone() }
            };
            let suites: Vec<_> = suites.iter().map(marked).collect();
            lines.push(format!("  {version}: {}", suites.join(", ")));
        }
        if !self.groups.is_empty() {
            lines.push(format!("  key exchange groups: {}", self.groups.join(", ")));
        }
        if !self.enumeration_complete {
            lines.push("  the lists are not complete: the server was not asked further".to_owned());
        }
        lines
    }
}
