//! PKCS#12 (RFC 7292): trust stores, and a key with its certificate.
//!
//! Encrypted with PBES2 (PBKDF2-HMAC-SHA-256, AES-256-CBC), authenticated with
//! HMAC-SHA-256: OpenSSL 1.1 and later, Java 8u301 and later read it.

use p12_keystore::{
    Certificate as Entry, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm,
    Pkcs12Archive, PrivateKey as KeyEntry, PrivateKeyChain,
};

use crate::error::{Code, Error, Result};
use crate::pki::authority::Authority;
use crate::pki::certificate::Certificate;
use crate::pki::der::Elements;
use crate::shell::{CommandLine, Placeholder};

/// Iterations for a store of public data; the same number as OpenSSL's.
const PUBLIC_ITERATIONS: u32 = 2_048;
/// Iterations for a store with a private key.
const SECRET_ITERATIONS: u32 = 600_000;

/// Encodes a trust store of `(alias, certificate)` pairs, marked as trusted for Java.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn trust_store(entries: &[(String, &Certificate)], password: &str) -> Result<Vec<u8>> {
    let mut store = KeyStore::new();
    for (alias, certificate) in entries {
        let entry = Entry::from_der(certificate.der()).map_err(failed)?;
        store.add_entry(alias, KeyStoreEntry::Certificate(entry));
    }
    write(&store, password, PUBLIC_ITERATIONS)
}

/// Encodes a key store with the CA's key and certificate under `alias`.
///
/// # Errors
/// Exit 3 when it cannot be encoded.
pub fn key_store(alias: &str, authority: &Authority, passphrase: &str) -> Result<Vec<u8>> {
    let certificate = Entry::from_der(authority.certificate().der()).map_err(failed)?;
    let key = KeyEntry::from_der(authority.key().pkcs8()).map_err(failed)?;
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new(alias.as_bytes(), key, [certificate]);
    store.add_entry(alias, KeyStoreEntry::PrivateKeyChain(chain));
    write(&store, passphrase, SECRET_ITERATIONS)
}

/// Whether the bytes begin like a PKCS#12 store: a SEQUENCE whose first element is the version, 3.
#[must_use]
pub fn is_store(bytes: &[u8]) -> bool {
    let first = Elements::new(bytes).next().and_then(|store| store.ok()?.children().next()?.ok());
    first.is_some_and(|version| version.whole == [2, 1, 3])
}

/// Reads the certificates, DER, of the store called `name`. The library limits the key derivation
/// cost that the file asks for.
///
/// # Errors
/// Exit 2 when the passphrase is wrong or the store is of an unsupported kind.
pub fn certificates(name: &str, store: &[u8], passphrase: &str) -> Result<Vec<Vec<u8>>> {
    use p12_keystore::error::Error as Pkcs12;
    let archive = Pkcs12Archive::from_pkcs12(store, passphrase).map_err(|error| match error {
        Pkcs12::MacError(_) => {
            Error::usage(Code::PassphraseWrong, "the passphrase does not open the PKCS#12 store")
                .hint(
                    "a passphrase file is taken up to its first line end; check for a stray space",
                )
        }
        error => Error::usage(
            Code::Pkcs12Unsupported,
            format!("{name} is a PKCS#12 store that cannot be read"),
        )
        .because(error)
        .hint((
            "take the certificates out",
            CommandLine::other("openssl", "pkcs12 -legacy -nokeys")
                .option("-in", Placeholder("FILE"))
                .option("-out", Placeholder("NEW_FILE")),
        )),
    })?;
    Ok(archive.certs.iter().map(|entry| entry.cert.as_der().to_vec()).collect())
}

fn write(store: &KeyStore, password: &str, iterations: u32) -> Result<Vec<u8>> {
    store
        .writer(password)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .encryption_iterations(iterations)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .mac_iterations(iterations)
        .write()
        .map_err(failed)
}

fn failed(source: p12_keystore::error::Error) -> Error {
    Error::failed(Code::Pkcs12, "cannot write the PKCS#12 store").because(source)
}
