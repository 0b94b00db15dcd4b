//! The proofs of the password plugins of MySQL and MariaDB, which show that the client knows a
//! password without revealing it. Pure.

use std::num::NonZeroU32;

use aws_lc_rs::digest::{Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512, digest};
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::{pbkdf2, rand};
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{Sha512, VerifyingKey};
use zeroize::Zeroizing;

/// `SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password)))`: the server keeps the inner hash
/// (MySQL source documentation, "Native Authentication").
pub(crate) fn native(password: &str, nonce: &[u8]) -> Vec<u8> {
    let sha1 = |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes);
    let once = sha1(password.as_bytes());
    let twice = sha1(once.as_ref());
    xor(&once, &sha1(&[nonce, twice.as_ref()].concat()))
}

/// `SHA256(password) XOR SHA256(SHA256(SHA256(password)) + nonce)` (MySQL source
/// documentation, "Caching_sha2_password information").
pub(crate) fn caching_sha2(password: &str, nonce: &[u8]) -> Vec<u8> {
    let sha256 = |bytes: &[u8]| digest(&SHA256, bytes);
    let once = sha256(password.as_bytes());
    let twice = sha256(once.as_ref());
    xor(&once, &sha256(&[twice.as_ref(), nonce].concat()))
}

/// Signs the nonce with an Ed25519 key that is the SHA-512 of the password, where Ed25519 itself
/// hashes a random seed (MariaDB documentation, "Authentication Plugin - ed25519").
pub(crate) fn ed25519(password: &str, nonce: &[u8]) -> Vec<u8> {
    let hash = digest(&SHA512, password.as_bytes());
    let mut bytes = Zeroizing::new([0; 64]);
    bytes.copy_from_slice(hash.as_ref());
    let key = ExpandedSecretKey::from_bytes(&bytes);
    let public = VerifyingKey::from(&key);
    raw_sign::<Sha512>(&key, nonce, &public).to_bytes().to_vec()
}

/// The largest iteration factor of parsec that is accepted; a larger one would only waste CPU time.
const MAX_FACTOR: u8 = 10;

/// Returns a client nonce, and a signature of both nonces with a key that PBKDF2 derives from the
/// password (MariaDB documentation, "Authentication Plugin - PARSEC"). `salt` is the server's
/// message: `P`, the factor (1024 << factor iterations), the salt. Returns `None` for a message of
/// another form.
pub(crate) fn parsec(password: &str, nonce: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    let [b'P', factor @ 0..=MAX_FACTOR, salt @ ..] = salt else { return None };
    let times = NonZeroU32::new(1024 << factor)?;
    let mut seed = Zeroizing::new([0; 32]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, times, salt, password.as_bytes(), &mut *seed);
    let key = Ed25519KeyPair::from_seed_unchecked(&*seed).ok()?;
    let mut ours = [0; 32];
    rand::fill(&mut ours).ok()?;
    let signature = key.sign(&[nonce, &ours].concat());
    Some([&ours, signature.as_ref()].concat())
}

fn xor(one: &Digest, other: &Digest) -> Vec<u8> {
    one.as_ref().iter().zip(other.as_ref()).map(|(a, b)| a ^ b).collect()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;

    const NONCE: &[u8] = b"abcdefghij0123456789";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The figures are Python's hashlib's.
    #[test]
    fn scrambles() {
        assert_eq!(hex(&native("geheim", NONCE)), "8e670b7a53f09947d1ffd4567453133a75e97c64");
        assert_eq!(
            hex(&caching_sha2("geheim", NONCE)),
            "d5c6889e935c4928656deb9c5b6f424aaa3ad0215069169529a3ab9ad10a2420"
        );
    }

    /// As MariaDB's documentation has it for the password `secret`.
    #[test]
    fn a_signature_fits_the_public_key_that_the_server_keeps() {
        let kept = STANDARD_NO_PAD.decode("ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY");
        let kept = UnparsedPublicKey::new(&ED25519, kept.expect("base64"));
        assert!(kept.verify(NONCE, &ed25519("secret", NONCE)).is_ok());
        assert!(kept.verify(NONCE, &ed25519("secreT", NONCE)).is_err());
    }

    #[test]
    fn parsec_is_not_kept_busy() {
        let salt = b"0123456789abcdef";
        let proof = parsec("geheim", &[7; 32], &[b"P\x00", &salt[..]].concat()).expect("a proof");
        assert_eq!(proof.len(), 32 + 64);
        for wrong in [&b"P\x0b0123456789abcdef"[..], b"S\x000123456789abcdef", b"P", b""] {
            assert_eq!(parsec("geheim", &[7; 32], wrong), None);
        }
    }
}
