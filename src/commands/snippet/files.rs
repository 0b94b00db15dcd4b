//! The destination of snippets: stdout or files.

use std::path::PathBuf;

use serde::Serialize;

use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::snippet::SnippetFile;

/// The destination.
#[derive(Debug, clap::Args)]
pub(super) struct Destination {
    /// Directory to write the files into; created if missing [default: stdout]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Replace existing files
    #[arg(long, requires = "out")]
    force: bool,
}

/// Prints or writes `files`; as a document, `report` holds them either way.
pub(super) fn print(
    context: &Context,
    destination: &Destination,
    report: &impl Serialize,
    files: &[SnippetFile],
) -> Result<Exit> {
    for claim in files.iter().flat_map(|file| &file.claims) {
        let says = if claim.says.is_empty() { "" } else { ": " };
        context.output.detail(&format!("{}{says}{} [{}]", claim.what, claim.says, claim.source));
    }
    let Some(out) = &destination.out else {
        // Print unchanged: a report would lose control characters in names.
        match context.output.format.is_text() {
            true => context.output.raw(render_text(files).as_bytes())?,
            false => context.output.report(report, String::new)?,
        }
        return Ok(Exit::Done);
    };
    let paths: Vec<PathBuf> = files.iter().map(|file| out.join(&file.name)).collect();
    for path in paths.iter().filter(|_| !destination.force) {
        if files::try_exists(path)? {
            return Err(in_the_way(path));
        }
    }
    if files::is_directory(out)?.is_none() {
        files::create_private_directory(out)?;
    }
    let existing = if destination.force { ExistingFile::Replace } else { ExistingFile::Keep };
    for (file, path) in files.iter().zip(&paths) {
        if !files::write(path, file.text.as_bytes(), FileMode::Public, existing)? {
            return Err(in_the_way(path));
        }
    }
    context.output.outcome(report, || {
        let line = |(file, path): (&SnippetFile, &PathBuf)| {
            format!("wrote  {}\n       it belongs {}\n", path.display(), file.place)
        };
        files.iter().zip(&paths).map(line).collect()
    })?;
    Ok(Exit::Done)
}

fn in_the_way(path: &std::path::Path) -> Error {
    Error::refused(Code::FileExists, format!("{} exists already", path.display()))
        .hint("look at it; --force takes its place")
}

/// All files one after the other; several files each below their name.
fn render_text(files: &[SnippetFile]) -> String {
    match files {
        [file] => file.text.clone(),
        files => {
            let named = |file: &SnippetFile| {
                let sign = if file.name.ends_with(".sql") { "--" } else { "#" };
                format!("{sign} ==== {} ====\n{}", file.name, file.text)
            };
            files.iter().map(named).collect::<Vec<_>>().join("\n")
        }
    }
}
