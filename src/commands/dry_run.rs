//! `--dry-run`, with one grammar in all commands.

/// The place of a dry run's checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Place {
    /// No dry run
    None,
    /// Check here; read the store only if the command needs it
    Client,
    /// Check here, and let the store check the changes
    Server,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DryRun {
    /// Print the changes and make none; with client, make fewer checks in the store
    ///
    /// Without a value: server. The values are those of kubectl.
    ///
    /// client reads the store only if the command needs it; server also lets the store check the
    /// changes. Commands that must read the store, or change only this machine, do the same in
    /// both.
    #[arg(long, value_name = "WHERE", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "server")]
    dry_run: Option<Place>,
}

impl DryRun {
    /// Whether the run changes nothing (`--dry-run`).
    pub(crate) fn is_on(&self) -> bool {
        matches!(self.dry_run, Some(Place::Client | Place::Server))
    }

    /// Whether the store should not be asked if possible.
    pub(crate) fn is_without_store(&self) -> bool {
        self.dry_run == Some(Place::Client)
    }
}
