//! The report of a run over a fleet: a row for each node, and totals.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::{Code, Error, Exit, Result};
use crate::hint::Hint;
use crate::issuance::{Action, IssueOutcome, RotationWait};
use crate::node::NodeId;
use crate::node::directory;
use crate::output::{LineMark, Output};
use crate::shell::Invocation;
use crate::store::nodes;

/// The part of an outcome that a long list keeps.
#[derive(Debug)]
pub(super) struct FleetRow {
    action: Action,
    reason: Option<&'static str>,
    waiting: Option<RotationWait>,
    turn_from: Option<Timestamp>,
    certificate: Option<CertificateBrief>,
    error: Option<Box<Error>>,
}

/// The part of a certificate that a long list keeps.
#[derive(Debug, Serialize)]
struct CertificateBrief {
    serial: String,
    sha256: String,
    not_after: Timestamp,
}

impl FleetRow {
    /// Creates the row of `outcome`, and adds the options of the run to the commands in its hints.
    #[must_use]
    pub(super) fn new(outcome: IssueOutcome, run: &Invocation) -> Self {
        let certificate = outcome.certificate.map(|certificate| {
            let (serial, not_after) = certificate.serial_and_not_after();
            CertificateBrief { serial, sha256: certificate.sha256(), not_after }
        });
        let reason = outcome.reason.map(|reason| reason.name());
        let error = outcome.error.map(|error| Box::new(error.completed(run)));
        let (action, waiting, turn_from) = (outcome.action, outcome.waiting, outcome.turn_from);
        FleetRow { action, reason, waiting, turn_from, certificate, error }
    }
}

/// The document of a run over a fleet.
#[derive(Debug, Serialize)]
pub(super) struct FleetReport<'a> {
    dry_run: bool,
    summary: FleetSummary,
    nodes: Vec<NodeReport<'a>>,
}

#[derive(Debug, Default, Serialize)]
struct FleetSummary {
    issued: usize,
    renewed: usize,
    refreshed: usize,
    kept: usize,
    failed: usize,
    /// The number of nodes that were not begun when the run was interrupted.
    skipped: usize,
    /// The number of refreshed and kept nodes whose certificates are of the CA that a rotation
    /// replaces.
    waiting: usize,
}

#[derive(Debug, Serialize)]
struct NodeReport<'a> {
    datastore: String,
    node: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<RotationWait>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_from: Option<Timestamp>,
    #[serde(flatten)]
    certificate: &'a Option<CertificateBrief>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport<'a>>,
}

#[derive(Debug, Serialize)]
struct ErrorReport<'a> {
    code: Code,
    message: String,
    causes: Vec<String>,
    hints: &'a [Hint],
}

impl<'a> FleetReport<'a> {
    /// Builds the report of `nodes`, each with its host, if known. Their directories are below
    /// `out`; their Secrets are in the store if `in_store`.
    #[must_use]
    pub(super) fn new(
        nodes: impl Iterator<Item = (&'a NodeId, Option<&'a str>)>,
        rows: &'a [FleetRow],
        out: Option<&Path>,
        in_store: bool,
        dry_run: bool,
    ) -> Self {
        let mut summary = FleetSummary::default();
        for row in rows {
            *match row.action {
                Action::Issued => &mut summary.issued,
                Action::Renewed => &mut summary.renewed,
                Action::Refreshed => &mut summary.refreshed,
                Action::Kept => &mut summary.kept,
                Action::Failed => &mut summary.failed,
                Action::Skipped => &mut summary.skipped,
            } += 1;
            summary.waiting += usize::from(row.waiting.is_some());
        }
        let report =
            |((id, host), row): ((&'a NodeId, Option<&'a str>), &'a FleetRow)| NodeReport {
                datastore: id.datastore.to_string(),
                node: id.name.as_str(),
                host,
                action: row.action,
                reason: row.reason,
                waiting: row.waiting,
                turn_from: row.turn_from,
                certificate: &row.certificate,
                directory: out.map(|out| directory::below(out, id).display().to_string()),
                secret: in_store.then(|| nodes::secret_name(id)),
                error: row.error.as_ref().map(|error| ErrorReport {
                    code: error.code(),
                    message: error.to_string(),
                    causes: error.causes(),
                    hints: error.hints(),
                }),
            };
        FleetReport { dry_run, summary, nodes: nodes.zip(rows).map(report).collect() }
    }

    /// The exit status: one failed node makes the run fail.
    #[must_use]
    pub(super) fn exit(&self) -> Exit {
        match self.summary {
            FleetSummary { skipped: 1.., .. } => Exit::Interrupted,
            FleetSummary { failed: 1.., .. } => Exit::Failed,
            _ => Exit::Done,
        }
    }

    /// Sentences about the nodes that keep certificates of the CA that a rotation replaces.
    #[must_use]
    pub(super) fn waiting_notes(&self) -> Vec<String> {
        let count = |why| self.nodes.iter().filter(|node| node.waiting == Some(why)).count();
        let last = self.nodes.iter().filter_map(|node| node.turn_from).max();
        let last = last.map_or(String::new(), |time| format!(" The last turn comes at {time:.0}."));
        let sentences = [
            (RotationWait::Paused, "of the old CA: its rotation is paused.".to_owned()),
            (
                RotationWait::Turn,
                format!("of the old CA: their turn in its rotation has not come.{last}"),
            ),
            (
                RotationWait::Canaries,
                "of the old CA: the nodes that go first are not proved yet.".to_owned(),
            ),
            (
                RotationWait::Round,
                "of the old CA: another node of their datastore goes first, and is not proved yet."
                    .to_owned(),
            ),
            (
                RotationWait::Datastore,
                "until the next run: in one run, one node of each datastore gets one of the new CA. \
                 Let the servers load them first."
                    .to_owned(),
            ),
        ];
        let all = self.nodes.len();
        let nodes = |count| match count {
            1 => format!("1 of {all} nodes keeps its certificate"),
            _ => format!("{count} of {all} nodes keep their certificates"),
        };
        let counted = sentences.into_iter().map(|(why, text)| (count(why), text));
        let counted = counted.filter(|(count, _)| *count > 0);
        counted.map(|(count, text)| format!("{} {text}", nodes(count))).collect()
    }

    /// The number of nodes that were not begun when the run was interrupted.
    #[must_use]
    pub(super) fn skipped(&self) -> usize {
        self.summary.skipped
    }

    /// Prints the report. With `--quiet`, prints it only if a node failed or was skipped.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(super) fn print(&self, output: Output) -> Result<()> {
        let text = || self.render_text(output.verbose);
        match self.summary.failed + self.summary.skipped {
            0 => output.outcome(self, text),
            _ => output.report(self, text),
        }
    }

    /// Renders failures and totals; with `every`, all nodes.
    fn render_text(&self, every: bool) -> String {
        let mut text = String::new();
        for node in &self.nodes {
            let id = format!("{}/{}", node.datastore, node.node);
            if let Some(error) = &node.error {
                let causes: String =
                    error.causes.iter().map(|cause| format!(": {cause}")).collect();
                let mark = LineMark::Bad.paint("failed", 10);
                text.push_str(&format!("{mark}{id}: {}{causes} [{}]\n", error.message, error.code));
                if let Some(hint) = error.hints.first() {
                    text.push_str(&format!(
                        "          hint: {}\n",
                        hint.unbroken().replace('\n', "\n                ")
                    ));
                }
            } else if every {
                let mark = match node.action {
                    Action::Skipped => LineMark::Warn.paint(node.action.name(), 10),
                    _ => LineMark::Good.paint(node.action.name(), 10),
                };
                let reason = node.reason.or(node.waiting.map(|_| "waits"));
                let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
                let until = node.certificate.as_ref().map(|c| format!(" until {}", c.not_after));
                text.push_str(&format!("{mark}{id}{reason}{}\n", until.unwrap_or_default()));
            }
        }
        let FleetSummary { issued, renewed, refreshed, kept, failed, skipped, waiting } =
            self.summary;
        let dry_run = if self.dry_run { "dry run, nothing was done: " } else { "" };
        let skipped = if skipped > 0 { format!(", not begun {skipped}") } else { String::new() };
        let waiting = match waiting {
            0 => String::new(),
            1 => "; 1 keeps a certificate of the old CA for now".to_owned(),
            _ => format!("; {waiting} keep certificates of the old CA for now"),
        };
        text + &format!(
            "{dry_run}issued {issued}, renewed {renewed}, refreshed {refreshed}, kept {kept}, \
             failed {failed}{skipped}{waiting}\n"
        )
    }
}
