//! The simulation of the phase behind a gate, with the certificates that the servers show and the
//! bundles that are stored for them.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::nodes::FleetNodes;
use crate::error::Result;
use crate::hint::Hint;
use crate::pki::certificate::Certificate;
use crate::pki::finding::{Finding, Level};
use crate::rotation::gate::gap::{Gap, GapCode};
use crate::rotation::gate::{Gate, SimulationAnswer};
use crate::rotation::proof::stored::StoredLook;
use crate::rotation::proof::{CaPair, CaTrust, LeafLook, NodeProof};
use crate::rotation::simulation::{
    RotationScenario, Schedule, SimulatedLeaf, SimulatedPhase, TrustSet, simulate,
};
use crate::rotation::stored::StoredRotation;
use crate::shell::CommandLine;

/// Simulates the phase behind `gate`. A connection that fails today does not count: the rotation
/// does not make it worse.
///
/// # Errors
/// Exit 3 when the system refuses what the simulation needs.
pub(super) fn rehearse(
    stored: &StoredRotation<'_>,
    cas: &CaPair,
    gate: Gate,
    fleet: &FleetNodes,
    proofs: &[NodeProof],
    now: Timestamp,
) -> Result<SimulationAnswer> {
    let (present, next) = match gate {
        Gate::Switched => (SimulatedPhase::Staged, SimulatedPhase::Switched),
        Gate::Removed => (SimulatedPhase::Reissued, SimulatedPhase::Removed),
        Gate::Reissued | Gate::Distrusted => return Ok(SimulationAnswer::Green),
    };
    let bundle: Vec<Certificate> =
        stored.bundle.members.iter().map(|member| member.certificate.clone()).collect();
    let window = i64::try_from(stored.rotation.ramp.window_seconds).unwrap_or(i64::MAX / 1000);
    let window = SignedDuration::from_secs(window);
    let switched = match gate {
        Gate::Switched => now,
        _ => stored.rotation.since,
    };
    let reissued = match gate {
        Gate::Switched => now.checked_add(window).unwrap_or(now),
        _ => now,
    };
    let simulation = simulate(&RotationScenario {
        from: &cas.old,
        target: &cas.new,
        bundle: &bundle,
        present,
        schedule: Schedule { now, switched, reissued, removed: reissued },
        leaves: &leaves(fleet, proofs),
        trust_sets: &trust_sets(fleet, gate, proofs),
    })?;
    if let Some(part) = simulation.unknown.first() {
        return Ok(SimulationAnswer::Unknown(part.message.clone()));
    }
    let Some(forecast) = simulation.phase(next) else {
        return Ok(SimulationAnswer::Unknown(format!("it has no phase {}", next.name())));
    };
    // On the way back, the target is the CA that was there first.
    let is_new = gate == Gate::Switched && !stored.rotation.going_back;
    let is_error = |finding: &&Finding| is_new && finding.level == Level::Error;
    let rules = simulation.rules.iter().filter(is_error);
    let red = |message| Gap::fail(GapCode::SimulationRed, message);
    let rules = rules.map(|finding| red(format!("the new CA breaks a rule: {}", finding.message)));
    let plan = || {
        Hint::from((
            "see each failure",
            CommandLine::ccx_sec("ca rotate plan").flag("--from-secrets"),
        ))
    };
    let failures = forecast.new_failures().map(|cell| {
        let gap = red(format!("in phase {}: {}", next.name(), simulation.summarize(cell)));
        cell.hints.iter().cloned().fold(gap, Gap::hint).hint(plan())
    });
    let red: Vec<Gap> = rules.chain(failures).collect();
    Ok(if red.is_empty() { SimulationAnswer::Green } else { SimulationAnswer::Red(red) })
}

/// The certificates that servers show, and others that they would load at their next start.
fn leaves(fleet: &FleetNodes, proofs: &[NodeProof]) -> Vec<SimulatedLeaf> {
    let seen = proofs.iter().filter_map(|proof| match &proof.leaf {
        LeafLook::Seen(leaf) => Some((proof.node.clone(), leaf.certificate.clone()?)),
        LeafLook::Unseen(_) => None,
    });
    let stored =
        looks(fleet).filter_map(|(node, look)| Some((node, look.read()?.certificate.clone()?)));
    let mut known = HashSet::new();
    let mut all: Vec<(String, Certificate)> = seen.chain(stored).collect();
    all.retain(|(node, certificate)| known.insert((node.clone(), certificate.sha256())));
    all.into_iter().map(|(node, certificate)| SimulatedLeaf::new(&node, certificate)).collect()
}

/// The bundles that servers load at their next start. A node that does not trust the new CA is a gap
/// of its own, and its bundle would repeat it.
fn trust_sets(fleet: &FleetNodes, gate: Gate, proofs: &[NodeProof]) -> Vec<TrustSet> {
    let distrusts = |proof: &&NodeProof| {
        gate == Gate::Switched && matches!(proof.trusts_new, CaTrust::Refuses { .. })
    };
    let known: HashSet<&str> =
        proofs.iter().filter(distrusts).map(|proof| proof.node.as_str()).collect();
    let set = |(node, look): (String, &StoredLook)| {
        Some(TrustSet::of_node(&node, look.read()?.bundle.clone()))
    };
    looks(fleet).filter(|(node, _)| !known.contains(node.as_str())).filter_map(set).collect()
}

fn looks(fleet: &FleetNodes) -> impl Iterator<Item = (String, &StoredLook)> {
    fleet.targets.iter().map(|target| (target.node.to_string(), &target.stored))
}
