//! Everything that reads bytes from outside, behind one door: the first byte says which
//! reader gets the rest. `tests/fuzz/run` builds it, and makes the inputs it starts from.
//!
//! A reader may say no to anything. It may not panic, hang, or take in what it would not
//! write the same way.

#![no_main]

use ccx_sec::error::Result;
use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::key::PrivateKey;
use ccx_sec::pki::{pem, pkcs8, profile, subject};
use ccx_sec::probe::failure::Failure;
use ccx_sec::probe::wire::{self, Reception};
use ccx_sec::store::{ca, manifest};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, join, sink};

fuzz_target!(|input: &[u8]| {
    match input.split_first() {
        Some((b'P', bytes)) => pem_text(bytes),
        Some((b'C', bytes)) => certificate(bytes),
        Some((b'K', bytes)) => key(bytes),
        Some((b'E', bytes)) => encrypted_key(bytes),
        Some((b'S', bytes)) => secret(bytes),
        Some((b'M', bytes)) => mysql(bytes),
        Some((b'G', bytes)) => postgresql(bytes),
        Some((b'R', bytes)) => redis(bytes),
        Some((b'T', bytes)) => sql_server(bytes),
        _ => {}
    }
});

/// The value, where there is one; a no must have a code and say something.
fn told<T>(result: Result<T>) -> Option<T> {
    result
        .inspect_err(|error| {
            assert!(!error.code().is_empty() && !error.to_string().is_empty());
            assert!((1..=4).contains(&error.exit().code()));
        })
        .ok()
}

fn pem_text(bytes: &[u8]) {
    for item in told(pem::read("input", bytes)).into_iter().flatten() {
        match item {
            pem::Item::Certificate(der) => certificate(&der),
            pem::Item::Key(der) => drop(told(PrivateKey::from_der(&der))),
            pem::Item::EncryptedKey(der) => encrypted_key(&der),
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
    let again = Certificate::from_pem("again", pem::certificates([&certificate]).as_bytes());
    assert_eq!(again.expect("what we wrote"), [certificate]);
}

fn key(bytes: &[u8]) {
    match pem::key_from_der(bytes) {
        Some(pem::Item::Key(der)) => {
            let Some(key) = told(PrivateKey::from_der(&der)) else { return };
            let text = pem::private_key(key.pkcs8());
            let items = pem::read("again", text.as_bytes()).expect("what we wrote");
            let [pem::Item::Key(der)] = &items[..] else { panic!("{} items", items.len()) };
            let again = PrivateKey::from_der(der).expect("the same key");
            assert_eq!(again.public_key_info(), key.public_key_info());
        }
        Some(pem::Item::EncryptedKey(der)) => encrypted_key(&der),
        _ => {}
    }
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
    drop(told(ca::Bundle::from_secret(&secret)));
    drop(told(ca::certificate_of(&secret)));
    drop(told(ca::authority_of(&secret)));
}

/// A server that says these bytes, whatever it hears, and hangs up: told as what it did, or
/// as a failure, and never waited for.
fn conversation<T>(talk: impl Future<Output = std::result::Result<T, Failure>>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let said = runtime.block_on(talk);
    said.inspect_err(|failure| {
        assert!(!failure.message.is_empty() && failure.message.len() < 2000);
        assert!(!failure.message.contains(char::is_control), "{failure:?}");
    })
    .ok()
}

fn shown(reception: Option<Reception>) {
    if let Some(Reception::Refused(said) | Reception::CertificateRequired(said)) = reception {
        assert!(!said.contains(char::is_control), "{said:?}");
    }
}

fn mysql(bytes: &[u8]) {
    for tls in [false, true] {
        let mut stream = join(bytes, sink());
        shown(conversation(async {
            let greeting = wire::mysql::greeting(&mut stream).await?;
            assert!(!greeting.version.contains(char::is_control));
            wire::mysql::request_tls(&mut stream, &greeting).await?;
            wire::mysql::log_in(&mut stream, &greeting, "nobody", tls).await
        }));
    }
}

fn postgresql(bytes: &[u8]) {
    for tls in [false, true] {
        let mut stream = join(bytes, sink());
        shown(conversation(wire::postgresql::start_up(&mut stream, "nobody", "db", tls)));
    }
    // After the byte of the answer, any more before TLS is a fault; so is the end.
    assert!(conversation(wire::postgresql::request_tls(&mut join(bytes, sink()))).is_none());
}

fn redis(bytes: &[u8]) {
    shown(conversation(wire::redis::ping(&mut join(bytes, sink()))));
}

fn sql_server(bytes: &[u8]) {
    if let Some(told) = conversation(wire::mssql::prelogin(&mut join(bytes, sink()), true)) {
        assert!(!told.version.contains(char::is_control));
        shown(Some(told.without_tls()));
    }
    let mut unwrapped = Vec::new();
    let mut stream = wire::mssql::Wrapped::new(join(bytes, sink()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _ = runtime.block_on(stream.read_to_end(&mut unwrapped));
    assert!(unwrapped.len() <= bytes.len());
}
