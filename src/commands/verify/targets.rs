//! The servers to verify: from URLs, an inventory, or the Secrets of nodes.

use std::collections::HashSet;

use crate::commands::fleet_servers::{self, FleetServer};
use crate::connection::target::DatabaseTarget;
use crate::context::Context;
use crate::error::Result;
use crate::node::NodeId;
use crate::output::escape_control_characters;
use crate::probe::loaded::StoredCertificate;
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

impl From<FleetServer> for VerifyTarget {
    fn from(FleetServer { node, target, .. }: FleetServer) -> Self {
        VerifyTarget { target, node: Some(node), stored: None }
    }
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
            let nodes = fleet_servers::from_inventory(path, self.domain.as_ref(), self.engine)?;
            servers.extend(nodes.into_iter().map(VerifyTarget::from));
        }
        if self.from_secrets {
            let store = context.open_store()?;
            let nodes = fleet_servers::from_secrets(context, store.as_ref(), &mut |_, _| true)?;
            servers.extend(nodes.into_iter().map(VerifyTarget::from));
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
