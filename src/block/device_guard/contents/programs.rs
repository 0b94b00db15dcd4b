//! Runs the probes of util-linux, which use libblkid. They inherit the handle of the open device, so
//! that a changed path does not mislead them.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;

use serde::Deserialize;

use super::DeviceContent;
use crate::error::{Code, Error, Result};
use crate::process::{Program, ProgramInput, ProgramOutput, inherited};

const PACKAGE: &str = "util-linux";

/// Runs `blkid -p`, which reads the device and not its cache.
pub(super) fn blkid(handle: &OwnedFd, name: &str) -> Result<Vec<DeviceContent>> {
    let outcome = ask("blkid", &["-p", "-o", "export"], handle)?;
    blkid_said(&outcome).map_err(|why| failed("blkid -p", name, &why))
}

fn blkid_said(outcome: &ProgramOutput) -> std::result::Result<Vec<DeviceContent>, String> {
    let silent = outcome.stdout.is_empty() && outcome.stderr.is_empty();
    match outcome.code {
        Some(0) => {}
        // Blank or unreadable; our own read has shown that it is readable.
        Some(2) if silent => return Ok(Vec::new()),
        // Several contradictory signatures.
        Some(8) => return Ok(vec![DeviceContent::new("blkid", "several signatures")]),
        _ => return Err(outcome.why()),
    }
    let text = String::from_utf8_lossy(&outcome.stdout);
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    // For a blank partition, blkid shows its entry in the partition table.
    let (entry, found): (Vec<_>, Vec<_>) = pairs
        .filter(|(key, _)| *key != "DEVNAME")
        .partition(|(key, _)| key.starts_with("PART_ENTRY_"));
    let kinds = found.iter().filter(|(key, _)| ["TYPE", "PTTYPE"].contains(key));
    let mut signs: Vec<DeviceContent> =
        kinds.map(|(_, kind)| DeviceContent::new("blkid", *kind)).collect();
    if signs.is_empty() && !found.is_empty() {
        signs.push(DeviceContent::new("blkid", "something without a type"));
    }
    if signs.is_empty() && entry.is_empty() {
        return Err("it found something without a type".to_owned());
    }
    Ok(signs)
}

/// Runs `wipefs --no-act`, which finds every signature and wipes nothing.
pub(super) fn wipefs(handle: &OwnedFd, name: &str) -> Result<Vec<DeviceContent>> {
    let outcome = ask("wipefs", &["--no-act", "--json"], handle)?;
    wipefs_said(&outcome).map_err(|why| failed("wipefs --no-act", name, &why))
}

#[derive(Deserialize)]
struct Signatures {
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    offset: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn wipefs_said(outcome: &ProgramOutput) -> std::result::Result<Vec<DeviceContent>, String> {
    if !outcome.is_good() || !outcome.stderr.is_empty() {
        return Err(outcome.why());
    }
    let said: Signatures = serde_json::from_slice(&outcome.stdout)
        .map_err(|error| format!("its output cannot be parsed: {error}"))?;
    // Keeps the first of repeated signatures, such as those of ZFS.
    let mut seen = BTreeSet::new();
    let first = said.signatures.into_iter().filter(|one| seen.insert(one.kind.clone()));
    let sign = |Signature { offset, kind }: Signature| {
        DeviceContent::new(
            "wipefs",
            format!("{} at {offset}", kind.as_deref().unwrap_or("something")),
        )
    };
    Ok(first.map(sign).collect())
}

fn ask(name: &'static str, options: &[&str], handle: &OwnedFd) -> Result<ProgramOutput> {
    let device = inherited(handle).display().to_string();
    let arguments = [options, &[&device]].concat();
    Program::need(name, PACKAGE)?
        .run(&arguments, ProgramInput { files: &[handle], ..ProgramInput::default() })
}

fn failed(program: &str, device: &str, why: &str) -> Error {
    Error::failed(Code::ProbeFailed, format!("cannot tell what is on {device}: {program}: {why}"))
        .hint(format!("run {program} on {device} by hand, and read the kernel log: dmesg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(code: i32, stdout: &str, stderr: &str) -> ProgramOutput {
        ProgramOutput { code: Some(code), stdout: stdout.into(), stderr: stderr.to_owned() }
    }

    fn whats(signs: Vec<DeviceContent>) -> Vec<String> {
        signs.into_iter().map(|sign| sign.what).collect()
    }

    #[test]
    fn what_blkid_says() {
        let said = |code, stdout, stderr| blkid_said(&outcome(code, stdout, stderr)).map(whats);
        assert_eq!(said(2, "", ""), Ok(vec![]));
        let both = "DEVNAME=/x\nUUID=1\nTYPE=ext4\nUSAGE=filesystem\nPTTYPE=dos\n";
        assert_eq!(said(0, both, ""), Ok(vec!["ext4".to_owned(), "dos".to_owned()]));
        let entry = "DEVNAME=/x\nPART_ENTRY_SCHEME=gpt\nPART_ENTRY_TYPE=1\n";
        assert_eq!(said(0, entry, ""), Ok(vec![]), "a blank partition");
        assert_eq!(said(0, "DEVNAME=/x\nLABEL=a\n", "").map(|signs| signs.len()), Ok(1));
        assert_eq!(said(8, "", "").map(|signs| signs.len()), Ok(1), "ambivalent");
        for (code, stdout, stderr) in [
            (2, "", "error: x"),
            (2, "a=b", ""),
            (0, "", ""),
            (1, "", ""),
            (4, "", ""),
            (127, "", ""),
        ] {
            assert!(said(code, stdout, stderr).is_err(), "{code} {stdout:?} {stderr:?}");
        }
        let killed = ProgramOutput { code: None, ..outcome(0, "", "") };
        assert!(blkid_said(&killed).is_err());
    }

    #[test]
    fn what_wipefs_says() {
        let said = |code, stdout, stderr| wipefs_said(&outcome(code, stdout, stderr)).map(whats);
        let one = r#"{"signatures": [{"device": "x", "offset": "0x438", "type": "ext4"}]}"#;
        assert_eq!(said(0, one, ""), Ok(vec!["ext4 at 0x438".to_owned()]));
        assert_eq!(said(0, r#"{"signatures": []}"#, ""), Ok(vec![]));
        for (code, stdout, stderr) in [(0, "", ""), (0, "[]", ""), (1, one, ""), (0, one, "error")]
        {
            assert!(said(code, stdout, stderr).is_err(), "{code} {stdout:?} {stderr:?}");
        }
    }
}
