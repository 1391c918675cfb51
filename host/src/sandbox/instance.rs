//! One instance of a component: a store, and the typed functions of its exports.

use wasmtime::component::ResourceTableError;
use wasmtime::{CallHook, PoolConcurrencyLimitError, Store, UpdateDeadline};

use super::answer;
use super::bindings::{exports, imports};
use super::convert;
use super::engine::Sandbox;
use super::error::{PrepareError, RunError, one_line};
use super::prepare::{Interface, Prepared};
use super::state::{MOUNT, State};
use crate::model::{
    Breach, CallId, ExecutionId, Health, Kind, LimitName, PluginInfo, PromptInfo, Reply,
    TemplateInfo, ToolInfo, Verb,
};

/// How wasmtime says that a store has as many instances as it may.
const INSTANCES_REACHED: &str = "resource limit exceeded: instance count";

/// What wasmtime says of a guest that hands over too much at once.
const MESSAGE_REACHED: &str = "fuel allocated for hostcalls has been exhausted";

/// A running component.
pub(super) struct Instance {
    store: Store<State>,
    plugin: exports::plugin::Guest,
    exports: Exports,
}

/// The functions of the plugin's kind.
enum Exports {
    Tool(exports::tool::Guest, Option<ContextExports>),
    Provider(exports::provider::Guest),
    Observer(exports::observer::Guest),
    /// Kinds that are answered through their life cycle alone so far.
    Other(Kind),
}

/// The functions of a plugin that offers resources and prompts.
pub(super) struct ContextExports {
    pub(super) resources: exports::resources::Guest,
    pub(super) prompts: exports::prompts::Guest,
}

/// What a plugin offers beside its tools, as it says.
pub(super) struct Offered {
    pub(super) templates: Vec<TemplateInfo>,
    pub(super) prompts: Vec<PromptInfo>,
}

/// What a call tells its plugin about itself.
pub(super) struct CallContext<'a> {
    pub(super) id: CallId,
    pub(super) execution: &'a ExecutionId,
    pub(super) config: &'a str,
}

impl Instance {
    /// Instantiates a component.
    pub(super) async fn start(
        sandbox: &Sandbox,
        prepared: &Prepared,
        state: State,
    ) -> Result<Self, RunError> {
        let mut store = Store::new(&sandbox.engine, state);
        let message = store
            .data()
            .account()
            .limits()
            .most_here(LimitName::Message);
        store.set_hostcall_fuel(message);
        store.limiter(|state| &mut state.budget);
        store.call_hook(|mut store, step| match step {
            CallHook::CallingHost => Ok(store.data_mut().account().enter_host()?),
            CallHook::CallingWasm | CallHook::ReturningFromWasm | CallHook::ReturningFromHost => {
                Ok(())
            }
        });
        // Each tick a running guest yields: its deadline and its cancellation are looked at, and others get a turn.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        let loaded = async {
            let instance = prepared.pre.instantiate_async(&mut store).await?;
            let plugin = prepared.plugin.load(&mut store, &instance)?;
            let exports = match &prepared.interface {
                Interface::Tool(indices, context) => {
                    let tool = indices.load(&mut store, &instance)?;
                    let context = match context {
                        None => None,
                        Some(context) => Some(ContextExports {
                            resources: context.resources.load(&mut store, &instance)?,
                            prompts: context.prompts.load(&mut store, &instance)?,
                        }),
                    };
                    Exports::Tool(tool, context)
                }
                Interface::Provider(indices) => {
                    Exports::Provider(indices.load(&mut store, &instance)?)
                }
                Interface::Observer(indices) => {
                    Exports::Observer(indices.load(&mut store, &instance)?)
                }
                Interface::Adapter | Interface::Memory => Exports::Other(prepared.interface.kind()),
            };
            Ok((plugin, exports))
        }
        .await;
        match loaded {
            Ok((plugin, exports)) => Ok(Self {
                store,
                plugin,
                exports,
            }),
            Err(error) => Err(match failed(&store, &error) {
                RunError::Trapped { reason } => RunError::Start { reason },
                other => other,
            }),
        }
    }

    /// Returns the store's data, to give an instance that lives on what the next call was granted.
    pub(super) fn state_mut(&mut self) -> &mut State {
        self.store.data_mut()
    }

    /// Asks who the plugin is.
    pub(super) async fn metadata(&mut self) -> Result<exports::plugin::PluginInfo, RunError> {
        let reply = self.plugin.call_metadata(&mut self.store).await;
        self.done(reply)
    }

    /// Lists the tools, or nothing for other kinds; the error is the plugin's.
    pub(super) async fn tools(
        &mut self,
        most: usize,
    ) -> Result<Result<Vec<ToolInfo>, String>, RunError> {
        let Exports::Tool(tool, _) = &self.exports else {
            return Ok(Ok(Vec::new()));
        };
        let reply = tool.call_list_tools(&mut self.store).await;
        let tools = self.done(reply)?;
        if tools.len() > most {
            let found = tools.len();
            return Ok(Err(format!("it has {found} tools; {most} are allowed")));
        }
        Ok(tools.into_iter().map(convert::tool_info_from_wit).collect())
    }

    /// Lists what the plugin offers beside its tools; none where it exports no such thing. The inner error is the plugin's.
    pub(super) async fn offered(
        &mut self,
        most: usize,
    ) -> Result<Result<Option<Offered>, String>, RunError> {
        let Exports::Tool(_, Some(context)) = &self.exports else {
            return Ok(Ok(None));
        };
        let templates = context.resources.call_list_templates(&mut self.store).await;
        let templates = templates.map_err(|error| failed(&self.store, &error))?;
        let prompts = context.prompts.call_list_prompts(&mut self.store).await;
        let prompts = prompts.map_err(|error| failed(&self.store, &error))?;
        if templates.len() > most || prompts.len() > most {
            return Ok(Err(format!(
                "it has {} templates and {} prompts; {most} of each are allowed",
                templates.len(),
                prompts.len()
            )));
        }
        let checked = || {
            let templates = templates.into_iter().map(convert::template_from_wit);
            let prompts = prompts.into_iter().map(convert::prompt_info_from_wit);
            Ok(Some(Offered {
                templates: templates.collect::<Result<_, _>>()?,
                prompts: prompts.collect::<Result<_, _>>()?,
            }))
        };
        Ok(checked())
    }

    /// Lets the plugin check its configuration, and starts it with it.
    pub(super) async fn configure(
        &mut self,
        config: &str,
    ) -> Result<Result<(), PrepareError>, RunError> {
        let reply = self
            .plugin
            .call_validate_config(&mut self.store, &config.to_owned())
            .await;
        if let Err(problems) = self.done(reply)? {
            return Ok(Err(PrepareError::Config {
                problems: convert::problems_from_wit(&problems),
            }));
        }
        match self.initialize(config).await {
            Ok(()) => Ok(Ok(())),
            Err(RunError::Start { reason }) => Ok(Err(PrepareError::Config { problems: reason })),
            Err(other) => Err(other),
        }
    }

    /// Starts the plugin with a configuration that it accepted before.
    pub(super) async fn initialize(&mut self, config: &str) -> Result<(), RunError> {
        let reply = self
            .plugin
            .call_initialize(&mut self.store, &config.to_owned())
            .await;
        self.done(reply)?.map_err(|error| RunError::Start {
            reason: match error {
                exports::plugin::InitError::InvalidConfig(problems) => {
                    convert::problems_from_wit(&problems)
                }
                exports::plugin::InitError::Failed(reason) => reason,
            },
        })
    }

    /// Asks how the plugin feels.
    pub(super) async fn health(&mut self, info: &PluginInfo) -> Result<Health, RunError> {
        let reply = self.plugin.call_health(&mut self.store).await;
        Ok(convert::health_from_wit(self.done(reply)?, info))
    }

    /// Lets the plugin release what it holds; what it answers is its own affair.
    pub(super) async fn shutdown(&mut self) -> Result<Result<(), String>, RunError> {
        let reply = self.plugin.call_shutdown(&mut self.store).await;
        self.done(reply)
    }

    /// Tells an observer an event.
    pub(super) async fn observe(
        &mut self,
        event: &exports::observer::Event,
    ) -> Result<(), RunError> {
        let Exports::Observer(observer) = &self.exports else {
            return Ok(());
        };
        let reply = observer.call_observe(&mut self.store, event).await;
        self.done(reply)
    }

    /// Does what a call asks.
    pub(super) async fn answer(
        &mut self,
        verb: Verb,
        context: &CallContext<'_>,
    ) -> Result<Reply, RunError> {
        let Self { store, exports, .. } = self;
        let context = imports::tool_types::Context {
            call_id: context.id.to_string(),
            agent_id: None,
            execution_id: Some(context.execution.to_string()),
            workspace: store.data().workspace().map(|_| MOUNT.to_owned()),
            config: context.config.to_owned(),
        };
        match (&*exports, verb) {
            (Exports::Tool(tool, _), Verb::Tool { path, arguments }) => {
                answer::tool(store, tool, path.tool.as_str(), &context, &arguments).await
            }
            (Exports::Provider(provider), Verb::Chat { request, .. }) => {
                answer::chat(store, provider, request).await
            }
            (Exports::Provider(provider), Verb::Models { .. }) => {
                answer::models(store, provider).await
            }
            (Exports::Tool(_, Some(offered)), Verb::Resources { .. }) => {
                answer::resources(store, &offered.resources, &context).await
            }
            (Exports::Tool(_, Some(offered)), Verb::Read { uri, .. }) => {
                answer::read(store, &offered.resources, &context, &uri).await
            }
            (Exports::Tool(_, Some(offered)), Verb::Prompt { path, arguments }) => {
                let name = path.tool.as_str();
                answer::prompt(store, &offered.prompts, &context, name, arguments).await
            }
            (
                Exports::Tool(_, Some(offered)),
                Verb::Complete {
                    of, typed, others, ..
                },
            ) => answer::complete(store, offered, &context, of, &typed, others).await,
            (
                Exports::Tool(..) | Exports::Provider(_) | Exports::Observer(_) | Exports::Other(_),
                Verb::Tool { .. }
                | Verb::Chat { .. }
                | Verb::Models { .. }
                | Verb::Resources { .. }
                | Verb::Read { .. }
                | Verb::Prompt { .. }
                | Verb::Complete { .. },
            ) => Err(self.wrong_kind()),
        }
    }

    fn wrong_kind(&self) -> RunError {
        RunError::WrongKind {
            plugin: self.store.data().plugin.to_string(),
            kind: match &self.exports {
                Exports::Tool(..) => Kind::Tool,
                Exports::Provider(_) => Kind::Provider,
                Exports::Observer(_) => Kind::Observer,
                Exports::Other(kind) => *kind,
            },
        }
    }

    fn done<T>(&self, reply: wasmtime::Result<T>) -> Result<T, RunError> {
        reply.map_err(|error| failed(&self.store, &error))
    }
}

/// Tells why a guest stopped. A limit that was reached comes first: what the guest died of is its consequence.
pub(super) fn failed(store: &Store<State>, error: &wasmtime::Error) -> RunError {
    let state = store.data();
    if let Some(breach) = breach(state, error) {
        return RunError::Limit(breach);
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return RunError::Exited { code: exit.0 };
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return RunError::Start {
            reason: "every place for an instance is taken; try again".to_owned(),
        };
    }
    RunError::Trapped {
        reason: match state.panic() {
            Some(message) => format!("it panicked: {message}"),
            None => one_line(error),
        },
    }
}

/// Finds the limit behind an error: one that ended the call, one that wasmtime knows, or one that something was refused for.
fn breach(state: &State, error: &wasmtime::Error) -> Option<Breach> {
    let account = state.account();
    account
        .ended()
        .or_else(|| match error.downcast_ref::<ResourceTableError>() {
            Some(ResourceTableError::Full) => Some(account.end(LimitName::Handles)),
            Some(_) | None => None,
        })
        .or_else(|| {
            // Wasmtime has no types for these, and asks nobody before it counts.
            let said = one_line(error);
            [
                (INSTANCES_REACHED, LimitName::Instances),
                (MESSAGE_REACHED, LimitName::Message),
            ]
            .into_iter()
            .find(|(words, _)| said.contains(words))
            .map(|(_, name)| account.end(name))
        })
        .or_else(|| account.refused())
}
