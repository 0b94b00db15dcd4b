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
use ccx_sec::pki::authority::{Authority, Request};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::subject::Subject;
use ccx_sec::pki::validity::{self, Validity};
use ccx_sec::pki::{pem, profile};
use ccx_sec::store::ca::{Bundle, TLS};
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
    let request = Request {
        subject: Subject::new("Acme DB CA", Some("Acme")).expect("a subject"),
        validity: Validity::starting(Timestamp::now(), &validity::ca_default()).expect("in range"),
        constraints: NameConstraints::default(),
    };
    Authority::create(&request, key).expect("a CA")
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
    Bundle::of(authority(key_type).certificate()).to_secret("ccx-ca-bundle").expect("a Secret")
}

fn largest() -> Secret {
    let value: Vec<u8> = (0..ccx_sec::store::secret::MAX_SIZE).map(|i| (i % 251) as u8).collect();
    Secret::new("largest", "Opaque").with("value", value)
}
