//! A link: a certificate by which one CA announces another, for clients that know only the first.
//!
//! It has the name and the public key of the announced CA, and the signature of the CA that
//! announces it, as "NewWithOld" of RFC 4210, section 4.4. Unlike that one it is of no use in a
//! chain, since cross-signed chains fail in several verifiers. Four parts ensure this, so that a
//! verifier that ignores one still refuses it:
//!
//! ```text
//! basicConstraints        no CA: it issues nothing
//! keyUsage                contentCommitment alone: it signs no certificate and no handshake
//! extKeyUsage, critical   the private purpose PURPOSE alone: it is for no server and no client
//! PURPOSE, critical       an extension that no verifier knows (RFC 5280, section 4.2)
//! ```
//!
//! Its subjectKeyIdentifier is not that of the announced CA, although the key is the same: if a link
//! is put into a file of trusted CAs by mistake, OpenSSL passes over it when it searches the issuer
//! of a certificate by name and key identifier, and finds the announced CA itself.
//!
//! The extension also tells a link from every other certificate that the CA signs. Without it, the
//! owner of a leaf certificate could announce a CA of the leaf's name and key.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rcgen::{CertificateParams, SerialNumber};
use x509_parser::certificate::X509Certificate;

use crate::error::{Code, Error, Result};
use crate::pki::authority::{Authority, random_serial, rcgen_time};
use crate::pki::certificate::Certificate;
use crate::pki::draft::{self, BIT_STRING, CertificateDraft, SEQUENCE};
use crate::pki::finding::Level;
use crate::pki::leaf_key::PublicKey;
use crate::pki::validity::BACKDATED;
use crate::pki::{der, profile};

/// The object identifier of links, as extension and as extended key usage: 2.25 followed by the
/// UUID cb0020d8-7bef-4773-a7ca-8813a137cc41, which needs no registry (ITU-T X.667). Its content
/// octets in DER.
const PURPOSE: [u8; 20] = [
    0x69, 0x83, 0x96, 0x80, 0x90, 0xb6, 0x8f, 0xbe, 0xfa, 0x9d, 0xe7, 0xa7, 0xe5, 0xa2, 0x82, 0xba,
    0x89, 0xdf, 0x98, 0x41,
];
const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
const KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x0f];
const EXT_KEY_USAGE: [u8; 3] = [0x55, 0x1d, 0x25];
const SUBJECT_KEY_ID: [u8; 3] = [0x55, 0x1d, 0x0e];
const AUTHORITY_KEY_ID: [u8; 3] = [0x55, 0x1d, 0x23];
const BOOLEAN_TRUE: [u8; 3] = [0x01, 0x01, 0xff];
const NULL: [u8; 2] = [0x05, 0x00];
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// Signs a link from the CA `authority` to the CA `announced`, valid from `now` until the first of
/// the two ends. Returns `None` when one of them has ended: no client would follow the link.
///
/// # Errors
/// Exit 2 when a date is out of range; exit 3 when signing fails.
pub fn make(
    authority: &Authority,
    announced: &Certificate,
    now: Timestamp,
) -> Result<Option<Certificate>> {
    let signer = authority.certificate();
    let end = signer.not_after().min(announced.not_after());
    if end < now {
        return Ok(None);
    }
    let failed = || Error::failed(Code::CertificateSigning, "cannot sign the link to the next CA");
    let draft = draft(authority, random_serial()?, now, end)?;
    let parts = CertificateDraft::read(&draft).ok_or_else(failed)?;
    let (signer_x509, announced_x509) = (signer.parsed(), announced.parsed());
    let body = [
        parts.head,
        signer_x509.subject().as_raw(),
        parts.validity,
        announced_x509.subject().as_raw(),
        announced_x509.public_key().raw,
        &extensions(signer, announced_x509.public_key().raw),
    ];
    let body = der::wrap(SEQUENCE, &body);
    let signed = draft::sign(authority, &body, parts.algorithm);
    Certificate::from_der(signed.map_err(|source| failed().because(source))?).map(Some)
}

/// Checks that `link` is a link by which the CA `signer` announces the CA `announced`, and that link
/// and signer are in date at `now`. The caller trusts `signer`; `announced` must be a self-signed
/// CA certificate, so that its key is proved to be somebody's who has it.
///
/// # Errors
/// The first fault, as a sentence about the link without its subject.
pub fn check(
    link: &Certificate,
    signer: &Certificate,
    announced: &Certificate,
    now: Timestamp,
) -> std::result::Result<(), &'static str> {
    let (x509, announced_x509) = (link.parsed(), announced.parsed());
    if x509.is_ca() {
        return Err("is a CA certificate");
    }
    if !is_marked(&x509) {
        return Err("lacks the critical extension that marks a link");
    }
    if x509.subject().as_raw() != announced_x509.subject().as_raw() {
        return Err("announces another name");
    }
    if x509.public_key().raw != announced_x509.public_key().raw {
        return Err("announces another key");
    }
    let is_out_of_date = |certificate| !profile::check_dates(certificate, now, None).is_empty();
    if is_out_of_date(link) {
        return Err("has expired, or is not valid yet");
    }
    if is_out_of_date(signer) {
        return Err("is signed by a CA that has expired, or is not valid yet");
    }
    if !link.is_signed_by(signer) {
        return Err("is not signed by the trusted CA");
    }
    if profile::check_ca(announced).iter().any(|finding| finding.level == Level::Error)
        || !announced.is_signed_by(announced)
    {
        return Err("announces a certificate that is no self-signed CA certificate");
    }
    Ok(())
}

/// Whether a certificate has the critical extension of links.
fn is_marked(x509: &X509Certificate<'_>) -> bool {
    let mut marks = x509.extensions().iter().filter(|one| one.oid.as_bytes() == PURPOSE);
    let mark = marks.next().filter(|_| marks.next().is_none());
    mark.is_some_and(|mark| mark.critical && mark.value == NULL)
}

/// A draft with the head and the dates of the link.
fn draft(
    authority: &Authority,
    serial: SerialNumber,
    now: Timestamp,
    end: Timestamp,
) -> Result<Vec<u8>> {
    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(serial);
    parameters.not_before = rcgen_time(now - BACKDATED)?;
    parameters.not_after = rcgen_time(end)?;
    parameters.is_ca = rcgen::IsCa::ExplicitNoCa; // an extension makes it a certificate of version 3
    let key = PublicKey::from_private_key(authority.key());
    let draft = parameters.signed_by(&key, &draft::issuer(authority)).map_err(|source| {
        Error::failed(Code::CertificateSigning, "cannot make the link to the next CA")
            .because(source)
    })?;
    Ok(draft.der().to_vec())
}

/// The extensions of a link, with their tag in the body. rcgen cannot write the object identifier,
/// which is longer than 64 bits.
fn extensions(signer: &Certificate, public_key: &[u8]) -> Vec<u8> {
    let extension = |oid: &[u8], is_critical: bool, value: &[u8]| {
        let critical: &[u8] = if is_critical { &BOOLEAN_TRUE } else { &[] };
        let oid = der::wrap(OBJECT_IDENTIFIER, &[oid]);
        der::wrap(SEQUENCE, &[&oid, critical, &der::wrap(OCTET_STRING, &[value])])
    };
    let purposes = der::wrap(SEQUENCE, &[&der::wrap(OBJECT_IDENTIFIER, &[&PURPOSE])]);
    // Bit 1, contentCommitment: six bits of the octet are unused.
    let usage = der::wrap(BIT_STRING, &[&[6, 0x40]]);
    let key_id = digest(&SHA256, &[&PURPOSE, public_key].concat());
    let key_id = der::wrap(OCTET_STRING, &[&key_id.as_ref()[..20]]);
    let mut list = vec![
        extension(&BASIC_CONSTRAINTS, true, &der::wrap(SEQUENCE, &[])),
        extension(&KEY_USAGE, true, &usage),
        extension(&EXT_KEY_USAGE, true, &purposes),
        extension(&PURPOSE, true, &NULL),
        extension(&SUBJECT_KEY_ID, false, &key_id),
    ];
    if let Some(id) = draft::subject_key_id(signer) {
        let id = der::wrap(SEQUENCE, &[&der::wrap(0x80, &[&id])]);
        list.push(extension(&AUTHORITY_KEY_ID, false, &id));
    }
    let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
    der::wrap(0xa3, &[&der::wrap(SEQUENCE, &list)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::authority::CaRequest;
    use crate::pki::chain::{self, ChainRequest, Purpose, Verifier};
    use crate::pki::constraints::NameConstraints;
    use crate::pki::issue::{Issuer, LeafRequest, Usage};
    use crate::pki::key::{KeyType, PrivateKey};
    use crate::pki::renewal;
    use crate::pki::san::San;
    use crate::pki::subject::Subject;
    use crate::pki::validity::Validity;

    const NOW: &str = "2030-01-01T00:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a timestamp")
    }

    fn validity(from: &str, length: &str) -> Validity {
        let from = from.parse().expect("a timestamp");
        Validity::starting(from, &length.parse().expect("a length")).expect("in range")
    }

    fn authority(name: &str, key_type: KeyType, length: &str) -> Authority {
        let request = CaRequest {
            subject: Subject::new(name, Some("Acme")).expect("a subject"),
            validity: validity(NOW, length),
            constraints: NameConstraints::default(),
        };
        Authority::create(&request, PrivateKey::generate(key_type).expect("a key")).expect("a CA")
    }

    fn link(from: &Authority, to: &Authority) -> Certificate {
        make(from, to.certificate(), now()).expect("a link").expect("both are in date")
    }

    #[test]
    fn link_is_checked_in_name_key_signature_and_dates() {
        for key_type in KeyType::ALL {
            let old = authority("CA", key_type, "10y");
            let next = authority("CA G2", KeyType::EcdsaP256, "9y");
            let stranger = authority("CA G2", key_type, "10y");
            let other_name = authority("CA G3", key_type, "10y");
            let link = link(&old, &next);
            let (old, next) = (old.certificate(), next.certificate());
            assert_eq!(check(&link, old, next, now()), Ok(()), "{key_type:?}");
            assert_eq!(link.not_after(), next.not_after());
            let announced = |ca: &Authority| check(&link, old, ca.certificate(), now());
            assert_eq!(announced(&stranger), Err("announces another key"));
            assert_eq!(announced(&other_name), Err("announces another name"));
            assert_eq!(check(&link, next, next, now()), Err("is not signed by the trusted CA"));
            let namesake = authority("CA", key_type, "10y");
            assert_eq!(
                check(&link, namesake.certificate(), next, now()),
                Err("is not signed by the trusted CA")
            );
            let late = next.not_after() + jiff::SignedDuration::from_secs(1);
            assert_eq!(check(&link, old, next, late), Err("has expired, or is not valid yet"));
            let early = now() - jiff::SignedDuration::from_secs(301);
            assert_eq!(check(&link, old, next, early), Err("has expired, or is not valid yet"));
        }
    }

    #[test]
    fn link_of_an_expired_ca_is_neither_made_nor_followed() {
        let old = authority("CA", KeyType::EcdsaP256, "1y");
        let next = authority("CA G2", KeyType::EcdsaP256, "10y");
        let late = old.certificate().not_after() + jiff::SignedDuration::from_secs(1);
        assert_eq!(make(&old, next.certificate(), late).expect("no fault"), None);
        assert_eq!(make(&next, old.certificate(), late).expect("no fault"), None);
        // Its renewal has ended, and the link was made when both were in date.
        let longer = renewal::renew(&old, validity(NOW, "10y")).expect("a renewal");
        let key = PrivateKey::from_der(&rustls_pki_types::PrivateKeyDer::Pkcs8(
            old.key().pkcs8().to_vec().into(),
        ));
        let longer = Authority::new(longer, key.expect("a key")).expect("a CA");
        let link = link(&longer, &next);
        let by = |ca: &Authority| check(&link, ca.certificate(), next.certificate(), late);
        assert_eq!(by(&longer), Ok(()));
        assert_eq!(by(&old), Err("is signed by a CA that has expired, or is not valid yet"));
    }

    #[test]
    fn link_to_a_renewed_certificate_of_the_announced_ca_holds() {
        let old = authority("CA", KeyType::EcdsaP256, "10y");
        let next = authority("CA G2", KeyType::EcdsaP256, "5y");
        let renewed = renewal::renew(&next, validity(NOW, "8y")).expect("a renewal");
        assert_eq!(check(&link(&old, &next), old.certificate(), &renewed, now()), Ok(()));
    }

    #[test]
    fn other_certificates_of_the_ca_are_no_links() {
        let old = authority("CA", KeyType::EcdsaP256, "10y");
        let next = authority("CA G2", KeyType::EcdsaP256, "10y");
        let by_itself = check(old.certificate(), old.certificate(), old.certificate(), now());
        assert_eq!(by_itself, Err("is a CA certificate"));
        // A leaf with the name and the key of a CA that its owner made.
        let request = LeafRequest {
            subject: Subject::new("CA G2", Some("Acme")).expect("a subject"),
            san: San::new(Vec::new(), Vec::new()),
            usage: Usage::Client,
            validity: "90d".parse().expect("a length"),
        };
        let key = PublicKey::from_private_key(next.key());
        let issuer = Issuer::new(&old, now()).expect("an issuer");
        let leaf = issuer.issue(&request, &key, now()).expect("a leaf");
        assert_eq!(leaf.names_der(), next.certificate().names_der());
        assert_eq!(
            check(&leaf, old.certificate(), next.certificate(), now()),
            Err("lacks the critical extension that marks a link")
        );
    }

    #[test]
    fn link_is_refused_in_every_place_of_a_chain_by_every_verifier() {
        let old = authority("CA", KeyType::EcdsaP256, "10y");
        let next = authority("CA G2", KeyType::EcdsaP256, "10y");
        let request = LeafRequest {
            subject: Subject::new("db", None).expect("a subject"),
            san: San::new(vec!["db.example.com".parse().expect("a name")], Vec::new()),
            usage: Usage::Both,
            validity: "90d".parse().expect("a length"),
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        let issuer = Issuer::new(&next, now()).expect("an issuer");
        let leaf = issuer.issue(&request, &PublicKey::from_private_key(&key), now());
        let (leaf, link) = (leaf.expect("a leaf"), link(&old, &next));
        let (old, next) = ([old.certificate().clone()], [next.certificate().clone()]);
        let links = [link.clone()];
        let all = Verifier::OTHERS.into_iter().chain([Verifier::OpenSsl, Verifier::Rfc5280]);
        for (verifier, purpose) in
            all.flat_map(|one| [Purpose::Server, Purpose::Client].map(|purpose| (one, purpose)))
        {
            let verify = |leaf, intermediates, anchors| {
                let request = ChainRequest::new(leaf, intermediates, anchors, now(), purpose);
                chain::verify(&ChainRequest { verifier, ..request }).map(|_| ())
            };
            assert_eq!(verify(&leaf, &[], &next), Ok(()), "{verifier:?}");
            assert!(verify(&leaf, &links, &old).is_err(), "{verifier:?}: as an intermediate");
            // rustls takes the name and the key of a trusted certificate, and no more.
            let trusted = verify(&leaf, &[], &links).is_ok();
            assert_eq!(trusted, verifier == Verifier::Rustls, "{verifier:?}: as the trusted CA");
            assert!(verify(&link, &[], &old).is_err(), "{verifier:?}: as a leaf");
            assert!(verify(&link, &[], &links).is_err(), "{verifier:?}: as a trusted leaf");
        }
    }
}
