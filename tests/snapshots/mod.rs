//! Whole outputs, as they are printed: `tests/snapshots/*.snap`. A test fails where an output
//! differs; `INSTA_UPDATE=always cargo test snapshots::` accepts what is printed now.

mod certificates;
mod help;
mod verify;

use std::path::Path;

use assert_cmd::Command;

/// The command line as it is typed, its output, its messages and its exit status.
fn transcript(command: &mut Command, redact: &[(&str, &str)]) -> String {
    let words: Vec<String> =
        command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let output = command.output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let mut all = format!("$ ccx-sec {}\n{}", words.join(" "), text(&output.stdout));
    if !output.stderr.is_empty() {
        all += &format!("--- stderr\n{}", text(&output.stderr));
    }
    all += &format!("--- exit status {}\n", output.status.code().unwrap_or(-1));
    for (from, to) in redact {
        all = all.replace(from, to);
    }
    redacted(&all)
}

/// Replaces values that differ from run to run: fingerprints and serial numbers, times, durations.
fn redacted(text: &str) -> String {
    let is_duration = |line: &str| {
        ["\"seconds\": ", "\"days_left\": "].iter().any(|key| line.trim_start().starts_with(key))
    };
    let mut lines = String::new();
    for line in text.split_inclusive('\n') {
        match line.split_once(": ").filter(|_| is_duration(line)) {
            Some((key, _)) => lines += &format!("{key}: [n],\n"),
            None => lines += line,
        }
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || ":-+.".contains(c);
    let mut result = String::new();
    let mut rest = lines.as_str();
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
        let (other, next) = after.split_at(after.find(is_word).unwrap_or(after.len()));
        let hex = word.chars().filter(|c| *c != ':');
        let is_hex = word.len() >= 16 && hex.clone().all(|c| c.is_ascii_hexdigit());
        let is_date = word.len() >= 10 && word.is_ascii() && {
            let date = word.as_bytes();
            date[..4].iter().all(u8::is_ascii_digit) && date[4] == b'-' && date[7] == b'-'
        };
        let is_days = next.starts_with("day") && word.parse::<u32>().is_ok();
        match () {
            () if is_hex => result += "[hex]",
            () if is_date => result += "[time]",
            () if is_days => result += "[n]",
            () => result += word,
        }
        result += other;
        rest = next;
    }
    result
}

/// Compares with `tests/snapshots/NAME.snap`.
fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn redaction_leaves_words_and_takes_values() {
    let text = "valid until 2036-11-28T14:00:00Z, in 3652 days, sha256 0123456789abcdef0123: added";
    assert_eq!(redacted(text), "valid until [time], in [n] days, sha256 [hex] added");
    assert_eq!(redacted("tls1.3 a 12 b\n"), "tls1.3 a 12 b\n");
    assert_eq!(
        redacted("{\n  \"seconds\": 0.1,\n  \"n\": 2\n}"),
        "{\n  \"seconds\": [n],\n  \"n\": 2\n}"
    );
}
