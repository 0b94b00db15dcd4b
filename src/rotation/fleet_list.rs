//! The nodes that the gates of a rotation asked about, by name, in the Secret NAME-fleet. The record
//! of the rotation has their number and digest; the list can name a node that is gone.
//!
//! The list is written before the record that has its digest. So the Secret keeps the list of the
//! record too, and a crash between the two writes loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Code, Error, Result};
use crate::pki::sha256_hex;
pub use crate::store::rotation::list_name;
use crate::store::rotation::{Population, is_of_rotation, marked};
use crate::store::secret::Secret;
use crate::store::{Backend, Revision, revise};

/// Number and digest of nodes, each `DATASTORE/NODE`.
#[must_use]
pub fn population(nodes: &BTreeSet<String>) -> Population {
    let lines: String = nodes.iter().map(|node| format!("{node}\n")).collect();
    Population { count: nodes.len(), sha256: sha256_hex(lines.as_bytes()) }
}

/// Reads the list of a population; `None` if it is lost, or is not the list of that digest.
///
/// # Errors
/// Exit 3 when the store cannot be read.
pub fn read(
    store: &dyn Backend,
    ca: &str,
    population: &Population,
) -> Result<Option<BTreeSet<String>>> {
    let Some(secret) = store.get(&list_name(ca))? else { return Ok(None) };
    let list = secret.data.get(&population.sha256).and_then(|value| decode(value));
    Ok(list.filter(|nodes| self::population(nodes) == *population))
}

/// Deletes the lists, if a rotation of the CA made the Secret.
///
/// # Errors
/// Exit 3 when the store cannot be read or written.
pub fn delete(store: &dyn Backend, ca: &str) -> Result<()> {
    match store.get(&list_name(ca))? {
        Some(secret) if is_of_rotation(&secret, ca) => store.delete(&secret).map(|_| ()),
        _ => Ok(()),
    }
}

/// Writes the list of `nodes`, and drops all others but that of `kept`, the population of the
/// record.
///
/// # Errors
/// Exit 4 when another program made the Secret, other processes keep changing it, or the list is too
/// large; exit 3 when the store cannot be written.
pub fn write(
    store: &dyn Backend,
    ca: &str,
    nodes: &BTreeSet<String>,
    kept: Option<&Population>,
) -> Result<()> {
    let (name, key) = (list_name(ca), population(nodes).sha256);
    let written = revise(store, &name, store.get(&name)?, |there| {
        let mut secret = there.unwrap_or_else(|| marked(Secret::new(&name, "Opaque"), ca));
        if !is_of_rotation(&secret, ca) {
            let place = store.place(&name);
            return Err(Error::refused(
                Code::SecretForeign,
                format!("{place} was not made by a rotation of the CA {ca}"),
            )
            .hint("it was not changed; find out who made it, and move it away"));
        }
        if secret.data.contains_key(&key) {
            return Ok(Revision::Keep(()));
        }
        let is_kept = |name: &String| kept.is_some_and(|kept| kept.sha256 == *name);
        let dropped: Vec<String> =
            secret.data.keys().filter(|name| !is_kept(name)).cloned().collect();
        for name in dropped {
            secret = secret.without(&name);
        }
        Ok(Revision::Write(secret.with(&key, encode(nodes)?), ()))
    })?;
    written.ok_or_else(|| {
        Error::refused(Code::RotationMoved, format!("{} keeps changing", store.place(&name)))
            .hint("another process keeps writing it; try again when that one is done")
    })
}

/// Groups the nodes by datastore, which halves the size: a Secret holds about 40,000.
fn encode(nodes: &BTreeSet<String>) -> Result<Vec<u8>> {
    let mut grouped: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in nodes {
        let (datastore, name) = node.split_once('/').unwrap_or(("", node));
        grouped.entry(datastore).or_default().push(name);
    }
    serde_json::to_vec(&grouped).map_err(|source| {
        Error::failed(Code::Internal, "cannot encode the list of nodes").because(source)
    })
}

fn decode(value: &[u8]) -> Option<BTreeSet<String>> {
    let grouped: BTreeMap<String, Vec<String>> = serde_json::from_slice(value).ok()?;
    let full = |(datastore, names): (String, Vec<String>)| {
        names.into_iter().map(move |name| match datastore.as_str() {
            "" => name,
            _ => format!("{datastore}/{name}"),
        })
    };
    Some(grouped.into_iter().flat_map(full).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::dir::DirStore;

    #[test]
    fn the_list_of_the_record_survives_a_crash_before_the_next_record() {
        let directory = tempfile::tempdir().expect("a directory");
        let limit = std::time::Duration::from_secs(60);
        let store = DirStore::open(&directory.path().join("store"), limit).expect("a store");
        let nodes = |numbers: &[usize]| -> BTreeSet<String> {
            let name = |n: &usize| format!("5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10/db-{n}");
            numbers.iter().map(name).collect()
        };
        let (first, second, third) = (nodes(&[1, 2, 3]), nodes(&[1, 3]), nodes(&[1]));
        let read = |nodes| read(&store, "ca", &population(nodes)).expect("it reads");
        assert_eq!(read(&first), None);
        write(&store, "ca", &first, None).expect("written");
        assert_eq!(read(&first), Some(first.clone()));
        // A crash after this write: the record still has the first.
        write(&store, "ca", &second, Some(&population(&first))).expect("written");
        assert_eq!(read(&first), Some(first.clone()));
        write(&store, "ca", &third, Some(&population(&first))).expect("written");
        assert_eq!((read(&second), read(&third)), (None, Some(third.clone())));
        assert_eq!(read(&first), Some(first.clone()));
        write(&store, "ca", &third, Some(&population(&third))).expect("written");
        // A list that was changed by hand is no list.
        let secret = store.get("ca-fleet").expect("it reads").expect("it is there");
        let forged = secret.with(&population(&third).sha256, encode(&second).expect("JSON"));
        assert!(store.replace(&forged).expect("written"));
        assert_eq!(read(&third), None);
    }
}
