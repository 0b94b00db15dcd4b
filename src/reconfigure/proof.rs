//! The proof: a handshake that shows which certificate the server serves.

use std::time::Duration;

use jiff::Timestamp;

use super::link::patiently;
use crate::connection::target::{DatabaseTarget, TlsServer};
use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::probe::mode::{Answer, TlsMode};
use crate::probe::observe::ProbeOptions;
use crate::probe::presented::{self, PresentedChain};
use crate::probe::scheduler;
use crate::probe::verdict::{self, VerdictRequest};

/// The certificates that the server served before and after.
#[derive(Debug)]
pub(crate) struct HandshakeProof {
    /// The server that the handshakes are made with.
    pub target: DatabaseTarget,
    /// The fingerprint of its certificate before; `None` where it had no TLS.
    pub before: Option<String>,
    /// The fingerprint after, once it is proved.
    pub after: Option<String>,
}

impl HandshakeProof {
    /// Records the certificate before anything is changed.
    pub(super) fn before(target: DatabaseTarget, limit: Duration) -> Self {
        let before = served(&target, limit).ok();
        HandshakeProof { target, before, after: None }
    }

    /// Checks that the server serves this certificate and has its key.
    ///
    /// # Errors
    /// Exit 3 when the server serves another certificate, or none.
    pub(super) fn made(
        &mut self,
        new: &Certificate,
        limit: Duration,
        restarted: bool,
    ) -> Result<()> {
        let shown = patiently(patience(limit, restarted), || served(&self.target, limit));
        let shown = shown.map_err(|error| error.hint("where clients come: --url"))?;
        if shown != new.sha256() {
            let message = format!("{} still shows another certificate: {shown}", self.target);
            return Err(Error::failed(Code::NotServed, message));
        }
        self.after = Some(shown);
        Ok(())
    }

    /// Checks that the server refuses clients without TLS, where it reports that before a login:
    /// MySQL, and MariaDB before 11.8, report it after one.
    ///
    /// # Errors
    /// Exit 3 when the server accepts them.
    pub(super) fn plain_refused(&self, limit: Duration) -> Result<()> {
        let options = ProbeOptions { plain: true, ..ProbeOptions::nobody(limit) };
        let modes = [TlsMode::Plaintext];
        let look = || {
            let seen = scheduler::observe(&self.target, &options)?;
            let at = Timestamp::UNIX_EPOCH; // no certificate is checked here
            let question = VerdictRequest {
                modes: &modes,
                anchors: &[],
                at,
                user: &options.user,
                shows_certificate: false,
                exception: false,
                stored: None,
            };
            match verdict::judge(&self.target, &seen, &question).pop() {
                Some(told) if told.verdict == Answer::Fail => {
                    let why = told.message.unwrap_or_default();
                    let message = format!("{} takes clients without TLS: {why}", self.target);
                    Err(Error::failed(Code::PlainAccepted, message)
                        .hint("something else than these settings lets them in: see its log"))
                }
                _ => Ok(()),
            }
        };
        patiently(patience(limit, false), look)
    }

    /// Checks that the server serves its earlier certificate or the `stored` one; returns the
    /// fingerprint.
    ///
    /// # Errors
    /// Exit 3 when the server serves neither certificate.
    pub(super) fn as_before(
        &mut self,
        stored: Option<&Certificate>,
        limit: Duration,
        restarted: bool,
    ) -> Result<Option<String>> {
        self.after = None;
        let Some(before) = &self.before else {
            return match served(&self.target, limit) {
                Ok(shown) if stored.is_none_or(|stored| shown != stored.sha256()) => {
                    let message = format!("{} had no TLS, and shows {shown}", self.target);
                    Err(Error::failed(Code::NotRestored, message).hint("look at its log"))
                }
                shown => Ok(shown.ok()),
            };
        };
        let shown = patiently(patience(limit, restarted), || served(&self.target, limit))?;
        if shown == *before || stored.is_some_and(|stored| shown == stored.sha256()) {
            return Ok(Some(shown));
        }
        Err(Error::failed(
            Code::NotRestored,
            format!("{} shows {shown}, not {before}", self.target),
        )
        .hint("look at its log, and at the paths that it has"))
    }
}

/// Returns how long to retry while no server answers: a restarted server may not listen yet. A
/// server that serves another certificate has answered, so there is no retry.
fn patience(limit: Duration, restarted: bool) -> Duration {
    if restarted { limit } else { limit.min(Duration::from_secs(1)) }
}

/// The fingerprint of the certificate that the server serves and has the key of.
fn served(target: &DatabaseTarget, limit: Duration) -> Result<String> {
    let PresentedChain { chain, holds_key } =
        presented::chain(&TlsServer::Database(target.clone()), limit)?;
    let leaf = chain.first().map(|leaf| Certificate::from_der(leaf.as_ref())).transpose()?;
    match leaf {
        Some(leaf) if holds_key => Ok(leaf.sha256()),
        _ => Err(Error::failed(
            Code::KeyNotProved,
            format!("{target} did not prove to have the key"),
        )
        .hint("whoever has a copy of a certificate can show it: who answers there?")),
    }
}
