//! Defaults of options, from variables and files, each with its origin.
//!
//! The command line itself declares the settings: every global option is a setting, and so are the
//! options in `NODE_OPTIONS`. The key in a file is the option without its dashes; the variable is
//! `CCX_SEC_` and the key in capitals. The option's own parser reads the values.

mod file;
pub(crate) mod nearest;
mod settings;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::error::{Code, Error, Result};
use crate::hint::Verbatim;

pub use settings::ConfigSetting;

/// The prefix of each variable. A Service named `ccx-sec` sets `CCX_SEC_PORT` and
/// `CCX_SEC_SERVICE_HOST` in pods, so an unknown variable is not an error.
const PREFIX: &str = "CCX_SEC_";
/// The variable that names the only file to read; `/dev/null` for none.
const FILE_VARIABLE: &str = "CCX_SEC_CONFIG";
const SYSTEM_FILE: &str = "/etc/ccx-sec/config.toml";
/// Options of single commands that are settings too, and the commands in which an option of that
/// name is a filter, which gets no default.
const NODE_OPTIONS: [(&str, &[&str]); 3] =
    [("datastore", &["list"]), ("domain", &[]), ("engine", &[])];
/// Settings, and the variables of other programs that override a file's value for them.
const FOREIGN_VARIABLES: [(&str, &str); 2] = [("kubeconfig", "KUBECONFIG"), ("color", "NO_COLOR")];
/// Two switches that contradict each other.
const EXCLUSIVE: [&str; 2] = ["quiet", "verbose"];

/// The origin of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The option's own default, or none.
    Default,
    /// A line of a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment.
    Variable(String),
    /// The option on the command line.
    CommandLine(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
            Origin::Variable(name) | Origin::CommandLine(name) => f.write_str(name),
        }
    }
}

/// The files and variables to read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The files, the first of which wins.
    pub files: Vec<PathBuf>,
    /// Whether a missing file is an error, because the user named it.
    pub must_exist: bool,
    /// The variables that are set and not empty.
    pub variables: BTreeMap<String, OsString>,
}

impl Sources {
    /// Finds files and variables. As the XDG Base Directory Specification requires, ignores a
    /// relative `XDG_CONFIG_HOME`.
    #[must_use]
    pub fn detect() -> Self {
        let concerns = |name: &str| {
            name.starts_with(PREFIX)
                || FOREIGN_VARIABLES.iter().any(|(_, foreign)| *foreign == name)
        };
        let named =
            env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let variables = named.filter(|(name, value)| concerns(name) && !value.is_empty()).collect();
        let directory = |name: &str| {
            env::var_os(name).map(PathBuf::from).filter(|directory| directory.is_absolute())
        };
        if let Some(file) = env::var_os(FILE_VARIABLE).filter(|file| !file.is_empty()) {
            let file = std::path::absolute(&file).unwrap_or_else(|_| PathBuf::from(file));
            let files = if file == Path::new("/dev/null") { Vec::new() } else { vec![file] };
            return Sources { files, must_exist: true, variables };
        }
        let home = || directory("HOME").map(|home| home.join(".config"));
        let user = directory("XDG_CONFIG_HOME").or_else(home);
        let user = user.map(|directory| directory.join("ccx-sec/config.toml"));
        let files = user.into_iter().chain([PathBuf::from(SYSTEM_FILE)]).collect();
        Sources { files, must_exist: false, variables }
    }
}

/// All settings, with their values and origins.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    settings: Vec<ConfigSetting>,
    /// The files that were looked for.
    files: Vec<(PathBuf, FileState)>,
}

/// The state of a file of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// The file was read.
    Found,
    /// There is no such file.
    Missing,
    /// Nobody named the file, and this user has no access to its directory: it is ignored.
    Inaccessible,
}

impl Configuration {
    /// Reads variables and files; `root` is the command line that declares the settings.
    ///
    /// # Errors
    /// Exit 2 for an unknown key or an invalid value, exit 3 for a file that cannot be read, exit 4
    /// for a file that other users can write.
    pub fn load(root: &Command, sources: &Sources) -> Result<Self> {
        let mut all = Configuration { settings: settings::declared(root), ..Self::default() };
        for path in &sources.files {
            let (state, entries) = file::read(path, &all.settings, sources.must_exist)?;
            all.files.push((path.clone(), state));
            for file::Entry { key, value, line } in entries {
                let origin = Origin::File { path: path.clone(), line };
                all.fill(&key, value, origin);
            }
        }
        for (key, foreign) in FOREIGN_VARIABLES {
            if let Some(value) = sources.variables.get(foreign) {
                all.replace(key, value.clone(), Origin::Variable(foreign.to_owned()));
            }
        }
        let variable = |setting: &ConfigSetting| {
            let name = setting.variable();
            let value = sources.variables.get(&name)?;
            Some((setting.key.clone(), setting.read_variable(&name, value)))
        };
        let given: Vec<_> = all.settings.iter().filter_map(variable).collect();
        for (key, value) in given {
            let name = settings::variable(&key);
            all.replace(&key, value?, Origin::Variable(name));
        }
        all.check_exclusive()?;
        Ok(all)
    }

    /// Sets a value, unless an earlier file has set it.
    fn fill(&mut self, key: &str, value: OsString, origin: Origin) {
        let is_open = self.setting(key).is_some_and(|setting| setting.origin == Origin::Default);
        if is_open {
            self.replace(key, value, origin);
        }
    }

    fn replace(&mut self, key: &str, value: OsString, origin: Origin) {
        if let Some(setting) = self.settings.iter_mut().find(|setting| setting.key == key) {
            setting.value = Some(value);
            setting.origin = origin;
        }
    }

    /// Turns off one of two switches that contradict each other: the one with the weaker origin.
    /// Fails if both have the same rank.
    fn check_exclusive(&mut self) -> Result<()> {
        let is_on = |setting: &&ConfigSetting| {
            EXCLUSIVE.contains(&setting.key.as_str())
                && setting.value.as_deref() == Some("true".as_ref())
        };
        let on: Vec<(String, Origin)> = self
            .settings
            .iter()
            .filter(is_on)
            .map(|one| (one.key.clone(), one.origin.clone()))
            .collect();
        let [(one, first), (other, second)] = on.as_slice() else { return Ok(()) };
        // A lower rank overrides a higher one.
        let rank = |origin: &Origin| match origin {
            Origin::CommandLine(_) => 0,
            Origin::Variable(_) => 1,
            Origin::File { path, .. } => {
                2 + self.files.iter().take_while(|(file, _)| file != path).count()
            }
            Origin::Default => usize::MAX,
        };
        let weaker = match rank(first).cmp(&rank(second)) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => one,
            std::cmp::Ordering::Equal => {
                let message = format!("{first} says {one}, and {second} says {other}");
                return Err(Error::usage(Code::SettingConflict, message).hint("remove one of them"));
            }
        };
        self.replace(weaker, "false".into(), Origin::Default);
        Ok(())
    }

    /// Sets the values as defaults of the options of `root` and of all commands below it.
    #[must_use]
    pub fn apply(&self, root: Command) -> Command {
        self.settings.iter().filter(|setting| setting.is_applied()).fold(root, |root, setting| {
            match NODE_OPTIONS.iter().find(|(key, _)| *key == setting.key) {
                None => root.mut_arg(&setting.id, |argument| setting.as_default_of(argument)),
                Some((_, filters)) => setting.apply_below(root, filters),
            }
        })
    }

    /// Records the values that the command line gives.
    pub fn note_given(&mut self, matches: &ArgMatches) {
        let mut leaf = matches;
        while let Some((_, below)) = leaf.subcommand() {
            leaf = below;
        }
        let is_given = |setting: &&mut ConfigSetting| {
            leaf.ids().any(|id| id.as_str() == setting.id)
                && leaf.value_source(&setting.id) == Some(ValueSource::CommandLine)
        };
        let mut given = Vec::new();
        for setting in self.settings.iter_mut().filter(is_given) {
            let raw = leaf.get_raw(&setting.id).and_then(|mut values| values.next());
            setting.value = raw.map(ToOwned::to_owned).or_else(|| Some("true".into()));
            setting.origin = Origin::CommandLine(format!("--{}", setting.key));
            given.push(setting.key.clone());
        }
        // A switch on the command line turns off the switch that contradicts it.
        if EXCLUSIVE.iter().any(|key| given.iter().any(|given| given == key)) {
            let is_other = |key: &&str| !given.iter().any(|given| given == *key);
            for key in EXCLUSIVE.into_iter().filter(is_other) {
                self.replace(key, "false".into(), Origin::Default);
            }
        }
    }

    /// The setting of this name.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&ConfigSetting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// The value of a setting as text; `None` if it has none, or one that is not UTF-8.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.setting(key)?.value.as_deref()?.to_str()
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, key: &str) -> bool {
        self.text(key) == Some("true")
    }

    /// Whether the value comes from a variable or a file, and not from the command line.
    #[must_use]
    pub fn is_configured(&self, key: &str) -> bool {
        self.setting(key).is_some_and(ConfigSetting::is_applied)
    }

    /// The origins of the values from variables and files, by setting.
    #[must_use]
    pub fn origins(&self) -> BTreeMap<String, String> {
        let applied = self.settings.iter().filter(|setting| setting.is_applied());
        applied.map(|setting| (setting.key.clone(), setting.origin.to_string())).collect()
    }

    /// All settings, in the order of the help.
    pub fn settings(&self) -> impl Iterator<Item = &ConfigSetting> {
        self.settings.iter()
    }

    /// Whether files and variables were read without an error.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        !self.settings.is_empty()
    }

    /// The files that were looked for, each with its state.
    #[must_use]
    pub fn files(&self) -> &[(PathBuf, FileState)] {
        &self.files
    }
}

/// The hint for a user who does not want the settings of a file.
fn another_file() -> (String, Verbatim<String>) {
    let text = "to read another file, or none, set one of".to_owned();
    (text, Verbatim(format!("{FILE_VARIABLE}=FILE\n{FILE_VARIABLE}=/dev/null")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Arg;

    use super::*;

    fn root() -> Command {
        let global = |name: &'static str| Arg::new(name).long(name).global(true);
        let switch = |name: &'static str| global(name).action(clap::ArgAction::SetTrue);
        Command::new("ccx-sec").args([
            global("store"),
            global("namespace"),
            switch("quiet"),
            switch("verbose"),
        ])
    }

    #[test]
    fn user_file_wins_over_the_file_of_the_system() {
        let at = tempfile::tempdir().expect("a directory");
        let (user, system) = (at.path().join("user"), at.path().join("system"));
        fs::write(&user, "namespace = \"mine\"\nverbose = true\n").expect("written");
        fs::write(&system, "namespace = \"all\"\nstore = \"k8s\"\nquiet = true\n")
            .expect("written");
        let files = vec![user.clone(), system.clone()];
        let sources = Sources { files, ..Sources::default() };
        let loaded = Configuration::load(&root(), &sources).expect("settings");
        assert_eq!((loaded.text("namespace"), loaded.text("store")), (Some("mine"), Some("k8s")));
        assert_eq!(loaded.origins()["store"], format!("{}:2", system.display()));
        assert!(loaded.is_on("verbose") && !loaded.is_on("quiet"), "the user's file is nearer");
        let variables = BTreeMap::from([("CCX_SEC_QUIET".to_owned(), "true".into())]);
        let sources = Sources { variables, files: vec![user], ..Sources::default() };
        let loaded = Configuration::load(&root(), &sources).expect("settings");
        assert!(loaded.is_on("quiet") && !loaded.is_on("verbose"), "the variable is nearer");
    }
}
