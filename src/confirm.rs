//! The token that every dangerous function demands.

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::prompt;
use crate::shell;

/// Proof that somebody agreed. There is no other way to make one than to ask.
#[derive(Debug)]
pub struct Confirmation(());

/// Has `word` typed to agree to `what`, unless the option `flag` was `given`.
///
/// # Errors
/// Exit 2 when nobody can be asked, exit 4 when the answer is another.
pub fn confirm(
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

/// Has `word` typed to agree to `what`, unless it is `given`, with the option `--confirm`.
///
/// # Errors
/// As [`confirm`]; exit 4 when another word is given.
pub fn confirm_by_word(
    context: &Context,
    what: &str,
    word: &str,
    given: Option<&str>,
) -> Result<Confirmation> {
    match given {
        Some(given) if given == word => Ok(Confirmation(())),
        Some(_) => {
            Err(Error::refused(Code::NotConfirmed, format!("--confirm does not name it: {what}"))
                .hint(format!("if that is meant: --confirm {}", shell::quote(word))))
        }
        None => ask(context, what, word, &format!("--confirm {}", shell::quote(word))),
    }
}

fn ask(context: &Context, what: &str, word: &str, flag: &str) -> Result<Confirmation> {
    if !context.can_ask() {
        return Err(context.unanswered("your confirmation", flag));
    }
    context.output.warning(what);
    if prompt::typed(&format!("Type {word} to go on"), word)? {
        return Ok(Confirmation(()));
    }
    Err(Error::refused(Code::NotConfirmed, "it was not confirmed; nothing was done")
        .hint(format!("type {word} exactly, or give {flag}")))
}
