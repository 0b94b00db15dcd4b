//! Waits until a Secret changes, with only the verb `watch` on that Secret.
//!
//! Only metadata are transferred; the caller reads the Secret afterwards. A watch that breaks off,
//! or whose version the API server has forgotten, is not an error: the caller checks again.

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use kube::Error as KubeError;
use kube::api::{WatchEvent, WatchParams};

use super::KubeStore;
use super::errors::Operation;
use super::errors::RequestFailure;
use crate::error::Result;
use crate::store::secret::Secret;

/// Extra time for the API server to end a watch after the requested time.
const GRACE: Duration = Duration::from_secs(2);

pub(super) fn await_change(
    store: &KubeStore,
    name: &str,
    known: Option<&str>,
    patience: Duration,
) -> Result<()> {
    Secret::check_name(name)?;
    // The client closes a connection that is silent for as long as an answer may take.
    let patience = patience.min(store.options.timeout / 2).max(Duration::from_secs(1));
    let seconds = u32::try_from(patience.as_secs()).unwrap_or(u32::MAX);
    let parameters =
        WatchParams::default().fields(&format!("metadata.name={name}")).timeout(seconds);
    let secrets = store.secrets()?;
    // Without a version, the watch reports an existing Secret at once, which is the change.
    let wait = async {
        let events = secrets.watch_metadata(&parameters, known.unwrap_or_default()).await?;
        let mut events = pin!(events);
        while let Some(event) = events.try_next().await? {
            if !matches!(event, WatchEvent::Bookmark(_)) {
                break;
            }
        }
        Ok(())
    };
    let ended =
        store.runtime.block_on(async { tokio::time::timeout(patience + GRACE, wait).await });
    match ended {
        Ok(Err(error @ KubeError::Api(_))) => {
            let operation = Operation::new("watch", "secrets", name);
            Err(store.explain(&operation, RequestFailure::Kube(error)))
        }
        _ => Ok(()),
    }
}
