//! Proofs on real servers: which CAs they trust, as client certificates of five minutes show it,
//! and which certificate they show.

use std::ops::ControlFlow;
use std::time::Duration;

use ccx_sec::node::NodeId;
use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::issue::{Issuer, LeafRequest, Usage};
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::leaf_key::LeafKey;
use ccx_sec::pki::pem;
use ccx_sec::pki::san::San;
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::Validity;
use ccx_sec::rotation::proof::collect::{CanaryAuthorities, ProofOptions, ProofTarget, collect};
use ccx_sec::rotation::proof::stored::StoredLook;
use ccx_sec::rotation::proof::{CaPair, CaSide, CaTrust, LeafLook, NodeProof, TrustBasis};
use jiff::Timestamp;

use crate::common::db::{Bed, Config, Engine, Family, Server};
use crate::common::nodes::DATASTORE;

fn authority(name: &str) -> Authority {
    let length = "1y".parse().expect("a length");
    let request = CaRequest {
        subject: Subject::new(name, None).expect("a subject"),
        validity: Validity::starting(Timestamp::now(), &length).expect("in range"),
        constraints: NameConstraints::default(),
    };
    let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
    Authority::create(&request, key).expect("a CA")
}

/// A server certificate for `localhost`, and its key.
fn leaf(authority: &Authority) -> (String, String) {
    let now = Timestamp::now();
    let request = LeafRequest {
        subject: Subject::new("localhost", None).expect("a subject"),
        san: San::new(["localhost".parse().expect("a name")], []),
        usage: Usage::Server,
        validity: "90d".parse().expect("a length"),
    };
    let key = LeafKey::generate(KeyType::EcdsaP256).expect("a key");
    let issuer = Issuer::new(authority, now).expect("it signs");
    let certificate = issuer.issue(&request, key.public(), now).expect("a certificate");
    (pem::certificates([&certificate]), pem::private_key(key.pkcs8()).to_string())
}

/// The two CAs of a rotation, and one that has nothing to do with it.
struct Cas {
    old: Authority,
    new: Authority,
    other: Authority,
}

impl Cas {
    fn new() -> Self {
        Cas {
            old: authority("Acme DB CA"),
            new: authority("Acme DB CA G2"),
            other: authority("Other CA"),
        }
    }

    fn pair(&self) -> CaPair {
        let of = |authority: &Authority| authority.certificate().clone();
        CaPair { old: of(&self.old), new: of(&self.new) }
    }
}

fn bundle(authorities: &[&Authority]) -> String {
    pem::certificates(authorities.iter().map(|authority| authority.certificate()))
}

/// What a server proves when `new` and `old` sign the client certificates.
fn prove(
    server: &Server,
    cas: &Cas,
    new: Option<&Authority>,
    old: Option<&Authority>,
    stored: StoredLook,
) -> NodeProof {
    let node = NodeId {
        datastore: DATASTORE.parse().expect("a UUID"),
        name: "db-1".parse().expect("a name"),
    };
    let target = server.url("localhost").parse().expect("a URL");
    let targets = [ProofTarget { node, target, stored }];
    let authorities = CanaryAuthorities { new, old, control: true };
    let options = ProofOptions { jobs: 4, timeout: Duration::from_secs(180) };
    let mut tick = || ControlFlow::Continue(());
    let proofs = collect(&targets, &cas.pair(), &authorities, options, &Timestamp::now, &mut tick);
    proofs.expect("collected").expect("not interrupted").remove(0)
}

fn nothing_stored() -> StoredLook {
    StoredLook::Absent { why: "there is nothing".to_owned() }
}

/// A server that verifies client certificates, with a certificate of the old CA, and trusts the old
/// CA alone.
fn serving(engine: Engine, cas: &Cas) -> Server {
    let bed = Bed::new(engine);
    let (certificate, key) = leaf(&cas.old);
    bed.put(&bundle(&[&cas.old]), &certificate, &key);
    let config = match engine.family() {
        Family::Redis => Config::tls(engine).and("tls-auth-clients optional"),
        _ => Config::tls(engine),
    };
    bed.start(&config)
}

fn signer(proof: &NodeProof) -> (CaSide, [bool; 3]) {
    match &proof.leaf {
        LeafLook::Seen(leaf) => {
            (leaf.signer, [leaf.verifies.old, leaf.verifies.both, leaf.verifies.new])
        }
        LeafLook::Unseen(unseen) => panic!("{unseen:?}"),
    }
}

fn wire() -> CaTrust {
    CaTrust::Trusts { basis: TrustBasis::Wire }
}

fn is_refused(trust: &CaTrust) -> bool {
    matches!(trust, CaTrust::Refuses { basis: TrustBasis::Wire, said } if said.contains("unknown_ca"))
}

/// A rotation on one server: its bundle grows and shrinks, and its certificate changes in between.
fn rotate(engine: Engine) {
    let cas = Cas::new();
    let server = serving(engine, &cas);
    let prove = |new, old| prove(&server, &cas, Some(new), old, nothing_stored());
    let reload = || server.reload().unwrap_or_else(|error| panic!("{engine:?}: {error}"));
    let (old_leaf, new_leaf) = (leaf(&cas.old), leaf(&cas.new));

    // The old CA alone.
    let proof = prove(&cas.new, None);
    assert!(is_refused(&proof.trusts_new), "{engine:?}: {proof:?}");
    assert_eq!(signer(&proof), (CaSide::Old, [true, true, false]), "{engine:?}");
    assert_eq!(prove(&cas.old, None).trusts_new, wire(), "{engine:?}");
    assert!(is_refused(&prove(&cas.other, None).trusts_new), "{engine:?}");

    // The file has both, and the server has not read it.
    server.put(&bundle(&[&cas.old, &cas.new]), &old_leaf.0, &old_leaf.1);
    let proof = prove(&cas.new, None);
    // PostgreSQL and others read nothing before they are told.
    assert!(is_refused(&proof.trusts_new), "{engine:?}: {proof:?}");
    reload();
    let proof = prove(&cas.new, Some(&cas.old));
    assert_eq!(proof.trusts_new, wire(), "{engine:?}: {proof:?}");
    assert_eq!(proof.trusts_old, Some(wire()), "{engine:?}: {proof:?}");
    let names = (engine.family() == Family::PostgreSql).then_some(true);
    assert_eq!(proof.names_new, names, "{engine:?}");
    assert!(is_refused(&prove(&cas.other, None).trusts_new), "{engine:?}");

    // A certificate of the new CA.
    server.put(&bundle(&[&cas.new, &cas.old]), &new_leaf.0, &new_leaf.1);
    assert_eq!(signer(&prove(&cas.new, None)).0, CaSide::Old, "{engine:?} has not been told");
    reload();
    let proof = prove(&cas.new, None);
    assert_eq!(signer(&proof), (CaSide::New, [false, true, true]), "{engine:?}");

    // The old CA is gone.
    server.put(&bundle(&[&cas.new]), &new_leaf.0, &new_leaf.1);
    reload();
    let proof = prove(&cas.new, Some(&cas.old));
    assert_eq!(proof.trusts_new, wire(), "{engine:?}: {proof:?}");
    assert!(is_refused(proof.trusts_old.as_ref().expect("asked for")), "{engine:?}: {proof:?}");
    // A refusal proves nothing where the other one is refused as well.
    let proof = prove(&cas.other, Some(&cas.old));
    assert!(matches!(proof.trusts_old, Some(CaTrust::Unknown { .. })), "{engine:?}: {proof:?}");
}

#[test]
#[ignore = "needs tests/run"]
fn proofs_follow_a_rotation_on_mysql_and_mariadb() {
    [Engine::Mysql97, Engine::MariaDb1011, Engine::MariaDb118].into_iter().for_each(rotate);
}

#[test]
#[ignore = "needs tests/run"]
fn proofs_follow_a_rotation_on_postgresql() {
    [Engine::Pg15, Engine::Pg17].into_iter().for_each(rotate);
}

#[test]
#[ignore = "needs tests/run"]
fn proofs_follow_a_rotation_on_redis_and_valkey() {
    [Engine::Redis7, Engine::Valkey8, Engine::Valkey9].into_iter().for_each(rotate);
}
