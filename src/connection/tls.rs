//! A TLS handshake that accepts any certificate and records it. The caller judges the certificate
//! afterwards, before it sends a secret.
//!
//! Only a handshake can show that the server holds its certificate's key. The check uses the bare
//! public key, so that certificates which no verifier accepts (X.509 v1 and other oddities) are
//! recorded like any other.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, PeerMisbehaved, ProtocolVersion,
    SignatureScheme, SupportedCipherSuite, SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use webpki::RawPublicKeyEntity;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::connection::dial::within;
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::suites;
use crate::connection::wire::Stream;
use crate::pki::certificate::{is_verified_kind, key_type};

/// TLS 1.2 and 1.3, with rustls's cipher suites and groups.
pub(crate) const SAFE_VERSIONS: TlsOffer =
    TlsOffer { versions: &[&rustls::version::TLS13, &rustls::version::TLS12], only: None };
/// Only TLS 1.2.
const TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
/// Only TLS 1.3.
const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// The TLS offer of a client.
#[derive(Debug, Clone)]
pub(crate) struct TlsOffer {
    versions: &'static [&'static SupportedProtocolVersion],
    /// The provider with some of the cipher suites and groups; `None` for all.
    only: Option<Arc<CryptoProvider>>,
}

impl TlsOffer {
    /// Creates an offer of one version with these cipher suites and groups, given by their IANA
    /// numbers. rustls must support all entries of one list, and one entry of the other; entries
    /// that it does not support are left out. Otherwise returns `None`.
    pub(crate) fn from_names(version: &str, suites: &[u16], groups: &[u16]) -> Option<Self> {
        let versions = match version {
            "TLSv1.2" => TLS12,
            "TLSv1.3" => TLS13,
            _ => return None,
        };
        let cipher_suites: Vec<_> = self::suites()
            .iter()
            .filter(|one| suites.contains(&one.suite().into()))
            .copied()
            .collect();
        let kx_groups: Vec<_> = self::groups()
            .iter()
            .filter(|one| groups.contains(&one.name().into()))
            .copied()
            .collect();
        let whole = cipher_suites.len() == suites.len() || kx_groups.len() == groups.len();
        if !whole || cipher_suites.is_empty() || kx_groups.is_empty() {
            return None;
        }
        let provider = CryptoProvider { cipher_suites, kx_groups, ..PROVIDER.as_ref().clone() };
        Some(TlsOffer { versions, only: Some(Arc::new(provider)) })
    }

    /// The offer without TLS 1.3, if a version remains.
    pub(crate) fn without_tls13(&self) -> Self {
        let versions = if self.versions.len() > 1 { TLS12 } else { self.versions };
        TlsOffer { versions, ..self.clone() }
    }
}

/// The cipher suites that rustls speaks.
pub(crate) fn suites() -> &'static [SupportedCipherSuite] {
    aws_lc_rs::ALL_CIPHER_SUITES
}

/// The key exchange groups that rustls speaks.
pub(crate) fn groups() -> &'static [&'static dyn SupportedKxGroup] {
    aws_lc_rs::ALL_KX_GROUPS
}

/// The crypto provider, shared by all connections: it never changes, and is expensive to create.
static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(aws_lc_rs::default_provider()));

/// A client's certificate, the chain behind it, and its key.
pub type ClientIdentity = Arc<CertifiedKey>;

/// The options of a handshake.
#[derive(Debug, Clone)]
pub(crate) struct HandshakeOptions {
    /// The intended server; sent to it (SNI) if it is a name.
    pub(crate) name: ServerName<'static>,
    /// The protocol inside TLS (ALPN), for servers that require it.
    pub(crate) alpn: Option<&'static [u8]>,
    /// The client's offer.
    pub(crate) offered: TlsOffer,
    /// The client's certificate and key, if the server requests them.
    pub(crate) identity: Option<ClientIdentity>,
}

/// The observation of a server's TLS, also of a failed handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsObservation {
    /// The certificates that the server presented, its own first; empty if the handshake failed
    /// earlier.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether the server proved that it holds the key of the first certificate.
    pub holds_key: bool,
    /// The negotiated version.
    pub version: Option<&'static str>,
    /// The negotiated cipher suite, by its IANA name.
    pub cipher: Option<String>,
    /// The negotiated key exchange group, by its IANA name.
    pub group: Option<String>,
    /// The IANA numbers of both.
    pub(crate) agreed: Option<(u16, Option<u16>)>,
    /// Whether the server asked for a client certificate.
    pub asks_for_certificate: bool,
    /// The subjects, DER, of the CAs whose client certificates the server says it takes. Most
    /// servers name none and take those of their CAs all the same.
    pub named_cas: Vec<Vec<u8>>,
}

/// The record of a handshake, and its stream or failure.
pub(crate) type Handshake<S> = (TlsObservation, Result<TlsStream<S>, Failure>);

/// Creates the identity of a client from its certificate, the chain behind it and its key.
///
/// # Errors
/// The key cannot be used, or belongs to another certificate.
pub fn client_identity(
    chain: Vec<CertificateDer<'static>>,
    key: rustls_pki_types::PrivateKeyDer<'static>,
) -> Result<ClientIdentity, Error> {
    CertifiedKey::from_der(chain, key, &PROVIDER).map(Arc::new)
}

/// Performs the handshake within `limit`. Returns the record even if it fails.
pub(crate) async fn connect<S: Stream>(
    stream: S,
    wish: &HandshakeOptions,
    limit: Duration,
) -> Handshake<S> {
    const STEP: &str = "the TLS handshake";
    let witness =
        Arc::new(RecordingVerifier { seen: Mutex::default(), identity: wish.identity.clone() });
    let provider = wish.offered.only.as_ref().unwrap_or(&PROVIDER).clone();
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(wish.offered.versions)
        .map(|builder| {
            builder
                .dangerous()
                .with_custom_certificate_verifier(witness.clone())
                .with_client_cert_resolver(witness.clone())
        });
    let mut config = match config {
        Ok(config) => config,
        Err(error) => return (TlsObservation::default(), Err(Failure::tls(STEP, &error))),
    };
    config.resumption = Resumption::disabled();
    config.alpn_protocols = wish.alpn.iter().map(|alpn| alpn.to_vec()).collect();
    let connecting = TlsConnector::from(Arc::new(config)).connect(wish.name.clone(), stream);
    let connected =
        within(limit, STEP, async { connecting.await.map_err(|error| Failure::io(STEP, &error)) });
    let connected = connected.await;
    let mut seen = witness.take();
    let connected = connected.map_err(|failure| match unverified(&seen) {
        Some(kind) if failure.kind == FailureKind::TlsFailed => unverified_key(&kind),
        _ => failure,
    });
    let connected = connected.and_then(|stream| {
        let session = stream.get_ref().1;
        seen.version = session.protocol_version().and_then(version_name);
        let suite = session.negotiated_cipher_suite().map(|suite| u16::from(suite.suite()));
        let group = session.negotiated_key_exchange_group().map(|group| u16::from(group.name()));
        seen.cipher = suite.map(suites::suite_name);
        seen.group = group.map(suites::group_name);
        seen.agreed = suite.map(|suite| (suite, group));
        match (wish.alpn, session.alpn_protocol()) {
            (Some(wanted), agreed) if agreed != Some(wanted) => {
                let wanted = String::from_utf8_lossy(wanted);
                let what = format!("{STEP}: the server does not agree to speak {wanted} (ALPN)");
                Err(Failure::new(FailureKind::NotThisProtocol, what))
            }
            _ => Ok(stream),
        }
    });
    (seen, connected)
}

/// Returns the kind of the server's key if its proof could not be verified because of that kind.
fn unverified(seen: &TlsObservation) -> Option<String> {
    let (_, leaf) = X509Certificate::from_der(seen.chain.first()?).ok()?;
    let kind = key_type(leaf.public_key());
    (!seen.holds_key && !is_verified_kind(&kind)).then_some(kind)
}

/// The failure of a handshake because this program does not verify keys of that kind.
pub(crate) fn unverified_key(kind: &str) -> Failure {
    let what = format!(
        "the key of the server's certificate is of a kind whose proof is not verified here: {kind}; \
         what the server does with clients that take it was not to be found out"
    );
    Failure::new(FailureKind::KeyUnsupported, what)
}

fn version_name(version: ProtocolVersion) -> Option<&'static str> {
    match version {
        ProtocolVersion::TLSv1_2 => Some("TLSv1.2"),
        ProtocolVersion::TLSv1_3 => Some("TLSv1.3"),
        _ => None,
    }
}

/// Accepts and records any certificate, if its key made the signature of the handshake.
#[derive(Debug)]
struct RecordingVerifier {
    seen: Mutex<TlsObservation>,
    identity: Option<ClientIdentity>,
}

impl RecordingVerifier {
    fn note(&self, what: impl FnOnce(&mut TlsObservation)) {
        what(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn check(
        &self,
        signature: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.note(|seen| seen.holds_key = signature.is_ok());
        signature
    }

    fn take(&self) -> TlsObservation {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        self.note(|seen| seen.chain = chain.map(|der| der.clone().into_owned()).collect());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(signature(message, certificate, signed, false))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check(signature(message, certificate, signed, true))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for RecordingVerifier {
    fn resolve(&self, hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<ClientIdentity> {
        self.note(|seen| {
            seen.asks_for_certificate = true;
            seen.named_cas = hints.iter().map(|name| name.to_vec()).collect();
        });
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        true // otherwise rustls would not call `resolve`
    }
}

/// Checks that the certificate's key made the signature. A scheme of TLS 1.2 names no curve (RFC
/// 5246, section 7.4.1.4.1), so several algorithms may fit it; one of TLS 1.3 names exactly one.
fn signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    is_tls13: bool,
) -> Result<HandshakeSignatureValid, Error> {
    let offered = &PROVIDER.signature_verification_algorithms;
    let fitting = offered.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
    let (_, algorithms) = fitting
        .filter(|_| !is_tls13 || !is_pkcs1(signed.scheme))
        .ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    let algorithms = if is_tls13 { algorithms.get(..1).unwrap_or_default() } else { algorithms };
    let info = match X509Certificate::from_der(certificate) {
        Ok((_, x509)) => SubjectPublicKeyInfoDer::from(x509.public_key().raw.to_vec()),
        Err(_) => return Err(CertificateError::BadEncoding.into()),
    };
    let key = RawPublicKeyEntity::try_from(&info).map_err(|_| CertificateError::BadEncoding)?;
    let good = |algorithm: &&dyn rustls_pki_types::SignatureVerificationAlgorithm| {
        key.verify_signature(*algorithm, message, signed.signature()).is_ok()
    };
    if algorithms.iter().any(good) {
        Ok(HandshakeSignatureValid::assertion())
    } else {
        Err(CertificateError::BadSignature.into())
    }
}

/// Schemes that TLS 1.3 forbids in handshakes (RFC 8446, section 4.2.3).
fn is_pkcs1(scheme: SignatureScheme) -> bool {
    matches!(
        scheme,
        SignatureScheme::RSA_PKCS1_SHA1
            | SignatureScheme::RSA_PKCS1_SHA256
            | SignatureScheme::RSA_PKCS1_SHA384
            | SignatureScheme::RSA_PKCS1_SHA512
    )
}
