//! Protects the state of the terminal while a question is open: a signal that ends or stops the
//! process finds the terminal as it was before.

use std::io::stdin;
use std::os::unix::thread::JoinHandleExt;
use std::thread;

use nix::sys::pthread::pthread_kill;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

/// The signals that end or stop a process during a question.
const SIGNALS: [Signal; 5] =
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGTSTP];
/// The signal that ends the waiting thread.
const ANSWERED: Signal = Signal::SIGUSR1;

/// Discards input that was typed before the question appeared: the rest of a pasted block of
/// commands must not answer it.
pub(super) fn discard_typed_ahead() {
    let _ = tcflush(stdin(), QueueSelector::IFlush);
}

/// Calls `ask` while another thread waits for signals, and restores the terminal before one of them
/// takes effect. Without a terminal, only calls `ask`.
pub(super) fn guarded<T>(ask: impl FnOnce() -> T) -> T {
    let Ok(state) = tcgetattr(stdin()) else { return ask() };
    let signals: SigSet = SIGNALS.into_iter().chain([ANSWERED]).collect();
    let Ok(mask) = signals.thread_swap_mask(SigmaskHow::SIG_BLOCK) else { return ask() };
    let Ok(watcher) = thread::Builder::new().spawn(move || watch(signals, &state)) else {
        let _ = mask.thread_set_mask();
        return ask();
    };
    let answer = ask();
    let _ = pthread_kill(watcher.as_pthread_t(), ANSWERED);
    let _ = watcher.join();
    let _ = mask.thread_set_mask();
    answer
}

fn watch(signals: SigSet, state: &Termios) {
    while let Ok(signal) = signals.wait() {
        if signal == ANSWERED {
            return;
        }
        let asking = tcgetattr(stdin());
        let _ = tcsetattr(stdin(), OptionalActions::Now, state);
        let mut one = SigSet::empty();
        one.add(signal);
        // The process ends here, or stops until it is continued; an ignored signal does nothing.
        let _ = one.thread_unblock();
        let _ = raise(signal);
        let _ = one.thread_block();
        if let Ok(asking) = asking {
            let _ = tcsetattr(stdin(), OptionalActions::Now, &asking);
        }
    }
}
