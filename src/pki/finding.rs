//! What a check has to say about one thing that is not as it should be.

use serde::Serialize;

use crate::hint::Hint;
use crate::shell::Invocation;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It differs from what ccx-sec would make, but peers will take it.
    Warning,
    /// It does not work, or is not safe.
    Error,
}

/// One finding: a stable code, what was found, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable, in kebab case, for scripts.
    pub code: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What was found, without a full stop.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// The rule that is broken, such as `RFC 5280 section 4.2.1.9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
}

impl Finding {
    /// A finding that makes the answer "no".
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Finding {
            code,
            level: Level::Error,
            message: message.into(),
            hints: Vec::new(),
            rule: None,
        }
    }

    /// A finding worth saying that does not change the answer.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Finding { level: Level::Warning, ..Self::error(code, message) }
    }

    /// Adds what to do about it.
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
