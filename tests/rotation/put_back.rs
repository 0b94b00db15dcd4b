//! Single Secrets of a CA that come back from a backup, or get lost, in each phase of a rotation:
//! `ca check` says what was put back, and the steps that it prints mend it.

use std::collections::BTreeMap;
use std::fs;

use ccx_sec::rotation::stored::StoredRotation;
use ccx_sec::rotation::switch::GatePass;
use ccx_sec::store::rotation::{Operator, RotationPhase};
use serde_json::Value;

use crate::common::kube::Namespace;
use crate::common::live::Store;
use crate::common::{Home, Run};

const SECRETS: [&str; 4] = ["ccx-ca", "ccx-ca-bundle", "ccx-ca-next", "ccx-ca-previous"];
const PHASES: [&str; 6] = ["idle", "staged", "switched", "reissued", "removed", "ended"];

/// The files of the Secrets; `None` where there is none.
type Files = BTreeMap<&'static str, Option<String>>;

struct Rotated {
    store: Store,
    phases: BTreeMap<&'static str, Files>,
}

impl Rotated {
    /// Goes through a rotation, and keeps the Secrets of each phase.
    fn new() -> Self {
        let store = Store::Directory(Home::new());
        let mut rotated = Rotated { store, phases: BTreeMap::new() };
        rotated.done(&["ca", "init", "--common-name", "Test CA"]);
        rotated.keep("idle");
        rotated.done(&["ca", "rotate", "start", "--client-max-age", "0"]);
        rotated.keep("staged");
        for phase in [RotationPhase::Switched, RotationPhase::Reissued, RotationPhase::Removed] {
            rotated.enter(phase);
            rotated.keep(phase.name());
        }
        let status = rotated.done(&["ca", "rotate", "status", "-o", "json"]).json();
        let old = status["from"]["sha256"].as_str().expect("a fingerprint")[..8].to_owned();
        rotated.done(&["ca", "rotate", "forget", "--unproved", "--confirm", &old]);
        rotated.keep("ended");
        rotated
    }

    fn done(&self, words: &[&str]) -> Run {
        self.store.done(words)
    }

    fn enter(&self, phase: RotationPhase) {
        let backend = self.store.open();
        let operator = Operator { name: "a test".to_owned(), at: jiff::Timestamp::now() };
        let read = StoredRotation::read(backend.as_ref(), "ccx-ca").expect("a rotation");
        let gate = GatePass::default();
        match phase {
            RotationPhase::Switched => read.switch(gate, &operator),
            phase => read.enter(phase, gate, &operator),
        }
        .expect("entered");
    }

    fn files(&self) -> Files {
        let read = |name: &&'static str| {
            (*name, fs::read_to_string(self.store.home().secret_file(name)).ok())
        };
        SECRETS.iter().map(read).collect()
    }

    fn keep(&mut self, phase: &'static str) {
        let files = self.files();
        self.phases.insert(phase, files);
    }

    fn write(&self, name: &str, file: Option<&String>) {
        let path = self.store.home().secret_file(name);
        match file {
            Some(text) => {
                self.store.home().write(&format!("store/{name}.yaml"), text);
            }
            None => drop(fs::remove_file(path)),
        }
    }

    fn put_back(&self, phase: &str) {
        self.phases[phase].iter().for_each(|(name, file)| self.write(name, file.as_ref()));
    }

    fn check(&self) -> Run {
        self.store.run(&["ca", "check", "--no-repair", "--rotation-keys", "-o", "json"])
    }

    /// The codes of `ca check`, and its hints.
    fn findings(&self) -> (Vec<String>, String) {
        let run = self.check();
        let findings = run.json()["findings"].as_array().expect("findings").clone();
        let text = |finding: &Value| finding["code"].as_str().expect("a code").to_owned();
        let mut codes: Vec<String> = findings.iter().map(text).collect();
        codes.sort();
        assert_eq!(run.code == 0, codes.is_empty(), "{}", run.stdout);
        let hints =
            findings.iter().flat_map(|one| one["hints"].as_array().cloned().unwrap_or_default());
        (codes, hints.map(|hint| hint.to_string()).collect::<Vec<_>>().join("\n"))
    }

    /// Copies the three values of one Secret into another, as the hint says.
    fn copy_values(&self, from: &str, to: &str) {
        let home = self.store.home();
        let values: Vec<(&str, Value)> = ["tls.crt", "tls.key", "ca.crt"]
            .map(|key| (key, crate::common::base64(home.value(from, key))))
            .to_vec();
        home.edit(to, |secret| {
            for (key, value) in &values {
                secret["data"][*key] = value.clone();
            }
        });
    }
}

/// What `ca check` says, and what mends it.
struct Expected {
    codes: &'static [&'static str],
    mend: Mend,
}

enum Mend {
    /// Nothing has to be done; the rotation goes on, and back.
    Nothing,
    /// Copy the values of this Secret into the CA's.
    Copy(&'static str),
    /// This command.
    Command(&'static [&'static str]),
    /// Put the Secret of the CA from before the switch under the name of the lost one.
    PreviousOfCa,
    /// Put back the newer Secret, from a backup.
    Backup,
}

/// The answer for `secret` of the phase `from` that comes into the phase `into`.
fn expected(secret: &str, from: &str, into: &str) -> Expected {
    let say = |codes, mend| Expected { codes, mend };
    let is_early = matches!(from, "idle" | "staged");
    match (secret, from, into) {
        // A start that was interrupted leaves the same; another start takes it.
        ("ccx-ca-bundle", "idle", "staged") => say(&[], Mend::Nothing),
        ("ccx-ca-next", "idle", "staged") => {
            say(&["rotation-key"], Mend::Command(&["ca", "rotate", "rollback"]))
        }
        // The CA that signs now is in its own Secret, too.
        ("ccx-ca-next", "idle", "switched" | "reissued" | "removed") => say(&[], Mend::Nothing),
        ("ccx-ca", _, "switched" | "reissued") if is_early => {
            say(&["bundle-active", "rotation-damaged"], Mend::Copy("ccx-ca-next"))
        }
        ("ccx-ca", _, "removed") if is_early => {
            say(&["bundle-lacks-ca", "rotation-damaged"], Mend::Copy("ccx-ca-next"))
        }
        ("ccx-ca-bundle", "idle", "switched" | "reissued" | "removed") => {
            say(&["bundle-lacks-ca", "rotation-damaged"], Mend::Backup)
        }
        ("ccx-ca-bundle", "staged", "switched" | "reissued" | "removed") => {
            say(&["bundle-active", "rotation-damaged"], Mend::Copy("ccx-ca-previous"))
        }
        // The rotation goes back by a phase, whose gate is asked again.
        ("ccx-ca-bundle", "switched" | "reissued", "reissued" | "removed") => {
            say(&[], Mend::Nothing)
        }
        ("ccx-ca-previous", _, "switched" | "reissued" | "removed") if is_early => {
            say(&["rotation-key"], Mend::PreviousOfCa)
        }
        ("ccx-ca", _, "ended") => say(&["bundle-lacks-ca"], Mend::Backup),
        ("ccx-ca-bundle", "idle", "ended") => {
            say(&["bundle-lacks-ca", "rotation-damaged"], Mend::Backup)
        }
        ("ccx-ca-bundle", "staged", "ended") => {
            say(&["bundle-active", "rotation-damaged", "rotation-key"], Mend::Backup)
        }
        ("ccx-ca-bundle", "switched" | "reissued", "ended") => say(&["rotation-key"], Mend::Backup),
        ("ccx-ca-bundle", "removed", "ended") => say(&["rotation-key"], Mend::Backup),
        // A key that is left over; the next start says so.
        ("ccx-ca-next" | "ccx-ca-previous", _, "ended") => say(&[], Mend::Nothing),
        _ => panic!("{secret} of {from} in {into}"),
    }
}

#[test]
fn put_back_secrets_are_named_with_the_steps_that_mend_them() {
    let rotated = Rotated::new();
    for (number, into) in PHASES.iter().enumerate() {
        for from in &PHASES[..number] {
            for secret in SECRETS {
                let (old, new) = (&rotated.phases[from][secret], &rotated.phases[into][secret]);
                if old == new {
                    continue;
                }
                rotated.put_back(into);
                rotated.write(secret, old.as_ref());
                let what = format!("{secret} of {from} in {into}");
                let Expected { codes, mend } = expected(secret, from, into);
                let (found, hints) = rotated.findings();
                assert_eq!(found, codes, "{what}: {hints}");
                match mend {
                    Mend::Nothing => {}
                    Mend::Copy(holder) => {
                        let hint =
                            format!("{holder} holds the right one: copy the values of tls.crt");
                        assert!(hints.contains(&hint), "{what}: {hints}");
                        rotated.copy_values(holder, "ccx-ca");
                    }
                    Mend::Command(words) => {
                        assert!(hints.contains(&words.join(" ")), "{what}: {hints}");
                        rotated.done(words);
                    }
                    Mend::PreviousOfCa => {
                        assert!(
                            hints.contains("a backup of ccx-ca from before "),
                            "{what}: {hints}"
                        );
                        let next = rotated.files()["ccx-ca-next"].clone().expect("a Secret");
                        let copy = next.replace("ccx-ca-next", "ccx-ca-previous");
                        rotated.write("ccx-ca-previous", Some(&copy));
                        let signing = rotated.files()["ccx-ca"].clone();
                        rotated.write("ccx-ca", rotated.phases["staged"]["ccx-ca"].as_ref());
                        rotated.copy_values("ccx-ca", "ccx-ca-previous");
                        rotated.write("ccx-ca", signing.as_ref());
                    }
                    Mend::Backup => {
                        let all = ["put back", "restore the old Secret", "backup"];
                        assert!(all.iter().any(|words| hints.contains(words)), "{what}: {hints}");
                        rotated.write(secret, new.as_ref());
                    }
                }
                assert_eq!(rotated.findings().0, [""; 0], "{what}, mended");
                if !matches!(
                    rotated.store.done(&["ca", "rotate", "status", "-o", "json"]).json()["phase"]
                        .as_str(),
                    Some("idle")
                ) {
                    rotated.done(&["ca", "rotate", "rollback"]);
                    assert_eq!(rotated.findings().0, [""; 0], "{what}, mended and rolled back");
                }
            }
        }
    }
}

/// A Secret that is damaged, and one of another rotation, are findings; without the option they
/// shut no gate.
#[test]
fn damaged_keys_warn_and_fail_on_request() {
    let rotated = Rotated::new();
    for (phase, secret) in [("staged", "ccx-ca-next"), ("switched", "ccx-ca-previous")] {
        rotated.put_back(phase);
        rotated.store.home().edit(secret, |secret| {
            secret["data"]["tls.key"] = crate::common::base64("no key");
        });
        assert_eq!(rotated.findings().0, ["rotation-key"], "{phase}");
        let gate = rotated.store.run(&["ca", "check", "--no-repair"]);
        assert_eq!(gate.code, 0, "{}", gate.stdout);
        assert!(gate.stdout.contains("rotation-key"), "{}", gate.stdout);
        let doctor = rotated.store.run(&["doctor", "-o", "json"]);
        let checks = doctor.json()["checks"].as_array().expect("checks").clone();
        let rotation = checks.iter().find(|one| one["name"] == "rotation").expect("a check");
        assert_eq!(rotation["status"], "problem", "{rotation}");
        assert_eq!(doctor.code, 1, "{}", doctor.stdout);
    }
}

/// A CA that an earlier rotation gave up comes back: the bundle is right, and does not take it again.
#[test]
fn given_up_ca_that_is_put_back_is_not_accepted() {
    let rotated = Rotated::new();
    rotated.done(&["ca", "rotate", "start", "--client-max-age", "0"]);
    rotated.enter(RotationPhase::Switched);
    let earlier = rotated.phases["ended"]["ccx-ca"].clone();
    let right = rotated.files()["ccx-ca"].clone();
    rotated.write("ccx-ca", earlier.as_ref());
    let (codes, hints) = rotated.findings();
    assert_eq!(codes, ["bundle-active", "rotation-damaged"]);
    assert!(hints.contains("ccx-ca-next holds the right one"), "{hints}");
    assert!(!hints.contains("put back a ccx-ca-bundle"), "{hints}");
    rotated.write("ccx-ca", right.as_ref());
    for phase in [RotationPhase::Reissued, RotationPhase::Removed] {
        rotated.enter(phase);
    }
    let status = rotated.done(&["ca", "rotate", "status", "-o", "json"]).json();
    let old = status["from"]["sha256"].as_str().expect("a fingerprint")[..8].to_owned();
    rotated.done(&["ca", "rotate", "forget", "--unproved", "--confirm", &old]);

    rotated.write("ccx-ca", earlier.as_ref());
    let bundle = rotated.files()["ccx-ca-bundle"].clone();
    let (codes, hints) = rotated.findings();
    assert_eq!(codes, ["bundle-lacks-ca", "rotation-damaged"]);
    assert!(!hints.contains("accept-new-ca"), "{hints}");
    assert!(!hints.contains("put back a ccx-ca-bundle"), "{hints}");
    let accepted = rotated.store.run(&["ca", "check", "--accept-new-ca"]);
    assert_ne!(accepted.code, 0, "{}", accepted.stdout);
    assert!(accepted.stdout.contains("a CA that a rotation gave up"), "{}", accepted.stdout);
    assert_eq!(rotated.files()["ccx-ca-bundle"], bundle);
    rotated.write("ccx-ca", right.as_ref());
    assert_eq!(rotated.findings().0, [""; 0]);
}

/// The command that copies the right CA back can be pasted.
#[test]
#[ignore = "needs tests/run"]
fn put_back_ca_in_a_cluster_is_mended_by_the_printed_command() {
    let store = Store::Cluster(Namespace::new());
    store.done(&["ca", "init", "--common-name", "Test CA"]);
    let Store::Cluster(namespace) = &store else { return };
    let data = serde_json::json!({"data": namespace.secret("ccx-ca")["data"]}).to_string();
    let rotated = Rotated {
        store: Store::Cluster(Namespace { name: namespace.name.clone(), home: Home::new() }),
        phases: BTreeMap::new(),
    };
    rotated.done(&["ca", "rotate", "start", "--client-max-age", "0"]);
    rotated.enter(RotationPhase::Switched);
    namespace.kubectl(&["patch", "secret", "ccx-ca", "--patch", &data]);
    let (codes, _) = rotated.findings();
    assert_eq!(codes, ["bundle-active", "rotation-damaged"]);
    let run = rotated.check();
    let hints = run.json()["findings"].to_string();
    let text = rotated.store.run(&["ca", "check", "--no-repair"]).stdout;
    let begin = text.find("kubectl get secret -n").unwrap_or_else(|| panic!("{text}{hints}"));
    // It names the cluster of the run, on both sides.
    let command = text[begin..].lines().next().expect("a command");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-ec", command]).env_remove("KUBECONFIG").env("HOME", rotated.store.home().path());
    let output = shell.output().expect("sh runs");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(rotated.findings().0, [""; 0], "{command}");
    rotated.done(&["ca", "rotate", "rollback"]);
}

/// The check `rotation` of `doctor`.
fn doctor(home: &Home) -> (String, String) {
    let run = home.run(&["doctor", "-o", "json"]);
    let checks = run.json()["checks"].as_array().expect("checks").clone();
    let rotation = checks.iter().find(|one| one["name"] == "rotation").expect("a check");
    let text = |key: &str| rotation[key].as_str().expect("text").to_owned();
    (text("status"), text("message"))
}

/// `doctor` names the phase, the wait and a pause, and warns when nothing has happened for long.
#[test]
fn doctor_reports_a_rotation_and_its_standstill() {
    let home = Home::with_ca();
    assert_eq!(doctor(&home), ("ok".to_owned(), "none is under way".to_owned()));
    home.done(&["ca", "rotate", "start"]);
    let (status, message) = doctor(&home);
    assert_eq!(status, "ok");
    assert!(
        message.starts_with("staged since ") && message.contains("waits for clients"),
        "{message}"
    );
    // The record of long ago.
    let change = |change: &dyn Fn(&mut Value)| {
        let mut index: Value =
            serde_json::from_str(&home.value("ccx-ca-bundle", "bundle.json")).expect("JSON");
        change(&mut index["rotation"]);
        home.edit("ccx-ca-bundle", |secret| {
            secret["data"]["bundle.json"] = crate::common::base64(index.to_string());
        });
    };
    change(&|rotation| rotation["earliest_switch"] = "2026-01-02T00:00:00Z".into());
    let (status, message) = doctor(&home);
    assert_eq!(status, "warning");
    assert!(message.contains("rotation-stalled: ") && message.contains("2026-01-02"), "{message}");
    let store = Store::Directory(home);
    let backend = store.open();
    let operator = Operator { name: "a test".to_owned(), at: jiff::Timestamp::now() };
    let read = || StoredRotation::read(backend.as_ref(), "ccx-ca").expect("a rotation");
    read().switch(GatePass::default(), &operator).expect("switched");
    store.done(&["ca", "rotate", "pause"]);
    let Store::Directory(home) = &store else { return };
    let (status, message) = doctor(home);
    assert_eq!(status, "ok");
    assert!(message.contains(", paused since "), "{message}");
}
