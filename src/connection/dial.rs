//! Looks up names, opens connections, and gives every step a deadline. The only user of sockets.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;
use std::{io, thread};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};

use crate::connection::failure::{Failure, FailureKind};
use crate::connection::wire::Stream;

/// A TCP connection before TLS.
pub(crate) type PlainConnection = TcpStream;

/// Runs one step; fails if it takes longer than `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    step: &str,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs_f64();
        Err(Failure::new(FailureKind::Timeout, format!("{step}: not done within {seconds} s")))
    })
}

/// Returns the addresses of the host, in the order of the system's resolver. The resolver has no
/// deadline: it runs in its own thread, which is abandoned when it is late.
pub(crate) async fn addresses(
    host: &str,
    port: u16,
    limit: Duration,
) -> Result<Vec<SocketAddr>, Failure> {
    let step = format!("looking up {host}");
    within(limit, &step, async {
        match look_up(host, port).await {
            Ok(found) => {
                let mut addresses: Vec<SocketAddr> = Vec::new();
                for address in found {
                    if !addresses.contains(&address) {
                        addresses.push(address);
                    }
                }
                Ok(addresses)
            }
            Err(error) => loopback(host, port)
                .ok_or_else(|| Failure::new(FailureKind::NameUnknown, format!("{step}: {error}"))),
        }
    })
    .await
    .and_then(|found| match found.as_slice() {
        [] => Err(Failure::new(FailureKind::NameUnknown, format!("{step}: it has no address"))),
        _ => Ok(found),
    })
}

/// Asks the system's resolver in a thread of its own. Fails if no thread can be started, where
/// tokio's look-up would panic.
async fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (done, found) = tokio::sync::oneshot::channel();
    let host = host.to_owned();
    let ask = move || {
        let asked = (host.as_str(), port).to_socket_addrs();
        let _ = done.send(asked.map(Iterator::collect)); // after the deadline nobody receives it
    };
    thread::Builder::new().name("look-up".to_owned()).spawn(ask)?;
    found.await.unwrap_or_else(|_| Err(io::Error::other("the look-up ended early")))
}

/// The loopback addresses, if `host` is `localhost` or a name below it. These names mean this
/// machine even if no resolver knows them (RFC 6761, section 6.3), as without /etc/hosts.
fn loopback(host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_local = name == "localhost" || name.ends_with(".localhost");
    let addresses: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    is_local.then(|| addresses.map(|address| SocketAddr::new(address, port)).to_vec())
}

/// Connects to `address` over TCP, and sends small packets without delay.
pub(crate) async fn connect(
    address: SocketAddr,
    limit: Duration,
) -> Result<PlainConnection, Failure> {
    let step = format!("connecting to {address}");
    within(limit, &step, async {
        let stream =
            TcpStream::connect(address).await.map_err(|error| Failure::io(&step, &error))?;
        // The protocols exchange small packets and wait for each.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    })
    .await
}

/// Connects to the first address that accepts a connection. If none does, returns the first
/// address's failure.
pub(crate) async fn connect_any(
    addresses: &[SocketAddr],
    limit: Duration,
) -> Result<(SocketAddr, PlainConnection), Failure> {
    let mut first = None;
    for address in addresses {
        match connect(*address, limit).await {
            Ok(stream) => return Ok((*address, stream)),
            Err(failure) => first = first.or(Some(failure)),
        }
    }
    Err(first.unwrap_or_else(|| Failure::new(FailureKind::NameUnknown, "there is no address")))
}

/// Connects to a Unix socket.
pub(crate) async fn connect_local(path: &Path, limit: Duration) -> Result<UnixStream, Failure> {
    let step = format!("connecting to {}", path.display());
    within(limit, &step, async {
        UnixStream::connect(path).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Failure::new(FailureKind::NameUnknown, format!("{step}: there is no such socket"))
            }
            _ => Failure::io(&step, &error),
        })
    })
    .await
}

/// Closes the stream properly (in TLS with close_notify), so that the server has nothing to log.
/// Waits at most one second.
pub(crate) async fn close(mut stream: impl Stream, limit: Duration) {
    let _ = tokio::time::timeout(limit.min(Duration::from_secs(1)), stream.shutdown()).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_this_machine_without_a_resolver() {
        for name in ["localhost", "LocalHost.", "db.localhost"] {
            let found = loopback(name, 5432).expect("addresses");
            assert!(found.iter().all(|address| address.ip().is_loopback()), "{name}");
            assert!(found.iter().all(|address| address.port() == 5432), "{name}");
        }
        for name in ["localhost.example.com", "mylocalhost", "db", ""] {
            assert_eq!(loopback(name, 1), None, "{name}");
        }
    }
}
