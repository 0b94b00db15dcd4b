//! Accounts, as people and servers write them down.

use crate::engine::Engine;
use crate::error::{Code, Error, Result};

/// An account of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user, or role.
    pub user: String,
    /// From where, in MySQL and MariaDB: `%` unless it is said.
    pub host: String,
}

impl Account {
    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        let host = Some(self.host.as_str()).filter(|host| !host.is_empty());
        host.map_or_else(|| self.user.clone(), |host| format!("{}@{host}", self.user))
    }
}

/// The accounts of an engine in `text`, one a line. MySQL and MariaDB: `app`, `app@host`, each
/// part in quotes if need be, as their QUOTE() has it. PostgreSQL: the role, in double quotes
/// if need be. Redis and Valkey: the user.
///
/// # Errors
/// Exit 2 for what is none.
pub fn read(engine: Engine, text: &str) -> Result<Vec<Account>> {
    let accounts = match engine {
        Engine::Mysql | Engine::Mariadb => mysql(text)?,
        Engine::Postgresql => lines(text).map(role).collect::<Result<_>>()?,
        Engine::Redis | Engine::Valkey | Engine::Mssql => lines(text).map(plain).collect(),
    };
    Ok(accounts)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty())
}

fn plain(name: &str) -> Account {
    Account { user: name.to_owned(), host: String::new() }
}

fn role(line: &str) -> Result<Account> {
    let Some(quoted) = line.strip_prefix('"') else { return Ok(plain(line)) };
    let inner = quoted.strip_suffix('"').ok_or_else(|| damaged(line, "a quote is not closed"))?;
    if inner.is_empty() || inner.replace("\"\"", "").contains('"') {
        return Err(damaged(line, "a quote in it is not doubled"));
    }
    Ok(plain(&inner.replace("\"\"", "\"")))
}

fn damaged(text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(64).collect();
    Error::usage(Code::Account, format!("{shown:?} is not an account: {why}"))
        .hint("give one a line, such as app, 'app'@'10.0.0.%' (MySQL, MariaDB), \"My Role\"")
}

fn mysql(text: &str) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let start = rest;
        let user;
        (user, rest) = part(rest, true)?;
        let mut host = "%".to_owned();
        if let Some(after) = rest.strip_prefix('@') {
            (host, rest) = part(after, false)?;
        }
        let line = rest.split('\n').next().unwrap_or_default();
        if !line.trim().is_empty() {
            return Err(damaged(start, "something follows it"));
        }
        accounts.push(Account { user, host });
        rest = rest.trim_start();
    }
    Ok(accounts)
}

/// One part of an account, and what comes after it.
fn part(text: &str, is_user: bool) -> Result<(String, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"' | '`')) {
        return quoted(text, quote);
    }
    let line = text.split('\n').next().unwrap_or_default();
    let quoted_host = ["@'", "@\"", "@`"].iter().filter_map(|mark| line.find(mark)).min();
    let end = match is_user {
        true => quoted_host.or_else(|| line.rfind('@')).unwrap_or(line.len()),
        false => line.len(),
    };
    Ok((line[..end].trim().to_owned(), &text[end..]))
}

/// A part in quotes, which are doubled or, but for backticks, escaped inside.
fn quoted(text: &str, quote: char) -> Result<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.next_if(|(_, next)| *next == quote).is_none() {
                return Ok((value, &text[at + c.len_utf8()..]));
            }
            value.push(c);
        } else if c == '\\' && quote != '`' {
            value.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((_, '0')) => '\0',
                Some((_, 'b')) => '\u{8}',
                Some((_, 'Z')) => '\u{1a}',
                Some((_, other)) => other,
                None => break,
            });
        } else {
            value.push(c);
        }
    }
    Err(damaged(text, "a quote is not closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_list(engine: Engine, text: &str) -> Vec<(String, String)> {
        let read = read(engine, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
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
            assert_eq!(read(engine, text).map_err(|e| e.code().name()), Err("account"), "{text}");
        }
    }
}
