//! The libraries that verify certificates for clients.

use serde::Serialize;

/// A library that verifies certificates, in its default configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verifier {
    /// No particular one: RFC 5280, section 6, and rustls-webpki.
    Rfc5280,
    /// OpenSSL 3: psql, mysql, mariadb, redis-cli, Node, PHP, Ruby.
    OpenSsl,
    /// OpenSSL 1.0.2, which ended in 2019: Node up to version 9, and old distributions.
    #[serde(rename = "open-ssl-1.0.2")]
    OpenSsl102,
    /// OpenSSL as Python from 3.13 on sets it up: `VERIFY_X509_STRICT` and
    /// `VERIFY_X509_PARTIAL_CHAIN`.
    PythonStrict,
    /// Go's crypto/x509.
    Go,
    /// Java's PKIX trust manager.
    Java,
    /// GnuTLS.
    GnuTls,
    /// rustls with rustls-webpki.
    Rustls,
}

impl Verifier {
    /// The libraries besides OpenSSL that a server's clients may use. OpenSSL 1.0.2 is only asked for
    /// the forecast of a CA rotation.
    pub(in crate::pki) const OTHERS: [Verifier; 5] =
        [Verifier::PythonStrict, Verifier::Go, Verifier::Java, Verifier::GnuTls, Verifier::Rustls];

    /// The name for people, as in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verifier::Rfc5280 => "RFC 5280",
            Verifier::OpenSsl => "OpenSSL",
            Verifier::OpenSsl102 => "OpenSSL 1.0.2",
            Verifier::PythonStrict => "Python 3.13 and later",
            Verifier::Go => "Go",
            Verifier::Java => "Java",
            Verifier::GnuTls => "GnuTLS",
            Verifier::Rustls => "rustls",
        }
    }
}
