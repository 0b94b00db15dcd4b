//! A connection up to the point where the server waits for a login. The client verifies the
//! server's certificate first, which decides whether a password may be sent.

use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::ServerName;

use crate::connection::dial::{self, PlainConnection, within};
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, HandshakeOptions};
use crate::connection::wire::mysql::Greeting;
use crate::connection::wire::{DEFAULT_PROBE_USER, Stream, TlsOnly, mysql, postgresql};
use crate::db_client::{self, AccountCredentials, ChannelSecrecy, LoginOutcome, ResultRow, scram};
use crate::engine::Engine;
use crate::engine::protocol::LoginProtocol;
use crate::pki::certificate::Certificate;
use crate::pki::chain;

/// The proof of identity that a server must give before a login.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LoginTrust<'a> {
    /// The server must prove its identity.
    Proof(ExpectedServer<'a>),
    /// The server is on this machine, and may fail to prove its identity. Then the client sends
    /// nothing from which the password could be computed, unless `trusted`.
    Here {
        /// The proof that the server must give.
        proof: ExpectedServer<'a>,
        /// Whether to send the server a password even without that proof.
        trusted: bool,
    },
}

/// The identity that a server must prove.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExpectedServer<'a> {
    /// The trusted CAs.
    pub(crate) anchors: &'a [Certificate],
    /// The time at which the certificate must be valid.
    pub(crate) at: Timestamp,
    /// The name that the certificate must contain; `None` accepts any name, at the user's risk.
    pub(crate) identity: Option<&'a ServerName<'static>>,
}

/// The reason why there is no channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelError {
    /// The connection failed.
    Failure(Failure),
    /// The server's certificate was refused, for this reason; no account's login was sent.
    Untrusted(String),
}

impl From<Failure> for ChannelError {
    fn from(failure: Failure) -> Self {
        ChannelError::Failure(failure)
    }
}

/// A server that waits for a login.
pub(crate) struct Channel {
    protocol: LoginProtocol,
    stream: Box<dyn Stream>,
    greeting: Option<Greeting>,
    tls: bool,
    secrecy: ChannelSecrecy,
    /// The channel binding of SCRAM: over TLS, a hash of the server's certificate.
    end_point: Option<Vec<u8>>,
    limit: Duration,
}

impl Channel {
    /// Connects over TLS to a trusted server. An untrusted server of MySQL or MariaDB gets only the
    /// probe's dummy login, so that it counts no connect error.
    pub(crate) async fn secured(
        mut stream: PlainConnection,
        target: &DatabaseTarget,
        wish: &HandshakeOptions,
        trust: &LoginTrust<'_>,
        limit: Duration,
    ) -> Result<Self, ChannelError> {
        let mut greeting = None;
        let mut was_asked = false;
        let protocol = login_protocol(target.engine)?;
        match protocol {
            LoginProtocol::Mysql => {
                let told = mysql::greeting(&mut stream);
                let told = within(limit, "the MySQL greeting", told).await?;
                let asked = mysql::request_tls(&mut stream, &told);
                within(limit, "the SSL request", asked).await?;
                greeting = Some(told);
            }
            LoginProtocol::Postgresql if wish.alpn.is_none() => {
                let asked = postgresql::request_tls(&mut stream);
                within(limit, "the SSLRequest", asked).await?;
                was_asked = true;
            }
            LoginProtocol::Postgresql | LoginProtocol::Redis => {}
        }
        let stream = match was_asked {
            true => TlsOnly::new(stream),
            false => TlsOnly::unchecked(stream),
        };
        let (seen, tls) = tls::connect(stream, wish, limit).await;
        let mut tls = tls?;
        let prove = |ExpectedServer { anchors, at, identity }| {
            chain::verify_presented(&seen.chain, anchors, at, identity)
        };
        let (secrecy, judged) = match *trust {
            LoginTrust::Proof(proof) => (ChannelSecrecy::Verified, prove(proof)),
            LoginTrust::Here { proof, trusted } => match prove(proof) {
                Ok(()) => (ChannelSecrecy::Verified, Ok(())),
                Err(_) => (ChannelSecrecy::Loopback { trusted }, Ok(())),
            },
        };
        if let Err((_, why)) = judged {
            if let Some(greeting) = &greeting {
                let user = DEFAULT_PROBE_USER;
                let login = mysql::log_in(&mut tls, greeting, user, true);
                let _ = within(limit, "the login", login).await;
            }
            dial::close(tls, limit).await;
            return Err(ChannelError::Untrusted(why));
        }
        let stream = Box::new(tls);
        let end_point = seen.chain.first().and_then(scram::end_point);
        Ok(Channel { protocol, stream, greeting, tls: true, secrecy, end_point, limit })
    }

    /// Connects without TLS.
    pub(crate) async fn plain(
        mut stream: impl Stream + 'static,
        engine: Engine,
        secrecy: ChannelSecrecy,
        limit: Duration,
    ) -> Result<Self, Failure> {
        let mut greeting = None;
        let protocol = login_protocol(engine)?;
        match protocol {
            LoginProtocol::Mysql => {
                let told = mysql::greeting(&mut stream);
                greeting = Some(within(limit, "the MySQL greeting", told).await?);
            }
            LoginProtocol::Postgresql | LoginProtocol::Redis => {}
        }
        let (stream, end_point) = (Box::new(stream), None);
        Ok(Channel { protocol, stream, greeting, tls: false, secrecy, end_point, limit })
    }

    /// Logs in; with `only`, the client answers no other method. Only PostgreSQL uses the database.
    /// Returns the server's version too, if it reports one.
    pub(crate) async fn log_in(
        &mut self,
        who: &AccountCredentials,
        database: &str,
        only: Option<&str>,
    ) -> Result<(LoginOutcome, Option<String>), Failure> {
        const STEP: &str = "the login";
        if who.password.is_some() && !self.secrecy.takes_proofs() {
            let why = "whoever listens there has not proved to be the server, and could work the \
                       password out from a login";
            return Ok((LoginOutcome::Withheld(why.to_owned()), None));
        }
        let Channel { stream, tls, secrecy, limit, .. } = self;
        match (self.protocol, &self.greeting) {
            (LoginProtocol::Mysql, Some(greeting)) => {
                let login = db_client::mysql::log_in(stream, greeting, *tls, *secrecy, who, only);
                let version = Some(greeting.version.clone());
                within(*limit, STEP, login).await.map(|login| (login, version))
            }
            (LoginProtocol::Postgresql, _) => {
                let end_point = self.end_point.as_deref();
                let login =
                    db_client::postgresql::log_in(stream, *secrecy, who, database, only, end_point);
                within(*limit, STEP, login).await
            }
            (LoginProtocol::Redis, _) => {
                let login = db_client::redis::log_in(stream, *secrecy, who);
                within(*limit, STEP, login).await.map(|login| (login, None))
            }
            (LoginProtocol::Mysql, None) => Err(Failure::not(mysql::PROTOCOL, "has not greeted")),
        }
    }

    /// The protocol of the connection.
    pub(crate) fn protocol(&self) -> LoginProtocol {
        self.protocol
    }

    /// Runs an SQL statement; returns the rows, or the server's error.
    pub(crate) async fn query(
        &mut self,
        statement: &str,
    ) -> Result<Result<Vec<ResultRow>, String>, Failure> {
        let stream = &mut self.stream;
        match self.protocol {
            LoginProtocol::Mysql => db_client::mysql::query(stream, statement).await,
            LoginProtocol::Postgresql => db_client::postgresql::query(stream, statement).await,
            LoginProtocol::Redis => {
                Err(Failure::new(FailureKind::NotThisProtocol, "it takes no SQL"))
            }
        }
    }

    /// The stream after the login.
    pub(crate) fn stream(&mut self) -> &mut Box<dyn Stream> {
        &mut self.stream
    }

    /// Returns the stream without ending the session.
    pub(crate) fn into_stream(self) -> Box<dyn Stream> {
        self.stream
    }

    /// Ends the session by the protocol's message for it, and closes the connection.
    pub(crate) async fn quit(mut self) {
        let goodbye = async {
            match self.protocol {
                LoginProtocol::Mysql => db_client::mysql::quit(&mut self.stream).await,
                LoginProtocol::Postgresql => db_client::postgresql::quit(&mut self.stream).await,
                LoginProtocol::Redis => db_client::redis::quit(&mut self.stream).await,
            }
            Ok(())
        };
        let _ = within(self.limit, "goodbye", goodbye).await;
        dial::close(self.stream, self.limit).await;
    }
}

/// Returns the protocol in which ccx-sec logs in to this engine; fails if it supports none.
fn login_protocol(engine: Engine) -> Result<LoginProtocol, Failure> {
    let facts = engine.facts();
    facts.protocol.login.ok_or_else(|| {
        let message = format!("logins at {} are not made", facts.title);
        Failure::new(FailureKind::NotThisProtocol, message)
    })
}
