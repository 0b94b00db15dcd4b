//! A client of one server: its options, and what each conversation needs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use tokio_rustls::client::TlsStream;

use crate::connection::dial::{self, PlainConnection, within};
use crate::connection::failure::Failure;
use crate::connection::hello::{self, ClientHello, ServerHello};
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, ClientIdentity, HandshakeOptions, TlsObservation};
use crate::connection::wire::{DEFAULT_PROBE_USER, Reception, Stream, fill};
use crate::engine::protocol::ProtocolFacts;
use crate::probe::account_logins::{Accounts, LoginTarget};
use crate::probe::observation::Floor;

/// How many clients come without TLS, each way, unless told otherwise: the second meets the other
/// one of two servers behind a load balancer.
const ATTEMPTS: usize = 2;

/// How to look.
#[derive(Debug, Clone)]
pub struct ProbeOptions {
    /// The user name of the probe's login attempt, which no account should have. It appears in
    /// audit logs.
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
    /// Accounts that log in as well.
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
    pub(in crate::probe) is_silent: bool,
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

    /// How servers of this engine talk to clients.
    pub(in crate::probe) fn facts(&self) -> &'static ProtocolFacts {
        &self.target.engine.facts().protocol
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

    pub(in crate::probe) async fn handshake<S: Stream>(
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

    /// Sends a ClientHello and reads what the server chooses; `None` where it refuses.
    pub(in crate::probe) async fn say(
        &self,
        stream: &mut impl Stream,
        hello: &ClientHello<'_>,
    ) -> Result<Option<ServerHello>, Failure> {
        self.step("a ClientHello", hello::ask(stream, hello, &self.name)).await
    }

    /// Waits for what the server says unasked after the handshake.
    pub(in crate::probe) async fn listen(
        &self,
        mut tls: impl Stream,
    ) -> Result<Reception, Failure> {
        const STEP: &str = "the end of the TLS handshake";
        let said = self.step(STEP, fill(&mut tls, &mut [0], STEP)).await;
        dial::close(tls, self.options.timeout).await;
        said.map(|()| Reception::Taken)
    }
}
