//! Accounts: how each engine writes and lists accounts, and makes them demand TLS.

use std::fmt;

use super::Version;
use super::settings::{ServerMode, SourcedClaim};
use crate::error::{Code, Error, Result};
use crate::text::clip;

/// An account of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user, or role.
    pub user: String,
    /// The host from which the user logs in, for MySQL and MariaDB; empty for other engines.
    pub host: String,
}

impl Account {
    /// An account of an engine whose accounts have no host.
    pub(super) fn without_host(user: &str) -> Self {
        Account { user: user.to_owned(), host: String::new() }
    }

    /// The name for messages.
    #[must_use]
    pub fn name(&self) -> String {
        let host = Some(self.host.as_str()).filter(|host| !host.is_empty());
        host.map_or_else(|| self.user.clone(), |host| format!("{}@{host}", self.user))
    }
}

/// Accounts, and the demand that a script sets for each.
#[derive(Debug, Clone)]
pub struct AccountDemand<'a> {
    /// The version of the server.
    pub version: Version,
    /// The demand: TLS, or a certificate of the CA too.
    pub mode: ServerMode,
    /// The subject that the certificate must have.
    pub subject: Option<&'a str>,
    /// The accounts.
    pub accounts: &'a [Account],
}

/// A file of statements, lines or commands that make accounts demand TLS.
#[derive(Debug)]
pub struct AccountScript {
    /// The suggested file name.
    pub name: &'static str,
    /// Where to put the file, and how it takes effect.
    pub place: &'static str,
    /// The prefix of a comment; `None` if the file cannot have comments.
    pub comment: Option<&'static str>,
    /// Comments above the statements.
    pub comments: Vec<&'static str>,
    /// The statements, each with its line end.
    pub statements: String,
    /// The claims of the file.
    pub claims: Vec<SourcedClaim>,
}

/// A query for accounts that an administrator's session sends to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountQuery {
    /// SQL statements; the last one returns the rows.
    Sql(Vec<String>),
    /// A command of Redis; each word of its answer is a row.
    Command(&'static [&'static str]),
}

/// The rules of an engine for accounts: their syntax, their list, and their demand for TLS.
pub trait AccountRules: Sync + fmt::Debug {
    /// Reads the accounts in `text`, one a line, as people and servers write them.
    ///
    /// # Errors
    /// Exit 2 for a line that is not an account.
    fn parse(&self, text: &str) -> Result<Vec<Account>>;

    /// Whether an account can demand the subject of a client certificate.
    fn compares_subjects(&self) -> bool;

    /// Returns the script that makes accounts demand TLS; `None` if the server can demand TLS only
    /// of all accounts together.
    ///
    /// # Errors
    /// Exit 2 for a name that cannot be written in that file.
    fn demand(&self, demand: &AccountDemand<'_>) -> Result<Option<AccountScript>>;

    /// Returns the query for the accounts that may log in and demand less than `mode`; `None` if
    /// ccx-sec cannot query such a server.
    fn list(&self, mode: ServerMode) -> Option<AccountQuery>;

    /// Returns the query for the session's own account; `None` if the script cannot lock it out.
    fn own(&self) -> Option<AccountQuery>;

    /// Reads a row of the answer to [`AccountRules::list`] or [`AccountRules::own`].
    fn account(&self, row: Vec<Option<String>>) -> Option<Account>;
}

/// The lines of `text` that are not empty.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty())
}

/// Reads one name a line.
pub(super) fn parse_names(text: &str) -> Vec<Account> {
    lines(text).map(Account::without_host).collect()
}

/// Reads a row whose first column is the name.
pub(super) fn first_column(row: Vec<Option<String>>) -> Option<Account> {
    row.into_iter().next().flatten().map(|user| Account { user, host: String::new() })
}

/// Reports that `text` is not an account; exit 2.
pub(super) fn malformed(text: &str, why: &str) -> Error {
    let shown = clip(text, 64);
    Error::usage(Code::Account, format!("{shown:?} is not an account: {why}"))
        .hint("give one a line, such as app, 'app'@'10.0.0.%' (MySQL, MariaDB), \"My Role\"")
}

/// A claim about `what`, with its source.
pub(super) fn claim(what: &str, says: &str, source: &'static str) -> SourcedClaim {
    SourcedClaim { what: what.to_owned(), says: says.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use crate::engine::Engine;

    fn parse_list(engine: Engine, text: &str) -> Vec<(String, String)> {
        let read = engine.facts().accounts.parse(text);
        let read = read.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        read.into_iter().map(|account| (account.user, account.host)).collect()
    }

    #[test]
    fn accounts_are_read_as_servers_write_them() {
        let pair = |user: &str, host: &str| (user.to_owned(), host.to_owned());
        for (text, user, host) in [
            ("app", "app", "%"),
            ("app@10.0.%", "app", "10.0.%"),
            ("app@example.com@%", "app@example.com", "%"),
            ("app@'%'", "app", "%"),
            ("'a''b\\'c\\\\'@`h`", "a'b'c\\", "h"),
            ("\"a@b\"", "a@b", "%"),
            ("''@'localhost'", "", "localhost"),
            ("'a\nb'@'%'\r\n", "a\nb", "%"),
        ] {
            assert_eq!(parse_list(Engine::Mysql, text), [pair(user, host)], "{text}");
        }
        assert_eq!(parse_list(Engine::Mariadb, "a\n\n'b'@c\n"), [pair("a", "%"), pair("b", "c")]);
        assert_eq!(
            parse_list(Engine::Postgresql, "app\n\"a \"\"b\"\n"),
            [pair("app", ""), pair("a \"b", "")]
        );
        assert_eq!(parse_list(Engine::Valkey, "app"), [pair("app", "")]);
    }

    #[test]
    fn what_is_no_account_is_told() {
        for (engine, text) in [
            (Engine::Mysql, "'a"),
            (Engine::Mysql, "'a\\"),
            (Engine::Mysql, "'a' b"),
            (Engine::Mysql, "'a'@'b'@'c'"),
            (Engine::Postgresql, "\"a"),
            (Engine::Postgresql, "\""),
            (Engine::Postgresql, "\"a\"b\""),
        ] {
            let read = engine.facts().accounts.parse(text);
            assert_eq!(read.map_err(|e| e.code().name()), Err("account"), "{text}");
        }
    }
}
