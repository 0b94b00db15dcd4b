//! How a running server takes TLS settings and files: as data.

/// How a running server takes new settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReloadMethod {
    /// SQL sets variables, and a statement loads the files that they name.
    Variables,
    /// A statement has the server read its configuration again, and with it the files.
    Files,
    /// One command sets all values, and loads the files.
    Commands,
}

/// How the settings of a running server are put in force.
#[derive(Debug)]
pub struct ReloadFacts {
    /// How the server takes settings.
    pub method: ReloadMethod,
    /// Tells from what a server says of its version whether it is of this engine, and not of the
    /// other one of its family.
    pub is_version_of: fn(&str) -> bool,
    /// The statement by which it loads its TLS files again.
    pub reload: &'static str,
    /// The statement that ends TLS while it runs, where `tls_version` was empty before.
    pub off: &'static str,
    /// The setting that refuses clients without TLS, where it is one of its own. It is set last,
    /// after a handshake.
    pub demand: &'static str,
    /// The TLS settings that it reads only at its start.
    pub at_start: &'static [&'static str],
    /// Settings that are no reason for a restart: they count from the next start on.
    pub later: &'static [&'static str],
    /// The query for the settings, by name and value, that the server itself keeps and that win
    /// over its option files; empty where it keeps none.
    pub kept: &'static str,
    /// Directories of option files that its servers read, the one that is read last first.
    pub folders: &'static [&'static str],
    /// The name of its program, which is asked how it reads the option files.
    pub program: &'static str,
    /// The options with which the program checks its configuration and exits: it fails on a
    /// setting that it does not know.
    pub check: &'static [&'static str],
    /// An example of the command that restarts the server, where its first certificate needs a
    /// restart.
    pub first_restart: Option<&'static str>,
    /// The needs of replicas before the server refuses connections without TLS.
    pub replicas: ReplicaAdvice,
}

/// How a replica that would be refused is made ready.
#[derive(Debug)]
pub struct ReplicaAdvice {
    /// How it is made to use TLS.
    pub tls: &'static str,
    /// How it is made to show a client certificate; `None` where the new settings demand none of
    /// replicas.
    pub certificate: Option<&'static str>,
}
