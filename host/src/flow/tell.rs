//! What is told of a call, at its beginning and its end.

use std::sync::PoisonError;
use std::time::SystemTime;

use super::{CallError, FailureKind, Host};
use crate::model::{
    Audited, Call, CallBegan, CallEnded, CallId, CalledBy, Capability, Digest, Event, EventType,
    ExecutionId, GrantText, Origin, PartOf, PluginName, Receipt, Reply, Usage, Verb, chat,
};
use crate::sandbox::RunError;

/// What is told of a call at its beginning and its end.
pub(super) struct Step {
    execution: ExecutionId,
    call: CallId,
    plugin: PluginName,
    name: String,
    model: Option<String>,
    caller: CalledBy,
    part_of: Option<Box<PartOf>>,
}

impl Step {
    fn origin(&self) -> Origin {
        Origin {
            execution: Some(self.execution.clone()),
            call: Some(self.call),
            plugin: Some(self.plugin.clone()),
        }
    }
}

impl Host {
    /// Returns what a model's answer cost, in US dollars, by the person's own `config.yaml`.
    pub fn cost_of(&self, model: &str, usage: chat::Usage) -> Option<f64> {
        self.settings().person.prices.cost(model, usage)
    }

    /// Tells that a call begins, and its execution, if it is the first.
    pub(super) fn begin(&self, call: &Call) -> Step {
        let step = Step {
            execution: call.execution.clone(),
            call: call.id,
            plugin: call.verb.plugin().clone(),
            name: call.verb.name(),
            model: match &call.verb {
                Verb::Chat { request, .. } => Some(request.model.clone()),
                Verb::Tool { .. }
                | Verb::Models { .. }
                | Verb::Resources { .. }
                | Verb::Read { .. }
                | Verb::Prompt { .. }
                | Verb::Complete { .. } => None,
            },
            caller: (&call.caller).into(),
            part_of: call.part_of.clone(),
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
        self.sink.audit(
            step.origin(),
            Audited::CallBegan(CallBegan {
                tool: step.name.clone(),
                caller: step.caller.clone(),
                arguments: match &call.verb {
                    Verb::Tool { arguments, .. } => Digest::of_json(arguments),
                    Verb::Chat { request, .. } => Digest::of_json(request),
                    Verb::Models { .. }
                    | Verb::Resources { .. }
                    | Verb::Read { .. }
                    | Verb::Prompt { .. }
                    | Verb::Complete { .. } => None,
                },
            }),
        );
        step
    }

    /// Tells how a call ended.
    pub(super) fn end(&self, step: &Step, done: &Result<Receipt, CallError>) {
        self.keep(step, done);
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
                            cost: self.cost_of(&response.model, response.usage),
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

    /// Keeps how a call ended in the audit journal, and before that what stopped it.
    fn keep(&self, step: &Step, done: &Result<Receipt, CallError>) {
        match done {
            Err(CallError::Denied(denied)) => self.sink.denied(step.origin(), denied),
            Err(CallError::Run(RunError::Limit(breach), _)) => {
                let spec = breach.name.spec();
                self.sink.limit(
                    step.origin(),
                    &spec.word,
                    &format!("{} {}", breach.value, spec.unit),
                );
            }
            Err(CallError::Run(RunError::Deadline { time_ms }, _)) => {
                self.sink
                    .limit(step.origin(), &"deadline", &format!("{time_ms} ms"));
            }
            // The file system refuses by an error number; that it did is known where the guest passes it on.
            Ok(receipt) => {
                if let Some(denied) = receipt.reply.denied()
                    && denied.capability == Capability::FileAccess
                {
                    self.sink.denied(step.origin(), denied);
                }
            }
            Err(_) => {}
        }
        let (tool, caller) = (step.name.clone(), step.caller.clone());
        let ended = match done {
            Ok(receipt) => CallEnded {
                tool,
                caller,
                version: Some(receipt.version.clone()),
                digest: Some(receipt.digest),
                grant: Some(GrantText(receipt.grant.clone())),
                outcome: match &receipt.reply {
                    reply if reply.is_ok() => "ok",
                    reply if reply.denied().is_some() => FailureKind::Denied.name(),
                    _ => "tool-error",
                },
                base: receipt.landed.first().map(|landed| landed.base.clone()),
                commit: receipt.landed.first().map(|landed| landed.commit.clone()),
                time_us: Some(receipt.usage.time_us),
            },
            Err(error) => {
                let registry = self.registry();
                let plugin = registry.get(&step.plugin);
                CallEnded {
                    tool,
                    caller,
                    version: plugin.map(|plugin| plugin.info.version.clone()),
                    digest: plugin.map(|plugin| plugin.component.digest),
                    grant: None,
                    outcome: error.kind().name(),
                    base: None,
                    commit: None,
                    time_us: None,
                }
            }
        };
        self.sink
            .audit(step.origin(), Audited::CallEnded(Box::new(ended)));
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
            part_of: step.and_then(|step| step.part_of.clone()),
            call: step.map(|step| step.call),
            plugin: step.map(|step| step.plugin.clone()),
            step_name: step.map(|step| step.name.clone()),
            usage,
        });
    }
}
