//! One server, looked at: over TLS, without, as often as needed, and not judged yet.

mod client_certificate;
mod observation;
mod plaintext;
mod several;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio_rustls::client::TlsStream;

use crate::connection::dial::{self, PlainConnection, within};
use crate::connection::failure::{Failure, FailureKind};
pub use crate::connection::hello::Acceptance;
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, ClientIdentity, HandshakeOptions, TlsObservation, TlsOffer};
use crate::connection::wire::alpn::protocol_name;
use crate::connection::wire::postgresql::{Start, StartupPurpose};
use crate::connection::wire::{
    DEFAULT_PROBE_USER, Reception, Stream, TlsOnly, mssql, mysql, postgresql, redis,
};
use crate::engine::Engine;
use crate::probe::account_logins::{Accounts, LoginTarget};
use crate::probe::floor::{self, Floor};
use crate::probe::mysql_ports;
use crate::probe::offers::{self, NoCommonGround};
use crate::probe::other_ports;

pub use observation::{
    ControlAttempts, Mark, MutualTlsAttempts, Observation, PlaintextAttempt, TlsAttempt,
};

/// How many clients come without TLS, each way, unless told otherwise: the second meets the other
/// one of two servers behind a load balancer.
pub const ATTEMPTS: usize = 2;

/// How to look.
#[derive(Debug, Clone)]
pub struct ProbeOptions {
    /// Whom to try to log in as: nobody who exists. It shows in audit logs.
    pub user: String,
    /// How long each step may take.
    pub timeout: Duration,
    /// TLS from the first byte, where the engine can: PostgreSQL 17, TDS 8.0.
    pub direct: bool,
    /// Whether to look what the server does with a client that comes without TLS.
    pub plain: bool,
    /// How many of those come, each way, before it counts as refused: two at least.
    pub attempts: usize,
    /// The client certificate to show.
    pub identity: Option<ClientIdentity>,
    /// One of a CA that nobody trusts: whether the server wants one, and looks at it.
    pub stranger: Option<ClientIdentity>,
    /// Whether to list the versions of TLS, cipher suites and groups that the server takes.
    pub enumerate: bool,
    /// The least that the server may take.
    pub floor: Option<Floor>,
    /// Who shall log in, too.
    pub accounts: Option<Arc<Accounts>>,
}

impl ProbeOptions {
    /// To look as nobody does who exists, over TLS alone; each step within `timeout`.
    #[must_use]
    pub fn nobody(timeout: Duration) -> Self {
        ProbeOptions {
            user: DEFAULT_PROBE_USER.to_owned(),
            timeout,
            direct: false,
            plain: false,
            attempts: ATTEMPTS,
            identity: None,
            stranger: None,
            enumerate: false,
            floor: None,
            accounts: None,
        }
    }
}

/// Looks at the server at the first of its addresses that takes a connection.
pub async fn look_once(target: &DatabaseTarget, options: &ProbeOptions) -> Observation {
    let (name, addresses) = match resolve(target, options).await {
        Ok(found) => found,
        Err(failure) => return Observation::failed(None, failure),
    };
    match dial::connect_any(&addresses, options.timeout).await {
        Ok((address, stream)) => {
            let client = ProbeClient { target, address, name, options, is_silent: false };
            let seen = client.observe_connection(stream).await;
            let other_addresses = addresses.into_iter().filter(|other| *other != address).collect();
            Observation { other_addresses, ..seen }
        }
        Err(failure) => Observation::failed(addresses.first().copied(), failure),
    }
}

/// Looks at the server at every address that its name has.
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
        let client = ProbeClient { target, address, name: name.clone(), options, is_silent: false };
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

/// A client of one server at one address.
pub(super) struct ProbeClient<'a> {
    pub(super) target: &'a DatabaseTarget,
    pub(super) address: SocketAddr,
    pub(super) name: ServerName<'static>,
    pub(super) options: &'a ProbeOptions,
    /// Whether it says nothing after the handshake.
    is_silent: bool,
}

impl ProbeClient<'_> {
    async fn observe_connection(&self, stream: PlainConnection) -> Observation {
        let client = stream.local_addr().ok().map(|local| local.ip());
        Observation { client, ..self.observe_from(stream).await }
    }

    async fn observe_from(&self, stream: PlainConnection) -> Observation {
        let (mut plain, mut early) = (None, Vec::new());
        // A plain port of Redis waits for the end of a line that a TLS client never sends:
        // there the client without TLS goes first, and spares the wait.
        let mut stream = Some(stream);
        if self.options.plain && self.target.engine.has_tls_port() {
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
        if self.target.engine.has_tls_port() && plain.as_ref().is_some_and(taken) {
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
        // What takes neither TLS 1.2 nor 1.3, or no suite of them, takes something else.
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
            seen.other_ports = other_ports::probe_other_ports(self, &self.place(), accounts).await;
            seen.mysql_ports = mysql_ports::look(&self.place(), accounts).await;
        }
        seen
    }

    /// A server that agrees on no cipher suite may have others, or a certificate with another kind
    /// of key, with which other clients come.
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

    /// Where accounts log in.
    fn place(&self) -> LoginTarget<'_> {
        LoginTarget {
            target: self.target,
            address: self.address,
            name: &self.name,
            direct: self.options.direct,
            limit: self.options.timeout,
            identity: self.options.identity.as_ref(),
            plain: self.options.plain,
            attempts: self.options.attempts,
        }
    }

    /// Whether it is worth another connection to come without TLS: where that is asked for,
    /// and where it tells why a client with TLS was not taken.
    fn plain_says_more(&self, secured: &TlsAttempt) -> bool {
        match &secured.outcome {
            Ok(Reception::Refused(_)) => true,
            Ok(_) => self.options.plain,
            Err(_) if self.target.engine.has_tls_port() => secured.seen.chain.is_empty(),
            Err(failure) => self.options.plain && !is_away(failure.kind),
        }
    }

    /// Comes over TLS; where the server hangs up after it asked for a client certificate, again
    /// until its reason is known.
    pub(super) async fn secured(
        &self,
        stream: Option<PlainConnection>,
        identity: Option<ClientIdentity>,
        offered: TlsOffer,
        plain: &mut Option<PlaintextAttempt>,
    ) -> TlsAttempt {
        let mut secured = self.secured_once(stream, identity.clone(), offered.clone(), plain).await;
        if secured.seen.asks_for_certificate
            && is_hang_up(&secured.outcome)
            && let Some(refusal) = self.refusal_of_certificate(identity.as_ref(), offered).await
        {
            secured.outcome = Err(refusal);
        }
        secured
    }

    /// Comes over TLS. Where there is none, the conversation goes on without: that saves a
    /// connection, and with MySQL a connect error. `plain` is what came of it.
    async fn secured_once(
        &self,
        stream: Option<PlainConnection>,
        identity: Option<ClientIdentity>,
        offered: TlsOffer,
        plain: &mut Option<PlaintextAttempt>,
    ) -> TlsAttempt {
        let (mut server, mut mark) = (None, Mark::default());
        let mut seen = TlsObservation::default();
        let alpn = protocol_name(self.target.engine, self.options.direct);
        let wish = HandshakeOptions { name: self.name.clone(), alpn, offered, identity };
        let outcome = async {
            let stream = self.stream(stream).await?;
            match self.target.engine {
                Engine::Mysql | Engine::Mariadb => {
                    self.mysql(stream, &wish, &mut server, &mut mark, &mut seen, plain).await
                }
                Engine::Postgresql => {
                    self.postgresql(stream, &wish, &mut mark, &mut seen, plain).await
                }
                Engine::Redis | Engine::Valkey => {
                    let mut tls = self.handshake(stream, &wish, &mut seen).await?;
                    if self.is_silent {
                        return self.listen(tls).await;
                    }
                    let answer = self.step("a PING", redis::ping(&mut tls)).await;
                    dial::close(tls, self.options.timeout).await;
                    answer
                }
                Engine::Mssql => self.mssql(stream, &wish, &mut server, &mut seen).await,
            }
        };
        let outcome = outcome.await;
        TlsAttempt { server, mark, seen, outcome }
    }

    async fn mysql(
        &self,
        mut stream: PlainConnection,
        wish: &HandshakeOptions,
        server: &mut Option<String>,
        mark: &mut Mark,
        seen: &mut TlsObservation,
        plain: &mut Option<PlaintextAttempt>,
    ) -> Result<Reception, Failure> {
        let user = &self.options.user;
        let greeting = self.step("the MySQL greeting", mysql::greeting(&mut stream)).await?;
        *server = Some(greeting.version.clone());
        mark.connection = Some(greeting.connection);
        let asked = self.step("the SSL request", mysql::request_tls(&mut stream, &greeting));
        if let Err(failure) = asked.await {
            if failure.kind == FailureKind::NoTls {
                let login = mysql::log_in(&mut stream, &greeting, user, false);
                let outcome = self.step("the login", login).await;
                *plain = Some(PlaintextAttempt {
                    server: Some(greeting.version),
                    ..PlaintextAttempt::new(outcome)
                });
            }
            return Err(failure);
        }
        let mut tls = self.handshake(stream, wish, seen).await?;
        if self.is_silent {
            return self.listen(tls).await;
        }
        let login = mysql::log_in(&mut tls, &greeting, user, true);
        let answer = self.step("the login", login).await;
        dial::close(tls, self.options.timeout).await;
        answer
    }

    async fn postgresql(
        &self,
        mut stream: PlainConnection,
        wish: &HandshakeOptions,
        mark: &mut Mark,
        seen: &mut TlsObservation,
        plain: &mut Option<PlaintextAttempt>,
    ) -> Result<Reception, Failure> {
        if !self.options.direct {
            let asked = self.step("the SSLRequest", postgresql::request_tls(&mut stream)).await;
            if let Err(failure) = asked {
                if failure.kind == FailureKind::NoTls {
                    let outcome = self.start_up(&mut stream, false).await;
                    *plain = Some(PlaintextAttempt::new(outcome.map(|start| start.reception)));
                }
                return Err(failure);
            }
        }
        let stream = match self.options.direct {
            true => TlsOnly::unchecked(stream),
            false => TlsOnly::new(stream),
        };
        let mut tls = self.handshake(stream, wish, seen).await?;
        if self.is_silent {
            return self.listen(tls).await;
        }
        let answer = self.start_up(&mut tls, true).await;
        if let Ok(start) = &answer {
            let mut manner = start.manner.clone();
            // Only where it is to be compared with that of others.
            if self.options.plain && start.wants_scram() {
                let salt = self.step("SCRAM", postgresql::salt(&mut tls)).await;
                manner.push_str(&salt.unwrap_or_default());
            }
            mark.manner = Some(manner);
        }
        dial::close(tls, self.options.timeout).await;
        answer.map(|start| start.reception)
    }

    async fn start_up(&self, stream: &mut impl Stream, tls: bool) -> Result<Start, Failure> {
        let database = StartupPurpose::Database(self.target.database());
        let start = postgresql::start_up(stream, &self.options.user, database, tls);
        self.step("the startup packet", start).await
    }

    async fn mssql(
        &self,
        mut stream: PlainConnection,
        wish: &HandshakeOptions,
        server: &mut Option<String>,
        seen: &mut TlsObservation,
    ) -> Result<Reception, Failure> {
        const STEP: &str = "the PRELOGIN";
        if self.options.direct {
            let mut tls = self.handshake(stream, wish, seen).await?;
            let told = self.step(STEP, mssql::prelogin(&mut tls, true)).await?;
            *server = Some(told.version);
            dial::close(tls, self.options.timeout).await;
            return Ok(Reception::Taken);
        }
        let told = self.step(STEP, mssql::prelogin(&mut stream, true)).await?;
        told.offers_tls()?;
        *server = Some(told.version);
        // Inside PRELOGIN packets there is no TLS 1.3: its tickets would have no place.
        let wish = HandshakeOptions { offered: wish.offered.without_tls13(), ..wish.clone() };
        let stream = mssql::PreloginStream::new(stream);
        let mut tls = self.handshake(stream, &wish, seen).await?;
        tls.get_mut().0.unwrap_from_now_on();
        dial::close(tls, self.options.timeout).await;
        Ok(Reception::Taken)
    }

    async fn stream(&self, given: Option<PlainConnection>) -> Result<PlainConnection, Failure> {
        match given {
            Some(stream) => Ok(stream),
            None => dial::connect(self.address, self.options.timeout).await,
        }
    }

    async fn handshake<S: Stream>(
        &self,
        stream: S,
        wish: &HandshakeOptions,
        seen: &mut TlsObservation,
    ) -> Result<TlsStream<S>, Failure> {
        let (found, outcome) = tls::connect(stream, wish, self.options.timeout).await;
        *seen = found;
        outcome
    }

    pub(super) async fn step<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        within(self.options.timeout, name, work).await
    }
}

fn is_hang_up<T>(outcome: &Result<T, Failure>) -> bool {
    outcome.as_ref().is_err_and(|failure| failure.kind.is_hang_up())
}

fn not_the_port_for_tls() -> Failure {
    Failure::new(FailureKind::NoTls, "this port takes clients without TLS")
}

/// Whether another connection would fare no better.
fn is_away(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::NameUnknown
            | FailureKind::Unreachable
            | FailureKind::Refused
            | FailureKind::Timeout
            | FailureKind::NotThisProtocol
            | FailureKind::ServerError
    )
}
