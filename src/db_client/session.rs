//! An administrator's session: logs in and runs statements, one at a time. It uses a Unix socket,
//! TLS to a trusted server, or loopback. A server on loopback that has not proved its identity gets
//! no password unless the user vouches for it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Runtime;

use crate::connection::dial::{self, within};
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::runtime;
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, HandshakeOptions};
use crate::connection::wire;
use crate::db_client::channel::{Channel, ChannelError, ExpectedServer, LoginTrust};
use crate::db_client::redis::{self, RedisReply};
use crate::db_client::{AccountCredentials, ChannelSecrecy, LoginOutcome, ResultRow};
use crate::engine::Engine;
use crate::engine::protocol::LoginProtocol;
use crate::error::{Code, Error, Result};
use crate::pki::certificate::Certificate;

/// The address at which an administrator logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminAddress {
    /// A Unix socket; for PostgreSQL also the directory with the socket of the default port.
    Socket {
        /// The engine of the server.
        engine: Engine,
        /// The path.
        path: PathBuf,
    },
    /// A TCP address.
    Tcp(DatabaseTarget),
}

impl AdminAddress {
    /// The engine of the server.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            AdminAddress::Socket { engine, .. } => *engine,
            AdminAddress::Tcp(target) => target.engine,
        }
    }
}

impl std::fmt::Display for AdminAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AdminAddress::Socket { engine, path } => write!(f, "{engine} at {}", path.display()),
            AdminAddress::Tcp(target) => target.fmt(f),
        }
    }
}

/// The identity that a server must prove.
#[derive(Debug, Clone, Copy)]
pub struct ServerTrust<'a> {
    /// Whether a server on loopback may get a password without proof. Otherwise it gets neither the
    /// password nor a proof from which the password could be computed: while the server is down,
    /// another process or a tunnel could listen there.
    pub loopback: bool,
    /// The trusted CAs.
    pub anchors: &'a [Certificate],
    /// The time at which the certificate must be valid.
    pub at: Timestamp,
}

/// An open session; dropping it logs out.
pub struct AdminSession {
    runtime: Runtime,
    channel: Option<Channel>,
    version: Option<String>,
    place: String,
    limit: Duration,
}

impl AdminSession {
    /// Logs in. Each step may take at most `limit`.
    ///
    /// # Errors
    /// Exit 3 when the server cannot be reached, is not trusted, or denies the account.
    pub fn open(
        place: &AdminAddress,
        who: &AccountCredentials,
        trusted: ServerTrust<'_>,
        limit: Duration,
    ) -> Result<Self> {
        let runtime = runtime::new_runtime()?;
        let opened = runtime.block_on(open(place, who, trusted, limit));
        let is_socket = !matches!(place, AdminAddress::Tcp(_));
        let place = place.to_string();
        let failed = |failure: &Failure| {
            Error::failed(Code::AdminUnreachable, format!("{place}: {failure}"))
                .hint("is the server running, and is that its socket or its port?")
        };
        let (channel, login, version) = opened.map_err(|closed| match closed {
            ChannelError::Failure(failure) => failed(&failure),
            ChannelError::Untrusted(why) => {
                Error::failed(Code::AdminUntrusted, format!("{place} is not trusted: {why}"))
                    .hint("no password goes there: use its Unix socket, on its own machine")
            }
        })?;
        let user = &who.user;
        let denied = |said: &str| {
            let what = format!("{place} does not let {user} in: {said}");
            let error = Error::failed(Code::AdminDenied, what)
                .hint("name an account that may: --user NAME --password-file FILE");
            match is_socket {
                true => error,
                false => error.hint("or come by its Unix socket: --socket PATH"),
            }
        };
        match login {
            LoginOutcome::In(_) => {}
            LoginOutcome::Unproved(said) => {
                return Err(Error::failed(Code::AdminUntrusted, format!("{place}: {said}")).hint(
                    "is something else listening there? use its Unix socket, on its own machine",
                ));
            }
            LoginOutcome::Weak(said) => {
                return Err(denied(&said).hint(
                    "set scram_iterations to 4096 or more there, and the account's password again",
                ));
            }
            LoginOutcome::Denied { said, .. } | LoginOutcome::Refused(said) => {
                return Err(denied(&said));
            }
            LoginOutcome::Withheld(said) => {
                return Err(denied(&said)
                    .hint("or, where nobody else can listen on this machine: --trust-loopback"));
            }
        }
        let tells_version_later = channel.protocol() == LoginProtocol::Redis;
        let channel = Some(channel);
        let mut session = AdminSession { runtime, channel, version, place, limit };
        if tells_version_later {
            session.version = session.version_of_redis();
        }
        Ok(session)
    }

    /// The version that the server reports.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Runs an SQL statement and returns its rows, if it has any. Not for Redis and Valkey.
    ///
    /// # Errors
    /// Exit 3, with the server's message.
    pub fn sql(&mut self, statement: &str) -> Result<Vec<ResultRow>> {
        let limit = self.limit;
        let answer = match &mut self.channel {
            None => Err(gone()),
            Some(channel) => {
                self.runtime.block_on(within(limit, "a statement", channel.query(statement)))
            }
        };
        match answer {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(said)) => Err(self.refused(statement, &said)),
            Err(failure) => Err(self.broken(statement, &failure)),
        }
    }

    /// Runs a command of Redis or Valkey.
    ///
    /// # Errors
    /// Exit 3, with the server's message.
    pub fn command(&mut self, words: &[&str]) -> Result<RedisReply> {
        let limit = self.limit;
        let answer = match self.channel.as_mut().map(Channel::stream) {
            None => Err(gone()),
            Some(stream) => {
                self.runtime.block_on(within(limit, "a command", redis::ask(stream, words)))
            }
        };
        match answer {
            Ok(RedisReply::Error(said)) => Err(self.refused(&words.join(" "), &said)),
            Ok(reply) => Ok(reply),
            Err(failure) => Err(self.broken(&words.join(" "), &failure)),
        }
    }

    fn version_of_redis(&mut self) -> Option<String> {
        let Ok(RedisReply::Text(info)) = self.command(&["INFO", "server"]) else { return None };
        let said = |name: &str| {
            info.lines().find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned())
        };
        said("valkey_version:").or_else(|| said("redis_version:"))
    }

    /// Whether a reply is missing, so that the session cannot be used any more.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.channel.is_none()
    }

    fn refused(&self, statement: &str, said: &str) -> Error {
        Error::failed(Code::ServerSaysNo, format!("{}: {statement}: {said}", self.place))
            .hint("the server's log may say more; may this account do that?")
    }

    fn broken(&mut self, statement: &str, failure: &Failure) -> Error {
        self.channel = None; // the next packet may be the late answer to this statement
        Error::failed(Code::SessionBroken, format!("{}: {statement}: {failure}", self.place))
            .hint("is the server still running? its log may say more")
    }
}

fn gone() -> Failure {
    Failure::new(FailureKind::Closed, "the session has broken before")
}

impl Drop for AdminSession {
    fn drop(&mut self) {
        if let Some(channel) = self.channel.take() {
            self.runtime.block_on(channel.quit());
        }
    }
}

type SessionParts = (Channel, LoginOutcome, Option<String>);

async fn open(
    place: &AdminAddress,
    who: &AccountCredentials,
    trusted: ServerTrust<'_>,
    limit: Duration,
) -> std::result::Result<SessionParts, ChannelError> {
    let (mut channel, database) = match place {
        AdminAddress::Socket { engine, path } => {
            let path = socket(*engine, path);
            let stream = dial::connect_local(&path, limit).await?;
            (Channel::plain(stream, *engine, ChannelSecrecy::Socket, limit).await?, None)
        }
        AdminAddress::Tcp(target) => {
            (by_tcp(target, trusted, limit).await?, target.database.as_deref())
        }
    };
    let (login, version) = channel.log_in(who, database.unwrap_or("postgres"), None).await?;
    Ok((channel, login, version))
}

fn socket(engine: Engine, path: &Path) -> PathBuf {
    match engine.facts().protocol.socket_name {
        Some(name) if path.is_dir() => path.join(name),
        _ => path.to_owned(),
    }
}

async fn by_tcp(
    target: &DatabaseTarget,
    trusted: ServerTrust<'_>,
    limit: Duration,
) -> std::result::Result<Channel, ChannelError> {
    let name = target.server_name();
    let name = name.map_err(|error| Failure::new(FailureKind::NameUnknown, error.to_string()))?;
    let addresses = dial::addresses(&target.host, target.port, limit).await?;
    let (address, stream) = dial::connect_any(&addresses, limit).await?;
    let is_here = address.ip().is_loopback();
    let secrecy = ChannelSecrecy::Loopback { trusted: trusted.loopback };
    if is_here && target.engine.facts().protocol.plaintext_port_ignores_tls {
        // A plaintext port waits for the end of a line, which a TLS client never sends: try
        // plaintext first.
        if let Some(channel) = without_tls(target.engine, address, secrecy, limit).await {
            return Ok(channel);
        }
    }
    let (alpn, offered) = (None, tls::SAFE_VERSIONS);
    let wish = HandshakeOptions { name: name.clone(), alpn, offered, identity: None };
    let ServerTrust { anchors, at, loopback } = trusted;
    let proof = ExpectedServer { anchors, at, identity: Some(&name) };
    let trust = match is_here {
        true => LoginTrust::Here { proof, trusted: loopback },
        false => LoginTrust::Proof(proof),
    };
    match Channel::secured(stream, target, &wish, &trust, limit).await {
        Err(ChannelError::Failure(failure)) if is_here && failure.kind == FailureKind::NoTls => {
            let stream = dial::connect(address, limit).await?;
            Ok(Channel::plain(stream, target.engine, secrecy, limit).await?)
        }
        other => other,
    }
}

async fn without_tls(
    engine: Engine,
    address: SocketAddr,
    secrecy: ChannelSecrecy,
    limit: Duration,
) -> Option<Channel> {
    let mut stream = dial::connect(address, limit).await.ok()?;
    let answer = within(limit, "a PING", wire::redis::ping(&mut stream)).await;
    match answer {
        Ok(wire::Reception::Taken) => {
            let stream = dial::connect(address, limit).await.ok()?;
            Channel::plain(stream, engine, secrecy, limit).await.ok()
        }
        _ => None,
    }
}
