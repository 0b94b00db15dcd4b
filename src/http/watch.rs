//! What keeps up with the store and with files, each in a thread of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::app::App;
use super::clock;
use super::datastores::Datastores;
use super::snapshot::Snapshot;
use crate::error::{Code, Error, Result};
use crate::output::Output;
use crate::store::Backend;
use crate::store::bundle::bundle_name;
use crate::store::secret::Secret;

/// The store is looked at so often though it tells of no change: a lost one is then seen.
const PATIENCE: Duration = Duration::from_secs(15);
/// The datastores are listed so often.
const LIST_AGAIN: Duration = Duration::from_secs(30);
/// After an error, the store is left alone for so long.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves what the store holds, whatever becomes of it; until the process ends. While the
/// store cannot be read, what was read last is served, as long as that is valid.
pub(super) fn follow(store: &dyn Backend, app: &App, output: Output) {
    let mut told: Option<Code> = None;
    let mut listed: Option<Instant> = None;
    loop {
        let looked = poll(store, app).and_then(|()| {
            if listed.is_none_or(|listed| listed.elapsed() >= LIST_AGAIN) {
                list(store, app, output, listed.is_none())?;
                listed = Some(Instant::now());
            }
            let snapshot = app.snapshot.load_full();
            let name = bundle_name(&app.ca);
            store.await_change(&name, snapshot.version(), patience(&snapshot))
        });
        app.metrics.store_up.set(looked.is_ok().into());
        match looked {
            Ok(()) if told.take().is_some() => output.note("The store can be read again."),
            Ok(()) => {}
            Err(error) => {
                app.metrics.store_errors.inc();
                if told.replace(error.code()) != Some(error.code()) {
                    output.warning(&format!("what was read last is served: {error}"));
                }
                refresh(app);
                thread::sleep(PAUSE);
            }
        }
    }
}

/// Reads the bundle, and takes over what is new.
fn poll(store: &dyn Backend, app: &App) -> Result<()> {
    let name = bundle_name(&app.ca);
    let secret = match store.get(&name) {
        // What cannot be read is no reason to serve what was there before it: it is a bundle
        // with nothing in it, and so shuts the gate.
        Err(error) if error.code() == Code::ManifestDamaged => Some(Secret::new(&name, "Opaque")),
        read => read?,
    };
    let now = clock::now();
    let current = app.snapshot.load();
    let is_new = !current.is_of(secret.as_ref());
    if !is_new && current.until.is_none_or(|until| now < until) {
        return Ok(());
    }
    let snapshot = Snapshot::new(&app.ca, secret.as_ref(), now, Some(&current))?;
    drop(current);
    app.take(snapshot);
    if is_new {
        app.metrics.reloads.inc();
    }
    Ok(())
}

/// Without the store: what has expired meanwhile is not served any more.
fn refresh(app: &App) {
    let current = app.snapshot.load();
    let now = clock::now();
    if current.until.is_some_and(|until| now >= until)
        && let Ok(snapshot) = current.at(&app.ca, now)
    {
        drop(current);
        app.take(snapshot);
    }
}

fn list(store: &dyn Backend, app: &App, output: Output, is_first: bool) -> Result<()> {
    match Datastores::read(store) {
        Ok(datastores) => {
            if is_first && app.auth.is_none() && app.is_open {
                output.warning(
                    "everybody who reaches this service can list all datastores and their nodes; \
                     show them only to those with a token: --auth",
                );
            }
            app.datastores.store(Arc::new(datastores));
        }
        Err(error) if error.code() == Code::KubeForbidden => {
            if is_first {
                output.note("Secrets may not be listed, so no datastores are shown.");
            }
            app.datastores.store(Arc::default());
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn patience(snapshot: &Snapshot) -> Duration {
    let left = snapshot.until.map(|until| until.duration_since(clock::now()));
    let left = left.and_then(|left| Duration::try_from(left).ok());
    left.map_or(PATIENCE, |left| left.min(PATIENCE)).max(Duration::from_millis(100))
}

/// Calls `reload` whenever one of these files is another than before, or is to be read again
/// (SIGHUP), until it succeeds.
pub(super) fn files(
    paths: Vec<std::path::PathBuf>,
    app: Arc<App>,
    output: Output,
    reload: impl Fn() -> std::result::Result<(), Error> + Send + 'static,
) {
    let stamps = move || paths.iter().map(|path| crate::files::stamp(path)).collect::<Vec<_>>();
    thread::spawn(move || {
        let asked = || app.reloads.load(Ordering::Relaxed);
        let (mut taken, mut refused) = ((stamps(), asked()), None);
        loop {
            thread::sleep(PAUSE);
            let now = (stamps(), asked());
            if now == taken {
                continue;
            }
            match reload() {
                Ok(()) => (taken, refused) = (now, None),
                Err(error) if refused.as_ref() != Some(&now) => {
                    app.metrics.file_errors.inc();
                    output.warning(&format!("what was read before stays in use: {error}"));
                    refused = Some(now);
                }
                Err(_) => {} // perhaps not all of it is there yet
            }
        }
    });
}
