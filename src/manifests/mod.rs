//! PURE: what runs ccx-sec in a cluster, as objects of Kubernetes: who may do what, the service,
//! and the jobs. Data in, data out; [`yaml`] is what `kubectl apply` takes.
//!
//! Every function has an account of its own, and [`access`] is the one place that says what it
//! may do. All pods come from one template (`pod`), which Pod Security's "restricted" profile
//! admits.

pub mod access;
mod network;
mod others;
mod pod;
mod service;
mod tasks;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::error::Result;
use crate::probe::mode::TlsMode;
use crate::store::manifest;
use crate::store::secret::MANAGED_BY;

/// The longest name of an installation: that of a CronJob may have 52 characters.
pub const LONGEST_NAME: usize = 40;

/// A function of ccx-sec in a cluster, with an account of its own (renew has the issuer's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Part {
    /// The CronJob that checks that the CA is there, sound, and not about to expire
    Check,
    /// The account that issues and renews certificates
    Issuer,
    /// The service that hands the CA out
    Server,
    /// The account of volumes
    Volume,
    /// The CronJob that issues missing certificates of the nodes and renews due ones, with the
    /// issuer's account
    Renew,
    /// The CronJob that dials the servers
    Verify,
}

impl Part {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Part; 6] =
        [Part::Check, Part::Issuer, Part::Server, Part::Volume, Part::Renew, Part::Verify];

    /// Its word, in labels and names.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Part::Check => "check",
            Part::Issuer => "issuer",
            Part::Server => "server",
            Part::Volume => "volume",
            Part::Renew => "renew",
            Part::Verify => "verify",
        }
    }

    /// Whether it runs in a pod.
    #[must_use]
    pub fn has_pod(self) -> bool {
        !matches!(self, Part::Issuer | Part::Volume)
    }

    /// Whether it needs to know the nodes.
    #[must_use]
    pub fn needs_inventory(self) -> bool {
        matches!(self, Part::Renew | Part::Verify)
    }
}

/// The nodes, for the jobs that go through them.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// The file's name in the ConfigMap; its end tells the notation.
    pub file: &'static str,
    /// What is in it.
    pub text: String,
    /// The names of the Secrets of its nodes: at least one, as a rule without names is for all.
    pub secrets: Vec<String>,
}

/// A version of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubernetesVersion {
    /// 1.
    pub major: u32,
    /// What follows the dot.
    pub minor: u32,
}

/// What is to be installed.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the installation; all objects begin with it.
    pub name: String,
    /// Where: role bindings name it, so it has to be known.
    pub namespace: String,
    /// The functions.
    pub parts: BTreeSet<Part>,
    /// The Secret of the CA.
    pub ca: String,
    /// The Secret of its bundle.
    pub bundle: String,
    /// The image with ccx-sec as its entry point.
    pub image: String,
    /// How many pods serve.
    pub replicas: u32,
    /// The oldest version that shall take it.
    pub kubernetes: KubernetesVersion,
    /// The nodes; without them the issuer may go to every Secret.
    pub inventory: Option<Inventory>,
    /// The modes that the job `verify` wants; its defaults where empty.
    pub modes: Vec<TlsMode>,
    /// The Secrets of volumes; without them the account of volumes may go to every Secret.
    pub volumes: Vec<String>,
    /// The Secret with the service's certificate; none where a proxy speaks TLS for it.
    pub tls: Option<String>,
    /// The names under which clients reach the service, besides those in the cluster.
    pub hosts: Vec<String>,
    /// A ServiceMonitor for the Prometheus operator.
    pub service_monitor: bool,
    /// An Issuer of cert-manager, and a Certificate of it for the service.
    pub cert_manager: bool,
    /// A Bundle of trust-manager.
    pub trust_manager: bool,
}

impl Settings {
    fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// The name of an object of a part; the service has that of the installation.
    fn named(&self, word: &str) -> String {
        format!("{}-{word}", self.name)
    }

    /// Where the objects are as they have been since 1.21.
    fn is_current(&self) -> bool {
        self.kubernetes >= KubernetesVersion { major: 1, minor: 21 }
    }

    /// What its pods are chosen by, for good: selectors cannot be changed.
    fn selector(&self, part: Part) -> Value {
        json!({
            "app.kubernetes.io/name": "ccx-sec",
            "app.kubernetes.io/instance": self.name,
            "app.kubernetes.io/component": part.word(),
        })
    }

    fn labels(&self, part: Part) -> Value {
        let mut labels = self.selector(part);
        labels[MANAGED_BY.0] = MANAGED_BY.1.into();
        labels
    }

    fn metadata(&self, name: &str, part: Part) -> Value {
        json!({"name": name, "namespace": self.namespace, "labels": self.labels(part)})
    }
}

/// All objects: what others need comes before them.
#[must_use]
pub fn objects(settings: &Settings) -> Vec<Value> {
    let mut objects = Vec::new();
    for part in settings.parts.iter().copied() {
        objects.extend(access::objects(settings, part));
        if part.has_pod() {
            objects.push(network::policy(settings, part));
        }
    }
    objects.extend(tasks::inventory(settings));
    for part in settings.parts.iter().copied() {
        match part {
            Part::Server => objects.extend(service::objects(settings)),
            Part::Check | Part::Renew | Part::Verify => {
                objects.push(tasks::recurring(settings, part));
            }
            Part::Issuer | Part::Volume => {}
        }
    }
    objects.extend(others::objects(settings));
    objects
}

/// Them as one List, which `kubectl apply` takes too.
#[must_use]
pub fn list(objects: &[Value]) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "items": objects})
}

/// Them as documents of YAML.
///
/// # Errors
/// Exit 3 when they cannot be encoded.
pub fn yaml(objects: &[Value]) -> Result<String> {
    objects.iter().try_fold(String::new(), |text, object| {
        Ok(format!("{text}---\n{}", manifest::to_yaml(object)?.as_str()))
    })
}
