//! Private keys of CAs: generating and reading. They are never printed.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RsaKeyPair,
};
use rcgen::{PublicKeyData, RsaKeySize};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Code, Error, Result};
use crate::text::clip;

/// The kinds of keys that ccx-sec generates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum KeyType {
    /// ECDSA on P-256 with SHA-256
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384
    EcdsaP384,
    /// Ed25519 (RFC 8410); older database clients cannot verify it
    Ed25519,
    /// RSA, 2048 bits, PKCS#1 v1.5 with SHA-256
    #[value(name = "rsa-2048")]
    Rsa2048,
    /// RSA, 3072 bits, PKCS#1 v1.5 with SHA-256
    #[value(name = "rsa-3072")]
    Rsa3072,
    /// RSA, 4096 bits, PKCS#1 v1.5 with SHA-256
    #[value(name = "rsa-4096")]
    Rsa4096,
}

impl KeyType {
    /// All kinds, the default first.
    pub const ALL: [KeyType; 6] = [
        KeyType::EcdsaP256,
        KeyType::EcdsaP384,
        KeyType::Ed25519,
        KeyType::Rsa2048,
        KeyType::Rsa3072,
        KeyType::Rsa4096,
    ];

    /// Whether it is RSA.
    #[must_use]
    pub fn is_rsa(self) -> bool {
        matches!(self, KeyType::Rsa2048 | KeyType::Rsa3072 | KeyType::Rsa4096)
    }

    /// The name used on the command line and in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            KeyType::EcdsaP256 => "ecdsa-p256",
            KeyType::EcdsaP384 => "ecdsa-p384",
            KeyType::Ed25519 => "ed25519",
            KeyType::Rsa2048 => "rsa-2048",
            KeyType::Rsa3072 => "rsa-3072",
            KeyType::Rsa4096 => "rsa-4096",
        }
    }
}

impl FromStr for KeyType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        KeyType::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let shown = clip(text, 64);
            Error::usage(Code::KeyType, format!("{shown:?} is not a kind of key"))
                .hint(format!("give one of {}", KeyType::ALL.map(KeyType::name).join(", ")))
        })
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A private key that can sign. Wiped when dropped; its `Debug` is redacted.
pub struct PrivateKey(rcgen::KeyPair);

impl PrivateKey {
    /// Generates a key from the system's random numbers.
    ///
    /// # Errors
    /// Exit 3 when the crypto library fails (its random source, for one).
    pub fn generate(key_type: KeyType) -> Result<Self> {
        let rsa = |size| rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        let pair = match key_type {
            KeyType::EcdsaP256 => rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            KeyType::EcdsaP384 => rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            KeyType::Ed25519 => {
                // rcgen writes PKCS#8 version 2 here, which OpenSSL before 3.2 cannot read.
                let pair = Ed25519KeyPair::generate().map_err(generation)?;
                let pkcs8 = pair.to_pkcs8v1().map_err(generation)?;
                rcgen::KeyPair::try_from(&PrivatePkcs8KeyDer::from(pkcs8.as_ref()))
            }
            KeyType::Rsa2048 => rsa(RsaKeySize::_2048),
            KeyType::Rsa3072 => rsa(RsaKeySize::_3072),
            KeyType::Rsa4096 => rsa(RsaKeySize::_4096),
        };
        pair.map(PrivateKey).map_err(generation)
    }

    /// Reads an unencrypted key in PKCS#8, PKCS#1 or SEC1, and keeps it as PKCS#8.
    ///
    /// # Errors
    /// Exit 2 when it is not such a key, or of a kind that ccx-sec cannot sign with.
    pub fn from_der(der: &PrivateKeyDer<'_>) -> Result<Self> {
        let bad = |source: rcgen::Error| {
            Error::usage(
                Code::KeyUnsupported,
                "the private key is damaged, or of an unsupported kind",
            )
            .because(source)
            .hint("supported: RSA of 2048 to 8192 bits, ECDSA on P-256 and P-384, Ed25519")
        };
        if let PrivateKeyDer::Pkcs8(_) = der {
            return rcgen::KeyPair::try_from(der).map(PrivateKey).map_err(bad);
        }
        let pkcs8 = to_pkcs8(der).ok_or_else(|| bad(rcgen::Error::CouldNotParseKeyPair))?;
        rcgen::KeyPair::try_from(&PrivatePkcs8KeyDer::from(pkcs8.as_slice()))
            .map(PrivateKey)
            .map_err(bad)
    }

    /// The key as PKCS#8 DER. Handle it like the key itself.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        self.0.serialized_der()
    }

    /// The SubjectPublicKeyInfo, DER (RFC 5280, section 4.1).
    #[must_use]
    pub fn public_key_info(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    pub(crate) fn rcgen(&self) -> &rcgen::KeyPair {
        &self.0
    }
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(redacted)")
    }
}

pub(crate) fn generation(source: impl Into<anyhow::Error>) -> Error {
    Error::failed(Code::KeyGeneration, "cannot make a private key").because(source)
}

fn to_pkcs8(der: &PrivateKeyDer<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let ec = |algorithm: &'static EcdsaSigningAlgorithm, der: &[u8]| {
        let pair = EcdsaKeyPair::from_private_key_der(algorithm, der).ok()?;
        Some(Zeroizing::new(pair.to_pkcs8v1().ok()?.as_ref().to_vec()))
    };
    match der {
        PrivateKeyDer::Pkcs1(key) => {
            let pair = RsaKeyPair::from_der(key.secret_pkcs1_der()).ok()?;
            let pkcs8 = AsDer::<Pkcs8V1Der<'static>>::as_der(&pair).ok()?;
            Some(Zeroizing::new(pkcs8.as_ref().to_vec()))
        }
        PrivateKeyDer::Sec1(key) => ec(&ECDSA_P256_SHA256_ASN1_SIGNING, key.secret_sec1_der())
            .or_else(|| ec(&ECDSA_P384_SHA384_ASN1_SIGNING, key.secret_sec1_der())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let key = PrivateKey::generate(KeyType::EcdsaP256).expect("a key");
        assert_eq!(format!("{key:?}"), "PrivateKey(redacted)");
    }

    #[test]
    fn pkcs8_reads_back_as_the_same_key() {
        for key_type in KeyType::ALL {
            let key = PrivateKey::generate(key_type).expect("a key");
            let der = PrivateKeyDer::Pkcs8(key.pkcs8().into());
            let again = PrivateKey::from_der(&der).expect("the key");
            assert_eq!(again.public_key_info(), key.public_key_info(), "{key_type}");
        }
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        use clap::ValueEnum;
        for key_type in KeyType::value_variants() {
            let value = key_type.to_possible_value().expect("a value");
            assert_eq!(value.get_name(), key_type.name());
        }
    }
}
