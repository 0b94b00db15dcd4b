//! A CA rotation of real servers, while clients come all the time.

use std::collections::BTreeSet;

use crate::common::Home;
use crate::common::db::{Engine, Family};
use crate::common::kube::Namespace;
use crate::common::live::{Fleet, Store};
use crate::common::load::{Load, bundle_is};
use crate::common::pki::{Kind, Pki};
use crate::common::random::say;

/// One of each family, and replicas of two.
const SMALL: [Engine; 6] = [
    Engine::Mysql97,
    Engine::MariaDb118,
    Engine::Pg17,
    Engine::Valkey9,
    Engine::Valkey8,
    Engine::MariaDb118,
];
const SMALL_LINKS: [(usize, usize); 2] = [(3, 4), (1, 5)];

/// Every engine, and replicas of three.
const FULL: [Engine; 10] = [
    Engine::Mysql97,
    Engine::MariaDb118,
    Engine::Pg17,
    Engine::Valkey9,
    Engine::Valkey8,
    Engine::MariaDb118,
    Engine::Mysql97,
    Engine::MariaDb1011,
    Engine::Pg15,
    Engine::Redis7,
];
const FULL_LINKS: [(usize, usize); 3] = [(3, 4), (1, 5), (0, 6)];

/// The load itself: no failure where a CA is renewed, and each that there is.
#[test]
#[ignore = "needs tests/run"]
fn load_counts_each_failure_and_no_other() {
    let fleet = Fleet::start(Store::Directory(Home::new()), &SMALL, &SMALL_LINKS);
    let pki = Pki::new();
    let foreign = pki.server(Kind::OtherCa);
    let ((), tally) = Load::during(&fleet, |load| {
        load.enter("renewal");
        fleet.store.done(&["ca", "renew", "--validity", "20y"]);
        assert_eq!(fleet.renew_all(), BTreeSet::from(["refreshed".to_owned()]));
        fleet.check_replication("renewal");
        load.settle();
        assert_eq!(load.failed(), [""; 0]);
        for number in 0..4 {
            let read = |name: &str| {
                std::fs::read_to_string(fleet.directory(number).join(name)).expect("a file")
            };
            let [ca, certificate, key] = ["ca.pem", "server-cert.pem", "server-key.pem"].map(read);
            load.enter(&format!("foreign {number}"));
            // MySQL takes a certificate only of a CA that it trusts.
            let cas = ca.clone() + &pki.other_pem();
            fleet.put(number, &cas, &foreign.certificate, &foreign.key);
            load.settle();
            fleet.put(number, &ca, &certificate, &key);
            load.enter(&format!("back {number}"));
        }
    });
    say("load", &tally.to_string());
    assert!(tally.refreshes.is_empty(), "{tally}");
    for (number, node) in fleet.nodes.iter().enumerate() {
        let phase = format!("foreign {number}");
        let failed: Vec<&str> = if number < 4 { vec![&phase] } else { vec![] };
        assert_eq!(tally.failed_in(number).into_iter().collect::<Vec<_>>(), failed, "{tally}");
        if number < 4 {
            let mut all = BTreeSet::from(["official", "python", "node", "java", "go"]);
            if node.server.engine().family() == Family::Redis {
                all.remove("java");
            }
            assert_eq!(tally.clients_that_failed(number, &phase), all, "{tally}");
        }
    }
}

#[test]
#[ignore = "needs tests/run"]
fn renewal_of_every_engine_fails_no_client() {
    let fleet = Fleet::start(Store::Cluster(Namespace::new()), &FULL, &FULL_LINKS);
    let sha256 = || {
        let shown = fleet.store.done(&["ca", "show", "-o", "json"]).json();
        shown["sha256"].as_str().expect("sha256").to_owned()
    };
    let old = sha256();
    let ((), tally) = Load::during(&fleet, |load| {
        load.enter("renewal");
        fleet.store.done(&["ca", "renew", "--validity", "20y"]);
        let new = sha256();
        load.until_each("both CA certificates", |files| bundle_is(files, &[&old, &new]));
        load.enter("clients first");
        load.settle();
        load.enter("nodes");
        assert_eq!(fleet.renew_all(), BTreeSet::from(["refreshed".to_owned()]));
        fleet.check_replication("renewal");
        load.settle();
    });
    say("load", &tally.to_string());
    tally.assert_none_failed();
}
