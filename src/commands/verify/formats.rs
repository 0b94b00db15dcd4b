//! The same for machines that have a form of their own: JUnit's XML, SARIF, Prometheus.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::probe::verdict::Answer;

use super::document::Document;

/// A test suite a server, a test case a mode; unknown is an error.
pub(super) fn junit(document: &Document) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let count = |answer: Answer| {
        document.verdicts().filter(|(_, verdict)| verdict.verdict == answer).count()
    };
    let tests = document.verdicts().count();
    let (failures, errors) = (count(Answer::Fail), count(Answer::Unknown));
    xml.push_str(&format!(
        "<testsuites name=\"ccx-sec verify\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n"
    ));
    for endpoint in &document.endpoints {
        let count = |answer: Answer| {
            endpoint.verdicts.iter().filter(|verdict| verdict.verdict == answer).count()
        };
        let url = escaped(&endpoint.place);
        let tests = endpoint.verdicts.len();
        let (failures, errors) = (count(Answer::Fail), count(Answer::Unknown));
        xml.push_str(&format!(
            "  <testsuite name=\"{url}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n"
        ));
        for verdict in &endpoint.verdicts {
            let case =
                format!("    <testcase classname=\"{url}\" name=\"{}\"", verdict.mode.name());
            let element = match verdict.verdict {
                Answer::Pass => {
                    xml.push_str(&format!("{case}/>\n"));
                    continue;
                }
                Answer::Fail => "failure",
                Answer::Unknown => "error",
            };
            let reason = escaped(verdict.reason.unwrap_or_default());
            let message = escaped(verdict.message.as_deref().unwrap_or_default());
            let remedy = escaped(verdict.remedy.as_deref().unwrap_or_default());
            xml.push_str(&format!(
                "{case}>\n      <{element} type=\"{reason}\" message=\"{message}\">{remedy}</{element}>\n    </testcase>\n"
            ));
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Text fit for XML 1.0, which takes no control characters at all.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}

/// A result for every verdict that is no pass: SARIF 2.1.0.
pub(super) fn sarif(document: &Document) -> Value {
    let reasons: BTreeSet<&str> =
        document.verdicts().filter_map(|(_, verdict)| verdict.reason).collect();
    let rules: Vec<Value> = reasons.iter().map(|reason| json!({"id": reason})).collect();
    let all = document.endpoints.iter();
    let all = all.flat_map(|one| one.verdicts.iter().map(move |verdict| (one, verdict)));
    let results: Vec<Value> = all
        .filter(|(_, verdict)| verdict.verdict != Answer::Pass)
        .map(|(endpoint, verdict)| {
            let place = &endpoint.place;
            let level = if verdict.verdict == Answer::Fail { "error" } else { "warning" };
            let message = verdict.message.as_deref().unwrap_or_default();
            let remedy = verdict.remedy.as_deref().map(|what| format!("; to do: {what}"));
            let text =
                format!("{}: {message}{}", verdict.mode.name(), remedy.unwrap_or_default());
            json!({
                "ruleId": verdict.reason,
                "level": level,
                "message": {"text": text},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": endpoint.url}}}],
                "partialFingerprints": {"endpointAndMode": format!("{place} {}", verdict.mode.name())},
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ccx-sec verify",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }],
    })
}

/// Gauges for the textfile collector.
pub(super) fn prometheus(document: &Document) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, help: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
            lines.iter().for_each(|line| text.push_str(&format!("{name}{line}\n")));
        }
    };
    let labels = |endpoint: &super::document::Endpoint| {
        let address = endpoint.address.as_deref().unwrap_or_default();
        let node = endpoint.node.as_deref().unwrap_or_default();
        format!(
            "endpoint=\"{}\",address=\"{}\",engine=\"{}\",node=\"{}\"",
            label(&endpoint.url),
            label(address),
            endpoint.engine,
            label(node)
        )
    };
    let mut verdicts = Vec::new();
    for endpoint in &document.endpoints {
        for verdict in &endpoint.verdicts {
            for answer in [Answer::Pass, Answer::Fail, Answer::Unknown] {
                let is = u8::from(verdict.verdict == answer);
                let (mode, answer) = (verdict.mode.name(), answer.name());
                let labels = labels(endpoint);
                verdicts.push(format!("{{{labels},mode=\"{mode}\",verdict=\"{answer}\"}} {is}"));
            }
        }
    }
    metric("ccx_sec_verify", "The verdict on a mode: 1 for the one that holds.", verdicts);
    let certificates = |value: fn(&crate::pki::certificate::Description) -> i64| {
        let endpoints = document.endpoints.iter();
        let line = |endpoint: &super::document::Endpoint| {
            let certificate = endpoint.certificate()?;
            Some(format!("{{{}}} {}", labels(endpoint), value(certificate)))
        };
        endpoints.filter_map(line).collect::<Vec<_>>()
    };
    metric(
        "ccx_sec_certificate_days_left",
        "Whole days until the server's certificate ends.",
        certificates(|certificate| certificate.days_left),
    );
    metric(
        "ccx_sec_certificate_not_after_seconds",
        "When the server's certificate ends, in seconds since 1970.",
        certificates(|certificate| certificate.not_after.as_second()),
    );
    text
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        assert_eq!(escaped("<a b=\"c\">&\u{1}\u{7f}"), "&lt;a b=&quot;c&quot;&gt;&amp;??");
        assert_eq!(label("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
