//! The fault of a chain: the reason, the certificate, the rule, and hints.

use std::fmt;

use serde::Serialize;

use crate::error::Reason;
use crate::pki::chain::link::{PathCertificate, Position};
use crate::pki::chain::verifier::Verifier;
use crate::text::clip;

/// The reason why a chain is refused. Stable, for scripts; written in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainReason {
    /// A certificate breaks the rules of its encoding.
    Damaged,
    /// A certificate has a critical extension that this program does not understand.
    Unsupported,
    /// No path leads to a trusted CA.
    Untrusted,
    /// No path leads to a trusted CA, because the peer does not send an intermediate CA.
    IntermediateMissing,
    /// A signature does not fit the key that should have made it.
    BadSignature,
    /// A key is too short, or of a kind that is not safe or not known.
    WeakKey,
    /// A signature is made with MD5 or SHA-1, or of a kind that is not known.
    WeakSignature,
    /// The current time is past notAfter.
    Expired,
    /// The current time is before notBefore.
    NotYetValid,
    /// The CA revoked it.
    Revoked,
    /// A revocation list that covers the certificate is invalid.
    BadCrl,
    /// The issuer is not a CA.
    NotACa,
    /// The path has more CA certificates than a pathLenConstraint allows.
    PathLength,
    /// A name lies outside the name constraints of a CA above.
    NameConstraint,
    /// keyUsage or extendedKeyUsage does not allow this use.
    WrongPurpose,
    /// The certificate is not valid for the requested name.
    NameMismatch,
    /// The chain breaks a rule that most peers do not enforce.
    Nonconforming,
    /// Checking the chain would exceed the limits on work.
    TooComplex,
}

impl ChainReason {
    /// The [`Reason`] of a verdict with this fault.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            ChainReason::Damaged => Reason::Damaged,
            ChainReason::Unsupported => Reason::Unsupported,
            ChainReason::Untrusted => Reason::Untrusted,
            ChainReason::IntermediateMissing => Reason::IntermediateMissing,
            ChainReason::BadSignature => Reason::BadSignature,
            ChainReason::WeakKey => Reason::WeakKey,
            ChainReason::WeakSignature => Reason::WeakSignature,
            ChainReason::Expired => Reason::Expired,
            ChainReason::NotYetValid => Reason::NotYetValid,
            ChainReason::Revoked => Reason::Revoked,
            ChainReason::BadCrl => Reason::BadCrl,
            ChainReason::NotACa => Reason::NotACa,
            ChainReason::PathLength => Reason::PathLength,
            ChainReason::NameConstraint => Reason::NameConstraint,
            ChainReason::WrongPurpose => Reason::WrongPurpose,
            ChainReason::NameMismatch => Reason::NameMismatch,
            ChainReason::Nonconforming => Reason::Nonconforming,
            ChainReason::TooComplex => Reason::TooComplex,
        }
    }

    /// The name in all outputs: snake case, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.reason().name()
    }
}

impl fmt::Display for ChainReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A fault with the certificate that has it, the rule that it breaks, and hints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainFault {
    /// The reason, for scripts.
    pub reason: ChainReason,
    /// The certificate at fault.
    pub certificate: Position,
    /// Its subject, RFC 4514.
    pub subject: String,
    /// The fault in words: names the certificate and the values; no full stop.
    pub message: String,
    /// The rule, such as `RFC 5280 section 4.2.1.9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// Next steps for the operator.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// The verifier that refuses the chain for this fault, where other verifiers accept it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<Verifier>,
}

impl ChainFault {
    /// A fault of `link`; `what` continues a sentence that begins with the certificate's name.
    pub(super) fn new(
        reason: ChainReason,
        link: &PathCertificate<'_>,
        what: impl fmt::Display,
    ) -> Self {
        let (position, subject) = (link.position, link.certificate.subject());
        let name = clip(if subject.is_empty() { "without a subject" } else { &subject }, 200);
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

    /// Turns the fault into a warning that this verifier refuses the chain, while others accept it.
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
