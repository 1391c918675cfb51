//! Asking the person to grant what a call was refused: what, to whom, why, and for how long.
//!
//! Both eras ask after the call has failed, and call again once the person agreed: a failed call landed nothing. Up to
//! 2025-11-25 the server asks while the client waits for its answer; from 2026-07-28 on the answer is the question, and the
//! client comes back with the person's word.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{
    ElicitRequest, ElicitResult, ElicitationAction, InputRequest, InputRequiredResult,
    InputResponses, RequestStateCodec, SealOptions,
};
use rmcp::service::RequestContext;

use super::McpError;
use super::question::{FIELD, Question};
use crate::flow::{CallError, Host};
use crate::grants::Scope;
use crate::model::{Digest, ExecutionId, Grant, Receipt, ToolPath};

/// How long a person may think.
const PATIENCE: Duration = Duration::from_mins(10);

/// Questions that one call may lead to, one after the other: it may need several things.
const ROUNDS: u32 = 4;

/// Questions that a connection may ask: who is asked too often agrees to anything.
const QUESTIONS: usize = 32;

/// The first protocol version whose answers are questions.
const ASKS_BY_ANSWER: &str = "2026-07-28";

/// How the client can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Not at all.
    Never,
    /// While it waits.
    Now,
    /// By the answer.
    ByAnswer,
}

impl Manner {
    /// Tells how the client of a request can be asked.
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let elicits = context
            .client_capabilities()
            .and_then(|capabilities| capabilities.elicitation)
            // A client that names no form means forms; one that names the other way only shows none.
            .is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none());
        let version = context.protocol_version();
        match (elicits, version) {
            (false, _) => Self::Never,
            (true, Some(version)) if version.as_str() >= ASKS_BY_ANSWER => Self::ByAnswer,
            (true, _) => Self::Now,
        }
    }
}

/// The questions of one connection.
pub(super) struct Questions {
    seal: RequestStateCodec,
    said: Mutex<Said>,
    /// Held by the call that asks: the person has one question before them.
    turn: tokio::sync::Mutex<()>,
}

/// What was asked, and what the person said.
#[derive(Default)]
struct Said {
    /// How many questions were asked.
    asked: usize,
    /// Answers that were used: each serves once.
    used: HashSet<String>,
    /// What they said no to.
    refused: HashSet<String>,
    /// What they allowed for more than one call.
    agreed: HashSet<String>,
}

/// What a call that waited for its turn to ask does.
pub(super) enum Turn<'a> {
    /// It asks; nobody else does until this is dropped.
    Ask(tokio::sync::MutexGuard<'a, ()>),
    /// It is made again: the person allowed what it lacks when another call asked.
    Again,
    /// It is refused: they said no to another call, were asked often enough, or the caller gave up.
    No,
}

impl Questions {
    pub(super) fn new() -> Result<Self, McpError> {
        let inside = |reason: String| McpError::Inside { reason };
        let mut key = [0_u8; 32];
        let filled = rustix::rand::getrandom(&mut key, rustix::rand::GetRandomFlags::empty())
            .map_err(|error| inside(error.to_string()))?;
        if filled < key.len() {
            return Err(inside("the system gave too few random bytes".to_owned()));
        }
        Ok(Self {
            seal: RequestStateCodec::try_new(key).map_err(|error| inside(error.to_string()))?,
            said: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Returns what to ask after a call, if a grant would help and nobody said no to it.
    pub(super) fn after(
        &self,
        host: &Host,
        tool: &ToolPath,
        done: &Result<Receipt, CallError>,
        round: u32,
        allowed: &Grant,
    ) -> Option<Question> {
        let question = Question::after(host, tool, done, round, allowed)?;
        (round <= ROUNDS && self.may_ask(&question)).then_some(question)
    }

    /// Waits until a question can be asked. Calls that are refused the same at once lead to one question: those that waited for
    /// its answer go by it, unless it was for that one call.
    pub(super) async fn turn(
        &self,
        host: &Host,
        context: &RequestContext<RoleServer>,
        question: &Question,
        execution: &ExecutionId,
    ) -> Turn<'_> {
        let turn = tokio::select! {
            turn = self.turn.lock() => turn,
            () = context.ct.cancelled() => return Turn::No,
        };
        if self.said().agreed.contains(&question.key()) && question.is_granted(host, execution) {
            Turn::Again
        } else if self.may_ask(question) {
            Turn::Ask(turn)
        } else {
            Turn::No
        }
    }

    fn may_ask(&self, question: &Question) -> bool {
        let said = self.said();
        said.asked < QUESTIONS && !said.refused.contains(&question.key())
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks while the client waits. None where the person does not agree, or there is no answer.
    pub(super) async fn ask_now(
        &self,
        context: &RequestContext<RoleServer>,
        question: &Question,
        execution: &ExecutionId,
    ) -> Option<Scope> {
        self.said().asked += 1;
        let asked = context
            .peer
            .create_elicitation_with_timeout(question.form(), Some(PATIENCE));
        let answer = tokio::select! {
            answer = asked => answer,
            () = context.ct.cancelled() => return None,
        };
        let scope = match answer {
            Ok(answer) => scope(&answer, execution),
            Err(error) => {
                tracing::debug!(%error, "the person was not asked");
                None
            }
        };
        self.settle(question, scope.as_ref());
        scope
    }

    /// Makes the answer that is the question.
    pub(super) fn answer(
        &self,
        question: &Question,
        arguments: &serde_json::Value,
    ) -> Result<InputRequiredResult, McpError> {
        self.said().asked += 1;
        let inside = |reason: String| McpError::Inside { reason };
        let state = serde_json::to_vec(question).map_err(|error| inside(error.to_string()))?;
        let context = bound(&question.tool, arguments);
        let sealed = self.seal.seal_with(
            &state,
            &SealOptions::new()
                .associated_data(context.as_bytes())
                .ttl(PATIENCE),
        );
        let form = InputRequest::Elicitation(ElicitRequest::new(question.form()));
        let requests = BTreeMap::from([(FIELD.to_owned(), form)]);
        Ok(InputRequiredResult::new(Some(requests), Some(sealed)))
    }

    /// Reads what a client that was asked by an answer came back with: the question, and for how long the person agreed.
    pub(super) fn heard(
        &self,
        tool: &ToolPath,
        arguments: &serde_json::Value,
        state: &str,
        answers: &InputResponses,
        execution: &ExecutionId,
    ) -> Result<(Question, Option<Scope>), String> {
        let again = "call again without `requestState` to be asked anew";
        let context = bound(&tool.to_string(), arguments);
        let opened = self
            .seal
            .open_with(state, context.as_bytes())
            .map_err(|error| format!("{error}; {again}"))?;
        let question: Question =
            serde_json::from_slice(&opened).map_err(|error| format!("{error}; {again}"))?;
        let answer = answers
            .get(FIELD)
            .ok_or_else(|| format!("`inputResponses` has no `{FIELD}`; {again}"))?;
        let answer: ElicitResult = serde_json::from_value(answer.clone())
            .map_err(|error| format!("`inputResponses.{FIELD}` is no answer: {error}; {again}"))?;
        let fresh = self.said().used.insert(question.nonce.clone());
        if !fresh {
            return Err(format!("this answer was used already; {again}"));
        }
        let scope = scope(&answer, execution);
        self.settle(&question, scope.as_ref());
        Ok((question, scope))
    }

    /// Remembers what the person said: what they said no to is not asked again.
    fn settle(&self, question: &Question, scope: Option<&Scope>) {
        let mut said = self.said();
        match scope {
            None => said.refused.insert(question.key()),
            Some(Scope::Once) => false,
            Some(Scope::Always | Scope::Until(_) | Scope::Execution(_)) => {
                said.agreed.insert(question.key())
            }
        };
    }
}

/// Returns what a question is bound to: an answer serves the same call alone.
fn bound(tool: &str, arguments: &serde_json::Value) -> String {
    format!("{tool} {}", Digest::of(arguments.to_string().as_bytes()))
}

/// Returns for how long the person agreed; none where they did not.
fn scope(answer: &ElicitResult, execution: &ExecutionId) -> Option<Scope> {
    if answer.action != ElicitationAction::Accept {
        return None;
    }
    match answer.content.as_ref()?.get(FIELD)?.as_str()? {
        "once" => Some(Scope::Once),
        "execution" => Some(Scope::Execution(execution.clone())),
        "day" => jiff::Timestamp::now()
            .checked_add(jiff::SignedDuration::from_hours(24))
            .ok()
            .map(Scope::Until),
        "always" => Some(Scope::Always),
        _ => None,
    }
}
