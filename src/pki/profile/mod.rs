//! The certificate profile: the properties that a certificate needs, and those of our own.
//!
//! ```text
//! ca      a CA                 leaf    a server's or a client's certificate
//! names   the names in a leaf  issuer  a leaf against the CA that is said to have signed it
//! lint    all rules and the dates, for any certificate
//! ```
//!
//! If a certificate lacks a property that it needs, the finding is an error: peers reject it, or it
//! is not safe. If it only differs from those of ccx-sec, the finding is a warning: a certificate
//! from elsewhere may differ and still work. This file has the rules that CAs and leaves share.

mod ca;
mod issuer;
mod leaf;
mod lint;
mod names;

use std::collections::BTreeSet;

use jiff::Timestamp;
use x509_parser::asn1_rs::oid;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ParsedExtension, X509Extension};
use x509_parser::x509::X509Version;

use crate::error::Code;
use crate::pki::certificate::{Certificate, key_type};
use crate::pki::finding::Finding;
use crate::pki::key::KeyType;

pub use ca::check_ca;
pub use issuer::{IssuerRules, check_signature};
pub use leaf::check_leaf;
pub(crate) use leaf::{check_issued, check_parsed_leaf};
pub use lint::lint;

/// Finds a certificate that has expired, is not valid yet, or expires by `soon`.
#[must_use]
pub fn check_dates(
    certificate: &Certificate,
    now: Timestamp,
    soon: Option<Timestamp>,
) -> Vec<Finding> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if not_before > not_after {
        return vec![
            Finding::error(Code::DatesReversed, "notBefore lies after notAfter: it is never valid")
                .rule("RFC 5280 section 4.1.2.5"),
        ];
    }
    if now > not_after {
        return vec![
            Finding::error(Code::Expired, format!("it expired at {not_after}"))
                .rule("RFC 5280 section 4.1.2.5"),
        ];
    }
    if now < not_before {
        return vec![
            Finding::error(Code::NotYetValid, format!("it is not valid before {not_before}"))
                .hint("check this machine's clock: timedatectl")
                .rule("RFC 5280 section 4.1.2.5"),
        ];
    }
    match soon {
        Some(soon) if not_after <= soon => {
            vec![Finding::error(Code::ExpiresSoon, format!("it expires at {not_after}"))]
        }
        _ => Vec::new(),
    }
}

/// Checks version and serial number.
fn check_head(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    if x509.version() != X509Version::V3 {
        found.push(
            Finding::error(Code::NotV3, "it is not an X.509 version 3 certificate")
                .rule("RFC 5280 section 4.1.2.1"),
        );
    }
    let serial = x509.raw_serial();
    if serial.first().is_none_or(|first| first & 0x80 != 0) || serial.iter().all(|b| *b == 0) {
        found.push(
            Finding::warning(Code::SerialNotPositive, "its serial number is not positive")
                .rule("RFC 5280 section 4.1.2.2"),
        );
    } else if serial.len() > 20 {
        found.push(
            Finding::warning(Code::SerialTooLong, "its serial number is longer than 20 octets")
                .rule("RFC 5280 section 4.1.2.2"),
        );
    } else if serial.len() < 8 {
        found.push(Finding::warning(
            Code::SerialShort,
            "its serial number is too short to hold 64 random bits",
        ));
    }
}

fn check_date_encoding(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    let year_2050 = 2_524_608_000;
    let misencoded = [&x509.validity.not_before, &x509.validity.not_after]
        .iter()
        .any(|time| time.is_generalizedtime() != (time.timestamp() >= year_2050));
    if misencoded {
        found.push(
            Finding::warning(
                Code::TimeEncoding,
                "a date is not UTCTime until 2049, then GeneralizedTime",
            )
            .rule("RFC 5280 section 4.1.2.5"),
        );
    }
}

/// Checks the key. Returns whether signatures by this key can be verified.
fn check_key(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) -> bool {
    let kind = key_type(x509.public_key());
    if KeyType::ALL.iter().any(|known| known.name() == kind) {
        return true;
    }
    let bits = kind.strip_prefix("rsa-").and_then(|bits| bits.parse::<usize>().ok());
    found.push(match bits {
        Some(2048..=8192) => Finding::warning(Code::KeyType, format!("its key is {kind}")),
        Some(..2048) => Finding::error(Code::WeakKey, format!("its key is weak: {kind}"))
            .hint("use RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519"),
        _ => Finding::error(
            Code::KeyUnsupported,
            format!("its key is of an unsupported kind: {kind}"),
        )
        .hint("use RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519"),
    });
    matches!(bits, Some(2048..=8192))
}

/// Checks the signature algorithm. Returns false for a broken one, whose signature proves nothing.
fn check_signature_algorithm(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) -> bool {
    if x509.signature_algorithm != x509.signature {
        found.push(
            Finding::error(
                Code::SignatureAlgorithmDiffers,
                "it names two signature algorithms, one inside and one outside the signed part",
            )
            .rule("RFC 5280 section 4.1.1.2"),
        );
    }
    let weak = [
        oid!(1.2.840.113549.1.1.2),
        oid!(1.2.840.113549.1.1.4),
        oid!(1.2.840.113549.1.1.5),
        oid!(1.3.14.3.2.29),
        oid!(1.2.840.10040.4.3),
        oid!(1.2.840.10045.4.1),
    ];
    let is_weak = weak.contains(&x509.signature_algorithm.algorithm);
    if is_weak {
        found.push(Finding::error(Code::WeakSignature, "it is signed with MD5 or SHA-1"));
    }
    !is_weak
}

/// Checks the rules that hold for all extensions: none twice, none damaged, no unknown critical
/// one, and a subjectKeyIdentifier. `rules` checks each extension by itself.
fn check_extensions<'a>(
    x509: &'a X509Certificate<'a>,
    found: &mut Vec<Finding>,
    mut rules: impl FnMut(&X509Extension<'a>, &mut Vec<Finding>),
) {
    let mut has_ski = false;
    let mut seen = BTreeSet::new(); // a megabyte of extensions must not take quadratic time
    for extension in x509.extensions() {
        let oid = &extension.oid;
        if !seen.insert(oid.as_bytes()) {
            found.push(
                Finding::error(
                    Code::ExtensionTwice,
                    format!("the extension {oid} is present twice"),
                )
                .rule("RFC 5280 section 4.2"),
            );
        }
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(_) => has_ski = true,
            ParsedExtension::ParseError { .. } => found.push(
                Finding::error(
                    Code::ExtensionDamaged,
                    format!("its extension {oid} cannot be read"),
                )
                .rule("RFC 5280 section 4.2"),
            ),
            ParsedExtension::UnsupportedExtension { .. } if extension.critical => found.push(
                Finding::error(
                    Code::ExtensionUnknown,
                    format!("its critical extension {oid} is unknown"),
                )
                .rule("RFC 5280 section 4.2"),
            ),
            _ => rules(extension, found),
        }
    }
    if !has_ski {
        found.push(
            Finding::warning(Code::SkiMissing, "it has no subjectKeyIdentifier")
                .rule("RFC 5280 section 4.2.1.2"),
        );
    }
}

#[cfg(test)]
mod tests;
