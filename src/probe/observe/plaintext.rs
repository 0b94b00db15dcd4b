//! What a server does with clients that come without TLS, and the controls that tell a refusal
//! from an accident on the way.

use super::{Client, Control, Observation, Plain, is_hang_up};
use crate::engine::Engine;
use crate::probe::dial::Connection;
use crate::probe::failure::Failure;
use crate::probe::tls;
use crate::probe::wire::{Reception, mssql, mysql, redis};

/// How often a client comes that is hung up on. A server that refuses in its protocol does not
/// hang up, but a proxy before it may, for a while or on every other client.
const ATTEMPTS: usize = 3;

impl Client<'_> {
    /// Comes without TLS, on `stream` first if there is one. Where the engine refuses in its
    /// protocol, a client that is hung up on comes again, until something is said.
    pub(super) async fn plain(&self, mut stream: Option<Connection>) -> Plain {
        let mut plain = self.plain_once(stream.take()).await;
        for _ in 1..ATTEMPTS {
            if self.refuses_by_hanging_up() || !is_hang_up(&plain.outcome) {
                break;
            }
            plain = self.plain_once(None).await;
        }
        plain
    }

    async fn plain_once(&self, stream: Option<Connection>) -> Plain {
        let mut server = None;
        let outcome = async {
            let mut stream = self.stream(stream).await?;
            match self.target.engine {
                Engine::Mysql | Engine::Mariadb => {
                    let greeting = mysql::greeting(&mut stream);
                    let greeting = self.step("the MySQL greeting", greeting).await?;
                    server = Some(greeting.version.clone());
                    let login = mysql::log_in(&mut stream, &greeting, &self.options.user, false);
                    self.step("the login without TLS", login).await
                }
                Engine::Postgresql => self.start_up(&mut stream, false).await,
                Engine::Redis | Engine::Valkey => {
                    self.step("a PING without TLS", redis::ping(&mut stream)).await
                }
                Engine::Mssql => {
                    let told = mssql::prelogin(&mut stream, false);
                    Ok(self.step("the PRELOGIN without TLS", told).await?.without_tls())
                }
            }
        };
        let outcome = outcome.await;
        Plain { server, outcome }
    }

    /// Whether a server of this engine refuses clients without TLS by hanging up: it waits for
    /// TLS from the first byte, and has no words for anything else.
    fn refuses_by_hanging_up(&self) -> bool {
        let engine = self.target.engine;
        engine.has_tls_port() || (engine == Engine::Mssql && self.options.direct)
    }

    /// Asks PostgreSQL for replication without TLS, as the user of the probe. It sends no
    /// password.
    pub(super) async fn replication(&self) -> Result<Reception, Failure> {
        let mut outcome = self.place().replication(&self.options.user).await;
        for _ in 1..ATTEMPTS {
            if !is_hang_up(&outcome) {
                break;
            }
            outcome = self.place().replication(&self.options.user).await;
        }
        outcome
    }

    /// Comes once more in both ways, where a client with TLS was accepted, and one without was
    /// not, by a server that hangs up on such clients: so may others on the way, for reasons of
    /// their own.
    pub(super) async fn control(&self, seen: &Observation) -> Option<Control> {
        let refused = seen.plain.as_ref().is_some_and(Plain::is_refused);
        if !self.refuses_by_hanging_up() || !refused || !seen.secured.proves_tls() {
            return None;
        }
        let plain = self.plain(None).await;
        let identity = self.options.identity.clone();
        let secured = self.secured(None, identity, tls::SAFE_VERSIONS, &mut None).await;
        Some(Control { plain, secured })
    }
}
