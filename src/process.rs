//! This process: what it must not leave behind, and what it starts.

mod interrupt;
mod program;

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};
use rustix::thread::{Uid, set_thread_res_uid};

use crate::error::{Code, Error, Result};
use crate::files::{self, Owner};

pub use interrupt::Interrupts;
pub use program::{Program, ProgramInput, ProgramOutput, inherited};

/// Sees to it that a crash writes no memory to disk, where keys could be in it: no core
/// file (`RLIMIT_CORE` 0), no dump by a handler that the kernel pipes to, and no look
/// into this process by others of the same user (`PR_SET_DUMPABLE` 0, prctl(2)).
///
/// Best effort: where the system forbids it, work goes on.
pub fn keep_memory_private() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Whether this process was started with SIGINT ignored, as by nohup or in the background of a
/// shell script.
#[must_use]
pub fn ignores_interrupts() -> bool {
    let status = files::read(Path::new("/proc/self/status"), 64 * 1024).unwrap_or_default();
    let status = String::from_utf8_lossy(&status);
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (nix::libc::SIGINT - 1)) != 0
}

/// The name of this machine, as `uname -n` prints it.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Keeps this process out of swap, where what it knows would outlast it (mlockall(2)); for root
/// alone, since others may lock too little. Best effort, as above.
pub fn keep_memory_off_disk() {
    use rustix::mm::{MlockAllFlags, mlockall};
    if is_root() {
        let _ = mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE);
    }
}

/// Lets this process have as many files and connections open as the system allows it, not just
/// the 1,024 that programs of old could cope with. Best effort.
pub fn allow_many_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// Tells systemd, where it started us and waits for it, that the service is there.
pub fn tell_ready() {
    let _ = sd_notify::notify(false, &[sd_notify::NotifyState::Ready]);
}

/// Tells systemd that the service is about to end.
pub fn tell_stopping() {
    let _ = sd_notify::notify(false, &[sd_notify::NotifyState::Stopping]);
}

/// Whether this process may become another user.
#[must_use]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Does `work` with the rights of another user, in this thread alone, where this process is
/// root's: for servers that let in whoever is at the other end of a Unix socket.
///
/// # Errors
/// Those of the work; exit 3 when the system does not let us.
pub fn as_user<T>(uid: u32, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let become_user = |uid: Uid| {
        set_thread_res_uid(None, uid, None).map_err(|error| {
            Error::failed(Code::User, format!("cannot become the user {}", uid.as_raw()))
                .because(error)
                .hint("run as that user")
        })
    };
    become_user(Uid::from_raw(uid))?;
    let outcome = work();
    become_user(Uid::ROOT)?;
    outcome
}

/// Who runs this process.
#[must_use]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// What a program of the system says: whether it ended well, and all that it printed. It reads
/// nothing, and knows nothing of our variables; where it is `whose`, it has the rights of those
/// alone, which takes root.
///
/// # Errors
/// Exit 3 when it does not start.
pub fn ask(program: &Path, arguments: &[String], whose: Option<Owner>) -> Result<(bool, String)> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().current_dir("/").stdin(Stdio::null());
    if let Some(Owner { uid, gid }) = whose {
        command.uid(uid).gid(gid); // and no other groups
    }
    let run = command.output();
    let run = run.map_err(|error| {
        let message = format!("{} does not start", program.display());
        Error::failed(Code::ProgramFailed, message).because(error).hint("run it by hand to see why")
    })?;
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((run.status.success(), said.concat()))
}

/// Has the shell run a command that the user gave, with these variables besides those of this
/// process. What it prints goes to stderr; it reads nothing.
///
/// # Errors
/// Exit 3 when it does not start, or ends with another status than zero.
pub fn shell(command: &str, variables: &[(&str, impl AsRef<OsStr>)]) -> Result<()> {
    let failed = |how: String| {
        // Without its text: there may be a password in it.
        Error::failed(Code::CommandFailed, format!("the command {how}"))
            .hint("what it said stands above; run it by hand to see why")
    };
    let variables = variables.iter().map(|(name, value)| (name, value.as_ref()));
    let status = Command::new("/bin/sh")
        .args(["-c", command])
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .map_err(|error| failed("does not start".to_owned()).because(error))?;
    if status.success() { Ok(()) } else { Err(failed(format!("failed: {status}"))) }
}
