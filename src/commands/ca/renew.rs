//! `ccx-sec ca renew`: a new certificate for the CA's name and key.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::ca_report::CaReport;
use crate::commands::dry_run::DryRun;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::hint::unbroken;
use crate::pki::certificate::Certificate;
use crate::pki::finding::Finding;
use crate::pki::pem::MAX_PEM_FILE;
use crate::pki::validity::{Length, Validity};
use crate::report;
use crate::rotation::renewal::{CaRenewal, RenewalSource};
use crate::shell::{CommandLine, Placeholder};

/// Renew the CA certificate, with the same name and key
///
/// Every certificate that the CA signed stays valid, and no node needs a new one. Clients need
/// the renewed certificate before the old one ends: export the bundle again, or let them fetch
/// it. The bundle keeps the old certificate, as retiring; a renewal drops it once it has expired.
///
/// A renewal does not replace the key. For a key that was stolen, or is too weak, see ca rotate.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Life of the renewed certificate: 10y, 90d, 1y6mo
    #[arg(long, value_name = "TIME", default_value = "10y", conflicts_with = "cert")]
    validity: Length,
    /// File with the renewed certificate, for a CA that was made elsewhere
    ///
    /// PEM or DER. It must have the subject, the key and the extensions of the present one.
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    #[command(flatten)]
    dry_run: DryRun,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca renew --dry-run
  ccx-sec ca renew --validity 10y
  ccx-sec ca renew --cert renewed-ca.crt

  For clients; nodes get the renewed certificate with their next renewal:
    ccx-sec ca export --out ca.pem

EXIT STATUS
  0  the certificate was renewed
  1  there is no CA
  2  an argument or the given file is wrong
  3  the store cannot be reached, read or written; the CA cannot be signed again here
  4  refused: the given certificate is no renewal, it would end earlier, a rotation is under
     way, or another process changed the CA at the same time";

#[derive(Serialize)]
struct CaRenewalDocument {
    renewed: bool,
    dry_run: bool,
    resumed: bool,
    replaced: ReplacedCertificate,
    findings: Vec<Finding>,
    #[serde(flatten)]
    ca: CaReport,
}

/// The certificate that is no longer the active one.
#[derive(Serialize)]
struct ReplacedCertificate {
    sha256: String,
    not_after: Timestamp,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let source = match &self.cert {
            Some(path) => RenewalSource::Given(read_certificate(path)?),
            None => RenewalSource::Sign(Validity::starting(context.now, &self.validity)?),
        };
        let store = context.open_store()?;
        let store = store.as_ref();
        let renewal = CaRenewal::prepare(store, &context.ca, source, context.now)?;
        let dry_run = self.dry_run.is_on();
        let mut findings = renewal.findings.clone();
        findings.iter_mut().for_each(|finding| finding.complete(&context.invocation));
        let document = CaRenewalDocument {
            renewed: !dry_run,
            dry_run,
            resumed: renewal.resumes,
            replaced: ReplacedCertificate {
                sha256: renewal.replaced.sha256(),
                not_after: renewal.replaced.not_after(),
            },
            findings,
            ca: CaReport::new(
                &renewal.certificate,
                Some((store, context.ca.as_str())),
                Some(&renewal.bundle),
                context.now,
            ),
        };
        if !dry_run {
            renewal.write(store)?;
        }
        context.output.outcome(&document, || {
            let findings: String = document.findings.iter().map(report::finding_text).collect();
            findings + &document.ca.render_text()
        })?;
        context.output.note(&next_steps(context, &document, self.cert.is_some()));
        Ok(Exit::Done)
    }
}

fn next_steps(context: &Context, document: &CaRenewalDocument, is_given: bool) -> String {
    if document.dry_run {
        return match document.resumed || is_given {
            true => "dry run: nothing was stored.",
            false => "dry run: nothing was stored. Serial and fingerprint are of this run only.",
        }
        .to_owned();
    }
    let what = match document.resumed {
        true => "An interrupted renewal was finished.",
        false => "The CA certificate was renewed.",
    };
    let export = CommandLine::ccx_sec("ca export").option("--out", Placeholder("FILE"));
    format!(
        "{what} Clients need it before {}; this writes the bundle for them:\n  {}\nNodes take it \
         with their next cert renew.",
        document.replaced.not_after,
        unbroken(&context.completed(export))
    )
}

/// One certificate from a file, PEM or DER.
fn read_certificate(path: &std::path::Path) -> Result<Certificate> {
    let bytes = files::read(path, MAX_PEM_FILE)?;
    if bytes.first() == Some(&0x30) {
        return Certificate::from_der(bytes.as_slice());
    }
    let name = path.display().to_string();
    let found = Certificate::from_pem(&name, &bytes)?;
    <[Certificate; 1]>::try_from(found).map(|[certificate]| certificate).map_err(|found| {
        Error::usage(
            Code::CertificateAmbiguous,
            format!("{name} holds {} certificates, not one", found.len()),
        )
        .hint("give the renewed CA certificate only")
    })
}
