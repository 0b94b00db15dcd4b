//! Runs of a job (`--unattended`): it asks nobody, and stops where a person has to confirm.
//!
//! A confirmation of the job's arguments counts for the rotation whose CAs it names, and not after
//! a rollback: whoever wrote it wanted to go forward. The new CA of one rotation is the old one of
//! the next, so that its removal takes the words of both.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Args;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::probe::mode::Answer;
use crate::report::push_field;
use crate::rotation::gate::gap::GapCode;
use crate::rotation::gate::ramp::RampStep;
use crate::rotation::gate::{Gate, GateAnswer};
use crate::rotation::proof::{CaTrust, NodeProof, TrustBasis};
use crate::shell::{CommandLine, Placeholder};
use crate::store::rotation::{GateInquiry, Rotation, RotationPhase};

/// The shortest time between two runs that make servers refuse a certificate. MySQL and MariaDB
/// block a host after 100 refusals.
const BETWEEN_REFUSALS: SignedDuration = SignedDuration::from_hours(20);

/// The shortest time between two such runs while nodes drop the old CA in their turn.
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_hours(4);

/// The time that nodes have for their `cert renew`, besides the window of the ramp.
const RENEWAL: SignedDuration = SignedDuration::from_hours(24);

/// The answer in a record while nodes drop the old CA in their turn.
const AWAITED: &str = "wait";

/// The reason why a run asks no gate.
pub(super) struct Hold {
    /// `fail` where somebody has to do something that is late.
    pub(super) result: Answer,
    /// The state that the rotation waits for.
    pub(super) waits_for: String,
}

/// The document of a run without a rotation.
#[derive(Serialize)]
struct IdleDocument {
    result: Answer,
    phase: &'static str,
}

/// Reports that there is nothing to do.
pub(super) fn report_idle(context: &Context, arguments: &Args) -> Result<Exit> {
    if !arguments.confirm.is_empty() {
        context.output.warning(&format!(
            "--confirm {} is left over from an earlier rotation; print the manifests of the job \
             again without --confirm and --rotate-to: its account may replace the CA",
            arguments.confirm.join(" --confirm ")
        ));
    }
    let document = IdleDocument { result: Answer::Pass, phase: "idle" };
    context.output.outcome(&document, || {
        let mut text = String::new();
        let message = format!("none of the CA {} is under way: there is nothing to do", context.ca);
        push_field(&mut text, "rotation", &message);
        text
    })?;
    Ok(Exit::Done)
}

/// Warns of confirmations that name no CA of this rotation.
pub(super) fn tell_of_other_confirmations(
    context: &Context,
    arguments: &Args,
    rotation: &Rotation,
) {
    let [new, old] = [word(&rotation.target), word(&rotation.from)];
    for other in arguments.confirm.iter().filter(|given| ![&new, &old].contains(given)) {
        context
            .output
            .warning(&format!("--confirm {other} is of another rotation, and counts for nothing"));
    }
    if arguments.confirm.contains(&old) && !arguments.confirm.contains(&new) {
        context.output.warning(&format!(
            "--confirm {old} counts for nothing without that of the new CA: it may be left over \
             from an earlier rotation; if it is of this one, add --confirm {new}"
        ));
    }
    if rotation.going_back && !arguments.confirm.is_empty() {
        context.output.warning("the rotation goes back: --confirm counts for nothing");
    }
}

/// The word that confirms a CA: the first digits of its fingerprint.
pub(super) fn word(sha256: &str) -> String {
    sha256.chars().take(8).collect()
}

/// The word that confirms the passage through a gate; `None` where nobody confirms it.
pub(super) fn confirming_word(rotation: &Rotation, gate: Gate) -> Option<String> {
    match gate {
        Gate::Switched => Some(word(&rotation.target)),
        Gate::Removed => Some(word(&rotation.from)),
        Gate::Reissued | Gate::Distrusted => None,
    }
}

/// The words that a job needs for a gate.
fn job_words(rotation: &Rotation, gate: Gate) -> Vec<String> {
    match gate {
        Gate::Switched => vec![word(&rotation.target)],
        Gate::Removed => vec![word(&rotation.from), word(&rotation.target)],
        Gate::Reissued | Gate::Distrusted => Vec::new(),
    }
}

fn is_confirmed(given: &[String], rotation: &Rotation, gate: Gate) -> bool {
    let words = job_words(rotation, gate);
    words.is_empty() || (!rotation.going_back && words.iter().all(|word| given.contains(word)))
}

/// Whether the proofs of a gate make servers refuse a certificate.
pub(super) fn refuses_certificates(gate: Gate) -> bool {
    matches!(gate, Gate::Switched | Gate::Distrusted)
}

/// The reason to ask no gate now, for a run of a job.
pub(super) fn hold(
    arguments: &Args,
    context: &Context,
    rotation: &Rotation,
    gate: Gate,
) -> Option<Hold> {
    if !arguments.unattended {
        return None;
    }
    let waits = |waits_for: String| Some(Hold { result: Answer::Pass, waits_for });
    let command = |command: CommandLine| context.completed(command).to_string();
    if rotation.phase == RotationPhase::Switching {
        return match is_confirmed(&arguments.confirm, rotation, gate) {
            true => None,
            false => Some(Hold {
                result: Answer::Fail,
                waits_for: format!(
                    "the end of the switch, which a command is doing now or was interrupted in; see \
                     how to finish it: {}",
                    command(CommandLine::ccx_sec("ca rotate status"))
                ),
            }),
        };
    }
    if rotation.distrusted.is_some() && gate == Gate::Distrusted {
        return waits(format!(
            "you: every node refuses the old CA; delete its key: {}",
            command(CommandLine::ccx_sec("ca rotate forget"))
        ));
    }
    let now = context.now;
    if gate == Gate::Switched && now < rotation.earliest_switch && arguments.accept_age.is_none() {
        return waits(format!(
            "clients, which have until {} to take the bundle; the nodes are not asked before",
            rotation.earliest_switch
        ));
    }
    let last = rotation.asked.as_ref().filter(|_| refuses_certificates(gate))?;
    let next = asked_again(last);
    let result = match last.answer.as_str() {
        "pass" | AWAITED => Answer::Pass,
        "fail" => Answer::Fail,
        _ => Answer::Unknown,
    };
    let is_confirmed = is_confirmed(&arguments.confirm, rotation, gate);
    if now >= next || (last.answer == "pass" && is_confirmed) {
        return None;
    }
    if last.answer == AWAITED {
        return waits(format!(
            "nodes, which drop the old CA with their next cert renew; at {} some trusted it, and \
             they are asked again at {next}, or now by: {}",
            last.at,
            command(advance(gate))
        ));
    }
    let person = match result {
        Answer::Pass => confirm_command(rotation, gate),
        Answer::Fail | Answer::Unknown => advance(gate),
    };
    Some(Hold {
        result,
        waits_for: format!(
            "you: at {} the gate answered {}; the nodes are asked again at {next}, or now by: {}",
            last.at,
            last.answer,
            command(person)
        ),
    })
}

/// The time at which a job asks the nodes again.
fn asked_again(last: &GateInquiry) -> Timestamp {
    let pause = if last.answer == AWAITED { BETWEEN_LOOKS } else { BETWEEN_REFUSALS };
    last.at.checked_add(pause).unwrap_or(Timestamp::MAX)
}

/// The answer to write down, so that a job lets the servers rest; `None` where no server had to
/// refuse a certificate.
pub(super) fn answer_to_record(
    rotation: &Rotation,
    answer: &GateAnswer,
    proofs: &[NodeProof],
    now: Timestamp,
) -> Option<&'static str> {
    let has_refused = |trust: &CaTrust| {
        let wire = TrustBasis::Wire;
        matches!(trust, CaTrust::Trusts { basis } | CaTrust::Refuses { basis, .. } if *basis == wire)
    };
    let mut trusts =
        proofs.iter().flat_map(|proof| [Some(&proof.trusts_new), proof.trusts_old.as_ref()]);
    if !refuses_certificates(answer.gate) || !trusts.any(|trust| trust.is_some_and(has_refused)) {
        return None;
    }
    Some(match is_followed_in_time(rotation, answer, now) {
        true => AWAITED,
        false => answer.answer.name(),
    })
}

/// Whether all that is missing after `removed` is the next `cert renew` of nodes.
fn is_followed_in_time(rotation: &Rotation, answer: &GateAnswer, now: Timestamp) -> bool {
    answer.gate == Gate::Distrusted
        && answer.answer == Answer::Fail
        && now < rotation.since.checked_add(RENEWAL).unwrap_or(Timestamp::MAX)
        && answer.lacks.iter().all(|gap| gap.code == GapCode::OldCaTrusted)
}

/// The state that a rotation waits for after its gate was asked, if nobody has to mend anything.
pub(super) fn waits_for(
    arguments: &Args,
    context: &Context,
    rotation: &Rotation,
    answer: &GateAnswer,
    ramp: Option<&RampStep>,
) -> Option<String> {
    let gate = answer.gate;
    if answer.answer == Answer::Pass {
        let person = context.completed(confirm_command(rotation, gate));
        return (!is_confirmed(&arguments.confirm, rotation, gate))
            .then(|| format!("you: the gate is open; go on by: {person}"));
    }
    if is_followed_in_time(rotation, answer, context.now) {
        let end = rotation.since.checked_add(RENEWAL).unwrap_or(Timestamp::MAX);
        return Some(format!(
            "nodes, which drop the old CA with their next cert renew, until {end}"
        ));
    }
    if gate != Gate::Reissued || rotation.ramp.paused || matches!(ramp, Some(RampStep::Stop { .. }))
    {
        return None;
    }
    let has_to_follow = |code| matches!(code, GapCode::OldCertificate | GapCode::StoredOld);
    let end = follow_by(rotation);
    let is_in_time = context.now < end && answer.lacks.iter().all(|gap| has_to_follow(gap.code));
    is_in_time.then(|| {
        format!("nodes, which take a new certificate with their next cert renew, until {end}")
    })
}

/// The time by which every node, or before the ramp is wide every canary, has followed.
fn follow_by(rotation: &Rotation) -> Timestamp {
    let window = i64::try_from(rotation.ramp.window_seconds).unwrap_or(i64::MAX);
    let (begin, window) = match rotation.ramp.widened_at {
        Some(widened_at) => (widened_at, SignedDuration::from_secs(window)),
        None => (rotation.since, SignedDuration::ZERO),
    };
    let end = begin.checked_add(window).and_then(|end| end.checked_add(RENEWAL));
    end.unwrap_or(Timestamp::MAX)
}

/// The command of a person for the phase behind a gate.
fn advance(gate: Gate) -> CommandLine {
    let to = match gate {
        Gate::Distrusted => Gate::Removed.name(),
        gate => gate.name(),
    };
    CommandLine::ccx_sec("ca rotate advance")
        .option("--to", to)
        .option("--inventory", Placeholder("FILE"))
}

/// The same, with the confirmation.
fn confirm_command(rotation: &Rotation, gate: Gate) -> CommandLine {
    match confirming_word(rotation, gate) {
        Some(word) => advance(gate).option("--confirm", word),
        None => advance(gate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rotation::{Operator, Ramp, RotationKind};

    fn rotation(from: &str, target: &str) -> Rotation {
        let at = "2026-01-01T00:00:00Z".parse().expect("a timestamp");
        let operator = Operator { name: "ops".to_owned(), at };
        let cas = (from.repeat(8), target.repeat(8));
        let ramp = Ramp::new(10, 0);
        Rotation::staged("5f".to_owned(), RotationKind::Planned, cas, at, ramp, &operator)
    }

    /// The new CA of a rotation is the old one of the next.
    #[test]
    fn confirmations_of_one_rotation_remove_no_ca_of_another() {
        let (g1, g2, g3) = ("11111111", "22222222", "33333333");
        let given = [g2, g1].map(str::to_owned);
        let mut first = rotation(g1, g2);
        assert!(is_confirmed(&given, &first, Gate::Switched));
        assert!(is_confirmed(&given, &first, Gate::Removed));
        for other in [rotation(g2, g3), rotation(g1, g3)] {
            assert!(!is_confirmed(&given, &other, Gate::Switched));
            assert!(!is_confirmed(&given, &other, Gate::Removed));
        }
        first.going_back = true;
        assert!(!is_confirmed(&given, &first, Gate::Removed));
    }
}
