//! Programs of the system, found where root alone can have put them, and run with nothing but
//! what they need.

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

/// Where programs are looked for, in this order; never in `PATH`, which is whoever's.
const DIRECTORIES: [&str; 5] = ["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const ROOT: u32 = 0;

/// A program of the system.
#[derive(Debug, Clone)]
pub struct Program {
    name: &'static str,
    path: PathBuf,
}

/// What a program is run with, besides its arguments.
#[derive(Default)]
pub struct ProgramInput<'a> {
    /// What it reads from its standard input; nothing, where not said.
    pub input: Option<&'a [u8]>,
    /// Open files that it inherits under their numbers: it finds them as [`inherited`] says.
    pub files: &'a [&'a OwnedFd],
    /// Its directory; `/`, where not said.
    pub directory: Option<&'a Path>,
    /// Gets each line of its standard output as it comes, instead of [`ProgramOutput::stdout`].
    pub lines: Option<&'a mut dyn FnMut(&str)>,
}

/// How a program ended.
#[derive(Debug, Clone, Default)]
pub struct ProgramOutput {
    /// Its status; none where a signal ended it.
    pub code: Option<i32>,
    /// What it said.
    pub stdout: Vec<u8>,
    /// What it said of errors.
    pub stderr: String,
}

impl ProgramOutput {
    /// Whether it ended well.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.code == Some(0)
    }

    /// Why it did not end well, in its own words, on one line.
    #[must_use]
    pub fn why(&self) -> String {
        let mut said: Vec<&str> = Vec::new();
        for line in self.stderr.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if !said.contains(&line) {
                said.push(line); // cryptsetup says some things twice
            }
        }
        match (said.join("; "), self.code) {
            (said, _) if !said.is_empty() => said,
            (_, Some(code)) => format!("it ended with status {code} and said nothing"),
            (_, None) => "a signal ended it".to_owned(),
        }
    }
}

/// The path under which a program finds a file that it inherits.
#[must_use]
pub fn inherited(file: &impl AsFd) -> PathBuf {
    use std::os::fd::AsRawFd;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd()))
}

impl Program {
    /// Looks for it in the directories of the system; nothing where it is not there, or where
    /// somebody besides root could have put another in its place.
    #[must_use]
    pub fn find(name: &'static str) -> Option<Self> {
        let found = DIRECTORIES.iter().map(|directory| Path::new(directory).join(name));
        let path = found.into_iter().find(|path| files::guarded(path, &[ROOT]).is_some())?;
        Some(Program { name, path })
    }

    /// The same, for one that has to be there; `package` is Debian's that has it.
    ///
    /// # Errors
    /// Exit 3 when it is not.
    pub fn need(name: &'static str, package: &str) -> Result<Self> {
        Program::find(name).ok_or_else(|| {
            let message = format!("the program {name} is not in {}", DIRECTORIES.join(", "));
            Error::failed(Code::ProgramMissing, message)
                .hint(("install it", CommandLine::other("apt-get", "install").argument(package)))
                .hint("one that others than root may write to does not count")
        })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it and waits for it. It sees nothing of our environment.
    ///
    /// # Errors
    /// Exit 3 when it does not start; how it ended is in the outcome.
    pub fn run(
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
        // What works for long must not end because we did, and nobody reads what it says: it
        // would, of a pipe that is closed (SIGPIPE).
        let said = match call.lines {
            Some(_) => Some(files::in_memory("output", b"").map_err(failed)?),
            None => None,
        };
        if let Some(said) = &said {
            command.stdout(said.try_clone().map_err(failed)?);
        }
        let child = spawn(&mut command, call.files).map_err(failed)?;
        talk(child, call, said).map_err(failed)
    }
}

/// Starts it, with these files for it alone.
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

fn talk(
    mut child: Child,
    call: ProgramInput<'_>,
    output: Option<OwnedFd>,
) -> std::io::Result<ProgramOutput> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (input, stdin) = (call.input, child.stdin.take());
    std::thread::scope(|scope| {
        let told = scope.spawn(move || {
            let mut text = Vec::new();
            stderr.map(|mut from| from.read_to_end(&mut text)).transpose()?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&text).into_owned())
        });
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            match stdin.write_all(input) {
                // One that ends without reading it tells why by its status.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                written => written?,
            }
        }
        let mut said = Vec::new();
        if let Some(mut from) = stdout {
            from.read_to_end(&mut said)?;
        }
        if let (Some(output), Some(lines)) = (output, call.lines) {
            while !told.is_finished() {
                std::thread::sleep(LOOK);
                follow(&output, &mut said, lines)?;
            }
            follow(&output, &mut said, lines)?;
        }
        let stderr = told.join().unwrap_or_else(|_| Ok(String::new()))?;
        let code = child.wait()?.code();
        Ok(ProgramOutput { code, stdout: said, stderr })
    })
}

/// How often a program that works for long is asked how far it is.
const LOOK: Duration = Duration::from_millis(100);

/// Hands on the lines that have come since; `said` is all that was read so far.
fn follow(
    output: &OwnedFd,
    said: &mut Vec<u8>,
    lines: &mut dyn FnMut(&str),
) -> std::io::Result<()> {
    let mut room = [0; 4096];
    loop {
        match rustix::io::pread(output, &mut room, said.len() as u64)? {
            0 => return Ok(()),
            more => {
                let whole = said.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                said.extend_from_slice(&room[..more]);
                let end = said.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                for line in String::from_utf8_lossy(&said[whole..end.max(whole)]).lines() {
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
        assert_eq!(silent.why(), "it ended with status 3 and said nothing");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Program::need("no-such-program", "none").expect_err("missing");
        assert_eq!((error.code().name(), error.exit().code()), ("program-missing", 3));
    }
}
