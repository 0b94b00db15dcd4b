//! The TLS settings of a server: as data, each with its reason and its source.

use serde::Serialize;

use super::Version;
use crate::error::Result;

/// The connections that a server accepts, which its settings express. Differs from `ClientMode`: here
/// `VERIFY_CA` means that the server verifies clients, which `verify` reports as `MUTUAL_TLS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ServerMode {
    /// Clients without TLS are turned away
    #[default]
    #[value(name = "REQUIRED")]
    Required,
    /// The server also verifies a client certificate of the CA; verify calls this MUTUAL_TLS
    #[value(name = "VERIFY_CA", aliases = ["verify-ca", "MUTUAL_TLS"])]
    VerifyCa,
}

impl ServerMode {
    /// The name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ServerMode::Required => "REQUIRED",
            ServerMode::VerifyCa => "VERIFY_CA",
        }
    }
}

/// A set of TLS versions and cipher suites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Profile {
    /// TLS 1.3 alone
    Modern,
    /// TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3
    #[default]
    Intermediate,
}

impl Profile {
    /// Changes with every change of a profile; printed in every snippet.
    pub const VERSION: u8 = 1;

    /// The name, as on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Profile::Modern => "modern",
            Profile::Intermediate => "intermediate",
        }
    }
}

/// The demands of a server on its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServerPolicy {
    /// The connections that it accepts.
    pub mode: ServerMode,
    /// The TLS versions and cipher suites.
    pub profile: Profile,
}

/// The TLS 1.2 cipher suites of the intermediate profile, by OpenSSL's names.
pub(super) const INTERMEDIATE: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:\
ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
pub(super) const INTERMEDIATE_WHY: &str =
    "TLS 1.2: only cipher suites with forward secrecy and authenticated encryption";
pub(super) const INTERMEDIATE_SOURCE: &str =
    "Mozilla, Server Side TLS, intermediate; RFC 9325, 4.2";

/// The plugin mysql_native_password. Its accounts are the only possible exception from TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NativePassword {
    /// The first version without the plugin; `None` where all versions have it.
    pub gone_since: Option<Version>,
    /// The SQL condition for rows of mysql.user that are accounts of people and programs.
    pub people: &'static str,
}

/// A claim that a snippet makes, and its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourcedClaim {
    /// The setting, or the subject of the claim.
    pub what: String,
    /// The claim.
    pub says: String,
    /// The document that says so; after `seen:`, the versions on which it was observed.
    pub source: &'static str,
}

/// The server for which to choose settings.
#[derive(Debug, Clone, Copy)]
pub struct ServerContext {
    /// Its version.
    pub version: Version,
    /// The connections that the server accepts with the settings.
    pub mode: ServerMode,
    /// The TLS versions and cipher suites.
    pub profile: Profile,
    /// Whether accounts with mysql_native_password may connect without TLS.
    pub exception: bool,
    /// Whether it is a node of a Galera cluster.
    pub galera: bool,
    /// Whether `cert install` puts the settings in place, and not the reader.
    pub installs: bool,
}

/// The condition on a server for a setting or note to apply.
#[derive(Debug, Clone, Copy)]
pub struct Condition {
    from: Version,
    before: Version,
    mode: Option<ServerMode>,
    profile: Option<Profile>,
    exception: Option<bool>,
    galera: Option<bool>,
    installs: Option<bool>,
}

impl Condition {
    const ALWAYS: Condition = Condition {
        from: Version::new(0, 0),
        before: Version::new(u16::MAX, 0),
        mode: None,
        profile: None,
        exception: None,
        galera: None,
        installs: None,
    };

    fn holds(&self, at: &ServerContext) -> bool {
        self.from <= at.version
            && at.version < self.before
            && self.mode.is_none_or(|mode| mode == at.mode)
            && self.profile.is_none_or(|profile| profile == at.profile)
            && self.exception.is_none_or(|exception| exception == at.exception)
            && self.galera.is_none_or(|galera| galera == at.galera)
            && self.installs.is_none_or(|installs| installs == at.installs)
    }
}

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// This text.
    Is(&'static str),
    /// The path of the CA certificates.
    Ca,
    /// The path of the server's certificate.
    Certificate,
    /// The path of its key.
    Key,
    /// The port for TLS.
    TlsPort,
    /// The options of Galera's provider, with the paths of CA, certificate and key.
    GaleraOptions,
    /// No value: the name is the whole line.
    Line,
}

/// A setting; with [`Value::Line`], a literal line.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// Its purpose, for a comment.
    pub why: &'static str,
    /// The source of that claim, as in [`SourcedClaim`].
    pub source: &'static str,
    when: Condition,
}

impl Setting {
    pub(super) const fn new(
        name: &'static str,
        value: Value,
        why: &'static str,
        source: &'static str,
    ) -> Self {
        Setting { name, value, why, source, when: Condition::ALWAYS }
    }

    pub(super) const fn from(mut self, major: u16, minor: u16) -> Self {
        self.when.from = Version::new(major, minor);
        self
    }

    pub(super) const fn before(mut self, major: u16, minor: u16) -> Self {
        self.when.before = Version::new(major, minor);
        self
    }

    pub(super) const fn in_mode(mut self, mode: ServerMode) -> Self {
        self.when.mode = Some(mode);
        self
    }

    pub(super) const fn in_profile(mut self, profile: Profile) -> Self {
        self.when.profile = Some(profile);
        self
    }

    pub(super) const fn with_exception(mut self, exception: bool) -> Self {
        self.when.exception = Some(exception);
        self
    }

    pub(super) const fn in_galera(mut self) -> Self {
        self.when.galera = Some(true);
        self
    }

    /// Limits a note to files that the reader puts in place.
    pub(super) const fn by_hand(mut self) -> Self {
        self.when.installs = Some(false);
        self
    }

    /// Whether the configuration of this server needs the setting.
    #[must_use]
    pub fn holds(&self, at: &ServerContext) -> bool {
        self.when.holds(at)
    }
}

/// Writes a setting as a line of a file.
///
/// # Errors
/// Exit 2 for a value that the syntax cannot hold.
pub type LineFormat = fn(name: &str, value: &str) -> Result<String>;

/// Whether a value needs no quotes in any syntax. A path needs them: its slash is not in the set.
pub(super) fn is_word(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_alphanumeric() || "-.,:".contains(c))
}

/// A file of settings.
#[derive(Debug)]
pub struct ConfigFile {
    /// The suggested file name.
    pub name: &'static str,
    /// Where to put the file, and how it takes effect.
    pub place: &'static str,
    /// Writes a setting as a line.
    pub line: LineFormat,
    /// The section header above the settings; may be empty.
    pub section: &'static str,
    /// The settings.
    pub settings: &'static [Setting],
    /// Comments at the head of the file, each a [`Value::Line`].
    pub notes: &'static [Setting],
}

/// The TLS settings of an engine's server.
#[derive(Debug)]
pub struct ServerSettings {
    /// The oldest and the newest version for which the settings are known; for the newest, only the
    /// major version counts.
    pub versions: (Version, Version),
    /// The first version that can be limited to TLS 1.3.
    pub modern_from: Version,
    /// Whether it can demand client certificates.
    pub verifies_clients: bool,
    /// Whether TLS has its own port.
    pub has_tls_port: bool,
    /// Whether it can be a node of a Galera cluster.
    pub has_galera: bool,
    /// The plugin mysql_native_password, where the engine has or had it.
    pub native_password: Option<NativePassword>,
    /// The files.
    pub files: &'static [ConfigFile],
}

/// A note that applies to every server.
pub(super) const fn note(text: &'static str, source: &'static str) -> Setting {
    Setting::new(text, Value::Line, "", source)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn the_mode_in_which_servers_verify_clients_has_the_name_of_verify_too() {
        for name in ["VERIFY_CA", "verify-ca", "MUTUAL_TLS", "mutual_tls"] {
            assert_eq!(ServerMode::from_str(name, true), Ok(ServerMode::VerifyCa), "{name}");
        }
    }
}
