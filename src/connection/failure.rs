//! Failures to connect to a server, by kind.

use std::fmt;
use std::io;

use rustls::AlertDescription;

use crate::error::Reason;
use crate::text;

/// The kind of a failure. Stable, for scripts; written in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The host name has no address.
    NameUnknown,
    /// The network has no route to the address.
    Unreachable,
    /// Nothing listens at the port.
    Refused,
    /// The connection was reset.
    Reset,
    /// The server closed the connection.
    Closed,
    /// The step timed out.
    Timeout,
    /// The peer does not speak this protocol.
    NotThisProtocol,
    /// The server refused the client for a reason other than TLS: for this cause.
    ServerError(RefusalCause),
    /// The server offers no TLS.
    NoTls,
    /// The server accepts only versions of TLS that are no longer safe.
    WeakProtocol,
    /// The server accepts TLS 1.2 only with cipher suites that this program does not implement:
    /// without forward secrecy, or with Diffie-Hellman over finite fields.
    WeakCipher,
    /// The server's key is of a kind that this program does not verify; other clients may.
    KeyUnsupported,
    /// The server ended the handshake with this alert.
    TlsAlert(AlertDescription),
    /// The server's data were not TLS, or violated its rules.
    TlsFailed,
    /// Bytes came between the server's answer to the request for TLS and the handshake: a man in
    /// the middle may have injected them (as in CVE-2021-23222).
    PlaintextInjected,
}

impl FailureKind {
    /// The reason of a verdict whose connection failed in this way.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            FailureKind::NameUnknown => Reason::NameUnknown,
            FailureKind::Unreachable => Reason::Unreachable,
            FailureKind::Refused => Reason::Refused,
            FailureKind::Reset => Reason::Reset,
            FailureKind::Closed => Reason::Closed,
            FailureKind::Timeout => Reason::Timeout,
            FailureKind::NotThisProtocol => Reason::NotThisProtocol,
            FailureKind::ServerError(_) => Reason::ServerError,
            FailureKind::NoTls => Reason::NoTls,
            FailureKind::WeakProtocol => Reason::WeakProtocol,
            FailureKind::WeakCipher => Reason::WeakCipher,
            FailureKind::KeyUnsupported => Reason::KeyUnsupported,
            FailureKind::TlsAlert(_) => Reason::TlsAlert,
            FailureKind::TlsFailed => Reason::TlsFailed,
            FailureKind::PlaintextInjected => Reason::PlaintextInjected,
        }
    }

    /// Whether the server closed the connection without giving a reason.
    #[must_use]
    pub fn is_hang_up(self) -> bool {
        matches!(self, FailureKind::Reset | FailureKind::Closed)
    }
}

/// The cause of a refusal, by which remedies differ. Servers name it by an error code, or in their
/// own text; this program's messages do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefusalCause {
    /// Another cause, or none that the error names.
    #[default]
    Other,
    /// No rule of pg_hba.conf admits the client.
    HostRules,
    /// The password is wrong (SQLSTATE 28P01).
    Password,
    /// The database does not exist (SQLSTATE 3D000).
    DatabaseMissing,
    /// A pool does not know the user or the database.
    UnknownName,
    /// The server blocks this host after many connection errors (MySQL's error 1129).
    HostBlocked,
}

/// A failure of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// The failure in words, with the step at which it happened; no full stop.
    pub message: String,
}

impl Failure {
    /// Creates a failure of this kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Failure { kind, message: message.into() }
    }

    /// Whether it is an alert by which a server refuses the client's certificate, or its absence
    /// (RFC 8446, section 6.2).
    #[must_use]
    pub fn is_about_client_certificate(&self) -> bool {
        use AlertDescription as Alert;
        matches!(
            self.kind,
            FailureKind::TlsAlert(
                Alert::CertificateRequired
                    | Alert::NoCertificate
                    | Alert::HandshakeFailure
                    | Alert::BadCertificate
                    | Alert::UnsupportedCertificate
                    | Alert::CertificateRevoked
                    | Alert::CertificateExpired
                    | Alert::CertificateUnknown
                    | Alert::UnknownCA
                    | Alert::AccessDenied
            )
        )
    }

    /// Creates the failure of a client that the server refused for a cause without a name here.
    pub fn server_error(message: impl Into<String>) -> Self {
        Failure::new(FailureKind::ServerError(RefusalCause::Other), message)
    }

    /// Creates the failure of a peer that does not speak `protocol`; `what` is a verb phrase.
    pub fn not(protocol: &str, what: impl fmt::Display) -> Self {
        Failure::new(
            FailureKind::NotThisProtocol,
            format!("this is no {protocol} server: it {what}"),
        )
    }

    /// Creates the failure of a read or write at `step`; recognizes a TLS error inside `error`.
    pub fn io(step: &str, error: &io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Failure::tls(step, tls);
        }
        if error.get_ref().is_some_and(|inner| inner.is::<PlaintextBeforeTls>()) {
            return Failure::new(FailureKind::PlaintextInjected, format!("{step}: {error}"));
        }
        use io::ErrorKind as E;
        let (kind, what) = match error.kind() {
            E::UnexpectedEof | E::WriteZero => {
                (FailureKind::Closed, "the server hung up".to_owned())
            }
            E::ConnectionReset | E::BrokenPipe | E::ConnectionAborted | E::NotConnected => {
                (FailureKind::Reset, "the server reset the connection".to_owned())
            }
            E::ConnectionRefused => (FailureKind::Refused, "nothing listens there".to_owned()),
            E::TimedOut => (FailureKind::Timeout, "no answer in time".to_owned()),
            E::InvalidData => (FailureKind::TlsFailed, error.to_string()),
            _ => (FailureKind::Unreachable, error.to_string()),
        };
        Failure::new(kind, format!("{step}: {what}"))
    }

    /// Creates the failure of a handshake at `step` from a TLS error.
    pub fn tls(step: &str, error: &rustls::Error) -> Self {
        use rustls::{Error as E, PeerIncompatible as Cannot};
        let kind = match error {
            E::AlertReceived(AlertDescription::ProtocolVersion)
            | E::PeerIncompatible(
                Cannot::ServerDoesNotSupportTls12Or13
                | Cannot::ServerTlsVersionIsDisabledByOurConfig,
            ) => FailureKind::WeakProtocol,
            E::AlertReceived(alert) => FailureKind::TlsAlert(*alert),
            _ => FailureKind::TlsFailed,
        };
        let what = match (kind, error) {
            (FailureKind::WeakProtocol, _) => "the server takes neither TLS 1.2 nor 1.3".to_owned(),
            (_, E::AlertReceived(alert)) => {
                format!("the server broke off with the TLS alert {}", alert_name(*alert))
            }
            (_, E::InvalidMessage(_)) => "what the server sent is no TLS".to_owned(),
            (_, error) => error.to_string(),
        };
        Failure::new(kind, format!("{step}: {what}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The error inside [`io::Error`] of a read on which the peer sent something other than TLS.
#[derive(Debug)]
pub(crate) struct PlaintextBeforeTls;

impl fmt::Display for PlaintextBeforeTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes came before TLS had begun; somebody may have put them there")
    }
}

impl std::error::Error for PlaintextBeforeTls {}

/// Returns the name of an alert as in RFC 8446, such as `unknown_ca`.
#[must_use]
pub fn alert_name(alert: AlertDescription) -> String {
    if alert == AlertDescription::UnknownCA {
        return "unknown_ca".to_owned();
    }
    let mut name = String::new();
    for c in format!("{alert:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// Makes a server's text fit to print: on one line, without control characters, at most 200
/// characters.
#[must_use]
pub fn one_line(text: &[u8]) -> String {
    text::one_line(&String::from_utf8_lossy(text), 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_tls_inside_those_of_io_are_told_apart() {
        let kind = |error: rustls::Error| Failure::io("x", &io::Error::other(error)).kind;
        let alert = AlertDescription::UnknownCA;
        assert_eq!(kind(rustls::Error::AlertReceived(alert)), FailureKind::TlsAlert(alert));
        let old = rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13;
        assert_eq!(kind(rustls::Error::PeerIncompatible(old)), FailureKind::WeakProtocol);
        assert_eq!(kind(rustls::Error::DecryptError), FailureKind::TlsFailed);
        assert_eq!(Failure::io("x", &io::ErrorKind::BrokenPipe.into()).kind, FailureKind::Reset);
        // An error of the layer around the handshake, not of TLS.
        assert_eq!(
            Failure::io("x", &io::ErrorKind::InvalidData.into()).kind,
            FailureKind::TlsFailed
        );
    }

    #[test]
    fn alerts_have_the_names_of_the_rfc() {
        assert_eq!(alert_name(AlertDescription::UnknownCA), "unknown_ca");
        assert_eq!(alert_name(AlertDescription::CertificateRequired), "certificate_required");
    }

    #[test]
    fn a_servers_text_cannot_move_the_cursor() {
        assert_eq!(one_line(b"\x1b[2Jhost\nis \xffblocked "), "[2Jhost is \u{fffd}blocked");
        assert_eq!(one_line(&[b'x'; 5000]), "x".repeat(200) + "…");
    }
}
