//! The server: Deployment, Service and PodDisruptionBudget.

use serde_json::{Value, json};

use super::{Part, Settings, pod};
use crate::store::holder_shards::{HOLDERS_LABEL, shard_names};

const PART: Part = Part::Server;
/// The mount path of the Secret with the server's certificate.
const TLS: &str = "/etc/ccx-sec/tls";
/// The mount path of the Secret with the tokens of clients.
const TOKENS: &str = "/etc/ccx-sec/tokens";

/// The port that the server's pods listen on.
pub(super) fn port(settings: &Settings) -> u16 {
    if settings.tls.is_some() { 8443 } else { 8080 }
}

/// The name of that port, and the scheme of URLs.
pub(super) fn scheme(settings: &Settings) -> &'static str {
    if settings.tls.is_some() { "https" } else { "http" }
}

pub(super) fn objects(settings: &Settings) -> Vec<Value> {
    let mut objects = match settings.record_holders {
        true => shard_names(&settings.ca).map(|name| empty_records(settings, &name)).collect(),
        false => Vec::new(),
    };
    objects.extend([service(settings), budget(settings), deployment(settings)]);
    objects
}

/// A Secret for the records of clients. It has no `data`, so that applying it again keeps the
/// records. The server may then do without `create`, by which it could make itself the token of any
/// account.
fn empty_records(settings: &Settings, name: &str) -> Value {
    let mut metadata = settings.metadata(name, PART);
    metadata["labels"][HOLDERS_LABEL.0] = HOLDERS_LABEL.1.into();
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"})
}

fn service(settings: &Settings) -> Value {
    let (name, number) = match settings.tls {
        Some(_) => ("https", 443),
        None => ("http", 80),
    };
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": settings.metadata(&settings.name, PART),
        "spec": {
            "type": "ClusterIP",
            "selector": settings.selector(PART),
            "ports": [{"name": name, "port": number, "protocol": "TCP", "targetPort": name}],
        },
    })
}

fn budget(settings: &Settings) -> Value {
    let version = if settings.is_current() { "policy/v1" } else { "policy/v1beta1" };
    json!({
        "apiVersion": version,
        "kind": "PodDisruptionBudget",
        "metadata": settings.metadata(&settings.name, PART),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": settings.selector(PART)}},
    })
}

fn deployment(settings: &Settings) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": settings.metadata(&settings.name, PART),
        "spec": {
            "replicas": settings.replicas,
            "selector": {"matchLabels": settings.selector(PART)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "template": template(settings),
        },
    })
}

fn template(settings: &Settings) -> Value {
    let listen = format!("--listen=[::]:{}", port(settings));
    let mut arguments = vec!["serve", &listen, "--wait=60s", "--wait-for-ca", "--access-log=json"];
    let (certificate, key) =
        (format!("--tls-cert={TLS}/tls.crt"), format!("--tls-key={TLS}/tls.key"));
    match settings.tls {
        Some(_) => arguments.extend([certificate.as_str(), key.as_str()]),
        None => arguments.push("--insecure-http"),
    }
    let tokens = format!("--auth=tokens:{TOKENS}/tokens");
    if settings.tokens.is_some() {
        arguments.push(&tokens);
    }
    if settings.record_holders {
        arguments.push("--record-holders");
    }
    let mut template = pod::template(settings, PART, &arguments);
    let spec = &mut template["spec"];
    spec["topologySpreadConstraints"] = json!([{
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": settings.selector(PART)},
    }]);
    let scheme = scheme(settings);
    let probe = |path: &str, period: u32, failures: u32| {
        json!({
            "httpGet": {"path": path, "port": scheme, "scheme": scheme.to_uppercase()},
            "periodSeconds": period,
            "failureThreshold": failures,
            "timeoutSeconds": 5,
        })
    };
    let container = &mut spec["containers"][0];
    container["ports"] =
        json!([{"name": scheme, "containerPort": port(settings), "protocol": "TCP"}]);
    // Longer than the server may wait for the store.
    container["startupProbe"] = probe("/healthz", 2, 60);
    container["livenessProbe"] = probe("/healthz", 10, 3);
    // Without a CA, a pod is alive but not ready.
    container["readinessProbe"] = probe("/readyz", 2, 1);
    if let Some(secret) = &settings.tls {
        let volume = json!({"secret": {"secretName": secret, "defaultMode": 0o440}});
        pod::mount(&mut template, "tls", TLS, volume);
    }
    if let Some(secret) = &settings.tokens {
        let volume = json!({"secret": {"secretName": secret, "defaultMode": 0o440}});
        pod::mount(&mut template, "tokens", TOKENS, volume);
    }
    template
}
