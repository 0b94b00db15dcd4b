//! The bundle that each known client has: clients that send a token when they download it. Nothing
//! is kept of other clients, and no address.
//!
//! A download proves that a client was given the bundle; an `If-None-Match` with the bundle's ETag
//! proves that the client has it. The records are in memory; [`super::holder_writer`] shares them
//! with the other servers and keeps them, if the user asks for it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::resource::BundleAnswer;
use crate::store::holder_shards::{SHARD_CAPACITY, SHARDS, shard_of};
use crate::store::holders::{Holder, HolderRecord, HolderTable};

/// The maximum number of records.
const CAPACITY: usize = SHARDS * SHARD_CAPACITY;

/// A record that says nothing new is written again after this time.
const REWRITE_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// The records of all known clients.
#[derive(Debug)]
pub(super) struct Holders {
    /// Whether the records are written to the store.
    is_kept: bool,
    /// The start of the records in memory.
    begun: Timestamp,
    state: Mutex<HolderState>,
}

#[derive(Debug, Default)]
struct HolderState {
    table: HolderTable,
    /// The time of the record that the store has.
    stored: HashMap<Holder, Timestamp>,
    /// The clients whose records are to be written.
    pending: HashSet<Holder>,
    /// The start of the records that the store has, by shard.
    since: BTreeMap<usize, Timestamp>,
}

/// The numbers of known clients, by the bundle that they have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct HolderCounts {
    /// Clients that have the present bundle.
    pub(super) current: usize,
    /// Clients that have an earlier one.
    pub(super) earlier: usize,
    /// Clients that lack the CA that a rotation leads to.
    pub(super) lacking_target: usize,
}

/// The answer to `/api/v1/holders`.
#[derive(Debug, Serialize)]
pub(super) struct HoldersDocument {
    /// SHA-256 of the PEM of the present bundle.
    bundle: String,
    /// The start of the records: of the server, or of the records in the store.
    since: Timestamp,
    /// Whether the records are kept in the store, with those of the other servers.
    kept: bool,
    /// The number of records that were dropped for newer ones.
    forgotten: u64,
    holders: Vec<HolderEntry>,
}

#[derive(Debug, Serialize)]
struct HolderEntry {
    #[serde(flatten)]
    holder: Holder,
    /// Whether it is the present bundle; false also for a client that took none.
    current: bool,
    /// SHA-256 of the PEM of the bundle; absent for a client that took none.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

impl HolderEntry {
    fn new(holder: &Holder, record: &HolderRecord, bundle: &str) -> Self {
        HolderEntry {
            holder: holder.clone(),
            current: record.bundle == bundle,
            bundle: Some(record.bundle.clone()),
            evidence: Some(if record.is_confirmed { "confirmed" } else { "downloaded" }),
            format: Some(record.format),
            at: Timestamp::from_second(record.at.as_second()).ok(),
        }
    }

    /// A client that took no bundle.
    fn without_bundle(holder: Holder) -> Self {
        HolderEntry { holder, current: false, bundle: None, evidence: None, format: None, at: None }
    }
}

impl Holders {
    /// No records, from `now` on.
    pub(super) fn new(now: Timestamp, is_kept: bool) -> Self {
        Holders { is_kept, begun: now, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, HolderState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a client has a bundle, in place of the one that it had.
    pub(super) fn record(&self, holder: Holder, answer: &BundleAnswer, now: Timestamp) {
        let mut state = self.state();
        let HolderState { table, stored, pending, .. } = &mut *state;
        let bundle = answer.bundle.sha256.clone();
        let before = table.records.get(&holder);
        let record = HolderRecord {
            format: answer.format,
            is_confirmed: answer.is_unchanged,
            // Later than the one before, also at the same moment and after the clock was set back.
            at: before.map_or(now, |before| now.max(later_than(before.at))),
            bundle: bundle.clone(),
        };
        let says_more = before.is_none_or(|before| {
            before.bundle != record.bundle || (record.is_confirmed && !before.is_confirmed)
        });
        let is_stale = |stored: &Timestamp| record.at.duration_since(*stored) >= REWRITE_AFTER;
        if self.is_kept && (says_more || stored.get(&holder).is_none_or(is_stale)) {
            pending.insert(holder.clone());
        }
        let certificates = || answer.bundle.certificates.clone();
        table.bundles.entry(bundle).or_insert_with(certificates);
        table.records.insert(holder, record);
        if table.records.len() > CAPACITY {
            // Many at once, so that the next ones need no search for the oldest.
            table.trim(CAPACITY - CAPACITY / 100, now);
            pending.retain(|holder| table.records.contains_key(holder));
            stored.retain(|holder, _| table.records.contains_key(holder));
        }
    }

    /// The numbers of the shards with records to write.
    pub(super) fn pending_shards(&self) -> BTreeSet<usize> {
        self.state().pending.iter().map(shard_of).collect()
    }

    /// The records of a shard.
    pub(super) fn shard(&self, shard: usize) -> HolderTable {
        let state = self.state();
        let records = state.table.records.iter().filter(|(holder, _)| shard_of(holder) == shard);
        let records = records.map(|(holder, record)| (holder.clone(), record.clone())).collect();
        let bundles = state.table.bundles.clone();
        HolderTable { since: Some(self.begun), forgotten: None, bundles, records }
    }

    /// Takes over the records `merged` that the store has of a shard, after `written` was merged
    /// into it.
    pub(super) fn store_has(&self, shard: usize, written: &HolderTable, merged: &HolderTable) {
        let mut state = self.state();
        let HolderState { table, stored, pending, since } = &mut *state;
        since.extend(merged.since.map(|begin| (shard, begin)));
        table.merge(merged);
        for holder in written.records.keys() {
            if !merged.records.contains_key(holder) {
                // The store had no room for it, or it is too old.
                table.records.remove(holder);
                stored.remove(holder);
            }
        }
        for (holder, record) in &merged.records {
            stored.insert(holder.clone(), record.at);
        }
        // A record that is newer than the written one is written the next time.
        let is_written = |holder: &Holder| {
            table.records.get(holder).is_none_or(|own| merged.records.get(holder) == Some(own))
        };
        pending.retain(|holder| shard_of(holder) != shard || !is_written(holder));
    }

    /// Whether the store had records of other shards than `new` more than a minute before `now`.
    /// If not, these are the first records, also where several servers write them at once.
    pub(super) fn has_older_shards(&self, new: &BTreeSet<usize>, now: Timestamp) -> bool {
        let is_older = |since: Timestamp| now.duration_since(since) > SignedDuration::from_mins(1);
        self.state().since.iter().any(|(shard, since)| !new.contains(shard) && is_older(*since))
    }

    /// The numbers of clients by their bundles. `target` is the CA that a rotation leads to.
    pub(super) fn counts(
        &self,
        bundle: &str,
        target: Option<&str>,
        now: Timestamp,
    ) -> HolderCounts {
        let state = self.state();
        let is_current = |record: &&HolderRecord| record.bundle == bundle;
        let current = state.table.records.values().filter(is_current).count();
        HolderCounts {
            current,
            earlier: state.table.records.len() - current,
            lacking_target: target.map_or(0, |target| state.table.lacking(target, now).len()),
        }
    }

    /// The document of all records. `names` are the tokens that the server knows, which are listed
    /// also when their owners took no bundle.
    pub(super) fn document(&self, bundle: &str, names: &[String]) -> HoldersDocument {
        let state = self.state();
        let table = &state.table;
        let known = table.records.iter();
        let mut holders: Vec<HolderEntry> =
            known.map(|(holder, record)| HolderEntry::new(holder, record, bundle)).collect();
        let unseen = names.iter().map(|name| Holder::token(name));
        let unseen = unseen.filter(|holder| !table.records.contains_key(holder));
        holders.extend(unseen.map(HolderEntry::without_bundle));
        holders.sort_by(|one, two| one.holder.cmp(&two.holder));
        holders.dedup_by(|one, two| one.holder == two.holder);
        HoldersDocument {
            bundle: bundle.to_owned(),
            since: match state.since.len() {
                SHARDS => state.since.values().copied().max().unwrap_or(self.begun),
                _ => self.begun,
            },
            kept: self.is_kept,
            forgotten: table.forgotten.map_or(0, |forgotten| forgotten.count),
            holders,
        }
    }
}

fn later_than(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::http::resource::ServedBundle;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn answer(bundle: &str, is_unchanged: bool) -> BundleAnswer {
        let bundle =
            ServedBundle { sha256: bundle.to_owned(), certificates: vec![format!("ca-{bundle}")] };
        BundleAnswer { format: "pem", bundle: Arc::new(bundle), is_unchanged }
    }

    #[test]
    fn last_answer_to_a_client_is_what_it_has() {
        let holders = Holders::new(at(0), false);
        let shop = || Holder::token("shop");
        holders.record(shop(), &answer("old", false), at(1));
        holders.record(Holder::Datastore(Uuid::nil()), &answer("new", false), at(2));
        let names = ["shop".to_owned(), "nobody".to_owned()];
        let json = serde_json::to_value(holders.document("new", &names)).expect("JSON");
        assert_eq!(
            json["holders"],
            serde_json::json!([
                {"kind": "token", "name": "nobody", "current": false},
                {"kind": "token", "name": "shop", "current": false, "bundle": "old",
                 "evidence": "downloaded", "format": "pem", "at": "1970-01-01T00:00:01Z"},
                {"kind": "datastore", "name": "00000000-0000-0000-0000-000000000000",
                 "current": true, "bundle": "new", "evidence": "downloaded", "format": "pem",
                 "at": "1970-01-01T00:00:02Z"},
            ])
        );
        let counts = holders.counts("new", Some("ca-new"), at(3));
        assert_eq!(counts, HolderCounts { current: 1, earlier: 1, lacking_target: 1 });
        holders.record(shop(), &answer("new", true), at(3));
        let json = serde_json::to_value(holders.document("new", &[])).expect("JSON");
        assert_eq!(json["holders"][0]["current"], true);
        assert_eq!(json["holders"][0]["evidence"], "confirmed");
        assert!(holders.pending_shards().is_empty(), "nothing is kept");
    }

    #[test]
    fn records_are_bounded_and_the_oldest_go_first() {
        let holders = Holders::new(at(0), true);
        let number_of = |number: usize| Holder::token(&format!("{number:06}"));
        for number in 0..=CAPACITY {
            let now = at(i64::try_from(number).expect("small"));
            holders.record(number_of(number), &answer("x", false), now);
        }
        let document = holders.document("x", &[]);
        assert_eq!(document.holders.len(), CAPACITY - CAPACITY / 100);
        assert_eq!(document.forgotten, 1 + CAPACITY as u64 / 100);
        assert_eq!(document.holders[0].holder, number_of(1 + CAPACITY / 100));
    }

    #[test]
    fn a_record_is_written_when_it_says_more_or_is_an_hour_old() {
        let holders = Holders::new(at(0), true);
        let shop = || Holder::token("shop");
        let shard = shard_of(&shop());
        let write = || {
            let written = holders.shard(shard);
            holders.store_has(shard, &written, &written);
        };
        let is_pending = || !holders.pending_shards().is_empty();
        for (second, bundle, is_unchanged, expected) in [
            (1, "old", false, true),
            (2, "old", false, false),
            (3, "old", true, true),
            (4, "old", true, false),
            (5, "new", false, true),
            (3600, "new", false, false),
            (3605, "new", false, true),
        ] {
            holders.record(shop(), &answer(bundle, is_unchanged), at(second));
            assert_eq!(is_pending(), expected, "{second}");
            if expected {
                write();
            }
            assert!(!is_pending());
        }
        // A download at the same moment wins over the one before.
        holders.record(shop(), &answer("other", false), at(3605));
        let mut merged = holders.shard(shard);
        merged.merge(&holders.shard(shard));
        assert_eq!(merged.records[&shop()].bundle, "other");
        write();
        // A download during the write waits for the next one.
        let written = holders.shard(shard);
        holders.record(shop(), &answer("newer", false), at(3606));
        holders.store_has(shard, &written, &written);
        assert!(is_pending());
        // What another server wrote later wins, and what the store dropped is dropped.
        let mut merged = holders.shard(shard);
        let other = merged.records.get_mut(&shop()).expect("a record");
        (other.bundle, other.at) = ("newest".to_owned(), at(3607));
        holders.store_has(shard, &written, &merged);
        assert!(!is_pending());
        assert_eq!(holders.shard(shard).records[&shop()].bundle, "newest");
        holders.store_has(shard, &merged, &HolderTable::begun(at(1)));
        assert!(holders.shard(shard).records.is_empty());
    }
}
