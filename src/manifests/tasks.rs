//! The CronJobs. Each run starts from scratch, so that a failure for lack of a CA or an API server
//! heals by itself.

use serde_json::{Value, json};

use super::{Part, Settings, pod};

/// The mount path of the inventory.
const INVENTORY: &str = "/etc/ccx-sec/inventory";

/// The ConfigMap with the inventory for the jobs.
pub(super) fn inventory(settings: &Settings) -> Option<Value> {
    let parts = [Part::Renew, Part::Verify, Part::Rotate];
    let part = parts.into_iter().find(|part| settings.has(*part))?;
    let inventory = settings.inventory.as_ref()?;
    let mut metadata = settings.metadata(&settings.named("inventory"), part);
    // It belongs to all these jobs.
    metadata["labels"]["app.kubernetes.io/component"] = "inventory".into();
    Some(json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": {inventory.file: inventory.text},
    }))
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The arguments of the job that carries a rotation on. It passes a confirmation only if a person
/// gave it.
fn rotation(settings: &Settings, inventory: &str) -> Vec<String> {
    let nodes = if settings.inventory.is_some() { inventory } else { "--from-secrets" };
    let mut arguments = owned(&["ca", "rotate", "advance", "--unattended", nodes]);
    if let Some(goal) = &settings.rotation_goal {
        arguments.push(format!("--to={}", goal.phase));
        arguments.extend(goal.confirmed.iter().map(|word| format!("--confirm={word}")));
    }
    arguments
}

/// The CronJob of a part. Not at the full hour, when most others start, and never two at once.
pub(super) fn recurring(settings: &Settings, part: Part) -> Value {
    let file = settings.inventory.as_ref().map_or("nodes.yaml", |inventory| inventory.file);
    let inventory = format!("--inventory={INVENTORY}/{file}");
    let modes: Vec<String> =
        settings.modes.iter().map(|mode| format!("--mode={}", mode.name())).collect();
    let (schedule, arguments) = match part {
        Part::Check => {
            let check = ["ca", "check", "--no-repair", "--expires-within=30d", "--rotation-keys"];
            ("27 * * * *", owned(&check))
        }
        // Often, because new nodes wait for it; if nothing is missing or due, it only reads.
        Part::Renew => ("3-59/10 * * * *", owned(&["cert", "issue", &inventory, "--secret"])),
        Part::Rotate => ("17 * * * *", rotation(settings, &inventory)),
        _ => ("47 * * * *", [owned(&["verify", &inventory]), modes].concat()),
    };
    let mut template = pod::template(settings, part, &arguments);
    template["spec"]["restartPolicy"] = "Never".into();
    if part.needs_inventory() || (part == Part::Rotate && settings.inventory.is_some()) {
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
