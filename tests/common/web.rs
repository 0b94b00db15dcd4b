//! The programs that tests/bed/web-fetch brings: a browser, validators, promtool.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Home, env};

/// A file of the folder that tests/bed/web-fetch made.
pub fn web(name: &str) -> PathBuf {
    PathBuf::from(env("CCX_TEST_WEB")).join(name)
}

/// Writes `text` to a file named `metrics` and panics unless `promtool check metrics` reads it
/// without a word. Returns the path of the file.
pub fn promtool_accepts(home: &Home, text: impl AsRef<[u8]>) -> String {
    let text = text.as_ref();
    let metrics = home.write("metrics", text);
    let promtool = Command::new(web("bin/promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::from(File::open(&metrics).expect("a file")))
        .output()
        .expect("promtool; run the tests with tests/run");
    let printed = String::from_utf8_lossy(&promtool.stderr);
    assert!(
        promtool.status.success() && printed.is_empty(),
        "{printed}\n{}",
        String::from_utf8_lossy(text)
    );
    metrics
}
