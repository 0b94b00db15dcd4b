//! Everything that reads files and Secrets, behind one door: the first byte says which reader
//! gets the rest. What servers say has a target for each protocol.
//!
//! A reader may say no to anything. It may not panic, hang, or take in what it would not
//! write the same way.

#![no_main]

use aws_lc_rs::digest::{SHA256, digest};
use ccx_sec::error::Result;
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::key::PrivateKey;
use ccx_sec::pki::{link, pem, pkcs8, profile, subject};
use ccx_sec::store::bundle::Bundle;
use ccx_sec::store::{ca, links, manifest};
use ccx_sec::block::{luks, policy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    match input.split_first() {
        Some((b'P', bytes)) => pem_text(bytes),
        Some((b'C', bytes)) => certificate(bytes),
        Some((b'K', bytes)) => key(bytes),
        Some((b'E', bytes)) => encrypted_key(bytes),
        Some((b'S', bytes)) => secret(bytes),
        Some((b'L', bytes)) => luks_header(bytes),
        _ => {}
    }
});

/// The value, where there is one; a no must have a code and say something.
fn told<T>(result: Result<T>) -> Option<T> {
    result
        .inspect_err(|error| {
            assert!(!error.code().name().is_empty() && !error.to_string().is_empty());
            assert!((1..=4).contains(&error.exit().code()));
        })
        .ok()
}

fn pem_text(bytes: &[u8]) {
    for item in told(pem::read("input", bytes)).into_iter().flatten() {
        match item {
            pem::PemItem::Certificate(der) => certificate(&der),
            pem::PemItem::Key(der) => drop(told(PrivateKey::from_der(&der))),
            pem::PemItem::EncryptedKey(der) => encrypted_key(&der),
        }
    }
}

fn certificate(bytes: &[u8]) {
    let Some(certificate) = told(Certificate::from_der(bytes)) else { return };
    let described = certificate.describe(jiff::Timestamp::UNIX_EPOCH);
    let text = [&described.subject, &described.issuer].into_iter().chain(&described.san.dns);
    for text in text {
        assert!(!text.contains(subject::is_hidden), "{text:?}");
    }
    let _ = profile::check_ca(&certificate);
    let _ = profile::check_dates(&certificate, jiff::Timestamp::UNIX_EPOCH, None);
    // It announces nothing: a CA certificate is no link, and a link announces no CA of its own key.
    let link = link::check(&certificate, &certificate, &certificate, jiff::Timestamp::UNIX_EPOCH);
    assert!(link.is_err(), "{certificate:?} is a link to itself");
    let again = Certificate::from_pem("again", pem::certificates([&certificate]).as_bytes());
    assert_eq!(again.expect("what we wrote"), [certificate]);
}

fn key(bytes: &[u8]) {
    match pem::key_from_der(bytes) {
        Some(pem::PemItem::Key(der)) => {
            let Some(key) = told(PrivateKey::from_der(&der)) else { return };
            let text = pem::private_key(key.pkcs8());
            let items = pem::read("again", text.as_bytes()).expect("what we wrote");
            let [pem::PemItem::Key(der)] = &items[..] else { panic!("{} items", items.len()) };
            let again = PrivateKey::from_der(der).expect("the same key");
            assert_eq!(again.public_key_info(), key.public_key_info());
        }
        Some(pem::PemItem::EncryptedKey(der)) => encrypted_key(&der),
        _ => {}
    }
}

/// As the beginning of a device, and as the JSON of a header whose checksum fits.
fn luks_header(bytes: &[u8]) {
    const SIZE: usize = 0x4000;
    let _ = policy::judge(&luks::read(bytes).expect("bytes can be read"));
    let mut header = vec![0; SIZE];
    header[..8].copy_from_slice(b"LUKS\xba\xbe\0\x02");
    header[14..16].copy_from_slice(&[0x40, 0]);
    header[72..78].copy_from_slice(b"sha256");
    let json = &bytes[..bytes.len().min(SIZE - 4096)];
    header[4096..4096 + json.len()].copy_from_slice(json);
    let sum = digest(&SHA256, &header);
    header[448..480].copy_from_slice(sum.as_ref());
    let _ = policy::judge(&luks::read(header.as_slice()).expect("bytes can be read"));
}

fn encrypted_key(bytes: &[u8]) {
    if !dear(bytes) {
        drop(told(pkcs8::decrypt(bytes, "passphrase")));
    }
}

/// Whether trying a passphrase would take long: allowed, up to a bound that unit tests know,
/// but the time is better spent on other inputs.
fn dear(bytes: &[u8]) -> bool {
    use ::pkcs8::der::Decode;
    use ::pkcs8::pkcs5::{EncryptionScheme, pbes2::Kdf};
    let Ok(info) = ::pkcs8::EncryptedPrivateKeyInfoRef::from_der(bytes) else { return false };
    let EncryptionScheme::Pbes2(parameters) = info.encryption_algorithm else { return false };
    match parameters.kdf {
        Kdf::Pbkdf2(kdf) => kdf.iteration_count > 4096,
        Kdf::Scrypt(kdf) => kdf.cost_parameter > 1024 || kdf.block_size > 16,
        _ => false,
    }
}

fn secret(bytes: &[u8]) {
    let Some(mut secret) = told(manifest::secret_from_yaml("input", bytes)) else { return };
    let text = manifest::secret_to_yaml(&secret).expect("what can be read can be written");
    let mut again = manifest::secret_from_yaml("again", text.as_bytes()).expect("what we wrote");
    (secret.version, again.version) = (None, None);
    assert!(again == secret, "{again:?} is not {secret:?}");
    drop(told(Bundle::from_secret(&secret)));
    drop(told(links::read_links(&secret)));
    drop(told(ca::certificate_of(&secret)));
    drop(told(ca::authority_of(&secret)));
}
