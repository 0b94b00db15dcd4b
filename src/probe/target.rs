//! Which server is meant, and how TLS begins there.

use std::fmt;
use std::str::FromStr;

use rustls_pki_types::ServerName;

use crate::error::{Error, Result};

/// How a connection becomes TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// It is TLS from its first byte.
    Direct,
    /// PostgreSQL's `SSLRequest`.
    Postgresql,
    /// MySQL's and MariaDB's SSL request packet.
    Mysql,
}

/// A server: scheme, host, port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    scheme: &'static str,
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How TLS begins there.
    pub start: Start,
}

/// Scheme, default port, how TLS begins.
const SCHEMES: [(&str, Option<u16>, Start); 8] = [
    ("tls", None, Start::Direct),
    ("https", Some(443), Start::Direct),
    ("rediss", Some(6379), Start::Direct),
    ("valkeys", Some(6379), Start::Direct),
    ("postgresql", Some(5432), Start::Postgresql),
    ("postgres", Some(5432), Start::Postgresql),
    ("mysql", Some(3306), Start::Mysql),
    ("mariadb", Some(3306), Start::Mysql),
];

impl FromStr for Target {
    type Err = Error;

    /// Takes `scheme://host[:port]`; what follows is for the database's own clients.
    fn from_str(text: &str) -> Result<Self> {
        let bad = |what: &str| {
            Error::usage("url", format!("the URL cannot be used: {what}"))
                .hint("give scheme://host:port, such as tls://db.example.com:6380")
        };
        let uri: http::Uri = text
            .parse()
            .map_err(|source: http::uri::InvalidUri| bad("it is not a URL").because(source))?;
        let authority = uri.authority().ok_or_else(|| bad("it has no host"))?.as_str();
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
            return Err(Error::usage("url-password", "there is a password in the URL")
                .hint("leave it out: it is not needed, and others can read a command line")
                .hint("change that password if this machine has other users"));
        }
        let scheme = uri.scheme_str().unwrap_or_default();
        let known = SCHEMES.iter().find(|(name, ..)| *name == scheme);
        let (scheme, default, start) = *known.ok_or_else(|| {
            let schemes: Vec<_> = SCHEMES.iter().map(|(name, ..)| *name).collect();
            bad(&format!("the scheme {scheme:?} is not known"))
                .hint(format!("known are: {}", schemes.join(", ")))
        })?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(bad("it has no host"));
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
        let port = match (uri.port_u16(), default) {
            (Some(port), _) if port > 0 => port,
            (None, Some(port)) if !has_port || authority.ends_with(':') => port,
            (None, None) if !has_port => return Err(bad("it has no port")),
            _ => return Err(bad("its port is not one")),
        };
        Ok(Target { scheme, host, port, start })
    }
}

impl Target {
    /// The name for TLS: the server is told it, where it is no address.
    ///
    /// # Errors
    /// Exit 2 when it can be neither.
    pub fn server_name(&self) -> Result<ServerName<'static>> {
        let host = self.host.strip_suffix('.').unwrap_or(&self.host);
        ServerName::try_from(host.to_owned()).map_err(|source| {
            Error::usage("url", format!("{:?} is neither a DNS name nor an address", self.host))
                .because(source)
                .hint("give a name in ASCII (xn--… for others)")
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { scheme, host, port, .. } = self;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let read = |text: &str| {
            text.parse::<Target>().map(|target| target.to_string()).map_err(|e| e.code())
        };
        assert_eq!(read("tls://db.example.com:6380"), Ok("tls://db.example.com:6380".into()));
        assert_eq!(read("https://[::1]/x?y"), Ok("https://[::1]:443".into()));
        assert_eq!(read("postgresql://me@db/app?x=y"), Ok("postgresql://db:5432".into()));
        assert_eq!(read("mariadb://10.0.0.1:3307"), Ok("mariadb://10.0.0.1:3307".into()));
        assert_eq!(read("postgresql://me:secret@db/app"), Err("url-password"));
        for bad in [
            "tls://",
            "tls://db",
            "tls://db:0",
            "tls://db:70000",
            "tls://db:x",
            "x://db:1",
            "://",
            "tls://:1",
            "http://db",
            "tls://d b:1",
            "mysql://db:99999",
            "tls://[::1]",
        ] {
            assert_eq!(read(bad), Err("url"), "{bad}");
        }
    }
}
