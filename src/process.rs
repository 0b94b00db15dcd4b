//! This process: protection of its memory, its limits, and the programs that it starts.

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

pub(crate) use interrupt::Interrupts;
pub(crate) use program::{Program, ProgramInput, ProgramOutput, inherited};

/// Keeps the memory of this process, which may hold keys, out of core files and dumps: no core file
/// (`RLIMIT_CORE` 0), no dump to a handler of the kernel, and no access by other processes of the
/// same user (`PR_SET_DUMPABLE` 0, prctl(2)).
///
/// Best effort: if the system forbids it, work goes on.
pub(crate) fn keep_memory_private() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Whether this process was started with SIGINT ignored, as by nohup or as a background job of a
/// shell script.
#[must_use]
pub(crate) fn ignores_interrupts() -> bool {
    let status = files::read(Path::new("/proc/self/status"), 64 * 1024).unwrap_or_default();
    let status = String::from_utf8_lossy(&status);
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (nix::libc::SIGINT - 1)) != 0
}

/// The name of this machine, as `uname -n` prints it.
#[must_use]
pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The user of this process and the name of this machine, as `alice@ops-1`.
#[must_use]
pub(crate) fn user_at_host() -> String {
    let uid = nix::unistd::Uid::effective();
    let user = nix::unistd::User::from_uid(uid).ok().flatten();
    let user = user.map_or_else(|| uid.to_string(), |user| user.name);
    format!("{user}@{}", host_name())
}

/// Locks the memory of this process, so that secrets are not written to swap (mlockall(2)). Only
/// for root, since other users may lock too little. Best effort.
pub(crate) fn keep_memory_off_disk() {
    use rustix::mm::{MlockAllFlags, mlockall};
    if is_root() {
        let _ = mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE);
    }
}

/// Raises the limit of open files and connections from the usual 1,024 to the maximum that the
/// system allows. Best effort.
pub(crate) fn allow_many_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// Notifies systemd, if it waits for that, that the service is ready.
pub(crate) fn notify_ready() {
    let _ = sd_notify::notify(false, &[sd_notify::NotifyState::Ready]);
}

/// Notifies systemd that the service is stopping.
pub(crate) fn notify_stopping() {
    let _ = sd_notify::notify(false, &[sd_notify::NotifyState::Stopping]);
}

/// Whether this process runs as root, and may become another user.
#[must_use]
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs `work` as another user, in this thread only; this process must be root's. For servers that
/// identify a client by the user at the other end of a Unix socket.
///
/// # Errors
/// The errors of `work`; exit 3 when the system does not allow the change.
pub(crate) fn as_user<T>(uid: u32, work: impl FnOnce() -> Result<T>) -> Result<T> {
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

/// The effective user id of this process.
#[must_use]
pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Runs a program of the system and returns whether it succeeded, and its output (stdout, then
/// stderr). It gets no input and an empty environment. With `whose`, it runs as that user and group
/// without further groups, which requires root.
///
/// # Errors
/// Exit 3 when it does not start.
/// Exit 3 when it does not start.
pub(crate) fn ask(
    program: &Path,
    arguments: &[String],
    whose: Option<Owner>,
) -> Result<(bool, String)> {
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
    let printed =
        [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((run.status.success(), printed.concat()))
}

/// Runs the user's `command` in a shell, with these additional variables. Its output goes to
/// stderr; it gets no input.
///
/// # Errors
/// Exit 3 when it does not start, or ends with a status other than zero.
pub(crate) fn shell(command: &str, variables: &[(&str, impl AsRef<OsStr>)]) -> Result<()> {
    let failed = |how: String| {
        // The message does not quote the command, which may contain a password.
        Error::failed(Code::CommandFailed, format!("the command {how}"))
            .hint("its output is above; run it by hand to see why")
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
