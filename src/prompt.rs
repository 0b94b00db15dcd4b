//! Questions to a person, on a terminal; the only user of dialoguer, and of console.

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
/// How many characters a new secret has at the least.
const MIN_NEW_SECRET: usize = 8;

/// Asks a question that is answered with yes, by Enter alone as well, or with no. After
/// another answer it is asked again.
///
/// # Errors
/// Exit 3 when the terminal is gone, or at Ctrl-D.
pub fn agrees(context: &Context, question: &str) -> Result<bool> {
    loop {
        let answer = line(&format!("{question} [Y/n]"))?;
        match answer.trim().to_lowercase().as_str() {
            "" | "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => context.output.warning("answer y or n"),
        }
    }
}

/// A line of text.
fn line(question: &str) -> Result<String> {
    discard_typed_ahead();
    let typed = guarded(|| edit(question, "")).map_err(gone)?;
    typed.ok_or_else(|| unanswered().hint(ANSWER))
}

/// A word that nobody else shall know.
#[derive(Debug, Clone, Copy)]
pub struct SecretPrompt {
    /// What it is called: `passphrase`.
    pub name: &'static str,
    /// The option that names a file with it: `--passphrase-file`.
    pub option: &'static str,
    /// The code of the error when there is none in that file.
    pub code: Code,
}

/// What protects a private key.
const PASSPHRASE: SecretPrompt =
    SecretPrompt { name: "passphrase", option: "--passphrase-file", code: Code::PassphraseFile };
/// What an account is known by.
pub const PASSWORD: SecretPrompt =
    SecretPrompt { name: "password", option: "--password-file", code: Code::PasswordFile };

/// A secret: the first line of `file`, or asked for; twice where it is a `new` one.
///
/// # Errors
/// Exit 2 when it is empty, not UTF-8, a new one of fewer than 8 characters, or nobody can be
/// asked; exit 3 when the file cannot
/// be read.
pub fn secret(
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
            ask = ask.with_confirmation("Again", "The two differ.");
            ask = ask.validate_with(move |answer: &String| check_length(name, answer));
        }
        return guarded(|| ask.interact()).map(Zeroizing::new).map_err(gone);
    };
    let bytes = files::read(file, MAX_SECRET)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let wrong = |why: &str| {
        Error::usage(code, format!("{} holds no {name}: {why}", file.display()))
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

/// A passphrase; see [`secret`].
///
/// # Errors
/// As there.
pub fn passphrase(
    context: &Context,
    question: &str,
    file: Option<&Path>,
    new: bool,
) -> Result<Zeroizing<String>> {
    secret(context, PASSPHRASE, question, file, new)
}

/// Has a word typed, to confirm; whether it is the right one.
///
/// # Errors
/// Exit 3 when the terminal is gone.
pub fn typed(question: &str, word: &str) -> Result<bool> {
    Ok(line(&format!("{question}:"))? == word)
}

fn check_length(name: &str, secret: &str) -> std::result::Result<(), String> {
    if secret.chars().count() < MIN_NEW_SECRET {
        return Err(format!("a new {name} has at least {MIN_NEW_SECRET} characters"));
    }
    Ok(())
}

const ANSWER: &str = "answer it, or give the answer as an option: see --help";

fn unanswered() -> Error {
    Error::failed(Code::Prompt, "the question was not answered")
}

fn gone(source: impl Into<anyhow::Error>) -> Error {
    unanswered().because(source).hint(ANSWER)
}
