//! The clients of databases, as data: programs, drivers, libraries. Each is one [`Driver`] with a
//! template of its configuration (`snippet client`) and its behavior (`verify --simulate`). Pure.
//!
//! ```text
//! catalogue   all clients                        selection   the clients of a simulation
//! template    the types of a template            behavior    the types of a behavior
//! rules       rules, messages and libraries that several clients share
//! mysql, mysql_scripting, mysql_compiled, postgresql_libpq, postgresql, redis, mssql   the entries
//! ```

pub mod behavior;
pub mod catalogue;
mod mssql;
mod mysql;
mod mysql_compiled;
mod mysql_scripting;
mod postgresql;
mod postgresql_libpq;
mod redis;
mod rules;
pub mod selection;
pub mod template;

use crate::engine::Engine;

/// A client: a program, a driver, a library.
#[derive(Debug)]
pub struct Driver {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The engines whose servers it can connect to.
    pub engines: &'static [Engine],
    /// How to configure it.
    pub snippet: template::SnippetTemplate,
    /// How it behaves: one entry for each range of versions that behaves alike, at least one.
    pub behaviors: &'static [behavior::VersionBehavior],
}
