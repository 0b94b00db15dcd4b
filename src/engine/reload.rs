//! How a server that runs is made to take TLS settings and files: as data.

/// How a server is told while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReloadMethod {
    /// Variables are set by SQL, and a statement has it load the files that they name.
    Variables,
    /// It reads its configuration again when told, and with it the files.
    Files,
    /// One command sets everything, and the files are loaded as it does.
    Commands,
}

/// How the settings of a server are put in force.
#[derive(Debug)]
pub struct ReloadFacts {
    /// How it is told.
    pub way: ReloadMethod,
    /// The statement that has it load its TLS files again.
    pub reload: &'static str,
    /// What ends TLS while it runs, where an empty `tls_version` is what it had before.
    pub off: &'static str,
    /// The setting that turns clients without TLS away, where that is one of its own: it is
    /// made last, when TLS is proved.
    pub demand: &'static str,
    /// The settings of its TLS that it reads at its start alone.
    pub at_start: &'static [&'static str],
    /// Settings that are no reason to restart it: they count from its next start on.
    pub later: &'static [&'static str],
    /// What tells the settings, by name and value, that the server keeps by itself, where it
    /// does: they win over its option files.
    pub kept: &'static str,
    /// Folders of option files that servers of the engine read, the one read last first.
    pub folders: &'static [&'static str],
    /// The name of its program, where that is asked what it makes of the option files.
    pub program: &'static str,
    /// The options with which it looks at its configuration, and does not start: it fails where
    /// it does not know something in there.
    pub check: &'static [&'static str],
}
