//! Accounts of Redis and Valkey: users of an access control list.

use crate::engine::Version;
use crate::engine::accounts::{
    Account, AccountDemand, AccountQuery, AccountRules, AccountScript, claim, first_column,
    parse_names,
};
use crate::engine::quote;
use crate::engine::settings::ServerMode;
use crate::error::Result;

/// The accounts of Redis, or of Valkey.
#[derive(Debug)]
pub(in crate::engine) struct RedisAccounts {
    /// The first version in which a client certificate logs its account in; `None` if there is
    /// none.
    pub(in crate::engine) certificate_login: Option<Version>,
}

impl AccountRules for RedisAccounts {
    fn parse(&self, text: &str) -> Result<Vec<Account>> {
        Ok(parse_names(text))
    }

    fn compares_subjects(&self) -> bool {
        false
    }

    /// Returns a script for Valkey 9, which logs a client in by the common name of its certificate.
    /// The script removes the account's passwords, so that there is no other login.
    fn demand(&self, demand: &AccountDemand<'_>) -> Result<Option<AccountScript>> {
        let by_certificate = self.certificate_login.is_some_and(|from| demand.version >= from);
        if !by_certificate || demand.mode != ServerMode::VerifyCa {
            return Ok(None);
        }
        let mut statements = "CONFIG SET tls-auth-clients-user CN\n".to_owned();
        for account in demand.accounts {
            let user = quote::redis_user(&account.user)?;
            statements += &format!("ACL SETUSER {user} on resetpass\n");
        }
        Ok(Some(AccountScript {
            name: "accounts.valkey",
            place: "into valkey-cli, on its standard input; then CONFIG REWRITE and ACL SAVE",
            comment: None,
            comments: Vec::new(),
            statements,
            claims: vec![
                claim(
                    "tls-auth-clients-user",
                    "who shows a certificate is the account of its common name, with no AUTH",
                    "seen: Valkey 9.1",
                ),
                claim(
                    "resetpass",
                    "an account without passwords can log in by its certificate alone",
                    "Valkey Documentation, ACL; seen: Valkey 9.1",
                ),
            ],
        }))
    }

    fn list(&self, _mode: ServerMode) -> Option<AccountQuery> {
        Some(AccountQuery::Command(&["ACL", "USERS"]))
    }

    fn own(&self) -> Option<AccountQuery> {
        Some(AccountQuery::Command(&["ACL", "WHOAMI"]))
    }

    fn account(&self, row: Vec<Option<String>>) -> Option<Account> {
        first_column(row)
    }
}
