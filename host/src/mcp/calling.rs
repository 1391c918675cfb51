//! A call of a plugin's, as a request that runs: made, asked for where a grant is missing, and made again.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::InputResponses;
use rmcp::service::RequestContext;
use tokio_util::sync::CancellationToken;

use super::asking::Word;
use super::caller::Caller;
use super::talk::{McpClient, Running};
use crate::flow::CallError;
use crate::model::{self, Ability, Call, Client, ClientLink, Grant, Receipt, Verb};

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
        if !caller.grants || !client.abilities().contains(&Ability::Form) {
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
        model::Caller::Assistant {
            subject: caller.subject.clone(),
        },
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
