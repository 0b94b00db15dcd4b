//! PURE: which place of the command line the cursor is at.

use std::collections::BTreeMap;

use clap::{Arg, Command};

use crate::config::Configuration;

/// The cursor in a command line that is not finished.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    /// The command that the words before the cursor name.
    pub(super) command: &'a Command,
    /// The kind of word that fits at the cursor.
    pub(super) place: CursorPosition<'a>,
    /// The typed part of the word at the cursor, without [`Cursor::before`].
    pub(super) typed: &'a str,
    /// The text before the value in the same word: `--store=`.
    pub(super) before: &'a str,
    /// The values of the options before the cursor, by the option's id.
    pub(super) given: BTreeMap<String, String>,
    /// The origins of the values that come from variables and files.
    pub(super) configured: BTreeMap<String, String>,
}

impl Cursor<'_> {
    /// Adds the values of variables and files for options that the line does not have.
    pub(super) fn fill(&mut self, configuration: &Configuration) {
        for (key, origin) in configuration.origins() {
            if let Some(value) = configuration.text(&key)
                && !self.given.contains_key(&key)
            {
                self.given.insert(key.clone(), value.to_owned());
                self.configured.insert(key, origin);
            }
        }
    }
}

/// The kind of word that fits at the cursor.
#[derive(Debug)]
pub(super) enum CursorPosition<'a> {
    /// An option.
    Option,
    /// The value of an option.
    Value(&'a Arg),
    /// A subcommand, or the positional argument if the command has one more.
    Word(Option<&'a Arg>),
}

/// Finds the cursor at the end of the last of `words`. `root` is built.
pub(super) fn locate<'a>(root: &'a Command, words: &'a [String]) -> Cursor<'a> {
    let (typed, before) = match words.split_last() {
        Some((last, before)) => (last.as_str(), before),
        None => ("", words),
    };
    let (mut command, mut positionals, mut escaped) = (root, 0, false);
    let mut expected: Option<&Arg> = None;
    let mut given = BTreeMap::new();
    let mut give = |option: &Arg, value: &str| {
        given.insert(option.get_id().to_string(), value.to_owned());
    };
    for word in before {
        if let Some(option) = expected.take().filter(|_| !is_option(word)) {
            give(option, word);
        } else if escaped || !is_option(word) {
            match command.find_subcommand(word).filter(|_| !escaped && positionals == 0) {
                Some(subcommand) => command = subcommand,
                None => positionals += 1,
            }
        } else if word == "--" {
            escaped = true;
        } else if let Some((option, value)) = option_in(command, word) {
            match value {
                "" => expected = Some(option),
                value => give(option, value.strip_prefix('=').unwrap_or(value)),
            }
        }
    }
    let positional = || command.get_positionals().nth(positionals).or_else(|| last_of(command));
    let (place, before) = match expected.filter(|_| !is_option(typed)) {
        Some(option) => (CursorPosition::Value(option), ""),
        None if escaped || !is_option(typed) => (CursorPosition::Word(positional()), ""),
        None => match option_in(command, typed).filter(|(_, value)| value.starts_with('=')) {
            Some((option, value)) => {
                (CursorPosition::Value(option), &typed[..typed.len() - value.len() + 1])
            }
            None => (CursorPosition::Option, ""),
        },
    };
    Cursor {
        command,
        place,
        typed: &typed[before.len()..],
        before,
        given,
        configured: BTreeMap::new(),
    }
}

fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

/// The positional argument that takes all further words.
fn last_of(command: &Command) -> Option<&Arg> {
    let last = command.get_positionals().last();
    last.filter(|one| one.get_num_args().is_some_and(|number| number.max_values() > 1))
}

/// The option with a value that a word names, and what follows its name in the word.
fn option_in<'a, 'w>(command: &'a Command, word: &'w str) -> Option<(&'a Arg, &'w str)> {
    let takes_value = |option: &&Arg| takes_value(option);
    if let Some(long) = word.strip_prefix("--") {
        let name = long.split('=').next().unwrap_or_default();
        let is_named = |option: &&Arg| {
            option.get_long() == Some(name)
                || option.get_all_aliases().is_some_and(|all| all.contains(&name))
        };
        let option = command.get_arguments().filter(takes_value).find(is_named)?;
        return Some((option, &long[name.len()..]));
    }
    let short = word.strip_prefix('-')?;
    let mut letters = short.char_indices();
    letters.find_map(|(at, letter)| {
        let is_named = |option: &&Arg| option.get_short() == Some(letter);
        let option = command.get_arguments().filter(takes_value).find(is_named)?;
        Some((option, &short[at + letter.len_utf8()..]))
    })
}

pub(super) fn takes_value(option: &Arg) -> bool {
    option.get_num_args().is_some_and(|number| number.takes_values())
}
