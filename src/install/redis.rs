//! Redis and Valkey: one CONFIG SET, and a file that their own includes for the next start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::change::{Change, Draft, Phase};
use super::link::Link;
use super::managed::Spot;
use super::way::{self, Running, Seen, Wanted, Way, odd};
use crate::engine::Engine;
use crate::engine::install::Install;
use crate::error::{Error, Result};
use crate::probe::login::redis::Reply;
use crate::probe::session::Session;
use crate::snippet::quote;

/// The kind of server.
pub(super) struct Commands;

impl Way for Commands {
    fn look(&self, session: &mut Session, engine: Engine, _facts: &Install) -> Result<Seen> {
        let Reply::Text(info) = session.command(&["INFO", "server"])? else {
            return Err(odd("its version"));
        };
        let field = |name: &str| {
            let lines = info.lines().filter_map(|line| line.split_once(':'));
            lines.filter(|(key, _)| *key == name).map(|(_, value)| value.trim()).next()
        };
        let valkey = field("valkey_version");
        if valkey.is_some() != (engine == Engine::Valkey) {
            return Err(Error::usage("engine-other", format!("the server is not {engine}"))
                .hint("give the engine that it is: --engine redis, or --engine valkey"));
        }
        let version = valkey.or_else(|| field("redis_version")).unwrap_or_default();
        let port = way::port(&get(session, "port")?)?;
        let tls_port = way::port(&get(session, "tls-port")?)?;
        Ok(Seen {
            version: way::version(version)?,
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
        session: &mut Session,
        settings: &[Wanted],
    ) -> Result<BTreeMap<&'static str, String>> {
        settings.iter().map(|(name, _)| Ok((*name, get(session, name)?))).collect()
    }

    fn drafts(
        &self,
        on: &Running,
        texts: Vec<String>,
        config: Option<&Path>,
    ) -> Result<Vec<Draft>> {
        let Some(main) = &on.seen.main else {
            let message = format!("this {} was started without a configuration file", on.engine);
            return Err(Error::failed("config-missing", message).hint(
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
            Draft { path, spot: Spot::Whole, text: settings, phase },
            Draft { path: main.clone(), spot: Spot::End, text: include, phase },
        ])
    }

    fn check(
        &self,
        _session: &mut Session,
        _on: &Running,
        _changes: &[Change],
    ) -> Result<Option<String>> {
        Ok(None) // it has nothing that would check a file
    }

    fn statements(&self, on: &Running) -> Vec<String> {
        let word = |(name, value): (&str, &str)| format!(" {name} {}", quote::shell(value));
        let words: String = words(on).into_iter().map(word).collect();
        vec![format!("{}{words}", on.facts.reload)]
    }

    fn load(&self, link: &mut Link, on: &Running) -> Result<()> {
        set(link, &words(on))
    }

    fn demands(&self, _on: &Running, _changes: &[Change]) -> Vec<String> {
        Vec::new()
    }

    fn demand(&self, _link: &mut Link, _on: &Running, _changes: &[Change]) -> Result<()> {
        Ok(()) // the port without TLS went as that with TLS came
    }

    fn restore(&self, link: &mut Link, on: &Running) -> Result<()> {
        let before = |(name, _): (&'static str, &str)| {
            (name, on.values.get(name).map(String::as_str).unwrap_or_default())
        };
        set(link, &words(on).into_iter().map(before).collect::<Vec<_>>())
    }
}

/// What is set: all that differs, and the files in any case, which loads them.
fn words(on: &Running) -> Vec<(&'static str, &str)> {
    let is_file = |name: &str| name.ends_with("-file");
    let differs = |one: &&Wanted| on.values.get(one.0) != Some(&one.1) || is_file(one.0);
    on.settings.iter().filter(differs).map(|(name, value)| (*name, value.as_str())).collect()
}

fn set(link: &mut Link, words: &[(&str, &str)]) -> Result<()> {
    let words = words.iter().flat_map(|(name, value)| [*name, *value]);
    let command: Vec<&str> = ["CONFIG", "SET"].into_iter().chain(words).collect();
    link.session.command(&command).map(drop)
}

/// The value of a setting.
fn get(session: &mut Session, name: &str) -> Result<String> {
    match session.command(&["CONFIG", "GET", name])? {
        Reply::List(pair) => match pair.get(1) {
            Some(Reply::Text(value)) => Ok(value.clone()),
            _ => Err(odd(&format!("its setting {name}"))),
        },
        _ => Err(odd(&format!("its setting {name}"))),
    }
}
