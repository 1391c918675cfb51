//! What the server answers, request by request.

use std::sync::Arc;
use std::time::Instant;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CompleteRequestParams,
    CompleteResult, CustomRequest, CustomResult, Extensions, GetPromptRequestParams,
    GetPromptResponse, GetTaskParams, GetTaskResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerConfig, SubscriptionFilter, Tool,
    UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};

use super::caller::Caller;
use super::caught::caught;
use super::listen::{self, Listening};
use super::open::Open;
use super::talk::Era;
use super::{about, complete, failure, names, prompts, resources, tools};

/// Answers requests.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) caller: Arc<Caller>,
    /// What all callers of this process have open.
    pub(super) open: Open,
    /// What this connection wants to hear.
    pub(super) listening: Arc<Listening>,
}

impl Handler {
    /// Makes the handler of a caller's requests.
    pub(super) fn new(caller: Arc<Caller>, open: Open) -> Self {
        Self {
            caller,
            open,
            listening: Arc::default(),
        }
    }

    /// Ends what waits for answers that will not come.
    pub(super) async fn end(&self) {
        self.open.end(&self.caller.name).await;
    }

    /// Returns the handler of a request: over HTTP, each request says whose it is.
    fn of(&self, extensions: &Extensions) -> Self {
        let parts = extensions.get::<http::request::Parts>();
        let caller = parts.and_then(|parts| parts.extensions.get::<Arc<Caller>>());
        self.for_caller(caller.unwrap_or(&self.caller).clone())
    }

    /// Returns the handler of another caller's requests on the same connection.
    fn for_caller(&self, caller: Arc<Caller>) -> Self {
        Self {
            caller,
            ..self.clone()
        }
    }

    /// Returns the handler of another connection, which hears what it itself wants to.
    pub(super) fn connected(&self, caller: Option<Arc<Caller>>) -> Self {
        Self {
            listening: Arc::default(),
            ..self.for_caller(caller.unwrap_or_else(|| self.caller.clone()))
        }
    }

    /// Ends the requests of one caller that wait for its client to come back.
    pub(super) fn stop_waiting_of(&self, caller: &Caller) {
        self.open.parked.end(Some(&caller.name));
    }

    /// Waits for the tasks of one caller.
    pub(super) async fn tasks_of(&self, caller: &Caller, until: Instant) {
        self.open.tasks.settled(&caller.name, until).await;
    }

    /// Ends all that one caller has open.
    pub(super) async fn end_of(&self, caller: &Caller) {
        self.open.end(&caller.name).await;
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        about::about(&self.caller.host)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let caller = self.of(&context.extensions).caller;
        guarded(async move { tools::list(&caller, request) }).await
    }

    /// Describes a tool: whose arguments come in headers, too, are compared with these.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        names::described(&self.caller.host, name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        guarded(self.of(&context.extensions).call(request, context)).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let caller = self.of(&context.extensions).caller;
        guarded(async move { resources::list(&caller, request, &context.ct).await }).await
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let caller = self.of(&context.extensions).caller;
        guarded(async move { resources::templates(&caller, request) }).await
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        guarded(self.of(&context.extensions).read(request, context)).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let caller = self.of(&context.extensions).caller;
        guarded(async move { prompts::list(&caller, request) }).await
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        guarded(self.of(&context.extensions).prompt(request, context)).await
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let caller = self.of(&context.extensions).caller;
        guarded(async move { complete::complete(&caller, request, &context.ct).await }).await
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let caller = self.of(&context.extensions).caller;
        self.listening.begin(&caller, context.peer);
    }

    async fn subscribe(
        &self,
        request: rmcp::model::SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        failure::check_there("resources/subscribe", Era::of(&context))?;
        let caller = self.of(&context.extensions).caller;
        self.listening.subscribe(&caller, request.uri)
    }

    async fn unsubscribe(
        &self,
        request: rmcp::model::UnsubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        failure::check_there("resources/unsubscribe", Era::of(&context))?;
        self.listening.unsubscribe(&request.uri);
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(listen::accepted(&self.caller, requested))
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.listening.listen(&self.caller, context).await
    }

    #[expect(deprecated, reason = "clients of today still set it")]
    async fn set_level(
        &self,
        request: rmcp::model::SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        failure::check_there("logging/setLevel", Era::of(&context))?;
        self.of(&context.extensions)
            .caller
            .loudness
            .set(request.level);
        Ok(())
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let caller = self.of(&context.extensions).caller;
        let found = self.open.tasks.get(&caller.name, &request.task_id).await;
        let found = found.ok_or_else(|| failure::unknown_task(&request.task_id))?;
        Ok(GetTaskResult::new(
            found.detailed(|answer| caller.shown(answer)),
        ))
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let UpdateTaskParams {
            task_id,
            input_responses,
            ..
        } = request;
        let caller = self.of(&context.extensions).caller;
        let tasks = &self.open.tasks;
        let updated = tasks.update(&caller.name, &task_id, &input_responses).await;
        updated
            .then_some(())
            .ok_or_else(|| failure::unknown_task(&task_id))
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let caller = self.of(&context.extensions).caller;
        let tasks = &self.open.tasks;
        let cancelled = tasks.cancel(&caller.name, &request.task_id).await;
        cancelled
            .then_some(())
            .ok_or_else(|| failure::unknown_task(&request.task_id))
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(failure::not_understood(&request, Era::of(&context)))
    }
}

/// Runs a handler and catches its panic, because the library never answers a request whose handler panicked.
fn guarded<T>(
    work: impl Future<Output = Result<T, ErrorData>>,
) -> impl Future<Output = Result<T, ErrorData>> {
    let caught = caught(work);
    async move {
        match caught.await {
            Ok(answer) => answer,
            Err(error) => Err(failure::broke(&error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered() {
        let answer = guarded::<()>(async { panic!("on purpose") }).await;
        assert_eq!(
            answer.map_err(|error| error.code),
            Err(rmcp::model::ErrorCode::INTERNAL_ERROR)
        );
    }
}
