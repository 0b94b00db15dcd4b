//! Certificate signing requests (PKCS#10, RFC 2986). Only the key and the names are read, and
//! neither is trusted: the signature proves possession of the key, and the names are checked
//! against a policy. Everything else in a request is ignored.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::error::X509Error;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

use crate::error::{Code, Error, Result};
use crate::pki::certificate::signature_algorithm;
use crate::pki::leaf_key::PublicKey;
use crate::pki::pem;
use crate::pki::san::{DnsName, San};
use crate::shell::{CommandLine, Placeholder};
use crate::text::clip;

/// SHA-1 with RSA, by two OIDs, and with ECDSA. SHA-1 collisions are practical: two requests can be
/// made with one hash.
const SHA1: [&str; 3] = ["1.2.840.113549.1.1.5", "1.3.14.3.2.29", "1.2.840.10045.4.1"];

/// A request whose signature has been verified.
#[derive(Debug)]
pub struct Csr {
    /// The requested public key; the signature proves possession of its private key.
    pub key: PublicKey,
    /// The requested names.
    pub san: San,
}

impl Csr {
    /// Reads a request, PEM or DER; errors call it `name`.
    ///
    /// # Errors
    /// Exit 2 when it cannot be read, or asks for a name that is neither a DNS name nor an address;
    /// exit 4 when its signature does not verify or uses a weak algorithm, or its key has a kind or
    /// strength that is not signed.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self> {
        let name = if name == "-" { "standard input" } else { name };
        let is_der = bytes.first() == Some(&0x30);
        let der = if is_der { bytes.to_vec() } else { pem::request(name, bytes)? };
        let damaged = |cause: &str| {
            Error::usage(Code::CsrDamaged, format!("the request {name} cannot be read: {cause}"))
                .hint((
                    "look at it",
                    CommandLine::other("openssl", "req -text -noout -verify")
                        .option("-in", Placeholder("FILE")),
                ))
        };
        let request = match X509CertificationRequest::from_der(&der) {
            Ok(([], request)) => request,
            Ok((rest, _)) => return Err(damaged(&format!("{} bytes stand behind it", rest.len()))),
            Err(error) => return Err(damaged(&error.to_string())),
        };
        let key = PublicKey::from_info(&request.certification_request_info.subject_pki)?;
        let algorithm = request.signature_algorithm.algorithm.to_id_string();
        match request.verify_signature() {
            Ok(()) if !SHA1.contains(&algorithm.as_str()) => {}
            Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm) => {
                let algorithm = signature_algorithm(&algorithm);
                let message =
                    format!("the request {name} is signed with {algorithm}, which proves nothing");
                return Err(Error::refused(Code::CsrAlgorithm, message).hint((
                    "make it with SHA-256",
                    CommandLine::other("openssl", "req -new -sha256")
                        .option("-key", Placeholder("KEY_FILE"))
                        .option("-out", Placeholder("FILE")),
                )));
            }
            Err(_) => {
                let message = format!("the signature of the request {name} does not verify");
                return Err(Error::refused(Code::CsrSignature, message).hint(
                    "its sender does not have the key, or it was altered; make a new request",
                ));
            }
        }
        let (mut dns, mut ip) = (Vec::new(), Vec::new());
        let extensions = request.requested_extensions().into_iter().flatten();
        for extension in extensions {
            let san = match extension {
                ParsedExtension::SubjectAlternativeName(san) => san,
                // The damaged extension may be the one with the names.
                ParsedExtension::ParseError { .. } => {
                    return Err(damaged("an extension that it asks for is damaged"));
                }
                _ => continue,
            };
            for asked in &san.general_names {
                match asked {
                    GeneralName::DNSName(asked) => dns.push(asked.parse::<DnsName>()?),
                    GeneralName::IPAddress(octets) => {
                        let v4 = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
                        let v6 = <[u8; 16]>::try_from(*octets).map(IpAddr::from);
                        ip.push(
                            v4.or(v6).map_err(|_| damaged("it asks for an invalid IP address"))?,
                        );
                    }
                    _ => {
                        return Err(Error::usage(
                            Code::CsrNameKind,
                            format!(
                                "the request {name} asks for a name that is neither a DNS name nor an address"
                            ),
                        )
                        .hint("ask for DNS names and addresses only"));
                    }
                }
            }
        }
        Ok(Csr { key, san: San::new(dns, ip) })
    }
}

/// A pattern of DNS names: an exact name; `*.example.com` for one label below it, including a
/// wildcard certificate; `**.example.com` for any name below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsPattern {
    text: String,
}

impl FromStr for DnsPattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.to_ascii_lowercase();
        let base = text.strip_prefix("**.").or_else(|| text.strip_prefix("*.")).unwrap_or(&text);
        match base.parse::<DnsName>() {
            Ok(_) if !base.starts_with("*.") => Ok(DnsPattern { text }),
            _ => {
                let shown = clip(&text, 80);
                Err(Error::usage(
                    Code::DnsPattern,
                    format!("{shown:?} is not a pattern of DNS names"),
                )
                .hint(
                    "give a name, *.example.com for one label below it, or **.example.com for all",
                ))
            }
        }
    }
}

impl DnsPattern {
    fn allows(&self, name: &DnsName) -> bool {
        let name = name.as_str();
        let below = |base: &str| name.strip_suffix(base).and_then(|label| label.strip_suffix('.'));
        if let Some(base) = self.text.strip_prefix("**.") {
            return below(base).is_some();
        }
        match self.text.strip_prefix("*.") {
            Some(base) => below(base).is_some_and(|label| !label.contains('.')),
            None => name == self.text,
        }
    }
}

/// The names that a request may ask for.
#[derive(Debug, Default)]
pub struct Policy {
    /// Names that are allowed exactly as written.
    pub names: San,
    /// Patterns of allowed DNS names.
    pub dns: Vec<DnsPattern>,
    /// Ranges of allowed addresses.
    pub ip: Vec<IpNet>,
}

impl Policy {
    /// Refuses a request for names that are not allowed.
    ///
    /// # Errors
    /// Exit 4; the message lists all refused names.
    pub fn check(&self, asked: &San) -> Result<()> {
        let dns = asked.dns().iter().filter(|name| {
            !self.names.dns().contains(name) && !self.dns.iter().any(|pattern| pattern.allows(name))
        });
        let ip = asked.ip().iter().filter(|ip| {
            !self.names.ip().contains(ip) && !self.ip.iter().any(|range| range.contains(*ip))
        });
        let refused: Vec<String> =
            dns.map(ToString::to_string).chain(ip.map(ToString::to_string)).collect();
        if refused.is_empty() {
            return Ok(());
        }
        let message =
            format!("the request asks for names that are not allowed: {}", refused.join(", "));
        Err(Error::refused(Code::CsrNameRefused, message)
            .hint("if it may have them: --allow-dns PATTERN, --allow-ip CIDR, or --dns and --ip for the node's own"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::{KeyType, PrivateKey};

    fn csr(key_type: KeyType, names: &[&str]) -> Vec<u8> {
        let key = PrivateKey::generate(key_type).expect("a key");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = rcgen::CertificateParams::new(names).expect("parameters");
        // A request may not set these; they must be ignored.
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "root");
        parameters.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        parameters.serialize_request(key.rcgen()).expect("a request").der().to_vec()
    }

    #[test]
    fn key_and_names_are_read_for_every_kind_of_key() {
        for key_type in KeyType::ALL.into_iter().filter(|kind| *kind != KeyType::Rsa4096) {
            let read =
                Csr::read("x", &csr(key_type, &["a.example", "10.0.0.1"])).expect("a request");
            assert_eq!((read.san.dns().len(), read.san.ip().len()), (1, 1), "{key_type}");
        }
    }

    #[test]
    fn a_request_that_was_altered_is_refused() {
        let good = csr(KeyType::EcdsaP256, &["a.example"]);
        let at = good.windows(9).position(|window| window == b"a.example").expect("the name");
        let mut altered = good.clone();
        altered[at] = b'b';
        let code = |der: &[u8]| Csr::read("x", der).map(|_| ()).map_err(|e| e.code().name());
        assert_eq!(code(&good), Ok(()));
        assert_eq!(code(&altered), Err("csr-signature"));
        assert_eq!(code(&good[..good.len() - 1]), Err("csr-damaged"));
        assert_eq!(code(&[&good[..], &[0]].concat()), Err("csr-damaged"));
        assert_eq!(code(b"hello"), Err("csr-missing"));
        for at in 0..good.len() {
            let mut broken = good.clone();
            broken[at] ^= 0x20;
            let _ = Csr::read("x", &broken); // whatever it is, it does not panic
        }
    }

    #[test]
    fn names_are_held_against_the_policy() {
        let name = |text: &str| text.parse::<DnsName>().expect("a name");
        let policy = Policy {
            names: San::new([name("db.example")], ["10.0.0.1".parse().expect("v4")]),
            dns: ["*.a.example", "**.b.example"].map(|p| p.parse().expect("a pattern")).to_vec(),
            ip: vec!["fd00::/8".parse().expect("a range")],
        };
        let check = |dns: &str, ip: Option<&str>| {
            let ip = ip.map(|ip| ip.parse().expect("an address"));
            policy.check(&San::new([name(dns)], ip)).map_err(|e| e.to_string())
        };
        for good in ["db.example", "x.a.example", "*.a.example", "x.b.example", "x.y.b.example"] {
            assert_eq!(check(good, Some("fd00::1")), Ok(()), "{good}");
        }
        for bad in [
            "a.example",
            "x.y.a.example",
            "b.example",
            "xa.example",
            "evil.example",
            "*.example.com",
        ] {
            let error = check(bad, Some("10.0.0.1")).expect_err(bad);
            assert!(error.ends_with(&format!(": {bad}")), "{error}");
        }
        let error = check("db.example", Some("10.0.0.2")).expect_err("another address");
        assert!(error.ends_with(": 10.0.0.2"), "{error}");
        assert_eq!("*".parse::<DnsPattern>().map_err(|e| e.code().name()), Err("dns-pattern"));
        assert_eq!(
            "*.*.a.example".parse::<DnsPattern>().map_err(|e| e.code().name()),
            Err("dns-pattern")
        );
    }
}
