//! Tells the program which commit it is built from. Without git, as from a package, it says nothing.

use std::process::Command;

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A package that lies in the work tree of another project is not of its commit.
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let top = git(&["rev-parse", "--show-toplevel"]).map(std::path::PathBuf::from);
    if here.is_none() || top.and_then(|top| top.canonicalize().ok()) != here {
        return;
    }
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    for (name, format) in [("CCX_SEC_COMMIT", "%h"), ("CCX_SEC_COMMIT_DATE", "%cs")] {
        let format = format!("--format={format}");
        if let Some(value) = git(&["log", "-1", "--abbrev=12", &format]) {
            println!("cargo::rustc-env={name}={value}");
        }
    }
}
