//! The x509-limbo suite, from the file that `CCX_TEST_LIMBO` names. The verdicts that differ from
//! the suite are those of `fixtures/x509-limbo-exceptions.toml`, no more and no less.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::common::{Home, env, run};

#[derive(Deserialize)]
struct Suite {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    expected_result: String,
}

#[derive(Deserialize)]
struct Results {
    version: u32,
    harness: String,
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    id: String,
    actual_result: String,
    context: Option<String>,
}

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

    let home = Home::new();
    let given = run(home.ccx(&["x509-limbo", "-"]).write_stdin(text.clone()));
    assert_eq!((given.code, given.stderr.as_str()), (0, ""));
    let named = run(&mut home.ccx(&["x509-limbo", path.to_str().unwrap()]));
    assert_eq!(named.stdout, given.stdout, "a file is read as standard input is");
    let results: Results = serde_json::from_str(&given.stdout).unwrap();
    assert_eq!(results.version, 1);
    assert!(results.harness.starts_with("ccx-sec-"));
    assert_eq!(results.results.len(), suite.testcases.len());

    let (mut right, mut false_rejects) = (0, 0);
    let (mut wrong, mut skipped) = (Vec::new(), Vec::new());
    for (case, result) in suite.testcases.iter().zip(&results.results) {
        assert_eq!(case.id, result.id);
        match result.actual_result.as_str() {
            "SKIPPED" => skipped.push(&case.id),
            actual if actual == case.expected_result => right += 1,
            actual => {
                if !exceptions.wrong.contains_key(&case.id) {
                    tell(&format!("{}: {actual}, {:?}", case.id, result.context));
                }
                wrong.push(&case.id);
                false_rejects += usize::from(case.expected_result == "SUCCESS");
            }
        }
        if result.actual_result == "FAILURE" {
            let context = result.context.as_deref().unwrap_or_default();
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

#[test]
fn what_is_no_suite_is_said() {
    let home = Home::new();
    for (text, why) in [
        ("", "EOF while parsing"),
        ("{\"version\": 1}", "missing field `testcases`"),
        ("{\"version\": 2, \"testcases\": []}", "its version is 2, not 1"),
    ] {
        let given = run(home.ccx(&["-o", "json", "x509-limbo"]).write_stdin(text));
        assert_eq!((given.code, given.stdout.as_str()), (2, ""));
        assert_eq!(given.error_code(), "limbo-format");
        assert!(given.stderr.contains(why), "{}", given.stderr);
    }
    let empty = run(home.ccx(&["x509-limbo"]).write_stdin("{\"version\": 1, \"testcases\": []}"));
    assert_eq!((empty.code, empty.stderr.as_str()), (0, ""));
    assert_eq!(empty.json()["results"], serde_json::json!([]));
}
