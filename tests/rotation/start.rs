//! `ca rotate start`: rights that are checked before the first write, links of earlier rotations
//! that a stolen key suspends, and a next CA without the constraints of the present one.

use ccx_sec::rotation::stored::StoredRotation;
use ccx_sec::rotation::switch::GatePass;
use ccx_sec::store::rotation::{Operator, RotationPhase};
use serde_json::Value;

use crate::common::kube::{Namespace, kubeconfig};
use crate::common::live::Store;
use crate::common::{Home, run};

const START: [&str; 5] = ["ca", "rotate", "start", "--client-max-age", "0"];

/// Enters the phase behind `switched` or another one, without a gate.
fn enter(store: &Store, phase: RotationPhase) {
    let backend = store.open();
    let operator = Operator { name: "a test".to_owned(), at: jiff::Timestamp::now() };
    let read = StoredRotation::read(backend.as_ref(), "ccx-ca").expect("a rotation");
    match phase {
        RotationPhase::Switched => read.switch(GatePass::default(), &operator),
        phase => read.enter(phase, GatePass::default(), &operator),
    }
    .expect("entered");
}

#[test]
fn start_after_a_theft_suspends_links_until_the_switch() {
    let store = Store::Directory(Home::with_ca());
    store.done(&START);
    for phase in [RotationPhase::Switched, RotationPhase::Reissued, RotationPhase::Removed] {
        enter(&store, phase);
    }
    let status = store.done(&["ca", "rotate", "status", "-o", "json"]).json();
    let old = status["from"]["sha256"].as_str().expect("a fingerprint")[..8].to_owned();
    store.done(&["ca", "rotate", "forget", "--unproved", "--confirm", &old]);
    let values = || {
        let file = store.home().secret_file("ccx-ca-bundle");
        let text = std::fs::read_to_string(file).expect("a manifest");
        let secret: Value = serde_saphyr::from_str(&text).expect("YAML");
        secret["data"].as_object().expect("values").clone()
    };
    let links = values()["links.pem"].clone();
    let theft = ["ca", "rotate", "start", "--compromised"];
    store.done(&theft);
    assert!(!values().contains_key("links.pem"));
    store.done(&["ca", "rotate", "rollback"]);
    assert_eq!(values()["links.pem"], links);
    assert_eq!(values().len(), 3);
    store.done(&theft);
    enter(&store, RotationPhase::Switched);
    assert_eq!(values().len(), 2, "{:?}", values().keys());
}

#[test]
fn start_warns_of_a_next_ca_that_lacks_the_constraints() {
    let home = Home::new();
    home.done(&["ca", "init", "--common-name", "Test CA", "--permit-dns", "ccx.example"]);
    let other = Home::new();
    other.done(&["ca", "init", "--common-name", "Test CA G2", "--validity", "11y"]);
    let cert = home.write("next.crt", other.value("ccx-ca", "tls.crt"));
    let key = home.write("next.key", other.value("ccx-ca", "tls.key"));
    let start = home.done(&[&START[..], &["--cert", &cert, "--key", &key]].concat());
    assert!(start.stdout.contains("may sign for any name"), "{}", start.stdout);
    let home = Home::new();
    home.done(&["ca", "init", "--common-name", "Test CA", "--permit-dns", "ccx.example"]);
    let start = home.done(&START);
    assert!(!start.stdout.contains("may sign for any name"), "{}", start.stdout);
}

/// An account without `patch` gets no further than the first check, dry or not.
#[test]
#[ignore = "needs tests/run"]
fn start_without_the_right_to_patch_writes_nothing() {
    let namespace = Namespace::new();
    namespace.init();
    namespace.allow_limited("get,create,list");
    let before = namespace.secrets();
    for more in [&["--dry-run"][..], &[]] {
        let words = [&START[..], more].concat();
        let start = run(&mut namespace.ccx_by(&kubeconfig("limited"), &words));
        start.assert_error(3, "kube-forbidden");
        assert!(start.stderr.contains("may not patch secrets"), "{}", start.stderr);
        assert_eq!(namespace.secrets(), before);
    }
    let dry = run(&mut namespace.ccx(&[&START[..], &["--dry-run"]].concat()));
    assert_eq!((dry.code, namespace.secrets()), (0, before), "{}", dry.stderr);
}
