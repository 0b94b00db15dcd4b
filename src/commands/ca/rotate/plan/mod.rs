//! `ccx-sec ca rotate plan`: simulates a rotation. Changes nothing.

mod text;

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::start::{LengthOrZero, length_or_zero};
use crate::commands::anchors;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::hint::Hint;
use crate::node::NodeId;
use crate::node::inventory::{self, InventoryFormat};
use crate::pki::certificate::Certificate;
use crate::pki::constraints::{DnsSubtree, IpSubtree, NameConstraints};
use crate::pki::finding::Level;
use crate::pki::key::KeyType;
use crate::pki::validity::Length;
use crate::rotation::next_ca::NextCaRequest;
use crate::rotation::population::NodePopulation;
use crate::rotation::simulation::{
    RotationScenario, Schedule, SimulatedPhase, Simulation, TrustSet, UnknownPart, simulate,
};
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, bundle_name, load_bundle};
use crate::store::rotation::{Rotation, RotationPhase};

/// Simulate a rotation: what would break, and when
///
/// Judges the certificates of all nodes, and those that will replace them, before the CAs that
/// clients and nodes trust in each phase, as OpenSSL, Python, Go, Java, GnuTLS and rustls do.
/// Changes nothing, and needs no key: the bundle and the certificates are enough.
///
/// During a rotation, plans the rest of it. Before one, for the next CA that ca rotate start would
/// make, or for that of --cert.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(super) struct Args {
    /// Bundle of a client that does not take the new one; repeatable
    ///
    /// The plan says in which phases this client breaks, if it keeps this file.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    client_bundle: Vec<PathBuf>,
    /// Nodes of a fleet; their Secrets are read, or --dir
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    inventory: Option<PathBuf>,
    /// Directory of the fleet, with --inventory
    #[arg(long, value_name = "DIR", requires = "inventory", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// All nodes that have a Secret in the store
    #[arg(long)]
    from_secrets: bool,
    /// Certificate of a next CA made elsewhere, PEM or DER
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    cert: Option<PathBuf>,
    /// Common name of the next CA [default: the present one and G2, G3, …]
    #[arg(long, value_name = "TEXT", conflicts_with = "cert")]
    common_name: Option<String>,
    /// Type of its key [default: that of the present CA]
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
    /// Time that clients need to take the new bundle; 0 for none
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = length_or_zero)]
    client_max_age: LengthOrZero,
    /// Time over which nodes take new certificates; 0 for at once
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = length_or_zero)]
    reissue_window: LengthOrZero,
}

const HELP: &str = "\
EXAMPLES
  Before a rotation, for all nodes in the store:
    ccx-sec ca rotate plan --from-secrets

  Does the application still connect after the switch, with the file that it has now?
    ccx-sec ca rotate plan --from-secrets --client-bundle /etc/app/ca.pem

  A fleet in directories, and a next CA that another program made:
    ccx-sec ca rotate plan --inventory nodes.yaml --dir ./fleet --cert next-ca.crt

  The failing cells of the matrix, for scripts:
    ccx-sec ca rotate plan --from-secrets -o json | jq '.phases[].cells[] | select(.refusals)'

EXIT STATUS
  0  nothing breaks in any phase
  1  something breaks, or there is no CA
  2  an argument or a file is wrong
  3  something was not looked at: a node, all nodes, a part of the plan; or the store cannot be read
  4  a rule refuses the next CA";

/// A CA of the plan. Of one that has left the bundle, only the fingerprint is known.
#[derive(Serialize)]
struct PlannedCa {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<Timestamp>,
}

impl PlannedCa {
    fn new(ca: &Certificate) -> Self {
        PlannedCa {
            subject: Some(ca.subject()),
            sha256: ca.sha256(),
            not_after: Some(ca.not_after()),
        }
    }

    /// The CA from which a rotation leads away.
    fn of_rotation(rotation: &Rotation, in_bundle: &Certificate) -> Self {
        if in_bundle.sha256() == rotation.from {
            return PlannedCa::new(in_bundle);
        }
        PlannedCa { subject: None, sha256: rotation.from.clone(), not_after: None }
    }
}

/// The source of the next CA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum NextCaSource {
    /// The rotation that is under way.
    Rotation,
    /// The file of `--cert`.
    File,
    /// One like that of `ca rotate start`, whose key is thrown away.
    Imagined,
}

#[derive(Serialize)]
struct PlanDocument {
    green: bool,
    present: SimulatedPhase,
    from: PlannedCa,
    target: PlannedCa,
    target_source: NextCaSource,
    nodes: usize,
    schedule: Schedule,
    #[serde(flatten)]
    simulation: Simulation,
}

/// The CAs of a plan.
struct PlanCas {
    from: Certificate,
    target: Certificate,
    source: NextCaSource,
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let clients = self.client_bundles(context)?;
        let given = self.cert.as_deref().map(|path| only_ca(context, path)).transpose()?;
        let store = context.open_store()?;
        let store = store.as_ref();
        let bundle = load_bundle(store, &context.ca)?.ok_or_else(|| no_bundle(context, store))?;
        let cas = self.cas(&bundle, given, context)?;
        let present = present_phase(bundle.rotation.as_ref());
        let schedule = self.schedule(bundle.rotation.as_ref(), context.now)?;
        let mut population = self.population(context, store)?;
        let nodes = population.leaves.len();
        let mut unknown = population.unknown();
        if nodes == 0 {
            unknown.push(self.no_nodes());
        }
        let trust_sets: Vec<TrustSet> =
            std::mem::take(&mut population.trust_sets).into_iter().chain(clients).collect();
        let members = bundle.certificates();
        let mut simulation = {
            let _progress = context.output.progress("simulating");
            simulate(&RotationScenario {
                from: &cas.from,
                target: &cas.target,
                bundle: &members,
                present,
                schedule,
                leaves: &population.leaves,
                trust_sets: &trust_sets,
            })?
        };
        if bundle.rotation.as_ref().is_some_and(|rotation| rotation.going_back) {
            simulation.rules.clear(); // the target is the CA that was there first
        }
        simulation.unknown.splice(0..0, unknown);
        complete_hints(&mut simulation, context);
        let document = PlanDocument {
            green: simulation.is_green() && !has_errors(&simulation),
            present,
            from: bundle.rotation.as_ref().map_or_else(
                || PlannedCa::new(&cas.from),
                |rotation| PlannedCa::of_rotation(rotation, &cas.from),
            ),
            target: PlannedCa::new(&cas.target),
            target_source: cas.source,
            nodes,
            schedule,
            simulation,
        };
        context.output.report(&document, || text::render(&document, context))?;
        Ok(exit(&document.simulation))
    }

    /// The bundles of clients, each with the name of its file.
    fn client_bundles(&self, context: &Context) -> Result<Vec<TrustSet>> {
        let read = |path: &PathBuf| {
            let anchors = anchors::read(context, Some(path))?;
            Ok(TrustSet::of_client(&path.display().to_string(), anchors))
        };
        self.client_bundle.iter().map(read).collect()
    }

    /// The CA that signed before, and the next one.
    fn cas(
        &self,
        bundle: &Bundle,
        given: Option<Certificate>,
        context: &Context,
    ) -> Result<PlanCas> {
        if let Some(rotation) = &bundle.rotation {
            if given.is_some() || self.common_name.is_some() || self.key_type.is_some() {
                return Err(under_way(rotation));
            }
            return cas_of(bundle, rotation);
        }
        let from = bundle.actives().first().copied().cloned().ok_or_else(|| no_active(context))?;
        if let Some(target) = given {
            return Ok(PlanCas { from, target, source: NextCaSource::File });
        }
        let constraints =
            NameConstraints { dns: self.permit_dns.clone(), ip: self.permit_ip.clone() };
        let request = NextCaRequest {
            common_name: self.common_name.clone(),
            key_type: self.key_type,
            validity: self.validity.clone(),
            constraints: (constraints != NameConstraints::default()).then_some(constraints),
        };
        let _progress = context.output.progress("imagining the next CA");
        let next = request.make(&from, bundle.last_generation() + 1, context.now)?;
        let target = next.certificate().clone();
        Ok(PlanCas { from, target, source: NextCaSource::Imagined })
    }

    /// The times of the phases: those of the rotation that is under way, else those of the options.
    fn schedule(&self, rotation: Option<&Rotation>, now: Timestamp) -> Result<Schedule> {
        let later = |from: Timestamp, by| from.checked_add(by).unwrap_or(Timestamp::MAX);
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let (switched, window, begun) = match rotation {
            None => {
                let switched = later(now, self.client_max_age.duration(now)?);
                (switched, self.reissue_window.duration(now)?, switched)
            }
            Some(rotation) => {
                let switched = rotation.earliest_switch.max(now);
                let seconds = i64::try_from(rotation.ramp.window_seconds).unwrap_or(i64::MAX);
                let begun = rotation.ramp.widened_at.unwrap_or(switched);
                (switched, SignedDuration::from_secs(seconds), begun)
            }
        };
        let reissued = later(begun, window).max(switched);
        Ok(Schedule { now, switched, reissued, removed: reissued })
    }

    fn population(&self, context: &Context, store: &dyn Backend) -> Result<NodePopulation> {
        let _progress = context.output.progress("reading the nodes");
        let mut population = NodePopulation::default();
        if let Some(path) = &self.inventory {
            let ids = ids_of(path)?;
            match &self.dir {
                Some(fleet) => population.add_directories(fleet, &ids),
                None => population.add_secrets(store, &ids),
            }
        }
        if self.from_secrets {
            population.add_all_secrets(store)?;
        }
        Ok(population)
    }

    /// The part that is unknown where no certificate of a node was read.
    fn no_nodes(&self) -> UnknownPart {
        let message = match self.inventory.is_some() || self.from_secrets {
            true => "no certificate of a node was found",
            false => "no node was looked at: the certificates are imagined",
        };
        let from_secrets = CommandLine::ccx_sec("ca rotate plan").flag("--from-secrets");
        let nodes_of_store = (!self.from_secrets)
            .then(|| Hint::from(("plan for the nodes in the store", from_secrets)));
        let nodes_of_file = Hint::from("plan for those of a file: --inventory FILE --dir DIR");
        UnknownPart {
            count: 0,
            message: message.to_owned(),
            hints: nodes_of_store.into_iter().chain([nodes_of_file]).collect(),
        }
    }
}

fn ids_of(path: &Path) -> Result<Vec<NodeId>> {
    let text = files::read(path, inventory::MAX_BYTES)?;
    inventory::read_ids(&path.display().to_string(), &text, InventoryFormat::from_path(path))
}

/// The certificate of a CA in a file.
fn only_ca(context: &Context, path: &Path) -> Result<Certificate> {
    let found = anchors::read(context, Some(path))?;
    <[Certificate; 1]>::try_from(found).map(|[certificate]| certificate).map_err(|found| {
        let message = format!("{} holds {} certificates, not one", path.display(), found.len());
        Error::usage(Code::CertificateAmbiguous, message)
            .hint("give the certificate of the next CA alone")
    })
}

/// The two CAs of a rotation. Once the old one has left the bundle, nothing is left to compare, and
/// the next one stands for it.
fn cas_of(bundle: &Bundle, rotation: &Rotation) -> Result<PlanCas> {
    let member = |sha256: &String| {
        let mut members = bundle.members.iter().map(|member| &member.certificate);
        members.find(|member| member.sha256() == *sha256).cloned()
    };
    let target = member(&rotation.target).ok_or_else(|| {
        let message = "the bundle does not hold the CA that its rotation leads to";
        Error::failed(Code::RotationDamaged, message)
            .hint(("see the state", CommandLine::ccx_sec("ca rotate status")))
    })?;
    let from = member(&rotation.from).unwrap_or_else(|| target.clone());
    Ok(PlanCas { from, target, source: NextCaSource::Rotation })
}

/// The phase of the bundle. While the CAs are exchanged, both may have signed.
fn present_phase(rotation: Option<&Rotation>) -> SimulatedPhase {
    match rotation.map(|rotation| rotation.phase) {
        None => SimulatedPhase::Idle,
        Some(RotationPhase::Staged) => SimulatedPhase::Staged,
        Some(RotationPhase::Switching | RotationPhase::Switched) => SimulatedPhase::Switched,
        Some(RotationPhase::Reissued) => SimulatedPhase::Reissued,
        Some(RotationPhase::Removed) => SimulatedPhase::Removed,
    }
}

/// The error of options for a next CA while there is one.
fn under_way(rotation: &Rotation) -> Error {
    let message = format!("a rotation is {}, with a next CA of its own", rotation.phase.name());
    Error::refused(Code::RotationUnderWay, message).hint((
        "plan the rest of it",
        CommandLine::ccx_sec("ca rotate plan").flag("--from-secrets"),
    ))
}

fn no_bundle(context: &Context, store: &dyn Backend) -> Error {
    let place = store.place(&bundle_name(&context.ca));
    Error::no(Code::CaMissing, format!("there is no CA to rotate: {place} is missing"))
        .hint(("look for the CA", CommandLine::ccx_sec("ca check")))
}

fn no_active(context: &Context) -> Error {
    let message = format!("the bundle of the CA {} names no active certificate", context.ca);
    Error::failed(Code::BundleActive, message)
        .hint(("see what is wrong", CommandLine::ccx_sec("ca check")))
}

fn complete_hints(simulation: &mut Simulation, context: &Context) {
    let run = &context.invocation;
    let findings = simulation.rules.iter_mut().chain(&mut simulation.findings);
    findings.for_each(|finding| finding.complete(run));
    let cells = simulation.phases.iter_mut().flat_map(|phase| &mut phase.cells);
    let hints = cells.flat_map(|cell| &mut cell.hints);
    let clients = simulation.clients.iter_mut().flat_map(|client| &mut client.hints);
    let unknown = simulation.unknown.iter_mut().flat_map(|part| &mut part.hints);
    hints.chain(clients).chain(unknown).for_each(|hint| hint.complete(run));
}

fn has_errors(simulation: &Simulation) -> bool {
    simulation.findings.iter().any(|finding| finding.level == Level::Error)
}

/// A refusal first, then doubt, then failures.
fn exit(simulation: &Simulation) -> Exit {
    if simulation.is_refused() {
        Exit::Refused
    } else if !simulation.unknown.is_empty() {
        Exit::Failed
    } else if !simulation.is_green() || has_errors(simulation) {
        Exit::No
    } else {
        Exit::Done
    }
}
