//! `ccx-sec ca fetch`: the CA certificates, from a service that hands them out.

use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::http::{BundleSource, fetch};
use crate::pki::certificate::Certificate;
use crate::pki::{pem, profile};
use crate::shell::CommandLine;

/// Download the CA certificates and check their fingerprints
///
/// Accepts the answer only if each certificate has a fingerprint that you gave, or renews such a
/// certificate with the same name and key. So nobody on the network can add a certificate, and the
/// server's own certificate is not checked.
///
/// Get the fingerprint in another way than the download: from the operator of the service, who runs
/// "ccx-sec ca show", or from a contract.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Address of the service, or of a PEM file
    #[arg(value_name = "URL")]
    url: BundleSource,
    /// SHA-256 fingerprint of a certificate; repeatable, for several certificates
    #[arg(long, value_name = "HEX")]
    sha256: Vec<Fingerprint>,
    /// File to write [default: stdout]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, requires = "out")]
    force: bool,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca fetch https://ca.example.com:8443 --out ca.pem \\
    --sha256 5d8e1f0a7c3b4e6f9a2d1c0b8e7f6a5d4c3b2a1908f7e6d5c4b3a29180716253

  A fingerprint may have colons, as openssl prints it.

EXIT STATUS
  0  the certificates are downloaded, and their fingerprints match
  2  an argument is wrong, or the answer holds no certificates
  3  the service cannot be reached, or has no CA
  4  refused: a certificate has another fingerprint, or the file exists";

/// A fingerprint, with or without colons.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint(String);

impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let hex = text.replace(':', "").to_ascii_lowercase();
        if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(Fingerprint(hex));
        }
        Err(Error::usage(Code::Fingerprint, "this is no SHA-256 fingerprint")
            .hint("it has 64 hexadecimal digits; where the CA is kept, ca show prints it"))
    }
}

#[derive(Serialize)]
struct FetchDocument {
    url: String,
    file: Option<String>,
    sha256: Vec<String>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        if self.sha256.is_empty() {
            return Err(with_ways(Error::usage(
                Code::FingerprintMissing,
                "no fingerprint was given, so the CA cannot be verified",
            )));
        }
        if self.out.is_none() && !context.output.format.is_text() {
            let message = "stdout cannot hold both a report and the data";
            return Err(Error::usage(Code::FetchNeedsOut, message)
                .hint("write the data to a file: --out FILE"));
        }
        let bytes = {
            let _progress = context.output.progress(&format!("getting {}", self.url));
            fetch(&self.url, context.step_timeout)?
        };
        let certificates = Certificate::from_pem(&self.url.to_string(), &bytes)?;
        self.check(context, &certificates)?;
        self.write(context, &certificates)?;
        Ok(Exit::Done)
    }

    /// Checks that every certificate has a given fingerprint, or renews one that has: it has the
    /// same name and key, and that key signed it.
    fn check(&self, context: &Context, certificates: &[Certificate]) -> Result<()> {
        let (meant, others): (Vec<_>, Vec<_>) = certificates.iter().partition(|certificate| {
            self.sha256.iter().any(|known| known.0 == certificate.sha256())
        });
        for certificate in others {
            let sha256 = certificate.sha256();
            let is_renewal = |pinned: &&Certificate| {
                certificate.is_renewal_of(pinned) && certificate.is_signed_by(pinned)
            };
            if !meant.iter().any(is_renewal) {
                let message = format!(
                    "{} gave a certificate that is none of those that were meant: its fingerprint \
                     is {sha256}",
                    self.url
                );
                return Err(with_ways(Error::refused(Code::FingerprintDiffers, message)));
            }
            context.output.note(&format!(
                "The CA certificate was renewed, by the same key. From now on, give its fingerprint \
                 too:\n  --sha256 {sha256}"
            ));
        }
        for certificate in certificates {
            for finding in profile::check_dates(certificate, context.now, None) {
                context.output.warning(&format!("{}: {}", certificate.sha256(), finding.message));
            }
        }
        for known in &self.sha256 {
            if !certificates.iter().any(|certificate| certificate.sha256() == known.0) {
                context.output.note(&format!("No certificate has the fingerprint {}.", known.0));
            }
        }
        Ok(())
    }

    fn write(&self, context: &Context, certificates: &[Certificate]) -> Result<()> {
        let text = pem::certificates(certificates);
        let fetched = FetchDocument {
            url: self.url.to_string(),
            file: self.out.as_ref().map(|out| out.display().to_string()),
            sha256: certificates.iter().map(Certificate::sha256).collect(),
        };
        let Some(out) = &self.out else { return context.output.raw(text.as_bytes()) };
        let existing = if self.force { ExistingFile::Replace } else { ExistingFile::Keep };
        if !files::write(out, text.as_bytes(), FileMode::Public, existing)? {
            let message = format!("{} exists already", out.display());
            return Err(Error::refused(Code::FileExists, message)
                .hint("give another name, or --force to replace it"));
        }
        context.output.outcome(&fetched, || {
            let lines = fetched.sha256.iter().map(|sha256| format!("sha256 {sha256}\n"));
            format!("wrote  {}\n{}", out.display(), lines.collect::<String>())
        })
    }
}

/// Adds hints on how to get the right fingerprint.
fn with_ways(error: Error) -> Error {
    error
        .hint((
            "where the CA is kept, this prints it",
            CommandLine::ccx_sec("ca show")
                .option("-o", "json")
                .pipe(CommandLine::other("jq", "-r .sha256")),
        ))
        .hint("get the fingerprint in another way than the download, and give it: --sha256 HEX")
}
