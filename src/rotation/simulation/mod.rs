//! PURE: the simulation of a rotation, phase by phase, before anything is changed.
//!
//! ```text
//! leaf, form, leaf_class    certificates in use, and the parts of them that verifiers look at
//! stand_in    certificates that a CA has not signed yet, made without its key
//! classes     certificates in use, and those that replace them
//! trust_set   the CA certificates that each party trusts in each phase
//! phase       the phases, and when each is in force
//! matrix      classes of certificates before trust sets
//! verdict     the verifiers               judge     their answers, by phase
//! forecast    the result                  advice    next steps, and the forecast of a client
//! rules       the demands on the next CA
//! ```
//!
//! A verdict depends on the form of a certificate, its issuer, the trust set, the verifier, and on
//! which CA certificates are valid at the time. So a fleet of any size comes down to a few thousand
//! questions, and each leaf is read, and its signature checked, once.

mod advice;
mod classes;
mod forecast;
mod form;
mod judge;
mod leaf;
mod leaf_class;
mod matrix;
mod phase;
pub mod rules;
mod stand_in;
mod trust_set;
mod verdict;

use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;

pub use forecast::{
    CellRefusal, ClassForecast, ClientForecast, MatrixCell, PhaseForecast, Simulation,
    TrustSetForecast, UnknownPart, VerifierForecast,
};
pub use leaf::SimulatedLeaf;
pub use phase::{Schedule, SimulatedPhase};
pub use trust_set::{TrustHolder, TrustSet};
pub use verdict::{VERIFIERS, programs};

/// The CAs, certificates and trust sets of a rotation.
#[derive(Debug, Clone, Copy)]
pub struct RotationScenario<'a> {
    /// The CA that signed before the rotation.
    pub from: &'a Certificate,
    /// The CA that signs at its end. Its key is not needed.
    pub target: &'a Certificate,
    /// The members of the bundle as it is now, in its order.
    pub bundle: &'a [Certificate],
    /// The present phase: that of the bundle.
    pub present: SimulatedPhase,
    /// The times of the phases.
    pub schedule: Schedule,
    /// The certificates in use.
    pub leaves: &'a [SimulatedLeaf],
    /// The trust sets in force on nodes, and the bundles of clients.
    pub trust_sets: &'a [TrustSet],
}

impl RotationScenario<'_> {
    /// The phases from the present one on.
    fn phases(&self) -> impl Iterator<Item = SimulatedPhase> + use<> {
        let present = self.present;
        SimulatedPhase::ALL.into_iter().filter(move |phase| *phase >= present)
    }
}

/// Simulates a rotation from its present phase to its end: every certificate in use, and every one
/// that will replace it, before every trust set, for every verifier, in each phase.
///
/// - Certificates in use and the trust sets of nodes count in the present phase and the next one.
///   After that, a gate has proved that they are replaced. Bundles of clients count in all phases.
/// - Without certificates in use, one that the CA would issue is judged.
///
/// Reads no clock, no file and no store. It uses random numbers for keys that it throws away.
///
/// # Errors
/// Exit 3 when the crypto library fails or no thread can be started. A part that cannot be simulated
/// is no error: it is in [`Simulation::unknown`].
pub fn simulate(scenario: &RotationScenario<'_>) -> Result<Simulation> {
    let pool = rayon::ThreadPoolBuilder::new().build().map_err(|source| {
        Error::failed(Code::Threads, "cannot start threads")
            .because(source)
            .hint("is the process limit reached? ulimit -u")
    })?;
    pool.install(|| judge::run(scenario))
}
