//! The text of the document: a row for each server and mode, and below it the reason of a verdict
//! other than pass.

use std::collections::{BTreeMap, HashSet};

use crate::error::Reason;
use crate::output::{LineMark, Table, escape_control_characters};
use crate::pki::certificate::Certificate;
use crate::probe::mode::{Answer, TlsMode};
use crate::probe::scope::Scope;
use crate::probe::verdict::Verdict;

use super::accounts::AccountReport;
use super::clients;
use super::document::{Endpoint, VerifyDocument, VerifySummary};

/// The number of hexadecimal digits of a fingerprint that tell certificates apart.
const SHORT: usize = 16;
const HEAD: [&str; 4] = ["ENDPOINT", "MODE", "VERDICT", "REASON"];
const WIDE: [&str; 7] = ["ADDRESS", "TLS", "CIPHER", "GROUP", "LEFT", "SERVER", "NODE"];
/// The width of the longest reason, so that rows printed one by one are aligned.
const REASON_WIDTH: usize = 20;
/// The width of the longest verdict, `accepted`.
const VERDICT_WIDTH: usize = 8;

/// Prints the rows of servers, each message and remedy once.
#[derive(Debug)]
pub(super) struct TextPrinter<'a> {
    /// Whether to add columns, and the certificates of the servers.
    pub(super) wide: bool,
    /// Whether to leave out passes.
    pub(super) quiet: bool,
    /// The CAs that the certificates were checked against.
    pub(super) anchors: &'a [Certificate],
    /// The columns of the terminal, if there is one.
    pub(super) width: Option<usize>,
    /// The messages and remedies that were printed, without the names of their servers.
    said: HashSet<String>,
    has_head: bool,
}

impl<'a> TextPrinter<'a> {
    pub(super) fn new(
        wide: bool,
        quiet: bool,
        anchors: &'a [Certificate],
        width: Option<usize>,
    ) -> Self {
        TextPrinter { wide, quiet, anchors, width, said: HashSet::new(), has_head: false }
    }

    /// Returns the whole document.
    pub(super) fn whole(&mut self, document: &VerifyDocument) -> String {
        if self.quiet && document.endpoints.iter().all(Endpoint::passes) && !document.interrupted {
            let clients = clients::render_text(&document.endpoints, self.wide, true, self.width);
            return clients.trim_start().to_owned();
        }
        let mut table = self.table();
        document.endpoints.iter().for_each(|endpoint| self.add(&mut table, endpoint));
        table.text(self.width) + &self.end(document)
    }

    /// Returns the rows of one server's `endpoints`, with the head if they are the first. `columns`
    /// are the widths of the longest endpoint and of the longest mode of the run.
    pub(super) fn part(&mut self, endpoints: &[Endpoint], columns: [usize; 2]) -> String {
        let [place, mode] = columns;
        let mut table =
            self.table().at_least(0, place).at_least(1, mode).at_least(2, VERDICT_WIDTH);
        table = table.at_least(3, REASON_WIDTH);
        if self.has_head {
            table = table.without_head();
        }
        endpoints.iter().for_each(|endpoint| self.add(&mut table, endpoint));
        if table.is_empty() {
            return String::new();
        }
        self.has_head = true;
        table.text(self.width)
    }

    fn table(&self) -> Table {
        match self.wide {
            true => Table::new(&[&HEAD[..], &WIDE].concat()),
            false => Table::new(&HEAD),
        }
    }

    fn add(&mut self, table: &mut Table, endpoint: &Endpoint) {
        if let Some(verdict) = endpoint.common_failure() {
            self.add_row(table, endpoint, ["all", verdict.verdict.name()], verdict);
            let message = verdict.message.as_deref().unwrap_or_default();
            if self.is_new(endpoint, verdict, message) {
                self.add_message(table, endpoint, verdict, message);
            }
        } else {
            self.add_each(table, endpoint);
        }
        let is_judged = endpoint.common_failure().is_none() && (!self.quiet || !endpoint.passes());
        let mut more = Vec::new();
        let is_of_users = |scope: &&Scope| self.wide || !scope.users.is_empty();
        if let Some(scope) = endpoint.scope().filter(is_of_users).filter(|_| is_judged) {
            more.push(format!("  checked for {}", escape_control_characters(&scope.to_string())));
        }
        if self.wide || endpoint.is_not_taken() {
            more.extend(endpoint.certificate_lines());
        }
        let caveat = endpoint.not_looked_at.iter().filter(|_| !self.quiet);
        more.extend(caveat.map(|what| format!("  {what}")));
        more.extend(endpoint.accounts.iter().flat_map(AccountReport::lines));
        more.extend(endpoint.offers.iter().flat_map(|offers| offers.lines()));
        table.below(more);
    }

    /// Adds a row for each mode.
    fn add_each(&mut self, table: &mut Table, endpoint: &Endpoint) {
        let mut said: Vec<&str> = Vec::new();
        for verdict in &endpoint.verdicts {
            if self.quiet && verdict.verdict == Answer::Pass {
                continue;
            }
            self.add_row(table, endpoint, [verdict.mode.name(), verdict.word()], verdict);
            let message = verdict.message.as_deref().unwrap_or_default();
            if !message.is_empty() && !said.contains(&message) {
                self.add_message(table, endpoint, verdict, message);
                said.push(message);
            }
            for warning in &verdict.warnings {
                if !said.contains(&warning.message.as_str()) {
                    table.below([format!(
                        "  warning: {}",
                        escape_control_characters(&warning.message)
                    )]);
                    said.push(&warning.message);
                }
            }
        }
    }

    fn add_row(
        &self,
        table: &mut Table,
        endpoint: &Endpoint,
        [mode, answer]: [&str; 2],
        verdict: &Verdict,
    ) {
        let mark = match verdict.verdict {
            Answer::Pass => LineMark::Good,
            Answer::Fail => LineMark::Bad,
            Answer::Unknown => LineMark::Warn,
        };
        let reason = verdict.reason.map_or("-", Reason::name);
        let mut cells = vec![endpoint.place.clone(), mode.to_owned(), mark.paint(answer, 0)];
        cells.push(reason.to_owned());
        if self.wide {
            cells.extend(endpoint.facts());
        }
        table.row(cells);
    }

    fn add_message(
        &mut self,
        table: &mut Table,
        endpoint: &Endpoint,
        verdict: &Verdict,
        message: &str,
    ) {
        table.below([format!("  {}", escape_control_characters(message))]);
        for hint in &verdict.hints {
            if self.is_new(endpoint, verdict, &format!("to do: {hint}")) {
                let hint = hint.unbroken().replace('\n', "\n         ");
                table.below([format!("  to do: {hint}")]);
            }
        }
    }

    /// Whether `text` is new: not printed before for this reason, for this server or another.
    /// Records it.
    fn is_new(&mut self, endpoint: &Endpoint, verdict: &Verdict, text: &str) -> bool {
        let mut general = text.replace(&endpoint.place, "").replace(&endpoint.url, "");
        let address = endpoint.address.as_deref().unwrap_or_default();
        let port = endpoint.port.to_string();
        for name in [endpoint.host.as_str(), address, &port] {
            if !name.is_empty() {
                general = general.replace(name, "");
            }
        }
        let reason = verdict.reason.map_or("", Reason::name);
        self.said.insert(format!("{} {reason} {general}", endpoint.engine))
    }

    /// Returns the text below the rows of all servers: trusted CAs, totals, simulated clients.
    pub(super) fn end(&self, document: &VerifyDocument) -> String {
        let mut text = String::new();
        let endpoints = &document.endpoints;
        if self.wide || endpoints.iter().any(Endpoint::is_not_taken) {
            text.extend(self.anchors.iter().map(anchor_line));
        }
        text += &sums(document);
        if self.quiet && endpoints.iter().all(Endpoint::passes) && !document.interrupted {
            text.clear();
        }
        let clients = clients::render_text(endpoints, self.wide, self.quiet, self.width);
        text + if self.quiet { clients.trim_start() } else { &clients }
    }
}

/// The totals, and the number of servers by reason; empty for a single server.
fn sums(document: &VerifyDocument) -> String {
    let VerifySummary { endpoints, passed, failed, unknown, skipped } = document.summary;
    if endpoints + skipped < 2 {
        return String::new();
    }
    let mut text = format!("passed {passed}, failed {failed}, unknown {unknown}");
    if skipped > 0 {
        text += &format!(", not checked {skipped}");
    }
    text.push('\n');
    for answer in [Answer::Fail, Answer::Unknown] {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for endpoint in &document.endpoints {
            let those = endpoint.verdicts.iter().filter(|verdict| verdict.verdict == answer);
            let reasons: HashSet<Reason> = those.filter_map(|verdict| verdict.reason).collect();
            reasons.into_iter().for_each(|reason| *counts.entry(reason.name()).or_default() += 1);
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if !counts.is_empty() {
            let counts = counts.iter().map(|(reason, count)| format!("{reason} {count}"));
            let counts = counts.collect::<Vec<_>>().join(", ");
            text += &format!("  {}: {counts}\n", answer.name());
        }
    }
    text
}

fn anchor_line(anchor: &Certificate) -> String {
    let (subject, sha256) = (anchor.subject(), anchor.sha256());
    format!("trusted CA: {}, sha256 {}\n", escape_control_characters(&subject), &sha256[..SHORT])
}

impl Endpoint {
    /// Returns the common verdict, if all modes fail or are unknown for the same reason, as when
    /// the server cannot be reached.
    fn common_failure(&self) -> Option<&Verdict> {
        let (first, others) = self.verdicts.split_first()?;
        let alike = |other: &Verdict| {
            (other.verdict, other.reason, &other.message)
                == (first.verdict, first.reason, &first.message)
                && other.warnings.is_empty()
        };
        let is_common = first.verdict != Answer::Pass && !others.is_empty();
        (is_common && first.warnings.is_empty() && others.iter().all(alike)).then_some(first)
    }

    /// Whether a certificate fails in a mode that checks it, or could not be checked.
    fn is_not_taken(&self) -> bool {
        let checks = |mode| matches!(mode, TlsMode::VerifyCa | TlsMode::VerifyIdentity);
        let is_pass = |verdict: &Verdict| verdict.verdict == Answer::Pass;
        let fails = |verdict: &Verdict| checks(verdict.mode) && !is_pass(verdict);
        self.tls.is_some() && self.verdicts.iter().any(fails)
    }

    fn certificate_lines(&self) -> Vec<String> {
        let Some(seen) = self.certificate() else { return Vec::new() };
        let until = format!("from {} to {}", seen.not_before, seen.not_after);
        vec![
            format!("  certificate seen: {}", escape_control_characters(&seen.subject)),
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
