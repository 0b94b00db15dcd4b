//! The certificate that the server shows, which may become another while it runs.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Code, Error, Result};
use crate::files;
use crate::pki::pem::{self, PemItem};
use crate::pki::san::DnsName;
use crate::shell::CommandLine;

/// More than a chain or a key needs.
const MAX_BYTES: usize = 1024 * 1024;

/// The files of a server's certificate, with the chain behind it, and of its key, both PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate first.
    pub certificate: PathBuf,
    /// Its key, in the clear.
    pub key: PathBuf,
}

/// A name of the server in its self-issued certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelfIssuedName {
    /// A name.
    Dns(DnsName),
    /// An address.
    Ip(IpAddr),
}

impl FromStr for SelfIssuedName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.parse() {
            Ok(address) => Ok(SelfIssuedName::Ip(address)),
            Err(_) => text.parse().map(SelfIssuedName::Dns),
        }
    }
}

/// Where the server's certificate comes from.
#[derive(Debug, Clone)]
pub enum TlsSource {
    /// Files, which are read again when they change.
    Files(TlsFiles),
    /// The CA that is served, for these names.
    Own(Vec<SelfIssuedName>),
}

/// The certificate that is shown now.
#[derive(Debug)]
pub(super) struct ReloadableCertificate(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for ReloadableCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl ReloadableCertificate {
    /// Reads it.
    ///
    /// # Errors
    /// Exit 3 when a file cannot be read, exit 2 when it holds something else, or the two do
    /// not fit.
    pub(super) fn open(files: &TlsFiles) -> Result<Arc<Self>> {
        read(files).map(ReloadableCertificate::new)
    }

    /// Reads it again.
    ///
    /// # Errors
    /// As [`ReloadableCertificate::open`]; then the one that was read before is still shown.
    pub(super) fn reload(&self, files: &TlsFiles) -> Result<()> {
        self.show(read(files)?);
        Ok(())
    }

    /// Shows this one.
    pub(super) fn new(certified: CertifiedKey) -> Arc<Self> {
        Arc::new(ReloadableCertificate(ArcSwap::from_pointee(certified)))
    }

    /// Shows another one from now on.
    pub(super) fn show(&self, certified: CertifiedKey) {
        self.0.store(Arc::new(certified));
    }

    /// TLS 1.2 and 1.3 with it, for HTTP/1.1.
    ///
    /// # Errors
    /// Exit 3 when the crypto library does not know them.
    pub(super) fn config(self: Arc<Self>) -> Result<Arc<ServerConfig>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|source| Error::failed(Code::Tls, "TLS cannot be set up").because(source))?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(self);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn read(files: &TlsFiles) -> Result<CertifiedKey> {
    let chain: Vec<CertificateDer<'static>> = items(&files.certificate)?
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(der) => Some(CertificateDer::from(der)),
            PemItem::Key(_) | PemItem::EncryptedKey(_) => None,
        })
        .collect();
    let mut keys = items(&files.key)?.into_iter().filter_map(|item| match item {
        PemItem::Key(key) => Some(key),
        PemItem::Certificate(_) | PemItem::EncryptedKey(_) => None,
    });
    let unfit = |what: String| {
        Error::usage(Code::TlsFiles, what)
            .hint("give a certificate for the name of this server, and its key")
            .hint(("the CA signs one", CommandLine::ccx_sec("cert sign").flag("--help")))
    };
    if chain.is_empty() {
        return Err(unfit(format!("{} holds no certificate", files.certificate.display())));
    }
    let key = keys.next().ok_or_else(|| {
        unfit(format!("{} holds no private key in the clear", files.key.display()))
    })?;
    certified(chain, key).map_err(|source| {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        unfit(format!("{key} is not the key of {certificate}, or cannot be used")).because(source)
    })
}

/// A certificate with the chain behind it, and its key.
pub(super) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> std::result::Result<CertifiedKey, rustls::Error> {
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
}

fn items(path: &Path) -> Result<Vec<PemItem>> {
    pem::read(&path.display().to_string(), &files::read(path, MAX_BYTES)?)
}
