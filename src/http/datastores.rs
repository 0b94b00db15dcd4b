//! The datastores in the store, known by the labels of their nodes' Secrets; the Secrets' values
//! are not read.

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

/// The nodes of each datastore; `None` if the store may not be listed.
#[derive(Debug, Default)]
pub(super) struct Datastores(Option<BTreeMap<Uuid, Vec<DatastoreNode>>>);

/// A node of a datastore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct DatastoreNode {
    /// The name of the node.
    name: String,
    /// The engine, if the label of the node's Secret names it.
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
    /// Lists the datastores of the store.
    ///
    /// # Errors
    /// Exit 3 when the store cannot be read.
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

    /// The document of all datastores that a request may see.
    pub(super) fn all(&self, access: &DatastoreAccess) -> std::result::Result<Resource, Problem> {
        #[derive(Serialize)]
        struct DatastoresDocument<'a> {
            datastores: Vec<Datastore<'a>>,
        }
        let seen = self.known()?.iter().filter(|(datastore, _)| access.covers(**datastore));
        let datastores = seen.map(|(datastore, nodes)| document(*datastore, nodes)).collect();
        Ok(private(&DatastoresDocument { datastores }))
    }

    /// The document of one datastore.
    pub(super) fn resource(&self, datastore: Uuid) -> std::result::Result<Resource, Problem> {
        Ok(private(&document(datastore, self.nodes(datastore)?)))
    }

    /// The nodes of a datastore.
    pub(super) fn nodes(&self, datastore: Uuid) -> std::result::Result<&[DatastoreNode], Problem> {
        let nodes = self.known()?.get(&datastore);
        nodes.map(Vec::as_slice).ok_or_else(|| {
            let detail = format!("there is no datastore {datastore} with a node in the store");
            Problem::new(StatusCode::NOT_FOUND, Code::DatastoreUnknown, detail)
                .hint("the store has nodes whose certificates were issued with --secret")
        })
    }

    fn known(&self) -> std::result::Result<&BTreeMap<Uuid, Vec<DatastoreNode>>, Problem> {
        self.0.as_ref().ok_or_else(|| {
            let detail = "the server lacks the right to list Secrets, and knows no datastores";
            Problem::new(StatusCode::NOT_IMPLEMENTED, Code::DatastoresHidden, detail)
                .hint("grant its service account the verb list on secrets")
        })
    }
}

impl DatastoreNode {
    /// The engine, if it is known.
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
