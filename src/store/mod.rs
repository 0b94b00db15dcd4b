//! Where the CA lives: Kubernetes Secrets, or the same Secrets as files in a directory.
//!
//! ```text
//! location   the store that is meant       ca       the CA, and the Secret of its bundle
//! bundle     the certificates to trust     secret   a Secret, as data
//! health     what is wrong with a CA       nodes    the credentials of nodes
//! manifest   a Secret as YAML              missing  a CA that is not there, and the way on
//! kube       Kubernetes, the only user of `kube`
//! dir        a directory
//! ```
//!
//! Both back ends keep the same rules ([`Backend`]): a Secret is made only where none is,
//! and changed only where it still is what was read. Of any number of racing writers
//! exactly one wins.

pub mod bundle;
pub mod ca;
pub mod dir;
pub mod health;
pub mod kube;
pub mod location;
pub mod manifest;
mod missing;
pub mod nodes;
pub mod secret;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use serde::Serialize;

use crate::error::Result;
use crate::hint::Hint;
use crate::shell::CommandLine;
use location::Location;
use secret::{MANAGED_BY, Secret};

/// The rules that both stores keep.
pub trait Backend: Send + Sync {
    /// Reads a Secret; `None` when there is none of that name.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read, or what is there is damaged.
    fn get(&self, name: &str) -> Result<Option<Secret>>;

    /// Makes a Secret where none is. False, and nothing changed, when one is there.
    /// With `dry_run` every check is made and nothing is written.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be written, exit 4 when the Secret is too large.
    fn create(&self, secret: &Secret, dry_run: bool) -> Result<bool>;

    /// Changes a Secret that was read before, if it still is what was read
    /// ([`Secret::version`]). False, and nothing changed, when it is not. Values that were taken
    /// away ([`Secret::without`]) are gone afterwards.
    ///
    /// # Errors
    /// As [`Backend::create`].
    fn replace(&self, secret: &Secret) -> Result<bool>;

    /// Deletes a Secret that was read before, if it still is what was read. False, and nothing
    /// changed, when it is not, or is gone.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be written.
    fn delete(&self, secret: &Secret) -> Result<bool>;

    /// Shows every Secret that has these labels to `visit`, one after the other.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read, or one of them is damaged; those of `visit`.
    fn list(
        &self,
        labels: &[(&str, &str)],
        visit: &mut dyn FnMut(Secret) -> Result<()>,
    ) -> Result<()>;

    /// The names of all Secrets, those of others too: who looks for many of them need not ask
    /// for those that are not there.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read.
    fn names(&self) -> Result<HashSet<String>>;

    /// The labels of every Secret that has this label, with its name, and nothing of what is
    /// in it.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read.
    fn labels(&self, label: &str, visit: &mut dyn FnMut(&str, Labels)) -> Result<()>;

    /// Waits until a Secret is no longer what was read of it: `known` is the version of that,
    /// `None` where there was none. It comes back early where that may be so, and when
    /// `patience` has passed.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be watched.
    fn await_change(&self, name: &str, known: Option<&str>, patience: Duration) -> Result<()>;

    /// Who a bearer token is, and whether that one may get what is at a path (of a service of
    /// ours, not of the cluster).
    ///
    /// # Errors
    /// Exit 2 where the store knows nobody; exit 3 when it cannot be asked.
    fn review(&self, token: &str, path: &str) -> Result<TokenAccess>;

    /// Which store this is.
    fn address(&self) -> StoreAddress;

    /// Where a Secret of that name is, for people.
    fn place(&self, name: &str) -> String {
        match self.address() {
            StoreAddress::K8s { server, namespace } => {
                format!("Secret {namespace}/{name} at {server}")
            }
            StoreAddress::Dir { path } => format!("{path}/{name}.yaml"),
        }
    }

    /// The store, for people.
    fn describe(&self) -> String {
        match self.address() {
            StoreAddress::K8s { server, namespace } => {
                format!("the namespace {namespace} at {server}")
            }
            StoreAddress::Dir { path } => format!("the directory {path}"),
        }
    }
}

/// What is said of a bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAccess {
    /// It is known, and its owner may.
    Allowed,
    /// It is known, and its owner may not.
    Forbidden,
    /// It is not known.
    Unknown,
}

/// The labels of a Secret.
pub type Labels = BTreeMap<String, String>;

/// Which store it is, as documents say it.
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
    /// How to make the Secret `name` one that ccx-sec may change.
    #[must_use]
    pub fn adoption(&self, name: &str) -> Hint {
        let (label, value) = MANAGED_BY;
        match self {
            StoreAddress::K8s { namespace, .. } => Hint::from((
                "if ccx-sec is to manage it, whoever made it no longer",
                CommandLine::kubectl("label --overwrite")
                    .option("-n", namespace)
                    .argument("secret")
                    .argument(name)
                    .argument(format!("{label}={value}")),
            )),
            StoreAddress::Dir { path } => Hint::from(format!(
                "if ccx-sec is to manage it, set its label {label} to {value} in {path}/{name}.yaml"
            )),
        }
    }
}

/// What a store needs to know besides where it is.
pub struct StoreOptions {
    /// How long to wait for an answer, or for a lock, all attempts together.
    pub timeout: Duration,
    /// Is told when something is tried again.
    pub notice: Box<dyn Fn(&str) + Send + Sync>,
}

/// Opens the store at `location`. The Kubernetes client is set up here, and only for
/// Kubernetes.
///
/// # Errors
/// Exit 3 when its configuration cannot be read, exit 4 when its directory is open to others.
pub fn open(location: &Location, conditions: StoreOptions) -> Result<Box<dyn Backend>> {
    Ok(match location {
        Location::Kubernetes(cluster) => Box::new(kube::KubeStore::open(cluster, conditions)?),
        Location::Directory(path) => Box::new(dir::DirStore::open(path, conditions.timeout)?),
    })
}
