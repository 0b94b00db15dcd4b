//! Accounts of SQL Server, which demands TLS only of all accounts together.

use crate::engine::accounts::{
    Account, AccountDemand, AccountQuery, AccountRules, AccountScript, first_column, parse_names,
};
use crate::engine::settings::ServerMode;
use crate::error::Result;

#[derive(Debug)]
pub(super) struct MssqlAccounts;

impl AccountRules for MssqlAccounts {
    fn parse(&self, text: &str) -> Result<Vec<Account>> {
        Ok(parse_names(text))
    }

    fn compares_subjects(&self) -> bool {
        false
    }

    fn demand(&self, _demand: &AccountDemand<'_>) -> Result<Option<AccountScript>> {
        Ok(None)
    }

    /// ccx-sec does not log in at SQL Server.
    fn list(&self, _mode: ServerMode) -> Option<AccountQuery> {
        None
    }

    fn own(&self) -> Option<AccountQuery> {
        None
    }

    fn account(&self, row: Vec<Option<String>>) -> Option<Account> {
        first_column(row)
    }
}
