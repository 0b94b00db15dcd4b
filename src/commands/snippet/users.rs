//! `ccx-sec snippet users`: what makes accounts demand TLS.

use std::path::PathBuf;

use serde::Serialize;

use super::files::{Destination, print};
use crate::context::Context;
use crate::engine::settings::ServerMode;
use crate::engine::{Engine, Version};
use crate::error::{Error, Exit, Result};
use crate::files;
use crate::snippet::accounts::{self, Account};
use crate::snippet::users::{Request, file};
use crate::snippet::{File, quote};

/// Print what makes single accounts demand TLS
///
/// MySQL and MariaDB get ALTER USER … REQUIRE SSL, X509 or SUBJECT, PostgreSQL lines of
/// pg_hba.conf for each role, and Valkey from 9 on commands that leave an account no way in but
/// its certificate (VERIFY_CA). Redis, older Valkey and SQL Server demand TLS of all accounts
/// together: snippet server. Whatever is in a name, it stays a name.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// The engine
    #[arg(long, value_enum)]
    engine: Engine,
    /// Its version, as the server says it: 8.4, 10.11, 17
    #[arg(long, value_name = "VERSION")]
    engine_version: Version,
    /// What is demanded: TLS, or a certificate of the CA too
    #[arg(long, value_enum, ignore_case = true, default_value = "REQUIRED")]
    mode: ServerMode,
    /// An account: app, 'app'@'10.0.0.%', a role; repeatable
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,
    /// A file of accounts, one a line; - is standard input
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    accounts: Option<PathBuf>,
    /// The subject that the client certificate must have: /O=Acme/CN=app (mysql, mariadb)
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    #[command(flatten)]
    destination: Destination,
}

const HELP: &str = "\
EXAMPLES
  Two accounts:
    ccx-sec snippet users --engine mysql --engine-version 8.4 --account app --account \"'app'@'10.%'\"

  All accounts of a MySQL server that come without TLS now:
    mysql --batch --raw --skip-column-names --default-character-set=utf8mb4 --execute \"SELECT
      CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user WHERE ssl_type = '' AND User NOT LIKE 'mysql.%'\" |
      ccx-sec snippet users --engine mysql --engine-version 8.4 --accounts - | mysql

  A client certificate for a role of PostgreSQL:
    ccx-sec snippet users --engine postgresql --engine-version 17 --mode VERIFY_CA --account app

EXIT STATUS
  0  printed or written
  2  an argument or an account is wrong, or the engine does not do that by account
  3  a file could not be read, or the disk said no
  4  refused: a file is in the way";

/// A million accounts and more.
const MAX_BYTES: usize = 64 * 1024 * 1024;

#[derive(Debug, Serialize)]
struct Report<'a> {
    engine: &'static str,
    engine_version: String,
    mode: &'static str,
    accounts: usize,
    command: &'a str,
    files: &'a [File],
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let accounts = self.accounts()?;
        let command = self.command();
        let files = [file(&Request {
            engine: self.engine,
            version: self.engine_version,
            mode: self.mode,
            subject: self.subject.as_deref(),
            accounts: &accounts,
            command: &command,
        })?];
        let report = Report {
            engine: self.engine.facts().name,
            engine_version: self.engine_version.to_string(),
            mode: self.mode.name(),
            accounts: accounts.len(),
            command: &command,
            files: &files,
        };
        print(context, &self.destination, &report, &files)
    }

    fn accounts(&self) -> Result<Vec<Account>> {
        let mut all = Vec::new();
        for text in &self.account {
            match accounts::read(self.engine, text)?.as_slice() {
                [account] => all.push(account.clone()),
                others => {
                    let many = format!("--account {text:?} is {} accounts", others.len());
                    return Err(Error::usage("account", many).hint("give --account for each"));
                }
            }
        }
        if let Some(path) = &self.accounts {
            let bytes = files::read(path, MAX_BYTES)?;
            let text = std::str::from_utf8(&bytes).map_err(|error| {
                Error::usage("account", format!("{} is not UTF-8", path.display()))
                    .because(error)
                    .hint("write the accounts in UTF-8, one a line")
            })?;
            all.extend(accounts::read(self.engine, text)?);
        }
        Ok(all)
    }

    /// The command line that asks for this, without the accounts.
    fn command(&self) -> String {
        let mut line = format!(
            "ccx-sec snippet users --engine {} --engine-version {} --mode {}",
            self.engine,
            self.engine_version,
            self.mode.name()
        );
        if let Some(subject) = &self.subject {
            line += &format!(" --subject {}", quote::shell(subject));
        }
        line + " --account …"
    }
}
