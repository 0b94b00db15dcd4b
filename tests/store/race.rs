//! Many writers at once: one wins, the others change nothing and say so.

use std::process::{Command, Stdio};
use std::sync::{Arc, Barrier};

use crate::common::fault::{Proxy, Rule, first};
use crate::common::kube::Namespace;
use crate::common::{Home, Run, run};

/// Starts all of them at the same moment, and waits for all.
fn at_once(commands: Vec<assert_cmd::Command>) -> Vec<Run> {
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

const RACERS: usize = 20;

/// The winner's document, after all that must be true of 20 racing `ca init`.
fn one_winner(runs: &[Run]) -> serde_json::Value {
    let (won, lost): (Vec<&Run>, Vec<&Run>) = runs.iter().partition(|run| run.code == 0);
    let codes: Vec<i32> = runs.iter().map(|run| run.code).collect();
    assert_eq!((won.len(), lost.len()), (1, RACERS - 1), "{codes:?}");
    for loser in lost {
        assert_eq!((loser.code, loser.stdout.as_str()), (4, ""), "{}", loser.stderr);
        assert_eq!(loser.error_code(), "ca-exists", "{}", loser.stderr);
    }
    assert_eq!(won[0].json()["created"], true);
    won[0].json()
}

/// The common name says who won, and `-o json` what that one made.
fn racers(command: impl Fn(&[&str]) -> assert_cmd::Command) -> Vec<assert_cmd::Command> {
    let racer = |n| command(&["ca", "init", "--common-name", &format!("CA {n}"), "-o", "json"]);
    (0..RACERS).map(racer).collect()
}

fn same(winner: &serde_json::Value, shown: &Run) {
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    let shown = shown.json();
    for field in ["sha256", "subject", "serial", "stored_in", "bundle"] {
        assert_eq!(shown[field], winner[field], "{field}");
    }
    assert_eq!(shown["bundle"].as_array().map(Vec::len), Some(1));
}

fn race_in_a_directory() {
    let home = Home::new();
    let winner = one_winner(&at_once(racers(|arguments| home.ccx(arguments))));
    let files = || {
        let mut names: Vec<_> = std::fs::read_dir(home.store())
            .expect("the store")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort();
        let read = |name: &String| std::fs::read(home.store().join(name)).expect("read");
        names.iter().map(|name| (name.clone(), read(name))).collect::<Vec<_>>()
    };
    let before = files();
    let names: Vec<&str> = before.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [".lock", "ccx-ca-bundle.yaml", "ccx-ca.yaml"]);
    same(&winner, &run(&mut home.ccx(&["ca", "show", "-o", "json"])));
    let checked = run(&mut home.ccx(&["ca", "check", "--strict"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    let late = run(&mut home.ccx(&["ca", "init", "--common-name", "late", "-o", "json"]));
    assert_eq!((late.code, late.error_code().as_str()), (4, "ca-exists"));
    assert_eq!(files(), before);
}

fn race_in_a_cluster() {
    let namespace = Namespace::new();
    let winner = one_winner(&at_once(racers(|arguments| namespace.ccx(arguments))));
    let both = || (namespace.secret("ccx-ca"), namespace.secret("ccx-ca-bundle"));
    let before = both();
    assert_eq!(namespace.secrets(), ["ccx-ca", "ccx-ca-bundle"]);
    same(&winner, &run(&mut namespace.ccx(&["ca", "show", "-o", "json"])));
    let checked = run(&mut namespace.ccx(&["ca", "check", "--strict"]));
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    let late = run(&mut namespace.ccx(&["ca", "init", "--common-name", "late", "-o", "json"]));
    assert_eq!((late.code, late.error_code().as_str()), (4, "ca-exists"));
    assert_eq!(both(), before);
}

#[test]
#[ignore = "needs tests/run"]
fn racing_inits_have_one_winner() {
    for _ in 0..3 {
        race_in_a_directory();
        race_in_a_cluster();
    }
}

/// Inits and checks, where nothing is there: a check finds no CA or a whole one, and may make
/// the bundle before the winner does.
#[test]
#[ignore = "needs tests/run"]
fn checks_that_race_inits_find_no_ca_or_a_whole_one() {
    let (home, namespace) = (Home::new(), Namespace::new());
    let init = ["ca", "init", "--common-name", "X", "-o", "json"];
    let check = ["ca", "check", "-o", "json"];
    let arguments = |n| if n % 2 == 0 { init.as_slice() } else { check.as_slice() };
    let here = (0..10).map(|n| home.ccx(arguments(n)));
    let there = (0..10).map(|n| namespace.ccx(arguments(n)));
    let runs = at_once(here.chain(there).collect());
    for (store, runs) in [("directory", &runs[..10]), ("cluster", &runs[10..])] {
        let mut won = 0;
        for (n, run) in runs.iter().enumerate() {
            let said = format!("{store} {n}: {}{}", run.stdout, run.stderr);
            match (n % 2, run.code) {
                (0, 0) => won += 1,
                (0, 4) => assert_eq!(run.error_code(), "ca-exists", "{said}"),
                (1, 0) => assert_eq!(run.json()["ok"], true, "{said}"),
                (1, 1) => {
                    let findings = run.json()["findings"].as_array().expect("findings").clone();
                    assert_eq!((findings.len(), &findings[0]["code"]), (1, &"ca-missing".into()));
                }
                _ => panic!("{said}"),
            }
        }
        assert_eq!(won, 1, "{store}");
    }
    for mut command in [home.ccx(&["ca", "check", "--strict"]), namespace.ccx(&check)] {
        let checked = run(&mut command);
        assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    }
}

/// Inits and repairing checks, where the CA is there and its bundle is missing: whoever
/// makes the bundle makes the same one.
#[test]
#[ignore = "needs tests/run"]
fn racing_repairs_make_one_bundle() {
    let (home, namespace) = (Home::new(), Namespace::new());
    home.init();
    namespace.init();
    let file = home.store().join("ccx-ca-bundle.yaml");
    let whole = (std::fs::read(&file).expect("read"), namespace.secret("ccx-ca-bundle"));
    let ca = (
        std::fs::read(home.store().join("ccx-ca.yaml")).expect("read"),
        namespace.secret("ccx-ca"),
    );
    std::fs::remove_file(&file).expect("removed");
    namespace.kubectl(&["delete", "secret", "ccx-ca-bundle"]);
    let arguments = |n| match n % 2 {
        0 => ["ca", "check", "-o", "json"].as_slice(),
        _ => ["ca", "init", "--common-name", "X", "-o", "json"].as_slice(),
    };
    let here = (0..10).map(|n| home.ccx(arguments(n)));
    let there = (0..10).map(|n| namespace.ccx(arguments(n)));
    for (n, run) in at_once(here.chain(there).collect()).into_iter().enumerate() {
        let expected = if n % 2 == 0 { 0 } else { 4 };
        assert_eq!(run.code, expected, "{n}: {}{}", run.stdout, run.stderr);
        if n % 2 == 1 {
            assert_eq!((run.stdout.as_str(), run.error_code().as_str()), ("", "ca-exists"));
        }
    }
    assert_eq!(std::fs::read(&file).expect("read"), whole.0);
    assert_eq!(namespace.secret("ccx-ca-bundle")["data"], whole.1["data"]);
    assert_eq!(std::fs::read(home.store().join("ccx-ca.yaml")).expect("read"), ca.0);
    assert_eq!(namespace.secret("ccx-ca"), ca.1);
}

/// Runs `loser` through a proxy, and `winner` whole just before the `nth` of the loser's
/// requests that begin with `request`.
fn overtaken(
    namespace: &Namespace,
    loser: &[&str],
    mut winner: assert_cmd::Command,
    request: &str,
    nth: usize,
) -> Run {
    let winner = move || drop(winner.assert().success());
    let nothing = first(|| {});
    let proxy = Proxy::new(vec![
        Rule { request: request.to_owned(), times: nth - 1, fault: nothing },
        Rule { request: request.to_owned(), times: 1, fault: first(winner) },
    ]);
    let lost = run(&mut namespace.ccx_by(&proxy.kubeconfig(namespace), loser));
    assert!(proxy.count(request) >= nth, "{:?}", proxy.log());
    lost
}

#[test]
#[ignore = "needs tests/run"]
fn init_that_is_overtaken_at_any_of_its_requests_says_that_there_is_a_ca() {
    let init = ["ca", "init", "--common-name", "Slow", "-o", "json"];
    let base = |namespace: &Namespace| format!("/api/v1/namespaces/{}/secrets", namespace.name);
    for (verb, what, nth) in [
        ("GET", "/ccx-ca ", 1),
        ("GET", "/ccx-ca-bundle ", 1),
        ("GET", "/ccx-ca ", 2),
        ("GET", "/ccx-ca-bundle ", 2),
        ("POST", "?", 1),
    ] {
        let namespace = Namespace::new();
        let fast = namespace.ccx(&["ca", "init", "--common-name", "Fast"]);
        let request = format!("{verb} {}{what}", base(&namespace));
        let lost = overtaken(&namespace, &init, fast, &request, nth);
        assert_eq!((lost.code, lost.stdout.as_str()), (4, ""), "{request} {nth}: {}", lost.stderr);
        assert_eq!(lost.error_code(), "ca-exists", "{request} {nth}: {}", lost.stderr);
        let shown = run(&mut namespace.ccx(&["ca", "show", "-o", "json"])).json();
        assert_eq!(shown["subject"], "CN=Fast");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn check_while_a_ca_is_made_never_finds_a_bundle_whose_ca_is_gone() {
    for name in ["ccx-ca", "ccx-ca-bundle"] {
        let namespace = Namespace::new();
        let init = namespace.ccx(&["ca", "init", "--common-name", "X"]);
        let request = format!("GET /api/v1/namespaces/{}/secrets/{name} ", namespace.name);
        let check = ["ca", "check", "-o", "json"];
        let checked = overtaken(&namespace, &check, init, &request, 1);
        assert_eq!(checked.stderr, "");
        assert!(!checked.stdout.contains("bundle-without-ca"), "{name}: {}", checked.stdout);
        assert!([0, 1].contains(&checked.code), "{name}: {}", checked.stdout);
        assert_eq!(checked.code == 1, checked.stdout.contains("ca-missing"), "{name}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn racing_imports_have_one_winner() {
    let (from, to) = (Namespace::new(), Namespace::new());
    from.init();
    let file = from.home.join("ca.pem").display().to_string();
    let export = ["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"];
    from.ccx(&export).args(["--out", &file]).assert().success();
    let import = ["ca", "import", "--cert", &file, "-o", "json"];
    let request = format!("POST /api/v1/namespaces/{}/secrets?", to.name);
    let lost = overtaken(&to, &import, to.ccx(&import), &request, 1);
    assert_eq!((lost.code, lost.stdout.as_str()), (4, ""), "{}", lost.stderr);
    assert_eq!(lost.error_code(), "ca-exists");
}

#[test]
#[ignore = "needs tests/run"]
fn repair_that_is_overtaken_does_not_claim_the_work() {
    let namespace = Namespace::new();
    namespace.init();
    namespace.kubectl(&["delete", "secret", "ccx-ca-bundle"]);
    let request = format!("GET /api/v1/namespaces/{}/secrets/ccx-ca-bundle ", namespace.name);
    let fast = namespace.ccx(&["ca", "check"]);
    let check = ["ca", "check", "-o", "json"];
    let checked = overtaken(&namespace, &check, fast, &request, 2);
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""));
    assert_eq!(checked.json()["findings"], serde_json::json!([]));
}

/// Killed between its two writes, which is the only moment at which a store holds a part of
/// a CA.
#[test]
#[ignore = "needs tests/run"]
fn init_killed_between_its_two_writes_is_made_whole_by_the_next_command() {
    for next in [&["ca", "check"][..], &["ca", "init", "--common-name", "Y", "--if-not-exists"]] {
        let namespace = Namespace::new();
        let (arrived, waiting) = std::sync::mpsc::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let hold = move || {
            arrived.send(()).expect("the test waits");
            let _ = released.recv();
        };
        let request = format!("POST /api/v1/namespaces/{}/secrets?", namespace.name);
        let proxy = Proxy::new(vec![
            Rule { request: request.clone(), times: 1, fault: first(|| {}) },
            Rule { request, times: 1, fault: first(hold) },
        ]);
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("ccx-sec"))
            .args(["ca", "init", "--common-name", "X", "--namespace", &namespace.name])
            .arg("--kubeconfig")
            .arg(proxy.kubeconfig(&namespace))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        waiting.recv().expect("the second write is on its way");
        child.kill().expect("killed");
        child.wait().expect("gone");
        assert_eq!(namespace.secrets(), ["ccx-ca"]);
        drop(proxy); // before what it holds goes on: the second write never arrives
        drop(release);
        let ca = namespace.secret("ccx-ca");
        let mended = run(&mut namespace.ccx(next));
        assert_eq!(mended.code, 0, "{next:?}: {}{}", mended.stdout, mended.stderr);
        let told = mended.stdout.clone() + &mended.stderr;
        assert!(told.contains("the bundle was missing"), "{next:?}: {told}");
        let checked = run(&mut namespace.ccx(&["ca", "check", "--strict"]));
        assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
        assert_eq!(namespace.secret("ccx-ca"), ca);
    }
}
