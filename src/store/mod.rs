//! The store of the CA: Kubernetes Secrets, or the same Secrets as files in a directory.
//!
//! ```text
//! location   chooses the store             ca       the CA, and the Secret of its bundle
//! bundle     the certificates to trust     secret   a Secret, as data
//! rotation   the record of a rotation      health   findings about a CA
//! nodes      the credentials of nodes      manifest a Secret as YAML
//! missing    the error and hints for a missing CA   phase  whether a bundle fits its rotation
//! links      the links of a rotation       fleet_trust  the pace of a rotation
//! holders    the bundle that each client has        holder_shards   the same as Secrets
//! rotation_health   findings about a rotation: its keys, Secrets put back from a backup, its pace
//! rotation_order    the order of the nodes in the record of a rotation
//! kube       Kubernetes, the only user of `kube`
//! dir        a directory
//! ```
//!
//! Both back ends follow the same rules ([`Backend`]): a write creates a Secret only if its name is
//! free, and changes it only if it is unchanged since the read. Of any number of racing writers,
//! exactly one succeeds.

pub mod bundle;
pub mod ca;
pub mod dir;
pub mod fleet_trust;
pub mod health;
pub mod holder_shards;
pub mod holders;
pub mod kube;
pub mod links;
pub mod location;
pub mod manifest;
mod missing;
pub mod nodes;
pub mod phase;
pub mod rotation;
pub mod rotation_health;
mod rotation_order;
pub mod secret;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use serde::Serialize;

use crate::error::Result;
use crate::hint::Hint;
use crate::shell::CommandLine;
use location::Location;
use secret::{MANAGED_BY, Secret};

/// The operations of a store, and the rules that both back ends follow.
pub trait Backend: Send + Sync {
    /// Reads a Secret; `None` if there is none of that name.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read, or the Secret is damaged.
    fn get(&self, name: &str) -> Result<Option<Secret>>;

    /// Creates a Secret. Returns false and changes nothing if one of that name exists. With
    /// `dry_run`, runs every check and writes nothing.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be written, exit 4 when the Secret is too large.
    fn create(&self, secret: &Secret, dry_run: bool) -> Result<bool>;

    /// Changes a Secret if it is still as it was read ([`Secret::version`]); otherwise returns
    /// false and changes nothing. Removes the values that were dropped with [`Secret::without`].
    ///
    /// # Errors
    /// As [`Backend::create`].
    fn replace(&self, secret: &Secret) -> Result<bool>;

    /// Runs every check of [`Backend::replace`], on the API server too, and writes nothing.
    ///
    /// # Errors
    /// Those of [`Backend::replace`].
    fn check_replace(&self, secret: &Secret) -> Result<bool>;

    /// Deletes a Secret if it is still as it was read; otherwise, or if it is gone, returns false
    /// and changes nothing.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be written.
    fn delete(&self, secret: &Secret) -> Result<bool>;

    /// Passes every Secret with these labels to `visit`, one after the other.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read, or a Secret is damaged; the errors of `visit`.
    fn list(
        &self,
        labels: &[(&str, &str)],
        visit: &mut dyn FnMut(Secret) -> Result<()>,
    ) -> Result<()>;

    /// Returns the names of all Secrets, including those of other programs. A caller that looks up
    /// many Secrets saves a request for each that does not exist.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read.
    fn names(&self) -> Result<HashSet<String>>;

    /// Passes name and labels of every Secret that has this label to `visit`, without reading its
    /// values.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read.
    fn labels(&self, label: &str, visit: &mut dyn FnMut(&str, Labels)) -> Result<()>;

    /// Waits until a Secret differs from the version `known` (`None`: until it exists). May return
    /// early, and returns after `patience` at the latest.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be watched.
    fn await_change(&self, name: &str, known: Option<&str>, patience: Duration) -> Result<()>;

    /// Checks a bearer token, and whether its owner may get `path`, a path of `ccx-sec serve` and
    /// not of the cluster's API.
    ///
    /// # Errors
    /// Exit 2 if the store has no accounts (a directory); exit 3 when the cluster does not answer.
    fn review(&self, token: &str, path: &str) -> Result<TokenAccess>;

    /// The address of the store, for documents.
    fn address(&self) -> StoreAddress;

    /// The place of the Secret `name`, for messages.
    fn place(&self, name: &str) -> String {
        match self.address() {
            StoreAddress::K8s { server, namespace } => {
                format!("Secret {namespace}/{name} at {server}")
            }
            StoreAddress::Dir { path } => format!("{path}/{name}.yaml"),
        }
    }

    /// The store, for messages.
    fn describe(&self) -> String {
        match self.address() {
            StoreAddress::K8s { server, namespace } => {
                format!("the namespace {namespace} at {server}")
            }
            StoreAddress::Dir { path } => format!("the directory {path}"),
        }
    }
}

/// Creates a Secret that was in no store, and changes another if it is still as it was read. Returns
/// false and changes nothing if another process was first.
fn write(store: &dyn Backend, secret: &Secret) -> Result<bool> {
    match secret.version {
        None => store.create(secret, false),
        Some(_) => store.replace(secret),
    }
}

/// The decision about a Secret that was read.
pub(crate) enum Revision<T> {
    /// Write this Secret; the result if that succeeds.
    Write(Secret, T),
    /// Write nothing; the result.
    Keep(T),
}

/// Changes the Secret `name`: calls `revise` with the Secret that was `read`, writes its answer, and
/// starts again with a fresh read if another process wrote first. Returns `None` if that happened
/// each time.
///
/// # Errors
/// Those of the store and of `revise`.
pub(crate) fn revise<T>(
    store: &dyn Backend,
    name: &str,
    read: Option<Secret>,
    mut revise: impl FnMut(Option<Secret>) -> Result<Revision<T>>,
) -> Result<Option<T>> {
    const ATTEMPTS: usize = 5;
    let mut there = read;
    for attempt in 1..=ATTEMPTS {
        match revise(there)? {
            Revision::Keep(result) => return Ok(Some(result)),
            Revision::Write(secret, result) if write(store, &secret)? => return Ok(Some(result)),
            Revision::Write(..) if attempt == ATTEMPTS => break,
            Revision::Write(..) => there = store.get(name)?,
        }
    }
    Ok(None)
}

/// The verdict on a bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAccess {
    /// The token is valid, and its owner has the right.
    Allowed,
    /// The token is valid, but its owner lacks the right.
    Forbidden,
    /// The token is not valid.
    Unknown,
}

/// The labels of a Secret.
pub type Labels = BTreeMap<String, String>;

/// The address of a store, as in JSON documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "store", rename_all = "snake_case")]
pub enum StoreAddress {
    /// A namespace of a cluster.
    K8s {
        /// The API server's address.
        server: String,
        /// The namespace.
        namespace: String,
    },
    /// A directory.
    Dir {
        /// Its path.
        path: String,
    },
}

impl StoreAddress {
    /// The options that name another store, for hints. Those of a cluster mean nothing for a directory.
    #[must_use]
    pub fn other_stores(&self) -> &'static str {
        match self {
            StoreAddress::K8s { .. } => "--store, --context, --namespace",
            StoreAddress::Dir { .. } => "--store dir:PATH, --store k8s",
        }
    }

    /// The hint that lets ccx-sec manage the existing Secret `name`.
    #[must_use]
    pub fn adoption(&self, name: &str) -> Hint {
        let (label, value) = MANAGED_BY;
        match self {
            StoreAddress::K8s { namespace, .. } => Hint::from((
                "to let ccx-sec manage it instead of its maker",
                CommandLine::kubectl("label --overwrite")
                    .option("-n", namespace)
                    .argument("secret")
                    .argument(name)
                    .argument(format!("{label}={value}")),
            )),
            StoreAddress::Dir { path } => Hint::from(format!(
                "to let ccx-sec manage it, set its label {label} to {value} in {path}/{name}.yaml"
            )),
        }
    }
}

/// The settings of a store besides its location.
pub struct StoreOptions {
    /// The time limit for an answer or a lock, over all attempts.
    pub timeout: Duration,
    /// Called with a message before each retry and during long waits.
    pub notice: Box<dyn Fn(&str) + Send + Sync>,
}

/// Opens the store at `location`. The Kubernetes client is created only for Kubernetes.
///
/// # Errors
/// Exit 3 when its configuration cannot be read, exit 4 when other users can access its directory.
pub fn open(location: &Location, options: StoreOptions) -> Result<Box<dyn Backend>> {
    Ok(match location {
        Location::Kubernetes(cluster) => Box::new(kube::KubeStore::open(cluster, options)?),
        Location::Directory(path) => Box::new(dir::DirStore::open(path, options.timeout)?),
    })
}
