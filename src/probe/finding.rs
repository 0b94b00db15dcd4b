//! The finding about one TLS mode, from which a verdict is made.

use crate::connection::failure::{Failure, FailureKind, RefusalCause};
use crate::error::Reason;
use crate::probe::mode::Answer;

/// The finding about a mode that does not pass: a verdict without scope and hints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModeFinding {
    /// Fail or unknown.
    pub(crate) answer: Answer,
    pub(crate) reason: Reason,
    /// For people; no full stop.
    pub(crate) message: String,
    pub(crate) detail: FindingDetail,
}

/// The facts by which remedies for one reason differ. A remedy never depends on the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FindingDetail {
    /// The reason says all.
    None,
    /// The server refused the client or the account, for this cause.
    Refusal(RefusalCause),
    /// The server itself reported its plaintext port.
    ReportedPort,
    /// The server accepts an offer of TLS 1.2 that is below the floor: at all, or with a weak cipher
    /// suite. A limit to TLS 1.2 would leave it so.
    Tls12BelowFloor,
    /// The server asked for a client certificate before the connection ended.
    CertificateRequested,
}

impl ModeFinding {
    /// Creates the finding that a mode does not hold.
    pub(crate) fn fail(reason: Reason, message: impl Into<String>) -> Self {
        let (answer, message) = (Answer::Fail, message.into());
        ModeFinding { answer, reason, message, detail: FindingDetail::None }
    }

    /// Creates the finding that could not be determined.
    pub(crate) fn unknown(reason: Reason, message: impl Into<String>) -> Self {
        ModeFinding { answer: Answer::Unknown, ..ModeFinding::fail(reason, message) }
    }

    /// Creates the finding about a failed connection: unknown, for the failure's reason.
    pub(crate) fn of_failure(failure: &Failure) -> Self {
        let detail = match failure.kind {
            FailureKind::ServerError(cause) => FindingDetail::Refusal(cause),
            _ => FindingDetail::None,
        };
        let finding = ModeFinding::unknown(failure.kind.reason(), failure.message.clone());
        ModeFinding { detail, ..finding }
    }

    /// Creates the finding that the server refuses the probe's user with and without TLS, with the
    /// server's message.
    pub(crate) fn not_admitted(said: &str) -> Self {
        let message =
            format!("the server lets this user in neither way, so it tells nothing: {said}");
        ModeFinding::unknown(Reason::NotAdmitted, message)
    }

    /// Replaces the answer.
    pub(crate) fn with_answer(self, answer: Answer) -> Self {
        ModeFinding { answer, ..self }
    }

    /// Replaces the message.
    pub(crate) fn with_message(self, message: impl Into<String>) -> Self {
        ModeFinding { message: message.into(), ..self }
    }

    /// Replaces the detail.
    pub(crate) fn with_detail(self, detail: FindingDetail) -> Self {
        ModeFinding { detail, ..self }
    }
}
