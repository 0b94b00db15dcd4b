//! PURE: the Kubernetes objects that run ccx-sec in a cluster: access control, the server, and the
//! jobs. Data in, data out; [`yaml`] encodes them for `kubectl apply`.
//!
//! Every function has its own account, and only [`access`] defines its rights. All pods come from
//! one template (`pod`), which Pod Security's "restricted" profile admits.

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

/// The maximum length of an installation's name: a CronJob's name may have 52 characters.
pub const LONGEST_NAME: usize = 40;

/// A function of ccx-sec in a cluster, with an account of its own (renew has the issuer's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Part {
    /// The CronJob that checks that the CA exists, is valid and does not expire soon
    Check,
    /// The account that issues and renews certificates
    Issuer,
    /// The server that publishes the CA
    Server,
    /// The account of volumes
    Volume,
    /// The CronJob that issues missing certificates of the nodes and renews due ones, with the
    /// issuer's account
    Renew,
    /// The CronJob that verifies the servers' TLS
    Verify,
    /// The CronJob that carries a rotation of the CA on
    Rotate,
}

impl Part {
    /// All parts, in the order of the output.
    pub const ALL: [Part; 7] = [
        Part::Check,
        Part::Issuer,
        Part::Server,
        Part::Volume,
        Part::Renew,
        Part::Verify,
        Part::Rotate,
    ];

    /// The word for the part in labels and names.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Part::Check => "check",
            Part::Issuer => "issuer",
            Part::Server => "server",
            Part::Volume => "volume",
            Part::Renew => "renew",
            Part::Verify => "verify",
            Part::Rotate => "rotate",
        }
    }

    /// Whether the part runs in a pod.
    #[must_use]
    pub fn has_pod(self) -> bool {
        !matches!(self, Part::Issuer | Part::Volume)
    }

    /// Whether the part needs the inventory of nodes.
    #[must_use]
    pub fn needs_inventory(self) -> bool {
        matches!(self, Part::Renew | Part::Verify)
    }
}

/// The inventory of nodes, for the jobs that process them.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// The file name in the ConfigMap; its extension gives the format.
    pub file: &'static str,
    /// The content of the file.
    pub text: String,
    /// The names of the nodes' Secrets. Never empty, because a rule without names applies to all.
    pub secrets: Vec<String>,
}

/// The phase that a job may enter, and the first digits of the fingerprints that confirm it.
#[derive(Debug, Clone)]
pub struct RotationGoal {
    /// The name of the phase.
    pub phase: String,
    /// One for each CA that a person has confirmed.
    pub confirmed: Vec<String>,
}

/// A version of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubernetesVersion {
    /// The major version, 1.
    pub major: u32,
    /// The minor version.
    pub minor: u32,
}

/// The settings of an installation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the installation; the names of all objects begin with it.
    pub name: String,
    /// The namespace. It must be known, because role bindings name it.
    pub namespace: String,
    /// The parts to install.
    pub parts: BTreeSet<Part>,
    /// The name of the CA's Secret.
    pub ca: String,
    /// The name of the bundle's Secret.
    pub bundle: String,
    /// The image with ccx-sec as its entry point.
    pub image: String,
    /// The number of server pods.
    pub replicas: u32,
    /// The oldest version of Kubernetes that must accept the objects.
    pub kubernetes: KubernetesVersion,
    /// The nodes; without them, the issuer may read every Secret.
    pub inventory: Option<Inventory>,
    /// The modes that the job `verify` requires; empty for its defaults.
    pub modes: Vec<TlsMode>,
    /// The phase to which the job `rotate` may carry a rotation, with the confirmations of a person;
    /// without it, the job passes none.
    pub rotation_goal: Option<RotationGoal>,
    /// The Secrets of volumes; without them, the volumes' account may read every Secret.
    pub volumes: Vec<String>,
    /// The Secret with the server's certificate; `None` if a proxy handles TLS.
    pub tls: Option<String>,
    /// The Secret with the tokens of clients, in its key `tokens`; `None` serves everybody alike.
    pub tokens: Option<String>,
    /// Whether the server records in the store which client has which bundle.
    pub record_holders: bool,
    /// The names under which clients outside the cluster reach the server.
    pub hosts: Vec<String>,
    /// Whether to add a ServiceMonitor for the Prometheus operator.
    pub service_monitor: bool,
    /// Whether to add an Issuer of cert-manager, and a Certificate for the server.
    pub cert_manager: bool,
    /// Whether to add a Bundle of trust-manager.
    pub trust_manager: bool,
}

impl Settings {
    fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// The name of an object of a part; the server's Service has the name of the installation.
    fn named(&self, word: &str) -> String {
        format!("{}-{word}", self.name)
    }

    /// Whether the cluster has the API versions of Kubernetes 1.21 and later.
    fn is_current(&self) -> bool {
        self.kubernetes >= KubernetesVersion { major: 1, minor: 21 }
    }

    /// The labels that select a part's pods. They must never change: selectors are immutable.
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

/// All objects, each after those that it needs.
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
            Part::Check | Part::Renew | Part::Verify | Part::Rotate => {
                objects.push(tasks::recurring(settings, part));
            }
            Part::Issuer | Part::Volume => {}
        }
    }
    objects.extend(others::objects(settings));
    objects
}

/// Wraps objects into one List, which `kubectl apply` accepts as well.
#[must_use]
pub fn list(objects: &[Value]) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "items": objects})
}

/// Encodes objects as YAML documents.
///
/// # Errors
/// Exit 3 when an object cannot be encoded.
pub fn yaml(objects: &[Value]) -> Result<String> {
    objects.iter().try_fold(String::new(), |text, object| {
        Ok(format!("{text}---\n{}", manifest::to_yaml(object)?.as_str()))
    })
}
