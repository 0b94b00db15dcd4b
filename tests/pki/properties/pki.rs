//! Keys and certificates, in every form in which they come in.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use ccx_sec::pki::authority::{Authority, CaRequest};
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::constraints::NameConstraints;
use ccx_sec::pki::key::{KeyType, PrivateKey};
use ccx_sec::pki::subject::{self, Subject};
use ccx_sec::pki::validity::{self, Validity};
use ccx_sec::pki::{pem, pkcs8, profile};
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use rustls_pki_types::PrivateKeyDer;

use super::{cases, code, damaged, of_words};

/// The certificates under `fixtures`, DER.
static CERTIFICATES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let texts = fs::read_dir(folder).expect("the folder").map(|entry| {
        let path = entry.expect("an entry").path();
        path.extension().filter(|kind| *kind == "pem").map(|_| fs::read(&path).expect("a fixture"))
    });
    let items = texts.flatten().flat_map(|text| pem::read("fixture", &text).expect("PEM"));
    let ders = items.filter_map(|item| match item {
        pem::PemItem::Certificate(der) => Some(der),
        _ => None,
    });
    ders.collect()
});

/// A key of each kind, PKCS#8.
static KEYS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    [KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Ed25519, KeyType::Rsa2048]
        .map(|kind| PrivateKey::generate(kind).expect("a key").pkcs8().to_vec())
        .to_vec()
});

/// A key under the passphrase `x`, cheap to open.
static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    use ::pkcs8::der::Encode;
    use ::pkcs8::pkcs5::pbes2::Parameters;
    let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(1000, b"salt and salt", [7; 16])
        .expect("parameters");
    let encrypted = parameters.encrypt("x", &KEYS[0]).expect("encrypted");
    let info = ::pkcs8::EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: ::pkcs8::der::asn1::OctetStringRef::new(&encrypted).expect("short"),
    };
    info.to_der().expect("DER")
});

fn kinds(items: &[pem::PemItem]) -> Vec<(char, Vec<u8>)> {
    let kind = |item: &pem::PemItem| match item {
        pem::PemItem::Certificate(der) => ('c', der.clone()),
        pem::PemItem::Key(der) => ('k', der.secret_der().to_vec()),
        pem::PemItem::EncryptedKey(der) => ('e', der.to_vec()),
    };
    items.iter().map(kind).collect()
}

#[rustfmt::skip]
const PEM: &[&str] = &[
    "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----END ENCRYPTED PRIVATE KEY-----",
    "-----BEGIN ", "-----END ", "-----", "Proc-Type: 4,ENCRYPTED", "MDAwMDAw", "MDA=", "\n",
    "\r\n", "\n", " ",
];

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn pem_takes_any_bytes(bytes in vec(any::<u8>(), 0..512), text in of_words(PEM)) {
        for bytes in [&bytes[..], text.as_bytes()] {
            if let Ok(items) = code(pem::read("x", bytes)) {
                prop_assert!(!items.is_empty());
            }
        }
    }

    #[test]
    fn pem_reads_back_in_order(
        sections in vec((0..3usize, any::<u8>(), 0..200usize), 1..6),
        note in "[a-z =\n]{0,40}",
    ) {
        let mut text = String::new();
        let mut expected = Vec::new();
        for (kind, byte, length) in sections {
            let der = vec![byte; length];
            let (kind, section) = match kind {
                0 => ('k', pem::private_key(&der).to_string()),
                1 => ('e', pem::encrypted_private_key(&der)),
                _ => {
                    let der = &CERTIFICATES[length % CERTIFICATES.len()];
                    let Ok(certificate) = Certificate::from_der(der.clone()) else { continue };
                    text.push_str(&pem::certificates([&certificate]));
                    expected.push(('c', der.clone()));
                    continue;
                }
            };
            expected.push((kind, der));
            text.push_str(&section);
            text.push_str(&note);
            text.push('\n');
        }
        prop_assume!(!expected.is_empty());
        let items = pem::read("x", text.as_bytes()).expect("what we wrote");
        prop_assert_eq!(kinds(&items), expected);
    }

    #[test]
    fn no_pem_error_shows_what_is_between_the_markers(
        bytes in damaged(vec![pem::private_key(&[0x30; 200]).as_bytes().to_vec()])
    ) {
        if let Err(error) = pem::read("x", &bytes) {
            let told = format!("{error:?} {:?}", error.hints());
            prop_assert!(!told.contains("MDAwMDAw"), "{}", told);
        }
    }

    #[test]
    fn damaged_certificate_is_refused_or_described(der in damaged(CERTIFICATES.clone())) {
        if let Ok(certificate) = code(Certificate::from_der(der.clone())) {
            let described = certificate.describe(Timestamp::UNIX_EPOCH);
            let document = serde_json::to_string(&described).expect("JSON");
            prop_assert!(!document.contains(subject::is_hidden), "{}", document);
            let _ = profile::check_ca(&certificate);
            let _ = profile::check_dates(&certificate, Timestamp::UNIX_EPOCH, None);
            prop_assert_eq!(certificate.der(), der);
        }
    }

    #[test]
    fn damaged_key_is_refused_or_is_one_whole_key(der in damaged(KEYS.clone())) {
        for der in [Some(PrivateKeyDer::Pkcs8(der.clone().into())), PrivateKeyDer::try_from(der).ok()]
        {
            let Some(Ok(key)) = der.map(|der| code(PrivateKey::from_der(&der))) else { continue };
            let again = PrivateKey::from_der(&PrivateKeyDer::Pkcs8(key.pkcs8().into()));
            prop_assert_eq!(again.expect("a key").public_key_info(), key.public_key_info());
        }
    }

    #[test]
    fn keys_are_told_apart_in_any_bytes(bytes in vec(any::<u8>(), 0..64)) {
        for der in [
            PrivateKeyDer::Pkcs1(bytes.clone().into()),
            PrivateKeyDer::Sec1(bytes.clone().into()),
            PrivateKeyDer::Pkcs8(bytes.clone().into()),
        ] {
            prop_assert_eq!(code(PrivateKey::from_der(&der)).map(drop), Err("key-unsupported"));
        }
        let _ = pem::key_from_der(&bytes);
        prop_assert!(code(pkcs8::decrypt(&bytes, "x")).is_err());
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn damaged_encrypted_key_is_refused(der in damaged(vec![SEALED.clone()])) {
        if let Ok(key) = code(pkcs8::decrypt(&der, "x")) {
            prop_assert!(!key.is_empty());
        }
        let whole = pkcs8::decrypt(&SEALED, "x").expect("the key");
        prop_assert_eq!(whole.as_slice(), &KEYS[0][..]);
    }

    #[test]
    fn subject_that_is_taken_is_what_the_certificate_says(
        name in any::<String>(), organization in proptest::option::of("\\PC{0,70}"),
    ) {
        let Ok(subject) = code(Subject::new(&name, organization.as_deref())) else {
            return Ok(());
        };
        let validity =
            Validity::starting(Timestamp::UNIX_EPOCH, &validity::ca_default()).expect("in range");
        let request = CaRequest { subject, validity, constraints: NameConstraints::default() };
        let key = PrivateKey::from_der(&PrivateKeyDer::Pkcs8(KEYS[0].as_slice().into()));
        let authority = Authority::create(&request, key.expect("a key")).expect("a CA");
        let told = authority.certificate().subject();
        prop_assert!(told.starts_with("CN=") && !told.contains(subject::is_hidden), "{}", told);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let parts = letters(&name) + organization.map_or(0, |o| letters(&o) + 1) + 2;
        prop_assert_eq!(letters(&told), parts, "{}", told);
    }
}

/// A megabyte of extensions is looked through in one pass, and not each against all others.
#[test]
fn many_extensions_take_no_longer_than_they_should() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::default();
    parameters.custom_extensions = (0..50_000_u64)
        .map(|n| rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, n], vec![5, 0]))
        .collect();
    let signed = parameters.self_signed(&key).expect("a certificate");
    let certificate = Certificate::from_der(signed.der().to_vec()).expect("a certificate");
    let start = std::time::Instant::now();
    assert!(
        !profile::check_ca(&certificate).iter().any(|found| found.code.name() == "extension-twice")
    );
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn der_that_is_nested_deep_is_refused() {
    let mut der = vec![5, 0];
    for _ in 0..50_000 {
        let length = u32::try_from(der.len()).expect("short").to_be_bytes();
        der.splice(0..0, [&[0x30, 0x84], &length[..]].concat());
    }
    assert_eq!(code(Certificate::from_der(der.clone())).map(drop), Err("certificate-damaged"));
    assert_eq!(code(pkcs8::decrypt(&der, "x")).map(drop), Err("key-encryption-unsupported"));
    let key = PrivateKeyDer::Pkcs8(der.into());
    assert_eq!(code(PrivateKey::from_der(&key)).map(drop), Err("key-unsupported"));
}
