//! Counters for Prometheus.

use std::time::Duration;

use http::StatusCode;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::bundle_entry::BundleEntry;
use super::holders::HolderCounts;
use super::rotation_notice::RotationNotice;
use super::route::Route;
use crate::error::{Code, Error, Result};

/// The media type of the metrics document.
pub(super) const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The phases of a rotation, and the word for none.
const PHASES: [&str; 6] = ["idle", "staged", "switching", "switched", "reissued", "removed"];
/// The formats of the whole bundle.
const BUNDLE_FORMATS: [&str; 3] = ["pem", "p12", "jks"];

/// A counter.
pub(super) type Counter = IntCounter;

/// All counters of the server.
pub(super) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    downloads: IntCounterVec,
    bundle_downloads: IntCounterVec,
    expiry: IntGaugeVec,
    phase: IntGaugeVec,
    /// Without a rotation, these two have no value.
    phase_since: IntGaugeVec,
    earliest_switch: IntGaugeVec,
    /// Without access control nobody is known, and these have no value.
    bundle_holders: IntGaugeVec,
    holders_lacking_target: IntGaugeVec,
    /// Failures to write the records of clients to the store.
    pub(super) holder_write_errors: IntCounter,
    /// 1 while the CA passes the checks and is served.
    pub(super) open: IntGauge,
    /// New bundles that were loaded.
    pub(super) reloads: IntCounter,
    /// Failures to read or watch the store.
    pub(super) store_errors: IntCounter,
    /// 1 while the store can be read.
    pub(super) store_up: IntGauge,
    /// Failures to load changed files (certificate, tokens).
    pub(super) file_errors: IntCounter,
    /// Open connections.
    pub(super) connections: IntGauge,
    /// Dropped lines of the access log.
    pub(super) log_lost: IntCounter,
}

impl Metrics {
    /// Registers all counters at zero.
    ///
    /// # Errors
    /// Exit 3 if two counters have the same name.
    pub(super) fn new() -> Result<Self> {
        Self::register().map_err(|source| {
            Error::failed(Code::Metrics, "cannot set up the metrics")
                .because(source)
                .hint("this is a fault in ccx-sec; please report it")
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
        let gauges = |name: &str, help: &str, labels: &[&str]| {
            let gauges = IntGaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(gauges.clone())).map(|()| gauges)
        };
        let bundle_downloads = counters(
            "bundle_downloads_total",
            "Downloads of the whole bundle; current: of the bundle that is served now.",
            &["format", "current"],
        )?;
        for format in BUNDLE_FORMATS {
            for is_current in ["false", "true"] {
                bundle_downloads.with_label_values(&[format, is_current]);
            }
        }
        Ok(Metrics {
            requests: counters(
                "http_requests_total",
                "Requests, by route and status.",
                &["route", "code"],
            )?,
            downloads: counters("downloads_total", "Downloads of CA files.", &["format"])?,
            bundle_downloads,
            phase: gauges("rotation_phase", "1 for the present phase of a rotation.", &["phase"])?,
            phase_since: gauges(
                "rotation_since_timestamp_seconds",
                "Start of the present phase of the rotation.",
                &[],
            )?,
            earliest_switch: gauges(
                "rotation_earliest_switch_timestamp_seconds",
                "First moment at which the next CA may sign.",
                &[],
            )?,
            expiry: gauges(
                "ca_not_after_timestamp_seconds",
                "Expiry time of a certificate of the CA.",
                &["role", "sha256"],
            )?,
            bundle_holders: gauges(
                "bundle_holders",
                "Known clients; current: of those, whether they have the bundle served now.",
                &["current"],
            )?,
            holders_lacking_target: gauges(
                "bundle_holders_lacking_target",
                "Known clients whose bundle lacks the CA that the rotation leads to.",
                &[],
            )?,
            holder_write_errors: counter(
                "holder_write_errors_total",
                "Failures to write the records of clients to the store.",
            )?,
            open: gauge("ready", "1 while there is a CA that passes its checks.")?,
            reloads: counter("bundle_reloads_total", "New bundles loaded.")?,
            store_errors: counter("store_errors_total", "Failures to read or watch the store.")?,
            store_up: gauge("store_up", "1 while the store can be read.")?,
            file_errors: counter(
                "file_errors_total",
                "Changed files (certificate, tokens) that could not be loaded.",
            )?,
            connections: gauge("connections", "Open connections.")?,
            log_lost: counter("access_log_lost_total", "Dropped lines of the access log.")?,
            seconds,
            registry,
        })
    }

    /// Counts an answered request.
    pub(super) fn answered(&self, route: Route, status: StatusCode, took: Duration) {
        let name = route.name();
        self.requests.with_label_values(&[name, status.as_str()]).inc();
        self.seconds.with_label_values(&[name]).observe(took.as_secs_f64());
        if let (Some(format), true) = (route.format(), status == StatusCode::OK) {
            self.downloads.with_label_values(&[format]).inc();
        }
    }

    /// Counts a download of the whole bundle, of the one that is served now or of the one before.
    pub(super) fn bundle_downloaded(&self, format: &str, is_current: bool) {
        let is_current = if is_current { "true" } else { "false" };
        self.bundle_downloads.with_label_values(&[format, is_current]).inc();
    }

    /// Counts the downloads so far as those of an earlier bundle.
    pub(super) fn bundle_changed(&self) {
        for format in BUNDLE_FORMATS {
            let current = self.bundle_downloads.with_label_values(&[format, "true"]);
            let earlier = self.bundle_downloads.with_label_values(&[format, "false"]);
            earlier.inc_by(current.get());
            current.reset();
        }
    }

    /// Replaces the phase of the rotation and its times.
    pub(super) fn rotation(&self, rotation: Option<&RotationNotice>) {
        let present = rotation.map_or("idle", |rotation| rotation.phase);
        for phase in PHASES {
            self.phase.with_label_values(&[phase]).set((phase == present).into());
        }
        self.phase_since.reset();
        self.earliest_switch.reset();
        if let Some(RotationNotice { since, earliest_switch, .. }) = rotation {
            self.phase_since.with_label_values::<&str>(&[]).set(since.as_second());
            self.earliest_switch.with_label_values::<&str>(&[]).set(earliest_switch.as_second());
        }
    }

    /// Replaces the numbers of known clients.
    pub(super) fn holders(&self, counts: HolderCounts) {
        for (is_current, number) in [("true", counts.current), ("false", counts.earlier)] {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            self.bundle_holders.with_label_values(&[is_current]).set(number);
        }
        let lacking = i64::try_from(counts.lacking_target).unwrap_or(i64::MAX);
        self.holders_lacking_target.with_label_values::<&str>(&[]).set(lacking);
    }

    /// Replaces the expiry times by those of these certificates.
    pub(super) fn certificates(&self, members: &[BundleEntry]) {
        self.expiry.reset();
        for BundleEntry { role, certificate, .. } in members {
            let end = self.expiry.with_label_values(&[*role, certificate.sha256.as_str()]);
            end.set(certificate.not_after.as_second());
        }
    }

    /// All counters in Prometheus' text format.
    pub(super) fn render(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}
