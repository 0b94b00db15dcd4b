//! The profile of a leaf: the certificate of a server, a client, or a node that is both.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, KeyUsage, ParsedExtension, X509Extension};

use super::names::check_names;
use super::{IssuerRules, check_date_encoding, check_extensions, check_head, check_key};
use crate::error::Code;
use crate::pki::certificate::Certificate;
use crate::pki::chain::Purpose;
use crate::pki::finding::Finding;

/// Checks a certificate against the profile of a leaf that must allow all of `purposes`; with none
/// given, serverAuth or clientAuth is enough. Costs one parse and no cryptography:
/// [`super::check_dates`] checks the dates, [`super::IssuerRules`] the CA that signed it.
#[must_use]
pub fn check_leaf(certificate: &Certificate, purposes: &[Purpose]) -> Vec<Finding> {
    check_parsed_leaf(&certificate.parsed(), purposes)
}

/// As [`check_leaf`], for a leaf that is parsed already.
pub(crate) fn check_parsed_leaf(x509: &X509Certificate<'_>, purposes: &[Purpose]) -> Vec<Finding> {
    let mut found = Vec::new();
    check_parsed(x509, purposes, &mut found);
    found
}

/// Checks a leaf against the profile and against its presumed issuer. Does not check the signature:
/// see [`super::check_signature`].
pub(crate) fn check_issued(
    x509: &X509Certificate<'_>,
    purposes: &[Purpose],
    issuer: &IssuerRules,
) -> Vec<Finding> {
    let mut found = Vec::new();
    check_parsed(x509, purposes, &mut found);
    issuer.check_parsed(x509, &mut found);
    found
}

pub(super) fn check_parsed(
    x509: &X509Certificate<'_>,
    purposes: &[Purpose],
    found: &mut Vec<Finding>,
) {
    check_head(x509, found);
    check_date_encoding(x509, found);
    check_key(x509, found);
    super::check_signature_algorithm(x509, found);
    check_basic_constraints(x509, found);
    check_key_usage(x509, found);
    let serves = check_ext_key_usage(x509, purposes, found);
    check_names(x509, serves, found);
    let mut has_aki = false;
    check_extensions(x509, found, |extension, found| {
        has_aki |=
            matches!(extension.parsed_extension(), ParsedExtension::AuthorityKeyIdentifier(_));
        check_extension(extension, found);
    });
    if x509.subject().as_raw() == x509.issuer().as_raw() {
        found.push(
            Finding::warning(Code::SelfSigned, "its issuer is itself: no CA vouches for it")
                .hint("let the CA sign it: clients then need to trust only the CA"),
        );
    } else if !has_aki {
        found.push(
            Finding::warning(Code::AkiMissing, "it has no authorityKeyIdentifier")
                .rule("RFC 5280 section 4.2.1.1"),
        );
    }
}

fn check_basic_constraints(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    const RULE: &str = "RFC 5280 section 4.2.1.9";
    match x509.basic_constraints() {
        Ok(Some(constraints)) if constraints.value.ca => found.push(
            Finding::error(Code::IsACa, "it is a CA certificate, but a leaf is needed")
                .hint("a server that has a CA's key can sign certificates for any name")
                .rule(RULE),
        ),
        Ok(Some(constraints)) if constraints.value.path_len_constraint.is_some() => found.push(
            Finding::warning(Code::PathLengthOnLeaf, "it has a pathLenConstraint, but is not a CA")
                .rule(RULE),
        ),
        Ok(Some(_)) | Err(_) => {} // twice or damaged: told with the extensions
        Ok(None) => found.push(
            Finding::warning(Code::BasicConstraintsMissing, "it has no basicConstraints")
                .rule(RULE),
        ),
    }
}

fn check_key_usage(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    const RULE: &str = "RFC 5280 section 4.2.1.3";
    match x509.key_usage() {
        Ok(Some(usage)) => {
            if !usage.critical {
                found.push(
                    Finding::warning(Code::KeyUsageNotCritical, "its keyUsage is not critical")
                        .rule(RULE),
                );
            }
            check_key_usage_bits(x509, usage.value, found);
        }
        Ok(None) => {
            found.push(Finding::warning(Code::KeyUsageMissing, "it has no keyUsage").rule(RULE));
        }
        Err(_) => found
            .push(Finding::error(Code::KeyUsageDamaged, "its keyUsage cannot be read").rule(RULE)),
    }
}

fn check_key_usage_bits(x509: &X509Certificate<'_>, usage: &KeyUsage, found: &mut Vec<Finding>) {
    let is_rsa =
        x509.public_key().algorithm.algorithm == x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
    if !usage.digital_signature() {
        found.push(
            Finding::error(
                Code::KeyUsageNoSignature,
                "its keyUsage lacks digitalSignature, which TLS 1.3 needs",
            )
            .rule("RFC 8446 section 4.4.2.2"),
        );
    }
    if usage.key_cert_sign() {
        found.push(
            Finding::error(
                Code::KeyUsageCertSign,
                "its keyUsage has keyCertSign, but it is not a CA",
            )
            .rule("RFC 5280 section 4.2.1.3"),
        );
    }
    if !is_rsa && (usage.key_encipherment() || usage.data_encipherment()) {
        found.push(
            Finding::warning(
                Code::KeyUsageEncipherment,
                "its keyUsage allows encipherment, which its key cannot do",
            )
            .hint("only RSA keys encipher; strict peers reject this")
            .rule("RFC 8813 section 3"),
        );
    }
    let expected = if is_rsa { 0b101 } else { 0b1101 }; // encipherment was told above
    if usage.flags & !(expected | 1 << 5) != 0 {
        found.push(Finding::warning(
            Code::KeyUsageMore,
            "its keyUsage holds more than a TLS server or client needs",
        ));
    }
}

/// Checks the extended key usage. Returns whether servers may use the certificate: then it needs
/// names.
fn check_ext_key_usage(
    x509: &X509Certificate<'_>,
    purposes: &[Purpose],
    found: &mut Vec<Finding>,
) -> bool {
    const RULE: &str = "RFC 5280 section 4.2.1.12";
    let usage = match x509.extended_key_usage() {
        Ok(Some(usage)) => usage.value,
        Err(_) => return true, // twice or damaged: told with the extensions
        Ok(None) => {
            found.push(
                Finding::warning(
                    Code::ExtKeyUsageMissing,
                    "it has no extKeyUsage: it may be used for anything",
                )
                .rule(RULE),
            );
            return purposes != [Purpose::Client];
        }
    };
    let lacking = purposes.iter().find(|purpose| !usage.any && !is_in(usage, **purpose));
    if let Some(purpose) = lacking {
        let what = purpose.ext_key_usage();
        found.push(
            Finding::error(Code::ExtKeyUsageLacks, format!("its extKeyUsage lacks {what}"))
                .rule(RULE),
        );
    } else if !usage.any && !usage.server_auth && !usage.client_auth {
        found.push(
            Finding::error(
                Code::ExtKeyUsageLacks,
                "its extKeyUsage holds neither serverAuth nor clientAuth",
            )
            .rule(RULE),
        );
    }
    let more = usage.code_signing
        || usage.email_protection
        || usage.time_stamping
        || usage.ocsp_signing
        || !usage.other.is_empty();
    if usage.any || more {
        found.push(
            Finding::warning(
                Code::ExtKeyUsageMore,
                "its extKeyUsage holds more than serverAuth and clientAuth",
            )
            .rule(RULE),
        );
    }
    usage.server_auth || usage.any
}

fn is_in(usage: &ExtendedKeyUsage<'_>, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Server => usage.server_auth,
        Purpose::Client => usage.client_auth,
    }
}

fn check_extension(extension: &X509Extension<'_>, found: &mut Vec<Finding>) {
    let (name, rule) = match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(_) if extension.critical => {
            ("authorityKeyIdentifier", "RFC 5280 section 4.2.1.1")
        }
        ParsedExtension::NameConstraints(_) => {
            found.push(
                Finding::warning(
                    Code::NameConstraintsOnLeaf,
                    "it has nameConstraints, which only a CA may have",
                )
                .rule("RFC 5280 section 4.2.1.10"),
            );
            return;
        }
        _ => return,
    };
    found.push(
        Finding::warning(Code::ExtensionCritical, format!("its {name} is critical")).rule(rule),
    );
}
