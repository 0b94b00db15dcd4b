//! Rules, messages and libraries that several clients share.

use super::behavior::{
    AddressCheck, ClientConfiguration, ClientTrust, CommonName, Library, NameCheck, Rejection,
    TlsPolicy, YesNoUnknown,
};
use crate::engine::Engine;
use crate::pki::chain::Verifier;

pub(super) const MYSQL_OR_MARIADB: &[Engine] = &[Engine::Mysql, Engine::Mariadb];

/// The reason why a client has no VERIFY_CA.
pub(super) const PUBLIC_CAS: &str = "it trusts the CAs of the system too, so that without the \
                                     name a certificate that anybody can get would do";

/// A configuration that every version has.
pub(super) const fn way(
    options: &'static str,
    tls: TlsPolicy,
    trust: ClientTrust,
    name: NameCheck,
) -> ClientConfiguration {
    ClientConfiguration { options, since: None, tls, trust, name }
}

/// The comparison of a client that compares no names.
pub(super) const NOTHING: NameCheck = NameCheck::Unchecked;

/// The comparison of OpenSSL's functions, and of Node's.
pub(super) const OPENSSL_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::WithoutDns,
    address: AddressCheck::Address,
    not_on_loopback: false,
};

/// The comparison of OpenSSL's functions, and of an address as text too: libpq, MariaDB's client.
pub(super) const TEXT_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::WithoutDns,
    address: AddressCheck::OrText,
    not_on_loopback: false,
};

/// Node's comparison if the driver does not pass the dialed address: it expects `localhost`.
pub(super) const LOCALHOST_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::WithoutDns,
    address: AddressCheck::Localhost,
    not_on_loopback: false,
};

/// The comparison of RFC 9525: Go, rustls.
pub(super) const RFC_9525: NameCheck = NameCheck::Checked {
    common_name: CommonName::Never,
    address: AddressCheck::Address,
    not_on_loopback: false,
};

/// An undocumented comparison.
pub(super) const UNKNOWN_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::Unknown,
    address: AddressCheck::Unknown,
    not_on_loopback: false,
};

/// The comparison of Microsoft's ODBC driver, which compares only text with DNS names, even if the
/// certificate has addresses: seen with 18.6.
pub(super) const ODBC_NAMES: NameCheck = NameCheck::Checked {
    common_name: CommonName::WithoutAny,
    address: AddressCheck::Text,
    not_on_loopback: false,
};

/// OpenSSL's messages, for clients that pass them on.
pub(super) const OPENSSL_TEXTS: &[(Rejection, &str)] = &[
    (Rejection::Untrusted, "unable to get local issuer certificate"),
    (Rejection::SelfSigned, "self-signed certificate"),
    (Rejection::NoRoot, "unable to get issuer certificate"),
    (Rejection::Expired, "certificate has expired"),
    (Rejection::NotYetValid, "certificate is not yet valid"),
    (Rejection::Purpose, "unsuitable certificate purpose"),
];

/// Python's message about a name.
pub(super) const PYTHON_NAME: &[(Rejection, &str)] =
    &[(Rejection::Name, "certificate is not valid for")];

/// Node's own messages for two rejections.
pub(super) const NODE_TEXTS: &[(Rejection, &str)] = &[
    (Rejection::Untrusted, "unable to verify the first certificate"),
    (Rejection::Name, "does not match certificate's altnames"),
];

/// Messages of Go's crypto/x509; those about names vary.
pub(super) const GO_TEXTS: &[(Rejection, &str)] = &[
    (Rejection::Untrusted, "x509: certificate signed by unknown authority"),
    (Rejection::Expired, "x509: certificate has expired or is not yet valid"),
    (Rejection::NotYetValid, "x509: certificate has expired or is not yet valid"),
    (Rejection::Purpose, "x509: certificate specifies an incompatible key usage"),
];

/// OpenSSL, and the languages built on it: Node, PHP, Ruby.
pub(super) const OPENSSL: Library = Library {
    verifiers: &[Verifier::OpenSsl],
    purpose: YesNoUnknown::Yes,
    version_1: YesNoUnknown::Yes,
};

/// OpenSSL in Python, which is stricter from 3.13 on, and accepts any CA as the end of a chain.
pub(super) const PYTHON: Library =
    Library { verifiers: &[Verifier::OpenSsl, Verifier::PythonStrict], ..OPENSSL };

/// Go's crypto/tls.
pub(super) const GO: Library =
    Library { verifiers: &[Verifier::Go], version_1: YesNoUnknown::Unknown, ..OPENSSL };

/// rustls with rustls-webpki.
pub(super) const RUSTLS: Library =
    Library { verifiers: &[Verifier::Rustls], version_1: YesNoUnknown::No, ..OPENSSL };

/// Java's trust managers.
pub(super) const JAVA: Library =
    Library { verifiers: &[Verifier::Java], version_1: YesNoUnknown::Unknown, ..OPENSSL };

/// .NET's SslStream, which no test has run: an outcome is known only if all other verifiers agree.
pub(super) const DOTNET: Library = Library {
    verifiers: &[
        Verifier::OpenSsl,
        Verifier::PythonStrict,
        Verifier::Go,
        Verifier::Java,
        Verifier::GnuTls,
        Verifier::Rustls,
    ],
    purpose: YesNoUnknown::Yes,
    version_1: YesNoUnknown::Unknown,
};
