//! Waiting for a Secret to change, in both stores: it ends when the Secret does, and is there
//! for who may no more than `get` and `watch` that one.

use std::thread;
use std::time::Duration;

use ccx_sec::store::dir::DirStore;
use ccx_sec::store::location::{Cluster, ClusterCredentials, Location};
use ccx_sec::store::secret::Secret;
use ccx_sec::store::{self, Backend, StoreOptions};

use crate::common::Home;
use crate::common::kube::{Namespace, kubeconfig};

/// Longer than any test may take: who waits for so long has seen no change.
const LONG: Duration = Duration::from_secs(600);
const NAME: &str = "ccx-ca-bundle";

fn version(store: &dyn Backend) -> Option<String> {
    store.get(NAME).expect("a store").and_then(|secret| secret.version)
}

/// Waits as often as the store comes back early, until there is another version than `known`.
fn changed(store: &dyn Backend, known: Option<&str>) -> Option<String> {
    loop {
        store.await_change(NAME, known, LONG).expect("watched");
        let now = version(store);
        if now.as_deref() != known {
            return now;
        }
    }
}

/// Made, changed: the waiting one sees it, whether it began to wait before or after.
fn sees_all(writer: &(dyn Backend + Sync), reader: &dyn Backend) -> String {
    thread::scope(|scope| {
        let write = || writer.create(&Secret::new(NAME, "Opaque").with("k", "1"), false);
        scope.spawn(move || assert!(write().expect("made")));
        let first = changed(reader, None).expect("it is there");
        let write = || {
            let secret = writer.get(NAME).expect("read").expect("there");
            writer.replace(&secret.with("k", "2"))
        };
        scope.spawn(move || assert!(write().expect("changed")));
        let second = changed(reader, Some(&first)).expect("it is there");
        // What has changed already is not waited for.
        assert_eq!(changed(reader, Some(&first)), Some(second.clone()));
        second
    })
}

#[test]
fn directory() {
    let home = Home::new();
    let open = || DirStore::open(&home.store(), LONG).expect("a store");
    let last = sees_all(&open(), &open());
    thread::scope(|scope| {
        scope.spawn(|| std::fs::remove_file(home.secret_file(NAME)).expect("removed"));
        assert_eq!(changed(&open(), Some(&last)), None);
    });
}

fn limited(namespace: &Namespace) -> Box<dyn Backend> {
    let cluster = Cluster {
        credentials: ClusterCredentials::Kubeconfig(vec![kubeconfig("limited")]),
        context: None,
        namespace: Some(namespace.name.clone()),
    };
    let notice = Box::new(|_: &str| ());
    let conditions = StoreOptions { timeout: Duration::from_secs(30), notice };
    store::open(&Location::Kubernetes(cluster), conditions).expect("a store")
}

fn allow(namespace: &Namespace, verbs: &str) {
    let (verbs, name) = (format!("--verb={verbs}"), format!("--resource-name={NAME}"));
    namespace.kubectl(&["create", "role", "r", &verbs, "--resource=secrets", &name]);
    namespace.kubectl(&["create", "rolebinding", "r", "--role=r", "--user=limited"]);
}

#[test]
#[ignore = "needs tests/run"]
fn cluster_and_a_user_that_may_get_and_watch_this_one_alone() {
    let namespace = Namespace::new();
    allow(&namespace, "get,watch");
    let last = sees_all(&*namespace.store(), &*limited(&namespace));
    let reader = limited(&namespace);
    let denied = reader.await_change("ccx-ca", None, LONG).map_err(|error| error.code().name());
    assert_eq!(denied, Err("kube-forbidden"));
    thread::scope(|scope| {
        scope.spawn(|| namespace.kubectl(&["delete", "secret", NAME]));
        assert_eq!(changed(&*reader, Some(&last)), None);
    });
}

#[test]
#[ignore = "needs tests/run"]
fn account_without_watch_is_told() {
    let namespace = Namespace::new();
    allow(&namespace, "get");
    let error = limited(&namespace).await_change(NAME, None, LONG).expect_err("forbidden");
    assert_eq!((error.code().name(), error.exit().code()), ("kube-forbidden", 3));
    assert!(error.to_string().contains(" may not watch secrets"), "{error}");
    assert!(
        error.hints().iter().any(|hint| hint.to_string().contains("verbs: [watch]")),
        "{error:?}"
    );
}

#[test]
#[ignore = "needs tests/run"]
fn labels_are_shown_without_what_is_in_it() {
    let namespace = Namespace::new();
    let home = Home::new();
    let directory = DirStore::open(&home.store(), LONG).expect("a store");
    for store in [&*namespace.store() as &dyn Backend, &directory] {
        let labelled = Secret::new("a", "Opaque").label("ccx-sec/datastore", "x");
        assert!(store.create(&labelled, false).expect("made"));
        assert!(store.create(&Secret::new("b", "Opaque"), false).expect("made"));
        let mut seen = Vec::new();
        let visit = &mut |name: &str, labels: store::Labels| seen.push((name.to_owned(), labels));
        store.labels("ccx-sec/datastore", visit).expect("listed");
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!((seen[0].0.as_str(), seen[0].1["ccx-sec/datastore"].as_str()), ("a", "x"));
    }
}
