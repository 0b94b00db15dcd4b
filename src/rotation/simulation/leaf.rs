//! A certificate that a node or a client shows.

use crate::pki::certificate::Certificate;
use crate::pki::chain::Purpose;

/// A certificate in use, and the party that shows it.
#[derive(Debug, Clone)]
pub struct SimulatedLeaf {
    /// The party, such as the node's id; for messages.
    pub party: String,
    /// The certificate.
    pub certificate: Certificate,
    /// The roles in which the party shows it: a server to clients and peers, a client to servers.
    pub purposes: &'static [Purpose],
}

impl SimulatedLeaf {
    /// A certificate that is used for every purpose that its extKeyUsage allows; without a purpose
    /// among them, it is taken for a server's.
    #[must_use]
    pub fn new(party: &str, certificate: Certificate) -> Self {
        let purposes = purposes(&certificate);
        SimulatedLeaf { party: party.to_owned(), certificate, purposes }
    }
}

fn purposes(certificate: &Certificate) -> &'static [Purpose] {
    let x509 = certificate.parsed();
    let usage = x509.extended_key_usage().ok().flatten();
    let (serves, calls) = match usage {
        Some(usage) if !usage.value.any => (usage.value.server_auth, usage.value.client_auth),
        _ => (true, true),
    };
    match (serves, calls) {
        (true, true) => &[Purpose::Server, Purpose::Client],
        (_, false) => &[Purpose::Server],
        (false, true) => &[Purpose::Client],
    }
}
