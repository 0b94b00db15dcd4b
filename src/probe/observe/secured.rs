//! The clients that connect over TLS.

use crate::connection::dial::PlainConnection;
use crate::connection::failure::Failure;
use crate::connection::tls::{ClientIdentity, HandshakeOptions, TlsOffer};
use crate::probe::observation::{PlaintextAttempt, TlsAttempt};
use crate::probe::observe::client::ProbeClient;
use crate::probe::protocol::{ConversationRecord, conversations};

impl ProbeClient<'_> {
    /// Connects over TLS. If the server requests a client certificate and then hangs up, connects
    /// again, up to three times, to learn the reason.
    pub(in crate::probe) async fn secured(
        &self,
        stream: Option<PlainConnection>,
        identity: Option<ClientIdentity>,
        offered: TlsOffer,
        plain: &mut Option<PlaintextAttempt>,
    ) -> TlsAttempt {
        let mut secured = self.secured_once(stream, identity.clone(), offered.clone(), plain).await;
        if secured.seen.asks_for_certificate
            && is_hang_up(&secured.outcome)
            && let Some(refusal) = self.refusal_of_certificate(identity.as_ref(), offered).await
        {
            secured.outcome = Err(refusal);
        }
        secured
    }

    /// Connects over TLS once. If the server has no TLS and the conversation went on without it,
    /// sets `plain` to the result.
    async fn secured_once(
        &self,
        stream: Option<PlainConnection>,
        identity: Option<ClientIdentity>,
        offered: TlsOffer,
        plain: &mut Option<PlaintextAttempt>,
    ) -> TlsAttempt {
        let mut record = ConversationRecord::default();
        let alpn = self.facts().alpn(self.options.direct);
        let wish = HandshakeOptions { name: self.name.clone(), alpn, offered, identity };
        let outcome = async {
            let stream = self.stream(stream).await?;
            conversations(self.facts().wire).over_tls(self, stream, &wish, &mut record).await
        };
        let outcome = outcome.await;
        let ConversationRecord { server, mark, seen, plain: without } = record;
        if without.is_some() {
            *plain = without;
        }
        TlsAttempt { server, mark, seen, outcome }
    }

    /// Returns the alert about the client certificate from a server that requested one and hung up.
    /// Under TLS 1.3 the server sends that alert after the handshake (RFC 8446, section 4.4.2.4).
    /// Data from the client could cause a reset that discards the alert: so this client sends
    /// nothing more.
    async fn refusal_of_certificate(
        &self,
        identity: Option<&ClientIdentity>,
        offered: TlsOffer,
    ) -> Option<Failure> {
        const ATTEMPTS: usize = 3;
        let silent = ProbeClient { is_silent: true, name: self.name.clone(), ..*self };
        for _ in 0..ATTEMPTS {
            let secured =
                silent.secured_once(None, identity.cloned(), offered.clone(), &mut None).await;
            match secured.outcome {
                Err(failure) if failure.is_about_client_certificate() => return Some(failure),
                Err(failure) if failure.kind.is_hang_up() => {}
                _ => return None,
            }
        }
        None
    }
}

/// Whether the server closed the connection without giving a reason.
pub(super) fn is_hang_up<T>(outcome: &Result<T, Failure>) -> bool {
    outcome.as_ref().is_err_and(|failure| failure.kind.is_hang_up())
}
