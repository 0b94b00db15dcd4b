//! Clients of database servers that log in with a password: an administrator's session, and the
//! logins and queries of the probe.
//!
//! ```text
//! session     an administrator's session: logs in, runs statements
//! channel     a connection to a trusted server, up to the login
//! mysql, postgresql, redis    logins and queries, by protocol
//! scram       SCRAM-SHA-256 of PostgreSQL     proof    proofs of MySQL and MariaDB
//! ```
//!
//! Without TLS these clients send no password, only a proof of it that is bound to this one
//! connection. If a server demands the password itself, they end the login.

pub mod channel;
pub(crate) mod mysql;
pub(crate) mod postgresql;
mod proof;
pub mod redis;
pub(crate) mod scram;
pub mod session;
#[cfg(test)]
mod tests;

use secrecy::SecretString;

use crate::connection::failure::RefusalCause;

/// The name and password of an account.
#[derive(Debug, Clone)]
pub struct AccountCredentials {
    /// The user name.
    pub user: String,
    /// The password; `None` if the server authenticates the account by other means, such as the
    /// operating system's user at the other end of a Unix socket.
    pub password: Option<SecretString>,
}

/// A row of a result: text or NULL in each column.
pub type ResultRow = Vec<Option<String>>;

/// The limit of rows in a result, more than any query of this program returns.
const MAX_ROWS: usize = 100_000;

/// The result of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginOutcome {
    /// The server accepted the account.
    In(LoginMethod),
    /// The server denied the account, in these words: a wrong password, no such account, or an
    /// account that may not use this channel.
    Denied {
        /// The server's message, with its code.
        said: String,
        /// The cause, as far as the code tells it.
        cause: RefusalCause,
    },
    /// The server refuses every account, or this one, on this channel, and names the channel as
    /// the reason.
    Refused(String),
    /// This client ended the login: the next message would have exposed a secret.
    Withheld(String),
    /// This client ended the login: the password could be computed from its answer.
    Weak(String),
    /// The server accepted the account but did not prove that it knows the password: it may be
    /// another server than the account's.
    Unproved(String),
}

impl LoginOutcome {
    /// The denial of a server whose error does not tell the cause.
    pub(crate) fn denied(said: String) -> Self {
        LoginOutcome::Denied { said, cause: RefusalCause::Other }
    }
}

/// The method of a successful login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginMethod {
    /// The plugin or method that the server used, as its manual calls it.
    pub method: String,
    /// Whether MySQL's server had the account's password in its cache.
    pub cache: Option<Cache>,
}

impl LoginMethod {
    fn by(method: &str) -> LoginOutcome {
        LoginOutcome::In(LoginMethod { method: method.to_owned(), cache: None })
    }
}

/// Whether the cache of MySQL's `caching_sha2_password` holds the account from an earlier login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// It does not: the server needed the password itself, which clients send only over TLS.
    Cold,
    /// It does: a proof was enough.
    Warm,
}

impl Cache {
    /// The name, as in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cache::Cold => "cold",
            Cache::Warm => "warm",
        }
    }
}

/// The protection of a channel for a secret that would be sent over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelSecrecy {
    /// TLS, to a server whose certificate was verified.
    Verified,
    /// A Unix socket.
    Socket,
    /// TCP on this machine, to a server that has not proved its identity; `trusted` is set by
    /// `--trust-loopback`, with which the user vouches for the server.
    Loopback { trusted: bool },
    /// Plaintext.
    Plain,
}

impl ChannelSecrecy {
    /// Whether the password itself may be sent.
    pub(crate) fn keeps_secrets(self) -> bool {
        match self {
            ChannelSecrecy::Verified | ChannelSecrecy::Socket => true,
            ChannelSecrecy::Loopback { trusted } => trusted,
            ChannelSecrecy::Plain => false,
        }
    }

    /// Whether a proof of the password may be sent, from which an attacker can find the password
    /// by trial. Over plaintext it is sent on purpose, to test whether the server accepts it.
    pub(crate) fn takes_proofs(self) -> bool {
        self != ChannelSecrecy::Loopback { trusted: false }
    }
}
