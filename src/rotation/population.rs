//! The nodes that a rotation concerns: the certificate that each shows, and the CAs that it trusts, as
//! its directory or its Secret holds them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::error::{Code, Error, Result};
use crate::node::NodeId;
use crate::node::credentials::Credentials;
use crate::node::directory::{self, CredentialKind};
use crate::pki::certificate::Certificate;
use crate::rotation::simulation::{SimulatedLeaf, TrustSet, UnknownPart};
use crate::shell::CommandLine;
use crate::store::secret::MANAGED_BY;
use crate::store::{Backend, nodes};

/// The number of nodes that a message names.
const EXAMPLES: usize = 5;

/// The certificates and trust sets of nodes. Keys are read with them, and dropped at once.
#[derive(Default)]
pub struct NodePopulation {
    /// The certificate of each node.
    pub leaves: Vec<SimulatedLeaf>,
    /// The trust sets of the nodes, each once.
    pub trust_sets: Vec<TrustSet>,
    /// The place of a trust set in the list, by its PEM.
    known: HashMap<String, usize>,
    /// Nodes that could not be read, by the cause.
    unread: BTreeMap<String, UnreadNodes>,
}

/// Nodes that could not be read for one cause.
struct UnreadNodes {
    error: Error,
    count: usize,
    examples: Vec<String>,
}

impl NodePopulation {
    /// Adds the nodes `ids`, whose credentials are below the directory of the fleet.
    pub fn add_directories(&mut self, fleet: &Path, ids: &[NodeId]) {
        for id in ids {
            let directory = directory::below(fleet, id);
            self.add(id, directory::read(&directory, CredentialKind::Server));
        }
    }

    /// Adds the nodes `ids`, whose credentials are in Secrets.
    pub fn add_secrets(&mut self, store: &dyn Backend, ids: &[NodeId]) {
        for id in ids {
            self.add(id, nodes::load_credentials(store, &nodes::secret_name(id)));
        }
    }

    /// Adds all nodes that have a Secret in the store.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read.
    pub fn add_all_secrets(&mut self, store: &dyn Backend) -> Result<()> {
        store.list(&[MANAGED_BY], &mut |secret| {
            if let Some(id) = nodes::node_of(&secret) {
                self.add(&id, nodes::credentials_of(&secret).map(Some));
            }
            Ok(())
        })
    }

    /// The nodes that could not be read.
    #[must_use]
    pub fn unknown(&self) -> Vec<UnknownPart> {
        let part = |unread: &UnreadNodes| {
            let more = unread.count - unread.examples.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let names = unread.examples.join(", ");
            UnknownPart {
                count: unread.count,
                message: format!("{names}{more}: {}", unread.error),
                hints: unread.error.hints().to_vec(),
            }
        };
        self.unread.values().map(part).collect()
    }

    fn add(&mut self, id: &NodeId, read: Result<Option<Credentials>>) {
        let missing = || {
            Error::failed(Code::CertificateMissing, "there is no certificate")
                .hint(("see the nodes that have one", CommandLine::ccx_sec("cert list")))
        };
        let added = read
            .and_then(|read| read.ok_or_else(missing))
            .and_then(|credentials| self.add_credentials(id, &credentials));
        if let Err(error) = added {
            self.note_unread(id, error);
        }
    }

    fn add_credentials(&mut self, id: &NodeId, credentials: &Credentials) -> Result<()> {
        let name = id.to_string();
        let pem = credentials.bundle_pem();
        match self.known.get(pem) {
            Some(at) => self.trust_sets[*at].holders += 1,
            None => {
                let anchors = Certificate::from_pem("its bundle", pem.as_bytes())?;
                if anchors.is_empty() {
                    return Err(Error::failed(Code::CertificateMissing, "its bundle is missing")
                        .hint("renew its certificate, which writes the bundle too"));
                }
                self.known.insert(pem.to_owned(), self.trust_sets.len());
                self.trust_sets.push(TrustSet::of_node(&name, anchors));
            }
        }
        self.leaves.push(SimulatedLeaf::new(&name, credentials.certificate().clone()));
        Ok(())
    }

    /// Counts nodes with the same cause together. Messages name the node, so the code tells causes
    /// apart.
    fn note_unread(&mut self, id: &NodeId, error: Error) {
        let cause = error.code().name().to_owned();
        let unread = self.unread.entry(cause).or_insert_with(|| UnreadNodes {
            error,
            count: 0,
            examples: Vec::new(),
        });
        unread.count += 1;
        if unread.examples.len() < EXAMPLES {
            unread.examples.push(id.to_string());
        }
    }
}
