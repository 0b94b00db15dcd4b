//! `ccx-sec snippet users`: what makes accounts demand TLS.

use std::path::PathBuf;

use serde::Serialize;

use super::files::{Destination, print};
use crate::commands::admin::Admin;
use crate::commands::anchors;
use crate::context::Context;
use crate::db_client::ResultRow;
use crate::db_client::redis::RedisReply;
use crate::db_client::session::{AdminAddress, AdminSession, ServerTrust};
use crate::engine::accounts::{Account, AccountQuery};
use crate::engine::settings::ServerMode;
use crate::engine::{Engine, Version};
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::reconfigure::link;
use crate::shell;
use crate::snippet::SnippetFile;
use crate::snippet::users::{UsersRequest, file};

/// Print statements that make accounts demand TLS
///
/// Prints ALTER USER … REQUIRE SSL, X509 or SUBJECT for MySQL and MariaDB, lines of pg_hba.conf for
/// PostgreSQL, and for Valkey 9 and later commands that let an account log in only with its
/// certificate (VERIFY_CA). Redis, older Valkey and SQL Server demand TLS of all accounts together:
/// use snippet server. Names are quoted, so that no name can change a statement.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Engine of the server
    #[arg(long, value_enum)]
    engine: Engine,
    /// Version of the server: 8.4, 10.11, 17 [default: that of --url or --socket]
    #[arg(long, value_name = "VERSION", required_unless_present_any = ["socket", "url"])]
    engine_version: Option<Version>,
    /// Demand on the accounts: TLS, or a certificate of the CA too
    #[arg(long, value_enum, ignore_case = true, default_value = "REQUIRED")]
    mode: ServerMode,
    /// Account: app, 'app'@'10.0.0.%', a role; repeatable
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,
    /// File of accounts, one a line; - is stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    accounts: Option<PathBuf>,
    /// Subject of the client certificate: /O=Acme/CN=app (mysql, mariadb)
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    #[command(flatten)]
    destination: Destination,
    #[command(flatten)]
    admin: Admin,
    /// CAs to trust the server at --url by, PEM [default: the bundle]
    #[arg(long, value_name = "FILE", requires = "url", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
}

const HELP: &str = "\
EXAMPLES
  Two accounts:
    ccx-sec snippet users --engine mysql --engine-version 8.4 --account app --account \"'app'@'10.%'\"

  All accounts of a server that do not require TLS yet:
    ccx-sec snippet users --engine mariadb --socket /run/mysqld/mysqld.sock

  The same for a server that only its own client can reach:
    mysql --batch --raw --skip-column-names --default-character-set=utf8mb4 --execute \"SELECT
      CONCAT(QUOTE(User), '@', QUOTE(Host)) FROM mysql.user WHERE ssl_type = '' AND User NOT LIKE 'mysql.%'\" |
      ccx-sec snippet users --engine mysql --engine-version 8.4 --accounts - | mysql

  A client certificate for a role of PostgreSQL:
    ccx-sec snippet users --engine postgresql --engine-version 17 --mode VERIFY_CA --account app

EXIT STATUS
  0  printed or written
  2  an argument or an account is wrong, or the engine does not demand TLS account by account
  3  a file cannot be read or written
  4  refused: a file exists";

/// A million accounts and more.
const MAX_BYTES: usize = 64 * 1024 * 1024;

#[derive(Debug, Serialize)]
struct UsersSnippetDocument<'a> {
    engine: &'static str,
    engine_version: String,
    mode: &'static str,
    accounts: usize,
    command: &'a str,
    files: &'a [SnippetFile],
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let mut accounts = self.accounts()?;
        let mut version = self.engine_version;
        if let Some(place) = self.admin.place(self.engine)? {
            let mut session = self.open(context, &place)?;
            let mut found = in_server(&mut session, self.engine, self.mode)?;
            let own = own_account(&mut session, self.engine)?;
            let all = found.len();
            found.retain(|account| Some(account) != own.as_ref());
            if let Some(own) = own.filter(|_| found.len() < all) {
                let name = own.name();
                let question = "so that nobody is locked out; name it with --account to have it";
                context.output.note(&format!("{name}, which asked, is left out, {question}."));
            }
            version = match version {
                None => Some(version_of(&session, &place)?),
                given => given,
            };
            if found.is_empty() && accounts.is_empty() {
                let demanded = self.mode.name();
                context.output.note(&format!("{place}: every account demands {demanded} already."));
                return Ok(Exit::Done);
            }
            accounts.extend(found);
        }
        let Some(version) = version else {
            return Err(Error::usage(Code::VersionMissing, "the version of the engine is missing")
                .hint("give --engine-version"));
        };
        let command = self.command(version);
        let files = [file(&UsersRequest {
            engine: self.engine,
            version,
            mode: self.mode,
            subject: self.subject.as_deref(),
            accounts: &accounts,
            command: &command,
        })?];
        let report = UsersSnippetDocument {
            engine: self.engine.facts().name,
            engine_version: version.to_string(),
            mode: self.mode.name(),
            accounts: accounts.len(),
            command: &command,
            files: &files,
        };
        print(context, &self.destination, &report, &files)
    }

    fn open(&self, context: &Context, place: &AdminAddress) -> Result<AdminSession> {
        let anchors = match place {
            AdminAddress::Tcp(target) if !target.is_here() => {
                anchors::read(context, self.ca_file.as_deref())?
            }
            _ => Vec::new(),
        };
        let loopback = self.admin.trust_loopback;
        let trusted = ServerTrust { anchors: &anchors, at: context.now, loopback };
        let who = self.admin.credentials(context, self.engine)?;
        link::session(place, &who, trusted, context.step_timeout)
    }

    fn accounts(&self) -> Result<Vec<Account>> {
        let mut all = Vec::new();
        for text in &self.account {
            match self.engine.facts().accounts.parse(text)?.as_slice() {
                [account] => all.push(account.clone()),
                others => {
                    let many = format!("--account {text:?} is {} accounts", others.len());
                    return Err(Error::usage(Code::Account, many).hint("give --account for each"));
                }
            }
        }
        if let Some(path) = &self.accounts {
            let bytes = files::read(path, MAX_BYTES)?;
            let text = std::str::from_utf8(&bytes).map_err(|error| {
                Error::usage(Code::Account, format!("{} is not UTF-8", path.display()))
                    .because(error)
                    .hint("write the accounts in UTF-8, one a line")
            })?;
            all.extend(self.engine.facts().accounts.parse(text)?);
        }
        Ok(all)
    }

    /// The command line that asks for this, without the accounts.
    fn command(&self, version: Version) -> String {
        let mut line = format!(
            "ccx-sec snippet users --engine {} --engine-version {version} --mode {}",
            self.engine,
            self.mode.name()
        );
        if let Some(subject) = &self.subject {
            line += &format!(" --subject {}", shell::quote(subject));
        }
        line + " --account …"
    }
}

fn version_of(session: &AdminSession, place: &AdminAddress) -> Result<Version> {
    let said = session.version().unwrap_or_default();
    said.parse().map_err(|error: Error| {
        Error::failed(Code::VersionUnknown, format!("{place} says that it is version {said:?}"))
            .because(error)
            .hint("give its version: --engine-version")
    })
}

/// The session's own account, where the script could lock it out.
fn own_account(session: &mut AdminSession, engine: Engine) -> Result<Option<Account>> {
    let rules = engine.facts().accounts;
    let Some(query) = rules.own() else { return Ok(None) };
    let rows = rows(session, &query)?.unwrap_or_default();
    Ok(rows.into_iter().find_map(|row| rules.account(row)))
}

/// The accounts of a server that do not demand so much already, as far as it knows that by
/// account.
fn in_server(session: &mut AdminSession, engine: Engine, mode: ServerMode) -> Result<Vec<Account>> {
    let rules = engine.facts().accounts;
    let rows = match rules.list(mode) {
        Some(query) => rows(session, &query)?,
        None => None,
    };
    let rows = rows.ok_or_else(|| {
        Error::failed(Code::AccountsUnknown, "the server lists no accounts")
            .hint("give them: --account NAME")
    })?;
    Ok(rows.into_iter().filter_map(|row| rules.account(row)).collect())
}

/// Runs a query; `None` if the answer is neither rows nor text.
fn rows(session: &mut AdminSession, query: &AccountQuery) -> Result<Option<Vec<ResultRow>>> {
    match query {
        AccountQuery::Sql(statements) => {
            let mut rows = Vec::new();
            for statement in statements {
                rows = session.sql(statement)?;
            }
            Ok(Some(rows))
        }
        AccountQuery::Command(words) => Ok(match session.command(words)? {
            RedisReply::Text(text) => Some(vec![vec![Some(text)]]),
            RedisReply::List(replies) => Some(replies.into_iter().filter_map(text_row).collect()),
            _ => None,
        }),
    }
}

fn text_row(reply: RedisReply) -> Option<ResultRow> {
    match reply {
        RedisReply::Text(text) => Some(vec![Some(text)]),
        _ => None,
    }
}
