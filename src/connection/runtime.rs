//! The event loop of clients: one thread, and one loop for each call of [`block_on`].

use tokio::runtime::{Builder, Runtime};

use crate::error::{Code, Error, Result};

/// Runs `work` to its end on this thread. Does not wait for a name look-up that hangs.
///
/// # Errors
/// Exit 3 when the system refuses what an event loop needs.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    let runtime = new_runtime()?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}

/// Creates an event loop on this thread.
///
/// # Errors
/// Exit 3 when the system refuses what an event loop needs.
pub(crate) fn new_runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(|source| {
        Error::failed(Code::Runtime, "cannot set up what waits for connections")
            .because(source)
            .hint("is the limit of open files reached? ulimit -n")
    })
}
