//! An observer: counts what happens and says so in its health. Stateful, so every event meets the same instance.

use paracle_plugin_sdk::host::log;
use paracle_plugin_sdk::observer::{Event, LlmCall, Observer};
use paracle_plugin_sdk::prelude::*;
use std::collections::BTreeMap;

/// What was counted since the start.
#[derive(Default)]
struct Counter {
    events: BTreeMap<&'static str, u64>,
    failures: u64,
    tokens: u64,
    /// In US dollars, of the calls whose price is known.
    cost: f64,
}

impl Plugin for Counter {
    const CAPABILITIES: &[Capability] = &[
        Capability::ExecutionTracking,
        Capability::MetricsCollection,
        Capability::CostTracking,
    ];
    const TAGS: &[&str] = &["metrics", "cost"];
    const STATEFUL: bool = true;
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self::default())
    }

    fn health(&self) -> Health {
        Health::healthy().with_detail(self.totals())
    }

    fn shutdown(&mut self) -> Result<(), String> {
        log::info("counter", self.totals());
        Ok(())
    }
}

impl Observer for Counter {
    fn on_event(&mut self, event: &Event) {
        *self.events.entry(event.event_type.name()).or_default() += 1;
    }

    fn on_execution_failed(&mut self, _: &str, _: &Event) {
        self.failures += 1;
    }

    fn on_step_failed(&mut self, _: &str, _: &Event) {
        self.failures += 1;
    }

    fn on_llm_call(&mut self, call: &LlmCall, _: &Event) {
        self.tokens += call.prompt_tokens + call.completion_tokens;
        self.cost += call.cost.unwrap_or_default();
    }
}

impl Counter {
    /// Says everything that was counted in one line.
    fn totals(&self) -> String {
        let total: u64 = self.events.values().sum();
        let mut line = format!("{total} events");
        for (name, count) in &self.events {
            line += &format!(", {name} {count}");
        }
        line + &format!(
            "; {} failures, {} tokens, ${:.4}",
            self.failures, self.tokens, self.cost
        )
    }
}

paracle_plugin_sdk::export!(observer: Counter);
