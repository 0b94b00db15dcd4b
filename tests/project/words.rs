//! Words of doc comments.

use std::fs;
use std::path::{Path, PathBuf};

/// Words at which a doc comment has no subject: "What it is", "Who may not".
const HEADLESS: [&str; 7] = ["What", "Who", "Whom", "Whose", "That", "Whatever", "Whoever"];

/// Whether `line` is a doc comment, and its text.
fn doc_text(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a source file")
}

/// The first words of doc comments that have no subject, each with its file and line.
fn headless(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_inside = false;
    for (number, line) in text.lines().enumerate() {
        let doc = doc_text(line);
        let word = doc.and_then(|doc| doc.split_whitespace().next());
        if !is_inside && word.is_some_and(|word| HEADLESS.contains(&word)) {
            found.push(format!("{name}:{}: {}", number + 1, line.trim()));
        }
        is_inside = doc.is_some();
    }
    found
}

#[test]
fn words_of_doc_comments_begin_with_a_subject_or_a_verb() {
    assert_eq!(headless("x", "//! What it is.\n\n/// That of it,\n/// That is.").len(), 2);
    assert_eq!(headless("x", "/// Whether it is.\n// What\nlet what = 1;"), Vec::<String>::new());
    let mut found = Vec::new();
    let mut count = 0;
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs".as_ref()) {
                count += 1;
                found.extend(headless(&path.display().to_string(), &read(&path)));
            }
        }
    }
    assert!(count > 100, "the sources were not found");
    assert_eq!(found, Vec::<String>::new(), "name the thing: CONTRIBUTING.md, \"Style\"");
}
