//! Checks of revocation lists that rustls-webpki leaves out. It checks itself that a list is
//! signed and in time, and that it holds no certificate of the path (see [`super::opinion`]).

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::pki::chain::link::PathCertificate;
use crate::pki::chain::{ChainFault, ChainReason};

/// Checks the lists that CAs of the path issued against RFC 5280. Returns the first fault.
pub(super) fn check(path: &[PathCertificate<'_>], crls: &[Vec<u8>]) -> Option<ChainFault> {
    crls.iter().find_map(|der| check_one(path, der))
}

fn check_one(path: &[PathCertificate<'_>], der: &[u8]) -> Option<ChainFault> {
    let bad = |link: &PathCertificate<'_>, what: &str, rule| {
        let what = format!("issued a revocation list that {what}");
        Some(ChainFault::new(ChainReason::BadCrl, link, what).rule(rule))
    };
    let Ok(([], crl)) = CertificateRevocationList::from_der(der) else {
        let what = "cannot be checked: a revocation list cannot be read";
        return Some(
            ChainFault::new(ChainReason::BadCrl, path.first()?, what).rule("RFC 5280 section 5.1"),
        );
    };
    let issuer =
        path.iter().skip(1).find(|link| link.x509.subject().as_raw() == crl.issuer().as_raw())?;
    if issuer.key_usage().is_some_and(|usage| !usage.crl_sign()) {
        let rule = "RFC 5280 section 6.3.3 (f)";
        return bad(issuer, "it may not sign: its keyUsage lacks cRLSign", rule);
    }
    let number = crl
        .extensions()
        .iter()
        .find(|extension| matches!(extension.parsed_extension(), ParsedExtension::CRLNumber(_)));
    match number {
        None => bad(issuer, "has no number", "RFC 5280 section 5.2.3"),
        Some(number) if number.critical => {
            bad(issuer, "has a number that is critical", "RFC 5280 section 5.2.3")
        }
        Some(_) => None,
    }
}

/// The fault of the revoked certificate. rustls-webpki does not report which one it is.
pub(super) fn fault(
    leaf: &PathCertificate<'_>,
    path: &[PathCertificate<'_>],
    crls: &[Vec<u8>],
) -> ChainFault {
    let found = crls.iter().find_map(|der| {
        let (_, crl) = CertificateRevocationList::from_der(der).ok()?;
        let issued =
            path.iter().filter(|link| link.x509.issuer().as_raw() == crl.issuer().as_raw());
        issued.into_iter().find_map(|link| {
            let serial = link.x509.raw_serial();
            let entry = crl.iter_revoked_certificates().find(|one| one.raw_serial() == serial)?;
            let date = jiff::Timestamp::from_second(entry.revocation_date.timestamp()).ok()?;
            Some((link, format!("was revoked at {date}")))
        })
    });
    let (link, what) = found.unwrap_or_else(|| (leaf, "has a revoked chain".to_owned()));
    ChainFault::new(ChainReason::Revoked, link, what)
        .rule("RFC 5280 section 6.3")
        .hint("issue a new certificate, with a new key")
}
