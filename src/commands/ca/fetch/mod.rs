//! `ccx-sec ca fetch`: the CA certificates, from a service that hands them out.
//!
//! ```text
//! acceptance  which certificates belong to the CA    file_check   a client's file against the service
//! ```

mod acceptance;
mod file_check;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

use acceptance::{MemberProof, accept};

use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::http::{BundleSource, fetch, fetch_links};
use crate::output;
use crate::pki::certificate::Certificate;
use crate::pki::{TRUST_STORE_PASSWORD, jks, pem, pkcs12, profile};
use crate::shell::CommandLine;

/// The most bytes of a file of CA certificates.
const MAX_FILE: usize = 4 * 1024 * 1024;

/// Download the CA certificates and check their fingerprints
///
/// Accepts the answer only if each certificate has a fingerprint that you gave, renews such a
/// certificate with the same name and key, or is announced by such a certificate with its signature,
/// as in a rotation of the CA. So nobody on the network can add a certificate, and the server's own
/// certificate is not checked.
///
/// Get the fingerprint in another way than the download: from the operator of the service, who runs
/// "ccx-sec ca show", or from a contract.
///
/// --check compares a client's file with the certificates of the service, and says what to do and by
/// when. It trusts the certificates in the file, and writes nothing.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Address of the service, or of a PEM file
    #[arg(value_name = "URL")]
    url: BundleSource,
    /// SHA-256 fingerprint of a certificate; repeatable, for several certificates
    #[arg(long, value_name = "HEX")]
    sha256: Vec<Fingerprint>,
    /// Refuse certificates that a known one announces
    ///
    /// Then each certificate of a rotation needs its fingerprint.
    #[arg(long)]
    no_follow: bool,
    /// PEM file of a client to compare, instead of a download
    #[arg(
        long,
        value_name = "FILE",
        value_hint = clap::ValueHint::FilePath,
        conflicts_with_all = ["out", "force", "format"]
    )]
    check: Option<PathBuf>,
    /// Format of the file
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = FetchFormat::Pem)]
    format: FetchFormat,
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

  A trust store for Java (keytool takes one certificate of a PEM file):
    ccx-sec ca fetch https://ca.example.com:8443 --format pkcs12 --out ca.p12 \\
      --sha256 5d8e1f0a7c3b4e6f9a2d1c0b8e7f6a5d4c3b2a1908f7e6d5c4b3a29180716253

  Whether a client has what it needs, such as from cron:
    ccx-sec ca fetch https://ca.example.com:8443 --check /etc/app/ca.pem

  A fingerprint may have colons, as openssl prints it.

EXIT STATUS
  0  the certificates are downloaded and known; with --check: they are in the file
  1  with --check: the file lacks a certificate, or holds one that the service does not have
  2  an argument is wrong, or the answer or the file holds no certificates
  3  the service or the file cannot be read, or the service has no CA
  4  refused: a certificate has another fingerprint, or the file exists";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FetchFormat {
    /// PEM
    Pem,
    /// PKCS#12; a trust store for Java
    Pkcs12,
    /// Java's JKS; a trust store
    Jks,
}
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
    /// Those of `sha256` whose fingerprint was not given: the user gives them from now on.
    new_sha256: Vec<String>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        if let Some(file) = &self.check {
            return self.check_file(context, file);
        }
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
        if self.out.is_none() && self.format != FetchFormat::Pem && output::stdout_is_terminal() {
            let message = "a binary format is not for a terminal, and stdout is one";
            return Err(
                Error::usage(Code::NotForATerminal, message).hint("write it to a file: --out FILE")
            );
        }
        let certificates = self.fetch(context)?;
        let mut known = self.given(&certificates);
        // A certificate that has left the bundle may still announce its successor.
        known.extend(self.given(&self.present(context)));
        let accepted = self.accept(context, &certificates, &known)?;
        for certificate in &certificates {
            let sha256 = certificate.sha256();
            let why = match accepted.get(&sha256) {
                None => return Err(self.differs(&sha256)),
                Some(MemberProof::Fingerprint) => continue,
                Some(MemberProof::Renewal) => {
                    "The CA certificate was renewed, by the same key.".to_owned()
                }
                Some(MemberProof::Link) => format!(
                    "The CA announces another certificate with its signature: {}.",
                    certificate.subject()
                ),
            };
            context.output.note(&format!(
                "{why} From now on, give its fingerprint too:\n  --sha256 {sha256}"
            ));
        }
        self.tell(context, &certificates);
        let is_given = |sha256: &String| accepted[sha256] == MemberProof::Fingerprint;
        let sha256: Vec<String> = certificates.iter().map(Certificate::sha256).collect();
        let document = FetchDocument {
            url: self.url.to_string(),
            file: self.out.as_ref().map(|out| out.display().to_string()),
            new_sha256: sha256.iter().filter(|one| !is_given(one)).cloned().collect(),
            sha256,
        };
        self.write(context, &certificates, &document)?;
        Ok(Exit::Done)
    }

    /// Downloads the certificates; nothing of them is checked.
    fn fetch(&self, context: &Context) -> Result<Vec<Certificate>> {
        let _progress = context.output.progress(&format!("getting {}", self.url));
        let bytes = fetch(&self.url, context.step_timeout)?;
        Certificate::from_pem(&self.url.to_string(), &bytes)
    }

    /// Finds the certificates that belong to the CA. Asks the service for links only if some
    /// certificate needs one.
    fn accept(
        &self,
        context: &Context,
        certificates: &[Certificate],
        known: &[Certificate],
    ) -> Result<BTreeMap<String, MemberProof>> {
        let accepted = accept(certificates, known, &[], context.now);
        if self.no_follow || certificates.iter().all(|one| accepted.contains_key(&one.sha256())) {
            return Ok(accepted);
        }
        let Some(links) = fetch_links(&self.url, context.step_timeout)? else {
            return Ok(accepted);
        };
        let links = Certificate::from_pem(&format!("the links of {}", self.url), &links)?;
        Ok(accept(certificates, known, &links, context.now))
    }

    /// Those of `certificates` whose fingerprint was given.
    fn given(&self, certificates: &[Certificate]) -> Vec<Certificate> {
        let is_given = |certificate: &&Certificate| {
            let sha256 = certificate.sha256();
            self.sha256.iter().any(|known| known.0 == sha256)
        };
        certificates.iter().filter(is_given).cloned().collect()
    }

    /// The certificates of the file that is going to be replaced; none where it cannot be read.
    fn present(&self, context: &Context) -> Vec<Certificate> {
        let Some(out) = self.out.as_deref().filter(|_| self.force) else { return Vec::new() };
        let read = files::read(out, MAX_FILE);
        let read = read.and_then(|text| Certificate::from_pem(&out.display().to_string(), &text));
        read.inspect_err(|error| context.output.detail(&error.to_string())).unwrap_or_default()
    }

    /// The refusal of a certificate that nothing accepts.
    fn differs(&self, sha256: &str) -> Error {
        let message = format!(
            "{} gave a certificate that is none of those that were meant: its fingerprint is {sha256}",
            self.url
        );
        let refused = Error::refused(Code::FingerprintDiffers, message);
        with_ways(match self.no_follow {
            true => refused.hint(
                "if the CA is being replaced, a known certificate may announce it: leave out \
                 --no-follow",
            ),
            false => refused.hint(
                "no known certificate announces it: the one that you know was removed at the end of \
                 a rotation, or its key was stolen; have the new fingerprint told to you by another \
                 way",
            ),
        })
    }

    /// Warns of certificates out of date, and of given fingerprints that no certificate has.
    fn tell(&self, context: &Context, certificates: &[Certificate]) {
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
    }

    /// The certificates in the format that was asked for.
    fn encode(&self, context: &Context, certificates: &[Certificate]) -> Result<Vec<u8>> {
        let entry = |certificate| (alias(certificate), certificate);
        let entries: Vec<(String, &Certificate)> = certificates.iter().map(entry).collect();
        if self.format != FetchFormat::Pem {
            let note = format!("The password of the trust store is {TRUST_STORE_PASSWORD}.");
            context.output.note(&note);
        }
        match self.format {
            FetchFormat::Pem => Ok(pem::certificates(certificates).into_bytes()),
            FetchFormat::Pkcs12 => pkcs12::trust_store(&entries, TRUST_STORE_PASSWORD),
            FetchFormat::Jks => jks::trust_store(&entries, TRUST_STORE_PASSWORD, context.now),
        }
    }

    fn write(
        &self,
        context: &Context,
        certificates: &[Certificate],
        document: &FetchDocument,
    ) -> Result<()> {
        let bytes = self.encode(context, certificates)?;
        let Some(out) = &self.out else { return context.output.raw(&bytes) };
        let existing = if self.force { ExistingFile::Replace } else { ExistingFile::Keep };
        if !files::write(out, &bytes, FileMode::Public, existing)? {
            let message = format!("{} exists already", out.display());
            return Err(Error::refused(Code::FileExists, message)
                .hint("give another name, or --force to replace it"));
        }
        context.output.outcome(document, || {
            let lines = document.sha256.iter().map(|sha256| format!("sha256 {sha256}\n"));
            format!("wrote  {}\n{}", out.display(), lines.collect::<String>())
        })
    }
}

/// The alias of a certificate in a trust store.
fn alias(certificate: &Certificate) -> String {
    format!("ca-{}", &certificate.sha256()[..8])
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
