//! The logins of one account: over TLS with the client certificate, over TLS without it, and
//! without TLS. In this order, because the first one fills MySQL's cache: then the last one shows
//! the account's rules, not a missing cache entry.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::ServerName;

use crate::connection::dial::{self, within};
use crate::connection::failure::Failure;
use crate::connection::target::DatabaseTarget;
use crate::connection::tls::{self, ClientIdentity, HandshakeOptions};
use crate::connection::wire::Reception;
use crate::connection::wire::postgresql::{self, Start, StartupPurpose};
use crate::db_client::channel::{Channel, ChannelError, ExpectedServer, LoginTrust};
use crate::db_client::mysql;
use crate::db_client::redis::{self, RedisReply};
use crate::db_client::{AccountCredentials, ChannelSecrecy, LoginMethod, LoginOutcome, ResultRow};
use crate::engine::protocol::AdmissionRule;
use crate::pki::certificate::Certificate;

/// The accounts that log in, and the servers that may get proofs of their passwords.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// The accounts.
    pub who: Vec<AccountCredentials>,
    /// The CAs that a server's certificate must be signed by before an account logs in.
    pub anchors: Vec<Certificate>,
    /// The time at which the certificate must be valid.
    pub at: Timestamp,
    /// Whether accounts log in although the certificate is for another name. Any server with a
    /// certificate of the same CA can then get their passwords.
    pub any_name: bool,
}

/// The logins of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLogins {
    /// The user name.
    pub user: String,
    /// Over TLS, with the client certificate if there is one.
    pub tls: Attempt,
    /// Over TLS without a client certificate, if `tls` was with one.
    pub without_certificate: Option<Attempt>,
    /// Without TLS; `None` if it was not tried.
    pub plain: Option<Attempt>,
    /// The result of asking PostgreSQL for replication without TLS and without a password.
    pub replication: Option<Result<Reception, Failure>>,
}

/// The result of one login.
pub type Attempt = Result<LoginOutcome, ChannelError>;

/// The server and the options of the logins.
pub(crate) struct LoginTarget<'a> {
    pub(crate) target: &'a DatabaseTarget,
    pub(crate) address: SocketAddr,
    pub(crate) name: &'a ServerName<'static>,
    pub(crate) direct: bool,
    pub(crate) limit: Duration,
    pub(crate) identity: Option<&'a ClientIdentity>,
    /// Whether to log in without TLS too.
    pub(crate) plain: bool,
    /// The number of logins without TLS before the account counts as refused.
    pub(crate) attempts: usize,
}

impl LoginTarget<'_> {
    /// Tries all accounts, one after the other.
    pub(crate) async fn try_all(&self, accounts: &Accounts) -> Vec<AccountLogins> {
        let mut tried = Vec::new();
        for who in &accounts.who {
            tried.push(self.try_one(who, accounts).await);
        }
        tried
    }

    async fn try_one(&self, who: &AccountCredentials, accounts: &Accounts) -> AccountLogins {
        let facts = self.target.engine.facts();
        if facts.protocol.login.is_none() {
            let why =
                format!("logins at {} are not made: they could not be tried out", facts.title);
            let (user, tls) = (who.user.clone(), Ok(LoginOutcome::Withheld(why)));
            return AccountLogins {
                user,
                tls,
                without_certificate: None,
                plain: None,
                replication: None,
            };
        }
        let tls = self.secured(who, self.identity, accounts).await;
        let without_certificate = match self.identity {
            Some(_) => Some(self.secured(who, None, accounts).await),
            None => None,
        };
        // If the port decides about plaintext, a login would expose the password and show nothing.
        let may = facts.protocol.admission != AdmissionRule::Port;
        let method = method(&tls).or_else(|| without_certificate.as_ref().and_then(method));
        let plain = match (&tls, &without_certificate) {
            _ if !self.plain || !may => None,
            // Only after a trusted server has answered at this address.
            (Ok(_), _) | (_, Some(Ok(_))) => {
                let login = self.unsecured_again(who, method).await;
                Some(login.map_err(ChannelError::from))
            }
            (Err(_), _) => None,
        };
        let replication = match (&plain, facts.protocol.admission) {
            (Some(_), AdmissionRule::HostRules) => Some(self.replication_again(&who.user).await),
            _ => None,
        };
        AccountLogins { user: who.user.clone(), tls, without_certificate, plain, replication }
    }

    /// Repeats the login without TLS until the server accepts the account or `attempts` are used
    /// up: another server may answer.
    async fn unsecured_again(
        &self,
        who: &AccountCredentials,
        method: Option<&str>,
    ) -> Result<LoginOutcome, Failure> {
        let mut login = self.unsecured(who, method).await;
        for _ in 1..self.attempts {
            if !matches!(login, Ok(LoginOutcome::Refused(_) | LoginOutcome::Denied { .. })) {
                break;
            }
            login = self.unsecured(who, method).await;
        }
        login
    }

    /// Repeats the request for replication until the server does not refuse it, or `attempts` are
    /// used up.
    async fn replication_again(&self, user: &str) -> Result<Reception, Failure> {
        let mut answer = self.replication(user).await;
        for _ in 1..self.attempts {
            if !matches!(&answer, Ok(start) if matches!(start.reception, Reception::Refused(_))) {
                break;
            }
            answer = self.replication(user).await;
        }
        answer.map(|start| start.reception)
    }

    /// Asks PostgreSQL for replication without TLS, as this user. It sends no password.
    pub(crate) async fn replication(&self, user: &str) -> Result<Start, Failure> {
        const STEP: &str = "the start of replication without TLS";
        let mut stream = dial::connect(self.address, self.limit).await?;
        let start = postgresql::start_up(&mut stream, user, StartupPurpose::Replication, false);
        within(self.limit, STEP, start).await
    }

    /// Runs a command at Redis or Valkey with the first account that may run it.
    ///
    /// # Errors
    /// No account may run it: the error of the last one that asked, or that no login succeeded.
    pub(crate) async fn ask_any(
        &self,
        accounts: &Accounts,
        words: &[&str],
    ) -> Result<RedisReply, String> {
        let mut why = "none of them is let in".to_owned();
        for who in &accounts.who {
            let Ok(mut channel) = self.channel(self.identity, accounts).await else { continue };
            let mut reply = None;
            if let Ok((LoginOutcome::In(_), _)) = channel.log_in(who, "", None).await {
                let asked = redis::ask(channel.stream(), words);
                reply = Some(dial::within(self.limit, "a command", asked).await);
            }
            channel.quit().await;
            match reply {
                Some(Ok(RedisReply::Error(said))) => why = format!("{} gets {said}", who.user),
                Some(Ok(reply)) => return Ok(reply),
                Some(Err(failure)) => why = format!("{}: {failure}", who.user),
                None => {}
            }
        }
        Err(why)
    }

    /// Runs a query at MySQL or MariaDB with the first account that logs in over TLS; `None` if no
    /// account does, or the server does not answer the query.
    pub(crate) async fn query_any(
        &self,
        accounts: &Accounts,
        question: &str,
    ) -> Option<Vec<ResultRow>> {
        for who in &accounts.who {
            let Ok(mut channel) = self.channel(self.identity, accounts).await else { continue };
            let mut rows = None;
            if let Ok((LoginOutcome::In(_), _)) = channel.log_in(who, "", None).await {
                let asked = mysql::query(channel.stream(), question);
                rows =
                    dial::within(self.limit, "a question", asked).await.ok().and_then(Result::ok);
                channel.quit().await;
            } else {
                dial::close(channel.into_stream(), self.limit).await;
            }
            if rows.is_some() {
                return rows;
            }
        }
        None
    }

    async fn secured(
        &self,
        who: &AccountCredentials,
        identity: Option<&ClientIdentity>,
        accounts: &Accounts,
    ) -> Attempt {
        let channel = self.channel(identity, accounts).await?;
        Ok(self.log_in(channel, who, None).await?)
    }

    /// Connects over TLS to a trusted server.
    async fn channel(
        &self,
        identity: Option<&ClientIdentity>,
        accounts: &Accounts,
    ) -> Result<Channel, ChannelError> {
        let stream = dial::connect(self.address, self.limit).await?;
        let wish = HandshakeOptions {
            name: self.name.clone(),
            alpn: self.target.engine.facts().protocol.alpn(self.direct),
            offered: tls::SAFE_VERSIONS,
            identity: identity.cloned(),
        };
        let identity = (!accounts.any_name).then_some(self.name);
        let proof = ExpectedServer { anchors: &accounts.anchors, at: accounts.at, identity };
        let trust = LoginTrust::Proof(proof);
        Channel::secured(stream, self.target, &wish, &trust, self.limit).await
    }

    /// Logs in without TLS, by the same method as over TLS: a man in the middle could ask for a
    /// method that exposes more.
    async fn unsecured(
        &self,
        who: &AccountCredentials,
        only: Option<&str>,
    ) -> Result<LoginOutcome, Failure> {
        let Some(only) = only.or(self.unknown_method()) else {
            let why = "it did not get in over TLS, and was not tried without";
            return Ok(LoginOutcome::Withheld(why.to_owned()));
        };
        let stream = dial::connect(self.address, self.limit).await?;
        let engine = self.target.engine;
        let channel = Channel::plain(stream, engine, ChannelSecrecy::Plain, self.limit).await?;
        self.log_in(channel, who, Some(only)).await
    }

    /// The method for a plaintext login of an account that failed over TLS: the rules of PostgreSQL
    /// may admit the account only without TLS. Never md5, which is easily cracked.
    fn unknown_method(&self) -> Option<&'static str> {
        let admission = self.target.engine.facts().protocol.admission;
        (admission == AdmissionRule::HostRules).then_some("scram-sha-256")
    }

    async fn log_in(
        &self,
        mut channel: Channel,
        who: &AccountCredentials,
        only: Option<&str>,
    ) -> Result<LoginOutcome, Failure> {
        let database = self.target.database();
        let login = channel.log_in(who, database, only).await.map(|(login, _)| login);
        match login {
            Ok(LoginOutcome::In(_)) => channel.quit().await,
            _ => dial::close(channel.into_stream(), self.limit).await,
        }
        login
    }
}

/// The method by which the login succeeded.
fn method(attempt: &Attempt) -> Option<&str> {
    match attempt {
        Ok(LoginOutcome::In(LoginMethod { method, .. })) => Some(method),
        _ => None,
    }
}
