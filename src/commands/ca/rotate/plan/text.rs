//! The plan for people.

use std::fmt::Write;

use super::{NextCaSource, PlanDocument, PlannedCa};
use crate::context::Context;
use crate::hint::Hint;
use crate::output::{LineMark, escape_control_characters};
use crate::report::finding_text;
use crate::rotation::simulation::{MatrixCell, PhaseForecast, Simulation, TrustHolder};

/// The number of failing cells that are printed; `-o json` has all.
const MOST_FAILURES: usize = 20;

/// The text of a plan.
pub(super) fn render(document: &PlanDocument, context: &Context) -> String {
    let simulation = &document.simulation;
    let mut text = String::new();
    if context.output.quiet && document.green {
        return text;
    }
    push_cas(&mut text, document);
    for phase in &simulation.phases {
        push_phase(&mut text, phase);
    }
    push_failures(&mut text, simulation);
    for client in &simulation.clients {
        let mark = match client.breaks.is_empty() {
            true => LineMark::Good.paint("client", 10),
            false => LineMark::Bad.paint("client", 10),
        };
        let name = escape_control_characters(&client.name);
        push_line(&mut text, &format!("{mark}{name} {}", client.message), client.hints.iter());
    }
    simulation.rules.iter().chain(&simulation.findings).for_each(|finding| {
        text.push_str(&finding_text(finding));
    });
    for part in &simulation.unknown {
        let mark = LineMark::Warn.paint("unknown", 10);
        let message = escape_control_characters(&part.message);
        let count = if part.count == 0 { String::new() } else { format!("{}: ", part.count) };
        push_line(&mut text, &format!("{mark}{count}{message}"), part.hints.iter());
    }
    text
}

fn push_cas(text: &mut String, document: &PlanDocument) {
    let line = |ca: &PlannedCa| {
        let digits = ca.sha256.get(..8).unwrap_or_default();
        match (&ca.subject, ca.not_after) {
            (Some(subject), Some(end)) => {
                format!("{} {digits} until {end}", escape_control_characters(subject))
            }
            _ => format!("{digits}, which has left the bundle"),
        }
    };
    let source = match document.target_source {
        NextCaSource::Rotation => "",
        NextCaSource::File => " (from the file)",
        NextCaSource::Imagined => " (not made yet)",
    };
    let _ = writeln!(text, "{:<10}{}", "from", line(&document.from));
    let _ = writeln!(text, "{:<10}{}{source}", "to", line(&document.target));
}

/// A phase in one line.
fn push_phase(text: &mut String, phase: &PhaseForecast) {
    let failures = phase.failures().count();
    let result = match failures {
        0 => LineMark::Good.paint("pass", 0),
        _ => LineMark::Bad.paint(&format!("{failures} of {} fail", phase.cells.len()), 0),
    };
    let leaves = counted(phase.leaves, "certificate", "certificates");
    let classes = counted(phase.classes, "class", "classes");
    let trust_sets = counted(phase.trust_sets, "trust set", "trust sets");
    let (name, from) = (phase.phase.name(), phase.from);
    let _ = writeln!(text, "{name:<10}{from}  {leaves} in {classes} x {trust_sets}: {result}");
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The failing cells of nodes and bundles, each once, with its phases. Clients have lines of their
/// own.
fn push_failures(text: &mut String, simulation: &Simulation) {
    let mut failures: Vec<(String, Vec<&'static str>, &MatrixCell)> = Vec::new();
    for phase in &simulation.phases {
        for cell in phase.failures().filter(|cell| cell.holder != TrustHolder::Client) {
            let what = simulation.describe(cell);
            match failures.iter_mut().find(|(known, _, _)| *known == what) {
                Some((_, phases, _)) => phases.push(phase.phase.name()),
                None => failures.push((what, vec![phase.phase.name()], cell)),
            }
        }
    }
    for (what, phases, cell) in failures.iter().take(MOST_FAILURES) {
        let mark = LineMark::Bad.paint("fails", 10);
        let already = cell.refusals.iter().all(|refusal| refusal.already);
        let already = if already { ", as it does now" } else { "" };
        let what = escape_control_characters(what);
        let line = format!("{mark}{}{already}: {what}", phases.join(", "));
        push_line(text, &line, cell.hints.iter());
    }
    if let Some(more) = failures.len().checked_sub(MOST_FAILURES).filter(|more| *more > 0) {
        let _ = writeln!(text, "{:<10}and {more} more, which -o json lists", "");
    }
}

fn push_line<'h>(text: &mut String, line: &str, hints: impl Iterator<Item = &'h Hint>) {
    let _ = writeln!(text, "{line}");
    for hint in hints {
        let hint = hint.unbroken().replace('\n', "\n                ");
        let _ = writeln!(text, "{:<10}hint: {hint}", "");
    }
}
