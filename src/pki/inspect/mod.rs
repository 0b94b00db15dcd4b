//! Reads certificates from any source and in any state, also damaged ones.

mod damaged;

use x509_parser::extensions::ParsedExtension;

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;
use crate::pki::der::Elements;
use crate::pki::pem::find_bytes;
use crate::pki::{pem, sha256_hex};

pub use damaged::{Damage, DamagedCertificate};

/// One certificate of an input.
#[derive(Debug)]
pub struct InspectedCertificate {
    /// The certificate, or the description of one that does not parse.
    pub certificate: std::result::Result<Certificate, Box<DamagedCertificate>>,
    /// The number of extra bytes behind the certificate.
    pub trailing: usize,
}

impl InspectedCertificate {
    /// SHA-256 of the certificate, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        match &self.certificate {
            Ok(certificate) => certificate.sha256(),
            Err(damaged) => damaged.sha256.clone(),
        }
    }
}

/// Finds the issuer of each certificate by name, first in `all`, then in `others`. Among several
/// CAs of that name (before and after a rotation), the one with the key identifier in
/// authorityKeyIdentifier wins.
#[must_use]
pub fn issuers<'a>(
    all: &'a [InspectedCertificate],
    others: &'a [Certificate],
) -> Vec<Option<&'a Certificate>> {
    let own = all.iter().map(|one| one.certificate.as_ref().ok().map(IssuerLink::new));
    let own: Vec<Option<IssuerLink<'_>>> = own.collect();
    let others: Vec<IssuerLink<'_>> = others.iter().map(IssuerLink::new).collect();
    let issuer_of = |link: &IssuerLink<'_>| {
        let named = |other: &&IssuerLink<'a>| {
            other.subject == link.issuer
                && link.subject != link.issuer
                && other.certificate != link.certificate
        };
        let mut named = own.iter().flatten().chain(&others).filter(named).peekable();
        let first = named.peek().map(|first| first.certificate);
        let identified = named.find(|other| link.aki.is_some() && other.ski == link.aki);
        identified.map(|other| other.certificate).or(first)
    };
    own.iter().map(|link| link.as_ref().and_then(issuer_of)).collect()
}

/// The names and key identifiers that link a certificate to its issuer.
struct IssuerLink<'a> {
    certificate: &'a Certificate,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    ski: Option<Vec<u8>>,
    aki: Option<Vec<u8>>,
}

impl<'a> IssuerLink<'a> {
    fn new(certificate: &'a Certificate) -> Self {
        let x509 = certificate.parsed();
        let mut link = IssuerLink {
            certificate,
            subject: x509.subject().as_raw().to_vec(),
            issuer: x509.issuer().as_raw().to_vec(),
            ski: None,
            aki: None,
        };
        for extension in x509.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(id) => link.ski = Some(id.0.to_vec()),
                ParsedExtension::AuthorityKeyIdentifier(id) => {
                    link.aki = id.key_identifier.as_ref().map(|id| id.0.to_vec());
                }
                _ => {}
            }
        }
        link
    }
}

/// Reads one certificate, valid or damaged.
#[must_use]
pub fn inspect(bytes: &[u8]) -> InspectedCertificate {
    let own = Elements::new(bytes).next().and_then(|first| first.ok().map(|e| e.whole.len()));
    let (own, behind) = bytes.split_at(own.unwrap_or(bytes.len()));
    let certificate =
        Certificate::from_der(own).map_err(|error| Box::new(damaged::explain(own, &error)));
    InspectedCertificate { certificate, trailing: behind.len() }
}

/// Reads the certificates of a PEM, DER or PKCS#7 file, in order. Private keys among them are
/// ignored.
///
/// # Errors
/// Exit 2: not PEM (see [`pem::read`]), or no certificate in it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<InspectedCertificate>> {
    let found: Vec<InspectedCertificate> = match bytes {
        [0x30, ..] => return read_der(name, bytes),
        _ if bytes.windows(16).any(|window| window == b"-----BEGIN PKCS7") => {
            pem::check_markers(name, bytes)?;
            let sections = ::pem::parse_many(bytes).map_err(|source| {
                Error::usage(Code::PemDamaged, format!("{name} cannot be read as PEM"))
                    .because(source)
                    .hint("copy the file again")
            })?;
            let messages = sections.iter().filter(|section| section.tag() == "PKCS7");
            messages.flat_map(|section| pkcs7(section.contents()).unwrap_or_default()).collect()
        }
        _ => read_pem(name, bytes)?,
    };
    if found.is_empty() {
        return Err(none(name));
    }
    Ok(found)
}

/// Reads a PEM file. If a section is damaged, the other sections are still read; it is an error
/// only if no section is readable.
fn read_pem(name: &str, bytes: &[u8]) -> Result<Vec<InspectedCertificate>> {
    let error = match pem::read(name, bytes) {
        Ok(items) => return Ok(items.iter().filter_map(certificate_in).collect()),
        // With a broken marker, the bounds of the sections are unknown.
        Err(error) if matches!(error.code(), Code::PemMarker | Code::PemTrusted) => {
            return Err(error);
        }
        Err(error) => error,
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = find_bytes(&bytes[at..], b"-----BEGIN CERTIFICATE-----") {
        at += begin;
        let rest = &bytes[at..];
        let next = find_bytes(&rest[1..], b"-----BEGIN").map_or(rest.len(), |next| next + 1);
        let end = find_bytes(rest, PEM_END).map_or(next, |end| next.min(end + PEM_END.len()));
        match pem::read(name, &rest[..end]) {
            Ok(items) => found.extend(items.iter().filter_map(certificate_in)),
            Err(error) => found.push(not_pem(&rest[..end], at, &error)),
        }
        at += end;
    }
    if found.iter().all(|one| one.certificate.is_err()) { Err(error) } else { Ok(found) }
}

const PEM_END: &[u8] = b"-----END CERTIFICATE-----";

fn certificate_in(item: &pem::PemItem) -> Option<InspectedCertificate> {
    match item {
        pem::PemItem::Certificate(der) => Some(inspect(der)),
        pem::PemItem::Key(_) | pem::PemItem::EncryptedKey(_) => None,
    }
}

/// Describes a section that is not PEM; the offset is that of the section in the file.
fn not_pem(section: &[u8], offset: usize, error: &Error) -> InspectedCertificate {
    let error = Damage { code: error.code(), message: error.to_string(), field: None, offset };
    let damaged =
        DamagedCertificate { sha256: sha256_hex(section), error, ..DamagedCertificate::default() };
    InspectedCertificate { certificate: Err(Box::new(damaged)), trailing: 0 }
}

fn none(name: &str) -> Error {
    Error::usage(Code::CertificateMissing, format!("{name} holds no certificate"))
        .hint("give a file with certificates: PEM, DER or PKCS#7")
}

fn read_der(name: &str, bytes: &[u8]) -> Result<Vec<InspectedCertificate>> {
    let first = Elements::new(bytes).next();
    let inside = first.and_then(|first| first.ok()?.children().next()?.ok());
    match inside.map(|inside| inside.tag) {
        Some(0x06) => pkcs7(bytes).filter(|found| !found.is_empty()).ok_or_else(|| none(name)),
        Some(0x02) => Err(Error::usage(
            Code::NotACertificate,
            format!("{name} begins like a private key, or like a key store"),
        )
        .hint("name the file with the certificates")),
        _ => Ok(vec![inspect(bytes)]),
    }
}

/// The certificates of a PKCS#7 message (RFC 2315, section 9.1): the `[0]` of its
/// `SignedData`.
fn pkcs7(bytes: &[u8]) -> Option<Vec<InspectedCertificate>> {
    const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let mut message = Elements::new(bytes).next()?.ok()?.children();
    let kind = message.next()?.ok()?;
    let mut content = message.next()?.ok()?.children();
    let signed = content.next()?.ok().filter(|_| kind.content == SIGNED_DATA)?;
    let set = signed.children().filter_map(std::result::Result::ok).find(|e| e.tag == 0xa0)?;
    Some(set.children().filter_map(std::result::Result::ok).map(|e| inspect(e.whole)).collect())
}

/// Reads certificates that are already separate, such as those of a handshake or a PKCS#12 store.
#[must_use]
pub fn each(chain: &[impl AsRef<[u8]>]) -> Vec<InspectedCertificate> {
    chain.iter().map(|der| inspect(der.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::pki::authority::{Authority, CaRequest};
    use crate::pki::constraints::NameConstraints;
    use crate::pki::key::{KeyType, PrivateKey};
    use crate::pki::subject;
    use crate::pki::validity::{Validity, ca_default};

    fn sound() -> Vec<u8> {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
        let request = CaRequest {
            subject: subject::Subject::new("Test CA", None).expect("a subject"),
            validity: Validity::starting(now, &ca_default()).expect("in range"),
            constraints: NameConstraints::default(),
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        Authority::create(&request, key).expect("a CA").certificate().der().to_vec()
    }

    fn damaged(bytes: &[u8]) -> DamagedCertificate {
        *inspect(bytes).certificate.expect_err("it does not parse")
    }

    #[test]
    fn what_is_broken_is_named_and_the_rest_is_read() {
        let der = sound();
        let at = |what: &[u8]| der.windows(what.len()).position(|w| w == what).expect("there");
        let cut = damaged(&der[..der.len() - 100]);
        assert_eq!(cut.error.offset, 0);
        assert!(cut.error.message.contains("of which only"), "{}", cut.error.message);
        assert_eq!(cut.subject.as_deref(), Some("CN=Test CA"));
        assert_eq!(cut.not_after.as_deref(), Some("2036-01-01T00:00:00Z"));

        let mut month = der.clone();
        let date = at(b"360101000000Z");
        month[date + 2..date + 4].copy_from_slice(b"13");
        let month = damaged(&month);
        assert_eq!((month.error.field, month.error.offset), (Some("notAfter"), date - 2));
        assert_eq!(month.not_after.as_deref(), Some("361301000000Z"));
        assert_eq!(month.not_before.as_deref(), Some("2025-12-31T23:55:00Z"));

        let trailing = inspect(&[der.as_slice(), b"xyz"].concat());
        assert_eq!((trailing.trailing, trailing.certificate.is_ok()), (3, true));

        for bytes in [&b""[..], b"0", b"0\x80", b"\x30\x03\x02\x01\x01", &[0x30; 100]] {
            let told = damaged(bytes);
            assert_eq!((told.error.code.name(), told.subject), ("certificate-damaged", None));
        }
    }

    #[test]
    fn files_of_other_kinds_are_told_apart() {
        let code = |bytes: &[u8]| read("x", bytes).map_or_else(|e| e.code().name(), |_| "ok");
        assert_eq!(code(&sound()), "ok");
        assert_eq!(code(&[0x30, 3, 2, 1, 3]), "not-a-certificate");
        assert_eq!(code(&[0x30, 3, 6, 1, 3]), "certificate-missing");
        assert_eq!(code(b"hello"), "pem-empty");
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        assert_eq!(code(pem::private_key(key.pkcs8()).as_bytes()), "certificate-missing");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_input_makes_it_panic(flips in prop::collection::vec((0..400_usize, any::<u8>()), 1..6)) {
            static SOUND: LazyLock<Vec<u8>> = LazyLock::new(sound);
            let mut der = SOUND.clone();
            for (at, byte) in flips {
                let length = der.len();
                der[at % length] = byte;
            }
            let told = inspect(&der);
            if let Ok(certificate) = &told.certificate {
                let now = Timestamp::UNIX_EPOCH;
                let _ = certificate.describe(now);
                let _ = crate::pki::profile::lint(certificate, Some(certificate), false, now);
            }
        }
    }
}
