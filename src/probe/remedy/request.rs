//! The request for a remedy: a verdict other than pass, and its context.

use crate::connection::target::DatabaseTarget;
use crate::error::Reason;
use crate::hint::{Hint, Verbatim};
use crate::probe::loaded::StoredIn;
use crate::probe::mode::TlsMode;

/// A verdict other than pass, for which to find a remedy.
pub(crate) struct Remedy<'a> {
    pub(crate) reason: Reason,
    pub(crate) target: &'a DatabaseTarget,
    pub(crate) mode: TlsMode,
    /// All modes of the run.
    pub(crate) modes: &'a [TlsMode],
    pub(crate) message: &'a str,
    /// The place of the server's stored certificate, if the user named it.
    pub(crate) stored: Option<&'a StoredIn>,
}

/// The step that runs the same command again with more options.
pub(super) fn again(prose: &str, options: &str) -> Hint {
    Hint::from((prose, Verbatim(options)))
}
