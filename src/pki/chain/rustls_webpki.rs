//! Asks rustls-webpki for its verdict on a path, and on the name of a leaf.
//!
//! rustls-webpki reads DER more strictly than x509-parser, and rustls itself relies on it: a path
//! that it refuses is not good, with few exceptions, each of which our own rules have covered
//! already. It refuses by design a leaf that is itself a CA or older than X.509 version 3, which
//! RFC 5280 allows (we warn). It is therefore given a copy of the leaf without that property
//! (see [`stand_in`]), so that it checks everything else. It also refuses by design
//! - self-issued intermediates beyond the path length or the name constraints, which RFC
//!   5280, sections 4.2.1.9 and 4.2.1.10, exempt,
//! - constraints on directory names, mail addresses and other forms, for any name.
//!
//! With revocation lists, which only rustls-webpki evaluates, its verdict is final in these cases
//! too.

use std::time::Duration;

use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm,
    TrustAnchor, UnixTime,
};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationOptionsBuilder, UnknownStatusPolicy,
};
use x509_parser::extensions::GeneralName;

use crate::pki::certificate;
use crate::pki::chain::link::PathCertificate;
use crate::pki::chain::oid::BASIC_CONSTRAINTS;
use crate::pki::chain::{
    ChainFault, ChainReason, ChainRequest, PeerIdentity, Purpose, Verifier, revoked,
};
use crate::pki::der::{self, Elements};

/// Asks rustls-webpki about the whole path and, with CRLs, about revocation.
pub(super) fn check(
    path: &[PathCertificate<'_>],
    request: &ChainRequest<'_>,
) -> Result<(), ChainFault> {
    let [leaf, between @ .., anchor] = path else { return Ok(()) }; // trusted itself
    let refused = |error: webpki::Error| -> Result<(), ChainFault> {
        if request.crls.is_empty() && stricter_than_rfc_5280(&error, path) {
            return Ok(());
        }
        // These verifiers accept other extended key usages; our own rules have checked the leaf's.
        let laxer = [Verifier::Go, Verifier::Java, Verifier::GnuTls].contains(&request.verifier);
        if laxer && matches!(error, webpki::Error::RequiredEkuNotFoundContext(_)) {
            return Ok(());
        }
        match error {
            webpki::Error::CertRevoked => Err(revoked::fault(leaf, path, request.crls)),
            error => Err(fault(&error, leaf)),
        }
    };
    let stand_in = stand_in(leaf);
    let shown = stand_in.as_ref().map_or(leaf.certificate.der(), |(shown, _)| shown);
    let leaf_der = CertificateDer::from(shown);
    let anchor_der = CertificateDer::from(anchor.certificate.der());
    let between: Vec<_> =
        between.iter().map(|link| CertificateDer::from(link.certificate.der())).collect();
    let anchors: [TrustAnchor<'_>; 1] = match webpki::anchor_from_trusted_cert(&anchor_der) {
        Ok(anchor) => [anchor],
        Err(error) => return Err(fault(&error, anchor)),
    };
    let end = match EndEntityCert::try_from(&leaf_der) {
        Ok(end) => end,
        Err(error) => return refused(error),
    };
    let lists: Result<Vec<CertRevocationList<'_>>, _> = request
        .crls
        .iter()
        .map(|der| OwnedCertRevocationList::from_der(der).map(CertRevocationList::from))
        .collect();
    let lists = lists.map_err(|error| fault(&error, leaf))?;
    let lists: Vec<&CertRevocationList<'_>> = lists.iter().collect();
    let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
        options
            .with_status_policy(UnknownStatusPolicy::Allow)
            .with_expiration_policy(ExpirationPolicy::Enforce)
            .build()
    });
    let (usage, time) = (usage(request), time(request));
    let algorithms: Vec<StandInAlgorithm<'_>> = webpki::ALL_VERIFICATION_ALGS
        .iter()
        .map(|algorithm| StandInAlgorithm {
            algorithm: *algorithm,
            shown: stand_in.as_ref().map_or(&[], |(_, to_be_signed)| to_be_signed),
            signed: leaf.x509.tbs_certificate.as_ref(),
        })
        .collect();
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
        algorithms.iter().map(|one| one as _).collect();
    match end.verify_for_usage(&algorithms, &anchors, &between, time, usage, revocation, None) {
        Ok(_) => Ok(()),
        Err(error) => refused(error),
    }
}

pub(super) fn usage(request: &ChainRequest<'_>) -> KeyUsage {
    match request.purpose {
        Purpose::Server => KeyUsage::server_auth(),
        Purpose::Client => KeyUsage::client_auth(),
    }
}

pub(super) fn time(request: &ChainRequest<'_>) -> UnixTime {
    let seconds = u64::try_from(request.at.as_second()).unwrap_or_default();
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// A copy of the leaf that rustls-webpki does not refuse by design: not a CA, and of version 3.
/// Returns the DER of the copy, and its signed part. `None` if the leaf needs no copy.
fn stand_in(leaf: &PathCertificate<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    const VERSION_3: [u8; 5] = [0xa0, 3, 2, 1, 2];
    let der = leaf.certificate.der();
    let to_be_signed = leaf.x509.tbs_certificate.as_ref();
    let inside = |bytes| Elements::new(bytes).next()?.ok().map(|element| element.content);
    let mut shown = inside(to_be_signed)?.to_vec();
    if !leaf.is_v3() {
        // Version 1 is the default and is not encoded.
        let rest = if shown.first() == Some(&VERSION_3[0]) { VERSION_3.len() } else { 0 };
        shown.splice(..rest, VERSION_3);
    } else if let Some(constraints) = leaf.extension(BASIC_CONSTRAINTS)
        && let [0x30, _, 1, 1, 0xff, ..] = constraints.value
    {
        let from = to_be_signed.as_ptr() as usize + to_be_signed.len() - shown.len();
        let at = constraints.value.as_ptr() as usize - from + 4;
        *shown.get_mut(at)? = 0;
    } else {
        return None;
    }
    let shown = der::wrap(0x30, &[&shown]);
    let behind = inside(der)?.get(to_be_signed.len()..)?;
    Some((der::wrap(0x30, &[&shown, behind]), shown))
}

/// Wraps an algorithm so that the signature of the leaf is accepted for its copy ([`stand_in`]).
#[derive(Debug)]
struct StandInAlgorithm<'a> {
    algorithm: &'static dyn SignatureVerificationAlgorithm,
    shown: &'a [u8],
    signed: &'a [u8],
}

impl SignatureVerificationAlgorithm for StandInAlgorithm<'_> {
    fn verify_signature(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let message = if message == self.shown { self.signed } else { message };
        self.algorithm.verify_signature(key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.signature_alg_id()
    }
}

/// Checks that the leaf is valid for this name (RFC 9525): only its subject alternative names
/// count, never its common name.
pub(super) fn check_name(
    leaf: &PathCertificate<'_>,
    name: &PeerIdentity,
) -> Result<(), ChainFault> {
    let der = CertificateDer::from(leaf.certificate.der());
    let verdict = match EndEntityCert::try_from(&der) {
        Ok(end) => end.verify_is_valid_for_subject_name(name),
        Err(_) if leaf.alternative_names().is_empty() => Err(webpki::Error::MalformedExtensions),
        Err(error) => Err(error),
    };
    let Err(error) = verdict else { return Ok(()) };
    let presented = presented(leaf.alternative_names());
    let wanted = match name {
        PeerIdentity::IpAddress(_) => format!("address {}", name.to_str()),
        _ => format!("DNS name {}", name.to_str()),
    };
    let what = match presented.as_str() {
        "" => format!("is for no name at all, {}; wanted: {wanted}", nameless(leaf)),
        _ => format!("is for {presented}; wanted: {wanted}"),
    };
    let known = matches!(error, webpki::Error::CertNotValidForName(_));
    if !known && !presented.is_empty() {
        return Err(fault(&error, leaf));
    }
    Err(ChainFault::new(ChainReason::NameMismatch, leaf, what)
        .rule("RFC 9525 section 6")
        .hint(format!("issue it again with the {wanted}, or connect by a name that it has")))
}

fn nameless(leaf: &PathCertificate<'_>) -> String {
    match leaf.x509.subject().iter_common_name().find_map(|one| one.as_str().ok()) {
        Some(name) => format!("as its common name {} does not count", name.escape_debug()),
        None => "as it has no subject alternative name".to_owned(),
    }
}

fn presented(names: &[GeneralName<'_>]) -> String {
    const SHOWN: usize = 10;
    let names = certificate::names(names.iter());
    let dns = names.dns.into_iter().map(|name| format!("DNS name {}", name.escape_debug()));
    let all: Vec<String> = dns.chain(names.ip.iter().map(|ip| format!("address {ip}"))).collect();
    let more = all.len().saturating_sub(SHOWN);
    let shown = all.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn stricter_than_rfc_5280(error: &webpki::Error, path: &[PathCertificate<'_>]) -> bool {
    use webpki::Error as E;
    let self_issued = path.iter().skip(1).rev().skip(1).any(PathCertificate::is_self_issued);
    match error {
        E::NameConstraintViolation => self_issued || has_other_constraints(path),
        // rustls-webpki tries intermediates of the same name in every order, and reports the error
        // that it ranks highest.
        E::PathLenConstraintViolated | E::InvalidSignatureForPublicKey | E::UnknownIssuer => {
            self_issued
        }
        _ => false,
    }
}

/// Whether the path constrains names other than DNS names and IP addresses.
fn has_other_constraints(path: &[PathCertificate<'_>]) -> bool {
    path.iter().filter_map(PathCertificate::name_constraints).any(|(_, constraints)| {
        let trees = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
        trees
            .into_iter()
            .flatten()
            .flatten()
            .any(|tree| !matches!(tree.base, GeneralName::DNSName(_) | GeneralName::IPAddress(_)))
    })
}

/// Translates an error of rustls-webpki. Our own rules report most of these earlier.
pub(super) fn fault(error: &webpki::Error, leaf: &PathCertificate<'_>) -> ChainFault {
    use webpki::Error as E;
    let reason = match error {
        E::CertExpired { .. } => ChainReason::Expired,
        E::CertNotValidYet { .. } => ChainReason::NotYetValid,
        E::CertNotValidForName(_) => ChainReason::NameMismatch,
        E::NameConstraintViolation
        | E::MalformedNameConstraint
        | E::InvalidNetworkMaskConstraint => ChainReason::NameConstraint,
        E::PathLenConstraintViolated | E::MaximumPathDepthExceeded => ChainReason::PathLength,
        E::CaUsedAsEndEntity | E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => {
            ChainReason::WrongPurpose
        }
        E::EndEntityUsedAsCa => ChainReason::NotACa,
        E::UnknownIssuer | E::CertDistrusted => ChainReason::Untrusted,
        E::InvalidSignatureForPublicKey => ChainReason::BadSignature,
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => ChainReason::WeakSignature,
        E::UnsupportedCriticalExtension | E::UnsupportedCertVersion => ChainReason::Unsupported,
        E::MaximumSignatureChecksExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumNameConstraintComparisonsExceeded => ChainReason::TooComplex,
        E::CrlExpired { .. }
        | E::InvalidCrlNumber
        | E::InvalidCrlSignatureForPublicKey
        | E::IssuerNotCrlSigner
        | E::UnknownRevocationStatus
        | E::UnsupportedCrlIssuingDistributionPoint
        | E::UnsupportedCrlVersion
        | E::UnsupportedDeltaCrl
        | E::UnsupportedIndirectCrl
        | E::UnsupportedRevocationReason
        | E::UnsupportedRevocationReasonsPartitioning
        | E::UnsupportedCrlSignatureAlgorithmContext(_)
        | E::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => ChainReason::BadCrl,
        _ => ChainReason::Damaged,
    };
    ChainFault::new(reason, leaf, format!("has a chain that rustls-webpki refuses: {error}"))
}
