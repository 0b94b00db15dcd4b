//! The tiers of tests: those that `cargo test` runs on any machine, and those that need the parts
//! that `tests/run` fetches and starts.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::OnceLock;

/// Programs that each test may call: they are wherever Rust and HTTPS are.
const EVERYWHERE: [&str; 6] = ["openssl", "sh", "cp", "grep", "mkfifo", "base64"];

/// The names of the tests that `cargo test` leaves out.
fn ignored() -> &'static BTreeSet<String> {
    static IGNORED: OnceLock<BTreeSet<String>> = OnceLock::new();
    IGNORED.get_or_init(|| {
        let this = std::env::current_exe().expect("the path of the tests");
        let list = Command::new(this).args(["--list", "--ignored"]).output().expect("a list");
        let list = String::from_utf8(list.stdout).expect("UTF-8");
        list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
    })
}

/// Panics in a test that uses `part` and has no `#[ignore]`: it would pass under `tests/run` and
/// fail under `cargo test` elsewhere. Threads that a test starts are not checked.
pub fn assert_ignored(part: &str) {
    let thread = std::thread::current();
    let Some(test) = thread.name().filter(|name| name.contains("::")) else { return };
    assert!(
        ignored().contains(test),
        "{test} uses {part}, which is not on every machine: mark it #[ignore = \"needs tests/run\"]"
    );
}

/// The same for a program, unless it is on every machine.
pub fn assert_everywhere(program: &str) {
    if !EVERYWHERE.contains(&program) {
        assert_ignored(program);
    }
}
