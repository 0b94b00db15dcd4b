//! The results of a run: the document, and its text.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Exit, Reason};
use crate::output::escape_control_characters;
use crate::pki::certificate::{Certificate, Description};
use crate::pki::sha256_hex;
use crate::probe::mode::Answer;
use crate::probe::mysql_ports::MysqlPorts;
use crate::probe::observation::Observation;
use crate::probe::other_ports::OtherPorts;
use crate::probe::plaintext;
use crate::probe::scope::Scope;
use crate::probe::simulation::outcome::ClientReport;
use crate::probe::verdict::Verdict;
use crate::report::checks::CheckResult;

use super::accounts::AccountReport;
use super::offers::OffersReport;
use super::targets::VerifyTarget;

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct VerifyDocument {
    /// The worst result of all servers: `fail`, `unknown` or `pass`.
    pub(super) result: CheckResult,
    /// The start of the run.
    pub(super) started: Timestamp,
    /// The duration of the run, in seconds.
    pub(super) seconds: f64,
    pub(super) summary: VerifySummary,
    pub(super) endpoints: Vec<Endpoint>,
    /// Whether the run was interrupted before all servers were checked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) interrupted: bool,
    /// The servers that were not checked (`--fail-fast`, or interrupted).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) skipped: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct VerifySummary {
    pub(super) endpoints: usize,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) unknown: usize,
    /// The number of servers that were not checked (`--fail-fast`, or interrupted).
    pub(super) skipped: usize,
}

/// A server at one address.
#[derive(Debug, Serialize)]
pub(super) struct Endpoint {
    pub(super) url: String,
    /// The worst of its verdicts.
    pub(super) result: CheckResult,
    /// The duration of its checks, including its other addresses, in seconds.
    pub(super) seconds: f64,
    /// Its name in messages: the URL, with the address if there are several.
    #[serde(skip)]
    pub(super) place: String,
    pub(super) engine: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) database: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tls: Option<TlsReport>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) offers: Option<OffersReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) accounts: Vec<AccountReport>,
    pub(super) verdicts: Vec<Verdict>,
    /// The ports and addresses of the server that were not probed, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) not_looked_at: Option<String>,
    /// The behavior of real clients (`--simulate`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clients: Option<Vec<ClientReport>>,
}

#[derive(Debug, Serialize)]
pub(super) struct TlsReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cipher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    asks_for_certificate: bool,
    certificates: Vec<CertificateSeen>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum CertificateSeen {
    Readable(Box<Description>),
    Damaged { sha256: String, error: String },
}

impl Endpoint {
    pub(super) fn new(
        server: &VerifyTarget,
        seen: &Observation,
        verdicts: Vec<Verdict>,
        now: Timestamp,
        elapsed: Duration,
    ) -> Self {
        let found = &seen.secured.seen;
        let certificates =
            found.chain.iter().map(|der| match Certificate::from_der(der.to_vec()) {
                Ok(certificate) => CertificateSeen::Readable(Box::new(certificate.describe(now))),
                Err(error) => {
                    CertificateSeen::Damaged { sha256: sha256_hex(der), error: error.to_string() }
                }
            });
        let tls = (!found.chain.is_empty()).then(|| TlsReport {
            version: found.version,
            cipher: found.cipher.clone(),
            group: found.group.clone(),
            asks_for_certificate: found.asks_for_certificate,
            certificates: certificates.collect(),
        });
        let target = &server.target;
        Endpoint {
            url: target.to_string(),
            result: CheckResult::of_all(verdicts.iter().map(|one| result_of(one.verdict))),
            seconds: rounded_seconds(elapsed),
            place: target.to_string(),
            engine: target.engine.facts().name,
            host: target.host.clone(),
            port: target.port,
            database: target.database.clone(),
            address: seen.address.map(|address| address.to_string()),
            node: server.node.as_ref().map(ToString::to_string),
            server: seen.secured.server.clone(),
            tls,
            offers: seen.offers.as_ref().map(OffersReport::new),
            accounts: seen.accounts.iter().map(AccountReport::new).collect(),
            verdicts,
            not_looked_at: not_looked_at(server, seen),
            clients: None,
        }
    }

    /// Whether the server passes in every mode.
    pub(super) fn passes(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.verdict == Answer::Pass)
    }

    fn has(&self, answer: Answer) -> bool {
        self.verdicts.iter().any(|verdict| verdict.verdict == answer)
    }

    /// The users for whom the verdicts hold: the widest of their scopes.
    pub(super) fn scope(&self) -> Option<&Scope> {
        let scopes = || self.verdicts.iter().filter_map(|verdict| verdict.scope.as_ref());
        let widest = |scope: &&Scope| scope.replication || scope.plaintext_connections.is_some();
        scopes().find(widest).or_else(|| scopes().next())
    }

    /// The server's own certificate; `None` if there is none, or it is damaged.
    pub(super) fn certificate(&self) -> Option<&Description> {
        match self.tls.as_ref()?.certificates.first()? {
            CertificateSeen::Readable(certificate) => Some(certificate),
            CertificateSeen::Damaged { .. } => None,
        }
    }
}

/// The other ports and addresses of a server that were not probed, in one line.
fn not_looked_at(server: &VerifyTarget, seen: &Observation) -> Option<String> {
    let ports = seen
        .other_ports
        .as_ref()
        .and_then(OtherPorts::caveat)
        .or_else(|| seen.mysql_ports.as_ref().and_then(MysqlPorts::caveat))
        .or_else(|| plaintext::caveat(server.target.engine, seen));
    let others: Vec<String> = seen.other_addresses.iter().map(|one| one.ip().to_string()).collect();
    let addresses = seen.address.filter(|_| !others.is_empty()).map(|address| {
        let (host, one) = (&server.target.host, address.ip());
        let others = others.join(", ");
        format!("of {host} only {one} was checked, not {others}; --all-addresses checks all")
    });
    let all: Vec<String> = ports.into_iter().chain(addresses).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

impl VerifyDocument {
    /// Builds the document from the results of each of `servers`; a server without results was not
    /// checked.
    pub(super) fn new(
        servers: &[VerifyTarget],
        mut found: Vec<Vec<Endpoint>>,
        started: Timestamp,
        elapsed: Duration,
        interrupted: bool,
    ) -> Self {
        for several in found.iter_mut().filter(|endpoints| endpoints.len() > 1) {
            for one in several {
                let address = one.address.as_deref().unwrap_or_default();
                one.place = format!("{} at {address}", one.url);
            }
        }
        let left = servers.iter().zip(&found).filter(|(_, endpoints)| endpoints.is_empty());
        let skipped: Vec<String> = left.map(|(server, _)| server.target.to_string()).collect();
        let endpoints: Vec<Endpoint> = found.into_iter().flatten().collect();
        let count = |which: &dyn Fn(&Endpoint) -> bool| {
            endpoints.iter().filter(|endpoint| which(endpoint)).count()
        };
        let summary = VerifySummary {
            endpoints: endpoints.len(),
            passed: count(&Endpoint::passes),
            failed: count(&|one| one.has(Answer::Fail)),
            unknown: count(&|one| one.has(Answer::Unknown) && !one.has(Answer::Fail)),
            skipped: skipped.len(),
        };
        let not_known = interrupted.then_some(CheckResult::Unknown);
        let results = endpoints.iter().map(|endpoint| endpoint.result);
        let result = CheckResult::of_all(results.chain(not_known));
        let seconds = rounded_seconds(elapsed);
        VerifyDocument { result, started, seconds, summary, endpoints, interrupted, skipped }
    }

    pub(super) fn exit(&self) -> Exit {
        if self.interrupted {
            return Exit::Interrupted;
        }
        let exit = |verdict: &Verdict| match verdict.verdict {
            Answer::Pass => Exit::Done,
            Answer::Fail => Exit::No,
            Answer::Unknown => Exit::Failed,
        };
        let all = self.endpoints.iter().flat_map(|endpoint| &endpoint.verdicts).map(exit);
        all.fold(Exit::Done, Exit::worst)
    }

    /// All verdicts, each with its server's name.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&str, &Verdict)> {
        self.endpoints.iter().flat_map(|endpoint| {
            endpoint.verdicts.iter().map(|verdict| (endpoint.place.as_str(), verdict))
        })
    }
}

/// A verdict as the result of a check.
pub(super) fn result_of(answer: Answer) -> CheckResult {
    match answer {
        Answer::Pass => CheckResult::Pass,
        Answer::Fail => CheckResult::Fail,
        Answer::Unknown => CheckResult::Unknown,
    }
}

/// Returns `elapsed` in seconds, rounded down to milliseconds.
fn rounded_seconds(elapsed: Duration) -> f64 {
    elapsed.as_millis() as f64 / 1000.0
}

/// Renders the line for a changed verdict (`--watch`).
pub(super) fn change(
    now: Timestamp,
    place: &str,
    (answer, reason): (Answer, Option<Reason>),
    verdict: &Verdict,
) -> String {
    let named = |answer: Answer, reason: Option<Reason>| {
        let word = verdict.mode.word(answer);
        reason.map_or_else(|| word.to_owned(), |reason| format!("{word} ({reason})"))
    };
    let (mode, before) = (verdict.mode.name(), named(answer, reason));
    let after = named(verdict.verdict, verdict.reason);
    let message =
        verdict.message.iter().map(|said| format!(": {}", escape_control_characters(said)));
    let message: String = message.collect();
    format!("{now:.0}  {place}  {mode}  {before} -> {after}{message}\n")
}
