//! The credentials of nodes, as they lie in a store: a Secret a node, found by its labels.

use crate::error::{Error, Result};
use crate::node::credentials::Credentials;
use crate::node::{Node, NodeId};
use crate::store::Backend;
use crate::store::ca::TLS;
use crate::store::secret::Secret;

/// The label with the datastore of a node.
pub const DATASTORE: &str = "ccx-sec/datastore";
/// The label with the name of a node.
pub const NODE: &str = "ccx-sec/node";
/// The label with the engine of a node.
pub const ENGINE: &str = "ccx-sec/engine";

/// The name of the Secret of a node.
#[must_use]
pub fn secret_name(id: &NodeId) -> String {
    format!("ccx-node-{}-{}", id.datastore, id.name)
}

/// Which node a Secret is of; `None` where it is not one of a node.
#[must_use]
pub fn node_of(secret: &Secret) -> Option<NodeId> {
    let label = |name: &str| secret.labels.get(name);
    Some(NodeId { datastore: label(DATASTORE)?.parse().ok()?, name: label(NODE)?.parse().ok()? })
}

/// The credentials in the Secret of a node.
///
/// # Errors
/// Exit 3 when a key of the Secret is missing; see also [`Credentials::read`].
pub fn credentials_of(secret: &Secret) -> Result<Credentials> {
    let name = format!("the Secret {}", secret.name);
    let bundle = secret.data.get("ca.crt").map_or(&[][..], |value| value.as_slice());
    Credentials::read(&name, secret.value("tls.crt")?, secret.value("tls.key")?, bundle)
}

/// A Secret that credentials belong in.
#[derive(Debug)]
pub struct SecretTarget {
    /// Its name.
    pub name: String,
    /// The labels that it gets, besides those that it has.
    pub labels: Vec<(&'static str, String)>,
}

impl SecretTarget {
    /// That of a node.
    #[must_use]
    pub fn node(node: &Node) -> Self {
        let id = node.id();
        let labels = vec![
            (DATASTORE, id.datastore.to_string()),
            (NODE, id.name.to_string()),
            (ENGINE, node.engine().to_string()),
        ];
        SecretTarget { name: secret_name(id), labels }
    }
}

/// Puts credentials into the store: makes their Secret, or changes the one that was `read`,
/// if it still is what it was.
///
/// # Errors
/// Exit 4 when the Secret is not ccx-sec's, is immutable, or another process was faster;
/// exit 3 when the store cannot be written.
pub fn put(
    store: &dyn Backend,
    target: &SecretTarget,
    read: Option<Secret>,
    credentials: &Credentials,
) -> Result<()> {
    let is_new = read.is_none();
    let place = || store.place(&target.name);
    let secret = read.unwrap_or_else(|| Secret::new(&target.name, TLS));
    if !secret.is_ours() {
        let message = format!("{} was not made by ccx-sec", place());
        return Err(Error::refused("secret-foreign", message)
            .hint("it was left as it is; look at it, and move it out of the way"));
    }
    if secret.immutable {
        let message = format!("{} is immutable", place());
        return Err(Error::refused("secret-immutable", message)
            .hint("delete it, and issue the certificate anew"));
    }
    let labelled =
        target.labels.iter().fold(secret, |secret, (name, value)| secret.label(name, value));
    let secret = labelled
        .with("tls.crt", credentials.certificate_pem())
        .with("tls.key", credentials.key_pem().as_bytes())
        .with("ca.crt", credentials.bundle_pem());
    let written = if is_new { store.create(&secret, false)? } else { store.replace(&secret)? };
    if written {
        return Ok(());
    }
    Err(Error::refused("node-contended", format!("another process wrote {} meanwhile", place()))
        .hint("it was left as it is; run this again to see whether it will do"))
}
