//! The sources of connections: addresses, Unix sockets, and sockets that systemd hands over.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::error::{Code, Error, Result};
use crate::files;
use crate::text::clip;

/// An address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// An IP address and a port; port 0 means any free port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
    /// The sockets that systemd hands over.
    Systemd,
}

impl ListenAddress {
    /// Whether only this machine can connect. False for systemd, whose sockets are not known yet.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            ListenAddress::Tcp(address) => address.ip().to_canonical().is_loopback(),
            ListenAddress::Unix(_) => true,
            ListenAddress::Systemd => false,
        }
    }
}

impl FromStr for ListenAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => return Ok(ListenAddress::Unix(path.into())),
            _ if text == "systemd" => return Ok(ListenAddress::Systemd),
            _ => {}
        }
        text.parse().map(ListenAddress::Tcp).map_err(|_| {
            let shown = clip(text, 100);
            Error::usage(Code::Listen, format!("{shown:?} is not an address to listen on"))
                .hint("give 0.0.0.0:8443, [::]:8443, unix:/run/ccx-sec.sock or systemd")
        })
    }
}

/// A socket that accepts connections.
pub(super) enum Listener {
    /// An IPv4 or IPv6 socket.
    Tcp(TcpListener),
    /// A Unix socket.
    Unix {
        /// The socket.
        listener: UnixListener,
        /// Its file, if this process created it.
        _file: Option<SocketFile>,
    },
}

/// The file of a Unix socket; removed on drop.
pub(super) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        files::remove_socket(&self.0);
    }
}

/// An accepted connection with its peer.
pub(super) enum Connection {
    /// A connection from an IP address.
    Tcp(TcpStream, IpAddr),
    /// A connection from a process on this machine.
    Unix(UnixStream),
}

impl Listener {
    /// Starts to listen on an address. Must be called inside the runtime.
    ///
    /// # Errors
    /// Exit 3 when the system refuses.
    pub(super) async fn open(address: &ListenAddress) -> Result<Vec<Self>> {
        let failed = |source: std::io::Error| {
            let hint = match source.kind() {
                std::io::ErrorKind::AddrInUse => "another process listens there; give another port",
                std::io::ErrorKind::PermissionDenied => {
                    "ports below 1024 need root; give another port"
                }
                _ => "give an address of this machine: --listen ADDRESS:PORT",
            };
            Error::failed(Code::Listen, format!("cannot listen on {address}"))
                .because(source)
                .hint(hint)
        };
        match address {
            ListenAddress::Tcp(at) => {
                Ok(vec![Listener::Tcp(TcpListener::bind(at).await.map_err(failed)?)])
            }
            ListenAddress::Unix(path) => {
                // A socket that refuses connections was left over by a crash.
                let is_left = UnixStream::connect(path)
                    .await
                    .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused);
                if is_left {
                    files::remove_socket(path);
                }
                let listener = UnixListener::bind(path).map_err(failed)?;
                let _file = Some(SocketFile(path.clone()));
                Ok(vec![Listener::Unix { listener, _file }])
            }
            ListenAddress::Systemd => handed_over().map_err(failed),
        }
    }

    /// Accepts the next connection.
    pub(super) async fn accept(&self) -> std::io::Result<Connection> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                let _ = stream.set_nodelay(true);
                Ok(Connection::Tcp(stream, peer.ip().to_canonical()))
            }
            Listener::Unix { listener, .. } => Ok(Connection::Unix(listener.accept().await?.0)),
        }
    }

    /// Whether only this machine can connect.
    pub(super) fn is_local(&self) -> bool {
        match self {
            Listener::Tcp(listener) => {
                listener.local_addr().is_ok_and(|at| at.ip().to_canonical().is_loopback())
            }
            Listener::Unix { .. } => true,
        }
    }

    /// The URL of the socket, for messages.
    pub(super) fn url(&self, scheme: &str) -> String {
        match self {
            Listener::Tcp(listener) => match listener.local_addr() {
                Ok(at) => format!("{scheme}://{at}/"),
                Err(_) => format!("{scheme}://?/"),
            },
            Listener::Unix { listener, .. } => {
                let path = listener.local_addr().ok();
                let path = path.as_ref().and_then(|at| at.as_pathname()).map(|p| p.display());
                path.map_or_else(|| "unix:?".to_owned(), |path| format!("unix:{path}"))
            }
        }
    }
}

/// The sockets that systemd has passed in the environment (sd_listen_fds(3)).
fn handed_over() -> std::io::Result<Vec<Listener>> {
    let mut sockets = ListenFd::from_env();
    let mut listeners = Vec::new();
    for at in 0..sockets.len() {
        if let Ok(Some(tcp)) = sockets.take_tcp_listener(at) {
            tcp.set_nonblocking(true)?;
            listeners.push(Listener::Tcp(TcpListener::from_std(tcp)?));
        } else if let Some(unix) = sockets.take_unix_listener(at)? {
            unix.set_nonblocking(true)?;
            let listener = UnixListener::from_std(unix)?;
            listeners.push(Listener::Unix { listener, _file: None });
        }
    }
    if listeners.is_empty() {
        return Err(std::io::Error::other("systemd passed no socket (LISTEN_FDS)"));
    }
    Ok(listeners)
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListenAddress::Tcp(address) => write!(f, "{address}"),
            ListenAddress::Unix(path) => write!(f, "unix:{}", path.display()),
            ListenAddress::Systemd => f.write_str("systemd"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, is_local) in [
            ("127.0.0.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("unix:/a", true),
            ("0.0.0.0:0", false),
            ("[::]:1", false),
            ("systemd", false),
        ] {
            let address: ListenAddress = text.parse().expect(text);
            assert_eq!((address.to_string().as_str(), address.is_local()), (text, is_local));
        }
        for text in ["", "localhost:1", "127.0.0.1", "unix:", "unix:a", "::1:80", "1:2:3"] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text}");
        }
    }
}
