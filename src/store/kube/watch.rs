//! Waiting for a Secret to change, with the verb `watch` on that one Secret alone.
//!
//! Only metadata comes over the wire: whoever waits reads the Secret afterwards. A watch that
//! breaks off, or whose version the API server has forgotten, is no error but a reason to
//! look again.

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use kube::Error as KubeError;
use kube::api::{WatchEvent, WatchParams};

use super::KubeStore;
use super::errors::Operation;
use super::request::RequestFailure;
use crate::error::Result;
use crate::store::secret::Secret;

/// How long the API server may take to end a watch that it was asked to end.
const GRACE: Duration = Duration::from_secs(2);

pub(super) fn await_change(
    store: &KubeStore,
    name: &str,
    known: Option<&str>,
    patience: Duration,
) -> Result<()> {
    Secret::check_name(name)?;
    // The client breaks off what is silent for as long as an answer may take.
    let patience = patience.min(store.conditions.timeout / 2).max(Duration::from_secs(1));
    let seconds = u32::try_from(patience.as_secs()).unwrap_or(u32::MAX);
    let parameters =
        WatchParams::default().fields(&format!("metadata.name={name}")).timeout(seconds);
    let secrets = store.secrets()?;
    // Without a version the watch begins with what is there, which is the change.
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
