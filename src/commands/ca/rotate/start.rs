//! `ccx-sec ca rotate start`: the next CA joins the bundle.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::report::RotationReport;
use crate::commands::ca::ca_files::CaFiles;
use crate::commands::dry_run::DryRun;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::hint::unbroken;
use crate::pki::authority::Authority;
use crate::pki::constraints::{DnsSubtree, IpSubtree, NameConstraints};
use crate::pki::finding::Finding;
use crate::pki::key::KeyType;
use crate::pki::subject::check_attribute;
use crate::pki::validity::Length;
use crate::report;
use crate::rotation::next_ca::NextCaRequest;
use crate::rotation::simulation::rules;
use crate::rotation::staging::{RotationSettings, RotationStart};
use crate::shell::{CommandLine, Placeholder};
use crate::store::Backend;
use crate::store::holder_shards::load_holders;
use crate::store::holders::HolderTable;
use crate::store::rotation::{Ramp, RotationKind};

/// Make the next CA and put it into the bundle
///
/// The present CA goes on signing. Nodes take the bundle with their next cert renew; clients take
/// it from the service, or from ca export. Everything can be undone by ca rotate rollback.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// Common name of the next CA [default: the present one and G2, G3, …]
    #[arg(long, value_name = "TEXT", conflicts_with = "cert")]
    common_name: Option<String>,
    /// Type of the key [default: that of the present CA]
    #[arg(long, value_name = "TYPE", value_enum, conflicts_with = "cert")]
    key_type: Option<KeyType>,
    /// Lifetime of the next CA: 10y, 90d, 1y6mo
    #[arg(long, value_name = "TIME", default_value = "10y", conflicts_with = "cert")]
    validity: Length,
    /// DNS domain that it may sign for [default: as the present CA]
    #[arg(long, value_name = "DOMAIN", conflicts_with = "cert")]
    permit_dns: Vec<DnsSubtree>,
    /// Address range that it may sign for [default: as the present CA]
    #[arg(long, value_name = "CIDR", conflicts_with = "cert")]
    permit_ip: Vec<IpSubtree>,
    /// Certificate of a next CA made elsewhere, PEM or DER; - is stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    cert: Option<PathBuf>,
    /// Private key of that CA, PEM or DER; - is stdin [default: in --cert]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "cert")]
    key: Option<PathBuf>,
    /// File whose first line is the passphrase of that key [default: prompt]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, requires = "cert")]
    passphrase_file: Option<PathBuf>,
    /// Time that clients need to take the new bundle: 30d, 0 for none
    ///
    /// The new CA does not sign before.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = length_or_zero)]
    client_max_age: LengthOrZero,
    /// Time over which nodes take new certificates [default: 24h]
    ///
    /// From the proof of the canaries on; 0 for at once, which is the default with --compromised.
    #[arg(long, value_name = "TIME", value_parser = length_or_zero)]
    reissue_window: Option<LengthOrZero>,
    /// Share of nodes that go first, in thousandths
    ///
    /// The others follow once these are proved, one node of each datastore after the other. 1000
    /// lets all nodes follow at once, also those of one datastore.
    #[arg(long, value_name = "PERMILLE", default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=1000))]
    canaries: u16,
    /// The present key was stolen: no waiting, and no way back to it
    ///
    /// Clients that have only the old CA fail after the switch. Until they have the new one,
    /// whoever has the key can deceive them.
    #[arg(long, conflicts_with = "client_max_age")]
    compromised: bool,
    #[command(flatten)]
    dry_run: DryRun,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate start
  ccx-sec ca rotate start --client-max-age 90d --reissue-window 7d
  ccx-sec ca rotate start --cert next-ca.crt --key next-ca.key

  The key was stolen:
    ccx-sec ca rotate start --compromised

EXIT STATUS
  0  the next CA is in the bundle
  1  there is no CA
  2  an argument or a file is wrong
  3  a file or the store cannot be read or written
  4  refused: a rotation is under way, the next CA breaks a rule, or another process changed the
     CA at the same time";

/// The time over which nodes take new certificates, where none is given.
const DEFAULT_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// A length of time, or none.
#[derive(Debug, Clone)]
pub(super) struct LengthOrZero(Option<Length>);

/// Reads a length of time, or `0`.
pub(super) fn length_or_zero(text: &str) -> Result<LengthOrZero> {
    const UNITS: [&str; 8] = ["", "s", "m", "h", "d", "w", "mo", "y"];
    let is_zero = text.strip_prefix('0').is_some_and(|unit| UNITS.contains(&unit));
    match is_zero {
        true => Ok(LengthOrZero(None)),
        false => text.parse().map(Some).map(LengthOrZero),
    }
}

impl LengthOrZero {
    /// The length from `now` on.
    pub(super) fn duration(&self, now: Timestamp) -> Result<SignedDuration> {
        let after = self.0.as_ref().map(|length| length.after(now)).transpose()?;
        Ok(after.map_or(SignedDuration::ZERO, |after| after.duration_since(now)))
    }
}

#[derive(Serialize)]
struct StartDocument {
    started: bool,
    dry_run: bool,
    findings: Vec<Finding>,
    #[serde(flatten)]
    report: RotationReport,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let mut settings = self.settings(context.now)?;
        let name = self.common_name.as_deref();
        name.map_or(Ok(()), |name| check_attribute("common name", name))?;
        let given = self.given(context)?;
        let store = context.open_store()?;
        let start = RotationStart::read(store.as_ref(), &context.ca)?;
        let next = match given {
            Some((next, _)) => next,
            None => self.make(&start, context)?,
        };
        let target = next.certificate().clone();
        let mut findings =
            rules::accept_next_ca(&target, &start.bundle.certificates(), context.now)?;
        findings.iter_mut().for_each(|finding| finding.complete(&context.invocation));
        let dry_run = self.dry_run.is_on();
        let recorded = recorded_clients(context, store.as_ref());
        settings.known_holders = recorded.as_ref().map(|table| table.known(context.now));
        let mut bundle = start.with_next(&target, context.now);
        let rotation = start.stage(&next, &settings, &super::operator(context), dry_run)?;
        bundle.rotation = Some(rotation);
        let report = RotationReport::new(&bundle, context);
        let document = StartDocument { started: !dry_run, dry_run, findings, report };
        context.output.outcome(&document, || {
            let findings: String = document.findings.iter().map(report::finding_text).collect();
            findings + &document.report.render_text()
        })?;
        let lacking =
            recorded.map_or(0, |table| table.lacking(&target.sha256(), context.now).len());
        if self.compromised && lacking > 0 {
            let list = CommandLine::ccx_sec("ca rotate status").flag("--holders");
            context.output.warning(&format!(
                "{lacking} recorded clients lack the next CA, and fail after the switch until they \
                 take the bundle; list them:\n  {}",
                unbroken(&context.completed(list))
            ));
        }
        context.output.note(&if dry_run {
            "dry run: nothing was stored. Key and fingerprint are of this run only.".to_owned()
        } else {
            let export = CommandLine::ccx_sec("ca export").option("--out", Placeholder("FILE"));
            let fingerprint = match self.compromised {
                true => format!(
                    "\nTell clients its fingerprint by a way that the thief cannot change:\n  {}",
                    target.sha256()
                ),
                false => String::new(),
            };
            format!(
                "The next CA is in the bundle. Clients need the bundle before the switch:\n  {}\n\
                 Nodes take it with their next cert renew.{fingerprint}",
                unbroken(&context.completed(export))
            )
        });
        Ok(Exit::Done)
    }

    fn settings(&self, now: Timestamp) -> Result<RotationSettings> {
        let window = match &self.reissue_window {
            Some(window) => window.duration(now)?.as_secs(),
            None if self.compromised => 0,
            None => DEFAULT_WINDOW.as_secs(),
        };
        let (kind, client_max_age) = match self.compromised {
            true => (RotationKind::Compromised, SignedDuration::ZERO),
            false => (RotationKind::Planned, self.client_max_age.duration(now)?),
        };
        let ramp = Ramp::new(self.canaries, u64::try_from(window).unwrap_or_default());
        Ok(RotationSettings { kind, client_max_age, ramp, known_holders: None })
    }

    /// The next CA from files.
    fn given(&self, context: &Context) -> Result<Option<(Authority, Vec<Finding>)>> {
        let Some(cert) = &self.cert else { return Ok(None) };
        let files =
            CaFiles { cert, key: self.key.as_deref(), passphrase: self.passphrase_file.as_deref() };
        files.read(context).map(Some)
    }

    /// A new CA, or the one of a start that was interrupted.
    fn make(&self, start: &RotationStart<'_>, context: &Context) -> Result<Authority> {
        let _progress = context.output.progress("making the next CA");
        let constraints =
            NameConstraints { dns: self.permit_dns.clone(), ip: self.permit_ip.clone() };
        let request = NextCaRequest {
            common_name: self.common_name.clone(),
            key_type: self.key_type,
            validity: self.validity.clone(),
            constraints: (constraints != NameConstraints::default()).then_some(constraints),
        };
        let made = request.make(start.active.certificate(), start.generation(), context.now)?;
        match start.leftover()? {
            Some(leftover) if is_alike(&leftover, &made, context.now) => {
                context.output.note("taking the next CA of a start that was interrupted");
                Ok(leftover)
            }
            _ => Ok(made),
        }
    }
}

/// The records of clients; `None` if there are none, or they cannot be read.
fn recorded_clients(context: &Context, store: &dyn Backend) -> Option<HolderTable> {
    match load_holders(store, &context.ca) {
        Ok(table) => table,
        Err(error) => {
            context.output.warning(&format!(
                "the rotation does not remember how many clients are recorded: {error}"
            ));
            None
        }
    }
}

/// Whether two CAs have the same name, kind of key, end and constraints.
fn is_alike(one: &Authority, other: &Authority, now: Timestamp) -> bool {
    let (one, other) = (one.certificate().describe(now), other.certificate().describe(now));
    let far = one.not_after.duration_since(other.not_after).abs();
    one.subject == other.subject
        && one.key_type == other.key_type
        && one.name_constraints == other.name_constraints
        && far < SignedDuration::from_hours(7 * 24)
}
