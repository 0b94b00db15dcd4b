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

/// The default number of plaintext clients of each kind: behind a load balancer with two servers,
/// the second client meets the other server.
const ATTEMPTS: usize = 2;

/// The options of a probe.
#[derive(Debug, Clone)]
pub struct ProbeOptions {
    /// The user name of the probe's login attempt, which no account should have. It appears in
    /// audit logs.
    pub user: String,
    /// The time limit of each step.
    pub timeout: Duration,
    /// TLS from the first byte, for engines that support it: PostgreSQL 17, TDS 8.0.
    pub direct: bool,
    /// Whether to probe the server with plaintext clients.
    pub plain: bool,
    /// The number of plaintext clients of each kind before plaintext counts as refused; at least
    /// two.
    pub attempts: usize,
    /// The client certificate to present.
    pub identity: Option<ClientIdentity>,
    /// A client certificate of a CA that no server trusts. The attempt with it shows whether the
    /// server verifies client certificates.
    pub stranger: Option<ClientIdentity>,
    /// Whether to list the TLS versions, cipher suites and groups that the server accepts.
    pub enumerate: bool,
    /// The oldest TLS that the server may accept.
    pub floor: Option<Floor>,
    /// The accounts that log in after the probe's own clients.
    pub accounts: Option<Arc<Accounts>>,
}

impl ProbeOptions {
    /// Creates the options of a probe over TLS only, as a user that does not exist; each step may
    /// take `timeout`.
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
    /// Whether the client sends nothing after the handshake, and only waits for the server.
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
    /// The server and options for the logins of accounts.
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

    /// Sends a ClientHello and returns the server's choice; `None` if it refuses by an alert.
    pub(in crate::probe) async fn say(
        &self,
        stream: &mut impl Stream,
        hello: &ClientHello<'_>,
    ) -> Result<Option<ServerHello>, Failure> {
        self.step("a ClientHello", hello::ask(stream, hello, &self.name)).await
    }

    /// Waits for a first byte, an alert or the end of the connection after the handshake, and sends
    /// nothing.
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
