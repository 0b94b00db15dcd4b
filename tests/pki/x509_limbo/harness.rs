//! The harness of the x509-limbo suite: has each case verified by [`chain`].

use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::chain::{self, ChainRequest, Purpose, Verifier};
use jiff::Timestamp;
use serde::Deserialize;
use x509_parser::extensions::GeneralName;

/// The document of the suite.
#[derive(Deserialize)]
pub(super) struct Suite {
    pub(super) version: u32,
    pub(super) testcases: Vec<Case>,
}

/// The fields of a case that ask something; lists that are empty ask nothing.
#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) expected_result: String,
    validation_kind: ValidationKind,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<Timestamp>,
    signature_algorithms: Vec<String>,
    key_usage: Vec<String>,
    extended_key_usage: Vec<String>,
    expected_peer_name: Option<PeerName>,
    expected_peer_names: Vec<PeerName>,
    max_chain_depth: Option<usize>,
    #[serde(default)]
    crls: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ValidationKind {
    Server,
    Client,
}

#[derive(Deserialize)]
struct PeerName {
    kind: String,
    value: String,
}

/// What became of a case, in the suite's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CaseVerdict {
    Success,
    Failure,
    Skipped,
}

impl CaseVerdict {
    /// Its name in the suite's documents.
    pub(super) fn name(self) -> &'static str {
        match self {
            CaseVerdict::Success => "SUCCESS",
            CaseVerdict::Failure => "FAILURE",
            CaseVerdict::Skipped => "SKIPPED",
        }
    }
}

impl Case {
    /// The verdict, and the reason of one that is not success.
    pub(super) fn verdict(&self, now: Timestamp) -> (CaseVerdict, Option<String>) {
        if let Some(what) = self.asks_more() {
            return (CaseVerdict::Skipped, Some(what));
        }
        match self.verify(now) {
            Ok(()) => (CaseVerdict::Success, None),
            Err(why) => (CaseVerdict::Failure, Some(why)),
        }
    }

    /// The feature that the case needs and this verifier lacks.
    fn asks_more(&self) -> Option<String> {
        if let Some(algorithm) = self.signature_algorithms.first() {
            return Some(format!("no choice of signature algorithms, such as {algorithm}"));
        }
        if let Some(usage) = self.key_usage.iter().find(|usage| *usage != "digitalSignature") {
            return Some(format!("no demand for the key usage {usage}"));
        }
        let purpose = match self.validation_kind {
            ValidationKind::Server => "serverAuth",
            ValidationKind::Client => "clientAuth",
        };
        let usage = self.extended_key_usage.iter().find(|usage| *usage != purpose);
        usage.map(|usage| format!("no demand for the extended key usage {usage}"))
    }

    fn verify(&self, now: Timestamp) -> Result<(), String> {
        let leaf =
            Certificate::from_pem("the peer's certificate", self.peer_certificate.as_bytes())
                .map_err(|error| format!("damaged: {error}"))?;
        let leaf = leaf.first().ok_or("damaged: there is no peer's certificate")?;
        let anchors = readable(&self.trusted_certs);
        let intermediates = readable(&self.untrusted_intermediates);
        let identity = self.expected_peer_name.as_ref();
        let identity = identity.map(|name| chain::identity(&name.value)).transpose();
        let identity = identity.map_err(|error| format!("name_mismatch: {error}"))?;
        let crls = self.crls.iter().map(|text| pem::parse(text).map(pem::Pem::into_contents));
        let crls: Vec<Vec<u8>> =
            crls.collect::<Result<_, _>>().map_err(|error| format!("bad_crl: {error}"))?;
        let at = self.validation_time.unwrap_or(now);
        let purpose = match self.validation_kind {
            ValidationKind::Server => Purpose::Server,
            ValidationKind::Client => Purpose::Client,
        };
        let plain = ChainRequest::new(leaf, &intermediates, &anchors, at, purpose);
        let request = ChainRequest {
            identity: identity.as_ref(),
            crls: &crls,
            strict: true,
            handshake: !self.key_usage.is_empty(),
            verifier: Verifier::Rfc5280,
            max_intermediates: self.max_chain_depth.unwrap_or(plain.max_intermediates),
            ..plain
        };
        chain::verify(&request).map_err(|fault| format!("{}: {fault}", fault.reason))?;
        self.expected_peer_names.iter().try_for_each(|name| match has_name(leaf, name) {
            true => Ok(()),
            false => Err(format!("name_mismatch: the certificate lacks {}", name.value)),
        })
    }
}

/// The certificates that parse. A damaged one that is not needed does no harm.
fn readable(pems: &[String]) -> Vec<Certificate> {
    let read = |text: &String| Certificate::from_pem("a certificate", text.as_bytes());
    pems.iter().filter_map(|text| read(text).ok()).flatten().collect()
}

fn has_name(leaf: &Certificate, name: &PeerName) -> bool {
    let names = leaf.describe(Timestamp::UNIX_EPOCH).san;
    match name.kind.as_str() {
        "DNS" => names.dns.contains(&name.value),
        "IP" => names.ip.contains(&name.value),
        _ => {
            let (_, parsed) = x509_parser::parse_x509_certificate(leaf.der()).expect("read before");
            parsed.subject_alternative_name().ok().flatten().is_some_and(|san| {
                san.value.general_names.contains(&GeneralName::RFC822Name(&name.value))
            })
        }
    }
}
