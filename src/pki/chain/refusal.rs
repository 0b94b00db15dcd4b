//! A refusal by one verifier, of a path that breaks no rule for all.

use super::fault::{ChainFault, ChainReason};
use super::link::{PathCertificate, Position};

/// The reason why a verifier refuses a path, and the certificate at fault.
pub(super) struct Refusal {
    position: Position,
    reason: ChainReason,
    what: &'static str,
    rule: &'static str,
}

impl Refusal {
    pub(super) fn new(
        link: &PathCertificate<'_>,
        reason: ChainReason,
        what: &'static str,
        rule: &'static str,
    ) -> Self {
        Refusal { position: link.position, reason, what, rule }
    }

    /// Turns the refusal into a fault of the certificate at its position in `path`.
    pub(super) fn fault(&self, path: &[PathCertificate<'_>]) -> Option<ChainFault> {
        let link = path.iter().find(|link| link.position == self.position)?;
        Some(ChainFault::new(self.reason, link, self.what).rule(self.rule))
    }
}
