//! What runs and ends: the Job that looks at the CA, and what comes back by the clock.

use serde_json::{Value, json};

use super::{Part, Settings, pod};
use crate::pki::sha256_hex;

/// Where the inventory is mounted.
const INVENTORY: &str = "/etc/ccx-sec/inventory";

/// What makes an object a hook of Helm, and of those who take its hooks (Argo CD).
pub(super) fn hook(weight: &str) -> Value {
    json!({
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-weight": weight,
        "helm.sh/hook-delete-policy": "before-hook-creation",
    })
}

/// The Job that looks whether the CA is there and sound. A Job cannot be changed, so another
/// one has another name.
pub(super) fn check(settings: &Settings) -> Value {
    let arguments = ["ca", "check", "--no-repair", "--expires-within=30d"];
    let mut template = pod::template(settings, Part::Check, &arguments);
    template["spec"]["restartPolicy"] = "Never".into();
    // The words of which a Job consists decide its name.
    let hash = sha256_hex(template.to_string().as_bytes());
    let name = format!("{}-{}", settings.named(Part::Check.word()), &hash[..8]);
    let mut metadata = settings.metadata(&name, Part::Check);
    metadata["annotations"] = hook("0");
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": {"backoffLimit": 3, "activeDeadlineSeconds": 300, "template": template},
    })
}

/// The nodes, for the jobs.
pub(super) fn inventory(settings: &Settings) -> Option<Value> {
    let parts = [Part::Renew, Part::Verify];
    let part = parts.into_iter().find(|part| settings.has(*part))?;
    let inventory = settings.inventory.as_ref()?;
    let mut metadata = settings.metadata(&settings.named("inventory"), part);
    // It is of both jobs.
    metadata["labels"]["app.kubernetes.io/component"] = "inventory".into();
    Some(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {inventory.file: inventory.text},
    }))
}

/// A CronJob that goes through the inventory.
pub(super) fn recurring(settings: &Settings, part: Part) -> Value {
    let file = settings.inventory.as_ref().map_or("nodes.yaml", |inventory| inventory.file);
    let inventory = format!("--inventory={INVENTORY}/{file}");
    let modes: Vec<String> =
        settings.modes.iter().map(|mode| format!("--mode={}", mode.name())).collect();
    // At different minutes, and not with all the others at the full hour.
    let (schedule, arguments) = match part {
        Part::Renew => ("17 * * * *", vec!["cert", "renew", &inventory, "--secret"]),
        _ => {
            let modes = modes.iter().map(String::as_str);
            ("47 * * * *", ["verify", &inventory].into_iter().chain(modes).collect())
        }
    };
    let mut template = pod::template(settings, part, &arguments);
    template["spec"]["restartPolicy"] = "Never".into();
    let volume = json!({"configMap": {"name": settings.named("inventory"), "defaultMode": 0o444}});
    pod::mount(&mut template, "inventory", INVENTORY, volume);
    json!({
        "apiVersion": if settings.is_current() { "batch/v1" } else { "batch/v1beta1" },
        "kind": "CronJob",
        "metadata": settings.metadata(&settings.named(part.word()), part),
        "spec": {
            "schedule": schedule,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 1800,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "metadata": {"labels": settings.labels(part)},
                "spec": {
                    // What failed is done again by the next one.
                    "backoffLimit": 0,
                    "activeDeadlineSeconds": 3000,
                    "template": template,
                },
            },
        },
    })
}
