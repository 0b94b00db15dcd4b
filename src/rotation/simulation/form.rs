//! The form of a leaf: all parts of it that a verifier's decision can depend on.
//!
//! Two leaves of one form get the same verdict from every verifier at every time at which both are
//! valid. Left out are the values that no verifier compares when it asks for no name: the names, if
//! all CAs allow them, the bits of the key and its identifier, the serial number, and the dates.
//! Everything else is part of the form, byte for byte. So an unusual certificate has a form of its
//! own, and no verdict on another certificate is carried over to it.

use std::collections::BTreeSet;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::public_key::PublicKey;

use crate::error::Code;
use crate::pki::certificate::{Certificate, key_type};
use crate::pki::chain::{self, Purpose};
use crate::pki::profile::{self, IssuerRules};

/// More names than a certificate has that costs nothing to verify: their number is part of the form.
const MANY_NAMES: usize = 100;

/// The demands of all CAs on the names of leaves. Read once, applied to many leaves.
pub(super) struct NameRules {
    /// The CAs with name constraints.
    constrained: Vec<IssuerRules>,
    /// Whether a CA constrains other names than DNS names and addresses.
    by_other_names: bool,
}

impl NameRules {
    pub(super) fn new(authorities: &[Certificate]) -> Self {
        let mut rules = NameRules { constrained: Vec::new(), by_other_names: false };
        for ca in authorities {
            let x509 = ca.parsed();
            if x509.name_constraints().is_ok_and(|constraints| constraints.is_none()) {
                continue;
            }
            rules.constrained.push(IssuerRules::new(ca));
            rules.by_other_names |= constrains_other_names(&x509);
        }
        rules
    }
}

fn constrains_other_names(ca: &X509Certificate<'_>) -> bool {
    let Ok(Some(constraints)) = ca.name_constraints() else { return true };
    let both = [&constraints.value.permitted_subtrees, &constraints.value.excluded_subtrees];
    both.into_iter()
        .flatten()
        .flatten()
        .any(|tree| !matches!(tree.base, GeneralName::DNSName(_) | GeneralName::IPAddress(_)))
}

/// A form as bytes: equal bytes mean one form.
#[derive(Default)]
struct FormWriter(Vec<u8>);

impl FormWriter {
    /// Adds a part, with its length, so that no two lists of parts make the same bytes.
    fn put(&mut self, part: &[u8]) {
        self.0.extend((part.len() as u64).to_be_bytes());
        self.0.extend_from_slice(part);
    }

    fn put_flags(&mut self, flags: &[bool]) {
        let bytes: Vec<u8> = flags.iter().map(|flag| u8::from(*flag)).collect();
        self.put(&bytes);
    }
}

/// The form of a leaf that is used for `purposes`.
pub(super) fn form_of(
    leaf: &Certificate,
    x509: &X509Certificate<'_>,
    purposes: &[Purpose],
    names: &NameRules,
) -> Vec<u8> {
    let mut form = FormWriter::default();
    form.put_flags(&[
        purposes.contains(&Purpose::Server),
        purposes.contains(&Purpose::Client),
        x509.signature_algorithm == x509.tbs_certificate.signature,
        x509.subject().as_raw() == x509.issuer().as_raw(),
        x509.tbs_certificate.issuer_uid.is_some(),
        x509.tbs_certificate.subject_uid.is_some(),
        chain::is_read_by_rustls(leaf),
    ]);
    form.put(&x509.version().0.to_be_bytes());
    form.put(x509.issuer().as_raw());
    for attribute in x509.subject().iter_attributes() {
        form.put(attribute.attr_type().as_bytes());
        form.put(&attribute.attr_value().tag().0.to_be_bytes());
    }
    for algorithm in [&x509.signature_algorithm, &x509.public_key().algorithm] {
        form.put(algorithm.algorithm.as_bytes());
        form.put(algorithm.parameters.as_ref().map_or(&[][..], |parameters| parameters.data));
    }
    put_key(x509, &mut form);
    for extension in x509.extensions() {
        put_extension(extension, &mut form);
    }
    put_findings(x509, purposes, names, &mut form);
    let san = x509.extensions().iter().find(|one| is_san(one));
    if names.by_other_names {
        form.put(x509.subject().as_raw());
        form.put(san.map_or(&[][..], |one| one.value));
    } else if !names.constrained.is_empty() && !san.is_some_and(has_dns_name) {
        // OpenSSL then compares the common name with the constraints.
        form.put(x509.subject().as_raw());
    }
    form.0
}

/// The kind of the key, the exponent of an RSA key, and whether a point is compressed.
fn put_key(x509: &X509Certificate<'_>, form: &mut FormWriter) {
    let info = x509.public_key();
    form.put(key_type(info).as_bytes());
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => form.put(key.exponent),
        Ok(PublicKey::EC(_)) => form.put(info.subject_public_key.data.get(..1).unwrap_or(&[])),
        _ => {}
    }
}

fn is_san(extension: &X509Extension<'_>) -> bool {
    matches!(extension.parsed_extension(), ParsedExtension::SubjectAlternativeName(_))
}

fn has_dns_name(san: &X509Extension<'_>) -> bool {
    match san.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) => {
            names.general_names.iter().any(|name| matches!(name, GeneralName::DNSName(_)))
        }
        _ => false,
    }
}

/// An extension: whole, except for the names and the key identifier of the leaf itself.
fn put_extension(extension: &X509Extension<'_>, form: &mut FormWriter) {
    form.put(extension.oid.as_bytes());
    form.put_flags(&[extension.critical]);
    match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) => {
            let names = &names.general_names;
            let kinds: BTreeSet<u8> = names.iter().map(kind_of_name).collect();
            form.put(&kinds.into_iter().collect::<Vec<_>>());
            let count = if names.len() > MANY_NAMES { names.len() as u64 } else { 0 };
            form.put(&count.to_be_bytes());
        }
        ParsedExtension::SubjectKeyIdentifier(id) => form.put(&(id.0.len() as u64).to_be_bytes()),
        _ => form.put(extension.value),
    }
}

/// The tag of a name (RFC 5280, section 4.2.1.6); one of its own for a name that cannot be used.
fn kind_of_name(name: &GeneralName<'_>) -> u8 {
    match name {
        GeneralName::OtherName(..) => 0,
        GeneralName::RFC822Name(_) => 1,
        GeneralName::DNSName(_) => 2,
        GeneralName::X400Address(_) => 3,
        GeneralName::DirectoryName(_) => 4,
        GeneralName::EDIPartyName(_) => 5,
        GeneralName::URI(_) => 6,
        GeneralName::IPAddress(bytes) if [4, 16].contains(&bytes.len()) => 7,
        GeneralName::RegisteredID(_) => 8,
        GeneralName::IPAddress(_) | GeneralName::Invalid(..) => 9,
    }
}

/// The codes of what the profile finds, which covers odd serial numbers, dates and names; and for
/// each CA with name constraints, whether it allows the names.
fn put_findings(
    x509: &X509Certificate<'_>,
    purposes: &[Purpose],
    names: &NameRules,
    form: &mut FormWriter,
) {
    let codes: BTreeSet<&str> =
        profile::check_parsed_leaf(x509, purposes).iter().map(|one| one.code.name()).collect();
    codes.iter().for_each(|code| form.put(code.as_bytes()));
    for ca in &names.constrained {
        let mut found = Vec::new();
        ca.check_parsed(x509, &mut found);
        form.put_flags(&[found.iter().any(|one| one.code == Code::OutsideConstraints)]);
    }
}
