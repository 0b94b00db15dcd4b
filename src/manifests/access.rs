//! Access control: an account, a Role and a RoleBinding for each function, in one namespace.

use serde_json::{Value, json};

use super::{Part, Settings};
use crate::store::holder_shards::shard_names;
use crate::store::rotation::{list_name, next_name, previous_name};

/// A rule on Secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The names of the Secrets; empty means all Secrets of the namespace.
    pub names: Vec<String>,
    /// The allowed verbs.
    pub verbs: &'static [&'static str],
}

/// The minimal rules of a part; empty for a part that uses the account of another.
///
/// RBAC cannot restrict `create` and `list` to names. An account that may list Secrets can read
/// their values, so `list` is granted only to parts that may read all Secrets anyway.
#[must_use]
pub fn rules(settings: &Settings, part: Part) -> Vec<Rule> {
    let (ca, bundle) = (&settings.ca, &settings.bundle);
    let these = |names: &[&String], verbs| Rule {
        names: names.iter().map(|name| (*name).clone()).collect(),
        verbs,
    };
    let (next, previous, fleet) = (&next_name(ca), &previous_name(ca), &list_name(ca));
    match part {
        Part::Check => vec![these(&[ca, bundle, next, previous], &["get"])],
        Part::Server if settings.record_holders => vec![
            these(&[bundle], &["get", "watch"]),
            Rule { names: shard_names(ca).collect(), verbs: &["get", "patch"] },
        ],
        Part::Server => vec![these(&[bundle], &["get", "watch"])],
        Part::Verify => vec![these(&[bundle], &["get"])],
        Part::Renew => vec![],
        Part::Issuer => match &settings.inventory {
            None => vec![these(&[], &["get", "list", "create", "patch"])],
            Some(inventory) => vec![
                these(&[ca, bundle], &["get"]),
                Rule { names: inventory.secrets.clone(), verbs: &["get", "patch"] },
                these(&[], &["create"]),
            ],
        },
        // The gates also ask whether a node outside the inventory still needs the old CA, and
        // which clients have which bundle: `list`.
        Part::Rotate => {
            let mut rules =
                vec![these(&[ca, bundle, next, previous, fleet], &["get"]), these(&[], &["list"])];
            match settings.rotation_goal {
                None => rules.push(these(&[bundle, fleet], &["patch"])),
                Some(_) => {
                    rules.push(these(&[ca, bundle, fleet], &["patch"]));
                    rules.push(these(&[], &["create"]));
                }
            }
            rules
        }
        Part::Volume if settings.volumes.is_empty() => {
            vec![these(&[], &["get", "list", "create", "patch", "delete"])]
        }
        Part::Volume => vec![
            Rule { names: settings.volumes.clone(), verbs: &["get", "patch", "delete"] },
            these(&[], &["create"]),
        ],
    }
}

/// Whether a part may read every Secret of the namespace, including the CA's key.
#[must_use]
pub fn is_wide(settings: &Settings, part: Part) -> bool {
    let reads = |verb: &&str| matches!(*verb, "get" | "list");
    let wide = |rule: &Rule| rule.names.is_empty() && rule.verbs.iter().any(reads);
    rules(settings, part).iter().any(wide)
}

/// The name of the account of a part's pods.
pub(super) fn account(settings: &Settings, part: Part) -> String {
    let part = if part == Part::Renew { Part::Issuer } else { part };
    settings.named(part.word())
}

pub(super) fn objects(settings: &Settings, part: Part) -> Vec<Value> {
    let rules = rules(settings, part);
    if rules.is_empty() {
        return vec![];
    }
    let rules: Vec<Value> = rules.iter().map(rule).collect();
    let name = account(settings, part);
    let metadata = settings.metadata(&name, part);
    vec![
        json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata,
            // Our pods ask for the token; other pods with this account do not get it by default.
            "automountServiceAccountToken": false,
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": metadata,
            "rules": rules,
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{
                "kind": "ServiceAccount", "name": name, "namespace": settings.namespace,
            }],
        }),
    ]
}

fn rule(rule: &Rule) -> Value {
    let mut value = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": rule.verbs});
    if !rule.names.is_empty() {
        value["resourceNames"] = rule.names.clone().into();
    }
    value
}
