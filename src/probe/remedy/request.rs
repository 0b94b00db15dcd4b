//! The request for a remedy: a verdict other than pass, and its context.

use crate::connection::target::DatabaseTarget;
use crate::engine::Engine;
use crate::error::Reason;
use crate::hint::{Hint, Verbatim};
use crate::pki::certificate::Certificate;
use crate::probe::finding::FindingDetail;
use crate::probe::loaded::StoredIn;
use crate::probe::mode::TlsMode;

/// A verdict other than pass, for which to find a remedy.
pub(crate) struct Remedy<'a> {
    pub(crate) reason: Reason,
    pub(crate) target: &'a DatabaseTarget,
    pub(crate) mode: TlsMode,
    /// All modes of the run.
    pub(crate) modes: &'a [TlsMode],
    pub(crate) detail: FindingDetail,
    /// The place of the server's stored certificate, if the user named it.
    pub(crate) stored: Option<&'a StoredIn>,
    /// The version that the server reports before a login, if it does.
    pub(crate) server: Option<&'a str>,
    /// The certificate that the server presents, if it can be read.
    pub(crate) leaf: Option<&'a Certificate>,
}

impl Remedy<'_> {
    /// The engine of the server: by its own version, where that is of the other engine of the
    /// family. URLs of drivers say `mysql` for both.
    pub(super) fn engine(&self) -> Engine {
        let said = self.target.engine;
        let Some(version) = self.server else { return said };
        let wire = said.facts().protocol.wire;
        let is_of = |engine: &Engine| {
            let install = engine.facts().install.as_ref();
            install.is_some_and(|install| (install.is_version_of)(version))
        };
        let mut family = Engine::ALL.into_iter().filter(|one| one.facts().protocol.wire == wire);
        if is_of(&said) { said } else { family.find(is_of).unwrap_or(said) }
    }
}

/// The step that runs the same command again with more options.
pub(super) fn again(prose: &str, options: &str) -> Hint {
    Hint::from((prose, Verbatim(options)))
}
