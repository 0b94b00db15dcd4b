//! The certificates that any TLS server presents. Nothing is verified.

use std::time::Duration;

use rustls_pki_types::CertificateDer;

use crate::connection::dial;
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::target::{TlsServer, server_name};
use crate::connection::{runtime, tls};
use crate::error::{Code, Error, Result};
use crate::probe::observation::Observation;
use crate::probe::observe::{ProbeOptions, look_once};

/// The certificates that a server presented.
#[derive(Debug)]
pub struct PresentedChain {
    /// The certificates, the server's own first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether the server proved that it holds the key of the first one.
    pub holds_key: bool,
}

/// Returns the chain that the server presents, and whether it proved that it holds the key: anybody
/// with a copy of a certificate can present it. Each step may take at most `limit`.
///
/// # Errors
/// Exit 3 when the server cannot be reached in time, does not speak the URL's protocol, or has no
/// TLS.
pub fn chain(server: &TlsServer, limit: Duration) -> Result<PresentedChain> {
    runtime::block_on(ask(server, limit))?.map_err(|failure| presentation_error(server, &failure))
}

async fn ask(server: &TlsServer, limit: Duration) -> std::result::Result<PresentedChain, Failure> {
    let (seen, outcome) = match server {
        // If the engine has a separate TLS port, TLS begins with the first byte, and the server
        // expects no login: a bare handshake is enough.
        TlsServer::Database(target) if !target.engine.facts().protocol.starts_with_tls => {
            let Observation { secured, .. } = look_once(target, &ProbeOptions::nobody(limit)).await;
            (secured.seen, secured.outcome.map(|_| ()))
        }
        _ => {
            let name = server_name(server.host())
                .map_err(|error| Failure::new(FailureKind::NameUnknown, error.to_string()))?;
            let addresses = dial::addresses(server.host(), server.port(), limit).await?;
            let (_, stream) = dial::connect_any(&addresses, limit).await?;
            let wish = tls::HandshakeOptions {
                name,
                alpn: None,
                offered: tls::SAFE_VERSIONS,
                identity: None,
            };
            match tls::connect(stream, &wish, limit).await {
                (seen, Ok(stream)) => {
                    dial::close(stream, limit).await;
                    (seen, Ok(()))
                }
                (seen, Err(failure)) => (seen, Err(failure)),
            }
        }
    };
    // A failure after the server presented its chain does not matter, such as a demand for a client
    // certificate.
    match (seen.chain.is_empty(), outcome) {
        (false, _) => Ok(PresentedChain { chain: seen.chain, holds_key: seen.holds_key }),
        (true, Err(failure)) => Err(failure),
        (true, Ok(())) => {
            Err(Failure::new(FailureKind::TlsFailed, "the server presented no certificate"))
        }
    }
}

fn presentation_error(server: &TlsServer, failure: &Failure) -> Error {
    let (code, hint) = match failure.kind {
        FailureKind::NameUnknown => (Code::ServerUnknown, "check the name, and this machine's DNS"),
        FailureKind::Unreachable => {
            (Code::ServerUnreachable, "check the network between here and there")
        }
        FailureKind::Refused => {
            (Code::ServerRefused, "is the server running, and listening on that port and address?")
        }
        FailureKind::Timeout => (
            Code::ServerTimeout,
            "is it the right port, or a firewall in between? wait longer: --timeout",
        ),
        FailureKind::Reset | FailureKind::Closed => {
            (Code::ServerClosed, "is it the right port, and the right scheme in the URL?")
        }
        FailureKind::NotThisProtocol => {
            (Code::ServerProtocol, "is it the right port, and the right scheme in the URL?")
        }
        FailureKind::ServerError(_) => {
            (Code::ServerSaysError, "look into its log: too many connections, or starting up")
        }
        FailureKind::NoTls => (Code::ServerWithoutTls, "switch TLS on in that server"),
        FailureKind::KeyUnsupported => (
            Code::TlsHandshake,
            "issue a certificate with RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519",
        ),
        FailureKind::WeakProtocol
        | FailureKind::WeakCipher
        | FailureKind::TlsAlert(_)
        | FailureKind::TlsFailed
        | FailureKind::PlaintextInjected => (
            Code::TlsHandshake,
            "is it a TLS port? TLS 1.2 or 1.3 with a cipher suite that keeps forward secrecy is needed",
        ),
    };
    Error::failed(code, format!("{server}: {failure}")).hint(hint)
}
