//! A rotation in any phase, written into a store as the commands leave it.

use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::{Validity, ca_default};
use ccx_sec::pki::{link, pem};
use ccx_sec::store::bundle::{Bundle, BundleCertificate, Role};
use ccx_sec::store::links::with_links;
use jiff::Timestamp;
use serde_json::json;

use super::{Home, base64};

/// The moment before which no test switches.
pub const EARLIEST_SWITCH: &str = "2027-03-01T00:00:00Z";

/// The CA of a home, and the next one.
pub struct Rotating<'a> {
    home: &'a Home,
    pub old: Authority,
    pub next: Authority,
}

fn authority(certificate: &str, key: &str) -> Authority {
    let certificate = Certificate::from_pem("ca", certificate.as_bytes()).unwrap().remove(0);
    let Some(pem::PemItem::Key(key)) = pem::read("key", key.as_bytes()).unwrap().pop() else {
        panic!("no key");
    };
    Authority::new(certificate, PrivateKey::from_der(&key).unwrap()).unwrap()
}

/// Makes a CA of this name that is no home's.
pub fn new_authority(name: &str) -> Authority {
    let request = CaRequest {
        subject: Subject::new(name, None).unwrap(),
        validity: Validity::starting(Timestamp::now(), &ca_default()).unwrap(),
        constraints: NameConstraints::default(),
    };
    Authority::create(&request, PrivateKey::generate(KeyType::EcdsaP256).unwrap()).unwrap()
}

impl<'a> Rotating<'a> {
    /// Makes the next CA of a home that has one; writes nothing.
    pub fn new(home: &'a Home) -> Self {
        let old = authority(&home.value("ccx-ca", "tls.crt"), &home.value("ccx-ca", "tls.key"));
        let name = format!("{} G2", old.certificate().common_name().unwrap());
        Rotating { home, old, next: new_authority(&name) }
    }

    pub fn old_sha256(&self) -> String {
        self.old.certificate().sha256()
    }

    pub fn next_sha256(&self) -> String {
        self.next.certificate().sha256()
    }

    /// The links that a planned rotation has.
    pub fn links(&self) -> Vec<Certificate> {
        let now = Timestamp::now();
        let forth = link::make(&self.old, self.next.certificate(), now).unwrap();
        let back = link::make(&self.next, self.old.certificate(), now).unwrap();
        [forth, back].into_iter().flatten().collect()
    }

    /// Writes the bundle of a phase, with these links.
    pub fn write(&self, phase: &str, kind: &str, links: &[Certificate]) {
        let member = |role, authority: &Authority, generation| BundleCertificate {
            role,
            certificate: authority.certificate().clone(),
            generation,
        };
        let (old, next) = (&self.old, &self.next);
        let mut bundle = Bundle::from_certificate(old.certificate());
        bundle.members = match phase {
            "staged" | "switching" => {
                vec![member(Role::Active, old, 1), member(Role::Next, next, 2)]
            }
            "switched" | "reissued" => {
                vec![member(Role::Active, next, 2), member(Role::Retiring, old, 1)]
            }
            _ => vec![member(Role::Active, next, 2)],
        };
        let record = json!({
            "id": "5f3a", "kind": kind, "phase": phase, "from": self.old_sha256(),
            "target": self.next_sha256(), "step": 1, "since": "2027-01-01T00:00:00Z", "by": "test",
            "earliest_switch": EARLIEST_SWITCH,
            "ramp": {"canary_permille": 10, "window_seconds": 86400, "paused": false},
            "history": [],
        });
        bundle.rotation = Some(serde_json::from_value(record).unwrap());
        let secret = with_links(bundle.to_secret("ccx-ca-bundle").unwrap(), links);
        self.home.edit("ccx-ca-bundle", |stored| {
            let data = secret.data.iter().map(|(key, value)| (key.clone(), base64(&**value)));
            stored["data"] = data.collect::<serde_json::Map<_, _>>().into();
        });
    }

    /// Writes the bundle of a phase of a planned rotation.
    pub fn plan(&self, phase: &str) {
        self.write(phase, "planned", &self.links());
    }
}
