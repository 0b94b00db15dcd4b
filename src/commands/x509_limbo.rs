//! `ccx-sec x509-limbo`: runs the cases of the x509-limbo suite through [`chain`].

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use x509_parser::extensions::GeneralName;

use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, ChainRequest, Purpose, Verifier};

/// Run the cases of the x509-limbo suite
///
/// Reads the suite's JSON document, and prints a results document in the suite's format:
/// JSON, whatever --output says. It judges no case: compare actual_result with the case's
/// expected_result.
#[derive(Debug, clap::Args)]
#[command(hide = true, after_long_help = HELP)]
pub(crate) struct Args {
    /// File of cases; - is stdin
    #[arg(value_name = "FILE", default_value = "-", value_hint = clap::ValueHint::FilePath)]
    cases: PathBuf,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec x509-limbo < limbo.json > results.json

EXIT STATUS
  0  all cases were run; the results say how each went
  2  the file cannot be read, or is no such document";

/// The largest document that is read.
const LIMIT: usize = 256 << 20;

#[derive(Deserialize)]
struct Suite {
    version: u32,
    testcases: Vec<Case>,
}

/// The fields of a case that ask something; lists that are empty ask nothing.
#[derive(Deserialize)]
struct Case {
    id: String,
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

#[derive(Serialize)]
struct Results {
    version: u32,
    harness: &'static str,
    results: Vec<CaseResult>,
}

#[derive(Serialize)]
struct CaseResult {
    id: String,
    actual_result: CaseVerdict,
    context: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum CaseVerdict {
    Success,
    Failure,
    Skipped,
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// Exit 2 when there is no such document; exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let name = self.cases.display();
        let no_suite = |what: String| {
            Error::usage(Code::LimboFormat, format!("{name} is no x509-limbo document: {what}"))
                .hint("give the limbo.json of the suite, https://x509-limbo.com")
        };
        let bytes = files::read(&self.cases, LIMIT)?;
        let suite: Suite =
            serde_json::from_slice(&bytes).map_err(|error| no_suite(error.to_string()))?;
        if suite.version != 1 {
            return Err(no_suite(format!("its version is {}, not 1", suite.version)));
        }
        let results = suite.testcases.into_iter().map(|case| {
            let (actual_result, context) = case.verdict(context.now);
            CaseResult { id: case.id, actual_result, context }
        });
        let harness = concat!("ccx-sec-", env!("CARGO_PKG_VERSION"));
        let results = Results { version: 1, harness, results: results.collect() };
        let mut text = serde_json::to_vec_pretty(&results).map_err(|source| {
            Error::failed(Code::OutputEncoding, "cannot encode the output").because(source)
        })?;
        text.push(b'\n');
        context.output.raw(&text)?;
        Ok(Exit::Done)
    }
}

impl Case {
    fn verdict(&self, now: Timestamp) -> (CaseVerdict, Option<String>) {
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

    fn verify(&self, now: Timestamp) -> std::result::Result<(), String> {
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
        let crls: Vec<Vec<u8>> = crls
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| format!("bad_crl: {error}"))?;
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
        _ => leaf.parsed().subject_alternative_name().ok().flatten().is_some_and(|san| {
            san.value.general_names.contains(&GeneralName::RFC822Name(&name.value))
        }),
    }
}
