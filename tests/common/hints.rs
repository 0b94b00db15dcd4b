//! Every hint that a test provokes is looked at: a command in it must be one that the program
//! takes, for the store, the place in the cluster and the CA of the run that gave it.

use ccx_sec::cli::Cli;
use clap::{CommandFactory, Parser};
use serde_json::Value;

use super::Run;

/// What a person has to fill in, and something that would do.
const PLACEHOLDERS: [(&str, &str); 21] = [
    ("FINGERPRINT", "5d8e1f0a7c3b4e6f9a2d1c0b8e7f6a5d4c3b2a1908f7e6d5c4b3a29180716253"),
    ("OWNER", "root"),
    ("DATASTORE", "00000000-0000-4000-8000-000000000001"),
    ("NODE", "db-1"),
    ("ENGINE", "mysql"),
    ("DOMAIN", "example.com"),
    ("VERSION", "8.4"),
    ("DIR", "dir"),
    ("FILE", "file"),
    ("PATH", "path"),
    ("SOCKET", "/run/socket"),
    ("PORT", "6380"),
    ("DEVICE", "/dev/sdx"),
    ("ID", "db-1"),
    ("NAME", "name"),
    ("HOST", "db.example.com"),
    ("URL", "mysql://db.example.com"),
    ("KEY_FILE", "key"),
    ("NEW_FILE", "new"),
    ("USER", "app"),
    ("IMAGE", "registry/ccx-sec:1"),
];

/// The options that lead to a store and a CA.
const PLACE: [&str; 6] =
    ["--store", "--kubeconfig", "--context", "--namespace", "--ca", "--timeout"];

/// Panics unless each command among the hints of `run` is one that can be pasted.
pub fn check(arguments: &[String], run: &Run) {
    for hint in hints(run) {
        for line in hint.lines() {
            check_line(arguments, line);
        }
    }
}

/// All hints and remedies that a run printed, as text or in a document.
pub fn hints(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    for text in [&run.stdout, &run.stderr] {
        match text.find('{').map(|start| serde_json::from_str::<Value>(&text[start..])) {
            Some(Ok(document)) => in_document(&document, &mut found),
            _ => found.extend(in_text(text)),
        }
    }
    found
}

fn in_document(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| in_document(item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                assert!(
                    !["hint", "remedy"].contains(&name.as_str()),
                    "hints have one name: {name}"
                );
                match (name.as_str(), value.as_array()) {
                    ("hints", Some(hints)) => {
                        found.extend(hints.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => in_document(value, found),
                }
            }
        }
        _ => {}
    }
}

/// A hint begins after its label, and its further lines stand below its first word.
fn in_text(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut column = None;
    for line in text.lines() {
        let label = ["hint: ", "to do: "].iter().find_map(|label| {
            let at = line.find(label)?;
            line[..at].trim().is_empty().then_some(at + label.len())
        });
        if let Some(at) = label {
            found.push(line[at..].to_owned());
            column = Some(at);
        } else if let Some(rest) = column.and_then(|at| line.strip_prefix(&" ".repeat(at))) {
            let last = found.last_mut().expect("a hint before it");
            *last = format!("{last}\n{rest}");
        } else {
            column = None;
        }
    }
    found
}

fn check_line(arguments: &[String], line: &str) {
    let root = Cli::command();
    let names: Vec<&str> = root.get_subcommands().map(clap::Command::get_name).collect();
    for (at, _) in line.match_indices("ccx-sec ") {
        let rest = &line[at..];
        if !names.contains(&rest.split_whitespace().nth(1).unwrap_or_default()) {
            continue; // the program, in a sentence
        }
        let start = line[..at].rfind(' ').map_or(0, |space| space + 1);
        let before = line[..start].trim_end();
        assert!(
            before.is_empty() || before.ends_with([':', '|', '&']),
            "a command stands at the end of its line, after a colon: {line}"
        );
        assert!(!rest.contains('…'), "an ellipsis is no word: {line}");
        let end = [" | ", " && "].iter().filter_map(|joint| rest.find(joint)).min();
        let words = shell_words::split(&rest[..end.unwrap_or(rest.len())])
            .unwrap_or_else(|error| panic!("{error}: {line}"));
        check_words(arguments, &words, line);
    }
}

fn check_words(arguments: &[String], words: &[String], line: &str) {
    let filled = words.iter().map(|word| {
        let known = PLACEHOLDERS.iter().find(|(name, _)| name == word);
        known.map_or_else(|| word.clone(), |(_, value)| (*value).to_owned())
    });
    if let Err(error) = Cli::try_parse_from(filled) {
        assert!(!error.use_stderr(), "a hint that cannot be pasted: {line}\n{error}");
    }
    let on_volume = words.get(1).is_some_and(|word| word == "volume")
        && !words.get(2).is_some_and(|word| ["check", "manifest"].contains(&word.as_str()));
    let journal = on_volume.then_some("--journal");
    for option in PLACE.into_iter().chain(journal) {
        let given = arguments.iter().enumerate().any(|(at, argument)| {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            let next = arguments.get(at + 1).map(String::as_str).unwrap_or_default();
            // The default need not be repeated.
            let is_default = option == "--ca" && [value, next].contains(&"ccx-ca");
            (name == option || (option == "--namespace" && name == "-n")) && !is_default
        });
        let kept =
            words.iter().any(|word| word == option || (option == "--namespace" && word == "-n"));
        assert!(kept || !given, "the hint drops {option} of the run: {line}");
    }
}
