//! Enumerates the TLS versions, cipher suites and key exchange groups that a server accepts: offers
//! a list, removes the entry that the server chose, and repeats until the server refuses the rest.
//!
//! MySQL and MariaDB count an incomplete handshake as a connect error, and block a host after
//! `max_connect_errors` (100). With them, values that rustls supports are tried by a complete
//! handshake, and others by a ClientHello only (`hello`), at most `MOST_ERRORS` times.

use crate::connection::dial;
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::hello::{Acceptance, ClientHello, ServerHello, TlsVersion};
use crate::connection::suites::{self, GROUPS, NumberAndName, OLDER, TLS13};
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, TlsOffer};
use crate::pki::certificate::{Certificate, is_verified_kind, key_type};
use crate::probe::observation::ServerOffers;
use crate::probe::observe::client::ProbeClient;
use crate::probe::protocol::conversations;

/// The limit of connect errors at MySQL and MariaDB.
const MOST_ERRORS: usize = 12;
/// The limit of bare ClientHellos at other engines.
const MOST: usize = 400;

/// The enumeration of one server.
pub(super) struct Enumeration<'a> {
    client: &'a ProbeClient<'a>,
    /// The number of bare ClientHellos that may still be sent.
    left: usize,
    is_complete: bool,
}

/// Lists the TLS parameters that the server accepts.
pub(super) async fn list(client: &ProbeClient<'_>) -> ServerOffers {
    let mut look = Enumeration::new(client);
    let mut offers = ServerOffers::default();
    let mut newest = None;
    for version in TlsVersion::ALL {
        let (offer, found) = look.suites(version).await;
        offers.versions.push((version.name(), offer));
        if let Some(first) = found.first() {
            newest = Some((version, *first));
            let names = found.into_iter().map(suites::suite_name).collect();
            offers.suites.insert(version.name(), names);
        }
    }
    if let Some((version, _)) = newest {
        offers.groups = look.groups(version).await;
    }
    offers.is_complete = look.is_complete;
    offers
}

/// The reason why a server ends the handshake before it presents a certificate.
pub(super) enum NoCommonGround {
    /// The server accepts this cipher suite, and none that rustls implements.
    Suite(String),
    /// The server accepts a cipher suite of rustls, but its certificate has a key of this kind.
    Key(String),
}

/// Finds the reason of a server that refused the handshake.
pub(super) async fn no_common_ground(client: &ProbeClient<'_>) -> Option<NoCommonGround> {
    let spoken = tls::suites();
    let is_spoken = |number: u16| spoken.iter().any(|one| u16::from(one.suite()) == number);
    let (ours, others): (Vec<u16>, Vec<u16>) =
        numbers(OLDER.iter()).into_iter().partition(|number| is_spoken(*number));
    let mut look = Enumeration::new(client);
    let groups = numbers(&GROUPS);
    // A complete handshake would fail again: it offers the same signature schemes as before.
    let hello = ClientHello { version: TlsVersion::Tls12, suites: &ours, groups: &groups };
    if let Ok(Some(ServerHello { certificate: Some(der), .. })) = client.hello(&hello).await {
        let leaf = Certificate::from_der(der).ok()?;
        let kind = key_type(leaf.parsed().public_key());
        return (!is_verified_kind(&kind)).then_some(NoCommonGround::Key(kind));
    }
    let chosen = look.ask(TlsVersion::Tls12, &others, &groups).await.ok()??;
    let is_suite = chosen.version == TlsVersion::Tls12;
    is_suite.then(|| NoCommonGround::Suite(suites::suite_name(chosen.suite)))
}

pub(super) fn numbers<'a>(named: impl IntoIterator<Item = &'a NumberAndName>) -> Vec<u16> {
    named.into_iter().map(|(number, _)| *number).collect()
}

impl<'a> Enumeration<'a> {
    pub(super) fn new(client: &'a ProbeClient<'a>) -> Self {
        let left = if counts_errors(client.target) { MOST_ERRORS } else { MOST };
        Enumeration { client, left, is_complete: true }
    }

    /// Returns whether the server accepts a version, and the cipher suites that it accepts with it.
    async fn suites(&mut self, version: TlsVersion) -> (Acceptance, Vec<u16>) {
        let all: Vec<u16> = match version {
            TlsVersion::Tls13 => numbers(&TLS13),
            TlsVersion::Tls12 => numbers(OLDER.iter()),
            _ => numbers(OLDER.iter().filter(|(_, name)| suites::is_old(name))),
        };
        let spoken =
            |number: &u16| tls::suites().iter().any(|one| u16::from(one.suite()) == *number);
        let (spoken, others): (Vec<u16>, Vec<u16>) = all.into_iter().partition(spoken);
        let mut found = Vec::new();
        let mut offer = Acceptance::Refused;
        for mut left in [spoken, others] {
            while !left.is_empty() {
                match self.ask(version, &left, &numbers(&GROUPS)).await {
                    Ok(Some(chosen))
                        if chosen.version == version && left.contains(&chosen.suite) =>
                    {
                        offer = Acceptance::Taken;
                        left.retain(|suite| *suite != chosen.suite);
                        found.push(chosen.suite);
                    }
                    Ok(_) => break,
                    Err(failure) => {
                        self.is_complete = false;
                        if offer == Acceptance::Refused {
                            offer = Acceptance::Unknown(failure.message);
                        }
                        break;
                    }
                }
            }
        }
        (offer, found)
    }

    /// Returns the key exchange groups that the server accepts with a version, its first choice
    /// first.
    async fn groups(&mut self, version: TlsVersion) -> Vec<String> {
        let suites = match version {
            TlsVersion::Tls13 => numbers(&TLS13),
            _ => numbers(OLDER.iter().filter(|(_, name)| suites::has_curve(name))),
        };
        let spoken =
            |number: &u16| tls::groups().iter().any(|one| u16::from(one.name()) == *number);
        let (spoken, others): (Vec<u16>, Vec<u16>) = numbers(&GROUPS).into_iter().partition(spoken);
        let mut found = Vec::new();
        for mut left in [spoken, others] {
            while !left.is_empty() {
                match self.ask(version, &suites, &left).await {
                    Ok(Some(ServerHello { group: Some(group), .. })) if left.contains(&group) => {
                        left.retain(|one| *one != group);
                        found.push(suites::group_name(group));
                    }
                    Ok(_) => break,
                    Err(_) => {
                        self.is_complete = false;
                        break;
                    }
                }
            }
        }
        found
    }

    /// Offers these values and returns the server's choice; `None` if the server refuses.
    pub(super) async fn ask(
        &mut self,
        version: TlsVersion,
        suites: &[u16],
        groups: &[u16],
    ) -> Result<Option<ServerHello>, Failure> {
        if counts_errors(self.client.target)
            && let Some(offered) = TlsOffer::from_names(version.name(), suites, groups)
        {
            return self.handshake(version, offered).await;
        }
        let Some(left) = self.left.checked_sub(1) else {
            let what = "no more was asked: each question is a connect error there";
            return Err(Failure::server_error(what));
        };
        self.left = left;
        let hello = ClientHello { version, suites, groups };
        match self.client.hello(&hello).await {
            // A device on the way may have closed the connection: retry once.
            Err(failure) if failure.kind.is_hang_up() => self.client.hello(&hello).await,
            other => other,
        }
    }

    /// Offers these values in a complete handshake, followed by the probe's dummy login.
    async fn handshake(
        &self,
        version: TlsVersion,
        offered: TlsOffer,
    ) -> Result<Option<ServerHello>, Failure> {
        let identity = self.client.options.identity.clone();
        let secured = self.client.secured(None, identity, offered, &mut None).await;
        match (secured.seen.agreed, secured.outcome) {
            (Some((suite, group)), _) => {
                Ok(Some(ServerHello { version, suite, group, certificate: None }))
            }
            (None, Err(failure)) => match failure.kind {
                FailureKind::TlsAlert(_) | FailureKind::WeakProtocol | FailureKind::WeakCipher => {
                    Ok(None)
                }
                _ => Err(failure),
            },
            (None, Ok(_)) => Ok(None),
        }
    }
}

/// Whether the engine counts an incomplete handshake against the client's host.
fn counts_errors(target: &DatabaseTarget) -> bool {
    target.engine.facts().protocol.counts_connect_errors
}

impl ProbeClient<'_> {
    /// Connects and sends a bare ClientHello.
    async fn hello(&self, hello: &ClientHello<'_>) -> Result<Option<ServerHello>, Failure> {
        let stream = dial::connect(self.address, self.options.timeout).await?;
        conversations(self.facts().wire).client_hello(self, stream, hello).await
    }
}
