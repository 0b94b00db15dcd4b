//! For whom a verdict holds. Pure.

use std::fmt;

use serde::Serialize;

use crate::engine::Engine;
use crate::probe::observe::Observation;
use crate::probe::target::Target;
use crate::probe::verdict::Mode;

/// The users, and what they asked for: others may meet other rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// The users that came: that of the probe, and accounts that logged in.
    pub users: Vec<String>,
    /// The database that they asked for, where the rules go by database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Whether the user of the probe asked for replication, too.
    pub replication: bool,
}

impl Scope {
    /// That of the verdict on `mode`, where the server has rules for users: PostgreSQL has, and
    /// the others where accounts were tried.
    pub(crate) fn of(
        target: &Target,
        seen: &Observation,
        mode: Mode,
        probe_user: &str,
    ) -> Option<Self> {
        seen.address?;
        let has_rules = target.engine == Engine::Postgresql;
        // Redis and Valkey have one rule without TLS, for the port.
        let by_port = mode == Mode::Disabled && target.engine.has_tls_port();
        let mut users: Vec<String> = Vec::new();
        if has_rules {
            users.push(probe_user.to_owned());
        }
        if !by_port {
            users.extend(seen.accounts.iter().map(|account| account.user.clone()));
        }
        let replication = mode == Mode::Disabled && seen.replication.is_some();
        let database = has_rules.then(|| target.database().to_owned());
        (!users.is_empty()).then_some(Scope { users, database, replication })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.users.len() == 1 { "user" } else { "users" };
        write!(f, "{word} {}", self.users.join(", "))?;
        if let Some(database) = &self.database {
            write!(f, "; database {database}")?;
        }
        if self.replication {
            f.write_str("; replication")?;
        }
        Ok(())
    }
}
