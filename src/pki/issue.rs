//! Leaf certificates: their contents, and signing with the CA.

use jiff::Timestamp;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyUsagePurpose};
use serde::{Deserialize, Serialize};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};

use crate::error::{Code, Error, Result};
use crate::pki::authority::{Authority, random_serial, rcgen_time};
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, Purpose};
use crate::pki::draft::{self, CertificateDraft, DraftKey, SEQUENCE};
use crate::pki::finding::Finding;
use crate::pki::leaf_key::PublicKey;
use crate::pki::san::San;
use crate::pki::subject::Subject;
use crate::pki::validity::{self, Length, Validity};
use crate::pki::{der, profile};
use crate::shell::CommandLine;

/// The intended use of a leaf (extKeyUsage: RFC 5280, section 4.2.1.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// A server: `serverAuth`.
    Server,
    /// A client: `clientAuth`.
    Client,
    /// A node that accepts connections and opens connections itself: both.
    Both,
}

impl Usage {
    /// Whether servers may use the certificate.
    #[must_use]
    pub fn is_server(self) -> bool {
        self != Usage::Client
    }

    fn purposes(self) -> &'static [Purpose] {
        match self {
            Usage::Server => &[Purpose::Server],
            Usage::Client => &[Purpose::Client],
            Usage::Both => &[Purpose::Server, Purpose::Client],
        }
    }

    /// Whether clients may use the certificate.
    #[must_use]
    pub fn is_client(self) -> bool {
        self != Usage::Server
    }
}

/// The contents of a leaf certificate that is about to be signed.
#[derive(Debug, Clone)]
pub struct LeafRequest {
    /// Its subject.
    pub subject: Subject,
    /// The DNS names and addresses that it is valid for.
    pub san: San,
    /// The extended key usages.
    pub usage: Usage,
    /// The lifetime; cut at the end of the CA's.
    pub validity: Length,
}

impl LeafRequest {
    /// Reads the request that would produce the same certificate again, and the kind of its key.
    /// The lifetime is that of the certificate.
    ///
    /// # Errors
    /// Exit 4 when the certificate has contents that ccx-sec does not issue: subject attributes
    /// besides common name and organization, other kinds of names or uses.
    pub fn from_certificate(certificate: &Certificate) -> Result<(Self, String)> {
        let described = certificate.describe(certificate.not_before());
        let other = |what: &str| {
            let message = format!("the certificate of {} has {what}", certificate.name());
            Error::refused(Code::CertificateForeign, message)
                .hint("ccx-sec does not issue that: issue a new certificate with cert issue")
        };
        let usage = match described.ext_key_usage.as_slice() {
            [one] if one == "serverAuth" => Usage::Server,
            [one] if one == "clientAuth" => Usage::Client,
            [one, two] if one == "serverAuth" && two == "clientAuth" => Usage::Both,
            _ => return Err(other("other uses than serverAuth and clientAuth")),
        };
        let subject = Subject::from_name(certificate.parsed().subject())
            .ok_or_else(|| other("a subject with more than common name and organization"))?;
        let san = San::from_certificate(&certificate.parsed())
            .ok_or_else(|| other("names of other kinds"))?;
        let life = certificate.not_after().duration_since(certificate.not_before());
        let validity = Length::from(life - validity::BACKDATED);
        Ok((LeafRequest { subject, san, usage, validity }, described.key_type))
    }
}

/// A CA, ready to sign leaves.
#[derive(Debug)]
pub struct Issuer<'a> {
    authority: &'a Authority,
    /// The subject, byte for byte as in the CA's certificate; it becomes the issuer of every leaf.
    name: Vec<u8>,
    /// The rcgen issuer that writes drafts: with the CA's key identifier and an empty name.
    nameless: rcgen::Issuer<'a, DraftKey<'a>>,
    not_after: Timestamp,
    demands: profile::IssuerRules,
    /// Whether the CA constrains kinds of names that `demands` does not check.
    is_constrained_further: bool,
}

impl<'a> Issuer<'a> {
    /// Prepares a CA for signing at `now`.
    ///
    /// # Errors
    /// Exit 4 when the CA has expired or is not valid yet.
    pub fn new(authority: &'a Authority, now: Timestamp) -> Result<Self> {
        let certificate = authority.certificate();
        if let Some(finding) = profile::check_dates(certificate, now, None).into_iter().next() {
            let message =
                format!("the CA {} does not sign: {}", certificate.subject(), finding.message);
            return Err(Error::refused(Code::CaNotValid, message).hint((
                "no peer would accept its signatures now; check the CA",
                CommandLine::ccx_sec("ca check"),
            )));
        }
        let x509 = certificate.parsed();
        Ok(Issuer {
            authority,
            name: x509.subject().as_raw().to_vec(),
            nameless: draft::issuer(authority),
            not_after: certificate.not_after(),
            demands: profile::IssuerRules::new(certificate),
            is_constrained_further: constrains_other_names(&x509),
        })
    }

    /// The certificate of the CA.
    #[must_use]
    pub fn certificate(&self) -> &'a Certificate {
        self.authority.certificate()
    }

    /// Signs a certificate for `key`, valid from `now` on, and checks it against the profile.
    ///
    /// # Errors
    /// Exit 2 when its dates are out of range, exit 4 when the CA may not sign for a name, exit 3
    /// when signing fails or the new certificate breaks the profile.
    pub fn issue(
        &self,
        request: &LeafRequest,
        key: &PublicKey,
        now: Timestamp,
    ) -> Result<Certificate> {
        let validity = Validity::starting(now, &request.validity)?;
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = request.subject.to_rcgen();
        parameters.subject_alt_names = request.san.to_rcgen()?;
        parameters.serial_number = Some(random_serial()?);
        parameters.not_before = rcgen_time(validity.not_before)?;
        parameters.not_after = rcgen_time(validity.not_after.min(self.not_after))?;
        parameters.is_ca = rcgen::IsCa::ExplicitNoCa;
        parameters.use_authority_key_identifier_extension = true;
        parameters.key_usages.push(KeyUsagePurpose::DigitalSignature);
        if key.is_rsa() {
            parameters.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        }
        if request.usage.is_server() {
            parameters.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        }
        if request.usage.is_client() {
            parameters.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        }
        let purposes = request.usage.purposes();
        let check =
            |x509: &X509Certificate<'_>| profile::check_issued(x509, purposes, &self.demands);
        let (certificate, found) = Certificate::read(self.sign(&parameters, key)?, check)?;
        if let Some(finding) = found.first() {
            return Err(refused(&certificate, finding));
        }
        if self.is_constrained_further {
            self.verify(&certificate, purposes, now)?;
        }
        Ok(certificate)
    }

    /// Verifies the chain as a peer does, for a CA that constrains other names than the profile
    /// checks.
    fn verify(&self, leaf: &Certificate, purposes: &[Purpose], now: Timestamp) -> Result<()> {
        let anchors = [self.certificate().clone()];
        for purpose in purposes {
            let question = chain::ChainRequest::new(leaf, &[], &anchors, now, *purpose);
            chain::verify(&question).map_err(|fault| {
                let message = format!("the CA may not sign for {}: {}", leaf.name(), fault.message);
                Error::refused(Code::OutsideConstraints, message)
                    .hint(("show the CA's constraints", CommandLine::ccx_sec("ca show")))
            })?;
        }
        Ok(())
    }

    /// Signs the certificate. rcgen would encode the name of an imported CA again, and lose what it
    /// does not model (a second DC or OU, other string types). It therefore writes the body with an
    /// empty issuer name; the CA's own bytes are inserted here, and the result is signed.
    fn sign(&self, parameters: &CertificateParams, key: &PublicKey) -> Result<Vec<u8>> {
        let failed = || Error::failed(Code::CertificateSigning, "cannot make the certificate");
        let draft = parameters.signed_by(key, &self.nameless).map_err(|e| failed().because(e))?;
        let parts = CertificateDraft::read(draft.der()).ok_or_else(failed)?;
        let body = der::wrap(SEQUENCE, &[parts.head, &self.name, parts.validity, parts.rest]);
        draft::sign(self.authority, &body, parts.algorithm).map_err(|e| failed().because(e))
    }
}

/// Maps a finding to an error: the caller asked for a name outside the constraints, or else the
/// fault is in this program or in the CA.
fn refused(certificate: &Certificate, finding: &Finding) -> Error {
    let Finding { code, message, .. } = finding;
    if *code == Code::OutsideConstraints {
        let message = format!("the CA may not sign for {}: {message}", certificate.name());
        return Error::refused(*code, message).hint((
            "show its constraints, set with ca init --permit-dns and --permit-ip",
            CommandLine::ccx_sec("ca show"),
        ));
    }
    let message = format!("the new certificate breaks the profile: {code}: {message}");
    Error::failed(Code::ProfileBroken, message).hint("nothing was written").hint((
        "the fault is in ccx-sec or in the CA; check the CA",
        CommandLine::ccx_sec("ca check"),
    ))
}

/// Whether a CA has name constraints of other kinds than DNS names and addresses.
fn constrains_other_names(ca: &X509Certificate<'_>) -> bool {
    let trees = ca.extensions().iter().flat_map(|extension| match extension.parsed_extension() {
        ParsedExtension::NameConstraints(constraints) => {
            let both = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
            both.into_iter().flatten().flatten().collect()
        }
        _ => Vec::new(),
    });
    let mut bases = trees.map(|tree| &tree.base);
    bases.any(|base| !matches!(base, GeneralName::DNSName(_) | GeneralName::IPAddress(_)))
}
