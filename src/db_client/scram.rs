//! SCRAM-SHA-256 as PostgreSQL speaks it (RFC 5802, RFC 7677), and its channel binding.

use aws_lc_rs::digest::{self, digest};
use postgres_protocol::authentication::sasl::{
    ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::connection::failure::{Failure, one_line};
use crate::connection::wire::postgresql::PROTOCOL;

/// The minimum of PBKDF2 iterations for which a proof is sent (RFC 7677, section 4). With fewer, a
/// malicious server could try passwords against the proof faster than the standard allows.
pub(super) const MIN_ITERATIONS: u32 = 4096;

/// Returns the hash of a server's certificate for SCRAM's channel binding (RFC 5929, section 4.1,
/// `tls-server-end-point`); `None` if the RFC defines none, as for Ed25519 and RSA-PSS.
pub(crate) fn end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let (_, x509) = X509Certificate::from_der(certificate).ok()?;
    let algorithm = match x509.signature_algorithm.algorithm.to_id_string().as_str() {
        // MD5 and SHA-1 count as SHA-256.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.10045.4.1"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.3.2" => &digest::SHA256,
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => &digest::SHA384,
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => &digest::SHA512,
        _ => return None,
    };
    Some(digest(algorithm, certificate).as_ref().to_vec())
}

/// A login by SCRAM.
pub(super) struct ScramLogin {
    mechanism: &'static str,
    client: ScramSha256,
    proved: bool,
}

impl ScramLogin {
    /// Begins a login by one of the offered mechanisms (each ends with a zero byte). Binds it to
    /// the server's certificate if `end_point` is given and the server supports that, as libpq does
    /// by default (`channel_binding=prefer`). Returns `None` if no mechanism is supported here.
    pub(super) fn begin(offered: &[u8], password: &[u8], end_point: Option<&[u8]>) -> Option<Self> {
        let offers =
            |name: &str| offered.split(|byte| *byte == 0).any(|one| one == name.as_bytes());
        let (mechanism, binding) = match end_point {
            Some(hash) if offers(SCRAM_SHA_256_PLUS) => {
                (SCRAM_SHA_256_PLUS, ChannelBinding::tls_server_end_point(hash.to_vec()))
            }
            // Tells the server that this client supports binding (`y`). A server that offered it
            // then notices that an attacker removed the offer, and ends the login.
            Some(_) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
            None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
        };
        let client = ScramSha256::new(password, binding);
        offers(mechanism).then_some(ScramLogin { mechanism, client, proved: false })
    }

    /// The body of the SASLInitialResponse.
    pub(super) fn first(&self) -> Vec<u8> {
        let message = self.client.message();
        let length = u32::try_from(message.len()).unwrap_or_default();
        [self.mechanism.as_bytes(), b"\0", &length.to_be_bytes(), message].concat()
    }

    /// Returns the answer to the server's first message, the proof of the password. Refuses fewer
    /// iterations than `least`: then the inner result is an error.
    ///
    /// # Errors
    /// The message violates RFC 5802.
    pub(super) fn answer(
        &mut self,
        words: &[u8],
        least: u32,
    ) -> Result<Result<Vec<u8>, String>, Failure> {
        if let Some(count) = iterations(words).filter(|count| *count < least) {
            return Ok(Err(format!(
                "the server asks for SCRAM with {count} iterations, fewer than {least} \
                 (RFC 7677): the password could be worked out from the answer"
            )));
        }
        self.client.update(words).map_err(|error| {
            Failure::not(PROTOCOL, format!("breaks the rules of SCRAM: {error}"))
        })?;
        Ok(Ok(self.client.message().to_vec()))
    }

    /// Checks the server's last message. The error says why it does not prove that the server knows
    /// the password.
    pub(super) fn finish(&mut self, words: &[u8]) -> Result<(), String> {
        self.client.finish(words).map_err(|error| {
            format!("its proof is wrong: {}", one_line(error.to_string().as_bytes()))
        })?;
        self.proved = true;
        Ok(())
    }

    /// Whether the server has proved that it knows the password (`v=`).
    pub(super) fn is_proved(&self) -> bool {
        self.proved
    }
}

/// The iteration count (`i=`) of a server's first message.
fn iterations(words: &[u8]) -> Option<u32> {
    let field = words.split(|byte| *byte == b',').find_map(|field| field.strip_prefix(b"i="))?;
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(offered: &[u8], end_point: Option<&[u8]>) -> Option<String> {
        let exchange = ScramLogin::begin(offered, b"geheim", end_point)?;
        Some(String::from_utf8_lossy(&exchange.first()).split(",n=").next()?.replace('\0', " "))
    }

    #[test]
    fn it_binds_itself_where_both_can() {
        let (both, one) =
            (&b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"[..], &b"SCRAM-SHA-256\0\0"[..]);
        let said = |offered, hash| begin(offered, hash).expect("a mechanism");
        assert!(said(both, Some(b"hash")).starts_with("SCRAM-SHA-256-PLUS "));
        assert!(said(both, Some(b"hash")).ends_with("p=tls-server-end-point,"));
        assert!(said(both, None).starts_with("SCRAM-SHA-256 ") && said(both, None).ends_with("n,"));
        assert!(said(one, Some(b"hash")).ends_with("y,"));
        assert_eq!(begin(b"OAUTHBEARER\0\0", Some(b"hash")), None);
        assert_eq!(begin(b"SCRAM-SHA-256-PLUS\0\0", None), None);
    }

    #[test]
    fn few_iterations_are_not_answered() {
        let answer = |words: &[u8]| {
            let mut exchange = ScramLogin::begin(b"SCRAM-SHA-256\0\0", b"x", None).expect("known");
            let nonce = String::from_utf8_lossy(&exchange.first()).into_owned();
            let nonce = nonce.rsplit("r=").next().expect("a nonce").to_owned();
            exchange.answer(&[b"r=", nonce.as_bytes(), words].concat(), MIN_ITERATIONS)
        };
        for few in [&b"abc,s=QUJD,i=1"[..], b",s=QUJD,i=4095", b",i=0,s=QUJD"] {
            assert!(answer(few).is_ok_and(|inner| inner.is_err()), "{few:?}");
        }
        assert!(answer(b"abc,s=QUJD,i=4096").is_ok_and(|inner| inner.is_ok()));
        assert!(answer(b"abc,s=QUJD,i=-1").is_err());
    }
}
