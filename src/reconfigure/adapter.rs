//! The operations on a running server of each engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::change::{Draft, FileChange};
use super::link::AdminConnection;
use super::program::ServerProgram;
use super::replicas::Replica;
use crate::db_client::session::AdminSession;
use crate::engine::reload::ReloadFacts;
use crate::engine::settings::ServerMode;
use crate::engine::{Engine, Version};
use crate::error::{Code, Error, Result};

/// A setting, and the value that it shall have.
pub(super) type DesiredSetting = (&'static str, String);

/// A server's own description.
#[derive(Debug)]
pub(super) struct ServerInfo {
    pub(super) version: Version,
    /// The port that clients connect to.
    pub(super) port: u16,
    /// The port for TLS, where that is another matter: the one it has, or shall have.
    pub(super) tls_port: Option<u16>,
    /// The folder of its data, which belongs to whom the server runs as.
    pub(super) data: PathBuf,
    /// The file that its configuration begins with, where it says.
    pub(super) main: Option<PathBuf>,
    /// PostgreSQL's pg_hba.conf.
    pub(super) hba: Option<PathBuf>,
    /// Its program, where that is asked, and was found.
    pub(super) program: Option<ServerProgram>,
}

/// A server that runs, and the settings that it shall have.
#[derive(Debug)]
pub(super) struct ServerState {
    pub(super) engine: Engine,
    pub(super) mode: ServerMode,
    pub(super) facts: &'static ReloadFacts,
    pub(super) seen: ServerInfo,
    pub(super) settings: Vec<DesiredSetting>,
    /// The settings before the change.
    pub(super) values: BTreeMap<&'static str, String>,
}

impl ServerState {
    /// Those that are not yet as they shall be.
    pub(super) fn changed_settings(&self) -> impl Iterator<Item = &DesiredSetting> {
        self.settings.iter().filter(|(name, wanted)| self.values.get(name) != Some(wanted))
    }

    /// Those of them that it can be told while it runs, but for what turns clients away.
    pub(super) fn settable_at_runtime(&self) -> impl Iterator<Item = &DesiredSetting> {
        let ReloadFacts { at_start, later, demand, .. } = self.facts;
        self.changed_settings().filter(move |(name, _)| {
            !at_start.contains(name) && !later.contains(name) && name != demand
        })
    }

    /// Those of them that it has to be restarted for.
    pub(super) fn restart_for(&self) -> Vec<&'static str> {
        let names = self.changed_settings().map(|(name, _)| *name);
        names.filter(|name| self.facts.at_start.contains(name)).collect()
    }

    /// The value that a setting shall have.
    pub(super) fn wanted(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|(one, _)| *one == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// A kind of server.
pub(super) trait EngineAdapter: Sync {
    /// Asks the server about itself.
    fn query_server(
        &self,
        session: &mut AdminSession,
        engine: Engine,
        facts: &ReloadFacts,
    ) -> Result<ServerInfo>;

    /// The current values of these settings.
    fn values(
        &self,
        session: &mut AdminSession,
        settings: &[DesiredSetting],
    ) -> Result<BTreeMap<&'static str, String>>;

    /// The files that make the settings lasting; `texts` are those of the snippet.
    fn drafts(
        &self,
        on: &ServerState,
        texts: Vec<String>,
        config: Option<&Path>,
    ) -> Result<Vec<Draft>>;

    /// Has the engine look at the files that were written; what could not be looked at comes
    /// back as a warning.
    fn check(
        &self,
        session: &mut AdminSession,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<Option<String>>;

    /// The replicas that are connected over TCP.
    fn replicas(&self, session: &mut AdminSession, on: &ServerState) -> Result<Vec<Replica>>;

    /// Warnings about connections that these settings do not reach.
    fn warnings(&self, _session: &mut AdminSession) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The statements of [`EngineAdapter::load`].
    fn statements(&self, on: &ServerState) -> Vec<String>;

    /// Has it take settings and files.
    fn load(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()>;

    /// The statements of [`EngineAdapter::demand`].
    fn demands(&self, on: &ServerState, changes: &[FileChange]) -> Vec<String>;

    /// Has it turn clients without TLS away, when TLS is proved.
    fn demand(
        &self,
        link: &mut AdminConnection,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<()>;

    /// Has it take the settings from before, and the files that are there now.
    fn restore(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()>;

    /// Where to look when it shows another certificate though it took these without a word.
    fn hint(&self) -> &'static str {
        "is it the same server that answers there? something else may set its paths: see its log"
    }
}

/// An answer that is not what such a server says.
pub(super) fn unexpected_answer(what: &str) -> Error {
    Error::failed(Code::ServerAnswer, format!("the server does not tell {what}"))
        .hint("does the user have the rights of an administrator? is it the engine that was named?")
}

/// The version, as the server says it.
pub(super) fn version(text: &str) -> Result<Version> {
    text.parse().map_err(|_| unexpected_answer(&format!("its version ({text:?})")))
}

/// A port, as the server says it.
pub(super) fn port(text: &str) -> Result<u16> {
    text.parse().map_err(|_| unexpected_answer("its port"))
}
