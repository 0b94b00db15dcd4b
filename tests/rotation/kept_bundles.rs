//! Clients that keep the bundle that they have during a rotation: each breaks in the phases that
//! `ca rotate plan` names, and in no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ccx_sec::pki::certificate::Certificate;
use ccx_sec::pki::pem;

use crate::common::live::{Fleet, Store, fingerprints};
use crate::common::load::{Load, come_with, until};
use crate::common::random::say;
use crate::common::service::Service;
use crate::common::{Home, Run, tool};

/// A keystore that `keytool` made of the bundle of both CAs.
const KEYSTORE: &str = "keystore.p12";

/// Bundles that nobody refreshes, and the phases in which their clients broke.
pub struct KeptBundles {
    files: BTreeMap<&'static str, PathBuf>,
    broken: BTreeMap<&'static str, BTreeSet<String>>,
}

fn keytool(home: &Home, arguments: &[&str]) {
    let store = ["-storetype", "PKCS12", "-storepass", "changeit", "-keystore", &home.at(KEYSTORE)];
    tool("keytool", &[arguments, &store].concat());
}

impl KeptBundles {
    /// Writes them while the store's bundle holds both CAs.
    pub fn write(store: &Store, old: &Certificate, new: &Certificate) -> Self {
        let home = store.home();
        let both = home.at("both.pem");
        store.done(&["ca", "export", "--out", &both]);
        keytool(home, &["-importcert", "-noprompt", "-file", &both]);
        // What it took of the two, for the plan, which reads no keystore.
        keytool(
            home,
            &["-exportcert", "-rfc", "-alias", "mykey", "-file", &home.at("keystore.pem")],
        );
        let files = BTreeMap::from([
            ("old", home.write("old.pem", pem::certificates([old])).into()),
            ("new", home.write("new.pem", pem::certificates([new])).into()),
            ("both", both.into()),
            ("keystore", home.join("keystore.pem")),
        ]);
        KeptBundles { files, broken: BTreeMap::new() }
    }

    /// The file with one CA: `old` or `new`; or with `both`.
    pub fn file(&self, name: &str) -> &PathBuf {
        &self.files[name]
    }

    /// Has a client with each of them come to these nodes in a phase.
    pub fn measure(
        &mut self,
        phase: &str,
        fleet: &Fleet,
        load: &Load<'_>,
        nodes: &BTreeSet<usize>,
    ) {
        let identity = load.identity("official");
        for (name, file) in &self.files {
            let come = |node: usize| come_with(&fleet.nodes[node].server, file, &identity);
            let mut outcomes = BTreeMap::new();
            if *name == "keystore" {
                outcomes = load.come_with_keystore(&fleet.store.home().join(KEYSTORE));
            }
            // To servers for which there is no driver of Java, with what the keystore holds.
            for node in nodes {
                outcomes.entry(*node).or_insert_with(|| come(*node));
            }
            let failed: BTreeSet<usize> =
                outcomes.iter().filter(|(_, met)| met.is_err()).map(|(node, _)| *node).collect();
            say("kept bundle", &format!("{phase}: {name} fails at {failed:?}"));
            let broken = self.broken.entry(name).or_default();
            if !failed.is_empty() {
                broken.insert(phase.to_owned());
            }
        }
    }

    /// The plan of the rotation, while it is staged: for each bundle, the phases in which it breaks.
    pub fn planned(&self, fleet: &Fleet) -> BTreeMap<&'static str, BTreeSet<String>> {
        let mut words: Vec<String> = ["ca", "rotate", "plan", "-o", "json", "--inventory"]
            .into_iter()
            .map(str::to_owned)
            .collect();
        words.extend([fleet.inventory(), "--dir".to_owned(), fleet.out()]);
        for file in self.files.values() {
            words.extend(["--client-bundle".to_owned(), file.display().to_string()]);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = fleet.store.run(&words);
        assert_eq!(run.code, 1, "clients break, says the plan: {}{}", run.stdout, run.stderr);
        let plan = run.json();
        let clients = plan["clients"].as_array().expect("clients");
        let of = |file: &PathBuf| {
            let name = file.display().to_string();
            let client = clients.iter().find(|client| client["name"] == name.as_str());
            let breaks =
                client.unwrap_or_else(|| panic!("{name}: {clients:?}"))["breaks"].as_array();
            let phases = breaks.expect("phases").iter();
            phases.map(|phase| phase.as_str().expect("a phase").to_owned()).collect()
        };
        self.files.iter().map(|(name, file)| (*name, of(file))).collect()
    }

    /// Checks that they broke as the plan said.
    pub fn assert_as(&self, planned: &BTreeMap<&'static str, BTreeSet<String>>) {
        assert_eq!(&self.broken, planned);
    }
}

/// A client that knows the fingerprint of the old CA only, and asks a service for the bundle.
pub struct PinnedClient<'a> {
    store: &'a Store,
    service: Service,
    pin: String,
}

impl<'a> PinnedClient<'a> {
    pub fn new(store: &'a Store, old: &Certificate) -> Self {
        let serve = store.ccx(&["serve", "--listen", "127.0.0.1:0", "-q"]);
        PinnedClient { store, service: Service::start(&serve, 1), pin: old.sha256() }
    }

    fn fetch(&self) -> Run {
        self.store.run(&["ca", "fetch", &self.service.urls[0], "--sha256", &self.pin])
    }

    /// Waits until it gets a bundle with exactly these CAs.
    pub fn gets(&self, cas: &[&Certificate]) {
        let expected: BTreeSet<String> = cas.iter().map(|ca| ca.sha256()).collect();
        until("the service has the bundle", || {
            let run = self.fetch();
            assert!(run.code == 0, "{}", run.stderr);
            fingerprints(run.stdout.as_bytes()) == expected
        });
    }

    /// Waits until it is refused.
    pub fn is_refused(&self) {
        until("the old CA is gone from the service", || self.fetch().code == 4);
    }
}
