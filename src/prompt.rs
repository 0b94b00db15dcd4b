//! Questions to a person, on a terminal; the only user of dialoguer.

use std::path::Path;

use dialoguer::{Input, Password};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::files;

const MAX_PASSPHRASE: usize = 4096;

/// Asks for a line of text that `check` accepts. An empty answer takes the default.
///
/// # Errors
/// Exit 3 when the terminal is gone.
pub fn text(
    question: &str,
    default: &str,
    check: impl Fn(&str) -> Result<()> + Clone,
) -> Result<String> {
    Input::<String>::new()
        .with_prompt(question)
        .default(default.to_owned())
        .show_default(!default.is_empty())
        .allow_empty(true)
        .validate_with(|answer: &String| if answer.is_empty() { Ok(()) } else { check(answer) })
        .interact_text()
        .map_err(gone)
}

/// A passphrase: the first line of `file`, or asked for; twice where it is a `new` one.
///
/// # Errors
/// Exit 2 when it is empty, not UTF-8, or nobody can be asked; exit 3 when the file cannot
/// be read.
pub fn passphrase(
    context: &Context,
    question: &str,
    file: Option<&Path>,
    new: bool,
) -> Result<Zeroizing<String>> {
    let Some(file) = file else {
        if !context.can_ask() {
            return Err(context.unanswered("the passphrase", "--passphrase-file FILE"));
        }
        let mut ask = Password::new().with_prompt(question);
        if new {
            ask = ask.with_confirmation("Again", "The two differ.");
        }
        return ask.interact().map(Zeroizing::new).map_err(gone);
    };
    let bytes = files::read(file, MAX_PASSPHRASE)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let wrong = |what: &str| {
        Error::usage("passphrase-file", format!("{} holds no passphrase: {what}", file.display()))
            .hint("its first line is the passphrase, in UTF-8")
    };
    let text = std::str::from_utf8(line).map_err(|_| wrong("it is not UTF-8"))?;
    if text.is_empty() {
        return Err(wrong("its first line is empty"));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// Has a word typed, to confirm; whether it is the right one.
///
/// # Errors
/// Exit 3 when the terminal is gone.
pub fn typed(question: &str, word: &str) -> Result<bool> {
    let answer = Input::<String>::new()
        .with_prompt(question)
        .allow_empty(true)
        .interact_text()
        .map_err(gone)?;
    Ok(answer == word)
}

fn gone(source: dialoguer::Error) -> Error {
    Error::failed("prompt", "the question was not answered")
        .because(source)
        .hint("answer it, or give the answer as an option: see --help")
}
