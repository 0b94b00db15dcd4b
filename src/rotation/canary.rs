//! Client certificates of five minutes that show which CAs a server trusts. Certificate and key
//! exist in the memory of this process only.

use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::connection::tls::{ClientIdentity, client_identity};
use crate::error::{Code, Error, Result};
use crate::pki::authority::{Authority, CaRequest};
use crate::pki::constraints::NameConstraints;
use crate::pki::issue::{Issuer, LeafRequest, Usage};
use crate::pki::key::{KeyType, PrivateKey};
use crate::pki::leaf_key::LeafKey;
use crate::pki::san::San;
use crate::pki::subject::Subject;
use crate::pki::validity::{Length, Validity};

/// The common name, which no account should have. It has no dot, so that no verifier reads it as a
/// DNS name and holds it against the name constraints of the CA.
pub const COMMON_NAME: &str = "ccx-sec-probe";

/// The lifetime after `now`; `notBefore` lies before it as in every certificate.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// Signs a client certificate with the CA, for a new key.
///
/// # Errors
/// Exit 4 when the CA is not valid `now`, or may not sign; exit 3 when no key can be made.
pub fn issue(authority: &Authority, now: Timestamp) -> Result<ClientIdentity> {
    let request = LeafRequest {
        subject: Subject::new(COMMON_NAME, None)?,
        san: San::new([], []),
        usage: Usage::Client,
        validity: Length::from(LIFETIME),
    };
    // RSA would take a second; every server that has a CA of any kind verifies ECDSA on P-256.
    let key = LeafKey::generate(KeyType::EcdsaP256)?;
    let certificate = Issuer::new(authority, now)?.issue(&request, key.public(), now)?;
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
    client_identity(chain, key.into()).map_err(|source| {
        Error::failed(Code::ClientCertificate, "the probe's client certificate cannot be used")
            .because(source)
    })
}

/// Signs a client certificate with a CA that was made for this call, whose key is lost with it. A
/// server that takes it verifies no client certificate.
///
/// # Errors
/// Exit 3 when no key can be made.
pub fn unrelated(now: Timestamp) -> Result<ClientIdentity> {
    let request = CaRequest {
        subject: Subject::new("ccx-sec ca rotate: a CA that nobody trusts", None)?,
        validity: Validity::starting(now, &Length::from(LIFETIME))?,
        constraints: NameConstraints::default(),
    };
    let authority = Authority::create(&request, PrivateKey::generate(KeyType::EcdsaP256)?)?;
    issue(&authority, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::Certificate;
    use crate::pki::chain::{ChainRequest, Purpose, verify};

    fn authority(constraints: NameConstraints, now: Timestamp) -> Authority {
        let length = "1y".parse().expect("a length");
        let request = CaRequest {
            subject: Subject::new("Acme DB CA", None).expect("a subject"),
            validity: Validity::starting(now, &length).expect("in range"),
            constraints,
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        Authority::create(&request, key).expect("a CA")
    }

    #[test]
    fn a_canary_lives_for_five_minutes_and_verifies_with_its_ca_alone() {
        let now: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a timestamp");
        let constraints = NameConstraints {
            dns: vec!["ccx.example.com".parse().expect("a name")],
            ..NameConstraints::default()
        };
        let other = authority(NameConstraints::default(), now);
        for constraints in [NameConstraints::default(), constraints] {
            let own = authority(constraints, now);
            let identity = issue(&own, now).expect("a canary");
            let leaf = Certificate::from_der(identity.cert[0].to_vec()).expect("a certificate");
            assert_eq!(leaf.common_name().as_deref(), Some(COMMON_NAME));
            assert_eq!(leaf.not_after(), now + LIFETIME);
            let anchors = [own.certificate().clone()];
            let request = ChainRequest::new(&leaf, &[], &anchors, now, Purpose::Client);
            assert!(verify(&request).is_ok());
            let anchors = [other.certificate().clone()];
            let request = ChainRequest::new(&leaf, &[], &anchors, now, Purpose::Client);
            assert!(verify(&request).is_err());
        }
        assert!(unrelated(now).is_ok());
        let later = now + SignedDuration::from_hours(24 * 400);
        assert_eq!(issue(&other, later).expect_err("expired").code(), Code::CaNotValid);
    }
}
