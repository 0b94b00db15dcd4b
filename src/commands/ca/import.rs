//! `ccx-sec ca import`: takes a CA in that was made elsewhere.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::ca_files::CaFiles;
use super::ca_report::CaReport;
use crate::commands::dry_run::DryRun as DryRunOption;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::pki::certificate::Certificate;
use crate::pki::finding::Finding;
use crate::report;
use crate::shell::{CommandLine, Placeholder};
use crate::store::Backend;
use crate::store::bundle::{Bundle, load_bundle};
use crate::store::ca::{self, Creation, StoredCa};

/// Store a CA that was created elsewhere
///
/// Refuses if the store has a CA of this name.
///
/// The key may be PKCS#8, PKCS#1 or SEC1, PEM or DER, or encrypted PKCS#8; it is stored as
/// PKCS#8. Also the way to put a CA back from a backup, where its bundle is still there.
///
/// Refused are a key that does not fit, a leaf, an expired or unsound certificate and a weak
/// key. What else differs from the profile of ccx-sec is said.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// CA certificate, PEM or DER; - is stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    cert: PathBuf,
    /// Private key of the CA, PEM or DER; - is stdin [default: in --cert]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    key: Option<PathBuf>,
    /// File whose first line is the passphrase of the key [default: prompt]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    dry_run: DryRunOption,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec ca import --cert ca.crt --key ca.key
  ccx-sec ca import --cert ca.crt --key ca.key --passphrase-file ./passphrase --dry-run
  openssl pkcs12 -in ca.p12 -nodes | ccx-sec ca import --cert -

EXIT STATUS
  0  the CA was stored
  2  a file is not what it should be, or the passphrase is wrong
  3  a file or the store cannot be read or written
  4  refused: key and certificate do not fit, the CA is unsound, or there is one already";

#[derive(Serialize)]
struct CaImportDocument {
    imported: bool,
    dry_run: bool,
    findings: Vec<Finding>,
    #[serde(flatten)]
    ca: CaReport,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let files = CaFiles {
            cert: &self.cert,
            key: self.key.as_deref(),
            passphrase: self.passphrase_file.as_deref(),
        };
        let (authority, findings) = files.read(context)?;

        let store = match self.dry_run.is_without_store() {
            true => None,
            false => Some(context.open_store()?),
        };
        let store = store.as_deref();
        if let Some(store) = store
            && ca::create(store, &context.ca, &authority, self.dry_run.is_on())? == Creation::Exists
        {
            return Err(self.exists(store, context, authority.certificate()));
        }
        let certificate = authority.certificate();
        let bundle = store.map(|store| load_bundle(store, &context.ca)).transpose()?;
        let bundle = bundle.flatten().unwrap_or_else(|| Bundle::from_certificate(certificate));
        let place = store.map(|store| (store, context.ca.as_str()));
        let ca = CaReport::new(certificate, place, Some(&bundle), context.now);
        let outcome = CaImportDocument {
            imported: !self.dry_run.is_on(),
            dry_run: self.dry_run.is_on(),
            findings,
            ca,
        };
        context.output.outcome(&outcome, || {
            let findings: String = outcome.findings.iter().map(report::finding_text).collect();
            findings + &outcome.ca.render_text()
        })?;
        context.output.note(&if self.dry_run.is_on() {
            "dry run: nothing was stored.".to_owned()
        } else {
            format!(
                "The CA was stored. Next:\n  {}",
                context.completed(CommandLine::ccx_sec("ca check"))
            )
        });
        Ok(Exit::Done)
    }

    /// There is a CA: the one that the given certificate renews, or another.
    fn exists(&self, store: &dyn Backend, context: &Context, given: &Certificate) -> Error {
        let message = format!("there is a CA in {}", store.place(&context.ca));
        let error = Error::refused(Code::CaExists, message)
            .hint(("look at it", CommandLine::ccx_sec("ca show")));
        let stored = StoredCa::read(store, &context.ca).ok().and_then(|stored| stored.ca);
        let present = stored.and_then(|secret| ca::certificate_of(&secret).ok());
        match present.filter(|present| *present != *given && given.is_renewal_of(present)) {
            Some(_) if self.key.is_none() || self.cert == Path::new("-") => error.hint((
                "the given certificate has its name and key; to renew it, put that certificate \
                 into a file without the key",
                CommandLine::ccx_sec("ca renew").option("--cert", Placeholder("FILE")),
            )),
            Some(_) => error.hint((
                "the given certificate has its name and key; to renew it with that certificate",
                CommandLine::ccx_sec("ca renew").option("--cert", self.cert.as_path()),
            )),
            None => error.hint("for a second CA, give --ca NAME"),
        }
    }
}
