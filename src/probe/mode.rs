//! The TLS modes that `verify` judges, and its answers.

use serde::Serialize;

/// The statements about a server that `verify` judges, each a row of its report. Three of them are
/// modes of clients (`ClientMode` in the room `snippet`); the others say what the server refuses
/// (`PLAINTEXT`, `MUTUAL_TLS`, `MIN_TLS`) and which certificate it serves (`LOADED`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TlsMode {
    /// Clients without TLS are refused
    #[value(name = "PLAINTEXT", alias = "DISABLED")]
    Plaintext,
    /// Clients get TLS, whatever the certificate
    #[value(name = "REQUIRED", alias = "required")]
    Required,
    /// And the certificate is of a trusted CA
    #[value(name = "VERIFY_CA", alias = "verify-ca")]
    VerifyCa,
    /// And it is for the name that they connect to
    #[value(name = "VERIFY_IDENTITY", alias = "verify-full")]
    VerifyIdentity,
    /// Clients without a certificate, or with one of another CA, are refused
    #[value(skip)]
    MutualTls,
    /// Nothing below a floor is taken
    #[value(skip)]
    MinTls,
    /// The server serves the certificate that is stored for it
    #[value(skip)]
    Loaded,
}

impl TlsMode {
    /// The modes that are judged without `--mode`.
    pub const DEFAULT: [TlsMode; 4] =
        [TlsMode::Required, TlsMode::VerifyCa, TlsMode::VerifyIdentity, TlsMode::Plaintext];

    /// The name, as in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TlsMode::Plaintext => "PLAINTEXT",
            TlsMode::Required => "REQUIRED",
            TlsMode::VerifyCa => "VERIFY_CA",
            TlsMode::VerifyIdentity => "VERIFY_IDENTITY",
            TlsMode::MutualTls => "MUTUAL_TLS",
            TlsMode::MinTls => "MIN_TLS",
            TlsMode::Loaded => "LOADED",
        }
    }

    /// The word for `answer` in text for people. `PLAINTEXT pass` would read as if plaintext were
    /// allowed: there it is `refused` or `accepted`.
    #[must_use]
    pub fn word(self, answer: Answer) -> &'static str {
        match (self, answer) {
            (TlsMode::Plaintext, Answer::Pass) => "refused",
            (TlsMode::Plaintext, Answer::Fail) => "accepted",
            (_, answer) => answer.name(),
        }
    }
}

/// The answer for one mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The mode holds.
    Pass,
    /// The mode does not hold.
    Fail,
    /// It could not be determined.
    Unknown,
}

impl Answer {
    /// The name, as in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Answer::Pass => "pass",
            Answer::Fail => "fail",
            Answer::Unknown => "unknown",
        }
    }
}
