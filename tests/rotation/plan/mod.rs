//! `ca rotate plan` and the simulation behind it.

mod classes;
mod command;
mod simulation;
mod truth;

use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::issue::{Issuer, LeafRequest, Usage};
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::leaf_key::LeafKey;
use ccx_sec::pki::san::San;
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::Validity;
use ccx_sec::rotation::simulation::{
    RotationScenario, Schedule, SimulatedLeaf, SimulatedPhase, Simulation, TrustSet, simulate,
};
use jiff::Timestamp;

use crate::common::chains::at;

/// The time of every plan here, unless it says another.
const NOW: &str = "2026-06-01T00:00:00Z";

/// A CA as `ca init` makes it.
fn ca(name: &str, made: &str, life: &str, constraints: NameConstraints) -> Authority {
    let request = CaRequest {
        subject: Subject::new(name, Some("Acme")).unwrap(),
        validity: Validity::starting(at(made), &life.parse().unwrap()).unwrap(),
        constraints,
    };
    Authority::create(&request, PrivateKey::generate(KeyType::EcdsaP256).unwrap()).unwrap()
}

fn old_ca() -> Authority {
    ca("Acme DB CA", "2026-01-01T00:00:00Z", "10y", NameConstraints::default())
}

fn next_ca() -> Authority {
    ca("Acme DB CA G2", "2026-04-01T00:00:00Z", "10y", NameConstraints::default())
}

/// A certificate of a node, as `cert issue` makes it.
fn leaf_at(authority: &Authority, name: &str, usage: Usage, made: &str, life: &str) -> Certificate {
    let request = LeafRequest {
        subject: Subject::new(name, None).unwrap(),
        san: San::new([format!("{name}.ds.example.com").parse().unwrap()], []),
        usage,
        validity: life.parse().unwrap(),
    };
    let key = LeafKey::generate(KeyType::EcdsaP256).unwrap();
    let issuer = Issuer::new(authority, at(made)).unwrap();
    issuer.issue(&request, key.public(), at(made)).unwrap()
}

fn leaf(authority: &Authority, name: &str) -> SimulatedLeaf {
    let certificate = leaf_at(authority, name, Usage::Both, "2026-05-01T00:00:00Z", "1y");
    SimulatedLeaf::new(name, certificate)
}

/// A rotation from one CA to another, 30 days after [`NOW`].
#[derive(Clone)]
struct Plan {
    from: Certificate,
    target: Certificate,
    bundle: Vec<Certificate>,
    present: SimulatedPhase,
    now: Timestamp,
    leaves: Vec<SimulatedLeaf>,
    trust_sets: Vec<TrustSet>,
}

impl Plan {
    fn new(from: &Authority, target: &Authority) -> Self {
        Plan {
            from: from.certificate().clone(),
            target: target.certificate().clone(),
            bundle: vec![from.certificate().clone()],
            present: SimulatedPhase::Idle,
            now: at(NOW),
            leaves: Vec::new(),
            trust_sets: Vec::new(),
        }
    }

    /// The same, in a later phase.
    fn in_phase(mut self, present: SimulatedPhase) -> Self {
        self.present = present;
        self.bundle = match present {
            SimulatedPhase::Idle => vec![self.from.clone()],
            SimulatedPhase::Staged => vec![self.from.clone(), self.target.clone()],
            SimulatedPhase::Removed => vec![self.target.clone()],
            _ => vec![self.target.clone(), self.from.clone()],
        };
        self
    }

    fn simulate(&self) -> Simulation {
        let day = jiff::SignedDuration::from_hours(24);
        let switched = self.now + 30 * day;
        let schedule = Schedule {
            now: self.now,
            switched,
            reissued: switched + day,
            removed: switched + 2 * day,
        };
        let scenario = RotationScenario {
            from: &self.from,
            target: &self.target,
            bundle: &self.bundle,
            present: self.present,
            schedule,
            leaves: &self.leaves,
            trust_sets: &self.trust_sets,
        };
        simulate(&scenario).unwrap()
    }
}
