//! The profile of a CA.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ParsedExtension, X509Extension};

use super::issuer::signed_with;
use super::{check_date_encoding, check_extensions, check_head, check_key};
use crate::error::Code;
use crate::pki::certificate::Certificate;
use crate::pki::finding::Finding;

/// Checks a certificate against the profile of a self-signed CA. [`super::check_dates`] checks its
/// dates.
#[must_use]
pub fn check_ca(certificate: &Certificate) -> Vec<Finding> {
    let x509 = certificate.parsed();
    let mut found = Vec::new();
    check_head(&x509, &mut found);
    if x509.subject().as_raw() != x509.issuer().as_raw() {
        found.push(
            Finding::error(Code::NotSelfSigned, "its issuer and its subject differ")
                .hint("ccx-sec keeps a self-signed CA: the root that clients trust"),
        );
    }
    let is_usable = check_body(&x509, &mut found);
    if super::check_signature_algorithm(&x509, &mut found) && is_usable {
        found.extend(signed_with(&x509, x509.public_key(), "its self-signature does not verify"));
    }
    check_rights(&x509, &mut found);
    found
}

/// Checks a certificate against the profile of a CA that another CA may have signed: everything
/// except the signature.
pub(super) fn check_authority(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    check_head(x509, found);
    check_body(x509, found);
    super::check_signature_algorithm(x509, found);
    check_rights(x509, found);
}

/// Checks subject, date encoding and key. Returns whether signatures by this key can be verified.
fn check_body(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) -> bool {
    if x509.subject().iter_rdn().next().is_none() {
        found.push(
            Finding::error(Code::SubjectMissing, "it has no subject name")
                .rule("RFC 5280 section 4.1.2.6"),
        );
    }
    check_date_encoding(x509, found);
    check_key(x509, found)
}

fn check_rights(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    /// Findings for which `VERIFY_X509_STRICT` refuses a CA (openssl-verification-options(1),
    /// `-x509_strict`). Python sets it by default from 3.13 on; other clients accept such a CA.
    const STRICT: [Code; 3] =
        [Code::BasicConstraintsNotCritical, Code::KeyUsageMissing, Code::SkiMissing];
    let mut rights = Vec::new();
    check_basic_constraints(x509, &mut rights);
    check_key_usage(x509, &mut rights);
    check_extensions(x509, &mut rights, check_extension);
    for finding in &mut rights {
        if STRICT.contains(&finding.code) {
            finding.message += ": Python 3.13 and later refuses every certificate of this CA";
        }
    }
    found.append(&mut rights);
}

fn check_basic_constraints(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    const RULE: &str = "RFC 5280 section 4.2.1.9";
    match x509.basic_constraints() {
        Ok(Some(constraints)) if constraints.value.ca => {
            if !constraints.critical {
                found.push(
                    Finding::warning(
                        Code::BasicConstraintsNotCritical,
                        "basicConstraints is not critical",
                    )
                    .rule(RULE),
                );
            }
            if constraints.value.path_len_constraint != Some(0) {
                found.push(Finding::warning(
                    Code::PathLength,
                    "its pathLenConstraint is not 0: it may sign further authorities",
                ));
            }
        }
        _ => found.push(
            Finding::error(Code::NotACa, "it is not a CA certificate")
                .hint("a leaf cannot sign; give the certificate of the authority")
                .rule(RULE),
        ),
    }
}

fn check_key_usage(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    const RULE: &str = "RFC 5280 section 4.2.1.3";
    match x509.key_usage() {
        Ok(Some(usage)) => {
            if !usage.value.key_cert_sign() {
                found.push(
                    Finding::error(Code::KeyUsageNoCertSign, "its keyUsage lacks keyCertSign")
                        .rule(RULE),
                );
            }
            if !usage.value.crl_sign() {
                found.push(Finding::warning(Code::KeyUsageNoCrlSign, "its keyUsage lacks cRLSign"));
            }
            if usage.value.flags & !0b110_0000 != 0 {
                found.push(Finding::warning(
                    Code::KeyUsageMore,
                    "its keyUsage holds more than keyCertSign and cRLSign",
                ));
            }
            if !usage.critical {
                found.push(
                    Finding::warning(Code::KeyUsageNotCritical, "its keyUsage is not critical")
                        .rule(RULE),
                );
            }
        }
        Ok(None) => {
            found.push(Finding::warning(Code::KeyUsageMissing, "it has no keyUsage").rule(RULE));
        }
        Err(_) => found
            .push(Finding::error(Code::KeyUsageDamaged, "its keyUsage cannot be read").rule(RULE)),
    }
}

fn check_extension(extension: &X509Extension<'_>, found: &mut Vec<Finding>) {
    match extension.parsed_extension() {
        ParsedExtension::ExtendedKeyUsage(_) => found.push(Finding::warning(
            Code::ExtKeyUsage,
            "it has an extKeyUsage, which restricts what it may sign",
        )),
        ParsedExtension::NameConstraints(_) if !extension.critical => found.push(
            Finding::warning(
                Code::NameConstraintsNotCritical,
                "its nameConstraints is not critical",
            )
            .rule("RFC 5280 section 4.2.1.10"),
        ),
        _ => {}
    }
}
