//! A demand of a gate that is not met.

use std::collections::HashMap;

use serde::Serialize;

use crate::hint::Hint;
use crate::probe::mode::Answer;
use crate::shell::Invocation;

/// The kind of a gap. Stable, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapCode {
    /// Clients may not have the bundle yet.
    TooEarly,
    /// The new CA is not valid yet.
    TargetNotYetValid,
    /// A known client has a bundle without the new CA.
    HolderLacksCa,
    /// The records of clients could not be read.
    HoldersUnknown,
    /// The clock lies before the beginning of the phase.
    Clock,
    /// A node of the last gate is missing in the fleet.
    PopulationShrank,
    /// The simulation finds connections that would fail.
    SimulationRed,
    /// The simulation is not complete.
    SimulationUnknown,
    /// The key of the old CA is not in its Secret.
    PreviousKeyMissing,
    /// A server does not trust the new CA.
    CaNotTrusted,
    /// A server still trusts the old CA.
    OldCaTrusted,
    /// A server takes client certificates of any CA.
    TakesAny,
    /// It was not found out whether a server trusts a CA.
    TrustUnknown,
    /// A server shows a certificate of the old CA.
    OldCertificate,
    /// A server shows a certificate of neither CA.
    UnknownCertificate,
    /// A server shows a certificate that clients refuse.
    BadCertificate,
    /// A server shows another certificate than the stored one.
    NotLoaded,
    /// A directory or a Secret holds a certificate of the old CA.
    StoredOld,
    /// Stored credentials could not be read.
    StoredUnknown,
    /// A server answers without usable TLS.
    NoTls,
    /// A server was not reached.
    Unreachable,
    /// A node was not looked at.
    NotLookedAt,
}

/// A demand that is not met, and what mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The node; `None` for the rotation as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The kind.
    pub code: GapCode,
    /// `fail`, or `unknown` if it could not be found out.
    pub answer: Answer,
    /// The message for people, no full stop.
    pub message: String,
    /// The remedies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
}

impl Gap {
    /// A demand that is not met.
    #[must_use]
    pub fn fail(code: GapCode, message: String) -> Self {
        Gap { node: None, code, answer: Answer::Fail, message, hints: Vec::new() }
    }

    /// A demand of which nobody knows whether it is met.
    #[must_use]
    pub fn unknown(code: GapCode, message: String) -> Self {
        Gap { answer: Answer::Unknown, ..Gap::fail(code, message) }
    }

    /// The gap of this node.
    #[must_use]
    pub fn of(self, node: &str) -> Self {
        Gap { node: Some(node.to_owned()), ..self }
    }

    /// Adds a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Completes the commands of the remedies with the options of the run.
    pub fn complete(&mut self, run: &Invocation) {
        self.hints.iter_mut().for_each(|hint| hint.complete(run));
    }
}

/// Merges the gaps of a node that have one cause, a certificate of the old CA that is shown and
/// stored, into the first, with the remedies of all.
#[must_use]
pub fn merged(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut merged: Vec<Gap> = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for gap in gaps {
        let is_old = matches!(gap.code, GapCode::OldCertificate | GapCode::StoredOld);
        let node = gap.node.clone().filter(|_| is_old);
        match node.as_ref().and_then(|node| first.get(node)) {
            Some(place) => {
                let hints = &mut merged[*place].hints;
                let is_known = |hint: &Hint| {
                    let text = hint.unbroken();
                    let command =
                        text.split_once(": ").map_or(text.as_str(), |(_, command)| command);
                    hints.iter().any(|there| there.unbroken().contains(command))
                };
                let new: Vec<Hint> = gap.hints.into_iter().filter(|hint| !is_known(hint)).collect();
                hints.extend(new);
            }
            None => {
                first.extend(node.map(|node| (node, merged.len())));
                merged.push(gap);
            }
        }
    }
    merged
}

impl GapCode {
    /// The name in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            GapCode::TooEarly => "too-early",
            GapCode::TargetNotYetValid => "target-not-yet-valid",
            GapCode::HolderLacksCa => "holder-lacks-ca",
            GapCode::HoldersUnknown => "holders-unknown",
            GapCode::Clock => "clock",
            GapCode::PopulationShrank => "population-shrank",
            GapCode::SimulationRed => "simulation-red",
            GapCode::SimulationUnknown => "simulation-unknown",
            GapCode::PreviousKeyMissing => "previous-key-missing",
            GapCode::CaNotTrusted => "ca-not-trusted",
            GapCode::OldCaTrusted => "old-ca-trusted",
            GapCode::TakesAny => "takes-any",
            GapCode::TrustUnknown => "trust-unknown",
            GapCode::OldCertificate => "old-certificate",
            GapCode::UnknownCertificate => "unknown-certificate",
            GapCode::BadCertificate => "bad-certificate",
            GapCode::NotLoaded => "not-loaded",
            GapCode::StoredOld => "stored-old",
            GapCode::StoredUnknown => "stored-unknown",
            GapCode::NoTls => "no-tls",
            GapCode::Unreachable => "unreachable",
            GapCode::NotLookedAt => "not-looked-at",
        }
    }
}
