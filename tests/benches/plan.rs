//! What the simulation of a rotation costs for a large fleet, beside checking each signature once:
//! `cargo bench --bench plan`, or `cargo bench --bench plan -- 10000` for another number of leaves.
//!
//! Targets for 100,000 leaves and ten trust sets: under 10 s, under 300 MiB. On a busy machine, read the
//! time of the processor, which all threads share, and the ratios.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::issue::{Issuer, LeafRequest, Usage};
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::leaf_key::LeafKey;
use ccx_sec::pki::san::San;
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::{self, Validity};
use ccx_sec::rotation::simulation::{
    RotationScenario, Schedule, SimulatedLeaf, SimulatedPhase, TrustSet, simulate,
};
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

const TRUST_SETS: usize = 10;

fn ca(name: &str, now: Timestamp) -> Authority {
    let request = CaRequest {
        subject: Subject::new(name, Some("Acme")).unwrap(),
        validity: Validity::starting(now, &validity::ca_default()).unwrap(),
        constraints: NameConstraints::default(),
    };
    Authority::create(&request, PrivateKey::generate(KeyType::EcdsaP256).unwrap()).unwrap()
}

fn leaves(authority: &Authority, count: usize, now: Timestamp) -> Vec<SimulatedLeaf> {
    let (issuer, key) = (Issuer::new(authority, now), LeafKey::generate(KeyType::EcdsaP256));
    let (issuer, key) = (issuer.unwrap(), key.unwrap());
    let leaf = |number: usize| {
        let name = format!("db-{number}.5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10.ds.example.com");
        let request = LeafRequest {
            subject: Subject::new(&format!("db-{number}"), None).unwrap(),
            san: San::new([name.parse().unwrap()], []),
            usage: [Usage::Server, Usage::Both, Usage::Both][number % 3],
            validity: validity::leaf_default(),
        };
        let certificate = issuer.issue(&request, key.public(), now).unwrap();
        SimulatedLeaf::new(&name, certificate)
    };
    (0..count).into_par_iter().map(leaf).collect()
}

/// A line of /proc/self/status, in MiB: `VmRSS` is resident now, `VmHWM` at most.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|one| one.strip_prefix(line)).unwrap_or("0");
    let digits: String = found.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u64>().unwrap_or_default() / 1024
}

/// The processor time of this program, all threads together.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let now = Timestamp::now();
    let (old, next) = (ca("Acme DB CA", now), ca("Acme DB CA G2", now));
    let leaves = leaves(&old, count, now);
    let (from, target) = (old.certificate().clone(), next.certificate().clone());
    let clients = (0..TRUST_SETS).map(|number| {
        let mut anchors: Vec<Certificate> = (0..number)
            .map(|other| ca(&format!("CA {other}"), now).certificate().clone())
            .collect();
        anchors.push(from.clone());
        TrustSet::of_client(&format!("client-{number}.pem"), anchors)
    });
    let trust_sets: Vec<TrustSet> = clients.collect();
    let (begun, processor) = (Instant::now(), processor_time());
    let signed = leaves.par_iter().filter(|leaf| leaf.certificate.is_signed_by(&from)).count();
    let signatures = [begun.elapsed(), processor_time() - processor];
    assert_eq!(signed, count);
    let before = memory("VmRSS:");
    let day = SignedDuration::from_hours(24);
    let schedule = Schedule {
        now,
        switched: now + 30 * day,
        reissued: now + 31 * day,
        removed: now + 31 * day,
    };
    let (begun, processor) = (Instant::now(), processor_time());
    let simulation = simulate(&RotationScenario {
        from: &from,
        target: &target,
        bundle: std::slice::from_ref(&from),
        present: SimulatedPhase::Idle,
        schedule,
        leaves: &leaves,
        trust_sets: &trust_sets,
    });
    let plan = [begun.elapsed(), processor_time() - processor];
    let simulation = simulation.unwrap();
    assert!(simulation.unknown.is_empty() && simulation.clients.len() == TRUST_SETS);
    let cells: usize = simulation.phases.iter().map(|phase| phase.cells.len()).sum();
    println!("{count} leaves, {} trust sets, {cells} cells", simulation.trust_sets.len());
    let [signatures, plan] = [signatures, plan].map(|times| times.map(|one| one.as_secs_f64()));
    println!("signatures once  {:.2} s, {:.2} s of the processor", signatures[0], signatures[1]);
    let ratios = [plan[0] / signatures[0], plan[1] / signatures[1]];
    println!(
        "plan             {:.2} s, {:.2} s of the processor: {:.2} x, {:.2} x",
        plan[0], plan[1], ratios[0], ratios[1]
    );
    println!("memory           {before} MiB with the leaves, at most {} MiB", memory("VmHWM:"));
}
