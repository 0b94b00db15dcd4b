//! How to load TLS settings and files into a running server, as data.

/// The method by which a running server loads new settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReloadMethod {
    /// SQL sets variables, and a statement loads the files that they name.
    Variables,
    /// A statement makes the server reload its configuration files, and with them the TLS files.
    Files,
    /// One command sets all values, and loads the files.
    Commands,
}

/// The facts about loading settings into a running server.
#[derive(Debug)]
pub struct ReloadFacts {
    /// The method.
    pub method: ReloadMethod,
    /// Whether a version text of a server is of this engine, and not of the other engine of its
    /// family.
    pub is_version_of: fn(&str) -> bool,
    /// The statement that makes the server reload its TLS files.
    pub reload: &'static str,
    /// The statement that turns TLS off again without a restart, for a rollback to an empty
    /// `tls_version`.
    pub off: &'static str,
    /// The setting that only refuses clients without TLS; empty if there is none. It is set last,
    /// after a handshake.
    pub demand: &'static str,
    /// The TLS settings that the server reads only at its start.
    pub at_start: &'static [&'static str],
    /// Settings that may wait for the next start: they alone do not require a restart.
    pub later: &'static [&'static str],
    /// The query for names and values of the settings that the server itself stores and that
    /// override its option files; empty if it stores none.
    pub kept: &'static str,
    /// Directories of option files that servers read, in reverse order of reading.
    pub folders: &'static [&'static str],
    /// The name of the server's program, which can print and check its option files.
    pub program: &'static str,
    /// The options with which the program checks its configuration and exits; it fails on an
    /// unknown setting.
    pub check: &'static [&'static str],
    /// An example of a restart command, if the server's first certificate needs a restart.
    pub first_restart: Option<&'static str>,
    /// Advice on replicas that do not meet the new demands yet.
    pub replicas: ReplicaAdvice,
}

/// Advice on replicas that the server would refuse under its new settings.
#[derive(Debug)]
pub struct ReplicaAdvice {
    /// How to make a replica use TLS.
    pub tls: &'static str,
    /// How to make a replica present a client certificate; `None` if the new settings do not demand
    /// one of replicas.
    pub certificate: Option<&'static str>,
}
