//! Checks a leaf against the CA that is said to have signed it.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::ParsedExtension;
use x509_parser::signature_algorithm::SignatureAlgorithm;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::error::Code;
use crate::pki::certificate::{Certificate, general_name};
use crate::pki::constraints::IssuerConstraints;
use crate::pki::finding::Finding;

/// The demands of a CA certificate on the certificates that it signs. Read once, applied to many.
#[derive(Debug)]
pub struct IssuerRules {
    subject: Vec<u8>,
    ski: Option<Vec<u8>>,
    not_after: Timestamp,
    can_sign: bool,
    limits: IssuerConstraints,
}

impl IssuerRules {
    /// Reads the demands of a CA certificate.
    #[must_use]
    pub fn new(ca: &Certificate) -> Self {
        let x509 = ca.parsed();
        let ski =
            x509.extensions().iter().find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
                _ => None,
            });
        let usage = x509.key_usage();
        let may_sign =
            usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.value.key_cert_sign()));
        IssuerRules {
            subject: x509.subject().as_raw().to_vec(),
            ski,
            not_after: ca.not_after(),
            can_sign: x509.is_ca() && may_sign,
            limits: IssuerConstraints::from_certificate(&x509),
        }
    }

    /// Checks whether this CA can have issued a certificate; only the signature is left to
    /// [`check_signature`]. Costs one parse and no cryptography.
    #[must_use]
    pub fn check(&self, certificate: &Certificate) -> Vec<Finding> {
        let mut found = Vec::new();
        self.check_parsed(&certificate.parsed(), &mut found);
        found
    }

    pub(crate) fn check_parsed(&self, x509: &X509Certificate<'_>, found: &mut Vec<Finding>) {
        if !self.can_sign {
            found.push(
                Finding::error(Code::IssuerNotACa, "its issuer is not a CA that may sign")
                    .rule("RFC 5280 section 6.1.4"),
            );
        }
        if x509.issuer().as_raw() != self.subject {
            found.push(
                Finding::error(
                    Code::IssuerDiffers,
                    "its issuer is not, byte for byte, the subject of the CA",
                )
                .rule("RFC 5280 section 6.1.3"),
            );
        }
        if x509.validity.not_after.timestamp() > self.not_after.as_second() {
            let message = format!("it ends after its CA, which ends at {}", self.not_after);
            found.push(Finding::warning(Code::OutlivesIssuer, message));
        }
        for extension in x509.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(aki) => {
                    let aki = aki.key_identifier.as_ref().map(|id| id.0);
                    if let (Some(aki), Some(ski)) = (aki, &self.ski)
                        && aki != ski
                    {
                        found.push(
                            Finding::error(
                                Code::AkiDiffers,
                                "its authorityKeyIdentifier is not the CA's subjectKeyIdentifier",
                            )
                            .rule("RFC 5280 section 4.2.1.1"),
                        );
                    }
                }
                ParsedExtension::SubjectAlternativeName(san) => {
                    let outside = san.general_names.iter().filter(|name| !self.limits.allow(name));
                    found.extend(outside.map(|name| {
                        let name = general_name(name);
                        let message = format!("its name {name} is outside the CA's constraints");
                        Finding::error(Code::OutsideConstraints, message)
                            .rule("RFC 5280 section 4.2.1.10")
                    }));
                }
                _ => {}
            }
        }
    }
}

/// Checks that `ca` signed the certificate; `None` if it did.
#[must_use]
pub fn check_signature(certificate: &Certificate, ca: &Certificate) -> Option<Finding> {
    let message = "its signature is not one by the CA's key";
    signed_with(&certificate.parsed(), ca.parsed().public_key(), message)
}

/// Verifies a signature; `message` is the finding if it does not verify.
pub(super) fn signed_with(
    x509: &X509Certificate<'_>,
    key: &SubjectPublicKeyInfo<'_>,
    message: &str,
) -> Option<Finding> {
    match x509.verify_signature(Some(key)) {
        Ok(()) => None,
        Err(X509Error::SignatureUnsupportedAlgorithm) => Some(
            Finding::error(
                Code::SignatureUnsupported,
                "it is signed with an algorithm that ccx-sec cannot verify",
            )
            .hint("sign it with SHA-256 or SHA-384"),
        ),
        Err(_) if has_unusual_salt(x509) => Some(
            Finding::error(
                Code::SignatureUnsupported,
                "the salt of its RSA-PSS signature is not as long as the hash",
            )
            .hint("sign it with -sigopt rsa_pss_saltlen:digest, in the words of openssl"),
        ),
        Err(_) => Some(
            Finding::error(Code::BadSignature, message)
                .hint("the certificate was altered, or another key signed it"),
        ),
    }
}

/// Whether an RSA-PSS signature has a salt of another length than its hash. TLS (RFC 8446, section
/// 4.2.3) and verifying libraries accept only equal lengths; OpenSSL uses the longest salt that
/// fits, unless told otherwise.
fn has_unusual_salt(x509: &X509Certificate<'_>) -> bool {
    let Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) =
        SignatureAlgorithm::try_from(&x509.signature_algorithm)
    else {
        return false;
    };
    let hash = match parameters.hash_algorithm_oid().to_id_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => 32,
        "2.16.840.1.101.3.4.2.2" => 48,
        _ => 64,
    };
    parameters.salt_length() != hash
}
