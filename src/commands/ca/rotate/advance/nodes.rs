//! The nodes that the gates ask about, with their stored credentials.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::{Args, nobody_left};
use crate::commands::fleet_servers::{self, FleetServer};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::node::order::FollowOrder;
use crate::node::{NodeId, NodeRole, directory};
use crate::rotation::proof::collect::ProofTarget;
use crate::rotation::proof::stored::{self, StoredLook};
use crate::rotation::proof::{CaPair, CaSide};
use crate::store::secret::MANAGED_BY;
use crate::store::{Backend, StoreAddress, nodes};

/// The nodes of a fleet.
pub(super) struct FleetNodes {
    /// All of them, by name, also those that are left out.
    pub(super) names: BTreeSet<String>,
    /// The servers to connect to.
    pub(super) targets: Vec<ProofTarget>,
    /// Credentials of other nodes in the store, and Secrets beside the files of `--dir`.
    pub(super) others: Vec<(String, StoredLook)>,
    /// The number of Secrets of fleets with other CAs, which were left out.
    pub(super) foreign: usize,
    /// The nodes with their roles, where the inventory or the Secret names them.
    roles: Vec<(NodeId, Option<NodeRole>)>,
}

impl FleetNodes {
    /// The names of the nodes that are not left out.
    pub(super) fn included(&self, excluded: &BTreeMap<String, String>) -> BTreeSet<String> {
        self.names.iter().filter(|name| !excluded.contains_key(*name)).cloned().collect()
    }

    /// The order in which the nodes of each datastore follow.
    pub(super) fn order(&self) -> FollowOrder {
        FollowOrder::new(self.roles.iter().map(|(node, role)| (node, *role)))
    }
}

/// Reads the nodes, and the credentials of each.
///
/// # Errors
/// Exit 2 when the inventory is wrong; exit 3 when the store cannot be read, or has no node; exit 4
/// when every node is left out.
pub(super) fn read(
    arguments: &Args,
    context: &Context,
    store: &dyn Backend,
    cas: &CaPair,
    excluded: &BTreeMap<String, String>,
) -> Result<FleetNodes> {
    if let Some(fleet) = arguments.dir.as_deref().filter(|fleet| !fleet.is_dir()) {
        let message = format!("--dir {} is no directory", fleet.display());
        return Err(Error::usage(Code::FileMissing, message)
            .hint("give the directory that cert issue --out wrote for the fleet"));
    }
    let in_secret = match store.address() {
        StoreAddress::K8s { .. } => stored::in_secret,
        StoreAddress::Dir { .. } => stored::in_secret_file,
    };
    let mut secrets: BTreeMap<NodeId, StoredLook> = BTreeMap::new();
    let mut stored_roles: HashMap<NodeId, NodeRole> = HashMap::new();
    let mut foreign = 0;
    let servers: Vec<FleetServer> = match &arguments.inventory {
        Some(path) => {
            store.list(&[MANAGED_BY], &mut |secret| {
                if let Some(id) = nodes::node_of(&secret) {
                    stored_roles.extend(nodes::role_of(&secret).map(|role| (id.clone(), role)));
                    secrets.insert(id, in_secret(&secret, cas));
                }
                Ok(())
            })?;
            fleet_servers::from_inventory(path, arguments.domain.as_ref(), arguments.engine)?
        }
        None => fleet_servers::from_secrets(context, store, &mut |id, secret| {
            let look = in_secret(secret, cas);
            if is_of_another_ca(&look) {
                foreign += 1;
                return false;
            }
            secrets.insert(id.clone(), look);
            true
        })?,
    };
    let names: BTreeSet<String> = servers.iter().map(|server| server.node.to_string()).collect();
    let (mut targets, mut roles) = (Vec::new(), Vec::new());
    for FleetServer { node, target, role } in servers {
        let role = role.or_else(|| stored_roles.get(&node).copied());
        roles.push((node.clone(), role));
        let stored = match &arguments.dir {
            Some(fleet) => in_fleet_directory(fleet, &node, cas),
            None => secrets.remove(&node).unwrap_or_else(|| StoredLook::Absent {
                why: "the node has no Secret, and no --dir is given".to_owned(),
            }),
        };
        if !excluded.contains_key(&node.to_string()) {
            targets.push(ProofTarget { node, target, stored });
        }
    }
    if targets.is_empty() && !names.is_empty() {
        return Err(nobody_left());
    }
    let others = secrets.into_iter().map(|(node, look)| (node.to_string(), look)).collect();
    Ok(FleetNodes { names, targets, others, foreign, roles })
}

/// Reads the directory of a node below that of the fleet, where each node has one.
fn in_fleet_directory(fleet: &Path, node: &NodeId, cas: &CaPair) -> StoredLook {
    match stored::in_directory(&directory::below(fleet, node), cas) {
        StoredLook::Absent { why } => StoredLook::Unreadable { why },
        look => look,
    }
}

/// Whether credentials have nothing to do with the two CAs.
fn is_of_another_ca(look: &StoredLook) -> bool {
    look.read()
        .is_some_and(|proof| proof.signer == CaSide::Other && !proof.holds_old && !proof.holds_new)
}
