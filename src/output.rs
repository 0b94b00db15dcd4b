//! The only printer. Data goes to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::error::{Error, Result};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// The form of data on stdout, and of errors on stderr.
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
    /// Whether it is for people.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Format::Text | Format::Wide)
    }

    /// Whether only the results of checks can be written in it.
    #[must_use]
    pub fn is_for_checks(self) -> bool {
        matches!(self, Format::Junit | Format::Sarif | Format::Prometheus)
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Makes this the choice for all that is printed from now on.
    pub fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// How a line of a report is marked. The word is always there; colour only adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Not as it should be.
    Bad,
}

impl Mark {
    /// `word` in the colour of this mark, filled up to `width` characters.
    #[must_use]
    pub fn paint(self, word: &str, width: usize) -> String {
        let style = match self {
            Mark::Good => GOOD,
            Mark::Warn => WARN,
            Mark::Bad => BAD,
        };
        let fill = width.saturating_sub(word.chars().count());
        format!("{style}{word}{style:#}{:fill$}", "")
    }
}

/// Where and how to print.
#[derive(Debug, Clone, Copy, Default)]
pub struct Output {
    /// The form of data and of errors.
    pub format: Format,
    /// No notes, and no text where nothing is wrong.
    pub quiet: bool,
    /// Details of what is done.
    pub verbose: bool,
}

impl Output {
    /// Prints the one document of a command: `data` as JSON or YAML, with the version of its
    /// form (`format_version`) before its own fields, or `text`.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written. A pipe that was closed early is no error.
    pub fn report(&self, data: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let document = match self.format {
            people if people.is_text() => text(),
            structured => document(structured, &Versioned { format_version: 1, data })?,
        };
        let mut stdout = anstream::stdout().lock();
        finish(stdout.write_all(document.as_bytes()).and_then(|()| stdout.flush()))
    }

    /// As [`Output::report`], for what went as it should: quiet silences the text of it.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn outcome(&self, data: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        if self.quiet && self.format.is_text() {
            return Ok(());
        }
        self.report(data, text)
    }

    /// Writes bytes to stdout as they are.
    ///
    /// # Errors
    /// As [`Output::report`].
    pub fn raw(&self, bytes: &[u8]) -> Result<()> {
        let mut stdout = io::stdout().lock();
        finish(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    /// Says what happened, unless quiet.
    pub fn note(&self, message: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{message}");
        }
    }

    /// Says a detail, if verbose.
    pub fn detail(&self, message: &str) {
        if self.verbose {
            let _ = writeln!(anstream::stderr(), "{message}");
        }
    }

    /// Writes whole lines of a log to stderr, as they are and at once. Returns how many of them
    /// could not be written, as where a disk or a pipe is full.
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

    /// Warns. Quiet does not silence it.
    pub fn warning(&self, message: &str) {
        let _ = writeln!(anstream::stderr(), "{WARN}warning{WARN:#}: {message}");
    }

    /// Tells an error: as text, or as the document `{"error": …}`.
    pub fn error(&self, error: &Error) {
        if matches!(self.format, Format::Json | Format::Yaml)
            && let Ok(document) = document(self.format, &error.document())
        {
            let _ = io::stderr().write_all(document.as_bytes());
            return;
        }
        let mut stderr = anstream::stderr().lock();
        let _ = writeln!(stderr, "{BAD}error{BAD:#}: {error} [{}]", error.code());
        for cause in error.causes() {
            let _ = writeln!(stderr, "  because: {}", cause.replace('\n', "\n           "));
        }
        for hint in error.hints() {
            let _ = writeln!(
                stderr,
                "  {HINT}hint{HINT:#}: {}",
                hint.to_string().replace('\n', "\n        ")
            );
        }
    }

    /// Shows that something is going on, from half a second after now, until what comes
    /// back is dropped. On a terminal only, and not when quiet.
    #[must_use]
    pub fn progress(&self, message: &str) -> Progress {
        self.show(ProgressBar::new_spinner(), message, "{spinner} {msg} ({elapsed})")
    }

    /// The same for a known number of things, each of which is told with
    /// [`Progress::one_more`]: how far it is, how fast, and how long it will take.
    #[must_use]
    pub fn progress_of(&self, total: usize, message: &str) -> Progress {
        const TEMPLATE: &str = "{msg} {wide_bar} {human_pos}/{human_len} ({per_sec}, {eta} left)";
        self.show(ProgressBar::new(total as u64), message, TEMPLATE)
    }

    /// The same in bytes, of which [`Progress::at`] tells how many are done of how many.
    #[must_use]
    pub fn progress_in_bytes(&self, message: &str) -> Progress {
        const TEMPLATE: &str =
            "{msg} {wide_bar} {bytes}/{total_bytes} ({bytes_per_sec}, {eta} left)";
        self.show(ProgressBar::new(0), message, TEMPLATE)
    }

    fn show(&self, bar: ProgressBar, message: &str, template: &str) -> Progress {
        if self.quiet || !io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let bar = bar.with_message(message.to_owned());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500)); // draws first when that has passed
        Progress(bar)
    }
}

/// A sign that something is going on; gone when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// One more is done, of those that [`Output::progress_of`] was told.
    pub fn one_more(&self) {
        self.0.inc(1);
    }
}

impl Progress {
    /// So many are done, of so many.
    pub fn at(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Whether a person can be asked: stdin and stderr are a terminal.
#[must_use]
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether what goes to stdout is shown to a person.
#[must_use]
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// A document and the version of its form: it changes when a field goes or means another thing,
/// and stays when fields are added.
#[derive(Serialize)]
struct Versioned<'a, T> {
    format_version: u32,
    #[serde(flatten)]
    data: &'a T,
}

fn document(format: Format, data: &impl Serialize) -> Result<String> {
    let failed = |source: anyhow::Error| {
        Error::failed("output-encoding", "cannot encode the output").because(source)
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
            Err(Error::failed("stdout", "cannot write to stdout")
                .because(error)
                .hint("is the disk full?"))
        }
        _ => Ok(()),
    }
}
