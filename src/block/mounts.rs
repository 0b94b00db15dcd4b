//! Mounts, swap, and the data directories of running engines, from `/proc` (proc(5)).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::files;

/// More bytes than any of these tables has.
const MAX_TABLE: usize = 16 * 1024 * 1024;

/// Virtual file systems, and those in memory.
const IN_MEMORY: &str = "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs \
    efivarfs fusectl hugetlbfs mqueue nsfs proc pstore ramfs securityfs sysfs tmpfs tracefs";

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The major and minor number of its device; major 0 if it has no device.
    pub device: (u32, u32),
    /// The mount point.
    pub point: PathBuf,
    /// The type: `ext4`, `tmpfs`, …
    pub kind: String,
    /// The source, as mount(8) shows it.
    pub source: String,
}

impl Mount {
    /// Returns whether its files are lost when the machine is switched off.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        IN_MEMORY.split_whitespace().any(|kind| kind == self.kind)
    }
}

/// Returns the mounts in the mount namespace of this process.
///
/// # Errors
/// Exit 3 when `/proc` cannot be read.
pub fn all() -> Result<Vec<Mount>> {
    seen_by(Path::new("/proc/self"))
}

fn seen_by(process: &Path) -> Result<Vec<Mount>> {
    let text = files::read(&process.join("mountinfo"), MAX_TABLE)?;
    Ok(String::from_utf8_lossy(&text).lines().filter_map(mount).collect())
}

/// Returns the mounts in all mount namespaces, such as those of containers, each with a process of
/// that namespace; `None` for this process.
///
/// # Errors
/// Exit 3 when `/proc` cannot be read.
pub fn everywhere() -> Result<Vec<(Mount, Option<Process>)>> {
    let mut seen = BTreeSet::from_iter(namespace(Path::new("/proc/self")));
    let mut found: Vec<_> = all()?.into_iter().map(|mount| (mount, None)).collect();
    for process in processes()? {
        if namespace(&process.place).is_none_or(|theirs| !seen.insert(theirs)) {
            continue;
        }
        // The process may have ended.
        let mounts = seen_by(&process.place).unwrap_or_default();
        found.extend(mounts.into_iter().map(|mount| (mount, Some(process.clone()))));
    }
    Ok(found)
}

/// A process in `/proc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its directory below `/proc`.
    pub place: PathBuf,
}

impl Process {
    /// Describes the process for people: `process 17 (mysqld)`.
    #[must_use]
    pub fn name(&self) -> String {
        let number = self.place.file_name().unwrap_or_default().to_string_lossy();
        format!("process {number} ({})", program(&self.place).unwrap_or_default())
    }
}

/// Returns all processes.
///
/// # Errors
/// Exit 3 when `/proc` cannot be read.
pub fn processes() -> Result<Vec<Process>> {
    let all = Path::new("/proc");
    let names = files::names(all)?.into_iter();
    let numbers = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(numbers.map(|number| Process { place: all.join(number) }).collect())
}

/// Parses a line such as `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn mount(line: &str) -> Option<Mount> {
    let (place, what) = line.split_once(" - ")?;
    let mut place = place.split(' ');
    let (major, minor) = place.nth(2)?.split_once(':')?;
    let point = unescaped(place.nth(1)?);
    let mut what = what.split(' ');
    Some(Mount {
        device: (major.parse().ok()?, minor.parse().ok()?),
        point: point.into(),
        kind: what.next()?.to_owned(),
        source: unescaped(what.next()?),
    })
}

/// Decodes spaces and the like, which these tables have as three octal digits.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                bytes.push(byte);
                rest = &after[3..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the files and devices in use as swap. Keys in memory may be written there.
///
/// # Errors
/// Exit 3 when `/proc` cannot be read.
pub fn swaps() -> Result<Vec<PathBuf>> {
    let text = files::read(Path::new("/proc/swaps"), MAX_TABLE)?;
    let text = String::from_utf8_lossy(&text);
    let names = text.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    Ok(names.map(|name| PathBuf::from(unescaped(name))).collect())
}

/// The programs of the engines. The working directory of each is its data directory.
const ENGINES: [&str; 6] =
    ["mysqld", "mariadbd", "postgres", "redis-server", "valkey-server", "sqlservr"];

/// Returns the data directories of the running engines: their working directories, and those of files
/// that they have open elsewhere. For an engine in a container, the path begins with
/// `/proc/PID/root`, because the same path may lead elsewhere in this namespace.
///
/// # Errors
/// Exit 3 when `/proc` cannot be read.
pub fn data_directories() -> Result<BTreeSet<PathBuf>> {
    let here = namespace(Path::new("/proc/self"));
    let mut found = BTreeSet::new();
    for Process { place: process } in processes()? {
        let Some(program) = program(&process) else { continue };
        if !ENGINES.contains(&program.as_str()) {
            continue;
        }
        let is_here = namespace(&process) == here;
        let place = |path: PathBuf| match path.strip_prefix("/") {
            Ok(inside) if !is_here => process.join("root").join(inside),
            _ => path,
        };
        // The process may have ended; only root may read the links of others.
        found.extend(process.join("cwd").read_link().ok().map(place));
        for open in files::names(&process.join("fd")).unwrap_or_default() {
            let file = process.join("fd").join(open).read_link().ok();
            let is_apart = |path: &PathBuf| {
                ["/dev", "/proc", "/usr", "/lib"].iter().all(|apart| !path.starts_with(apart))
            };
            let file = file.filter(|path| path.is_absolute()).filter(is_apart).map(place);
            let file = file.filter(|path| path.is_file());
            found.extend(file.and_then(|path| path.parent().map(Path::to_owned)));
        }
    }
    Ok(found)
}

/// Identifies the mount namespace of a process.
fn namespace(process: &Path) -> Option<PathBuf> {
    process.join("ns/mnt").read_link().ok()
}

/// Returns the name of the program by its executable, which a process cannot forge.
fn program(process: &Path) -> Option<String> {
    match process.join("exe").read_link() {
        Ok(program) => {
            let name = program.file_name()?.to_string_lossy().into_owned();
            Some(name.trim_end_matches(" (deleted)").to_owned())
        }
        // Without permission to read that link: the name that the process gave itself.
        Err(_) => {
            let name = files::read(&process.join("comm"), 64).ok()?;
            Some(String::from_utf8_lossy(&name).trim().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_mountinfo() {
        let line = r"36 35 98:0 / /mnt/a\040b rw,noatime master:1 - ext4 /dev/x\134y rw";
        let expected = Mount {
            device: (98, 0),
            point: "/mnt/a b".into(),
            kind: "ext4".to_owned(),
            source: r"/dev/x\y".to_owned(),
        };
        assert_eq!(mount(line), Some(expected));
        for odd in ["", "36 35 98:0", "1 2 x:y / / rw - ext4 a rw", "1 2 0:1 / / rw"] {
            assert_eq!(mount(odd), None, "{odd}");
        }
    }
}
