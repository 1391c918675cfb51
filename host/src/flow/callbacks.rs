//! What a guest's calls back into the host become: calls on the same line, with the caller's grant as their ceiling.

use std::sync::{Arc, Mutex, PoisonError};

use super::{CallError, Host};
use crate::model::chat::ModelInfo;
use crate::model::{
    Ability, BoxFuture, Breach, Call, CallId, Caller, Capability, Changed, ChatError, ClientLink,
    ClientReply, ClientRequest, CommitId, Denied, ExecutionId, Grant, Kind, LimitName, Limits,
    LogLevel, NotAvailable, Origin, Output, PartOf, PluginName, Question, Reply, Request, Response,
    TaskSupport, ToolError, ToolInfo, ToolPath, Verb,
};
use crate::policy::{Permit, Standing};
use crate::sandbox::{AskFailure, Callbacks, RunError};
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
    part_of: Option<Box<PartOf>>,
    depth: u8,
    call: CallId,
    cancel: CancellationToken,
    client: ClientLink,
    /// Whether the call itself may become a task; a call inside a call is its caller's affair.
    task: bool,
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
            part_of: permit.call().part_of.clone(),
            depth: permit.depth(),
            call: permit.call().id,
            cancel: permit.call().cancel.clone(),
            client: permit.call().client.clone(),
            task: permit.depth() == 0 && may_be_task(permit),
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
        call.client = self.client.clone();
        call.at.clone_from(&self.at);
        call.part_of.clone_from(&self.part_of);
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
                Reply::Chat(_)
                | Reply::Models(_)
                | Reply::Resources(_)
                | Reply::Read(_)
                | Reply::Prompt(_)
                | Reply::Complete(_) => Err(ToolError::Runtime {
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
            if provider.as_str() == CLIENT {
                return self.sample(request).await;
            }
            match self.call(Verb::Chat { provider, request }).await? {
                Reply::Chat(reply) => reply,
                Reply::Tool(_)
                | Reply::Models(_)
                | Reply::Resources(_)
                | Reply::Read(_)
                | Reply::Prompt(_)
                | Reply::Complete(_) => Err(not_an_answer()),
            }
        })
    }

    fn models(&self, provider: Option<String>) -> BoxFuture<'_, Result<Vec<ModelInfo>, ChatError>> {
        Box::pin(async move {
            let provider = self.provider(provider)?;
            if provider.as_str() == CLIENT {
                // It chooses its model itself, by what a request hints at.
                return Ok(Vec::new());
            }
            match self.call(Verb::Models { provider }).await? {
                Reply::Models(reply) => reply,
                Reply::Tool(_)
                | Reply::Chat(_)
                | Reply::Resources(_)
                | Reply::Read(_)
                | Reply::Prompt(_)
                | Reply::Complete(_) => Err(not_an_answer()),
            }
        })
    }

    fn abilities(&self) -> Vec<Ability> {
        let mut abilities = self.client.abilities();
        abilities.retain(|ability| self.lacks(*ability).is_none());
        abilities
    }

    fn ask(&self, questions: Vec<Question>) -> BoxFuture<'_, Result<Vec<ClientReply>, AskFailure>> {
        Box::pin(async move {
            let abilities = self.client.abilities();
            for question in &questions {
                let ability = question.request.ability();
                if let Some(need) = self.lacks(ability) {
                    return Err(AskFailure::Denied(self.refuse(need)));
                }
                if !abilities.contains(&ability) {
                    return Err(AskFailure::NotAvailable(NotAvailable::unable(ability)));
                }
            }
            let asked: Vec<_> = questions
                .into_iter()
                .map(|question| self.in_its_name(question))
                .collect();
            let expected: Vec<Ability> = asked.iter().map(|one| one.request.ability()).collect();
            let replies = self.client.ask(asked).await;
            let replies = replies.map_err(AskFailure::NotAvailable)?;
            let given = replies.iter().map(|reply| match reply {
                ClientReply::Form(_) => Ability::Form,
                ClientReply::Url(_) => Ability::Url,
                ClientReply::Sampling(_) => Ability::Sampling,
                ClientReply::Roots(_) => Ability::Roots,
            });
            if given.eq(expected) {
                Ok(replies)
            } else {
                Err(AskFailure::NotAvailable(NotAvailable {
                    why: "the caller answered other questions than those it was asked".to_owned(),
                }))
            }
        })
    }

    fn progress(&self, progress: f64, total: Option<f64>, message: Option<String>) {
        let message = message.as_deref();
        tracing::debug!(plugin = %self.standing.plugin().info.name, progress, total, message, "progress");
        self.client.progress(progress, total, message);
    }

    fn log(&self, level: LogLevel, message: &str) {
        let plugin = self.standing.plugin().info.name.as_str();
        self.client.log(level, plugin, message);
    }

    fn continue_as_task(&self) {
        if self.task {
            self.client.continue_as_task();
        }
    }

    fn changed(&self, what: Changed) {
        self.host.plugin_changed(self.standing.plugin(), what);
    }
}

impl CallCallbacks {
    /// Returns what would have to be granted before a question may be asked; none where nothing is missing.
    fn lacks(&self, ability: Ability) -> Option<Grant> {
        let grant = self.grant();
        match ability {
            Ability::Form | Ability::Url | Ability::Roots => (!grant.ask).then(|| Grant {
                ask: true,
                ..Grant::default()
            }),
            Ability::Sampling => {
                let client: PluginName = CLIENT.parse().ok()?;
                (!grant.completions.contains(&client)).then(|| Grant {
                    completions: vec![client],
                    ..Grant::default()
                })
            }
        }
    }

    /// Says whose question it is: what a person reads is not the host's word.
    fn in_its_name(&self, mut question: Question) -> Question {
        let plugin = &self.standing.plugin().info.name;
        match &mut question.request {
            ClientRequest::Form { message, .. } | ClientRequest::Url { message, .. } => {
                *message = format!("The plugin {plugin} asks: {message}");
            }
            ClientRequest::Sampling(_) | ClientRequest::Roots => {}
        }
        question
    }

    /// Asks the caller's own model.
    async fn sample(&self, request: Request) -> Result<Response, ChatError> {
        let question = Question {
            key: "completion".to_owned(),
            request: ClientRequest::Sampling(request),
        };
        match self.ask(vec![question]).await {
            Ok(replies) => match replies.into_iter().next() {
                Some(ClientReply::Sampling(response)) => Ok(response),
                Some(ClientReply::Form(_) | ClientReply::Url(_) | ClientReply::Roots(_)) | None => {
                    Err(not_an_answer())
                }
            },
            Err(AskFailure::Denied(denied)) => Err(denied.into()),
            Err(AskFailure::NotAvailable(error)) => {
                Err(ChatError::Connection { message: error.why })
            }
        }
    }
}

/// What stands for the caller's own model where a provider is named.
pub(super) const CLIENT: &str = "client";

/// Tells whether a call is of a tool that may be answered with a task.
fn may_be_task(permit: &Permit) -> bool {
    match &permit.call().verb {
        Verb::Tool { path, .. } => permit
            .plugin()
            .tool(&path.tool)
            .is_some_and(|tool| tool.info.task != TaskSupport::Never),
        Verb::Chat { .. }
        | Verb::Models { .. }
        | Verb::Resources { .. }
        | Verb::Read { .. }
        | Verb::Prompt { .. }
        | Verb::Complete { .. } => false,
    }
}

fn not_an_answer() -> ChatError {
    ChatError::InvalidRequest {
        message: "the plugin did not answer as a provider".to_owned(),
    }
}
