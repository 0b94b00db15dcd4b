//! `volume check` on the storage of this machine, which need not be encrypted; check_guest.rs tests
//! encrypted devices.

use std::process::Command;

use serde_json::Value;

use crate::common::{Home, copy_program, run};

/// Returns the exit status and the result of each path.
fn check(home: &Home, arguments: &[&str]) -> (i32, Vec<Value>) {
    let all = [&["volume", "check", "-o", "json"][..], arguments].concat();
    let run = run(&mut home.ccx(&all));
    assert_eq!(run.stderr, "", "{all:?}");
    (run.code, run.json()["paths"].as_array().expect("paths").clone())
}

#[test]
fn memory_and_unknown_storage_never_pass() {
    let home = Home::new();
    let reason = |path: &str, code: i32, reason: &str| {
        let (exit, paths) = check(&home, &[path]);
        assert_eq!((exit, &paths[0]["reason"]), (code, &reason.into()), "{paths:?}");
    };
    reason("/dev/shm", 1, "no_volume");
    reason("/proc", 3, "no_device");
    reason("/nonexistent/path", 3, "missing");
    // Unknown outweighs fail.
    let (exit, paths) = check(&home, &["/dev/shm", "/nonexistent/path"]);
    assert_eq!((exit, paths.len()), (3, 2));
    let text = run(&mut home.ccx(&["volume", "check", "/dev/shm", "--quiet"])).stdout;
    assert!(text.starts_with("fail     /dev/shm"), "{text}");
    home.fails(&["volume", "check"], 2, "usage");
}

#[test]
fn check_of_all_mounts_runs_once() {
    let home = Home::new();
    let (_, paths) = check(&home, &["--all"]);
    let mounted = std::fs::read_to_string("/proc/self/mountinfo").expect("mounts");
    let has_device = |line: &&str| !line.split(' ').nth(2).is_some_and(|id| id.starts_with("0:"));
    let expected = usize::from(mounted.lines().any(|line| has_device(&line)));
    assert!(paths.len() >= expected, "{paths:?}");
    for path in &paths {
        assert_ne!(path["verdict"], "", "{path}");
        let same = paths.iter().filter(|other| other["path"] == path["path"]).count();
        assert_eq!(same, 1, "{path}");
    }
}

/// Data directories of running engines are found. A renamed program stands for the engine, because the
/// servers of the test bed run under the name of their loader.
#[test]
fn data_of_an_engine_that_runs_are_found() {
    let home = Home::new();
    let program = home.join("redis-server");
    copy_program("/bin/sleep", &program);
    let data = home.join("data");
    std::fs::create_dir(&data).expect("a directory");
    let mut engine = Command::new(&program);
    let mut engine = engine.arg("60").current_dir(&data).spawn().expect("it runs");
    let (_, paths) = check(&home, &["--data-dirs"]);
    engine.kill().expect("killed");
    engine.wait().expect("ended");
    let data = data.canonicalize().expect("a path").display().to_string();
    let found = paths.iter().find(|path| path["path"] == data.as_str());
    let found = found.unwrap_or_else(|| panic!("{data} is not in {paths:?}"));
    // The directory has the result of the storage of this machine.
    let (_, same) = check(&home, &[&data]);
    assert_eq!(*found, same[0]);
}
