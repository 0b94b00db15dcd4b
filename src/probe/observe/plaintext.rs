//! What a server does with clients that come without TLS, and the controls that tell a refusal
//! from an accident on the way.

use crate::connection::dial::PlainConnection;
use crate::connection::failure::FailureKind;
use crate::connection::tls;
use crate::connection::wire::postgresql::Start;
use crate::connection::wire::{Reception, mssql, mysql, redis};
use crate::engine::Engine;
use crate::probe::observation::{ControlAttempts, Mark, Observation, PlaintextAttempt, TlsAttempt};
use crate::probe::observe::client::{ProbeClient, is_hang_up};

/// How often a client comes that is hung up on. A server that refuses in its protocol does not
/// hang up, but a proxy before it may, for a while or on every other client.
const ATTEMPTS: usize = 3;

impl ProbeClient<'_> {
    /// Comes without TLS, on `stream` first if there is one. Where the engine refuses in its
    /// protocol, a client that is hung up on comes again, until something is said.
    pub(super) async fn plain(&self, mut stream: Option<PlainConnection>) -> PlaintextAttempt {
        let mut plain = self.plain_once(stream.take()).await;
        for _ in 1..ATTEMPTS {
            if self.refuses_by_hanging_up() || !is_hang_up(&plain.outcome) {
                break;
            }
            plain = self.plain_once(None).await;
        }
        plain
    }

    async fn plain_once(&self, stream: Option<PlainConnection>) -> PlaintextAttempt {
        let (mut server, mut mark) = (None, Mark::default());
        let outcome = async {
            let mut stream = self.stream(stream).await?;
            match self.target.engine {
                Engine::Mysql | Engine::Mariadb => {
                    let greeting = mysql::greeting(&mut stream);
                    let greeting = self.step("the MySQL greeting", greeting).await?;
                    server = Some(greeting.version.clone());
                    mark.connection = Some(greeting.connection);
                    let login = mysql::log_in(&mut stream, &greeting, &self.options.user, false);
                    self.step("the login without TLS", login).await
                }
                Engine::Postgresql => {
                    let start = self.start_up(&mut stream, false).await?;
                    mark.manner = Some(start.manner);
                    Ok(start.reception)
                }
                Engine::Redis | Engine::Valkey => {
                    self.step("a PING without TLS", redis::ping(&mut stream)).await
                }
                Engine::Mssql => {
                    let told = mssql::prelogin(&mut stream, false);
                    let told = self.step("the PRELOGIN without TLS", told).await?;
                    server = Some(told.version.clone());
                    Ok(told.without_tls())
                }
            }
        };
        let outcome = outcome.await;
        PlaintextAttempt { server, mark, outcome }
    }

    /// Whether a server of this engine refuses clients without TLS by hanging up: it waits for
    /// TLS from the first byte, and has no words for anything else.
    fn refuses_by_hanging_up(&self) -> bool {
        let engine = self.target.engine;
        engine.has_tls_port() || (engine == Engine::Mssql && self.options.direct)
    }

    /// Asks PostgreSQL for replication without TLS, as the user of the probe. It sends no
    /// password.
    async fn replication(&self) -> PlaintextAttempt {
        let mut plain = self.replication_once().await;
        for _ in 1..ATTEMPTS {
            if !is_hang_up(&plain.outcome) {
                break;
            }
            plain = self.replication_once().await;
        }
        plain
    }

    async fn replication_once(&self) -> PlaintextAttempt {
        match self.place().replication(&self.options.user).await {
            Ok(Start { reception, manner }) => {
                let mark = Mark { manner: Some(manner), ..Mark::default() };
                PlaintextAttempt { server: None, mark, outcome: Ok(reception) }
            }
            Err(failure) => PlaintextAttempt::new(Err(failure)),
        }
    }

    /// Lets more clients come, where one without TLS was refused: one refusal may be that of one
    /// server among several, or of somebody on the way. Asks PostgreSQL for replication as well.
    ///
    /// The order matters to a load balancer that hands out its servers in turn: clients without
    /// TLS come one right after the other, so that they meet as many servers as they are; and the
    /// two over TLS come so far apart that they meet two of two, or of three.
    pub(super) async fn control(&self, seen: &mut Observation) {
        let no_tls =
            matches!(&seen.secured.outcome, Err(failure) if failure.kind == FailureKind::NoTls);
        let refused = seen.plain.as_ref().is_some_and(PlaintextAttempt::is_refused);
        let is_in = !matches!(seen.secured.outcome, Ok(Reception::Refused(_)));
        let compares = seen.secured.proves_tls() && is_in;
        let by_accounts = self.options.accounts.is_some() && self.asks_accounts(seen);
        let (plain, replication) = match refused && !no_tls {
            true => (self.further_clients(compares), self.replications()),
            false => (0, 0),
        };
        let last = compares && (plain > 0 || by_accounts);
        let plain = self.many(plain).await;
        for _ in 0..replication {
            let answer = self.replication().await;
            seen.replication.push(answer);
        }
        if last {
            seen.control = Some(ControlAttempts { plain, secured: self.secured_again().await });
        }
        if last && self.target.engine.has_tls_port() && seen.without_tls().any(was_hung_up_on) {
            for _ in 0..self.options.attempts {
                let answer = self.odd_record().await;
                seen.odd.push(answer);
            }
        }
    }

    /// How many clients without TLS come in the control: where others came before the one with
    /// TLS, one more after it.
    fn further_clients(&self, compares: bool) -> usize {
        match (compares, self.target.engine.has_tls_port()) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => self.options.attempts.saturating_sub(1),
        }
    }

    fn replications(&self) -> usize {
        if self.target.engine == Engine::Postgresql { self.options.attempts } else { 0 }
    }

    /// Comes without TLS and asks what the port is: a TLS server answers with an alert, and a proxy
    /// that hangs up on clients without TLS sends none.
    async fn odd_record(&self) -> PlaintextAttempt {
        let mut odd = self.odd_record_once(false).await;
        if is_hang_up(&odd.outcome) {
            odd = self.odd_record_once(true).await;
        }
        odd
    }

    async fn odd_record_once(&self, is_handshake: bool) -> PlaintextAttempt {
        let outcome = async {
            let mut stream = self.stream(None).await?;
            let answer = redis::send_odd_record(&mut stream, is_handshake);
            self.step("a broken TLS record", answer).await
        };
        PlaintextAttempt::new(outcome.await)
    }

    /// Whether it is accounts that tell who gets in without TLS.
    fn asks_accounts(&self, seen: &Observation) -> bool {
        let says_later = |plain: &PlaintextAttempt| plain.outcome == Ok(Reception::NeedsLogin);
        seen.plain.as_ref().is_some_and(says_later)
    }

    async fn secured_again(&self) -> TlsAttempt {
        let identity = self.options.identity.clone();
        Box::pin(self.secured(None, identity, tls::SAFE_VERSIONS, &mut None)).await
    }

    /// Comes so often without TLS. One client after the other: who comes at the same time may be
    /// handed to servers in any order.
    pub(super) async fn many(&self, clients: usize) -> Vec<PlaintextAttempt> {
        let mut all = Vec::with_capacity(clients);
        for _ in 0..clients {
            all.push(self.plain(None).await);
        }
        all
    }
}

fn was_hung_up_on(plain: &PlaintextAttempt) -> bool {
    is_hang_up(&plain.outcome)
}
