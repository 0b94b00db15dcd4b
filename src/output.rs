//! The only printer. Data go to stdout, everything else to stderr. On a terminal, lines are
//! wrapped at spaces.

mod layout;
mod progress;
mod table;

pub(crate) use table::Table;

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::error::{Code, Error, Result};
use layout::{fit, width_of};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// The format of data on stdout, and of errors on stderr.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// As text, with more columns where a command has some
    Wide,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// JUnit's XML, for CI (commands that check)
    Junit,
    /// SARIF 2.1.0, for code scanning (commands that check)
    Sarif,
    /// The text format of Prometheus (commands that check)
    Prometheus,
}

impl Format {
    /// Whether the format is for people.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Format::Text | Format::Wide)
    }

    /// Whether the format exists only for the results of checks.
    #[must_use]
    pub fn is_for_checks(self) -> bool {
        matches!(self, Format::Junit | Format::Sarif | Format::Prometheus)
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Makes this the choice for all further output.
    pub(crate) fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// The mark of a line in a report. The word is always printed; colour only adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineMark {
    /// No problem.
    Good,
    /// Worth attention.
    Warn,
    /// A problem.
    Bad,
}

/// Replaces control characters by `?`, so that foreign text cannot drive the terminal.
#[must_use]
pub(crate) fn escape_control_characters(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

impl LineMark {
    /// Formats `word` in the colour of this mark, padded to `width` characters.
    #[must_use]
    pub(crate) fn paint(self, word: &str, width: usize) -> String {
        let style = match self {
            LineMark::Good => GOOD,
            LineMark::Warn => WARN,
            LineMark::Bad => BAD,
        };
        let fill = width.saturating_sub(word.chars().count());
        format!("{style}{word}{style:#}{:fill$}", "")
    }
}

/// The settings of the printer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Output {
    /// The format of data and errors.
    pub format: Format,
    /// Suppresses notes, and the text of results without problems.
    pub quiet: bool,
    /// Adds details of the progress.
    pub verbose: bool,
}

impl Output {
    /// Prints the document of a command: `data` as JSON or YAML, with `format_version` before its
    /// own fields, or `text`.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written. A pipe that is closed early is not an error.
    pub fn report(&self, data: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let document = match self.format {
            people if people.is_text() => fit(&text(), stdout_width()),
            structured => document(structured, &VersionedDocument { format_version: 1, data })?,
        };
        let mut stdout = anstream::stdout().lock();
        finish(stdout.write_all(document.as_bytes()).and_then(|()| stdout.flush()))
    }

    /// Prints like [`Output::report`], for a result without problems: `quiet` suppresses its text.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn outcome(&self, data: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        if self.quiet && self.format.is_text() {
            return Ok(());
        }
        self.report(data, text)
    }

    /// Writes bytes to stdout unchanged.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn raw(&self, bytes: &[u8]) -> Result<()> {
        let mut stdout = io::stdout().lock();
        finish(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    /// Prints a note, unless `quiet`.
    pub fn note(&self, message: &str) {
        if !self.quiet {
            print_message(message);
        }
    }

    /// Prints a detail, if `verbose`.
    pub fn detail(&self, message: &str) {
        if self.verbose {
            print_message(message);
        }
    }

    /// Writes complete lines of a log to stderr, unchanged and at once. Returns the number of lines
    /// that could not be written, because a disk or a pipe is full for example.
    pub fn log(&self, lines: &str) -> u64 {
        let (mut stderr, mut rest) = (io::stderr().lock(), lines.as_bytes());
        while !rest.is_empty() {
            match stderr.write(rest) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
                Ok(written) => rest = &rest[written..],
            }
        }
        rest.iter().filter(|byte| **byte == b'\n').count() as u64
    }

    /// Prints a warning. `quiet` does not suppress it.
    pub fn warning(&self, message: &str) {
        print_message(&format!("{WARN}warning{WARN:#}: {message}"));
    }

    /// Prints a message that clap has formatted. `quiet` does not suppress it.
    pub fn message(&self, text: &str) {
        print_message(text.trim_end());
    }

    /// Prints an error: as text, or as the document `{"error": …}`.
    pub fn error(&self, error: &Error) {
        if matches!(self.format, Format::Json | Format::Yaml)
            && let Ok(document) = document(self.format, &error.document())
        {
            let _ = io::stderr().write_all(document.as_bytes());
            return;
        }
        let mut text = format!("{BAD}error{BAD:#}: {error} [{}]", error.code());
        for cause in error.causes() {
            text += &format!("\n  because: {}", cause.replace('\n', "\n           "));
        }
        for hint in error.hints() {
            let hint = hint.unbroken().replace('\n', "\n        ");
            text += &format!("\n  {HINT}hint{HINT:#}: {hint}");
        }
        print_message(&text);
    }

    /// Prints a part of a text document that is printed piece by piece.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn part(&self, text: &str) -> Result<()> {
        let text = fit(text, stdout_width());
        let mut stdout = anstream::stdout().lock();
        finish(progress::with_indicator_hidden(|| {
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        }))
    }
}

/// Whether a person can be asked: stdin and stderr are terminals.
#[must_use]
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The number of columns of the terminal on stdout; `None` without one.
#[must_use]
pub(crate) fn stdout_width() -> Option<usize> {
    io::stdout().is_terminal().then(|| width_of(io::stdout())).flatten()
}

/// Writes a message to stderr, wrapped if that is a terminal.
fn print_message(message: &str) {
    let width = io::stderr().is_terminal().then(|| width_of(io::stderr())).flatten();
    progress::with_indicator_hidden(|| {
        let _ = writeln!(anstream::stderr(), "{}", fit(message, width));
    });
}

/// Whether stderr is a terminal, and messages are shown to a person.
#[must_use]
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Whether stdout is a terminal, and results are shown to a person.
#[must_use]
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// A document with the version of its format. The version changes when a field is removed or
/// changes its meaning, and stays when fields are added.
#[derive(Serialize)]
struct VersionedDocument<'a, T> {
    format_version: u32,
    #[serde(flatten)]
    data: &'a T,
}

fn document(format: Format, data: &impl Serialize) -> Result<String> {
    let failed = |source: anyhow::Error| {
        Error::failed(Code::OutputEncoding, "cannot encode the output").because(source)
    };
    match format {
        Format::Yaml => serde_saphyr::to_string(data).map_err(|e| failed(e.into())),
        _ => {
            let mut text = serde_json::to_string_pretty(data).map_err(|e| failed(e.into()))?;
            text.push('\n');
            Ok(text)
        }
    }
}

fn finish(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::failed(Code::Stdout, "cannot write to stdout")
                .because(error)
                .hint("is the disk full?"))
        }
        _ => Ok(()),
    }
}
