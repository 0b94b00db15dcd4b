//! The server that publishes the CA: its API, its page, and the gate that keeps it closed while the
//! CA fails its checks.
//!
//! ```text
//! watch        follows the store, and makes a snapshot whenever the bundle changes
//! snapshot     everything that is served of a CA       resource  one document with its headers
//! app, route   a request -> an answer                  problem   error answers
//! page, docs   for people       snippets, datastores, accept, metrics, log
//! auth         access to the datastores       token_review_cache   verdicts of the cluster
//! rotation_notice   news of a rotation         holders   the bundle that each known client has
//! holder_writer     keeps those records in the store
//! listen, tls, connections      sockets -> requests
//! self_issued  a certificate for the server itself, signed by the CA
//! fetch        the client: gets the bundle from such a server
//! ```
//!
//! The server reads only the bundle, never the CA's own Secret, and so never holds the CA's key.
//! The exception is `self_issued`, if the user asks for it.

mod accept;
mod app;
mod auth;
mod bundle_entry;
mod clock;
mod connections;
mod datastores;
mod docs;
mod fetch;
mod holder_writer;
mod holders;
mod listen;
mod log;
mod metrics;
mod page;
mod problem;
mod resource;
mod rotation_notice;
mod route;
mod self_issued;
mod snapshot;
mod snippets;
mod tls;
mod token_review_cache;
mod watch;

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch as channel;

pub use auth::AuthMethod;
pub use connections::ConnectionLimits;
pub use fetch::{
    BundleDescription, BundleSource, DescribedCertificate, DescribedRotation, fetch,
    fetch_description, fetch_links,
};
pub use listen::ListenAddress;
pub use log::LogForm;
pub use tls::{SelfIssuedName, TlsFiles, TlsSource};

use crate::error::{Code, Error, Result};
use crate::output::Output;
use crate::pki::finding::Level;
use crate::process;
use crate::store::Backend;
use crate::store::bundle::bundle_name;
use app::App;
use auth::Auth;
use holder_writer::HolderWriter;
use listen::Listener;
use snapshot::Snapshot;
use tls::ReloadableCertificate;

/// The options of the server.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The name of the CA.
    pub ca: String,
    /// Whether to start without a CA, and to serve it as soon as it exists.
    pub wait_for_ca: bool,
    /// The addresses to listen on.
    pub listen: Vec<ListenAddress>,
    /// The source of the server's certificate; `None` means plain HTTP.
    pub tls: Option<TlsSource>,
    /// Whether plain HTTP to other machines is allowed.
    pub insecure: bool,
    /// Access control for the datastores; `None` lets everybody see them.
    pub auth: Option<AuthMethod>,
    /// The format of the access log.
    pub log: LogForm,
    /// The interval at which the records of clients that have the bundle are written to the store;
    /// `None` keeps them in memory only.
    pub record_holders: Option<Duration>,
    /// Limits on connections.
    pub limits: ConnectionLimits,
}

/// Serves until SIGTERM or SIGINT, then finishes the running answers. Calls `ready` with the URLs
/// once the server accepts connections.
///
/// # Errors
/// Exit 1 when there is no CA, or it fails its checks; exit 2 when a given file is invalid; exit 3
/// when the store cannot be read, or an address cannot be listened on.
pub fn serve(
    store: Arc<dyn Backend>,
    options: &ServeOptions,
    output: Output,
    ready: impl FnOnce(&[String]) -> Result<()>,
) -> Result<()> {
    let snapshot = gate(&*store, options, output)?;
    let auth = options.auth.as_ref().map(|method| Auth::open(method, &*store)).transpose()?;
    let app = App::new(options, store.clone(), snapshot, auth, output)?;
    let certificate = match options.tls.clone() {
        None => None,
        Some(TlsSource::Files(files)) => {
            let (certificate, paths) =
                (ReloadableCertificate::open(&files)?, [&files.certificate, &files.key]);
            let (paths, reader) = (paths.map(Clone::clone).to_vec(), certificate.clone());
            watch::files(paths, app.clone(), output, move || reader.reload(&files));
            Some(certificate)
        }
        Some(TlsSource::Own(names)) => {
            let issued = self_issued::issue(&*store, &options.ca, &names)?;
            let certificate = ReloadableCertificate::new(issued.certified);
            self_issued::renew(
                store.clone(),
                app.clone(),
                certificate.clone(),
                names,
                issued.due,
                output,
            );
            Some(certificate)
        }
    };
    if let Some(AuthMethod::Tokens(path)) = options.auth.clone() {
        let reader = app.clone();
        watch::files(vec![path.clone()], app.clone(), output, move || {
            reader.auth.as_ref().map_or(Ok(()), |auth| auth.reload(&path))
        });
    }
    let writer = options
        .record_holders
        .map(|every| HolderWriter::start(store.clone(), app.clone(), every, output));
    let follower = app.clone();
    std::thread::spawn(move || watch::follow(&*store, &follower, output));

    process::allow_many_files();
    let tls = certificate.map(ReloadableCertificate::config).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let served = runtime()?.block_on(async {
        let mut listeners = Vec::new();
        for address in &options.listen {
            listeners.extend(Listener::open(address).await?);
        }
        if tls.is_none() && !options.insecure && !listeners.iter().all(Listener::is_local) {
            return Err(insecure());
        }
        let end = watch_signals(app.clone(), output)?;
        let urls: Vec<String> = listeners.iter().map(|listener| listener.url(scheme)).collect();
        ready(&urls)?;
        process::notify_ready();
        connections::serve(listeners, app, tls, options.limits, end).await;
        Ok(())
    });
    writer.into_iter().for_each(HolderWriter::finish);
    served
}

/// Checks the CA before any address is opened. With `wait_for_ca`, an unusable CA is accepted, and
/// nothing is served of it until it passes the checks.
fn gate(store: &dyn Backend, options: &ServeOptions, output: Output) -> Result<Snapshot> {
    let ca = &options.ca;
    let secret = store.get(&bundle_name(ca))?;
    let snapshot = Snapshot::new(ca, secret.as_ref(), clock::now(), None)?;
    let mut errors = snapshot.findings.iter().filter(|finding| finding.level == Level::Error);
    let Some(first) = errors.next() else { return Ok(snapshot) };
    if options.wait_for_ca {
        output.note(&format!("Waiting for a CA that can be served: {}", first.message));
        return Ok(snapshot);
    }
    let place = store.place(&bundle_name(ca));
    let message = format!("there is no CA to serve in {place}: {}", first.message);
    let mut error = Error::no(first.code, message);
    for hint in first.hints.iter().cloned().chain(errors.map(|other| other.message.as_str().into()))
    {
        error = error.hint(hint);
    }
    Err(error)
}

/// The error for plain HTTP to other machines: anybody on the network could replace the CA that
/// clients trust.
#[must_use]
pub fn insecure() -> Error {
    Error::usage(
        Code::InsecureHttp,
        "plain HTTP to other machines lets anybody on the network replace the CA",
    )
    .hint("give a certificate: --tls-cert FILE --tls-key FILE")
    .hint("behind a proxy that speaks TLS, allow it: --insecure-http")
}

fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::failed(Code::Runtime, "cannot start the network runtime").because(e))
}

/// Reports the end of the process on SIGTERM and SIGINT. SIGHUP has the files read again; if the
/// terminal on which the process was started is gone, SIGHUP ends it.
fn watch_signals(app: Arc<App>, output: Output) -> Result<channel::Receiver<bool>> {
    let failed = |e| Error::failed(Code::Signals, "cannot wait for signals").because(e);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    let has_terminal = || std::io::stderr().is_terminal();
    let had_terminal = has_terminal();
    let (stop, end) = channel::channel(false);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => {}
            }
            if had_terminal && !has_terminal() {
                break;
            }
            app.reloads.fetch_add(1, Ordering::Relaxed);
            output.note("SIGHUP: reading the certificate and the tokens again.");
        }
        process::notify_stopping();
        let _ = stop.send(true);
    });
    Ok(end)
}
