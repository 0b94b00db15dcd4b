//! What was seen of one server, and not judged yet.

use std::collections::HashSet;
use std::net::SocketAddr;

use crate::probe::failure::Failure;
use crate::probe::floor::Below;
use crate::probe::login::account::Account;
use crate::probe::offers::Offers;
use crate::probe::other_ports::OtherPorts;
use crate::probe::tls::Seen;
use crate::probe::wire::Reception;

/// What was seen of one server, at one address.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Where it was reached; nothing when its name has no address.
    pub address: Option<SocketAddr>,
    /// What happened over TLS.
    pub secured: Secured,
    /// What it does with a client that comes without TLS; nothing when nobody looked.
    pub plain: Option<Plain>,
    /// What PostgreSQL does with a client that asks for replication without TLS.
    pub replication: Option<Result<Reception, Failure>>,
    /// Both once more, where a server that hangs up is one that refuses.
    pub control: Option<Control>,
    /// What it does with clients that show no certificate, or a stranger's.
    pub mutual: Option<Mutual>,
    /// What it takes of TLS.
    pub offers: Option<Offers>,
    /// What it does with what is below the floor; nothing when nobody asked.
    pub below: Vec<Below>,
    /// Of Redis and Valkey, its ports without TLS; nothing when nobody looked.
    pub other_ports: Option<OtherPorts>,
    /// What became of the accounts that were to log in.
    pub accounts: Vec<Account>,
}

/// What happened to one client that came over TLS.
#[derive(Debug, Clone)]
pub struct Secured {
    /// The version that the server says it is, where it says one before a login.
    pub server: Option<String>,
    /// What was seen of TLS.
    pub seen: Seen,
    /// What became of the client.
    pub outcome: Result<Reception, Failure>,
}

impl Secured {
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

/// What happened to one client that came without TLS.
#[derive(Debug, Clone)]
pub struct Plain {
    /// The version that the server says it is, where it says one before a login.
    pub server: Option<String>,
    /// What became of the client.
    pub outcome: Result<Reception, Failure>,
}

impl Plain {
    /// Whether the client was refused in words, or hung up on.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        match &self.outcome {
            Ok(reception) => matches!(reception, Reception::Refused(_)),
            Err(failure) => failure.kind.is_hang_up(),
        }
    }
}

/// A second client of each kind, the one without TLS first.
#[derive(Debug, Clone)]
pub struct Control {
    /// What happened without TLS.
    pub plain: Plain,
    /// What happened over TLS.
    pub secured: Secured,
}

/// What happened to clients without a certificate that is good.
#[derive(Debug, Clone)]
pub struct Mutual {
    /// To one that shows none.
    pub without: Secured,
    /// To one whose certificate is of another CA; nothing, where the other was let in.
    pub stranger: Option<Secured>,
}

impl Observation {
    /// Nothing was seen, for this reason.
    #[must_use]
    pub fn failed(address: Option<SocketAddr>, failure: Failure) -> Self {
        let secured = Secured { server: None, seen: Seen::default(), outcome: Err(failure) };
        Observation::new(address, secured, None)
    }

    /// A client with TLS and perhaps one without; of the rest, nothing yet.
    pub(super) fn new(address: Option<SocketAddr>, secured: Secured, plain: Option<Plain>) -> Self {
        Observation {
            address,
            secured,
            plain,
            replication: None,
            control: None,
            mutual: None,
            offers: None,
            below: Vec::new(),
            other_ports: None,
            accounts: Vec::new(),
        }
    }

    /// All clients that came over TLS, but for those that asked for one version of it.
    pub(crate) fn over_tls(&self) -> impl Iterator<Item = &Secured> {
        let control = self.control.iter().map(|control| &control.secured);
        let mutual = self
            .mutual
            .iter()
            .flat_map(|mutual| std::iter::once(&mutual.without).chain(mutual.stranger.as_ref()));
        std::iter::once(&self.secured).chain(control).chain(mutual)
    }

    /// Whether two connections met two servers: another certificate, or another version. A
    /// load balancer does that; so does a certificate that was replaced meanwhile.
    #[must_use]
    pub fn met_several_servers(&self) -> bool {
        let leaves: HashSet<_> =
            self.over_tls().filter_map(|secured| secured.seen.chain.first()).collect();
        let versions = self.over_tls().filter_map(|secured| secured.server.as_deref());
        let plain = self.plain.iter().filter_map(|plain| plain.server.as_deref());
        let versions: HashSet<_> = versions.chain(plain).collect();
        leaves.len() > 1 || versions.len() > 1
    }
}
