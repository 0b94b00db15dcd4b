//! Volumes: words for scripts in the guest, and files that stand for disks.

use std::fs::{self, File};
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

use super::guest::Guest;
use super::{Home, Run, run};

/// `v NAME ARG...` is `check NAME ccx volume ARG...` with a store and a journal in `$JOB`;
/// `secret ID KEY` prints an entry of the Secret of a volume; `is_gone DEVICE` zeroes a header;
/// `writer DIR` overwrites files until `written` is called; then `sum_check DIR` compares them.
pub const WORDS: &str = r#"
    export CCX_SEC_STORE=dir:$JOB/store CCX_SEC_JOURNAL=$JOB/journal
    v() { check $1 ccx volume "${@:2}"; }
    secret() { sed -n "s/^  $2: //p" $JOB/store/ccx-volume-$1.yaml | base64 -d; }
    is_gone() { dd if=/dev/zero of=$1 bs=1M count=16 oflag=direct status=none; }
    copy() { dd if=$1 of=$2 bs=1M status=none; }
    writer() {
      rm -rf /run/w /run/enough; mkdir -p /run/w $1/w; : >/run/begun
      (n=0; while [ ! -e /run/enough ]; do
        f=w/$((n % 100)); n=$((n + 1))
        head -c 65537 /dev/urandom | tee $1/$f | sha256sum | sed "s# .*#  $f#" >/run/$f
        rm -f /run/begun
      done; cat /run/w/* >$JOB/sums-w) &
      writer=$!
      while [ -e /run/begun ]; do kill -0 $writer; done
    }
    written() { : >/run/enough; wait $writer; }
    "#;

impl Guest {
    /// Runs a script after [`WORDS`], which must succeed; returns its stdout.
    pub fn volumes(&self, script: &str) -> String {
        self.done(&[WORDS, script].concat())
    }

    /// Returns the document of `v NAME`, which must have succeeded.
    pub fn told(&self, name: &str) -> Value {
        let run = self.check(name);
        assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
        run.json()
    }

    /// Asserts that each `v NAME` succeeded.
    pub fn well(&self, names: &[&str]) {
        for name in names {
            let run = self.check(name);
            assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
        }
    }

    /// Asserts that `v NAME` failed with this status and code; returns its stderr.
    pub fn said_no(&self, name: &str, exit: i32, code: &str) -> String {
        let run = self.check(name);
        let Run { code: status, stdout, stderr } = &run;
        let is_text = stderr.contains(&format!("[{code}]\n")) && stderr.contains("\n  hint: ");
        let is_it = *status == exit && (is_text || run.error_code() == code);
        assert!(is_it, "{name}: {status} {stdout}{stderr}");
        run.stderr
    }
}

/// Bytes of a file that stands for a disk.
pub const SIZE: u64 = 64 << 20;

impl Home {
    /// Creates a blank file that stands for a disk.
    pub fn disk(&self, name: &str) -> String {
        let file = File::create(self.join(name)).expect("a file");
        file.set_len(SIZE).expect("a size");
        self.at(name)
    }

    /// `ccx-sec volume ARGUMENTS`, with a journal in the home.
    pub fn volume_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.ccx(&[&["volume"], arguments].concat());
        command.env("CCX_SEC_JOURNAL", self.join("journal"));
        command
    }

    /// Runs a volume command.
    pub fn volume(&self, arguments: &[&str]) -> Run {
        run(&mut self.volume_command(arguments))
    }

    /// Runs a volume command, which must succeed, with `-o json`; returns the document.
    pub fn volume_done(&self, arguments: &[&str]) -> Value {
        let run = self.volume(&[arguments, &["-o", "json"]].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
        run.json()
    }

    /// Runs a volume command, which must fail with this status and code, and change neither store nor
    /// disks.
    pub fn volume_fails(&self, arguments: &[&str], exit: i32, code: &str) -> Run {
        let before = self.without_journal();
        let run = self.volume(arguments);
        run.assert_error(exit, code);
        assert_eq!(self.without_journal(), before, "{arguments:?} changed something");
        run
    }

    /// Returns all files in the home, disks as SHA-256, without the journals, in which a lock stays.
    pub fn without_journal(&self) -> Vec<(String, Vec<u8>)> {
        let snapshot = self.snapshot().into_iter();
        let kept = snapshot.filter(|(path, _)| !path.starts_with(self.join("journal")));
        let bytes = |path: &Path, bytes: Vec<u8>| match path.metadata() {
            Ok(there) if there.is_file() && there.len() >= SIZE => digest(path),
            _ => bytes,
        };
        kept.map(|(path, (_, known))| (path.display().to_string(), bytes(&path, known))).collect()
    }
}

/// SHA-256 of a file.
pub fn digest(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).expect("read");
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes).as_ref().to_vec()
}
