//! Programs killed (SIGKILL) at random moments.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::env;
use super::random::Random;

/// Starts the program in a clean environment, with nobody to hear it.
pub fn start(home: &Path, arguments: &[&str]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin!("ccx-sec"))
        .env_clear()
        .env("PATH", env("PATH"))
        .env("HOME", home)
        .current_dir(home)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

/// The median of a few undisturbed runs.
pub fn undisturbed(run: impl Fn(u32) -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..9).map(run).collect();
    times.sort();
    times[times.len() / 2]
}

/// How long a run takes that must succeed.
pub fn time_to_end(mut child: Child) -> Duration {
    let begin = Instant::now();
    assert!(child.wait().expect("a run").success());
    begin.elapsed()
}

/// Waits for the first sign of a write, or until the child is done.
pub fn wait_for(sign: impl Fn() -> bool, child: &mut Child) {
    while !sign() && child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Kills the `n`th of `of` within about `usual` from now. False when it was done before.
pub fn kill(mut child: Child, n: u32, of: u32, usual: Duration, random: &mut Random) -> bool {
    let share = (f64::from(n) + random.next()) / f64::from(of);
    std::thread::sleep(usual.mul_f64(share * 1.2));
    child.kill().expect("killed");
    let status = child.wait().expect("gone");
    assert!(status.success() || status.signal() == Some(9), "{status}");
    status.signal() == Some(9)
}
