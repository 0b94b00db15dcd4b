//! The bundle that each known client has. A client is known by its token, or by the datastore that it
//! asks for; nothing else of it is kept, and no address.
//!
//! A table merges with another by the newest time of each client. The result does not depend on the
//! order, so a lost compare-and-swap is repeated without harm.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::pki::sha256_hex;

/// Records are kept for this long after the last download; gates ask about these clients.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A week, in seconds.
const WEEK: u64 = 7 * 24 * 3600;

/// The longest name of a client, in bytes. A longer one is cut, and its hash added.
const LONGEST_NAME: usize = 96;

/// The identity of a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Holder {
    /// A token of the tokens file, by its name.
    Token(String),
    /// A datastore whose clients have tokens that the cluster reviews.
    Datastore(Uuid),
}

impl Holder {
    /// The holder of the token with this name.
    #[must_use]
    pub fn token(name: &str) -> Self {
        if name.len() <= LONGEST_NAME {
            return Holder::Token(name.to_owned());
        }
        let hash = &sha256_hex(name.as_bytes())[..16];
        let end = (0..=LONGEST_NAME - 20).rev().find(|end| name.is_char_boundary(*end));
        Holder::Token(format!("{}…{hash}", &name[..end.unwrap_or(0)]))
    }

    /// The key in stored tables.
    pub(super) fn key(&self) -> String {
        match self {
            Holder::Token(name) => format!("token:{name}"),
            Holder::Datastore(id) => format!("datastore:{id}"),
        }
    }

    /// The holder of a key; `None` for a kind that this version does not know.
    pub(super) fn from_key(key: &str) -> Option<Self> {
        match key.split_once(':')? {
            ("token", name) => Some(Holder::Token(name.to_owned())),
            ("datastore", id) => id.parse().ok().map(Holder::Datastore),
            _ => None,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::Token(name) => write!(f, "token {name}"),
            Holder::Datastore(id) => write!(f, "datastore {id}"),
        }
    }
}

/// The last answer with the bundle to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderRecord {
    /// SHA-256 of the PEM of the bundle.
    pub bundle: String,
    /// The format of the file.
    pub format: &'static str,
    /// Whether the client showed that it has the bundle, and did not only download it.
    pub is_confirmed: bool,
    /// The time of the answer.
    pub at: Timestamp,
}

impl HolderRecord {
    /// Whether it replaces `other`. Total and without ties, so that merging has one result.
    fn is_newer_than(&self, other: &HolderRecord) -> bool {
        let rank = |record: &HolderRecord| (record.at, record.is_confirmed, record.bundle.clone());
        rank(self) > rank(other)
    }
}

/// Records that were dropped for lack of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenHolders {
    /// Their number.
    pub count: u64,
    /// The newest time of one.
    pub newest: Timestamp,
}

/// The number of clients that were recorded at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHolders {
    /// The time.
    pub at: Timestamp,
    /// The numbers of records that are kept for 0, 1, 2 … whole weeks from then on.
    pub by_week: Vec<u64>,
}

impl KnownHolders {
    /// The number of these records that are still kept at `now`.
    #[must_use]
    pub fn kept(&self, now: Timestamp) -> u64 {
        let passed = now.duration_since(self.at).as_secs().max(0);
        let weeks = usize::try_from(passed.unsigned_abs().div_ceil(WEEK)).unwrap_or(usize::MAX);
        self.by_week.iter().skip(weeks).sum()
    }
}

/// The records of clients, and the certificates in each bundle that one of them has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolderTable {
    /// The start of the records: every client since then is in them. `None` if there are none.
    pub since: Option<Timestamp>,
    /// Records that were dropped for lack of room.
    pub forgotten: Option<ForgottenHolders>,
    /// SHA-256 of each certificate in a bundle, by the SHA-256 of its PEM.
    pub bundles: BTreeMap<String, Vec<String>>,
    /// The records.
    pub records: BTreeMap<Holder, HolderRecord>,
}

impl HolderTable {
    /// An empty table of records from `now` on.
    #[must_use]
    pub fn begun(now: Timestamp) -> Self {
        HolderTable { since: Some(now), ..HolderTable::default() }
    }

    /// Adds the newer records of `other`. The start stays: only the caller knows what both cover.
    pub fn merge(&mut self, other: &HolderTable) {
        // Each process counts what it drops itself; the sum would count a merge twice.
        self.forgotten = match (self.forgotten, other.forgotten) {
            (Some(one), Some(two)) => Some(ForgottenHolders {
                count: one.count.max(two.count),
                newest: one.newest.max(two.newest),
            }),
            (one, two) => one.or(two),
        };
        for (bundle, certificates) in &other.bundles {
            self.bundles.entry(bundle.clone()).or_insert_with(|| certificates.clone());
        }
        for (holder, record) in &other.records {
            match self.records.get(holder) {
                Some(there) if !record.is_newer_than(there) => {}
                _ => {
                    self.records.insert(holder.clone(), record.clone());
                }
            }
        }
    }

    /// Drops records older than [`RETENTION`], then the oldest until at most `capacity` are left,
    /// and bundles that nobody has.
    pub fn trim(&mut self, capacity: usize, now: Timestamp) {
        self.records.retain(|_, record| is_recent(record.at, now));
        if self.forgotten.is_some_and(|forgotten| !is_recent(forgotten.newest, now)) {
            self.forgotten = None;
        }
        let excess = self.records.len().saturating_sub(capacity);
        if excess > 0 {
            let mut by_age: Vec<(Timestamp, Holder)> =
                self.records.iter().map(|(holder, record)| (record.at, holder.clone())).collect();
            by_age.sort();
            for (at, holder) in by_age.into_iter().take(excess) {
                self.records.remove(&holder);
                let before = self.forgotten.unwrap_or(ForgottenHolders { count: 0, newest: at });
                self.forgotten = Some(ForgottenHolders {
                    count: before.count + 1,
                    newest: before.newest.max(at),
                });
            }
        }
        let used: BTreeSet<&String> = self.records.values().map(|record| &record.bundle).collect();
        self.bundles.retain(|bundle, _| used.contains(bundle));
    }

    /// The records of the last [`RETENTION`] whose bundle lacks the certificate `sha256`, the
    /// oldest first. A bundle of unknown content lacks it.
    #[must_use]
    pub fn lacking(&self, sha256: &str, now: Timestamp) -> Vec<(&Holder, &HolderRecord)> {
        let lacks = |record: &HolderRecord| {
            let certificates = self.bundles.get(&record.bundle);
            !certificates.is_some_and(|all| all.iter().any(|one| one == sha256))
        };
        let recent = self.records.iter().filter(|(_, record)| is_recent(record.at, now));
        let mut found: Vec<_> = recent.filter(|(_, record)| lacks(record)).collect();
        found.sort_by_key(|(holder, record)| (record.at, *holder));
        found
    }

    /// The number of clients that are recorded now, as later reads are compared with it.
    #[must_use]
    pub fn known(&self, now: Timestamp) -> KnownHolders {
        let mut by_week = Vec::new();
        for record in self.records.values().filter(|record| is_recent(record.at, now)) {
            let left = RETENTION.saturating_sub(now.duration_since(record.at)).as_secs().max(0);
            let week = usize::try_from(left.unsigned_abs() / WEEK).unwrap_or(0);
            if by_week.len() <= week {
                by_week.resize(week + 1, 0);
            }
            by_week[week] += 1;
        }
        KnownHolders { at: now, by_week }
    }

    /// The number of records of the last [`RETENTION`].
    #[must_use]
    pub fn recent(&self, now: Timestamp) -> usize {
        self.records.values().filter(|record| is_recent(record.at, now)).count()
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) <= RETENTION
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn record(bundle: &str, second: i64) -> HolderRecord {
        HolderRecord {
            bundle: bundle.to_owned(),
            format: "pem",
            is_confirmed: false,
            at: at(second),
        }
    }

    fn table(records: &[(&str, &str, i64)]) -> HolderTable {
        let mut table = HolderTable::begun(at(0));
        for (name, bundle, second) in records {
            table.bundles.insert((*bundle).to_owned(), vec![format!("ca of {bundle}")]);
            table.records.insert(Holder::token(name), record(bundle, *second));
        }
        table
    }

    #[test]
    fn merging_has_one_result_in_any_order() {
        let tables = [
            table(&[("a", "old", 1), ("b", "old", 5)]),
            table(&[("a", "new", 2), ("c", "new", 5)]),
            table(&[("a", "newest", 2), ("b", "new", 4)]),
        ];
        let merged = |order: [usize; 3]| {
            let mut all = HolderTable::default();
            order.iter().for_each(|at| all.merge(&tables[*at]));
            order.iter().for_each(|at| all.merge(&tables[*at])); // repeated
            all
        };
        let first = merged([0, 1, 2]);
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(merged(order), first, "{order:?}");
        }
        assert_eq!(first.records[&Holder::token("a")].bundle, "newest");
        assert_eq!(first.records[&Holder::token("b")].bundle, "old");
    }

    #[test]
    fn old_records_go_first_and_those_without_room_are_counted() {
        let day = 24 * 3600;
        let mut all = table(&[("old", "x", 0), ("a", "y", day), ("b", "z", day + 1)]);
        all.trim(10, at(91 * day));
        assert_eq!(all.records.len(), 2);
        assert_eq!((all.forgotten, all.bundles.len()), (None, 2));
        all.trim(1, at(91 * day));
        assert_eq!(all.forgotten, Some(ForgottenHolders { count: 1, newest: at(day) }));
        assert!(all.records.contains_key(&Holder::token("b")) && !all.bundles.contains_key("y"));
        all.trim(1, at(200 * day));
        assert_eq!((all.records.len(), all.forgotten), (0, None));
    }

    #[test]
    fn known_clients_are_missed_until_their_records_are_too_old() {
        let day = 24 * 3600;
        let all = table(&[("a", "x", 0), ("b", "x", 40 * day), ("c", "x", 89 * day)]);
        let known = all.known(at(89 * day));
        assert_eq!(known.by_week.iter().sum::<u64>(), 3);
        for (later, kept) in [(0, 3), (1, 2), (35 * day, 2), (42 * day, 1), (90 * day, 0)] {
            assert_eq!(known.kept(at(89 * day + later)), kept, "{later}");
        }
        assert_eq!(known.kept(at(0)), 3, "the clock was set back");
        assert_eq!(all.known(at(200 * day)).by_week, Vec::<u64>::new());
    }

    #[test]
    fn clients_that_lack_a_certificate_are_found() {
        let mut all = table(&[("a", "one", 3), ("b", "two", 2), ("c", "lost", 1)]);
        all.bundles.remove("lost");
        let lacking = |sha256: &str, now: i64| -> Vec<String> {
            let found = all.lacking(sha256, at(now));
            found.into_iter().map(|(holder, _)| holder.to_string()).collect()
        };
        assert_eq!(lacking("ca of one", 10), ["token c", "token b"]);
        assert_eq!(lacking("ca of two", 10), ["token c", "token a"]);
        assert_eq!(lacking("ca of two", 91 * 24 * 3600), Vec::<String>::new());
        assert_eq!((all.recent(at(10)), all.recent(at(91 * 24 * 3600))), (3, 0));
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let (one, two) = ("ü".repeat(90) + "1", "ü".repeat(90) + "2");
        let [one, two] = [one, two].map(|name| Holder::token(&name));
        assert_ne!(one, two);
        assert!(one.key().len() < 110 && Holder::from_key(&one.key()) == Some(one));
        assert_eq!(Holder::from_key("colour:red"), None);
    }
}
