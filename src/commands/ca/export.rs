//! `ccx-sec ca export`: the CA certificates, for those who must trust them.

use std::path::{Path, PathBuf};

use serde::Serialize;
use zeroize::Zeroizing;

use super::ca_report::rotation_text;
use crate::confirm::{Confirmation, confirm};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::output;
use crate::pki::certificate::Certificate;
use crate::pki::{TRUST_STORE_PASSWORD, jks, pem, pkcs8, pkcs12};
use crate::prompt;
use crate::shell::CommandLine;
use crate::store::Backend;
use crate::store::bundle::{Bundle, Role, bundle_name, load_bundle};
use crate::store::ca::{self, StoredCa};
use crate::store::manifest;
use crate::store::secret::Secret;

/// Export the CA certificates that clients have to trust
///
/// Reads only the bundle, and writes no secret. With --with-key, writes a backup of the CA: its
/// certificate and its private key, encrypted under a passphrase unless --no-passphrase is given.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// Format of the file
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ExportFormat::Pem)]
    format: ExportFormat,
    /// File to write [default: stdout]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, requires = "out")]
    force: bool,
    /// Include the CA's private key, after a typed confirmation
    #[arg(long)]
    with_key: bool,
    /// Confirm --with-key without a prompt
    #[arg(long, requires = "with_key")]
    yes_export_private_key: bool,
    /// File whose first line is the passphrase [default: prompt]
    ///
    /// Protects the private key; without --with-key, the password of a PKCS#12 or JKS trust
    /// store, which otherwise is "changeit".
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    /// Write the private key unencrypted
    #[arg(long, requires = "with_key", conflicts_with = "passphrase_file")]
    no_passphrase: bool,
}

const HELP: &str = "\
EXAMPLES
  For a client (psql sslrootcert=ca.pem, mysql --ssl-ca=ca.pem):
    ccx-sec ca export --out ca.pem

  A trust store for Java (keytool takes one certificate of a PEM file):
    ccx-sec ca export --format pkcs12 --out truststore.p12

  For pods of another namespace:
    ccx-sec ca export --format configmap | kubectl apply -n app -f -

  A backup of the CA with its key; asks for a passphrase:
    ccx-sec ca export --with-key --out ca-backup.pem

EXIT STATUS
  0  written
  1  there is no CA
  2  an argument is wrong, or a prompt has no terminal
  3  the store cannot be read, or the file cannot be written
  4  refused: the file exists, or the export was not confirmed";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ExportFormat {
    /// PEM; all certificates of the bundle
    Pem,
    /// DER; only the active certificate
    Der,
    /// PKCS#12; a trust store of the bundle, or with --with-key a key store
    Pkcs12,
    /// Java's JKS; a trust store of the bundle
    Jks,
    /// A manifest of a ConfigMap with ca.crt
    Configmap,
    /// A manifest of a Secret with ca.crt, or with --with-key the Secret of the CA
    Secret,
}

#[derive(Serialize)]
struct ExportDocument {
    file: String,
    format: String,
    with_key: bool,
    sha256: Vec<String>,
}

impl Args {
    pub(crate) fn run(mut self, context: &Context) -> Result<Exit> {
        self.out = self.out.filter(|out| out.as_os_str() != "-");
        self.check(context)?;
        let store = context.open_store()?;
        let store = store.as_ref();
        let (bytes, certificates) = if self.with_key {
            let what =
                format!("This writes the private key of the CA {} out of the store.", context.ca);
            let flag = "--yes-export-private-key";
            let confirmed =
                confirm(context, &what, &context.ca, flag, self.yes_export_private_key)?;
            self.with_key(context, store, &confirmed)?
        } else {
            self.without_key(context, store)?
        };
        self.write(context, &bytes, &certificates)?;
        Ok(Exit::Done)
    }

    /// Refuses wrong combinations of options before the store is asked.
    fn check(&self, context: &Context) -> Result<()> {
        if self.with_key {
            match self.format {
                ExportFormat::Pem | ExportFormat::Pkcs12 => {}
                ExportFormat::Secret if self.no_passphrase => {}
                ExportFormat::Secret => {
                    return Err(Error::usage(
                        Code::ExportSecretPlain,
                        "a Secret holds its key in the clear",
                    )
                    .hint("say that you want that: --no-passphrase"));
                }
                ExportFormat::Der | ExportFormat::Jks | ExportFormat::Configmap => {
                    return Err(Error::usage(
                        Code::ExportFormat,
                        "this format is not for private keys",
                    )
                    .hint("give --format pem, pkcs12 or secret"));
                }
            }
            if self.out.is_none() {
                files::check_stdout_private()?;
            }
        } else if self.passphrase_file.is_some()
            && !matches!(self.format, ExportFormat::Pkcs12 | ExportFormat::Jks)
        {
            return Err(Error::usage(
                Code::ExportPassphrase,
                "there is nothing to protect with a passphrase",
            )
            .hint("it is for --with-key, and for --format pkcs12 and jks"));
        }
        if let Some(out) = self.out.as_deref().filter(|out| !self.force && files::exists(out)) {
            return Err(file_exists(out));
        }
        if self.out.is_none() && (self.with_key || self.is_binary()) && output::stdout_is_terminal()
        {
            let what = if self.with_key { "a private key" } else { "a binary format" };
            return Err(Error::usage(
                Code::NotForATerminal,
                format!("{what} is not for a terminal, and stdout is one"),
            )
            .hint("write it to a file: --out FILE"));
        }
        if self.out.is_none() && !context.output.format.is_text() {
            return Err(Error::usage(
                Code::ExportNeedsOut,
                "stdout cannot hold both a report and the data",
            )
            .hint("write the data to a file: --out FILE"));
        }
        Ok(())
    }

    fn is_binary(&self) -> bool {
        matches!(self.format, ExportFormat::Der | ExportFormat::Pkcs12 | ExportFormat::Jks)
    }

    fn without_key(
        &self,
        context: &Context,
        store: &dyn Backend,
    ) -> Result<(ExportBytes, Vec<Certificate>)> {
        let bundle = match load_bundle(store, &context.ca)? {
            Some(bundle) => bundle,
            None => {
                StoredCa::read(store, &context.ca)?.ca_secret(store)?;
                return Err(Error::failed(Code::BundleMissing, "the bundle of the CA is missing")
                    .hint(("this makes it from the CA", CommandLine::ccx_sec("ca check"))));
            }
        };
        let all: Vec<Certificate> =
            bundle.members.iter().map(|member| member.certificate.clone()).collect();
        self.tell_of_several(context, &bundle);
        let entries = bundle.entries(&context.ca);
        let bytes = match self.format {
            ExportFormat::Pem => bundle.pem().into_bytes(),
            ExportFormat::Der => return active(&bundle),
            ExportFormat::Pkcs12 => pkcs12::trust_store(&entries, &self.store_password(context)?)?,
            ExportFormat::Jks => {
                jks::trust_store(&entries, &self.store_password(context)?, context.now)?
            }
            ExportFormat::Configmap => {
                let name = bundle_name(&context.ca);
                manifest::config_map_to_yaml(&name, "ca.crt", &bundle.pem())?.as_bytes().to_vec()
            }
            ExportFormat::Secret => {
                let secret = bundle.to_secret(&bundle_name(&context.ca))?;
                manifest::secret_to_yaml(&secret)?.as_bytes().to_vec()
            }
        };
        Ok((Zeroizing::new(bytes), all))
    }

    /// Tells of a rotation, and warns of a format that holds only one of the certificates.
    fn tell_of_several(&self, context: &Context, bundle: &Bundle) {
        if let Some(rotation) = &bundle.rotation {
            context.output.note(&format!(
                "The CA is being replaced ({}). Clients keep every certificate of the file until a \
                 later one no longer has it.",
                rotation_text(rotation)
            ));
        }
        let number = bundle.members.len();
        if self.format == ExportFormat::Der && number > 1 {
            context.output.warning(&format!(
                "DER holds only the active certificate, and clients must trust {number}: give them \
                 another format"
            ));
        }
    }

    fn store_password(&self, context: &Context) -> Result<Zeroizing<String>> {
        match &self.passphrase_file {
            Some(file) => {
                let password = prompt::passphrase(context, "", Some(file), false)?;
                self.warn_of_java(context, &password);
                Ok(password)
            }
            None => {
                context
                    .output
                    .note(&format!("The password of the trust store is {TRUST_STORE_PASSWORD}."));
                Ok(Zeroizing::new(TRUST_STORE_PASSWORD.to_owned()))
            }
        }
    }

    /// Warns of a password that is not ASCII: Java's PBES2 accepts only ASCII, and calls other
    /// passwords wrong.
    fn warn_of_java(&self, context: &Context, password: &str) {
        if self.format == ExportFormat::Pkcs12 && !password.is_ascii() {
            context.output.warning("the passphrase is not ASCII: Java will not open this file");
        }
    }

    fn with_key(
        &self,
        context: &Context,
        store: &dyn Backend,
        _confirmed: &Confirmation,
    ) -> Result<(ExportBytes, Vec<Certificate>)> {
        let stored = StoredCa::read(store, &context.ca)?;
        let secret = stored.ca_secret(store)?;
        let authority = ca::authority_of(secret)?;
        let certificate = authority.certificate();
        let passphrase = match self.no_passphrase {
            true => None,
            false => {
                let file = self.passphrase_file.as_deref();
                Some(prompt::passphrase(context, "Passphrase for the CA key", file, true)?)
            }
        };
        let _progress = context.output.progress("encrypting the key");
        let bytes = match (self.format, passphrase) {
            (ExportFormat::Secret, _) => {
                let plain = Secret { version: None, ..secret.clone() };
                Zeroizing::new(manifest::secret_to_yaml(&plain)?.as_bytes().to_vec())
            }
            (ExportFormat::Pkcs12, passphrase) => {
                let passphrase = passphrase.unwrap_or_default();
                self.warn_of_java(context, &passphrase);
                Zeroizing::new(pkcs12::key_store(&context.ca, &authority, &passphrase)?)
            }
            (_, Some(passphrase)) => {
                let sealed = pkcs8::encrypt(authority.key().pkcs8(), &passphrase)?;
                let text = pem::certificates([certificate]) + &pem::encrypted_private_key(&sealed);
                Zeroizing::new(text.into_bytes())
            }
            (_, None) => {
                let mut text = Zeroizing::new(pem::certificates([certificate]).into_bytes());
                text.extend(pem::private_key(authority.key().pkcs8()).as_bytes());
                text
            }
        };
        Ok((bytes, vec![certificate.clone()]))
    }

    fn write(&self, context: &Context, bytes: &[u8], certificates: &[Certificate]) -> Result<()> {
        let Some(out) = &self.out else {
            return context.output.raw(bytes);
        };
        let mode = if self.with_key { FileMode::Private } else { FileMode::Public };
        let existing = if self.force { ExistingFile::Replace } else { ExistingFile::Keep };
        if !files::write(out, bytes, mode, existing)? {
            return Err(file_exists(out));
        }
        let written = ExportDocument {
            file: out.display().to_string(),
            format: format!("{:?}", self.format).to_lowercase(),
            with_key: self.with_key,
            sha256: certificates.iter().map(Certificate::sha256).collect(),
        };
        context.output.outcome(&written, || {
            let lines = written.sha256.iter().map(|sha256| format!("sha256 {sha256}\n"));
            format!("wrote  {}\n{}", written.file, lines.collect::<String>())
        })
    }
}

fn file_exists(out: &Path) -> Error {
    Error::refused(Code::FileExists, format!("{} exists already", out.display()))
        .hint("give another name, or --force to replace it")
}

type ExportBytes = Zeroizing<Vec<u8>>;

fn active(bundle: &Bundle) -> Result<(ExportBytes, Vec<Certificate>)> {
    let active = bundle.members.iter().find(|member| member.role == Role::Active);
    let Some(active) = active else {
        return Err(Error::failed(Code::BundleDamaged, "the bundle names no active certificate")
            .hint(("see what is wrong with it", CommandLine::ccx_sec("ca check"))));
    };
    let certificate = active.certificate.clone();
    Ok((Zeroizing::new(certificate.der().to_vec()), vec![certificate]))
}
