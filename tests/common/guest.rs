//! A machine with dm-crypt: runs scripts as root in the guest of `tests/bed/guest-run`, with the
//! functions of `tests/bed/guest-lib`. It boots in seconds, so one script makes many checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use assert_cmd::Command;
use tempfile::TempDir;

use super::{Run, env, hints, run};

/// The number of guests that are running. There are at most as many as processors: each keeps one
/// busy, and its scripts have a time limit.
static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// The right to run a guest.
struct RunPermit;

impl RunPermit {
    fn take() -> Self {
        let most = available_parallelism().map_or(1, usize::from);
        let running = ENDED.wait_while(count(), |running| *running >= most);
        *running.unwrap_or_else(PoisonError::into_inner) += 1;
        RunPermit
    }
}

impl Drop for RunPermit {
    fn drop(&mut self) {
        *count() -= 1;
        ENDED.notify_one();
    }
}

fn count() -> MutexGuard<'static, usize> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Eight disks, `/dev/ubda` to `/dev/ubdh`, and a directory, `$JOB`. The next run finds them as the
/// last one left them. Dropping the value removes them.
pub struct Guest {
    job: TempDir,
    seconds: u32,
}

impl Guest {
    pub fn new() -> Self {
        let job = tempfile::Builder::new().prefix("ccx-guest-").tempdir().expect("a directory");
        Guest { job, seconds: 300 }
    }

    /// Sets the time limit of a script.
    pub fn with_limit(mut self, seconds: u32) -> Self {
        self.seconds = seconds;
        self
    }

    /// The path of a file in the directory `$JOB`.
    pub fn at(&self, name: &str) -> PathBuf {
        self.job.path().join(name)
    }

    /// Boots, runs the script under `set -eu`, and powers off; then checks the hints that its commands
    /// printed. The status is the script's, 124 when it ran out of time, 125 when the guest died, 137
    /// when the power was cut.
    pub fn run(&self, script: &str) -> Run {
        let _permit = RunPermit::take();
        let program = assert_cmd::cargo::cargo_bin!("ccx-sec").display();
        let text = format!("export CCX='{program}'\nset -eu\n{script}");
        fs::write(self.at("script"), text).expect("written");
        let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bed/guest-run");
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "TERM"])
            .args([runner, self.at("script")])
            .env("CCX_TEST_GUEST", env("CCX_TEST_GUEST"))
            .env("CCX_GUEST_JOB", self.job.path())
            .env("CCX_GUEST_TIMEOUT", self.seconds.to_string());
        let run = run(&mut command);
        self.check_hints();
        run
    }

    /// Checks the hints of each `check NAME COMMAND...` that ended, as [`run()`] does on this machine.
    fn check_hints(&self) {
        let Ok(files) = fs::read_dir(self.at("checks")) else { return };
        for file in files {
            let path = file.expect("a file").path();
            if path.extension().is_none_or(|kind| kind != "status") {
                continue; // a power cut leaves checks without one
            }
            let read = |kind| {
                let bytes = fs::read(path.with_extension(kind)).expect("a file of a check");
                String::from_utf8_lossy(&bytes).into_owned()
            };
            let words: Vec<String> = read("words").lines().map(str::to_owned).collect();
            let run = Run { code: 0, stdout: read("stdout"), stderr: read("stderr") };
            hints::check(&words, &run);
        }
    }

    /// Runs a script that must succeed; returns its stdout.
    pub fn done(&self, script: &str) -> String {
        let run = self.run(script);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run.stdout
    }

    /// The result of `check NAME COMMAND...`.
    pub fn check(&self, name: &str) -> Run {
        let part = |kind: &str| {
            let file = self.at("checks").join(format!("{name}.{kind}"));
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        };
        let code = part("status").trim_end().parse().expect("a status");
        Run { code, stdout: part("stdout"), stderr: part("stderr") }
    }
}
