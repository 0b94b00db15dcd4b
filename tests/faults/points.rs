//! Commands killed at each of their points, one after the other: what is left is whole, or is made
//! so by a command; and what the tests have for this sees, kills and spares what it shall.

use std::cell::{Cell, RefCell};

use assert_cmd::Command;

use crate::common::db::Engine;
use crate::common::fault::Proxy;
use crate::common::install::Scene;
use crate::common::kube::Namespace;
use crate::common::nodes::{DATASTORE, DOMAIN, load};
use crate::common::points::{Killed, at_each_answer, at_each_point};
use crate::common::{Home, Run, run};

/// What is there of a CA, made whole; `again` is how it is made where there is none.
fn made_whole(ccx: impl Fn(&[&str]) -> Run, again: &[&str]) -> String {
    let left = ccx(&["ca", "check", "--no-repair", "-o", "json"]);
    assert_eq!(left.stderr, "");
    let left = left.json();
    let codes: Vec<&str> = left["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|f| f["code"].as_str())
        .collect();
    let outcome = match codes.as_slice() {
        [] => "whole",
        ["bundle-missing"] => "no bundle",
        ["ca-missing"] => {
            let made = ccx(again);
            assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
            "no CA"
        }
        other => panic!("{other:?}"),
    };
    let mended = ccx(&["ca", "check", "-o", "json"]);
    assert_eq!(mended.code, 0, "{}", mended.stdout);
    let checked = ccx(&["ca", "check", "--strict"]);
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.stdout);
    let shown = ccx(&["ca", "show", "-o", "json"]).json();
    assert_eq!(shown["bundle"][0]["sha256"], shown["sha256"]);
    outcome.to_owned()
}

const INIT: [&str; 4] = ["ca", "init", "--common-name", "X"];

#[test]
#[ignore = "needs tests/run"]
fn ca_init() {
    let judge = |home: &Home, _: &Killed| made_whole(|words| home.run(words), &INIT);
    let table = at_each_point(Home::new, |home| home.ccx(&INIT), judge);
    // Before the first rename, between the two, and after the second.
    for outcome in ["no CA", "no bundle", "whole"] {
        assert!(table.count(outcome) >= 4, "{outcome}: {table}");
    }
    let calls = |name: &str| table.rows.iter().filter(|(at, _)| at.point.call == name).count();
    assert_eq!(calls("renameat2"), 2, "{table}");
    assert!(calls("fsync") >= 4 && calls("exit_group") == 1, "{table}");
}

#[test]
#[ignore = "needs tests/run"]
fn ca_init_in_a_cluster() {
    let fresh = Namespace::new;
    let judge = |namespace: &Namespace, _: &Killed| {
        made_whole(|words| run(&mut namespace.ccx(words)), &INIT)
    };
    let command = |namespace: &Namespace| namespace.ccx(&INIT);
    let local = at_each_point(fresh, command, judge);
    assert!(local.count("no CA") > 0 && local.count("no bundle") > 0, "{local}");
    let by_proxy = |namespace: &Namespace, proxy: &Proxy| {
        namespace.ccx_by(&proxy.kubeconfig(namespace), &INIT)
    };
    let far = at_each_answer(fresh, by_proxy, judge);
    let outcomes: Vec<&str> = far.rows.iter().map(|(_, outcome)| outcome.as_str()).collect();
    assert_eq!(outcomes, ["no bundle", "whole"], "{far}");
}

/// Killed anywhere, something good is served, what is on the disk fits, and another run completes it.
#[test]
#[ignore = "needs tests/run"]
fn cert_install() {
    let scene = Scene::new(Engine::Valkey9);
    let made = scene.issue(&[]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let (count, old) = (Cell::new(0), RefCell::new(String::new()));
    let fresh = || {
        count.set(count.get() + 1);
        old.replace(scene.shown().expect("a certificate"));
        let name = format!("name-{}.example.com", count.get());
        let node = ["--datastore", DATASTORE, "--node", "db-1", "--domain", DOMAIN];
        [&node[..], &["--dns", &name]].concat().into_iter().map(str::to_owned).collect()
    };
    let command = |words: &Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        scene.command(&words)
    };
    let judge = |words: &Vec<String>, _: &Killed| {
        let (shown, old) = (scene.shown().expect("a certificate"), old.borrow().clone());
        let there = load(&scene.server.tls()).expect("certificate and key fit");
        assert!(shown == old || shown == there, "{shown}");
        let again = run(&mut command(words));
        assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
        assert_eq!(scene.shown().as_ref(), Ok(&load(&scene.server.tls()).expect("they fit")));
        match (shown == old, there == old) {
            (true, true) => "as it was",
            (true, false) => "on the disk",
            _ => "in force",
        }
        .to_owned()
    };
    let table = at_each_point(fresh, command, judge);
    for outcome in ["as it was", "on the disk", "in force"] {
        assert!(table.count(outcome) > 0, "{outcome}: {table}");
    }
}

/// A program that it has started goes on without it, and is waited for.
#[test]
#[ignore = "needs tests/run"]
fn started_programs_survive_the_kill() {
    let fresh = Home::new;
    let steps = "echo 1 >before; /bin/sh -c 'sleep 0.5; echo 1 >child'; echo 1 >after";
    let command = |home: &Home| {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", steps]).current_dir(home.path());
        command
    };
    let judge = |home: &Home, killed: &Killed| {
        assert!(
            killed.running.is_empty() || killed.running == "/bin/sh -c sleep 0.5; echo 1 >child"
        );
        let names = ["before", "child", "after"];
        let there = names.map(|name| home.join(name).metadata().map_or(0, |data| data.len()));
        format!("{there:?} {}", killed.running.len().min(1))
    };
    let table = at_each_point(fresh, command, judge);
    let outcomes: Vec<&str> = table.rows.iter().map(|(_, outcome)| outcome.as_str()).collect();
    let expected = [
        // Open, write,
        "[0, 0, 0] 0",
        "[0, 0, 0] 0",
        // start, await,
        "[2, 0, 0] 0",
        "[2, 2, 0] 1",
        // open, write, end.
        "[2, 2, 0] 0",
        "[2, 2, 0] 0",
        "[2, 2, 2] 0",
    ];
    assert_eq!(outcomes, expected, "{table}");
}
