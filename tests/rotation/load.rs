//! Clients that come to a fleet of real servers all the time: none fails where a CA is renewed, and
//! each failure is counted.

use std::collections::BTreeSet;

use crate::common::Home;
use crate::common::db::Family;
use crate::common::live::{Fleet, LINKS, ONE_OF_EACH, Store};
use crate::common::load::Load;
use crate::common::pki::{Kind, Pki};
use crate::common::random::say;

/// The load itself: no failure where a CA is renewed, and each that there is.
#[test]
#[ignore = "needs tests/run"]
fn load_counts_each_failure_and_no_other() {
    let fleet = Fleet::start(Store::Directory(Home::new()), &ONE_OF_EACH, &LINKS[..2]);
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
            let mut all =
                BTreeSet::from(["official", "python", "python3.13", "node", "java", "go"]);
            if node.server.engine().family() == Family::Redis {
                all.remove("java");
            }
            assert_eq!(tally.clients_that_failed(number, &phase), all, "{tally}");
        }
    }
}
