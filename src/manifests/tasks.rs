//! The CronJobs. Each run starts from scratch, so that a failure for lack of a CA or an API server
//! heals by itself.

use serde_json::{Value, json};

use super::{Part, Settings, pod};

/// The mount path of the inventory.
const INVENTORY: &str = "/etc/ccx-sec/inventory";

/// The ConfigMap with the inventory for the jobs.
pub(super) fn inventory(settings: &Settings) -> Option<Value> {
    let parts = [Part::Renew, Part::Verify];
    let part = parts.into_iter().find(|part| settings.has(*part))?;
    let inventory = settings.inventory.as_ref()?;
    let mut metadata = settings.metadata(&settings.named("inventory"), part);
    // It belongs to both jobs.
    metadata["labels"]["app.kubernetes.io/component"] = "inventory".into();
    Some(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {inventory.file: inventory.text},
    }))
}

/// The CronJob of a part. Not at the full hour, when most others start, and never two at once.
pub(super) fn recurring(settings: &Settings, part: Part) -> Value {
    let file = settings.inventory.as_ref().map_or("nodes.yaml", |inventory| inventory.file);
    let inventory = format!("--inventory={INVENTORY}/{file}");
    let modes: Vec<String> =
        settings.modes.iter().map(|mode| format!("--mode={}", mode.name())).collect();
    let (schedule, arguments) = match part {
        Part::Check => ("27 * * * *", vec!["ca", "check", "--no-repair", "--expires-within=30d"]),
        // Often, because new nodes wait for it; if nothing is missing or due, it only reads.
        Part::Renew => ("3-59/10 * * * *", vec!["cert", "issue", &inventory, "--secret"]),
        _ => {
            let modes = modes.iter().map(String::as_str);
            ("47 * * * *", ["verify", &inventory].into_iter().chain(modes).collect())
        }
    };
    let mut template = pod::template(settings, part, &arguments);
    template["spec"]["restartPolicy"] = "Never".into();
    if part.needs_inventory() {
        let map = json!({"name": settings.named("inventory"), "defaultMode": 0o444});
        pod::mount(&mut template, "inventory", INVENTORY, json!({"configMap": map}));
    }
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
                    // The next run repeats what failed.
                    "backoffLimit": 0,
                    "activeDeadlineSeconds": 3000,
                    "template": template,
                },
            },
        },
    })
}
