//! What the parts cost inside the process: `cargo bench`, or `cargo bench -- describe` for
//! one of them. What the program costs as a whole, beside its peers, is for `tests/bench`.
//!
//! Each group says in its rows what it compares. Read ratios within one run: times differ
//! between machines, and RSA key generation between runs, since it looks for primes.

#![allow(missing_docs)]

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RsaKeyPair,
};
use ccx_sec::engine::Engine;
use ccx_sec::node::inventory::{self, InventoryDefaults, InventoryFormat};
use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::issue::{self, Issuer};
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::leaf_key::LeafKey;
use ccx_sec::pki::san::San;
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::{self, Validity};
use ccx_sec::pki::{pem, profile};
use ccx_sec::store::bundle::Bundle;
use ccx_sec::store::ca::TLS;
use ccx_sec::store::manifest;
use ccx_sec::store::secret::Secret;
use divan::{Bencher, black_box};
use jiff::Timestamp;
use rustls_pki_types::PrivateKeyDer;

fn main() {
    divan::main();
}

/// A new CA, in three rows a key type. `whole` against `key_alone` is the price of all that
/// is not the key; `certificate_alone` is that price by itself, free of the primes' luck.
#[divan::bench_group(sample_count = 25, max_time = 10)]
mod new_ca {
    use super::{Bencher, EcdsaKeyPair, Ed25519KeyPair, KeySize, KeyType, RsaKeyPair};
    use super::{ECDSA_P256_SHA256_ASN1_SIGNING as P256, ECDSA_P384_SHA384_ASN1_SIGNING as P384};
    use super::{PrivateKey, again, create};

    /// What the crypto library takes for the key, without any of ours around it.
    #[divan::bench(args = KeyType::ALL)]
    fn key_alone(bencher: Bencher, key_type: KeyType) {
        match key_type {
            KeyType::EcdsaP256 => bencher.bench(|| EcdsaKeyPair::generate(&P256)),
            KeyType::EcdsaP384 => bencher.bench(|| EcdsaKeyPair::generate(&P384)),
            KeyType::Ed25519 => bencher.bench(Ed25519KeyPair::generate),
            KeyType::Rsa2048 => bencher.bench(|| RsaKeyPair::generate(KeySize::Rsa2048)),
            KeyType::Rsa3072 => bencher.bench(|| RsaKeyPair::generate(KeySize::Rsa3072)),
            KeyType::Rsa4096 => bencher.bench(|| RsaKeyPair::generate(KeySize::Rsa4096)),
        }
    }

    /// Key, certificate, and the check against the profile.
    #[divan::bench(args = KeyType::ALL)]
    fn whole(key_type: KeyType) {
        create(PrivateKey::generate(key_type).expect("a key"));
    }

    /// Certificate and check, with a key that is there.
    #[divan::bench(args = KeyType::ALL)]
    fn certificate_alone(bencher: Bencher, key_type: KeyType) {
        let key = PrivateKey::generate(key_type).expect("a key");
        bencher.with_inputs(|| again(&key)).bench_values(create);
    }

    /// A key read from PKCS#8, with the library's own checks of it.
    #[divan::bench(args = KeyType::ALL)]
    fn key_from_pkcs8(bencher: Bencher, key_type: KeyType) {
        let key = PrivateKey::generate(key_type).expect("a key");
        bencher.bench(|| again(&key));
    }
}

/// A certificate for a node, on one thread and on two, as the threads of a fleet make them.
/// `key_alone` against `key`, and `crypto_alone` against `whole`: what the crypto library
/// takes for a new key (and one signature), and what it takes with all of ours around it.
#[divan::bench_group(threads = [1, 2], max_time = 10)]
mod node {
    use super::{Bencher, EcdsaKeyPair, KeyType, LeafKey, Timestamp, black_box, pem};
    use super::{ECDSA_P256_SHA256_ASN1_SIGNING as P256, Issuer, authority, request};

    #[divan::bench]
    fn key_alone(bencher: Bencher) {
        bencher.bench(|| EcdsaKeyPair::generate(&P256));
    }

    #[divan::bench]
    fn key(bencher: Bencher) {
        bencher.bench(|| LeafKey::generate(KeyType::EcdsaP256));
    }

    #[divan::bench]
    fn crypto_alone(bencher: Bencher) {
        let ca = EcdsaKeyPair::generate(&P256).expect("a key");
        let random = aws_lc_rs::rand::SystemRandom::new();
        let body = [0; 500];
        bencher.bench(|| (EcdsaKeyPair::generate(&P256), ca.sign(&random, black_box(&body))));
    }

    /// Key, certificate, and the check against the profile.
    #[divan::bench]
    fn whole(bencher: Bencher) {
        let (authority, now) = (authority(KeyType::EcdsaP256), Timestamp::now());
        let issuer = Issuer::new(&authority, now).expect("an issuer");
        let request = request();
        bencher.bench(|| {
            let key = LeafKey::generate(KeyType::EcdsaP256).expect("a key");
            (issuer.issue(&request, key.public(), now).expect("a certificate"), key)
        });
    }

    /// Both as PEM.
    #[divan::bench]
    fn to_pem(bencher: Bencher) {
        let (authority, now) = (authority(KeyType::EcdsaP256), Timestamp::now());
        let issuer = Issuer::new(&authority, now).expect("an issuer");
        let key = LeafKey::generate(KeyType::EcdsaP256).expect("a key");
        let certificate = issuer.issue(&request(), key.public(), now).expect("a certificate");
        bencher.bench(|| (pem::certificates([&certificate]), pem::private_key(key.pkcs8())));
    }
}

/// The nodes of a fleet, read from an inventory of a thousand.
#[divan::bench(args = [InventoryFormat::Yaml, InventoryFormat::Csv])]
fn inventory(bencher: Bencher, notation: InventoryFormat) {
    let (head, separator, end) = match notation {
        InventoryFormat::Yaml => ("- {datastore: ", ", ", "}\n"),
        InventoryFormat::Csv => ("", ",", "\n"),
    };
    let mut text = match notation {
        InventoryFormat::Yaml => String::new(),
        InventoryFormat::Csv => "datastore,node,ip\n".to_owned(),
    };
    for n in 0..1000 {
        let datastore = format!("5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f{n:04x}");
        let fields = match notation {
            InventoryFormat::Yaml => {
                [datastore, format!("node: db-{n}"), format!("ip: [10.0.0.{}]", n % 250)]
            }
            InventoryFormat::Csv => [datastore, format!("db-{n}"), format!("10.0.0.{}", n % 250)],
        };
        text += &format!("{head}{}{end}", fields.join(separator));
    }
    let given = InventoryDefaults {
        domain: Some("ccx.example.com".parse().expect("a domain")),
        engine: Some(Engine::Postgresql),
        ..InventoryDefaults::default()
    };
    bencher.bench(|| inventory::read("x", black_box(text.as_bytes()), notation, &given));
}

/// A certificate, read and judged.
mod certificate {
    use super::{Bencher, Certificate, KeyType, Timestamp, authority, black_box, pem, profile};

    const TYPES: [KeyType; 3] = [KeyType::EcdsaP256, KeyType::Ed25519, KeyType::Rsa4096];

    #[divan::bench(args = TYPES)]
    fn from_der(bencher: Bencher, key_type: KeyType) {
        let authority = authority(key_type);
        let der = authority.certificate().der();
        bencher.bench(|| Certificate::from_der(black_box(der)));
    }

    #[divan::bench(args = TYPES)]
    fn from_pem(bencher: Bencher, key_type: KeyType) {
        let text = pem::certificates([authority(key_type).certificate()]);
        bencher.bench(|| Certificate::from_pem("x", black_box(text.as_bytes())));
    }

    #[divan::bench(args = TYPES)]
    fn describe(bencher: Bencher, key_type: KeyType) {
        let authority = authority(key_type);
        bencher.bench(|| black_box(authority.certificate()).describe(Timestamp::UNIX_EPOCH));
    }

    /// The check of the signature is nearly all of it.
    #[divan::bench(args = TYPES)]
    fn check_ca(bencher: Bencher, key_type: KeyType) {
        let authority = authority(key_type);
        bencher.bench(|| profile::check_ca(black_box(authority.certificate())));
    }
}

/// The two Secrets of a CA, and one as large as Kubernetes allows, to YAML and back.
mod secret {
    use super::{Bencher, KeyType, black_box, bundle, ca_secret, largest, manifest};

    const KINDS: [&str; 3] = ["ca", "bundle", "largest"];

    fn secret(kind: &str) -> super::Secret {
        match kind {
            "ca" => ca_secret(KeyType::EcdsaP256),
            "bundle" => bundle(KeyType::EcdsaP256),
            _ => largest(),
        }
    }

    #[divan::bench(args = KINDS)]
    fn to_yaml(bencher: Bencher, kind: &str) {
        let secret = secret(kind);
        bencher.bench(|| manifest::secret_to_yaml(black_box(&secret)));
    }

    #[divan::bench(args = KINDS)]
    fn from_yaml(bencher: Bencher, kind: &str) {
        let text = manifest::secret_to_yaml(&secret(kind)).expect("yaml");
        bencher.bench(|| manifest::secret_from_yaml("x", black_box(text.as_bytes())));
    }
}

fn create(key: PrivateKey) -> Authority {
    let request = CaRequest {
        subject: Subject::new("Acme DB CA", Some("Acme")).expect("a subject"),
        validity: Validity::starting(Timestamp::now(), &validity::ca_default()).expect("in range"),
        constraints: NameConstraints::default(),
    };
    Authority::create(&request, key).expect("a CA")
}

fn request() -> issue::LeafRequest {
    let host = "db-6ae82.5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10.ccx.example.com";
    issue::LeafRequest {
        subject: Subject::new("db-6ae82", None).expect("a subject"),
        san: San::new([host.parse().expect("a name")], ["10.0.0.7".parse().expect("an address")]),
        usage: issue::Usage::Server,
        validity: validity::leaf_default(),
    }
}

fn authority(key_type: KeyType) -> Authority {
    create(PrivateKey::generate(key_type).expect("a key"))
}

fn again(key: &PrivateKey) -> PrivateKey {
    PrivateKey::from_der(&PrivateKeyDer::Pkcs8(key.pkcs8().into())).expect("the key")
}

fn ca_secret(key_type: KeyType) -> Secret {
    let authority = authority(key_type);
    let pem = pem::certificates([authority.certificate()]);
    Secret::new("ccx-ca", TLS)
        .with("tls.crt", pem.as_str())
        .with("ca.crt", pem.as_str())
        .with("tls.key", pem::private_key(authority.key().pkcs8()).as_bytes())
}

fn bundle(key_type: KeyType) -> Secret {
    Bundle::from_certificate(authority(key_type).certificate())
        .to_secret("ccx-ca-bundle")
        .expect("a Secret")
}

fn largest() -> Secret {
    let value: Vec<u8> = (0..ccx_sec::store::secret::MAX_SIZE).map(|i| (i % 251) as u8).collect();
    Secret::new("largest", "Opaque").with("value", value)
}
