//! SQL Server: a PRELOGIN, and the TLS handshake inside such packets; or TLS from the first byte.

use super::{Conversation, ConversationRecord, ProbeProtocol};
use crate::connection::dial::{self, PlainConnection};
use crate::connection::hello::{ClientHello, ServerHello};
use crate::connection::tls::HandshakeOptions;
use crate::connection::wire::{Reception, mssql};
use crate::probe::observe::client::ProbeClient;

const PRELOGIN: &str = "the PRELOGIN";

pub(super) struct TdsProbe;

impl ProbeProtocol for TdsProbe {
    fn over_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        handshake: &'a HandshakeOptions,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move {
            if client.options.direct {
                let mut tls = client.handshake(stream, handshake, &mut record.seen).await?;
                let told = client.step(PRELOGIN, mssql::prelogin(&mut tls, true)).await?;
                record.server = Some(told.version);
                dial::close(tls, client.options.timeout).await;
                return Ok(Reception::Taken);
            }
            let told = client.step(PRELOGIN, mssql::prelogin(&mut stream, true)).await?;
            told.offers_tls()?;
            record.server = Some(told.version);
            // No TLS 1.3 inside PRELOGIN packets: its session tickets come after the handshake,
            // when the packets have ended.
            let offered = handshake.offered.without_tls13();
            let handshake = HandshakeOptions { offered, ..handshake.clone() };
            let stream = mssql::PreloginStream::new(stream);
            let mut tls = client.handshake(stream, &handshake, &mut record.seen).await?;
            tls.get_mut().0.unwrap_from_now_on();
            dial::close(tls, client.options.timeout).await;
            Ok(Reception::Taken)
        })
    }

    fn without_tls<'a>(
        &'a self,
        client: &'a ProbeClient<'a>,
        mut stream: PlainConnection,
        record: &'a mut ConversationRecord,
    ) -> Conversation<'a, Reception> {
        Box::pin(async move {
            let told = mssql::prelogin(&mut stream, false);
            let told = client.step("the PRELOGIN without TLS", told).await?;
            record.server = Some(told.version.clone());
            Ok(told.without_tls())
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
            client.step(PRELOGIN, mssql::prelogin(&mut stream, true)).await?;
            client.say(&mut mssql::PreloginStream::new(stream), hello).await
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
