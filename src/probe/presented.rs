//! The certificates that a server shows, a database's or another's. Nothing is verified.

use std::time::Duration;

use rustls_pki_types::CertificateDer;

use crate::error::{Error, Result};
use crate::probe::dial::{self, within};
use crate::probe::failure::{Failure, Kind};
use crate::probe::observe::{NOBODY, Observation, Options, look_once};
use crate::probe::target::Server;
use crate::probe::{fleet, tls};

/// The chain that the server presents, its own certificate first; all of it within `limit`.
///
/// # Errors
/// Exit 3 when it cannot be reached in time, is not what the URL says, or has no TLS.
pub fn chain(server: &Server, limit: Duration) -> Result<Vec<CertificateDer<'static>>> {
    let asked = within(limit, "the certificates", ask(server, limit));
    fleet::block_on(asked)?.map_err(|failure| told(server, &failure))
}

async fn ask(
    server: &Server,
    limit: Duration,
) -> std::result::Result<Vec<CertificateDer<'static>>, Failure> {
    let (seen, outcome) = match server {
        Server::Database(target) => {
            let options = Options {
                user: NOBODY.to_owned(),
                timeout: limit,
                direct: false,
                plain: false,
                identity: None,
                stranger: None,
                enumerate: false,
            };
            let Observation { secured, .. } = look_once(target, &options).await;
            (secured.seen, secured.outcome.map(|_| ()))
        }
        Server::Other { host, port, .. } => {
            let name = crate::probe::target::server_name(host)
                .map_err(|error| Failure::new(Kind::NameUnknown, error.to_string()))?;
            let addresses = dial::addresses(host, *port, limit).await?;
            let stream = dial::connect_any(&addresses, limit).await?.1;
            let wish = tls::Wish { name, alpn: None, versions: tls::SAFE_VERSIONS, identity: None };
            let (seen, outcome) = tls::connect(stream, &wish).await;
            if let Ok(stream) = outcome {
                dial::close(stream, limit).await;
                (seen, Ok(()))
            } else {
                (seen, outcome.map(|_| ()))
            }
        }
    };
    // Once the chain is there, what else went wrong (a client certificate that the server
    // wants, for one) does not matter.
    match (seen.chain.is_empty(), outcome) {
        (false, _) => Ok(seen.chain),
        (true, Err(failure)) => Err(failure),
        (true, Ok(())) => Err(Failure::new(Kind::TlsFailed, "the server presented no certificate")),
    }
}

fn told(server: &Server, failure: &Failure) -> Error {
    let (code, hint) = match failure.kind {
        Kind::NameUnknown => ("server-unknown", "check the name, and this machine's DNS"),
        Kind::Unreachable => ("server-unreachable", "check the network between here and there"),
        Kind::Refused => {
            ("server-refused", "is the server running, and listening on that port and address?")
        }
        Kind::Timeout => (
            "server-timeout",
            "is it the right port, or a firewall in between? wait longer: --timeout",
        ),
        Kind::Reset | Kind::Closed => {
            ("server-closed", "is it the right port, and the right scheme in the URL?")
        }
        Kind::NotThisProtocol => {
            ("server-protocol", "is it the right port, and the right scheme in the URL?")
        }
        Kind::ServerError => {
            ("server-says-error", "look into its log: too many connections, or starting up")
        }
        Kind::NoTls => ("server-without-tls", "switch TLS on there: ccx-sec verify says how"),
        Kind::WeakProtocol | Kind::TlsAlert(_) | Kind::TlsFailed | Kind::PlaintextInjected => (
            "tls-handshake",
            "is it a TLS port? TLS 1.2 or 1.3 with a cipher suite that keeps forward secrecy is needed",
        ),
    };
    Error::failed(code, format!("{server}: {failure}")).hint(hint)
}
