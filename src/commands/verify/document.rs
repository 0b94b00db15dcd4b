//! What is printed: the document, and the same for people.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::Exit;
use crate::output::Mark;
use crate::pki::certificate::{Certificate, Description};
use crate::pki::sha256_hex;
use crate::probe::clients::outcome::Told;
use crate::probe::observe::Observation;
use crate::probe::other_ports::OtherPorts;
use crate::probe::scope::Scope;
use crate::probe::verdict::{Answer, Mode, Verdict};
use crate::report::checks::CheckResult;

use super::accounts::Account;
use super::clients;
use super::offers::Offers;
use super::targets::Dialled;

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    /// `fail` where one mode of one server does, else `unknown` where one is, else `pass`.
    pub(super) result: CheckResult,
    /// When the run began.
    pub(super) started: Timestamp,
    /// How long the run took, in seconds.
    pub(super) seconds: f64,
    summary: Summary,
    pub(super) endpoints: Vec<Endpoint>,
    /// The servers that were not looked at (`--fail-fast`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) skipped: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    endpoints: usize,
    passed: usize,
    failed: usize,
    unknown: usize,
    /// Not looked at (`--fail-fast`).
    skipped: usize,
}

/// One server at one address.
#[derive(Debug, Serialize)]
pub(super) struct Endpoint {
    pub(super) url: String,
    /// The gravest of its verdicts.
    pub(super) result: CheckResult,
    /// How long it took to look at it, with its other addresses, in seconds.
    pub(super) seconds: f64,
    /// What to call it: the URL, and the address where there are several.
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
    server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    offers: Option<Offers>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<Account>,
    pub(super) verdicts: Vec<Verdict>,
    /// What was not looked at, for people and machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_looked_at: Option<String>,
    /// What real clients do with it (`--as`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clients: Option<Vec<Told>>,
}

#[derive(Debug, Serialize)]
struct Tls {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    asks_for_certificate: bool,
    certificates: Vec<Presented>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Presented {
    Readable(Box<Description>),
    Damaged { sha256: String, error: String },
}

impl Endpoint {
    pub(super) fn new(
        server: &Dialled,
        seen: &Observation,
        verdicts: Vec<Verdict>,
        now: Timestamp,
        elapsed: Duration,
    ) -> Self {
        let found = &seen.secured.seen;
        let certificates =
            found.chain.iter().map(|der| match Certificate::from_der(der.to_vec()) {
                Ok(certificate) => Presented::Readable(Box::new(certificate.describe(now))),
                Err(error) => {
                    Presented::Damaged { sha256: sha256_hex(der), error: error.to_string() }
                }
            });
        let tls = (!found.chain.is_empty()).then(|| Tls {
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
            offers: seen.offers.as_ref().map(Offers::new),
            accounts: seen.accounts.iter().map(Account::new).collect(),
            verdicts,
            not_looked_at: seen.other_ports.as_ref().and_then(OtherPorts::caveat),
            clients: None,
        }
    }

    /// Whether it passes in every mode.
    pub(super) fn passes(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.verdict == Answer::Pass)
    }

    fn has(&self, answer: Answer) -> bool {
        self.verdicts.iter().any(|verdict| verdict.verdict == answer)
    }

    /// For whom the verdicts hold: the widest of their scopes.
    pub(super) fn scope(&self) -> Option<&Scope> {
        let scopes = || self.verdicts.iter().filter_map(|verdict| verdict.scope.as_ref());
        scopes().find(|scope| scope.replication).or_else(|| scopes().next())
    }

    /// The server's own certificate, where it could be read.
    pub(super) fn certificate(&self) -> Option<&Description> {
        match self.tls.as_ref()?.certificates.first()? {
            Presented::Readable(certificate) => Some(certificate),
            Presented::Damaged { .. } => None,
        }
    }
}

impl Document {
    /// What was found of the `servers`, one by one; of those that nobody looked at, nothing.
    pub(super) fn new(
        servers: &[Dialled],
        mut found: Vec<Vec<Endpoint>>,
        started: Timestamp,
        elapsed: Duration,
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
        let summary = Summary {
            endpoints: endpoints.len(),
            passed: count(&Endpoint::passes),
            failed: count(&|one| one.has(Answer::Fail)),
            unknown: count(&|one| one.has(Answer::Unknown) && !one.has(Answer::Fail)),
            skipped: skipped.len(),
        };
        let result = CheckResult::of_all(endpoints.iter().map(|endpoint| endpoint.result));
        let seconds = rounded_seconds(elapsed);
        Document { result, started, seconds, summary, endpoints, skipped }
    }

    pub(super) fn exit(&self) -> Exit {
        let exit = |verdict: &Verdict| match verdict.verdict {
            Answer::Pass => Exit::Done,
            Answer::Fail => Exit::No,
            Answer::Unknown => Exit::Failed,
        };
        let all = self.endpoints.iter().flat_map(|endpoint| &endpoint.verdicts).map(exit);
        all.fold(Exit::Done, Exit::worst)
    }

    /// Every verdict, and the place it is on.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&str, &Verdict)> {
        self.endpoints.iter().flat_map(|endpoint| {
            endpoint.verdicts.iter().map(|verdict| (endpoint.place.as_str(), verdict))
        })
    }

    /// For people: a row a server and mode, and below it why it is no pass. Where `quiet`,
    /// only what is none.
    /// The certificate that the server showed stands below its rows where they are `wide`, or
    /// where it is not taken; at the end, the `anchors` that it was checked against.
    pub(super) fn text(&self, wide: bool, quiet: bool, anchors: &[Certificate]) -> String {
        let mut lines = vec![cells("ENDPOINT", "MODE", "VERDICT", "REASON")];
        if wide {
            let more = ["ADDRESS", "TLS", "CIPHER", "GROUP", "LEFT", "SERVER", "NODE"];
            lines[0].extend(more.map(str::to_owned));
        }
        let mut below: Vec<Vec<String>> = vec![Vec::new()];
        for endpoint in &self.endpoints {
            let mut said: Vec<&str> = Vec::new();
            for verdict in &endpoint.verdicts {
                if quiet && verdict.verdict == Answer::Pass {
                    continue;
                }
                let (mode, answer) = (verdict.mode.name(), verdict.verdict.name());
                let mut line = cells(&endpoint.place, mode, answer, verdict.reason.unwrap_or("-"));
                if wide {
                    line.extend(endpoint.facts());
                }
                lines.push(line);
                let message = verdict.message.as_deref().unwrap_or_default();
                let mut more = Vec::new();
                if !message.is_empty() && !said.contains(&message) {
                    more.push(format!("  {}", shown(message)));
                    more.extend(verdict.hints.iter().map(|what| {
                        format!("  to do: {}", what.to_string().replace('\n', "\n         "))
                    }));
                    said.push(message);
                }
                for warning in &verdict.warnings {
                    if !said.contains(&warning.message.as_str()) {
                        more.push(format!("  warning: {}", shown(&warning.message)));
                        said.push(&warning.message);
                    }
                }
                below.push(more);
            }
            if let (Some(scope), Some(more)) = (endpoint.scope(), below.last_mut())
                && (!quiet || !endpoint.passes())
            {
                more.push(format!("  it holds for {}", shown(&scope.to_string())));
            }
            if let Some(more) = below.last_mut().filter(|_| wide || endpoint.is_not_taken()) {
                more.extend(endpoint.certificate_lines());
            }
            if let Some(more) = below.last_mut() {
                let caveat = endpoint.not_looked_at.iter().filter(|_| !quiet);
                more.extend(caveat.map(|what| format!("  {what}")));
                more.extend(endpoint.accounts.iter().flat_map(Account::lines));
            }
            if let (Some(offers), Some(more)) = (&endpoint.offers, below.last_mut()) {
                more.extend(offers.lines());
            }
        }
        let mut text = table(&lines, &below);
        if wide || self.endpoints.iter().any(Endpoint::is_not_taken) {
            text.extend(anchors.iter().map(anchor_line));
        }
        let Summary { endpoints, passed, failed, unknown, skipped } = self.summary;
        if endpoints + skipped > 1 {
            text.push_str(&format!("passed {passed}, failed {failed}, unknown {unknown}"));
            let skipped = (skipped > 0).then(|| format!(", not looked at {skipped}"));
            text.push_str(&skipped.unwrap_or_default());
            text.push('\n');
        }
        if quiet && self.endpoints.iter().all(Endpoint::passes) {
            text.clear();
        }
        let clients = clients::text(&self.endpoints, wide, quiet);
        text + if quiet { clients.trim_start() } else { &clients }
    }
}

impl Endpoint {
    /// Whether the certificate fails in a mode that checks it, or could not be checked.
    fn is_not_taken(&self) -> bool {
        let checks = |mode| matches!(mode, Mode::VerifyCa | Mode::VerifyIdentity);
        let is_pass = |verdict: &Verdict| verdict.verdict == Answer::Pass;
        self.verdicts.iter().any(|verdict| checks(verdict.mode) && !is_pass(verdict))
    }

    fn certificate_lines(&self) -> Vec<String> {
        let Some(seen) = self.certificate() else { return Vec::new() };
        let until = format!("from {} to {}", seen.not_before, seen.not_after);
        vec![
            format!("  certificate seen: {}", shown(&seen.subject)),
            format!("    sha256 {}, {until}", &seen.sha256[..SHORT]),
        ]
    }

    fn facts(&self) -> [String; 7] {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let tls = self.tls.as_ref();
        [
            or_dash(self.address.clone()),
            or_dash(tls.and_then(|tls| tls.version).map(str::to_owned)),
            or_dash(tls.and_then(|tls| tls.cipher.clone())),
            or_dash(tls.and_then(|tls| tls.group.clone())),
            or_dash(self.certificate().map(|certificate| format!("{}d", certificate.days_left))),
            or_dash(self.server.clone()),
            or_dash(self.node.clone()),
        ]
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

/// Whole milliseconds, in seconds.
fn rounded_seconds(elapsed: Duration) -> f64 {
    elapsed.as_millis() as f64 / 1000.0
}

/// How many hexadecimal digits of a fingerprint tell certificates apart.
const SHORT: usize = 16;

fn anchor_line(anchor: &Certificate) -> String {
    let (subject, sha256) = (anchor.subject(), anchor.sha256());
    format!("trusted CA: {}, sha256 {}\n", shown(&subject), &sha256[..SHORT])
}

/// One line for a verdict that is not what it was before.
pub(super) fn change(
    now: Timestamp,
    place: &str,
    (answer, reason): (Answer, Option<&'static str>),
    verdict: &Verdict,
) -> String {
    let named = |answer: Answer, reason: Option<&str>| {
        reason.map_or_else(|| answer.name().to_owned(), |r| format!("{} ({r})", answer.name()))
    };
    let (mode, before) = (verdict.mode.name(), named(answer, reason));
    let after = named(verdict.verdict, verdict.reason);
    let message = verdict.message.iter().map(|said| format!(": {}", shown(said)));
    let message: String = message.collect();
    format!("{now:.0}  {place}  {mode}  {before} -> {after}{message}\n")
}

/// What a server says may hold anything.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn cells(endpoint: &str, mode: &str, verdict: &str, reason: &str) -> Vec<String> {
    [endpoint, mode, verdict, reason].map(str::to_owned).to_vec()
}

/// Columns as wide as what is in them; below each line, what belongs to it.
pub(super) fn table(lines: &[Vec<String>], below: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for (line, below) in lines.iter().zip(below) {
        let mut out = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            let mark = match cell.as_str() {
                "pass" => Some(Mark::Good),
                "fail" => Some(Mark::Bad),
                "unknown" => Some(Mark::Warn),
                _ => None,
            };
            out.push_str(&mark.map_or_else(|| cell.clone(), |mark| mark.paint(cell, 0)));
            out.push_str(&" ".repeat(width - cell.chars().count() + 2));
        }
        text.push_str(out.trim_end());
        text.push('\n');
        below.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    }
    text
}
