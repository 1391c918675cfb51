//! Told what happens; never asked.

use crate::plugin::Plugin;

#[doc(inline)]
pub use crate::bindings::observer::exports::paracle::plugin::observer::{
    Event, EventType, LlmCall,
};

/// A plugin that is told what happens. Every method has a default: implement what matters.
///
/// ```
/// use paracle_plugin_sdk::observer::{Event, LlmCall, Observer};
/// use paracle_plugin_sdk::prelude::*;
///
/// /// Adds up what the models cost.
/// #[derive(Default)]
/// struct Cost(f64);
///
/// impl Plugin for Cost {
///     const CAPABILITIES: &[Capability] = &[Capability::CostTracking];
///     const STATEFUL: bool = true;
///     type Config = ();
///
///     fn new((): ()) -> Result<Self, InitError> {
///         Ok(Self::default())
///     }
/// }
///
/// impl Observer for Cost {
///     fn on_llm_call(&mut self, call: &LlmCall, _: &Event) {
///         self.0 += call.cost.unwrap_or(0.0);
///     }
/// }
///
/// paracle_plugin_sdk::export!(observer: Cost);
/// # fn main() {}
/// ```
#[expect(
    unused_variables,
    reason = "the defaults do nothing, and the names are the documentation"
)]
pub trait Observer: Plugin {
    /// Told everything, each event before the method of its type.
    fn on_event(&mut self, event: &Event) {}

    /// Hands an event to the methods below. What the host calls; there is seldom a reason to change it.
    fn observe(&mut self, event: &Event) {
        self.on_event(event);
        match &event.event_type {
            EventType::ExecutionStarted => self.on_execution_started(event),
            EventType::ExecutionCompleted => self.on_execution_completed(event),
            EventType::ExecutionFailed(error) => self.on_execution_failed(error, event),
            EventType::StepStarted => self.on_step_started(event),
            EventType::StepCompleted => self.on_step_completed(event),
            EventType::StepFailed(error) => self.on_step_failed(error, event),
            EventType::LlmCall(call) => self.on_llm_call(call, event),
        }
    }

    /// An execution began.
    fn on_execution_started(&mut self, event: &Event) {}

    /// An execution came to its end.
    fn on_execution_completed(&mut self, event: &Event) {}

    /// An execution failed.
    fn on_execution_failed(&mut self, error: &str, event: &Event) {}

    /// A step of a workflow, or a tool call, began.
    fn on_step_started(&mut self, event: &Event) {}

    /// A step came to its end.
    fn on_step_completed(&mut self, event: &Event) {}

    /// A step failed.
    fn on_step_failed(&mut self, error: &str, event: &Event) {}

    /// A model answered.
    fn on_llm_call(&mut self, call: &LlmCall, event: &Event) {}
}

impl EventType {
    /// Returns the type's name as `wit/` writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ExecutionStarted => "execution-started",
            Self::ExecutionCompleted => "execution-completed",
            Self::ExecutionFailed(_) => "execution-failed",
            Self::StepStarted => "step-started",
            Self::StepCompleted => "step-completed",
            Self::StepFailed(_) => "step-failed",
            Self::LlmCall(_) => "llm-call",
        }
    }
}
