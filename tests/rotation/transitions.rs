//! The writes of a rotation, without servers: each command killed at each of its writes, many
//! operators at once, and an API server that is away. `ca rotate status` names what is left, a
//! certificate can be issued at any moment, and the same command again finishes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Barrier};

use assert_cmd::Command;
use ccx_sec::rotation::stored::StoredRotation;
use ccx_sec::rotation::switch::GatePass;
use ccx_sec::store::rotation::{Operator, RotationPhase};

use crate::common::fault::{Fault, Proxy, Rule};
use crate::common::kube::Namespace;
use crate::common::live::{Store, certificates, fingerprints};
use crate::common::points::{Killed, Point, at_each_answer, at_points};
use crate::common::random::say;
use crate::common::{Home, Run, run, tool};

const START: [&str; 7] =
    ["ca", "rotate", "start", "--client-max-age", "0", "--reissue-window", "0"];
const ROLLBACK: [&str; 3] = ["ca", "rotate", "rollback"];

/// What is in a store after a command, or after half of one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    phase: String,
    /// The name of the CA that signs.
    signs: String,
    bundle: BTreeSet<String>,
    /// The CAs of which the store has the key.
    keys: BTreeSet<String>,
}

impl State {
    /// Reads it, and checks what must hold at any moment: `ca check` lets a node begin, and the
    /// bundle of a certificate that is issued now holds the CA that signed it.
    fn read(store: &Store) -> Self {
        let status = store.done(&["ca", "rotate", "status", "-o", "json"]).json();
        let checked = store.run(&["ca", "check", "--no-repair", "-o", "json"]);
        assert_eq!(checked.code, 0, "{status}: {}{}", checked.stdout, checked.stderr);
        let out = store.home().at("client");
        let issue = ["cert", "issue", "--client", "--common-name", "app", "--out", &out, "--force"];
        store.done(&issue);
        let leaf = format!("{out}/client-cert.pem");
        tool("openssl", &["verify", "-x509_strict", "-CAfile", &format!("{out}/ca.pem"), &leaf]);
        let bundle = fingerprints(&std::fs::read(format!("{out}/ca.pem")).expect("a bundle"));
        let mut keys = BTreeSet::new();
        let mut signs = String::new();
        for (name, values) in store.secrets() {
            let has_key = |value: &Vec<u8>| value.starts_with(b"-----BEGIN PRIVATE KEY");
            if name.starts_with("ccx-ca") && values.iter().any(has_key) {
                let held: BTreeSet<String> =
                    values.iter().flat_map(|value| fingerprints(value)).collect();
                assert_eq!(held.len(), 1, "{name}");
                if name == "ccx-ca" {
                    assert!(held.is_subset(&bundle), "{status}: the CA that signs is not in it");
                    let certificate = values.iter().flat_map(|value| certificates(value)).next();
                    signs = certificate.expect("one").common_name().expect("a name");
                }
                keys.extend(held);
            }
        }
        let phase = status["phase"].as_str().expect("a phase").to_owned();
        State { phase, signs, bundle, keys }
    }

    fn has_lost_no_key(&self) -> bool {
        self.bundle.is_subset(&self.keys)
    }
}

/// A CA, and a rotation in this phase.
fn in_phase(store: Store, phase: &str) -> Store {
    store.done(&["ca", "init", "--common-name", "Test CA"]);
    if phase == "idle" {
        return store;
    }
    store.done(&START);
    let backend = store.open();
    let operator = Operator { name: "a test".to_owned(), at: jiff::Timestamp::now() };
    let read = || StoredRotation::read(backend.as_ref(), "ccx-ca").expect("a rotation");
    if phase != "staged" {
        read().switch(GatePass::default(), &operator).expect("switched");
    }
    for (name, phases) in [
        ("reissued", &[RotationPhase::Reissued][..]),
        ("removed", &[RotationPhase::Reissued, RotationPhase::Removed]),
    ] {
        for next in phases.iter().filter(|_| phase == name) {
            read().enter(*next, GatePass::default(), &operator).expect("entered");
        }
    }
    if phase == "switched back" {
        store.done(&ROLLBACK);
    }
    assert_eq!(State::read(&store).phase, phase.trim_end_matches(" back"));
    store
}

fn directory() -> Store {
    Store::Directory(Home::new())
}

fn cluster() -> Store {
    Store::Cluster(Namespace::new())
}

/// The command that deletes the old key.
fn forget(store: &Store) -> Vec<String> {
    let status = store.done(&["ca", "rotate", "status", "-o", "json"]).json();
    let old = status["from"]["sha256"].as_str().unwrap_or("00000000").to_owned();
    ["ca", "rotate", "forget", "--unproved", "--confirm", &old[..8]].map(str::to_owned).to_vec()
}

/// A verb, the phase in which it is asked for, and that to which it leads.
struct Transition {
    before: &'static str,
    after: &'static str,
    /// The CA that signs then.
    signs: &'static str,
    command: fn(&Store) -> Vec<String>,
    /// With what the same command ends where there is nothing left to do.
    again: &'static [&'static str],
}

fn words(command: &[&str]) -> Vec<String> {
    command.iter().map(|word| (*word).to_owned()).collect()
}

const TRANSITIONS: [Transition; 6] = [
    Transition {
        before: "idle",
        after: "staged",
        signs: "Test CA",
        command: |_| words(&START),
        again: &["rotation-under-way"],
    },
    Transition {
        before: "staged",
        after: "idle",
        signs: "Test CA",
        command: |_| words(&ROLLBACK),
        again: &["rotation-missing"],
    },
    Transition {
        before: "removed",
        after: "idle",
        signs: "Test CA G2",
        command: forget,
        again: &["rotation-missing"],
    },
    Transition {
        before: "removed",
        after: "staged",
        signs: "Test CA G2",
        command: |_| words(&ROLLBACK),
        again: &[],
    },
    Transition {
        before: "switched",
        after: "switched",
        signs: "Test CA",
        command: |_| words(&ROLLBACK),
        again: &[],
    },
    Transition {
        before: "switched back",
        after: "switched",
        signs: "Test CA G2",
        command: |_| words(&["ca", "rotate", "rollback", "--undo"]),
        again: &[],
    },
];

impl Transition {
    fn run(&self, store: &Store) -> Run {
        let command = (self.command)(store);
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        run(store.ccx(&command).args(["-o", "json"]))
    }

    fn assert_done(&self, end: &State, why: &str) {
        assert_eq!((end.phase.as_str(), end.signs.as_str()), (self.after, self.signs), "{why}");
        assert!(end.has_lost_no_key(), "{why}: {end:?}");
    }

    /// Looks at what a kill left; then the same command finishes what it began.
    fn judge(&self, store: &Store, killed: &Killed) -> String {
        let left = State::read(store);
        assert!(left.has_lost_no_key(), "{}: {left:?}", killed.point);
        let again = self.run(store);
        let is_over = again.code == 4 && self.again.contains(&again.error_code().as_str());
        assert!(again.code == 0 || is_over, "{left:?}: {}{}", again.stdout, again.stderr);
        let end = State::read(store);
        self.assert_done(&end, &format!("{left:?}: {}{}", again.stdout, again.stderr));
        match is_over {
            true => format!("{}, over", left.phase),
            false => left.phase,
        }
    }
}

/// The writes: those that a directory shows, and the end.
fn writes(all: Vec<Point>) -> Vec<Point> {
    let is_write = |point: &Point| {
        ["rename", "unlink", "link", "exit"].iter().any(|call| point.call.starts_with(call))
    };
    all.into_iter().filter(is_write).collect()
}

#[test]
#[ignore = "needs tests/run"]
fn rotation_killed_at_each_write_of_a_directory_is_named_and_finished() {
    for transition in &TRANSITIONS {
        let fresh = || in_phase(directory(), transition.before);
        let command = |store: &Store| command(store, &(transition.command)(store));
        let table =
            at_points(writes, fresh, command, |store, killed| transition.judge(store, killed));
        assert!(!table.rows.is_empty(), "{table}");
    }
}

fn command(store: &Store, words: &[String]) -> Command {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    store.ccx(&words)
}

#[test]
#[ignore = "needs tests/run"]
fn rotation_killed_at_each_answer_of_a_cluster_is_named_and_finished() {
    for transition in &TRANSITIONS {
        let fresh = || in_phase(cluster(), transition.before);
        let by_proxy = |store: &Store, proxy: &Proxy| {
            let Store::Cluster(namespace) = store else { unreachable!() };
            let words = (transition.command)(store);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            namespace.ccx_by(&proxy.kubeconfig(namespace), &words)
        };
        let table =
            at_each_answer(fresh, by_proxy, |store, killed| transition.judge(store, killed));
        assert!(!table.rows.is_empty(), "{table}");
    }
}

const RACERS: usize = 20;

/// Starts all of them at the same moment, and waits for all.
fn at_once(commands: Vec<Command>) -> Vec<Run> {
    let barrier = Arc::new(Barrier::new(commands.len()));
    let threads: Vec<_> = commands
        .into_iter()
        .map(|mut command| {
            let barrier = Arc::clone(&barrier);
            std::thread::spawn(move || {
                barrier.wait();
                run(&mut command)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().expect("a run")).collect()
}

/// How many switches the record of the rotation lists.
fn switches(store: &Store) -> usize {
    let status = store.done(&["ca", "rotate", "status", "-o", "json"]).json();
    let history = status["rotation"]["history"].as_array();
    history.into_iter().flatten().filter(|entry| entry["phase"] == "switching").count()
}

#[test]
#[ignore = "needs tests/run"]
fn racing_operators_have_one_winner() {
    for transition in &TRANSITIONS {
        let store = in_phase(cluster(), transition.before);
        let switches_before = switches(&store);
        let words = (transition.command)(&store);
        let racers = (0..RACERS).map(|_| {
            let mut racer = command(&store, &words);
            racer.args(["-o", "json"]);
            racer
        });
        let runs = at_once(racers.collect());
        let mut ends: BTreeMap<String, usize> = BTreeMap::new();
        for run in &runs {
            let end = match run.code {
                0 => format!("0 {}", run.json()["result"].as_str().unwrap_or_default()),
                _ => run.error_code(),
            };
            assert!(run.code == 0 || run.code == 4, "{}{}", run.stdout, run.stderr);
            *ends.entry(end).or_default() += 1;
        }
        let (before, after) = (transition.before, transition.after);
        say("race", &format!("{words:?} from {before} to {after}: {ends:?}"));
        if before.starts_with("switched") {
            // Who finds the switch half done helps to finish it: it was one.
            assert_eq!(switches(&store), switches_before + 1, "{words:?}: {ends:?}");
        } else {
            // Others delete the key that the winner has left, or find that it is done.
            let idle = ["0 cleared", "0 unchanged"];
            let won = ends
                .iter()
                .filter(|(end, _)| end.starts_with("0 ") && !idle.contains(&end.as_str()));
            assert_eq!(won.map(|(_, count)| count).sum::<usize>(), 1, "{words:?}: {ends:?}");
        }
        let end = State::read(&store);
        transition.assert_done(&end, &format!("{words:?}: {ends:?}"));
    }
}

#[test]
#[ignore = "needs tests/run"]
fn rotation_without_an_api_server_changes_nothing() {
    for transition in &TRANSITIONS {
        let store = in_phase(cluster(), transition.before);
        let before = State::read(&store);
        let Store::Cluster(namespace) = &store else { unreachable!() };
        let words = (transition.command)(&store);
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["-o", "json"]).collect();
        let cluster = "{server: 'http://127.0.0.1:1'}";
        let nowhere = namespace.kubeconfig("nowhere", cluster, "{}");
        let away = run(&mut namespace.ccx_by(&nowhere, &words));
        assert_eq!((away.code, away.stdout.as_str()), (3, ""), "{words:?}: {}", away.stderr);
        // It is read, and not written.
        let refuse = |method: &str| Rule {
            request: format!("{method} "),
            times: usize::MAX,
            fault: Fault::Reset,
        };
        let proxy = Proxy::new(["POST", "PUT", "PATCH", "DELETE"].map(refuse).into());
        let cut = run(&mut namespace.ccx_by(&proxy.kubeconfig(namespace), &words));
        assert_eq!((cut.code, cut.stdout.as_str()), (3, ""), "{words:?}: {}", cut.stderr);
        assert_eq!(State::read(&store), before, "{words:?}");
    }
}
