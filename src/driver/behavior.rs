//! The behavior of a client, as data: its TLS policy, its checks of a certificate, and its error
//! messages. `probe::simulation` reads it.

use super::template::Evidence;
use crate::engine::Version;
use crate::pki::chain::Verifier;

/// The behavior of a client in a range of versions.
#[derive(Debug)]
pub struct VersionBehavior {
    /// The first version with this behavior; `None` for all older ones too.
    pub since: Option<Version>,
    /// The first version that behaves differently; `None` if there is none.
    pub before: Option<Version>,
    /// The library with which the client verifies certificates.
    pub library: &'static Library,
    /// Its configurations of TLS.
    pub ways: &'static [ClientConfiguration],
    /// A constant part of its error message for each rejection; the first match counts.
    pub texts: &'static [&'static [(Rejection, &'static str)]],
    /// How the behavior was tested.
    pub proof: Evidence,
    /// The documentation; with `seen:`, the versions that were tested.
    pub source: &'static str,
}

/// A TLS configuration of a client, and its demands on the server in that configuration.
#[derive(Debug)]
pub struct ClientConfiguration {
    /// The options in the client's own syntax; empty for the default, `FILE` for the file of the
    /// CAs.
    pub options: &'static str,
    /// The first version that has these options.
    pub since: Option<Version>,
    /// When the client uses TLS.
    pub tls: TlsPolicy,
    /// The CAs that it trusts.
    pub trust: ClientTrust,
    /// How the client compares names.
    pub name: NameCheck,
}

/// When a client uses TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsPolicy {
    /// Never.
    Never,
    /// Plaintext first; TLS if the server refuses plaintext.
    PlainFirst,
    /// TLS if the server offers it; a failure of TLS is final.
    IfOffered,
    /// TLS if the server offers it; plaintext if TLS fails.
    Preferred,
    /// Always.
    Required,
}

/// The certificates that a client trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientTrust {
    /// Every certificate, unverified.
    NoVerification,
    /// Every certificate within its dates.
    DatesOnly,
    /// Certificates of the CAs in the file.
    File,
    /// Certificates of the CAs in the file, and of the machine's CAs.
    FileAndMachine,
    /// Certificates of the machine's CAs, which the probe does not know.
    Machine,
    /// Every certificate within its dates if the server proves that it knows the password; or
    /// certificates of the machine's CAs.
    Password,
}

/// An answer that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YesNoUnknown {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Undocumented.
    Unknown,
}

/// A client's comparison of the name that it dials with the names of the certificate. Every client
/// that compares names accepts a DNS name or an address among the subject alternative names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCheck {
    /// The client compares no names.
    Unchecked,
    /// The client compares names.
    Checked {
        /// When the common name counts, too.
        common_name: CommonName,
        /// How the client compares names if it dials an address.
        address: AddressCheck,
        /// Whether the client compares no names if the host is exactly 127.0.0.1.
        not_on_loopback: bool,
    },
}

/// The name that a client looks for if it dials an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressCheck {
    /// The address.
    Address,
    /// The address, or the same text as a DNS name.
    OrText,
    /// The name `localhost`, for every address.
    Localhost,
    /// The same text as a DNS name or common name; the certificate's addresses do not count.
    Text,
    /// The address; whether the text counts is undocumented.
    Unknown,
}

/// When the common name counts as a name of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommonName {
    /// Never (RFC 9525).
    Never,
    /// If there is no DNS name among the alternative names.
    WithoutDns,
    /// If there is neither a DNS name nor an address among the alternative names.
    WithoutAny,
    /// Always.
    Always,
    /// Undocumented.
    Unknown,
}

/// A library that verifies certificates, by the points in which libraries differ.
#[derive(Debug)]
pub struct Library {
    /// The verifier of chains; several if it depends on the version, or is unknown.
    pub verifiers: &'static [Verifier],
    /// Whether it checks the extended key usage.
    pub purpose: YesNoUnknown,
    /// Whether it accepts certificates older than X.509 version 3.
    pub version_1: YesNoUnknown,
}

/// The reason why a client does not connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// No path to a CA that it trusts.
    Untrusted,
    /// No path to a CA that it trusts, and the certificate is self-signed.
    SelfSigned,
    /// The path ends at a CA of the file that is not self-signed.
    NoRoot,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is not for servers.
    Purpose,
    /// The certificate is not for the name that the client dials.
    Name,
    /// The server offers no TLS.
    NoTls,
    /// The server refuses plaintext.
    PlainRefused,
}

impl VersionBehavior {
    /// Whether this is the behavior of `version`.
    #[must_use]
    pub fn covers(&self, version: Version) -> bool {
        self.since.is_none_or(|since| version >= since)
            && self.before.is_none_or(|before| version < before)
    }

    /// The range of versions, for people; `None` for all.
    #[must_use]
    pub fn versions(&self) -> Option<String> {
        match (self.since, self.before) {
            (None, None) => None,
            (Some(since), None) => Some(format!("{since} and later")),
            (None, Some(before)) => Some(format!("before {before}")),
            (Some(since), Some(before)) => Some(format!("{since} and later, before {before}")),
        }
    }

    /// Returns the constant part of the client's message for this rejection, if known. The message
    /// for [`Rejection::Untrusted`] stands in for its two special cases.
    pub(crate) fn error_message(&self, trouble: Rejection) -> Option<&'static str> {
        let said = |wanted| {
            let mut all = self.texts.iter().copied().flatten();
            all.find(|(trouble, _)| *trouble == wanted).map(|(_, text)| *text)
        };
        match trouble {
            Rejection::SelfSigned | Rejection::NoRoot => {
                said(trouble).or_else(|| said(Rejection::Untrusted))
            }
            _ => said(trouble),
        }
    }
}
