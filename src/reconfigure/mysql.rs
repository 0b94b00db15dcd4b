//! MySQL and MariaDB: sets variables, loads the files by a statement, and writes an option file for
//! the next start, which the server's own program checks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::adapter::{
    self, DesiredSetting, EngineAdapter, ServerInfo, ServerState, unexpected_answer,
};
use super::change::{Draft, FileChange, Phase};
use super::link::AdminConnection;
use super::managed::BlockPosition;
use super::program::{Opt, ServerProgram};
use super::replicas::{Replica, ReplicaTls};
use crate::db_client::session::AdminSession;
use crate::engine::Engine;
use crate::engine::quote;
use crate::engine::reload::ReloadFacts;
use crate::error::{Code, Error, Result};

/// Turns off SQL modes that change how strings are read.
const PLAIN_STRINGS: &str = "SET SESSION sql_mode = ''";

/// Installs on MySQL and MariaDB.
pub(super) struct MysqlAdapter;

impl EngineAdapter for MysqlAdapter {
    fn query_server(
        &self,
        session: &mut AdminSession,
        engine: Engine,
        facts: &ReloadFacts,
    ) -> Result<ServerInfo> {
        let rows = session.sql(
            "SELECT @@GLOBAL.version, @@GLOBAL.port, @@GLOBAL.datadir, @@GLOBAL.basedir, \
             @@GLOBAL.pid_file",
        )?;
        let row: Vec<String> = first(rows).into_iter().map(Option::unwrap_or_default).collect();
        let [version, port, data, base, pid] = row.as_slice() else {
            return Err(unexpected_answer("its paths"));
        };
        if !(facts.is_version_of)(version) {
            let message = format!("the server is not {engine}: it says {version}");
            return Err(Error::usage(Code::EngineOther, message)
                .hint("give the engine that it is: --engine mysql, or --engine mariadb"));
        }
        Ok(ServerInfo {
            version: adapter::version(version)?,
            port: adapter::port(port)?,
            tls_port: None,
            data: PathBuf::from(data),
            main: None,
            hba: None,
            program: ServerProgram::find(
                Path::new(base),
                &Path::new(data).join(pid),
                facts.program,
            ),
        })
    }

    fn values(
        &self,
        session: &mut AdminSession,
        settings: &[DesiredSetting],
    ) -> Result<BTreeMap<&'static str, String>> {
        let variables: Vec<String> =
            settings.iter().map(|(name, _)| format!("@@GLOBAL.{}", variable(name))).collect();
        let row = first(session.sql(&format!("SELECT {}", variables.join(", ")))?);
        if row.len() != settings.len() {
            return Err(unexpected_answer("its TLS variables"));
        }
        let values = settings.iter().zip(row).map(|((name, wanted), value)| {
            let value = value.unwrap_or_default();
            let is_switch = matches!(wanted.as_str(), "ON" | "OFF");
            (*name, if is_switch { switch(&value).to_owned() } else { value })
        });
        Ok(values.collect())
    }

    fn drafts(
        &self,
        on: &ServerState,
        texts: Vec<String>,
        config: Option<&Path>,
    ) -> Result<Vec<Draft>> {
        let name = on.engine.facts().server.files.first().map(|file| file.name).unwrap_or_default();
        let folder = || on.facts.folders.iter().map(Path::new).find(|folder| folder.is_dir());
        let path = config.map(Path::to_owned).or_else(|| folder().map(|found| found.join(name)));
        let path = path.ok_or_else(|| {
            let message = "it is not known where the option files of the server are";
            Error::usage(Code::ConfigMissing, message).hint(format!(
                "name a file in a folder that my.cnf includes (!includedir): --config DIR/{name}"
            ))
        })?;
        let draft = |text| Draft {
            path: path.clone(),
            spot: BlockPosition::Whole,
            text,
            phase: Phase::Settings,
        };
        Ok(texts.into_iter().take(1).map(draft).collect())
    }

    fn check(
        &self,
        session: &mut AdminSession,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<Option<String>> {
        let config = changes.first().map(FileChange::name).unwrap_or_default();
        check_kept(session, on, &config)?;
        let Some(program) = &on.seen.program else {
            return Ok(Some(format!(
                "the program of the server was not found, or others than root and its user may \
                 write it: whether it reads {config} at its next start could not be checked"
            )));
        };
        check_options(&program.options()?, on, &config)?;
        let (good, said) = program.ask(on.facts.check)?;
        if good {
            return Ok(None);
        }
        let wrong: Vec<&str> = said.lines().filter(|line| line.contains("[ERROR]")).collect();
        let message = format!("{} finds in its options: {}", program.name(), wrong.join("; "));
        Err(Error::failed(Code::ConfigInvalid, message)
            .hint("with these the server would not start again; it may be a line of another file"))
    }

    /// Reads connection types from the performance schema, the only source; MariaDB has it off by
    /// default, so that the type is unknown.
    fn replicas(&self, session: &mut AdminSession, _on: &ServerState) -> Result<Vec<Replica>> {
        let rows = session.sql(
            "SELECT p.USER, p.HOST, t.CONNECTION_TYPE FROM information_schema.PROCESSLIST p \
             LEFT JOIN performance_schema.threads t ON t.PROCESSLIST_ID = p.ID \
             WHERE p.COMMAND LIKE 'Binlog Dump%'",
        )?;
        let replica = |row: Vec<Option<String>>| {
            let [Some(user), Some(host), kind] = row.as_slice() else {
                return Err(unexpected_answer("its replicas"));
            };
            let tls = match kind.as_deref() {
                Some("SSL/TLS") => ReplicaTls::Yes,
                Some("TCP/IP") => ReplicaTls::No,
                Some("Socket") => return Ok(None),
                _ => ReplicaTls::Unknown,
            };
            let name = format!("user {user} at {host}");
            Ok(Some(Replica { name, tls, certificate: ReplicaTls::Unknown }))
        };
        rows.into_iter().filter_map(|row| replica(row).transpose()).collect()
    }

    /// Warns about TLS between the nodes of a Galera cluster, which has its own settings.
    fn warnings(&self, session: &mut AdminSession) -> Result<Vec<String>> {
        let rows = session.sql(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN \
             ('wsrep_on', 'wsrep_provider_options', 'wsrep_sst_method')",
        )?;
        let value = |name: &str| {
            let row =
                rows.iter().find(|row| matches!(row.as_slice(), [Some(one), _] if one == name));
            row.and_then(|row| row.get(1)?.as_deref()).unwrap_or_default()
        };
        let mut warnings = Vec::new();
        if value("wsrep_on") != "ON" {
            return Ok(warnings);
        }
        let option = |option: &str| option.split_whitespace().collect::<String>();
        if !value("wsrep_provider_options").split(';').any(|one| option(one) == "socket.ssl=YES") {
            warnings.push(
                "the nodes of this Galera cluster replicate without TLS (port 4567): on each \
                 node, add what ccx-sec snippet server --galera prints"
                    .to_owned(),
            );
        }
        if value("wsrep_sst_method") == "rsync" {
            warnings.push(
                "with TLS files in its options, a node that joins by rsync needs stunnel: install \
                 it on each node, or set wsrep_sst_method = mariabackup"
                    .to_owned(),
            );
        }
        Ok(warnings)
    }

    fn statements(&self, on: &ServerState) -> Vec<String> {
        let sets = on.settable_at_runtime().map(|(name, value)| set(name, value));
        sets.chain([on.facts.reload.to_owned()]).collect()
    }

    fn load(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()> {
        link.session.sql(PLAIN_STRINGS)?;
        run(&mut link.session, self.statements(on))
    }

    fn demands(&self, on: &ServerState, _changes: &[FileChange]) -> Vec<String> {
        let demand = on.changed_settings().filter(|(name, _)| *name == on.facts.demand);
        demand.map(|(name, value)| set(name, value)).collect()
    }

    fn demand(
        &self,
        link: &mut AdminConnection,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<()> {
        run(&mut link.session, self.demands(on, changes))
    }

    fn restore(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()> {
        let before = |name: &'static str| {
            let value = on.values.get(name).map(String::as_str).unwrap_or_default();
            // An empty tls_version switches TLS off; any other empty variable was never set.
            if value.is_empty() && name != "tls_version" {
                format!("SET GLOBAL {name} = DEFAULT")
            } else {
                set(name, value)
            }
        };
        let demand =
            on.changed_settings().map(|(name, _)| *name).filter(|name| *name == on.facts.demand);
        let told = on.settable_at_runtime().map(|(name, _)| *name);
        let sets = demand.chain(told).map(before);
        let had_none = on.values.get("tls_version").is_some_and(String::is_empty);
        let reload = if had_none { on.facts.off } else { on.facts.reload };
        link.session.sql(PLAIN_STRINGS)?;
        run(&mut link.session, sets.chain([reload.to_owned()]).collect())
    }
}

/// Checks the options that the server will read at its next start. If one is repeated, the last
/// value is in force.
fn check_options(options: &[Opt], on: &ServerState, config: &str) -> Result<()> {
    let certificate = on.wanted("ssl_cert");
    if !options.iter().any(|(name, value)| name == "ssl_cert" && value == certificate) {
        let message = format!("the server would not read {config} at its next start");
        return Err(Error::failed(Code::ConfigNotRead, message)
            .hint("include its folder in my.cnf, as the last line: !includedir FOLDER")
            .hint("or name a file that is read: --config FILE"));
    }
    for (name, wanted) in &on.settings {
        let last = options.iter().rev().find(|(one, _)| one == name);
        if let Some((_, value)) = last.filter(|(_, value)| !same(wanted, value)) {
            return Err(overridden(config, name, value).hint(
                "it is in a file that is read later, or on the server's command line: take it out",
            ));
        }
    }
    Ok(())
}

/// Checks the variables that the server keeps itself (SET PERSIST): at the next start they override
/// all option files.
fn check_kept(session: &mut AdminSession, on: &ServerState, config: &str) -> Result<()> {
    let kept = if on.facts.kept.is_empty() { Vec::new() } else { session.sql(on.facts.kept)? };
    for row in kept {
        let [Some(name), value] = row.as_slice() else { continue };
        let value = value.as_deref().unwrap_or_default();
        if on.settings.iter().any(|(one, wanted)| one == name && !same(wanted, value)) {
            let hint = format!("it was set by SET PERSIST: RESET PERSIST {name}");
            return Err(overridden(config, name, value).hint(hint));
        }
    }
    Ok(())
}

fn overridden(config: &str, name: &str, value: &str) -> Error {
    let message = format!("at the next start, something wins over {config}: {name} = {value}");
    Error::failed(Code::ConfigOverridden, message)
}

/// Whether `value` equals the new value `wanted`; the server has several words for ON and OFF.
fn same(wanted: &str, value: &str) -> bool {
    match wanted.to_ascii_uppercase().as_str() {
        wanted @ ("ON" | "OFF") => switch(&value.to_ascii_uppercase()) == wanted,
        _ => wanted == value,
    }
}

fn first(rows: Vec<Vec<Option<String>>>) -> Vec<Option<String>> {
    rows.into_iter().next().unwrap_or_default()
}

/// Returns the variable that has the value of a setting: for `ssl`, MariaDB has only `have_ssl`.
fn variable(name: &str) -> &str {
    if name == "ssl" { "have_ssl" } else { name }
}

fn switch(value: &str) -> &'static str {
    if matches!(value, "1" | "ON" | "YES" | "TRUE") { "ON" } else { "OFF" }
}

fn set(name: &str, value: &str) -> String {
    match value {
        "ON" | "OFF" => format!("SET GLOBAL {name} = {value}"),
        _ => format!("SET GLOBAL {name} = {}", quote::sql(value)),
    }
}

fn run(session: &mut AdminSession, statements: Vec<String>) -> Result<()> {
    statements.iter().try_for_each(|statement| session.sql(statement).map(drop))
}
