//! The servers to verify: from URLs, an inventory, or the Secrets of nodes.

use std::collections::HashSet;

use crate::connection::target::DatabaseTarget;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::node::inventory::{self, InventoryDefaults, InventoryFormat, MAX_BYTES};
use crate::node::issue_command;
use crate::node::{NodeDetails, NodeId};
use crate::output::escape_control_characters;
use crate::pki::certificate::Certificate;
use crate::probe::loaded::StoredCertificate;
use crate::store::nodes;
use crate::store::secret::MANAGED_BY;
use crate::text::clip;

use super::{Args, stored};

/// A server, and its node, if known.
#[derive(Debug)]
pub(super) struct VerifyTarget {
    pub(super) target: DatabaseTarget,
    pub(super) node: Option<NodeId>,
    /// The certificate in the node's Secret, to compare with the served one (`--expect-loaded`).
    pub(super) stored: Option<StoredCertificate>,
}

impl Args {
    /// All servers to verify, without duplicates.
    pub(super) fn servers(&self, context: &Context) -> Result<Vec<VerifyTarget>> {
        let mut servers: Vec<VerifyTarget> = self
            .urls
            .iter()
            .map(|url| {
                let mut target = url.clone();
                let options = std::mem::take(&mut target.client_options);
                if !options.is_empty() {
                    context.output.note(&format!(
                        "{target}: ignored the client options {}; every mode is judged, or those \
                         of --mode.",
                        clip(&escape_control_characters(&options.join(", ")), 200)
                    ));
                }
                VerifyTarget { target, node: None, stored: None }
            })
            .collect();
        if let Some(path) = &self.inventory {
            let given = InventoryDefaults {
                domain: self.domain.clone(),
                engine: self.engine,
                options: NodeDetails::default(),
            };
            let text = files::read(path, MAX_BYTES)?;
            let name = path.display().to_string();
            let nodes = inventory::read(&name, &text, InventoryFormat::from_path(path), &given)?;
            servers.extend(nodes.into_iter().map(|node| VerifyTarget {
                target: DatabaseTarget::new(node.engine(), node.host().as_str(), Some(node.port())),
                node: Some(node.id().clone()),
                stored: None,
            }));
        }
        if self.from_secrets {
            servers.extend(in_store(context)?);
        }
        let mut known: HashSet<(DatabaseTarget, Option<NodeId>)> = HashSet::new();
        servers.retain(|server| known.insert((server.target.clone(), server.node.clone())));
        if self.expect_loaded {
            let known: Vec<&mut VerifyTarget> =
                servers.iter_mut().filter(|server| server.node.is_some()).collect();
            let ids: Vec<NodeId> = known.iter().filter_map(|server| server.node.clone()).collect();
            for (server, stored) in known.into_iter().zip(stored::in_secrets(context, &ids)?) {
                server.stored = Some(stored);
            }
        }
        for server in &mut servers {
            server.target.known_as.clone_from(&self.server_name);
        }
        Ok(servers)
    }
}

/// Finds the DNS name of a node, `NODE.DATASTORE.DOMAIN`, among the `names` of its certificate.
/// Other names, such as `localhost`, may belong to other machines. Returns `None` if no name, or
/// more than one, has this form.
fn host_of<'a>(id: &NodeId, names: &'a [String]) -> Option<&'a str> {
    let start = format!("{}.{}.", id.name, id.datastore);
    let mut hosts = names.iter().filter(|name| name.to_ascii_lowercase().starts_with(&start));
    hosts.next().filter(|_| hosts.next().is_none()).map(String::as_str)
}

/// Reads the nodes in the store; the host of each is the DNS name in its certificate.
fn in_store(context: &Context) -> Result<Vec<VerifyTarget>> {
    let store = context.open_store()?;
    let _progress = context.output.progress("reading");
    let mut servers = Vec::new();
    store.list(&[MANAGED_BY], &mut |secret| {
        let Some(id) = nodes::node_of(&secret) else { return Ok(()) };
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
        servers.push(VerifyTarget {
            target: DatabaseTarget::new(engine, host, None),
            node: Some(id),
            stored: None,
        });
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
