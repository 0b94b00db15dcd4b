//! The certificate profile: what a CA certificate must be, and what we make it.
//!
//! Rules of the first kind are errors: peers reject the certificate, or it
//! is not safe. Rules of the second kind are warnings: a CA that others
//! made may break them and still serve.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::x509::X509Version;

use crate::pki::certificate::{Certificate, key_type};
use crate::pki::finding::Finding;
use crate::pki::key::KeyType;

/// Holds a certificate against the profile of a CA. Dates are for [`check_dates`].
#[must_use]
pub fn check_ca(certificate: &Certificate) -> Vec<Finding> {
    let x509 = certificate.parsed();
    let mut found = Vec::new();
    check_body(&x509, &mut found);
    check_key(&x509, &mut found);
    check_signature(&x509, &mut found);
    check_basic_constraints(&x509, &mut found);
    check_key_usage(&x509, &mut found);
    check_other_extensions(&x509, &mut found);
    found
}

/// Expired, not valid yet, or expiring before `soon`.
#[must_use]
pub fn check_dates(
    certificate: &Certificate,
    now: Timestamp,
    soon: Option<Timestamp>,
) -> Vec<Finding> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if not_before > not_after {
        return vec![
            Finding::error("dates-reversed", "notBefore lies after notAfter: it is never valid")
                .rule("RFC 5280 section 4.1.2.5"),
        ];
    }
    if now > not_after {
        return vec![
            Finding::error("expired", format!("it expired at {not_after}"))
                .rule("RFC 5280 section 4.1.2.5"),
        ];
    }
    if now < not_before {
        return vec![
            Finding::error("not-yet-valid", format!("it is not valid before {not_before}"))
                .hint("check this machine's clock: timedatectl")
                .rule("RFC 5280 section 4.1.2.5"),
        ];
    }
    match soon {
        Some(soon) if not_after <= soon => {
            vec![Finding::error("expires-soon", format!("it expires at {not_after}"))]
        }
        _ => Vec::new(),
    }
}

fn check_body(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    if x509.version() != X509Version::V3 {
        found.push(
            Finding::error("not-v3", "it is not an X.509 version 3 certificate")
                .rule("RFC 5280 section 4.1.2.1"),
        );
    }
    let serial = x509.raw_serial();
    if serial.first().is_none_or(|first| first & 0x80 != 0) || serial.iter().all(|b| *b == 0) {
        found.push(
            Finding::warning("serial-not-positive", "its serial number is not positive")
                .rule("RFC 5280 section 4.1.2.2"),
        );
    } else if serial.len() > 20 {
        found.push(
            Finding::warning("serial-too-long", "its serial number is longer than 20 octets")
                .rule("RFC 5280 section 4.1.2.2"),
        );
    } else if serial.len() < 8 {
        found.push(Finding::warning(
            "serial-short",
            "its serial number is too short to hold 64 random bits",
        ));
    }
    if x509.subject().as_raw() != x509.issuer().as_raw() {
        found.push(
            Finding::error("not-self-signed", "its issuer is another authority than its subject")
                .hint("ccx-sec keeps a self-signed CA: the root that clients trust"),
        );
    }
    if x509.subject().iter_rdn().next().is_none() {
        found.push(
            Finding::error("subject-missing", "it has no subject name")
                .rule("RFC 5280 section 4.1.2.6"),
        );
    }
    let year_2050 = 2_524_608_000;
    let misencoded = [&x509.validity.not_before, &x509.validity.not_after]
        .iter()
        .any(|time| time.is_generalizedtime() != (time.timestamp() >= year_2050));
    if misencoded {
        found.push(
            Finding::warning(
                "time-encoding",
                "a date is not UTCTime until 2049, then GeneralizedTime",
            )
            .rule("RFC 5280 section 4.1.2.5"),
        );
    }
}

fn check_key(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    let kind = key_type(x509.public_key());
    if KeyType::ALL.iter().any(|known| known.name() == kind) {
        return;
    }
    let bits = kind.strip_prefix("rsa-").and_then(|bits| bits.parse::<usize>().ok());
    found.push(match bits {
        Some(2048..=8192) => Finding::warning("key-type", format!("its key is {kind}")),
        Some(..2048) => Finding::error("weak-key", format!("its key is weak: {kind}"))
            .hint("use RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519"),
        _ => {
            Finding::error("key-unsupported", format!("its key is of an unsupported kind: {kind}"))
                .hint("use RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519")
        }
    });
}

fn check_signature(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    let algorithm = x509.signature_algorithm.algorithm.to_id_string();
    let weak = [
        "1.2.840.113549.1.1.2",
        "1.2.840.113549.1.1.4",
        "1.2.840.113549.1.1.5",
        "1.2.840.10045.4.1",
    ];
    if weak.contains(&algorithm.as_str()) {
        found.push(Finding::error("weak-signature", "it is signed with MD5 or SHA-1"));
    } else if x509.verify_signature(None).is_err() {
        found.push(
            Finding::error("bad-signature", "its self-signature does not verify")
                .hint("the certificate was altered, or another key signed it"),
        );
    }
}

fn check_basic_constraints(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    const RULE: &str = "RFC 5280 section 4.2.1.9";
    match x509.basic_constraints() {
        Ok(Some(constraints)) if constraints.value.ca => {
            if !constraints.critical {
                found.push(
                    Finding::warning(
                        "basic-constraints-not-critical",
                        "basicConstraints is not critical",
                    )
                    .rule(RULE),
                );
            }
            if constraints.value.path_len_constraint != Some(0) {
                found.push(Finding::warning(
                    "path-length",
                    "its pathLenConstraint is not 0: it may sign further authorities",
                ));
            }
        }
        _ => found.push(
            Finding::error("not-a-ca", "it is not a CA certificate")
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
                    Finding::error("key-usage-no-cert-sign", "its keyUsage lacks keyCertSign")
                        .rule(RULE),
                );
            }
            if !usage.value.crl_sign() {
                found.push(Finding::warning("key-usage-no-crl-sign", "its keyUsage lacks cRLSign"));
            }
            if usage.value.flags & !0b110_0000 != 0 {
                found.push(Finding::warning(
                    "key-usage-more",
                    "its keyUsage holds more than keyCertSign and cRLSign",
                ));
            }
            if !usage.critical {
                found.push(
                    Finding::warning("key-usage-not-critical", "its keyUsage is not critical")
                        .rule(RULE),
                );
            }
        }
        Ok(None) => {
            found.push(Finding::warning("key-usage-missing", "it has no keyUsage").rule(RULE));
        }
        Err(_) => found
            .push(Finding::error("key-usage-damaged", "its keyUsage cannot be read").rule(RULE)),
    }
}

fn check_other_extensions(x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
    let mut has_ski = false;
    let mut seen = Vec::new();
    for extension in x509.extensions() {
        let oid = extension.oid.to_id_string();
        if seen.contains(&oid) {
            found.push(
                Finding::error(
                    "extension-twice",
                    format!("the extension {oid} stands in it twice"),
                )
                .rule("RFC 5280 section 4.2"),
            );
        }
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(_) => has_ski = true,
            ParsedExtension::ExtendedKeyUsage(_) => found.push(Finding::warning(
                "ext-key-usage",
                "it has an extKeyUsage, which restricts what it may sign",
            )),
            ParsedExtension::NameConstraints(_) if !extension.critical => found.push(
                Finding::warning(
                    "name-constraints-not-critical",
                    "its nameConstraints is not critical",
                )
                .rule("RFC 5280 section 4.2.1.10"),
            ),
            ParsedExtension::ParseError { .. } => found.push(
                Finding::error("extension-damaged", format!("its extension {oid} cannot be read"))
                    .rule("RFC 5280 section 4.2"),
            ),
            ParsedExtension::UnsupportedExtension { .. } if extension.critical => found.push(
                Finding::error(
                    "extension-unknown",
                    format!("its critical extension {oid} is unknown"),
                )
                .rule("RFC 5280 section 4.2"),
            ),
            _ => {}
        }
        seen.push(oid);
    }
    if !has_ski {
        found.push(
            Finding::warning("ski-missing", "it has no subjectKeyIdentifier")
                .rule("RFC 5280 section 4.2.1.2"),
        );
    }
}
