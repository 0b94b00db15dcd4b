//! The other ports of a Redis or Valkey server whose port with TLS was dialled: one without TLS
//! may be open beside it (`port`, `tls-port`).

use std::net::SocketAddr;

use crate::connection::dial;
use crate::connection::failure::Failure;
use crate::connection::wire::{Reception, redis};
use crate::db_client::redis::RedisReply;
use crate::engine::protocol::FurtherPorts;
use crate::error::Reason;
use crate::probe::account_logins::{Accounts, LoginTarget};
use crate::probe::mode::{Answer, ModeFinding};

/// The ports without TLS, as far as known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPorts {
    /// The server's own `port`, where an account may ask for it; 0 where it has none.
    pub configured: Option<u16>,
    /// Why the server did not say it to the accounts that were to ask; nothing where none was.
    pub withheld: Option<String>,
    /// The port that was looked at, and what it does with a client that comes without TLS.
    pub looked_at: Option<(u16, Result<Reception, Failure>)>,
}

/// Asks the server for its port without TLS, where an account may; else looks at the usual one.
/// `None` where the engine has no such ports.
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
    // One port is never both.
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

/// Whether a client without TLS is taken at another port; pure. Nobody knows whose the usual
/// port is, unless the server says so itself; where accounts asked it, and it did not say, there
/// may be any.
pub(super) fn judge(ports: Option<&OtherPorts>) -> Option<ModeFinding> {
    let ports = ports?;
    let taken = ports.looked_at.as_ref().filter(|(_, answer)| *answer == Ok(Reception::Taken));
    let Some((port, _)) = taken else {
        let why = ports.withheld.as_ref()?;
        let message = format!(
            "the accounts of --user were to ask the server for its port without TLS (CONFIG GET \
             port), and it did not say: {why}"
        );
        return Some(ModeFinding(Answer::Unknown, Reason::PortsNotTold, message));
    };
    Some(match ports.configured {
        Some(_) => {
            let message = format!("the server takes clients without TLS at its port {port}");
            ModeFinding(Answer::Fail, Reason::PlainPortOpen, message)
        }
        None => {
            let message = format!(
                "port {port} of the same host takes clients without TLS, be it this server's or not"
            );
            ModeFinding(Answer::Unknown, Reason::PlainPortOpen, message)
        }
    })
}

impl OtherPorts {
    /// One line about unchecked ports; `None` if the server has named its ports.
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
