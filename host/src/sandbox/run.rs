//! From a stage to an outcome: the guest runs.

use std::sync::Arc;
use std::time::Instant;

use super::account::Account;
use super::bindings::exports::observer as wit;
use super::engine::Sandbox;
use super::error::RunError;
use super::gate::{HeavyTurn, Place};
use super::guard::{Watch, guard};
use super::imports::{Callbacks, Reach, SharedTree};
use super::instance::{CallContext, Instance};
use super::prepare::Prepared;
use super::state::State;
use crate::model::{
    Breach, Capability, Denied, DirectoryUse, Ended, Event, EventType, Health, Kind, LimitName,
    Members, PartOf, PlanName, Reply, Usage, Yielding,
};
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
    pub trees: Option<Members<GitTree>>,
    /// What it did in its granted directories.
    pub directories: Vec<DirectoryUse>,
    /// What the guest was refused while it ran.
    pub refused: Vec<Denied>,
    /// What the call took.
    pub usage: Usage,
}

impl Sandbox {
    /// Runs a call in a fresh instance, or in the plugin's live one if it keeps state.
    pub async fn run(
        self: &Arc<Self>,
        ready: Stage,
        callbacks: Arc<dyn Callbacks>,
    ) -> Result<Outcome, Ended<RunError>> {
        let (permit, files) = ready.into_parts();
        let account = Account::new(&permit.limits());
        let trees = files.trees.map(SharedTree::all);
        let ran = self.reply(
            &permit,
            &account,
            (trees.as_ref(), &files.directories),
            &callbacks,
        );
        let ran = ran.await;
        let mut usage = account.usage();
        usage.depth = permit.depth().into();
        let mut refused = account.refused().or_else(|| callbacks.reached());
        (usage.files, usage.written, usage.handles) = files.allowance.spent();
        let of_files = || files.allowance.refused();
        refused = refused.or_else(|| of_files().map(|name| account.limits().breach(name)));
        let directories: Vec<_> = files
            .directories
            .iter()
            .map(GrantedDirectory::account)
            .collect();
        let kept = match (judged(ran, refused), trees) {
            // The instance is gone, and with it every other holder of the tree. If not, what was written must not be lost
            // behind a good answer.
            (Ok(reply), Some(trees)) => SharedTree::all_back(trees)
                .await
                .map(|trees| (reply, Some(trees))),
            (Ok(reply), None) => Ok((reply, None)),
            (Err(error), _) => Err(error),
        };
        let roof: Vec<_> = match &kept {
            Ok((_, Some(trees))) => trees.iter().filter_map(|(name, _)| name.cloned()).collect(),
            Ok((_, None)) | Err(_) => Vec::new(),
        };
        match kept {
            Ok((reply, trees)) => Ok(Outcome {
                refused: callbacks.refusals(),
                reply: policy::own_words(&permit, reply, &roof, |capability| {
                    let shut = files.directories.iter().find(|shut| shut.refused());
                    shut.filter(|_| capability == Capability::FileAccess)
                        .and_then(|shut| permit.deny_writing(shut.at()))
                        .or_else(|| callbacks.met(capability))
                }),
                trees,
                directories,
                usage,
                permit,
            }),
            Err(error) => {
                // There is no receipt to say so.
                for directory in directories.iter().filter(|directory| directory.changed()) {
                    let (plugin, told) = (&permit.plugin().info.name, directory.told());
                    tracing::warn!(%plugin, "a call failed, and what it did in a granted directory stays: {told}");
                }
                Err(Ended {
                    error,
                    usage: Box::new(usage),
                })
            }
        }
    }

    async fn reply(
        self: &Arc<Self>,
        permit: &Permit,
        account: &Account,
        (trees, directories): (Option<&Members<SharedTree>>, &[GrantedDirectory]),
        callbacks: &Arc<dyn Callbacks>,
    ) -> Result<Reply, RunError> {
        let plugin = permit.plugin();
        let call = permit.call();
        let cancel = &call.cancel;
        let cancelled = || async {
            cancel.cancelled().await;
            RunError::Cancelled
        };
        // A call inside a call runs on its caller's turn, at the gate too: waiting for another could wait for itself.
        let outermost = permit.depth() == 0;
        let most = account.limits().most_here(LimitName::Calls);
        let turn = if outermost {
            tokio::select! {
                biased;
                turn = self.turns.take(&plugin.info.name, most) => Some(turn),
                error = cancelled() => return Err(error),
            }
        } else {
            None
        };
        let _yields = turn
            .clone()
            .map(|turn| call.client.while_waiting(turn as Arc<dyn Yielding>));
        let prepared = tokio::select! {
            biased;
            prepared = self.prepared_of(plugin) => prepared?,
            error = cancelled() => return Err(error),
        };
        let started = Instant::now();
        let _running = self.ticker.run();
        let context = CallContext {
            id: call.id,
            execution: &call.execution,
            config: &plugin.config,
        };
        let verb = call.verb.clone();
        let watch = Watch {
            account,
            cancel,
            client: Some(&call.client),
            place: turn
                .as_ref()
                .map(|turn| Place::before(self.gate.clone(), turn.habit.clone())),
        };
        let reach = Reach {
            machine: self.machine.clone(),
            standing: permit.standing().clone(),
            account: account.clone(),
            callbacks: callbacks.clone(),
            sink: self.sink.clone(),
        };
        let ran = if plugin.info.stateful {
            self.on_live(plugin, &prepared, watch, async |instance: &mut Instance| {
                let state = instance.state_mut();
                state.callbacks = Some(callbacks.clone());
                state.hooks.set(Some(reach));
                state.cancel = cancel.clone();
                let reply = instance.answer(verb, &context).await;
                let state = instance.state_mut();
                state.callbacks = None;
                state.hooks.set(None);
                reply
            })
            .await
        } else {
            let name = plugin.info.name.as_str();
            let mut state = State::new(name, account.clone(), self.sink.clone())
                .with_workspace(trees.cloned())
                .with_directories(directories.to_vec())
                .with_reach(reach);
            state.callbacks = Some(callbacks.clone());
            state.cancel = cancel.clone();
            guard(watch, async {
                let mut instance = Instance::start(self, &prepared, state).await?;
                let reply = async {
                    instance.initialize(&plugin.config).await?;
                    instance.answer(verb, &context).await
                }
                .await;
                drop(instance);
                for (_, tree) in trees.into_iter().flat_map(Members::iter) {
                    let mut tree = tree.lock();
                    // Nothing of it will land: a million files are given back while the guest still has its turn.
                    let lost = match &reply {
                        Ok(reply) => reply.error().is_some() && tree.refused().is_some(),
                        Err(_) => true,
                    };
                    if lost {
                        tree.give_up();
                    }
                }
                reply
            })
            .await
        };
        account.took(started.elapsed());
        ran
    }

    /// Asks a plugin how it feels.
    pub async fn health(self: &Arc<Self>, plugin: &Plugin) -> Result<Health, RunError> {
        let prepared = self.prepared_of(plugin).await?;
        let _running = self.ticker.run();
        let account = Account::new(&plugin.limits);
        let watch = Watch {
            account: &account,
            cancel: &CancellationToken::new(),
            client: None,
            place: Some(self.place_of(plugin)),
        };
        if keeps(plugin) {
            return self
                .on_live(plugin, &prepared, watch, async |instance: &mut Instance| {
                    instance.health(&plugin.info).await
                })
                .await;
        }
        let _slot = self.asked.acquire().await;
        let name = plugin.info.name.as_str();
        let state = State::new(name, account.clone(), self.sink.clone());
        guard(watch, async {
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
        let account = Account::new(&plugin.limits);
        let watch = Watch {
            account: &account,
            cancel: &CancellationToken::new(),
            client: None,
            place: Some(self.place_of(plugin)),
        };
        self.on_live(plugin, &prepared, watch, async |instance: &mut Instance| {
            instance.observe(&event).await
        })
        .await
    }

    /// Waits for a turn at heavy work of the host's own, among those of heavy guests: together they leave a processor free. Not
    /// for work inside a guest's poll, which may have the only turn already.
    pub async fn heavy_turn(&self) -> HeavyTurn {
        self.gate.turn().await
    }

    fn place_of(&self, plugin: &Plugin) -> Place {
        let most = plugin.limits.most_here(LimitName::Calls);
        Place::before(self.gate.clone(), self.turns.habit(&plugin.info.name, most))
    }

    pub(super) async fn prepared_of(
        self: &Arc<Self>,
        plugin: &Plugin,
    ) -> Result<Arc<Prepared>, RunError> {
        let component = plugin.component.clone();
        self.prepare(component.digest, move || component.reread())
            .await
            .map_err(|error| RunError::Start {
                reason: format!("{} {error}", plugin.component.path.display()),
            })
    }
}

/// Names the limit behind a failure of the guest's own making, if something was refused for one.
fn judged(ran: Result<Reply, RunError>, refused: Option<Breach>) -> Result<Reply, RunError> {
    let Some(breach) = refused else {
        return ran;
    };
    match ran {
        Ok(reply) if reply.error().is_none() => Ok(reply),
        Ok(_)
        | Err(RunError::Trapped { .. } | RunError::Exited { .. } | RunError::Start { .. }) => {
            Err(RunError::Limit(breach))
        }
        Err(error) => Err(error),
    }
}

/// Tells whether a plugin's instance lives on between calls.
pub(super) const fn keeps(plugin: &Plugin) -> bool {
    plugin.info.stateful || matches!(plugin.info.kind, Kind::Observer)
}

fn event_to_wit(event: &Event) -> wit::Event {
    let part = |name: fn(&PartOf) -> Option<&PlanName>| {
        let name = name(event.part_of.as_deref()?);
        name.map(ToString::to_string)
    };
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
                cost,
            } => wit::EventType::LlmCall(wit::LlmCall {
                model: model.clone(),
                prompt_tokens: *prompt_tokens,
                completion_tokens: *completion_tokens,
                cost: *cost,
            }),
        },
        timestamp: event.timestamp,
        agent_id: part(|part| part.agent.as_ref()),
        workflow_id: part(|part| part.workflow.as_ref()),
        execution_id: event.execution_id.to_string(),
        step_name: part(|part| part.step.as_ref()).or_else(|| event.step_name.clone()),
        data: serde_json::json!({
            "tool": event.step_name,
            "call": event.call.map(|call| call.to_string()),
            "plugin": event.plugin,
            "usage": event.usage,
        })
        .to_string(),
    }
}
