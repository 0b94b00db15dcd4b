//! The differences between the libraries that verify certificates for clients.
//!
//! Each difference was measured: `tests/pki/chain_matrix.rs` presents unusual chains to these
//! libraries in real handshakes, and compares their verdicts with those of this room.

use super::link::{PathCertificate, Position};
use super::oid::{AKI, ALTERNATIVE_NAMES, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, SKI};
use super::refusal::Refusal;
use super::verifier::Verifier;
use super::{ChainReason, ChainRequest, openssl, openssl_1_0};

impl Verifier {
    /// Whether the library accepts a CA of the right name as issuer of `head`, even if
    /// authorityKeyIdentifier names another. OpenSSL and GnuTLS do not try all candidates: see
    /// [`super::client_path`].
    pub(super) fn takes_for_issuer(
        self,
        head: &PathCertificate<'_>,
        issuer: &PathCertificate<'_>,
    ) -> bool {
        self != Verifier::Java
            || (!head.names_another_key(issuer) && !head.names_another_serial(issuer))
    }

    /// Whether the library checks the dates of the certificate at this position.
    pub(super) fn checks_dates(self, position: Position) -> bool {
        self != Verifier::Java || position != Position::Ca
    }

    /// Whether the library checks the extended key usage of the certificate at this position.
    pub(super) fn checks_purpose(self, position: Position) -> bool {
        match self {
            Verifier::Java => position == Position::Leaf,
            Verifier::GnuTls => position != Position::Ca,
            _ => true,
        }
    }

    /// Whether the library accepts anyExtendedKeyUsage at this position.
    pub(super) fn takes_any_use(self, position: Position) -> bool {
        match self {
            Verifier::Go | Verifier::Java => true,
            Verifier::GnuTls => position == Position::Leaf,
            _ => false,
        }
    }

    /// The refusal by this library of a path that breaks no common rule.
    pub(super) fn refuses(
        self,
        path: &[PathCertificate<'_>],
        request: &ChainRequest<'_>,
    ) -> Option<Refusal> {
        let leaf = path.first()?;
        let no = |link, what, rule| Refusal::new(link, ChainReason::Nonconforming, what, rule);
        let signs = || {
            let signs = leaf.key_usage().is_none_or(|usage| usage.digital_signature());
            let what = "may not sign a handshake: its keyUsage lacks digitalSignature";
            (!signs && request.handshake).then(|| no(leaf, what, "RFC 8446 section 4.4.2.2"))
        };
        match self {
            Verifier::OpenSsl => openssl::refuses(path, request.purpose),
            Verifier::OpenSsl102 => openssl::refuses(path, request.purpose)
                .or_else(|| openssl_1_0::refuses(path))
                .or_else(signs),
            Verifier::PythonStrict => {
                openssl::refuses(path, request.purpose).or_else(|| strict(path))
            }
            Verifier::Go => path.iter().find_map(|link| {
                let constraints = link.extension(NAME_CONSTRAINTS);
                let empty = constraints.is_some_and(|one| one.value == [0x30, 0]);
                let what = "has empty name constraints";
                empty.then(|| no(link, what, "RFC 5280 section 4.2.1.10"))
            }),
            Verifier::Java => openssl::netscape_type(leaf, request.purpose).or_else(signs),
            Verifier::GnuTls => signs(),
            Verifier::Rfc5280 | Verifier::Rustls => None,
        }
    }
}

/// The checks that `X509_V_FLAG_X509_STRICT` adds (openssl-verification-options(1),
/// `-x509_strict`). OpenSSL does not apply them to a path of a single certificate.
fn strict(path: &[PathCertificate<'_>]) -> Option<Refusal> {
    const CONSTRAINTS: &str = "RFC 5280 section 4.2.1.9";
    const USAGE: &str = "RFC 5280 section 4.2.1.3";
    if path.len() < 2 {
        return None;
    }
    let last = path.len() - 1;
    path.iter().enumerate().find_map(|(at, link)| {
        let signs = link.key_usage().map(|usage| usage.key_cert_sign());
        let limit = link.basic_constraints().and_then(|(_, limit)| limit);
        let nameless = link.x509.subject().iter_rdn().next().is_none();
        let has_names = !link.alternative_names().is_empty();
        let critical = |oid| link.extension(oid).map(|one| one.critical);
        let (what, rule) = if link.is_ca() && critical(BASIC_CONSTRAINTS) == Some(false) {
            ("has basicConstraints that are not critical", CONSTRAINTS)
        } else if limit.is_some() && (!link.is_ca() || signs != Some(true)) {
            ("has a pathLenConstraint, but may not sign certificates", CONSTRAINTS)
        } else if link.is_ca() && signs.is_none() {
            ("is a CA without keyUsage", USAGE)
        } else if !link.is_ca() && signs == Some(true) {
            ("may sign certificates, but is not a CA", CONSTRAINTS)
        } else if link.x509.issuer().iter_rdn().next().is_none() {
            ("does not name its issuer", "RFC 5280 section 4.1.2.4")
        } else if nameless && (link.is_ca() || !has_names) {
            ("has no subject", "RFC 5280 section 4.1.2.6")
        } else if nameless && critical(ALTERNATIVE_NAMES) == Some(false) {
            ("has neither a subject nor critical names", "RFC 5280 section 4.2.1.6")
        } else if critical(AKI) == Some(true) {
            ("has a critical authority key identifier", "RFC 5280 section 4.2.1.1")
        } else if critical(SKI) == Some(true) {
            ("has a critical subject key identifier", "RFC 5280 section 4.2.1.2")
        } else if link.is_v3() && at < last && link.authority_key_id().is_none() {
            ("has no authority key identifier", "RFC 5280 section 4.2.1.1")
        } else if link.is_v3() && link.is_ca() && link.subject_key_id().is_none() {
            ("is a CA without a subject key identifier", "RFC 5280 section 4.2.1.2")
        } else if !link.is_v3() && at > 0 {
            ("is a CA older than X.509 version 3", "RFC 5280 section 4.1.2.1")
        } else {
            return None;
        };
        Some(Refusal::new(link, ChainReason::Nonconforming, what, rule))
    })
}
