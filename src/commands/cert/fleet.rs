//! A run over many nodes, with its progress and its report.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fleet_report::{FleetReport, FleetRow};
use super::options::{self, JobOptions};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::issuance::{CredentialTarget, IssueContext};
use crate::node::{Node, NodeId};
use crate::process::Interrupts;

/// The places of a fleet's credentials.
pub(super) struct FleetLocations<'a> {
    /// The directory of the fleet, if its credentials are files.
    pub(super) out: Option<&'a Path>,
    /// Whether the credentials are Secrets of the store.
    pub(super) in_store: bool,
}

/// A node of a fleet, with its details or only by its id.
pub(super) trait FleetMember: Sync {
    /// The target with the node's credentials.
    fn target(&self, places: &FleetLocations<'_>) -> Result<CredentialTarget>;
    /// The id of the node, and its host, if known.
    fn label(&self) -> (&NodeId, Option<&str>);
}

impl FleetMember for Node {
    fn target(&self, places: &FleetLocations<'_>) -> Result<CredentialTarget> {
        CredentialTarget::node(self, places.out, places.in_store)
    }

    fn label(&self) -> (&NodeId, Option<&str>) {
        (self.id(), Some(self.host().as_str()))
    }
}

impl FleetMember for NodeId {
    fn target(&self, places: &FleetLocations<'_>) -> Result<CredentialTarget> {
        Ok(CredentialTarget::existing(self, places.out, places.in_store))
    }

    fn label(&self) -> (&NodeId, Option<&str>) {
        (self, None)
    }
}

/// Issues or renews the certificates of all `items`, and prints the report. `doing` is the text of
/// the progress, such as "renewing".
pub(super) fn run<T: FleetMember>(
    context: &Context,
    work: &IssueContext<'_>,
    items: &[T],
    places: &FleetLocations<'_>,
    jobs: &JobOptions,
    doing: &str,
    interrupts: &Interrupts,
) -> Result<Exit> {
    let FleetLocations { out, in_store } = *places;
    let store = work.store.ok_or_else(|| Error::failed(Code::Internal, "there is no store"))?;
    let is_cut_short = AtomicBool::new(false);
    let rows: Vec<FleetRow> = {
        let progress = context.output.progress_of(items.len(), doing);
        let done = |outcome| {
            progress.one_more();
            if work.is_cut_short(&outcome) {
                is_cut_short.store(true, Ordering::Relaxed);
            }
            outcome.warnings().for_each(|text| context.output.warning(&text));
            FleetRow::new(outcome, &context.invocation)
        };
        let jobs = jobs.number(in_store, store);
        interrupts.begin_work();
        work.issue_all(items, |item| item.target(places), out, jobs, || interrupts.is_seen(), done)?
    };
    if is_cut_short.into_inner() {
        options::warn_of_cut(context, work);
    }
    let report =
        FleetReport::new(items.iter().map(FleetMember::label), &rows, out, in_store, work.dry_run);
    report.print(context.output)?;
    report.waiting_notes().iter().for_each(|note| context.output.note(note));
    if interrupts.is_seen() {
        let (left, all) = (report.skipped(), items.len());
        context.output.warning(&format!(
            "interrupted: {left} of {all} nodes were not done; run the command again to go on"
        ));
    }
    Ok(report.exit())
}
