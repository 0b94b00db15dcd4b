//! The servers of a fleet's nodes, from an inventory or from the Secrets of the store.

use std::path::Path;

use crate::connection::target::DatabaseTarget;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::node::inventory::{self, InventoryDefaults, InventoryFormat, MAX_BYTES};
use crate::node::{NodeDetails, NodeId, NodeRole, issue_command};
use crate::pki::certificate::Certificate;
use crate::pki::san::DnsName;
use crate::store::secret::{MANAGED_BY, Secret};
use crate::store::{Backend, nodes};

/// The server of a node.
#[derive(Debug, Clone)]
pub(crate) struct FleetServer {
    /// The node.
    pub(crate) node: NodeId,
    /// Its address.
    pub(crate) target: DatabaseTarget,
    /// Its role in the datastore, if known.
    pub(crate) role: Option<NodeRole>,
}

/// Reads the servers of an inventory.
///
/// # Errors
/// Exit 2 when a field is wrong or missing; exit 3 when the file cannot be read.
pub(crate) fn from_inventory(
    path: &Path,
    domain: Option<&DnsName>,
    engine: Option<Engine>,
) -> Result<Vec<FleetServer>> {
    let options = NodeDetails::default();
    let given = InventoryDefaults { domain: domain.cloned(), engine, options };
    let text = files::read(path, MAX_BYTES)?;
    let name = path.display().to_string();
    let nodes = inventory::read(&name, &text, InventoryFormat::from_path(path), &given)?;
    let server = |node: crate::node::Node| FleetServer {
        target: DatabaseTarget::new(node.engine(), node.host().as_str(), Some(node.port())),
        node: node.id().clone(),
        role: node.role(),
    };
    Ok(nodes.into_iter().map(server).collect())
}

/// Finds the DNS name of a node, `NODE.DATASTORE.DOMAIN`, among the `names` of its certificate.
/// Other names, such as `localhost`, may belong to other machines. Returns `None` if no name, or
/// more than one, has this form.
fn host_of<'a>(id: &NodeId, names: &'a [String]) -> Option<&'a str> {
    let start = format!("{}.{}.", id.name, id.datastore);
    let mut hosts = names.iter().filter(|name| name.to_ascii_lowercase().starts_with(&start));
    hosts.next().filter(|_| hosts.next().is_none()).map(String::as_str)
}

/// Reads the nodes in the store, in the order of their ids; the host of each is the DNS name in its
/// certificate. Passes each Secret to `is_wanted`, and leaves out nodes for which it says no.
///
/// # Errors
/// Exit 3 when the store or a Secret cannot be read, or no node is left.
pub(crate) fn from_secrets(
    context: &Context,
    store: &dyn Backend,
    is_wanted: &mut dyn FnMut(&NodeId, &Secret) -> bool,
) -> Result<Vec<FleetServer>> {
    let _progress = context.output.progress("reading");
    let mut servers = Vec::new();
    store.list(&[MANAGED_BY], &mut |secret| {
        let Some(id) = nodes::node_of(&secret) else { return Ok(()) };
        if !is_wanted(&id, &secret) {
            return Ok(());
        }
        let name = format!("tls.crt of {}", store.place(&secret.name));
        let damaged = |what: &str| {
            Error::failed(Code::NodeUnknown, format!("the server of {id} is not known: {what}"))
                .hint((
                    "issue its certificate anew",
                    issue_command(Some(&id), None).flag("--secret"),
                ))
        };
        let engine = secret.labels.get(nodes::ENGINE).ok_or_else(|| damaged("no engine"))?;
        let engine = engine.parse().map_err(|error: Error| damaged(&error.to_string()))?;
        let certificate = Certificate::from_pem(&name, secret.value("tls.crt")?)?;
        let certificate = certificate.first().ok_or_else(|| damaged("no certificate"))?;
        let names = certificate.describe(context.now).san.dns;
        let host = host_of(&id, &names)
            .ok_or_else(|| damaged("no name, or more than one, of the node in its certificate"))?;
        let target = DatabaseTarget::new(engine, host, None);
        servers.push(FleetServer { node: id, target, role: nodes::role_of(&secret) });
        Ok(())
    })?;
    if servers.is_empty() {
        return Err(Error::failed(
            Code::NodesMissing,
            format!("there is no node in {}", store.describe()),
        )
        .hint("name the servers: URL, or --inventory FILE")
        .hint(format!("or name another store: {}", store.address().other_stores())));
    }
    servers.sort_by(|one, other| one.node.cmp(&other.node));
    Ok(servers)
}
