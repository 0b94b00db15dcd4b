//! The template of all pods: unprivileged, with a read-only file system.

use serde_json::{Value, json};

use super::{Part, Settings, access};

/// The user id of "nonroot" in distroless images.
const USER: u32 = 65532;

/// A pod that runs ccx-sec with `arguments`.
pub(super) fn template(settings: &Settings, part: Part, arguments: &[impl AsRef<str>]) -> Value {
    let mut all = vec!["--store=k8s".to_owned(), format!("--ca={}", settings.ca)];
    all.extend(arguments.iter().map(|word| word.as_ref().to_owned()));
    json!({
        "metadata": {"labels": settings.labels(part)},
        "spec": {
            "serviceAccountName": access::account(settings, part),
            "automountServiceAccountToken": true,
            "enableServiceLinks": false,
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": USER,
                "runAsGroup": USER,
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": "ccx-sec",
                "image": settings.image,
                "args": all,
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "readOnlyRootFilesystem": true,
                    "runAsNonRoot": true,
                    "capabilities": {"drop": ["ALL"]},
                },
                // No CPU limit: it would throttle urgent work and protect no other pod.
                "resources": {
                    "requests": {"cpu": "50m", "memory": "64Mi"},
                    "limits": {"memory": "512Mi"},
                },
            }],
        },
    })
}

/// Mounts a volume into the pod, read-only.
pub(super) fn mount(template: &mut Value, name: &str, path: &str, volume: Value) {
    let spec = &mut template["spec"];
    let mut volume = volume;
    volume["name"] = name.into();
    push(&mut spec["volumes"], volume);
    let mounted = json!({"name": name, "mountPath": path, "readOnly": true});
    push(&mut spec["containers"][0]["volumeMounts"], mounted);
}

fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) => items.push(item),
        missing => *missing = json!([item]),
    }
}
