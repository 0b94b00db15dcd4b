//! MySQL and MariaDB: a greeting, an SSL request, and a login as a user that does not exist.

use super::{Conversation, ConversationRecord, ProbeProtocol};
use crate::connection::dial::{self, PlainConnection};
use crate::connection::failure::FailureKind;
use crate::connection::hello::{ClientHello, ServerHello};
use crate::connection::tls::HandshakeOptions;
use crate::connection::wire::{Reception, mysql};
use crate::probe::observation::PlaintextAttempt;
use crate::probe::observe::client::ProbeClient;

const GREETING: &str = "the MySQL greeting";
const SSL_REQUEST: &str = "the SSL request";

pub(super) struct MysqlProbe;

impl ProbeProtocol for MysqlProbe {
    fn over_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        handshake: &'a HandshakeOptions,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move {
            let user = &client.options.user;
            let greeting = client.step(GREETING, mysql::greeting(&mut stream)).await?;
            record.server = Some(greeting.version.clone());
            record.mark.connection = Some(greeting.connection);
            let asked = client.step(SSL_REQUEST, mysql::request_tls(&mut stream, &greeting));
            if let Err(failure) = asked.await {
                if failure.kind == FailureKind::NoTls {
                    let login = mysql::log_in(&mut stream, &greeting, user, false);
                    let outcome = client.step("the login", login).await;
                    record.plain = Some(PlaintextAttempt {
                        server: Some(greeting.version),
                        ..PlaintextAttempt::new(outcome)
                    });
                }
                return Err(failure);
            }
            let mut tls = client.handshake(stream, handshake, &mut record.seen).await?;
            if client.is_silent {
                return client.listen(tls).await;
            }
            let login = mysql::log_in(&mut tls, &greeting, user, true);
            let answer = client.step("the login", login).await;
            dial::close(tls, client.options.timeout).await;
            answer
        })
    }

    fn without_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move {
            let greeting = client.step(GREETING, mysql::greeting(&mut stream)).await?;
            record.server = Some(greeting.version.clone());
            record.mark.connection = Some(greeting.connection);
            let login = mysql::log_in(&mut stream, &greeting, &client.options.user, false);
            client.step("the login without TLS", login).await
        })
    }

    fn client_hello<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        hello: &'a ClientHello<'a>,
    ) -> Conversation<'a, Option<ServerHello>> {
        Box::pin(async move {
            let greeting = client.step(GREETING, mysql::greeting(&mut stream)).await?;
            client.step(SSL_REQUEST, mysql::request_tls(&mut stream, &greeting)).await?;
            client.say(&mut stream, hello).await
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
