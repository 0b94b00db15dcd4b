//! The phases of a rotation and their writes, without servers: forward and back, by many operators
//! at once, each with what it read earlier.

use std::fs;

use ccx_sec::pki::certificate::Certificate;
use ccx_sec::rotation::rollback::{RotationDirection, Turn};
use ccx_sec::rotation::stored::StoredRotation;
use ccx_sec::rotation::switch::GatePass;
use ccx_sec::store::bundle::{Bundle, Role, load_bundle};
use ccx_sec::store::location::Location;
use ccx_sec::store::rotation::{Operator, RotationPhase};
use ccx_sec::store::{self, Backend, StoreOptions};
use proptest::prelude::*;
use serde_json::Value;

use crate::common::Home;

const CA: &str = "ccx-ca";

fn open(home: &Home) -> Box<dyn Backend> {
    let options =
        StoreOptions { timeout: std::time::Duration::from_secs(30), notice: Box::new(|_| {}) };
    store::open(&Location::Directory(home.store()), options).expect("a store")
}

fn operator() -> Operator {
    let at = "2030-01-01T00:00:00Z".parse().expect("a timestamp");
    Operator { name: "alice@ops-1".to_owned(), at }
}

fn read(store: &dyn Backend) -> StoredRotation<'_> {
    StoredRotation::read(store, CA).expect("a rotation")
}

fn bundle(store: &dyn Backend) -> Bundle {
    load_bundle(store, CA).expect("readable").expect("a bundle")
}

/// The certificate in a Secret with a key, if the Secret is there.
fn certificate(store: &dyn Backend, name: &str) -> Option<Certificate> {
    let secret = store.get(name).expect("readable")?;
    let pem = secret.value("tls.crt").expect("a certificate");
    Certificate::from_pem(name, pem).expect("readable").into_iter().next()
}

fn start(home: &Home) -> Value {
    home.done(&["ca", "rotate", "start", "--client-max-age", "0", "-o", "json"]).json()
}

fn phase(home: &Home) -> String {
    let status = home.done(&["ca", "rotate", "status", "-o", "json"]).json();
    status["phase"].as_str().expect("a phase").to_owned()
}

/// What must be true of the store at every moment between two writes.
fn assert_sound(store: &dyn Backend) {
    let bundle = bundle(store);
    let signing = certificate(store, CA).expect("a CA");
    assert!(bundle.lets_sign(&signing), "the CA that signs is trusted");
    assert_eq!(bundle.actives().len(), 1, "one CA is active");
    let Some(rotation) = &bundle.rotation else { return };
    if rotation.phase != RotationPhase::Switching {
        assert_eq!(bundle.actives(), [&signing], "the active CA signs");
    }
    let secrets = [CA, "ccx-ca-next", "ccx-ca-previous"];
    let keys: Vec<String> =
        secrets.iter().filter_map(|name| certificate(store, name)).map(|c| c.sha256()).collect();
    assert!(keys.contains(&rotation.target), "the key of the target is stored");
    assert!(keys.contains(&rotation.from) || rotation.forgetting, "the old key is stored");
    for sha256 in [&rotation.from, &rotation.target] {
        let is_held = bundle.members.iter().any(|member| member.certificate.sha256() == **sha256);
        let is_removed = rotation.phase == RotationPhase::Removed && **sha256 == rotation.from;
        assert_ne!(is_held, is_removed, "the bundle holds what the phase says");
    }
}

#[test]
fn rotation_goes_through_its_phases_and_leaves_nothing_of_the_old_ca() {
    let home = Home::with_ca();
    let store = open(&home);
    let store = store.as_ref();
    let old = certificate(store, CA).expect("a CA");
    let started = start(&home);
    assert_eq!(started["phase"], "staged");
    assert_eq!(started["target"]["subject"], "CN=Test CA G2");
    assert_eq!(certificate(store, CA).as_ref(), Some(&old), "the old CA signs");
    let roles: Vec<Role> = bundle(store).members.iter().map(|member| member.role).collect();
    assert_eq!(roles, [Role::Active, Role::Next]);
    assert_sound(store);

    read(store).switch(GatePass::default(), &operator()).expect("switched");
    assert_eq!(phase(&home), "switched");
    assert_eq!(certificate(store, "ccx-ca-previous").as_ref(), Some(&old));
    assert_sound(store);
    read(store).widen(0, &operator()).expect("widened");
    for next in [RotationPhase::Reissued, RotationPhase::Removed] {
        read(store).enter(next, GatePass::default(), &operator()).expect("entered");
        assert_sound(store);
    }
    let run = home.run(&["ca", "check", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let confirm = &old.sha256()[..8];
    home.fails(
        &["ca", "rotate", "forget", "--confirm", "00000000", "-o", "json"],
        4,
        "not-confirmed",
    );
    let forget = ["ca", "rotate", "forget", "--confirm", confirm, "-o", "json"];
    home.fails(&forget, 4, "rotation-unproved");
    let ended = home.done(&[&forget[..], &["--unproved"]].concat()).json();
    assert_eq!(
        (&ended["phase"], &ended["forgotten"]["from"]),
        (&"idle".into(), &old.sha256().into())
    );
    let names = store.names().expect("names");
    assert_eq!(names.len(), 2, "the CA and its bundle alone: {names:?}");
    let old_pem = ccx_sec::pki::pem::certificates([&old]);
    for name in names {
        let secret = store.get(&name).expect("readable").expect("a Secret");
        for (key, value) in &secret.data {
            let text = String::from_utf8_lossy(value);
            assert!(!text.contains(&old_pem), "{key} of {name} holds the old CA");
        }
    }
    let run = home.run(&["ca", "check", "-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    // The next one is another generation.
    assert_eq!(start(&home)["target"]["subject"], "CN=Test CA G3");
}

#[test]
fn rollback_of_each_phase_leads_back_and_forward_again() {
    let home = Home::with_ca();
    let store = open(&home);
    let store = store.as_ref();
    let old = certificate(store, CA).expect("a CA");
    start(&home);
    home.done(&["ca", "rotate", "rollback"]);
    assert_eq!(phase(&home), "idle");
    assert_eq!(certificate(store, "ccx-ca-next"), None);
    assert_eq!(bundle(store).members.len(), 1);
    // A name that clients may have seen is not given to another key.
    assert_eq!(start(&home)["target"]["subject"], "CN=Test CA G3");

    read(store).switch(GatePass::default(), &operator()).expect("switched");
    let new = certificate(store, CA).expect("a CA");
    // Each turn twice: the second one changes nothing.
    let turn = |arguments: &[&str], phase_after: &str, signing: &Certificate| {
        for attempt in 0..2 {
            let command = [&["ca", "rotate", "rollback", "-o", "json"], arguments].concat();
            let done = home.done(&command).json();
            assert_eq!(done["result"] == "unchanged", attempt == 1, "{done}");
            assert_eq!(
                (phase(&home).as_str(), certificate(store, CA).as_ref()),
                (phase_after, Some(signing))
            );
            assert_sound(store);
        }
    };
    turn(&[], "switched", &old);
    turn(&["--undo"], "switched", &new);
    let enter = |phase| {
        read(store).enter(phase, GatePass::default(), &operator()).expect("entered");
        assert_sound(store);
    };
    enter(RotationPhase::Reissued);
    turn(&[], "switched", &old);
    turn(&["--undo"], "switched", &new);
    enter(RotationPhase::Reissued);
    enter(RotationPhase::Removed);
    // Nodes may have dropped the old CA: it is staged first.
    turn(&[], "staged", &new);
    let roles: Vec<Role> = bundle(store).members.iter().map(|member| member.role).collect();
    assert_eq!(roles, [Role::Active, Role::Next]);
    turn(&["--undo"], "removed", &new);
    turn(&[], "staged", &new);
    read(store).switch(GatePass::default(), &operator()).expect("switched");
    enter(RotationPhase::Reissued);
    enter(RotationPhase::Removed);
    let confirm = &new.sha256()[..8];
    home.done(&["ca", "rotate", "forget", "--unproved", "--confirm", confirm]);
    assert_eq!(certificate(store, CA).as_ref(), Some(&old));
    assert_eq!(store.names().expect("names").len(), 2);
}

#[test]
fn stolen_key_is_never_gone_back_to() {
    let home = Home::with_ca();
    let store = open(&home);
    home.done(&["ca", "rotate", "start", "--compromised"]);
    assert!(!home.value("ccx-ca-bundle", "bundle.json").contains("links"));
    read(store.as_ref()).switch(GatePass::default(), &operator()).expect("switched");
    home.fails(&["ca", "rotate", "rollback", "-o", "json"], 4, "rotation-compromised");
}

#[test]
fn commands_without_a_rotation_or_in_a_wrong_phase_change_nothing() {
    let home = Home::with_ca();
    for verb in ["pause", "resume", "rollback", "forget"] {
        home.fails(&["ca", "rotate", verb, "-o", "json"], 4, "rotation-missing");
    }
    start(&home);
    home.fails(&["ca", "rotate", "start", "-o", "json"], 4, "rotation-under-way");
    home.fails(&["ca", "rotate", "forget", "-o", "json"], 4, "rotation-phase");
    home.fails(&["ca", "renew", "-o", "json"], 4, "rotation-under-way");
    home.done(&["ca", "rotate", "start", "--help"]);
    let empty = Home::new();
    empty.run(&["ca", "rotate", "start", "-o", "json"]).assert_error(1, "ca-missing");
    empty.run(&["ca", "rotate", "-o", "json"]).assert_error(1, "bundle-missing");
}

#[test]
fn key_of_an_interrupted_start_is_taken_by_the_next_or_deleted() {
    for is_taken in [true, false] {
        let home = Home::with_ca();
        let before = home.value("ccx-ca-bundle", "bundle.json");
        let ca_crt = home.value("ccx-ca-bundle", "ca.crt");
        start(&home);
        let next = home.value("ccx-ca-next", "tls.crt");
        // As a crash after the first write leaves it.
        home.edit("ccx-ca-bundle", |secret| {
            secret["data"]["bundle.json"] = crate::common::base64(&before);
            secret["data"]["ca.crt"] = crate::common::base64(&ca_crt);
        });
        let status = home.run(&["ca", "rotate"]);
        assert!(status.stderr.contains("interrupted"), "{}", status.stderr);
        if is_taken {
            home.fails(
                &["ca", "rotate", "start", "--common-name", "Another", "-o", "json"],
                4,
                "rotation-under-way",
            );
            start(&home);
            assert_eq!(home.value("ccx-ca-next", "tls.crt"), next);
        } else {
            home.done(&["ca", "rotate", "rollback"]);
            assert!(!home.store().join("ccx-ca-next.yaml").exists());
        }
        assert_sound(open(&home).as_ref());
    }
}

#[test]
fn secret_of_somebody_else_is_not_touched() {
    for name in ["ccx-ca-next", "ccx-ca-previous"] {
        let home = Home::with_ca();
        let copy = fs::read_to_string(home.store().join("ccx-ca.yaml")).expect("read");
        let other = copy.replace("name: ccx-ca\n", &format!("name: {name}\n"));
        home.write(&format!("store/{name}.yaml"), other);
        home.fails(&["ca", "rotate", "start", "-o", "json"], 4, "secret-foreign");
    }
}

/// One operator's deed, with the state that it read at some earlier moment.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Read,
    Switch,
    Reissue,
    Remove,
    TurnBack,
    TurnForward,
    Pause,
    Widen,
    Forget,
}

fn deed() -> impl Strategy<Value = (usize, Deed)> {
    let deeds = prop_oneof![
        4 => Just(Deed::Read),
        2 => Just(Deed::Switch),
        2 => Just(Deed::Reissue),
        2 => Just(Deed::Remove),
        2 => Just(Deed::TurnBack),
        2 => Just(Deed::TurnForward),
        1 => Just(Deed::Pause),
        1 => Just(Deed::Widen),
        1 => Just(Deed::Forget),
    ];
    (0..3_usize, deeds)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25, ..ProptestConfig::default() })]

    #[test]
    fn operators_with_old_states_break_nothing(
        deeds in proptest::collection::vec(deed(), 1..40)
    ) {
        let home = Home::with_ca();
        start(&home);
        let store = open(&home);
        let store = store.as_ref();
        let mut states: Vec<Option<StoredRotation<'_>>> = vec![None, None, None];
        for (who, deed) in deeds {
            let state = states[who].take().or_else(|| StoredRotation::read(store, CA).ok());
            let Some(state) = state else { break };
            let (pass, operator) = (GatePass::default(), operator());
            match deed {
                Deed::Read => states[who] = Some(state),
                Deed::Switch => drop(state.switch(pass, &operator)),
                Deed::Reissue => drop(state.enter(RotationPhase::Reissued, pass, &operator)),
                Deed::Remove => drop(state.enter(RotationPhase::Removed, pass, &operator)),
                Deed::TurnBack | Deed::TurnForward => {
                    let direction = match deed {
                        Deed::TurnBack => RotationDirection::Back,
                        _ => RotationDirection::Forward,
                    };
                    if matches!(state.turn(direction, &operator), Ok(Turn::Ended)) {
                        start(&home);
                    }
                }
                Deed::Pause => drop(state.set_paused(true, &operator)),
                Deed::Widen => drop(state.widen(0, &operator)),
                Deed::Forget => {
                    if state.forget(true, &operator).is_ok() {
                        start(&home);
                    }
                }
            }
            assert_sound(store);
        }
    }
}

/// A rotation in the phase `switched`.
fn switched() -> Home {
    let home = Home::with_ca();
    start(&home);
    read(open(&home).as_ref()).switch(GatePass::default(), &operator()).expect("switched");
    home
}

/// Spoils the key in a Secret.
fn damage(home: &Home, name: &str) {
    home.edit(name, |secret| secret["data"]["tls.key"] = crate::common::base64("no key"));
}

#[test]
fn damaged_key_stops_what_would_need_it_before_anything_is_written() {
    let home = switched();
    damage(&home, "ccx-ca-previous");
    home.fails(&["ca", "rotate", "rollback", "-o", "json"], 3, "ca-damaged");
    for (name, is_needed) in [("ccx-ca", true), ("ccx-ca-next", false), ("ccx-ca-previous", false)]
    {
        let home = switched();
        let store = open(&home);
        let enter = |phase| {
            read(store.as_ref()).enter(phase, GatePass::default(), &operator()).expect("entered")
        };
        enter(RotationPhase::Reissued);
        let rotation = enter(RotationPhase::Removed);
        damage(&home, name);
        let confirm = &rotation.from[..8];
        let forget = ["ca", "rotate", "forget", "--unproved", "--confirm", confirm, "-o", "json"];
        match is_needed {
            true => drop(home.fails(&forget, 3, "ca-damaged")),
            false => drop(home.done(&forget)),
        }
    }
    // A spoiled copy does not hold up the way back, and is made again from the good one.
    let home = switched();
    damage(&home, "ccx-ca-next");
    home.done(&["ca", "rotate", "rollback"]);
    home.done(&["ca", "rotate", "rollback", "--undo"]);
    let home = switched();
    fs::remove_file(home.store().join("ccx-ca-previous.yaml")).expect("removed");
    home.fails(&["ca", "rotate", "rollback", "-o", "json"], 3, "rotation-damaged");
}

#[test]
fn other_cas_whose_names_a_rotation_would_take_are_left_alone() {
    for other in ["ccx-ca-next", "ccx-ca-previous", "ccx-ca-fleet"] {
        let home = Home::with_ca();
        home.done(&["--ca", other, "ca", "init", "--common-name", "Other CA"]);
        home.fails(&["ca", "rotate", "start", "-o", "json"], 4, "secret-foreign");
        home.done(&["ca", "check"]);
    }
    // One that was rotated itself has the marks of its own rotation only.
    let home = Home::with_ca();
    home.done(&["--ca", "ccx-ca-next", "ca", "init", "--common-name", "Other CA"]);
    home.done(&["--ca", "ccx-ca-next", "ca", "rotate", "start", "--client-max-age", "0"]);
    let store = open(&home);
    let other = StoredRotation::read(store.as_ref(), "ccx-ca-next").expect("a rotation");
    other.switch(GatePass::default(), &operator()).expect("switched");
    home.fails(&["ca", "rotate", "start", "-o", "json"], 4, "secret-foreign");
    home.fails(&["ca", "rotate", "rollback", "-o", "json"], 4, "secret-foreign");
}

#[test]
fn bundle_from_before_the_rotation_lets_no_key_be_deleted() {
    let home = Home::with_ca();
    let before = [("ccx-ca-bundle", "bundle.json"), ("ccx-ca-bundle", "ca.crt")]
        .map(|(name, key)| (key, home.value(name, key)));
    start(&home);
    read(open(&home).as_ref()).switch(GatePass::default(), &operator()).expect("switched");
    home.edit("ccx-ca-bundle", |secret| {
        for (key, value) in &before {
            secret["data"][*key] = crate::common::base64(value);
        }
    });
    let run = home.fails(&["ca", "rotate", "rollback", "-o", "json"], 3, "rotation-damaged");
    assert!(run.stderr.contains("put back"), "{}", run.stderr);
    let status = home.run(&["ca", "rotate"]);
    assert!(status.stderr.contains("put back"), "{}", status.stderr);
}

#[test]
fn permitted_names_that_are_not_given_are_those_of_the_present_ca() {
    let home = Home::new();
    let names = ["--permit-dns", "a.test", "--permit-ip", "10.0.0.0/8"];
    home.done(&[&["ca", "init", "--common-name", "Test CA"][..], &names].concat());
    home.done(&["ca", "rotate", "start", "--permit-dns", "b.test"]);
    let pem = home.write("next.crt", home.value("ccx-ca-next", "tls.crt"));
    let shown = home.done(&["cert", "inspect", &pem]).stdout;
    assert!(shown.contains("b.test") && shown.contains("10.0.0.0/8"), "{shown}");
}

#[test]
fn lost_bundle_or_replaced_ca_is_not_repaired_during_a_rotation() {
    let home = Home::with_ca();
    start(&home);
    let other = Home::with_ca();
    let foreign = fs::read_to_string(other.store().join("ccx-ca.yaml")).expect("read");
    let own = fs::read_to_string(home.store().join("ccx-ca.yaml")).expect("read");
    home.write("store/ccx-ca.yaml", &foreign);
    for command in [&["ca", "check", "--accept-new-ca"][..], &["ca", "rotate", "rollback"]] {
        let before = home.snapshot();
        let run = home.run(command);
        assert_ne!(run.code, 0, "{command:?}: {}", run.stdout);
        assert_eq!(home.snapshot(), before, "{command:?} changed something");
    }
    home.write("store/ccx-ca.yaml", own);
    fs::remove_file(home.store().join("ccx-ca-bundle.yaml")).expect("removed");
    let run = home.run(&["ca", "check", "-o", "json"]);
    assert_ne!(run.code, 0, "{}", run.stdout);
    assert!(!home.store().join("ccx-ca-bundle.yaml").exists(), "a bundle was made up");
}

#[test]
fn next_ca_from_elsewhere_is_taken_and_one_of_the_same_name_or_key_is_refused() {
    let home = Home::with_ca();
    let other = Home::new();
    other.done(&["ca", "init", "--common-name", "Other CA"]);
    let cert = home.write("next.crt", other.value("ccx-ca", "tls.crt"));
    let key = home.write("next.key", other.value("ccx-ca", "tls.key"));
    let same_name = Home::with_ca();
    let cert_of_same = home.write("same.crt", same_name.value("ccx-ca", "tls.crt"));
    let key_of_same = home.write("same.key", same_name.value("ccx-ca", "tls.key"));
    let start = |cert: &str, key: &str| {
        ["ca", "rotate", "start", "--cert", cert, "--key", key, "-o", "json"].map(str::to_owned)
    };
    let given = start(&cert_of_same, &key_of_same);
    home.fails(&given.each_ref().map(String::as_str), 4, "name-taken");
    home.fails(&start(&cert, &key_of_same).each_ref().map(String::as_str), 4, "key-mismatch");
    let given = start(&cert, &key);
    let started = home.done(&given.each_ref().map(String::as_str)).json();
    assert_eq!(started["target"]["subject"], "CN=Other CA");
    assert_sound(open(&home).as_ref());
}
