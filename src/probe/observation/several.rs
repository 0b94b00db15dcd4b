//! Detects that the connections of one observation met more than one server. Pure.
//!
//! A load balancer causes this, and so does a certificate or rule that is replaced during the
//! probe. Two servers that answer alike in everything compared here cannot be distinguished.

use super::{Observation, PlaintextAttempt, TlsAttempt};
use crate::connection::wire::Reception;

impl Observation {
    /// The difference between connections that should have reached the same server; `None` if there
    /// is none.
    #[must_use]
    pub fn difference_of_servers(&self) -> Option<&'static str> {
        let leaves = self.over_tls().filter_map(|secured| secured.seen.chain.first());
        let versions = self.over_tls().filter_map(|secured| secured.server.as_deref());
        let plain = self.without_tls().filter_map(|plain| plain.server.as_deref());
        let refusals = |clients: Vec<&PlaintextAttempt>| {
            differ(clients.into_iter().filter(|one| one.is_refused()).map(|one| &one.mark.manner))
        };
        if differ(leaves) {
            Some("certificates")
        } else if differ(versions.chain(plain)) {
            Some("versions")
        } else if self.counts_connections() && !self.is_in_order() {
            Some("numbers of connections")
        } else if refusals(self.without_tls().collect())
            || refusals(self.replication.iter().collect())
        {
            Some("words for a refusal")
        } else if self.is_postgresql() && differ(self.over_tls().filter_map(salt)) {
            Some("salts for the same user")
        } else {
            None
        }
    }

    /// Whether the server numbers its connections in rising order. TiDB, Vitess and Amazon's RDS
    /// Proxy consist of several servers, or take the numbers from elsewhere.
    fn counts_connections(&self) -> bool {
        let is_other = |secured: &TlsAttempt| {
            let version = secured.server.as_deref().unwrap_or_default();
            ["TiDB", "Vitess"].iter().any(|name| version.contains(name))
        };
        let is_proxy = |plain: &PlaintextAttempt| matches!(&plain.outcome, Ok(Reception::Refused(said)) if said.contains("RDS Proxy"));
        !self.over_tls().any(is_other) && !self.without_tls().any(is_proxy)
    }

    /// Whether the numbers of consecutive connections rise.
    fn is_in_order(&self) -> bool {
        let first = self.secured.mark.connection;
        let second = self.plain.iter().map(|plain| plain.mark.connection);
        let others = self.control.iter().flat_map(|control| {
            let plain = control.plain.iter().map(|plain| plain.mark.connection);
            plain.chain([control.secured.mark.connection])
        });
        let numbers = std::iter::once(first).chain(second).chain(others).flatten();
        numbers.is_sorted_by(|one, next| one < next)
    }

    /// Whether PostgreSQL itself refused the clients. A pool creates salts of its own, so its salts
    /// prove nothing.
    fn is_postgresql(&self) -> bool {
        self.without_tls().any(|plain| {
            plain.is_refused()
                && plain.mark.manner.as_deref().is_some_and(|at| at.starts_with("auth.c:"))
        })
    }
}

/// The salt that PostgreSQL sent to a client that it accepted over TLS.
fn salt(secured: &TlsAttempt) -> Option<&str> {
    (secured.outcome == Ok(Reception::Taken)).then_some(secured.mark.manner.as_deref()).flatten()
}

fn differ<T: PartialEq>(mut all: impl Iterator<Item = T>) -> bool {
    let first = all.next();
    all.any(|one| Some(one) != first)
}
