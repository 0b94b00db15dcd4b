//! Explains a certificate that does not parse: the fault, its place, and the readable fields.

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use x509_parser::asn1_rs::FromDer;
use x509_parser::certificate::Validity;
use x509_parser::extensions::X509Extension;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo, X509Name};

use crate::error::{Code, Error};
use crate::pki::der::{self, Element, Elements};
use crate::pki::{serial_hex, sha256_hex, subject};

/// A certificate that does not parse: the fault, and the fields that could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DamagedCertificate {
    /// SHA-256 of its bytes (of the text, if it is not PEM), lower-case hex.
    pub sha256: String,
    /// The fault.
    pub error: Damage,
    /// Subject, RFC 4514.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Issuer, RFC 4514.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Serial number, lower-case hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// `notBefore`; the raw text if it is not a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// `notAfter`; the raw text if it is not a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<String>,
}

/// The fault of a certificate that does not parse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// `certificate-damaged`, or the code of the PEM error.
    pub code: Code,
    /// The fault in words, without a full stop.
    pub message: String,
    /// The first field that cannot be read, by its name in RFC 5280.
    pub field: Option<&'static str>,
    /// The offset of the faulty byte: in the certificate or, for a section that is not PEM, in the
    /// file.
    pub offset: usize,
}

impl Default for Damage {
    fn default() -> Self {
        Damage { code: Code::CertificateDamaged, message: String::new(), field: None, offset: 0 }
    }
}

/// Finds the field of a certificate that cannot be read, and reads the others.
pub(super) fn explain(bytes: &[u8], error: &Error) -> DamagedCertificate {
    let mut described =
        DamagedCertificate { sha256: sha256_hex(bytes), ..DamagedCertificate::default() };
    let field = fields(bytes, &mut described);
    let is_cut = Elements::new(bytes).next().is_none_or(|first| first.is_err());
    // An encoding fault inside that field is more precise than "cannot be read".
    let within = |fault: &der::DerError| {
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
    described.error = Damage { code: Code::CertificateDamaged, message, field, offset };
    described
}

/// Reads the fields in order (RFC 5280, section 4.1) into `described`. Returns the first field that
/// cannot be read; `None` if even their outline is missing.
fn fields(
    bytes: &[u8],
    described: &mut DamagedCertificate,
) -> Option<(&'static str, Range<usize>)> {
    let outline = Elements::new(bytes);
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
                described.serial = Some(serial_hex(part.content)).filter(|_| part.tag == 2);
                described.serial.as_ref().is_some_and(|serial| !serial.is_empty())
            }
            "signature" => AlgorithmIdentifier::from_der(whole).is_ok(),
            "issuer" => {
                described.issuer = name(whole);
                described.issuer.is_some()
            }
            "validity" => {
                let mut dates = part.children().map_while(std::result::Result::ok);
                for (field, slot) in [
                    ("notBefore", &mut described.not_before),
                    ("notAfter", &mut described.not_after),
                ] {
                    if let Some(element) = dates.next() {
                        *slot = Some(date(&element).unwrap_or_else(|text| {
                            broken(field, &element);
                            text
                        }));
                    }
                }
                Validity::from_der(whole).is_ok()
            }
            "subject" => {
                described.subject = name(whole);
                described.subject.is_some()
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

/// Formats a date; the error is the raw text of a value that is not a date.
fn date(element: &Element<'_>) -> std::result::Result<String, String> {
    let parsed = ASN1Time::from_der(element.whole).ok();
    match parsed.and_then(|(_, time)| Timestamp::from_second(time.timestamp()).ok()) {
        Some(timestamp) => Ok(timestamp.to_string()),
        None => Err(String::from_utf8_lossy(element.content).into_owned()),
    }
}
