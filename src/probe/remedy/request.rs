//! A verdict that asks for a remedy.

use crate::connection::target::DatabaseTarget;
use crate::error::Reason;
use crate::hint::{Hint, Verbatim};
use crate::probe::loaded::StoredIn;
use crate::probe::mode::TlsMode;

/// A verdict that is no pass.
pub(crate) struct Remedy<'a> {
    pub(crate) reason: Reason,
    pub(crate) target: &'a DatabaseTarget,
    pub(crate) mode: TlsMode,
    /// All modes of the run.
    pub(crate) modes: &'a [TlsMode],
    pub(crate) message: &'a str,
    /// Where the certificate of the server is stored, where that was named.
    pub(crate) stored: Option<&'a StoredIn>,
}

/// The same run with more options.
pub(super) fn again(prose: &str, options: &str) -> Hint {
    Hint::from((prose, Verbatim(options)))
}
