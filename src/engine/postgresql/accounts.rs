//! Accounts of PostgreSQL: roles, and the lines of pg_hba.conf that admit or refuse them.

use crate::engine::accounts::{
    Account, AccountDemand, AccountQuery, AccountRules, AccountScript, claim, first_column, lines,
    malformed,
};
use crate::engine::quote;
use crate::engine::settings::ServerMode;
use crate::error::Result;

#[derive(Debug)]
pub(super) struct PostgresqlAccounts;

impl AccountRules for PostgresqlAccounts {
    /// Parses one role a line; a role may be in double quotes.
    fn parse(&self, text: &str) -> Result<Vec<Account>> {
        lines(text).map(role).collect()
    }

    fn compares_subjects(&self) -> bool {
        false
    }

    fn demand(&self, demand: &AccountDemand<'_>) -> Result<Option<AccountScript>> {
        let mut statements = String::new();
        for account in demand.accounts {
            let role = quote::hba_role(&account.user, demand.version)?;
            for database in ["all", "replication"] {
                statements += &format!("hostnossl  {database:<11}  {role}  all  reject\n");
                if demand.mode == ServerMode::VerifyCa {
                    statements += &format!(
                        "hostssl    {database:<11}  {role}  all  scram-sha-256  \
                         clientcert=verify-ca\n"
                    );
                }
            }
        }
        Ok(Some(AccountScript {
            name: "pg_hba.accounts.conf",
            place: "above all else in pg_hba.conf, of which the first line that fits decides; then \
                    SELECT pg_reload_conf()",
            comment: Some("#"),
            comments: Vec::new(),
            statements,
            claims: vec![
                claim(
                    "hostnossl",
                    "the role is turned away without TLS (28000)",
                    "seen: PostgreSQL 15, 17, 18",
                ),
                claim(
                    "replication",
                    "the word all does not stand for physical replication",
                    "PostgreSQL Documentation, 21.1 The pg_hba.conf File",
                ),
            ],
        }))
    }

    fn list(&self, _mode: ServerMode) -> Option<AccountQuery> {
        Some(AccountQuery::Sql(vec![
            "SET client_encoding = 'UTF8'".to_owned(),
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolcanlogin ORDER BY 1".to_owned(),
        ]))
    }

    /// A role keeps its login over the Unix socket.
    fn own(&self) -> Option<AccountQuery> {
        None
    }

    fn account(&self, row: Vec<Option<String>>) -> Option<Account> {
        first_column(row)
    }
}

fn role(line: &str) -> Result<Account> {
    let Some(quoted) = line.strip_prefix('"') else { return Ok(Account::without_host(line)) };
    let inner = quoted.strip_suffix('"').ok_or_else(|| malformed(line, "a quote is not closed"))?;
    if inner.is_empty() || inner.replace("\"\"", "").contains('"') {
        return Err(malformed(line, "a quote in it is not doubled"));
    }
    Ok(Account::without_host(&inner.replace("\"\"", "\"")))
}
