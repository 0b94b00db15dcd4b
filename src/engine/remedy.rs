//! Remedies that a server's administrator can apply: statements for the server's client, lines of
//! its files, and commands on its machine. A user pastes each as printed, after replacing the words
//! in capitals.

use std::fmt;
use std::path::Path;

use crate::hint::{Hint, Verbatim};
use crate::shell::CommandLine;

/// The remedies of an engine. A method returns `None` if the engine has no such remedy.
pub trait ServerRemedies: Sync + fmt::Debug {
    /// The statement that shows which file of certificates the server reads.
    fn show_certificate_setting(&self) -> String;

    /// The statement or command that makes the server load new files, without a restart if it can.
    fn reload(&self) -> &'static str;

    /// The statement or command that makes the server load these files.
    fn reload_files(&self, certificate: &Path, key: &Path) -> String;

    /// Makes the server send the certificate of an intermediate CA.
    fn send_intermediate(&self) -> Hint;

    /// Turns TLS on.
    fn enable_tls(&self) -> Hint;

    /// Makes the server refuse clients without TLS.
    fn require_tls(&self) -> Hint;

    /// Adds a rule for users who are refused over TLS.
    fn admit_over_tls(&self) -> Option<Hint>;

    /// Makes the server demand a client certificate.
    fn require_client_certificate(&self) -> Hint;

    /// Limits TLS 1.2 to cipher suites with forward secrecy. All suites of TLS 1.3 have it.
    fn limit_suites(&self) -> Hint;

    /// Makes the server refuse TLS versions older than `least`: `TLSv1.2` or `TLSv1.3`.
    fn limit_versions(&self, least: &str) -> Hint;

    /// Makes the server unblock the hosts that it blocked after too many connect errors.
    fn unblock_hosts(&self) -> Option<Hint>;

    /// Shows whether the server demands TLS of clients or, with `is_mutual`, a certificate.
    fn show_demands(&self, is_mutual: bool) -> Hint;

    /// A TLS handshake by OpenSSL's client with `place`, a host and a port.
    fn handshake(&self, place: &str) -> Option<CommandLine>;
}

/// Cipher suites with forward secrecy for TLS 1.2, by OpenSSL's names.
pub(super) const STRONG_SUITES: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";

/// The last step of a remedy that needs a restart of the server.
pub(super) const RESTART: &str = "then restart it";

/// A text to paste, after its purpose.
pub(super) fn statement(prose: &str, text: &str) -> Hint {
    Hint::from((prose, Verbatim(text)))
}

/// A text to paste into the server's client.
pub(super) fn on_the_server(text: &str) -> Hint {
    statement("on the server", text)
}

/// The last step of a remedy that `reload` puts in force.
pub(super) fn let_it_read(reload: &str) -> Hint {
    statement("then let the server read it", reload)
}

/// Appends an intermediate CA's certificate to the file of a setting.
pub(super) fn append_certificate(setting: &str, file: &str) -> Hint {
    statement(
        &format!("append the certificate of that CA to the file of {setting}"),
        &format!("cat INTERMEDIATE_FILE >>{file}"),
    )
}

/// The versions of TLS from `least` on, separated by commas.
pub(super) fn versions_from(least: &str) -> &'static str {
    if least == "TLSv1.3" { "TLSv1.3" } else { "TLSv1.2,TLSv1.3" }
}

/// `openssl s_client`; `starttls` names the protocol that the client speaks before TLS.
pub(super) fn openssl(starttls: Option<&str>, place: &str) -> CommandLine {
    CommandLine::other("openssl", "s_client")
        .option_if("-starttls", starttls)
        .option("-connect", place)
}
