//! The tiers of tests: a test that needs more than Rust and openssl says so.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use crate::common::{env, tool};

/// Why a test is left out of `cargo test`.
const REASONS: [&str; 3] = ["needs tests/run", "slow: left to tests/run", "by request: "];

fn message(of: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(of).expect_err("it panics");
    panic.downcast_ref::<String>().expect("a message").clone()
}

/// This test has no mark, so that it may use no such part, whether or not the part is there.
#[test]
fn parts_of_the_test_bed_are_refused_to_tests_without_a_mark() {
    let mark = "mark it #[ignore = \"needs tests/run\"]";
    for of in [|| drop(env("CCX_TEST_DB")), || drop(tool("true", &["--version"]))] {
        let message = message(of);
        let this = "project::tiers::parts_of_the_test_bed_are_refused_to_tests_without_a_mark uses";
        assert!(message.starts_with(this) && message.ends_with(mark), "{message}");
    }
    assert!(!env("PATH").is_empty());
    assert!(tool("openssl", &["version"]).starts_with("OpenSSL "));
}

#[test]
#[ignore = "needs tests/run"]
fn parts_of_the_test_bed_are_there_for_tests_with_a_mark() {
    for name in ["DB", "KUBE", "DRIVERS", "MSSQL", "GUEST", "WEB", "PROXIES", "PKILINT"] {
        let path = env(&format!("CCX_TEST_{name}"));
        assert!(Path::new(&path).exists(), "{path}");
    }
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                found.push(path);
            }
            false => {}
        }
    }
}

#[test]
fn ignored_tests_say_why() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("tests"), &mut found);
    files(&root.join("src"), &mut found);
    let mut count = 0;
    for path in found {
        let text = fs::read_to_string(&path).expect("a source file");
        for line in text.lines().filter(|line| line.trim_start().starts_with("#[ignore")) {
            let why = line.split('"').nth(1).unwrap_or_default();
            let known = REASONS.iter().any(|reason| why.starts_with(reason));
            assert!(known, "{}: {line}: not one of {REASONS:?}", path.display());
            count += 1;
        }
    }
    assert!(count > 300, "the tests were not found");
}
