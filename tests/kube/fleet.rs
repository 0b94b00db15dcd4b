//! Fleets in a real cluster, many nodes at a time, while others write too, the way to the
//! API server fails, or the process is killed: nothing lost, nothing overwritten, and the
//! next run mends what may be mended.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ccx_sec::store::Backend;
use ccx_sec::store::secret::Secret;
use serde_json::{Value, json};

use crate::common::fault::{Fault, Proxy, Rule, status};
use crate::common::fleets::{inventory, secret, secrets, whole};
use crate::common::kube::{Namespace, kubeconfig, kubectl};
use crate::common::{Run, env, run};

/// `cert VERB --inventory FILE --secret` of a fleet.
fn fleet<'a>(verb: &'a str, file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = ["cert", verb, "--inventory", file, "--secret", "--jobs", "16", "-o", "json"];
    [&all[..], more].concat()
}

/// What a run says of each node: the serial number of its certificate, or the code of what
/// was in the way.
fn told(run: &Run) -> Vec<Result<String, String>> {
    let document = run.json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let row = |row: &Value| match row["action"].as_str() {
        Some("failed") => Err(text(&row["error"]["code"])),
        _ => Ok(text(&row["serial"])),
    };
    let rows: Vec<_> = document["nodes"].as_array().expect("nodes").iter().map(row).collect();
    let failed = rows.iter().filter(|row| row.is_err()).count();
    assert_eq!(document["summary"]["failed"], failed);
    assert_eq!(run.code, if failed == 0 { 0 } else { 3 }, "{}", run.stderr);
    rows
}

fn summary(run: &Run) -> [u64; 5] {
    let document = run.json();
    ["issued", "renewed", "refreshed", "kept", "failed"]
        .map(|word| document["summary"][word].as_u64().expect("a number"))
}

/// Runs `command` to its end, and `interfere` over and over until then.
fn with_interference(mut command: assert_cmd::Command, mut interfere: impl FnMut()) -> Run {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            let run = run(command.timeout(Duration::from_secs(600)));
            ended.store(true, Ordering::SeqCst);
            run
        });
        while !ended.load(Ordering::SeqCst) {
            interfere();
        }
        running.join().expect("a run")
    })
}

/// Another writer: what it has done to which nodes.
struct Other<'a> {
    namespace: &'a Namespace,
    store: Box<dyn Backend>,
    /// Which nodes it is at, and how far it is.
    count: usize,
    made: BTreeSet<usize>,
    labelled: BTreeMap<usize, String>,
    deleted: BTreeSet<usize>,
}

impl<'a> Other<'a> {
    fn new(namespace: &'a Namespace) -> Self {
        let store = namespace.store();
        let (made, labelled, deleted) = Default::default();
        Other { namespace, store, count: 0, made, labelled, deleted }
    }

    /// Makes a Secret with the name of a node's, labels one, and now and then deletes some:
    /// each of a part of the fleet that is its own.
    fn interfere(&mut self, nodes: usize) {
        self.count += 1;
        let at = |offset: usize| (self.count * 10 + offset) % nodes;
        let (make, label, delete) = (at(3), at(5), at(7));
        if self.store.create(&theirs(make), false).expect("asked") {
            self.made.insert(make);
        }
        if let Some(there) = self.store.get(&secret(label)).expect("read") {
            let value = format!("label-{}", self.count);
            if self.store.replace(&there.label("theirs", &value)).expect("asked") {
                self.labelled.insert(label, value);
            }
        }
        if self.count.is_multiple_of(10) {
            let name = secret(delete);
            self.namespace.kubectl(&["delete", "secret", &name, "--ignore-not-found"]);
            self.deleted.insert(delete);
        }
    }
}

/// What the other writer makes: a Secret of its own with the name of a node's.
fn theirs(n: usize) -> Secret {
    let mut secret = Secret::new(&secret(n), "Opaque").with("theirs", "theirs");
    secret.labels.clear();
    secret
}

#[test]
#[ignore = "needs tests/run"]
fn thousand_nodes_while_another_one_writes() {
    const NODES: usize = 1000;
    let namespace = Namespace::new();
    namespace.init();
    let bundle = namespace.value("ccx-ca-bundle", "ca.crt");
    let file = inventory(&namespace, NODES).display().to_string();

    let mut other = Other::new(&namespace);
    let issue = fleet("issue", &file, &[]);
    let run_1 = with_interference(namespace.ccx(&issue), || other.interfere(NODES));
    let rows = told(&run_1);
    let there = secrets(&namespace);
    for (n, row) in rows.iter().enumerate() {
        let found = there.get(&secret(n));
        if other.made.contains(&n) {
            let code = row.as_ref().expect_err("it is another one's");
            assert!(["secret-foreign", "node-contended"].contains(&code.as_str()), "{n}: {code}");
            assert_eq!(found.map(|found| &found.data), Some(&theirs(n).data), "{n}");
            continue;
        }
        let serial = row.as_ref().unwrap_or_else(|code| panic!("{n}: {code}"));
        match found {
            Some(found) => assert_eq!(whole(n, found, &bundle), *serial, "{n}"),
            None => assert!(other.deleted.contains(&n), "{n} is lost"),
        }
        let label = found.and_then(|found| found.labels.get("theirs"));
        assert_eq!(label, other.labelled.get(&n), "{n}");
    }
    assert!(!other.made.is_empty() && !other.labelled.is_empty(), "nothing interfered");

    let mut next = Other::new(&namespace);
    let renew = fleet("renew", &file, &["--force"]);
    let run_2 = with_interference(namespace.ccx(&renew), || next.interfere(NODES));
    let after = secrets(&namespace);
    for (n, row) in told(&run_2).iter().enumerate() {
        let (before, found) = (there.get(&secret(n)), after.get(&secret(n)));
        if other.made.contains(&n) || next.made.contains(&n) {
            assert!(row.is_err(), "{n}");
            assert_eq!(found.map(|found| &found.data), Some(&theirs(n).data), "{n}");
            continue;
        }
        match (row, found) {
            (Ok(serial), Some(found)) => assert_eq!(whole(n, found, &bundle), *serial, "{n}"),
            (Err(code), Some(found)) => {
                let labelled = next.labelled.contains_key(&n);
                assert!(code == "node-contended" && labelled, "{n}: {code}");
                assert_eq!(Some(&found.data), before.map(|before| &before.data), "{n}");
            }
            (Ok(_), None) => assert!(next.deleted.contains(&n), "{n} is lost"),
            (Err(code), None) => {
                let deleted = next.deleted.contains(&n) || other.deleted.contains(&n);
                let codes = ["node-contended", "certificate-missing"];
                assert!(codes.contains(&code.as_str()) && deleted, "{n}: {code}");
            }
        }
        let label = found.and_then(|found| found.labels.get("theirs"));
        let last = next.labelled.get(&n).or(other.labelled.get(&n));
        assert_eq!(label, last.filter(|_| found.is_some()), "{n}");
    }
    assert!(!next.labelled.is_empty(), "nothing interfered");

    let foreign: Vec<String> = other.made.union(&next.made).map(|n| secret(*n)).collect();
    let mended = run(namespace.ccx(&issue).timeout(Duration::from_secs(600)));
    let rows = told(&mended);
    let codes: BTreeSet<&String> = rows.iter().filter_map(|row| row.as_ref().err()).collect();
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), ["secret-foreign"]);
    assert_eq!(rows.iter().filter(|row| row.is_err()).count(), foreign.len());
    // Only those are of this type, in this namespace, and not the bundle.
    delete_all(&namespace, "fieldSelector=type%3DOpaque,metadata.name!%3Dccx-ca-bundle");
    let last = run(namespace.ccx(&issue).timeout(Duration::from_secs(600)));
    assert_eq!(summary(&last)[0], foreign.len() as u64, "{}", last.stderr);
    let there = secrets(&namespace);
    for (n, row) in told(&last).into_iter().enumerate() {
        assert_eq!(Ok(whole(n, &there[&secret(n)], &bundle)), row, "{n}");
    }
    let nothing = run(namespace.ccx(&issue).timeout(Duration::from_secs(600)));
    assert_eq!(summary(&nothing), [0, 0, 0, NODES as u64, 0]);
    assert_eq!(secrets(&namespace), there);
}

#[test]
#[ignore = "needs tests/run"]
fn two_runs_over_one_fleet_leave_each_node_one_certificate() {
    const NODES: usize = 300;
    let namespace = Namespace::new();
    namespace.init();
    let bundle = namespace.value("ccx-ca-bundle", "ca.crt");
    let file = inventory(&namespace, NODES).display().to_string();
    let issue = fleet("issue", &file, &[]);
    let runs = std::thread::scope(|scope| {
        [0, 1]
            .map(|_| scope.spawn(|| run(&mut namespace.ccx(&issue))))
            .map(|running| running.join().expect("a run"))
    });
    let [one, two] = [told(&runs[0]), told(&runs[1])];
    let there = secrets(&namespace);
    assert_eq!(there.len(), NODES);
    for (n, rows) in one.iter().zip(&two).enumerate() {
        let serial = whole(n, &there[&secret(n)], &bundle);
        for row in [rows.0, rows.1] {
            let as_it_is = row.as_ref().is_ok_and(|told| *told == serial);
            let conflict = row.as_ref().is_err_and(|code| code == "node-contended");
            assert!(as_it_is || conflict, "{n}: {row:?}, {serial}");
        }
        assert!(rows.0.is_ok() || rows.1.is_ok(), "{n} was nobody's");
    }
    let issued = summary(&runs[0])[0] + summary(&runs[1])[0];
    assert_eq!(issued, NODES as u64);
    let nothing = run(&mut namespace.ccx(&issue));
    assert_eq!(summary(&nothing), [0, 0, 0, NODES as u64, 0]);
    assert_eq!(secrets(&namespace), there);
}

#[test]
#[ignore = "needs tests/run"]
fn failed_fleet_requests_are_retried() {
    const NODES: usize = 100;
    let namespace = Namespace::new();
    namespace.init();
    let bundle = namespace.value("ccx-ca-bundle", "ca.crt");
    let file = inventory(&namespace, NODES).display().to_string();
    let path = format!("/api/v1/namespaces/{}/secrets", namespace.name);
    let faults = |request: String| {
        let rule = move |fault| Rule { request: request.clone(), times: 8, fault };
        let busy = status(429, "TooManyRequests", "too many requests", json!({}));
        let failing = status(503, "ServiceUnavailable", "etcd leader changed", json!({}));
        [busy, failing, Fault::LoseAnswer, Fault::Reset, Fault::CutAnswer].map(rule)
    };
    let through = |proxy: &Proxy, arguments: &[&str]| {
        run(&mut namespace.ccx_by(&proxy.kubeconfig(&namespace), arguments))
    };
    let proxy = Proxy::new(faults(format!("POST {path}?")).into());
    let issued = through(&proxy, &fleet("issue", &file, &[]));
    let notes = issued.stderr.lines().filter(|line| line.contains("; trying again in ")).count();
    assert_eq!(notes, 40, "{}", issued.stderr);
    assert_eq!(summary(&issued), [NODES as u64, 0, 0, 0, 0], "{}", issued.stdout);
    let there = secrets(&namespace);
    for (n, row) in told(&issued).into_iter().enumerate() {
        assert_eq!(Ok(whole(n, &there[&secret(n)], &bundle)), row, "{n}");
    }

    let faulty = [faults(format!("PATCH {path}/")), faults(format!("GET {path}/ccx-node-"))];
    let proxy = Proxy::new(faulty.into_iter().flatten().collect());
    let renewed = through(&proxy, &fleet("renew", &file, &["--force"]));
    assert_eq!(summary(&renewed), [0, NODES as u64, 0, 0, 0], "{}", renewed.stdout);
    let there = secrets(&namespace);
    for (n, row) in told(&renewed).into_iter().enumerate() {
        assert_eq!(Ok(whole(n, &there[&secret(n)], &bundle)), row, "{n}");
    }
}

/// One request that deletes many; kubectl would send one for each, and few a second.
fn delete_all(namespace: &Namespace, which: &str) {
    let path = format!("/api/v1/namespaces/{}/secrets?{which}", namespace.name);
    kubectl(&["delete", "--raw", &path]);
}

/// A fleet run that is started and left alone.
fn start(namespace: &Namespace, arguments: &[&str]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin!("ccx-sec"))
        .env_clear()
        .env("PATH", env("PATH"))
        .env("HOME", namespace.home.path())
        .arg("--kubeconfig")
        .arg(kubeconfig("admin"))
        .args(["--namespace", &namespace.name])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

/// Waits until nothing has changed for a while: what was sent before the kill may get there
/// after it.
fn settled<T: PartialEq>(look: impl Fn() -> T) {
    let mut last = look();
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = look();
        if now == last {
            return;
        }
        last = now;
    }
}

/// Kills a run over and over, each time when it has come further than the time before, and
/// looks at what it left.
fn killed(verb: &str, more: &[&str]) {
    const NODES: usize = 250;
    const KILLS: usize = 6;
    let namespace = Namespace::new();
    namespace.init();
    let bundle = namespace.value("ccx-ca-bundle", "ca.crt");
    let file = inventory(&namespace, NODES).display().to_string();
    let (killed, mend) = (fleet(verb, &file, more), fleet("issue", &file, &[]));
    assert_eq!(summary(&run(&mut namespace.ccx(&mend)))[0], NODES as u64);
    let serials = || -> BTreeMap<String, String> {
        let there = secrets(&namespace);
        let whole = |n: usize| there.get(&secret(n)).map(|found| whole(n, found, &bundle));
        (0..NODES).filter_map(|n| Some((secret(n), whole(n)?))).collect()
    };
    let mut partial = 0;
    for n in 0..KILLS {
        if verb == "issue" {
            delete_all(&namespace, "labelSelector=ccx-sec%2Fnode");
        }
        let (before, unchanged) = (serials(), secrets(&namespace));
        let changed = || {
            let now = secrets(&namespace);
            now.iter().filter(|(name, now)| unchanged.get(*name) != Some(now)).count()
        };
        let mut child = start(&namespace, &killed);
        while child.try_wait().expect("a child").is_none() && changed() <= n * 25 {}
        child.kill().expect("killed");
        child.wait().expect("gone");
        settled(|| secrets(&namespace));
        let after = serials(); // each of them whole
        assert!(before.keys().all(|name| after.contains_key(name)), "one is lost");
        partial += u32::from((1..NODES).contains(&changed()));
        // The next run mends: what is there stays, and what is missing is made.
        let mended = run(&mut namespace.ccx(&mend));
        let [issued, _, _, _, failed] = summary(&mended);
        assert_eq!((issued as usize, failed), (NODES - after.len(), 0), "{}", mended.stdout);
        let last = serials();
        assert!(after.iter().all(|(name, serial)| last.get(name) == Some(serial)));
        assert_eq!(last.len(), NODES);
    }
    assert!(partial > 0, "no kill came in the middle");
}

#[test]
#[ignore = "needs tests/run"]
fn fleet_killed_while_it_is_issued() {
    killed("issue", &[]);
}

#[test]
#[ignore = "needs tests/run"]
fn fleet_killed_while_it_is_renewed() {
    killed("renew", &["--force"]);
}
