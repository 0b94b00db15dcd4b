//! `ccx-sec cert inspect`: shows certificates and their faults.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

use super::verification::{self, Verification};
use crate::connection::target::{self, TlsServer};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::output::LineMark;
use crate::pki::certificate::{Certificate, Description};
use crate::pki::finding::{Finding, Level};
use crate::pki::inspect::{self, DamagedCertificate, InspectedCertificate};
use crate::pki::pem::MAX_PEM_FILE;
use crate::pki::validity::Length;
use crate::pki::{pkcs12, profile};
use crate::probe::presented;
use crate::prompt;
use crate::report;
use crate::report::checks::{Check, CheckResult, CheckRun, CheckedSubject};
use crate::store::manifest;
use crate::store::secret::Secret;

/// Show the certificates of a file, a server or a Secret
///
/// Reports the faults of each.
///
/// Reads the certificates of any program. Of a damaged certificate, shows the readable part and the
/// byte at which it breaks.
///
/// Gets the certificates of a server over TLS, and does not verify them without --verify. At a
/// database, ends with a login of a user that does not exist, because servers count a dropped
/// connection as an attack.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// File (PEM, DER, PKCS#7, PKCS#12), - (stdin), URL, HOST:PORT or secret/NAME
    ///
    /// A file whose path begins with secret/ is named ./secret/…
    #[arg(value_name = "FILE|URL|secret/NAME|-")]
    input: Input,
    /// Check each certificate against the profile and RFC 5280
    #[arg(long)]
    lint: bool,
    /// Fail if a certificate expires within this time: 30d, 6mo
    #[arg(long, value_name = "TIME")]
    expires_within: Option<Length>,
    /// Time to check the certificates at: 2027-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// File whose first line is the passphrase of PKCS#12 [default: prompt]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    verification: verification::VerificationOptions,
}

const HELP: &str = "\
URLS
  tls://HOST:PORT              TLS from the first byte
  https:// rediss:// valkeys:// the same, with their usual ports
  postgresql://HOST[:PORT]     PostgreSQL's SSLRequest
  mysql:// mariadb://          MySQL's SSL request
  HOST:PORT                    the engine whose usual port that is

EXAMPLES
  ccx-sec cert inspect server-cert.pem
  ccx-sec cert inspect --lint postgresql://db.example.com
  ccx-sec cert inspect --expires-within 30d secret/ccx-ca
  ccx-sec cert inspect --verify --ca-file ca.pem mysql://db.example.com
  ccx-sec cert inspect --verify --host db.example.com --at 2027-01-01T00:00:00Z server-cert.pem
  openssl s_client -showcerts -connect db:6380 </dev/null | ccx-sec cert inspect -
  ccx-sec cert inspect -o json chain.pem | jq -r '.certificates[].san.dns[]'

EXIT STATUS
  0  shown; with --lint: no errors, though there may be warnings; with --verify: it passed
  1  --lint found errors; --expires-within found a certificate that expires by then; --verify found
     a chain that fails; a certificate cannot be read; or there is no such Secret
  2  the input holds no certificate, or the passphrase is wrong
  3  the file, the server or the store cannot be reached or read";

#[derive(Debug, Clone)]
enum Input {
    File(PathBuf),
    Url(TlsServer),
    Secret(String),
}

impl FromStr for Input {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.contains("://") {
            return text.parse().map(Input::Url);
        }
        match text.strip_prefix("secret/") {
            Some(name) => Secret::check_name(name).map(|()| Input::Secret(name.to_owned())),
            None if is_host_and_port(text) && !Path::new(text).exists() => {
                target::at_usual_port(text).map(Input::Url)
            }
            None => Ok(Input::File(text.into())),
        }
    }
}

/// Whether `text` has the form HOST:PORT, without a slash, as a path has it.
fn is_host_and_port(text: &str) -> bool {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty() && !host.contains('/'));
    port.is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

#[derive(Serialize)]
struct InspectDocument {
    /// The result of the checks, if any were requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<CheckResult>,
    input: String,
    /// Whether the checks passed, if any were requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    ok: Option<bool>,
    certificates: Vec<InspectEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
}

#[derive(Serialize)]
struct InspectEntry {
    #[serde(flatten)]
    body: InspectBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Finding>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum InspectBody {
    Readable(Box<Description>),
    Damaged(Box<DamagedCertificate>),
}

impl Args {
    /// Whether an option requests a check, which has a result.
    pub(crate) fn checks(&self) -> bool {
        self.lint || self.expires_within.is_some() || self.verification.is_asked()
    }

    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let begun = Instant::now();
        let now = self.at.unwrap_or(context.now);
        let soon = match &self.expires_within {
            Some(length) => Some(length.after(now)?),
            None => None,
        };
        let dialled = match &self.input {
            Input::Url(server) => Some(server.host()),
            Input::File(_) | Input::Secret(_) => None,
        };
        let plan = self.verification.plan(context, dialled)?;
        let (input, found) =
            self.input.read(context, self.passphrase_file.as_deref(), plan.is_some())?;
        let trusted = plan.as_ref().map(|plan| plan.anchors.as_slice()).unwrap_or_default();
        let issuers = inspect::issuers(&found, trusted);
        let asked = self.lint || soon.is_some();
        let entry =
            |(at, (inspected, issuer)): (usize, (&InspectedCertificate, Option<&Certificate>))| {
                let serves = at == 0 && dialled.is_some();
                let mut findings =
                    asked.then(|| self.findings(inspected, issuer, serves, (now, soon)));
                let all = findings.iter_mut().flatten();
                all.for_each(|finding| finding.complete(&context.invocation));
                let body = match &inspected.certificate {
                    Ok(certificate) => InspectBody::Readable(Box::new(certificate.describe(now))),
                    Err(damaged) => InspectBody::Damaged(damaged.clone()),
                };
                InspectEntry { body, findings }
            };
        let certificates: Vec<InspectEntry> =
            found.iter().zip(issuers).enumerate().map(entry).collect();
        let mut findings = certificates.iter().flat_map(|entry| entry.findings.iter().flatten());
        let sound = asked.then(|| findings.all(|finding| finding.level != Level::Error));
        let verification = plan.as_ref().map(|plan| plan.verify(&found, now));
        let verified = verification.as_ref().map(|verification| verification.ok);
        let ok = [sound, verified].into_iter().flatten().reduce(|one, other| one && other);
        if !self.lint {
            warn_of_trailing(context, &found);
        }
        let result = ok.map(|ok| if ok { CheckResult::Pass } else { CheckResult::Fail });
        let document = InspectDocument { result, input, ok, certificates, verification };
        CheckRun {
            command: "cert inspect",
            check_label: "check",
            legend: "",
            started: context.now,
            elapsed: begun.elapsed(),
            subjects: self.subjects(&document),
        }
        .print(&context.output, &document, || document.render_text())?;
        Ok(if ok == Some(false) { Exit::No } else { Exit::Done })
    }

    /// Converts the certificates into subjects of checks. The first gets the check of `--verify`.
    fn subjects(&self, document: &InspectDocument) -> Vec<CheckedSubject> {
        let file = match &self.input {
            Input::File(path) if path.as_path() != Path::new("-") => Some(path.clone()),
            _ => None,
        };
        let subject = |(at, entry): (usize, &InspectEntry)| {
            let name = match document.certificates.len() {
                1 => document.input.clone(),
                _ => format!("{} certificate {}", document.input, at + 1),
            };
            let mut checks: Vec<Check> = Vec::new();
            if let Some(findings) = &entry.findings {
                checks.extend(Check::from_findings("lint", findings, false));
            }
            checks
                .extend(document.verification.iter().filter(|_| at == 0).map(Verification::check));
            let (sha256, not_after) = match &entry.body {
                InspectBody::Readable(certificate) => {
                    (&certificate.sha256, Some(certificate.not_after))
                }
                InspectBody::Damaged(damaged) => (&damaged.sha256, None),
            };
            CheckedSubject {
                labels: vec![("input", name.clone()), ("sha256", sha256.clone())],
                name,
                file: file.clone(),
                not_after,
                checks,
                ..CheckedSubject::default()
            }
        };
        document.certificates.iter().enumerate().map(subject).collect()
    }

    fn findings(
        &self,
        inspected: &InspectedCertificate,
        issuer: Option<&Certificate>,
        serves: bool,
        (now, soon): (Timestamp, Option<Timestamp>),
    ) -> Vec<Finding> {
        let mut found = match &inspected.certificate {
            Ok(certificate) if self.lint => profile::lint(certificate, issuer, serves, now),
            Ok(_) => Vec::new(),
            Err(damaged) => {
                vec![Finding::error(damaged.error.code, damaged.error.message.clone())]
            }
        };
        if let (Ok(certificate), Some(_)) = (&inspected.certificate, soon) {
            let dates = profile::check_dates(certificate, now, soon);
            let new = |date: &Finding| found.iter().all(|finding| finding.code != date.code);
            let new: Vec<Finding> = dates.into_iter().filter(new).collect();
            found.splice(..0, new);
        }
        if self.lint && inspected.trailing > 0 {
            let message = format!("{} bytes stand behind it", inspected.trailing);
            found.insert(
                0,
                Finding::error(Code::TrailingBytes, message).rule("RFC 5280 section 4.1"),
            );
        }
        found
    }
}

fn warn_of_trailing(context: &Context, found: &[InspectedCertificate]) {
    for (at, inspected) in found.iter().enumerate().filter(|(_, one)| one.trailing > 0) {
        let (number, count) = (at + 1, inspected.trailing);
        context.output.warning(&format!("{count} bytes stand behind certificate {number}"));
    }
}

impl Input {
    /// Reads the input, and returns its name for messages and its certificates. With `verifies`, a
    /// server must prove that it holds its certificate's key.
    fn read(
        &self,
        context: &Context,
        passphrase_file: Option<&Path>,
        verifies: bool,
    ) -> Result<(String, Vec<InspectedCertificate>)> {
        match self {
            Input::File(path) => read_file(context, path, passphrase_file),
            Input::Url(server) => {
                let _progress = context.output.progress(&format!("asking {server}"));
                let presented = presented::chain(server, context.step_timeout)?;
                if verifies && !presented.holds_key {
                    let message =
                        format!("{server} does not prove that it holds the key of its certificate");
                    return Err(Error::no(Code::KeyNotProved, message).hint(
                        "whoever has a copy of a certificate can show it: is this your server?",
                    ));
                }
                Ok((server.to_string(), inspect::each(&presented.chain)))
            }
            Input::Secret(name) => read_secret(context, name),
        }
    }
}

fn read_file(
    context: &Context,
    path: &Path,
    passphrase_file: Option<&Path>,
) -> Result<(String, Vec<InspectedCertificate>)> {
    let stdin = path == Path::new("-");
    let name = if stdin { "standard input".to_owned() } else { path.display().to_string() };
    let bytes = files::read(path, MAX_PEM_FILE)?;
    let found = if pkcs12::is_store(&bytes) {
        let question = format!("Passphrase of {name}");
        let passphrase = prompt::passphrase(context, &question, passphrase_file, false)?;
        let _progress = context.output.progress("opening the store");
        inspect::each(&pkcs12::certificates(&name, &bytes, &passphrase)?)
    } else if is_manifest(&bytes) {
        certificates_of(&manifest::secret_from_yaml(&name, &bytes)?, &name)?
    } else {
        inspect::read(&name, &bytes)?
    };
    if found.is_empty() {
        return Err(Error::usage(Code::CertificateMissing, format!("{name} holds no certificate"))
            .hint("name a file that holds certificates"));
    }
    Ok((name, found))
}

fn read_secret(context: &Context, name: &str) -> Result<(String, Vec<InspectedCertificate>)> {
    let store = context.open_store()?;
    let place = store.place(name);
    let secret = store.get(name)?.ok_or_else(|| {
        Error::no(Code::SecretMissing, format!("there is no {place}"))
            .hint(format!("or name another store: {}", store.address().other_stores()))
    })?;
    let found = certificates_of(&secret, &place)?;
    if found.is_empty() {
        let message = format!("{place} has neither tls.crt nor ca.crt");
        return Err(Error::usage(Code::CertificateMissing, message)
            .hint("name a Secret that holds certificates"));
    }
    Ok((place, found))
}

/// Whether the bytes are the YAML of a Secret, as a directory store writes it.
fn is_manifest(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let has = |line: &str| text.lines().any(|one| one.trim_end() == line);
    has("apiVersion: v1") && has("kind: Secret")
}

/// The certificates of a Secret, each once.
fn certificates_of(secret: &Secret, place: &str) -> Result<Vec<InspectedCertificate>> {
    let mut found: Vec<InspectedCertificate> = Vec::new();
    for key in ["tls.crt", "ca.crt"] {
        let Some(value) = secret.data.get(key) else { continue };
        for inspected in inspect::read(&format!("{key} of {place}"), value)? {
            if found.iter().all(|seen| seen.sha256() != inspected.sha256()) {
                found.push(inspected);
            }
        }
    }
    Ok(found)
}

impl InspectDocument {
    fn render_text(&self) -> String {
        let count = self.certificates.len();
        let mut text = String::new();
        for (at, entry) in self.certificates.iter().enumerate() {
            if count > 1 {
                let gap = if at > 0 { "\n" } else { "" };
                text.push_str(&format!("{gap}certificate {} of {count}\n", at + 1));
            }
            text.push_str(&match &entry.body {
                InspectBody::Readable(certificate) => report::certificate_text(certificate),
                InspectBody::Damaged(damaged) => report::damaged_text(damaged),
            });
            text.extend(entry.findings.iter().flatten().map(report::finding_text));
            if entry.findings.as_ref().is_some_and(Vec::is_empty) {
                text.push_str(&format!("{}no findings\n", LineMark::Good.paint("ok", 8)));
            }
        }
        if let Some(verification) = &self.verification {
            text.push_str(&verification.render_text());
        }
        text
    }
}
