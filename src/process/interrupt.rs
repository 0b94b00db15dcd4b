//! Handles Ctrl-C during long work: the work stops at a safe point, and reports what was done.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use nix::sys::signal::{SigSet, Signal, raise};

/// SIGINT ends the process, as by default.
const ENDS: u8 = 0;
/// SIGINT will be recorded.
const AWAITED: u8 = 1;
/// SIGINT was recorded.
const SEEN: u8 = 2;

/// The interrupts of this process. The first one after [`Interrupts::begin_work`] is recorded;
/// every other one ends the process as usual. The default value handles none.
#[derive(Debug, Default)]
pub(crate) struct Interrupts(Arc<AtomicU8>);

impl Interrupts {
    /// Takes over the interrupts of this thread, and of all threads that it starts later. Must be
    /// called before other threads are started.
    #[must_use]
    pub(crate) fn hold() -> Self {
        let state = Arc::new(AtomicU8::new(ENDS));
        let mut interrupt = SigSet::empty();
        interrupt.add(Signal::SIGINT);
        if interrupt.thread_block().is_ok() {
            let state = Arc::clone(&state);
            let watcher = thread::Builder::new().spawn(move || watch(interrupt, &state));
            if watcher.is_err() {
                let _ = interrupt.thread_unblock(); // an interrupt ends the process, as ever
            }
        }
        Interrupts(state)
    }

    /// Starts to record interrupts.
    pub(crate) fn begin_work(&self) {
        let _ = self.0.compare_exchange(ENDS, AWAITED, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether an interrupt came since the work began.
    #[must_use]
    pub(crate) fn is_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed) == SEEN
    }
}

fn watch(interrupt: SigSet, state: &AtomicU8) {
    while interrupt.wait().is_ok() {
        if state.compare_exchange(AWAITED, SEEN, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            let _ = interrupt.thread_unblock();
            let _ = raise(Signal::SIGINT);
            return;
        }
    }
}
