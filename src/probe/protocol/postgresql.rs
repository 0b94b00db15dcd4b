//! PostgreSQL: an SSLRequest, or TLS from the first byte, and a startup packet.

use super::{Conversation, ConversationRecord, ProbeProtocol};
use crate::connection::dial::{self, PlainConnection};
use crate::connection::failure::{Failure, FailureKind};
use crate::connection::hello::{ClientHello, ServerHello};
use crate::connection::tls::HandshakeOptions;
use crate::connection::wire::postgresql::{self, Start, StartupPurpose};
use crate::connection::wire::{Reception, Stream, TlsOnly};
use crate::probe::observation::PlaintextAttempt;
use crate::probe::observe::client::ProbeClient;

const SSL_REQUEST: &str = "the SSLRequest";

pub(super) struct PostgresqlProbe;

async fn start_up(
    client: &ProbeClient<'_>,
    stream: &mut impl Stream,
    tls: bool,
) -> Result<Start, Failure> {
    let database = StartupPurpose::Database(client.target.database());
    let start = postgresql::start_up(stream, &client.options.user, database, tls);
    client.step("the startup packet", start).await
}

impl ProbeProtocol for PostgresqlProbe {
    fn over_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        handshake: &'a HandshakeOptions,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move {
            if !client.options.direct {
                let asked = client.step(SSL_REQUEST, postgresql::request_tls(&mut stream)).await;
                if let Err(failure) = asked {
                    if failure.kind == FailureKind::NoTls {
                        let outcome = start_up(client, &mut stream, false).await;
                        let outcome = outcome.map(|start| start.reception);
                        record.plain = Some(PlaintextAttempt::new(outcome));
                    }
                    return Err(failure);
                }
            }
            let stream = match client.options.direct {
                true => TlsOnly::unchecked(stream),
                false => TlsOnly::new(stream),
            };
            let mut tls = client.handshake(stream, handshake, &mut record.seen).await?;
            if client.is_silent {
                return client.listen(tls).await;
            }
            let answer = start_up(client, &mut tls, true).await;
            if let Ok(start) = &answer {
                let mut manner = start.manner.clone();
                // The salt is needed only to compare connections with each other.
                if client.options.plain && start.wants_scram() {
                    let salt = client.step("SCRAM", postgresql::salt(&mut tls)).await;
                    manner.push_str(&salt.unwrap_or_default());
                }
                record.mark.manner = Some(manner);
            }
            dial::close(tls, client.options.timeout).await;
            answer.map(|start| start.reception)
        })
    }

    fn without_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move {
            let start = start_up(client, &mut stream, false).await?;
            record.mark.manner = Some(start.manner);
            Ok(start.reception)
        })
    }

    fn client_hello<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        hello: &'a ClientHello<'a>,
    ) -> Conversation<'a, Option<ServerHello>> {
        Box::pin(async move {
            if client.options.direct {
                return client.say(&mut stream, hello).await;
            }
            client.step(SSL_REQUEST, postgresql::request_tls(&mut stream)).await?;
            client.say(&mut TlsOnly::new(stream), hello).await
        })
    }

    fn broken_record<'a>(
        &'a self,
        _client: &'a ProbeClient<'a>,
        _stream: PlainConnection,
        _is_handshake: bool,
    ) -> Option<Conversation<'a, Reception>> {
        None
    }
}
