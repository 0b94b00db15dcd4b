//! Rotations of the CA in a directory store, written by hand: every phase, and every moment of its
//! ramp.

use std::borrow::Borrow;
use std::fs;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Home, base64, fingerprint};

/// The length of the ramp that the records have, in seconds.
pub const WINDOW: i64 = 86_400;
/// The share of canaries, in thousandths.
pub const CANARIES: u16 = 10;

/// The ramp of a rotation.
#[derive(Clone, Copy, Default)]
pub struct Ramp {
    /// For how long it has been widened, in seconds; `None` before that.
    pub widened: Option<i64>,
    pub paused: bool,
}

/// One of the two CAs of a rotation.
#[derive(Clone)]
struct Ca {
    certificate: String,
    key: String,
    sha256: String,
}

/// A home with a CA, and the CA that follows it.
pub struct Rotation<H = Home> {
    pub home: H,
    old: Ca,
    new: Ca,
}

/// Reads the CA in a store.
fn ca(home: &Home) -> Ca {
    let certificate = home.value("ccx-ca", "tls.crt");
    let sha256 = fingerprint(&home.write("ca-of-the-store.crt", &certificate));
    fs::remove_file(home.join("ca-of-the-store.crt")).expect("removed");
    Ca { certificate, key: home.value("ccx-ca", "tls.key"), sha256 }
}

impl Rotation {
    /// No rotation yet.
    pub fn idle() -> Self {
        Rotation::of(Home::with_ca())
    }
}

impl<H: Borrow<Home>> Rotation<H> {
    /// No rotation yet, in a home that has a CA.
    pub fn of(home: H) -> Self {
        let other = Home::new();
        other.ccx(&["ca", "init", "--common-name", "Test CA G2"]).assert().success();
        Rotation { old: ca(home.borrow()), new: ca(&other), home }
    }

    /// The certificate of the old CA and of the new one, PEM.
    pub fn certificates(&self) -> [&str; 2] {
        [&self.old.certificate, &self.new.certificate]
    }

    /// The bundle while both CAs are in it, the first `active`.
    fn write(&self, phase: &str, ramp: Ramp, signer: &Ca, roles: &[(&str, &Ca)], is_back: bool) {
        let (from, target) = if is_back { (&self.new, &self.old) } else { (&self.old, &self.new) };
        let now = Timestamp::now();
        let widened = ramp.widened.map(|seconds| now - SignedDuration::from_secs(seconds));
        let record = json!({
            "id": "5f", "kind": "planned", "phase": phase, "from": from.sha256,
            "target": target.sha256, "step": 1, "since": now, "by": "ops@bastion",
            "earliest_switch": now, "history": [],
            "ramp": {"canary_permille": CANARIES, "window_seconds": WINDOW, "widened_at": widened,
                "paused": ramp.paused},
        });
        let entry = |(role, ca): &(&str, &Ca)| {
            let generation = if ca.sha256 == self.old.sha256 { 1 } else { 2 };
            json!({"role": role, "sha256": ca.sha256, "generation": generation})
        };
        let certificates: Vec<Value> = roles.iter().map(entry).collect();
        let mut index = json!({"version": 2, "certificates": certificates, "rotation": record});
        if phase == "idle" {
            index.as_object_mut().expect("an object").remove("rotation");
        }
        let pem: String = roles.iter().map(|(_, ca)| ca.certificate.as_str()).collect();
        self.home.borrow().edit("ccx-ca-bundle", |secret| {
            secret["data"]["ca.crt"] = base64(pem);
            secret["data"]["bundle.json"] = base64(index.to_string());
        });
        self.home.borrow().edit("ccx-ca", |secret| {
            secret["data"]["tls.crt"] = base64(&signer.certificate);
            secret["data"]["ca.crt"] = base64(&signer.certificate);
            secret["data"]["tls.key"] = base64(&signer.key);
        });
    }

    /// The bundle holds both CAs; the old one signs.
    pub fn stage(&self) {
        let roles = [("active", &self.old), ("next", &self.new)];
        self.write("staged", Ramp::default(), &self.old, &roles, false);
    }

    /// A crash within the switch: after the Secret of the CA was written, or before.
    pub fn switching(&self, is_written: bool) {
        let roles = [("active", &self.old), ("next", &self.new)];
        let signer = if is_written { &self.new } else { &self.old };
        self.write(
            "switching",
            Ramp { widened: Some(WINDOW), paused: false },
            signer,
            &roles,
            false,
        );
    }

    /// The new CA signs.
    pub fn switch(&self, ramp: Ramp) {
        let roles = [("active", &self.new), ("retiring", &self.old)];
        self.write("switched", ramp, &self.new, &roles, false);
    }

    /// The old CA signs again.
    pub fn switch_back(&self, ramp: Ramp) {
        let roles = [("active", &self.old), ("retiring", &self.new)];
        self.write("switched", ramp, &self.old, &roles, true);
    }

    /// All nodes have followed.
    pub fn reissued(&self) {
        let roles = [("active", &self.new), ("retiring", &self.old)];
        self.write("reissued", Ramp::default(), &self.new, &roles, false);
    }

    /// The bundle holds the new CA only.
    pub fn remove(&self) {
        self.write("removed", Ramp::default(), &self.new, &[("active", &self.new)], false);
    }

    /// The new CA is active and the old one retiring, without a rotation.
    pub fn without_record(&self) {
        let roles = [("active", &self.new), ("retiring", &self.old)];
        self.write("idle", Ramp::default(), &self.new, &roles, false);
    }
}
