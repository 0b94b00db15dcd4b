//! MySQL and MariaDB: variables, a statement that loads the files, and an option file for the
//! next start, which the server's own program is asked about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::change::{Change, Draft, Phase};
use super::link::Link;
use super::managed::Spot;
use super::way::{self, Running, Seen, Wanted, Way, odd};
use crate::engine::Engine;
use crate::engine::install::Install;
use crate::error::{Error, Result};
use crate::files;
use crate::probe::session::Session;
use crate::process;
use crate::snippet::quote;

/// More than a command line or the number of a process has.
const MAX_PROC: usize = 256 * 1024;
/// Where programs are, below the folder of an installation.
const PROGRAMS: [&str; 3] = ["sbin", "bin", "libexec"];
/// So that strings are read as they are written.
const PLAIN_STRINGS: &str = "SET SESSION sql_mode = ''";

/// The kind of server.
pub(super) struct Variables;

impl Way for Variables {
    fn look(&self, session: &mut Session, engine: Engine, facts: &Install) -> Result<Seen> {
        let rows = session.sql(
            "SELECT @@GLOBAL.version, @@GLOBAL.port, @@GLOBAL.datadir, @@GLOBAL.basedir, \
             @@GLOBAL.pid_file",
        )?;
        let row: Vec<String> = first(rows).into_iter().map(Option::unwrap_or_default).collect();
        let [version, port, data, base, pid] = row.as_slice() else { return Err(odd("its paths")) };
        if version.contains("MariaDB") != (engine == Engine::Mariadb) {
            let message = format!("the server is not {engine}: it says {version}");
            return Err(Error::usage("engine-other", message)
                .hint("give the engine that it is: --engine mysql, or --engine mariadb"));
        }
        Ok(Seen {
            version: way::version(version)?,
            port: way::port(port)?,
            tls_port: None,
            data: PathBuf::from(data),
            main: None,
            hba: None,
            program: program(Path::new(base), &Path::new(data).join(pid), facts.program),
        })
    }

    fn values(
        &self,
        session: &mut Session,
        settings: &[Wanted],
    ) -> Result<BTreeMap<&'static str, String>> {
        let variables: Vec<String> =
            settings.iter().map(|(name, _)| format!("@@GLOBAL.{}", variable(name))).collect();
        let row = first(session.sql(&format!("SELECT {}", variables.join(", ")))?);
        if row.len() != settings.len() {
            return Err(odd("its TLS variables"));
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
        on: &Running,
        texts: Vec<String>,
        config: Option<&Path>,
    ) -> Result<Vec<Draft>> {
        let name = on.engine.facts().server.files.first().map(|file| file.name).unwrap_or_default();
        let folder = || on.facts.folders.iter().map(Path::new).find(|folder| folder.is_dir());
        let path = config.map(Path::to_owned).or_else(|| folder().map(|found| found.join(name)));
        let path = path.ok_or_else(|| {
            let message = "it is not known where the option files of the server are";
            Error::usage("config-missing", message).hint(format!(
                "name a file in a folder that my.cnf includes (!includedir): --config …/{name}"
            ))
        })?;
        let draft =
            |text| Draft { path: path.clone(), spot: Spot::Whole, text, phase: Phase::Settings };
        Ok(texts.into_iter().take(1).map(draft).collect())
    }

    fn check(
        &self,
        session: &mut Session,
        on: &Running,
        changes: &[Change],
    ) -> Result<Option<String>> {
        let config = changes.first().map(Change::name).unwrap_or_default();
        check_kept(session, on, &config)?;
        let Some((program, defaults)) = &on.seen.program else {
            return Ok(Some(format!(
                "the program of the server was not found: whether it reads {config} at \
                 its next start could not be checked"
            )));
        };
        let with = |options: &[&str]| {
            let options = options.iter().map(|option| (*option).to_owned());
            defaults.iter().cloned().chain(options).collect::<Vec<String>>()
        };
        let (_, said) = process::ask(program, &with(&["--print-defaults"]))?;
        for (name, wanted) in &on.settings {
            match last_said(&said, name) {
                Some(value) if value == wanted => {}
                Some(value) => {
                    let message = format!("at its next start another {name} wins over {config}");
                    return Err(Error::failed("config-overridden", format!("{message}: {value}"))
                        .hint(
                            "take it out of that option file, or have ours read last: --config",
                        ));
                }
                None => {
                    let message = format!("the server would not read {config} at its next start");
                    return Err(Error::failed("config-not-read", message)
                        .hint("include its folder in my.cnf, as the last line: !includedir FOLDER")
                        .hint("or name a file that is read: --config FILE"));
                }
            }
        }
        let mut arguments = with(on.facts.check);
        // As root it would not even look.
        let owner = files::owner_of(&on.seen.data);
        arguments.extend(owner.map(|owner| format!("--user={}", owner.uid)));
        let (good, said) = process::ask(program, &arguments)?;
        if good {
            return Ok(None);
        }
        let wrong: Vec<&str> = said.lines().filter(|line| line.contains("[ERROR]")).collect();
        let message = format!("{} finds in its options: {}", program.display(), wrong.join("; "));
        Err(Error::failed("config-invalid", message)
            .hint("with these the server would not start again; it may be a line of another file"))
    }

    fn statements(&self, on: &Running) -> Vec<String> {
        let sets = on.tellable().map(|(name, value)| set(name, value));
        sets.chain([on.facts.reload.to_owned()]).collect()
    }

    fn load(&self, link: &mut Link, on: &Running) -> Result<()> {
        link.session.sql(PLAIN_STRINGS)?;
        run(&mut link.session, self.statements(on))
    }

    fn demands(&self, on: &Running, _changes: &[Change]) -> Vec<String> {
        let demand = on.differing().filter(|(name, _)| *name == on.facts.demand);
        demand.map(|(name, value)| set(name, value)).collect()
    }

    fn demand(&self, link: &mut Link, on: &Running, changes: &[Change]) -> Result<()> {
        run(&mut link.session, self.demands(on, changes))
    }

    fn restore(&self, link: &mut Link, on: &Running) -> Result<()> {
        let before = |name: &'static str| {
            let value = on.values.get(name).map(String::as_str).unwrap_or_default();
            // An empty tls_version switches TLS off; what else is empty was never set.
            if value.is_empty() && name != "tls_version" {
                format!("SET GLOBAL {name} = DEFAULT")
            } else {
                set(name, value)
            }
        };
        let demand = on.differing().map(|(name, _)| *name).filter(|name| *name == on.facts.demand);
        let told = on.tellable().map(|(name, _)| *name);
        let sets = demand.chain(told).map(before);
        let had_none = on.values.get("tls_version").is_some_and(String::is_empty);
        let reload = if had_none { on.facts.off } else { on.facts.reload };
        link.session.sql(PLAIN_STRINGS)?;
        run(&mut link.session, sets.chain([reload.to_owned()]).collect())
    }
}

fn first(rows: Vec<Vec<Option<String>>>) -> Vec<Option<String>> {
    rows.into_iter().next().unwrap_or_default()
}

/// What was set with SET PERSIST wins over every option file.
fn check_kept(session: &mut Session, on: &Running, config: &str) -> Result<()> {
    let kept = if on.facts.kept.is_empty() { Vec::new() } else { session.sql(on.facts.kept)? };
    for row in kept {
        let [Some(name), Some(value)] = row.as_slice() else { continue };
        let other = on.settings.iter().find(|(ours, wanted)| ours == name && wanted != value);
        if other.is_some() {
            let message = format!("at its next start a persisted {name} wins over {config}");
            return Err(Error::failed("config-overridden", format!("{message}: {value}"))
                .hint(format!("give it up: RESET PERSIST {name}")));
        }
    }
    Ok(())
}

/// The value of an option in what --print-defaults says: of several the last one counts. Names
/// have dashes or underscores.
fn last_said<'a>(said: &'a str, name: &str) -> Option<&'a str> {
    let arguments = said.split_once("\n--").map(|(_, arguments)| arguments.trim_end())?;
    let mut options = arguments.rsplit(" --").filter_map(|option| option.split_once('='));
    options.find(|(option, _)| option.replace('-', "_") == name).map(|(_, value)| value)
}

/// The variable that tells a setting: `ssl` of MariaDB has none of its name.
fn variable(name: &str) -> &str {
    if name == "ssl" { "have_ssl" } else { name }
}

fn switch(value: &str) -> &'static str {
    if matches!(value, "1" | "ON" | "YES") { "ON" } else { "OFF" }
}

fn set(name: &str, value: &str) -> String {
    match value {
        "ON" | "OFF" => format!("SET GLOBAL {name} = {value}"),
        _ => format!("SET GLOBAL {name} = {}", quote::sql(value)),
    }
}

fn run(session: &mut Session, statements: Vec<String>) -> Result<()> {
    statements.iter().try_for_each(|statement| session.sql(statement).map(drop))
}

/// The program of the server, and those of its arguments that say which option files it reads.
fn program(base: &Path, pid: &Path, name: &str) -> Option<(PathBuf, Vec<String>)> {
    let program =
        PROGRAMS.iter().map(|folder| base.join(folder).join(name)).find(|p| p.is_file())?;
    let pid = files::read(pid, MAX_PROC).ok()?;
    let pid: u32 = String::from_utf8_lossy(&pid).trim().parse().ok()?;
    let line = files::read(Path::new(&format!("/proc/{pid}/cmdline")), MAX_PROC).ok()?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let is_defaults = |word: &&str| word.starts_with("--defaults-") || *word == "--no-defaults";
    Some((program, line.split('\0').filter(is_defaults).map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_option_that_is_there_twice_the_last_counts() {
        let said = "mysqld would have been started with the following arguments:\n\
                    --ssl-ca=/a b/ca.pem --ssl_cert=/first --port=1 --ssl-cert=/last --x \n";
        assert_eq!(last_said(said, "ssl_cert"), Some("/last"));
        assert_eq!(last_said(said, "ssl_ca"), Some("/a b/ca.pem"));
        assert_eq!(last_said(said, "ssl_key"), None);
        assert_eq!(last_said("", "ssl_key"), None);
    }
}
