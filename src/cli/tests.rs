//! The help of every command: plain, short, with examples that can be pasted.

use clap::error::ContextKind;
use clap::{Command, CommandFactory};

use super::Cli;
use crate::commands::help;

/// The longest first line of a command's help.
const COMMAND: usize = 60;
/// The longest first line of an option's help.
const OPTION: usize = 80;
/// Words that begin a clause, not an instruction or the name of a value.
const CLAUSES: [&str; 9] =
    ["What", "Whether", "Whom", "Who", "Which", "That", "Where", "When", "How"];

/// Calls `check` with each command that the help shows, and its name; those of volumes have
/// texts of their own.
fn each(command: &Command, name: &str, check: &mut impl FnMut(&Command, &str)) {
    check(command, name);
    let shown = |below: &&Command| !below.is_hide_set() && below.get_name() != "volume";
    for below in command.get_subcommands().filter(shown) {
        each(below, &format!("{name} {}", below.get_name()), check);
    }
}

fn first_line(text: Option<&clap::builder::StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

fn is_plain(line: &str) -> bool {
    let first = line.split(' ').next().unwrap_or_default();
    !line.is_empty() && !CLAUSES.contains(&first) && !line.ends_with('.')
}

#[test]
fn help_begins_with_a_short_plain_line() {
    let mut wrong = Vec::new();
    each(&Cli::command(), "ccx-sec", &mut |command, name| {
        let line = first_line(command.get_about());
        let is_root = name == "ccx-sec";
        if !is_plain(&line) || !is_root && line.chars().count() >= COMMAND {
            wrong.push(format!("{name}: {line}"));
        }
        let own = command.get_arguments().filter(|argument| !argument.is_hide_set());
        for argument in own {
            let line = first_line(argument.get_help());
            if !is_plain(&line) || line.chars().count() > OPTION {
                wrong.push(format!("{name} {}: {line}", argument.get_id()));
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The commands among the lines of a section of examples.
fn examples(section: &[String]) -> Vec<String> {
    let text = section.join("\n").replace("\\\n", " ");
    let command = |line: &str| {
        let start = line.find("ccx-sec ")?;
        let line = &line[start..];
        let end = [" | ", " > ", " && ", " < "].iter().filter_map(|end| line.find(end)).min();
        Some(line[..end.unwrap_or(line.len())].to_owned())
    };
    text.lines().filter_map(command).collect()
}

#[test]
fn help_has_examples_that_parse_short_and_long() {
    let mut count = 0;
    each(&Cli::command(), "ccx-sec", &mut |command, name| {
        if command.has_subcommands() && name != "ccx-sec" {
            return;
        }
        let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let sections = help::sections(&text);
        assert_eq!(sections[0].name, "EXAMPLES", "{name}");
        let examples = examples(&sections[0].lines);
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            let words = shell_words::split(&example).expect("words of a shell");
            let parsed = Cli::command().try_get_matches_from(&words);
            // The users of an example need not exist on this machine.
            let is_user = |error: &clap::Error| {
                let option = error.get(ContextKind::InvalidArg).map(ToString::to_string);
                option.is_some_and(|option| option.starts_with("--owner"))
            };
            let is_wrong = |error: &clap::Error| error.use_stderr() && !is_user(error);
            let error = parsed.err().filter(is_wrong);
            assert!(error.is_none(), "{example}: {}", error.expect("an error"));
            count += 1;
        }
        let arranged = help::arrange(command.clone());
        let short = arranged.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(short.starts_with("EXAMPLES\n"), "{name} -h shows no examples");
    });
    assert!(count > 50, "only {count} examples were found");
}

/// The most columns of a line of a help section.
const MAX_COLUMNS: usize = 100;

#[test]
fn help_has_no_line_that_a_terminal_breaks() {
    let mut wide = Vec::new();
    each(&Cli::command(), "ccx-sec", &mut |command, name| {
        let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        for section in help::sections(&text) {
            let is_caption = |line: &str| section.name == "EXAMPLES" && line.ends_with(':');
            let limit = |line: &str| if is_caption(line) { 80 } else { MAX_COLUMNS };
            let lines = section.lines.iter().filter(|line| line.chars().count() > limit(line));
            wide.extend(lines.map(|line| format!("{name}: {line}")));
        }
    });
    assert!(wide.is_empty(), "{wide:#?}");
}
