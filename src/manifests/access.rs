//! Who may do what: an account, a Role and a RoleBinding for each function, in one namespace.

use serde_json::{Value, json};

use super::{Part, Settings};

/// What a function may do with Secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The only ones, or all of the namespace where there is none here.
    pub names: Vec<String>,
    /// What may be done with them.
    pub verbs: &'static [&'static str],
}

/// What a part needs, and no more; nothing for one that has the account of another.
///
/// `create` and `list` cannot be narrowed to names. Who may list reads what is in them, so it
/// is granted only to those who may read all Secrets anyway.
#[must_use]
pub fn rules(settings: &Settings, part: Part) -> Vec<Rule> {
    let (ca, bundle) = (&settings.ca, &settings.bundle);
    let these = |names: &[&String], verbs| Rule {
        names: names.iter().map(|name| (*name).clone()).collect(),
        verbs,
    };
    match part {
        Part::Check => vec![these(&[ca, bundle], &["get"])],
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
        Part::Volume if settings.volumes.is_empty() => {
            vec![these(&[], &["get", "list", "create", "patch", "delete"])]
        }
        Part::Volume => vec![
            Rule { names: settings.volumes.clone(), verbs: &["get", "patch", "delete"] },
            these(&[], &["create"]),
        ],
    }
}

/// Whether a part may read every Secret of the namespace, the CA's key too.
#[must_use]
pub fn is_wide(settings: &Settings, part: Part) -> bool {
    let wide = |rule: &Rule| rule.names.is_empty() && rule.verbs.contains(&"get");
    rules(settings, part).iter().any(wide)
}

/// The name of the account that the pods of a part have.
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
            // Pods of ours ask for it; others that name the account do not get it unasked.
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
