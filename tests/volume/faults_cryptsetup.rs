//! cryptsetup is killed during a reencryption or an encryption in place of plain files, or outlives
//! ccx-sec: the data are intact after `volume resume`.

use std::fs;
use std::process::Child;

use ccx_sec::block::luks::ReencryptionState;
use rustix::process::Pid;

use crate::common::kill::start;
use crate::common::points::{kill_at, points};
use crate::common::random::say;
use crate::common::volume::{HEADER, ID, Scene};
use crate::volume::faults::{Operation, home};

/// cryptsetup is killed at each synchronous write and at a sample of the others; `resume` continues from
/// every state.
fn cryptsetup_is_killed(operation: &Operation) {
    let scene = &operation.scene;
    scene.save("fresh");
    let all = points(&scene.ccx(operation.words));
    let mut waits = all.iter().filter(|point| point.call.starts_with("wait"));
    let state = || scene.header().map(|header| header.metadata.reencryption());
    let begun = waits.find(|wait| {
        scene.load("fresh");
        kill_at(&scene.ccx(operation.words), wait);
        state() == Some(ReencryptionState::Between)
    });
    assert!(begun.is_some(), "it never began");
    scene.save("begun");
    let mut states = Vec::new();
    for (call, every) in [("fsync", 1), ("fdatasync", 1), ("write", 4)] {
        for nth in (1..).step_by(every) {
            scene.load("begun");
            if !scene.cryptsetup_killed(call, nth) {
                break;
            }
            let left = state().expect("a header");
            operation.finish();
            say("killed", &format!("{call} {nth}: {left:?}"));
            assert_eq!(operation.is(), operation.after);
            assert!(!scene.has_any_of("fresh"), "in the clear: {call} {nth}");
            states.push(format!("{call} {nth}: {left:?}"));
        }
    }
    say("cryptsetup killed", &format!("{}: {}", operation.words.join(" "), states.join(", ")));
    for state in ["Between", "Within", "Over", "None"] {
        assert!(states.iter().any(|one| one.ends_with(state)), "never {state}: {states:?}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn cryptsetup_is_killed_as_it_encrypts_anew() {
    cryptsetup_is_killed(&Operation::volume_key());
}

#[test]
#[ignore = "needs tests/run"]
fn cryptsetup_is_killed_as_it_encrypts_in_place() {
    cryptsetup_is_killed(&Operation::in_place());
}

/// cryptsetup continues after ccx-sec was killed: no other operation begins during that time.
#[test]
#[ignore = "needs tests/run"]
fn surviving_cryptsetup_holds_the_lock() {
    let scene = Scene::volume(home(), 160);
    let length = (160 << 20) - HEADER;
    let clear = scene.clear(length);
    let journal = scene.journal().display().to_string();
    let store = format!("dir:{}", scene.home().store().display());
    let words = ["--store", &store, "volume", "rekey", ID, "--volume-key", "--journal", &journal];
    let mut ours = start(scene.home().path(), &words);
    let orphan = reencrypting(&mut ours);
    let signal = |signal| rustix::process::kill_process(orphan, signal).expect("it is there");
    signal(rustix::process::Signal::STOP);
    ours.kill().and_then(|()| ours.wait()).expect("killed");
    for verb in ["resume", "rollback"] {
        let run = scene.run(&[verb, ID, "--timeout", "1s"]);
        run.assert_error(3, "volume-locked");
    }
    signal(rustix::process::Signal::CONT);
    scene.done(&["resume", ID]);
    scene.whole();
    assert_eq!(scene.clear(length), clear);
}

/// The process of the cryptsetup that encrypts the device.
fn reencrypting(ours: &mut Child) -> Pid {
    let of = |pid: &str, what: &str| fs::read_to_string(format!("/proc/{pid}/{what}"));
    loop {
        assert!(ours.try_wait().expect("a child").is_none(), "it ended by itself");
        let pid = ours.id().to_string();
        let children = of(&pid, &format!("task/{pid}/children")).unwrap_or_default();
        for child in children.split_whitespace() {
            if of(child, "cmdline").is_ok_and(|words| words.contains("--resume-only")) {
                return Pid::from_raw(child.parse().expect("a number")).expect("one");
            }
        }
    }
}
