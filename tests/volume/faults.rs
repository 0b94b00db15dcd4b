//! Operations that are killed at any moment, on plain files with a directory store: `volume resume`
//! finishes them, and `volume rollback` undoes them. The data are intact and a key in the store
//! unlocks them, or the device is unchanged.

use std::fs;

use crate::common::faults::{Most, faults, inject};
use crate::common::points::{Point, Table, at_points, kill_at, points, sample};
use crate::common::random::say;
use crate::common::volume::{DEVICE, HEADER, ID, Place, Scene};
use crate::common::{Home, Run};

/// MiB of a device.
pub const SIZE: u64 = 40;
/// MiB of a file system that is encrypted in place, more than cryptsetup moves at once; the device has
/// 32 more.
const IN_PLACE: u64 = 18;
/// The number of points at which each operation is killed.
const POINTS: usize = 21;

/// An operation, the state before it, and how to recognize the states after it.
pub struct Operation {
    pub words: &'static [&'static str],
    /// Names of the states before and after.
    before: &'static str,
    pub after: &'static str,
    pub scene: Scene,
    state: Box<dyn Fn(&Scene) -> &'static str>,
}

pub fn home() -> Place {
    Place::Directory(Home::new())
}

impl Operation {
    /// The operation on a device without a volume; `untouched` is its state before.
    pub fn encrypt(words: &'static [&'static str], scene: Scene) -> Self {
        let untouched = scene.digest();
        let state = move |scene: &Scene| {
            if scene.stored().is_some() {
                scene.whole();
                return "a volume";
            }
            scene.nothing_is_left();
            assert!(scene.header().is_none(), "a header and no Secret");
            // An overwritten device is unchanged or zero.
            let is_blank = scene.head().iter().all(|byte| *byte == 0);
            assert!(is_blank || scene.digest() == untouched, "neither blank nor as it was");
            "no volume"
        };
        let (before, after) = ("no volume", "a volume");
        Operation { words, before, after, scene, state: Box::new(state) }
    }

    pub fn in_place() -> Self {
        let scene = Scene::blank(home(), IN_PLACE + 32);
        scene.shell(&format!(
            "mkdir files
             head -c 3M /dev/urandom | split -b 16381 -a 3 -d - files/
             /usr/sbin/mkfs.ext4 -q -d files {DEVICE} {IN_PLACE}M"
        ));
        let (untouched, plain) = (scene.digest(), scene.plain(IN_PLACE << 20));
        let state = move |scene: &Scene| {
            if scene.stored().is_some() {
                scene.whole();
                assert_eq!(scene.clear(IN_PLACE << 20), plain, "the file system is another");
                return "a volume";
            }
            scene.nothing_is_left();
            assert_eq!(scene.digest(), untouched, "it is not as it was");
            "no volume"
        };
        let words = &["encrypt", DEVICE, "--id", ID, "--in-place", "--i-have-a-backup"];
        let (before, after) = ("no volume", "a volume");
        Operation { words, before, after, scene, state: Box::new(state) }
    }

    /// The operation on a volume that remains one; `known` tells its two states apart.
    fn of_volume(
        place: Place,
        words: &'static [&'static str],
        [before, after]: [&'static str; 2],
        known: impl Fn(&Scene) -> Vec<u8> + 'static,
    ) -> Self {
        let scene = Scene::volume(place, SIZE);
        let length = (SIZE << 20) - HEADER;
        let (was, clear) = (known(&scene), scene.clear(length));
        let state = move |scene: &Scene| {
            scene.whole();
            assert_eq!(scene.clear(length), clear, "the data are others");
            if known(scene) == was { before } else { after }
        };
        Operation { words, before, after, scene, state: Box::new(state) }
    }

    pub fn rekey(place: Place) -> Self {
        let key = |scene: &Scene| scene.stored().expect("a Secret").secret.data["key"].to_vec();
        Operation::of_volume(place, &["rekey", ID], ["the old key", "a new key"], key)
    }

    pub fn volume_key() -> Self {
        let words = &["rekey", ID, "--volume-key"];
        let known = |scene: &Scene| {
            let header = scene.header().expect("a header");
            header.key_digest().expect("a digest").into_bytes()
        };
        Operation::of_volume(home(), words, ["the old volume key", "a new volume key"], known)
    }

    /// The restoration of a lost header.
    pub fn restore() -> Self {
        let scene = Scene::volume(home(), SIZE);
        let length = (SIZE << 20) - HEADER;
        let clear = scene.clear(length);
        scene.write(0, &[7; 1 << 20]);
        let destroyed = scene.digest();
        let state = move |scene: &Scene| {
            if scene.header().is_some() {
                scene.whole();
                assert_eq!(scene.clear(length), clear, "the data are others");
                return "whole";
            }
            scene.nothing_is_left();
            assert_eq!(scene.digest(), destroyed, "it is not as it was");
            assert_eq!(scene.stored().expect("its Secret").record.pending, None);
            "destroyed"
        };
        let words = &["restore", ID, "--confirm", DEVICE];
        let (before, after) = ("destroyed", "whole");
        Operation { words, before, after, scene, state: Box::new(state) }
    }

    pub fn erase(words: &'static [&'static str]) -> Self {
        let scene = Scene::volume(home(), SIZE);
        let length = (SIZE << 20) - HEADER;
        let clear = scene.clear(length);
        let keeps = words.contains(&"--keep-secret");
        let state = move |scene: &Scene| {
            if scene.header().is_some() {
                assert_eq!(scene.whole().record.erased, None);
                assert_eq!(scene.clear(length), clear, "the data are others");
                return "whole";
            }
            scene.nothing_is_left();
            assert!(scene.head().iter().all(|byte| *byte == 0), "something of its header is left");
            let record = scene.stored().map(|stored| stored.record);
            assert_eq!(record.is_some(), keeps);
            assert!(record.is_none_or(|one| one.pending.is_none() && one.erased.is_some()));
            "erased"
        };
        Operation { words, before: "whole", after: "erased", scene, state: Box::new(state) }
    }

    pub fn is(&self) -> &'static str {
        (self.state)(&self.scene)
    }

    /// Runs `resume` or `rollback` with every confirmation.
    fn unfinished(&self, verb: &'static str) -> Run {
        let run = self.scene.run(&[verb, ID, "--confirm", DEVICE]);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }

    /// Resumes the interrupted state, and undoes it; a second run of each changes nothing.
    pub fn judge(&self) -> String {
        let was_pending = self.scene.is_pending();
        self.scene.save("left");
        let [forward, back] = match was_pending {
            true => {
                let run = self.scene.run(self.words);
                run.assert_error(4, "volume-pending");
                [self.after, self.before]
            }
            false => {
                self.finish();
                [self.is(); 2]
            }
        };
        self.finish();
        assert_eq!(self.is(), forward, "after resume");
        let again = self.unfinished("resume");
        let is_told = [&again.stderr, &again.stdout].iter().any(|text| {
            text.contains("no operation was pending") || text.contains("[volume-unknown]")
        });
        assert!(self.is_done(&again) && is_told, "{}{}", again.stdout, again.stderr);
        assert_eq!(self.is(), forward, "after a second resume");

        self.scene.load("left");
        let undone = self.unfinished("rollback");
        let back = match self.is_done(&undone) {
            true => {
                assert_eq!(self.is(), back, "after rollback");
                back
            }
            false => {
                // The refusal changed nothing.
                undone.assert_error(4, "no-way-back");
                self.finish();
                assert_eq!(self.is(), self.after, "after a rollback that was refused, and resume");
                "refused"
            }
        };
        match was_pending {
            true => format!("pending: resume: {forward}; rollback: {back}"),
            false => forward.to_owned(),
        }
    }

    pub fn finish(&self) {
        let run = self.unfinished("resume");
        assert!(self.is_done(&run), "{}{}", run.stdout, run.stderr);
    }

    /// Returns whether nothing is pending, or no volume with that ID exists.
    fn is_done(&self, run: &Run) -> bool {
        let is_unknown = run.code == 1 && run.stderr.contains("[volume-unknown]");
        run.code == 0 || (is_unknown && self.scene.stored().is_none())
    }

    /// Kills the operation at these points, from the state that was saved under that name.
    fn killed(&self, from: &str, words: &[&str], most: usize, judge: impl Fn() -> String) -> Table {
        let fresh = || self.scene.load(from);
        let command = |(): &()| self.scene.ccx(words);
        at_points(sample(most), fresh, command, |(), _| judge())
    }

    /// Kills the operation; then kills `resume` and `rollback` in the middle.
    fn faults(&self) -> usize {
        self.scene.save("fresh");
        let table = self.killed("fresh", self.words, POINTS, || self.judge());
        let mut count = table.rows.len();
        self.summary("", &table);
        self.scene.load("fresh");
        let all = points(&self.scene.ccx(self.words));
        let half = self.half(&all);
        self.scene.load("fresh");
        kill_at(&self.scene.ccx(self.words), half);
        self.scene.save("half");
        for verb in ["resume", "rollback"] {
            self.scene.load("half");
            if verb == "rollback" && self.unfinished(verb).code == 4 {
                continue; // there is no way back from there
            }
            let words = [verb, ID, "--confirm", DEVICE];
            let table = self.killed("half", &words, POINTS / 3, || self.judge());
            count += table.rows.len();
            self.summary(verb, &table);
        }
        count
    }

    /// Runs the operation with this many failing system calls, and kills it at as many. The result is
    /// judged as after a kill. cryptsetup and other child programs have no faults.
    fn failing_calls(&self, most: Most) {
        self.scene.save("fresh");
        let faults = faults(&self.scene.ccx(self.words), most);
        for fault in &faults {
            self.scene.load("fresh");
            let faulty = inject(&self.scene.ccx(self.words), fault);
            assert!(faulty.code != 0 || self.is() == self.after, "{fault}: {}", faulty.stderr);
            let outcome = self.judge();
            say("outcome", &format!("{fault}: exit {}: {outcome}", faulty.code));
        }
    }

    /// A point in the middle of the operation at which it had started a program.
    fn half<'a>(&self, all: &'a [Point]) -> &'a Point {
        let waits: Vec<&Point> =
            all.iter().filter(|point| point.call.starts_with("wait")).collect();
        waits[waits.len() * 2 / 3]
    }

    fn summary(&self, verb: &str, table: &Table) {
        let mut outcomes: Vec<&str> =
            table.rows.iter().map(|(_, outcome)| outcome.as_str()).collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        let count = |outcome: &&str| format!("{} {outcome}", table.count(outcome));
        let counts: Vec<String> = outcomes.iter().map(count).collect();
        let what = format!("{} {verb}", self.words.join(" "));
        say("summary", &format!("{what}: {} points: {}", table.rows.len(), counts.join(" | ")));
    }
}

#[test]
#[ignore = "needs tests/run"]
fn encrypt() {
    let operation =
        Operation::encrypt(&["encrypt", DEVICE, "--id", ID], Scene::blank(home(), SIZE));
    assert!(operation.faults() > POINTS);
}

#[test]
#[ignore = "needs tests/run"]
fn encrypt_overwrite() {
    let scene = Scene::blank(home(), SIZE);
    scene.shell(&format!("/usr/sbin/mkfs.ext4 -q {DEVICE}"));
    let words = &["encrypt", DEVICE, "--id", ID, "--overwrite", "--confirm", DEVICE];
    assert!(Operation::encrypt(words, scene).faults() > POINTS);
}

#[test]
#[ignore = "needs tests/run"]
fn encrypt_in_place() {
    assert!(Operation::in_place().faults() > POINTS);
}

#[test]
#[ignore = "needs tests/run"]
fn rekey() {
    assert!(Operation::rekey(home()).faults() > POINTS);
}

#[test]
#[ignore = "needs tests/run"]
fn rekey_volume_key() {
    assert!(Operation::volume_key().faults() > POINTS);
}

#[test]
#[ignore = "needs tests/run"]
fn restore() {
    assert!(Operation::restore().faults() > POINTS);
}

#[test]
#[ignore = "needs tests/run"]
fn erase() {
    let words = &["erase", ID, "--confirm", DEVICE];
    assert!(Operation::erase(words).faults() > POINTS);
}

#[test]
#[ignore = "needs tests/run"]
fn erase_keep_secret() {
    let words = &["erase", ID, "--confirm", DEVICE, "--keep-secret"];
    assert!(Operation::erase(words).faults() > POINTS);
}

/// The journal is lost with its machine, and only the store has the operation. When the machine comes
/// back, its journal is out of date, because another machine finished the operation.
#[test]
#[ignore = "needs tests/run"]
fn lost_journal_is_recovered() {
    for operation in [
        Operation::encrypt(&["encrypt", DEVICE, "--id", ID], Scene::blank(home(), SIZE)),
        Operation::in_place(),
        Operation::rekey(home()),
        Operation::volume_key(),
        Operation::restore(),
        Operation::erase(&["erase", ID, "--confirm", DEVICE]),
    ] {
        let scene = &operation.scene;
        scene.save("fresh");
        let table = operation.killed("fresh", operation.words, 6, || {
            let journal = scene.journal();
            let there = scene.home().join("there");
            let _ = fs::remove_dir_all(&there);
            // Killed early, there is no Secret yet.
            let has_journal = journal.exists();
            if has_journal {
                fs::rename(&journal, &there).expect("moved");
            }
            let outcome = operation.judge();
            // The machine comes back when the operation is done.
            scene.load("left");
            operation.finish();
            let is = operation.is();
            if has_journal {
                let _ = fs::remove_dir_all(&journal);
                fs::rename(&there, &journal).expect("back");
            }
            if !scene.is_pending() {
                operation.finish();
                assert_eq!(operation.is(), is, "by the journal of another machine");
            }
            outcome
        });
        operation.summary("without the journal", &table);
    }
}

/// The number of faults tried of an operation, unless all are.
const SOME_FAULTS: Most = Most { some: 3, of_all: Some(24) };

#[test]
#[ignore = "needs tests/run"]
fn encrypt_with_failing_calls() {
    let scene = Scene::blank(home(), SIZE);
    Operation::encrypt(&["encrypt", DEVICE, "--id", ID], scene).failing_calls(SOME_FAULTS);
}

#[test]
#[ignore = "needs tests/run"]
fn rekey_with_failing_calls() {
    Operation::rekey(home()).failing_calls(SOME_FAULTS);
}

#[test]
#[ignore = "needs tests/run"]
fn restore_with_failing_calls() {
    Operation::restore().failing_calls(SOME_FAULTS);
}

#[test]
#[ignore = "needs tests/run"]
fn erase_with_failing_calls() {
    let words = &["erase", ID, "--confirm", DEVICE];
    Operation::erase(words).failing_calls(SOME_FAULTS);
}
