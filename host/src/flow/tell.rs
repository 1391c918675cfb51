//! What is told of a call, at its beginning and its end.

use std::sync::PoisonError;
use std::time::SystemTime;

use super::{CallError, Host};
use crate::model::{
    Call, CallId, Event, EventType, ExecutionId, PluginName, Receipt, Reply, Usage, Verb,
};

/// What is told of a call at its beginning and its end.
pub(super) struct Step {
    execution: ExecutionId,
    call: CallId,
    plugin: PluginName,
    name: String,
    model: Option<String>,
}

impl Host {
    /// Tells that a call begins, and its execution, if it is the first.
    pub(super) fn begin(&self, call: &Call) -> Step {
        let step = Step {
            execution: call.execution.clone(),
            call: call.id,
            plugin: call.verb.plugin().clone(),
            name: call.verb.name(),
            model: match &call.verb {
                Verb::Chat { request, .. } => Some(request.model.clone()),
                Verb::Tool { .. } | Verb::Models { .. } => None,
            },
        };
        let first = self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(call.execution.clone());
        if first {
            self.tell(&step.execution, None, EventType::ExecutionStarted, None);
        }
        self.tell(&step.execution, Some(&step), EventType::StepStarted, None);
        step
    }

    /// Tells how a call ended.
    pub(super) fn end(&self, step: &Step, done: &Result<Receipt, CallError>) {
        let error = match done {
            Ok(receipt) => {
                if let (Some(model), Reply::Chat(Ok(response))) = (&step.model, &receipt.reply) {
                    self.tell(
                        &step.execution,
                        Some(step),
                        EventType::LlmCall {
                            model: model.clone(),
                            prompt_tokens: response.usage.prompt_tokens,
                            completion_tokens: response.usage.completion_tokens,
                        },
                        None,
                    );
                }
                receipt.reply.error()
            }
            Err(error) => Some(error.to_string()),
        };
        let event = match error {
            None => EventType::StepCompleted,
            Some(error) => EventType::StepFailed { error },
        };
        let usage = match done {
            Ok(receipt) => Some(receipt.usage),
            Err(CallError::Run(_, usage)) => Some(**usage),
            Err(_) => None,
        };
        self.tell(&step.execution, Some(step), event, usage);
    }

    pub(super) fn tell(
        &self,
        execution: &ExecutionId,
        step: Option<&Step>,
        event_type: EventType,
        usage: Option<Usage>,
    ) {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        self.sink.send(Event {
            event_type,
            timestamp: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            execution_id: execution.clone(),
            call: step.map(|step| step.call),
            plugin: step.map(|step| step.plugin.clone()),
            step_name: step.map(|step| step.name.clone()),
            usage,
        });
    }
}
