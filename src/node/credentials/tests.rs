//! Judgement of credentials before, during and after a rotation of the CA.

use super::*;
use crate::node::trust::{RotationPace, TURNS, turn};
use crate::pki::authority::{Authority, CaRequest};
use crate::pki::constraints::NameConstraints;
use crate::pki::issue::Usage;
use crate::pki::san::San;
use crate::pki::subject::Subject;
use crate::pki::validity::{Length, Validity};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn start() -> Timestamp {
    at("2030-01-01T00:00:00Z")
}

fn ca(name: &str) -> Authority {
    let request = CaRequest {
        subject: Subject::new(name, None).expect("a subject"),
        validity: Validity::starting(start(), &length("10y")).expect("in range"),
        constraints: NameConstraints::default(),
    };
    Authority::create(&request, PrivateKey::generate(KeyType::EcdsaP256).expect("a key"))
        .expect("a CA")
}

fn length(text: &str) -> Length {
    text.parse().expect("a length")
}

fn request(common_name: &str) -> LeafRequest {
    LeafRequest {
        subject: Subject::new(common_name, None).expect("a subject"),
        san: San::default(),
        usage: Usage::Client,
        validity: length("1y"),
    }
}

/// The credentials of a client that `ca` issued at the start, with its own certificate as bundle.
fn issued(ca: &Authority) -> Credentials {
    let issuer = Issuer::new(ca, start()).expect("an issuer");
    let bundle = pem::certificates([ca.certificate()]);
    let key = LeafKey::generate(KeyType::EcdsaP256).expect("a key");
    Credentials::issue(&issuer, &bundle, &request("app"), key, start()).expect("credentials")
}

/// The trust of a fleet for which `signer` signs, with these other members.
fn trust(signer: &Authority, others: &[&Authority], permille: Option<u16>) -> FleetTrust {
    let members = [signer].into_iter().chain(others.iter().copied());
    let members: Vec<_> = members.map(Authority::certificate).collect();
    let pace = permille.map(|permille| RotationPace { permille, ..RotationPace::unlimited() });
    let bundle = pem::certificates(members.iter().copied());
    FleetTrust::new(signer.certificate(), members, bundle, pace)
}

fn judge(credentials: &Credentials, trust: &FleetTrust, now: &str) -> CredentialVerdict {
    credentials.judge(trust, None, &RenewalTime::ByLife, at(now)).expect("a verdict")
}

const SOON: &str = "2030-01-02T00:00:00Z";
const LATE: &str = "2030-11-30T00:00:00Z";

fn replace(reason: RenewalReason) -> CredentialVerdict {
    CredentialVerdict { action: CredentialAction::Replace(reason), waits: false }
}

#[test]
fn certificate_of_the_old_ca_is_due_from_its_turn_on() {
    let (old, new) = (ca("Old"), ca("New"));
    let leaf = issued(&old);
    let turn = turn(&leaf.certificate().names_der());
    let waiting = CredentialVerdict { action: CredentialAction::Refresh, waits: true };
    for permille in [0, turn] {
        assert_eq!(judge(&leaf, &trust(&new, &[&old], Some(permille)), SOON), waiting);
    }
    for permille in [turn + 1, TURNS] {
        let verdict = judge(&leaf, &trust(&new, &[&old], Some(permille)), SOON);
        assert_eq!(verdict, replace(RenewalReason::Rotation));
    }
    let both = trust(&new, &[&old], Some(0));
    let kept = judge(&leaf.clone().with_bundle(both.bundle_pem()), &both, SOON);
    assert_eq!(kept, CredentialVerdict { action: CredentialAction::Keep, waits: true });
}

#[test]
fn certificate_of_the_signing_ca_stays_in_every_phase() {
    let (old, new) = (ca("Old"), ca("New"));
    for permille in [None, Some(0), Some(TURNS)] {
        let trust = trust(&old, &[&new], permille);
        let leaf = issued(&old).with_bundle(trust.bundle_pem());
        let kept = CredentialVerdict { action: CredentialAction::Keep, waits: false };
        assert_eq!(judge(&leaf, &trust, SOON), kept, "{permille:?}");
    }
}

#[test]
fn certificate_of_another_ca_is_foreign_outside_the_bundle_and_without_a_rotation() {
    let (old, new, other) = (ca("Old"), ca("New"), ca("Other"));
    let foreign = replace(RenewalReason::OtherCa);
    for permille in [None, Some(0), Some(TURNS)] {
        assert_eq!(judge(&issued(&other), &trust(&new, &[&old], permille), SOON), foreign);
    }
    assert_eq!(judge(&issued(&old), &trust(&new, &[&old], None), SOON), foreign);
    // The name of a member is not enough: its key counts.
    assert_eq!(judge(&issued(&ca("Old")), &trust(&new, &[&old], Some(0)), SOON), foreign);
}

#[test]
fn other_reasons_do_not_wait_for_a_turn() {
    let (old, new) = (ca("Old"), ca("New"));
    let (leaf, trust) = (issued(&old), trust(&new, &[&old], Some(0)));
    assert_eq!(judge(&leaf, &trust, LATE), replace(RenewalReason::Due));
    assert_eq!(judge(&leaf, &trust, "2031-01-02T00:00:00Z"), replace(RenewalReason::Expired));
    assert_eq!(judge(&leaf, &trust, "2029-01-01T00:00:00Z"), replace(RenewalReason::NotYetValid));
    let wanted = request("other");
    let changed =
        leaf.judge(&trust, Some((&wanted, KeyType::EcdsaP256)), &RenewalTime::ByLife, at(SOON));
    assert_eq!(changed.expect("a verdict"), replace(RenewalReason::Changed));
}

#[test]
fn early_renewal_at_request_waits_for_the_turn() {
    let (old, new) = (ca("Old"), ca("New"));
    let early = RenewalTime::Before(length("2y"));
    let judge = |leaf: &Credentials, trust: &FleetTrust, due: &RenewalTime, now| {
        leaf.judge(trust, None, due, at(now)).expect("a verdict")
    };
    let trust = trust(&new, &[&old], Some(0));
    assert!(judge(&issued(&old), &trust, &early, SOON).waits);
    assert_eq!(judge(&issued(&new), &trust, &early, SOON), replace(RenewalReason::Due));
    assert_eq!(judge(&issued(&old), &trust, &early, LATE), replace(RenewalReason::Due));
    // A later renewal at request stays later.
    let late = RenewalTime::Before(length("1d"));
    assert!(judge(&issued(&old), &trust, &late, LATE).waits);
}
