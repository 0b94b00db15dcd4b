//! Hints: next steps after an error, a finding or a verdict.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::shell::{CommandLine, Invocation};

/// A placeholder for a space inside a command: it is printed as a space, but no line breaks there.
pub(crate) const UNBROKEN: char = '\u{e000}';

/// A next step: a sentence, a command, or a few of them in order.
///
/// A command is built from its parts, and gets the options of the run ([`Hint::complete`])
/// where it is printed. So it works when it is pasted, and the room that gives the hint need
/// not know how the program was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    steps: Vec<HintStep>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct HintStep {
    prose: String,
    paste: Option<Paste>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Paste {
    Shell(CommandLine),
    Elsewhere(String),
}

/// Text to paste somewhere other than into a shell: a statement for the server's own client, a line
/// of one of its files, or further options for the same run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verbatim<T>(pub T);

impl From<&str> for Hint {
    fn from(prose: &str) -> Self {
        Hint::from(prose.to_owned())
    }
}

impl From<String> for Hint {
    fn from(prose: String) -> Self {
        Hint { steps: vec![HintStep { prose, paste: None }] }
    }
}

impl From<CommandLine> for Hint {
    fn from(command: CommandLine) -> Self {
        Hint::from((String::new(), command))
    }
}

/// A purpose and a command, printed as `look at it: ccx-sec ca show`.
impl<T: Into<String>> From<(T, CommandLine)> for Hint {
    fn from((prose, command): (T, CommandLine)) -> Self {
        Hint { steps: vec![HintStep { prose: prose.into(), paste: Some(Paste::Shell(command)) }] }
    }
}

/// A place and a text, printed as `on the server: CONFIG SET port 0`.
impl<T: Into<String>, U: Into<String>> From<(T, Verbatim<U>)> for Hint {
    fn from((prose, Verbatim(text)): (T, Verbatim<U>)) -> Self {
        let paste = Some(Paste::Elsewhere(text.into()));
        Hint { steps: vec![HintStep { prose: prose.into(), paste }] }
    }
}

impl Hint {
    /// Adds a further step.
    #[must_use]
    pub fn then(mut self, next: impl Into<Hint>) -> Self {
        self.steps.extend(next.into().steps);
        self
    }

    /// The text for the printer, which keeps each command on one line.
    #[must_use]
    pub fn unbroken(&self) -> String {
        let step = |HintStep { prose, paste }: &HintStep| match paste {
            None => prose.clone(),
            Some(paste) if prose.is_empty() => keep_spaces(&paste.to_string()),
            Some(paste) => format!("{prose}: {}", keep_spaces(&paste.to_string())),
        };
        self.steps.iter().map(step).collect::<Vec<_>>().join("\n")
    }

    /// Adds the options of the run to each command that takes them.
    pub fn complete(&mut self, run: &Invocation) {
        for step in &mut self.steps {
            if let Some(Paste::Shell(command)) = &mut step.paste {
                command.complete(run);
            }
        }
    }
}

/// The text of `command` for the printer, which keeps it on one line.
#[must_use]
pub(crate) fn unbroken(command: &CommandLine) -> String {
    keep_spaces(&command.to_string())
}

fn keep_spaces(text: &str) -> String {
    text.replace(' ', &UNBROKEN.to_string())
}

impl fmt::Display for Paste {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Paste::Shell(command) => command.fmt(f),
            Paste::Elsewhere(text) => f.write_str(text),
        }
    }
}

/// One line per step; a command or text to paste ends its line.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, HintStep { prose, paste }) in self.steps.iter().enumerate() {
            let line_end = if at == 0 { "" } else { "\n" };
            match paste {
                None => write!(f, "{line_end}{prose}")?,
                Some(paste) if prose.is_empty() => write!(f, "{line_end}{paste}")?,
                Some(paste) => write!(f, "{line_end}{prose}: {paste}")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Hint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_line_and_its_command_ends_it() {
        let mut hint = Hint::from("stop the writers")
            .then(("look at it", CommandLine::ccx_sec("ca show")))
            .then(CommandLine::kubectl("version"))
            .then(("on the server", Verbatim("FLUSH SSL;")));
        hint.complete(&Invocation { ca: Some("x".into()), ..Invocation::default() });
        let text = "stop the writers\nlook at it: ccx-sec ca show --ca x\nkubectl version\non the server: FLUSH SSL;";
        assert_eq!(hint.to_string(), text);
        assert_eq!(serde_json::to_string(&hint).expect("JSON"), format!("{text:?}"));
    }
}
