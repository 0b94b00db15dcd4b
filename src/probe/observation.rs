//! The observations of a server, before they are judged.

mod several;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crate::connection::failure::Failure;
use crate::connection::hello::{Acceptance, TlsVersion};
use crate::connection::tls::TlsObservation;
use crate::connection::wire::Reception;
use crate::error::Reason;
use crate::probe::account_logins::AccountLogins;
use crate::probe::mysql_ports::MysqlPorts;
use crate::probe::other_ports::OtherPorts;

/// The observations of a server at one address.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The address; `None` if the name has none.
    pub address: Option<SocketAddr>,
    /// The other addresses of the name, if only one was observed.
    pub other_addresses: Vec<SocketAddr>,
    /// The client's own address on this machine; servers have rules by address.
    pub client: Option<IpAddr>,
    /// The attempt over TLS.
    pub secured: TlsAttempt,
    /// The attempt without TLS; `None` if it was not made.
    pub plain: Option<PlaintextAttempt>,
    /// Further plaintext clients right after the first, for engines where plaintext clients go
    /// first.
    pub early: Vec<PlaintextAttempt>,
    /// Malformed TLS records, which only a TLS server answers with an alert. They distinguish a
    /// server that hangs up from a proxy that does; empty if no connection was closed.
    pub odd: Vec<PlaintextAttempt>,
    /// Requests to PostgreSQL for replication without TLS; empty if none were made.
    pub replication: Vec<PlaintextAttempt>,
    /// Further clients of each kind, after a plaintext client was refused.
    pub control: Option<ControlAttempts>,
    /// Attempts with no client certificate, or with one of a foreign CA.
    pub mutual: Option<MutualTlsAttempts>,
    /// The TLS versions, suites and groups that the server accepts; `None` if not enumerated.
    pub offers: Option<ServerOffers>,
    /// The server's answers to offers below the required minimum; empty if none was required.
    pub below: Vec<FloorViolation>,
    /// The plaintext ports of Redis and Valkey; `None` if not probed.
    pub other_ports: Option<OtherPorts>,
    /// The other ports of MySQL and MariaDB; `None` if not probed.
    pub mysql_ports: Option<MysqlPorts>,
    /// The logins of the given accounts.
    pub accounts: Vec<AccountLogins>,
}

/// An attempt over TLS.
#[derive(Debug, Clone)]
pub struct TlsAttempt {
    /// The version that the server reports before a login, if it does.
    pub server: Option<String>,
    /// Further data that identify the server.
    pub mark: Mark,
    /// The observation of the handshake.
    pub seen: TlsObservation,
    /// The result for the client.
    pub outcome: Result<Reception, Failure>,
}

impl TlsAttempt {
    /// Whether the server holds the key of its certificate, and either accepted the client or
    /// refused its certificate by an alert: nothing on the way ended the connection.
    #[must_use]
    pub fn proves_tls(&self) -> bool {
        let ended_by_server = match &self.outcome {
            Ok(_) => true,
            Err(failure) => failure.is_about_client_certificate(),
        };
        self.seen.holds_key && ended_by_server
    }
}

/// An attempt without TLS.
#[derive(Debug, Clone)]
pub struct PlaintextAttempt {
    /// The version that the server reports before a login, if it does.
    pub server: Option<String>,
    /// Further data that identify the server.
    pub mark: Mark,
    /// The result for the client.
    pub outcome: Result<Reception, Failure>,
}

/// Data before a login by which connections to different servers can be distinguished.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// The connection number of MySQL and MariaDB, which rises with each connection.
    pub connection: Option<u32>,
    /// The source position in PostgreSQL's message, and over TLS the salt of the probe's user.
    pub manner: Option<String>,
}

impl PlaintextAttempt {
    /// An attempt without TLS at a server that sends no identifying data.
    pub(crate) fn new(outcome: Result<Reception, Failure>) -> Self {
        PlaintextAttempt { server: None, mark: Mark::default(), outcome }
    }

    /// Whether the server refused the client in its protocol, or closed the connection.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match &self.outcome {
            Ok(reception) => matches!(reception, Reception::Refused(_)),
            Err(failure) => failure.kind.is_hang_up(),
        }
    }
}

/// Further clients of each kind. The client over TLS connects last.
#[derive(Debug, Clone)]
pub struct ControlAttempts {
    /// Attempts without TLS; empty if accounts were used instead.
    pub plain: Vec<PlaintextAttempt>,
    /// The attempt over TLS.
    pub secured: TlsAttempt,
}

/// Attempts without a valid client certificate.
#[derive(Debug, Clone)]
pub struct MutualTlsAttempts {
    /// The client without a certificate.
    pub without: TlsAttempt,
    /// The client with a certificate of another CA; `None` if the client without a certificate was
    /// accepted.
    pub stranger: Option<TlsAttempt>,
}

/// The oldest TLS that a server may accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Floor {
    /// TLS 1.2, and of its cipher suites only those with forward secrecy
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3
    #[value(name = "1.3")]
    Tls13,
}

/// An offer below the floor, and the server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloorViolation {
    /// The reason if the server accepts it: `weak_protocol_accepted`, `weak_cipher_accepted`.
    pub reason: Reason,
    /// The newest version that was offered.
    pub(crate) offered: TlsVersion,
    /// The value that was accepted, or offered.
    pub what: String,
    /// The server's answer.
    pub offer: Acceptance,
}

/// The TLS features that a server accepts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerOffers {
    /// Versions, the oldest first.
    pub versions: Vec<(&'static str, Acceptance)>,
    /// The cipher suites of each version, by their IANA names.
    pub suites: BTreeMap<&'static str, Vec<String>>,
    /// The key exchange groups of the newest version that the server accepts.
    pub groups: Vec<String>,
    /// Whether the lists are complete; `false` if the limit of connections ended them.
    pub is_complete: bool,
}

impl Observation {
    /// Creates the observation of a server that could not be observed, for this reason.
    #[must_use]
    pub fn failed(address: Option<SocketAddr>, failure: Failure) -> Self {
        let (mark, seen) = (Mark::default(), TlsObservation::default());
        let secured = TlsAttempt { server: None, mark, seen, outcome: Err(failure) };
        Observation::new(address, secured, None)
    }

    /// Creates an observation with the first clients only.
    pub(super) fn new(
        address: Option<SocketAddr>,
        secured: TlsAttempt,
        plain: Option<PlaintextAttempt>,
    ) -> Self {
        Observation {
            address,
            other_addresses: Vec::new(),
            client: None,
            secured,
            plain,
            early: Vec::new(),
            odd: Vec::new(),
            replication: Vec::new(),
            control: None,
            mutual: None,
            offers: None,
            below: Vec::new(),
            other_ports: None,
            mysql_ports: None,
            accounts: Vec::new(),
        }
    }

    /// Returns all clients over TLS, except those that offered only one version.
    pub(crate) fn over_tls(&self) -> impl Iterator<Item = &TlsAttempt> {
        let control = self.control.iter().map(|control| &control.secured);
        let mutual = self
            .mutual
            .iter()
            .flat_map(|mutual| std::iter::once(&mutual.without).chain(mutual.stranger.as_ref()));
        std::iter::once(&self.secured).chain(control).chain(mutual)
    }

    /// Returns all plaintext clients that asked for a session.
    pub(crate) fn without_tls(&self) -> impl Iterator<Item = &PlaintextAttempt> {
        let control = self.control.iter().flat_map(|control| &control.plain);
        self.plain.iter().chain(&self.early).chain(&self.odd).chain(control)
    }
}
