//! `tools`, `completions`, `progress` and `changes`: what goes back into the host while a call runs.

use crate::model::{
    Ability, BoxFuture, Breach, Capability, Changed, ChatError, ClientReply, Denied, Grant,
    LogLevel, NotAvailable, Origin, Output, Question, Request, Response, ToolError, ToolInfo,
    ToolPath, chat,
};
use crate::sandbox::bindings::imports::{changes, completions, progress, tools};
use crate::sandbox::bindings::imports::{chat as wit_chat, context_types, tool_types, types};
use crate::sandbox::convert;
use crate::sandbox::state::State;

/// Why a guest's questions were not answered.
#[derive(Debug)]
pub enum AskFailure {
    /// It may not ask.
    Denied(Denied),
    /// There is nobody who can answer.
    NotAvailable(NotAvailable),
}

/// What a guest's calls back into the host become. Made for one call, and holds what that call was granted.
pub trait Callbacks: Send + Sync {
    /// Returns the refusal of a capability, with the line to add, and keeps it in the audit journal.
    fn denied(&self, capability: Capability) -> Denied;

    /// Says which call it is, for what is kept in the audit journal.
    fn origin(&self) -> Origin;

    /// Returns the refusal of something narrower than a capability, remembers that the guest met it, and keeps it in
    /// the audit journal.
    fn refuse(&self, need: Grant) -> Denied;

    /// Returns the latest refusal that the guest met, if it met one of the capability.
    fn met(&self, capability: Capability) -> Option<Denied>;

    /// Returns every refusal that the guest met.
    fn refusals(&self) -> Vec<Denied>;

    /// Returns the limit that a call of the guest's met further down, if one did: the guest may fail of it in its own way.
    fn reached(&self) -> Option<Breach>;

    /// Lists the tools that the guest may call.
    fn tools(&self) -> Result<Vec<(ToolPath, ToolInfo)>, Denied>;

    /// Calls a tool in the guest's name.
    fn call_tool(
        &self,
        name: String,
        arguments: String,
    ) -> BoxFuture<'_, Result<Output, ToolError>>;

    /// Asks a model in the guest's name.
    fn complete(
        &self,
        provider: Option<String>,
        request: Request,
    ) -> BoxFuture<'_, Result<Response, ChatError>>;

    /// Lists the models of a provider.
    fn models(
        &self,
        provider: Option<String>,
    ) -> BoxFuture<'_, Result<Vec<chat::ModelInfo>, ChatError>>;

    /// Says what the caller can be asked for.
    fn abilities(&self) -> Vec<Ability>;

    /// Asks the caller in the guest's name.
    fn ask(&self, questions: Vec<Question>) -> BoxFuture<'_, Result<Vec<ClientReply>, AskFailure>>;

    /// Tells how far the call has come.
    fn progress(&self, progress: f64, total: Option<f64>, message: Option<String>);

    /// Passes a line of the guest's log on to the caller.
    fn log(&self, level: LogLevel, message: &str);

    /// Answers the caller with a task now, where both know tasks.
    fn continue_as_task(&self);

    /// Tells everybody that something reads differently.
    fn changed(&self, what: Changed);
}

impl types::Host for State {}
impl wit_chat::Host for State {}
impl tool_types::Host for State {}
impl context_types::Host for State {}

impl progress::Host for State {
    async fn report(
        &mut self,
        progress: f64,
        total: Option<f64>,
        message: Option<String>,
    ) -> wasmtime::Result<()> {
        if let Some(callbacks) = &self.callbacks {
            callbacks.progress(progress, total, message);
        }
        Ok(())
    }

    async fn cancelled(&mut self) -> wasmtime::Result<bool> {
        Ok(self.cancel.is_cancelled())
    }

    async fn continue_as_task(&mut self) -> wasmtime::Result<()> {
        if let Some(callbacks) = &self.callbacks {
            callbacks.continue_as_task();
        }
        Ok(())
    }
}

impl State {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the shape that every import of `changes` answers in"
    )]
    fn changed(&self, what: Changed) -> wasmtime::Result<()> {
        if let Some(callbacks) = &self.callbacks {
            callbacks.changed(what);
        }
        Ok(())
    }
}

impl changes::Host for State {
    async fn tools(&mut self) -> wasmtime::Result<()> {
        self.changed(Changed::Tools)
    }

    async fn resources(&mut self) -> wasmtime::Result<()> {
        self.changed(Changed::Resources)
    }

    async fn prompts(&mut self) -> wasmtime::Result<()> {
        self.changed(Changed::Prompts)
    }

    async fn resource(&mut self, uri: String) -> wasmtime::Result<()> {
        self.changed(Changed::Resource { uri, plugin: None })
    }
}

impl tools::Host for State {
    async fn list(&mut self) -> wasmtime::Result<Result<Vec<tools::Available>, types::Denied>> {
        let Some(callbacks) = &self.callbacks else {
            return Ok(Err(convert::denied_to_wit(self.denied(Capability::Tools))));
        };
        Ok(callbacks
            .tools()
            .map(|tools| {
                tools
                    .into_iter()
                    .map(|(path, info)| tools::Available {
                        name: path.to_string(),
                        info: convert::tool_info_to_wit(info),
                    })
                    .collect()
            })
            .map_err(convert::denied_to_wit))
    }

    async fn call(
        &mut self,
        name: String,
        arguments: String,
    ) -> wasmtime::Result<Result<tool_types::Output, tool_types::ToolError>> {
        let reply = match self.callbacks.clone() {
            Some(callbacks) => callbacks.call_tool(name, arguments).await,
            None => Err(self.denied(Capability::Tools).into()),
        };
        Ok(reply
            .map(convert::output_to_wit)
            .map_err(convert::tool_error_to_wit))
    }
}

impl completions::Host for State {
    async fn complete(
        &mut self,
        provider: Option<String>,
        request: wit_chat::Request,
    ) -> wasmtime::Result<Result<wit_chat::Response, wit_chat::ChatError>> {
        let reply = match self.callbacks.clone() {
            Some(callbacks) => {
                callbacks
                    .complete(provider, convert::request_from_wit(request))
                    .await
            }
            None => Err(self.denied(Capability::Completions).into()),
        };
        Ok(reply
            .map(convert::response_to_wit)
            .map_err(convert::chat_error_to_wit))
    }

    async fn list_models(
        &mut self,
        provider: Option<String>,
    ) -> wasmtime::Result<Result<Vec<wit_chat::ModelInfo>, wit_chat::ChatError>> {
        let reply = match self.callbacks.clone() {
            Some(callbacks) => callbacks.models(provider).await,
            None => Err(self.denied(Capability::Completions).into()),
        };
        Ok(reply
            .map(|models| models.into_iter().map(convert::model_info_to_wit).collect())
            .map_err(convert::chat_error_to_wit))
    }
}
