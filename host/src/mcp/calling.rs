//! A call of a plugin's, as a request that runs: made, asked for where a grant is missing, and made again.

use std::sync::Arc;

use rmcp::model::{CallToolResult, InputResponses};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::Value;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use super::asking::Word;
use super::caller::Caller;
use super::talk::{McpClient, Running};
use super::tasks::Outcome;
use super::{convert, failure};
use crate::flow::{CallError, FailureKind};
use crate::model::{self, Ability, Call, Client, ClientLink, ExecutionId, Grant, Receipt, Verb};

/// What became of a call.
pub(super) struct Made {
    /// The receipt, or why there is none.
    pub(super) done: Result<Receipt, CallError>,
    /// What the person was asked to grant and did not.
    pub(super) declined: Option<String>,
}

impl From<Result<Receipt, CallError>> for Made {
    fn from(done: Result<Receipt, CallError>) -> Self {
        Self {
            done,
            declined: None,
        }
    }
}

impl Made {
    /// Makes the answer of it, to a call of an execution.
    pub(super) fn answer(self, execution: &ExecutionId) -> Result<CallToolResult, ErrorData> {
        if let Some(refusal) = &self.declined {
            return Ok(failure::declined(refusal));
        }
        match self.done {
            Ok(receipt) => Ok(convert::result(receipt)),
            Err(error) => failure::of_call(&error, execution),
        }
    }
}

/// Tells how a task ended: an error that its caller can act on completes it, and what broke fails it.
pub(super) fn outcome(done: Result<Made, JoinError>, execution: &ExecutionId) -> Outcome {
    let made = match done {
        Ok(made) => made,
        Err(error) => return Outcome::failed(&failure::broke(&error.to_string()).message),
    };
    if let Err(error) = &made.done {
        match error.kind() {
            FailureKind::Cancelled => return Outcome::Cancelled,
            FailureKind::Workspace | FailureKind::Plugin | FailureKind::Inside => {
                return Outcome::failed(&failure::said(error));
            }
            FailureKind::UnknownTool
            | FailureKind::Arguments
            | FailureKind::Denied
            | FailureKind::Limit
            | FailureKind::Conflict => {}
        }
    }
    let answer = made.answer(execution).map(serde_json::to_value);
    match answer {
        Ok(Ok(Value::Object(result))) => Outcome::Completed(result),
        Ok(Ok(_)) => Outcome::failed("the answer is no object"),
        Ok(Err(error)) => Outcome::failed(&failure::broke(&error.to_string()).message),
        Err(error) => Outcome::failed(&error.message),
    }
}

/// Has a call run that a request asks for.
pub(super) fn run(
    caller: &Arc<Caller>,
    context: &RequestContext<RoleServer>,
    given: Option<InputResponses>,
    verb: Verb,
) -> Running<Made> {
    let who = caller.clone();
    McpClient::run(
        context,
        &caller.loudness,
        given,
        move |client, cancel| async move { make(&who, client, cancel, verb).await },
    )
}

/// Makes a call, asks the person where a grant is missing, and makes it again once they agreed.
async fn make(
    caller: &Caller,
    client: Arc<McpClient>,
    cancel: CancellationToken,
    verb: Verb,
) -> Made {
    let link = ClientLink::shared(client.clone());
    let mut allowed = Grant::default();
    let mut round = 1;
    loop {
        let done = once(caller, &link, &cancel, &verb, &allowed).await;
        let Verb::Tool { path, .. } = &verb else {
            return done.into();
        };
        if !client.abilities().contains(&Ability::Form) {
            return done.into();
        }
        let question = caller.questions.after(&caller.host, path, &done, round);
        let Some(question) = question else {
            return done.into();
        };
        let keep = |scope| question.grant(&caller.host, path, scope, &mut allowed);
        let word = caller
            .questions
            .ask(
                &caller.host,
                &client,
                &question,
                &caller.execution,
                &cancel,
                keep,
            )
            .await;
        match word {
            Ok(Word::Yes | Word::Again) => round += 1,
            Ok(Word::Unasked) => return done.into(),
            Ok(Word::No) => {
                return Made {
                    done,
                    declined: Some(question.refusal().to_owned()),
                };
            }
            Err(error) => {
                return Err(CallError::Inside {
                    reason: error.to_string(),
                })
                .into();
            }
        }
    }
}

/// Makes one call.
async fn once(
    caller: &Caller,
    client: &ClientLink,
    cancel: &CancellationToken,
    verb: &Verb,
    allowed: &Grant,
) -> Result<Receipt, CallError> {
    let mut call = Call::new(
        verb.clone(),
        caller.execution.clone(),
        model::Caller::Assistant,
    );
    call.allowed = allowed.clone();
    call.cancel = cancel.child_token();
    call.client = client.clone();
    // A cancelled call goes on to the line, which answers at once.
    let _turn = tokio::select! {
        turn = caller.turn() => turn,
        () = cancel.cancelled() => None,
    };
    caller.host.call(call).await
}
