//! Asking the person to grant what a call was refused: what, to whom, why, and for how long.
//!
//! They are asked after the call has failed, and it is made again once they agreed: a failed call landed nothing. How a
//! question reaches them is `talk`'s affair.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::question::{FIELD, Question};
use super::talk::McpClient;
use crate::flow::{CallError, Host};
use crate::grants::Scope;
use crate::model::{Answer, ClientReply, ExecutionId, Receipt, ToolPath};

/// Questions that one call may lead to, one after the other: it may need several things.
const ROUNDS: u32 = 4;

/// Questions that a connection may ask: who is asked too often agrees to anything.
const QUESTIONS: usize = 32;

/// The questions of one caller.
#[derive(Default)]
pub(super) struct Questions {
    said: Mutex<Said>,
    /// Held by the call that asks, where its client waits: the person has one question before them.
    turn: tokio::sync::Mutex<()>,
}

/// What was asked, and what the person said.
#[derive(Default)]
struct Said {
    /// How many questions were asked.
    asked: usize,
    /// What they said no to.
    refused: HashSet<String>,
    /// What they allowed for more than one call.
    agreed: HashSet<String>,
}

/// What a call that lacks something does.
pub(super) enum Word {
    /// It is made again: the person allowed it.
    Yes,
    /// It is made again: the person allowed what it lacks when another call asked.
    Again,
    /// It stays refused: the person was asked and does not allow it.
    No,
    /// It stays refused, and nobody was asked: they said no before, were asked often enough, or the caller gave up.
    Unasked,
}

impl Questions {
    /// Returns what to ask after a call, if a grant would help and nobody said no to it.
    pub(super) fn after(
        &self,
        host: &Host,
        tool: &ToolPath,
        done: &Result<Receipt, CallError>,
        round: u32,
    ) -> Option<Question> {
        let question = Question::after(host, tool, done)?;
        (round <= ROUNDS && self.may_ask(&question)).then_some(question)
    }

    /// Asks, once it is this question's turn. Calls that are refused the same at once lead to one question where the
    /// client is asked while it waits: the others go by its answer, unless that was for one call. `keep` keeps what the person agreed to, before others look.
    pub(super) async fn ask<E>(
        &self,
        host: &Host,
        client: &McpClient,
        question: &Question,
        execution: &ExecutionId,
        cancel: &CancellationToken,
        keep: impl FnOnce(Scope) -> Result<(), E>,
    ) -> Result<Word, E> {
        // A client that is answered with the question may not come back: others do not wait for that.
        let _turn = tokio::select! {
            turn = self.turn.lock(), if client.waits() => Some(turn),
            () = cancel.cancelled() => return Ok(Word::Unasked),
            () = std::future::ready(()), if !client.waits() => None,
        };
        if self.said().agreed.contains(&question.key()) && question.is_granted(host, execution) {
            return Ok(Word::Again);
        }
        if !self.may_ask(question) {
            return Ok(Word::Unasked);
        }
        self.said().asked += 1;
        let asked = client.ask_now(vec![question.form()]);
        let answer = tokio::select! {
            answer = asked => answer,
            () = cancel.cancelled() => return Ok(Word::Unasked),
        };
        let scope = match answer {
            Ok(replies) => replies
                .into_iter()
                .next()
                .and_then(|reply| scope(&reply, execution)),
            Err(error) => {
                tracing::debug!(%error, "the person was not asked");
                return Ok(Word::Unasked);
            }
        };
        self.settle(question, scope.as_ref());
        match scope {
            None => Ok(Word::No),
            Some(scope) => {
                keep(scope)?;
                Ok(Word::Yes)
            }
        }
    }

    fn may_ask(&self, question: &Question) -> bool {
        let said = self.said();
        said.asked < QUESTIONS && !said.refused.contains(&question.key())
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Returns for how long the person agreed; none where they did not.
fn scope(reply: &ClientReply, execution: &ExecutionId) -> Option<Scope> {
    let ClientReply::Form(Answer::Accepted(answer)) = reply else {
        return None;
    };
    match answer.get(FIELD)?.as_str()? {
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
