//! Numbers for whoever watches the server, in Prometheus' text form.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Combinations of plugin, tool and outcome that are counted apart; what comes later is counted together, so that no plugin
/// fills whoever watches with names.
const COUNTED: usize = 1024;

/// Upper bounds of what durations are counted in, in microseconds.
const BOUNDS: [(u64, &str); 10] = [
    (1_000, "0.001"),
    (3_000, "0.003"),
    (10_000, "0.01"),
    (30_000, "0.03"),
    (100_000, "0.1"),
    (300_000, "0.3"),
    (1_000_000, "1"),
    (3_000_000, "3"),
    (10_000_000, "10"),
    (60_000_000, "60"),
];

/// What is counted.
#[derive(Default)]
pub(in crate::mcp) struct Metrics {
    /// Requests that reached a subject's service.
    pub(super) served: AtomicU64,
    /// Requests without a token that is good.
    pub(super) unknown: AtomicU64,
    /// Requests that came too often, or too many at once.
    pub(super) busy: AtomicU64,
    /// Requests that are being answered.
    in_flight: AtomicU64,
    calls: Mutex<BTreeMap<[String; 3], u64>>,
    durations: [AtomicU64; BOUNDS.len()],
    micros: AtomicU64,
    ended: AtomicU64,
}

/// Counts a request as in flight until it is dropped.
pub(super) struct Flying(std::sync::Arc<Metrics>);

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

    /// Counts a call that ended.
    pub(in crate::mcp) fn called(&self, plugin: &str, tool: &str, outcome: &str, lasted: Duration) {
        let mut key = [plugin, tool, outcome].map(str::to_owned);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() >= COUNTED && !calls.contains_key(&key) {
            key = ["other", "other", outcome].map(str::to_owned);
        }
        *calls.entry(key).or_default() += 1;
        drop(calls);
        let micros = u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX);
        for ((bound, _), counter) in BOUNDS.iter().zip(&self.durations) {
            if micros <= *bound {
                Self::count(counter);
            }
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
        Self::count(&self.ended);
    }

    /// Returns all of it as text.
    pub(super) fn text(&self, callers: usize, sessions: usize, tasks: usize) -> String {
        let mut told = Told(String::new());
        told.one("requests_total", "counter", &[("", read(&self.served))]);
        told.one(
            "refused_total",
            "counter",
            &[
                ("{why=\"token\"}", read(&self.unknown)),
                ("{why=\"busy\"}", read(&self.busy)),
            ],
        );
        let gauges = [
            ("requests_in_flight", read(&self.in_flight)),
            ("callers", number(callers)),
            ("sessions", number(sessions)),
            ("runtime_tasks", number(tasks)),
        ];
        for (name, value) in gauges {
            told.one(name, "gauge", &[("", value)]);
        }
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let calls: Vec<_> = calls
            .iter()
            .map(|([plugin, tool, outcome], count)| {
                let labels =
                    format!("{{plugin=\"{plugin}\",tool=\"{tool}\",outcome=\"{outcome}\"}}");
                (labels, *count)
            })
            .collect();
        told.one("calls_total", "counter", &calls);
        self.histogram(&mut told);
        told.0
    }

    fn histogram(&self, told: &mut Told) {
        let name = "call_duration_seconds";
        told.kind(name, "histogram");
        for ((_, bound), counter) in BOUNDS.iter().zip(&self.durations) {
            told.line(&format!("{name}_bucket{{le=\"{bound}\"}}"), read(counter));
        }
        let ended = read(&self.ended);
        told.line(&format!("{name}_bucket{{le=\"+Inf\"}}"), ended);
        let micros = read(&self.micros);
        let sum = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        told.line(&format!("{name}_sum"), sum);
        told.line(&format!("{name}_count"), ended);
    }
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// What is told. Writing into a text does not fail.
struct Told(String);

impl Told {
    fn kind(&mut self, name: &str, kind: &str) {
        writeln!(self.0, "# TYPE paracle_{name} {kind}").unwrap_or_default();
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        writeln!(self.0, "paracle_{name} {value}").unwrap_or_default();
    }

    fn one(&mut self, name: &str, kind: &str, values: &[(impl AsRef<str>, u64)]) {
        self.kind(name, kind);
        for (labels, value) in values {
            self.line(&format!("{name}{}", labels.as_ref()), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_bounded() {
        let metrics = Metrics::default();
        for at in 0..2 * COUNTED {
            metrics.called("p", &at.to_string(), "ok", Duration::from_millis(2));
        }
        let text = metrics.text(0, 0, 0);
        let lines = text
            .lines()
            .filter(|line| line.starts_with("paracle_calls_total{"));
        assert_eq!(lines.count(), COUNTED + 1);
        let other = "{plugin=\"other\",tool=\"other\",outcome=\"ok\"} 1024\n";
        assert!(text.contains(other), "{text}");
        assert!(text.contains("_bucket{le=\"0.001\"} 0\n"), "{text}");
        assert!(text.contains("_bucket{le=\"0.003\"} 2048\n"), "{text}");
        assert!(text.contains("_sum 4.096000\n"), "{text}");
    }
}
