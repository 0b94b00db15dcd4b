//! `ccx-sec cert needs-renewal`: tells scripts whether certificates are due.

use std::cell::LazyCell;

use jiff::Timestamp;
use serde::Serialize;

use super::options::{self, RenewalOptions};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::issuance::RotationWait;
use crate::node::credentials::{self, CredentialAction, Credentials, RenewalReason};
use crate::node::directory::{self, CredentialKind};
use crate::node::issue_command;
use crate::node::renewal::RenewalTime;
use crate::node::trust::FleetTrust;
use crate::output::{LineMark, Output};
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::{Bundle, bundle_name, load_bundle};
use crate::store::fleet_trust::fleet_trust;
use crate::store::nodes;

/// Check whether certificates are due for renewal
///
/// It is due by its dates, does not fit its key, another CA signs now, or its ca.pem is not the
/// bundle of the store; no right to sign is needed. During a rotation of the CA, a certificate of
/// the old CA is due when its turn has come. --dates-only needs no store. Of a fleet, the
/// answer is yes when one of the nodes is due.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP, group(options::which()), group(options::fleet()))]
pub(crate) struct Args {
    #[command(flatten)]
    which: RenewalOptions,
    /// Check only the dates and the key, not for a replaced CA
    #[arg(long)]
    dates_only: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec cert needs-renewal --dir /etc/mysql/tls && systemctl start renew-tls
  ccx-sec cert needs-renewal --inventory nodes.yaml --out ./fleet --before 30d -o json

EXIT STATUS
  0  yes: due, expired, damaged, signed by another CA than the active one, or with an old bundle
  1  no
  2  an argument or the inventory is wrong
  3  unknown: there is no certificate, or it or the bundle of the CA cannot be read";

/// The reason when the certificate is as it must be, and its `ca.pem` is not the current bundle.
const OLD_BUNDLE: &str = "bundle";

#[derive(Serialize)]
struct NeedsRenewalDocument {
    needs_renewal: bool,
    certificates: Vec<RenewalRow>,
}

#[derive(Serialize)]
struct RenewalRow {
    name: String,
    #[serde(flatten)]
    answer: Option<RenewalAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct RenewalAnswer {
    needs_renewal: bool,
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<RotationWait>,
    due_from: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let mut rows = Vec::new();
        let mut failed = None;
        for (name, answer) in self.answers(context)? {
            let (answer, error) = match answer {
                Ok(answer) => (Some(answer), None),
                Err(error) => (None, Some(error.to_string()).inspect(|_| failed = Some(error))),
            };
            rows.push(RenewalRow { name, answer, error });
        }
        if let ([_], Some(error)) = (rows.as_slice(), failed.take_if(|_| rows.len() == 1)) {
            return Err(error);
        }
        let due = |row: &RenewalRow| row.answer.as_ref().is_some_and(|answer| answer.needs_renewal);
        let document =
            NeedsRenewalDocument { needs_renewal: rows.iter().any(due), certificates: rows };
        context.output.report(&document, || render_text(&document, context.output))?;
        Ok(match (failed, document.needs_renewal) {
            (Some(_), _) => Exit::Failed,
            (None, true) => Exit::Done,
            (None, false) => Exit::No,
        })
    }

    /// Returns the answer for each certificate, with the certificate's place.
    fn answers(&self, context: &Context) -> Result<Vec<(String, Result<RenewalAnswer>)>> {
        let (nodes, named) = (self.which.nodes(context)?, self.which.named_secret()?);
        let store = match named.is_some() || self.which.in_store() {
            true => Some(context.open_store()?),
            false => None,
        };
        let store = store.as_deref();
        let due = self.which.due();
        let trust = LazyCell::new(|| current_trust(context));
        let question = RenewalQuestion {
            due: &due,
            is_early: self.which.before.is_some(),
            dates_only: self.dates_only,
            now: context.now,
        };
        let answer = |name: String, read| {
            let answer = question.answer(&name, read, || trust.as_ref());
            (name, answer)
        };
        let mut found = Vec::new();
        if let Some(dir) = &self.which.dir {
            let kind = options::kind_of(dir)?;
            found.push(answer(dir.display().to_string(), directory::read(dir, kind)));
        }
        if let (Some(name), Some(store)) = (named, store) {
            found.push(answer(store.place(&name), nodes::load_credentials(store, &name)));
        }
        for id in nodes.into_iter().flatten() {
            let in_directory = match &self.which.out {
                Some(out) => directory::read(&directory::below(out, &id), CredentialKind::Server),
                None => Ok(None),
            };
            let read = match (in_directory, store) {
                (Ok(None), Some(store)) => nodes::load_credentials(store, &nodes::secret_name(&id)),
                (read, _) => read,
            };
            found.push(answer(id.to_string(), read));
        }
        Ok(found)
    }
}

/// Returns the bundle with its active CA, from which certificates are issued now.
fn current_trust(context: &Context) -> Result<FleetTrust> {
    let store = context.open_store()?;
    let bundle = load_bundle(store.as_ref(), &context.ca)?.unwrap_or(Bundle::empty());
    let Some(active) = bundle.actives().first().copied() else {
        let place = store.place(&bundle_name(&context.ca));
        return Err(Error::failed(
            Code::BundleMissing,
            format!("{place} is missing, or has no active CA"),
        )
        .hint(("see what is wrong", CommandLine::ccx_sec("ca check"))));
    };
    Ok(fleet_trust(&bundle, active, context.now))
}

/// The question whether a certificate is due for renewal.
struct RenewalQuestion<'a> {
    due: &'a RenewalTime,
    /// Whether the user chose the time, which may be earlier than usual.
    is_early: bool,
    dates_only: bool,
    now: Timestamp,
}

impl RenewalQuestion<'_> {
    /// Judges credentials: damaged ones need renewal; if they cannot be read for another reason,
    /// that is an error. The store is asked only when the dates do not decide.
    fn answer<'a>(
        &self,
        name: &str,
        read: Result<Option<Credentials>>,
        trust: impl FnOnce() -> std::result::Result<&'a FleetTrust, &'a Error>,
    ) -> Result<RenewalAnswer> {
        let credentials = match read {
            Ok(Some(credentials)) => credentials,
            Ok(None) => {
                return Err(Error::failed(
                    Code::CertificateMissing,
                    format!("{name} has no certificate"),
                )
                .hint((
                    "issue it",
                    issue_command(None, None).option("--out", Placeholder("DIR")),
                )));
            }
            Err(error) if !credentials::is_damage(&error) => return Err(error),
            Err(_) => {
                return Ok(RenewalAnswer {
                    needs_renewal: true,
                    reason: Some(RenewalReason::Damaged.name()),
                    waiting: None,
                    due_from: None,
                    not_after: None,
                });
            }
        };
        let certificate = credentials.certificate();
        let due_from = self.due.from(certificate, self.now)?;
        let answer = |reason: Option<&'static str>, waiting| RenewalAnswer {
            needs_renewal: reason.is_some(),
            reason,
            waiting,
            due_from: Some(due_from),
            not_after: Some(certificate.not_after()),
        };
        let by_dates = match self.now {
            now if now > certificate.not_after() => Some(RenewalReason::Expired),
            now if now < certificate.not_before() => Some(RenewalReason::NotYetValid),
            now if now >= due_from && !credentials.ends_with_ca() => Some(RenewalReason::Due),
            _ => None,
        };
        // A rotation delays a renewal that the user asked for early.
        let may_wait = by_dates == Some(RenewalReason::Due) && self.is_early;
        let is_decided = by_dates.is_some() && !may_wait;
        if self.dates_only || is_decided {
            return Ok(answer(by_dates.map(RenewalReason::name), None));
        }
        let trust = match trust() {
            Ok(trust) => trust,
            Err(_) if by_dates.is_some() => {
                return Ok(answer(by_dates.map(RenewalReason::name), None));
            }
            Err(error) => return Err(unknown(name, error)),
        };
        let verdict = credentials.judge(trust, None, self.due, self.now)?;
        let reason = match verdict.action {
            CredentialAction::Replace(reason) => Some(reason.name()),
            CredentialAction::Refresh => Some(OLD_BUNDLE),
            CredentialAction::Keep => None,
        };
        Ok(answer(reason, verdict.waits.then(|| RotationWait::of(trust, certificate))))
    }
}

/// The error for a certificate that is not due by its dates when the bundle cannot be read.
fn unknown(name: &str, error: &Error) -> Error {
    let message =
        format!("{name} is not due by its dates; whether another CA signs now is unknown: {error}");
    Error::failed(error.code(), message)
        .hints_of(error)
        .hint("to check the dates and the key only, give --dates-only")
}

fn render_text(document: &NeedsRenewalDocument, output: Output) -> String {
    let mut text = String::new();
    for RenewalRow { name, answer, error } in &document.certificates {
        let (mark, what) = match (answer, error) {
            (Some(RenewalAnswer { reason: Some(reason), not_after, .. }), _) => {
                let until = not_after.map(|at| format!(", valid until {at}")).unwrap_or_default();
                (LineMark::Warn.paint(reason, 9), until)
            }
            (Some(RenewalAnswer { waiting: Some(waiting), .. }), _) if !output.quiet => {
                (LineMark::Good.paint("waits", 9), format!(": {}", waiting.sentence()))
            }
            (Some(RenewalAnswer { due_from, .. }), _) if !output.quiet => {
                let from = due_from.map(|at| format!(", due from {at}")).unwrap_or_default();
                (LineMark::Good.paint("ok", 9), from)
            }
            (Some(_), _) => continue,
            (None, error) => (
                LineMark::Bad.paint("unknown", 9),
                format!(": {}", error.as_deref().unwrap_or_default()),
            ),
        };
        text.push_str(&format!("{mark}{name}{what}\n"));
    }
    text
}
