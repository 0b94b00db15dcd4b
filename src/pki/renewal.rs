//! A renewed CA certificate: the same name, key, key identifier and extensions, with other dates.
//!
//! Every certificate that the CA signed verifies with the renewed certificate too, since path
//! building uses the issuer's name and the key identifier (RFC 5280, sections 4.1.2.4 and 4.2.1.1).

use rcgen::string::{BmpString, Ia5String, PrintableString, TeletexString};
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa, SerialNumber,
};
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ParsedExtension, X509Extension};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::error::{Code, Error, Result};
use crate::pki::authority::{Authority, random_serial, rcgen_time};
use crate::pki::certificate::Certificate;
use crate::pki::key::PrivateKey;
use crate::pki::validity::Validity;
use crate::shell::{CommandLine, Placeholder};

/// Signs the certificate of `authority` again, with a new serial number and with `validity`.
///
/// # Errors
/// Exit 3 when signing fails, or when the certificate has a part that cannot be written again
/// byte for byte, such as a name with two attributes in one part.
pub fn renew(authority: &Authority, validity: Validity) -> Result<Certificate> {
    let old = authority.certificate();
    let differs = || {
        let message = format!(
            "the CA {} has a part that cannot be renewed here: its name or an extension is \
             encoded in a way that is not written here",
            old.subject()
        );
        Error::failed(Code::RenewalDiffers, message).hint((
            "renew it where it was made, with the same name and key, and give the new certificate",
            CommandLine::ccx_sec("ca renew").option("--cert", Placeholder("FILE")),
        ))
    };
    let copied = sign_copy(old, authority.key(), random_serial()?, validity, renewed_value)?;
    let renewed = copied.ok_or_else(differs)?;
    match check(old, &renewed) {
        Ok(()) => Ok(renewed),
        Err(_) => Err(differs()),
    }
}

/// Makes a self-signed certificate that is like `model` in everything but its key and signature. It
/// lets a simulation sign certificates as a CA would whose key is not at hand.
///
/// Returns `None` when `model` has a part that cannot be written again byte for byte.
///
/// # Errors
/// Exit 3 when signing fails.
pub(crate) fn with_other_key(model: &Certificate, key: &PrivateKey) -> Result<Option<Certificate>> {
    let x509 = model.parsed();
    let validity = Validity { not_before: model.not_before(), not_after: model.not_after() };
    let serial = SerialNumber::from_slice(x509.raw_serial());
    let copied = sign_copy(model, key, serial, validity, |one| Some(one.value.to_vec()))?;
    Ok(copied.filter(|copy| {
        let copy = copy.parsed();
        let extensions = |x509: &X509Certificate<'_>| -> Vec<(String, bool, Vec<u8>)> {
            let part = |one: &X509Extension<'_>| {
                (one.oid.to_id_string(), one.critical, one.value.to_vec())
            };
            x509.extensions().iter().map(part).collect()
        };
        copy.subject().as_raw() == x509.subject().as_raw()
            && extensions(&copy) == extensions(&x509)
            && copy.validity == x509.validity
    }))
}

/// Signs the name and the extensions of `model` with `key`; `value` gives the value of each extension
/// in the new certificate. Returns `None` when rcgen cannot write a part of them.
fn sign_copy(
    model: &Certificate,
    key: &PrivateKey,
    serial: SerialNumber,
    validity: Validity,
    value: impl Fn(&X509Extension<'_>) -> Option<Vec<u8>>,
) -> Result<Option<Certificate>> {
    let x509 = model.parsed();
    let mut parameters = CertificateParams::default();
    let Some(name) = distinguished_name(x509.subject()) else { return Ok(None) };
    parameters.distinguished_name = name;
    parameters.serial_number = Some(serial);
    parameters.not_before = rcgen_time(validity.not_before)?;
    parameters.not_after = rcgen_time(validity.not_after)?;
    parameters.is_ca = IsCa::NoCa; // basicConstraints is copied with the other extensions
    for extension in x509.extensions() {
        let Some(value) = value(extension) else { continue };
        let oid: Option<Vec<u64>> = extension.oid.iter().map(Iterator::collect);
        let Some(oid) = oid else { return Ok(None) };
        let mut copy = CustomExtension::from_oid_content(&oid, value);
        copy.set_criticality(extension.critical);
        parameters.custom_extensions.push(copy);
    }
    let signed = parameters.self_signed(key.rcgen()).map_err(|source| {
        Error::failed(Code::CaSigning, "cannot sign the CA certificate again").because(source)
    })?;
    Certificate::from_der(signed.der().to_vec()).map(Some)
}

/// Checks that `renewed` can replace `old` while all issued certificates stay valid.
///
/// # Errors
/// The difference, as a sentence about the renewed certificate without its subject.
pub fn check(old: &Certificate, renewed: &Certificate) -> std::result::Result<(), &'static str> {
    let (one, two) = (old.parsed(), renewed.parsed());
    if one.subject().as_raw() != two.subject().as_raw() {
        return Err("has another subject");
    }
    if one.public_key().raw != two.public_key().raw {
        return Err("has another key");
    }
    if !renewed.is_signed_by(renewed) {
        return Err("is not self-signed");
    }
    let contents = |x509: &X509Certificate<'_>| {
        let mut found: Vec<(String, bool, Vec<u8>)> = x509
            .extensions()
            .iter()
            .filter_map(|one| Some((one.oid.to_id_string(), one.critical, renewed_value(one)?)))
            .collect();
        found.sort();
        found
    };
    if contents(&one) != contents(&two) {
        return Err("has other extensions");
    }
    let named_serial = two.extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityKeyIdentifier(identifier) = extension.parsed_extension()
        else {
            return None;
        };
        identifier.authority_cert_serial
    });
    if named_serial.is_some_and(|serial| serial != two.raw_serial()) {
        return Err("names another serial number in its authorityKeyIdentifier");
    }
    Ok(())
}

/// Checks that `renewed` renews `old` and ends later, as the second write of an interrupted renewal
/// demands. The bundle is public, so what it calls active proves nothing by itself.
///
/// # Errors
/// The difference, as a sentence about the renewed certificate without its subject.
pub fn check_unfinished(
    old: &Certificate,
    renewed: &Certificate,
) -> std::result::Result<(), &'static str> {
    check(old, renewed)?;
    if renewed.not_after() <= old.not_after() {
        return Err("ends before the one that signs");
    }
    Ok(())
}

/// The value of an extension in the renewed certificate; `None` where it has no place there.
///
/// An authorityKeyIdentifier can name the issuer's serial number (RFC 5280, section 4.2.1.1). In a
/// self-signed certificate that is its own, which a renewal changes, and OpenSSL then finds no
/// issuer. So only the key identifier is kept.
fn renewed_value(extension: &X509Extension<'_>) -> Option<Vec<u8>> {
    match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(identifier)
            if identifier.authority_cert_serial.is_some()
                || identifier.authority_cert_issuer.is_some() =>
        {
            let key = identifier.key_identifier.as_ref()?.0;
            let length = u8::try_from(key.len()).ok().filter(|length| *length < 126)?;
            Some([&[0x30, length + 2, 0x80, length], key].concat())
        }
        _ => Some(extension.value.to_vec()),
    }
}

/// The same name for rcgen, in the same string types; none where it has a part that rcgen cannot
/// write.
fn distinguished_name(name: &X509Name<'_>) -> Option<DistinguishedName> {
    let mut written = DistinguishedName::new();
    for part in name.iter() {
        let mut attributes = part.iter();
        let attribute = attributes.next()?;
        if attributes.next().is_some() {
            return None;
        }
        let oid: Vec<u64> = attribute.attr_type().iter()?.collect();
        written.push(DnType::from_oid(&oid), value(attribute)?);
    }
    Some(written)
}

fn value(attribute: &AttributeTypeAndValue<'_>) -> Option<DnValue> {
    let bytes = attribute.attr_value().data.to_vec();
    match attribute.attr_value().tag() {
        Tag::Utf8String => String::from_utf8(bytes).ok().map(DnValue::Utf8String),
        Tag::PrintableString => {
            let text = String::from_utf8(bytes).ok()?;
            PrintableString::try_from(text).ok().map(DnValue::PrintableString)
        }
        Tag::Ia5String => {
            let text = String::from_utf8(bytes).ok()?;
            Ia5String::try_from(text).ok().map(DnValue::Ia5String)
        }
        Tag::T61String => {
            let text = String::from_utf8(bytes).ok()?;
            TeletexString::try_from(text).ok().map(DnValue::TeletexString)
        }
        Tag::BmpString => BmpString::from_utf16be(bytes).ok().map(DnValue::BmpString),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::authority::CaRequest;
    use crate::pki::constraints::NameConstraints;
    use crate::pki::key::KeyType;
    use crate::pki::profile;
    use crate::pki::subject::Subject;
    use crate::pki::validity::Length;

    fn validity(from: &str, length: &str) -> Validity {
        let length: Length = length.parse().expect("a length");
        Validity::starting(from.parse().expect("a timestamp"), &length).expect("in range")
    }

    fn authority(key_type: KeyType) -> Authority {
        let request = CaRequest {
            subject: Subject::new("test, CA", Some("Acme")).expect("a subject"),
            validity: validity("2026-01-01T00:00:00Z", "1y"),
            constraints: NameConstraints {
                dns: vec!["ccx.example.com".parse().expect("a domain")],
                ip: vec!["10.0.0.0/8".parse().expect("a range")],
            },
        };
        Authority::create(&request, PrivateKey::generate(key_type).expect("a key")).expect("a CA")
    }

    #[test]
    fn renewed_certificate_keeps_all_but_serial_and_dates() {
        for key_type in [KeyType::EcdsaP256, KeyType::Rsa2048] {
            let old = authority(key_type);
            let new = renew(&old, validity("2026-12-01T00:00:00Z", "10y")).expect("a renewal");
            assert_eq!(check(old.certificate(), &new), Ok(()));
            assert!(new.is_renewal_of(old.certificate()));
            assert_ne!(new.serial(), old.certificate().serial());
            assert_eq!(new.not_after().to_string(), "2036-12-01T00:00:00Z");
            assert_eq!(profile::check_ca(&new), Vec::new());
        }
    }

    #[test]
    fn a_certificate_with_another_key_is_the_same_in_all_else() {
        let old = authority(KeyType::EcdsaP256);
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        let twin = with_other_key(old.certificate(), &key).expect("signed").expect("a copy");
        assert!(twin.is_signed_by(&twin) && !twin.is_renewal_of(old.certificate()));
        let now = "2026-06-01T00:00:00Z".parse().expect("a timestamp");
        let described = |certificate: &Certificate| {
            let mut described = certificate.describe(now);
            described.sha256.clear();
            described
        };
        assert_eq!(described(&twin), described(old.certificate()));
    }

    #[test]
    fn another_key_or_name_is_no_renewal() {
        let (one, two) = (authority(KeyType::EcdsaP256), authority(KeyType::EcdsaP256));
        assert_eq!(check(one.certificate(), two.certificate()), Err("has another key"));
        let renamed = CaRequest {
            subject: Subject::new("other", None).expect("a subject"),
            validity: validity("2026-01-01T00:00:00Z", "1y"),
            constraints: NameConstraints::default(),
        };
        let der = one.key().pkcs8().to_vec();
        let key = PrivateKey::from_der(&rustls_pki_types::PrivateKeyDer::Pkcs8(der.into()));
        let renamed = Authority::create(&renamed, key.expect("a key")).expect("a CA");
        assert_eq!(check(one.certificate(), renamed.certificate()), Err("has another subject"));
    }
}
