//! The service that hands out the CA: its API, its page, and the gate that keeps it shut
//! without a CA that can be relied on.
//!
//! ```text
//! watch        keeps up with the store: it makes a snapshot whenever the bundle changes
//! snapshot     all that is served of a CA, made at once      resource  one thing of it
//! app, route   a request -> an answer                        problem   where that is a no
//! page, docs   for people       snippets, datastores, accept, metrics, log
//! auth         who may see the datastores                reviews  what the cluster said of it
//! listen, tls, connections      sockets -> requests
//! own          a certificate for the server itself, from the CA
//! fetch        the other end: the bundle, got from such a service
//! ```
//!
//! It reads the bundle alone, never the CA's own Secret, and so never holds its key; but for
//! `self_issued`, where it is asked to sign for itself.

mod accept;
mod app;
mod auth;
mod bundle_entry;
mod clock;
mod connections;
mod datastores;
mod docs;
mod fetch;
mod listen;
mod log;
mod metrics;
mod page;
mod problem;
mod resource;
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

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch as channel;

pub use auth::AuthMethod;
pub use connections::ConnectionLimits;
pub use fetch::{BundleSource, fetch};
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
use listen::Listener;
use snapshot::Snapshot;
use tls::ReloadableCertificate;

/// How to serve.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The name of the CA.
    pub ca: String,
    /// Whether to begin without a CA, and hand one out when it comes.
    pub wait_for_ca: bool,
    /// Where to listen.
    pub listen: Vec<ListenAddress>,
    /// The server's certificate; plain HTTP without.
    pub tls: Option<TlsSource>,
    /// Whether plain HTTP may be spoken to other machines.
    pub insecure: bool,
    /// Who may see the datastores; everybody without.
    pub auth: Option<AuthMethod>,
    /// The access log.
    pub log: LogForm,
    /// What clients may take.
    pub limits: ConnectionLimits,
}

/// Serves until the process is told to end (SIGTERM, SIGINT), and answers then what was asked
/// before. `ready` is told where, once it is so.
///
/// # Errors
/// Exit 1 when there is no CA that can be relied on; exit 2 when a file that was named is
/// wrong; exit 3 when the store cannot be read, or an address not be listened on.
pub fn serve(
    store: Arc<dyn Backend>,
    options: &ServeOptions,
    output: Output,
    ready: impl FnOnce(&[String]) -> Result<()>,
) -> Result<()> {
    let snapshot = gate(&*store, options, output)?;
    let auth = options.auth.as_ref().map(|way| Auth::open(way, &*store)).transpose()?;
    let app = App::new(options, store.clone(), snapshot, auth, output)?;
    let shown = match options.tls.clone() {
        None => None,
        Some(TlsSource::Files(files)) => {
            let (shown, paths) =
                (ReloadableCertificate::open(&files)?, [&files.certificate, &files.key]);
            let (paths, reader) = (paths.map(Clone::clone).to_vec(), shown.clone());
            watch::files(paths, app.clone(), output, move || reader.reload(&files));
            Some(shown)
        }
        Some(TlsSource::Own(names)) => {
            let own = self_issued::issue(&*store, &options.ca, &names)?;
            let shown = ReloadableCertificate::new(own.certified);
            self_issued::renew(store.clone(), app.clone(), shown.clone(), names, own.due, output);
            Some(shown)
        }
    };
    if let Some(AuthMethod::Tokens(path)) = options.auth.clone() {
        let reader = app.clone();
        watch::files(vec![path.clone()], app.clone(), output, move || {
            reader.auth.as_ref().map_or(Ok(()), |auth| auth.reload(&path))
        });
    }
    let follower = app.clone();
    std::thread::spawn(move || watch::follow(&*store, &follower, output));

    process::allow_many_files();
    let tls = shown.map(ReloadableCertificate::config).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    runtime()?.block_on(async {
        let mut listeners = Vec::new();
        for address in &options.listen {
            listeners.extend(Listener::open(address).await?);
        }
        if tls.is_none() && !options.insecure && !listeners.iter().all(Listener::is_local) {
            return Err(insecure());
        }
        let end = ends(app.clone(), output)?;
        let urls: Vec<String> = listeners.iter().map(|listener| listener.url(scheme)).collect();
        ready(&urls)?;
        process::tell_ready();
        connections::serve(listeners, app, tls, options.limits, end).await;
        Ok(())
    })
}

/// Nothing is opened without a CA that clients can rely on, unless one is waited for; then
/// nothing is handed out before it is there.
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

/// What is said where others could read along, and change what clients are to trust.
#[must_use]
pub fn insecure() -> Error {
    Error::usage(
        Code::InsecureHttp,
        "plain HTTP to other machines, where anybody can change the CA",
    )
    .hint("give a certificate: --tls-cert FILE --tls-key FILE")
    .hint("behind a proxy that speaks TLS, say so: --insecure-http")
}

fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::failed(Code::Runtime, "cannot start the network runtime").because(e))
}

/// Says when the process is to end: on SIGTERM and SIGINT. SIGHUP has the files read again; but
/// where the terminal that the process was started on is gone, it says just that, and ends it.
fn ends(app: Arc<App>, output: Output) -> Result<channel::Receiver<bool>> {
    let failed = |e| Error::failed(Code::Signals, "cannot wait for signals").because(e);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    let has_terminal = || std::io::stderr().is_terminal();
    let had_terminal = has_terminal();
    let (tell, end) = channel::channel(false);
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
            output.note("SIGHUP: the certificate and the tokens are read again.");
        }
        process::tell_stopping();
        let _ = tell.send(true);
    });
    Ok(end)
}
