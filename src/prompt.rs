//! Questions to a person on a terminal; the only user of dialoguer and console.

mod line;
mod terminal;

use std::path::Path;

use dialoguer::Password;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::files;
use line::edit;
use terminal::{discard_typed_ahead, guarded};

const MAX_SECRET: usize = 4096;
/// The minimum length of a new secret, in characters.
const MIN_NEW_SECRET: usize = 8;

/// Asks a yes-no question until it is answered; Enter means yes.
///
/// # Errors
/// Exit 3 when the terminal is gone, or at Ctrl-D.
pub(crate) fn agrees(context: &Context, question: &str) -> Result<bool> {
    loop {
        let answer = line(&format!("{question} [Y/n]"))?;
        match answer.trim().to_lowercase().as_str() {
            "" | "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => context.output.warning("answer y or n"),
        }
    }
}

/// Asks for a line of text.
fn line(question: &str) -> Result<String> {
    discard_typed_ahead();
    let typed = guarded(|| edit(question, "")).map_err(gone)?;
    typed.ok_or_else(|| unanswered().hint(ANSWER))
}

/// The kind of secret that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SecretPrompt {
    /// The name in messages, such as `passphrase`.
    pub name: &'static str,
    /// The option that names a file with the secret, such as `--passphrase-file`.
    pub option: &'static str,
    /// The error code if the file has no valid secret.
    pub code: Code,
}

/// The passphrase of a private key.
const PASSPHRASE: SecretPrompt =
    SecretPrompt { name: "passphrase", option: "--passphrase-file", code: Code::PassphraseFile };
/// The password of an account.
pub(crate) const PASSWORD: SecretPrompt =
    SecretPrompt { name: "password", option: "--password-file", code: Code::PasswordFile };

/// Reads a secret from the first line of `file`, or asks for it; a `new` one is asked for twice.
///
/// # Errors
/// Exit 2 when it is empty, not UTF-8, a new one with fewer than 8 characters, or nobody can be
/// asked; exit 3 when the file cannot be read.
pub(crate) fn secret(
    context: &Context,
    what: SecretPrompt,
    question: &str,
    file: Option<&Path>,
    new: bool,
) -> Result<Zeroizing<String>> {
    let SecretPrompt { name, option, code } = what;
    let Some(file) = file else {
        if !context.can_ask() {
            return Err(context.unanswered(&format!("the {name}"), &format!("{option} FILE")));
        }
        discard_typed_ahead();
        let mut ask = Password::new().with_prompt(question);
        if new {
            ask = ask.with_confirmation("Again", "The two entries differ.");
            ask = ask.validate_with(move |answer: &String| check_length(name, answer));
        }
        return guarded(|| ask.interact()).map(Zeroizing::new).map_err(gone);
    };
    let bytes = files::read(file, MAX_SECRET)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let wrong = |why: &str| {
        Error::usage(code, format!("{} has no valid {name}: {why}", file.display()))
            .hint(format!("its first line is the {name}, in UTF-8"))
    };
    let text = std::str::from_utf8(line).map_err(|_| wrong("it is not UTF-8"))?;
    if text.is_empty() {
        return Err(wrong("its first line is empty"));
    }
    if new {
        check_length(name, text).map_err(|short| wrong(&short))?;
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// Reads a passphrase or asks for it.
///
/// # Errors
/// As [`secret`].
pub(crate) fn passphrase(
    context: &Context,
    question: &str,
    file: Option<&Path>,
    new: bool,
) -> Result<Zeroizing<String>> {
    secret(context, PASSPHRASE, question, file, new)
}

/// Asks the user to type a word as confirmation; returns whether it was the right one.
///
/// # Errors
/// Exit 3 when the terminal is gone.
pub(crate) fn confirm_typed(question: &str, word: &str) -> Result<bool> {
    Ok(line(&format!("{question}:"))? == word)
}

fn check_length(name: &str, secret: &str) -> std::result::Result<(), String> {
    if secret.chars().count() < MIN_NEW_SECRET {
        return Err(format!("a new {name} needs at least {MIN_NEW_SECRET} characters"));
    }
    Ok(())
}

const ANSWER: &str = "answer the question, or give the answer as an option: see --help";

fn unanswered() -> Error {
    Error::failed(Code::Prompt, "the question was not answered")
}

fn gone(source: impl Into<anyhow::Error>) -> Error {
    unanswered().because(source).hint(ANSWER)
}
