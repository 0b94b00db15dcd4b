//! Sends one request to the API server, with a time limit and retries.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use kube::Error as KubeError;
use tokio::time::Instant;

use super::KubeStore;
use super::errors::{self, Operation, RequestFailure};
use crate::output;

/// The maximum number of attempts for one request if the connection is lost or refused.
const ATTEMPTS: usize = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The time without an answer after which a message reports, once, what the request waits for.
const SILENCE: Duration = Duration::from_secs(4);
/// The shorter time if stderr is a terminal.
const SILENCE_ON_TERMINAL: Duration = Duration::from_secs(2);

impl KubeStore {
    /// Sends a request within the time limit, and retries transient failures.
    pub(super) fn call<T, F>(
        &self,
        operation: &Operation,
        request: impl Fn() -> F,
    ) -> std::result::Result<T, RequestFailure>
    where
        F: Future<Output = std::result::Result<T, KubeError>>,
    {
        let deadline = Instant::now() + self.options.timeout;
        let attempt = || async {
            match tokio::time::timeout_at(deadline, request()).await {
                Ok(answer) => answer.map_err(RequestFailure::from),
                Err(_) => Err(RequestFailure::TimedOut),
            }
        };
        let backoff = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .without_max_times()
            .with_jitter();
        let lost = Cell::new(0);
        let all = attempt
            .retry(backoff)
            .when(|failure| match failure {
                RequestFailure::TimedOut => false,
                RequestFailure::Kube(KubeError::Api(status)) => {
                    matches!(status.code, 429 | 500 | 502 | 503 | 504)
                }
                RequestFailure::Kube(error) => {
                    lost.set(lost.get() + 1);
                    lost.get() < ATTEMPTS && errors::connection_lost(error)
                }
            })
            .adjust(|failure, pause| {
                let pause = pause.map(|pause| failure.requested_pause().unwrap_or(pause));
                // Leave time for the answer of a last attempt: otherwise a time-out would hide the
                // failure that caused it.
                pause.filter(|pause| Instant::now() + *pause + FIRST_PAUSE < deadline)
            })
            .notify(|failure, pause| {
                (self.options.notice)(&format!(
                    "{}: {failure}; trying again in {:.1} s",
                    operation.describe(&self.server),
                    pause.as_secs_f32(),
                ));
            });
        let answer = self.runtime.block_on(async {
            let mut all = pin!(all);
            match tokio::time::timeout(silence(), &mut all).await {
                Ok(answer) => answer,
                Err(_) => {
                    self.notify_waiting(operation);
                    all.await
                }
            }
        });
        if let Err(RequestFailure::Kube(KubeError::Api(status))) = &answer
            && status.code == 401
        {
            self.session.reject();
        }
        answer
    }

    /// Reports the first time that an answer takes long.
    fn notify_waiting(&self, operation: &Operation) {
        let silence = silence();
        if self.options.timeout > silence && !self.is_waiting_reported.swap(true, Ordering::Relaxed)
        {
            (self.options.notice)(&format!(
                "{}: no answer for {} s; waiting for {} s in all (--timeout)",
                operation.describe(&self.server),
                silence.as_secs(),
                self.options.timeout.as_secs()
            ));
        }
    }
}

fn silence() -> Duration {
    if output::stderr_is_terminal() { SILENCE_ON_TERMINAL } else { SILENCE }
}
