//! Probes a server without TLS, with the controls that tell a refusal from a failure of the
//! connection.

use crate::connection::dial::PlainConnection;
use crate::connection::failure::FailureKind;
use crate::connection::tls;
use crate::connection::wire::Reception;
use crate::connection::wire::postgresql::Start;
use crate::engine::protocol::{AdmissionRule, PlaintextRefusal};
use crate::probe::observation::{ControlAttempts, Mark, Observation, PlaintextAttempt, TlsAttempt};
use crate::probe::observe::client::ProbeClient;
use crate::probe::observe::secured::is_hang_up;
use crate::probe::protocol::{ConversationRecord, conversations};

/// The number of attempts if the connection is closed without a reason. A server that refuses in
/// its protocol does not hang up; a proxy in front of it may do so for a while, or for every other
/// client.
const ATTEMPTS: usize = 3;

impl ProbeClient<'_> {
    /// Connects in plaintext, first on `stream` if there is one. If the engine refuses in its
    /// protocol, retries a connection that is closed without a reason.
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
        let mut record = ConversationRecord::default();
        let outcome = async {
            let stream = self.stream(stream).await?;
            conversations(self.facts().wire).without_tls(self, stream, &mut record).await
        };
        let outcome = outcome.await;
        PlaintextAttempt { server: record.server, mark: record.mark, outcome }
    }

    /// Whether a server of this engine refuses plaintext clients by closing the connection: it
    /// expects TLS from the first byte, and has no message for anything else.
    fn refuses_by_hanging_up(&self) -> bool {
        match self.facts().refusal {
            PlaintextRefusal::Error => false,
            PlaintextRefusal::ErrorUnlessDirect => self.options.direct,
            PlaintextRefusal::HangUp => true,
        }
    }

    /// Asks PostgreSQL for replication without TLS, as the user of the probe and without a
    /// password. Retries a connection that is closed without a reason.
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

    /// Sends more clients after a plaintext client was refused: a single refusal may come from one
    /// of several servers, or from a device on the way. Asks PostgreSQL for replication as well.
    ///
    /// The order matters at a load balancer with round robin: the plaintext clients connect one
    /// right after the other, so that they meet as many servers as there are clients; the two
    /// clients over TLS are so far apart that they meet both servers of two, or two of three.
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
        let hangs_up = self.facts().refusal == PlaintextRefusal::HangUp;
        if last && hangs_up && seen.without_tls().any(was_hung_up_on) {
            for _ in 0..self.options.attempts {
                let answer = self.odd_record().await;
                seen.odd.push(answer);
            }
        }
    }

    /// The number of plaintext clients in the control. It is 1 if further plaintext clients already
    /// connected before the client with TLS (`Observation::early`).
    fn further_clients(&self, compares: bool) -> usize {
        match (compares, self.facts().plaintext_port_ignores_tls) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => self.options.attempts.saturating_sub(1),
        }
    }

    fn replications(&self) -> usize {
        match self.facts().admission {
            AdmissionRule::HostRules => self.options.attempts,
            AdmissionRule::Account | AdmissionRule::Server | AdmissionRule::Port => 0,
        }
    }

    /// Sends a malformed TLS record: a TLS server answers with an alert, and a proxy that closes
    /// plaintext connections does not.
    async fn odd_record(&self) -> PlaintextAttempt {
        let mut odd = self.odd_record_once(false).await;
        if is_hang_up(&odd.outcome) {
            odd = self.odd_record_once(true).await;
        }
        odd
    }

    async fn odd_record_once(&self, is_handshake: bool) -> PlaintextAttempt {
        let outcome = async {
            let stream = self.stream(None).await?;
            let protocol = conversations(self.facts().wire);
            match protocol.broken_record(self, stream, is_handshake) {
                Some(answer) => answer.await,
                // This outcome proves nothing about the server.
                None => Ok(Reception::NeedsLogin),
            }
        };
        PlaintextAttempt::new(outcome.await)
    }

    /// Whether the server decides about plaintext only after a login with valid credentials.
    fn asks_accounts(&self, seen: &Observation) -> bool {
        let says_later = |plain: &PlaintextAttempt| plain.outcome == Ok(Reception::NeedsLogin);
        seen.plain.as_ref().is_some_and(says_later)
    }

    async fn secured_again(&self) -> TlsAttempt {
        let identity = self.options.identity.clone();
        Box::pin(self.secured(None, identity, tls::SAFE_VERSIONS, &mut None)).await
    }

    /// Sends this number of plaintext clients, one after the other: a load balancer may distribute
    /// simultaneous clients in any order.
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
