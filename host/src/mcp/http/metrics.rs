//! Numbers for whoever watches the server, in Prometheus' text form.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Default)]
pub(super) struct Metrics {
    /// Requests that reached a subject's service.
    pub(super) served: AtomicU64,
    /// Requests without a token that is known.
    pub(super) unknown: AtomicU64,
    /// Requests that came too often, or too many at once.
    pub(super) busy: AtomicU64,
    /// Requests that are being answered.
    pub(super) in_flight: AtomicU64,
}

/// Counts a request as in flight until it is dropped.
pub(super) struct Flying(pub(super) std::sync::Arc<Metrics>);

impl Flying {
    pub(super) fn new(metrics: &std::sync::Arc<Metrics>) -> Self {
        metrics.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(metrics.clone())
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Counts one.
    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns all of it as text.
    pub(super) fn text(&self, callers: usize) -> String {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let callers = u64::try_from(callers).unwrap_or(u64::MAX);
        let mut text = String::new();
        for (name, kind, labels, value) in [
            ("paracle_requests_total", "counter", "", read(&self.served)),
            (
                "paracle_refused_total",
                "counter",
                "{why=\"token\"}",
                read(&self.unknown),
            ),
            (
                "paracle_refused_total",
                "",
                "{why=\"busy\"}",
                read(&self.busy),
            ),
            (
                "paracle_requests_in_flight",
                "gauge",
                "",
                read(&self.in_flight),
            ),
            ("paracle_callers", "gauge", "", callers),
        ] {
            if !kind.is_empty() {
                writeln!(text, "# TYPE {name} {kind}").unwrap_or_default();
            }
            writeln!(text, "{name}{labels} {value}").unwrap_or_default();
        }
        text
    }
}
