//! The report about a rotation: its phase, its two CAs, and the next step.

use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::node::trust::TURNS;
use crate::pki::certificate::Certificate;
use crate::report::push_field;
use crate::shell::{CommandLine, Placeholder};
use crate::store::bundle::Bundle;
use crate::store::rotation::{EndedRotation, Ramp, Rotation, RotationKind, RotationPhase};

/// A rotation, or none.
#[derive(Serialize)]
pub(super) struct RotationReport {
    /// The phase; `idle` where no rotation is under way.
    phase: &'static str,
    /// The CA that signed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<RotatedCa>,
    /// The CA that signs at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<RotatedCa>,
    /// The share of nodes that may follow now, in thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    following_permille: Option<u16>,
    /// The record.
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<Rotation>,
    /// The next step.
    next: NextStep,
    /// The rotations that have ended, the oldest first.
    rotations: Vec<EndedRotation>,
}

/// One of the two CAs of a rotation.
#[derive(Serialize)]
struct RotatedCa {
    sha256: String,
    /// Missing once the CA has left the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_after: Option<Timestamp>,
}

/// The next step of a rotation.
#[derive(Serialize)]
struct NextStep {
    /// The state that the step waits for.
    waits_for: String,
    /// The command.
    command: String,
    /// The command that turns the rotation: back, or forward again.
    #[serde(skip_serializing_if = "Option::is_none")]
    back: Option<String>,
}

impl RotationReport {
    /// The report about the rotation of a bundle.
    pub(super) fn new(bundle: &Bundle, context: &Context) -> Self {
        let now = context.now;
        let Some(rotation) = &bundle.rotation else {
            let plan = CommandLine::ccx_sec("ca rotate plan").flag("--from-secrets");
            return RotationReport {
                phase: "idle",
                from: None,
                target: None,
                following_permille: None,
                rotation: None,
                next: NextStep {
                    waits_for: "no rotation is under way".to_owned(),
                    command: shown(context, plan),
                    back: None,
                },
                rotations: bundle.rotations.clone(),
            };
        };
        let ca = |sha256: &String| RotatedCa::new(sha256, bundle);
        let follows = rotation.phase == RotationPhase::Switched;
        RotationReport {
            phase: rotation.phase.name(),
            from: Some(ca(&rotation.from)),
            target: Some(ca(&rotation.target)),
            following_permille: follows.then(|| rotation.ramp.permille(now)),
            rotation: Some(rotation.clone()),
            next: next_step(rotation, context),
            rotations: bundle.rotations.clone(),
        }
    }

    /// The text.
    pub(super) fn render_text(&self) -> String {
        let mut text = String::new();
        let mut field = |name: &str, value: &str| push_field(&mut text, name, value);
        let Some(rotation) = &self.rotation else {
            field("rotation", "none is under way");
            if let Some(last) = self.rotations.last() {
                field("last one", &format!("ended {} by {}", last.ended, last.by));
            }
            field("next", &self.next.command);
            return text;
        };
        let kind = match (rotation.kind, rotation.going_back) {
            (RotationKind::Compromised, _) => ", for a stolen key",
            (RotationKind::Planned, true) => ", going back",
            (RotationKind::Planned, false) => "",
        };
        field(
            "rotation",
            &format!("{} since {}{kind}, by {}", self.phase, rotation.since, rotation.by),
        );
        for (name, ca) in [("from", &self.from), ("to", &self.target)] {
            if let Some(ca) = ca {
                field(name, &ca.render_text());
            }
        }
        if rotation.phase == RotationPhase::Staged {
            field("switch", &format!("not before {}", rotation.earliest_switch));
        }
        if let Some(permille) = self.following_permille {
            field("nodes", &ramp_text(&rotation.ramp, permille));
        }
        for (node, reason) in &rotation.excluded {
            field("left out", &format!("{node}: {reason}"));
        }
        field("waits for", &self.next.waits_for);
        field("next", &self.next.command);
        if let Some(back) = &self.next.back {
            field(if rotation.going_back { "forward" } else { "back" }, back);
        }
        text
    }
}

/// The share of nodes that may follow now, and the time at which the others may.
fn ramp_text(ramp: &Ramp, permille: u16) -> String {
    let rounds = ramp.rounds();
    let share = f64::from(permille) / 10.0;
    let (of, round) = match ramp.round < rounds && rounds > 1 {
        true => {
            let number = ramp.round + 1;
            (" of this round", format!("round {number} of {rounds}, one node of each datastore: "))
        }
        false => ("", String::new()),
    };
    let rest = match ramp.rise() {
        _ if ramp.paused => "; paused".to_owned(),
        Some(_) if permille >= TURNS => String::new(),
        Some(rise) => format!(", all{of} from {:.0} on", rise.time_of(TURNS - 1)),
        None => ", the others once these are proved".to_owned(),
    };
    format!("{round}{share} % may take a new certificate now{rest}")
}

impl RotatedCa {
    fn new(sha256: &str, bundle: &Bundle) -> Self {
        let members = bundle.members.iter().map(|member| &member.certificate);
        let found = members.into_iter().find(|member| member.sha256() == *sha256);
        RotatedCa {
            sha256: sha256.to_owned(),
            subject: found.map(Certificate::subject),
            not_after: found.map(Certificate::not_after),
        }
    }

    fn render_text(&self) -> String {
        match (&self.subject, self.not_after) {
            (Some(subject), Some(not_after)) => {
                format!("{} {subject} until {not_after}", self.sha256)
            }
            _ => format!("{}, no longer in the bundle", self.sha256),
        }
    }
}

/// A command of this run's CA and store.
fn shown(context: &Context, command: CommandLine) -> String {
    context.completed(command).to_string()
}

/// The state that a rotation waits for, and the command of its next step.
pub(crate) fn awaited_step(rotation: &Rotation, context: &Context) -> (String, String) {
    let NextStep { waits_for, command, .. } = next_step(rotation, context);
    (waits_for, command)
}

/// The state that the next phase waits for, and the commands on and back.
fn next_step(rotation: &Rotation, context: &Context) -> NextStep {
    let advance = |to: &str| {
        CommandLine::ccx_sec("ca rotate advance")
            .option("--to", to)
            .option("--inventory", Placeholder("FILE"))
    };
    let forget = || CommandLine::ccx_sec("ca rotate forget");
    let (waits_for, command) = match rotation.phase {
        RotationPhase::Staged if context.now < rotation.earliest_switch => (
            format!(
                "clients, which have until {} to take the bundle, and nodes, which take it with \
                 their next cert renew",
                rotation.earliest_switch
            ),
            advance("switched"),
        ),
        RotationPhase::Staged => {
            ("the proof that every node trusts the new CA".to_owned(), advance("switched"))
        }
        RotationPhase::Switching => (
            "the end of the switch, which a command is doing now or was interrupted in".to_owned(),
            advance("switched"),
        ),
        RotationPhase::Switched if rotation.ramp.paused => (
            "you: it is paused, and no further node takes a new certificate".to_owned(),
            CommandLine::ccx_sec("ca rotate resume"),
        ),
        RotationPhase::Switched => (
            "nodes, which take a new certificate with their next cert renew".to_owned(),
            advance("reissued"),
        ),
        RotationPhase::Reissued => (
            "you: give each client that has a certificate of the old CA one of the new CA"
                .to_owned(),
            advance("removed"),
        ),
        RotationPhase::Removed if rotation.forgetting => {
            ("the end of the deletion of the old key".to_owned(), forget())
        }
        RotationPhase::Removed if rotation.distrusted.is_none() => (
            "nodes, which take the bundle without the old CA with their next cert renew, and the \
             proof that each refuses the old CA"
                .to_owned(),
            advance("removed"),
        ),
        RotationPhase::Removed => {
            ("your decision: after forget, nothing leads back".to_owned(), forget())
        }
    };
    let is_forward_only =
        rotation.kind == RotationKind::Compromised && rotation.phase != RotationPhase::Staged;
    let turn = CommandLine::ccx_sec("ca rotate rollback");
    let turn = if rotation.going_back { turn.flag("--undo") } else { turn };
    let back = (!rotation.forgetting && !is_forward_only).then(|| shown(context, turn));
    NextStep { waits_for, command: shown(context, command), back }
}
