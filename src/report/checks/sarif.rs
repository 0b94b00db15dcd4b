//! SARIF 2.1.0, for code scanning services.
//!
//! GitHub refuses an upload in which the location of a result is not a file. A subject without a
//! file gets a relative path made of its name, and its name as the logical location.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::{Check, CheckResult, CheckRun, CheckedSubject};
use crate::error::{Code, Error, Result};

/// The run as one document, indented. Results of checks that pass are left out.
///
/// # Errors
/// Exit 3 when the document cannot be encoded.
pub(super) fn write(run: &CheckRun) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&document(run)).map_err(|source| {
        Error::failed(Code::OutputEncoding, "cannot encode the output").because(source)
    })?;
    text.push('\n');
    Ok(text)
}

fn document(run: &CheckRun) -> Value {
    let all =
        || run.subjects.iter().flat_map(|one| one.checks.iter().map(move |check| (one, check)));
    let reported = || all().filter(|(_, check)| level(check.result).is_some());
    let mut found: BTreeMap<&str, &Check> = BTreeMap::new();
    for (_, check) in reported() {
        found.entry(check.code()).or_insert(check);
    }
    let rules: Vec<Value> = found.values().map(|check| rule(check)).collect();
    let number = |code: &str| found.keys().position(|known| *known == code);
    let result = |(subject, check): (&CheckedSubject, &Check)| {
        let to_do: String = check.hints.iter().map(|hint| format!(". To do: {hint}")).collect();
        let text = format!("{}: {}{to_do}", check.name, check.message);
        let mut properties = properties_of(subject);
        if !check.hints.is_empty() {
            properties["hints"] = json!(check.hints);
        }
        json!({
            "ruleId": check.code(),
            "ruleIndex": number(check.code()),
            "level": level(check.result),
            "message": {"text": text},
            "locations": [location(subject)],
            "properties": properties,
            "partialFingerprints": {
                "subjectAndCheck/v1": format!("{} {} {}", run.command, subject.name, check.name),
            },
        })
    };
    let results: Vec<Value> = reported().map(result).collect();
    let skipped = all().filter(|(_, check)| check.result == CheckResult::Skipped);
    let notification = |(subject, check): (&CheckedSubject, &Check)| {
        let text = format!("{} of {} was not checked: {}", check.name, subject.name, check.message);
        json!({"level": "note", "message": {"text": text}, "locations": [location(subject)]})
    };
    // SARIF lists no passed checks: the subjects, with scope and caveats, go into the properties.
    let subjects: Vec<Value> = run
        .subjects
        .iter()
        .map(|subject| {
            let mut properties = properties_of(subject);
            properties["name"] = json!(subject.name);
            properties["result"] = json!(subject.result().name());
            properties
        })
        .collect();
    let end = jiff::SignedDuration::try_from(run.elapsed).unwrap_or_default();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ccx-sec",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": {"id": format!("ccx-sec/{}/", run.command.replace(' ', "-"))},
            "invocations": [{
                "executionSuccessful": run.count(CheckResult::Unknown) == 0,
                "startTimeUtc": format!("{:.3}", run.started),
                "endTimeUtc": format!("{:.3}", run.started.saturating_add(end).unwrap_or(run.started)),
                "toolExecutionNotifications": skipped.map(notification).collect::<Vec<_>>(),
            }],
            "results": results,
            "properties": {"subjects": subjects},
        }],
    })
}

/// The facts about a subject besides its results, as a property bag.
fn properties_of(subject: &CheckedSubject) -> Value {
    super::properties(subject).map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn level(result: CheckResult) -> Option<&'static str> {
    match result {
        CheckResult::Pass | CheckResult::Skipped => None,
        CheckResult::Warning => Some("note"),
        CheckResult::Unknown => Some("warning"),
        CheckResult::Fail => Some("error"),
    }
}

fn rule(check: &Check) -> Value {
    let description = check.code.map_or("", |code| code.meaning);
    let help = match check.hints.as_slice() {
        [] => description.to_owned(),
        hints => hints.join("\n"),
    };
    json!({
        "id": check.code(),
        "shortDescription": {"text": description},
        "fullDescription": {"text": description},
        "help": {"text": format!("What to do, for example: {help}")},
        "defaultConfiguration": {"level": level(check.result)},
        "properties": {"tags": ["security", "tls"]},
    })
}

fn location(subject: &CheckedSubject) -> Value {
    let uri = match &subject.file {
        Some(file) => file_uri(file),
        None => relative_uri(&subject.name),
    };
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"fullyQualifiedName": subject.name, "kind": "resource"}],
    })
}

/// A path as a URI (RFC 3986): relative ones stay relative.
fn file_uri(path: &Path) -> String {
    let text = percent_encode(&path.display().to_string());
    match path.is_absolute() {
        true => format!("file://{text}"),
        false => text.strip_prefix("./").unwrap_or(&text).to_owned(),
    }
}

/// `mysql://db:3306/app` as `mysql/db/3306/app`.
fn relative_uri(name: &str) -> String {
    let parts = name.split(['/', ':']).filter(|part| !part.is_empty());
    percent_encode(&parts.collect::<Vec<_>>().join("/"))
}

fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte.into());
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_files() {
        assert_eq!(file_uri(Path::new("./a b.yaml")), "a%20b.yaml");
        assert_eq!(file_uri(Path::new("/etc/nodes.yaml")), "file:///etc/nodes.yaml");
        assert_eq!(
            relative_uri("postgresql://db.example.com:5432/app"),
            "postgresql/db.example.com/5432/app"
        );
        assert_eq!(relative_uri("mysql://[::1]:3306"), "mysql/%5B/1%5D/3306");
    }
}
