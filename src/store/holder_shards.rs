//! The records of [`super::holders`] in the store: the Secrets NAME-holders-0 to NAME-holders-15.
//! The hash of a client's name chooses its Secret.
//!
//! Whoever records writes all of them first. So a missing one beside others is a loss and never
//! passes for a fleet without clients. It is written anew, but its records then begin later than those
//! of the others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::pki::sha256_hex;
use crate::store::Backend;
use crate::store::StoreAddress;
use crate::store::holders::{ForgottenHolders, Holder, HolderRecord, HolderTable};
use crate::store::secret::Secret;

/// The number of Secrets.
pub const SHARDS: usize = 16;
/// The most records in one Secret.
pub const SHARD_CAPACITY: usize = 5_000;
/// The label of these Secrets.
pub const HOLDERS_LABEL: (&str, &str) = ("ccx-sec/kind", "holders");

/// The most bytes of records in one Secret.
const MAX_BYTES: usize = 900 * 1024;
/// The key of the records in a Secret.
const KEY: &str = "holders.json";
/// The only version of the records.
const VERSION: u32 = 1;

/// The names of the Secrets of the CA `ca`.
pub fn shard_names(ca: &str) -> impl Iterator<Item = String> {
    (0..SHARDS).map(move |shard| format!("{ca}-holders-{shard}"))
}

/// The Secret, by its number, that has the record of a client.
#[must_use]
pub fn shard_of(holder: &Holder) -> usize {
    let hash = sha256_hex(holder.key().as_bytes());
    usize::from_str_radix(&hash[..1], 16).unwrap_or(0) % SHARDS
}

/// Reads all records of the CA `ca`; `None` if there are none. They begin where those of the last
/// Secret begin.
///
/// # Errors
/// Exit 3 when the store cannot be read, when only some of the Secrets are there, or when one is
/// damaged; exit 4 when another program made one.
pub fn load_holders(store: &dyn Backend, ca: &str) -> Result<Option<HolderTable>> {
    let found = read_secrets(store, ca)?;
    let (mut all, mut empty) = (HolderTable::default(), Vec::new());
    let mut forgotten: Option<ForgottenHolders> = None;
    for name in shard_names(ca) {
        let table = found.get(&name).map(|secret| decode(store, secret)).transpose()?.flatten();
        match table {
            Some(table) => {
                all.merge(&table);
                all.since = all.since.max(table.since);
                forgotten = sum(forgotten, table.forgotten);
            }
            None => empty.push(name),
        }
    }
    all.forgotten = forgotten;
    match empty.first() {
        Some(_) if empty.len() == SHARDS => Ok(None),
        None => Ok(Some(all)),
        Some(first) => {
            let message = format!(
                "{} of the {SHARDS} Secrets with the records of clients are missing or empty: {}",
                empty.len(),
                store.place(first)
            );
            Err(Error::failed(Code::HoldersDamaged, message).hint(
                "serve --record-holders writes them again, with the clients that it knows since \
                 its start",
            ))
        }
    }
}

/// Adds up the forgotten records of two Secrets.
fn sum(one: Option<ForgottenHolders>, two: Option<ForgottenHolders>) -> Option<ForgottenHolders> {
    match (one, two) {
        (Some(one), Some(two)) => Some(ForgottenHolders {
            count: one.count.saturating_add(two.count),
            newest: one.newest.max(two.newest),
        }),
        (one, two) => one.or(two),
    }
}

/// The Secrets that are there, by name: one request to a cluster, if the account may list.
fn read_secrets(store: &dyn Backend, ca: &str) -> Result<BTreeMap<String, Secret>> {
    let mut found = BTreeMap::new();
    if matches!(store.address(), StoreAddress::K8s { .. }) {
        let listed = store.list(&[HOLDERS_LABEL], &mut |secret| {
            found.insert(secret.name.clone(), secret);
            Ok(())
        });
        match listed {
            Err(error) if error.code() == Code::KubeForbidden => {}
            listed => return listed.map(|()| found),
        }
    }
    for name in shard_names(ca) {
        if let Some(secret) = store.get(&name)? {
            found.insert(name, secret);
        }
    }
    Ok(found)
}

/// All records of a Secret after a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedShard {
    /// The records.
    pub table: HolderTable,
    /// Whether the Secret had none that could be read: these records begin now.
    pub is_new: bool,
}

/// Merges `table` into the Secret with the number `shard`. Writes nothing that is there already. The
/// records of a Secret that was missing, empty or damaged begin now.
///
/// # Errors
/// Exit 3 when the store cannot be read or written, the Secret keeps changing, or a later release
/// wrote it; exit 4 when another program made it. A damaged Secret is replaced.
pub fn merge_into_shard(
    store: &dyn Backend,
    ca: &str,
    shard: usize,
    table: &HolderTable,
    now: Timestamp,
) -> Result<MergedShard> {
    const ATTEMPTS: usize = 20;
    let name = format!("{ca}-holders-{shard}");
    for _ in 0..ATTEMPTS {
        let there = store.get(&name)?;
        let stored = there.as_ref().map(|secret| decode(store, secret)).transpose();
        let stored = match stored {
            Err(error) if error.code() == Code::HoldersDamaged => None,
            stored => stored?.flatten(),
        };
        let mut merged = stored.clone().unwrap_or_default();
        merged.merge(table);
        let is_new = stored.is_none();
        if is_new {
            merged.since = Some(now);
        }
        merged.trim(SHARD_CAPACITY, now);
        let bytes = encode(&mut merged, now)?;
        if stored.as_ref() == Some(&merged) {
            return Ok(MergedShard { table: merged, is_new });
        }
        let written = match there {
            None => store.create(&new_secret(&name).with(KEY, bytes), false)?,
            Some(secret) => {
                let (label, value) = HOLDERS_LABEL;
                store.replace(&secret.label(label, value).with(KEY, bytes))?
            }
        };
        if written {
            return Ok(MergedShard { table: merged, is_new });
        }
    }
    let message = format!("{} keeps changing", store.place(&name));
    Err(Error::failed(Code::HoldersDamaged, message).hint("the next write has the same records"))
}

fn new_secret(name: &str) -> Secret {
    Secret::new(name, "Opaque").label(HOLDERS_LABEL.0, HOLDERS_LABEL.1)
}

/// The records of one Secret. A record names its bundle by its place in `bundles`.
#[derive(Serialize, Deserialize)]
struct ShardDocument {
    version: u32,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forgotten: Option<ForgottenHolders>,
    bundles: Vec<ShardBundle>,
    /// By client: place of the bundle, time in milliseconds, whether it is confirmed, format.
    holders: BTreeMap<String, (usize, i64, bool, String)>,
}

#[derive(Serialize, Deserialize)]
struct ShardBundle {
    sha256: String,
    certificates: Vec<String>,
}

/// Encodes the records, and drops the oldest that have no room.
fn encode(table: &mut HolderTable, now: Timestamp) -> Result<Vec<u8>> {
    loop {
        let bundles: Vec<ShardBundle> = table
            .bundles
            .iter()
            .map(|(sha256, certificates)| ShardBundle {
                sha256: sha256.clone(),
                certificates: certificates.clone(),
            })
            .collect();
        let place = |bundle: &str| {
            bundles.binary_search_by(|one| one.sha256.as_str().cmp(bundle)).unwrap_or(usize::MAX)
        };
        let holders = table.records.iter().map(|(holder, record)| {
            let HolderRecord { bundle, format, is_confirmed, at } = record;
            let entry = (place(bundle), at.as_millisecond(), *is_confirmed, (*format).to_owned());
            (holder.key(), entry)
        });
        let document = ShardDocument {
            version: VERSION,
            since: table.since.unwrap_or(now),
            forgotten: table.forgotten,
            holders: holders.collect(),
            bundles,
        };
        let bytes = serde_json::to_vec(&document).map_err(|source| {
            Error::failed(Code::Internal, "cannot encode the records of clients").because(source)
        })?;
        if bytes.len() <= MAX_BYTES || table.records.is_empty() {
            return Ok(bytes);
        }
        table.trim(table.records.len() * 9 / 10, now);
    }
}

/// The records of a Secret; `None` if it has none yet.
fn decode(store: &dyn Backend, secret: &Secret) -> Result<Option<HolderTable>> {
    let place = || store.place(&secret.name);
    if !secret.is_ours() {
        let message = format!("{} was not made by ccx-sec", place());
        return Err(Error::refused(Code::SecretForeign, message)
            .hint("it was not changed; find out who made it, and move it away"));
    }
    let Some(value) = secret.data.get(KEY) else { return Ok(None) };
    let damaged = |what: &str| {
        let message = format!("{} does not hold the records of clients: {what}", place());
        Error::failed(Code::HoldersDamaged, message).hint(
            "serve --record-holders replaces it, with the clients that it knows since its start",
        )
    };
    let document: ShardDocument =
        serde_json::from_slice(value).map_err(|source| damaged(&source.to_string()))?;
    if document.version != VERSION {
        let message = format!("{} has version {}", place(), document.version);
        return Err(Error::failed(Code::HoldersVersion, message)
            .hint("a later release of ccx-sec wrote it: use that release"));
    }
    let mut table = HolderTable {
        since: Some(document.since),
        forgotten: document.forgotten,
        ..HolderTable::default()
    };
    for (key, (place, at, is_confirmed, format)) in document.holders {
        let bundle = document.bundles.get(place).map(|bundle| bundle.sha256.clone());
        let holder = Holder::from_key(&key);
        let at = Timestamp::from_millisecond(at).ok();
        let (Some(bundle), Some(holder), Some(at)) = (bundle, holder, at) else {
            return Err(damaged(&format!("the record of {key} cannot be read")));
        };
        let format = known_format(&format);
        table.records.insert(holder, HolderRecord { bundle, format, is_confirmed, at });
    }
    let bundles = document.bundles.into_iter();
    table.bundles = bundles.map(|bundle| (bundle.sha256, bundle.certificates)).collect();
    Ok(Some(table))
}

fn known_format(name: &str) -> &'static str {
    ["pem", "p12", "jks"].into_iter().find(|format| *format == name).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::dir::DirStore;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn store(directory: &tempfile::TempDir) -> DirStore {
        let limit = Duration::from_secs(60);
        DirStore::open(&directory.path().join("store"), limit).expect("a store")
    }

    fn table(holders: impl Iterator<Item = (Holder, i64)>) -> HolderTable {
        let mut table = HolderTable::begun(at(1));
        table.bundles.insert("b".repeat(64), vec!["c".repeat(64), "d".repeat(64)]);
        for (holder, second) in holders {
            let bundle = "b".repeat(64);
            let record =
                HolderRecord { bundle, format: "pem", is_confirmed: false, at: at(second) };
            table.records.insert(holder, record);
        }
        table
    }

    fn write_all(store: &DirStore, table: &HolderTable, now: Timestamp) {
        for shard in 0..SHARDS {
            let mut part = table.clone();
            part.records.retain(|holder, _| shard_of(holder) == shard);
            merge_into_shard(store, "ca", shard, &part, now).expect("written");
        }
    }

    #[test]
    fn nothing_recorded_a_lost_secret_and_damage_are_three_things() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(&directory);
        assert_eq!(load_holders(&store, "ca").expect("it reads"), None);
        // Empty Secrets, as the manifests have them, are no records.
        for name in shard_names("ca") {
            assert!(store.create(&new_secret(&name), false).expect("made"));
        }
        assert_eq!(load_holders(&store, "ca").expect("it reads"), None);
        let all = table([(Holder::token("shop"), 5)].into_iter());
        write_all(&store, &all, at(10));
        let read = load_holders(&store, "ca").expect("it reads").expect("records");
        assert_eq!((read.since, &read.records), (Some(at(10)), &all.records));
        assert_eq!(read.bundles, all.bundles);
        assert_eq!(load_holders(&store, "other").expect("it reads"), None);

        let code = |store: &DirStore| {
            load_holders(store, "ca").map_err(|error| (error.code().name(), error.exit().code()))
        };
        let secret = store.get("ca-holders-3").expect("it reads").expect("it is there");
        assert!(store.delete(&secret).expect("deleted"));
        assert_eq!(code(&store), Err(("holders-damaged", 3)));
        write_all(&store, &all, at(11));
        // One lost Secret: nobody knows which clients it had, so the records begin later.
        let read = load_holders(&store, "ca").expect("it reads").expect("records");
        assert_eq!(read.since, Some(at(11)));
        for damage in ["", "{}"] {
            let secret = store.get("ca-holders-3").expect("it reads").expect("it is there");
            assert!(store.replace(&secret.with(KEY, damage)).expect("written"));
            assert_eq!(code(&store), Err(("holders-damaged", 3)), "{damage}");
        }
        let shard = |now| merge_into_shard(&store, "ca", 3, &HolderTable::begun(at(1)), now);
        assert!(shard(at(12)).expect("written").is_new);
        assert!(!shard(at(13)).expect("written").is_new);
        let read = load_holders(&store, "ca").expect("mended").expect("records");
        assert_eq!(read.since, Some(at(12)));
        // A later release wrote it: this one reads and replaces nothing.
        let later = r#"{"version":2,"since":"2027-01-01T00:00:00Z","bundles":[],"holders":{}}"#;
        let secret = store.get("ca-holders-3").expect("it reads").expect("it is there");
        assert!(store.replace(&secret.with(KEY, later)).expect("written"));
        assert_eq!(code(&store), Err(("holders-version", 3)));
        let refused = merge_into_shard(&store, "ca", 3, &HolderTable::default(), at(13));
        assert_eq!(refused.expect_err("refused").code().name(), "holders-version");
        let mut foreign = store.get("ca-holders-3").expect("it reads").expect("it is there");
        foreign.labels.clear();
        assert!(store.replace(&foreign).expect("written"));
        assert_eq!(code(&store), Err(("secret-foreign", 4)));
    }

    #[test]
    fn twenty_thousand_holders_fit_and_more_than_all_room_is_cut() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(&directory);
        let id = |number: u128| Holder::Datastore(uuid::Uuid::from_u128(number << 40));
        let all = table((0..20_000).map(|number| (id(number), 100)));
        write_all(&store, &all, at(200));
        let read = load_holders(&store, "ca").expect("it reads").expect("records");
        assert_eq!(read.records, all.records);
        for name in shard_names("ca") {
            let secret = store.get(&name).expect("it reads").expect("it is there");
            let size = secret.value(KEY).expect("records").len();
            assert!(size < 200_000, "{name}: {size}");
        }
        // Names that JSON escapes six times as long.
        let name = |number: usize| Holder::token(&format!("{}{number}", "\u{1}".repeat(80)));
        let mut many = table((0..8000).map(|number| (name(number), 100)));
        let bytes = encode(&mut many, at(200)).expect("JSON");
        assert!(bytes.len() <= MAX_BYTES);
        let forgotten = many.forgotten.expect("some").count;
        assert_eq!(forgotten, 8000 - many.records.len() as u64);
    }

    #[test]
    fn racing_writers_lose_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(&directory);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    for round in 0..8 {
                        let holder = Holder::token(&format!("{writer}-{round}"));
                        let part = table([(holder, 100 + round)].into_iter());
                        merge_into_shard(store, "ca", 0, &part, at(200)).expect("written");
                    }
                });
            }
        });
        let last = merge_into_shard(&store, "ca", 0, &HolderTable::default(), at(200));
        assert_eq!(last.expect("written").table.records.len(), 32);
    }
}
