//! Operations during which a call to the store or the disk fails: the error says what to do, and once
//! the fault is gone, `resume` and `rollback` succeed.

use std::collections::BTreeMap;

use serde_json::json;

use crate::common::fault::{Fault, Proxy, Rule, first, status};
use crate::common::kube::Namespace;
use crate::common::points::{fail_at, points};
use crate::common::random::say;
use crate::common::volume::{DEVICE, ID, Place, Scene};
use crate::common::{Run, run};
use crate::volume::faults::{Operation, SIZE, home};

const ENCRYPT: &[&str] = &["encrypt", DEVICE, "--id", ID];

/// The result of a run, and the state after it.
#[derive(Default)]
struct Faults(BTreeMap<String, usize>);

impl Faults {
    fn judged(&mut self, operation: &Operation, fault: &str, run: &Run) {
        assert!(!run.stderr.contains("panicked"), "{fault}: {}", run.stderr);
        if run.code != 0 {
            assert!(run.stderr.contains("hint: "), "{fault}: {}{}", run.stdout, run.stderr);
        }
        say(operation.words[0], &format!("{fault}: exit {}", run.code));
        let outcome = format!("exit {}: {}", run.code, operation.judge());
        say(operation.words[0], &format!("{fault}: {outcome}"));
        *self.0.entry(outcome).or_default() += 1;
    }

    fn summary(&self, what: &str) -> usize {
        for (outcome, count) in &self.0 {
            say("summary", &format!("{what}: {count} {outcome}"));
        }
        self.0.values().sum()
    }
}

/// The disk of store and journal becomes full or read-only at each call.
#[test]
#[ignore = "needs tests/run"]
fn disk_says_no() {
    for operation in [
        Operation::encrypt(ENCRYPT, Scene::blank(home(), SIZE)),
        Operation::rekey(home()),
        Operation::restore(),
        Operation::erase(&["erase", ID, "--confirm", DEVICE]),
    ] {
        let (scene, mut faults) = (&operation.scene, Faults::default());
        scene.save("fresh");
        let all = points(&scene.ccx(operation.words));
        let calls = all.iter().filter(|point| {
            let is_call = ["write", "rename", "fsync", "unlink"];
            is_call.iter().any(|call| point.call.starts_with(call)) && point.text.contains(".tmp")
        });
        for (nth, point) in calls.enumerate().filter(|(nth, _)| nth % 3 != 1) {
            scene.load("fresh");
            let error = ["ENOSPC", "EROFS", "EIO"][nth / 2 % 3];
            let run = fail_at(&scene.ccx(operation.words), point, error);
            faults.judged(&operation, &format!("{error} {point}"), &run);
        }
        assert!(faults.summary(&operation.words.join(" ")) > 8);
    }
}

/// At each request, the server goes away, refuses, or its answer is lost.
#[test]
#[ignore = "needs tests/run"]
fn api_server_says_no() {
    let place = || Place::Cluster(Namespace::new());
    for operation in
        [Operation::encrypt(ENCRYPT, Scene::blank(place(), SIZE)), Operation::rekey(place())]
    {
        let (scene, mut faults) = (&operation.scene, Faults::default());
        let Place::Cluster(namespace) = &scene.place else { panic!("a cluster") };
        scene.save("fresh");
        let by = |proxy: &Proxy| {
            let journal = scene.journal().display().to_string();
            let more = ["--journal", &journal, "--timeout", "2s"];
            let words = [&["volume"], operation.words, &more[..]].concat();
            run(&mut namespace.ccx_by(&proxy.kubeconfig(namespace), &words))
        };
        let undisturbed = Proxy::new(Vec::new());
        assert_eq!(by(&undisturbed).code, 0);
        for (nth, request) in undisturbed.log().iter().enumerate() {
            let gone = || (usize::MAX, Fault::Reset);
            let forbidden = || {
                (1, status(403, "Forbidden", "secrets is forbidden", json!({"kind": "secrets"})))
            };
            let conflict =
                || (1, status(409, "Conflict", "the object has been modified", json!({})));
            let is_write = !request.starts_with("GET");
            let mut these = vec![("gone", gone())];
            match is_write {
                true => these.extend([
                    ("forbidden", forbidden()),
                    ("conflict", conflict()),
                    ("answer lost", (1, Fault::LoseAnswer)),
                ]),
                false => these.push(("answer cut", (usize::MAX, Fault::CutAnswer))),
            }
            for (name, (times, fault)) in these {
                scene.load("fresh");
                let rule = |times, fault| Rule { request: String::new(), times, fault };
                let proxy = Proxy::new(vec![rule(nth, first(|| ())), rule(times, fault)]);
                let run = by(&proxy);
                faults.judged(&operation, &format!("{name} at {request}"), &run);
            }
        }
        assert!(faults.summary(&operation.words.join(" ")) > 8);
    }
}
