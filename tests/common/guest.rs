//! A machine with dm-crypt: scripts run as root in the guest of `tests/bed/guest-run`, with the
//! functions of `tests/bed/guest-lib`. It boots in seconds, so one script makes many checks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use assert_cmd::Command;
use tempfile::TempDir;

use super::{Run, env, run};

/// How many are running: no more than there are processors, since each keeps one busy, and its
/// scripts have a time limit.
static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// The right to run one.
struct Place;

impl Place {
    fn take() -> Self {
        let most = available_parallelism().map_or(1, usize::from);
        let running = ENDED.wait_while(count(), |running| *running >= most);
        *running.unwrap_or_else(PoisonError::into_inner) += 1;
        Place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *count() -= 1;
        ENDED.notify_one();
    }
}

fn count() -> MutexGuard<'static, usize> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Eight disks, `/dev/ubda` to `/dev/ubdh`, and a folder, `$JOB`, which
/// outlast a run: the next finds them as they were left. Gone with the value, and so are the processes.
pub struct Guest {
    job: TempDir,
    seconds: u32,
}

impl Guest {
    pub fn new() -> Self {
        let job = tempfile::Builder::new().prefix("ccx-guest-").tempdir().expect("a directory");
        Guest { job, seconds: 300 }
    }

    /// With another time limit for a script.
    pub fn with_limit(mut self, seconds: u32) -> Self {
        self.seconds = seconds;
        self
    }

    /// The file of that name in the folder `$JOB`.
    pub fn at(&self, name: &str) -> PathBuf {
        self.job.path().join(name)
    }

    /// Boots, runs the script under `set -eu`, and powers off. The status is the script's, 124
    /// when it ran out of time, 125 when the guest died, 137 when the power was cut.
    pub fn run(&self, script: &str) -> Run {
        let _place = Place::take();
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
        run(&mut command)
    }

    /// The same, for a script that must succeed; gives its stdout.
    pub fn done(&self, script: &str) -> String {
        let run = self.run(script);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run.stdout
    }

    /// What `check NAME COMMAND...` in the last script gave.
    pub fn check(&self, name: &str) -> Run {
        let part = |kind: &str| {
            let file = self.at("checks").join(format!("{name}.{kind}"));
            fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        };
        let code = part("status").trim_end().parse().expect("a status");
        Run { code, stdout: part("stdout"), stderr: part("stderr") }
    }
}
