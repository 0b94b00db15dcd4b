//! Encrypts and decrypts private keys: PKCS#8 (RFC 5958) with PBES2 (RFC 8018).

use ::pkcs8::der::{Decode, Encode};
use ::pkcs8::pkcs5::{self, EncryptionScheme, pbes2};
use ::pkcs8::{EncryptedPrivateKeyInfoRef, Error as Pkcs8};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::hint::Hint;
use crate::shell::{CommandLine, Placeholder};

/// PBKDF2 iterations with HMAC-SHA-256 for new encrypted keys (OWASP's figure of 2023).
const ITERATIONS: u32 = 600_000;

/// The most PBKDF2 iterations that a key file may ask for: some ten seconds of work. Without a
/// limit, a crafted file could ask for hours.
const MAX_ITERATIONS: u32 = 20_000_000;

/// The most memory that scrypt may use, in bytes. OpenSSL's own limit is 32 MiB.
const MAX_SCRYPT_MEMORY: u64 = 256 * 1024 * 1024;

/// The most work that scrypt may do: cost, block size and parallelization multiplied
/// (RFC 7914, section 2); 128 times OpenSSL's default.
const MAX_SCRYPT_WORK: u64 = 1 << 24;

/// Encrypts a PKCS#8 key with AES-256-CBC and PBKDF2-HMAC-SHA-256, which OpenSSL, GnuTLS and Java
/// can all read.
///
/// # Errors
/// Exit 3 when the random source or the encryption fails.
pub fn encrypt(pkcs8: &[u8], passphrase: &str) -> Result<Vec<u8>> {
    let failed = || Error::failed(Code::KeyEncryption, "cannot encrypt the private key");
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    rand::fill(&mut salt).and_then(|()| rand::fill(&mut iv)).map_err(|e| failed().because(e))?;
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, iv)
        .map_err(|e| failed().because(e))?;
    let encrypted = parameters.encrypt(passphrase, pkcs8).map_err(|e| failed().because(e))?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: EncryptionScheme::Pbes2(parameters),
        encrypted_data: ::pkcs8::der::asn1::OctetStringRef::new(&encrypted)
            .map_err(|e| failed().because(e))?,
    };
    info.to_der().map_err(|e| failed().because(e))
}

/// Decrypts an encrypted PKCS#8 key (PBES2 with PBKDF2 or scrypt and AES).
///
/// # Errors
/// Exit 2: not encrypted PKCS#8, an unsupported encryption, one that would cost too much, or a
/// wrong passphrase.
pub fn decrypt(der: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>> {
    let unsupported = |cause: &dyn std::fmt::Display| {
        Error::usage(Code::KeyEncryptionUnsupported, "the encrypted private key cannot be read")
            .because(anyhow::anyhow!("{cause}"))
            .hint("supported: PKCS#8 with PBES2")
            .hint(converted())
    };
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|error| unsupported(&error))?;
    check_cost(&info.encryption_algorithm)?;
    let document = info.decrypt(passphrase).map_err(|error| match error {
        Pkcs8::EncryptedPrivateKey(
            pkcs5::Error::NoPbes1CryptSupport
            | pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs5::Error::AlgorithmParametersInvalid { .. },
        ) => unsupported(&error),
        _ => Error::usage(Code::PassphraseWrong, "the passphrase does not open the private key")
            .because(anyhow::anyhow!("{error}"))
            .hint("a passphrase file is taken up to its first line end; check for a stray space"),
    })?;
    Ok(Zeroizing::new(document.as_bytes().to_vec()))
}

/// Refuses a key whose derivation would take more time or memory than any real one, and scrypt
/// parameters out of range, on which the `pkcs5` crate may panic.
fn check_cost(scheme: &EncryptionScheme) -> Result<()> {
    let EncryptionScheme::Pbes2(parameters) = scheme else { return Ok(()) };
    let within = match &parameters.kdf {
        pbes2::Kdf::Pbkdf2(kdf) => (1..=MAX_ITERATIONS).contains(&kdf.iteration_count),
        pbes2::Kdf::Scrypt(kdf) => {
            let (r, p) = (u64::from(kdf.block_size), u64::from(kdf.parallelization));
            let n = kdf.cost_parameter;
            n.is_power_of_two()
                && n > 1
                && n.saturating_mul(r).saturating_mul(p) <= MAX_SCRYPT_WORK
                && n.saturating_add(p).saturating_mul(r * 128) <= MAX_SCRYPT_MEMORY
        }
        _ => true,
    };
    if within {
        return Ok(());
    }
    Err(Error::usage(
        Code::KeyEncryptionCost,
        "the key derivation cost of the encrypted private key is out of range",
    )
    .hint(format!(
        "at most {MAX_ITERATIONS} PBKDF2 iterations, or {} MiB of memory for scrypt",
        MAX_SCRYPT_MEMORY / 1024 / 1024
    ))
    .hint(converted()))
}

/// A hint with the command that encrypts a key in a supported way.
fn converted() -> Hint {
    let openssl = CommandLine::other("openssl", "pkcs8 -topk8 -v2 aes-256-cbc");
    let files = openssl.option("-in", Placeholder("FILE")).option("-out", Placeholder("NEW_FILE"));
    Hint::from(("encrypt it another way", files))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::{KeyType, PrivateKey};

    #[test]
    fn round_trip_and_wrong_passphrase() {
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        let sealed = encrypt(key.pkcs8(), "correct horse").expect("encrypted");
        assert_eq!(decrypt(&sealed, "correct horse").expect("the key").as_slice(), key.pkcs8());
        assert_eq!(decrypt(&sealed, "wrong").map_err(|e| e.code().name()), Err("passphrase-wrong"));
        assert_eq!(
            decrypt(b"0", "x").map_err(|e| e.code().name()),
            Err("key-encryption-unsupported")
        );
    }

    fn sealed(kdf: impl Into<pbes2::Kdf>) -> Vec<u8> {
        let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: [0; 16] };
        let parameters = pbes2::Parameters { kdf: kdf.into(), encryption };
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm: EncryptionScheme::Pbes2(parameters),
            encrypted_data: ::pkcs8::der::asn1::OctetStringRef::new(&[0; 64]).expect("short"),
        };
        info.to_der().expect("DER")
    }

    #[test]
    fn the_file_does_not_set_the_price() {
        let pbkdf2 = |iterations| {
            let mut kdf = pbes2::Pbkdf2Params::hmac_sha256(1, b"salt").expect("parameters");
            kdf.iteration_count = iterations;
            decrypt(&sealed(kdf), "x").map_err(|e| e.code().name())
        };
        let scrypt = |n: u64, r: u16, p: u16| {
            let any = pkcs5::scrypt::Params::new(1, 1, 1).expect("parameters");
            let mut kdf = pbes2::ScryptParams::from_params_and_salt(any, b"salt").expect("short");
            (kdf.cost_parameter, kdf.block_size, kdf.parallelization) = (n, r, p);
            decrypt(&sealed(kdf), "x").map_err(|e| e.code().name())
        };
        assert_eq!(pbkdf2(1000), Err("passphrase-wrong"));
        for iterations in [0, MAX_ITERATIONS + 1, u32::MAX] {
            assert_eq!(pbkdf2(iterations), Err("key-encryption-cost"), "{iterations}");
        }
        assert_eq!(scrypt(1024, 8, 1), Err("passphrase-wrong"));
        for (n, r, p) in [
            (0, 8, 1), // a panic in pkcs5 0.8
            (1, 8, 1),
            (1000, 8, 1),
            (1 << 19, 8, 1),
            (1 << 10, 1 << 12, 1 << 12),
            (2, u16::MAX, u16::MAX),
            (1 << 63, u16::MAX, u16::MAX),
        ] {
            assert_eq!(scrypt(n, r, p), Err("key-encryption-cost"), "{n} {r} {p}");
        }
        assert_eq!(scrypt(2, 0, 0), Err("key-encryption-unsupported"));
    }

    #[test]
    fn an_encryption_that_we_do_not_read_is_not_called_a_wrong_passphrase() {
        let mut kdf = pbes2::Pbkdf2Params::hmac_sha256(1, b"salt").expect("parameters");
        kdf.prf = pbes2::Pbkdf2Prf::HmacWithSha1;
        let code = decrypt(&sealed(kdf), "x").map_err(|e| e.code().name());
        assert_eq!(code, Err("key-encryption-unsupported"));
    }
}
