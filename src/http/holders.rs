//! The bundle that each known client has: clients that send a token when they download it. Nothing
//! is kept of other clients, and no address.
//!
//! A download proves that a client was given the bundle; an `If-None-Match` with the bundle's ETag
//! proves that the client has it. The records are in memory, and end with the server.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::resource::BundleAnswer;

/// The maximum number of records; the oldest is dropped for a new one.
const CAPACITY: usize = 10_000;

/// The identity of a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub(super) enum Holder {
    /// A token of the tokens file, by its name.
    Token(String),
    /// A datastore whose clients have tokens that the cluster reviews.
    Datastore(Uuid),
}

#[derive(Debug, Clone)]
struct HolderRecord {
    bundle: String,
    format: &'static str,
    is_confirmed: bool,
    at: Timestamp,
}

/// The records of all known clients.
#[derive(Debug)]
pub(super) struct Holders {
    since: Timestamp,
    records: Mutex<HolderRecords>,
}

#[derive(Debug, Default)]
struct HolderRecords {
    by_holder: HashMap<Holder, HolderRecord>,
    forgotten: u64,
}

/// The answer to `/api/v1/holders`.
#[derive(Debug, Serialize)]
pub(super) struct HoldersDocument {
    /// SHA-256 of the PEM of the present bundle.
    bundle: String,
    /// The start of the server, and so of the records.
    since: Timestamp,
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

impl Holders {
    /// No records, from `now` on.
    pub(super) fn new(now: Timestamp) -> Self {
        Holders { since: now, records: Mutex::default() }
    }

    /// Records that a client has a bundle, in place of the one that it had.
    pub(super) fn record(&self, holder: Holder, answer: &BundleAnswer, now: Timestamp) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let HolderRecords { by_holder, forgotten } = &mut *records;
        if by_holder.len() >= CAPACITY && !by_holder.contains_key(&holder) {
            let oldest = by_holder.iter().min_by_key(|(_, record)| record.at);
            if let Some(oldest) = oldest.map(|(holder, _)| holder.clone()) {
                by_holder.remove(&oldest);
                *forgotten += 1;
            }
        }
        let record = HolderRecord {
            bundle: answer.bundle.to_string(),
            format: answer.format,
            is_confirmed: answer.is_unchanged,
            at: now,
        };
        by_holder.insert(holder, record);
    }

    /// The document of all records. `names` are the tokens that the server knows, which are listed
    /// also when their owners took no bundle.
    pub(super) fn document(&self, bundle: &str, names: Vec<String>) -> HoldersDocument {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = |(holder, record): (&Holder, &HolderRecord)| HolderEntry {
            holder: holder.clone(),
            current: record.bundle == bundle,
            bundle: Some(record.bundle.clone()),
            evidence: Some(if record.is_confirmed { "confirmed" } else { "downloaded" }),
            format: Some(record.format),
            at: Some(record.at),
        };
        let mut holders: Vec<HolderEntry> = records.by_holder.iter().map(entry).collect();
        let unseen = names.into_iter().map(Holder::Token);
        let unseen = unseen.filter(|holder| !records.by_holder.contains_key(holder));
        holders.extend(unseen.map(|holder| HolderEntry {
            holder,
            current: false,
            bundle: None,
            evidence: None,
            format: None,
            at: None,
        }));
        holders.sort_by(|one, two| one.holder.cmp(&two.holder));
        holders.dedup_by(|one, two| one.holder == two.holder);
        HoldersDocument {
            bundle: bundle.to_owned(),
            since: self.since,
            forgotten: records.forgotten,
            holders,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn answer(bundle: &str, is_unchanged: bool) -> BundleAnswer {
        BundleAnswer { format: "pem", bundle: bundle.into(), is_unchanged }
    }

    #[test]
    fn last_answer_to_a_client_is_what_it_has() {
        let holders = Holders::new(at(0));
        let shop = || Holder::Token("shop".to_owned());
        holders.record(shop(), &answer("old", false), at(1));
        holders.record(Holder::Datastore(Uuid::nil()), &answer("new", false), at(2));
        let document = holders.document("new", vec!["shop".to_owned(), "nobody".to_owned()]);
        let json = serde_json::to_value(&document).expect("JSON");
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
        holders.record(shop(), &answer("new", true), at(3));
        let json = serde_json::to_value(holders.document("new", Vec::new())).expect("JSON");
        assert_eq!(json["holders"][0]["current"], true);
        assert_eq!(json["holders"][0]["evidence"], "confirmed");
    }

    #[test]
    fn records_are_bounded_and_the_oldest_goes_first() {
        let holders = Holders::new(at(0));
        for number in 0..CAPACITY + 3 {
            let now = at(i64::try_from(number).expect("small"));
            holders.record(Holder::Token(format!("{number:06}")), &answer("x", false), now);
        }
        let document = holders.document("x", Vec::new());
        assert_eq!((document.holders.len(), document.forgotten), (CAPACITY, 3));
        assert_eq!(document.holders[0].holder, Holder::Token("000003".to_owned()));
    }
}
