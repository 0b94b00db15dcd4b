//! The CA: a certificate together with its matching private key.

use jiff::Timestamp;

use crate::error::{Code, Error, Result};
use crate::hint::Hint;
use crate::pki::certificate::Certificate;
use crate::pki::constraints::NameConstraints;
use crate::pki::finding::{Finding, Level};
use crate::pki::key::PrivateKey;
use crate::pki::subject::Subject;
use crate::pki::validity::Validity;
use crate::pki::{profile, random};
use crate::shell::{CommandLine, Placeholder};

/// The contents of a CA certificate that is about to be signed.
#[derive(Debug, Clone)]
pub struct CaRequest {
    /// The subject, which is also the issuer: the certificate is self-signed.
    pub subject: Subject,
    /// The first and last moment of validity.
    pub validity: Validity,
    /// The names that the CA may sign for; empty means any name.
    pub constraints: NameConstraints,
}

/// A CA certificate and its private key. [`Authority::new`] checks that the two match.
#[derive(Debug)]
pub struct Authority {
    certificate: Certificate,
    key: PrivateKey,
}

impl Authority {
    /// Signs a new CA certificate with `key`, and checks the result against the profile.
    ///
    /// # Errors
    /// Exit 3 when signing fails, or when the new certificate breaks the profile.
    pub fn create(request: &CaRequest, key: PrivateKey) -> Result<Self> {
        let failed = || Error::failed(Code::CaSigning, "cannot make the CA certificate");
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name = request.subject.to_rcgen();
        parameters.serial_number = Some(random_serial()?);
        parameters.not_before = rcgen_time(request.validity.not_before)?;
        parameters.not_after = rcgen_time(request.validity.not_after)?;
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
        parameters.key_usages =
            vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
        parameters.name_constraints = request.constraints.to_rcgen();
        let signed = parameters.self_signed(key.rcgen()).map_err(|e| failed().because(e))?;
        let authority = Self::new(Certificate::from_der(signed.der().to_vec())?, key)?;
        match profile::check_ca(&authority.certificate).into_iter().next() {
            None => Ok(authority),
            Some(finding) => Err(Error::failed(
                Code::ProfileBroken,
                format!("the new CA certificate breaks the profile: {}", finding.message),
            )
            .hint("this is a fault in ccx-sec; nothing was stored; please report it")),
        }
    }

    /// Joins a certificate and its private key.
    ///
    /// # Errors
    /// Exit 4 when the key belongs to another certificate.
    pub fn new(certificate: Certificate, key: PrivateKey) -> Result<Self> {
        if certificate.public_key_info() != key.public_key_info() {
            return Err(Error::refused(
                Code::KeyMismatch,
                "the private key does not belong to the CA certificate",
            )
            .hint(
                Hint::from((
                    "compare the public key of the certificate",
                    CommandLine::other("openssl", "x509 -pubkey -noout")
                        .option("-in", Placeholder("FILE")),
                ))
                .then((
                    "with that of the key",
                    CommandLine::other("openssl", "pkey -pubout")
                        .option("-in", Placeholder("KEY_FILE")),
                )),
            ));
        }
        Ok(Authority { certificate, key })
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }
}

/// Checks whether a CA that was made elsewhere may be imported: one finding of level error
/// refuses it; otherwise all findings are returned, for the caller to print.
///
/// # Errors
/// Exit 4, with the code and message of the first error among the findings.
pub fn check_foreign(certificate: &Certificate, now: Timestamp) -> Result<Vec<Finding>> {
    let mut findings = profile::check_ca(certificate);
    findings.extend(profile::check_dates(certificate, now, None));
    match findings.iter().find(|finding| finding.level == Level::Error) {
        None => Ok(findings),
        Some(finding) => {
            let message =
                format!("the CA {} is refused: {}", certificate.subject(), finding.message);
            let anew = || Hint::from("have it issued again by its maker, without that");
            let refused = Error::refused(finding.code, message);
            Err(match finding.hints.as_slice() {
                [] => refused.hint(anew()),
                hints => hints.iter().cloned().fold(refused, Error::hint),
            })
        }
    }
}

/// A serial number of 16 octets. The top bit, DER's sign bit, is clear, so that the number is
/// positive (RFC 5280, section 4.1.2.2); the other 127 bits are random.
pub(crate) fn random_serial() -> Result<rcgen::SerialNumber> {
    let mut serial = [0; 16];
    random(&mut serial)?;
    serial[0] &= 0x7f;
    Ok(rcgen::SerialNumber::from_slice(&serial))
}

pub(crate) fn rcgen_time(at: Timestamp) -> Result<time::OffsetDateTime> {
    time::OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(|source| {
        Error::usage(Code::DateRange, format!("{at} is out of X.509's range")).because(source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::KeyType;
    use crate::pki::validity;

    fn create(now: &str, constraints: NameConstraints) -> Authority {
        let now: Timestamp = now.parse().expect("a timestamp");
        let request = CaRequest {
            subject: Subject::new("test, CA", Some("Acme")).expect("a subject"),
            validity: Validity::starting(now, &validity::ca_default()).expect("in range"),
            constraints,
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        Authority::create(&request, key).expect("a CA")
    }

    #[test]
    fn what_we_make_is_what_the_profile_says() {
        let authority = create("2026-01-01T00:00:00Z", NameConstraints::default());
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
        let described = authority.certificate().describe(now);
        assert_eq!(described.subject, "CN=test\\, CA,O=Acme");
        assert_eq!(described.issuer, described.subject);
        assert!((16..=32).contains(&described.serial.len()), "{}", described.serial);
        assert_eq!(described.key_type, "ecdsa-p256");
        assert_eq!(described.signature_algorithm, "ecdsa-with-SHA256");
        assert_eq!(described.not_before.to_string(), "2025-12-31T23:55:00Z");
        assert_eq!(described.not_after.to_string(), "2036-01-01T00:00:00Z");
        assert_eq!(described.days_left, 3652);
        assert!(described.is_ca);
        assert_eq!(described.key_usage, ["keyCertSign", "cRLSign"]);
        assert_eq!(described.ski.map(|ski| ski.len()), Some(40));
        assert_eq!(described.name_constraints, None);
    }

    #[test]
    fn dates_from_2050_are_generalized_time() {
        let authority = create("2045-06-01T00:00:00Z", NameConstraints::default());
        let x509 = authority.certificate().parsed();
        assert!(x509.validity.not_before.is_utctime());
        assert!(x509.validity.not_after.is_generalizedtime());
    }

    #[test]
    fn constraints_are_in_the_certificate() {
        let constraints = NameConstraints {
            dns: vec!["ccx.example.com".parse().expect("a domain")],
            ip: vec!["10.0.0.0/8".parse().expect("v4"), "fd00::/8".parse().expect("v6")],
        };
        let authority = create("2026-01-01T00:00:00Z", constraints);
        let described = authority.certificate().describe(Timestamp::UNIX_EPOCH);
        let permitted = described.name_constraints.expect("constraints").permitted;
        assert_eq!(permitted.dns, ["ccx.example.com"]);
        assert_eq!(permitted.ip, ["10.0.0.0/8", "fd00::/8"]);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let one = create("2026-01-01T00:00:00Z", NameConstraints::default());
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        let error =
            Authority::new(one.certificate().clone(), key).map(|_| ()).map_err(|e| e.code().name());
        assert_eq!(error, Err("key-mismatch"));
    }

    #[test]
    fn dates_are_checked_on_both_sides() {
        let authority = create("2026-01-01T00:00:00Z", NameConstraints::default());
        let codes = |now: &str, soon: Option<&str>| -> Vec<&str> {
            let parse = |text: &str| text.parse::<Timestamp>().expect("a timestamp");
            profile::check_dates(authority.certificate(), parse(now), soon.map(parse))
                .iter()
                .map(|finding| finding.code.name())
                .collect()
        };
        assert_eq!(codes("2026-01-01T00:00:00Z", None), Vec::<&str>::new());
        assert_eq!(codes("2036-01-01T00:00:01Z", None), ["expired"]);
        assert_eq!(codes("2025-12-31T23:54:59Z", None), ["not-yet-valid"]);
        assert_eq!(codes("2026-01-01T00:00:00Z", Some("2036-01-01T00:00:00Z")), ["expires-soon"]);
    }
}
