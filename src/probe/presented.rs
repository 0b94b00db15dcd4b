//! The certificates that a server shows. Nothing is verified, and nothing is sent over the
//! connection: it is closed as soon as they are there.

use std::io::{self, Read, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::error::{Error, Result};
use crate::probe::target::{Start, Target};
use crate::probe::{dial, lost, mysql, postgresql};

/// The chain that the server presents, the server's own certificate first.
///
/// # Errors
/// Exit 3 when it cannot be reached in time, is not what the URL says, or has no TLS; exit 2
/// when its host is neither a name nor an address.
pub fn chain(target: &Target, timeout: Duration) -> Result<Vec<CertificateDer<'static>>> {
    let name = target.server_name()?;
    let mut connection = dial::dial(target, timeout)?;
    let chain = match target.start {
        Start::Direct => Ok(()),
        Start::Postgresql => postgresql::start_tls(&mut connection),
        Start::Mysql => mysql::start_tls(&mut connection),
    }
    .and_then(|()| handshake(&mut connection, name));
    chain.map_err(|error| {
        let told = Error::new(error.exit(), error.code(), format!("{target}: {error}"));
        let told = error.hints().iter().fold(told, |told, hint| told.hint(hint));
        match error.causes().into_iter().next() {
            Some(cause) => told.because(anyhow::anyhow!(cause)),
            None => told,
        }
    })
}

fn handshake(
    stream: &mut (impl Read + Write),
    name: ServerName<'static>,
) -> Result<Vec<CertificateDer<'static>>> {
    const STEP: &str = "the TLS handshake";
    let failed = |source: rustls::Error| {
        Error::failed("tls-handshake", "no TLS handshake").because(source).hint(
            "is it a TLS port? TLS 1.2 or 1.3 with a cipher suite that keeps forward secrecy is needed",
        )
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let recorder = Arc::new(Recorder { seen: OnceLock::new() });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(recorder.clone())
        .with_no_client_auth();
    let mut tls = ClientConnection::new(Arc::new(config), name).map_err(failed)?;
    // Once the chain is there, what else goes wrong (a client certificate that the server
    // wants, for one) no longer matters.
    let mut outcome = Ok(());
    while outcome.is_ok() && recorder.seen.get().is_none() {
        outcome = step(&mut tls, stream).map_err(|error| match error {
            Step::Lost(source) => lost(STEP, source),
            Step::Tls(source) => failed(source),
        });
    }
    match recorder.seen.get() {
        Some(chain) => {
            tls.send_close_notify();
            let _ = tls.write_tls(stream);
            Ok(chain.clone())
        }
        None => {
            Err(outcome.err().unwrap_or_else(|| lost(STEP, io::ErrorKind::UnexpectedEof.into())))
        }
    }
}

enum Step {
    Lost(io::Error),
    Tls(rustls::Error),
}

/// Writes what there is to write, or else reads some.
fn step(
    tls: &mut ClientConnection,
    stream: &mut (impl Read + Write),
) -> std::result::Result<(), Step> {
    if tls.wants_write() {
        return tls.write_tls(stream).map(|_| ()).map_err(Step::Lost);
    }
    match tls.read_tls(stream).map_err(Step::Lost)? {
        0 => Err(Step::Lost(io::ErrorKind::UnexpectedEof.into())),
        _ => match tls.process_new_packets() {
            Ok(_) => Ok(()),
            Err(error) => {
                let _ = tls.write_tls(stream); // the alert, for the server's log
                Err(Step::Tls(error))
            }
        },
    }
}

/// Takes any certificate, and writes it down. Good for looking at a server, and for nothing
/// else.
#[derive(Debug)]
struct Recorder {
    seen: OnceLock<Vec<CertificateDer<'static>>>,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        let _ = self.seen.set(chain.map(|der| der.clone().into_owned()).collect());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        use SignatureScheme as Scheme;
        // All that there are, old ones too: else a server with an old certificate shows none.
        vec![
            Scheme::ECDSA_NISTP256_SHA256,
            Scheme::ECDSA_NISTP384_SHA384,
            Scheme::ECDSA_NISTP521_SHA512,
            Scheme::ED25519,
            Scheme::ED448,
            Scheme::RSA_PSS_SHA256,
            Scheme::RSA_PSS_SHA384,
            Scheme::RSA_PSS_SHA512,
            Scheme::RSA_PKCS1_SHA256,
            Scheme::RSA_PKCS1_SHA384,
            Scheme::RSA_PKCS1_SHA512,
            Scheme::RSA_PKCS1_SHA1,
            Scheme::ECDSA_SHA1_Legacy,
        ]
    }
}
