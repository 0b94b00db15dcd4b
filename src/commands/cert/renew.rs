//! `ccx-sec cert renew`: renews certificates that are due.

use std::path::Path;

use super::fleet::{self, FleetLocations};
use super::node::{self, SingleMessages};
use super::options::{self, FileOptions, JobOptions, RenewalOptions};
use crate::commands::dry_run::DryRun as DryRunOption;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::issuance::{CredentialTarget, IssueContext, IssuePolicy, Reload, RotationTurns};
use crate::pki::issue::Issuer;
use crate::pki::validity::Length;
use crate::process::{self, Interrupts};
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::Bundle;
use crate::store::fleet_trust::fleet_trust;
use crate::store::nodes::SecretTarget;
use crate::store::rotation::RotationPhase;
use crate::store::{Backend, ca};

/// Renew certificates that are due
///
/// A certificate is due when a third of its lifetime is left, or a little earlier: each at a
/// different time, so that a fleet that was issued within an hour is not renewed within an hour.
/// A certificate of another CA is due too. The new certificate has the same names and a new key.
/// During a rotation of the CA, the bundle is always brought up to date; a certificate of the old
/// CA is replaced when its turn comes, which its names determine, and in one run of an inventory
/// one node of each datastore changes. --force renews a single node at once.
/// A certificate that is damaged, or does not match its key, cannot be renewed: issue a new one.
/// A certificate that ends with its CA is due only once there is another CA.
///
/// With --exec, a command runs after the files of --dir have changed, to make the server load
/// them. If it fails, the old files are restored.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP, group(options::which()), group(options::fleet()))]
pub(crate) struct Args {
    #[command(flatten)]
    which: RenewalOptions,
    /// Also renew certificates that are not due
    #[arg(long, conflicts_with = "before")]
    force: bool,
    /// Keep the private key
    #[arg(long)]
    reuse_key: bool,
    /// Lifetime of the new certificate [default: as long as before]
    ///
    /// At most that of the CA.
    #[arg(long, value_name = "TIME", conflicts_with = "fleet")]
    validity: Option<Length>,
    /// Shell command to run after the files changed
    #[arg(long, value_name = "COMMAND", requires = "dir")]
    exec: Option<String>,
    #[command(flatten)]
    files: FileOptions,
    #[command(flatten)]
    jobs: JobOptions,
    #[command(flatten)]
    dry_run: DryRunOption,
}

const HELP: &str = "\
EXAMPLES
  Every hour, by cron, on the node:
    ccx-sec cert renew --dir /etc/mysql/tls --quiet \\
      --exec 'mysql -e \"ALTER INSTANCE RELOAD TLS\"'

  All certificates of a fleet that end within 30 days:
    ccx-sec cert renew --inventory nodes.yaml --out ./fleet --before 30d

  All nodes that have Secrets:
    ccx-sec cert renew --from-secrets

  A Secret:
    ccx-sec cert renew --secret ccx-node-5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10-db-6ae82

A RELOAD THAT FAILS
  The old files are restored, and the exit status is 3. If a run is killed between the change
  and the end of the command, the next run with --exec runs the command again. The command gets
  the directory in $CCX_SEC_DIR, and has no time limit: add one (timeout 60 …).

EXIT STATUS
  0  renewed, or nothing is due
  1  there is no CA
  2  an argument or the inventory is wrong
  3  a certificate is missing or cannot be read, or a node or the command failed
  4  refused: ccx-sec does not issue certificates with these contents, no CA of the bundle
     signed the present one (--force trusts its names), or --force would move a whole fleet to
     another CA at once
  130  interrupted (Ctrl-C): what was done is reported; the same command continues";

const WORDS: SingleMessages = SingleMessages {
    doing: "renewing",
    kept: "It is not due: nothing was changed. A server that shows another certificate has not \
           loaded this one: have it reload, and read its log.",
    dry_run: "dry run: nothing was written.",
};

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let interrupts = match self.which.names_fleet() {
            true => Interrupts::hold(),
            false => Interrupts::default(),
        };
        let nodes = self.which.nodes(context)?;
        let secret = self.which.named_secret()?;
        // Adopt plain files too: a restore from a backup leaves copies in place of the links.
        let style = self.files.style(true)?;
        let store = context.open_store()?;
        let store = store.as_ref();
        let advised = |error| options::with_issuer_account(error, store);
        let (authority, bundle) = ca::signing(store, &context.ca).map_err(advised)?;
        if self.force && nodes.is_some() {
            refuse_overtaking(&bundle)?;
        }
        let issuer = Issuer::new(&authority, context.now)?;
        let trust = fleet_trust(&bundle, authority.certificate(), context.now);
        let due = self.which.due();
        let reload = self.exec.as_ref().map(|command| {
            move |directory: &Path| process::shell(command, &[("CCX_SEC_DIR", directory)])
        });
        let work = IssueContext {
            issuer: &issuer,
            trust: &trust,
            turns: RotationTurns::default(),
            now: context.now,
            due: &due,
            goal: if self.force { IssuePolicy::RenewAll } else { IssuePolicy::Renew },
            reuse_key: self.reuse_key,
            validity: self.validity.as_ref(),
            style,
            store: Some(store),
            there: None,
            reload: reload.as_ref().map(|reload| reload as &Reload<'_>),
            patience: context.timeout,
            dry_run: self.dry_run.is_on(),
        };
        let Some(nodes) = nodes else {
            let target = self.target(store, secret).map_err(advised)?;
            return node::run(context, &work, target, &WORDS).map_err(advised);
        };
        let places =
            FleetLocations { out: self.which.out.as_deref(), in_store: self.which.in_store() };
        fleet::run(context, &work, &nodes, &places, &self.jobs, "renewing", &interrupts)
            .map_err(advised)
    }

    fn target(&self, store: &dyn Backend, secret: Option<String>) -> Result<CredentialTarget> {
        if let Some(dir) = &self.which.dir {
            return Ok(CredentialTarget::in_directory(dir, options::kind_of(dir)?));
        }
        let Some(name) = secret else {
            return Err(Error::usage(Code::PlaceMissing, "no certificate is named")
                .hint("give --dir DIR, --secret NAME, --from-secrets or --inventory FILE"));
        };
        let place = store.place(&name);
        let there = store.get(&name)?.ok_or_else(|| {
            Error::failed(Code::CertificateMissing, format!("there is no {place}")).hint((
                "those that there are",
                CommandLine::ccx_sec("cert list").option("-o", "wide"),
            ))
        })?;
        let secret = Some(SecretTarget::from_secret(&there)?);
        Ok(CredentialTarget {
            name: place,
            wanted: None,
            directory: None,
            secret,
            holder: None,
            datastore: None,
        })
    }
}

/// Refuses to renew a whole fleet while its nodes follow a rotation one after the other.
fn refuse_overtaking(bundle: &Bundle) -> Result<()> {
    let Some(rotation) = &bundle.rotation else { return Ok(()) };
    if !matches!(rotation.phase, RotationPhase::Switching | RotationPhase::Switched) {
        return Ok(());
    }
    let message = "--force would move all nodes to another CA at once: a rotation of the CA is \
                   under way, and nodes follow it one after the other";
    Err(Error::refused(Code::RotationPace, message)
        .hint("leave out --force: nodes whose turn has come are renewed")
        .hint((
            "to renew one node at once",
            CommandLine::ccx_sec("cert renew").option("--dir", Placeholder("DIR")).flag("--force"),
        )))
}
