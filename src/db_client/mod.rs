//! Clients of database servers that log in with a password: a session of an administrator, and
//! the logins and queries that the probe makes.
//!
//! ```text
//! session     an administrator's session: logs in, runs statements
//! channel     a connection up to the login, to a server that is trusted
//! mysql, postgresql, redis    logins and queries, by protocol
//! scram       SCRAM-SHA-256 of PostgreSQL     proof    proofs of MySQL and MariaDB
//! ```
//!
//! Without TLS no password is sent: only a proof of it that is bound to this one connection. If a
//! server demands the password itself, the login ends.

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

/// An account, and what it is known by.
#[derive(Debug, Clone)]
pub struct AccountCredentials {
    /// Its name.
    pub user: String,
    /// Its password; none where the server knows it by other means, such as the user of the
    /// operating system at the other end of a Unix socket.
    pub password: Option<SecretString>,
}

/// A row of an answer: in each column text, or NULL.
pub type ResultRow = Vec<Option<String>>;

/// More rows than any question of ours has.
const MAX_ROWS: usize = 100_000;

/// The result of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginOutcome {
    /// The account got in.
    In(LoginMethod),
    /// It did not: a wrong password, no such account, or one that must not come this way. In
    /// the server's words.
    Denied(String),
    /// The server takes nobody, or not this account, over such a channel, and says that that
    /// is why.
    Refused(String),
    /// The login was broken off, because the next thing to send was not to be sent.
    Withheld(String),
    /// The same, because the password could be worked out from the answer.
    Weak(String),
    /// The server let the account in, or means to, and does not prove that it knows the
    /// password: something else than the server that keeps the account.
    Unproved(String),
}

/// How an account got in.
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

/// Whether MySQL's `caching_sha2_password` knew the account from an earlier login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// Not: it had to be told the password, which clients do over TLS alone.
    Cold,
    /// It did: a proof was enough.
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
    /// TLS, to a server whose certificate was found good.
    Verified,
    /// A Unix socket.
    Socket,
    /// TCP that does not leave this machine, to a server that has not proved who it is; and
    /// whether somebody says that nobody else listens here.
    Loopback { trusted: bool },
    /// In the clear.
    Plain,
}

impl ChannelSecrecy {
    /// Whether the password itself may go over it.
    pub(crate) fn keeps_secrets(self) -> bool {
        match self {
            ChannelSecrecy::Verified | ChannelSecrecy::Socket => true,
            ChannelSecrecy::Loopback { trusted } => trusted,
            ChannelSecrecy::Plain => false,
        }
    }

    /// Whether anything may go over it from which a password can be worked out: a proof too is
    /// such a thing. Without TLS it is given on purpose, to show what the server does with it.
    pub(crate) fn takes_proofs(self) -> bool {
        self != ChannelSecrecy::Loopback { trusted: false }
    }
}
