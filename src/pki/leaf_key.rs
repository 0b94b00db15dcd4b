//! The keys of leaf certificates. Unlike CA keys they sign nothing in this program: a new key is
//! generated, written out and dropped; of a CSR, only the public key is known.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use rcgen::{PublicKeyData, SignatureAlgorithm};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::pki::certificate::key_type as kind;
use crate::pki::key::{KeyType, PrivateKey, generation};

/// A public key of a kind that certificates are issued for.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: &'static SignatureAlgorithm,
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Reads the key of a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    ///
    /// # Errors
    /// Exit 4 when the profile does not allow its kind or strength.
    pub(crate) fn from_info(info: &SubjectPublicKeyInfo<'_>) -> Result<Self> {
        let kind = kind(info);
        let algorithm = match kind.as_str() {
            "ecdsa-p256" => &rcgen::PKCS_ECDSA_P256_SHA256,
            "ecdsa-p384" => &rcgen::PKCS_ECDSA_P384_SHA384,
            "ed25519" => &rcgen::PKCS_ED25519,
            "rsa-2048" | "rsa-3072" | "rsa-4096" => &rcgen::PKCS_RSA_SHA256,
            _ => {
                let supported = KeyType::ALL.map(KeyType::name).join(", ");
                return Err(Error::refused(
                    Code::KeyRefused,
                    format!("keys of kind {kind} are not signed"),
                )
                .hint(format!("make a new key and request; supported: {supported}")));
            }
        };
        let bytes = info.subject_public_key.data.to_vec();
        let weak = match info.parsed() {
            // Java, for one, reads only uncompressed points (SEC 1, section 2.3.3).
            Ok(x509_parser::public_key::PublicKey::EC(_)) if bytes.first() != Some(&0x04) => {
                Some("its point is compressed")
            }
            // FIPS 186-5, section A.1.1.
            Ok(x509_parser::public_key::PublicKey::RSA(rsa))
                if rsa.try_exponent().is_ok_and(|exponent| exponent < 65_537) =>
            {
                Some("its public exponent is less than 65537")
            }
            _ => None,
        };
        if let Some(why) = weak {
            return Err(Error::refused(Code::KeyRefused, format!("the key is not signed: {why}"))
                .hint("make a new key and request, with OpenSSL's defaults"));
        }
        Ok(PublicKey { algorithm, bytes })
    }

    /// The public part of a private key.
    #[must_use]
    pub fn from_private_key(key: &PrivateKey) -> Self {
        let pair = key.rcgen();
        PublicKey { algorithm: pair.algorithm(), bytes: pair.der_bytes().to_vec() }
    }

    /// Whether it is an RSA key, whose certificate also gets keyEncipherment (RFC 5280, section
    /// 4.2.1.3).
    #[must_use]
    pub fn is_rsa(&self) -> bool {
        self.algorithm == &rcgen::PKCS_RSA_SHA256
    }
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {} bytes)", self.algorithm, self.bytes.len())
    }
}

/// A private key as PKCS#8. Wiped when dropped; its `Debug` is redacted.
#[derive(Clone)]
pub struct LeafKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl LeafKey {
    /// Generates a key from the system's random numbers.
    ///
    /// # Errors
    /// Exit 3 when the crypto library fails (its random source, for one).
    pub fn generate(key_type: KeyType) -> Result<Self> {
        match key_type {
            KeyType::EcdsaP256 => {
                ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING, &rcgen::PKCS_ECDSA_P256_SHA256)
            }
            KeyType::EcdsaP384 => {
                ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING, &rcgen::PKCS_ECDSA_P384_SHA384)
            }
            KeyType::Ed25519 => {
                let pair = Ed25519KeyPair::generate().map_err(generation)?;
                let pkcs8 = pair.to_pkcs8v1().map_err(generation)?;
                Ok(LeafKey::new(pkcs8.as_ref(), pair.public_key().as_ref(), &rcgen::PKCS_ED25519))
            }
            KeyType::Rsa2048 => rsa(KeySize::Rsa2048),
            KeyType::Rsa3072 => rsa(KeySize::Rsa3072),
            KeyType::Rsa4096 => rsa(KeySize::Rsa4096),
        }
    }

    fn new(pkcs8: &[u8], public: &[u8], algorithm: &'static SignatureAlgorithm) -> Self {
        let public = PublicKey { algorithm, bytes: public.to_vec() };
        LeafKey { pkcs8: Zeroizing::new(pkcs8.to_vec()), public }
    }

    /// The key as PKCS#8 DER. Handle it like the key itself.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Whether the key is of this kind.
    #[must_use]
    pub fn has_type(&self, key_type: KeyType) -> bool {
        let info = self.public.subject_public_key_info();
        SubjectPublicKeyInfo::from_der(&info).is_ok_and(|(_, info)| key_type.name() == kind(&info))
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// Takes over an existing key, for `--reuse-key`.
impl From<&PrivateKey> for LeafKey {
    fn from(key: &PrivateKey) -> Self {
        LeafKey {
            pkcs8: Zeroizing::new(key.pkcs8().to_vec()),
            public: PublicKey::from_private_key(key),
        }
    }
}

impl fmt::Debug for LeafKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeafKey(redacted)")
    }
}

fn ecdsa(
    signing: &'static EcdsaSigningAlgorithm,
    algorithm: &'static SignatureAlgorithm,
) -> Result<LeafKey> {
    let pair = EcdsaKeyPair::generate(signing).map_err(generation)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(generation)?;
    Ok(LeafKey::new(pkcs8.as_ref(), pair.public_key().as_ref(), algorithm))
}

fn rsa(size: KeySize) -> Result<LeafKey> {
    let pair = RsaKeyPair::generate(size).map_err(generation)?;
    let pkcs8 = AsDer::<Pkcs8V1Der<'static>>::as_der(&pair).map_err(generation)?;
    Ok(LeafKey::new(pkcs8.as_ref(), pair.public_key().as_ref(), &rcgen::PKCS_RSA_SHA256))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::PrivateKeyDer;

    #[test]
    fn every_kind_reads_back_as_the_key_of_its_public_part() {
        for key_type in KeyType::ALL {
            let key = LeafKey::generate(key_type).expect("a key");
            let der = PrivateKeyDer::Pkcs8(key.pkcs8().into());
            let again = PrivateKey::from_der(&der).expect("the key");
            assert_eq!(again.public_key_info(), key.public().subject_public_key_info());
            assert_eq!(format!("{key:?}"), "LeafKey(redacted)");
        }
    }
}
