//! The credentials of nodes in a store: one Secret per node, found by its labels.

use crate::error::{Code, Error, Result};
use crate::node::credentials::Credentials;
use crate::node::{Node, NodeId, NodeRole};
use crate::shell::CommandLine;
use crate::store::ca::TLS;
use crate::store::secret::{MANAGED_BY, Secret};
use crate::store::{Backend, Revision, revise};

/// The label with the datastore of a node.
pub const DATASTORE: &str = "ccx-sec/datastore";
/// The label with the name of a node.
pub const NODE: &str = "ccx-sec/node";
/// The label with the engine of a node.
pub const ENGINE: &str = "ccx-sec/engine";
/// The label with the role of a node in its datastore, if the inventory names it.
pub const ROLE: &str = "ccx-sec/role";

/// The name of the Secret of a node.
#[must_use]
pub fn secret_name(id: &NodeId) -> String {
    format!("ccx-node-{}-{}", id.datastore, id.name)
}

/// The node that a Secret belongs to; `None` for other Secrets.
#[must_use]
pub fn node_of(secret: &Secret) -> Option<NodeId> {
    let label = |name: &str| secret.labels.get(name);
    Some(NodeId { datastore: label(DATASTORE)?.parse().ok()?, name: label(NODE)?.parse().ok()? })
}

/// The role of the node that a Secret belongs to, if the inventory named it.
#[must_use]
pub fn role_of(secret: &Secret) -> Option<NodeRole> {
    secret.labels.get(ROLE).and_then(|role| role.parse().ok())
}

/// The nodes that have Secrets which ccx-sec made, sorted.
///
/// # Errors
/// Exit 3 when the store cannot be read.
pub fn ids(store: &dyn Backend) -> Result<Vec<NodeId>> {
    let mut found = Vec::new();
    store.list(&[MANAGED_BY], &mut |secret| {
        found.extend(node_of(&secret).filter(|id| secret.name == secret_name(id)));
        Ok(())
    })?;
    found.sort();
    Ok(found)
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

/// Reads the credentials in the Secret `name`; `None` when there is no such Secret.
///
/// # Errors
/// Exit 3 when the store cannot be read; see also [`credentials_of`].
pub fn load_credentials(store: &dyn Backend, name: &str) -> Result<Option<Credentials>> {
    store.get(name)?.as_ref().map(credentials_of).transpose()
}

/// The Secret that the credentials of a node are written to.
#[derive(Debug)]
pub struct SecretTarget {
    /// The name of the Secret.
    pub name: String,
    /// Labels to add to the Secret.
    labels: Vec<(&'static str, String)>,
}

impl SecretTarget {
    /// The Secret of a node.
    #[must_use]
    pub fn node(node: &Node) -> Self {
        let mut target = SecretTarget::existing(node.id());
        target.labels.push((ENGINE, node.engine().to_string()));
        target.labels.extend(node.role().map(|role| (ROLE, role.name().to_owned())));
        target
    }

    /// The Secret of a node, without the label of its engine: for a node whose engine is not known.
    #[must_use]
    pub fn existing(id: &NodeId) -> Self {
        let labels = vec![(DATASTORE, id.datastore.to_string()), (NODE, id.name.to_string())];
        SecretTarget { name: secret_name(id), labels }
    }

    /// Whether `secret` has another role of the node than this target, or none.
    #[must_use]
    pub fn changes_role_of(&self, secret: &Secret) -> bool {
        let role = self.labels.iter().find(|(name, _)| *name == ROLE).map(|(_, role)| role);
        role.is_some_and(|role| secret.labels.get(ROLE) != Some(role))
    }

    /// The target for an existing Secret of a node.
    ///
    /// # Errors
    /// Exit 4 when `secret` does not belong to a node.
    pub fn from_secret(secret: &Secret) -> Result<Self> {
        let node = node_of(secret).map(|id| SecretTarget::existing(&id));
        node.filter(|node| node.name == secret.name).ok_or_else(|| {
            let message = format!("the Secret {} does not belong to a node", secret.name);
            Error::refused(Code::SecretNotOfANode, message).hint((
                "list those that do",
                CommandLine::ccx_sec("cert list").option("-o", "wide"),
            ))
        })
    }
}

/// Refuses to overwrite a Secret of another program.
///
/// # Errors
/// Exit 4 when another program made it, or it is immutable.
pub fn check_writable(
    store: &dyn Backend,
    target: &SecretTarget,
    read: Option<&Secret>,
) -> Result<()> {
    let Some(secret) = read else { return Ok(()) };
    let place = store.place(&target.name);
    if !secret.is_ours() {
        return Err(Error::refused(
            Code::SecretForeign,
            format!("{place} was not made by ccx-sec"),
        )
        .hint("it was not changed; find out who made it")
        .hint(store.address().adoption(&target.name)));
    }
    if secret.immutable {
        return Err(Error::refused(Code::SecretImmutable, format!("{place} is immutable"))
            .hint("delete it, and issue the certificate again"));
    }
    Ok(())
}

/// Writes credentials into the store: creates the Secret of the node, or changes the Secret that
/// was `read`, if its data are unchanged. Keeps labels and annotations that others added since the
/// read.
///
/// # Errors
/// Exit 4 when another program made the Secret, it is immutable, or another process wrote it first;
/// exit 3 when the store cannot be written.
pub fn write(
    store: &dyn Backend,
    target: &SecretTarget,
    read: Option<Secret>,
    credentials: &Credentials,
) -> Result<()> {
    let held = read.as_ref().map(|secret| secret.data.clone());
    let written = revise(store, &target.name, read, |there| {
        if there.as_ref().map(|secret| &secret.data) != held.as_ref() {
            return Ok(Revision::Keep(false));
        }
        check_writable(store, target, there.as_ref())?;
        let secret = there.unwrap_or_else(|| Secret::new(&target.name, TLS));
        let labels = target.labels.iter();
        let secret = labels
            .fold(secret, |secret, (name, value)| secret.label(name, value))
            .with("tls.crt", credentials.certificate_pem())
            .with("tls.key", credentials.key_pem().as_bytes())
            .with("ca.crt", credentials.bundle_pem());
        Ok(Revision::Write(secret, true))
    })?;
    if written == Some(true) {
        return Ok(());
    }
    let place = store.place(&target.name);
    Err(Error::refused(Code::NodeContended, format!("another process wrote {place} meanwhile"))
        .hint("it was not changed; run this again to check its certificate"))
}
