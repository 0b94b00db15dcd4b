//! Reads and describes any certificate: from this CA or another, conforming or broken.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::error::{Code, Error, Result};
use crate::pki::{hex, pem, serial_hex, sha256_hex, subject, validity};
use crate::shell::{CommandLine, Placeholder};

/// A certificate that can be parsed. [`crate::pki::profile`] checks whether it conforms.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
}

/// The certificate object that every command prints, in every output format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Subject, RFC 4514.
    pub subject: String,
    /// Issuer, RFC 4514.
    pub issuer: String,
    /// Serial number, lower-case hex.
    pub serial: String,
    /// SHA-256 of the DER, lower-case hex.
    pub sha256: String,
    /// `ecdsa-p256`, `rsa-2048`, `ed25519`, …, or the OID of the algorithm.
    pub key_type: String,
    /// The name that RFC 8017, RFC 5758 or RFC 8410 gives the algorithm, or its OID.
    pub signature_algorithm: String,
    /// First moment at which it is valid.
    pub not_before: Timestamp,
    /// Last moment at which it is valid.
    pub not_after: Timestamp,
    /// Whole days until `not_after`; negative when it is past.
    pub days_left: i64,
    /// The CA flag of basicConstraints.
    pub is_ca: bool,
    /// Subject alternative names.
    pub san: Names,
    /// Key usages, as RFC 5280 spells them.
    pub key_usage: Vec<String>,
    /// Extended key usages, as RFC 5280 spells them, or OIDs.
    pub ext_key_usage: Vec<String>,
    /// Subject key identifier, lower-case hex.
    pub ski: Option<String>,
    /// Authority key identifier, lower-case hex.
    pub aki: Option<String>,
    /// The names that the CA may sign for; absent when it has no name constraints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_constraints: Option<Constraints>,
}

/// DNS names and addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// DNS names.
    pub dns: Vec<String>,
    /// IP addresses; ranges have a prefix length.
    pub ip: Vec<String>,
}

/// The name constraints on DNS names and IP addresses. Those on other kinds of names are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraints {
    /// Permitted subtrees.
    pub permitted: Names,
    /// Excluded subtrees.
    pub excluded: Names,
}

/// The DER encoding.
impl AsRef<[u8]> for Certificate {
    fn as_ref(&self) -> &[u8] {
        self.der()
    }
}

impl Certificate {
    /// Reads one certificate. Bytes behind the certificate are an error.
    ///
    /// # Errors
    /// Exit 2 when it is not a certificate.
    pub fn from_der(der: impl Into<Vec<u8>>) -> Result<Self> {
        Ok(Certificate::read(der.into(), |_| ())?.0)
    }

    /// Reads one certificate, and calls `look` on its parsed form, to save parsing it again.
    pub(crate) fn read<T>(
        der: Vec<u8>,
        look: impl FnOnce(&X509Certificate<'_>) -> T,
    ) -> Result<(Self, T)> {
        let bad = |cause: &str| {
            Error::usage(
                Code::CertificateDamaged,
                format!("the certificate cannot be read: {cause}"),
            )
            .hint((
                "look at it",
                CommandLine::other("openssl", "x509 -text -noout")
                    .option("-in", Placeholder("FILE")),
            ))
        };
        match X509Certificate::from_der(&der) {
            Ok(([], x509)) => {
                let seen = look(&x509);
                Ok((Certificate { der }, seen))
            }
            Ok((rest, _)) => Err(bad(&format!("{} bytes stand behind it", rest.len()))),
            Err(error) => Err(bad(&error.to_string())),
        }
    }

    /// Reads the certificates of a PEM text, in order. A private key in it is an error.
    ///
    /// # Errors
    /// Exit 2: see [`pem::read`]; also when a certificate is damaged, or a private key is present.
    pub fn from_pem(name: &str, text: &[u8]) -> Result<Vec<Self>> {
        pem::read(name, text)?
            .into_iter()
            .map(|item| match item {
                pem::PemItem::Certificate(der) => Certificate::from_der(der),
                pem::PemItem::Key(_) | pem::PemItem::EncryptedKey(_) => Err(Error::usage(
                    Code::PrivateKeyUnexpected,
                    format!("{name} holds a private key, where only certificates belong"),
                )
                .hint("take the key out, and replace it if others could read it")),
            })
            .collect()
    }

    /// The DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the DER, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256_hex(&self.der)
    }

    /// The SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn public_key_info(&self) -> Vec<u8> {
        self.parsed().public_key().raw.to_vec()
    }

    /// The serial number, as [`serial_hex`].
    #[must_use]
    pub fn serial(&self) -> String {
        serial_hex(self.parsed().raw_serial())
    }

    /// Returns [`Certificate::serial`] and [`Certificate::not_after`] from one parse, in half the
    /// time.
    #[must_use]
    pub fn serial_and_not_after(&self) -> (String, Timestamp) {
        let x509 = self.parsed();
        (serial_hex(x509.raw_serial()), timestamp(x509.validity.not_after.timestamp()))
    }

    /// The last moment of validity.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        timestamp(self.parsed().validity.not_after.timestamp())
    }

    /// The first moment of validity.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        timestamp(self.parsed().validity.not_before.timestamp())
    }

    /// The subject, RFC 4514.
    #[must_use]
    pub fn subject(&self) -> String {
        subject::rfc4514(self.parsed().subject())
    }

    /// The first common name of the subject that is readable text.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        let x509 = self.parsed();
        x509.subject().iter_common_name().find_map(|name| name.as_str().ok()).map(str::to_owned)
    }

    /// Whether `ca` signed this certificate: the issuer is the subject of `ca`, and the signature
    /// verifies.
    #[must_use]
    pub fn is_signed_by(&self, ca: &Certificate) -> bool {
        let (x509, ca) = (self.parsed(), ca.parsed());
        x509.issuer().as_raw() == ca.subject().as_raw()
            && x509.verify_signature(Some(ca.public_key())).is_ok()
    }

    /// Whether `other` has the same subject and public key: one of the two renews the other, and
    /// the certificates that either signed verify with both.
    #[must_use]
    pub fn is_renewal_of(&self, other: &Certificate) -> bool {
        let (one, two) = (self.parsed(), other.parsed());
        one.subject().as_raw() == two.subject().as_raw()
            && one.public_key().raw == two.public_key().raw
    }

    /// Whether `name` is one of the DNS names in subjectAltName, compared byte by byte.
    #[must_use]
    pub fn has_dns_name(&self, name: &str) -> bool {
        let x509 = self.parsed();
        let san = x509.subject_alternative_name().ok().flatten();
        let mut names = san.iter().flat_map(|extension| &extension.value.general_names);
        names.any(|found| matches!(found, GeneralName::DNSName(found) if *found == name))
    }

    /// The subject and subjectAltName, DER, one behind the other: equal bytes mean equal names.
    #[must_use]
    pub fn names_der(&self) -> Vec<u8> {
        let x509 = self.parsed();
        let san = x509.extensions().iter().filter(|extension| {
            matches!(extension.parsed_extension(), ParsedExtension::SubjectAlternativeName(_))
        });
        let san = san.flat_map(|extension| extension.value.iter().copied());
        x509.subject().as_raw().iter().copied().chain(san).collect()
    }

    /// A short name for messages: the first DNS name, else the first IP address, else the subject.
    #[must_use]
    pub fn name(&self) -> String {
        let san = self.names();
        let first = san.dns.into_iter().chain(san.ip).next();
        first.unwrap_or_else(|| self.subject())
    }

    /// The DNS names and addresses of its SAN.
    #[must_use]
    pub fn names(&self) -> Names {
        let x509 = self.parsed();
        let san = x509.subject_alternative_name().ok().flatten();
        san.map(|extension| names(extension.value.general_names.iter())).unwrap_or_default()
    }

    /// The certificate object at the time `now`, from which `days_left` is counted.
    #[must_use]
    pub fn describe(&self, now: Timestamp) -> Description {
        let x509 = self.parsed();
        let not_after = self.not_after();
        let mut description = Description {
            subject: subject::rfc4514(x509.subject()),
            issuer: subject::rfc4514(x509.issuer()),
            serial: self.serial(),
            sha256: self.sha256(),
            key_type: key_type(x509.public_key()),
            signature_algorithm: signature_algorithm(
                &x509.signature_algorithm.algorithm.to_id_string(),
            ),
            not_before: self.not_before(),
            not_after,
            days_left: validity::days_left(not_after, now),
            is_ca: x509.is_ca(),
            san: Names::default(),
            key_usage: Vec::new(),
            ext_key_usage: Vec::new(),
            ski: None,
            aki: None,
            name_constraints: None,
        };
        for extension in x509.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(san) => {
                    description.san = names(san.general_names.iter());
                }
                ParsedExtension::KeyUsage(usage) => description.key_usage = key_usages(usage.flags),
                ParsedExtension::ExtendedKeyUsage(usage) => {
                    description.ext_key_usage = extended_key_usages(usage);
                }
                ParsedExtension::SubjectKeyIdentifier(id) => description.ski = Some(hex(id.0)),
                ParsedExtension::AuthorityKeyIdentifier(id) => {
                    description.aki = id.key_identifier.as_ref().map(|id| hex(id.0));
                }
                ParsedExtension::NameConstraints(constraints) => {
                    let side =
                        |trees: &Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>| {
                            names(trees.iter().flatten().map(|tree| &tree.base))
                        };
                    description.name_constraints = Some(Constraints {
                        permitted: side(&constraints.permitted_subtrees),
                        excluded: side(&constraints.excluded_subtrees),
                    });
                }
                _ => {}
            }
        }
        description
    }

    /// The parsed form, which borrows the DER.
    #[allow(clippy::expect_used)] // from_der parsed the same bytes
    pub(crate) fn parsed(&self) -> X509Certificate<'_> {
        X509Certificate::from_der(&self.der).expect("parsed once already").1
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({}, sha256 {})", self.subject(), self.sha256())
    }
}

/// Converts seconds since 1970. RFC 5280 (section 4.1.2.5) writes "no expiry" as the last second of
/// the year 9999, which lies hours past the end of jiff's calendar; that end stands for it.
fn timestamp(seconds: i64) -> Timestamp {
    let last = Timestamp::MAX.as_second();
    Timestamp::from_second(seconds.min(last)).unwrap_or(Timestamp::MIN)
}

/// Whether this program verifies signatures by a key of this kind ([`key_type`]): RSA of 2048 to
/// 8192 bits, ECDSA on the curves of NIST, and Ed25519.
pub(crate) fn is_verified_kind(kind: &str) -> bool {
    match kind.strip_prefix("rsa-").and_then(|bits| bits.parse::<u32>().ok()) {
        Some(bits) => (2048..=8192).contains(&bits),
        None => ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"].contains(&kind),
    }
}

/// The kind and strength of a public key, such as `ecdsa-p256` or `rsa-2048`.
pub(crate) fn key_type(info: &SubjectPublicKeyInfo<'_>) -> String {
    let curve = || {
        let named = info.algorithm.parameters.as_ref().filter(|any| any.tag() == Tag::Oid)?;
        named.as_oid().ok().map(|oid| oid.to_id_string())
    };
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => {
            let bits = key.modulus.iter().skip_while(|byte| **byte == 0).collect::<Vec<_>>();
            let leading = bits.first().map_or(0, |byte| byte.leading_zeros() as usize);
            format!("rsa-{}", (bits.len() * 8).saturating_sub(leading))
        }
        Ok(PublicKey::EC(_)) => match curve().as_deref() {
            Some("1.2.840.10045.3.1.7") => "ecdsa-p256".into(),
            Some("1.3.132.0.34") => "ecdsa-p384".into(),
            Some("1.3.132.0.35") => "ecdsa-p521".into(),
            Some(other) => format!("ecdsa-{other}"),
            None => "ecdsa".into(),
        },
        Ok(PublicKey::DSA(_)) => "dsa".into(),
        _ => match info.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => "ed25519".into(),
            "1.3.101.113" => "ed448".into(),
            other => other.into(),
        },
    }
}

pub(crate) fn signature_algorithm(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "id-RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        other => other,
    }
    .to_owned()
}

/// The names of RFC 5280, section 4.2.1.3, in the order of their bits.
fn key_usages(flags: u16) -> Vec<String> {
    const NAMES: [&str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];
    let set = NAMES.iter().enumerate().filter(|(bit, _)| flags & (1 << bit) != 0);
    set.map(|(_, name)| (*name).to_owned()).collect()
}

pub(crate) fn extended_key_usages(
    usage: &x509_parser::extensions::ExtendedKeyUsage<'_>,
) -> Vec<String> {
    let known = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let known = known.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned());
    known.chain(usage.other.iter().map(|oid| oid.to_id_string())).collect()
}

pub(crate) fn names<'a>(general_names: impl Iterator<Item = &'a GeneralName<'a>>) -> Names {
    let mut names = Names::default();
    for name in general_names {
        match name {
            GeneralName::DNSName(name) if name.contains(subject::is_hidden) => {
                names.dns.push(format!("#{}", hex(name.as_bytes())));
            }
            GeneralName::DNSName(name) => names.dns.push((*name).to_owned()),
            GeneralName::IPAddress(bytes) => names.ip.push(address(bytes)),
            _ => {}
        }
    }
    names
}

/// A DNS name or an IP address as text; for other names, only the kind.
pub(crate) fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => name.escape_debug().to_string(),
        GeneralName::IPAddress(bytes) => address(bytes),
        other => other.to_string(),
    }
}

/// Formats an address of 4 or 16 octets, or an address followed by a mask of the same length.
pub(crate) fn address(bytes: &[u8]) -> String {
    use std::net::IpAddr;
    let ip = |bytes: &[u8]| match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    };
    let range = || {
        let (address, mask) = bytes.split_at(bytes.len() / 2);
        Some(match ipnet::ip_mask_to_prefix(ip(mask)?) {
            Ok(prefix) => format!("{}/{prefix}", ip(address)?),
            Err(_) => format!("{}/{}", ip(address)?, ip(mask)?),
        })
    };
    match bytes.len() {
        4 | 16 => ip(bytes).map(|ip| ip.to_string()),
        8 | 32 => range(),
        _ => None,
    }
    .unwrap_or_else(|| format!("#{}", hex(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rubbish_is_refused() {
        for bytes in [&b""[..], b"0", b"\x30\x03\x02\x01\x01", &[0x30; 1000]] {
            assert_eq!(
                Certificate::from_der(bytes).map_err(|e| e.code().name()),
                Err("certificate-damaged")
            );
        }
    }

    #[test]
    fn addresses_and_ranges() {
        assert_eq!(address(&[10, 0, 0, 1]), "10.0.0.1");
        assert_eq!(address(&[10, 0, 0, 0, 255, 0, 0, 0]), "10.0.0.0/8");
        assert_eq!(address(&[10, 0, 0, 0, 255, 0, 255, 0]), "10.0.0.0/255.0.255.0");
        assert_eq!(address(&[1, 2, 3]), "#010203");
    }
}
