//! A certificate from the user (`--certificate`), which `cert install` uses instead of a new one.

use std::path::PathBuf;

use crate::commands::anchors;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::node::credentials::Credentials;
use crate::pki::certificate::Certificate;
use crate::pki::chain::{self, ChainRequest, Purpose};
use crate::pki::pem;
use crate::pki::pem::MAX_PEM_FILE;

/// The certificate, and who signed it.
#[derive(Debug, clap::Args)]
pub(super) struct CertificateOptions {
    /// Certificate to install instead of a new one, PEM
    #[arg(long, value_name = "FILE", requires = "key", value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["datastore", "node", "domain", "dns", "ip", "replication", "key_type"])]
    certificate: Option<PathBuf>,
    /// Private key of --certificate, PEM, without a passphrase
    #[arg(long, value_name = "FILE", requires = "certificate", value_hint = clap::ValueHint::FilePath)]
    key: Option<PathBuf>,
    /// CAs that clients trust, the signer among them, PEM [default: the bundle]
    #[arg(long, value_name = "FILE", requires = "certificate", value_hint = clap::ValueHint::FilePath)]
    ca_file: Option<PathBuf>,
}

/// A certificate and key from the user.
pub(super) struct ProvidedCertificate {
    pub(super) credentials: Credentials,
    pub(super) trust: Vec<Certificate>,
}

impl CertificateOptions {
    /// Reads certificate and key; `None` without `--certificate`. Refuses a certificate that
    /// clients would refuse, since some servers load it without an error.
    ///
    /// # Errors
    /// Exit 3 when a file is missing or damaged, the key does not match, the certificate is not
    /// valid now, not for servers, or not signed by one of the CAs.
    pub(super) fn read(&self, context: &Context) -> Result<Option<ProvidedCertificate>> {
        let (Some(certificate), Some(key)) = (&self.certificate, &self.key) else {
            return Ok(None);
        };
        let trust = anchors::read(context, self.ca_file.as_deref())?;
        let bundle = pem::certificates(trust.iter());
        let name = certificate.display().to_string();
        let (text, key) =
            (files::read(certificate, MAX_PEM_FILE)?, files::read(key, MAX_PEM_FILE)?);
        let credentials =
            Credentials::read(&name, &text, &key, bundle.as_bytes()).map_err(Error::into_failed)?;
        let leaf = credentials.certificate();
        chain::verify(&ChainRequest::new(leaf, &[], &trust, context.now, Purpose::Server))
            .map_err(|fault| {
                let message = format!("clients would not take the certificate: {}", fault.message);
                Error::failed(Code::CertificateUnfit, message)
                    .hint("nothing was changed; an intermediate CA has to be in --ca-file")
            })?;
        Ok(Some(ProvidedCertificate { credentials, trust }))
    }
}
