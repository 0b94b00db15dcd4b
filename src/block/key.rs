//! Keys of volumes: 64 random bytes that the store keeps, or a passphrase that a person knows.

use std::io::Write;
use std::os::fd::OwnedFd;

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::pki::random;

/// Bytes of a generated key: as many as the volume key has, so that guessing it is no easier.
pub const SIZE: usize = 64;

/// The key derivation of a key slot (PBKDF).
///
/// A key of 64 random bytes cannot be guessed, however fast a guess is. Stretching it would only slow
/// down each opening, so it gets PBKDF2 with the fewest iterations that cryptsetup accepts. A
/// passphrase can be guessed, so it gets Argon2id (RFC 9106), with fixed memory: a benchmark would
/// give different costs on different nodes, and a smaller node may lack the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyDerivation {
    /// PBKDF2-SHA256 with 1000 iterations, for random keys.
    Minimal,
    /// Argon2id with 256 MiB, 4 passes and 4 lanes, for passphrases.
    Stretched,
}

/// A key or passphrase that unlocks a key slot. Its memory is wiped on drop, and `Debug` redacts it.
#[derive(Clone, PartialEq, Eq)]
pub struct VolumeKey {
    bytes: Zeroizing<Vec<u8>>,
    kdf: KeyDerivation,
}

impl VolumeKey {
    /// Generates a random key.
    ///
    /// # Errors
    /// Exit 3 when the system gives no random numbers.
    pub fn generate() -> Result<Self> {
        let mut bytes = Zeroizing::new(vec![0; SIZE]);
        random(&mut bytes)?;
        Ok(VolumeKey { bytes, kdf: KeyDerivation::Minimal })
    }

    /// Accepts a generated key: 64 bytes, not all equal.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let is_one = bytes.len() == SIZE && bytes.iter().any(|byte| *byte != bytes[0]);
        is_one.then(|| VolumeKey {
            bytes: Zeroizing::new(bytes.to_vec()),
            kdf: KeyDerivation::Minimal,
        })
    }

    /// Wraps a passphrase.
    #[must_use]
    pub fn passphrase(text: &str) -> Self {
        VolumeKey { bytes: Zeroizing::new(text.as_bytes().to_vec()), kdf: KeyDerivation::Stretched }
    }

    /// The bytes, for the store and for cryptsetup. Must never be printed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The derivation that a key slot for this key uses.
    #[must_use]
    pub fn kdf(&self) -> KeyDerivation {
        self.kdf
    }

    /// Creates a pipe from which a program can read the key once.
    ///
    /// # Errors
    /// Exit 3 when the pipe cannot be created.
    pub fn pipe(&self) -> Result<OwnedFd> {
        let piped = std::io::pipe().and_then(|(out, mut into)| {
            // The pipe's buffer holds the whole key (pipe(7)), so the write does not block.
            into.write_all(&self.bytes)?;
            Ok(OwnedFd::from(out))
        });
        piped.map_err(|error| Error::failed(Code::Pipe, "cannot create a pipe").because(error))
    }
}

impl std::fmt::Debug for VolumeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?}, redacted)", self.kdf)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn keys_are_random_and_not_shown() {
        let (one, other) =
            (VolumeKey::generate().expect("a key"), VolumeKey::generate().expect("a key"));
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "Key(Minimal, redacted)");
        assert_eq!(VolumeKey::from_bytes(one.bytes()), Some(one));
        for none in [&[][..], &[7; 64], &[0; 63], &[1; 65]] {
            assert_eq!(VolumeKey::from_bytes(none), None);
        }
        assert_eq!(VolumeKey::passphrase("correct horse").kdf(), KeyDerivation::Stretched);
    }

    #[test]
    fn a_pipe_gives_it_once() {
        let key = VolumeKey::generate().expect("a key");
        let mut file = std::fs::File::from(key.pipe().expect("a pipe"));
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("read");
        assert_eq!(bytes, key.bytes());
    }
}
