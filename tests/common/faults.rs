//! Commands of which one system call fails, one after the other: the disk, the network file
//! system or the memory of the machine says no, or a file ends early.

use std::ffi::OsStr;
use std::time::Duration;

use assert_cmd::Command;

use super::points::{Point, bare};
use super::random::say;
use super::{Home, Run, run, tool};

/// The errors that a call can be made to fail with, and for those that read, what looks like
/// the end of the file.
const ERRORS: [&str; 6] = ["EIO", "ESTALE", "EACCES", "ENOMEM", "ENOSPC", "EINTR"];
const END: &str = "retval=0";

/// The calls that look at files, change them, start programs or speak to others.
const CALLS: &str = "?open openat ?creat read pread64 ?readlink readlinkat statx newfstatat fstat \
    ?stat ?lstat ?access faccessat faccessat2 getdents64 lseek ?mkdir mkdirat ?rmdir ?unlink \
    unlinkat ?rename ?renameat renameat2 ?link linkat ?symlink symlinkat ftruncate ?chmod fchmod \
    fchmodat ?chown fchown fchownat fsync fdatasync syncfs flock fcntl write pwrite64 writev \
    copy_file_range socket connect sendto recvfrom bind listen memfd_create pipe2 clone3 wait4 \
    waitid getcwd";

/// What the judge looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The run in which a call failed.
    Faulty,
    /// The same command once more, without a fault.
    Again,
}

/// One call that fails.
struct Fault {
    point: Point,
    /// As `strace -e inject` has it.
    how: String,
}

/// The calls of a command that succeeds, from where its own code begins.
fn calls(command: &Command) -> Vec<Point> {
    let trace = tempfile::NamedTempFile::new().expect("a file");
    let path = trace.path().display().to_string();
    let wanted = format!("trace={},prctl", CALLS.split_whitespace().collect::<Vec<_>>().join(","));
    let words = ["strace", "-qq", "-f", "-b", "execve", "-s", "64", "-o", &path, "-e", &wanted];
    let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
    let done = run(&mut Command::from_std(bare(&words, command)));
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let text = std::fs::read_to_string(trace.path()).expect("a trace");
    let (mut points, mut counts) = (Vec::new(), std::collections::HashMap::new());
    let (mut is_ours, mut seen) = (false, std::collections::HashSet::new());
    for line in text.lines() {
        let (pid, line) = line.trim_start().split_once(' ').expect("a process");
        let Some((call, _)) = line.trim_start().split_once('(') else { continue };
        if !call.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            continue; // the end of one that was told before
        }
        let nth = counts.entry((pid.to_owned(), call.to_owned())).or_insert(0);
        *nth += 1;
        is_ours |= line.contains("PR_SET_DUMPABLE");
        if is_ours && call != "prctl" && seen.insert((call.to_owned(), *nth)) {
            points.push(Point { call: call.to_owned(), nth: *nth, text: line.to_owned() });
        }
    }
    points
}

/// All that can be injected into a command, or so many: those that say which files are in force
/// before the others, of which they are spread evenly. With `CCX_TEST_FAULTS=all` in the
/// environment it is all of them.
fn faults(command: &Command, most: usize) -> Vec<Fault> {
    let ends = ["read", "pread64", "getdents64"];
    let all: Vec<Fault> = calls(command)
        .iter()
        .flat_map(|point| {
            let errors = ERRORS.iter().map(|error| format!("error={error}"));
            let end = ends.contains(&point.call.as_str()).then(|| END.to_owned());
            errors.chain(end).map(|how| Fault { point: point.clone(), how })
        })
        .collect();
    if std::env::var("CCX_TEST_FAULTS").is_ok_and(|value| value == "all") {
        return all;
    }
    let is_first =
        |fault: &Fault| fault.point.call.starts_with("readlink") && fault.how == "error=ESTALE";
    let (mut chosen, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(is_first);
    let (more, count) = (most.saturating_sub(chosen.len()), rest.len());
    let every = count / more.max(1) + 1;
    chosen.extend(rest.into_iter().step_by(every));
    chosen
}

fn inject(command: &Command, fault: &Fault) -> Run {
    let Point { call, nth, .. } = &fault.point;
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:{}:when={nth}", fault.how);
    let words =
        ["strace", "-qq", "-f", "-b", "execve", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
    run(Command::from_std(bare(&words, command)).timeout(Duration::from_secs(60)))
}

/// Injects faults into a command, each time from a copy of `before`. After each the judge looks
/// at what is left; then the same command runs once more, and the judge looks again.
pub fn at_each_fault(
    before: &Home,
    most: usize,
    command: impl Fn(&Home) -> Command,
    judge: impl Fn(&Home, &Run, Stage),
) {
    let copy = || {
        let home = Home::new();
        let from = format!("{}/.", before.path().display());
        tool("cp", &["-a", &from, &home.path().display().to_string()]);
        home
    };
    let faults = faults(&command(&copy()), most);
    assert!(!faults.is_empty());
    let mut outcomes = std::collections::BTreeMap::new();
    for fault in &faults {
        let home = copy();
        let faulty = inject(&command(&home), fault);
        let name = format!("{} {}", fault.how, fault.point);
        say("fault", &format!("{name}: exit {} {}", faulty.code, faulty.stderr)); // should the judge panic
        assert!((0..=4).contains(&faulty.code), "{name}: {}", faulty.stderr);
        assert!(!faulty.stderr.contains("panicked"), "{name}: {}", faulty.stderr);
        judge(&home, &faulty, Stage::Faulty);
        let again = run(&mut command(&home));
        say("again", &format!("exit {} {}", again.code, again.stderr));
        judge(&home, &again, Stage::Again);
        *outcomes.entry(faulty.code).or_insert(0) += 1;
    }
    say("faults", &format!("{} by exit status: {outcomes:?}", faults.len()));
}
