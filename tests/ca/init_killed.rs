//! `ca init` killed at random moments: a store holds no CA or a whole one, whatever happens.
//!
//! The moments are spread evenly over the time that an undisturbed init takes, each at
//! random within its share; every second one over the shorter time from the first sign of a
//! write to the end. `CCX_TEST_SEED` repeats those of an earlier run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;

use crate::common::fault::Proxy;
use crate::common::kill::{self, kill, time_to_end, undisturbed, wait_for};
use crate::common::kube::{Namespace, kubeconfig};
use crate::common::random::{Random, say};
use crate::common::{Home, Run, run};

const IN_A_DIRECTORY: u32 = 120;
const IN_A_CLUSTER: u32 = 80;

fn start(home: &Path, store: &[String], name: &str) -> Child {
    let store = store.iter().map(String::as_str);
    let init = ["ca", "init", "--common-name", "X", "--ca", name];
    kill::start(home, &store.chain(init).collect::<Vec<_>>())
}

/// What a kill left.
#[derive(Debug, Default)]
struct Outcomes {
    none: u32,
    without_bundle: u32,
    whole: u32,
    too_late: u32,
    temporary_files: u32,
}

fn codes(checked: &Run) -> Vec<String> {
    assert_eq!(checked.stderr, "");
    let findings = checked.json()["findings"].as_array().expect("findings").clone();
    findings.iter().map(|f| f["code"].as_str().expect("a code").to_owned()).collect()
}

/// Looks at what is left, and has it made whole. `ccx` runs a command on that CA.
fn look(outcomes: &mut Outcomes, killed: bool, ccx: impl Fn(&[&str]) -> Run) {
    let left = ccx(&["ca", "check", "--no-repair", "-o", "json"]);
    let found = codes(&left);
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    match (found.as_slice(), left.code) {
        (["ca-missing"], 1) => {
            assert!(killed, "an init that was not killed left no CA");
            outcomes.none += 1;
            let checked = ccx(&["ca", "check", "-o", "json"]);
            if codes(&checked) == ["ca-missing"] {
                let made = ccx(&["ca", "init", "--common-name", "Next", "-o", "json"]);
                // What was sent to a cluster before the kill may get there after the check.
                let late = made.code == 4 && made.error_code() == "ca-exists";
                assert!(made.code == 0 || late, "{}{}", made.stdout, made.stderr);
            }
        }
        (["bundle-missing"], 1) => {
            outcomes.without_bundle += 1;
            let checked = ccx(&["ca", "check", "-o", "json"]);
            assert_eq!(checked.code, 0, "{}", checked.stdout);
            let mended = codes(&checked);
            assert!(mended.is_empty() || mended == ["bundle-repaired"], "{mended:?}");
        }
        ([], 0) if killed => outcomes.whole += 1,
        ([], 0) => outcomes.too_late += 1,
        other => panic!("{other:?}: {}", left.stdout),
    }
    let checked = ccx(&["ca", "check", "--strict"]);
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    let shown = ccx(&["ca", "show", "-o", "json"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    assert_eq!(shown.json()["bundle"][0]["sha256"], shown.json()["sha256"]);
}

/// The temporary files in a store, all of which must be closed to others.
fn temporary_files(store: &Path) -> u32 {
    let Ok(entries) = fs::read_dir(store) else { return 0 };
    let mut count = 0;
    for entry in entries {
        let entry = entry.expect("an entry");
        let (name, mode) = (entry.file_name(), entry.metadata().expect("its mode").permissions());
        let name = name.to_str().expect("UTF-8");
        assert_eq!(mode.mode() & 0o777, 0o600, "{name}");
        match name {
            ".lock" | "ccx-ca.yaml" | "ccx-ca-bundle.yaml" => {}
            other => {
                assert!(other.starts_with(".ccx-sec-tmp-"), "{other}");
                count += 1;
            }
        }
    }
    count
}

#[test]
#[ignore = "slow: left to tests/run"]
fn killed_on_a_directory_store() {
    let mut random = Random::new("kill");
    let at = |home: &Home| vec!["--store".to_owned(), format!("dir:{}", home.store().display())];
    let usual = undisturbed(|_| {
        let home = Home::new();
        time_to_end(start(home.path(), &at(&home), "ccx-ca"))
    });
    let usual_write = undisturbed(|_| {
        let home = Home::new();
        let mut child = start(home.path(), &at(&home), "ccx-ca");
        wait_for(|| home.store().exists(), &mut child);
        time_to_end(child)
    });
    let mut outcomes = Outcomes::default();
    for n in 0..IN_A_DIRECTORY {
        let home = Home::new();
        let mut child = start(home.path(), &at(&home), "ccx-ca");
        let within = if n % 2 == 0 { usual } else { usual_write };
        if n % 2 == 1 {
            wait_for(|| home.store().exists(), &mut child);
        }
        let killed = kill(child, n, IN_A_DIRECTORY, within, &mut random);
        if let Ok(directory) = home.store().metadata() {
            assert_eq!(directory.permissions().mode() & 0o777, 0o700);
        }
        outcomes.temporary_files += temporary_files(&home.store());
        look(&mut outcomes, killed, |arguments| run(&mut home.ccx(arguments)));
        // The next write, whatever it is, sweeps up.
        fs::remove_file(home.store().join("ccx-ca-bundle.yaml")).expect("removed");
        let mended = run(&mut home.ccx(&["ca", "check"]));
        assert_eq!((mended.code, mended.stderr.as_str()), (0, ""), "{}", mended.stdout);
        assert_eq!(temporary_files(&home.store()), 0);
    }
    say(
        "kill",
        &format!(
            "directory: {IN_A_DIRECTORY} kills within {usual:?}, {usual_write:?}: {outcomes:?}"
        ),
    );
    assert!(outcomes.none > 0 && outcomes.whole + outcomes.without_bundle > 0, "{outcomes:?}");
}

#[test]
#[ignore = "needs tests/run"]
fn killed_on_a_cluster() {
    let mut random = Random::new("kill");
    let namespace = Namespace::new();
    let home = namespace.home.path();
    let store = ["--kubeconfig", &kubeconfig("admin").display().to_string(), "-n", &namespace.name]
        .map(str::to_owned);
    // Every second one goes through a proxy, which says when the first write arrives.
    let proxy = Proxy::new(Vec::new());
    let by_proxy = [
        "--kubeconfig",
        &proxy.kubeconfig(&namespace).display().to_string(),
        "-n",
        &namespace.name,
    ]
    .map(str::to_owned);
    let usual = undisturbed(|n| time_to_end(start(home, &store, &format!("undisturbed-{n}"))));
    let writing = |name: &str| {
        let before = proxy.count("POST ");
        let mut child = start(home, &by_proxy, name);
        wait_for(|| proxy.count("POST ") > before, &mut child);
        child
    };
    let usual_write = undisturbed(|n| time_to_end(writing(&format!("by-proxy-{n}"))));
    let mut outcomes = Outcomes::default();
    for n in 0..IN_A_CLUSTER {
        let name = format!("ca-{n}");
        let (child, within) = match n % 2 {
            0 => (start(home, &store, &name), usual),
            _ => (writing(&name), usual_write),
        };
        let killed = kill(child, n, IN_A_CLUSTER, within, &mut random);
        look(&mut outcomes, killed, |arguments| {
            run(namespace.ccx(arguments).args(["--ca", &name]))
        });
    }
    say(
        "kill",
        &format!("cluster: {IN_A_CLUSTER} kills within {usual:?}, {usual_write:?}: {outcomes:?}"),
    );
    assert!(outcomes.none > 0 && outcomes.whole + outcomes.without_bundle > 0, "{outcomes:?}");
}
