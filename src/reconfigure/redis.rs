//! Redis and Valkey: one CONFIG SET, and a file for the next start, which the main file includes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::adapter::{
    self, DesiredSetting, EngineAdapter, ServerInfo, ServerState, unexpected_answer,
};
use super::change::{Draft, FileChange, Phase};
use super::link::AdminConnection;
use super::managed::{self, BlockPosition};
use super::replicas::Replica;
use crate::db_client::redis::RedisReply;
use crate::db_client::session::AdminSession;
use crate::engine::Engine;
use crate::engine::quote;
use crate::engine::reload::ReloadFacts;
use crate::error::{Code, Error, Result};
use crate::shell;

/// Installs on Redis and Valkey.
pub(super) struct RedisAdapter;

impl EngineAdapter for RedisAdapter {
    fn query_server(
        &self,
        session: &mut AdminSession,
        engine: Engine,
        facts: &ReloadFacts,
    ) -> Result<ServerInfo> {
        let RedisReply::Text(info) = session.command(&["INFO", "server"])? else {
            return Err(unexpected_answer("its version"));
        };
        let field = |name: &str| {
            let lines = info.lines().filter_map(|line| line.split_once(':'));
            lines.filter(|(key, _)| *key == name).map(|(_, value)| value.trim()).next()
        };
        if !(facts.is_version_of)(&info) {
            return Err(Error::usage(Code::EngineOther, format!("the server is not {engine}"))
                .hint("give the engine that it is: --engine redis, or --engine valkey"));
        }
        let version =
            field("valkey_version").or_else(|| field("redis_version")).unwrap_or_default();
        let port = adapter::port(&get(session, "port")?)?;
        let tls_port = adapter::port(&get(session, "tls-port")?)?;
        Ok(ServerInfo {
            version: adapter::version(version)?,
            port,
            tls_port: Some(if tls_port == 0 { port } else { tls_port }),
            data: PathBuf::from(get(session, "dir")?),
            main: field("config_file").filter(|path| !path.is_empty()).map(PathBuf::from),
            hba: None,
            program: None,
        })
    }

    fn values(
        &self,
        session: &mut AdminSession,
        settings: &[DesiredSetting],
    ) -> Result<BTreeMap<&'static str, String>> {
        settings.iter().map(|(name, _)| Ok((*name, get(session, name)?))).collect()
    }

    fn drafts(
        &self,
        on: &ServerState,
        texts: Vec<String>,
        config: Option<&Path>,
    ) -> Result<Vec<Draft>> {
        let Some(main) = &on.seen.main else {
            let message = format!("this {} was started without a configuration file", on.engine);
            return Err(Error::failed(Code::ConfigMissing, message).hint(
                "what is set while it runs would be gone at its next start: start it with a file",
            ));
        };
        let path = match config {
            Some(path) => PathBuf::from(super::directory(path)?),
            None => main.with_file_name("ccx-sec.conf"),
        };
        let include = format!("include {}", quote::redis_setting(&path.display().to_string()));
        let phase = Phase::Settings;
        let settings = texts.into_iter().next().unwrap_or_default();
        Ok(vec![
            Draft { path, spot: BlockPosition::Whole, text: settings, phase },
            Draft { path: main.clone(), spot: BlockPosition::End, text: include, phase },
        ])
    }

    /// The server cannot check a file, and does not report its command line.
    fn check(
        &self,
        session: &mut AdminSession,
        on: &ServerState,
        changes: &[FileChange],
    ) -> Result<Option<String>> {
        if let Some(main) = changes.iter().find(|one| Some(&one.path) == on.seen.main.as_ref()) {
            check_ports(main, on)?;
        }
        let is_first = on.values.get("tls-replication").is_some_and(|value| value == "no");
        let dials = is_first && replicates(session)?;
        Ok(dials.then(|| {
            "it replicates, from now on with TLS alone: the others of its kind need this too"
                .to_owned()
        }))
    }

    /// Replicas and nodes use the same settings for their own connections; [`EngineAdapter::check`]
    /// warns about them.
    fn replicas(&self, _session: &mut AdminSession, _on: &ServerState) -> Result<Vec<Replica>> {
        Ok(Vec::new())
    }

    fn statements(&self, on: &ServerState) -> Vec<String> {
        let word = |(name, value): (&str, &str)| format!(" {name} {}", shell::quote(value));
        let words: String = words(on).into_iter().map(word).collect();
        vec![format!("{}{words}", on.facts.reload)]
    }

    fn load(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()> {
        set(link, &words(on))
    }

    fn demands(&self, _on: &ServerState, _changes: &[FileChange]) -> Vec<String> {
        Vec::new()
    }

    fn demand(
        &self,
        _link: &mut AdminConnection,
        _on: &ServerState,
        _changes: &[FileChange],
    ) -> Result<()> {
        Ok(()) // CONFIG SET closed the plaintext port together with opening the TLS port
    }

    fn restore(&self, link: &mut AdminConnection, on: &ServerState) -> Result<()> {
        let before = |(name, _): (&'static str, &str)| {
            (name, on.values.get(name).map(String::as_str).unwrap_or_default())
        };
        set(link, &words(on).into_iter().map(before).collect::<Vec<_>>())
    }
}

/// Checks that the ports come from the file or are the defaults. Otherwise they were most likely
/// set on the command line, which overrides the file at the next start. That start then fails, with
/// TLS and plaintext on one port.
fn check_ports(main: &FileChange, on: &ServerState) -> Result<()> {
    let text = main.before();
    let lines = || text.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    let includes = lines().any(|(name, _)| name.eq_ignore_ascii_case("include"));
    if managed::has_block(text) || includes {
        return Ok(()); // other files may set the ports
    }
    for (setting, usual) in [("port", "6379"), ("tls-port", "0")] {
        let told = lines().rfind(|(name, _)| name.eq_ignore_ascii_case(setting));
        let told = told.map_or(usual, |(_, value)| value.trim().trim_matches(['"', '\'']));
        let now = on.values.get(setting).map(String::as_str).unwrap_or_default();
        if told != now {
            let message = format!("its {setting} is {now}, and that is not from {}", main.name());
            return Err(Error::failed(Code::ConfigOverridden, message).hint(
                "its command line would win at its next start: have it there no more, and CONFIG REWRITE",
            ));
        }
    }
    Ok(())
}

/// Whether the server is a replica, has replicas, or belongs to a cluster.
fn replicates(session: &mut AdminSession) -> Result<bool> {
    let mut told = String::new();
    for section in ["replication", "cluster"] {
        if let RedisReply::Text(info) = session.command(&["INFO", section])? {
            told += &info;
        }
    }
    let lone = ["role:master", "connected_slaves:0", "cluster_enabled:0"];
    Ok(!lone.iter().all(|one| told.lines().any(|line| line.trim_end() == *one)))
}

/// The words of CONFIG SET: all changed settings, and always the TLS files, since setting a file
/// makes the server load it.
fn words(on: &ServerState) -> Vec<(&'static str, &str)> {
    let is_file = |name: &str| name.ends_with("-file");
    let differs = |one: &&DesiredSetting| on.values.get(one.0) != Some(&one.1) || is_file(one.0);
    on.settings.iter().filter(differs).map(|(name, value)| (*name, value.as_str())).collect()
}

fn set(link: &mut AdminConnection, words: &[(&str, &str)]) -> Result<()> {
    let words = words.iter().flat_map(|(name, value)| [*name, *value]);
    let command: Vec<&str> = ["CONFIG", "SET"].into_iter().chain(words).collect();
    link.session.command(&command).map(drop)
}

/// Returns the value of a setting.
fn get(session: &mut AdminSession, name: &str) -> Result<String> {
    match session.command(&["CONFIG", "GET", name])? {
        RedisReply::List(pair) => match pair.get(1) {
            Some(RedisReply::Text(value)) => Ok(value.clone()),
            _ => Err(unexpected_answer(&format!("its setting {name}"))),
        },
        _ => Err(unexpected_answer(&format!("its setting {name}"))),
    }
}
