//! Findings of checks: a stable code, a level, a message and hints.

use serde::Serialize;

use crate::error::Code;
use crate::hint::Hint;
use crate::shell::Invocation;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Differs from the certificates of ccx-sec, but peers accept it.
    Warning,
    /// Does not work, or is not safe.
    Error,
}

/// One finding of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code in kebab case, for scripts.
    pub code: Code,
    /// The severity.
    pub level: Level,
    /// The finding in words, without a full stop.
    pub message: String,
    /// Next steps for the operator.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// The rule that is broken, such as `RFC 5280 section 4.2.1.9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
}

impl Finding {
    /// Creates a finding that makes the check fail.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Finding {
            code,
            level: Level::Error,
            message: message.into(),
            hints: Vec::new(),
            rule: None,
        }
    }

    /// Creates a finding that is reported, but does not make the check fail.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Finding { level: Level::Warning, ..Self::error(code, message) }
    }

    /// Adds a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the options of the run to the commands in the hints.
    pub fn complete(&mut self, run: &Invocation) {
        self.hints.iter_mut().for_each(|hint| hint.complete(run));
    }

    /// Adds the rule that is broken.
    #[must_use]
    pub fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }
}
