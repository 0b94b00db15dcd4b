//! Each answer of each gate.

use super::gap::GapCode as Code;
use super::ramp::{RampRounds, RampStep};
use super::waits::WaitingNodes;
use super::*;
use crate::rotation::proof::leaf::{LeafProof, TrustSets};
use crate::rotation::proof::stored::StoredProof;
use crate::rotation::proof::{CaSide, CaTrust, LeafLook, TrustBasis, UnseenLeaf, digest_of};

const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn name(number: usize) -> String {
    format!("{DATASTORE}/db-{number}")
}

fn wire() -> CaTrust {
    CaTrust::Trusts { basis: TrustBasis::Wire }
}

fn refuses() -> CaTrust {
    CaTrust::Refuses { basis: TrustBasis::Wire, said: "TLS alert unknown_ca".into() }
}

pub(super) fn leaf(signer: CaSide) -> LeafLook {
    let (old, new) = (signer == CaSide::Old, signer == CaSide::New);
    LeafLook::Seen(LeafProof {
        sha256: "a".repeat(64),
        not_after: at("2031-01-01T00:00:00Z"),
        signer,
        verifies: TrustSets { old, both: old || new, new },
        fault: None,
        certificate: None,
    })
}

fn unseen(is_fault: bool) -> LeafLook {
    let (reason, message) = ("refused".into(), "nothing listens there".into());
    LeafLook::Unseen(UnseenLeaf { reason, message, is_fault })
}

fn stored(signer: CaSide) -> StoredLook {
    StoredLook::Read(StoredProof {
        place: "the Secret ccx-node-x".into(),
        is_secret: true,
        sha256: "a".repeat(64),
        issued: at("2030-02-01T00:00:00Z"),
        signer,
        holds_old: true,
        holds_new: true,
        certificate: None,
        bundle: Vec::new(),
        is_mounted: false,
    })
}

/// A node that shows a certificate of this CA, trusts the new CA, and refuses the old one.
pub(super) fn proof(number: usize, signer: CaSide) -> NodeProof {
    NodeProof {
        node: name(number),
        url: format!("postgresql://db-{number}.example.com:5432"),
        engine: "postgresql".into(),
        address: None,
        at: at("2030-02-01T00:00:00Z"),
        leaf: leaf(signer),
        trusts_new: wire(),
        trusts_old: Some(refuses()),
        names_new: None,
        stored: stored(signer),
    }
}

/// A question whose every demand is met.
struct Scenario {
    gate: Gate,
    proofs: Vec<NodeProof>,
    fleet: BTreeSet<String>,
    before: Option<BTreeSet<String>>,
    others: Vec<(String, StoredLook)>,
    excluded: BTreeMap<String, String>,
    accept_age: Option<&'static str>,
    simulation: SimulationAnswer,
    previous_key: PreviousKey,
    waiting: WaitingNodes,
    now: Timestamp,
}

impl Scenario {
    fn new(gate: Gate) -> Self {
        let signer = if gate == Gate::Switched { CaSide::Old } else { CaSide::New };
        let fleet: BTreeSet<String> = (1..=3).map(name).collect();
        Scenario {
            gate,
            proofs: (1..=3).map(|number| proof(number, signer)).collect(),
            before: Some(fleet.clone()),
            fleet,
            others: Vec::new(),
            excluded: BTreeMap::new(),
            accept_age: None,
            simulation: SimulationAnswer::Green,
            previous_key: PreviousKey::Held,
            waiting: WaitingNodes::default(),
            now: at("2030-02-01T00:00:00Z"),
        }
    }

    fn with(gate: Gate, change: impl FnOnce(&mut Self)) -> Self {
        let mut scenario = Scenario::new(gate);
        change(&mut scenario);
        scenario
    }

    fn ask(&self) -> GateAnswer {
        ask(&GateRequest {
            gate: self.gate,
            rotation: RotationFacts {
                since: at("2030-01-01T00:00:00Z"),
                earliest_switch: at("2030-01-31T00:00:00Z"),
                accept_age: self.accept_age,
                target_not_before: at("2030-01-01T00:00:00Z"),
                excluded: &self.excluded,
                previous_key: self.previous_key.clone(),
            },
            proofs: &self.proofs,
            fleet: &self.fleet,
            fleet_before: self.before.as_ref(),
            others: &self.others,
            holders: None,
            accept_holders: None,
            simulation: &self.simulation,
            waiting: &self.waiting,
            now: self.now,
        })
    }

    /// The answer, and the kinds of gaps with the nodes that have them.
    fn lacks(&self) -> (Answer, Vec<(Code, Option<String>)>) {
        let answer = self.ask();
        (answer.answer, answer.lacks.into_iter().map(|gap| (gap.code, gap.node)).collect())
    }
}

const GATES: [Gate; 4] = [Gate::Switched, Gate::Reissued, Gate::Removed, Gate::Distrusted];

#[test]
fn gates_open_when_every_node_is_proved() {
    for gate in GATES {
        let answer = Scenario::new(gate).ask();
        assert_eq!(
            (answer.answer, answer.proved, answer.by_file),
            (Answer::Pass, 3, 0),
            "{gate:?}"
        );
        assert_eq!(answer.lacks, [], "{gate:?}");
    }
}

/// Each case breaks one demand, and stops exactly the gates that have it.
#[test]
fn one_node_stops_the_gates_whose_demand_it_breaks() {
    type Change = fn(&mut NodeProof);
    let cases: [(Change, Answer, Code, &[Gate]); 12] = [
        (|p| p.trusts_new = refuses(), Answer::Fail, Code::CaNotTrusted, &[Gate::Switched]),
        (|p| p.trusts_new = CaTrust::TakesAny, Answer::Unknown, Code::TakesAny, &[Gate::Switched]),
        (
            |p| p.trusts_new = CaTrust::unknown("reset"),
            Answer::Unknown,
            Code::TrustUnknown,
            &[Gate::Switched],
        ),
        (|p| p.trusts_old = Some(wire()), Answer::Fail, Code::OldCaTrusted, &[Gate::Distrusted]),
        (|p| p.trusts_old = None, Answer::Unknown, Code::TrustUnknown, &[Gate::Distrusted]),
        (
            |p| p.leaf = leaf(CaSide::Old),
            Answer::Fail,
            Code::OldCertificate,
            &[Gate::Reissued, Gate::Removed],
        ),
        (
            |p| p.leaf = leaf(CaSide::Other),
            Answer::Fail,
            Code::UnknownCertificate,
            &[Gate::Reissued, Gate::Removed],
        ),
        (
            |p| match &mut p.leaf {
                LeafLook::Seen(leaf) => {
                    leaf.signer = CaSide::New;
                    leaf.verifies = TrustSets { old: false, both: true, new: false };
                }
                LeafLook::Unseen(_) => unreachable!("it is seen"),
            },
            Answer::Fail,
            Code::BadCertificate,
            &[Gate::Reissued, Gate::Removed],
        ),
        (
            |p| p.stored = stored(CaSide::Old),
            Answer::Fail,
            Code::StoredOld,
            &[Gate::Reissued, Gate::Removed],
        ),
        (
            |p| p.stored = StoredLook::Unreadable { why: "no right".into() },
            Answer::Unknown,
            Code::StoredUnknown,
            &[Gate::Reissued, Gate::Removed],
        ),
        (|p| p.leaf = unseen(false), Answer::Unknown, Code::Unreachable, &GATES),
        (|p| p.leaf = unseen(true), Answer::Fail, Code::NoTls, &GATES),
    ];
    for (change, expected, code, stopped) in cases {
        for gate in GATES {
            let scenario = Scenario::with(gate, |scenario| change(&mut scenario.proofs[1]));
            let wanted = match stopped.contains(&gate) {
                true => (expected, vec![(code, Some(name(2)))]),
                false => (Answer::Pass, Vec::new()),
            };
            assert_eq!(scenario.lacks(), wanted, "{gate:?} {code:?}");
            let answer = scenario.ask();
            assert!(
                answer
                    .lacks
                    .iter()
                    .all(|gap| !gap.hints.is_empty() || gap.code == Code::StoredUnknown),
                "{answer:?}"
            );
            // Whoever is left out with a reason stops nothing.
            let excluded = Scenario::with(gate, |scenario| {
                change(&mut scenario.proofs[1]);
                scenario.excluded.insert(name(2), "is being decommissioned".into());
            });
            assert_eq!(excluded.lacks(), (Answer::Pass, Vec::new()), "{gate:?} {code:?}");
            assert_eq!(excluded.ask().proved, 2);
        }
    }
}

#[test]
fn a_bundle_in_a_file_is_evidence_and_is_counted() {
    let by_file = CaTrust::Trusts { basis: TrustBasis::File };
    let answer =
        Scenario::with(Gate::Switched, |scenario| scenario.proofs[0].trusts_new = by_file).ask();
    assert_eq!((answer.answer, answer.proved, answer.by_file), (Answer::Pass, 3, 1));
}

#[test]
fn a_node_that_was_not_looked_at_is_not_proved() {
    for gate in GATES {
        let scenario = Scenario::with(gate, |scenario| drop(scenario.proofs.pop()));
        let lacks = vec![(Code::NotLookedAt, Some(name(3)))];
        assert_eq!(scenario.lacks(), (Answer::Unknown, lacks), "{gate:?}");
        let empty = Scenario::with(gate, |scenario| {
            scenario.proofs.clear();
            scenario.fleet.clear();
            scenario.before = None;
        });
        assert_eq!(empty.lacks(), (Answer::Unknown, vec![(Code::NotLookedAt, None)]), "{gate:?}");
    }
}

#[test]
fn a_fleet_that_lost_a_node_since_the_last_gate_stops_every_gate() {
    for gate in GATES {
        let shrank = |scenario: &mut Scenario| {
            scenario.fleet.remove(&name(2));
            scenario.proofs.remove(1);
        };
        let lacks = vec![(Code::PopulationShrank, Some(name(2)))];
        assert_eq!(Scenario::with(gate, shrank).lacks(), (Answer::Fail, lacks), "{gate:?}");
        let known = Scenario::with(gate, |scenario| {
            shrank(scenario);
            scenario.excluded.insert(name(2), "scaled down yesterday".into());
        });
        assert_eq!(known.lacks(), (Answer::Pass, Vec::new()), "{gate:?}");
        let first = Scenario::with(gate, |scenario| {
            shrank(scenario);
            scenario.before = None;
        });
        assert_eq!(first.lacks(), (Answer::Pass, Vec::new()), "{gate:?}");
    }
}

#[test]
fn time_and_simulation_stop_the_gates_that_ask_for_them() {
    type Change = fn(&mut Scenario);
    let early: Change = |scenario| scenario.now = at("2030-01-30T23:59:59Z");
    let red: Change = |scenario| {
        scenario.simulation =
            SimulationAnswer::Red(vec![Gap::fail(Code::SimulationRed, "x".into())])
    };
    let empty: Change = |scenario| scenario.simulation = SimulationAnswer::Red(Vec::new());
    let unknown: Change = |scenario| scenario.simulation = SimulationAnswer::Unknown("y".into());
    let key: Change = |scenario| scenario.previous_key = PreviousKey::Lost("gone".into());
    let unread: Change = |scenario| scenario.previous_key = PreviousKey::Unread;
    let both = [Gate::Switched, Gate::Removed];
    let cases: [(Change, Answer, Code, &[Gate]); 6] = [
        (early, Answer::Fail, Code::TooEarly, &[Gate::Switched]),
        (red, Answer::Fail, Code::SimulationRed, &both),
        (empty, Answer::Fail, Code::SimulationRed, &both),
        (unknown, Answer::Unknown, Code::SimulationUnknown, &both),
        (key, Answer::Fail, Code::PreviousKeyMissing, &[Gate::Distrusted]),
        (unread, Answer::Unknown, Code::PreviousKeyMissing, &[Gate::Distrusted]),
    ];
    for (change, expected, code, stopped) in cases {
        for gate in GATES {
            let wanted = match stopped.contains(&gate) {
                true => (expected, vec![(code, None)]),
                false => (Answer::Pass, Vec::new()),
            };
            assert_eq!(Scenario::with(gate, change).lacks(), wanted, "{gate:?} {code:?}");
        }
    }
    let accepted = Scenario::with(Gate::Switched, |scenario| {
        early(scenario);
        scenario.accept_age = Some("all clients were restarted today");
    });
    assert_eq!(accepted.lacks(), (Answer::Pass, Vec::new()));
    // A clock that went back proves no age, whatever was accepted.
    let back = Scenario::with(Gate::Switched, |scenario| {
        scenario.now = at("2029-12-31T00:00:00Z");
        scenario.accept_age = Some("all clients were restarted today");
    });
    let lacks = vec![(Code::Clock, None), (Code::TargetNotYetValid, None)];
    assert_eq!(back.lacks(), (Answer::Fail, lacks));
}

#[test]
fn credentials_of_the_old_ca_outside_the_fleet_stop_the_end_of_the_old_ca() {
    for gate in GATES {
        for (look, code) in [
            (stored(CaSide::Old), Some((Answer::Fail, Code::StoredOld))),
            (stored(CaSide::New), None),
            // Another fleet, with another CA in the same store.
            (stored(CaSide::Other), None),
            (
                StoredLook::Unreadable { why: "damaged".into() },
                Some((Answer::Unknown, Code::StoredUnknown)),
            ),
        ] {
            let scenario = Scenario::with(gate, |scenario| scenario.others = vec![(name(9), look)]);
            let wanted = match code {
                Some((answer, code))
                    if matches!(gate, Gate::Reissued | Gate::Removed)
                        || (gate, code) == (Gate::Switched, Code::StoredUnknown) =>
                {
                    (answer, vec![(code, Some(name(9)))])
                }
                _ => (Answer::Pass, Vec::new()),
            };
            assert_eq!(scenario.lacks(), wanted, "{gate:?}");
        }
    }
}

#[test]
fn the_ramp_widens_after_the_canaries_and_stops_at_a_failure() {
    let now = at("2030-02-01T00:04:00Z");
    let later = at("2030-02-01T00:06:00Z");
    let canaries = BTreeSet::from([name(1)]);
    let next = |fleet: &[NodeProof], canaries: &BTreeSet<String>, is_wide, now| {
        let canaries = canaries.clone();
        ramp::next(fleet, &RampRounds { canaries, is_wide, ..RampRounds::default() }, now)
    };
    let mut fleet: Vec<NodeProof> = (1..=400).map(|number| proof(number, CaSide::Old)).collect();
    let wait =
        |numbers: &[usize]| RampStep::Wait { nodes: numbers.iter().copied().map(name).collect() };
    assert_eq!(next(&fleet, &canaries, false, now), wait(&[1]));

    // The certificate is stored, and the server has some minutes to load it.
    fleet[0].stored = stored(CaSide::New);
    assert_eq!(next(&fleet, &canaries, false, now), wait(&[1]));
    let failures = |step: RampStep| match step {
        RampStep::Stop { failures } => {
            failures.into_iter().map(|gap| (gap.code, gap.node.expect("a node"))).collect()
        }
        _ => Vec::new(),
    };
    assert_eq!(failures(next(&fleet, &canaries, false, later)), [(Code::NotLoaded, name(1))]);

    fleet[0] = proof(1, CaSide::New);
    assert_eq!(next(&fleet, &canaries, false, later), RampStep::Widen { round: 0 });
    assert!(
        matches!(next(&fleet, &canaries, true, later), RampStep::Wait { nodes } if nodes.len() == 399)
    );

    // A canary that fails stops the ramp at any time; of the others, more than three do.
    fleet[0].leaf = unseen(true);
    assert_eq!(failures(next(&fleet, &canaries, true, later)), [(Code::NoTls, name(1))]);
    fleet[0] = proof(1, CaSide::New);
    for number in [10, 11, 12] {
        fleet[number].leaf = unseen(true);
        assert_eq!(failures(next(&fleet, &canaries, true, later)), []);
    }
    fleet[13].leaf = leaf(CaSide::Other);
    assert_eq!(failures(next(&fleet, &canaries, true, later)).len(), 4);
    // Of 99 nodes, less than one is a hundredth.
    assert_eq!(failures(next(&fleet[1..12], &canaries, true, later)).len(), 2);

    let done: Vec<NodeProof> = (1..=400).map(|number| proof(number, CaSide::New)).collect();
    assert_eq!(next(&done, &canaries, true, later), RampStep::Finished);
    // Without a canary nobody follows.
    let old: Vec<NodeProof> = (1..=400).map(|number| proof(number, CaSide::Old)).collect();
    assert_eq!(next(&old, &BTreeSet::new(), false, later), wait(&[]));
    // A node that is down is no failure, and no proof.
    fleet = done;
    fleet[0].leaf = unseen(false);
    assert_eq!(next(&fleet, &canaries, false, later), wait(&[1]));
}

/// A node whose turn has not come is no failure, unless it lacks more than its new certificate.
#[test]
fn nodes_that_wait_for_their_turn_are_no_gaps() {
    let time = at("2030-02-02T00:00:00Z");
    let of = |is_paused| {
        Scenario::with(Gate::Reissued, |scenario| {
            for number in [1, 2] {
                let old =
                    NodeProof { stored: stored(CaSide::Old), ..proof(number + 1, CaSide::Old) };
                scenario.proofs[number] = old;
            }
            scenario.others.push((name(2), stored(CaSide::Old)));
            scenario.waiting = WaitingNodes {
                nodes: BTreeMap::from([(name(2), Some(time)), (name(3), None)]),
                is_paused,
            };
        })
    };
    let answer = of(false).ask();
    assert_eq!((answer.answer, answer.proved, &answer.lacks), (Answer::Fail, 1, &Vec::new()));
    assert!(answer.only_waits());
    let wait = NodeWait { nodes: 2, later: 1, until: Some(time), is_paused: false };
    assert_eq!(answer.waits, Some(wait));
    assert_eq!(of(true).ask().waits.expect("a wait").until, None);
    let mut fails = of(false);
    fails.proofs[1].leaf = unseen(false);
    let answer = fails.ask();
    assert!(!answer.only_waits());
    assert_eq!(answer.waits.expect("a wait").nodes, 1);
    assert_eq!(fails.lacks().1[0], (Code::Unreachable, Some(name(2))));
    // Without a turn to wait for, each node is listed once.
    fails = of(false);
    fails.waiting = WaitingNodes::default();
    let listed = [(Code::OldCertificate, Some(name(2))), (Code::OldCertificate, Some(name(3)))];
    assert_eq!(fails.lacks(), (Answer::Fail, listed.to_vec()));
}

#[test]
fn digests_depend_on_the_proofs_and_not_on_their_order() {
    let proofs: Vec<NodeProof> = (1..=3).map(|number| proof(number, CaSide::New)).collect();
    let digest = digest_of(&proofs).expect("a digest");
    let reversed: Vec<NodeProof> = proofs.iter().rev().cloned().collect();
    assert_eq!(digest_of(&reversed).expect("a digest"), digest);
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    let mut other = proofs.clone();
    other[2].trusts_new = CaTrust::TakesAny;
    assert_ne!(digest_of(&other).expect("a digest"), digest);
    let json = serde_json::to_string(&proofs).expect("JSON");
    assert_eq!(serde_json::from_str::<Vec<NodeProof>>(&json).expect("proofs"), proofs);
}

#[test]
fn codes_have_one_name() {
    for code in
        [Code::TooEarly, Code::PopulationShrank, Code::OldCaTrusted, Code::TakesAny, Code::NoTls]
    {
        assert_eq!(serde_json::to_value(code).expect("JSON"), code.name());
    }
}
