//! The clients that still have a bundle without the CA that a rotation leads to, as the records of
//! `serve --record-holders` have them.

use jiff::Timestamp;
use serde::Serialize;

use crate::store::Backend;
use crate::store::holder_shards::load_holders;
use crate::store::holders::{Holder, KnownHolders};
use crate::store::rotation::{Rotation, RotationPhase};

/// The result of reading the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "records", rename_all = "snake_case")]
pub enum HolderEvidence {
    /// None is recorded, and this rotation knew of none.
    None,
    /// None is recorded, though this rotation knew of clients before.
    Lost {
        /// Their number.
        missing: u64,
    },
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
    /// The start of the rotation, if the records begin later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub later_than: Option<Timestamp>,
    /// The number of clients.
    pub count: usize,
    /// The number of records that were dropped for lack of room; nobody knows their bundles.
    pub forgotten: u64,
    /// The number of clients that this rotation knew before, and that are not recorded any more.
    #[serde(skip_serializing_if = "is_zero")]
    pub missing: u64,
    /// The clients whose last bundle lacks the CA, the oldest record first.
    pub lacking: Vec<LackingHolder>,
    /// The clients that are recorded, for the record of the rotation.
    #[serde(skip)]
    pub known: Option<KnownHolders>,
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
    /// Reads the records of the CA `ca`, for the target of `rotation`.
    #[must_use]
    pub fn read(store: &dyn Backend, ca: &str, rotation: &Rotation, now: Timestamp) -> Self {
        let known = rotation.known_holders.as_ref().map_or(0, |known| known.kept(now));
        let table = match load_holders(store, ca) {
            Ok(Some(table)) => table,
            Ok(None) if known > 0 => return HolderEvidence::Lost { missing: known },
            Ok(None) => return HolderEvidence::None,
            Err(error) => return HolderEvidence::Unreadable { why: error.to_string() },
        };
        let lacking = table.lacking(&rotation.target, now).into_iter().map(|(holder, record)| {
            LackingHolder {
                holder: holder.clone(),
                bundle: record.bundle.clone(),
                at: Timestamp::from_second(record.at.as_second()).unwrap_or(record.at),
            }
        });
        let staged = rotation.history.iter().find(|entry| entry.phase == RotationPhase::Staged);
        let staged = staged.map(|entry| entry.at);
        let is_late = |staged: &Timestamp| {
            table.since.is_some_and(|since| since.as_second() > staged.as_second())
        };
        let count = table.recent(now);
        let forgotten = table.forgotten.map_or(0, |forgotten| forgotten.count);
        let found = u64::try_from(count).unwrap_or(u64::MAX).saturating_add(forgotten);
        HolderEvidence::Read(RecordedHolders {
            since: table.since,
            later_than: staged.filter(is_late),
            count,
            forgotten,
            missing: known.saturating_sub(found),
            lacking: lacking.collect(),
            known: Some(table.known(now)),
        })
    }

    /// The clients to write into the record of the rotation.
    #[must_use]
    pub fn known(&self) -> Option<KnownHolders> {
        match self {
            HolderEvidence::Read(recorded) => recorded.known.clone(),
            _ => None,
        }
    }

    /// The gaps that a person passes over with `--accept-holders`.
    #[must_use]
    pub fn accepted(&self, most: u64) -> Vec<String> {
        let (count, later_than) = match self {
            HolderEvidence::Read(recorded) => (recorded.lacking_count(), recorded.later_than),
            HolderEvidence::Lost { missing } => (*missing, None),
            HolderEvidence::None | HolderEvidence::Unreadable { .. } => (0, None),
        };
        let lacking =
            (count > 0).then(|| format!("holder-lacks-ca: {count} clients, of at most {most}"));
        let late = later_than
            .map(|staged| format!("holders-unknown: the records begin later than {staged:.0}"));
        lacking.into_iter().chain(late).collect()
    }

    /// The text for people.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            HolderEvidence::None => {
                "none is recorded (serve --record-holders): only the time speaks for them"
                    .to_owned()
            }
            HolderEvidence::Lost { missing } => {
                format!("unknown: {missing} were recorded before, and none is now")
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
                let missing = match recorded.missing {
                    0 => String::new(),
                    missing => format!(", {missing} more were recorded before, and are not now"),
                };
                let late = recorded.later_than.map_or("", |_| ", which is later than the rotation");
                format!(
                    "{count} recorded{since}{late}, {lacking} lack the new CA{forgotten}{missing}"
                )
            }
        }
    }
}

impl RecordedHolders {
    /// The number of clients that lack the CA, or may lack it.
    #[must_use]
    pub fn lacking_count(&self) -> u64 {
        let lacking = u64::try_from(self.lacking.len()).unwrap_or(u64::MAX);
        lacking.saturating_add(self.forgotten).saturating_add(self.missing)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
