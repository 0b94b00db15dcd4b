//! `ccx-sec __complete`: prints the candidates for completion scripts, which run it at each Tab.
//!
//! A line for each candidate: the whole word, then after a tab what it is. The last line
//! says whether file names complete the word as well: `:none`, `:files` or `:directories`,
//! then after a tab what stands in the word before the file name (`dir:`).

use clap::{Arg, Command};

use super::candidate::{Candidate, first_line};
use super::cursor::{Cursor, CursorPosition, locate};
use super::values::{self, CompletionValues, FileCompletion};
use crate::context::Context;
use crate::error::{Exit, Result};

/// Print what can stand at the cursor of a command line
#[derive(Debug, clap::Args)]
#[command(hide = true, disable_help_flag = true)]
pub(crate) struct Args {
    /// The words after the program's name, up to the cursor
    #[arg(value_name = "WORD", last = true)]
    words: Vec<std::ffi::OsString>,
}

impl Args {
    /// Runs the command; `root` is the whole command line. Values that cannot be determined are not
    /// offered, because completion must never print an error.
    ///
    /// # Errors
    /// Exit 3 when stdout cannot be written.
    pub(crate) fn run(self, context: &Context, mut root: Command) -> Result<Exit> {
        root.build();
        let words: Vec<String> =
            self.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let mut cursor = locate(&root, &words);
        cursor.fill(&context.configuration);
        let values = candidates(&cursor);
        context.output.raw(lines(&cursor, &values).as_bytes())?;
        Ok(Exit::Done)
    }
}

fn candidates(cursor: &Cursor<'_>) -> CompletionValues {
    match cursor.place {
        CursorPosition::Option => CompletionValues::listed(options(cursor.command)),
        CursorPosition::Value(argument) => values::values_for(argument, cursor),
        CursorPosition::Word(positional) => {
            let mut found = positional.map_or_else(CompletionValues::default, |argument| {
                values::values_for(argument, cursor)
            });
            found.candidates.extend(subcommands(cursor.command));
            if found.candidates.is_empty() && found.files == FileCompletion::None {
                found.candidates = options(cursor.command);
            }
            found
        }
    }
}

fn subcommands(command: &Command) -> impl Iterator<Item = Candidate> {
    command.get_subcommands().filter(|sub| !sub.is_hide_set()).map(|sub| Candidate {
        value: sub.get_name().to_owned(),
        help: first_line(sub.get_about()),
    })
}

/// The command's own options first, then the global ones.
fn options(command: &Command) -> Vec<Candidate> {
    let visible = |option: &&Arg| !option.is_hide_set();
    let mut options: Vec<&Arg> = command.get_arguments().filter(visible).collect();
    options.sort_by_key(|option| option.is_global_set());
    let candidate = |option: &Arg| {
        let value = format!("--{}", option.get_long()?);
        Some(Candidate { value, help: first_line(option.get_help()) })
    };
    options.into_iter().filter_map(candidate).collect()
}

/// Words that a shell's line could not hold are left out.
fn lines(cursor: &Cursor<'_>, values: &CompletionValues) -> String {
    let mut text = String::new();
    let fits = |candidate: &&Candidate| {
        candidate.value.starts_with(cursor.typed) && !candidate.value.contains(char::is_control)
    };
    for Candidate { value, help } in values.candidates.iter().filter(fits) {
        let help = help.replace(char::is_control, " ");
        text.push_str(&format!("{}{value}\t{help}\n", cursor.before));
    }
    let files = match values.files {
        FileCompletion::None => ":none",
        FileCompletion::All => ":files",
        FileCompletion::Directories => ":directories",
    };
    text + &format!("{files}\t{}{}\n", cursor.before, values.before_file)
}
