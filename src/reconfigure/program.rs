//! The program of a running server, which reports how it reads its option files.
//!
//! The server reports the paths of its program and of its PID file, and a malicious server may lie
//! to root. So the program runs with no more rights than the server's process has, and only if
//! nobody but root or that process's user could have written it.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::files::{self, Owner};
use crate::process;

/// The maximum size of a PID file or a file in /proc, in bytes; real ones are smaller.
const MAX_PROC: usize = 256 * 1024;
/// The directories of programs, below that of an installation.
const PROGRAMS: [&str; 3] = ["sbin", "bin", "libexec"];

/// A program, and how its process was started.
#[derive(Debug)]
pub(super) struct ServerProgram {
    path: PathBuf,
    words: Vec<String>,
    /// The user to run the program as; `None` for the user of this process.
    whose: Option<Owner>,
}

impl ServerProgram {
    /// Finds the program `name` of the installation in `base`; the file `pid` has the number of its
    /// process. `None` where it is missing or not trusted.
    pub(super) fn find(base: &Path, pid: &Path, name: &str) -> Option<Self> {
        let pid = files::read(pid, MAX_PROC).ok()?;
        let pid: u32 = String::from_utf8_lossy(&pid).trim().parse().ok()?;
        let of_process = |what: &str| {
            let bytes = files::read(Path::new(&format!("/proc/{pid}/{what}")), MAX_PROC).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        let whose = if process::is_root() { Some(owner(&of_process("status")?)?) } else { None };
        let runs_as = whose.map_or_else(process::user, |owner| owner.uid);
        let path = PROGRAMS
            .iter()
            .find_map(|folder| files::guarded(&base.join(folder).join(name), &[0, runs_as]))?;
        let words = of_process("cmdline")?.split('\0').map(str::to_owned).collect();
        Some(ServerProgram { path, words, whose })
    }

    /// The path of the program.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Runs it with the option files of its process; returns what [`process::ask`] does.
    pub(super) fn ask(&self, options: &[&str]) -> Result<(bool, String)> {
        let is_defaults =
            |word: &&String| word.starts_with("--defaults-") || *word == "--no-defaults";
        let defaults = self.words.iter().filter(is_defaults).cloned();
        let options = options.iter().map(|option| (*option).to_owned());
        process::ask(&self.path, &defaults.chain(options).collect::<Vec<_>>(), self.whose)
    }

    /// Returns the options of the server's next start, in order: first from the option files, then
    /// from its command line.
    pub(super) fn options(&self) -> Result<Vec<Opt>> {
        let (_, said) = self.ask(&["--print-defaults"])?;
        let said = said.replace('\n', " ");
        let in_files = said.split(" --").skip(1).map(option);
        Ok(in_files.chain(on_line(&self.words)).collect())
    }
}

/// The variable of an option, and its value; ON where it has none.
pub(super) type Opt = (String, String);

fn option(word: &str) -> Opt {
    let (name, value) = word.split_once('=').unwrap_or((word, "ON"));
    let name = name.trim().replace('-', "_");
    let name = name.strip_prefix("loose_").unwrap_or(&name);
    for (prefix, value) in [("skip_", "OFF"), ("disable_", "OFF"), ("enable_", "ON")] {
        if let Some(name) = name.strip_prefix(prefix) {
            return (name.to_owned(), value.to_owned());
        }
    }
    (name.to_owned(), value.trim().to_owned())
}

/// The options of a command line, where a value may be a separate word.
fn on_line(words: &[String]) -> Vec<Opt> {
    let next = words.iter().skip(1).map(String::as_str).chain([""]);
    let pairs = words.iter().zip(next).filter_map(|(word, next)| {
        let word = word.strip_prefix("--")?;
        let takes_next = !word.contains('=') && !next.is_empty() && !next.starts_with('-');
        Some(if takes_next { option(&format!("{word}={next}")) } else { option(word) })
    });
    pairs.collect()
}

/// The user and group of a process, from /proc/PID/status: the real ones come first.
fn owner(status: &str) -> Option<Owner> {
    let first = |name: &str| {
        let mut lines = status.lines();
        lines.find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
    };
    Some(Owner { uid: first("Uid:")?, gid: first("Gid:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_the_server_reads_them() {
        let words = ["mysqld", "--ssl-cert", "/a b", "--skip-ssl", "--loose-x-y=1", "--ssl", "--z"];
        let words = words.map(str::to_owned);
        let found = on_line(&words);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let wanted =
            [("ssl_cert", "/a b"), ("ssl", "OFF"), ("x_y", "1"), ("ssl", "ON"), ("z", "ON")];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_process_is_its_real_users() {
        let status = "Name:\tx\nUid:\t27\t0\t0\t0\nGid:\t28\t0\t0\t0\n";
        assert_eq!(owner(status), Some(Owner { uid: 27, gid: 28 }));
        assert_eq!(owner("Name:\tx\n"), None);
    }

    /// Root would run a program whose path the server has reported.
    #[test]
    fn a_program_that_anybody_could_have_made_is_not_run() {
        let at = tempfile::tempdir().expect("a directory");
        let bin = at.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        std::fs::write(bin.join("mysqld"), "#!/bin/sh\n").expect("a program");
        std::fs::write(at.path().join("pid"), std::process::id().to_string()).expect("a number");
        let found = || ServerProgram::find(at.path(), &at.path().join("pid"), "mysqld");
        let allow = |mode| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions(&bin, mode).expect("permissions");
        };
        allow(0o755);
        assert!(found().is_some());
        allow(0o777);
        assert!(found().is_none());
    }
}
