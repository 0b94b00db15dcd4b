//! `ccx-sec ca rotate status`: the phase of a rotation, and the next step.

use std::time::Duration;

use serde::Serialize;

use super::report::RotationReport;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::report::push_field;
use crate::rotation::bundle_holders::HolderEvidence;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, bundle_name};
use crate::store::rotation::{is_of_rotation, next_name, previous_name};

/// Show the phase of the rotation, and the next step
///
/// Needs no access to a key: it reads the bundle and, during a rotation, the records of clients, if the
/// account may read them.
#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// Show it again after each change
    #[arg(long)]
    watch: bool,
    /// List the clients that have a bundle without the new CA
    ///
    /// From the records of serve --record-holders, of the last 90 days.
    #[arg(long)]
    holders: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca rotate status
  ccx-sec ca rotate status -o json
  ccx-sec ca rotate status --holders
  ccx-sec ca rotate status --watch

JSON
  clients has the numbers of clients, if a server recorded any; with --holders, holders has all that
  lack the new CA: {\"records\": \"none|lost|read|unreadable\", \"since\", \"count\", \"forgotten\",
  \"lacking\": [{\"kind\", \"name\", \"bundle\", \"at\"}]}

EXIT STATUS
  0  the state was read, whether or not a rotation is under way
  1  there is no CA
  3  the store cannot be read, or the bundle is damaged; with --holders, the records of clients
     cannot be read";

/// The longest wait for a change of the bundle, before it is read again.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause of --watch after a failed read.
const PAUSE: Duration = Duration::from_secs(2);

/// The rotation with the clients that still need the new CA.
#[derive(Serialize)]
struct StatusDocument {
    #[serde(flatten)]
    report: RotationReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    clients: Option<ClientCounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holders: Option<HolderEvidence>,
}

/// The numbers of recorded clients.
#[derive(Serialize)]
struct ClientCounts {
    count: usize,
    lacking: usize,
    forgotten: u64,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let store = context.open_store()?;
        let store = store.as_ref();
        let (mut shown, mut exit) = (None, Exit::Done);
        self.show(context, store, &mut shown, &mut exit)?;
        if !self.watch {
            return Ok(exit);
        }
        let name = bundle_name(&context.ca);
        let mut is_away = false;
        loop {
            let read = store
                .await_change(&name, shown.as_deref(), PATIENCE)
                .and_then(|()| self.show(context, store, &mut shown, &mut exit));
            match read {
                Ok(()) if is_away => {
                    is_away = false;
                    context.output.note("The store can be read again.");
                }
                Ok(()) => {}
                // Not for ever wrong: the store may be away for a while.
                Err(error) if error.exit() == Exit::Failed && error.code() != Code::Stdout => {
                    if !is_away {
                        context.output.warning(&format!("waiting for the store: {error}"));
                    }
                    is_away = true;
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Shows the state, if it is not of the version `shown`.
    fn show(
        &self,
        context: &Context,
        store: &dyn Backend,
        shown: &mut Option<String>,
        exit: &mut Exit,
    ) -> Result<()> {
        let name = bundle_name(&context.ca);
        let Some(secret) = store.get(&name)? else {
            let message = format!("{} is missing", store.place(&name));
            return Err(Error::no(Code::BundleMissing, message)
                .hint(("see what the store holds", CommandLine::ccx_sec("ca check"))));
        };
        if shown.is_some() && *shown == secret.version {
            return Ok(());
        }
        let bundle = Bundle::from_secret(&secret)?;
        let evidence = bundle
            .rotation
            .as_ref()
            .map(|rotation| HolderEvidence::read(store, &context.ca, rotation, context.now));
        let is_unreadable = matches!(evidence, Some(HolderEvidence::Unreadable { .. }));
        *exit = if self.holders && is_unreadable { Exit::Failed } else { Exit::Done };
        let clients = match &evidence {
            Some(HolderEvidence::Read(recorded)) => Some(ClientCounts {
                count: recorded.count,
                lacking: recorded.lacking.len(),
                forgotten: recorded.forgotten,
            }),
            _ => None,
        };
        let report = RotationReport::new(&bundle, context);
        let text = report.render_text() + &self.clients_text(evidence.as_ref());
        let holders = evidence.filter(|_| self.holders);
        context.output.report(&StatusDocument { report, clients, holders }, || text)?;
        if bundle.rotation.is_none() {
            tell_leftover(context, store);
        }
        shown.clone_from(&secret.version);
        Ok(())
    }

    fn clients_text(&self, evidence: Option<&HolderEvidence>) -> String {
        let mut text = String::new();
        let Some(evidence) = evidence else { return text };
        if self.holders || matches!(evidence, HolderEvidence::Read(_)) {
            push_field(&mut text, "clients", &evidence.summary());
        }
        if let (true, HolderEvidence::Read(recorded)) = (self.holders, evidence) {
            for lacking in &recorded.lacking {
                push_field(
                    &mut text,
                    "lacks it",
                    &format!("{} since {}", lacking.holder, lacking.at),
                );
            }
        }
        text
    }
}

/// Tells of keys that a rotation kept and of which the bundle knows nothing. Accounts without
/// access to them are told nothing.
fn tell_leftover(context: &Context, store: &dyn Backend) {
    let (next, previous) = (next_name(&context.ca), previous_name(&context.ca));
    let is_there = |name: &str| {
        store.get(name).is_ok_and(|secret| secret.is_some_and(|s| is_of_rotation(&s, &context.ca)))
    };
    if is_there(&previous) {
        context.output.warning(&format!(
            "{} is the key of a rotation, and the bundle knows of none: it was put back from a \
             backup, or changed by hand; put back the bundle of the rotation",
            store.place(&previous)
        ));
    } else if is_there(&next) {
        let rollback = context.completed(CommandLine::ccx_sec("ca rotate rollback"));
        context.output.warning(&format!(
            "{} is the key of a start that was interrupted; start again to use it, or delete it:\n  \
             {rollback}",
            store.place(&next)
        ));
    }
}
