//! One instance of a component: a store, and the typed functions of its exports.

use wasmtime::component::ResourceTableError;
use wasmtime::{CallHook, PoolConcurrencyLimitError, Store, UpdateDeadline};

use super::bindings::{exports, imports};
use super::convert;
use super::engine::Sandbox;
use super::error::{PrepareError, RunError, one_line};
use super::prepare::{Interface, Prepared};
use super::size;
use super::state::{MOUNT, State};
use crate::model::{
    Breach, CallId, ExecutionId, Health, Kind, LimitName, PluginInfo, Reply, ToolInfo, Verb,
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
    Tool(exports::tool::Guest),
    Provider(exports::provider::Guest),
    Observer(exports::observer::Guest),
    /// Kinds that are answered through their life cycle alone so far.
    Other(Kind),
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
                Interface::Tool(indices) => Exports::Tool(indices.load(&mut store, &instance)?),
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
        let Exports::Tool(tool) = &self.exports else {
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
        match (&self.exports, verb) {
            (Exports::Tool(tool), Verb::Tool { path, arguments }) => {
                let context = imports::tool_types::Context {
                    call_id: context.id.to_string(),
                    agent_id: None,
                    execution_id: Some(context.execution.to_string()),
                    workspace: self.store.data().workspace().map(|_| MOUNT.to_owned()),
                    config: context.config.to_owned(),
                };
                let (name, arguments) = (path.tool.as_str(), arguments.to_string());
                let reply = tool
                    .call_validate_parameters(&mut self.store, name, &arguments)
                    .await;
                if let Err(error) = self.done(reply)? {
                    return Ok(Reply::Tool(Err(convert::tool_error_from_wit(error))));
                }
                let Exports::Tool(tool) = &self.exports else {
                    return Err(self.wrong_kind());
                };
                let reply = tool
                    .call_execute(&mut self.store, name, &context, &arguments)
                    .await;
                let reply = match self.done(reply)? {
                    Ok(output) => {
                        // Measured before it is parsed: a small text becomes a large value.
                        size::check(self.store.data().account(), size::output(&output))?;
                        Ok(convert::output_from_wit(output)
                            .map_err(|what| RunError::BadReply { what })?)
                    }
                    Err(error) => Err(convert::tool_error_from_wit(error)),
                };
                Ok(Reply::Tool(reply))
            }
            (Exports::Provider(provider), Verb::Chat { request, .. }) => {
                let request = convert::request_to_wit(request);
                let reply = provider
                    .call_chat_completion(&mut self.store, &request)
                    .await;
                let reply = self.done(reply)?;
                if let Ok(said) = &reply {
                    size::check(self.store.data().account(), size::response(said))?;
                }
                Ok(Reply::Chat(
                    reply
                        .map(convert::response_from_wit)
                        .map_err(convert::chat_error_from_wit),
                ))
            }
            (Exports::Provider(provider), Verb::Models { .. }) => {
                let reply = provider.call_list_models(&mut self.store).await;
                Ok(Reply::Models(
                    self.done(reply)?
                        .map(|models| {
                            models
                                .into_iter()
                                .map(convert::model_info_from_wit)
                                .collect()
                        })
                        .map_err(convert::chat_error_from_wit),
                ))
            }
            (
                Exports::Tool(_) | Exports::Provider(_) | Exports::Observer(_) | Exports::Other(_),
                Verb::Tool { .. } | Verb::Chat { .. } | Verb::Models { .. },
            ) => Err(self.wrong_kind()),
        }
    }

    fn wrong_kind(&self) -> RunError {
        RunError::WrongKind {
            plugin: self.store.data().plugin.to_string(),
            kind: match &self.exports {
                Exports::Tool(_) => Kind::Tool,
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
fn failed(store: &Store<State>, error: &wasmtime::Error) -> RunError {
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
