//! The clients that still have a bundle without the CA that a rotation leads to, as the records of
//! `serve --record-holders` have them.

use jiff::Timestamp;
use serde::Serialize;

use crate::store::Backend;
use crate::store::holder_shards::load_holders;
use crate::store::holders::Holder;

/// The result of reading the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "records", rename_all = "snake_case")]
pub enum HolderEvidence {
    /// No server ever recorded a client.
    None,
    /// They could not be read.
    Unreadable {
        /// The reason.
        why: String,
    },
    /// They were read.
    Read(RecordedHolders),
}

/// The clients of the last 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordedHolders {
    /// The start of the records.
    pub since: Option<Timestamp>,
    /// The number of clients.
    pub count: usize,
    /// The number of records that were dropped for lack of room; nobody knows their bundles.
    pub forgotten: u64,
    /// The clients whose last bundle lacks the CA, the oldest record first.
    pub lacking: Vec<LackingHolder>,
}

/// A client whose last bundle lacks the CA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LackingHolder {
    /// The client.
    #[serde(flatten)]
    pub holder: Holder,
    /// SHA-256 of the PEM of its bundle.
    pub bundle: String,
    /// The time of its last download.
    pub at: Timestamp,
}

impl HolderEvidence {
    /// Reads the records of the CA `ca`, for the next CA with the fingerprint `target`.
    #[must_use]
    pub fn read(store: &dyn Backend, ca: &str, target: &str, now: Timestamp) -> Self {
        let table = match load_holders(store, ca) {
            Ok(Some(table)) => table,
            Ok(None) => return HolderEvidence::None,
            Err(error) => return HolderEvidence::Unreadable { why: error.to_string() },
        };
        let lacking =
            table.lacking(target, now).into_iter().map(|(holder, record)| LackingHolder {
                holder: holder.clone(),
                bundle: record.bundle.clone(),
                at: Timestamp::from_second(record.at.as_second()).unwrap_or(record.at),
            });
        HolderEvidence::Read(RecordedHolders {
            since: table.since,
            count: table.recent(now),
            forgotten: table.forgotten.map_or(0, |forgotten| forgotten.count),
            lacking: lacking.collect(),
        })
    }

    /// The text for people.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            HolderEvidence::None => {
                "none was ever recorded (serve --record-holders): only the time speaks for them"
                    .to_owned()
            }
            HolderEvidence::Unreadable { why } => format!("unknown: {why}"),
            HolderEvidence::Read(recorded) => {
                let since =
                    recorded.since.map_or(String::new(), |since| format!(" since {since:.0}"));
                let forgotten = match recorded.forgotten {
                    0 => String::new(),
                    count => format!(", {count} were forgotten for lack of room"),
                };
                let (count, lacking) = (recorded.count, recorded.lacking.len());
                format!("{count} recorded{since}, {lacking} lack the new CA{forgotten}")
            }
        }
    }
}

impl RecordedHolders {
    /// The number of clients that lack the CA, or may lack it.
    #[must_use]
    pub fn lacking_count(&self) -> u64 {
        u64::try_from(self.lacking.len()).unwrap_or(u64::MAX).saturating_add(self.forgotten)
    }
}
