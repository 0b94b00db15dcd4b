//! `ccx-sec cert list`: lists issued certificates.

use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::node::directory::CredentialKind;
use crate::node::issue_command;
use crate::node::{self, NodeId, NodeName};
use crate::output::{self, Format, LineMark, Table};
use crate::pki::certificate::{Certificate, Description};
use crate::pki::pem::MAX_PEM_FILE;
use crate::pki::validity::Length;
use crate::report::checks::{Check, CheckResult, CheckRun, CheckedSubject};
use crate::shell::Placeholder;
use crate::store::nodes;
use crate::store::secret::MANAGED_BY;

/// The depth below a directory at which certificates are found: DATASTORE/NODE.
const DEPTH: usize = 2;

/// List issued certificates by datastore and node
///
/// From the Secrets of the store, or with --dir from the files below a directory, as cert
/// issue --out writes them.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Directory of a fleet or a node to list instead of the store
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// Show only this datastore
    #[arg(long, value_name = "UUID", value_parser = node::datastore)]
    datastore: Option<Uuid>,
    /// Show only nodes of this name
    #[arg(long, value_name = "NAME")]
    node: Option<NodeName>,
    /// Show only certificates that expire within this time; exit 1 if there are any
    #[arg(long, value_name = "TIME")]
    expires_within: Option<Length>,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec cert list --expires-within 30d
  ccx-sec cert list --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 -o wide
  ccx-sec cert list --dir ./fleet -o json | jq -r '.certificates[].serial'

EXIT STATUS
  0  listed
  1  with --expires-within: there are some
  3  the store or the directory cannot be read, or a certificate in it";

#[derive(Serialize)]
struct CertificateListDocument {
    result: CheckResult,
    certificates: Vec<CertificateRow>,
}

#[derive(Serialize)]
struct CertificateRow {
    datastore: Option<Uuid>,
    node: Option<String>,
    engine: Option<String>,
    place: String,
    #[serde(flatten)]
    certificate: Option<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let begun = Instant::now();
        let mut rows = match &self.dir {
            Some(dir) => self.in_directory(dir, context.now)?,
            None => self.in_store(context)?,
        };
        if rows.is_empty() && self.dir.is_none() {
            context.output.note(
                "The store has no certificate of a node. cert list --dir DIR lists the \
                 certificates in files, as cert issue --out writes them.",
            );
        }
        let soon = self.expires_within.as_ref().map(|within| within.after(context.now));
        let soon = soon.transpose()?;
        if let Some(soon) = soon {
            rows.retain(|row| row.certificate.as_ref().is_none_or(|c| c.not_after <= soon));
        }
        let key = |row: &CertificateRow| (row.datastore, row.node.clone(), row.place.clone());
        rows.sort_by_cached_key(key);
        let damaged = rows.iter().any(|row| row.error.is_some());
        let subjects: Vec<CheckedSubject> =
            rows.iter().map(|row| row.checked(context.now, soon)).collect();
        let result = CheckResult::of_all(subjects.iter().map(CheckedSubject::result));
        let document = CertificateListDocument { result, certificates: rows };
        let wide = context.output.format == Format::Wide;
        CheckRun {
            command: "cert list",
            check_label: "check",
            legend: "",
            started: context.now,
            elapsed: begun.elapsed(),
            subjects,
        }
        .print(&context.output, &document, || {
            table(&document.certificates, wide).text(output::stdout_width())
        })?;
        Ok(match (damaged, self.expires_within.is_some(), document.certificates.is_empty()) {
            (true, _, _) => Exit::Failed,
            (false, true, false) => Exit::No,
            _ => Exit::Done,
        })
    }

    fn is_asked_for(&self, id: Option<&NodeId>) -> bool {
        let datastore =
            self.datastore.is_none_or(|asked| id.is_some_and(|id| id.datastore == asked));
        let node = self.node.as_ref();
        datastore && node.is_none_or(|asked| id.is_some_and(|id| id.name == *asked))
    }

    fn in_store(&self, context: &Context) -> Result<Vec<CertificateRow>> {
        let store = context.open_store()?;
        let datastore = self.datastore.map(|datastore| datastore.to_string());
        let mut labels = vec![MANAGED_BY];
        labels.extend(datastore.as_deref().map(|datastore| (nodes::DATASTORE, datastore)));
        let _progress = context.output.progress("reading");
        let mut rows = Vec::new();
        store.list(&labels, &mut |secret| {
            let Some(id) = nodes::node_of(&secret) else { return Ok(()) };
            if self.is_asked_for(Some(&id)) {
                let read = secret.value("tls.crt").and_then(only_one);
                let engine = secret.labels.get(nodes::ENGINE).cloned();
                rows.push(CertificateRow::new(
                    Some(id),
                    engine,
                    secret.name.clone(),
                    read,
                    context.now,
                ));
            }
            Ok(())
        })?;
        Ok(rows)
    }

    fn in_directory(&self, dir: &Path, now: Timestamp) -> Result<Vec<CertificateRow>> {
        if files::is_directory(dir)? != Some(true) {
            let message = format!("there is no directory {}", dir.display());
            return Err(Error::failed(Code::DirectoryMissing, message).hint("check the path"));
        }
        let mut rows = Vec::new();
        let mut left = vec![(dir.to_owned(), 0)];
        while let Some((path, depth)) = left.pop() {
            let read = match CredentialKind::detect(&path) {
                Ok(None) if depth == DEPTH => continue,
                Ok(None) => match files::names(&path) {
                    Ok(names) => {
                        let below = names.into_iter().map(|name| path.join(name));
                        let may_be_one = |path: &PathBuf| {
                            !matches!(files::is_directory(path), Ok(Some(false) | None))
                        };
                        let below = below.filter(may_be_one);
                        left.extend(below.map(|path| (path, depth + 1)));
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Ok(Some(kind)) => files::read(&path.join(kind.certificate()), MAX_PEM_FILE)
                    .and_then(|bytes| only_one(&bytes)),
                Err(error) => Err(error),
            };
            let id = node_at(&path);
            if self.is_asked_for(id.as_ref()) {
                rows.push(CertificateRow::new(id, None, path.display().to_string(), read, now));
            }
        }
        Ok(rows)
    }
}

fn only_one(pem: &[u8]) -> Result<Certificate> {
    let first = Certificate::from_pem("the certificate", pem)?.into_iter().next();
    first.ok_or_else(|| {
        Error::failed(Code::CertificateMissing, "there is no certificate").hint((
            "issue it",
            issue_command(None, None).option("--out", Placeholder("DIR")).flag("--force"),
        ))
    })
}

/// Returns the node of a directory DATASTORE/NODE; `None` for other paths.
fn node_at(path: &Path) -> Option<NodeId> {
    let path = path.canonicalize().ok()?;
    let name = path.file_name()?.to_str()?.parse().ok()?;
    let datastore = path.parent()?.file_name()?.to_str()?.parse().ok()?;
    Some(NodeId { datastore, name })
}

impl CertificateRow {
    /// Converts the row into a subject with one check: whether the certificate is valid `now`, and,
    /// with `--expires-within`, until `soon`.
    fn checked(&self, now: Timestamp, soon: Option<Timestamp>) -> CheckedSubject {
        let text = |value: Option<String>| value.unwrap_or_default();
        let found = |result, code: Code, message: String| Check {
            result,
            code: Some(code.into()),
            message,
            ..Check::pass("validity")
        };
        let check = match (&self.certificate, &self.error) {
            (Some(certificate), _) if certificate.not_after < now => {
                let message = format!("the certificate expired at {}", certificate.not_after);
                found(CheckResult::Fail, Code::Expired, message)
            }
            (Some(certificate), _) if soon.is_some_and(|soon| certificate.not_after <= soon) => {
                let message = format!("the certificate expires at {}", certificate.not_after);
                found(CheckResult::Fail, Code::ExpiresSoon, message)
            }
            (Some(_), _) => Check::pass("validity"),
            (None, error) => found(CheckResult::Unknown, Code::Unreadable, text(error.clone())),
        };
        CheckedSubject {
            name: self.place.clone(),
            labels: vec![
                ("place", self.place.clone()),
                ("datastore", text(self.datastore.map(|datastore| datastore.to_string()))),
                ("node", text(self.node.clone())),
                ("engine", text(self.engine.clone())),
            ],
            not_after: self.certificate.as_ref().map(|certificate| certificate.not_after),
            checks: vec![check],
            ..CheckedSubject::default()
        }
    }

    fn new(
        id: Option<NodeId>,
        engine: Option<String>,
        place: String,
        read: Result<Certificate>,
        now: Timestamp,
    ) -> Self {
        let (certificate, error) = match read {
            Ok(certificate) => (Some(certificate.describe(now)), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let (datastore, node) = id
            .map(|id| (id.datastore, id.name.to_string()))
            .map_or((None, None), |(d, n)| (Some(d), Some(n)));
        CertificateRow { datastore, node, engine, place, certificate, error }
    }
}

/// Builds a table with a row for each certificate; the last columns only if `wide`.
fn table(rows: &[CertificateRow], wide: bool) -> Table {
    const HEAD: [&str; 9] =
        ["DATASTORE", "NODE", "ENGINE", "KEY", "NOT AFTER", "LEFT", "SERIAL", "NAMES", "PLACE"];
    let columns = if wide { HEAD.len() } else { 6 };
    let mut table = Table::new(&HEAD[..columns]);
    for row in rows {
        let mut cells = cells(row);
        let mark = match row.certificate.as_ref().map(|certificate| certificate.days_left) {
            Some(..0) => Some(LineMark::Bad),
            Some(0..30) => Some(LineMark::Warn),
            _ => None,
        };
        if let Some(mark) = mark {
            cells[5] = mark.paint(&cells[5], 0);
        }
        table.row(cells.into_iter().take(columns));
    }
    table
}

/// The first name of a certificate, shown if its node is not known.
fn name(certificate: &Description) -> String {
    let names = certificate.san.dns.iter().chain(&certificate.san.ip);
    names.into_iter().next().unwrap_or(&certificate.subject).clone()
}

fn cells(row: &CertificateRow) -> [String; 9] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let of = |field: fn(&Description) -> String| or_dash(row.certificate.as_ref().map(field));
    [
        or_dash(row.datastore.map(|datastore| datastore.to_string())),
        or_dash(row.node.clone().or_else(|| row.certificate.as_ref().map(name))),
        or_dash(row.engine.clone()),
        of(|certificate| certificate.key_type.clone()),
        row.error.clone().unwrap_or_else(|| of(|certificate| certificate.not_after.to_string())),
        of(|certificate| format!("{}d", certificate.days_left)),
        of(|certificate| certificate.serial.clone()),
        of(|certificate| {
            let ip = certificate.san.ip.iter().cloned();
            let names = certificate.san.dns.iter().cloned().chain(ip).collect::<Vec<_>>();
            if names.is_empty() { certificate.subject.clone() } else { names.join(",") }
        }),
        row.place.clone(),
    ]
}
