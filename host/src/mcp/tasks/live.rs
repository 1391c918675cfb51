//! A task that runs: its questions, and what ends it.

use std::collections::BTreeMap;
use std::time::Instant;

use rmcp::model::{DetailedTask, InputRequest, InputResponses, TaskPayload};
use tokio_util::sync::CancellationToken;

use super::record::{Outcome, Record};
use crate::mcp::talk::{Asked, Notices, PATIENCE, input_request, reply_of};
use crate::model::{ClientReply, NotAvailable};

/// How often a task may ask: who is asked too often agrees to anything.
const ROUNDS: u32 = 32;

/// A task of this host that runs, or whose end is being written down.
pub(super) struct Live {
    pub(super) record: Record,
    pub(super) cancel: CancellationToken,
    notices: Notices,
    open: Vec<Open>,
    round: u32,
}

/// Questions that are asked at once.
struct Open {
    asked: Asked,
    /// What the protocol calls each of them, and what was answered.
    slots: Vec<Slot>,
    until: Instant,
}

struct Slot {
    key: String,
    request: InputRequest,
    reply: Option<ClientReply>,
}

impl Live {
    pub(super) const fn new(record: Record, cancel: CancellationToken, notices: Notices) -> Self {
        Self {
            record,
            cancel,
            notices,
            open: Vec::new(),
            round: 0,
        }
    }

    /// Opens questions; where they cannot be asked, the call learns it.
    pub(super) fn ask(&mut self, asked: Asked) {
        self.round += 1;
        let why = if self.record.outcome.is_some() {
            "the task has ended".to_owned()
        } else if self.round > ROUNDS {
            format!("the task asked {ROUNDS} times already")
        } else {
            // A key is one question's for the whole life of a task.
            let round = self.round;
            let slots: Result<Vec<_>, NotAvailable> = asked
                .questions
                .iter()
                .map(|question| {
                    Ok(Slot {
                        key: format!("{}-{round}", question.key),
                        request: input_request(question)?,
                        reply: None,
                    })
                })
                .collect();
            match slots {
                Ok(slots) => {
                    self.open.push(Open {
                        asked,
                        slots,
                        until: Instant::now() + PATIENCE,
                    });
                    return;
                }
                Err(error) => error.why,
            }
        };
        // Where nobody waits for the answer any more, the call was cancelled, and says so itself.
        drop(asked.reply.send(Err(NotAvailable { why })));
    }

    /// Takes answers; what has none, or none that fits, stays open.
    pub(super) fn answer(&mut self, answers: &InputResponses) {
        for open in &mut self.open {
            for (slot, question) in open.slots.iter_mut().zip(&open.asked.questions) {
                if slot.reply.is_none()
                    && let Some(answer) = answers.get(&slot.key)
                    && let Ok(reply) = reply_of(&question.request, answer.clone())
                {
                    slot.reply = Some(reply);
                }
            }
        }
        let answered = |open: &mut Open| open.slots.iter().all(|slot| slot.reply.is_some());
        for Open { asked, slots, .. } in self.open.extract_if(.., answered) {
            let replies = slots.into_iter().filter_map(|slot| slot.reply).collect();
            drop(asked.reply.send(Ok(replies)));
        }
    }

    /// Gives questions up that nobody answered in time, and says when to look again.
    pub(super) fn give_up(&mut self) -> Option<Instant> {
        let now = Instant::now();
        for open in self.open.extract_if(.., |open| open.until <= now) {
            let why = "nobody answered in time".to_owned();
            drop(open.asked.reply.send(Err(NotAvailable { why })));
        }
        self.open.iter().map(|open| open.until).min()
    }

    /// Ends it, and returns what is to be written down; none where it had ended.
    pub(super) fn end(&mut self, outcome: impl FnOnce(&mut Record)) -> Option<Record> {
        if self.record.outcome.is_some() {
            return None;
        }
        self.open.clear();
        self.record.message = self.notices.last();
        outcome(&mut self.record);
        Some(self.record.clone())
    }

    /// Ends it by its caller's wish.
    pub(super) fn cancel(&mut self) -> Option<Record> {
        let ended = self.end(|record| record.end(Outcome::Cancelled));
        self.cancel.cancel();
        ended
    }

    /// Returns the task as its client sees it.
    pub(super) fn detailed(&self) -> DetailedTask {
        let mut record = self.record.clone();
        if record.outcome.is_none() {
            record.message = self.notices.last();
        }
        let slots = self.open.iter().flat_map(|open| &open.slots);
        let input_requests: BTreeMap<_, _> = slots
            .filter(|slot| slot.reply.is_none())
            .map(|slot| (slot.key.clone(), slot.request.clone()))
            .collect();
        if input_requests.is_empty() {
            return record.detailed();
        }
        DetailedTask::new(record.task(), TaskPayload::InputRequired { input_requests })
    }
}
