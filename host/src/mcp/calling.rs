//! A call of a plugin's, as a request that runs: made, asked for where a grant is missing, and made again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::model::InputResponses;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Open};
use super::asking::Word;
use super::caller::Caller;
use super::caught::Panicked;
use super::own::{self, PlanCall, Ran};
use super::shares::Shares;
use super::talk::{McpClient, Running, Waiting};
use super::tasks::Outcome;
use super::{convert, failure};
use crate::flow::{CallError, FailureKind};
use crate::model::{
    self, Ability, Call, Changed, Client, ClientLink, ExecutionId, Grant, Receipt, Verb,
};

/// What a request has done.
pub(super) enum Work {
    /// A call of a plugin's.
    Call(Verb),
    /// A run of an agent or a workflow.
    Plan(PlanCall),
}

impl From<Verb> for Work {
    fn from(verb: Verb) -> Self {
        Self::Call(verb)
    }
}

/// What became of it.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are calls, and a box costs each of them an allocation"
)]
pub(super) enum Made {
    /// Of a call.
    Call {
        /// The receipt, or why there is none.
        done: Result<Receipt, CallError>,
        /// What the person was asked to grant and did not.
        declined: Option<String>,
    },
    /// Of a run.
    Plan(Box<Ran>),
}

impl From<Result<Receipt, CallError>> for Made {
    fn from(done: Result<Receipt, CallError>) -> Self {
        Self::Call {
            done,
            declined: None,
        }
    }
}

impl Made {
    /// Makes the answer of it, to a call of an execution.
    pub(super) fn answer(self, execution: &ExecutionId, open: Open) -> Result<Answer, ErrorData> {
        match self {
            Self::Call {
                declined: Some(refusal),
                ..
            } => Ok(failure::declined(&refusal).into()),
            Self::Call {
                done: Ok(receipt), ..
            } => Ok(convert::result(receipt, open)),
            Self::Call {
                done: Err(error), ..
            } => failure::of_call(&error, execution).map(Answer::from),
            Self::Plan(ran) => Ok(Answer::from(ran.result)),
        }
    }

    /// Returns the receipt of a call.
    pub(super) fn receipt(self) -> Result<Receipt, ErrorData> {
        match self {
            Self::Call { done, .. } => done.map_err(|error| failure::of_request(&error)),
            Self::Plan(_) => Err(failure::broke("a run answered in the place of a call")),
        }
    }
}

/// Tells how a task ended: an error that its caller can act on completes it, and what broke fails it.
pub(super) fn outcome(
    done: Result<Made, Panicked>,
    execution: &ExecutionId,
    open: Open,
) -> Outcome {
    let made = match done {
        Ok(made) => made,
        Err(error) => return Outcome::failed(&failure::broke(&error.to_string()).message),
    };
    if let Made::Plan(ran) = &made
        && ran.cancelled
    {
        return Outcome::Cancelled;
    }
    if let Made::Call {
        done: Err(error), ..
    } = &made
    {
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
    match made.answer(execution, open) {
        Ok(answer) => Outcome::Completed(Box::new(answer)),
        Err(error) => Outcome::failed(&error.message),
    }
}

/// Has a call run that a request asks for.
pub(super) fn run(
    caller: &Arc<Caller>,
    context: &RequestContext<RoleServer>,
    given: Option<InputResponses>,
    places: &Shares,
    work: Work,
) -> Running<Made> {
    let who = caller.clone();
    let waiting = Waiting {
        places: places.clone(),
        person: caller.subject.clone().unwrap_or_default(),
    };
    McpClient::run(
        context,
        &caller.loudness,
        given,
        waiting,
        move |client, cancel| async move {
            match work {
                Work::Call(verb) => make(&who, client, cancel, verb).await,
                Work::Plan(plan) => {
                    let link = ClientLink::shared(client);
                    Made::Plan(Box::new(Box::pin(plan.run(&who, link, cancel)).await))
                }
            }
        },
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
    let execution = caller.execution();
    loop {
        let call = Call {
            allowed: allowed.clone(),
            client: link.clone(),
            ..call_of(caller, verb.clone(), &execution)
        };
        let done = once(caller, &cancel, call).await;
        tell(caller, &done);
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
            .ask(&caller.host, &client, &question, &execution, &cancel, keep)
            .await;
        match word {
            Ok(Word::Yes | Word::Again) => round += 1,
            Ok(Word::Unasked) => return done.into(),
            Ok(Word::No) => {
                return Made::Call {
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

/// Makes a call that nobody is asked about and that tells nobody how far it is.
pub(super) async fn quietly(
    caller: &Caller,
    cancel: &CancellationToken,
    verb: Verb,
    time: Duration,
) -> Result<Receipt, CallError> {
    let call = Call {
        time: Some(time),
        ..call_of(caller, verb, &caller.execution())
    };
    once(caller, cancel, call).await
}

fn call_of(caller: &Caller, verb: Verb, execution: &ExecutionId) -> Call {
    let by = model::Caller::Assistant {
        subject: caller.subject.clone(),
        ceiling: caller.ceiling.clone(),
    };
    Call::new(verb, execution.clone(), by)
}

/// Makes one call.
async fn once(
    caller: &Caller,
    cancel: &CancellationToken,
    mut call: Call,
) -> Result<Receipt, CallError> {
    call.cancel = cancel.child_token();
    // A cancelled call goes on to the line, which answers at once.
    let _turn = tokio::select! {
        turn = caller.turn() => turn,
        () = cancel.cancelled() => None,
    };
    let (verb, began) = (call.verb.clone(), Instant::now());
    // A call is a large future, and many wait at once.
    let done = Box::pin(caller.host.call(call)).await;
    let outcome = match &done {
        Ok(receipt) if receipt.reply.is_ok() => "ok",
        Ok(receipt) if receipt.reply.denied().is_some() => FailureKind::Denied.name(),
        Ok(_) => "tool-error",
        Err(error) => error.kind().name(),
    };
    caller.count(&verb, outcome, began.elapsed());
    done
}

/// Tells whoever listens that an execution reads differently.
fn tell(caller: &Caller, done: &Result<Receipt, CallError>) {
    let Ok(Receipt {
        landed, execution, ..
    }) = done
    else {
        return;
    };
    if landed.is_empty() {
        return;
    }
    if landed
        .iter()
        .any(|landed| landed.before.as_ref() == Some(&landed.base))
    {
        caller.host.announce(Changed::Resources);
    }
    for uri in own::addresses(execution) {
        caller
            .host
            .announce(Changed::Resource { uri, plugin: None });
    }
}
