//! Private keys under a passphrase: encrypted PKCS#8 (RFC 5958) with PBES2 (RFC 8018).

use ::pkcs8::der::{Decode, Encode};
use ::pkcs8::{EncryptedPrivateKeyInfoRef, pkcs5::pbes2};
use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// PBKDF2 iterations with HMAC-SHA-256 for keys that we encrypt (OWASP's figure of 2023).
const ITERATIONS: u32 = 600_000;

/// Encrypts a PKCS#8 key with AES-256-CBC under a key from PBKDF2-HMAC-SHA-256: what
/// OpenSSL, GnuTLS and Java all read.
///
/// # Errors
/// Exit 3 when the random source or the encryption fails.
pub fn encrypt(pkcs8: &[u8], passphrase: &str) -> Result<Vec<u8>> {
    let failed = || Error::failed("key-encryption", "cannot encrypt the private key");
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    rand::fill(&mut salt).and_then(|()| rand::fill(&mut iv)).map_err(|e| failed().because(e))?;
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, iv)
        .map_err(|e| failed().because(e))?;
    let encrypted = parameters.encrypt(passphrase, pkcs8).map_err(|e| failed().because(e))?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: ::pkcs8::pkcs5::EncryptionScheme::Pbes2(parameters),
        encrypted_data: ::pkcs8::der::asn1::OctetStringRef::new(&encrypted)
            .map_err(|e| failed().because(e))?,
    };
    info.to_der().map_err(|e| failed().because(e))
}

/// Decrypts an encrypted PKCS#8 key (PBES2 with PBKDF2 or scrypt and AES).
///
/// # Errors
/// Exit 2: not encrypted PKCS#8, an encryption that we do not read, or a wrong passphrase.
pub fn decrypt(der: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>> {
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|source| {
        Error::usage("key-encryption-unsupported", "the encrypted private key cannot be read")
            .because(anyhow::anyhow!("{source}"))
            .hint(
                "supported: PKCS#8 with PBES2; convert with: openssl pkcs8 -topk8 -v2 aes-256-cbc",
            )
    })?;
    let document = info.decrypt(passphrase).map_err(|source| {
        Error::usage("passphrase-wrong", "the passphrase does not open the private key")
            .because(anyhow::anyhow!("{source}"))
            .hint("a passphrase file is taken up to its first line end; check for a stray space")
    })?;
    Ok(Zeroizing::new(document.as_bytes().to_vec()))
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
        assert_eq!(decrypt(&sealed, "wrong").map_err(|e| e.code()), Err("passphrase-wrong"));
        assert_eq!(decrypt(b"0", "x").map_err(|e| e.code()), Err("key-encryption-unsupported"));
    }
}
