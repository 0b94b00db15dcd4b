//! The x509-limbo suite, from the file that `CCX_TEST_LIMBO` names. The verdicts that differ from
//! the suite are those of `fixtures/x509-limbo-exceptions.toml`, no more and no less.

mod harness;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use crate::common::env;
use harness::{CaseVerdict, Suite};

/// Reasons, by the case's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    wrong: BTreeMap<String, String>,
    skipped: BTreeMap<String, String>,
}

/// Past the test runner, which keeps what a good test prints to itself.
fn tell(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `tests/run` skips it by its name where the cases are not there.
#[test]
#[ignore = "needs tests/run"]
fn suite_goes_as_the_list_of_exceptions_says() {
    let path = PathBuf::from(env("CCX_TEST_LIMBO"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let suite: Suite = serde_json::from_str(&text).unwrap();
    assert!(suite.testcases.len() >= 208, "the suite is cut short");
    let list = std::fs::read_to_string(project("fixtures/x509-limbo-exceptions.toml")).unwrap();
    let exceptions: Exceptions = toml::from_str(&list).unwrap();

    assert_eq!(suite.version, 1, "the suite has another format");

    let (mut right, mut false_rejects) = (0, 0);
    let (mut wrong, mut skipped) = (Vec::new(), Vec::new());
    for case in &suite.testcases {
        let (actual, context) = case.verdict(Timestamp::now());
        match actual {
            CaseVerdict::Skipped => skipped.push(&case.id),
            actual if actual.name() == case.expected_result => right += 1,
            actual => {
                if !exceptions.wrong.contains_key(&case.id) {
                    tell(&format!("{}: {}, {context:?}", case.id, actual.name()));
                }
                wrong.push(&case.id);
                false_rejects += usize::from(case.expected_result == "SUCCESS");
            }
        }
        if actual == CaseVerdict::Failure {
            let context = context.as_deref().unwrap_or_default();
            assert!(context.contains(": "), "{}: no reason given", case.id);
        }
    }
    wrong.sort();
    skipped.sort();
    let total = suite.testcases.len();
    let percent = f64::from(right) * 100.0 / total as f64;
    tell(&format!(
        "x509-limbo: {right} of {total} right ({percent:.1} %), {} wrong, {} skipped, {false_rejects} false rejects",
        wrong.len(),
        skipped.len()
    ));
    assert_eq!(wrong, exceptions.wrong.keys().collect::<Vec<_>>(), "the list is not true");
    assert_eq!(skipped, exceptions.skipped.keys().collect::<Vec<_>>(), "the list is not true");
    assert!(exceptions.wrong.values().chain(exceptions.skipped.values()).all(|why| why.len() > 40));
    assert_eq!(false_rejects, 0, "a chain that is good was refused");
    assert!(percent >= 92.0, "only {percent:.1} % are right");
}
