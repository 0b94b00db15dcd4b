//! Confirmations: the token that every dangerous function demands.

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::hint::Verbatim;
use crate::prompt;
use crate::shell;

/// Proof that the user has agreed. Only [`confirm`] and [`confirm_by_word`] create one.
#[derive(Debug)]
pub struct Confirmation(());

/// Asks the user to type `word` to agree to `what`, unless the option `flag` was `given`.
///
/// # Errors
/// Exit 2 when nobody can be asked, exit 4 when the answer is another.
pub(crate) fn confirm(
    context: &Context,
    what: &str,
    word: &str,
    flag: &str,
    given: bool,
) -> Result<Confirmation> {
    if given {
        return Ok(Confirmation(()));
    }
    ask(context, what, word, flag)
}

/// Asks the user to type `word` to agree to `what`, unless `--confirm` has `given` it.
///
/// # Errors
/// As [`confirm`]; exit 4 when `--confirm` gives another word.
pub(crate) fn confirm_by_word(
    context: &Context,
    what: &str,
    word: &str,
    given: Option<&str>,
) -> Result<Confirmation> {
    match given {
        Some(given) if given == word => Ok(Confirmation(())),
        Some(given) => {
            let message = format!("--confirm is {given:?}, not {word:?}: nothing was changed");
            Err(Error::refused(Code::NotConfirmed, message)
                .because(anyhow::anyhow!("{what}"))
                .hint(("to confirm", Verbatim(format!("--confirm {}", shell::quote(word))))))
        }
        None => ask(context, what, word, &format!("--confirm {}", shell::quote(word))),
    }
}

fn ask(context: &Context, what: &str, word: &str, flag: &str) -> Result<Confirmation> {
    if !context.can_ask() {
        return Err(context.unanswered("your confirmation", flag));
    }
    context.output.warning(what);
    if prompt::confirm_typed(&format!("Type {word} to go on"), word)? {
        return Ok(Confirmation(()));
    }
    Err(Error::refused(Code::NotConfirmed, "not confirmed; nothing was done")
        .hint(format!("type {word} exactly, or give {flag}")))
}
