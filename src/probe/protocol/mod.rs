//! The conversations of a probe: one file for each wire protocol.
//!
//! None sends a secret, and each ends so that the server does not count it as an attack.

mod mysql;
mod postgresql;
mod redis;
mod tds;

use std::pin::Pin;

use crate::connection::dial::PlainConnection;
use crate::connection::failure::Failure;
use crate::connection::hello::{ClientHello, ServerHello};
use crate::connection::tls::{HandshakeOptions, TlsObservation};
use crate::connection::wire::Reception;
use crate::engine::protocol::WireProtocol;
use crate::probe::observation::{Mark, PlaintextAttempt};
use crate::probe::observe::client::ProbeClient;

/// A running conversation, and its result.
pub(super) type Conversation<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// The observations of a conversation; filled in even if the conversation fails.
#[derive(Debug, Default)]
pub(super) struct ConversationRecord {
    /// The version that the server reports before a login.
    pub(super) server: Option<String>,
    /// Further data that identify the server.
    pub(super) mark: Mark,
    /// The TLS handshake.
    pub(super) seen: TlsObservation,
    /// The result for the client without TLS, if the server has no TLS and the conversation went on
    /// without it.
    pub(super) plain: Option<PlaintextAttempt>,
}

/// The conversations of a wire protocol.
pub(super) trait ProbeProtocol: Sync {
    /// Connects over TLS and asks whether the client is accepted. If the server has no TLS, the
    /// conversation goes on without it: that saves a connection, and on MySQL a connect error.
    fn over_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        stream: PlainConnection,
        handshake: &'a HandshakeOptions,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception>;

    /// Asks without TLS whether the client is accepted.
    fn without_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        stream: PlainConnection,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception>;

    /// Sends a ClientHello and returns the server's choice; `None` if it refuses by an alert.
    fn client_hello<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        stream: PlainConnection,
        hello: &'a ClientHello<'a>,
    ) -> Conversation<'a, Option<ServerHello>>;

    /// Sends a TLS record of a type that does not exist or, with `is_handshake`, a handshake record
    /// without a ClientHello. Returns `None` for protocols with an error message for plaintext
    /// clients: there the probe needs no such record.
    fn broken_record<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        stream: PlainConnection,
        is_handshake: bool,
    ) -> Option<Conversation<'a, Reception>>;
}

/// The conversations of this protocol.
pub(super) fn conversations(protocol: WireProtocol) -> &'static dyn ProbeProtocol {
    match protocol {
        WireProtocol::Mysql => &mysql::MysqlProbe,
        WireProtocol::Postgresql => &postgresql::PostgresqlProbe,
        WireProtocol::Redis => &redis::RedisProbe,
        WireProtocol::Tds => &tds::TdsProbe,
    }
}
