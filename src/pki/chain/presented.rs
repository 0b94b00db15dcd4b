//! The chain that a server presented in a handshake.

use jiff::Timestamp;
use rustls_pki_types::CertificateDer;

use crate::error::Reason;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{ChainRequest, PeerIdentity, Purpose, verify};

/// Verifies the chain that a server presented, its own certificate first, as a server's
/// certificate, and where there is an `identity`, for that name. Ignores an intermediate that
/// cannot be read.
///
/// # Errors
/// The reason and the message.
pub(crate) fn verify_presented(
    chain: &[CertificateDer<'static>],
    anchors: &[Certificate],
    at: Timestamp,
    identity: Option<&PeerIdentity>,
) -> Result<(), (Reason, String)> {
    let none = || (Reason::Damaged, "the server presented no certificate".to_owned());
    let (own, others) = chain.split_first().ok_or_else(none)?;
    let leaf = Certificate::from_der(own.to_vec()).map_err(|error| {
        (Reason::Damaged, format!("the server's certificate cannot be read: {error}"))
    })?;
    let others: Vec<Certificate> =
        others.iter().filter_map(|der| Certificate::from_der(der.to_vec()).ok()).collect();
    let mut request = ChainRequest::new(&leaf, &others, anchors, at, Purpose::Server);
    request.identity = identity;
    verify(&request).map(drop).map_err(|fault| (fault.reason.reason(), fault.message))
}
