//! `ccx-sec snippet client`: how a client connects.

use serde::Serialize;

use crate::context::Context;
use crate::driver::{Driver, catalogue};
use crate::engine::Engine;
use crate::error::{Exit, Result};
use crate::snippet::client::{ClientMode, Snippet, check, host, snippet};
use crate::snippet::template::TemplateValues;

/// Print the TLS settings of a client
///
/// Prints a command for a command-line client, and code, a connection string or a properties file
/// for a driver. The comments say what the client does in that mode. If a client does not have the
/// mode, it gets the nearest stronger one, with a warning; never a weaker one.
///
/// No snippet holds a password: the client prompts for it, or reads it from the environment.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Engine of the server
    #[arg(long, value_enum)]
    engine: Engine,
    /// Client: psql, redis-py, mysql-connector-j, …; --all lists them
    #[arg(long, value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    client: Option<String>,
    /// Print every client of the engine
    #[arg(long)]
    all: bool,
    /// TLS mode of the client
    #[arg(long, value_enum, ignore_case = true, default_value = "VERIFY_IDENTITY")]
    mode: ClientMode,
    /// Name or address of the server
    #[arg(long, value_name = "HOST", value_parser = host)]
    host: String,
    /// Port of the server [default: the engine's]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Account [default: app; default for redis and valkey]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Database
    #[arg(long, value_name = "NAME", default_value = "app")]
    database: String,
    /// File of the CA certificates on the client
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<String>,
    /// File of a client certificate, for servers that demand one
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "client_key")]
    client_cert: Option<String>,
    /// File of the private key of --client-cert
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "client_cert")]
    client_key: Option<String>,
}

const HELP: &str = "\
EXAMPLES
  psql, checking the CA and the name:
    ccx-sec snippet client --engine postgresql --client psql --host db-1.ds.ccx.example.com --ca-file ca.pem

  A Java program, with VERIFY_CA:
    ccx-sec snippet client --engine mysql --client mysql-connector-j --mode VERIFY_CA \\
      --host 10.0.0.7 --ca-file ca.pem

  All clients of Valkey, as JSON:
    ccx-sec snippet client --engine valkey --all --host 10.0.0.7 --ca-file ca.pem -o json

EXIT STATUS
  0  printed
  2  an argument is wrong, or its value cannot be expressed for that client
  4  refused: the client has neither that mode nor a stronger one";

#[derive(Debug, Serialize)]
struct ClientSnippetDocument<'a> {
    engine: &'static str,
    mode: &'static str,
    host: &'a str,
    port: u16,
    clients: &'a [Snippet],
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let facts = self.engine.facts();
        let port = self.port.unwrap_or(facts.port);
        let values = TemplateValues {
            host: &self.host,
            port,
            user: self.user.as_deref().unwrap_or(self.engine.facts().client_user),
            database: &self.database,
            ca: self.ca_file.as_deref(),
            identity: self.client_cert.as_deref().zip(self.client_key.as_deref()),
        };
        let clients: Vec<&Driver> = match &self.client {
            Some(name) => vec![catalogue::named(self.engine, name)?],
            None => catalogue::drivers_for(Some(self.engine)).collect(),
        };
        let snippets = clients.iter().map(|client| snippet(client, self.mode, &values));
        let snippets = snippets.collect::<Result<Vec<Snippet>>>()?;
        if let [snippet] = snippets.as_slice() {
            check(snippet, self.engine)?;
        }
        for snippet in &snippets {
            if snippet.mode != Some(snippet.asked) {
                let why = snippet.warnings.first().map_or("", String::as_str);
                context.output.warning(&format!("{}: {why}", snippet.client));
            }
            if context.output.format.is_text() {
                snippet.remarks().iter().for_each(|remark| context.output.note(remark));
            }
            let Snippet { client, proof, source, .. } = snippet;
            context.output.detail(&format!("{client}: {proof} [{source}]"));
        }
        let report = ClientSnippetDocument {
            engine: facts.name,
            mode: self.mode.name(),
            host: &self.host,
            port,
            clients: &snippets,
        };
        match context.output.format.is_text() {
            true => context.output.raw(render_text(&snippets).as_bytes())?,
            false => context.output.report(&report, String::new)?,
        }
        Ok(Exit::Done)
    }
}

/// A single snippet unchanged; several snippets, each below its name.
fn render_text(snippets: &[Snippet]) -> String {
    match snippets {
        [snippet] => snippet.commented(),
        all => {
            let named = |snippet: &Snippet| {
                let mode = snippet.mode.unwrap_or("cannot do it");
                let head = format!("# ==== {} ({}, {mode}) ====", snippet.client, snippet.language);
                format!("{head}\n{}", snippet.commented())
            };
            all.iter().map(named).collect::<Vec<_>>().join("\n")
        }
    }
}
