//! What is wrong with a chain, and with which of its certificates.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::pki::chain::Verifier;
use crate::pki::chain::link::PathCertificate;

/// Why a chain is not good. Stable, for scripts; spelled in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainReason {
    /// A certificate breaks the rules of its encoding.
    Damaged,
    /// It holds something marked critical that is not understood here.
    Unsupported,
    /// No path leads to a trusted CA.
    Untrusted,
    /// The same, as the peer does not send a CA between its certificate and a trusted one.
    IntermediateMissing,
    /// A signature does not fit the key that should have made it.
    BadSignature,
    /// A key is too short, or of a kind that is not safe or not known.
    WeakKey,
    /// A signature is made with MD5 or SHA-1, or of a kind that is not known.
    WeakSignature,
    /// Past its last moment.
    Expired,
    /// Before its first moment.
    NotYetValid,
    /// The CA revoked it.
    Revoked,
    /// A revocation list that covers it is not good.
    BadCrl,
    /// What signed it is no CA.
    NotACa,
    /// More CA certificates in the path than one of them allows.
    PathLength,
    /// A name outside what a CA may sign for.
    NameConstraint,
    /// Not for this use: extended key usage, key usage.
    WrongPurpose,
    /// Not for the name that was asked for.
    NameMismatch,
    /// Breaks a rule that most peers let pass.
    Nonconforming,
    /// More work than a chain may cost.
    TooComplex,
}

impl ChainReason {
    /// The name, as in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ChainReason::Damaged => "damaged",
            ChainReason::Unsupported => "unsupported",
            ChainReason::Untrusted => "untrusted",
            ChainReason::IntermediateMissing => "intermediate_missing",
            ChainReason::BadSignature => "bad_signature",
            ChainReason::WeakKey => "weak_key",
            ChainReason::WeakSignature => "weak_signature",
            ChainReason::Expired => "expired",
            ChainReason::NotYetValid => "not_yet_valid",
            ChainReason::Revoked => "revoked",
            ChainReason::BadCrl => "bad_crl",
            ChainReason::NotACa => "not_a_ca",
            ChainReason::PathLength => "path_length",
            ChainReason::NameConstraint => "name_constraint",
            ChainReason::WrongPurpose => "wrong_purpose",
            ChainReason::NameMismatch => "name_mismatch",
            ChainReason::Nonconforming => "nonconforming",
            ChainReason::TooComplex => "too_complex",
        }
    }
}

impl fmt::Display for ChainReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which certificate of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Position {
    /// The peer's own.
    Leaf,
    /// One between; the first, 1, signed the leaf.
    Intermediate(usize),
    /// The trusted CA.
    Ca,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Leaf => f.write_str("leaf"),
            Position::Intermediate(number) => write!(f, "intermediate {number}"),
            Position::Ca => f.write_str("CA"),
        }
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is wrong, with which certificate, by which rule, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainFault {
    /// Why, for scripts.
    pub reason: ChainReason,
    /// The certificate at fault.
    pub certificate: Position,
    /// Its subject, RFC 4514.
    pub subject: String,
    /// What is wrong, for people; names the certificate and the values; no full stop.
    pub message: String,
    /// The rule, such as `RFC 5280 section 4.2.1.9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// The verifier that refuses the chain for it, where others do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<Verifier>,
}

impl ChainFault {
    /// A fault of `link`; the message is put behind its name.
    pub(super) fn new(
        reason: ChainReason,
        link: &PathCertificate<'_>,
        what: impl fmt::Display,
    ) -> Self {
        let (position, subject) = (link.position, link.certificate.subject());
        let name = shortened(if subject.is_empty() { "without a subject" } else { &subject });
        ChainFault {
            reason,
            certificate: position,
            message: format!("the {position} certificate ({name}) {what}"),
            subject,
            rule: None,
            hints: Vec::new(),
            refused_by: None,
        }
    }

    pub(super) fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The same, as a warning: this verifier refuses the chain, and others do not.
    pub(super) fn by_verifier(mut self, verifier: Verifier) -> Self {
        self.message = format!("{} refuses this chain: {}", verifier.name(), self.message);
        self.refused_by = Some(verifier);
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A peer may send a subject of many pages.
fn shortened(name: &str) -> String {
    const SHOWN: usize = 200;
    match name.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()),
        None => name.to_owned(),
    }
}
