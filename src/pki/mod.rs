//! Keys and certificates, pure: no clock, no files, no network, no printing.
//!
//! ```text
//! authority  makes a CA            profile   the demands on every certificate
//! issue      makes leaves          finding   the result of such a check
//! draft      the parts of both that rcgen does not write    link    announces the next CA
//! key, leaf_key    keys of a CA, and of leaves        csr   reads requests
//! certificate      reads any certificate              der   finds faults of an encoding
//! inspect          reads damaged certificates         chain verifies a chain
//! subject, san, constraints, validity     typed parts of a request
//! pem, pkcs8, pkcs12, jks          formats
//! ```
//!
//! Times come in as arguments ([`jiff::Timestamp`]); key material is wiped when dropped.

pub mod authority;
pub mod certificate;
pub mod chain;
pub mod constraints;
pub mod csr;
pub mod der;
mod draft;
pub mod finding;
pub mod inspect;
pub mod issue;
pub mod jks;
pub mod key;
pub mod leaf_key;
pub mod link;
pub mod pem;
pub mod pkcs12;
pub mod pkcs8;
pub mod profile;
pub mod renewal;
pub mod san;
pub mod subject;
pub mod validity;

/// The password that Java expects of a trust store by default. It protects nothing: a trust store
/// holds only public data.
pub const TRUST_STORE_PASSWORD: &str = "changeit";

use crate::error::{Code, Error, Result};

/// SHA-256 of `bytes` in lower-case hex, the form of every fingerprint in the outputs.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

/// Fills `bytes` from the cryptographic random number generator.
///
/// # Errors
/// Exit 3 when the random number generator fails.
pub fn random(bytes: &mut [u8]) -> Result<()> {
    aws_lc_rs::rand::fill(bytes).map_err(|source| {
        Error::failed(Code::Random, "the system gives no random numbers").because(source)
    })
}

/// Lower-case hex without separators.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// Formats a serial number (RFC 5280, section 4.1.2.2) from its encoded octets: lower-case hex of
/// the value, as OpenSSL prints it, without the octet 00 that DER puts before a value with its top
/// bit set.
#[must_use]
pub fn serial_hex(octets: &[u8]) -> String {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    hex(&octets[zeros.min(octets.len().saturating_sub(1))..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_those_of_openssl() {
        for (octets, expected) in [
            (&[0x00, 0xd2, 0xf9][..], "d2f9"),
            (&[0x00, 0x00, 0x01], "01"),
            (&[0x7f, 0x00], "7f00"),
            (&[0x00], "00"),
            (&[], ""),
        ] {
            assert_eq!(serial_hex(octets), expected);
        }
    }
}
