//! What `ccx-sec verify` says, as the tests compare it.

use std::collections::BTreeMap;

use super::{Home, run};

/// Of one server: by mode, `pass`, or `fail REASON`, or `unknown REASON`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub url: String,
    pub host: String,
    pub verdicts: BTreeMap<String, String>,
}

impl Endpoint {
    pub fn says(&self, mode: &str) -> &str {
        self.verdicts.get(mode).unwrap_or_else(|| panic!("no {mode} in {self:?}"))
    }
}

/// Runs it with these arguments; panics unless the exit status is what the verdicts say.
pub fn verify(home: &Home, arguments: &[&str]) -> Vec<Endpoint> {
    let mut all = vec!["verify", "-o", "json"];
    all.extend(arguments);
    let run = run(&mut home.ccx(&all));
    let document = run.json();
    let text = |of: &serde_json::Value| of.as_str().unwrap_or_default().to_owned();
    let endpoint = |endpoint: &serde_json::Value| {
        let verdict = |verdict: &serde_json::Value| {
            let said = format!("{} {}", text(&verdict["verdict"]), text(&verdict["reason"]));
            (text(&verdict["mode"]), said.trim().to_owned())
        };
        let verdicts = endpoint["verdicts"].as_array().expect("verdicts").iter().map(verdict);
        let (url, host) = (text(&endpoint["url"]), text(&endpoint["host"]));
        Endpoint { url, host, verdicts: verdicts.collect() }
    };
    let endpoints: Vec<_> =
        document["endpoints"].as_array().expect("endpoints").iter().map(endpoint).collect();
    let says = |what| {
        endpoints.iter().flat_map(|one| one.verdicts.values()).any(|said| said.starts_with(what))
    };
    let status = if says("unknown") { 3 } else { i32::from(says("fail")) };
    assert_eq!((run.code, run.stderr.as_str()), (status, ""), "{document}");
    endpoints
}
