//! stdout where it is neither a terminal nor a patient pipe.

use std::fs::File;
use std::io::pipe;
use std::process::{Command, Output, Stdio};

use crate::common::Home;

fn into(home: &Home, arguments: &[&str], stdout: impl Into<Stdio>) -> (Output, String) {
    let command = home.ccx(arguments);
    let mut process = Command::new(command.get_program());
    process.args(command.get_args()).stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
    let output = process.output().expect("the program");
    let stderr = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    (output, stderr)
}

#[test]
fn pipe_that_is_closed_early_ends_quietly() {
    let home = Home::new();
    home.init();
    for arguments in [
        &["ca", "init", "--common-name", "X", "--ca", "new"][..],
        &["ca", "show"],
        &["ca", "show", "-o", "json"],
        &["ca", "check"],
        &["ca", "export"],
        &["completion", "bash"],
        &["--help"],
    ] {
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let (closed, said) = into(&home, arguments, writer);
        assert_eq!(closed.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("error") && !said.contains("panic"), "{said}");
    }
    home.done(&["ca", "check", "--ca", "new"]);
}

#[test]
fn full_disk_is_an_error() {
    let home = Home::new();
    home.init();
    for arguments in [&["ca", "show"][..], &["ca", "check"], &["ca", "export"]] {
        let full = File::options().write(true).open("/dev/full").expect("a full device");
        let (output, said) = into(&home, arguments, full);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {said}");
        assert!(said.starts_with("error: cannot write to stdout [stdout]\n"), "{said}");
        assert!(said.contains("\n  hint: "), "{said}");
    }
}
