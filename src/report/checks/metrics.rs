//! Gauges in the text format of Prometheus, for the textfile collector of node_exporter.

use prometheus::{Encoder, GaugeVec, Opts, Registry, TextEncoder};

use super::{CheckResult, CheckRun, CheckedSubject};
use crate::error::{Code, Error, Result};

/// The possible values of the label `result`; a warning counts as a pass.
const RESULTS: [CheckResult; 4] =
    [CheckResult::Pass, CheckResult::Fail, CheckResult::Unknown, CheckResult::Skipped];

/// The run as gauges named `ccxsec_COMMAND_…`.
///
/// # Errors
/// Exit 3 when Prometheus does not allow a name or label.
pub(super) fn write(run: &CheckRun) -> Result<String> {
    gauges(run).map_err(|source| {
        Error::failed(Code::OutputEncoding, "cannot encode the metrics").because(source)
    })
}

fn gauges(run: &CheckRun) -> prometheus::Result<String> {
    let prefix = format!("ccxsec_{}", run.command.replace(' ', "_"));
    let registry = Registry::new();
    let gauge = |name: &str, help: &str, labels: &[&str]| {
        let gauge = GaugeVec::new(Opts::new(format!("{prefix}_{name}"), help), labels)?;
        registry.register(Box::new(gauge.clone())).map(|()| gauge)
    };
    let names: Vec<&str> = run
        .subjects
        .first()
        .iter()
        .flat_map(|one| one.labels.iter().map(|label| label.0))
        .collect();
    let with = |more: &[&'static str]| [&names[..], more].concat();

    let results = gauge(
        "result",
        format!("The result of a check: 1 for the one that holds. {}", run.legend).trim_end(),
        &with(&[run.check_label, "result"]),
    )?;
    let reasons = gauge(
        "reason",
        "Why a check does not pass: 1 for each reason.",
        &with(&[run.check_label, "reason"]),
    )?;
    let ends =
        gauge("certificate_not_after_timestamp_seconds", "When the certificate expires.", &names)?;
    let open = gauge(
        "not_looked_at",
        "Something that the results leave open was not looked at: 1.",
        &names,
    )?;
    let count =
        gauge("subjects", "How many servers, certificates or paths have a result.", &["result"])?;
    let started = gauge("start_timestamp_seconds", "When the run began.", &[])?;
    let elapsed = gauge("duration_seconds", "How long the run took.", &[])?;

    let set = |gauge: &GaugeVec, labels: &[String], value: f64| {
        gauge.get_metric_with_label_values(labels).map(|gauge| gauge.set(value))
    };
    for subject in &run.subjects {
        let values = |more: &[&str]| -> Vec<String> { label_values(subject, more) };
        for check in &subject.checks {
            let holds = match check.result {
                CheckResult::Warning => CheckResult::Pass,
                other => other,
            };
            for result in RESULTS {
                let labels = values(&[&check.name, result.name()]);
                set(&results, &labels, f64::from(u8::from(result == holds)))?;
            }
            if check.code.is_some() {
                set(&reasons, &values(&[&check.name, check.code()]), 1.0)?;
            }
        }
        if subject.not_looked_at.is_some() {
            set(&open, &values(&[]), 1.0)?;
        }
        if let Some(not_after) = subject.not_after {
            set(&ends, &values(&[]), not_after.as_second() as f64)?;
        }
    }
    for result in RESULTS {
        set(&count, &[result.name().to_owned()], run.count(result) as f64)?;
    }
    set(&started, &[], run.started.as_millisecond() as f64 / 1000.0)?;
    set(&elapsed, &[], run.elapsed.as_secs_f64())?;

    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn label_values(subject: &CheckedSubject, more: &[&str]) -> Vec<String> {
    let own = subject.labels.iter().map(|label| label.1.clone());
    own.chain(more.iter().map(|value| (*value).to_owned())).collect()
}
