//! Installs new TLS files and settings on a running server and proves them by a handshake, or
//! restores the earlier state.
//!
//! ```text
//! mod         the request and the plan               apply     applies the plan, or rolls it back
//! change      configuration files, before and after  managed   texts managed in such files
//! hba         rules that demand certificates         replicas  replicas that would be refused
//! link        the administrator's session            proof     the handshake
//! policy      the mode and profile, asked for or kept
//! adapter     the trait of the kinds of servers, one file a kind: mysql (and MariaDB),
//!             postgresql, redis (and Valkey)
//! program     the program of a server, and the options that it reads
//! ```
//!
//! Differences between versions, and between the engines of a kind, are data: [`crate::engine`].
//!
//! A run that is killed at any moment leaves a configuration that the server can start with:
//! certificate and key are written first, then the settings that name them, then the setting that
//! refuses clients without TLS. A second run completes the installation.

mod adapter;
mod apply;
mod change;
mod hba;
pub(crate) mod link;
mod managed;
mod mysql;
mod policy;
mod postgresql;
mod program;
mod proof;
mod redis;
mod replicas;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::connection::target::DatabaseTarget;
use crate::engine::Engine;
use crate::engine::reload::{ReloadFacts, ReloadMethod};
use crate::engine::settings::ServerPolicy;
use crate::error::{Code, Error, Result};
use crate::files::{self, Owner};
use crate::shell::{CommandLine, Placeholder};
use crate::snippet::server;

use adapter::{EngineAdapter, ServerInfo, ServerState};
pub(crate) use change::FileChange;
use change::Phase;
use link::AdminConnection;
pub(crate) use policy::PolicyRequest;
pub(crate) use proof::HandshakeProof;

/// A request to install TLS on a server.
#[derive(Debug, Clone)]
pub(crate) struct InstallRequest {
    /// Its engine.
    pub engine: Engine,
    /// The mode and profile; those in force where nothing is asked for.
    pub policy: PolicyRequest,
    /// The absolute path of the directory with its TLS files.
    pub directory: String,
    /// The file for the settings; if `None`, the engine's default file.
    pub config: Option<PathBuf>,
    /// The TLS port, for engines with a separate one; if `None`, the present port.
    pub tls_port: Option<u16>,
    /// The host and port of the handshake; by default this machine and the port that the server
    /// reports.
    pub prove_at: Option<(String, Option<u16>)>,
    /// The command that restarts it.
    pub restart: Option<String>,
    /// Whether to continue although replicas would be refused.
    pub ignore_replicas: bool,
    /// The command line without mode and profile, for comments in the files.
    pub command: String,
}

impl InstallRequest {
    /// The port for TLS, where TLS has its own.
    fn tls_port_at(&self, seen: &ServerInfo) -> Option<u16> {
        seen.tls_port.map(|port| self.tls_port.unwrap_or(port))
    }

    /// Makes something from the settings for this mode and profile.
    fn with_settings<T>(
        &self,
        seen: &ServerInfo,
        policy: ServerPolicy,
        made: fn(&server::ServerRequest<'_>) -> Result<T>,
    ) -> Result<T> {
        let ServerPolicy { mode, profile } = policy;
        let command =
            format!("{} --mode {} --profile {}", self.command, mode.name(), profile.name());
        made(&server::ServerRequest {
            engine: self.engine,
            version: seen.version,
            mode,
            profile,
            exception: false,
            galera: false,
            directory: &self.directory,
            tls_port: self.tls_port_at(seen),
            installs: true,
            command: &command,
        })
    }

    /// Plans the files for this mode and profile.
    fn changes(
        &self,
        way: &dyn EngineAdapter,
        on: &ServerState,
        policy: ServerPolicy,
    ) -> Result<Vec<FileChange>> {
        let files = self.with_settings(&on.seen, policy, server::files)?;
        let texts = files.into_iter().map(|file| file.text).collect();
        let drafts = way.drafts(on, texts, self.config.as_deref())?;
        drafts.into_iter().map(FileChange::from_draft).collect()
    }
}

/// A planned installation of TLS files and settings on a running server.
pub(crate) struct Installation<'a> {
    wish: InstallRequest,
    policy: ServerPolicy,
    link: AdminConnection,
    way: &'static dyn EngineAdapter,
    running: ServerState,
    changes: Vec<FileChange>,
    say: &'a (dyn Fn(&str) + Sync),
    proof: HandshakeProof,
    warnings: Vec<String>,
    /// The progress, which [`Installation::undo`] needs.
    done: AppliedSteps,
}

/// The progress of an installation, which decides what a failure has to undo.
#[derive(Debug, Default)]
struct AppliedSteps {
    tried: bool,
    complete: bool,
    written: usize,
    told: bool,
    restarted: bool,
}

impl<'a> Installation<'a> {
    /// Asks the server for its state and plans the installation. Changes nothing.
    ///
    /// # Errors
    /// Exit 2 for an engine, version or mode that is not supported; exit 3 when the server does not
    /// answer, or needs a restart and no command for it was given; exit 4 when a file that ccx-sec
    /// does not manage is in the way, or a connected replica would be refused.
    pub(crate) fn plan(
        wish: InstallRequest,
        mut link: AdminConnection,
        say: &'a (dyn Fn(&str) + Sync),
    ) -> Result<Self> {
        let facts = facts(wish.engine)?;
        let way = adapter_for(facts.method);
        let seen = way.query_server(&mut link.session, wish.engine, facts)?;
        let mut running = ServerState {
            engine: wish.engine,
            mode: ServerPolicy::default().mode,
            facts,
            seen,
            settings: Vec::new(),
            values: BTreeMap::new(),
        };
        // Which files there are does not depend on the mode and profile that they have.
        let present = wish.changes(way, &running, ServerPolicy::default())?;
        let (policy, mut warnings) = policy::resolve(wish.policy, &present)?;
        running.mode = policy.mode;
        running.settings = wish.with_settings(&running.seen, policy, server::settings)?;
        running.values = way.values(&mut link.session, &running.settings)?;
        let changes = wish.changes(way, &running, policy)?;
        let port = wish.tls_port_at(&running.seen).unwrap_or(running.seen.port);
        let target = match &wish.prove_at {
            Some((host, None)) => DatabaseTarget::new(wish.engine, host, Some(port)),
            Some((host, Some(port))) => DatabaseTarget::new(wish.engine, host, Some(*port)),
            None => DatabaseTarget::new(wish.engine, "localhost", Some(port)),
        };
        let proof = HandshakeProof::before(target, link.limit);
        let done = AppliedSteps::default();
        warnings.extend(way.warnings(&mut link.session)?);
        if !wish.ignore_replicas {
            let replicas = way.replicas(&mut link.session, &running)?;
            warnings.extend(replicas::check(&facts.replicas, policy.mode, &replicas)?);
        }
        let planned =
            Installation { wish, policy, link, way, running, changes, say, proof, warnings, done };
        planned.check_restart()?;
        Ok(planned)
    }

    /// Refuses an installation that needs a restart if no restart command was given.
    fn check_restart(&self) -> Result<()> {
        let reasons = self.running.restart_for();
        if reasons.is_empty() || self.wish.restart.is_some() {
            return Ok(());
        }
        let (engine, version) = (self.wish.engine, self.running.seen.version);
        let message = format!(
            "{engine} {version} has to be restarted once: it takes {} at its start alone",
            reasons.join(", ")
        );
        Err(Error::failed(Code::RestartNeeded, message)
            .hint("nothing was changed; give the command: --restart-command 'systemctl restart …'")
            .hint("after that, new certificates in the same directory are taken without a restart"))
    }

    /// The mode and profile of the new settings.
    #[must_use]
    pub(crate) fn policy(&self) -> ServerPolicy {
        self.policy
    }

    /// The engine of the server.
    #[must_use]
    pub(crate) fn engine(&self) -> Engine {
        self.wish.engine
    }

    /// The version of the server.
    #[must_use]
    pub(crate) fn version(&self) -> String {
        self.running.seen.version.to_string()
    }

    /// The owner of the server's files.
    ///
    /// # Errors
    /// Exit 3 when the owner of its data directory cannot be read.
    pub(crate) fn owner(&self) -> Result<Option<Owner>> {
        files::owner_of(&self.running.seen.data)
    }

    /// The configuration files.
    #[must_use]
    pub(crate) fn changes(&self) -> &[FileChange] {
        &self.changes
    }

    /// The results of the handshakes before and after the installation.
    #[must_use]
    pub(crate) fn proof(&self) -> &HandshakeProof {
        &self.proof
    }

    /// The warnings: checks that could not be made, and replicas that may be refused.
    #[must_use]
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether the server has to be restarted.
    #[must_use]
    pub(crate) fn restarts(&self) -> bool {
        !self.running.restart_for().is_empty()
    }

    /// Whether [`Installation::apply`] has begun, successfully or not.
    #[must_use]
    pub(crate) fn is_tried(&self) -> bool {
        self.done.tried
    }

    /// Whether the installation is in force and proved.
    #[must_use]
    pub(crate) fn is_complete(&self) -> bool {
        self.done.complete
    }

    /// The steps that follow once the files are in place.
    #[must_use]
    pub(crate) fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        let writes = |phase: Phase| {
            let changes = self.changes.iter().filter(move |change| change.phase == phase);
            changes
                .filter(|change| change.is_change())
                .map(|change| format!("write {}", change.name()))
        };
        steps.extend(writes(Phase::Settings));
        match &self.wish.restart {
            Some(command) if self.restarts() => steps.push(format!("restart: {command}")),
            _ => steps.extend(self.way.statements(&self.running)),
        }
        steps.push(format!(
            "handshake with {}: it has to show the new certificate",
            self.proof.target
        ));
        steps.extend(writes(Phase::Demand));
        steps.extend(self.way.demands(&self.running, &self.changes));
        steps
    }
}

/// The adapter for servers that take settings by `method`.
fn adapter_for(method: ReloadMethod) -> &'static dyn EngineAdapter {
    match method {
        ReloadMethod::Variables => &mysql::MysqlAdapter,
        ReloadMethod::Files => &postgresql::PostgresqlAdapter,
        ReloadMethod::Commands => &redis::RedisAdapter,
    }
}

/// Returns the facts about loading settings into a running server of this engine.
///
/// # Errors
/// Exit 2 for an engine that `cert install` does not support.
pub(crate) fn facts(engine: Engine) -> Result<&'static ReloadFacts> {
    engine.facts().install.as_ref().ok_or_else(|| {
        Error::usage(Code::EngineUnsupported, format!("ccx-sec cannot install on {engine}")).hint((
            "by hand: issue a certificate, then see what to set",
            CommandLine::ccx_sec("snippet server")
                .option("--engine", engine.to_string())
                .option("--engine-version", Placeholder("VERSION"))
                .option("--dir", Placeholder("DIR")),
        ))
    })
}

/// Returns the absolute path of the directory as text, as a server's setting needs it.
///
/// # Errors
/// Exit 2 when it is not UTF-8; exit 3 when this process has no current directory.
pub(crate) fn directory(path: &Path) -> Result<String> {
    let full = std::path::absolute(path).map_err(|error| {
        Error::failed(Code::Dir, format!("{} has no full path", path.display()))
            .because(error)
            .hint("give it from the root")
    })?;
    full.to_str().map(str::to_owned).ok_or_else(|| {
        Error::usage(Code::DirText, format!("{} is not UTF-8", path.display()))
            .hint("use a directory whose name is text")
    })
}
