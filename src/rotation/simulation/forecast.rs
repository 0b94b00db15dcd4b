//! The result of a simulation: for each phase, the cells of the matrix, and what breaks.

use jiff::Timestamp;
use serde::Serialize;

use super::phase::SimulatedPhase;
use super::trust_set::TrustHolder;
use crate::hint::Hint;
use crate::pki::chain::{ChainReason, Purpose, Verifier};
use crate::pki::finding::{Finding, Level};

/// The forecast of a rotation.
#[derive(Debug, Clone, Serialize)]
pub struct Simulation {
    /// The phases from the present one on, in order.
    pub phases: Vec<PhaseForecast>,
    /// Each client bundle that was given.
    pub clients: Vec<ClientForecast>,
    /// Rules that the next CA breaks: errors refuse it.
    pub rules: Vec<Finding>,
    /// Faults of certificates in use that have nothing to do with the rotation.
    pub findings: Vec<Finding>,
    /// Parts that could not be simulated. They are never a pass.
    pub unknown: Vec<UnknownPart>,
    /// The classes of certificates, in the order of their numbers.
    pub classes: Vec<ClassForecast>,
    /// The trust sets, in the order of their numbers.
    pub trust_sets: Vec<TrustSetForecast>,
    /// The verifiers that were asked.
    pub verifiers: Vec<VerifierForecast>,
}

/// The forecast of one phase.
#[derive(Debug, Clone, Serialize)]
pub struct PhaseForecast {
    /// The phase.
    pub phase: SimulatedPhase,
    /// Its first moment.
    pub from: Timestamp,
    /// Its last moment.
    pub until: Timestamp,
    /// The number of certificates in use.
    pub leaves: usize,
    /// The number of their classes.
    pub classes: usize,
    /// The number of trust sets.
    pub trust_sets: usize,
    /// Every class before every trust set.
    pub cells: Vec<MatrixCell>,
}

/// A class of certificates before one trust set.
#[derive(Debug, Clone, Serialize)]
pub struct MatrixCell {
    /// The number of the class.
    pub class: usize,
    /// The number of the trust set.
    pub trust_set: usize,
    /// The use of the certificates: a server shows them to clients and peers, a client to servers.
    pub purpose: Purpose,
    /// The kind of party that verifies them.
    pub holder: TrustHolder,
    /// The verifiers that refuse them; empty for a pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<CellRefusal>,
    /// The next step, where there is a refusal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
}

/// A verifier that refuses a class of certificates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellRefusal {
    /// The verifier.
    pub verifier: Verifier,
    /// The first moment of the phase at which it refuses them.
    pub at: Timestamp,
    /// The reason.
    pub reason: ChainReason,
    /// The reason in words.
    pub message: String,
    /// Whether it refuses them in the present phase already: the rotation is not the cause.
    pub already: bool,
}

/// Certificates that every verifier treats alike.
#[derive(Debug, Clone, Serialize)]
pub struct ClassForecast {
    /// The number of the class.
    pub id: usize,
    /// The subject of the CA that signed them.
    pub issuer: String,
    /// Whether they are in use now; the others are those that will replace them.
    pub in_use: bool,
    /// The number of certificates.
    pub leaves: usize,
    /// The party that shows one of them.
    pub example: String,
    /// The uses.
    pub purposes: Vec<Purpose>,
}

/// A trust set.
#[derive(Debug, Clone, Serialize)]
pub struct TrustSetForecast {
    /// The number of the set.
    pub id: usize,
    /// The kind of party that trusts it.
    pub holder: TrustHolder,
    /// The party, or one of several.
    pub name: String,
    /// The number of parties.
    pub holders: usize,
    /// The fingerprints of its certificates, in order.
    pub certificates: Vec<String>,
}

/// A verifier, and the programs that use it.
#[derive(Debug, Clone, Serialize)]
pub struct VerifierForecast {
    /// The verifier.
    pub verifier: Verifier,
    /// Programs, for people.
    pub programs: &'static str,
}

/// The forecast of a client that keeps its bundle.
#[derive(Debug, Clone, Serialize)]
pub struct ClientForecast {
    /// The file of the bundle.
    pub name: String,
    /// The number of its trust set.
    pub trust_set: usize,
    /// Whether it holds a certificate with the key of the CA that signs now.
    pub holds_old: bool,
    /// Whether it holds a certificate with the key of the next CA.
    pub holds_next: bool,
    /// The phases in which it cannot verify each server.
    pub breaks: Vec<SimulatedPhase>,
    /// The forecast in words.
    pub message: String,
    /// The next step, where it breaks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
}

/// A part that could not be simulated.
#[derive(Debug, Clone, Serialize)]
pub struct UnknownPart {
    /// The number of certificates or trust sets.
    pub count: usize,
    /// The part and the cause.
    pub message: String,
    /// The next steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
}

impl Simulation {
    /// The forecast of a phase; `None` if the phase is over.
    #[must_use]
    pub fn phase(&self, phase: SimulatedPhase) -> Option<&PhaseForecast> {
        self.phases.iter().find(|forecast| forecast.phase == phase)
    }

    /// Whether nothing breaks in any phase, everything was simulated, and no rule is broken.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.unknown.is_empty()
            && !self.is_refused()
            && self.phases.iter().all(PhaseForecast::is_green)
    }

    /// Whether the next CA breaks a rule.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.rules.iter().any(|finding| finding.level == Level::Error)
    }
}

impl Simulation {
    /// A failing cell in one line: the certificates, the party that verifies them, the verifiers that
    /// refuse them, and the reason of the first.
    #[must_use]
    pub fn describe(&self, cell: &MatrixCell) -> String {
        let (subject, set) = self.parties(cell);
        let verifiers: Vec<&str> =
            cell.refusals.iter().map(|refusal| refusal.verifier.name()).collect();
        let message = cell.refusals.first().map_or("", |refusal| refusal.message.as_str());
        format!("{subject}: refused with {set}, by {}: {message}", verifiers.join(", "))
    }

    /// A failing cell in a short line.
    #[must_use]
    pub fn summarize(&self, cell: &MatrixCell) -> String {
        let (subject, set) = self.parties(cell);
        let first = cell.refusals.first().map_or("", |refusal| refusal.verifier.name());
        let more = match cell.refusals.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        format!("{first}{more} with {set} refuse {subject}")
    }

    /// The certificates of a cell, and the trust set.
    fn parties(&self, cell: &MatrixCell) -> (String, String) {
        let class = self.classes.get(cell.class);
        let set = self.trust_sets.get(cell.trust_set);
        let (issuer, example, leaves) = class.map_or(("", "", 0), |class| {
            (class.issuer.as_str(), class.example.as_str(), class.leaves)
        });
        let (name, holders) = set.map_or(("", 0), |set| (set.name.as_str(), set.holders));
        let shown = match cell.purpose {
            Purpose::Server => "server",
            Purpose::Client => "client",
        };
        let certificates = match leaves {
            0 => format!("a {shown} certificate of {issuer}"),
            1 => format!("the {shown} certificate of {example}, issued by {issuer}"),
            _ => format!("{leaves} {shown} certificates of {issuer}, such as that of {example}"),
        };
        let others = match holders {
            0 | 1 => String::new(),
            _ => format!(" and {} more", holders - 1),
        };
        (certificates, format!("the trust set of {name}{others}"))
    }
}

impl PhaseForecast {
    /// The cells with a refusal.
    pub fn failures(&self) -> impl Iterator<Item = &MatrixCell> {
        self.cells.iter().filter(|cell| !cell.refusals.is_empty())
    }

    /// Whether every verifier accepts every certificate with every trust set.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.failures().next().is_none()
    }

    /// The cells with a refusal that does not exist in the present phase. A rotation that starts
    /// with an expired CA asks for no more than that there are none.
    pub fn new_failures(&self) -> impl Iterator<Item = &MatrixCell> {
        self.failures().filter(|cell| cell.refusals.iter().any(|refusal| !refusal.already))
    }

    /// Whether only clients break that keep the bundle that was given for them.
    #[must_use]
    pub fn breaks_only_clients(&self) -> bool {
        self.failures().all(|cell| cell.holder == TrustHolder::Client)
    }
}
