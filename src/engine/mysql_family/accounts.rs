//! Accounts of MySQL and MariaDB: `'user'@'host'`, each with its REQUIRE clause.

use super::{SOCKET, demands_less};
use crate::engine::accounts::{
    Account, AccountDemand, AccountQuery, AccountRules, AccountScript, claim, malformed,
};
use crate::engine::quote;
use crate::engine::settings::ServerMode;
use crate::error::Result;

/// The accounts of MySQL, or of MariaDB.
#[derive(Debug)]
pub(in crate::engine) struct MysqlAccounts {
    /// The SQL condition for rows of mysql.user that are accounts of people and programs.
    pub(in crate::engine) people: &'static str,
}

impl AccountRules for MysqlAccounts {
    /// Parses `app` and `app@host`; each part may be in quotes, as QUOTE() writes it. A missing
    /// host is `%`.
    fn parse(&self, text: &str) -> Result<Vec<Account>> {
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
                return Err(malformed(start, "something follows it"));
            }
            accounts.push(Account { user, host });
            rest = rest.trim_start();
        }
        Ok(accounts)
    }

    fn compares_subjects(&self) -> bool {
        true
    }

    fn demand(&self, demand: &AccountDemand<'_>) -> Result<Option<AccountScript>> {
        let requires = match (demand.mode, demand.subject) {
            (ServerMode::Required, _) => "SSL".to_owned(),
            (ServerMode::VerifyCa, None) => "X509".to_owned(),
            (ServerMode::VerifyCa, Some(subject)) => format!("SUBJECT {}", quote::sql(subject)),
        };
        let mut statements = "SET @ccx_sec_sql_mode = @@SESSION.sql_mode, SESSION sql_mode = '';\n\
                              SET NAMES utf8mb4;\n"
            .to_owned();
        for Account { user, host } in demand.accounts {
            let (user, host) = (quote::sql(user), quote::sql(host));
            statements += &format!("ALTER USER {user}@{host} REQUIRE {requires};\n");
        }
        statements += "SET SESSION sql_mode = @ccx_sec_sql_mode;\n";
        let mut claims = vec![match demand.mode {
            ServerMode::Required => claim(
                "REQUIRE SSL",
                "the account is turned away without TLS, as after a wrong password (1045)",
                "seen: MySQL 9.7, MariaDB 10.11, 11.8",
            ),
            ServerMode::VerifyCa => claim(
                "REQUIRE X509",
                "the account is turned away without a certificate of the server's ssl_ca (1045)",
                "seen: MySQL 9.7, MariaDB 10.11, 11.8",
            ),
        }];
        claims.push(claim(
            "REQUIRE",
            SOCKET,
            "seen: MySQL 9.7 answers 1045 by the socket without TLS",
        ));
        if demand.subject.is_some() {
            claims.push(claim(
                "REQUIRE SUBJECT",
                "the subject is compared as text, its parts in the order of the certificate",
                "seen: MySQL 9.7 answers 1045 to the same parts in another order",
            ));
        }
        Ok(Some(AccountScript {
            name: "accounts.sql",
            place: "into a client of the server, as an administrator; connections that are open \
                    live on as they are",
            comment: Some("--"),
            comments: vec![
                SOCKET,
                "the names below are quoted for this mode and this character set",
            ],
            statements,
            claims,
        }))
    }

    fn list(&self, mode: ServerMode) -> Option<AccountQuery> {
        let (less, people) = (demands_less(mode), self.people);
        Some(AccountQuery::Sql(vec![format!(
            "SELECT User, Host FROM mysql.user WHERE {less} AND {people} ORDER BY 1, 2"
        )]))
    }

    fn own(&self) -> Option<AccountQuery> {
        Some(AccountQuery::Sql(vec!["SELECT CURRENT_USER()".to_owned()]))
    }

    /// Reads user and host, or `user@host` in one column.
    fn account(&self, row: Vec<Option<String>>) -> Option<Account> {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let first = columns.next()?;
        match columns.next() {
            Some(host) => Some(Account { user: first, host }),
            None => {
                let (user, host) = first.rsplit_once('@')?;
                Some(Account { user: user.to_owned(), host: host.to_owned() })
            }
        }
    }
}

/// Splits off one part of an account; returns it, and the rest of the text.
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

/// Splits off a part in quotes. Inside, a quote is doubled or, except for a backtick, escaped.
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
    Err(malformed(text, "a quote is not closed"))
}
