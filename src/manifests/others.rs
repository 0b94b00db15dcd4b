//! Objects for operators that a cluster may have: Prometheus', cert-manager, trust-manager.

use serde_json::{Value, json};

use super::{Part, Settings, service};
use crate::store::secret::MANAGED_BY;

pub(super) fn objects(settings: &Settings) -> Vec<Value> {
    let mut objects = Vec::new();
    if settings.cert_manager {
        objects.push(issuer(settings));
        if let Some(secret) = settings.tls.as_ref().filter(|_| settings.has(Part::Server)) {
            objects.push(certificate(settings, secret));
        }
    }
    if settings.trust_manager {
        objects.push(bundle(settings));
    }
    if settings.service_monitor {
        objects.push(monitor(settings));
    }
    objects
}

/// The DNS name of the Service inside the cluster.
fn in_cluster(settings: &Settings) -> String {
    format!("{}.{}.svc", settings.name, settings.namespace)
}

/// An Issuer of cert-manager, which can use the CA's Secret unchanged.
fn issuer(settings: &Settings) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Issuer",
        "metadata": settings.metadata(&settings.ca, Part::Issuer),
        "spec": {"ca": {"secretName": settings.ca}},
    })
}

fn certificate(settings: &Settings, secret: &str) -> Value {
    let mut names = settings.hosts.clone();
    names.extend([in_cluster(settings), settings.name.clone()]);
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": settings.metadata(&settings.named("tls"), Part::Server),
        "spec": {
            "secretName": secret,
            "issuerRef": {"group": "cert-manager.io", "kind": "Issuer", "name": settings.ca},
            "commonName": settings.name,
            "dnsNames": names,
            "duration": "2160h",
            "renewBefore": "720h",
            "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
            // By default cert-manager would add keyEncipherment, which ECDSA keys cannot do.
            "usages": ["digital signature", "server auth"],
        },
    })
}

/// A Bundle of trust-manager: copies the bundle into a ConfigMap in every namespace. Its Secret
/// must be in trust-manager's "trust namespace".
fn bundle(settings: &Settings) -> Value {
    json!({
        "apiVersion": "trust.cert-manager.io/v1alpha1",
        "kind": "Bundle",
        "metadata": {
            "name": settings.bundle,
            "labels": {
                "app.kubernetes.io/name": "ccx-sec",
                "app.kubernetes.io/instance": settings.name,
                (MANAGED_BY.0): MANAGED_BY.1,
            },
        },
        "spec": {
            "sources": [{"secret": {"name": settings.bundle, "key": "ca.crt"}}],
            "target": {"configMap": {"key": "ca.crt"}},
        },
    })
}

fn monitor(settings: &Settings) -> Value {
    let scheme = service::scheme(settings);
    let mut endpoint = json!({"port": scheme, "path": "/metrics", "scheme": scheme});
    if settings.tls.is_some() {
        endpoint["tlsConfig"] = json!({
            "ca": {"secret": {"name": settings.bundle, "key": "ca.crt"}},
            "serverName": in_cluster(settings),
        });
    }
    json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": settings.metadata(&settings.name, Part::Server),
        "spec": {
            "selector": {"matchLabels": settings.selector(Part::Server)},
            "endpoints": [endpoint],
        },
    })
}
