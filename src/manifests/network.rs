//! Network policies.

use serde_json::{Value, json};

use super::{Part, Settings, service};

/// The ports of API servers. A policy applies to the address behind the Service.
const API_PORTS: [u16; 2] = [443, 6443];

/// The policy for the traffic of a part's pods.
pub(super) fn policy(settings: &Settings, part: Part) -> Value {
    let port = |protocol: &str, port: u16| json!({"protocol": protocol, "port": port});
    let egress = match part {
        // Its pods connect to database servers, which may be anywhere.
        Part::Verify | Part::Rotate => json!([{}]),
        _ => json!([
            {"ports": [port("UDP", 53), port("TCP", 53)]},
            {"ports": API_PORTS.map(|number| port("TCP", number))},
        ]),
    };
    let metadata = settings.metadata(&settings.named(part.word()), part);
    let mut policy = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": {
            "podSelector": {"matchLabels": settings.selector(part)},
            "policyTypes": ["Ingress", "Egress"],
            "egress": egress,
        },
    });
    // Ingress that is not listed is denied.
    if part == Part::Server {
        policy["spec"]["ingress"] = json!([{"ports": [port("TCP", service::port(settings))]}]);
    }
    policy
}
