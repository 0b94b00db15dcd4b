//! Configuration files, before and after the installation.

use std::path::PathBuf;

use super::managed::{self, BlockPosition};
use crate::error::{Code, Error, Result};
use crate::files;

/// The point of an installation at which a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// With the settings.
    Settings,
    /// After TLS is proved: the file refuses clients without TLS.
    Demand,
}

/// A text to write into a file, and its position there.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) path: PathBuf,
    pub(super) spot: BlockPosition,
    pub(super) text: String,
    pub(super) phase: Phase,
}

/// A configuration file, before and after.
#[derive(Debug)]
pub(crate) struct FileChange {
    pub(super) path: PathBuf,
    pub(super) phase: Phase,
    before: Option<String>,
    after: String,
    /// The text of an earlier installation.
    managed_before: Option<String>,
}

impl FileChange {
    /// Reads the file.
    pub(super) fn from_draft(draft: Draft) -> Result<Self> {
        let before = files::read_config(&draft.path)?;
        let name = draft.path.display().to_string();
        let after = managed::replace_block(&name, before.as_deref(), &draft.text, draft.spot)?;
        let managed_before = managed::managed_text(&name, before.as_deref(), draft.spot)?;
        Ok(FileChange { path: draft.path, phase: draft.phase, before, after, managed_before })
    }

    /// The path of the file.
    #[must_use]
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The content before; empty if there was no file.
    pub(super) fn before(&self) -> &str {
        self.before.as_deref().unwrap_or_default()
    }

    /// The text that an earlier installation wrote into the file; `None` where there is none.
    pub(super) fn managed_before(&self) -> Option<&str> {
        self.managed_before.as_deref()
    }

    /// Whether the file existed before.
    pub(super) fn existed(&self) -> bool {
        self.before.is_some()
    }

    /// Whether the installation changes the file.
    #[must_use]
    pub(crate) fn is_change(&self) -> bool {
        self.before.as_deref() != Some(&self.after)
    }

    /// The difference; empty where there is none.
    #[must_use]
    pub(crate) fn diff(&self) -> String {
        managed::diff(&self.name(), self.before.as_deref(), &self.after)
    }

    pub(super) fn write(&self) -> Result<()> {
        files::write_config(&self.path, Some(&self.after))
    }

    /// Restores the earlier content and reads it back. A failed write may have changed the file:
    /// a rename takes effect before the disk confirms it.
    ///
    /// # Errors
    /// Exit 3 when it cannot be written, or holds something else afterwards.
    pub(super) fn take_back(&self) -> Result<()> {
        files::write_config(&self.path, self.before.as_deref())?;
        if files::read_config(&self.path)? == self.before {
            return Ok(());
        }
        let message = format!("{} is not as before: something else writes it", self.name());
        Err(Error::failed(Code::NotRestored, message).hint("compare it with a backup of yours"))
    }
}
