//! `ccx-sec cert needs-renewal`: tells scripts whether certificates are due.

use std::cell::LazyCell;

use jiff::Timestamp;
use serde::Serialize;

use super::options::{self, RenewalOptions};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::node::credentials::{self, Credentials, RenewalReason};
use crate::node::directory::{self, CredentialKind};
use crate::node::issue_command;
use crate::node::renewal::RenewalTime;
use crate::output::{LineMark, Output};
use crate::pki::certificate::Certificate;
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::{bundle_name, load_bundle};
use crate::store::nodes;

/// Check whether certificates are due for renewal
///
/// It is due by its dates, does not fit its key, or another CA signs now, which is read from the
/// bundle in the store; no right to sign is needed. --dates-only needs no store. With --inventory
/// the answer is yes when one of the nodes is due.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP, group(options::which()))]
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
  0  yes: due, expired, damaged, or signed by another CA than the active one
  1  no
  2  an argument or the inventory is wrong
  3  unknown: there is no certificate, or it or the bundle of the CA cannot be read";

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
    reason: Option<RenewalReason>,
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
        let (nodes, named) = (self.which.nodes()?, self.which.named_secret()?);
        let store = match named.is_some() || self.which.in_store() {
            true => Some(context.open_store()?),
            false => None,
        };
        let store = store.as_deref();
        let due = self.which.due();
        let active = LazyCell::new(|| active_ca(context));
        let answer = |name: String, read| {
            let answer = answer(&name, read, &due, context.now);
            let answer = answer.and_then(|(answer, certificate)| match certificate {
                Some(certificate) if !self.dates_only && !answer.needs_renewal => {
                    by_ca(answer, &certificate, &name, active.as_ref())
                }
                _ => Ok(answer),
            });
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

/// Returns the active CA certificate of the bundle.
fn active_ca(context: &Context) -> Result<Certificate> {
    let store = context.open_store()?;
    let bundle = load_bundle(store.as_ref(), &context.ca)?;
    let active = bundle.as_ref().and_then(|bundle| bundle.actives().first().copied().cloned());
    active.ok_or_else(|| {
        let place = store.place(&bundle_name(&context.ca));
        Error::failed(Code::BundleMissing, format!("{place} is missing, or has no active CA"))
            .hint(("see what is wrong", CommandLine::ccx_sec("ca check")))
    })
}

/// Checks the signer of a certificate that is not due by its dates: with another active CA, it
/// needs renewal.
fn by_ca(
    answer: RenewalAnswer,
    certificate: &Certificate,
    name: &str,
    active: std::result::Result<&Certificate, &Error>,
) -> Result<RenewalAnswer> {
    match active {
        Ok(active) if certificate.is_signed_by(active) => Ok(answer),
        Ok(_) => Ok(RenewalAnswer {
            needs_renewal: true,
            reason: Some(RenewalReason::OtherCa),
            ..answer
        }),
        Err(error) => {
            let message = format!(
                "{name} is not due by its dates; whether another CA signs now is unknown: {error}"
            );
            Err(Error::failed(error.code(), message)
                .hints_of(error)
                .hint("to check the dates and the key only, give --dates-only"))
        }
    }
}

/// Judges credentials: damaged ones need renewal; if they cannot be read for another reason, that
/// is an error. Also returns the certificate if it is readable.
fn answer(
    name: &str,
    read: Result<Option<Credentials>>,
    due: &RenewalTime,
    now: Timestamp,
) -> Result<(RenewalAnswer, Option<Certificate>)> {
    let credentials = match read {
        Ok(Some(credentials)) => credentials,
        Ok(None) => {
            return Err(Error::failed(
                Code::CertificateMissing,
                format!("{name} has no certificate"),
            )
            .hint(("issue it", issue_command(None, None).option("--out", Placeholder("DIR")))));
        }
        Err(error) if !credentials::is_damage(&error) => return Err(error),
        Err(_) => {
            let reason = Some(RenewalReason::Damaged);
            let answer =
                RenewalAnswer { needs_renewal: true, reason, due_from: None, not_after: None };
            return Ok((answer, None));
        }
    };
    let certificate = credentials.certificate();
    let (from, not_after) = (due.from(certificate, now)?, certificate.not_after());
    let reason = match now {
        now if now > not_after => Some(RenewalReason::Expired),
        now if now < certificate.not_before() => Some(RenewalReason::NotYetValid),
        now if now >= from && !credentials.ends_with_ca() => Some(RenewalReason::Due),
        _ => None,
    };
    let answer = RenewalAnswer {
        needs_renewal: reason.is_some(),
        reason,
        due_from: Some(from),
        not_after: Some(not_after),
    };
    Ok((answer, Some(certificate.clone())))
}

fn render_text(document: &NeedsRenewalDocument, output: Output) -> String {
    let mut text = String::new();
    for RenewalRow { name, answer, error } in &document.certificates {
        let (mark, what) = match (answer, error) {
            (Some(RenewalAnswer { reason: Some(reason), not_after, .. }), _) => {
                let until = not_after.map(|at| format!(", valid until {at}")).unwrap_or_default();
                (LineMark::Warn.paint(reason.name(), 8), until)
            }
            (Some(RenewalAnswer { due_from, .. }), _) if !output.quiet => {
                let from = due_from.map(|at| format!(", due from {at}")).unwrap_or_default();
                (LineMark::Good.paint("ok", 8), from)
            }
            (Some(_), _) => continue,
            (None, error) => (
                LineMark::Bad.paint("unknown", 8),
                format!(": {}", error.as_deref().unwrap_or_default()),
            ),
        };
        text.push_str(&format!("{mark}{name}{what}\n"));
    }
    text
}
