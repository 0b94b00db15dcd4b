//! Trust sets: ordered lists of CA certificates that one party trusts, and those of each phase.

use serde::Serialize;

use super::RotationScenario;
use super::phase::SimulatedPhase;
use crate::pki::certificate::Certificate;

/// The kind of party that trusts a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustHolder {
    /// Nodes and clients that took the bundle of the phase, or that of the phase before.
    Bundle,
    /// Nodes, with the `ca.pem` that they have now.
    Node,
    /// Clients with a bundle that they keep through all phases.
    Client,
}

/// CA certificates in the order of their file, and the party that trusts them.
#[derive(Debug, Clone)]
pub struct TrustSet {
    /// The kind of the party.
    pub holder: TrustHolder,
    /// The name of the party, or of the first of several with the same set.
    pub name: String,
    /// The number of parties with the same set.
    pub holders: usize,
    /// The certificates.
    pub anchors: Vec<Certificate>,
}

impl TrustSet {
    /// The set of a client that keeps the bundle of the file `name`.
    #[must_use]
    pub fn of_client(name: &str, anchors: Vec<Certificate>) -> Self {
        TrustSet { holder: TrustHolder::Client, name: name.to_owned(), holders: 1, anchors }
    }

    /// The set in force on the node `name`.
    #[must_use]
    pub fn of_node(name: &str, anchors: Vec<Certificate>) -> Self {
        TrustSet { holder: TrustHolder::Node, name: name.to_owned(), holders: 1, anchors }
    }

    fn of_bundle(phase: SimulatedPhase, anchors: Vec<Certificate>) -> Self {
        let name = format!("the bundle of phase {}", phase.name());
        TrustSet { holder: TrustHolder::Bundle, name, holders: 1, anchors }
    }

    /// Whether the parties of this set verify the certificates that clients show.
    pub(super) fn verifies_clients(&self) -> bool {
        self.holder != TrustHolder::Client
    }
}

/// The bundles that nodes and clients can have in a phase: that of the phase, and that of the phase
/// before, which some still have.
pub(super) fn bundles_of(scenario: &RotationScenario<'_>, phase: SimulatedPhase) -> Vec<TrustSet> {
    let bundle = |phase| TrustSet::of_bundle(phase, bundle_of(scenario, phase));
    let (staged, switched) = (SimulatedPhase::Staged, SimulatedPhase::Switched);
    match phase {
        SimulatedPhase::Idle => vec![bundle(phase)],
        SimulatedPhase::Staged => vec![bundle(SimulatedPhase::Idle), bundle(phase)],
        SimulatedPhase::Switched | SimulatedPhase::Reissued => {
            vec![bundle(staged), bundle(switched)]
        }
        SimulatedPhase::Removed => vec![bundle(staged), bundle(switched), bundle(phase)],
    }
}

/// The bundle of a phase, in its order: active, next, retiring. The present bundle is as it is.
fn bundle_of(scenario: &RotationScenario<'_>, phase: SimulatedPhase) -> Vec<Certificate> {
    if phase == scenario.present {
        return scenario.bundle.to_vec();
    }
    let target = std::iter::once(scenario.target.clone());
    let (active, retiring): (Vec<_>, Vec<_>) = scenario
        .bundle
        .iter()
        .filter(|member| !member.is_renewal_of(scenario.target))
        .cloned()
        .partition(|member| member == scenario.from);
    match phase {
        SimulatedPhase::Idle => active.into_iter().chain(retiring).collect(),
        SimulatedPhase::Staged => active.into_iter().chain(target).chain(retiring).collect(),
        SimulatedPhase::Switched | SimulatedPhase::Reissued => {
            target.chain(active).chain(retiring).collect()
        }
        SimulatedPhase::Removed => target.collect(),
    }
}
