//! rustls-webpki's word on a path, and on the name of a leaf.
//!
//! It reads DER more strictly than x509-parser, and is what rustls itself relies on: a path
//! that it refuses is not good, with few exceptions, each of which our own rules have
//! covered already. It refuses by design
//! - a leaf that is itself a CA (RFC 5280 sets no such rule; a warning of ours),
//! - a leaf of before X.509 version 3 (a warning of ours),
//! - self-issued intermediates beyond the path length or the name constraints, which RFC
//!   5280, sections 4.2.1.9 and 4.2.1.10, exempt,
//! - constraints on directory names, mail addresses and the like, whatever the name.
//!
//! With revocation lists, which it alone goes through, its word is the last in these too.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationOptionsBuilder, UnknownStatusPolicy,
};
use x509_parser::extensions::GeneralName;
use x509_parser::x509::X509Version;

use crate::pki::certificate;
use crate::pki::chain::link::Link;
use crate::pki::chain::{Fault, Identity, Purpose, Reason, Request, revoked};

/// What rustls-webpki says of the whole path, and with CRLs, of revocation.
pub(super) fn ask(path: &[Link<'_>], request: &Request<'_>) -> Result<(), Fault> {
    let [leaf, between @ .., anchor] = path else { return Ok(()) }; // trusted itself
    let refused = |error: webpki::Error| -> Result<(), Fault> {
        if request.crls.is_empty() && stricter_than_rfc_5280(&error, path) {
            return Ok(());
        }
        match error {
            webpki::Error::CertRevoked => Err(revoked::fault(leaf, path, request.crls)),
            error => Err(fault(&error, leaf)),
        }
    };
    let leaf_der = CertificateDer::from(leaf.certificate.der());
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
    let usage = match request.purpose {
        Purpose::Server => KeyUsage::server_auth(),
        Purpose::Client => KeyUsage::client_auth(),
    };
    let seconds = u64::try_from(request.at.as_second()).unwrap_or_default();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    match end.verify_for_usage(algorithms, &anchors, &between, time, usage, revocation, None) {
        Ok(_) => Ok(()),
        Err(error) => refused(error),
    }
}

/// Whether the leaf is for this name (RFC 9525): its subject alternative names alone are
/// looked at, never its common name.
pub(super) fn ask_name(leaf: &Link<'_>, name: &Identity) -> Result<(), Fault> {
    let der = CertificateDer::from(leaf.certificate.der());
    let verdict = match EndEntityCert::try_from(&der) {
        Ok(end) => end.verify_is_valid_for_subject_name(name),
        Err(_) if leaf.alternative_names().is_empty() => Err(webpki::Error::MalformedExtensions),
        Err(error) => Err(error),
    };
    let Err(error) = verdict else { return Ok(()) };
    let presented = presented(leaf.alternative_names());
    let wanted = match name {
        Identity::IpAddress(_) => format!("address {}", name.to_str()),
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
    Err(Fault::new(Reason::NameMismatch, leaf, what)
        .rule("RFC 9525 section 6")
        .hint(format!("issue it again with the {wanted}, or connect by a name that it has")))
}

fn nameless(leaf: &Link<'_>) -> String {
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

fn stricter_than_rfc_5280(error: &webpki::Error, path: &[Link<'_>]) -> bool {
    use webpki::Error as E;
    let leaf = path.first();
    let self_issued = path.iter().skip(1).rev().skip(1).any(Link::is_self_issued);
    match error {
        E::CaUsedAsEndEntity => leaf.is_some_and(Link::is_ca),
        E::UnsupportedCertVersion => {
            leaf.is_some_and(|leaf| leaf.x509.version() != X509Version::V3)
        }
        E::NameConstraintViolation => self_issued || has_other_constraints(path),
        // Its search tries the intermediates of the same name in every order, and tells what
        // it likes to tell best.
        E::PathLenConstraintViolated | E::InvalidSignatureForPublicKey | E::UnknownIssuer => {
            self_issued
        }
        _ => false,
    }
}

/// Whether something other than DNS names and addresses is constrained.
fn has_other_constraints(path: &[Link<'_>]) -> bool {
    path.iter().filter_map(Link::name_constraints).any(|(_, constraints)| {
        let trees = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
        trees
            .into_iter()
            .flatten()
            .flatten()
            .any(|tree| !matches!(tree.base, GeneralName::DNSName(_) | GeneralName::IPAddress(_)))
    })
}

/// What rustls-webpki says, in our words. Most of it our own rules have said before.
fn fault(error: &webpki::Error, leaf: &Link<'_>) -> Fault {
    use webpki::Error as E;
    let reason = match error {
        E::CertExpired { .. } => Reason::Expired,
        E::CertNotValidYet { .. } => Reason::NotYetValid,
        E::CertNotValidForName(_) => Reason::NameMismatch,
        E::NameConstraintViolation
        | E::MalformedNameConstraint
        | E::InvalidNetworkMaskConstraint => Reason::NameConstraint,
        E::PathLenConstraintViolated | E::MaximumPathDepthExceeded => Reason::PathLength,
        E::CaUsedAsEndEntity | E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => {
            Reason::WrongPurpose
        }
        E::EndEntityUsedAsCa => Reason::NotACa,
        E::UnknownIssuer | E::CertDistrusted => Reason::Untrusted,
        E::InvalidSignatureForPublicKey => Reason::BadSignature,
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Reason::WeakSignature,
        E::UnsupportedCriticalExtension | E::UnsupportedCertVersion => Reason::Unsupported,
        E::MaximumSignatureChecksExceeded
        | E::MaximumPathBuildCallsExceeded
        | E::MaximumNameConstraintComparisonsExceeded => Reason::TooComplex,
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
        | E::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => Reason::BadCrl,
        _ => Reason::Damaged,
    };
    Fault::new(reason, leaf, format!("has a chain that rustls-webpki refuses: {error}"))
}
