//! The trait of the servers that can be reconfigured: how to query, write, check and load settings.

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

/// A setting and its new value.
pub(super) type DesiredSetting = (&'static str, String);

/// The state that a server reports.
#[derive(Debug)]
pub(super) struct ServerInfo {
    pub(super) version: Version,
    /// The port that clients connect to.
    pub(super) port: u16,
    /// The port for TLS, present or planned, where TLS has its own.
    pub(super) tls_port: Option<u16>,
    /// The data directory, whose owner is the user that the server runs as.
    pub(super) data: PathBuf,
    /// The main configuration file, where the server reports it.
    pub(super) main: Option<PathBuf>,
    /// PostgreSQL's pg_hba.conf.
    pub(super) hba: Option<PathBuf>,
    /// The server's program, if the engine needs it for checks and it was found.
    pub(super) program: Option<ServerProgram>,
}

/// A running server and its new settings.
#[derive(Debug)]
pub(super) struct ServerState {
    pub(super) engine: Engine,
    pub(super) mode: ServerMode,
    pub(super) facts: &'static ReloadFacts,
    pub(super) seen: ServerInfo,
    pub(super) settings: Vec<DesiredSetting>,
    /// The values before the installation.
    pub(super) values: BTreeMap<&'static str, String>,
}

impl ServerState {
    /// Settings whose value changes.
    pub(super) fn changed_settings(&self) -> impl Iterator<Item = &DesiredSetting> {
        self.settings.iter().filter(|(name, wanted)| self.values.get(name) != Some(wanted))
    }

    /// Changed settings that take effect without a restart, except the one that refuses clients.
    pub(super) fn settable_at_runtime(&self) -> impl Iterator<Item = &DesiredSetting> {
        let ReloadFacts { at_start, later, demand, .. } = self.facts;
        self.changed_settings().filter(move |(name, _)| {
            !at_start.contains(name) && !later.contains(name) && name != demand
        })
    }

    /// Changed settings that need a restart.
    pub(super) fn restart_for(&self) -> Vec<&'static str> {
        let names = self.changed_settings().map(|(name, _)| *name);
        names.filter(|name| self.facts.at_start.contains(name)).collect()
    }

    /// The new value of a setting.
    pub(super) fn wanted(&self, name: &str) -> &str {
        let found = self.settings.iter().find(|(one, _)| *one == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// The parts of an installation that differ by `ReloadMethod`.
pub(super) trait EngineAdapter: Sync {
    /// Queries the server's version, ports and paths. Fails if it is another engine.
    fn query_server(
        &self,
        session: &mut AdminSession,
        engine: Engine,
        facts: &ReloadFacts,
    ) -> Result<ServerInfo>;

    /// Reads the present values of these settings.
    fn values(
        &self,
        session: &mut AdminSession,
        settings: &[DesiredSetting],
    ) -> Result<BTreeMap<&'static str, String>>;

    /// Plans the files that keep the settings over a restart; `texts` are the files of the snippet.
    fn drafts(
        &self,
        on: &ServerState,
        texts: Vec<String>,
        config: Option<&Path>,
    ) -> Result<Vec<Draft>>;

    /// Asks the engine to check the written files; returns a warning if it cannot.
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

    /// Makes the server use the new settings and files.
    fn load(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()>;

    /// The statements of [`EngineAdapter::demand`].
    fn demands(&self, on: &ServerState, changes: &[FileChange]) -> Vec<String>;

    /// Makes the server refuse clients without TLS; called after a handshake has proved TLS.
    fn demand(
        &self,
        link: &mut AdminConnection,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<()>;

    /// Makes the server use its earlier settings, and load the TLS files that are now in the
    /// directory.
    fn restore(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()>;

    /// The hint for a server that reported no error and still serves another certificate.
    fn hint(&self) -> &'static str {
        "is it the same server that answers there? something else may set its paths: see its log"
    }
}

/// Creates the error for an answer that no server of this engine gives; exit 3. `what` is the
/// missing value.
pub(super) fn unexpected_answer(what: &str) -> Error {
    Error::failed(Code::ServerAnswer, format!("the server does not tell {what}"))
        .hint("does the user have the rights of an administrator? is it the engine that was named?")
}

/// Parses the version that the server reports.
pub(super) fn version(text: &str) -> Result<Version> {
    text.parse().map_err(|_| unexpected_answer(&format!("its version ({text:?})")))
}

/// Parses a port that the server reports.
pub(super) fn port(text: &str) -> Result<u16> {
    text.parse().map_err(|_| unexpected_answer("its port"))
}
