//! Whether a chain of certificates is good: for a server or a client, at a time, down from
//! the CAs that are trusted (RFC 5280, section 6).
//!
//! ```text
//! search    paths from the leaf to a trusted CA, and their signatures
//! rules     what every peer demands of a path     names    name constraints
//! strict    what RFC 5280 demands of a certificate, and peers let pass
//! revoked   CRLs                                  opinion  rustls-webpki on the same path
//! link      one certificate of a path             fault    what is wrong, and with which
//! verifier  who verifies, and how they differ     client_path   the one path that they build
//! openssl   what OpenSSL refuses besides                readable  extensions to the end
//! presented a chain as it came in a handshake
//! ```
//!
//! Signatures are checked with rustls-webpki's algorithms (aws-lc-rs), names with its RFC
//! 9525 rules, and no path is good that rustls-webpki refuses, but for the few things in
//! which it is stricter than RFC 5280 by design (see `opinion`). What it leaves out is
//! ours: the trusted CA's own dates, key and extensions, keyUsage, constraints on
//! directory and mail names, and which certificate is at fault.
//!
//! Work is bounded, whatever the chain: see `search`.

mod client_path;
mod fault;
mod link;
pub(super) mod names;
mod openssl;
mod opinion;
mod presented;
mod readable;
mod revoked;
mod rules;
mod search;
mod strict;
mod verifier;

use jiff::Timestamp;
use rustls_pki_types::ServerName;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::pki::certificate::Certificate;

pub use fault::{ChainFault, ChainReason, Position};
pub(crate) use presented::verify_presented;
pub use verifier::Verifier;

/// What the leaf certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A server's certificate, looked at by its clients
    Server,
    /// A client's certificate, looked at by its server
    Client,
}

impl Purpose {
    /// The extended key usage for it, as RFC 5280 spells it (section 4.2.1.12).
    #[must_use]
    pub fn ext_key_usage(self) -> &'static str {
        match self {
            Purpose::Server => "serverAuth",
            Purpose::Client => "clientAuth",
        }
    }
}

/// Who the peer must be: a DNS name or an IP address.
pub type PeerIdentity = ServerName<'static>;

/// Reads a DNS name or an IP address. A dot at the end is dropped.
///
/// # Errors
/// Exit 2 when it is neither.
pub fn identity(text: &str) -> Result<PeerIdentity> {
    let name = text.strip_suffix('.').unwrap_or(text);
    ServerName::try_from(name).map(|name| name.to_owned()).map_err(|source| {
        Error::usage("identity", format!("{text:?} is neither a DNS name nor an IP address"))
            .because(source)
            .hint("give a name such as db.example.com (xn--… for others than ASCII), or an address")
    })
}

/// The question: is this chain good?
#[derive(Debug, Clone, Copy)]
pub struct ChainRequest<'a> {
    /// The peer's own certificate.
    pub leaf: &'a Certificate,
    /// The others that it sent, in any order; more than are needed do no harm.
    pub intermediates: &'a [Certificate],
    /// The CAs that are trusted: the bundle.
    pub anchors: &'a [Certificate],
    /// When; fractions of a second are cut off, as certificates have none.
    pub at: Timestamp,
    /// What for.
    pub purpose: Purpose,
    /// Who the peer must be (VERIFY_IDENTITY); without it, any holder of a certificate of
    /// the CA will do (VERIFY_CA).
    pub identity: Option<&'a PeerIdentity>,
    /// Revocation lists, DER. One that covers a certificate of the path must be good.
    pub crls: &'a [Vec<u8>],
    /// Whether faults that peers let pass ([`ChainReason::Nonconforming`]) refuse the chain too,
    /// instead of being warnings.
    pub strict: bool,
    /// Whether a keyUsage of the leaf, if it has one, must let it sign a TLS handshake
    /// (RFC 8446, section 4.4.2.2). Peers demand it; a question about the path alone does not.
    pub handshake: bool,
    /// How many CA certificates may stand between the leaf and the trusted CA, those not
    /// counted whose issuer is their subject.
    pub max_intermediates: usize,
    /// Who verifies it.
    pub verifier: Verifier,
}

impl<'a> ChainRequest<'a> {
    /// The question as a database's official client asks it, which stands on OpenSSL: any name,
    /// no revocation lists, at most 6 intermediates, and only what peers themselves demand.
    #[must_use]
    pub fn new(
        leaf: &'a Certificate,
        intermediates: &'a [Certificate],
        anchors: &'a [Certificate],
        at: Timestamp,
        purpose: Purpose,
    ) -> Self {
        ChainRequest {
            leaf,
            intermediates,
            anchors,
            at,
            purpose,
            identity: None,
            crls: &[],
            strict: false,
            handshake: true,
            max_intermediates: search::MAX_INTERMEDIATES,
            verifier: Verifier::OpenSsl,
        }
    }
}

/// A chain that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedChain {
    /// From the leaf to the trusted CA; the leaf alone when it is trusted itself.
    pub path: Vec<Certificate>,
    /// What is not as it should be, but no reason to refuse it here.
    pub warnings: Vec<ChainFault>,
}

/// Answers whether the chain is good.
///
/// rustls-webpki and RFC 5280 decide first; then the request's verifier may refuse more.
///
/// # Errors
/// The first fault of the best path that there is; of several paths to trusted CAs, the
/// first found.
pub fn verify(request: &ChainRequest<'_>) -> std::result::Result<VerifiedChain, ChainFault> {
    if request.verifier == Verifier::Rustls {
        return opinion::ask_alone(request);
    }
    let verified = search::Search::new(request).run()?;
    client_path::check(request, &verified.path)?;
    Ok(verified)
}

/// Which verifiers, besides that of the request, refuse a chain that it takes, and why: one
/// fault each.
#[must_use]
pub fn refusals(request: &ChainRequest<'_>) -> Vec<ChainFault> {
    let others = Verifier::OTHERS.into_iter().filter(|one| *one != request.verifier);
    let refusal = |verifier: Verifier| {
        let fault = verify(&ChainRequest { verifier, ..*request }).err()?;
        Some(fault.by_verifier(verifier))
    };
    others.filter_map(refusal).collect()
}
