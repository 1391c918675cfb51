//! What a guest's calls back into the host become: calls on the same line, with the caller's grant as their ceiling.

use std::sync::{Arc, Mutex, PoisonError};

use super::{CallError, Host};
use crate::model::chat::ModelInfo;
use crate::model::{
    Call, Caller, Capability, ChatError, Denied, ExecutionId, Grant, Kind, Output, PluginName,
    Reply, Request, Response, ToolError, ToolInfo, ToolPath, Verb,
};
use crate::policy::{Permit, Standing};
use crate::sandbox::{BoxFuture, Callbacks};
use tokio_util::sync::CancellationToken;

/// How many refusals of a call are remembered.
const MOST_REFUSALS: usize = 16;

/// The callbacks of one call.
pub(super) struct CallCallbacks {
    host: Arc<Host>,
    standing: Arc<Standing>,
    execution: ExecutionId,
    depth: u8,
    cancel: CancellationToken,
    /// The refusals that the guest met, each once.
    met: Mutex<Vec<Denied>>,
}

impl CallCallbacks {
    pub(super) fn of(host: &Arc<Host>, permit: &Permit) -> Arc<Self> {
        Arc::new(Self {
            host: host.clone(),
            standing: permit.standing().clone(),
            execution: permit.call().execution.clone(),
            depth: permit.depth(),
            cancel: permit.call().cancel.clone(),
            met: Mutex::default(),
        })
    }

    fn grant(&self) -> &Grant {
        self.standing.grant()
    }

    async fn call(&self, verb: Verb) -> Result<Reply, CallError> {
        let caller = Caller::Plugin {
            name: self.standing.plugin().info.name.clone(),
            ceiling: self.grant().clone(),
            depth: self.depth.saturating_add(1),
        };
        let mut call = Call::new(verb, self.execution.clone(), caller);
        call.cancel = self.cancel.child_token();
        // Boxed: the line goes round once more, and a future cannot contain itself.
        let reply = Box::pin(self.host.call(call))
            .await
            .map(|receipt| receipt.reply);
        if let Some(denied) = refusal(&reply) {
            self.remember(denied);
        }
        reply
    }

    fn remember(&self, denied: &Denied) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        // The latest is at the end, and a guest that asks for ever fills no memory.
        met.retain(|one| one != denied);
        if met.len() == MOST_REFUSALS {
            met.remove(0);
        }
        met.push(denied.clone());
    }

    /// Returns the provider that a guest means: the one it names, or the operator's default, the first of the grant.
    fn provider(&self, named: Option<String>) -> Result<PluginName, ChatError> {
        match named {
            Some(name) => {
                name.parse().map_err(
                    |error: crate::model::InvalidName| ChatError::InvalidRequest {
                        message: error.to_string(),
                    },
                )
            }
            None => match self.grant().completions.first() {
                Some(first) => Ok(first.clone()),
                None => Err(self.denied(Capability::Completions).into()),
            },
        }
    }
}

impl Callbacks for CallCallbacks {
    fn denied(&self, capability: Capability) -> Denied {
        self.standing.deny(capability)
    }

    fn refuse(&self, need: Grant) -> Denied {
        let denied = self.standing.refuse(need);
        self.remember(&denied);
        denied
    }

    fn met(&self, capability: Capability) -> Option<Denied> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.iter()
            .rfind(|denied| denied.capability == capability)
            .cloned()
    }

    fn refusals(&self) -> Vec<Denied> {
        self.met
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn tools(&self) -> Result<Vec<(ToolPath, ToolInfo)>, Denied> {
        if self.grant().tools.is_empty() {
            return Err(self.denied(Capability::Tools));
        }
        let registry = self.host.registry();
        Ok(registry
            .tools()
            .filter(|(path, _)| {
                self.grant()
                    .tools
                    .iter()
                    .any(|pattern| pattern.covers(path))
            })
            .map(|(path, info)| (path, info.clone()))
            .collect())
    }

    fn call_tool(
        &self,
        name: String,
        arguments: String,
    ) -> BoxFuture<'_, Result<Output, ToolError>> {
        Box::pin(async move {
            if self.grant().tools.is_empty() {
                return Err(self.denied(Capability::Tools).into());
            }
            let path = name.parse().map_err(|_| ToolError::UnknownTool { name })?;
            let arguments =
                serde_json::from_str(&arguments).map_err(|error| ToolError::InvalidValue {
                    at: String::new(),
                    message: format!("the arguments are not JSON: {error}"),
                })?;
            match self.call(Verb::Tool { path, arguments }).await? {
                Reply::Tool(reply) => reply,
                Reply::Chat(_) | Reply::Models(_) => Err(ToolError::Runtime {
                    message: format!("a {} answered in a tool's place", Kind::Provider),
                }),
            }
        })
    }

    fn complete(
        &self,
        provider: Option<String>,
        request: Request,
    ) -> BoxFuture<'_, Result<Response, ChatError>> {
        Box::pin(async move {
            let provider = self.provider(provider)?;
            match self.call(Verb::Chat { provider, request }).await? {
                Reply::Chat(reply) => reply,
                Reply::Tool(_) | Reply::Models(_) => Err(not_an_answer()),
            }
        })
    }

    fn models(&self, provider: Option<String>) -> BoxFuture<'_, Result<Vec<ModelInfo>, ChatError>> {
        Box::pin(async move {
            let provider = self.provider(provider)?;
            match self.call(Verb::Models { provider }).await? {
                Reply::Models(reply) => reply,
                Reply::Tool(_) | Reply::Chat(_) => Err(not_an_answer()),
            }
        })
    }

    fn progress(&self, progress: f64, total: Option<f64>, message: Option<String>) {
        tracing::debug!(plugin = %self.standing.plugin().info.name, progress, total, message, "progress");
    }
}

/// Returns the refusal that a call ended with, by the host's own decision or in the words that it gave to the plugin called.
fn refusal(reply: &Result<Reply, CallError>) -> Option<&Denied> {
    match reply {
        Err(CallError::Denied(denied)) => Some(denied),
        Ok(reply) => reply.denied(),
        Err(_) => None,
    }
}

fn not_an_answer() -> ChatError {
    ChatError::InvalidRequest {
        message: "the plugin did not answer as a provider".to_owned(),
    }
}
