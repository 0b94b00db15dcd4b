//! A certificate that rcgen wrote and nobody signed. The parts that rcgen would encode in another
//! way than the CA's own certificate are replaced, and the result is signed.

use rcgen::{CertificateParams, KeyIdMethod, SigningKey};
use x509_parser::extensions::ParsedExtension;

use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::der::{self, Elements};

/// The tag of SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// The tag of BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;

/// The encoded parts of a draft.
pub(super) struct CertificateDraft<'a> {
    /// Version, serial number and signature algorithm of the body.
    pub(super) head: &'a [u8],
    /// The validity.
    pub(super) validity: &'a [u8],
    /// The body behind the validity: subject, public key and extensions.
    pub(super) rest: &'a [u8],
    /// The signature algorithm behind the body.
    pub(super) algorithm: &'a [u8],
}

impl<'a> CertificateDraft<'a> {
    /// Reads the parts of an encoded certificate; `None` when it has other ones.
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        let mut parts = Elements::new(der).next()?.ok()?.children();
        let (body, algorithm) = (parts.next()?.ok()?, parts.next()?.ok()?);
        let mut fields = body.children();
        fields.nth(2)?.ok()?; // version, serial number, signature
        let head = &body.content[..body.content.len() - fields.rest.len()];
        fields.next()?.ok()?; // rcgen's issuer
        let validity = fields.next()?.ok()?.whole;
        Some(CertificateDraft { head, validity, rest: fields.rest, algorithm: algorithm.whole })
    }
}

/// Signs a body (TBSCertificate) with the key of a CA.
pub(super) fn sign(
    authority: &Authority,
    body: &[u8],
    algorithm: &[u8],
) -> Result<Vec<u8>, rcgen::Error> {
    let signature = authority.key().rcgen().sign(body)?;
    let signature = der::wrap(BIT_STRING, &[&[0], &signature]);
    Ok(der::wrap(SEQUENCE, &[body, algorithm, &signature]))
}

/// The subjectKeyIdentifier of a certificate.
pub(super) fn subject_key_id(certificate: &Certificate) -> Option<Vec<u8>> {
    let x509 = certificate.parsed();
    x509.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
        _ => None,
    })
}

/// The rcgen issuer that writes drafts: with the CA's key identifier and an empty name.
pub(super) fn issuer(authority: &Authority) -> rcgen::Issuer<'_, DraftKey<'_>> {
    let mut nameless = CertificateParams::default();
    nameless.distinguished_name = rcgen::DistinguishedName::new();
    nameless.key_identifier_method = subject_key_id(authority.certificate())
        .map_or(KeyIdMethod::Sha256, KeyIdMethod::PreSpecified);
    rcgen::Issuer::new(nameless, DraftKey(authority))
}

/// The CA's public key, with a signature that is empty: drafts are not signed.
#[derive(Debug)]
pub(super) struct DraftKey<'a>(&'a Authority);

impl rcgen::PublicKeyData for DraftKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.key().rcgen().der_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.0.key().rcgen().algorithm()
    }
}

impl SigningKey for DraftKey<'_> {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(Vec::new())
    }
}
