//! Commands killed (SIGKILL) at each of their points, one after the other: where they start or
//! await a program, where they are about to change something on this machine (`tests/bed/points`),
//! and where a cluster has done what they asked for and they do not know yet.

use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::io::read_to_string;
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use assert_cmd::Command;

use super::fault::{Fault, Proxy, Rule};
use super::random::say;
use super::tiers::assert_everywhere;
use super::{Run, env, run, tool};

/// Where a command can be killed.
#[derive(Clone)]
pub struct Point {
    /// The system call that it enters.
    pub call: String,
    /// Which of these calls.
    pub nth: u32,
    /// As strace shows it, or the request's first line.
    pub text: String,
}

/// A command that was killed at a point. All that it had started has ended.
pub struct Killed {
    pub point: Point,
    /// The programs that it had started and not yet awaited, `; ` between them.
    pub running: String,
    /// What it had said.
    pub run: Run,
}

/// What came of a command at each of its points.
pub struct Table {
    command: String,
    pub rows: Vec<(Killed, String)>,
    /// Points of the undisturbed run that no later run came to.
    missed: Vec<Point>,
}

impl Table {
    fn new(command: &Command) -> Self {
        let program = Path::new(command.get_program()).file_name().expect("a name");
        let words = [program].into_iter().chain(command.get_args());
        let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
        Table { command: words.join(" "), rows: Vec::new(), missed: Vec::new() }
    }

    fn add(&mut self, killed: Killed, judge: impl FnOnce(&Killed) -> String) {
        say(&self.command, &format!("at {}", killed.point)); // for when the judge panics
        assert!(!killed.run.stderr.contains("panicked"), "{}", killed.run.stderr);
        let outcome = judge(&killed);
        self.rows.push((killed, outcome));
    }

    /// How many ended so.
    pub fn count(&self, outcome: &str) -> usize {
        self.rows.iter().filter(|(_, ended)| ended == outcome).count()
    }
}

impl Display for Point {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text: String = self.text.chars().take(110).collect();
        write!(f, "{:>10} {:<3} {text}", self.call, self.nth)
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} points", self.command, self.rows.len())?;
        for (Killed { point, running, .. }, outcome) in &self.rows {
            let running = if running.is_empty() { "" } else { &format!("  running: {running}") };
            writeln!(f, "  {outcome:<16} {point}{running}")?;
        }
        for point in &self.missed {
            writeln!(f, "  {:<16} {point}", "NOT REACHED")?;
        }
        Ok(())
    }
}

/// A command as it is, but of the environment it has only `PATH` and its home, and reads nothing.
/// `before` is what runs it.
pub fn bare(before: &[&OsStr], command: &Command) -> Process {
    let words: Vec<&OsStr> =
        before.iter().copied().chain([command.get_program()]).chain(command.get_args()).collect();
    let home = command.get_current_dir().expect("a home");
    let mut process = Process::new(words[0]);
    process.args(&words[1..]).current_dir(home).stdin(Stdio::null());
    process.env_clear().env("PATH", env("PATH")).env("HOME", home);
    process
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bed/points");

fn script(words: &[&str], command: &Command, trace: &Path) -> Run {
    assert_everywhere("strace");
    let words: Vec<&OsStr> = [SCRIPT].iter().chain(words).map(OsStr::new).collect();
    let mut process = bare(&words, command);
    process.env("CCX_POINTS_TRACE", trace);
    run(Command::from_std(process).timeout(Duration::from_secs(300)))
}

/// Runs a command that must succeed; gives its points, in their order.
pub fn points(command: &Command) -> Vec<Point> {
    let run = script(&["count"], command, Path::new("/dev/null"));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let point = |line: &str| {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        let mut part = || parts.next().expect("three parts");
        Point { call: part(), nth: part().parse().expect("a number"), text: part() }
    };
    run.stdout.lines().map(point).collect()
}

/// Runs a command and kills it at this point; panics when it did not come there.
pub fn kill_at(command: &Command, point: &Point) -> Killed {
    try_kill_at(command, point).unwrap_or_else(|| panic!("{point}: the command does not reach it"))
}

/// Runs a command and kills it at this point. `None` where it ended well before: which thread
/// makes which call is up to the scheduler, and calls are counted in each thread.
fn try_kill_at(command: &Command, point: &Point) -> Option<Killed> {
    let trace = tempfile::NamedTempFile::new().expect("a file");
    let nth = point.nth.to_string();
    let run = script(&["kill", &point.call, &nth], command, trace.path());
    if run.code == 0 {
        return None;
    }
    assert_eq!(run.code, 137, "{point}: {}{}", run.stdout, run.stderr);
    let running = tool(SCRIPT, &["running".as_ref(), trace.path()]);
    let running = running.lines().collect::<Vec<_>>().join("; ");
    Some(Killed { point: point.clone(), running, run })
}

/// Runs a command, of which the system call of this point fails: the disk is full, say.
pub fn fail_at(command: &Command, point: &Point, error: &str) -> Run {
    let Point { call, nth, .. } = point;
    let (trace, inject) =
        (format!("trace={call}"), format!("inject={call}:error={error}:when={nth}"));
    let words = [
        "strace",
        "-qq",
        "-f",
        "-b",
        "execve",
        "-o",
        "/dev/null",
        "-e",
        &trace,
        "-e",
        &inject,
        "--",
    ];
    let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
    run(Command::from_std(bare(&words, command)).timeout(Duration::from_secs(300)))
}

/// Kills a command at each point that an undisturbed run has, each time from a fresh state; then
/// the judge looks at what is left, panics where it is not as it should be, and names it.
pub fn at_each_point<S>(
    fresh: impl Fn() -> S,
    command: impl Fn(&S) -> Command,
    judge: impl Fn(&S, &Killed) -> String,
) -> Table {
    at_points(|all| all, fresh, command, judge)
}

/// How often a point is tried that a run of several threads may pass by.
const TRIES: usize = 5;

/// The same at those points that are chosen.
pub fn at_points<S>(
    choose: impl Fn(Vec<Point>) -> Vec<Point>,
    fresh: impl Fn() -> S,
    command: impl Fn(&S) -> Command,
    judge: impl Fn(&S, &Killed) -> String,
) -> Table {
    let state = fresh();
    let undisturbed = command(&state);
    let mut table = Table::new(&undisturbed);
    for point in choose(points(&undisturbed)) {
        let reached = (0..TRIES).find_map(|_| {
            let state = fresh();
            try_kill_at(&command(&state), &point).map(|killed| (state, killed))
        });
        match reached {
            Some((state, killed)) => table.add(killed, |killed| judge(&state, killed)),
            None => table.missed.push(point),
        }
    }
    say("points", &table.to_string());
    assert!(table.missed.len() * 4 <= table.rows.len(), "too many points not reached: {table}");
    table
}

/// At most so many: first those where a program starts or is awaited, where a name comes or goes,
/// where the device is written, and the end; then of the others, evenly. With `CCX_TEST_POINTS=all`
/// in the environment it is all of them. Not those that open a file: how many these are depends
/// on what else is on the machine.
pub fn sample(most: usize) -> impl Fn(Vec<Point>) -> Vec<Point> {
    move |mut all| {
        all.retain(|point| !point.call.starts_with("open"));
        if std::env::var("CCX_TEST_POINTS").is_ok_and(|value| value == "all") {
            return all;
        }
        let counts = |call: &str| {
            ["clone", "wait", "rename", "unlink", "pwrite", "exit"]
                .iter()
                .any(|c| call.starts_with(c))
        };
        let (first, rest): (Vec<_>, Vec<_>) =
            (0..all.len()).partition(|nth| counts(&all[*nth].call));
        let even = |from: &[usize], most: usize| -> Vec<usize> {
            let most = most.min(from.len());
            (0..most).map(|nth| from[nth * from.len() / most]).collect()
        };
        let mut chosen = even(&first, most * 3 / 4);
        chosen.extend(even(&rest, most - chosen.len()));
        chosen.sort_unstable();
        chosen.into_iter().map(|nth| all[nth].clone()).collect()
    }
}

/// Kills a command each time that the API server has done what it asked for, before it has the
/// answer; otherwise as [`at_each_point`]. The command goes by the proxy.
pub fn at_each_answer<S>(
    fresh: impl Fn() -> S,
    command: impl Fn(&S, &Proxy) -> Command,
    judge: impl Fn(&S, &Killed) -> String,
) -> Table {
    let mut table: Option<Table> = None;
    for nth in 1.. {
        let (state, victim) = (fresh(), Victim::default());
        let proxy = victim.proxy(nth);
        let command = command(&state, &proxy);
        let table = table.get_or_insert_with(|| Table::new(&command));
        let run = victim.run(&command);
        if run.code != -1 {
            assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
            break;
        }
        let text = proxy.log().last().expect("a request").clone();
        let point = Point { call: "answer".to_owned(), nth, text };
        table.add(Killed { point, running: String::new(), run }, |killed| judge(&state, killed));
    }
    let table = table.expect("a run");
    say("points", &table.to_string());
    table
}

/// Kills a command, which goes by the proxy, when the API server has done the `nth` thing that it
/// asked for; gives the run where it had ended before.
pub fn run_killed_at_answer(nth: u32, command: impl FnOnce(&Proxy) -> Command) -> Option<Run> {
    let victim = Victim::default();
    let proxy = victim.proxy(nth);
    let command = command(&proxy);
    let run = victim.run(&command);
    (run.code != -1).then_some(run)
}

/// A process that a proxy kills.
#[derive(Clone, Default)]
struct Victim(Arc<Mutex<Option<Child>>>);

impl Victim {
    /// Kills it when the API server has done the `nth` thing that it asked for.
    fn proxy(&self, nth: u32) -> Proxy {
        let (victim, mut done) = (self.clone(), 0);
        let act: Arc<Mutex<dyn FnMut() + Send>> = Arc::new(Mutex::new(move || {
            done += 1;
            if done == nth {
                let mut child = victim.0.lock().expect("the child");
                let child = child.as_mut().expect("it was started");
                child.kill().and_then(|()| child.wait()).expect("killed");
            }
        }));
        let rule = |method: &str| Rule {
            request: format!("{method} "),
            times: usize::MAX,
            fault: Fault::Last(Arc::clone(&act)),
        };
        Proxy::new(["POST", "PUT", "PATCH", "DELETE"].map(rule).into())
    }

    /// Runs it until it ends by itself or is killed, which is the status -1.
    fn run(&self, command: &Command) -> Run {
        let mut process = bare(&[], command);
        process.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (stdout, stderr) = {
            let mut place = self.0.lock().expect("the child"); // nobody can kill it before it is there
            let child = place.insert(process.spawn().expect("started"));
            (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"))
        };
        let stdout = read_to_string(stdout).expect("UTF-8");
        let stderr = read_to_string(stderr).expect("UTF-8");
        let status = self.0.lock().expect("the child").as_mut().map(Child::wait);
        let status = status.expect("a child").expect("its status");
        Run { code: status.code().unwrap_or(-1), stdout, stderr }
    }
}
