//! One certificate of a path, parsed once.

use std::fmt;
use std::rc::Rc;

use rustls_pki_types::SignatureVerificationAlgorithm;
use serde::{Serialize, Serializer};
use x509_parser::asn1_rs::{Any, FromDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{
    AuthorityKeyIdentifier, ExtendedKeyUsage, GeneralName, KeyUsage, NameConstraints,
    ParsedExtension, X509Extension,
};
use x509_parser::x509::X509Version;

use crate::pki::certificate::Certificate;

/// The position of a certificate in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// The peer's own certificate.
    Leaf,
    /// A CA between leaf and trusted CA; number 1 signed the leaf.
    Intermediate(usize),
    /// The trusted CA.
    Ca,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Leaf => f.write_str("leaf"),
            Position::Intermediate(number) => write!(f, "intermediate {number}"),
            Position::Ca => f.write_str("CA"),
        }
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A certificate with its position in the path and its parsed form. Cheap to clone.
#[derive(Clone)]
pub(super) struct PathCertificate<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) position: Position,
    pub(super) x509: Rc<X509Certificate<'a>>,
}

type SignatureCache = &'static dyn SignatureVerificationAlgorithm;

/// The reason why a signature does not verify.
pub(super) enum SignatureError {
    /// The signature algorithm, or the kind of key, is not supported.
    Algorithm,
    /// Both are supported, but the key is of another kind than the signature.
    OtherKind,
    /// The signature does not match the key and the content.
    Wrong,
}

impl<'a> PathCertificate<'a> {
    pub(super) fn new(certificate: &'a Certificate, position: Position) -> Self {
        PathCertificate { certificate, position, x509: Rc::new(certificate.parsed()) }
    }

    pub(super) fn at(&self, position: Position) -> Self {
        PathCertificate { position, ..self.clone() }
    }

    /// Whether subject and issuer are equal (RFC 5280, section 3.2: "self-issued").
    pub(super) fn is_self_issued(&self) -> bool {
        self.x509.subject().as_raw() == self.x509.issuer().as_raw()
    }

    pub(super) fn is_v3(&self) -> bool {
        self.x509.version() == X509Version::V3
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.position == Position::Leaf
    }

    /// The first extension that `kind` selects, and whether it is critical.
    pub(super) fn find_extension<T>(
        &self,
        kind: impl for<'x> Fn(&'x ParsedExtension<'a>) -> Option<&'x T>,
    ) -> Option<(bool, &T)> {
        let mut extensions = self.x509.extensions().iter();
        extensions.find_map(|one| kind(one.parsed_extension()).map(|found| (one.critical, found)))
    }

    pub(super) fn extension(&self, oid: &str) -> Option<&X509Extension<'a>> {
        self.x509.extensions().iter().find(|one| one.oid.to_id_string() == oid)
    }

    /// The CA flag and the pathLenConstraint of basicConstraints.
    pub(super) fn basic_constraints(&self) -> Option<(bool, Option<u32>)> {
        self.find_extension(|one| match one {
            ParsedExtension::BasicConstraints(constraints) => Some(constraints),
            _ => None,
        })
        .map(|(_, constraints)| (constraints.ca, constraints.path_len_constraint))
    }

    pub(super) fn is_ca(&self) -> bool {
        self.basic_constraints().is_some_and(|(ca, _)| ca)
    }

    pub(super) fn key_usage(&self) -> Option<&KeyUsage> {
        self.find_extension(|one| match one {
            ParsedExtension::KeyUsage(usage) => Some(usage),
            _ => None,
        })
        .map(|(_, usage)| usage)
    }

    pub(super) fn ext_key_usage(&self) -> Option<(bool, &ExtendedKeyUsage<'a>)> {
        self.find_extension(|one| match one {
            ParsedExtension::ExtendedKeyUsage(usage) => Some(usage),
            _ => None,
        })
    }

    pub(super) fn name_constraints(&self) -> Option<(bool, &NameConstraints<'a>)> {
        self.find_extension(|one| match one {
            ParsedExtension::NameConstraints(constraints) => Some(constraints),
            _ => None,
        })
    }

    /// The subject alternative names; empty without the extension.
    pub(super) fn alternative_names(&self) -> &[GeneralName<'a>] {
        self.find_extension(|one| match one {
            ParsedExtension::SubjectAlternativeName(names) => Some(names),
            _ => None,
        })
        .map_or(&[], |(_, names)| &names.general_names)
    }

    /// The subjectKeyIdentifier.
    pub(super) fn subject_key_id(&self) -> Option<&[u8]> {
        self.find_extension(|one| match one {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id),
            _ => None,
        })
        .map(|(_, id)| id.0)
    }

    /// The authorityKeyIdentifier, which identifies the issuer's key, or its certificate, or both.
    pub(super) fn authority_key(&self) -> Option<&AuthorityKeyIdentifier<'a>> {
        self.find_extension(|one| match one {
            ParsedExtension::AuthorityKeyIdentifier(id) => Some(id),
            _ => None,
        })
        .map(|(_, id)| id)
    }

    /// The key identifier in authorityKeyIdentifier.
    pub(super) fn authority_key_id(&self) -> Option<&[u8]> {
        self.authority_key()?.key_identifier.as_ref().map(|id| id.0)
    }

    /// The authorityCertIssuer: the issuer name of the issuer's certificate.
    pub(super) fn authority_issuer(&self) -> Option<&[u8]> {
        let names = self.authority_key()?.authority_cert_issuer.iter().flatten();
        names.clone().find_map(|name| match name {
            GeneralName::DirectoryName(name) => Some(name.as_raw()),
            _ => None,
        })
    }

    /// Whether authorityKeyIdentifier names a serial number, and `issuer` has another.
    pub(super) fn names_another_serial(&self, issuer: &PathCertificate<'_>) -> bool {
        let serial = self.authority_key().and_then(|id| id.authority_cert_serial);
        serial.is_some_and(|serial| serial != issuer.x509.raw_serial())
    }

    /// Whether authorityKeyIdentifier names a key identifier, and `issuer` has another.
    pub(super) fn names_another_key(&self, issuer: &PathCertificate<'_>) -> bool {
        matches!((self.authority_key_id(), issuer.subject_key_id()), (Some(a), Some(b)) if a != b)
    }

    /// Whether the certificate is signed by its own key: it is a root.
    pub(super) fn is_root(&self) -> bool {
        self.is_self_issued() && self.check_signature(self).is_ok()
    }

    /// Checks that the key of `issuer` made the signature, by an algorithm that rustls-webpki
    /// verifies: RSA of 2048 bits or more, ECDSA on the NIST curves, Ed25519; not SHA-1.
    pub(super) fn check_signature(
        &self,
        issuer: &PathCertificate<'_>,
    ) -> Result<(), SignatureError> {
        let key = issuer.x509.public_key();
        let mut result = Err(SignatureError::OtherKind);
        for known in self.algorithms(issuer).ok_or(SignatureError::Algorithm)? {
            let signed = known.verify_signature(
                &key.subject_public_key.data,
                self.x509.tbs_certificate.as_ref(),
                &self.x509.signature_value.data,
            );
            match signed {
                Ok(()) => return Ok(()),
                Err(_) => result = Err(SignatureError::Wrong),
            }
        }
        result
    }

    /// Whether a key of another kind than that of `issuer` made the signature; both kinds are
    /// known.
    pub(super) fn is_signed_by_other_kind(&self, issuer: &PathCertificate<'_>) -> bool {
        self.algorithms(issuer).is_some_and(|fitting| fitting.is_empty())
    }

    /// The algorithms that fit both this signature and the key of `issuer`; `None` if the kind of
    /// the signature or of the key is not supported.
    fn algorithms(&self, issuer: &PathCertificate<'_>) -> Option<Vec<SignatureCache>> {
        let algorithm = self.signature_algorithm()?;
        let key_algorithm = algorithm_in(issuer.x509.public_key().raw)?;
        let all = webpki::ALL_VERIFICATION_ALGS;
        let signs = |known: &&SignatureCache| known.signature_alg_id().as_ref() == algorithm;
        let takes = |known: &&SignatureCache| known.public_key_alg_id().as_ref() == key_algorithm;
        let both_known = all.iter().any(|one| signs(&one)) && all.iter().any(|one| takes(&one));
        both_known.then(|| all.iter().filter(|one| signs(one) && takes(one)).copied().collect())
    }

    /// The content of the AlgorithmIdentifier that follows the signed part.
    fn signature_algorithm(&self) -> Option<&'a [u8]> {
        let (_, certificate) = Any::from_der(self.certificate.der()).ok()?;
        let after = certificate.data.get(self.x509.tbs_certificate.as_ref().len()..)?;
        Any::from_der(after).ok().map(|(_, algorithm)| algorithm.data)
    }
}

/// The content of the AlgorithmIdentifier at the start of a SubjectPublicKeyInfo.
fn algorithm_in(info: &[u8]) -> Option<&[u8]> {
    let (_, info) = Any::from_der(info).ok()?;
    Any::from_der(info.data).ok().map(|(_, algorithm)| algorithm.data)
}
