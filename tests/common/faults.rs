//! Commands of which one system call fails, one after the other: the disk, the network file
//! system or the memory of the machine says no, or a file ends early; or that are killed as they
//! enter it.

use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

use assert_cmd::Command;

use super::points::{Point, bare};
use super::random::say;
use super::{Home, Run, run, tool};

/// The errors that a call can be made to fail with, and for those that read, what looks like
/// the end of the file.
const ERRORS: [&str; 6] = ["EIO", "ESTALE", "EACCES", "ENOMEM", "ENOSPC", "EINTR"];
const END: &str = "retval=0";
/// The command is killed before the call is made.
const KILL: &str = "signal=KILL";

/// The calls that look at files, change them, start programs or speak to others.
const CALLS: &str = "?open openat ?creat read pread64 ?readlink readlinkat statx newfstatat fstat \
    ?stat ?lstat ?access faccessat faccessat2 getdents64 lseek ?mkdir mkdirat ?rmdir ?unlink \
    unlinkat ?rename ?renameat renameat2 ?link linkat ?symlink symlinkat ftruncate ?chmod fchmod \
    fchmodat ?chown fchown fchownat fsync fdatasync syncfs flock fcntl write pwrite64 writev \
    copy_file_range socket connect sendto recvfrom bind listen memfd_create pipe2 clone3 wait4 \
    waitid getcwd";

/// How long a command may take in which a call fails.
const LIMIT: Duration = Duration::from_secs(120);

/// What the judge looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The run in which a call failed.
    Faulty,
    /// The same command once more, without a fault.
    Again,
}

/// One call that fails, or at which the command is killed.
pub struct Fault {
    point: Point,
    /// As `strace -e inject` has it.
    how: String,
}

impl Fault {
    fn is_kill(&self) -> bool {
        self.how == KILL
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.how, self.point)
    }
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

/// How many faults are tried of a command, and as many kills.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// In each run of the tests.
    pub some: usize,
    /// With `CCX_TEST_FAULTS=all` in the environment, where not all are: of a command that makes
    /// many calls of one kind, or that takes long.
    pub of_all: Option<usize>,
}

/// What can be injected into a command, all or so many: errors of the calls that say which files
/// are in force before the others, of which they are spread evenly; kills where a name comes or
/// goes before the others.
pub fn faults(command: &Command, most: Most) -> Vec<Fault> {
    let ends = ["read", "pread64", "getdents64"];
    // What the system tells about others is no file of ours.
    let is_ours =
        |point: &&Point| !["\"/proc/", "\"/sys/"].iter().any(|system| point.text.contains(system));
    // The counter by which threads of the runtime wake each other (eventfd(2)) cannot fail so.
    let is_counter = |point: &&Point| point.text.contains(r#""\1\0\0\0\0\0\0\0", 8)"#);
    let all: Vec<Fault> = calls(command)
        .iter()
        .filter(is_ours)
        .filter(|point| !is_counter(point))
        .flat_map(|point| {
            let errors = ERRORS.iter().map(|error| format!("error={error}"));
            let end = ends.contains(&point.call.as_str()).then(|| END.to_owned());
            let ways = errors.chain(end).chain([KILL.to_owned()]);
            ways.map(|how| Fault { point: point.clone(), how })
        })
        .collect();
    let is_whole = std::env::var("CCX_TEST_FAULTS").is_ok_and(|value| value == "all");
    let most = match (is_whole, most.of_all) {
        (true, None) => return all,
        (true, Some(most)) => most,
        (false, _) => most.some,
    };
    let is_first = |fault: &Fault| {
        let names_set = ["..data", "..previous"].iter().any(|name| fault.point.text.contains(name));
        fault.point.call.starts_with("readlink") && names_set && fault.how == "error=ESTALE"
    };
    let (kills, all): (Vec<_>, Vec<_>) = all.into_iter().partition(Fault::is_kill);
    let (mut chosen, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(is_first);
    chosen.extend(spread(rest, most.saturating_sub(chosen.len())));
    let changes = |fault: &Fault| {
        let calls = ["rename", "unlink", "symlink", "mkdir", "rmdir", "link"];
        calls.iter().any(|call| fault.point.call.starts_with(call))
    };
    let (changing, rest): (Vec<_>, Vec<_>) = kills.into_iter().partition(changes);
    chosen.extend(spread(changing, most / 2));
    chosen.extend(spread(rest, most / 2));
    chosen
}

/// At most so many of them, evenly.
fn spread(all: Vec<Fault>, most: usize) -> impl Iterator<Item = Fault> {
    let every = all.len() / most.max(1) + 1;
    all.into_iter().step_by(every)
}

/// Runs a command in which calls of one name go wrong; `when` is which of them, as strace(1) has it.
pub fn inject_at(command: &Command, call: &str, how: &str, when: &str) -> Run {
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:{how}:when={when}");
    let words =
        ["strace", "-qq", "-f", "-b", "execve", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
    run(Command::from_std(bare(&words, command)).timeout(LIMIT))
}

/// Runs a command with a fault, and says what came of it. It ends in good time: by itself with one
/// of our exit statuses, or by the kill, which is the status -1.
pub fn inject(command: &Command, fault: &Fault) -> Run {
    let Point { call, nth, .. } = &fault.point;
    let begun = Instant::now();
    let done = inject_at(command, call, &fault.how, &nth.to_string());
    say("fault", &format!("{fault}: exit {} {}", done.code, done.stderr)); // should a judge panic
    assert!(begun.elapsed() < LIMIT, "{fault}: it hangs");
    // The same call of another thread may be one by which the system loads the program.
    let is_not_loaded =
        done.code == 127 && done.stderr.contains("error while loading shared libraries");
    let is_killed = fault.is_kill() && done.code == -1;
    let is_ended = (0..=4).contains(&done.code) || is_killed || is_not_loaded;
    assert!(is_ended, "{fault}: {} {}", done.code, done.stderr);
    assert!(!done.stderr.contains("panicked"), "{fault}: {}", done.stderr);
    done
}

/// Another home with the same files.
pub fn copy_of(before: &Home) -> Home {
    let home = Home::new();
    let from = format!("{}/.", before.path().display());
    tool("cp", &["-a", &from, &home.path().display().to_string()]);
    home
}

/// Injects faults into a command, each time from a copy of `before`. After each the judge looks
/// at what is left; then the same command runs once more, and the judge looks again.
pub fn at_each_fault(
    before: &Home,
    most: Most,
    command: impl Fn(&Home) -> Command,
    judge: impl Fn(&Home, &Run, Stage),
) {
    let copy = || copy_of(before);
    let faults = faults(&command(&copy()), most);
    assert!(!faults.is_empty());
    let mut outcomes = std::collections::BTreeMap::new();
    for fault in &faults {
        let home = copy();
        let faulty = inject(&command(&home), fault);
        judge(&home, &faulty, Stage::Faulty);
        let again = run(&mut command(&home));
        say("again", &format!("exit {} {}", again.code, again.stderr));
        judge(&home, &again, Stage::Again);
        *outcomes.entry(faulty.code).or_insert(0) += 1;
    }
    say("faults", &format!("{} by exit status: {outcomes:?}", faults.len()));
}
