//! Certificates that others made, however broken: what each says, and where it goes wrong.

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use x509_parser::asn1_rs::FromDer;
use x509_parser::certificate::Validity;
use x509_parser::extensions::X509Extension;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo, X509Name};

use crate::error::{Error, Result};
use crate::pki::certificate::Certificate;
use crate::pki::der::{self, Element, Elements};
use crate::pki::{hex, pem, sha256_hex, subject};

/// One certificate of an input.
#[derive(Debug)]
pub struct Inspected {
    /// The certificate, or what can be said of one that does not parse.
    pub certificate: std::result::Result<Certificate, Box<Damaged>>,
    /// How many bytes stand behind it that are not its own.
    pub trailing: usize,
}

/// A certificate that does not parse: what is wrong, where, and what could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// What is wrong.
    pub error: Damage,
    /// Subject, RFC 4514.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Issuer, RFC 4514.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Serial number, lower-case hex as encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// `notBefore`, as encoded where it is no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// `notAfter`, as encoded where it is no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
}

/// What is wrong with a certificate that does not parse.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Always `certificate-damaged`.
    pub code: &'static str,
    /// What is wrong, without a full stop.
    pub message: String,
    /// The field that cannot be read, as RFC 5280 calls it.
    pub field: Option<&'static str>,
    /// The offset of the byte at which it begins.
    pub offset: usize,
}

impl Inspected {
    /// SHA-256 of the certificate, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        match &self.certificate {
            Ok(certificate) => certificate.sha256(),
            Err(damaged) => damaged.sha256.clone(),
        }
    }
}

/// For each certificate the one among them whose subject is its issuer, if there is one
/// besides itself.
#[must_use]
pub fn issuers(all: &[Inspected]) -> Vec<Option<&Certificate>> {
    let names: Vec<_> = all
        .iter()
        .map(|one| {
            let certificate = one.certificate.as_ref().ok()?;
            let x509 = certificate.parsed();
            let (subject, issuer) = (x509.subject().as_raw(), x509.issuer().as_raw());
            Some((certificate, subject.to_vec(), issuer.to_vec()))
        })
        .collect();
    let issuer_of = |(own, subject, issuer): &(&Certificate, Vec<u8>, Vec<u8>)| {
        let others = names.iter().flatten().filter(|_| subject != issuer);
        let named = others.filter(|(other, name, _)| name == issuer && other != own);
        named.map(|(certificate, ..)| *certificate).next()
    };
    names.iter().map(|name| name.as_ref().and_then(issuer_of)).collect()
}

/// Reads one certificate, whatever it is worth.
#[must_use]
pub fn inspect(bytes: &[u8]) -> Inspected {
    let own = Elements::of(bytes).next().and_then(|first| first.ok().map(|e| e.whole.len()));
    let (own, behind) = bytes.split_at(own.unwrap_or(bytes.len()));
    let certificate = Certificate::from_der(own).map_err(|error| Box::new(explain(own, &error)));
    Inspected { certificate, trailing: behind.len() }
}

/// The certificates in a PEM file, in one in DER, or in a PKCS#7 file, in order. Private
/// keys beside them are passed over.
///
/// # Errors
/// Exit 2: not PEM (see [`pem::read`]), or no certificate in it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Inspected>> {
    let found: Vec<Inspected> = match bytes {
        [0x30, ..] => return read_der(name, bytes),
        _ if bytes.windows(16).any(|window| window == b"-----BEGIN PKCS7") => {
            let sections = ::pem::parse_many(bytes).map_err(|source| {
                Error::usage("pem-damaged", format!("{name} cannot be read as PEM"))
                    .because(source)
                    .hint("copy the file again")
            })?;
            let messages = sections.iter().filter(|section| section.tag() == "PKCS7");
            messages.flat_map(|section| pkcs7(section.contents()).unwrap_or_default()).collect()
        }
        _ => pem::read(name, bytes)?
            .iter()
            .filter_map(|item| match item {
                pem::Item::Certificate(der) => Some(inspect(der)),
                _ => None,
            })
            .collect(),
    };
    if found.is_empty() {
        return Err(none(name));
    }
    Ok(found)
}

fn none(name: &str) -> Error {
    Error::usage("certificate-missing", format!("{name} holds no certificate"))
        .hint("give a file with certificates: PEM, DER or PKCS#7")
}

fn read_der(name: &str, bytes: &[u8]) -> Result<Vec<Inspected>> {
    let first = Elements::of(bytes).next();
    let inside = first.and_then(|first| first.ok()?.children().next()?.ok());
    match inside.map(|inside| inside.tag) {
        Some(0x06) => pkcs7(bytes).filter(|found| !found.is_empty()).ok_or_else(|| none(name)),
        Some(0x02) => Err(Error::usage(
            "not-a-certificate",
            format!("{name} begins as a private key does, or a store of keys"),
        )
        .hint("name the file with the certificates")),
        _ => Ok(vec![inspect(bytes)]),
    }
}

/// The certificates of a PKCS#7 message (RFC 2315, section 9.1): the `[0]` of its
/// `SignedData`.
fn pkcs7(bytes: &[u8]) -> Option<Vec<Inspected>> {
    const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    let mut message = Elements::of(bytes).next()?.ok()?.children();
    let kind = message.next()?.ok()?;
    let mut content = message.next()?.ok()?.children();
    let signed = content.next()?.ok().filter(|_| kind.content == SIGNED_DATA)?;
    let set = signed.children().filter_map(std::result::Result::ok).find(|e| e.tag == 0xa0)?;
    Some(set.children().filter_map(std::result::Result::ok).map(|e| inspect(e.whole)).collect())
}

/// Reads certificates that are apart already: of a server, of a PKCS#12 store.
#[must_use]
pub fn each(chain: &[impl AsRef<[u8]>]) -> Vec<Inspected> {
    chain.iter().map(|der| inspect(der.as_ref())).collect()
}

/// Which part of a certificate cannot be read, and what the others say.
fn explain(bytes: &[u8], error: &Error) -> Damaged {
    let mut told = Damaged { sha256: sha256_hex(bytes), ..Damaged::default() };
    let field = fields(bytes, &mut told);
    let is_cut = Elements::of(bytes).next().is_none_or(|first| first.is_err());
    // A fault of the encoding in that field says more than that it cannot be read.
    let within = |fault: &der::Fault| {
        is_cut || field.as_ref().is_none_or(|(_, range)| range.contains(&fault.offset))
    };
    let fault = der::faults(bytes).into_iter().find(within);
    let (message, field, offset) = match (fault, field) {
        (Some(fault), field) => {
            let message = format!("{}, at byte {}", fault.what, fault.offset);
            (message, field.map(|(field, _)| field), fault.offset)
        }
        (None, Some((field, range))) => {
            let message = format!("its {field} cannot be read, at byte {}", range.start);
            (message, Some(field), range.start)
        }
        (None, None) => (error.to_string(), None, 0),
    };
    told.error = Damage { code: "certificate-damaged", message, field, offset };
    told
}

/// Goes through the fields in order (RFC 5280, section 4.1). `None` when it has not even
/// their outline; else the first that cannot be read.
fn fields(bytes: &[u8], told: &mut Damaged) -> Option<(&'static str, Range<usize>)> {
    let outline = Elements::of(bytes);
    let certificate = der::clamped(&outline)?;
    let inside = certificate.children();
    let tbs = der::clamped(&inside)?;
    let mut first = None;
    let mut broken = |field, element: &Element<'_>| {
        let end = element.offset + element.whole.len();
        first.get_or_insert((field, element.offset..end));
    };
    let mut parts = tbs.children().map_while(std::result::Result::ok).peekable();
    if let Some(version) = parts.next_if(|part| part.tag == 0xa0)
        && !matches!(version.content, [2, 1, 0..=2])
    {
        broken("version", &version);
    }
    let names =
        ["serialNumber", "signature", "issuer", "validity", "subject", "subjectPublicKeyInfo"];
    for field in names {
        let Some(part) = parts.next() else {
            broken(field, &tbs);
            break;
        };
        let whole = part.whole;
        let good = match field {
            "serialNumber" => {
                told.serial = Some(hex(part.content)).filter(|_| part.tag == 2);
                told.serial.as_ref().is_some_and(|serial| !serial.is_empty())
            }
            "signature" => AlgorithmIdentifier::from_der(whole).is_ok(),
            "issuer" => {
                told.issuer = name(whole);
                told.issuer.is_some()
            }
            "validity" => {
                let mut dates = part.children().map_while(std::result::Result::ok);
                for (field, said) in
                    [("notBefore", &mut told.not_before), ("notAfter", &mut told.not_after)]
                {
                    if let Some(element) = dates.next() {
                        *said = Some(date(&element).unwrap_or_else(|text| {
                            broken(field, &element);
                            text
                        }));
                    }
                }
                Validity::from_der(whole).is_ok()
            }
            "subject" => {
                told.subject = name(whole);
                told.subject.is_some()
            }
            _ => SubjectPublicKeyInfo::from_der(whole).is_ok(),
        };
        if !good {
            broken(field, &part);
        }
    }
    let extensions = parts.find(|part| part.tag == 0xa3);
    let lists = extensions.iter().flat_map(Element::children).map_while(std::result::Result::ok);
    for extension in lists.flat_map(|list| list.children()).map_while(std::result::Result::ok) {
        if X509Extension::from_der(extension.whole).is_err() {
            broken("extensions", &extension);
        }
    }
    first
}

fn name(der: &[u8]) -> Option<String> {
    X509Name::from_der(der).ok().map(|(_, name)| subject::rfc4514(&name))
}

/// A date; as it is encoded where it is none.
fn date(element: &Element<'_>) -> std::result::Result<String, String> {
    let parsed = ASN1Time::from_der(element.whole).ok();
    match parsed.and_then(|(_, time)| Timestamp::from_second(time.timestamp()).ok()) {
        Some(timestamp) => Ok(timestamp.to_string()),
        None => Err(String::from_utf8_lossy(element.content).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::pki::authority::{Authority, Request};
    use crate::pki::constraints::NameConstraints;
    use crate::pki::key::{KeyType, PrivateKey};
    use crate::pki::validity::{Validity, ca_default};

    fn sound() -> Vec<u8> {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
        let request = Request {
            subject: subject::Subject::new("Test CA", None).expect("a subject"),
            validity: Validity::starting(now, &ca_default()).expect("in range"),
            constraints: NameConstraints::default(),
        };
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        Authority::create(&request, key).expect("a CA").certificate().der().to_vec()
    }

    fn damaged(bytes: &[u8]) -> Damaged {
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
            assert_eq!((told.error.code, told.subject), ("certificate-damaged", None));
        }
    }

    #[test]
    fn files_of_other_kinds_are_told_apart() {
        let code = |bytes: &[u8]| read("x", bytes).map_or_else(|e| e.code(), |_| "ok");
        assert_eq!(code(&sound()), "ok");
        assert_eq!(code(&[0x30, 3, 2, 1, 3]), "not-a-certificate");
        assert_eq!(code(&[0x30, 3, 6, 1, 3]), "certificate-missing");
        assert_eq!(code(b"hello"), "pem-empty");
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        assert_eq!(code(pem::private_key(key.pkcs8()).as_bytes()), "certificate-missing");
    }

    proptest! {
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
