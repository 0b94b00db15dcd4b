//! The server of a URL, in the form that database clients use.

use std::fmt;
use std::str::FromStr;

use rustls_pki_types::ServerName;

use crate::engine::Engine;
use crate::error::{Code, Error, Result};

/// A database server: engine, host, port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DatabaseTarget {
    scheme: &'static str,
    /// The engine of the server.
    pub engine: Engine,
    /// A DNS name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database that a client opens; PostgreSQL's rules depend on it.
    pub database: Option<String>,
    /// The name that clients use, if the probe dials another one (`--server-name`).
    pub known_as: Option<String>,
    /// The names of the options for the database's own clients, after `?` in the URL: no command
    /// reads them.
    pub client_options: Vec<String>,
}

/// The schemes of all engines.
fn schemes() -> impl Iterator<Item = (&'static str, Engine)> {
    let of = |engine: Engine| engine.facts().schemes.iter().map(move |scheme| (*scheme, engine));
    Engine::ALL.into_iter().flat_map(of)
}

/// Returns the first scheme of the engine whose default port is `port`.
fn scheme_of_port(port: Option<u16>) -> Option<&'static str> {
    let (scheme, _) = schemes().find(|(_, engine)| Some(engine.facts().port) == port)?;
    Some(scheme)
}

impl DatabaseTarget {
    /// Creates a target on `host`; without a port, at the engine's default port.
    #[must_use]
    pub fn new(engine: Engine, host: &str, port: Option<u16>) -> Self {
        let port = port.unwrap_or(engine.facts().port);
        let host = host.to_owned();
        DatabaseTarget {
            scheme: engine.facts().name,
            engine,
            host,
            port,
            database: None,
            known_as: None,
            client_options: Vec::new(),
        }
    }

    /// The database of a PostgreSQL startup packet. Without one, its clients use the user's name,
    /// for which the probe's user has no database.
    #[must_use]
    pub fn database(&self) -> &str {
        self.database.as_deref().unwrap_or("postgres")
    }

    /// Whether the host is a loopback address. Asks no resolver.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The name or address that clients dial, and that the certificate must contain.
    #[must_use]
    pub fn name(&self) -> &str {
        self.known_as.as_deref().unwrap_or(&self.host)
    }

    /// Returns [`DatabaseTarget::name`] as the server name of a TLS handshake.
    ///
    /// # Errors
    /// Exit 2 when it is neither a DNS name nor an address.
    pub fn server_name(&self) -> Result<ServerName<'static>> {
        server_name(self.name())
    }
}

impl FromStr for DatabaseTarget {
    type Err = Error;

    /// Parses the URL of a database server: see [`TlsServer`].
    fn from_str(text: &str) -> Result<Self> {
        match text.parse()? {
            TlsServer::Database(target) => Ok(target),
            TlsServer::Other { scheme, .. } => Err(unknown_scheme(scheme)),
        }
    }
}

/// A server with TLS, of a database or other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsServer {
    /// The target of a database.
    Database(DatabaseTarget),
    /// Another server, which speaks TLS from the first byte.
    Other {
        /// `tls` or `https`.
        scheme: &'static str,
        /// A DNS name, or an address without brackets.
        host: String,
        /// The port.
        port: u16,
    },
}

/// Other schemes, and their usual ports.
const OTHERS: [(&str, Option<u16>); 2] = [("tls", None), ("https", Some(443))];

impl FromStr for TlsServer {
    type Err = Error;

    /// Parses `scheme://host[:port][/database]`; ignores the query, which is for the database's own
    /// clients. Refuses a user: other users of the machine can read a command line.
    fn from_str(text: &str) -> Result<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        if scheme == "unix" || rest.starts_with('/') || rest.to_ascii_lowercase().starts_with("%2f")
        {
            return Err(Error::usage(Code::UrlSocket, "a Unix socket has no TLS to verify")
                .hint("give the host and port at which clients connect"));
        }
        let uri: http::Uri = text
            .parse()
            .map_err(|source: http::uri::InvalidUri| bad("it is not a URL").because(source))?;
        let authority = uri.authority().ok_or_else(|| bad("it has no host"))?.as_str();
        refuse_user(authority)?;
        let client_options = option_names(uri.query().unwrap_or_default());
        refuse_options(&client_options)?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if host.is_empty() {
            return Err(bad("it has no host"));
        }
        server_name(host)?;
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
        let port = |usual: Option<u16>| match (uri.port_u16(), usual) {
            (Some(port), _) if port > 0 => Ok(port),
            (None, Some(port)) if !has_port || authority.ends_with(':') => Ok(port),
            (None, None) if !has_port => Err(bad("it has no port")),
            _ => Err(bad("its port is not one")),
        };
        let scheme = uri.scheme_str().unwrap_or_default();
        if let Some((scheme, engine)) = schemes().find(|(name, _)| *name == scheme) {
            let (port, database) = (port(Some(engine.facts().port))?, database(uri.path())?);
            let host = host.to_owned();
            let known_as = None;
            let target =
                DatabaseTarget { scheme, engine, host, port, database, known_as, client_options };
            return Ok(TlsServer::Database(target));
        }
        match OTHERS.into_iter().find(|(name, _)| *name == scheme) {
            Some((scheme, usual)) => {
                Ok(TlsServer::Other { scheme, host: host.to_owned(), port: port(usual)? })
            }
            None if scheme.is_empty() => Err(without_scheme(authority, uri.port_u16())),
            None => Err(unknown_scheme(scheme)),
        }
    }
}

impl TlsServer {
    /// A DNS name, or an address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            TlsServer::Database(target) => &target.host,
            TlsServer::Other { host, .. } => host,
        }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        match self {
            TlsServer::Database(target) => target.port,
            TlsServer::Other { port, .. } => *port,
        }
    }
}

fn bad(what: &str) -> Error {
    Error::usage(Code::Url, format!("the URL cannot be used: {what}"))
        .hint("give engine://host:port, such as mysql://db.example.com:3306")
}

/// Returns the server at `authority`, a host and the usual port of an engine.
///
/// # Errors
/// Exit 2 when no engine has that default port, or when the resulting URL is not valid.
pub fn at_usual_port(authority: &str) -> Result<TlsServer> {
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    match scheme_of_port(port) {
        Some(scheme) => format!("{scheme}://{authority}").parse(),
        None => Err(without_scheme(authority, port)),
    }
}

/// The error for a host and port without a scheme. If the port is the usual one of an engine, the
/// hint has the whole URL.
fn without_scheme(authority: &str, port: Option<u16>) -> Error {
    let scheme = scheme_of_port(port).unwrap_or("ENGINE");
    bad(&format!("{authority} has no scheme, which names the engine"))
        .hint(format!("give the whole URL: {scheme}://{authority}"))
}

fn unknown_scheme(scheme: &str) -> Error {
    let schemes: Vec<_> = schemes().map(|(name, _)| name).collect();
    bad(&format!("the scheme {scheme:?} is not known"))
        .hint(format!("known are: {}", schemes.join(", ")))
}

fn refuse_user(authority: &str) -> Result<()> {
    match authority.rsplit_once('@') {
        None => Ok(()),
        Some((user, _)) if user.contains(':') => Err(password_in_url()),
        Some(_) => Err(Error::usage(Code::UrlUser, "there is a user in the URL")
            .hint("leave it out: nobody is logged in")),
    }
}

/// The names of the options in the query of a URL. Clients separate them by `&` or by `;`, and
/// decode percent signs in names too.
fn option_names(query: &str) -> Vec<String> {
    let pairs = query.replace(';', "&");
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&pairs).unwrap_or_default();
    pairs.into_iter().map(|(name, _)| name).collect()
}

/// Refuses client options that hold a secret, or that name another server than the URL does, as
/// libpq's do (PostgreSQL manual, section 34.1.1.2).
fn refuse_options(names: &[String]) -> Result<()> {
    const SECRETS: [&str; 5] = ["pass", "pwd", "secret", "token", "credential"];
    for name in names {
        let lower = name.to_ascii_lowercase();
        if SECRETS.iter().any(|part| lower.contains(part)) {
            return Err(password_in_url());
        }
        if matches!(lower.as_str(), "host" | "hostaddr" | "port") {
            return Err(Error::usage(
                Code::Url,
                format!("the URL cannot be used: its option {lower} names another server"),
            )
            .hint("put the host and the port before the path: engine://host:port/database"));
        }
    }
    Ok(())
}

fn password_in_url() -> Error {
    Error::usage(Code::UrlPassword, "there is a password in the URL")
        .hint("leave it out: it is not needed, and others can read a command line")
        .hint("change that password if this machine has other users")
}

fn database(path: &str) -> Result<Option<String>> {
    let name = path.trim_start_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.chars().all(plain) {
        return Err(bad("its path is not the name of a database"));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

pub(crate) fn server_name(host: &str) -> Result<ServerName<'static>> {
    let name = host.strip_suffix('.').unwrap_or(host);
    ServerName::try_from(name.to_owned()).map_err(|source| {
        Error::usage(Code::Url, format!("{host:?} is neither a DNS name nor an address"))
            .because(source)
            .hint("give a name in ASCII (xn--… for others)")
    })
}

fn write(f: &mut fmt::Formatter<'_>, scheme: &str, host: &str, port: u16) -> fmt::Result {
    if host.contains(':') {
        write!(f, "{scheme}://[{host}]:{port}")
    } else {
        write!(f, "{scheme}://{host}:{port}")
    }
}

impl fmt::Display for DatabaseTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.scheme, &self.host, self.port)?;
        match &self.database {
            Some(database) => write!(f, "/{database}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsServer::Database(target) => target.fmt(f),
            TlsServer::Other { scheme, host, port } => write(f, scheme, host, *port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let read = |text: &str| {
            text.parse::<DatabaseTarget>()
                .map(|target| target.to_string())
                .map_err(|e| e.code().name())
        };
        assert_eq!(read("mysql://db.example.com"), Ok("mysql://db.example.com:3306".into()));
        assert_eq!(read("rediss://[::1]:6380/0?y"), Ok("rediss://[::1]:6380/0".into()));
        assert_eq!(read("postgres://db/app?x=y"), Ok("postgres://db:5432/app".into()));
        assert_eq!(read("mssql://10.0.0.1"), Ok("mssql://10.0.0.1:1433".into()));
        assert_eq!(
            "postgresql://db/app".parse::<DatabaseTarget>().expect("a target").database.as_deref(),
            Some("app")
        );
        assert_eq!(read("postgresql://me:secret@db/app"), Err("url-password"));
        assert_eq!(read("mysql://me@db"), Err("url-user"));
        for secret in
            ["x=y&Password=a", "%70assword=a", "user=a;password=b", "pwd=a", "authtoken=a"]
        {
            assert_eq!(read(&format!("mysql://db?{secret}")), Err("url-password"), "{secret}");
        }
        assert_eq!(read("postgresql://db/app?sslmode=require&hostaddr=10.0.0.1"), Err("url"));
        for socket in
            ["mysql:///run/mysqld.sock", "unix:///x", "/run/x", "postgresql://%2Frun%2Fpg/app"]
        {
            assert_eq!(read(socket), Err("url-socket"), "{socket}");
        }
        for bad in [
            "",
            "mysql://",
            "mysql://db:0",
            "mysql://db:70000",
            "mysql://db:x",
            "oracle://db",
            "mysql://:1",
            "db:3306",
            "mysql://d b:1",
            "mysql://d_b~:1",
            "mysql://db/a%00b",
            "tls://db:1",
        ] {
            assert_eq!(read(bad), Err("url"), "{bad}");
        }
    }

    #[test]
    fn urls_of_any_server() {
        let read = |text: &str| {
            text.parse::<TlsServer>().map(|server| server.to_string()).map_err(|e| e.code().name())
        };
        assert_eq!(read("tls://db.example.com:6380"), Ok("tls://db.example.com:6380".into()));
        assert_eq!(read("https://[::1]/x?y"), Ok("https://[::1]:443".into()));
        assert_eq!(read("mariadb://10.0.0.1:3307"), Ok("mariadb://10.0.0.1:3307".into()));
        for bad in ["tls://", "tls://db", "tls://db:0", "tls://[::1]", "http://db", "tls://:1"] {
            assert_eq!(read(bad), Err("url"), "{bad}");
        }
    }
}
