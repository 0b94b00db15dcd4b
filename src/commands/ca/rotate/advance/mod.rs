//! `ccx-sec ca rotate advance`: proves what the next phases demand of every node, and enters them.

mod following;
mod next;
mod nodes;
mod proofs;
mod rehearsal;
mod report;
mod run;
mod unattended;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::commands::dry_run::DryRun;
use crate::context::{Context, timeout};
use crate::engine::Engine;
use crate::error::{Code, Error, Exit, Result};
use crate::node::NodeId;
use crate::pki::san::DnsName;
use crate::process::Interrupts;
use crate::store::rotation::RotationPhase;
use run::AdvanceRun;

/// The shortest reason that says something.
const MIN_REASON: usize = 10;

/// Prove what the next phase demands, and enter it
///
/// Connects to every node, as verify does, and asks the gates one after the other up to --to. A
/// gate opens when every node is proved; else the answer lists each node that is not, with the
/// command that mends it. What could not be looked at is no proof.
///
/// In the phase switched, it lets the other nodes follow once every canary is proved, one node of
/// each datastore after the other. A node that fails pauses the rotation.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP, group(clap::ArgGroup::new("fleet").args(["inventory", "from_secrets"]).required(true)))]
pub(super) struct Args {
    /// Phase to reach [default with --unattended: removed]
    #[arg(long, value_name = "PHASE", value_enum, required_unless_present = "unattended")]
    to: Option<GoalPhase>,
    /// Run as a job: ask nobody, and stop where a person confirms
    ///
    /// Passes a confirmation only with its --confirm; one of an earlier rotation counts for
    /// nothing. What has to wait is no failure, and no rotation is none either.
    #[arg(long, conflicts_with_all = ["wait", "dry_run"])]
    unattended: bool,
    /// All nodes of the fleet, with the port in their field port
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    inventory: Option<PathBuf>,
    /// Domain of nodes for which the inventory names none
    #[arg(long, value_name = "DOMAIN", requires = "inventory")]
    domain: Option<DnsName>,
    /// Engine of nodes for which the inventory names none
    #[arg(long, value_enum, requires = "inventory")]
    engine: Option<Engine>,
    /// Directory of the fleet's files, as cert issue --out writes it
    ///
    /// A server that asks for no client certificate does not show which CAs it trusts: then the
    /// bundle in DIR/DATASTORE/NODE decides. Without DIR it is the bundle in the node's Secret.
    #[arg(long, value_name = "DIR", requires = "inventory", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// All nodes that have Secrets in the store, by NODE.DATASTORE.DOMAIN
    #[arg(long)]
    from_secrets: bool,
    /// Time to wait for nodes that are not proved yet: 30m, 12h
    ///
    /// Returns at once if the gate cannot open within it, since it opens at a later date.
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    wait: Option<Duration>,
    /// Reason for which clients need no more time to get the bundle
    ///
    /// At least 10 characters; written into the history of the rotation.
    #[arg(long, value_name = "REASON", value_parser = reason)]
    accept_age: Option<String>,
    /// Number of known clients that may lack the new CA
    ///
    /// The gates into switched and removed list them, from the records of serve --record-holders.
    /// Written into the history of the rotation.
    #[arg(long, value_name = "N")]
    accept_holders: Option<u64>,
    /// Node that no gate asks about, with the reason; repeatable
    ///
    /// NODE is DATASTORE/NAME, REASON has 10 characters or more. Written into the record, and shown
    /// until the end of the rotation, or until --include.
    #[arg(long, value_name = "NODE=REASON", value_parser = exclusion)]
    exclude: Vec<Exclusion>,
    /// Node that was left out and has come back; repeatable
    ///
    /// NODE is DATASTORE/NAME. The gates ask about it again.
    #[arg(long, value_name = "NODE", value_parser = node_id)]
    include: Vec<NodeId>,
    /// First 8 digits of a fingerprint, to confirm; repeatable
    ///
    /// For the phase switched, that of the new CA; for removed, that of the old one, and with
    /// --unattended those of both.
    #[arg(long, value_name = "HEX")]
    confirm: Vec<String>,
    /// Number of servers at a time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    jobs: u16,
    #[command(flatten)]
    dry_run: DryRun,
}

const HELP: &str = "\
PHASES
  switched   the new CA signs. Before: every client had the time to get the bundle, every node
             trusts the new CA, and the simulation is green
  reissued   every node shows a certificate of the new CA, and none of the old CA is stored
  removed    the bundle holds the new CA only. Before: as for reissued, and the simulation is
             green. Afterwards every node is shown to refuse the old CA: the exit status is 0
             only when it does

PROOFS
  Each proof comes from a new connection: open ones outlive every mistake. A node trusts a CA
  if it takes a client certificate of five minutes (CN=ccx-sec-probe) that the CA signed, and
  refuses one of a CA that was made for this test. Keys and certificates stay in memory. A
  server that asks for no client certificate does not tell; then its stored bundle decides,
  and the proof says file. MySQL and MariaDB count each refusal as a connect error, so a node
  of them that refuses ten certificates is not asked again by this run.

GAPS (what a gate lacks)
  too-early              clients may not have the bundle yet: wait, or --accept-age
  target-not-yet-valid   the new CA is not valid yet
  holder-lacks-ca        a known client has a bundle without the new CA: have it take the bundle,
                         or --accept-holders
  holders-unknown        the records of clients cannot be read; or clients are not recorded any
                         more, or the records begin later than the rotation: --accept-holders
  clock                  the clock lies before the start of the phase
  population-shrank      a node of the last gate is missing: put it back, or --exclude
  simulation-red, simulation-unknown   see ca rotate plan
  ca-not-trusted, old-ca-trusted       the server has not loaded the newest bundle
  takes-any, trust-unknown             the server does not show which CAs it trusts
  old-certificate, unknown-certificate, bad-certificate   the certificate that it shows
  not-loaded             the stored certificate is newer than the one shown
  stored-old, stored-unknown           files or Secrets
  no-tls, unreachable, not-looked-at   the server was not seen
  previous-key-missing   the Secret NAME-previous lost the key of the old CA

UNATTENDED
  A CronJob runs it every hour (see ccx-sec manifests). It asks the next gate, enters reissued, lets
  the other nodes follow after the canaries, and pauses the rotation when a node fails. It never
  switches, and never removes the old CA, without --confirm. Before the switch, and after removed,
  it connects to the nodes once a day only, since MySQL and MariaDB count each refusal; on the
  first day after removed every four hours.

JSON
  {\"format_version\": 1, \"result\": \"pass|wait|fail|unknown\", \"dry_run\", \"interrupted\",
   \"waits_for\": \"…\" (with --unattended),
   \"paused\", \"rotation\", \"phase\", \"entered\": [PHASE], \"from\", \"target\",
   \"gate\": {\"gate\", \"answer\", \"nodes\", \"proved\", \"by_file\", \"excluded\": {NODE: REASON},
     \"holders\": {\"records\": \"none|lost|read|unreadable\", \"since\", \"count\", \"forgotten\",
       \"lacking\": [{\"kind\", \"name\", \"bundle\", \"at\"}]},
     \"lacks\": [{\"node\", \"code\", \"answer\", \"message\", \"hints\": []}],
     \"waits\": {\"nodes\", \"later\", \"until\", \"paused\"}},
   \"ramp\": {\"step\": \"widen|wait|stop|finished\"}, \"proof\": \"sha256:HEX\",
   \"proofs\": [{\"node\", \"url\", \"engine\", \"address\", \"at\", \"leaf\": {\"look\": \"seen\", \"sha256\",
     \"signer\": \"old|new|other\", \"verifies\": {\"old\", \"both\", \"new\"}},
     \"trusts_new\": {\"answer\": \"trusts|refuses|takes_any|unknown\", \"basis\": \"wire|file\"},
     \"trusts_old\", \"names_new\", \"stored\"}]}
  gate is switched, reissued, removed or distrusted (every node refuses the old CA). result is
  wait, and waits counts them, if all that is missing are nodes whose turn has not come: later
  of them have none yet, those of the others come until then. gate and proofs are those of the
  last gate that was asked; proof is the digest of its proofs, as in the history of the rotation.

EXAMPLES
  ccx-sec ca rotate advance --to switched --inventory nodes.yaml --dry-run
  ccx-sec ca rotate advance --to switched --inventory nodes.yaml --confirm 5f0c2a91
  ccx-sec ca rotate advance --to reissued --from-secrets --wait 24h
  ccx-sec ca rotate advance --unattended --inventory nodes.yaml

EXIT STATUS
  0  the phase is reached; with --unattended also: it waits, or there is nothing to do
  1  a gate answers no or waits for nodes, or a node failed and the rotation was paused
  2  an argument or the inventory is wrong, or a confirmation is missing
  3  a node or a part of the simulation could not be looked at; the store cannot be used
  4  refused: no rotation is under way, --confirm is wrong, or another process changed it
  130  interrupted (Ctrl-C)";

/// The phases that `--to` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum GoalPhase {
    /// The new CA signs
    Switched,
    /// Every node has a certificate of the new CA
    Reissued,
    /// No node trusts the old CA
    Removed,
}

impl GoalPhase {
    fn phase(self) -> RotationPhase {
        match self {
            GoalPhase::Switched => RotationPhase::Switched,
            GoalPhase::Reissued => RotationPhase::Reissued,
            GoalPhase::Removed => RotationPhase::Removed,
        }
    }
}

/// A node that is left out, with the reason.
#[derive(Debug, Clone)]
struct Exclusion {
    node: NodeId,
    reason: String,
}

fn reason(text: &str) -> std::result::Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        MIN_REASON.. => Ok(text.to_owned()),
        _ => Err(format!("give a reason of {MIN_REASON} characters or more")),
    }
}

fn exclusion(text: &str) -> std::result::Result<Exclusion, String> {
    let (node, why) = text.split_once('=').ok_or("give NODE=REASON")?;
    Ok(Exclusion { node: node_id(node)?, reason: reason(why)? })
}

fn node_id(text: &str) -> std::result::Result<NodeId, String> {
    let (datastore, name) = text.split_once('/').ok_or("give the node as DATASTORE/NAME")?;
    let datastore = datastore.parse().map_err(|_| format!("{datastore:?} is not a UUID"))?;
    let name = name.parse().map_err(|error: Error| error.to_string())?;
    Ok(NodeId { datastore, name })
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        // Before the store starts threads of its own.
        let interrupts = Interrupts::hold();
        let store = context.open_store()?;
        interrupts.begin_work();
        AdvanceRun::new(&self, context, store.as_ref(), &interrupts).run()
    }

    /// The phase to reach.
    fn goal(&self) -> RotationPhase {
        self.to.unwrap_or(GoalPhase::Removed).phase()
    }

    fn exclusions(&self) -> BTreeMap<String, String> {
        let pair = |one: &Exclusion| (one.node.to_string(), one.reason.clone());
        self.exclude.iter().map(pair).collect()
    }
}

/// The error when `--exclude` leaves no node.
fn nobody_left() -> Error {
    Error::refused(Code::NodesMissing, "--exclude leaves no node: there is nothing to prove")
        .hint("leave out single nodes only")
}
