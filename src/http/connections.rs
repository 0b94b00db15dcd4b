//! Connections: taken, served, and cut where they are slow. One that says nothing, or not all
//! of a request, or takes no answer, is closed after a while; of many at once, those beyond a
//! number wait in the system's queue.

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

/// The most that the head of a request may take.
const HEAD_BYTES: usize = 16 * 1024;
const HEADERS: usize = 64;
/// What is being answered when the process is to end may take so long.
const GRACE: Duration = Duration::from_secs(10);
/// Where the system has no more connections to give, it is asked again after this.
const AGAIN: Duration = Duration::from_millis(50);

/// What every connection needs.
#[derive(Clone)]
struct ConnectionContext {
    app: Arc<App>,
    tls: Option<TlsAcceptor>,
    patience: Duration,
}

/// How much is given to whom.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// So many connections at once.
    pub connections: usize,
    /// TLS, and then the head of each request, must be there within this, so that an idle
    /// connection lives as long; and a client may take nothing of an answer for so long.
    pub patience: Duration,
}

/// Serves what comes in by these until `end` says so; then what is being answered is answered.
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
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        let (server, watcher) = (server.clone(), graceful.watcher());
        tokio::spawn(async move {
            server.app.metrics.connections.inc();
            match connection {
                Connection::Tcp(stream, peer) => server.take(stream, Some(peer), watcher).await,
                Connection::Unix(stream) => server.take(stream, None, watcher).await,
            }
            server.app.metrics.connections.dec();
            drop(place);
        });
    }
}

impl ConnectionContext {
    async fn take<S>(&self, stream: S, peer: Option<IpAddr>, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.patience));
        let stream = Box::pin(stream);
        match &self.tls {
            None => self.talk(stream, peer, watcher).await,
            Some(tls) => {
                // In a box, so that an idle connection does not keep the room that it took.
                let accepted = Box::pin(tokio::time::timeout(self.patience, tls.accept(stream)));
                let Ok(Ok(stream)) = accepted.await else { return };
                self.talk(stream, peer, watcher).await;
            }
        }
    }

    /// No `async fn`: that would keep each of its parts once more.
    fn talk<S>(
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
                if let Some(question) = app.to_review(&head, peer) {
                    let asker = app.clone();
                    let asked = tokio::task::spawn_blocking(move || asker.review(&question));
                    let _ = asked.await;
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
        // How it ended is the client's business.
        watcher.watch(connection).map(drop)
    }
}
