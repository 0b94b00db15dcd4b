//! `ccx-sec cert inspect --verify`: checks whether a peer would accept the chain.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::commands::anchors;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::output::LineMark;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{
    self, ChainFault, ChainReason, ChainRequest, PeerIdentity, Position, Purpose, VerifiedChain,
};
use crate::pki::inspect::InspectedCertificate;
use crate::report::checks::{Check, CheckResult};

/// The checks of a chain without a connection. The two modes of clients that verify a certificate, for
/// server and client certificates alike; `REQUIRED` would check nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
pub(super) enum VerificationMode {
    /// A chain to a trusted CA
    #[value(name = "VERIFY_CA")]
    #[serde(rename = "VERIFY_CA")]
    Ca,
    /// A chain to a trusted CA, and the name that was dialled
    #[value(name = "VERIFY_IDENTITY")]
    #[serde(rename = "VERIFY_IDENTITY")]
    Identity,
}

impl VerificationMode {
    fn name(self) -> &'static str {
        match self {
            VerificationMode::Ca => "VERIFY_CA",
            VerificationMode::Identity => "VERIFY_IDENTITY",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct VerificationOptions {
    /// Verify the chain of the first certificate up to a trusted CA
    #[arg(long, help_heading = "Verification")]
    verify: bool,
    /// Trusted CAs [default: the bundle in the store]
    #[arg(long, help_heading = "Verification", value_name = "FILE", requires = "verify", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
    /// Name or address to verify [default: that of the URL]
    #[arg(long, help_heading = "Verification", value_name = "NAME|IP", requires = "verify")]
    host: Option<String>,
    /// Checks to make [default: VERIFY_IDENTITY with a name, else VERIFY_CA]
    #[arg(
        long,
        help_heading = "Verification",
        value_enum,
        ignore_case = true,
        requires = "verify"
    )]
    mode: Option<VerificationMode>,
    /// Use of the certificate
    #[arg(
        long,
        help_heading = "Verification",
        value_enum,
        default_value = "server",
        requires = "verify"
    )]
    purpose: Purpose,
}

/// The result of a verification.
#[derive(Serialize)]
pub(super) struct Verification {
    pub(super) ok: bool,
    mode: VerificationMode,
    purpose: Purpose,
    host: Option<String>,
    at: Timestamp,
    /// SHA-256 of each certificate from the leaf to the trusted CA.
    path: Vec<String>,
    fault: Option<ChainFault>,
    warnings: Vec<ChainFault>,
}

/// A prepared verification. It is prepared before the input is read, so that wrong options are
/// reported at once.
pub(super) struct Plan {
    mode: VerificationMode,
    purpose: Purpose,
    host: Option<(String, PeerIdentity)>,
    pub(super) anchors: Vec<Certificate>,
}

impl VerificationOptions {
    /// Whether `--verify` was given.
    pub(super) fn is_asked(&self) -> bool {
        self.verify
    }

    /// Prepares the verification; `None` without `--verify`. `dialled` is the host of the URL.
    ///
    /// # Errors
    /// Exit 2 when the host is missing or invalid, exit 3 when the CAs cannot be read.
    pub(super) fn plan(&self, context: &Context, dialled: Option<&str>) -> Result<Option<Plan>> {
        if !self.verify {
            return Ok(None);
        }
        let named = self.host.as_deref().or(dialled);
        let default =
            if named.is_some() { VerificationMode::Identity } else { VerificationMode::Ca };
        let mode = self.mode.unwrap_or(default);
        let host = match (mode, named) {
            (VerificationMode::Ca, _) => None,
            (VerificationMode::Identity, Some(host)) => {
                Some((host.to_owned(), chain::identity(host)?))
            }
            (VerificationMode::Identity, None) => {
                return Err(Error::usage(
                    Code::HostMissing,
                    "VERIFY_IDENTITY needs a name to look for",
                )
                .hint("give it: --host NAME"));
            }
        };
        let anchors = anchors::read(context, self.ca_file.as_deref())?;
        Ok(Some(Plan { mode, purpose: self.purpose, host, anchors }))
    }
}

impl Plan {
    /// Verifies a chain whose first certificate is the peer's own.
    pub(super) fn verify(&self, presented: &[InspectedCertificate], at: Timestamp) -> Verification {
        let outcome = match presented.first().map(|first| &first.certificate) {
            Some(Ok(leaf)) => {
                let others = presented[1..].iter().filter_map(|one| one.certificate.as_ref().ok());
                let others: Vec<Certificate> = others.cloned().collect();
                let mut request = ChainRequest::new(leaf, &others, &self.anchors, at, self.purpose);
                request.identity = self.host.as_ref().map(|(_, identity)| identity);
                chain::verify(&request).map(|good| VerifiedChain {
                    warnings: [good.warnings, chain::refusals(&request)].concat(),
                    ..good
                })
            }
            Some(Err(damaged)) => Err(unreadable(&damaged.error.message)),
            None => Err(unreadable("the server presented none")),
        };
        let (path, fault, warnings) = match outcome {
            Ok(good) => (good.path, None, good.warnings),
            Err(fault) => (Vec::new(), Some(fault), Vec::new()),
        };
        Verification {
            ok: fault.is_none(),
            mode: self.mode,
            purpose: self.purpose,
            host: self.host.as_ref().map(|(host, _)| host.clone()),
            at,
            path: path.iter().map(Certificate::sha256).collect(),
            fault,
            warnings,
        }
    }
}

fn unreadable(what: &str) -> ChainFault {
    ChainFault {
        reason: ChainReason::Damaged,
        certificate: Position::Leaf,
        subject: String::new(),
        message: format!("the leaf certificate cannot be read: {what}"),
        rule: None,
        hints: Vec::new(),
        refused_by: None,
    }
}

impl Verification {
    /// The verification as a check, named by its mode.
    pub(super) fn check(&self) -> Check {
        let pass = Check::pass(self.mode.name());
        match &self.fault {
            None => pass,
            Some(fault) => Check {
                result: CheckResult::Fail,
                code: Some(fault.reason.reason().into()),
                message: fault.message.clone(),
                hints: fault.hints.clone(),
                ..pass
            },
        }
    }

    pub(super) fn render_text(&self) -> String {
        let mut text = String::new();
        let mode = self.mode.name();
        let host = self.host.as_ref().map(|host| format!(" for {host}")).unwrap_or_default();
        match &self.fault {
            None => {
                let ok = LineMark::Good.paint("ok", 8);
                let trusted = self.path.last().map(String::as_str).unwrap_or_default();
                text.push_str(&format!("{ok}{mode}{host}: trusted through CA {trusted}\n"));
            }
            Some(fault) => {
                let failed = LineMark::Bad.paint("failed", 8);
                text.push_str(&format!("{failed}{mode}{host}\n"));
                text.push_str(&fault_text(&LineMark::Bad.paint("error", 8), fault));
            }
        }
        for warning in &self.warnings {
            text.push_str(&fault_text(&LineMark::Warn.paint("warning", 8), warning));
        }
        text
    }
}

fn fault_text(mark: &str, fault: &ChainFault) -> String {
    let rule = fault.rule.map(|rule| format!(" ({rule})")).unwrap_or_default();
    let hints: Vec<String> =
        fault.hints.iter().map(|hint| format!("        hint: {hint}\n")).collect();
    let message = format!("{mark}{}: {}{rule}\n", fault.reason, fault.message);
    message + &hints.concat()
}
