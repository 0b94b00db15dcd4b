//! Observes one server, over TLS and in plaintext, with as many connections as needed. The verdict
//! comes later.

pub(super) mod client;
mod plaintext;
mod secured;

use std::net::SocketAddr;

use rustls_pki_types::ServerName;

use crate::connection::dial::{self, PlainConnection};
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, ClientIdentity};
use crate::connection::wire::Reception;
use crate::probe::floor;
use crate::probe::mysql_ports;
use crate::probe::observation::{MutualTlsAttempts, Observation, PlaintextAttempt, TlsAttempt};
use crate::probe::observe::client::ProbeClient;
use crate::probe::offers::{self, NoCommonGround};
use crate::probe::other_ports;

pub use client::ProbeOptions;

/// Observes the server at the first of its addresses that accepts a connection.
pub async fn look_once(target: &DatabaseTarget, options: &ProbeOptions) -> Observation {
    let (name, addresses) = match resolve(target, options).await {
        Ok(found) => found,
        Err(failure) => return Observation::failed(None, failure),
    };
    match dial::connect_any(&addresses, options.timeout).await {
        Ok((address, stream)) => {
            let client = ProbeClient::new(target, address, name, options);
            let seen = client.observe_connection(stream).await;
            let other_addresses = addresses.into_iter().filter(|other| *other != address).collect();
            Observation { other_addresses, ..seen }
        }
        Err(failure) => Observation::failed(addresses.first().copied(), failure),
    }
}

/// Observes the server at every address of its name.
pub async fn observe_all_addresses(
    target: &DatabaseTarget,
    options: &ProbeOptions,
) -> Vec<Observation> {
    let (name, addresses) = match resolve(target, options).await {
        Ok(found) => found,
        Err(failure) => return vec![Observation::failed(None, failure)],
    };
    let mut seen = Vec::new();
    for address in addresses {
        let client = ProbeClient::new(target, address, name.clone(), options);
        seen.push(match dial::connect(address, options.timeout).await {
            Ok(stream) => client.observe_connection(stream).await,
            Err(failure) => Observation::failed(Some(address), failure),
        });
    }
    seen
}

async fn resolve(
    target: &DatabaseTarget,
    options: &ProbeOptions,
) -> Result<(ServerName<'static>, Vec<SocketAddr>), Failure> {
    let name = target.server_name();
    let name = name.map_err(|error| Failure::new(FailureKind::NameUnknown, error.to_string()))?;
    let addresses = dial::addresses(&target.host, target.port, options.timeout).await?;
    Ok((name, addresses))
}

impl ProbeClient<'_> {
    async fn observe_connection(&self, stream: PlainConnection) -> Observation {
        let client = stream.local_addr().ok().map(|local| local.ip());
        Observation { client, ..self.observe_from(stream).await }
    }

    async fn observe_from(&self, stream: PlainConnection) -> Observation {
        let (mut plain, mut early) = (None, Vec::new());
        // A plaintext port of Redis waits for the end of a line, which a TLS client never sends.
        // So the plaintext client goes first, which avoids a timeout.
        let mut stream = Some(stream);
        if self.options.plain && self.facts().plaintext_port_ignores_tls {
            plain = Some(self.plain(stream.take()).await);
            if plain
                .as_ref()
                .is_some_and(|plain: &PlaintextAttempt| plain.outcome == Ok(Reception::Taken))
            {
                let mut seen = Observation::failed(Some(self.address), not_the_port_for_tls());
                seen.plain = plain;
                return seen;
            }
            early = self.many(self.options.attempts.saturating_sub(1)).await;
        }
        let identity = self.options.identity.clone();
        let mut secured = self.secured(stream, identity, tls::SAFE_VERSIONS, &mut plain).await;
        self.name_weak_cipher(&mut secured).await;
        if plain.is_none() && self.plain_says_more(&secured) {
            plain = Some(self.plain(None).await);
        }
        let taken = |plain: &PlaintextAttempt| plain.outcome == Ok(Reception::Taken);
        if self.facts().plaintext_port_ignores_tls && plain.as_ref().is_some_and(taken) {
            secured.outcome = Err(not_the_port_for_tls());
        }
        let mut seen = Observation::new(Some(self.address), secured, plain);
        seen.early = early;
        if self.options.plain {
            self.control(&mut seen).await;
        }
        let speaks_tls = !seen.secured.seen.chain.is_empty();
        if let Some(stranger) = self.options.stranger.clone().filter(|_| speaks_tls) {
            seen.mutual = Some(self.mutual(&seen.secured, stranger).await);
        }
        // A server that refuses TLS 1.2 and 1.3, or all their cipher suites, may accept older
        // versions and weaker suites: list those too.
        let is_weak = |failure: &Failure| {
            matches!(failure.kind, FailureKind::WeakProtocol | FailureKind::WeakCipher)
        };
        if speaks_tls || seen.secured.outcome.as_ref().is_err_and(is_weak) {
            if self.options.enumerate {
                seen.offers = Some(offers::list(self).await);
            }
            if let Some(floor) = self.options.floor {
                seen.below = floor::ask(self, floor).await;
            }
        }
        if let Some(accounts) = self.options.accounts.as_deref().filter(|_| speaks_tls) {
            seen.accounts = self.place().try_all(accounts).await;
        }
        if self.options.plain && speaks_tls {
            let accounts = self.options.accounts.as_deref();
            seen.other_ports = other_ports::probe_other_ports(&self.place(), accounts).await;
            seen.mysql_ports = mysql_ports::look(&self.place(), accounts).await;
        }
        seen
    }

    /// Replaces a handshake alert by its reason, if the server accepts none of rustls's cipher
    /// suites: it has only weaker suites, or its certificate has a key of an unsupported kind.
    async fn name_weak_cipher(&self, secured: &mut TlsAttempt) {
        use rustls::AlertDescription as Alert;
        let Err(failure) = &mut secured.outcome else { return };
        let none = FailureKind::TlsAlert(Alert::HandshakeFailure);
        let few = FailureKind::TlsAlert(Alert::InsufficientSecurity);
        if !secured.seen.chain.is_empty() || (failure.kind != none && failure.kind != few) {
            return;
        }
        *failure = match offers::no_common_ground(self).await {
            Some(NoCommonGround::Suite(suite)) => {
                let what = format!(
                    "the server takes TLS 1.2 only with cipher suites that many clients refuse, \
                     such as {suite}"
                );
                Failure::new(FailureKind::WeakCipher, what)
            }
            Some(NoCommonGround::Key(kind)) => tls::unverified_key(&kind),
            None => return,
        };
    }

    /// Whether to open a plaintext connection: because the caller asked for it, or because it shows
    /// why the server refused the client with TLS.
    fn plain_says_more(&self, secured: &TlsAttempt) -> bool {
        match &secured.outcome {
            Ok(Reception::Refused(_)) => true,
            Ok(_) => self.options.plain,
            Err(_) if self.facts().plaintext_port_ignores_tls => secured.seen.chain.is_empty(),
            Err(failure) => self.options.plain && !is_away(failure.kind),
        }
    }

    /// Connects without a client certificate and, if the server refuses that client, with the
    /// certificate of a CA that no server trusts. If the server accepts the first client, there is
    /// no second: MySQL and MariaDB would count a connect error.
    async fn mutual(&self, secured: &TlsAttempt, stranger: ClientIdentity) -> MutualTlsAttempts {
        let without = match self.options.identity {
            None => secured.clone(),
            Some(_) => self.secured(None, None, tls::SAFE_VERSIONS, &mut None).await,
        };
        let stranger = match without.outcome {
            Ok(Reception::Taken | Reception::NeedsLogin) => None,
            _ => Some(self.secured(None, Some(stranger), tls::SAFE_VERSIONS, &mut None).await),
        };
        MutualTlsAttempts { without, stranger }
    }
}

fn not_the_port_for_tls() -> Failure {
    Failure::new(FailureKind::NoTls, "this port takes clients without TLS")
}

/// Whether another connection would fail in the same way.
fn is_away(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::NameUnknown
            | FailureKind::Unreachable
            | FailureKind::Refused
            | FailureKind::Timeout
            | FailureKind::NotThisProtocol
            | FailureKind::ServerError(_)
    )
}
