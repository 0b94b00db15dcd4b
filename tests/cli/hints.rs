//! Hints that are commands: each is built from parts, for a subcommand that is there, with
//! options that it has.

use std::fs;
use std::path::{Path, PathBuf};

use ccx_sec::cli::Cli;
use clap::CommandFactory;

/// Files where one function makes the start of a command and another adds the rest. Those of
/// `probe/remedy/command.rs` are run on real servers by `verify::remedies`.
const INCOMPLETE: [&str; 2] = ["node/mod.rs", "probe/remedy/command.rs"];

/// Programs of which a command with a value is built, and not written.
const PROGRAMS: [&str; 12] = [
    "ccx-sec",
    "kubectl",
    "openssl",
    "cryptsetup",
    "lsblk",
    "fuser",
    "umount",
    "dmsetup",
    "blkid",
    "wipefs",
    "nc",
    "getent",
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below src").display().to_string();
                let text = fs::read_to_string(&path).expect("a source file");
                let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
                found.push((name, code));
            }
        }
    }
    assert!(found.len() > 20, "the sources were not found");
    found
}

/// What stands between the parenthesis before `text` and the one that closes it.
fn argument(text: &str) -> &str {
    let (mut depth, mut is_string, mut is_escaped) = (1, false, false);
    for (at, c) in text.char_indices() {
        match (is_string, c) {
            _ if is_escaped => is_escaped = false,
            (true, '\\') => is_escaped = true,
            (_, '"') => is_string = !is_string,
            (false, '(') => depth += 1,
            (false, ')') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    panic!("a parenthesis is not closed: {text:.80}");
}

#[test]
fn hint_holds_no_command_as_text() {
    let root = Cli::command();
    let names: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
    let mut wrong = Vec::new();
    for (name, code) in sources() {
        for (at, call) in code.match_indices(".hint(") {
            let hint = argument(&code[at + call.len()..]);
            let strings = hint.split('"').skip(1).step_by(2);
            let is_typed = |text: &str| {
                PROGRAMS.iter().any(|program| {
                    text.match_indices(program).any(|(at, _)| {
                        let before = text[..at].trim_end();
                        let after = text[at + program.len()..].chars().next();
                        let next = text[at + program.len()..].split_whitespace().next();
                        let is_command =
                            *program != "ccx-sec" || next.is_some_and(|word| names.contains(&word));
                        is_command
                            && after == Some(' ')
                            && (before.is_empty() || before.ends_with([':', ';', '?', '`']))
                            && at + program.len() + 1 < text.len()
                    })
                })
            };
            if !hint.contains("CommandLine::") && strings.clone().any(is_typed) {
                wrong.push(format!(
                    "{name}: {}",
                    hint.split_whitespace().collect::<Vec<_>>().join(" ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "build these with CommandLine:\n{}", wrong.join("\n"));
}

#[test]
fn command_that_is_built_names_what_is_there() {
    let mut number = 0;
    for (name, code) in sources() {
        let code: String = code.lines().map(str::trim).collect();
        for (at, call) in code.match_indices("CommandLine::ccx_sec(\"") {
            let rest = &code[at + call.len()..];
            let (subcommand, rest) = rest.split_once('"').expect("a string");
            check(&name, subcommand, rest.strip_prefix(')').expect("one argument"));
            number += 1;
        }
    }
    assert!(number > 40, "{number} commands were found");
}

/// The calls that are chained to `ccx_sec(…)` add options that the subcommand has, and all
/// that it demands.
fn check(name: &str, subcommand: &str, mut rest: &str) {
    let root = Cli::command();
    let words = subcommand.split_whitespace().take_while(|word| !word.starts_with('-'));
    let command = words.fold(&root, |command, word| {
        command.find_subcommand(word).unwrap_or_else(|| panic!("{name}: no {subcommand}"))
    });
    let long = |option: &str| {
        let arguments = command.get_arguments().chain(root.get_arguments());
        let mut known = arguments.filter(|argument| {
            argument.get_long().is_some_and(|long| option == format!("--{long}"))
                || argument.get_short().is_some_and(|short| option == format!("-{short}"))
        });
        known.next().map(|argument| argument.get_id().clone())
    };
    let flags = subcommand.split_whitespace().filter(|word| word.starts_with('-'));
    let mut given: Vec<_> = flags.filter_map(long).collect();
    let mut positional = 0;
    while let Some(chained) = rest.strip_prefix('.') {
        let Some((method, after)) = chained.split_once('(') else { break };
        let inside = argument(after);
        match method {
            "option" | "option_if" | "flag" => {
                let option = inside.split('"').nth(1).unwrap_or_default();
                let is_help = option == "--help";
                let id = long(option);
                assert!(is_help || id.is_some(), "{name}: {subcommand} has no {option}");
                given.extend(id);
                positional += usize::from(is_help);
                if is_help {
                    return;
                }
            }
            "argument" => positional += 1,
            _ => break,
        }
        rest = &after[inside.len() + 1..];
    }
    if INCOMPLETE.contains(&name) {
        return;
    }
    for argument in command.get_arguments().filter(|argument| argument.is_required_set()) {
        let is_there = if argument.is_positional() {
            positional > 0
        } else {
            given.contains(argument.get_id())
        };
        assert!(is_there, "{name}: {subcommand} lacks {}", argument.get_id());
    }
    for group in command.get_groups().filter(|group| group.is_required_set()) {
        let is_there = group.get_args().any(|argument| given.contains(argument));
        assert!(is_there, "{name}: {subcommand} lacks one of {}", group.get_id());
    }
}
