//! The job `rotate` of `manifests`, on the real API server and a real server, under its account:
//! it carries a rotation on, and stops where a person has to confirm. In each phase its Role is
//! sufficient, and over all phases minimal.

use assert_cmd::Command;
use serde_json::Value;

use crate::common::db::Engine;
use crate::common::kube::Namespace;
use crate::common::live::{Fleet, Store};
use crate::common::{Home, Run, run};
use crate::manifests::access::{Account, reduced};

/// A fleet of one server or more, with its CA and its Secrets in a namespace.
struct Cluster {
    fleet: Fleet,
}

impl Cluster {
    fn start(engines: &[Engine]) -> Self {
        let store = Store::Cluster(Namespace::new());
        Cluster { fleet: Fleet::start(store, engines, &[]) }
    }

    fn namespace(&self) -> &Namespace {
        match &self.fleet.store {
            Store::Cluster(namespace) => namespace,
            Store::Directory(_) => panic!("it is in a cluster"),
        }
    }

    /// The job with these options of `manifests`, and its account.
    fn job(&self, options: &[&str]) -> Account {
        let namespace = Namespace { name: self.namespace().name.clone(), home: Home::new() };
        let nodes = std::fs::read_to_string(self.fleet.inventory()).expect("an inventory");
        namespace.home.write("nodes.yaml", nodes);
        Account::of(namespace, "rotate", options)
    }

    /// Runs the job once.
    fn run(&self, job: &Account) -> Run {
        let nodes = self.fleet.inventory();
        let words = job.arguments("/etc/ccx-sec/inventory/nodes.yaml", &nodes);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let words = [&words[..], &["-o", "json"]].concat();
        self.resolved(&self.namespace().ccx_by(&job.kubeconfig, &words))
    }

    fn resolved(&self, plain: &Command) -> Run {
        run(&mut self.fleet.resolving(plain))
    }

    /// A person carries the rotation on.
    fn advance(&self, to: &str) {
        self.advance_with(to, &self.fleet.inventory());
    }

    fn advance_with(&self, to: &str, nodes: &str) {
        let (new, old) = (self.word("target"), self.word("from"));
        let words = ["ca", "rotate", "advance", "--to", to, "--inventory", nodes];
        let confirm = ["--confirm", &new, "--confirm", &old];
        let done = self.resolved(&self.namespace().ccx(&[&words[..], &confirm].concat()));
        assert!(done.code == 0 || to == "removed", "{}{}", done.stdout, done.stderr);
    }

    fn start_rotation(&self, age: &str) {
        let start = ["ca", "rotate", "start", "--reissue-window", "0", "--canaries", "1000"];
        self.fleet.store.done(&[&start[..], &["--client-max-age", age]].concat());
    }

    fn status(&self) -> Value {
        self.fleet.store.done(&["ca", "rotate", "status", "-o", "json"]).json()
    }

    fn word(&self, side: &str) -> String {
        self.status()[side]["sha256"].as_str().expect("a fingerprint")[..8].to_owned()
    }

    /// Lets a job ask again at once, whose gate was asked lately.
    fn forget_the_last_question(&self) {
        let namespace = self.namespace();
        let json = namespace.value("ccx-ca-bundle", "bundle.json");
        let mut index: Value = serde_json::from_str(&json).expect("JSON");
        index["rotation"].as_object_mut().expect("a rotation").remove("asked");
        let index = crate::common::base64(index.to_string());
        let patch = serde_json::json!({"data": {"bundle.json": index}}).to_string();
        namespace.kubectl(&["patch", "secret", "ccx-ca-bundle", "--patch", &patch]);
    }
}

/// The job ends with this status, in this phase, and waits for something that begins so.
fn check(run: &Run, code: i32, phase: &str, waits_for: &str) {
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
    let document = run.json();
    assert_eq!(document["phase"], phase, "{}", run.stdout);
    let said = document["waits_for"].as_str().unwrap_or_default();
    assert!(said.starts_with(waits_for) && said.is_empty() == waits_for.is_empty(), "{said}");
}

#[test]
#[ignore = "needs tests/run"]
fn rotate_proves_and_widens_and_leaves_each_confirmation_to_a_person() {
    let cluster = Cluster::start(&[Engine::Valkey9]);
    let job = cluster.job(&["--inventory", "NODES"]);
    let denied = |verb, name| assert!(!job.may(verb, name), "{verb} {name}");
    denied("patch", "ccx-ca");
    denied("create", "");
    denied("delete", "ccx-ca-previous");
    check(&cluster.run(&job), 0, "idle", "");

    // Clients have time: no node is asked.
    cluster.start_rotation("1d");
    let waits = cluster.run(&job);
    check(&waits, 0, "staged", "clients, which have until ");
    assert!(waits.json().get("gate").is_none(), "{}", waits.stdout);
    cluster.fleet.store.done(&["ca", "rotate", "rollback"]);

    cluster.start_rotation("0");
    let refused = cluster.run(&job);
    check(&refused, 1, "staged", "");
    assert!(refused.stdout.contains("ca-not-trusted"), "{}", refused.stdout);
    cluster.fleet.renew_all();
    // A day passes before it makes servers refuse certificates again; the answer stays.
    check(&cluster.run(&job), 1, "staged", "you: at ");
    cluster.forget_the_last_question();
    check(&cluster.run(&job), 0, "staged", "you: the gate is open; go on by: ccx-sec ");
    let held = cluster.run(&job);
    check(&held, 0, "staged", "you: at ");
    let command = held.json()["waits_for"].as_str().expect("text").to_owned();
    assert!(command.contains(&format!("--confirm {}", cluster.word("target"))), "{command}");
    cluster.advance("switched");

    // The one node is a canary, and has not followed: that is no failure yet.
    check(&cluster.run(&job), 0, "switched", "nodes, which take a new certificate");
    cluster.fleet.renew_all();
    let reissued = cluster.run(&job);
    check(&reissued, 0, "reissued", "you: the gate is open; go on by: ccx-sec ");
    assert_eq!(reissued.json()["entered"], serde_json::json!(["reissued"]));
    check(&cluster.run(&job), 0, "reissued", "you: the gate is open");
    cluster.advance("removed");
    // The run of a person has asked the nodes, too.
    check(&cluster.run(&job), 0, "removed", "nodes, which drop the old CA with their next cert");
    cluster.forget_the_last_question();

    let trusts = cluster.run(&job);
    check(&trusts, 0, "removed", "nodes, which drop the old CA with their next cert renew, until ");
    assert_eq!(trusts.json()["gate"]["lacks"][0]["code"], "old-ca-trusted");
    check(&cluster.run(&job), 0, "removed", "nodes, which drop the old CA with their next cert");
    cluster.fleet.renew_all();
    cluster.forget_the_last_question();
    check(&cluster.run(&job), 0, "removed", "");
    check(&cluster.run(&job), 0, "removed", "you: every node refuses the old CA");
    let old = cluster.word("from");
    cluster.fleet.store.done(&["ca", "rotate", "forget", "--confirm", &old]);
    check(&cluster.run(&job), 0, "idle", "");
}

/// A canary that fails pauses the rotation.
#[test]
#[ignore = "needs tests/run"]
fn rotate_pauses_at_a_failure_and_stays_red() {
    let cluster = Cluster::start(&[Engine::Valkey9]);
    let job = cluster.job(&["--inventory", "NODES"]);
    cluster.start_rotation("0");
    cluster.fleet.renew_all();
    cluster.advance("switched");
    let foreign = crate::common::pki::Pki::new();
    let leaf = foreign.server(crate::common::pki::Kind::OtherCa);
    let ca = std::fs::read_to_string(cluster.fleet.directory(0).join("ca.pem")).expect("a file");
    cluster.fleet.put(0, &(ca + &foreign.other_pem()), &leaf.certificate, &leaf.key);
    for _ in 0..2 {
        let stopped = cluster.run(&job);
        check(&stopped, 1, "switched", "");
        assert_eq!(stopped.json()["ramp"]["step"], "stop", "{}", stopped.stdout);
        assert_eq!(cluster.status()["rotation"]["ramp"]["paused"], true);
    }
}

/// With the confirmations of a person for this rotation, the job goes to the phase that they name;
/// for the next rotation they count for nothing, and after a rollback neither.
#[test]
#[ignore = "needs tests/run"]
fn rotate_with_confirmations_goes_to_the_named_phase() {
    let cluster = Cluster::start(&[Engine::Valkey9]);
    cluster.start_rotation("0");
    let (new, old) = (cluster.word("target"), cluster.word("from"));
    let options = ["--rotate-to", "removed", "--confirm", &new, "--confirm", &old];
    let job = cluster.job(&options); // the nodes of the Secrets
    assert!(job.arguments("", "").contains(&"--from-secrets".to_owned()));
    cluster.fleet.renew_all();
    // The gate passed before the person confirmed: nothing is waited for.
    let unconfirmed = cluster.job(&["--inventory", "NODES"]);
    check(&cluster.run(&unconfirmed), 0, "staged", "you: the gate is open");
    let job = cluster.job(&[&["--inventory", "NODES"], &options[..]].concat());
    check(&cluster.run(&job), 0, "switched", "nodes, which");
    cluster.fleet.store.done(&["ca", "rotate", "rollback"]);
    cluster.fleet.renew_all();
    let back = cluster.run(&job);
    assert!(back.stderr.contains("counts for nothing"), "{}", back.stderr);
    check(&back, 0, "reissued", "you: the gate is open");
    cluster.fleet.store.done(&["ca", "rotate", "rollback", "--undo"]);
    cluster.fleet.renew_all();
    let removed = cluster.run(&job);
    check(&removed, 0, "removed", "nodes, which drop the old CA");
    assert_eq!(removed.json()["entered"], serde_json::json!(["reissued", "removed"]));
    cluster.fleet.renew_all();
    cluster.forget_the_last_question();
    check(&cluster.run(&job), 0, "removed", "");
    cluster.fleet.store.done(&["ca", "rotate", "forget", "--confirm", &old]);
    let idle = cluster.run(&job);
    check(&idle, 0, "idle", "");
    assert!(idle.stderr.contains("is left over from an earlier rotation"), "{}", idle.stderr);
    cluster.start_rotation("0");
    cluster.fleet.renew_all();
    let next = cluster.run(&job);
    assert!(next.stderr.contains("is of another rotation"), "{}", next.stderr);
    check(&next, 0, "staged", "you: the gate is open");
    // The word that switched to this CA does not remove it.
    cluster.advance("switched");
    cluster.fleet.renew_all();
    let stays = cluster.run(&job);
    assert!(
        stays.stderr.contains("counts for nothing without that of the new"),
        "{}",
        stays.stderr
    );
    check(&stays, 0, "reissued", "you: the gate is open");
}

/// Which of the phases fail without a right of the Role, for each right.
fn phases_that_fail(cluster: &Cluster, job: &Account, run_phases: &dyn Fn() -> Vec<(String, Run)>) {
    for (phase, run) in run_phases() {
        assert!(run.code != 3, "{phase}: {}{}", run.stdout, run.stderr);
    }
    for (fewer, verbs) in reduced(&job.rules()) {
        job.give(&fewer);
        let runs = run_phases();
        let failed: Vec<&(String, Run)> = runs.iter().filter(|(_, run)| run.code == 3).collect();
        assert!(
            !failed.is_empty(),
            "no phase of {} needs more than {fewer:?}",
            cluster.namespace().name
        );
        for (phase, run) in failed {
            let said = format!("{}{}", run.stdout, run.stderr);
            let mut verbs = verbs.iter().map(|verb| format!("may not {verb} secrets"));
            assert!(verbs.any(|words| said.contains(&words)), "{phase} {fewer:?}: {said}");
        }
        job.give(&job.rules());
    }
}

/// The Secrets of the CA in a phase, to put the phase back.
struct SavedPhase {
    name: &'static str,
    secrets: Vec<Value>,
}

const KEPT: [&str; 5] =
    ["ccx-ca", "ccx-ca-bundle", "ccx-ca-next", "ccx-ca-previous", "ccx-ca-fleet"];

impl Cluster {
    fn save(&self, name: &'static str) -> SavedPhase {
        let there = self.namespace().secrets();
        let secrets = KEPT.iter().filter(|name| there.iter().any(|one| one == *name));
        SavedPhase { name, secrets: secrets.map(|name| self.namespace().secret(name)).collect() }
    }

    fn put_back(&self, phase: &SavedPhase) {
        let delete = [&["delete", "secret", "--ignore-not-found"], &KEPT[..]].concat();
        self.namespace().kubectl(&delete);
        let mut secrets = phase.secrets.clone();
        for secret in &mut secrets {
            let metadata = secret["metadata"].as_object_mut().expect("metadata");
            for field in ["resourceVersion", "uid", "creationTimestamp"] {
                metadata.remove(field);
            }
        }
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": secrets});
        let file = self.namespace().home.write("phase.json", list.to_string());
        self.namespace().kubectl(&["create", "-f", &file]);
    }

    /// Each phase in which the job can have work, while the nodes are ready for the next one.
    fn phases(&self) -> Vec<SavedPhase> {
        let mut phases = vec![self.save("start")];
        self.start_rotation("0");
        self.fleet.renew_all();
        phases.push(self.save("staged"));
        // A node joins after this gate, so that the next one has another list.
        let nodes = std::fs::read_to_string(self.fleet.inventory()).expect("an inventory");
        let (first, _) = nodes.trim_end().rsplit_once('\n').expect("two nodes");
        self.advance_with("switched", &self.namespace().home.write("nodes.yaml", first));
        self.fleet.renew_all();
        phases.push(self.save("switched"));
        self.advance("reissued");
        phases.push(self.save("reissued"));
        phases
    }
}

/// The account needs each of its rights in one of the phases, and no other in any.
#[test]
#[ignore = "needs tests/run"]
fn rotate_has_the_rights_that_its_phases_need() {
    let cluster = Cluster::start(&[Engine::Valkey9, Engine::Valkey9]);
    let phases = cluster.phases();
    let (new, old) = (cluster.word("target"), cluster.word("from"));
    let goal = ["--rotate-to", "removed", "--confirm", &new, "--confirm", &old];
    for options in [&[][..], &goal] {
        let job = cluster.job(&[&["--inventory", "NODES"], options].concat());
        phases_that_fail(&cluster, &job, &|| {
            let run = |phase: &SavedPhase| {
                cluster.put_back(phase);
                (phase.name.to_owned(), cluster.run(&job))
            };
            phases.iter().map(run).collect()
        });
    }
    // With the nodes of the Secrets, whose servers listen on other ports here, it needs no more.
    let job = cluster.job(&[]);
    for phase in &phases {
        cluster.put_back(phase);
        let run = cluster.run(&job);
        assert!(
            !run.stdout.contains("may not") && !run.stderr.contains("may not"),
            "{}",
            run.stderr
        );
        assert!(phase.name == "start" || run.stdout.contains("unreachable"), "{}", run.stdout);
    }
}
