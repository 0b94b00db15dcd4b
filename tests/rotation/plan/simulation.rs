//! The simulation of a rotation: what breaks, in which phase, and for whom.

use ccx_sec::error::Code;
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::chain::Verifier;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::finding::Level;
use ccx_sec::pki::issue::Usage;
use ccx_sec::rotation::simulation::rules::check_next_ca;
use ccx_sec::rotation::simulation::{
    MatrixCell, SimulatedLeaf, SimulatedPhase, Simulation, TrustSet,
};
use rcgen::SerialNumber;

use crate::common::chains::{Ca, at};
use crate::rotation::plan::{Plan, ca, leaf, leaf_at, next_ca, old_ca};

use SimulatedPhase::{Idle, Reissued, Removed, Staged, Switched};

fn failures(simulation: &Simulation, phase: SimulatedPhase) -> Vec<&MatrixCell> {
    simulation.phase(phase).expect("the phase").failures().collect()
}

/// The phases with a failure.
fn broken(simulation: &Simulation) -> Vec<SimulatedPhase> {
    let phases = simulation.phases.iter();
    phases.filter(|phase| !phase.is_green()).map(|phase| phase.phase).collect()
}

#[test]
fn simulation_of_our_own_cas_is_green_in_every_phase() {
    let (old, next) = (old_ca(), next_ca());
    let mut plan = Plan::new(&old, &next);
    plan.leaves = ["db-1", "db-2", "db-3"].map(|name| leaf(&old, name)).to_vec();
    let server = leaf_at(&old, "db-4", Usage::Server, "2026-05-01T00:00:00Z", "90d");
    plan.leaves.push(SimulatedLeaf::new("db-4", server));
    plan.trust_sets = vec![TrustSet::of_node("db-1", plan.bundle.clone())];
    let simulation = plan.simulate();
    assert!(simulation.is_green(), "{simulation:#?}");
    let phases: Vec<_> = simulation.phases.iter().map(|one| (one.phase, one.leaves)).collect();
    assert_eq!(phases, [(Idle, 4), (Staged, 4), (Switched, 4), (Reissued, 4), (Removed, 4)]);
    assert!(simulation.phases.iter().all(|phase| !phase.cells.is_empty()));
    let classes: Vec<_> =
        simulation.classes.iter().map(|class| (class.in_use, class.leaves)).collect();
    assert_eq!(classes, [(true, 3), (true, 1), (false, 3), (false, 1)]);
}

/// From each phase on, and with no certificate in use: one is imagined.
#[test]
fn simulation_without_certificates_judges_imagined_ones() {
    for present in SimulatedPhase::ALL {
        let simulation = Plan::new(&old_ca(), &next_ca()).in_phase(present).simulate();
        assert!(simulation.is_green(), "{present:?}: {simulation:#?}");
        assert_eq!(simulation.phases[0].phase, present);
        assert!(simulation.phases.iter().all(|phase| !phase.cells.is_empty()), "{present:?}");
    }
}

#[test]
fn simulation_tells_each_client_when_it_breaks() {
    let (old, next, stranger) = (old_ca(), next_ca(), Ca::plain());
    let mut plan = Plan::new(&old, &next);
    plan.leaves = vec![leaf(&old, "db-1")];
    let [o, n] = [&old, &next].map(|ca| ca.certificate().clone());
    let set = TrustSet::of_client;
    plan.trust_sets = vec![
        set("old.pem", vec![o.clone()]),
        set("next.pem", vec![n.clone()]),
        set("both.pem", vec![n, o]),
        set("neither.pem", vec![stranger.certificate]),
    ];
    let simulation = plan.simulate();
    let clients: Vec<_> =
        simulation.clients.iter().map(|client| (client.name.as_str(), &client.breaks)).collect();
    assert_eq!(
        clients,
        [
            ("old.pem", &vec![Switched, Reissued, Removed]),
            ("next.pem", &vec![Idle, Staged, Switched]),
            ("both.pem", &vec![]),
            ("neither.pem", &vec![Idle, Staged, Switched, Reissued, Removed]),
        ]
    );
    let remedies: Vec<bool> = simulation.clients.iter().map(|one| !one.hints.is_empty()).collect();
    assert_eq!(remedies, [true, true, false, true]);
    for phase in &simulation.phases {
        assert!(phase.breaks_only_clients(), "{phase:#?}");
        for cell in phase.failures() {
            assert_eq!(cell.refusals.len(), simulation.verifiers.len(), "{cell:#?}");
            assert!(!cell.hints.is_empty());
        }
    }
    // What breaks through the rotation is the client with the old CA alone.
    let newly = simulation.phase(Switched).unwrap().new_failures();
    let newly: Vec<_> = newly.map(|cell| &simulation.trust_sets[cell.trust_set].name).collect();
    assert_eq!(newly, ["old.pem"]);
}

/// The trust set of a node counts in the present phase and the next one.
#[test]
fn simulation_of_the_switch_names_a_node_with_the_old_bundle() {
    let (old, next) = (old_ca(), next_ca());
    let mut plan = Plan::new(&old, &next);
    plan.leaves = vec![leaf(&old, "db-1")];
    plan.trust_sets = vec![TrustSet::of_node("db-2", vec![old.certificate().clone()])];
    assert_eq!(broken(&plan.simulate()), []);
    let simulation = plan.in_phase(Staged).simulate();
    assert_eq!(broken(&simulation), [Switched]);
    let failures = failures(&simulation, Switched);
    assert_eq!(failures.len(), 2, "as a server's and as a peer's: {failures:#?}");
    let cell = failures[0];
    assert_eq!(simulation.trust_sets[cell.trust_set].name, "db-2");
    assert!(cell.refusals.iter().all(|refusal| !refusal.already));
    let remedy = cell.hints[0].to_string();
    assert!(remedy.contains("ccx-sec cert renew --dir DIR"), "{remedy}");
    assert!(!simulation.phase(Switched).unwrap().breaks_only_clients());
}

/// A certificate of the old CA that is in use before the removal breaks with the bundle after it.
#[test]
fn simulation_of_the_removal_names_a_certificate_of_the_old_ca() {
    let (old, next) = (old_ca(), next_ca());
    let mut plan = Plan::new(&old, &next).in_phase(Reissued);
    plan.leaves = vec![leaf(&next, "db-1"), leaf(&old, "db-2")];
    let simulation = plan.simulate();
    assert_eq!(broken(&simulation), [Removed]);
    let parties: Vec<_> = failures(&simulation, Removed)
        .iter()
        .map(|cell| simulation.classes[cell.class].example.as_str())
        .collect();
    assert_eq!(parties, ["db-2", "db-2"], "as a server's and as a peer's");
    plan.leaves.pop();
    assert_eq!(broken(&plan.simulate()), []);
}

#[test]
fn simulation_finds_names_that_the_next_ca_may_not_sign_for() {
    let constraints =
        NameConstraints { dns: vec!["other.example.com".parse().unwrap()], ip: Vec::new() };
    let old = old_ca();
    let next = ca("Acme DB CA G2", "2026-04-01T00:00:00Z", "10y", constraints);
    let mut plan = Plan::new(&old, &next);
    plan.leaves = vec![leaf(&old, "db-1"), leaf(&old, "db-2")];
    let simulation = plan.simulate();
    assert!(simulation.is_refused());
    let [finding] = simulation.rules.as_slice() else { panic!("{:?}", simulation.rules) };
    assert_eq!(finding.code, Code::OutsideConstraints);
    assert!(finding.message.contains("2 certificates: db-1, db-2"), "{}", finding.message);
}

/// One name for two keys is refused; and the simulation says why: without a key identifier, OpenSSL
/// takes the first CA of the name for the issuer, and GnuTLS the last.
#[test]
fn simulation_of_one_name_with_two_keys_fails_without_key_identifiers() {
    let old = Ca::root("one name", |_| {});
    let next = Ca::root("one name", |params| params.not_after += time::Duration::days(1));
    let bare = old.leaf(|leaf| leaf.use_authority_key_identifier_extension = false);
    let plan = |leaf: Certificate| Plan {
        from: old.certificate.clone(),
        target: next.certificate.clone(),
        bundle: vec![old.certificate.clone()],
        present: Idle,
        now: at("2026-06-01T00:00:00Z"),
        leaves: vec![SimulatedLeaf::new("db-1", leaf)],
        trust_sets: Vec::new(),
    };
    let simulation = plan(bare).simulate();
    let errors = simulation.rules.iter().filter(|one| one.level == Level::Error);
    let codes: Vec<_> = errors.map(|one| one.code).collect();
    assert_eq!(codes, [Code::NameTaken]);
    let refusing = |verifier| {
        let phases = simulation.phases.iter().filter(|phase| phase.phase != Idle);
        phases
            .flat_map(|phase| phase.failures())
            .any(|cell| cell.refusals.iter().any(|one| one.verifier == verifier && !one.already))
    };
    assert!(refusing(Verifier::OpenSsl) && refusing(Verifier::GnuTls));
    assert!(!refusing(Verifier::Go) && !refusing(Verifier::Java) && !refusing(Verifier::Rustls));
    let simulation = plan(old.leaf(|_| {})).simulate();
    assert_eq!(broken(&simulation), [], "with key identifiers");
}

/// Where the old CA has expired, only what gets worse counts.
#[test]
fn simulation_of_an_expired_ca_has_no_new_failures() {
    let old = ca("Acme DB CA", "2025-01-01T00:00:00Z", "1y", NameConstraints::default());
    let next = next_ca();
    let mut plan = Plan::new(&old, &next);
    plan.leaves = vec![SimulatedLeaf::new(
        "db-1",
        leaf_at(&old, "db-1", Usage::Both, "2025-06-01T00:00:00Z", "90d"),
    )];
    let simulation = plan.simulate();
    assert_eq!(broken(&simulation), []);
    assert!(simulation.findings.iter().any(|one| one.code == Code::Expired));
    for phase in &simulation.phases {
        assert_eq!(phase.new_failures().count(), 0, "{phase:#?}");
    }
}

/// The old CA ends while its bundle is still in use: nothing of the next CA breaks by that.
#[test]
fn simulation_knows_when_the_old_ca_ends_within_the_plan() {
    let old = ca("Acme DB CA", "2026-01-01T00:00:00Z", "182d", NameConstraints::default());
    let next = next_ca();
    let mut plan = Plan::new(&old, &next);
    plan.leaves = vec![leaf(&old, "db-1")];
    assert_eq!(old.certificate().not_after(), at("2026-07-02T00:00:00Z"));
    let simulation = plan.simulate();
    assert!(simulation.is_green(), "{simulation:#?}");
}

#[test]
fn simulation_calls_a_cross_certificate_of_the_next_ca_unknown() {
    let (old, next) = (Ca::root("old", |_| {}), Ca::root("next", |_| {}));
    let cross = old.cross_signs(&next, "next");
    let plan = Plan {
        from: old.certificate.clone(),
        target: next.certificate.clone(),
        bundle: vec![old.certificate.clone()],
        present: Idle,
        now: at("2026-06-01T00:00:00Z"),
        leaves: vec![SimulatedLeaf::new("db-1", old.leaf(|_| {}))],
        trust_sets: vec![TrustSet::of_client(
            "cross.pem",
            vec![cross.certificate.clone(), old.certificate.clone()],
        )],
    };
    let simulation = plan.simulate();
    let [part] = simulation.unknown.as_slice() else { panic!("{:?}", simulation.unknown) };
    assert!(part.message.contains("cross.pem"), "{}", part.message);
    assert!(!simulation.is_green());
}

/// A bundle with a renewed certificate of the old CA, and one of a CA from before.
#[test]
fn simulation_keeps_the_other_members_of_the_bundle() {
    let old = Ca::root("old", |_| {});
    let renewed = Ca::root_of("old", &old.key, |params| {
        params.serial_number = Some(SerialNumber::from(7));
        params.not_after += time::Duration::days(10);
    });
    let next = Ca::root("next", |params| params.not_after += time::Duration::days(20));
    let plan = Plan {
        from: renewed.certificate.clone(),
        target: next.certificate.clone(),
        bundle: vec![renewed.certificate.clone(), old.certificate.clone()],
        present: Idle,
        now: at("2026-06-01T00:00:00Z"),
        leaves: vec![SimulatedLeaf::new("db-1", old.leaf(|_| {}))],
        trust_sets: vec![TrustSet::of_client("first.pem", vec![old.certificate.clone()])],
    };
    let simulation = plan.simulate();
    assert_eq!(simulation.clients[0].breaks, [Switched, Reissued, Removed]);
    assert!(simulation.phases.iter().all(|phase| phase.breaks_only_clients()));
    let staged = [&renewed.certificate, &next.certificate, &old.certificate];
    let staged: Vec<String> = staged.iter().map(|one| one.sha256()).collect();
    assert!(simulation.trust_sets.iter().any(|set| set.certificates == staged));
}

#[test]
fn rules_refuse_a_next_ca_outside_the_safe_region() {
    let now = at("2026-06-01T00:00:00Z");
    let old = Ca::root("old", |params| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    });
    let bundle = [old.certificate.clone()];
    let longer = |params: &mut rcgen::CertificateParams| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
        params.not_after += time::Duration::days(1);
    };
    let codes = |next: &Certificate| {
        let mut codes: Vec<&str> = check_next_ca(next, &bundle, now)
            .into_iter()
            .filter(|finding| finding.level == Level::Error)
            .map(|finding| finding.code.name())
            .collect();
        codes.sort_unstable();
        codes
    };
    let root = |name: &str, change: &dyn Fn(&mut rcgen::CertificateParams)| {
        Ca::root(name, |params| {
            longer(params);
            change(params);
        })
        .certificate
    };
    assert_eq!(codes(&root("next", &|_| {})), [""; 0]);
    assert_eq!(codes(&root("old", &|_| {})), ["name-taken"]);
    assert_eq!(codes(&Ca::root_of("next", &old.key, longer).certificate), ["key-taken"]);
    assert_eq!(codes(&Ca::root_of("old", &old.key, longer).certificate), ["key-taken"]);
    assert_eq!(codes(&old.sub("next", longer).certificate), ["bad-signature", "not-self-signed"]);
    let past = |params: &mut rcgen::CertificateParams| {
        params.not_after = params.not_before + time::Duration::days(1);
    };
    assert_eq!(codes(&root("next", &past)), ["ends-too-soon", "expired"]);
    let soon = |params: &mut rcgen::CertificateParams| params.not_after -= time::Duration::days(9);
    assert_eq!(codes(&root("next", &soon)), ["ends-too-soon"]);
    let deep = |params: &mut rcgen::CertificateParams| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    };
    assert_eq!(codes(&root("next", &deep)), ["path-length"]);
    // A next CA that is in the bundle already is not compared with itself.
    let next = root("next", &|_| {});
    let both = [old.certificate.clone(), next.clone()];
    assert!(check_next_ca(&next, &both, now).iter().all(|one| one.level == Level::Warning));
}

#[test]
fn rules_refuse_a_weaker_key() {
    use ccx_sec::pki::key::KeyType;
    let now = at("2026-06-01T00:00:00Z");
    let of = |key_type| Ca::ours(key_type, NameConstraints::default()).certificate;
    let (strong, weak) = (of(KeyType::EcdsaP384), of(KeyType::EcdsaP256));
    let has = |next: &Certificate, active: &Certificate| {
        let found = check_next_ca(next, std::slice::from_ref(active), now);
        found.iter().any(|finding| finding.code == Code::WeakKey)
    };
    assert!(has(&weak, &strong) && !has(&strong, &weak));
    assert!(has(&of(KeyType::Rsa2048), &weak));
}
