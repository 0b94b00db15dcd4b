//! Fleets for tests: inventories, and what the Secrets of their nodes must hold.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ccx_sec::store::ca::TLS;
use ccx_sec::store::nodes::{self, DATASTORE, ENGINE, NODE};
use ccx_sec::store::secret::Secret;

use super::kube::Namespace;

const DATASTORES: [&str; 4] = [
    "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10",
    "8a4f2c6b-1d3e-4b5a-8c7d-9e0f1a2b3c4d",
    "c2d4e6f8-0a1b-4c3d-8e5f-6a7b8c9d0e1f",
    "f0e1d2c3-b4a5-4968-8778-695a4b3c2d1e",
];

/// The datastore of the `n`th node: they take turns.
pub fn datastore(n: usize) -> &'static str {
    DATASTORES[n % DATASTORES.len()]
}

/// The name of the `n`th node.
pub fn node(n: usize) -> String {
    format!("db-{n}")
}

/// The name of its Secret.
pub fn secret(n: usize) -> String {
    format!("ccx-node-{}-{}", datastore(n), node(n))
}

/// The inventory of `count` nodes, as a file in the home of a namespace.
pub fn inventory(namespace: &Namespace, count: usize) -> PathBuf {
    let mut text = "defaults: {domain: ccx.example, engine: mysql}\nnodes:\n".to_owned();
    for n in 0..count {
        let (datastore, node, host) = (datastore(n), node(n), n % 250);
        text += &format!("- {{datastore: {datastore}, node: {node}, ip: [10.0.0.{host}]}}\n");
    }
    let file = namespace.home.join(&format!("nodes-{count}.yaml"));
    std::fs::write(&file, text).expect("written");
    file
}

/// The Secrets that ccx-sec has made for nodes of a namespace, and those of others that have
/// their names.
pub fn secrets(namespace: &Namespace) -> BTreeMap<String, Secret> {
    let mut found = BTreeMap::new();
    namespace
        .store()
        .list(&[], &mut |secret| {
            if secret.name.starts_with("ccx-node-") {
                found.insert(secret.name.clone(), secret);
            }
            Ok(())
        })
        .expect("listed");
    found
}

/// Checks that a Secret holds all that the `n`th node needs, and fits together; gives the
/// serial number of its certificate.
pub fn whole(n: usize, secret: &Secret, bundle: &str) -> String {
    assert!(secret.is_ours(), "{secret:?}");
    assert_eq!(secret.kind, TLS, "{secret:?}");
    let labels = [(DATASTORE, datastore(n)), (NODE, &node(n)), (ENGINE, "mysql")];
    for (label, value) in labels {
        assert_eq!(secret.labels.get(label).map(String::as_str), Some(value), "{secret:?}");
    }
    // Reads the key too, and checks that it is the certificate's.
    let credentials = nodes::credentials_of(secret).unwrap_or_else(|e| panic!("{secret:?}: {e}"));
    let host = format!("{}.{}.ccx.example", node(n), datastore(n));
    assert_eq!(credentials.certificate().name(), host);
    assert_eq!(credentials.bundle_pem(), bundle, "{secret:?}");
    credentials.certificate().serial()
}
