//! What a guest's calls back into the host become: calls on the same line, with the caller's grant as their ceiling.

use std::sync::{Arc, Mutex, PoisonError};

use super::{CallError, Host};
use crate::model::chat::ModelInfo;
use crate::model::{
    Breach, Call, CallId, Caller, Capability, ChatError, CommitId, Denied, ExecutionId, Grant,
    Kind, LimitName, Limits, Origin, Output, PluginName, Reply, Request, Response, ToolError,
    ToolInfo, ToolPath, Verb,
};
use crate::policy::{Permit, Standing};
use crate::sandbox::{BoxFuture, Callbacks, RunError};
use tokio_util::sync::CancellationToken;

/// Different refusals of one call that are remembered, and kept in the audit journal: a guest that asks for ever fills neither
/// memory nor the disk.
const MOST_REFUSALS: usize = 64;

/// The callbacks of one call.
pub(super) struct CallCallbacks {
    host: Arc<Host>,
    standing: Arc<Standing>,
    execution: ExecutionId,
    at: Option<CommitId>,
    depth: u8,
    call: CallId,
    cancel: CancellationToken,
    /// The refusals that the guest met, each once, the latest last.
    met: Mutex<Vec<Denied>>,
    /// The most plugins that may call each other up to here, and the limit that this one reached.
    limits: Limits,
    reached: Mutex<Option<Breach>>,
}

impl CallCallbacks {
    pub(super) fn of(host: &Arc<Host>, permit: &Permit) -> Arc<Self> {
        Arc::new(Self {
            host: host.clone(),
            standing: permit.standing().clone(),
            execution: permit.call().execution.clone(),
            at: permit.call().at.clone(),
            depth: permit.depth(),
            call: permit.call().id,
            cancel: permit.call().cancel.clone(),
            met: Mutex::default(),
            limits: permit.limits(),
            reached: Mutex::default(),
        })
    }

    fn grant(&self) -> &Grant {
        self.standing.grant()
    }

    async fn call(&self, verb: Verb) -> Result<Reply, CallError> {
        if u64::from(self.depth) >= self.limits.get(LimitName::Depth) {
            let breach = self.limits.breach(LimitName::Depth);
            return Err(self.reach(breach));
        }
        let caller = Caller::Plugin {
            name: self.standing.plugin().info.name.clone(),
            ceiling: self.grant().clone(),
            depth: self.depth.saturating_add(1),
        };
        let mut call = Call::new(verb, self.execution.clone(), caller);
        call.cancel = self.cancel.child_token();
        call.at.clone_from(&self.at);
        // Boxed: the line goes round once more, and a future cannot contain itself.
        let reply = Box::pin(self.host.call(call))
            .await
            .map(|receipt| receipt.reply);
        if let Err(CallError::Run(RunError::Limit(breach), _)) = &reply
            && breach.name == LimitName::Depth
        {
            return Err(self.reach(*breach));
        }
        let denied = match &reply {
            Err(CallError::Denied(denied)) => Some(denied),
            Ok(reply) => reply.denied(),
            Err(_) => None,
        };
        if let Some(denied) = denied {
            self.remember(denied);
        }
        reply
    }

    /// Remembers a refusal; true where the guest did not meet it before.
    fn remember(&self, denied: &Denied) -> bool {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let before = met.len();
        met.retain(|one| one != denied);
        let new = met.len() == before && before < MOST_REFUSALS;
        met.truncate(MOST_REFUSALS - 1);
        met.push(denied.clone());
        new
    }

    /// Remembers a refusal, and keeps it in the audit journal once a call, however often the guest asks.
    fn keep(&self, denied: &Denied) {
        if self.remember(denied) {
            self.host.sink.denied(self.origin(), denied);
        }
    }

    /// Notes that a limit was reached that is no fault of the plugin that is told of it.
    fn reach(&self, breach: Breach) -> CallError {
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(breach);
        CallError::Run(RunError::Limit(breach), Box::default())
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
        let denied = self.standing.deny(capability);
        self.keep(&denied);
        denied
    }

    fn refuse(&self, need: Grant) -> Denied {
        let denied = self.standing.refuse(need);
        self.keep(&denied);
        denied
    }

    fn origin(&self) -> Origin {
        Origin {
            execution: Some(self.execution.clone()),
            call: Some(self.call),
            plugin: Some(self.standing.plugin().info.name.clone()),
        }
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

    fn reached(&self) -> Option<Breach> {
        *self.reached.lock().unwrap_or_else(PoisonError::into_inner)
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

fn not_an_answer() -> ChatError {
    ChatError::InvalidRequest {
        message: "the plugin did not answer as a provider".to_owned(),
    }
}
