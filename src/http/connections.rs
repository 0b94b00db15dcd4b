//! Accepts and serves connections, and closes slow ones: those that send nothing, or an incomplete
//! request, or read no answer for too long. Connections beyond the limit wait in the system's
//! queue.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::app::App;
use super::listen::{Connection, Listener};

/// The size limit of a request's head, in bytes.
const HEAD_BYTES: usize = 16 * 1024;
const HEADERS: usize = 64;
/// The time that running answers get when the process stops.
const GRACE: Duration = Duration::from_secs(10);
/// The pause after a failed accept, for example when no file descriptor is free.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// The data that every connection needs.
#[derive(Clone)]
struct ConnectionContext {
    app: Arc<App>,
    tls: Option<TlsAcceptor>,
    patience: Duration,
}

/// Limits on connections.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// The maximum number of simultaneous connections.
    pub connections: usize,
    /// The time limit for the TLS handshake, for the head of each request (and so for an idle
    /// connection), and for a client that reads nothing of an answer.
    pub patience: Duration,
}

/// Serves connections until `end` is true; then finishes the running answers.
pub(super) async fn serve(
    listeners: Vec<Listener>,
    app: Arc<App>,
    tls: Option<Arc<ServerConfig>>,
    limits: ConnectionLimits,
    end: watch::Receiver<bool>,
) {
    let ConnectionLimits { connections, patience } = limits;
    let server = ConnectionContext { app, tls: tls.map(TlsAcceptor::from), patience };
    let graceful = Arc::new(GracefulShutdown::new());
    let free = Arc::new(Semaphore::new(connections));
    let accepting = listeners.into_iter().map(|listener| {
        let (server, free, mut end) = (server.clone(), free.clone(), end.clone());
        let graceful = graceful.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = accept(&listener, &server, &free, &graceful) => {}
                _ = end.wait_for(|end| *end) => {}
            }
        })
    });
    for task in accepting.collect::<Vec<_>>() {
        let _ = task.await;
    }
    if let Some(graceful) = Arc::into_inner(graceful) {
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    }
}

async fn accept(
    listener: &Listener,
    server: &ConnectionContext,
    free: &Arc<Semaphore>,
    graceful: &GracefulShutdown,
) {
    loop {
        let Ok(place) = free.clone().acquire_owned().await else { return };
        let Ok(connection) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_RETRY).await;
            continue;
        };
        let (server, watcher) = (server.clone(), graceful.watcher());
        tokio::spawn(async move {
            server.app.metrics.connections.inc();
            match connection {
                Connection::Tcp(stream, peer) => {
                    server.serve_stream(stream, Some(peer), watcher).await
                }
                Connection::Unix(stream) => server.serve_stream(stream, None, watcher).await,
            }
            server.app.metrics.connections.dec();
            drop(place);
        });
    }
}

impl ConnectionContext {
    async fn serve_stream<S>(&self, stream: S, peer: Option<IpAddr>, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.patience));
        let stream = Box::pin(stream);
        match &self.tls {
            None => self.serve_requests(stream, peer, watcher).await,
            Some(tls) => {
                // Boxed, so that an idle connection does not keep the memory of the handshake.
                let accepted = Box::pin(tokio::time::timeout(self.patience, tls.accept(stream)));
                let Ok(Ok(stream)) = accepted.await else { return };
                self.serve_requests(stream, peer, watcher).await;
            }
        }
    }

    /// Serves one connection. Not an `async fn`, which would hold its arguments twice.
    fn serve_requests<S>(
        &self,
        stream: S,
        peer: Option<IpAddr>,
        watcher: Watcher,
    ) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let app = self.app.clone();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let (app, (head, _)) = (app.clone(), request.into_parts());
            async move {
                if let Some(review) = app.pending_token_review(&head, peer) {
                    let reviewer = app.clone();
                    let reviewed = tokio::task::spawn_blocking(move || reviewer.review(&review));
                    let _ = reviewed.await;
                }
                Ok::<_, Infallible>(app.answer(&head, peer))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .half_close(false)
            .serve_connection(TokioIo::new(stream), service);
        // Errors of a connection concern only the client.
        watcher.watch(connection).map(drop)
    }
}
