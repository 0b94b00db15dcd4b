//! Programs of the system: found only where nobody but root can have put them, and run with a
//! minimal environment.

use std::ffi::OsStr;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::io::{FdFlags, fcntl_setfd};

use crate::error::{Code, Error, Result};
use crate::files;
use crate::shell::CommandLine;

/// The directories that are searched, in this order; never `PATH`, which the caller controls.
const DIRECTORIES: [&str; 5] = ["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const ROOT: u32 = 0;

/// A program of the system.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    name: &'static str,
    path: PathBuf,
}

/// The input of a program, besides its arguments.
#[derive(Default)]
pub(crate) struct ProgramInput<'a> {
    /// The standard input; `None` for an empty one.
    pub input: Option<&'a [u8]>,
    /// Open files for the program to inherit; [`inherited`] gives their paths.
    pub files: &'a [&'a OwnedFd],
    /// The working directory; `None` for `/`.
    pub directory: Option<&'a Path>,
    /// Called with each line of the standard output as it comes, instead of
    /// [`ProgramOutput::stdout`].
    pub lines: Option<&'a mut dyn FnMut(&str)>,
}

/// The result of a program.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProgramOutput {
    /// The exit status; `None` if a signal ended it.
    pub code: Option<i32>,
    /// The standard output.
    pub stdout: Vec<u8>,
    /// The standard error.
    pub stderr: String,
}

impl ProgramOutput {
    /// Whether the exit status is 0.
    #[must_use]
    pub(crate) fn is_good(&self) -> bool {
        self.code == Some(0)
    }

    /// The reason of a failure in one line, from the program's standard error.
    #[must_use]
    pub(crate) fn why(&self) -> String {
        let mut reasons: Vec<&str> = Vec::new();
        for line in self.stderr.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if !reasons.contains(&line) {
                reasons.push(line); // cryptsetup repeats some messages
            }
        }
        match (reasons.join("; "), self.code) {
            (reasons, _) if !reasons.is_empty() => reasons,
            (_, Some(code)) => format!("it ended with status {code} and printed nothing"),
            (_, None) => "a signal ended it".to_owned(),
        }
    }
}

/// The path by which a program finds an inherited file.
#[must_use]
pub(crate) fn inherited(file: &impl AsFd) -> PathBuf {
    use std::os::fd::AsRawFd;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd()))
}

impl Program {
    /// Finds a program in the system's directories; `None` if it is missing, or if a user other
    /// than root could have replaced it.
    #[must_use]
    pub(crate) fn find(name: &'static str) -> Option<Self> {
        let found = DIRECTORIES.iter().map(|directory| Path::new(directory).join(name));
        let path = found.into_iter().find(|path| files::guarded(path, &[ROOT]).is_some())?;
        Some(Program { name, path })
    }

    /// Finds a program that is required; Debian's `package` contains it.
    ///
    /// # Errors
    /// Exit 3 when it is not found.
    pub(crate) fn need(name: &'static str, package: &str) -> Result<Self> {
        Program::find(name).ok_or_else(|| {
            let message = format!("the program {name} is not in {}", DIRECTORIES.join(", "));
            Error::failed(Code::ProgramMissing, message)
                .hint(("install it", CommandLine::other("apt-get", "install").argument(package)))
                .hint("programs that other users can change are ignored")
        })
    }

    /// Runs the program, without this process's environment, and waits for it.
    ///
    /// # Errors
    /// Exit 3 when it does not start; the output has its exit status.
    pub(crate) fn run(
        &self,
        arguments: &[impl AsRef<OsStr>],
        call: ProgramInput<'_>,
    ) -> Result<ProgramOutput> {
        let failed = |error: std::io::Error| {
            let message = format!("{} does not run", self.path.display());
            Error::failed(Code::ProgramFailed, message)
                .because(error)
                .hint("run it by hand to see why")
        };
        let mut command = Command::new(&self.path);
        command
            .arg0(self.name)
            .args(arguments)
            .env_clear()
            .env("PATH", DIRECTORIES.join(":"))
            .env("LC_ALL", "C")
            .current_dir(call.directory.unwrap_or(Path::new("/")))
            .stdin(if call.input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A long-running program must survive the end of this process. A closed pipe would end it
        // (SIGPIPE), so its output goes to a file in memory.
        let output = match call.lines {
            Some(_) => Some(files::in_memory("output", b"").map_err(failed)?),
            None => None,
        };
        if let Some(output) = &output {
            command.stdout(output.try_clone().map_err(failed)?);
        }
        let child = spawn(&mut command, call.files).map_err(failed)?;
        communicate(child, call, output).map_err(failed)
    }
}

/// Starts a program that inherits these files; no other program inherits them.
fn spawn(command: &mut Command, files: &[&OwnedFd]) -> std::io::Result<Child> {
    for file in files {
        fcntl_setfd(file, FdFlags::empty())?;
    }
    let child = command.spawn();
    for file in files {
        fcntl_setfd(file, FdFlags::CLOEXEC)?;
    }
    child
}

fn communicate(
    mut child: Child,
    call: ProgramInput<'_>,
    output: Option<OwnedFd>,
) -> std::io::Result<ProgramOutput> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (input, stdin) = (call.input, child.stdin.take());
    std::thread::scope(|scope| {
        let errors = scope.spawn(move || {
            let mut text = Vec::new();
            stderr.map(|mut from| from.read_to_end(&mut text)).transpose()?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&text).into_owned())
        });
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            match stdin.write_all(input) {
                // A program that ends without reading its input explains that by its status.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                written => written?,
            }
        }
        let mut printed = Vec::new();
        if let Some(mut from) = stdout {
            from.read_to_end(&mut printed)?;
        }
        if let (Some(output), Some(lines)) = (output, call.lines) {
            while !errors.is_finished() {
                std::thread::sleep(POLL_INTERVAL);
                follow(&output, &mut printed, lines)?;
            }
            follow(&output, &mut printed, lines)?;
        }
        let stderr = errors.join().unwrap_or_else(|_| Ok(String::new()))?;
        let code = child.wait()?.code();
        Ok(ProgramOutput { code, stdout: printed, stderr })
    })
}

/// The interval between reads of a long-running program's output.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Passes on the lines that have come since the last call; `read` holds all output so far.
fn follow(
    output: &OwnedFd,
    read: &mut Vec<u8>,
    lines: &mut dyn FnMut(&str),
) -> std::io::Result<()> {
    let mut room = [0; 4096];
    loop {
        match rustix::io::pread(output, &mut room, read.len() as u64)? {
            0 => return Ok(()),
            more => {
                let whole = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                read.extend_from_slice(&room[..more]);
                let end = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                for line in String::from_utf8_lossy(&read[whole..end.max(whole)]).lines() {
                    lines(line);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, call: ProgramInput<'_>) -> ProgramOutput {
        let program = Program::need("sh", "dash").expect("a shell");
        program.run(&["-c", script], call).expect("it runs")
    }

    #[test]
    fn it_gets_what_it_needs_and_no_more() {
        let file = tempfile::tempfile().expect("a file");
        (&file).write_all(b"inherited").expect("written");
        let file = OwnedFd::from(file);
        let (files, path) = ([&file], inherited(&file));
        let script = format!("cat; cat {}; env; pwd; echo no >&2; exit 7", path.display());
        let call =
            ProgramInput { input: Some(b"input "), files: &files, ..ProgramInput::default() };
        let outcome = shell(&script, call);
        let said = String::from_utf8(outcome.stdout.clone()).expect("text");
        assert!(said.starts_with("input inherited"), "{said}");
        assert!(said.contains("LC_ALL=C") && !said.contains("CARGO"), "{said}");
        assert!(said.ends_with("/\n"), "{said}");
        assert_eq!((outcome.code, outcome.why().as_str()), (Some(7), "no"));
        // It was for that one alone.
        let after = shell(&format!("cat {}", path.display()), ProgramInput::default());
        assert!(!after.is_good());
    }

    #[test]
    fn lines_come_one_by_one() {
        let mut lines = Vec::new();
        let mut keep = |line: &str| lines.push(line.to_owned());
        shell("echo a; echo b", ProgramInput { lines: Some(&mut keep), ..ProgramInput::default() });
        assert_eq!(lines, ["a", "b"]);
    }

    #[test]
    fn a_signal_and_silence_are_told() {
        assert_eq!(shell("kill -9 $$", ProgramInput::default()).why(), "a signal ended it");
        let silent = shell("exit 3", ProgramInput::default());
        assert_eq!(silent.why(), "it ended with status 3 and printed nothing");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Program::need("no-such-program", "none").expect_err("missing");
        assert_eq!((error.code().name(), error.exit().code()), ("program-missing", 3));
    }
}
