//! Verifies a chain of certificates, of a server or a client, at a given time, up to the trusted
//! CAs (RFC 5280, section 6).
//!
//! ```text
//! search     paths from the leaf to a trusted CA, and their signatures
//! budget     the bound on the work of a search
//! rules      the demands of every peer on a path     names    name constraints
//! strict     demands of RFC 5280 that peers do not enforce
//! revoked    CRLs                                    oid      identifiers of extensions
//! rustls_webpki   its verdict on the same path       rustls_client   a client that asks it alone
//! link       one certificate of a path               fault    the reason and the certificate at fault
//! verifier   verifiers and how they differ           refusal  a refusal by one of them
//! client_path     the single path that they build    openssl  further refusals of OpenSSL
//! candidates      the steps of that                 openssl_1_0   OpenSSL 1.0.2
//! readable   extensions read to the end              presented   the chain of a handshake
//! ```
//!
//! Signatures are checked with rustls-webpki's algorithms (aws-lc-rs), names with its RFC
//! 9525 rules, and no path is good that rustls-webpki refuses, except in the few cases in
//! which it is stricter than RFC 5280 by design (see `rustls_webpki`). This room adds the checks that
//! rustls-webpki leaves out: the trusted CA's own dates, key and extensions, keyUsage, constraints
//! on directory and mail names, and which certificate is at fault.
//!
//! The work is bounded for every chain: see `budget`.

mod budget;
mod candidates;
mod client_path;
mod differences;
mod fault;
mod link;
pub(super) mod names;
mod oid;
mod openssl;
mod openssl_1_0;
mod presented;
mod readable;
mod refusal;
mod revoked;
mod rules;
mod rustls_client;
mod rustls_webpki;
mod search;
mod strict;
mod verifier;

use jiff::Timestamp;
use rustls_pki_types::ServerName;
use serde::Serialize;

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;

pub use fault::{ChainFault, ChainReason};
pub use link::Position;
pub(crate) use presented::verify_presented;
pub(crate) use rustls_client::is_read_by_rustls;
pub use verifier::Verifier;

/// The intended use of the leaf certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A server's certificate, checked by its clients
    Server,
    /// A client's certificate, checked by its server
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

/// The name that the peer must have: a DNS name or an IP address.
pub type PeerIdentity = ServerName<'static>;

/// Reads a DNS name or an IP address. A trailing dot is dropped.
///
/// # Errors
/// Exit 2 when the text is neither.
pub fn identity(text: &str) -> Result<PeerIdentity> {
    let name = text.strip_suffix('.').unwrap_or(text);
    ServerName::try_from(name).map(|name| name.to_owned()).map_err(|source| {
        Error::usage(Code::Identity, format!("{text:?} is neither a DNS name nor an IP address"))
            .because(source)
            .hint("give a name such as db.example.com (xn--… for others than ASCII), or an address")
    })
}

/// A chain to verify, the CAs to trust, and the rules to apply.
#[derive(Debug, Clone, Copy)]
pub struct ChainRequest<'a> {
    /// The peer's own certificate.
    pub leaf: &'a Certificate,
    /// The other certificates that the peer sent, in any order; extra ones do no harm.
    pub intermediates: &'a [Certificate],
    /// The trusted CAs: the bundle.
    pub anchors: &'a [Certificate],
    /// The time of the check; fractions of a second are cut off, since certificates have none.
    pub at: Timestamp,
    /// The intended use of the leaf.
    pub purpose: Purpose,
    /// The name that the leaf must be valid for (VERIFY_IDENTITY); with `None`, any certificate of
    /// the CA is accepted (VERIFY_CA).
    pub identity: Option<&'a PeerIdentity>,
    /// Revocation lists, DER. A list that covers a certificate of the path must be valid.
    pub crls: &'a [Vec<u8>],
    /// Whether faults that most peers ignore ([`ChainReason::Nonconforming`]) refuse the chain
    /// instead of being warnings.
    pub strict: bool,
    /// Whether a keyUsage in the leaf must allow it to sign a TLS handshake (RFC 8446, section
    /// 4.4.2.2). Peers demand it; a check of the path alone does not.
    pub handshake: bool,
    /// Maximum number of CA certificates between the leaf and the trusted CA; self-issued
    /// certificates do not count.
    pub max_intermediates: usize,
    /// The verifier whose decision is asked for.
    pub verifier: Verifier,
}

impl<'a> ChainRequest<'a> {
    /// A request as an official database client based on OpenSSL makes it: any name, no revocation
    /// lists, at most 6 intermediates, and only the demands of the peers themselves.
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

/// The result of a successful verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedChain {
    /// From the leaf to the trusted CA; only the leaf when it is trusted itself.
    pub path: Vec<Certificate>,
    /// Faults that do not refuse the chain for this request.
    pub warnings: Vec<ChainFault>,
}

/// Verifies the chain.
///
/// rustls-webpki and RFC 5280 decide first; then the request's verifier may refuse more.
///
/// # Errors
/// The first fault of the best path; of several paths to trusted CAs, that of the first found.
pub fn verify(request: &ChainRequest<'_>) -> std::result::Result<VerifiedChain, ChainFault> {
    if request.verifier == Verifier::Rustls {
        return rustls_client::verify(request);
    }
    let verified = search::Search::new(request).run()?;
    client_path::check(request, &verified.path)?;
    Ok(verified)
}

/// Whether the key of `issuer` made the signature of `certificate`, by an algorithm that peers accept.
/// Names and dates are not compared.
pub(crate) fn is_signed_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let link = |one| link::PathCertificate::new(one, Position::Leaf);
    link(certificate).check_signature(&link(issuer)).is_ok()
}

/// Returns one fault for each other verifier that refuses a chain which the request's verifier
/// accepts.
#[must_use]
pub fn refusals(request: &ChainRequest<'_>) -> Vec<ChainFault> {
    let others = Verifier::OTHERS.into_iter().filter(|one| *one != request.verifier);
    let refusal = |verifier: Verifier| {
        let fault = verify(&ChainRequest { verifier, ..*request }).err()?;
        Some(fault.by_verifier(verifier))
    };
    others.filter_map(refusal).collect()
}
