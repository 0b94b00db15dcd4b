//! Observes many servers, several at a time, until all are done or the deadline has passed.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout_at};

use crate::connection::failure::{Failure, FailureKind};
use crate::connection::runtime::block_on;
use crate::connection::target::DatabaseTarget;
use crate::error::Result;
use crate::probe::observation::Observation;
use crate::probe::observe::{ProbeOptions, look_once, observe_all_addresses};
use crate::process;

/// The limits of a run.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The number of servers at a time.
    pub jobs: usize,
    /// The time limit of the whole run.
    pub deadline: Option<Duration>,
    /// Whether to observe every address of a name.
    pub all_addresses: bool,
    /// Whether Ctrl-C ends the run instead of the process.
    pub interruptible: bool,
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All servers were reported, or the caller stopped the run.
    Done,
    /// Ctrl-C ended the run; the servers that were not reported were not fully observed.
    Interrupted,
}

/// Observes the servers. Calls `done` for each as it finishes, with its number, its observations
/// and the time it took, until `done` breaks. Servers that are not finished at the deadline are
/// reported with a timeout.
///
/// # Errors
/// Exit 3 when the system refuses what an event loop needs.
pub fn run(
    targets: &[DatabaseTarget],
    options: &ProbeOptions,
    pace: Pace,
    mut done: impl FnMut(usize, Vec<Observation>, Duration) -> ControlFlow<()>,
) -> Result<End> {
    let targets: Vec<Arc<DatabaseTarget>> = targets.iter().cloned().map(Arc::new).collect();
    block_on(go(&targets, &Arc::new(options.clone()), pace, &mut done))
}

/// Observes one server.
///
/// # Errors
/// As [`run`].
pub fn observe(target: &DatabaseTarget, options: &ProbeOptions) -> Result<Observation> {
    block_on(look_once(target, options))
}

async fn go(
    targets: &[Arc<DatabaseTarget>],
    options: &Arc<ProbeOptions>,
    pace: Pace,
    done: &mut impl FnMut(usize, Vec<Observation>, Duration) -> ControlFlow<()>,
) -> End {
    let begun = Instant::now();
    let mut interrupt = pin!(interrupt(pace.interruptible && !process::ignores_interrupts()));
    let end = pace.deadline.map(|deadline| begun + deadline);
    let mut waiting: VecDeque<usize> = (0..targets.len()).collect();
    let mut running: JoinSet<(Vec<Observation>, Duration)> = JoinSet::new();
    let mut numbers: std::collections::HashMap<Id, usize> = std::collections::HashMap::new();
    loop {
        while running.len() < pace.jobs.max(1)
            && let Some(number) = waiting.pop_front()
        {
            let (target, options) = (targets[number].clone(), options.clone());
            let task = running.spawn(async move {
                let begun = Instant::now();
                let seen = if pace.all_addresses {
                    observe_all_addresses(&target, &options).await
                } else {
                    vec![look_once(&target, &options).await]
                };
                (seen, begun.elapsed())
            });
            numbers.insert(task.id(), number);
        }
        let next = async {
            let next = running.join_next_with_id();
            match end {
                Some(end) => timeout_at(end, next).await,
                None => Ok(next.await),
            }
        };
        let next = tokio::select! {
            biased;
            () = &mut interrupt => return End::Interrupted,
            next = next => next,
        };
        let (id, (seen, elapsed)) = match next {
            Ok(None) => return End::Done,
            Ok(Some(Ok(finished))) => finished,
            Ok(Some(Err(broken))) => {
                let failure = Failure::new(FailureKind::Unreachable, format!("internal: {broken}"));
                (broken.id(), (vec![Observation::failed(None, failure)], Duration::ZERO))
            }
            Err(_) => break,
        };
        let Some(number) = numbers.remove(&id) else { continue };
        if done(number, seen, elapsed).is_break() {
            return End::Done;
        }
    }
    let mut late: Vec<usize> = numbers.into_values().chain(waiting).collect();
    late.sort_unstable();
    for number in late {
        let failure =
            Failure::new(FailureKind::Timeout, "the deadline of all passed before it was done");
        if done(number, vec![Observation::failed(None, failure)], begun.elapsed()).is_break() {
            break;
        }
    }
    End::Done
}

/// Waits for Ctrl-C; forever unless `is_awaited`.
async fn interrupt(is_awaited: bool) {
    if !is_awaited || tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
