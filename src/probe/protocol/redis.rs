//! Redis and Valkey: TLS from the first byte, and a PING.

use super::{Conversation, ConversationRecord, ProbeProtocol};
use crate::connection::dial::{self, PlainConnection};
use crate::connection::hello::{ClientHello, ServerHello};
use crate::connection::tls::HandshakeOptions;
use crate::connection::wire::{Reception, redis};
use crate::probe::observe::client::ProbeClient;

pub(super) struct RedisProbe;

impl ProbeProtocol for RedisProbe {
    fn over_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        stream: PlainConnection,
        handshake: &'a HandshakeOptions,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move {
            let mut tls = client.handshake(stream, handshake, &mut record.seen).await?;
            if client.is_silent {
                return client.listen(tls).await;
            }
            let answer = client.step("a PING", redis::ping(&mut tls)).await;
            dial::close(tls, client.options.timeout).await;
            answer
        })
    }

    fn without_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        _record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move { client.step("a PING without TLS", redis::ping(&mut stream)).await })
    }

    fn client_hello<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        hello: &'a ClientHello<'a>,
    ) -> Conversation<'a, Option<ServerHello>> {
        Box::pin(async move { client.say(&mut stream, hello).await })
    }

    fn broken_record<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        is_handshake: bool,
    ) -> Option<Conversation<'a, Reception>> {
        Some(Box::pin(async move {
            let answer = redis::send_odd_record(&mut stream, is_handshake);
            client.step("a broken TLS record", answer).await
        }))
    }
}
