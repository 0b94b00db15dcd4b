//! The subject of a new certificate, and distinguished names as text.

use std::fmt;
use x509_parser::asn1_rs::ToDer;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::error::{Code, Error, Result};
use crate::pki::hex;

/// Upper bound of a common name and of an organization name, in characters
/// (`ub-common-name`, `ub-organization-name`: RFC 5280, appendix A.1).
pub const MAX_CHARACTERS: usize = 64;

/// A subject: a common name and an optional organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    common_name: String,
    organization: Option<String>,
}

impl Subject {
    /// Checks both parts (see [`check_attribute`]) and joins them.
    ///
    /// # Errors
    /// Exit 2 when a part is empty, too long, or has a character that a name must not have.
    pub fn new(common_name: &str, organization: Option<&str>) -> Result<Self> {
        check_attribute("common name", common_name)?;
        organization.map_or(Ok(()), |o| check_attribute("organization", o))?;
        Ok(Subject {
            common_name: common_name.to_owned(),
            organization: organization.map(str::to_owned),
        })
    }

    /// The subject of a certificate, if [`Subject::new`] could have made it.
    pub(crate) fn from_name(name: &X509Name<'_>) -> Option<Self> {
        let (mut common_name, mut organization) = (None, None);
        for attribute in name.iter_attributes() {
            let place = match attribute.attr_type().to_id_string().as_str() {
                "2.5.4.3" => &mut common_name,
                "2.5.4.10" => &mut organization,
                _ => return None,
            };
            if place.replace(attribute.as_str().ok()?).is_some() {
                return None; // twice
            }
        }
        Subject::new(common_name?, organization).ok()
    }

    /// The common name.
    #[must_use]
    pub fn common_name(&self) -> &str {
        &self.common_name
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    pub(crate) fn to_rcgen(&self) -> rcgen::DistinguishedName {
        let mut name = rcgen::DistinguishedName::new();
        if let Some(organization) = &self.organization {
            name.push(rcgen::DnType::OrganizationName, organization.as_str());
        }
        name.push(rcgen::DnType::CommonName, self.common_name.as_str());
        name
    }
}

/// Formats the subject as `CN=Acme DB CA,O=Acme`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CN={}", self.common_name)?;
        self.organization.as_ref().map_or(Ok(()), |organization| write!(f, ",O={organization}"))
    }
}

/// Checks one attribute of a name: 1 to 64 characters, no control characters, and no
/// white space at either end (which readers and comparisons overlook).
///
/// # Errors
/// Exit 2; the message calls the attribute `what`.
pub fn check_attribute(what: &str, value: &str) -> Result<()> {
    let count = value.chars().count();
    if value.trim().is_empty() {
        return Err(Error::usage(Code::SubjectEmpty, format!("the {what} is empty"))
            .hint(format!("give a {what} of 1 to {MAX_CHARACTERS} characters")));
    }
    if count > MAX_CHARACTERS {
        return Err(Error::usage(
            Code::SubjectTooLong,
            format!("the {what} has {count} characters; X.509 allows {MAX_CHARACTERS}"),
        )
        .hint("shorten it; RFC 5280 appendix A.1 sets the bound, and peers enforce it"));
    }
    if let Some(bad) = value.chars().find(|c| is_hidden(*c)) {
        return Err(Error::usage(
            Code::SubjectControlCharacter,
            format!("the {what} holds the control character U+{:04X}", u32::from(bad)),
        )
        .hint("use printable characters only"));
    }
    if value.trim() != value {
        return Err(Error::usage(
            Code::SubjectWhiteSpace,
            format!("the {what} begins or ends with white space"),
        )
        .hint("remove the white space"));
    }
    Ok(())
}

/// Whether a character is a control character, or lets one name look like another: bidirectional
/// overrides and isolates, zero-width spaces.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Formats a distinguished name by RFC 4514: last attribute first, separated by commas, special and
/// hidden characters escaped. Attributes of unknown types and values that are not text are written
/// as
/// `#` and their DER in hex.
#[must_use]
pub fn rfc4514(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|rdn| rdn.iter().map(attribute).collect::<Vec<_>>().join("+"))
        .collect();
    parts.reverse();
    parts.join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let short = match oid.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        _ => "",
    };
    let value = attribute.attr_value();
    let text = attribute.as_str().map(str::to_owned);
    match text.or_else(|_| value.as_bmpstring().map(|text| text.string())) {
        Ok(text) if !short.is_empty() => format!("{short}={}", escape(&text)),
        _ => {
            let kind = if short.is_empty() { &oid } else { short };
            let der = value.to_der_vec().unwrap_or_else(|_| value.data.to_vec());
            format!("{kind}=#{}", hex(&der))
        }
    }
}

fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (at, c) in value.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', c]),
            '#' | ' ' if at == 0 => text.extend(['\\', c]),
            ' ' if at == last => text.extend(['\\', c]),
            c if is_hidden(c) => {
                let mut utf8 = [0; 4];
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    text.push_str(&format!("\\{byte:02X}"));
                }
            }
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_attribute_has_its_own_code() {
        let code = |value: &str| check_attribute("common name", value).map_err(|e| e.code().name());
        assert_eq!(code(""), Err("subject-empty"));
        assert_eq!(code("   "), Err("subject-empty"));
        assert_eq!(code(&"x".repeat(65)), Err("subject-too-long"));
        assert_eq!(code(&"x".repeat(10_000)), Err("subject-too-long"));
        assert_eq!(code("a\0b"), Err("subject-control-character"));
        assert_eq!(code("a\u{202e}b"), Err("subject-control-character"));
        assert_eq!(code("a\u{85}b"), Err("subject-control-character"));
        assert_eq!(code(" a"), Err("subject-white-space"));
        assert_eq!(code(&"é".repeat(64)), Ok(()));
    }

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(escape("#a, b\\c "), "\\#a\\, b\\\\c\\ ");
        assert_eq!(escape("a\nb"), "a\\0Ab");
        assert_eq!(escape("a\u{202e}b"), "a\\E2\\80\\AEb");
        assert_eq!(escape(" "), "\\ ");
    }
}
