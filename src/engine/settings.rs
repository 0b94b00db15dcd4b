//! How the TLS settings of an engine are written down: as data, each with its reason and the
//! source of it.

use super::Version;

/// What a server demands of its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ServerMode {
    /// Clients without TLS are turned away
    #[value(name = "REQUIRED")]
    Required,
    /// Clients also need a certificate of the CA
    #[value(name = "VERIFY_CA", alias = "verify-ca")]
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

/// Which versions of TLS, and which ciphers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Profile {
    /// TLS 1.3 alone
    Modern,
    /// TLS 1.2 with forward secrecy and authenticated encryption, and TLS 1.3
    #[default]
    Intermediate,
}

impl Profile {
    /// Changes whenever a profile does, and stands in every snippet.
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

/// What of TLS 1.2 the intermediate profile takes, as OpenSSL names it.
pub(super) const INTERMEDIATE: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:\
ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
pub(super) const INTERMEDIATE_WHY: &str =
    "of TLS 1.2 only what has forward secrecy and authenticated encryption";
pub(super) const INTERMEDIATE_SOURCE: &str =
    "Mozilla, Server Side TLS, intermediate; RFC 9325, 4.2";

/// Whether the engine has the plugin mysql_native_password, whose accounts are the one
/// exception from TLS that there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NativePassword {
    /// It never had.
    Never,
    /// Up to the version before this one.
    Until(Version),
    /// It has.
    Always,
}

/// What the server looks like of which we speak.
#[derive(Debug, Clone, Copy)]
pub struct ServerContext {
    /// Its version.
    pub version: Version,
    /// What it demands.
    pub mode: ServerMode,
    /// Its profile.
    pub profile: Profile,
    /// Whether accounts with mysql_native_password may come without TLS.
    pub exception: bool,
    /// Whether it is a node of a Galera cluster.
    pub galera: bool,
}

/// In which situations a setting or a note belongs into the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Condition {
    from: Version,
    before: Version,
    mode: Option<ServerMode>,
    profile: Option<Profile>,
    exception: Option<bool>,
    galera: Option<bool>,
}

impl Condition {
    const ALWAYS: Condition = Condition {
        from: Version::new(0, 0),
        before: Version::new(u16::MAX, 0),
        mode: None,
        profile: None,
        exception: None,
        galera: None,
    };

    fn holds(&self, at: &ServerContext) -> bool {
        self.from <= at.version
            && at.version < self.before
            && self.mode.is_none_or(|mode| mode == at.mode)
            && self.profile.is_none_or(|profile| profile == at.profile)
            && self.exception.is_none_or(|exception| exception == at.exception)
            && self.galera.is_none_or(|galera| galera == at.galera)
    }
}

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// This word.
    Is(&'static str),
    /// The path of the CA certificates.
    Ca,
    /// The path of the server's certificate.
    Certificate,
    /// The path of its key.
    Key,
    /// The port on which TLS is had.
    TlsPort,
    /// The options of Galera's provider, with the paths of CA, certificate and key.
    GaleraOptions,
    /// There is none: the name is the whole line.
    Line,
}

/// A setting, or where the value is [`Value::Line`], a line as it is.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// What it is for.
    pub why: &'static str,
    /// Where that is said or was seen.
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

    /// Whether it belongs into the configuration of such a server.
    #[must_use]
    pub fn holds(&self, at: &ServerContext) -> bool {
        self.when.holds(at)
    }
}

/// How a file says what is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigSyntax {
    /// `name = "value"`, read by MySQL and MariaDB.
    MysqlOptions,
    /// `name = 'value'`, read by PostgreSQL.
    Postgresql,
    /// Lines of pg_hba.conf.
    Hba,
    /// `name "value"`, read by Redis and Valkey.
    Redis,
    /// `name = value`, which knows no quoting, read by SQL Server.
    Mssql,
}

/// A file of settings.
#[derive(Debug)]
pub struct ConfigFile {
    /// What it may be called.
    pub name: &'static str,
    /// Where it goes, and how it is put in force.
    pub place: &'static str,
    /// How it is written.
    pub notation: ConfigSyntax,
    /// The section that the settings are in; may be empty.
    pub section: &'static str,
    /// The settings.
    pub settings: &'static [Setting],
    /// What to know besides: comments at the head of the file, each a [`Value::Line`].
    pub notes: &'static [Setting],
}

/// What a server of the engine is told about TLS.
#[derive(Debug)]
pub struct ServerSettings {
    /// The oldest and the newest version of which we know it; of the newest, the major version.
    pub versions: (Version, Version),
    /// From which version on it can be told to take TLS 1.3 alone.
    pub modern_from: Version,
    /// Whether it can demand certificates of its clients.
    pub verifies_clients: bool,
    /// Whether TLS has a port of its own.
    pub has_tls_port: bool,
    /// Whether it can be a node of a Galera cluster.
    pub has_galera: bool,
    /// Whether it has mysql_native_password.
    pub native_password: NativePassword,
    /// The files.
    pub files: &'static [ConfigFile],
}

/// A note that is always true.
pub(super) const fn note(text: &'static str, source: &'static str) -> Setting {
    Setting::new(text, Value::Line, "", source)
}
