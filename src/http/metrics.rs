//! What is counted, for Prometheus.

use std::time::Duration;

use http::StatusCode;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::bundle_entry::BundleEntry;
use super::route::Route;
use crate::error::{Code, Error, Result};

/// The type of the document.
pub(super) const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Something that is counted.
pub(super) type Counter = IntCounter;

/// The counters.
pub(super) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    downloads: IntCounterVec,
    ends: IntGaugeVec,
    /// 1 while the CA can be relied on.
    pub(super) open: IntGauge,
    /// New bundles that were taken over.
    pub(super) reloads: IntCounter,
    /// The store could not be read or watched.
    pub(super) store_errors: IntCounter,
    /// 1 while the store can be read.
    pub(super) store_up: IntGauge,
    /// Files (certificate, tokens) that changed and could not be taken over.
    pub(super) file_errors: IntCounter,
    /// Connections that are open.
    pub(super) connections: IntGauge,
    /// Lines of the access log that nobody took in time.
    pub(super) log_lost: IntCounter,
}

impl Metrics {
    /// All at zero.
    ///
    /// # Errors
    /// Never, unless two of them have the same name.
    pub(super) fn new() -> Result<Self> {
        Self::register().map_err(|source| {
            Error::failed(Code::Metrics, "the metrics cannot be set up")
                .because(source)
                .hint("this is a fault of ccx-sec: report it")
        })
    }

    fn register() -> prometheus::Result<Self> {
        let registry = Registry::new_custom(Some("ccxsec".to_owned()), None)?;
        let counter = |name: &str, help: &str| {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone())).map(|()| counter)
        };
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let counters = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counters.clone())).map(|()| counters)
        };
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone())).map(|()| gauge)
        };
        let buckets = vec![0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.1, 1.0];
        let options = HistogramOpts::new("http_request_duration_seconds", "Time to an answer.");
        let seconds = HistogramVec::new(options.buckets(buckets), &["route"])?;
        registry.register(Box::new(seconds.clone()))?;
        let ends =
            Opts::new("ca_not_after_timestamp_seconds", "When a certificate of the CA expires.");
        let ends = IntGaugeVec::new(ends, &["role", "sha256"])?;
        registry.register(Box::new(ends.clone()))?;
        Ok(Metrics {
            requests: counters(
                "http_requests_total",
                "Requests, by route and status.",
                &["route", "code"],
            )?,
            downloads: counters("downloads_total", "CA files handed out.", &["format"])?,
            open: gauge("ready", "1 while there is a CA that can be relied on.")?,
            reloads: counter("bundle_reloads_total", "New bundles taken over.")?,
            store_errors: counter("store_errors_total", "The store could not be read or watched.")?,
            store_up: gauge("store_up", "1 while the store can be read.")?,
            file_errors: counter(
                "file_errors_total",
                "Changed files (certificate, tokens) that could not be taken over.",
            )?,
            connections: gauge("connections", "Connections that are open.")?,
            log_lost: counter("access_log_lost_total", "Lines of the access log that were lost.")?,
            seconds,
            ends,
            registry,
        })
    }

    /// One request was answered.
    pub(super) fn answered(&self, route: Route, status: StatusCode, took: Duration) {
        let name = route.name();
        self.requests.with_label_values(&[name, status.as_str()]).inc();
        self.seconds.with_label_values(&[name]).observe(took.as_secs_f64());
        if let (Some(format), true) = (route.format(), status == StatusCode::OK) {
            self.downloads.with_label_values(&[format]).inc();
        }
    }

    /// These are the certificates now.
    pub(super) fn certificates(&self, members: &[BundleEntry]) {
        self.ends.reset();
        for BundleEntry { role, certificate } in members {
            let end = self.ends.with_label_values(&[*role, certificate.sha256.as_str()]);
            end.set(certificate.not_after.as_second());
        }
    }

    /// As Prometheus reads it.
    pub(super) fn render(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}
