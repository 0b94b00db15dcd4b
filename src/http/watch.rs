//! Follows changes of the store and of files, each in a thread of its own.

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

/// The store is read at least this often without a reported change, to notice lost notifications.
const PATIENCE: Duration = Duration::from_secs(15);
/// The interval between lists of the datastores.
const LIST_INTERVAL: Duration = Duration::from_secs(30);
/// The pause after an error of the store, and between checks of files.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows the store until the process ends. While the store cannot be read, the last bundle stays
/// in service as long as it is valid.
pub(super) fn follow(store: &dyn Backend, app: &App, output: Output) {
    let mut reported: Option<Code> = None;
    let mut listed: Option<Instant> = None;
    loop {
        let result = poll(store, app).and_then(|()| {
            if listed.is_none_or(|listed| listed.elapsed() >= LIST_INTERVAL) {
                list(store, app, output, listed.is_none())?;
                listed = Some(Instant::now());
            }
            let snapshot = app.snapshot.load_full();
            let name = bundle_name(&app.ca);
            store.await_change(&name, snapshot.version(), patience(&snapshot))
        });
        app.metrics.store_up.set(result.is_ok().into());
        match result {
            Ok(()) if reported.take().is_some() => output.note("The store can be read again."),
            Ok(()) => {}
            Err(error) => {
                app.metrics.store_errors.inc();
                if reported.replace(error.code()) != Some(error.code()) {
                    output.warning(&format!("serving the last bundle that was read: {error}"));
                }
                refresh(app);
                thread::sleep(PAUSE);
            }
        }
    }
}

/// Reads the bundle, and makes a new snapshot if it changed or the old one is out of date.
fn poll(store: &dyn Backend, app: &App) -> Result<()> {
    let name = bundle_name(&app.ca);
    let secret = match store.get(&name) {
        // A damaged bundle must not leave the previous one in service: treat it as an empty
        // bundle, which closes the gate.
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
    app.replace_snapshot(snapshot);
    if is_new {
        app.metrics.reloads.inc();
    }
    Ok(())
}

/// Updates the snapshot without the store, so that an expired CA is no longer served.
fn refresh(app: &App) {
    let current = app.snapshot.load();
    let now = clock::now();
    if current.until.is_some_and(|until| now >= until)
        && let Ok(snapshot) = current.at(&app.ca, now)
    {
        drop(current);
        app.replace_snapshot(snapshot);
    }
}

fn list(store: &dyn Backend, app: &App, output: Output, is_first: bool) -> Result<()> {
    match Datastores::read(store) {
        Ok(datastores) => {
            if is_first && app.auth.is_none() && app.is_open {
                output.warning(
                    "everybody who can connect can list all datastores and their nodes; \
                     to require a token, use --auth",
                );
            }
            app.datastores.store(Arc::new(datastores));
        }
        Err(error) if error.code() == Code::KubeForbidden => {
            if is_first {
                output.note("The right to list Secrets is missing, so no datastores are shown.");
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

/// Calls `reload` whenever one of these files changes or SIGHUP arrives, until it succeeds.
pub(super) fn files(
    paths: Vec<std::path::PathBuf>,
    app: Arc<App>,
    output: Output,
    reload: impl Fn() -> std::result::Result<(), Error> + Send + 'static,
) {
    let stamps = move || paths.iter().map(|path| crate::files::stamp(path)).collect::<Vec<_>>();
    thread::spawn(move || {
        let reloads = || app.reloads.load(Ordering::Relaxed);
        let (mut loaded, mut refused) = ((stamps(), reloads()), None);
        loop {
            thread::sleep(PAUSE);
            let now = (stamps(), reloads());
            if now == loaded {
                continue;
            }
            match reload() {
                Ok(()) => (loaded, refused) = (now, None),
                Err(error) if refused.as_ref() != Some(&now) => {
                    app.metrics.file_errors.inc();
                    output.warning(&format!("keeping the previous version in use: {error}"));
                    refused = Some(now);
                }
                Err(_) => {} // perhaps not all of it is there yet
            }
        }
    });
}
