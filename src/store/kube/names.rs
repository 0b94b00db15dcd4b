//! Names to choose from: the contexts of a kubeconfig, the namespaces of a cluster.

use std::path::PathBuf;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, ListParams, PartialObjectMeta};

use super::errors::Operation;
use super::{KubeStore, PAGE, config};
use crate::error::Result;
use crate::store::StoreOptions;
use crate::store::location::Cluster;

/// The names of the contexts in kubeconfig files, merged as kubectl merges them.
///
/// # Errors
/// Exit 3 when a file cannot be read.
pub fn contexts(kubeconfigs: &[PathBuf]) -> Result<Vec<String>> {
    Ok(config::read(kubeconfigs)?.contexts.into_iter().map(|context| context.name).collect())
}

/// The names of the first namespaces of a cluster, at most 500.
///
/// # Errors
/// Exit 3 when the namespaces cannot be listed.
pub fn namespaces(cluster: &Cluster, options: StoreOptions) -> Result<Vec<String>> {
    let store = KubeStore::open(cluster, options)?;
    let all: Api<Namespace> = Api::all(store.client()?);
    let operation = Operation::new("list", "namespaces", "");
    let parameters = ListParams::default().limit(PAGE);
    let page = store.call(&operation, || all.list_metadata(&parameters));
    let page = page.map_err(|failure| store.explain(&operation, failure))?;
    let name = |namespace: PartialObjectMeta<Namespace>| namespace.metadata.name;
    Ok(page.items.into_iter().filter_map(name).collect())
}
