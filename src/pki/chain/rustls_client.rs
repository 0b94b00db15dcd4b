//! A client that verifies with rustls-webpki alone, as rustls does.

use rustls_pki_types::{CertificateDer, TrustAnchor};
use webpki::EndEntityCert;

use crate::pki::certificate::Certificate;
use crate::pki::chain::link::PathCertificate;
use crate::pki::chain::rustls_webpki::{fault, time, usage};
use crate::pki::chain::search::Search;
use crate::pki::chain::{ChainFault, ChainRequest, Position, VerifiedChain};

/// Whether rustls-webpki can read a leaf. It reads DER more strictly than x509-parser.
pub(crate) fn is_read_by_rustls(leaf: &Certificate) -> bool {
    EndEntityCert::try_from(&CertificateDer::from(leaf.der())).is_ok()
}

/// Asks rustls-webpki as rustls does: with all certificates that the peer sent and all trusted CAs,
/// and without our own rules.
pub(super) fn verify(request: &ChainRequest<'_>) -> Result<VerifiedChain, ChainFault> {
    let der = |one: &Certificate| CertificateDer::from(one.der().to_vec());
    let (leaf, trusted) = (der(request.leaf), request.anchors.iter().map(der));
    let trusted: Vec<CertificateDer<'_>> = trusted.collect();
    let anchors: Vec<TrustAnchor<'_>> =
        trusted.iter().filter_map(|one| webpki::anchor_from_trusted_cert(one).ok()).collect();
    let sent: Vec<CertificateDer<'_>> = request.intermediates.iter().map(der).collect();
    let verdict = EndEntityCert::try_from(&leaf).and_then(|end| {
        let (all, usage, time) = (webpki::ALL_VERIFICATION_ALGS, usage(request), time(request));
        end.verify_for_usage(all, &anchors, &sent, time, usage, None, None)?;
        request.identity.map_or(Ok(()), |name| end.verify_is_valid_for_subject_name(name))
    });
    let explained = Search::new(request).run();
    match (verdict, explained) {
        (Ok(()), Ok(verified)) => Ok(verified),
        (Ok(()), Err(_)) => {
            Ok(VerifiedChain { path: vec![request.leaf.clone()], warnings: Vec::new() })
        }
        (Err(_), Err(fault)) => Err(fault),
        (Err(error), Ok(_)) => {
            Err(fault(&error, &PathCertificate::new(request.leaf, Position::Leaf)))
        }
    }
}
