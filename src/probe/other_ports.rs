//! The plaintext port of a Redis or Valkey server whose TLS port was probed: both may be open
//! (`port`, `tls-port`).

use std::net::SocketAddr;

use crate::connection::dial;
use crate::connection::failure::Failure;
use crate::connection::wire::{Reception, redis};
use crate::db_client::redis::RedisReply;
use crate::engine::protocol::FurtherPorts;
use crate::error::Reason;
use crate::probe::account_logins::{Accounts, LoginTarget};
use crate::probe::finding::{FindingDetail, ModeFinding};

/// The plaintext ports, as far as known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPorts {
    /// The server's setting `port`, 0 for none; `None` if no account could read it.
    pub configured: Option<u16>,
    /// The reason why the accounts could not read it; `None` if they could, or none was given.
    pub withheld: Option<String>,
    /// The port that was probed, and its reaction to a plaintext client.
    pub looked_at: Option<(u16, Result<Reception, Failure>)>,
}

/// Asks the server for its plaintext port, if an account may, and probes it; otherwise probes the
/// default port. Returns `None` if the engine has no such port.
pub(super) async fn probe_other_ports(
    place: &LoginTarget<'_>,
    accounts: Option<&Accounts>,
) -> Option<OtherPorts> {
    if place.target.engine.facts().protocol.further_ports != FurtherPorts::Plaintext {
        return None;
    }
    let (mut configured, mut withheld) = (None, None);
    if let Some(accounts) = accounts {
        match place.ask_any(accounts, &["CONFIG", "GET", "port"]).await.map(port) {
            Ok(Some(port)) => configured = Some(port),
            Ok(None) => withheld = Some("the answer names no port".to_owned()),
            Err(why) => withheld = Some(why),
        }
    }
    let port = configured.unwrap_or(place.target.engine.facts().port);
    // A single port is never both for TLS and for plaintext.
    let is_other = port != 0 && port != place.target.port;
    let mut looked_at = None;
    if is_other {
        let address = SocketAddr::new(place.address.ip(), port);
        let limit = place.limit;
        let answer = async {
            let mut stream = dial::connect(address, limit).await?;
            dial::within(limit, "a PING without TLS", redis::ping(&mut stream)).await
        };
        looked_at = Some((port, answer.await));
    }
    Some(OtherPorts { configured, withheld, looked_at })
}

fn port(reply: RedisReply) -> Option<u16> {
    let RedisReply::List(words) = reply else { return None };
    match words.as_slice() {
        [RedisReply::Text(name), RedisReply::Text(port)] if name == "port" => port.parse().ok(),
        _ => None,
    }
}

/// Judges whether another port accepts plaintext clients. Pure. A port that the server did not
/// report may belong to another server, so the result is unknown. It is unknown too if accounts
/// asked and the server did not report its port.
pub(super) fn judge(ports: Option<&OtherPorts>) -> Option<ModeFinding> {
    let ports = ports?;
    let taken = ports.looked_at.as_ref().filter(|(_, answer)| *answer == Ok(Reception::Taken));
    let Some((port, _)) = taken else {
        let why = ports.withheld.as_ref()?;
        let message = format!(
            "the accounts of --user were to ask the server for its port without TLS (CONFIG GET \
             port), and it did not say: {why}"
        );
        return Some(ModeFinding::unknown(Reason::PortsNotTold, message));
    };
    Some(match ports.configured {
        Some(_) => {
            let message = format!("the server takes clients without TLS at its port {port}");
            let finding = ModeFinding::fail(Reason::PlainPortOpen, message);
            finding.with_detail(FindingDetail::ReportedPort)
        }
        None => {
            let message = format!(
                "port {port} of the same host takes clients without TLS, be it this server's or not"
            );
            ModeFinding::unknown(Reason::PlainPortOpen, message)
        }
    })
}

impl OtherPorts {
    /// One line about ports that were not probed; `None` if the server reported its port.
    #[must_use]
    pub fn caveat(&self) -> Option<String> {
        if self.configured.is_some() {
            return None;
        }
        let except = self.looked_at.as_ref().map(|(port, _)| format!(" except {port}"));
        let asks = match self.withheld {
            Some(_) => "the server did not tell --user which ports it has",
            None => "--user NAME asks the server",
        };
        Some(format!(
            "other ports{} were not checked for clients without TLS; {asks}",
            except.unwrap_or_default()
        ))
    }
}
