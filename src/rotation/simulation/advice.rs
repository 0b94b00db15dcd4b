//! The next step for a cell that fails, and the forecast of a client that keeps its bundle.

use super::RotationScenario;
use super::forecast::{ClientForecast, PhaseForecast};
use super::matrix::{Matrix, OpenCell};
use super::phase::SimulatedPhase;
use super::trust_set::{TrustHolder, TrustSet};
use super::verdict::Verdicts;
use crate::hint::Hint;
use crate::pki::certificate::Certificate;
use crate::shell::{CommandLine, Placeholder};

/// Whether a trust set holds the key of `ca`.
fn holds(set: &TrustSet, ca: &Certificate) -> bool {
    set.anchors.iter().any(|anchor| anchor.is_renewal_of(ca))
}

/// The command that writes the bundle for clients.
fn bundle_for_clients(prose: &str) -> Hint {
    (prose, CommandLine::ccx_sec("ca export").option("--out", Placeholder("FILE"))).into()
}

/// The next step for a cell with a refusal.
pub(super) fn remedy(
    scenario: &RotationScenario<'_>,
    matrix: &Matrix,
    cell: &OpenCell,
    verdicts: &Verdicts,
) -> Hint {
    let (class, set) = (&matrix.classes[cell.class], &matrix.sets[cell.trust_set].set);
    let signer = if class.is_of_target { scenario.target } else { scenario.from };
    let lacks_signer = !holds(set, signer);
    match set.holder {
        TrustHolder::Client if lacks_signer => bundle_for_clients(
            "give the client the bundle of phase staged, which holds both CAs, and let it keep that \
             until the old CA is removed",
        ),
        TrustHolder::Node if lacks_signer => (
            "let the node take the present bundle, and its server load it",
            CommandLine::ccx_sec("cert renew").option("--dir", Placeholder("DIR")),
        )
            .into(),
        TrustHolder::Bundle if lacks_signer && !class.is_of_target => (
            "issue the certificate again before this phase",
            CommandLine::ccx_sec("cert renew").option("--dir", Placeholder("DIR")).flag("--force"),
        )
            .into(),
        _ => first_hint(cell, verdicts),
    }
}

/// The hint of the first refusal.
fn first_hint(cell: &OpenCell, verdicts: &Verdicts) -> Hint {
    let answers = cell.questions.iter().filter_map(|(_, question)| verdicts.get(question));
    let mut hints = answers.flatten().flat_map(|(_, fault)| &fault.hints);
    hints.next().map_or_else(
        || "issue the certificate again, or have the CA made again, without that".into(),
        |hint| hint.as_str().into(),
    )
}

/// The forecast of each client bundle.
pub(super) fn client_forecasts(
    scenario: &RotationScenario<'_>,
    matrix: &Matrix,
    phases: &[PhaseForecast],
) -> Vec<ClientForecast> {
    let sets = matrix.sets.iter().enumerate();
    let clients = sets.filter(|(_, one)| one.set.holder == TrustHolder::Client);
    clients.map(|(id, one)| client_forecast(scenario, id, &one.set, phases)).collect()
}

fn client_forecast(
    scenario: &RotationScenario<'_>,
    id: usize,
    set: &TrustSet,
    phases: &[PhaseForecast],
) -> ClientForecast {
    let fails = |phase: &&PhaseForecast| phase.failures().any(|cell| cell.trust_set == id);
    let breaks: Vec<SimulatedPhase> =
        phases.iter().filter(fails).map(|forecast| forecast.phase).collect();
    let (holds_old, holds_next) = (holds(set, scenario.from), holds(set, scenario.target));
    let content = match (holds_old, holds_next) {
        (true, true) => "holds both CAs",
        (true, false) => "holds the old CA and not the next one",
        (false, true) => "holds the next CA and not the old one",
        (false, false) => "holds neither the old CA nor the next one",
    };
    let message = match breaks.as_slice() {
        [] => format!("{content}: it verifies every server in every phase"),
        [only] => format!("{content}: it breaks in phase {}", only.name()),
        many => {
            let names: Vec<&str> = many.iter().map(|phase| phase.name()).collect();
            format!("{content}: it breaks in phases {}", names.join(", "))
        }
    };
    let remedy = (!breaks.is_empty()).then(|| match (holds_old, holds_next) {
        (true, false) => bundle_for_clients(
            "give it the bundle of phase staged, which holds both CAs, before the switch",
        ),
        (true, true) => "see the failing cells of these phases".into(),
        (false, _) => bundle_for_clients("give it the present bundle"),
    });
    ClientForecast {
        name: set.name.clone(),
        trust_set: id,
        holds_old,
        holds_next,
        breaks,
        message,
        hints: remedy.into_iter().collect(),
    }
}
