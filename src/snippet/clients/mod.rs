//! The clients, as data: one file for those of a protocol. A new one is a new entry.

mod mssql;
mod mysql;
mod postgresql;
mod redis;

use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::text::clip;

/// A client: a program, a driver, a library.
#[derive(Debug)]
pub struct Client {
    /// Its name on the command line.
    pub name: &'static str,
    /// The title of the client.
    pub title: &'static str,
    /// The engines that it talks to.
    pub engines: &'static [Engine],
    /// The language of the template.
    pub language: Language,
    /// The settings; `%{tls}` is the place of the mode. See [`super::template`].
    pub template: &'static str,
    /// REQUIRED, VERIFY_CA and VERIFY_IDENTITY.
    pub modes: [ModeSupport; 3],
    /// Things to know in every mode.
    pub notes: &'static [&'static str],
    /// How we know.
    pub proof: Evidence,
    /// Where it is said; `seen:` what we saw it do.
    pub source: &'static str,
}

/// How a client says a mode.
#[derive(Debug, Clone, Copy)]
pub enum ModeSupport {
    /// With this, a template itself.
    Exact(&'static str),
    /// It cannot: VERIFY_IDENTITY is the nearest that it has. Why.
    Stronger(&'static str),
    /// It cannot, and has nothing stronger. Why.
    None(&'static str),
}

/// How we know what a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A test runs the snippet against real servers.
    Run,
    /// A test runs the snippet against a peer made from the specification.
    Peer,
    /// It is written from documentation.
    Documentation,
}

/// The language of a snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A command line for a POSIX shell.
    Shell,
    /// A connection string, in which nothing can be remarked.
    ConnectionString,
    /// A Java properties file.
    Properties,
    /// Python.
    Python,
    /// JavaScript for Node.
    JavaScript,
    /// Go.
    Go,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
}

impl Language {
    pub(super) fn name(self) -> &'static str {
        match self {
            Language::Shell => "shell",
            Language::ConnectionString => "connection-string",
            Language::Properties => "properties",
            Language::Python => "python",
            Language::JavaScript => "javascript",
            Language::Go => "go",
            Language::Php => "php",
            Language::Ruby => "ruby",
            Language::Rust => "rust",
        }
    }

    /// The prefix of a comment; empty if there are none.
    pub(super) fn comment(self) -> &'static str {
        match self {
            Language::Shell | Language::Properties | Language::Python | Language::Ruby => "#",
            Language::JavaScript | Language::Go | Language::Php | Language::Rust => "//",
            Language::ConnectionString => "",
        }
    }
}

/// All clients, or those of an engine.
pub fn clients_for(engine: Option<Engine>) -> impl Iterator<Item = &'static Client> {
    let all = [mysql::CLIENTS, postgresql::CLIENTS, redis::CLIENTS, mssql::CLIENTS];
    let wanted =
        move |client: &&Client| engine.is_none_or(|engine| client.engines.contains(&engine));
    all.into_iter().flatten().filter(wanted)
}

/// The client of that name, of an engine.
///
/// # Errors
/// Exit 2 when there is none.
pub fn named(engine: Engine, name: &str) -> Result<&'static Client> {
    clients_for(Some(engine)).find(|client| client.name == name).ok_or_else(|| {
        let names: Vec<&str> = clients_for(Some(engine)).map(|client| client.name).collect();
        let shown = clip(name, 64);
        Error::usage(
            Code::ClientUnknown,
            format!("{shown:?} is no client of {engine} that is known"),
        )
        .hint(format!("give one of {}", names.join(", ")))
    })
}
