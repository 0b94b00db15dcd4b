//! The certificate of the server, which can be replaced while it runs.

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

/// The size limit of a chain or a key, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// The files with a server's certificate chain and its key, both PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// The unencrypted private key.
    pub key: PathBuf,
}

/// A name of the server in its self-issued certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelfIssuedName {
    /// A DNS name.
    Dns(DnsName),
    /// An IP address.
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

/// The source of the server's certificate.
#[derive(Debug, Clone)]
pub enum TlsSource {
    /// Files, which are read again when they change.
    Files(TlsFiles),
    /// Signed by the CA that is served, for these names.
    Own(Vec<SelfIssuedName>),
}

/// The certificate that the server presents; it can be replaced at any time.
#[derive(Debug)]
pub(super) struct ReloadableCertificate(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for ReloadableCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl ReloadableCertificate {
    /// Reads certificate and key from files.
    ///
    /// # Errors
    /// Exit 3 when a file cannot be read, exit 2 when it has other contents, or the two do not
    /// match.
    pub(super) fn open(files: &TlsFiles) -> Result<Arc<Self>> {
        read(files).map(ReloadableCertificate::new)
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// As [`ReloadableCertificate::open`]; then the previous certificate stays in use.
    pub(super) fn reload(&self, files: &TlsFiles) -> Result<()> {
        self.replace(read(files)?);
        Ok(())
    }

    /// Starts with this certificate.
    pub(super) fn new(certified: CertifiedKey) -> Arc<Self> {
        Arc::new(ReloadableCertificate(ArcSwap::from_pointee(certified)))
    }

    /// Replaces the certificate for new connections.
    pub(super) fn replace(&self, certified: CertifiedKey) {
        self.0.store(Arc::new(certified));
    }

    /// The TLS settings: TLS 1.2 and 1.3, with this certificate, for HTTP/1.1.
    ///
    /// # Errors
    /// Exit 3 when the crypto library does not support these versions.
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
            .hint(("let the CA sign one", CommandLine::ccx_sec("cert sign").flag("--help")))
    };
    if chain.is_empty() {
        return Err(unfit(format!("{} holds no certificate", files.certificate.display())));
    }
    let key = keys.next().ok_or_else(|| {
        unfit(format!("{} holds no unencrypted private key", files.key.display()))
    })?;
    certified(chain, key).map_err(|source| {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        unfit(format!("{key} is not the key of {certificate}, or cannot be used")).because(source)
    })
}

/// Joins a certificate chain and its key.
pub(super) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> std::result::Result<CertifiedKey, rustls::Error> {
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
}

fn items(path: &Path) -> Result<Vec<PemItem>> {
    pem::read(&path.display().to_string(), &files::read(path, MAX_BYTES)?)
}
