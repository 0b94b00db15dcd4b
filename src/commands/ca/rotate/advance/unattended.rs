//! Runs of a job (`--unattended`): it asks nobody, and stops where a person has to confirm.
//!
//! A confirmation of the job's arguments counts for the rotation whose CAs it names, and not after
//! a rollback: whoever wrote it wanted to go forward.

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
use crate::shell::{CommandLine, Placeholder};
use crate::store::rotation::{Rotation, RotationPhase};

/// The shortest time between two runs that make servers refuse a certificate. MySQL and MariaDB
/// block a host after 100 refusals.
const BETWEEN_REFUSALS: SignedDuration = SignedDuration::from_hours(20);

/// The time that nodes have for their `cert renew`, besides the window of the ramp.
const RENEWAL: SignedDuration = SignedDuration::from_hours(24);

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
pub(super) fn report_idle(context: &Context) -> Result<Exit> {
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
    let words = [word(&rotation.target), word(&rotation.from)];
    for other in arguments.confirm.iter().filter(|given| !words.contains(given)) {
        context
            .output
            .warning(&format!("--confirm {other} is of another rotation, and counts for nothing"));
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

fn is_confirmed(arguments: &Args, rotation: &Rotation, gate: Gate) -> bool {
    confirming_word(rotation, gate)
        .is_none_or(|word| !rotation.going_back && arguments.confirm.contains(&word))
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
        return match is_confirmed(arguments, rotation, gate) {
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
    let next = last.at.checked_add(BETWEEN_REFUSALS).unwrap_or(Timestamp::MAX);
    if now >= next {
        return None;
    }
    let result = match last.answer.as_str() {
        "pass" => Answer::Pass,
        "fail" => Answer::Fail,
        _ => Answer::Unknown,
    };
    let person = match result {
        Answer::Pass => confirm_command(rotation, gate),
        Answer::Fail | Answer::Unknown => advance(gate).flag("--dry-run"),
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
        return (!is_confirmed(arguments, rotation, gate))
            .then(|| format!("you: the gate is open; go on by: {person}"));
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
