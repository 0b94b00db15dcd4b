//! The administrator's session with the server, and a new one after a restart.

use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::db_client::AccountCredentials;
use crate::db_client::session::{AdminAddress, AdminSession, ServerTrust};
use crate::error::Result;
use crate::files::Owner;
use crate::pki::certificate::Certificate;
use crate::process;

/// How long to wait between attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// A session, and everything needed to open another.
pub(crate) struct AdminConnection {
    pub(super) session: AdminSession,
    /// How long each step may take.
    pub(super) limit: Duration,
    place: AdminAddress,
    who: AccountCredentials,
    anchors: Vec<Certificate>,
    at: Timestamp,
    loopback: bool,
}

impl AdminConnection {
    /// Opens a session.
    ///
    /// # Errors
    /// See [`AdminSession::open`].
    pub(crate) fn open(
        place: AdminAddress,
        who: AccountCredentials,
        trusted: ServerTrust<'_>,
        limit: Duration,
    ) -> Result<Self> {
        let session = session(&place, &who, trusted, limit)?;
        let ServerTrust { anchors, at, loopback } = trusted;
        Ok(AdminConnection { session, limit, place, who, anchors: anchors.to_vec(), at, loopback })
    }

    /// Opens another session.
    pub(super) fn fresh(&self) -> Result<AdminSession> {
        let trusted = ServerTrust { anchors: &self.anchors, at: self.at, loopback: self.loopback };
        session(&self.place, &self.who, trusted, self.limit)
    }

    /// Replaces the session if it broke.
    pub(super) fn repair(&mut self) -> Result<()> {
        if self.session.is_broken() { self.reopen() } else { Ok(()) }
    }

    /// Replaces the session, retrying until the server accepts a login.
    pub(super) fn reopen(&mut self) -> Result<()> {
        self.session = patiently(self.limit, || self.fresh())?;
        Ok(())
    }
}

/// Opens a session. Over a Unix socket and without a password, servers admit the operating system's
/// user: root connects as the user with the account's name, such as postgres, where that exists.
///
/// # Errors
/// See [`AdminSession::open`].
pub(crate) fn session(
    place: &AdminAddress,
    who: &AccountCredentials,
    trusted: ServerTrust<'_>,
    limit: Duration,
) -> Result<AdminSession> {
    let open = || AdminSession::open(place, who, trusted, limit);
    let is_by_user = matches!(place, AdminAddress::Socket { .. }) && who.password.is_none();
    let namesake = who.user.parse::<Owner>().ok().filter(|_| is_by_user && process::is_root());
    match namesake.filter(|user| user.uid != 0) {
        Some(user) => process::as_user(user.uid, open).or_else(|_| open()),
        None => open(),
    }
}

/// Retries until success, or until `limit` has passed.
pub(super) fn patiently<T>(limit: Duration, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match attempt() {
            Err(_) if start.elapsed() < limit => thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
}
