//! `ccx-sec cert renew`: new certificates for those that are due.

use std::path::Path;

use super::options::{self, FileOptions, JobOptions, RenewalOptions};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::files;
use crate::fleet::{Action, Goal, Target, Work};
use crate::node::inventory::{self, Given};
use crate::pki::issue::Issuer;
use crate::pki::validity::Length;
use crate::process;
use crate::report::{CertificateReport, FleetReport, Row};
use crate::store::ca;
use crate::store::nodes::SecretTarget;

/// Renew certificates that are due; those that are not stay as they are
///
/// Due is a certificate when a third of its life is left, or a little earlier: each at a
/// moment of its own, so that a fleet which was issued in one hour is not renewed in one. Due
/// is also one that another CA signed, or that does not fit its key. The new one says what
/// the old one said, for a new key.
///
/// With --exec a command runs after the files of --dir have changed, to make the server load
/// them. If it fails, the old files come back.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP, group(options::which()))]
pub(crate) struct Args {
    #[command(flatten)]
    which: RenewalOptions,
    /// Renew also what is not due
    #[arg(long, conflicts_with = "before")]
    force: bool,
    /// Keep the key
    #[arg(long)]
    reuse_key: bool,
    /// How long the new certificate is valid, but never longer than the CA; as long as the old
    /// one was where missing
    #[arg(long, value_name = "TIME", conflicts_with = "inventory")]
    validity: Option<Length>,
    /// A command for the shell, run when the files have changed
    #[arg(long, value_name = "COMMAND", requires = "dir")]
    exec: Option<String>,
    #[command(flatten)]
    files: FileOptions,
    #[command(flatten)]
    jobs: JobOptions,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

const HELP: &str = "\
EXAMPLES
  Every hour, by cron, on the node:
    ccx-sec cert renew --dir /etc/mysql/tls --quiet \\
      --exec 'mysql -e \"ALTER INSTANCE RELOAD TLS\"'

  Whatever ends within 30 days, of a whole fleet:
    ccx-sec cert renew --inventory nodes.yaml --out ./fleet --before 30d

  A Secret:
    ccx-sec cert renew --secret ccx-node-5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10-db-6ae82

A RELOAD THAT FAILS
  The old files are put in force again, and the exit status is 3. A run that was killed
  between the change and the end of the command is made good by the next one: it runs the
  command again. The command gets the directory in $CCX_SEC_DIR.

EXIT STATUS
  0  renewed, or nothing is due
  1  there is no CA
  2  an argument or the inventory is wrong
  3  a certificate is missing or cannot be read, a node failed, or the command did
  4  refused: what the certificate says is not for ccx-sec to issue";

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let inventory = match &self.which.inventory {
            Some(path) => Some((path, files::read(path, inventory::MAX_BYTES)?)),
            None => None,
        };
        let style = self.files.style(false)?;
        let store = context.open_store()?;
        let store = store.as_ref();
        let (authority, bundle) = ca::signing(store, &context.ca)?;
        let issuer = Issuer::new(&authority, context.now)?;
        let (bundle, due) = (bundle.pem(), self.which.due());
        let reload = |directory: &Path| match &self.exec {
            Some(command) => process::shell(command, &[("CCX_SEC_DIR", directory)]),
            None => Ok(()),
        };
        let work = Work {
            issuer: &issuer,
            bundle: &bundle,
            now: context.now,
            due: &due,
            goal: if self.force { Goal::RenewAll } else { Goal::Renew },
            reuse_key: self.reuse_key,
            validity: self.validity.as_ref(),
            style,
            store: Some(store),
            there: None,
            reload: Some(&reload),
            dry_run: self.dry_run,
        };
        let Some((path, text)) = inventory else {
            return self.one(context, &work);
        };
        let in_store = self.which.in_store();
        let out = self.which.out.as_deref();
        if out.is_none() && !in_store {
            return Err(options::no_place());
        }
        let nodes = options::read_inventory(path, &text, &Given::default())?;
        let rows: Vec<Row> = {
            let progress = context.output.progress_of(nodes.len(), "renewing");
            let done = |outcome| {
                progress.one_more();
                Row::from(outcome)
            };
            let jobs = self.jobs.number(in_store, store);
            work.all(&nodes, |node| Target::node(node, out, in_store), out, jobs, done)?
        };
        let report = FleetReport::new(&nodes, &rows, out, in_store, self.dry_run);
        report.print(context.output)?;
        Ok(report.exit())
    }

    fn one(&self, context: &Context, work: &Work<'_>) -> Result<Exit> {
        let directory = match &self.which.dir {
            Some(dir) => Some((dir.clone(), options::kind_of(dir)?)),
            None => None,
        };
        let secret = self.which.named_secret();
        let name = match (&directory, &secret) {
            (Some((dir, _)), _) => dir.display().to_string(),
            (None, Some(secret)) => format!("the Secret {secret}"),
            (None, None) => return Err(options::not_named()),
        };
        let secret = secret.map(|name| SecretTarget { name, labels: Vec::new() });
        let outcome = {
            let _progress = context.output.progress("renewing");
            work.one(Target { name, wanted: None, directory, secret })
        };
        let kept = outcome.action == Action::Kept;
        let dir = self.which.dir.as_deref();
        let secret = self.which.named_secret();
        let report = CertificateReport::new(outcome, dir, secret, context.now, self.dry_run)?;
        context.output.outcome(&report, || report.text(work.store))?;
        if self.dry_run {
            context.output.note("dry run: nothing was written.");
        } else if kept {
            context.output.note("It is not due: nothing was changed.");
        }
        Ok(Exit::Done)
    }
}
