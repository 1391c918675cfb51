//! From a stage to an outcome: the guest runs.

use std::sync::Arc;
use std::time::Instant;

use super::bindings::exports::observer as wit;
use super::engine::Sandbox;
use super::error::RunError;
use super::imports::{Callbacks, SharedTree};
use super::instance::{CallContext, Instance, guard};
use super::prepare::Prepared;
use super::state::State;
use crate::model::{DirectoryUse, Event, EventType, Health, Kind, LimitName, Limits, Reply, Usage};
use crate::policy::{self, Permit};
use crate::registry::Plugin;
use crate::workspace::{GitTree, GrantedDirectory, Stage};
use tokio_util::sync::CancellationToken;

/// What a guest answered, and the tree as it left it.
pub struct Outcome {
    /// What the call was allowed.
    pub permit: Permit,
    /// What the guest answered.
    pub reply: Reply,
    /// The workspace after the call, if it had one.
    pub tree: Option<GitTree>,
    /// What it did in its granted directories.
    pub directories: Vec<DirectoryUse>,
    /// What the call took.
    pub usage: Usage,
}

impl Sandbox {
    /// Runs a call in a fresh instance, or in the plugin's live one if it keeps state.
    pub async fn run(
        self: &Arc<Self>,
        ready: Stage,
        callbacks: Arc<dyn Callbacks>,
    ) -> Result<Outcome, RunError> {
        let (permit, workspace, directories) = ready.into_parts();
        let plugin = permit.plugin().clone();
        let cancel = permit.call().cancel.clone();
        let limits = permit.limits();
        // A call inside a call runs on its caller's turn: waiting for another could wait for itself.
        let _turn = if permit.depth() == 0 {
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(RunError::Cancelled),
                turn = self.calls.acquire() => Some(turn),
            }
        } else {
            None
        };
        let prepared = self.prepared_of(&plugin).await?;
        let started = Instant::now();
        let _running = self.ticker.run();
        let tree = workspace.map(SharedTree::new);
        let context = CallContext {
            id: permit.call().id,
            execution: &permit.call().execution,
            config: &plugin.config,
            largest: limits.result(),
        };
        let verb = permit.call().verb.clone();
        let ran = if plugin.info.stateful {
            self.on_live(
                &plugin,
                &prepared,
                &limits,
                &cancel,
                async |instance: &mut Instance| {
                    let state = instance.state_mut();
                    state.callbacks = Some(callbacks.clone());
                    state.cancel = cancel.clone();
                    state.budget.forget();
                    let reply = instance.answer(verb, &context).await;
                    instance.state_mut().callbacks = None;
                    Ok((reply?, instance.memory()))
                },
            )
            .await
        } else {
            let mut state = State::new(plugin.info.name.as_str(), &limits, self.sink.clone())
                .with_workspace(tree.clone())
                .with_directories(directories.clone());
            state.callbacks = Some(callbacks.clone());
            state.cancel = cancel.clone();
            guard(&limits, &cancel, async {
                let mut instance = Instance::start(self, &prepared, state).await?;
                instance.initialize(&plugin.config).await?;
                let reply = instance.answer(verb, &context).await?;
                Ok((reply, instance.memory()))
            })
            .await
        };
        let directories: Vec<_> = directories.iter().map(GrantedDirectory::account).collect();
        let (reply, memory) = ran.map_err(|error| {
            // There is no receipt to say so.
            for directory in directories.iter().filter(|directory| directory.changed()) {
                tracing::warn!(plugin = %plugin.info.name, "a call failed, and what it did in a granted directory stays: {}", directory.told());
            }
            own_deadline(error, &limits, &plugin.limits)
        })?;
        Ok(Outcome {
            reply: policy::own_words(&permit, reply, |capability| callbacks.met(capability)),
            // The instance is gone, and with it every other holder of the tree. If not, what was written must not be lost
            // behind a good answer.
            tree: tree.map(SharedTree::into_inner).transpose()?,
            directories,
            usage: Usage {
                time_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
                memory,
            },
            permit,
        })
    }

    /// Asks a plugin how it feels.
    pub async fn health(self: &Arc<Self>, plugin: &Plugin) -> Result<Health, RunError> {
        let prepared = self.prepared_of(plugin).await?;
        let _running = self.ticker.run();
        let cancel = CancellationToken::new();
        if keeps(plugin) {
            return self
                .on_live(
                    plugin,
                    &prepared,
                    &plugin.limits,
                    &cancel,
                    async |instance: &mut Instance| instance.health(&plugin.info).await,
                )
                .await;
        }
        let state = State::new(plugin.info.name.as_str(), &plugin.limits, self.sink.clone());
        guard(&plugin.limits, &cancel, async {
            let mut instance = Instance::start(self, &prepared, state).await?;
            instance.initialize(&plugin.config).await?;
            instance.health(&plugin.info).await
        })
        .await
    }

    /// Tells an observer an event.
    pub async fn observe(self: &Arc<Self>, plugin: &Plugin, event: &Event) -> Result<(), RunError> {
        let prepared = self.prepared_of(plugin).await?;
        let _running = self.ticker.run();
        let event = event_to_wit(event);
        self.on_live(
            plugin,
            &prepared,
            &plugin.limits,
            &CancellationToken::new(),
            async |instance: &mut Instance| instance.observe(&event).await,
        )
        .await
    }

    async fn prepared_of(self: &Arc<Self>, plugin: &Plugin) -> Result<Arc<Prepared>, RunError> {
        let component = plugin.component.clone();
        self.prepare(component.digest, move || component.reread())
            .await
            .map_err(|error| RunError::Start {
                reason: format!("{} {error}", plugin.component.path.display()),
            })
    }
}

/// Tells the caller's own deadline from the plugin's limit.
fn own_deadline(error: RunError, call: &Limits, plugin: &Limits) -> RunError {
    match error {
        RunError::Limit {
            name: LimitName::Time,
            ..
        } if call.time_ms < plugin.time_ms => RunError::Deadline {
            time_ms: call.time_ms,
        },
        error => error,
    }
}

/// Tells whether a plugin's instance lives on between calls.
const fn keeps(plugin: &Plugin) -> bool {
    plugin.info.stateful || matches!(plugin.info.kind, Kind::Observer)
}

fn event_to_wit(event: &Event) -> wit::Event {
    wit::Event {
        event_type: match &event.event_type {
            EventType::ExecutionStarted => wit::EventType::ExecutionStarted,
            EventType::ExecutionCompleted => wit::EventType::ExecutionCompleted,
            EventType::ExecutionFailed { error } => wit::EventType::ExecutionFailed(error.clone()),
            EventType::StepStarted => wit::EventType::StepStarted,
            EventType::StepCompleted => wit::EventType::StepCompleted,
            EventType::StepFailed { error } => wit::EventType::StepFailed(error.clone()),
            EventType::LlmCall {
                model,
                prompt_tokens,
                completion_tokens,
            } => wit::EventType::LlmCall(wit::LlmCall {
                model: model.clone(),
                prompt_tokens: *prompt_tokens,
                completion_tokens: *completion_tokens,
                cost: None,
            }),
        },
        timestamp: event.timestamp,
        agent_id: None,
        workflow_id: None,
        execution_id: event.execution_id.to_string(),
        step_name: event.step_name.clone(),
        data: serde_json::json!({
            "call": event.call.map(|call| call.to_string()),
            "plugin": event.plugin,
        })
        .to_string(),
    }
}
