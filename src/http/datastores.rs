//! The datastores that the store knows: by the labels of their nodes' Secrets, and nothing of
//! what is in those.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::auth::DatastoreAccess;
use super::problem::Problem;
use super::resource::{Caching, JSON, Resource, json};
use crate::engine::Engine;
use crate::error::{Code, Result};
use crate::node::NodeName;
use crate::store::Backend;
use crate::store::nodes::{DATASTORE, ENGINE, NODE};

/// The datastores, where they can be known.
#[derive(Debug, Default)]
pub(super) struct Datastores(Option<BTreeMap<Uuid, Vec<DatastoreNode>>>);

/// A node of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct DatastoreNode {
    /// Its name.
    name: String,
    /// Its engine, where its Secret says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    engine: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Datastore<'a> {
    datastore: Uuid,
    nodes: &'a [DatastoreNode],
    ca: String,
}

impl Datastores {
    /// Asks the store for them.
    ///
    /// # Errors
    /// Exit 3 when it cannot be read.
    pub(super) fn read(store: &dyn Backend) -> Result<Self> {
        let mut found: BTreeMap<Uuid, Vec<DatastoreNode>> = BTreeMap::new();
        store.labels(DATASTORE, &mut |_, labels| {
            let label = |name: &str| labels.get(name).map(String::as_str);
            let datastore = label(DATASTORE).and_then(|text| crate::node::datastore(text).ok());
            let name = label(NODE).and_then(|text| text.parse::<NodeName>().ok());
            if let (Some(datastore), Some(name)) = (datastore, name) {
                let engine = label(ENGINE).and_then(|text| text.parse::<Engine>().ok());
                let engine = engine.map(|engine| engine.facts().name);
                let node = DatastoreNode { name: name.as_str().to_owned(), engine };
                found.entry(datastore).or_default().push(node);
            }
        })?;
        found.values_mut().for_each(|nodes| nodes.sort_by(|a, b| a.name.cmp(&b.name)));
        Ok(Datastores(Some(found)))
    }

    /// All that may be seen.
    pub(super) fn all(&self, grant: &DatastoreAccess) -> std::result::Result<Resource, Problem> {
        #[derive(Serialize)]
        struct DatastoresDocument<'a> {
            datastores: Vec<Datastore<'a>>,
        }
        let seen = self.known()?.iter().filter(|(datastore, _)| grant.covers(**datastore));
        let datastores = seen.map(|(datastore, nodes)| document(*datastore, nodes)).collect();
        Ok(private(&DatastoresDocument { datastores }))
    }

    /// One of them.
    pub(super) fn resource(&self, datastore: Uuid) -> std::result::Result<Resource, Problem> {
        Ok(private(&document(datastore, self.nodes(datastore)?)))
    }

    /// The nodes of one.
    pub(super) fn nodes(&self, datastore: Uuid) -> std::result::Result<&[DatastoreNode], Problem> {
        let nodes = self.known()?.get(&datastore);
        nodes.map(Vec::as_slice).ok_or_else(|| {
            let detail = format!("there is no datastore {datastore} with a node in the store");
            Problem::new(StatusCode::NOT_FOUND, Code::DatastoreUnknown, detail)
                .hint("nodes whose certificates were issued with --secret are in the store")
        })
    }

    fn known(&self) -> std::result::Result<&BTreeMap<Uuid, Vec<DatastoreNode>>, Problem> {
        self.0.as_ref().ok_or_else(|| {
            let detail = "the server may not list Secrets, and so knows no datastores";
            Problem::new(StatusCode::NOT_IMPLEMENTED, Code::DatastoresHidden, detail)
                .hint("grant its service account the verb list on secrets")
        })
    }
}

impl DatastoreNode {
    /// Its engine, where it is known.
    pub(super) fn engine(&self) -> Option<&'static str> {
        self.engine
    }
}

fn document(datastore: Uuid, nodes: &[DatastoreNode]) -> Datastore<'_> {
    Datastore { datastore, nodes, ca: format!("/api/v1/datastores/{datastore}/ca.pem") }
}

fn private(document: &impl Serialize) -> Resource {
    Resource::new(JSON, json(document), Caching::Private)
}
