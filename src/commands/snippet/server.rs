//! `ccx-sec snippet server`: the TLS configuration of a server.

use std::path::PathBuf;

use serde::Serialize;

use super::files::{Destination, print};
use crate::context::Context;
use crate::engine::Exception;
use crate::engine::settings::{Profile, ServerMode};
use crate::engine::{Engine, Version};
use crate::error::{Code, Error, Exit, Result};
use crate::shell;
use crate::snippet::SnippetFile;
use crate::snippet::server::{ServerRequest, files};

/// Print settings that make a server demand TLS
///
/// The settings are for that version of the engine and for the files that `cert issue --out`
/// writes: ca.pem, server-cert.pem and server-key.pem in --dir. With REQUIRED, the server refuses
/// clients without TLS. With VERIFY_CA, clients also need a certificate of the CA: PostgreSQL,
/// Redis and Valkey demand it of all clients, MySQL and MariaDB of each account (snippet users);
/// SQL Server cannot demand it. No option disables TLS.
///
/// Comments give the reason of each setting; -v and -o json add the source.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Engine of the server
    #[arg(long, value_enum)]
    engine: Engine,
    /// Version of the server, as it reports it: 8.4, 10.11, 17
    #[arg(long, value_name = "VERSION")]
    engine_version: Version,
    /// Demand on clients: TLS, or also a certificate (VERIFY_CA; MUTUAL_TLS in verify)
    ///
    /// In verify, VERIFY_CA is about the other side: there clients check the server's certificate.
    #[arg(long, value_enum, ignore_case = true, default_value = "REQUIRED")]
    mode: ServerMode,
    /// Absolute path of the directory of TLS files on the server
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: PathBuf,
    /// Versions of TLS to allow
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// TLS port, for redis and valkey
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    tls_port: Option<u16>,
    /// Plugin whose accounts may connect without TLS
    #[arg(long, value_name = "PLUGIN", value_enum)]
    exception: Option<Exception>,
    /// Add TLS between the nodes of a Galera cluster, for mariadb
    #[arg(long)]
    galera: bool,
    #[command(flatten)]
    destination: Destination,
}

const HELP: &str = "\
EXAMPLES
  MySQL:
    ccx-sec snippet server --engine mysql --engine-version 8.4 --dir /etc/mysql/tls \\
      > /etc/mysql/conf.d/zz-ccx-sec.cnf

  PostgreSQL, with client certificates; two files:
    ccx-sec snippet server --engine postgresql --engine-version 17 --mode VERIFY_CA \\
      --dir /etc/postgresql/tls --out ./snippets

  With the source of each setting:
    ccx-sec snippet server --engine redis --engine-version 7.2 --dir /tls -o json

EXIT STATUS
  0  printed or written
  2  an argument is wrong, or the engine or its version cannot do that
  3  a file cannot be written
  4  refused: a file exists, or --exception for a version of MySQL without that plugin";

#[derive(Debug, Serialize)]
struct ServerSnippetDocument<'a> {
    engine: &'static str,
    engine_version: String,
    mode: &'static str,
    profile: &'static str,
    profile_version: u8,
    exception: bool,
    command: &'a str,
    files: &'a [SnippetFile],
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let directory = self.dir.to_str().ok_or_else(|| {
            Error::usage(Code::DirText, format!("{} is not UTF-8", self.dir.display()))
                .hint("use a directory whose name is text")
        })?;
        let command = self.command(directory);
        let files = files(&ServerRequest {
            engine: self.engine,
            version: self.engine_version,
            mode: self.mode,
            profile: self.profile,
            exception: self.exception.is_some(),
            galera: self.galera,
            directory,
            tls_port: self.tls_port,
            installs: false,
            command: &command,
        })?;
        let report = ServerSnippetDocument {
            engine: self.engine.facts().name,
            engine_version: self.engine_version.to_string(),
            mode: self.mode.name(),
            profile: self.profile.name(),
            profile_version: Profile::VERSION,
            exception: self.exception.is_some(),
            command: &command,
            files: &files,
        };
        if self.exception.is_some() {
            context.output.warning(
                "with this exception, accounts with mysql_native_password come without TLS; run \
                 the SQL too, or every account can",
            );
        }
        print(context, &self.destination, &report, &files)
    }

    /// The command line that asks for this.
    fn command(&self, directory: &str) -> String {
        let mut line = format!(
            "ccx-sec snippet server --engine {} --engine-version {} --mode {} --dir {}",
            self.engine,
            self.engine_version,
            self.mode.name(),
            shell::quote(directory)
        );
        if self.profile != Profile::default() {
            line += &format!(" --profile {}", self.profile.name());
        }
        if let Some(port) = self.tls_port {
            line += &format!(" --tls-port {port}");
        }
        if self.exception.is_some() {
            line += " --exception mysql_native_password";
        }
        if self.galera {
            line += " --galera";
        }
        line
    }
}
