//! A client of one server: its connections over TLS, and how it begins those without.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio_rustls::client::TlsStream;

use crate::connection::dial::{self, PlainConnection, within};
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, ClientIdentity, HandshakeOptions, TlsObservation, TlsOffer};
use crate::connection::wire::alpn::protocol_name;
use crate::connection::wire::postgresql::{Start, StartupPurpose};
use crate::connection::wire::{
    DEFAULT_PROBE_USER, Reception, Stream, TlsOnly, fill, mssql, mysql, postgresql, redis,
};
use crate::engine::Engine;
use crate::probe::account_logins::{Accounts, LoginTarget};
use crate::probe::observation::{Floor, Mark, PlaintextAttempt, TlsAttempt};

/// How many clients come without TLS, each way, unless told otherwise: the second meets the other
/// one of two servers behind a load balancer.
const ATTEMPTS: usize = 2;

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

/// A client of one server at one address.
pub(in crate::probe) struct ProbeClient<'a> {
    pub(in crate::probe) target: &'a DatabaseTarget,
    pub(in crate::probe) address: SocketAddr,
    pub(in crate::probe) name: ServerName<'static>,
    pub(in crate::probe) options: &'a ProbeOptions,
    /// Whether it says nothing after the handshake.
    is_silent: bool,
}

impl<'a> ProbeClient<'a> {
    /// Creates a client of the server at `address`.
    pub(super) fn new(
        target: &'a DatabaseTarget,
        address: SocketAddr,
        name: ServerName<'static>,
        options: &'a ProbeOptions,
    ) -> Self {
        ProbeClient { target, address, name, options, is_silent: false }
    }
}

impl ProbeClient<'_> {
    /// Where accounts log in.
    pub(super) fn place(&self) -> LoginTarget<'_> {
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

    /// Comes over TLS; where the server hangs up after it asked for a client certificate, again
    /// until its reason is known.
    pub(in crate::probe) async fn secured(
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

    pub(super) async fn start_up(
        &self,
        stream: &mut impl Stream,
        tls: bool,
    ) -> Result<Start, Failure> {
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

    pub(super) async fn stream(
        &self,
        given: Option<PlainConnection>,
    ) -> Result<PlainConnection, Failure> {
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

    pub(in crate::probe) async fn step<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        within(self.options.timeout, name, work).await
    }

    /// What a server has against the client's certificate, or the want of one, that hung up
    /// after it had asked for one. Under TLS 1.3 it says so after the handshake (RFC 8446,
    /// section 4.4.2.4), and gets lost in what the client sends then: so this client sends
    /// nothing more.
    async fn refusal_of_certificate(
        &self,
        identity: Option<&ClientIdentity>,
        offered: TlsOffer,
    ) -> Option<Failure> {
        const ATTEMPTS: usize = 3;
        let silent = ProbeClient { is_silent: true, name: self.name.clone(), ..*self };
        for _ in 0..ATTEMPTS {
            let secured =
                silent.secured_once(None, identity.cloned(), offered.clone(), &mut None).await;
            match secured.outcome {
                Err(failure) if failure.is_about_client_certificate() => return Some(failure),
                Err(failure) if failure.kind.is_hang_up() => {}
                _ => return None,
            }
        }
        None
    }

    /// Waits for what the server says unasked after the handshake.
    async fn listen(&self, mut tls: impl Stream) -> Result<Reception, Failure> {
        const STEP: &str = "the end of the TLS handshake";
        let said = self.step(STEP, fill(&mut tls, &mut [0], STEP)).await;
        dial::close(tls, self.options.timeout).await;
        said.map(|()| Reception::Taken)
    }
}

/// Whether the connection ended without a word of the server.
pub(super) fn is_hang_up<T>(outcome: &Result<T, Failure>) -> bool {
    outcome.as_ref().is_err_and(|failure| failure.kind.is_hang_up())
}
