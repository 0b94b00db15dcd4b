//! A CA that was made elsewhere, from files: its certificate and its private key.

use std::path::Path;

use rustls_pki_types::PrivateKeyDer;

use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::authority::{self, Authority};
use crate::pki::certificate::Certificate;
use crate::pki::finding::Finding;
use crate::pki::key::PrivateKey;
use crate::pki::pem::MAX_PEM_FILE;
use crate::pki::{pem, pkcs8};
use crate::prompt;

/// The files of a CA; `-` is stdin.
pub(super) struct CaFiles<'a> {
    /// The certificate, PEM or DER.
    pub(super) cert: &'a Path,
    /// The private key; by default in the file of the certificate.
    pub(super) key: Option<&'a Path>,
    /// The file whose first line is the passphrase of the key.
    pub(super) passphrase: Option<&'a Path>,
}

impl CaFiles<'_> {
    /// Reads certificate and key, and checks that a CA can be used; returns the CA with the findings
    /// that do not refuse it.
    ///
    /// # Errors
    /// Exit 2 when a file is not what it should be, or the passphrase is wrong; exit 3 when one
    /// cannot be read; exit 4 when certificate and key do not fit, or the CA is unsound.
    pub(super) fn read(&self, context: &Context) -> Result<(Authority, Vec<Finding>)> {
        let stdin = Path::new("-");
        if self.cert == stdin && self.key == Some(stdin) {
            return Err(Error::usage(
                Code::StdinTwice,
                "--cert and --key cannot both be standard input",
            )
            .hint("with both in one stream, give --cert - alone"));
        }
        let from_cert = read(self.cert)?;
        let from_key = self.key.map(read).transpose()?;
        let certificate = only_certificate(self.cert, &from_cert)?;
        let key_path = self.key.unwrap_or(self.cert);
        let key = only_key(key_path, from_key.unwrap_or(from_cert))?;
        let mut findings = authority::check_foreign(&certificate, context.now)?;
        findings.iter_mut().for_each(|finding| finding.complete(&context.invocation));
        let key = self.unlock(context, key)?;
        Ok((Authority::new(certificate, key)?, findings))
    }

    fn unlock(&self, context: &Context, key: pem::PemItem) -> Result<PrivateKey> {
        match key {
            pem::PemItem::Key(der) => PrivateKey::from_der(&der),
            pem::PemItem::EncryptedKey(der) => {
                let passphrase = prompt::passphrase(
                    context,
                    "Passphrase of the CA key",
                    self.passphrase,
                    false,
                )?;
                let _progress = context.output.progress("opening the key");
                let pkcs8 = pkcs8::decrypt(&der, &passphrase)?;
                PrivateKey::from_der(&PrivateKeyDer::Pkcs8(pkcs8.as_slice().into()))
            }
            pem::PemItem::Certificate(_) => {
                Err(Error::failed(Code::Internal, "a certificate is no key"))
            }
        }
    }
}

/// PEM, or one DER structure, which begins with the tag of a SEQUENCE.
fn read(path: &Path) -> Result<Vec<pem::PemItem>> {
    let bytes = files::read(path, MAX_PEM_FILE)?;
    if bytes.first() != Some(&0x30) {
        return pem::read(&path.display().to_string(), &bytes);
    }
    Ok(vec![match Certificate::from_der(bytes.as_slice()) {
        Ok(certificate) => pem::PemItem::Certificate(certificate.der().to_vec()),
        Err(not_a_certificate) => pem::key_from_der(&bytes).ok_or(not_a_certificate)?,
    }])
}

fn only_certificate(path: &Path, items: &[pem::PemItem]) -> Result<Certificate> {
    let mut found = items.iter().filter_map(|item| match item {
        pem::PemItem::Certificate(der) => Some(der),
        _ => None,
    });
    match (found.next(), found.count()) {
        (Some(der), 0) => Certificate::from_der(der.as_slice()),
        (None, _) => Err(Error::usage(
            Code::CertificateMissing,
            format!("{} holds no certificate", path.display()),
        )
        .hint("name the file with the CA certificate: --cert FILE")),
        (Some(_), more) => Err(Error::usage(
            Code::CertificateAmbiguous,
            format!("{} holds {} certificates, not one", path.display(), more + 1),
        )
        .hint("give the self-signed CA certificate alone")),
    }
}

fn only_key(path: &Path, items: Vec<pem::PemItem>) -> Result<pem::PemItem> {
    let mut keys: Vec<pem::PemItem> =
        items.into_iter().filter(|item| !matches!(item, pem::PemItem::Certificate(_))).collect();
    match (keys.pop(), keys.len()) {
        (Some(key), 0) => Ok(key),
        (None, _) => {
            Err(Error::usage(Code::KeyMissing, format!("{} holds no private key", path.display()))
                .hint("name the file with the CA's private key: --key FILE"))
        }
        (Some(_), more) => Err(Error::usage(
            Code::KeyAmbiguous,
            format!("{} holds {} private keys, not one", path.display(), more + 1),
        )
        .hint("give the CA's private key alone")),
    }
}
