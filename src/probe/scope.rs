//! The users and connections that a verdict is about. Pure.

use std::fmt;

use serde::Serialize;

use crate::connection::target::DatabaseTarget;
use crate::engine::protocol::AdmissionRule;
use crate::probe::mode::TlsMode;
use crate::probe::observation::{Observation, PlaintextAttempt};

/// The users of a verdict and their requests. Other rules may apply to other users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The user names: that of the probe, and the accounts that logged in.
    pub users: Vec<String>,
    /// The client's own address on this machine: rules depend on it, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The database of the request, if rules depend on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Whether the probe's user asked for replication, too.
    pub replication: bool,
    /// The number of plaintext clients that asked for a session and were refused. If several
    /// servers share an address, the clients may not have reached each server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plaintext_connections: Option<usize>,
}

impl Scope {
    /// The scope of the verdict on `mode`, if the server has rules for users (PostgreSQL does, and
    /// others if accounts were tried) or refused clients without TLS.
    pub(crate) fn from_observation(
        target: &DatabaseTarget,
        seen: &Observation,
        mode: TlsMode,
        probe_user: &str,
    ) -> Option<Self> {
        seen.address?;
        let admission = target.engine.facts().protocol.admission;
        let has_rules = admission == AdmissionRule::HostRules;
        // Redis and Valkey accept or refuse plaintext by port, for all users alike.
        let by_port = mode == TlsMode::Plaintext && admission == AdmissionRule::Port;
        let mut users: Vec<String> = Vec::new();
        if has_rules {
            users.push(probe_user.to_owned());
        }
        if !by_port {
            users.extend(seen.accounts.iter().map(|account| account.user.clone()));
        }
        let from = seen.client.filter(|_| !users.is_empty()).map(|client| client.to_string());
        let replication = mode == TlsMode::Plaintext && !seen.replication.is_empty();
        let refused = seen.without_tls().all(PlaintextAttempt::is_refused);
        let plaintext_connections = (mode == TlsMode::Plaintext && refused)
            .then(|| seen.without_tls().count())
            .filter(|count| *count > 1);
        let database = has_rules.then(|| target.database().to_owned());
        (!users.is_empty() || plaintext_connections.is_some()).then_some(Scope {
            users,
            from,
            database,
            replication,
            plaintext_connections,
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        match self.users.as_slice() {
            [] => {}
            [user] => parts.push(format!("user {user}")),
            users => parts.push(format!("users {}", users.join(", "))),
        }
        parts.extend(self.from.iter().map(|from| format!("from {from}")));
        parts.extend(self.database.iter().map(|database| format!("database {database}")));
        parts.extend(self.replication.then(|| "replication".to_owned()));
        let count = self.plaintext_connections;
        parts.extend(count.map(|count| format!("{count} connections without TLS")));
        f.write_str(&parts.join("; "))
    }
}
