//! What a server has against a client's certificate, or the want of one.

use super::{MutualTlsAttempts, ProbeClient, TlsAttempt};
use crate::connection::dial;
use crate::connection::failure::Failure;
use crate::connection::tls::{self, ClientIdentity, TlsOffer};
use crate::connection::wire::{Reception, Stream, fill};

impl ProbeClient<'_> {
    /// Comes without a certificate, and where that is refused, with a stranger's. Where it is
    /// not, the stranger stays away: MySQL and MariaDB count him as a connect error.
    pub(super) async fn mutual(
        &self,
        secured: &TlsAttempt,
        stranger: ClientIdentity,
    ) -> MutualTlsAttempts {
        let without = match self.options.identity {
            None => secured.clone(),
            Some(_) => self.secured(None, None, tls::SAFE_VERSIONS, &mut None).await,
        };
        let stranger = match without.outcome {
            Ok(Reception::Taken | Reception::NeedsLogin) => None,
            _ => Some(self.secured(None, Some(stranger), tls::SAFE_VERSIONS, &mut None).await),
        };
        MutualTlsAttempts { without, stranger }
    }

    /// What a server has against the client's certificate, or the want of one, that hung up
    /// after it had asked for one. Under TLS 1.3 it says so after the handshake (RFC 8446,
    /// section 4.4.2.4), and gets lost in what the client sends then: so this client sends
    /// nothing more.
    pub(super) async fn refusal_of_certificate(
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

    /// Waits for what the server says unasked after the handshake.
    pub(super) async fn listen(&self, mut tls: impl Stream) -> Result<Reception, Failure> {
        const STEP: &str = "the end of the TLS handshake";
        let said = self.step(STEP, fill(&mut tls, &mut [0], STEP)).await;
        dial::close(tls, self.options.timeout).await;
        said.map(|()| Reception::Taken)
    }
}
