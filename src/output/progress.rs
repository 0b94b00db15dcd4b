//! Progress indicators on a terminal.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{
    HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, WeakProgressBar,
};

use super::Output;
use super::layout::width_of;

/// The delay before an indicator appears, and the interval of its updates.
const DELAY: Duration = Duration::from_millis(500);
/// The indicator that is shown now.
static CURRENT: Mutex<Option<WeakProgressBar>> = Mutex::new(None);
/// The minimum terminal width for a bar; narrower ones show only numbers.
const ROOM_FOR_A_BAR: usize = 60;

impl Output {
    /// Shows a spinner after half a second, until the result is dropped. Only on a terminal, and
    /// not if `quiet`.
    #[must_use]
    pub fn progress(&self, message: &str) -> Progress {
        self.show(ProgressBar::new_spinner(), message, "{spinner} {msg} ({elapsed})")
    }

    /// Shows a bar for a known number of items, each reported with `Progress::one_more`, with
    /// rate and remaining time.
    #[must_use]
    pub fn progress_of(&self, total: usize, message: &str) -> Progress {
        let template = match has_room_for_a_bar() {
            true => "{msg} {wide_bar} {human_pos}/{human_len} ({rate}, {left})",
            false => "{msg} {human_pos}/{human_len} ({left})",
        };
        self.show(ProgressBar::new(total as u64), message, template)
    }

    /// Shows a bar in bytes; `Progress::at` reports the progress.
    #[must_use]
    pub fn progress_in_bytes(&self, message: &str) -> Progress {
        let template = match has_room_for_a_bar() {
            true => "{msg} {wide_bar} {bytes}/{total_bytes} ({bytes_per_sec}, {left})",
            false => "{msg} {bytes} ({left})",
        };
        self.show(ProgressBar::new(0), message, template)
    }

    fn show(&self, bar: ProgressBar, message: &str, template: &str) -> Progress {
        if self.quiet || !io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden(), shower: None };
        }
        bar.set_draw_target(ProgressDrawTarget::hidden());
        let bar = bar.with_message(message.to_owned());
        if let Ok(style) = ProgressStyle::with_template(template) {
            let style =
                style.with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = write!(out, "{}", rate(state.per_sec()));
                });
            let style =
                style.with_key("left", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = write!(out, "{}", left(state.pos(), state.eta()));
                });
            bar.set_style(style);
        }
        let (done, is_done) = channel();
        let shown = bar.clone();
        // If no thread can start, there is no indicator, and the work goes on.
        let shower = thread::Builder::new().spawn(move || {
            if is_done.recv_timeout(DELAY) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(DELAY);
            }
        });
        *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.downgrade());
        Progress { bar, shower: shower.ok().map(|shower| (done, shower)) }
    }
}

/// Hides the indicator while `print` prints to the terminal.
pub(super) fn with_indicator_hidden<T>(print: impl FnOnce() -> T) -> T {
    let current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match current.and_then(|bar| bar.upgrade()) {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

fn has_room_for_a_bar() -> bool {
    width_of(io::stderr()).is_none_or(|width| width >= ROOM_FOR_A_BAR)
}

/// Formats a rate per second, with a decimal below 10.
fn rate(per_second: f64) -> String {
    match per_second {
        10.0.. => format!("{per_second:.0}/s"),
        _ => format!("{per_second:.1}/s"),
    }
}

/// Formats the remaining time, which is unknown until the first item is done.
fn left(done: u64, estimate: Duration) -> String {
    match done {
        0 => "time left unknown".to_owned(),
        _ => format!("{:#} left", HumanDuration(estimate)),
    }
}

/// A progress indicator; removed when dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// The thread that shows the indicator after the delay, unless the sender is dropped earlier.
    shower: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Counts an item of [`Output::progress_of`] as done.
    pub fn one_more(&self) {
        self.bar.inc(1);
    }

    /// Reports that `done` of `all` are done.
    pub fn at(&self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, shower)) = self.shower.take() {
            drop(done);
            let _ = shower.join();
        }
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_nothing_is_said_of_the_time_left_before_it_is_known() {
        assert_eq!(rate(1234.5678), "1235/s");
        assert_eq!(rate(0.4567), "0.5/s");
        assert_eq!(left(0, Duration::ZERO), "time left unknown");
        assert_eq!(left(5, Duration::from_secs(42)), "42s left");
    }
}
