//! Errors: message, code, hints and exit status.
//!
//! An [`Error`] names the object, the cause and the next step: object and cause in its message,
//! next steps in its [hints](Error::hints). Its [code](Error::code) is stable, for scripts; its
//! [`Exit`] is the exit status of the process.

mod code;
mod reason;
mod table;

use std::fmt;

use serde::Serialize;

pub use code::Code;
pub use reason::Reason;
#[cfg(test)]
pub(crate) use table::assert_promised;
pub(crate) use table::code_table;

use crate::hint::Hint;
use crate::shell::Invocation;

/// The exit statuses of all commands.
///
/// If several apply, [`Exit::worst`] chooses: `No` overrides `Done`, and `Failed` overrides both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// 0: done, or the answer to the question is yes.
    Done,
    /// 1: the answer to the question is no.
    No,
    /// 2: the arguments, or the input they name, are wrong.
    Usage,
    /// 3: it could not be done: network, permission, a missing tool, a damaged store.
    Failed,
    /// 4: refused, because it would overwrite, destroy or weaken something.
    Refused,
    /// 130: interrupted (Ctrl-C); what was done before was reported.
    Interrupted,
}

impl Exit {
    /// The number that the process returns.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::Failed => 3,
            Exit::Refused => 4,
            Exit::Interrupted => 130,
        }
    }

    /// Combines the statuses of two checks. `Failed` (not checked) overrides `No`, which overrides
    /// `Done`: a check that could not be made is never a pass, and leaves the answer incomplete.
    #[must_use]
    pub fn worst(self, other: Exit) -> Exit {
        let rank = |exit| match exit {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Failed => 2,
            Exit::Usage | Exit::Refused => 3,
            Exit::Interrupted => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// An error, as printed for the user.
pub struct Error {
    code: Code,
    exit: Exit,
    message: String,
    hints: Vec<Hint>,
    source: Option<anyhow::Error>,
}

/// A result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with a stable `code`, the status to exit with and a
    /// message that names the object and the cause, without a full stop.
    pub fn new(exit: Exit, code: Code, message: impl Into<String>) -> Self {
        Error { code, exit, message: message.into(), hints: Vec::new(), source: None }
    }

    /// The answer to the question is no (exit 1).
    pub fn no(code: Code, message: impl Into<String>) -> Self {
        Self::new(Exit::No, code, message)
    }

    /// The arguments, or the input that they name, are wrong (exit 2).
    pub fn usage(code: Code, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, message)
    }

    /// An operation failed (exit 3).
    pub fn failed(code: Code, message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, code, message)
    }

    /// An operation was refused because it would overwrite, destroy or weaken something (exit 4).
    pub fn refused(code: Code, message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, code, message)
    }

    /// Turns the error into a failure (exit 3), for use after something was changed: "refused"
    /// promises that nothing was.
    #[must_use]
    pub fn into_failed(self) -> Self {
        Error { exit: Exit::Failed, ..self }
    }

    /// Adds a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Replaces the hints: those of a general function do not fit every caller.
    #[must_use]
    pub fn with_only_hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints = vec![hint.into()];
        self
    }

    /// Adds the error underneath, shown as the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The stable code, for scripts.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The status to exit with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Adds the hints of another error.
    #[must_use]
    pub fn hints_of(mut self, other: &Error) -> Self {
        self.hints.extend_from_slice(&other.hints);
        self
    }

    /// Adds the options of the run to the commands among the hints.
    #[must_use]
    pub fn completed(mut self, run: &Invocation) -> Self {
        self.hints.iter_mut().for_each(|hint| hint.complete(run));
        self
    }

    /// The next steps, each of one or more lines.
    #[must_use]
    pub fn hints(&self) -> &[Hint] {
        &self.hints
    }

    /// The underlying errors, outermost first, without causes that only repeat the text above them.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        for cause in self.source.iter().flat_map(|source| source.chain()) {
            let cause = cause.to_string();
            let said = causes.last().unwrap_or(&self.message);
            if !said.contains(&cause) {
                causes.push(cause);
            }
        }
        causes
    }

    /// The document that `-o json` and `-o yaml` print on stderr.
    #[must_use]
    pub fn document(&self) -> impl Serialize + use<> {
        #[derive(Serialize)]
        struct ErrorDocument {
            error: ErrorBody,
        }
        #[derive(Serialize)]
        struct ErrorBody {
            code: Code,
            message: String,
            causes: Vec<String>,
            hints: Vec<Hint>,
        }
        ErrorDocument {
            error: ErrorBody {
                code: self.code,
                message: self.message.clone(),
                causes: self.causes(),
                hints: self.hints.clone(),
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.exit, self.code, self.message)?;
        for cause in self.causes() {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_were_promised() {
        let codes = Code::ALL.iter().map(|code| code.name());
        assert_promised(codes, include_str!("error/codes.txt"));
    }

    #[test]
    fn reasons_are_those_that_were_promised() {
        let reasons = Reason::ALL.iter().map(|reason| reason.name());
        assert_promised(reasons, include_str!("error/reasons.txt"));
    }

    #[test]
    fn failed_wins_over_no_and_no_over_done() {
        assert_eq!(Exit::Done.worst(Exit::No), Exit::No);
        assert_eq!(Exit::Failed.worst(Exit::No), Exit::Failed);
        assert_eq!(Exit::No.worst(Exit::Failed), Exit::Failed);
        assert_eq!(Exit::Done.worst(Exit::Done), Exit::Done);
    }

    #[test]
    fn a_cause_that_repeats_the_message_is_not_said_twice() {
        let inner = std::io::Error::other("disk full");
        let error = Error::failed(Code::FileUnwritable, "cannot write x: disk full").because(inner);
        assert!(error.causes().is_empty());
        let error = Error::failed(Code::FileUnwritable, "cannot write x")
            .because(std::io::Error::other("disk full"));
        assert_eq!(error.causes(), ["disk full"]);
    }
}
