//! Writes the records of clients to the store, and reads those of other servers, in a thread of its
//! own. No request fails because of it, and none waits for the store: only for the copies in memory.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::app::App;
use super::clock;
use crate::error::{Code, Result};
use crate::output::Output;
use crate::store::Backend;
use crate::store::holder_shards::{SHARDS, merge_into_shard};

/// The interval between reads of the records of other servers.
const READ_INTERVAL: Duration = Duration::from_secs(300);
/// The time that the end of the server waits for the last write.
const LAST_WRITE: Duration = Duration::from_secs(5);

/// The thread that writes.
pub(super) struct HolderWriter {
    /// Dropped to end the thread.
    stop: Sender<()>,
    /// Closed by the thread after its last write.
    ended: Receiver<()>,
}

impl HolderWriter {
    /// Starts the thread, which writes at most once in `every`.
    pub(super) fn start(
        store: Arc<dyn Backend>,
        app: Arc<App>,
        every: Duration,
        output: Output,
    ) -> Self {
        let (stop, stopped) = channel();
        let (end, ended) = channel();
        thread::spawn(move || {
            follow(&*store, &app, every, output, &stopped);
            drop(end);
        });
        HolderWriter { stop, ended }
    }

    /// Writes what is left, and waits for it, but not longer than [`LAST_WRITE`].
    pub(super) fn finish(self) {
        drop(self.stop);
        let _ = self.ended.recv_timeout(LAST_WRITE);
    }
}

fn follow(store: &dyn Backend, app: &App, every: Duration, output: Output, stopped: &Receiver<()>) {
    let mut reported: Option<Code> = None;
    let mut read: Option<Instant> = None;
    loop {
        let reads_all = read.is_none_or(|read| read.elapsed() >= READ_INTERVAL);
        match synchronize(store, app, reads_all, &output) {
            Ok(()) => {
                if reads_all {
                    read = Some(Instant::now());
                }
                if reported.take().is_some() {
                    output.note("The records of clients are written again.");
                }
            }
            Err(error) => {
                app.metrics.holder_write_errors.inc();
                if reported.replace(error.code()) != Some(error.code()) {
                    output.warning(&format!(
                        "the records of clients stay in memory until they can be written: {error}"
                    ));
                }
            }
        }
        match stopped.recv_timeout(every) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                if synchronize(store, app, false, &output).is_err() {
                    app.metrics.holder_write_errors.inc();
                }
                return;
            }
        }
    }
}

/// Writes the records that say more than those of the store; with `reads_all`, also reads all others.
///
/// # Errors
/// That of the first Secret that failed; the others are written nevertheless, if the store answers.
fn synchronize(store: &dyn Backend, app: &App, reads_all: bool, output: &Output) -> Result<()> {
    let pending = app.holders.pending_shards();
    let (mut result, mut new) = (Ok(()), BTreeSet::new());
    for shard in (0..SHARDS).filter(|shard| reads_all || pending.contains(shard)) {
        let own = app.holders.shard(shard);
        match merge_into_shard(store, &app.ca, shard, &own, clock::now()) {
            Ok(merged) => {
                app.holders.store_has(shard, &own, &merged.table);
                new.extend(merged.is_new.then_some(shard));
            }
            Err(error) => {
                let concerns_one = [
                    Code::KubeForbidden,
                    Code::SecretForeign,
                    Code::HoldersDamaged,
                    Code::HoldersVersion,
                ]
                .contains(&error.code());
                result = result.and(Err(error));
                if !concerns_one {
                    break;
                }
            }
        }
    }
    if app.holders.has_older_shards(&new, clock::now()) && !new.is_empty() {
        let names: Vec<String> =
            new.iter().map(|shard| format!("{}-holders-{shard}", app.ca)).collect();
        output.warning(&format!(
            "records of clients were lost: {} had none that could be read; they begin now, and \
             gates of a rotation that began before ask for --accept-holders",
            names.join(", ")
        ));
    }
    result
}
