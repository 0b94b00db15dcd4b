//! The key that opens a volume: 64 random bytes that are made here and kept in the store, or a
//! passphrase that a person keeps.

use std::io::Write;
use std::os::fd::OwnedFd;

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::pki::random;

/// Bytes of a key that is made here: as many as the volume key has, so that nothing is won by
/// guessing it instead.
pub const SIZE: usize = 64;

/// How a key slot makes its key of what it is given (PBKDF).
///
/// A key of 64 random bytes cannot be guessed however fast a guess is, so that stretching it
/// would only make each opening slow: PBKDF2 with the fewest iterations that cryptsetup takes.
/// A passphrase can, and gets Argon2id (RFC 9106) with memory that is fixed: what a benchmark on
/// the machine of the day finds would differ from node to node, and may not fit in the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyDerivation {
    /// PBKDF2-SHA256 with 1000 iterations, for random keys.
    Minimal,
    /// Argon2id with 256 MiB, 4 passes and 4 lanes, for passphrases.
    Stretched,
}

/// What opens a key slot. It is wiped when dropped, and not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct VolumeKey {
    bytes: Zeroizing<Vec<u8>>,
    kdf: KeyDerivation,
}

impl VolumeKey {
    /// A new one, at random.
    ///
    /// # Errors
    /// Exit 3 when the system gives no random numbers.
    pub fn generate() -> Result<Self> {
        let mut bytes = Zeroizing::new(vec![0; SIZE]);
        random(&mut bytes)?;
        Ok(VolumeKey { bytes, kdf: KeyDerivation::Minimal })
    }

    /// One that was made here before; nothing where it is none: not 64 bytes, or all the same.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let is_one = bytes.len() == SIZE && bytes.iter().any(|byte| *byte != bytes[0]);
        is_one.then(|| VolumeKey {
            bytes: Zeroizing::new(bytes.to_vec()),
            kdf: KeyDerivation::Minimal,
        })
    }

    /// A passphrase.
    #[must_use]
    pub fn passphrase(text: &str) -> Self {
        VolumeKey { bytes: Zeroizing::new(text.as_bytes().to_vec()), kdf: KeyDerivation::Stretched }
    }

    /// The bytes, to store them or to hand them to cryptsetup; never to print.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How a key slot is to make its key of it.
    #[must_use]
    pub fn kdf(&self) -> KeyDerivation {
        self.kdf
    }

    /// A pipe that a program can read the key from, once.
    ///
    /// # Errors
    /// Exit 3 when the system gives no pipe.
    pub fn pipe(&self) -> Result<OwnedFd> {
        let piped = std::io::pipe().and_then(|(out, mut into)| {
            // It has room for all of it (pipe(7)), so that nobody waits for anybody.
            into.write_all(&self.bytes)?;
            Ok(OwnedFd::from(out))
        });
        piped.map_err(|error| Error::failed(Code::Pipe, "the system gives no pipe").because(error))
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
