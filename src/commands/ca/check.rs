//! `ccx-sec ca check`: fails without a valid CA, to keep a service from starting.

use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

use super::ca_report::CaLocation;
use crate::context::Context;
use crate::error::{Code, Exit, Result};
use crate::output::LineMark;
use crate::pki::certificate::Certificate;
use crate::pki::finding::{Finding, Level};
use crate::pki::validity::Length;
use crate::report;
use crate::report::checks::{Check, CheckResult, CheckRun, CheckedSubject};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::ca::{self, BundleRepair, ReplacementPolicy, StoredCa};
use crate::store::{health, rotation_health};

/// Check that the CA exists, is valid and does not expire soon
///
/// Made to be an init container or a Helm hook: in a pod it needs no arguments. It says one
/// line where all is well, and with --quiet nothing.
///
/// A bundle that is missing (which a crash while the CA was made can leave) is made on the way,
/// where the credentials allow it; --no-repair only looks. A bundle that lacks the CA fails: the
/// CA was replaced, and no client trusts the new one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Also fail if the CA expires within this time: 30d, 6mo
    #[arg(long, value_name = "TIME")]
    expires_within: Option<Length>,
    /// Also fail on warnings
    #[arg(long)]
    strict: bool,
    /// Check only; write nothing
    #[arg(long)]
    no_repair: bool,
    /// Also fail if a key that a rotation keeps is missing or damaged
    ///
    /// Such a key is needed for the next step or for the way back, and not by what issues or starts
    /// now; so it is a warning without this option. If a key cannot be read, the exit status is 3.
    #[arg(long)]
    rotation_keys: bool,
    /// Accept a replaced CA: active in the bundle, with the old one as retiring
    #[arg(long, conflicts_with = "no_repair")]
    accept_new_ca: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca check --expires-within 30d
  ccx-sec ca check -o json | jq -r '.findings[].code'

  In a pod, with a service account that may get (and create, patch) secrets:
    initContainers:
    - name: ca-check
      image: REGISTRY/ccx-sec
      args: [ca, check, --expires-within, 30d]

FINDINGS
  ca-missing, ca-damaged, secret-key-missing   there is no CA, or not a whole one
  expired, not-yet-valid, expires-soon         its dates
  not-a-ca, bad-signature, weak-key, …         the certificate profile; see ccx-sec-guide-codes(7)
  bundle-missing, bundle-lacks-ca, bundle-…    what clients are told to trust
  secret-foreign                               ccx-sec did not make the Secret
  rotation-key, rotation-key-unread            a key that a rotation keeps; see --rotation-keys
  rotation-damaged                             Secrets of a rotation do not belong together

EXIT STATUS
  0  the CA is sound; there may be warnings
  1  it is missing, unsound, expired or expiring (with --strict: or there are warnings)
  3  the store cannot be reached or read; with --rotation-keys: nor a key of a rotation";

#[derive(Serialize)]
struct CaCheckDocument<'a> {
    result: CheckResult,
    ok: bool,
    stored_in: CaLocation,
    sha256: Option<String>,
    not_after: Option<Timestamp>,
    findings: &'a [Finding],
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let begun = Instant::now();
        let soon = match &self.expires_within {
            Some(length) => Some(length.after(context.now)?),
            None => None,
        };
        let store = context.open_store()?;
        let store = store.as_ref();
        let mut stored = StoredCa::read(store, &context.ca)?;
        let mut findings = health::check(&stored, context.now, soon);
        let replaced = match self.accept_new_ca {
            true => ReplacementPolicy::Accept,
            false => ReplacementPolicy::Refuse,
        };
        if !self.no_repair && is_mendable(&findings, replaced) {
            let repair = repair(store, &context.ca, &stored, replaced);
            stored = StoredCa::read(store, &context.ca)?;
            findings = health::check(&stored, context.now, soon);
            findings.extend(repair);
        }
        findings.extend(rotation_health::check(store, &stored));
        let is_unread =
            self.rotation_keys && findings.iter().any(|one| one.code == Code::RotationKeyUnread);
        for finding in &mut findings {
            if self.rotation_keys && finding.code == Code::RotationKey {
                finding.level = Level::Error;
            }
            finding.complete(&context.invocation);
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        let fails = |finding: &Finding| self.strict || finding.level == Level::Error;
        let ok = !is_unread && !findings.iter().any(fails);
        let certificate = stored.ca.as_ref().and_then(|secret| ca::certificate_of(secret).ok());
        let place = store.place(&context.ca);
        let subject = CheckedSubject {
            name: place.clone(),
            labels: vec![("ca", place.clone())],
            not_after: certificate.as_ref().map(Certificate::not_after),
            checks: Check::from_findings("ca", &findings, self.strict),
            ..CheckedSubject::default()
        };
        let document = CaCheckDocument {
            result: subject.result(),
            ok,
            stored_in: CaLocation::new(store, &context.ca),
            sha256: certificate.as_ref().map(|certificate| certificate.sha256()),
            not_after: certificate.as_ref().map(|certificate| certificate.not_after()),
            findings: &findings,
        };
        CheckRun {
            command: "ca check",
            check_label: "check",
            legend: "",
            started: context.now,
            elapsed: begun.elapsed(),
            subjects: vec![subject],
        }
        .print(&context.output, &document, || {
            render_text(&document, &place, context.output.quiet)
        })?;
        Ok(match (is_unread, ok) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Done,
            (false, false) => Exit::No,
        })
    }
}

/// Whether the bundle may be repaired: the only error is a missing bundle, as after a crash, or a
/// replaced CA that the user accepted.
fn is_mendable(findings: &[Finding], replaced: ReplacementPolicy) -> bool {
    let mut errors = findings.iter().filter(|finding| finding.level == Level::Error).peekable();
    errors.peek().is_some()
        && errors.all(|finding| {
            finding.code == Code::BundleMissing
                || (finding.code == Code::BundleLacksCa && replaced == ReplacementPolicy::Accept)
        })
}

/// Repairs the bundle, and returns the finding about the repair; `None` if another process has
/// repaired it. If the repair fails, the faults stay among the findings, and this one has the
/// reason.
fn repair(
    store: &dyn Backend,
    name: &str,
    stored: &StoredCa,
    replaced: ReplacementPolicy,
) -> Option<Finding> {
    let mend =
        || ca::repair_bundle(store, name, &ca::certificate_of(stored.ca_secret(store)?)?, replaced);
    let repaired = |how| Some(Finding::warning(Code::BundleRepaired, how));
    match mend() {
        Ok(BundleRepair::Whole) => None,
        Ok(BundleRepair::Made) => repaired("the bundle was missing, and was made"),
        Ok(BundleRepair::Added) => {
            let next = "give clients the new bundle before you renew certificates";
            let export = CommandLine::ccx_sec("ca export").option("--out", "ca.pem");
            repaired("the CA was missing in the bundle, and was added")
                .map(|f| f.hint((next, export)))
        }
        Err(error) => {
            let finding =
                Finding::warning(error.code(), format!("the bundle was not repaired: {error}"));
            Some(error.hints().iter().cloned().fold(finding, Finding::hint))
        }
    }
}

fn render_text(document: &CaCheckDocument<'_>, place: &str, quiet: bool) -> String {
    let mut text: String = document.findings.iter().map(report::finding_text).collect();
    match (document.ok, document.not_after) {
        (true, _) if quiet => {}
        (true, Some(not_after)) => {
            let ok = LineMark::Good.paint("ok", 8);
            let how = if document.findings.is_empty() { "sound" } else { "usable, with warnings," };
            text.push_str(&format!("{ok}{place} is {how} until {not_after}\n"));
        }
        _ => text.push_str(&format!("{}{place}\n", LineMark::Bad.paint("not ok", 8))),
    }
    text
}
