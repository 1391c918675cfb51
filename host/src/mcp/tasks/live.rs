//! A task that runs: its questions, and what ends it.

use std::sync::Arc;
use std::time::Instant;

use rmcp::model::{InputRequest, InputResponses};
use tokio_util::sync::CancellationToken;

use super::record::{Outcome, Record};
use crate::mcp::shares::Share;
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
    /// Held by whoever writes the record down: the newest is written last.
    pub(super) writing: Arc<tokio::sync::Mutex<()>>,
    /// Ends with it.
    _turn: Share,
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
    pub(super) fn new(
        record: Record,
        cancel: CancellationToken,
        notices: Notices,
        turn: Share,
    ) -> Self {
        Self {
            record,
            cancel,
            notices,
            open: Vec::new(),
            round: 0,
            writing: Arc::default(),
            _turn: turn,
        }
    }

    /// Tells whether somebody is asked.
    pub(super) fn waits(&self) -> bool {
        !self.open.is_empty()
    }

    /// Opens questions; where they cannot be asked, the call learns it. Tells whether the task waits for something else now.
    pub(super) fn ask(&mut self, asked: Asked) -> bool {
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
                    return self.settle();
                }
                Err(error) => error.why,
            }
        };
        // Where nobody waits for the answer any more, the call was cancelled, and says so itself.
        drop(asked.reply.send(Err(NotAvailable { why })));
        false
    }

    /// Takes answers; what has none, or none that fits, stays open. Tells whether the task waits for something else now.
    pub(super) fn answer(&mut self, answers: &InputResponses) -> bool {
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
        self.settle()
    }

    /// Gives questions up that nobody answered in time. Tells whether the task waits for something else now.
    pub(super) fn give_up(&mut self) -> bool {
        let now = Instant::now();
        for open in self.open.extract_if(.., |open| open.until <= now) {
            let why = "nobody answered in time".to_owned();
            drop(open.asked.reply.send(Err(NotAvailable { why })));
        }
        self.settle()
    }

    /// Says when questions are given up.
    pub(super) fn until(&self) -> Option<Instant> {
        self.open.iter().map(|open| open.until).min()
    }

    /// Ends it; tells whether it had not ended.
    pub(super) fn end(&mut self, outcome: impl FnOnce(&mut Record)) -> bool {
        if self.record.outcome.is_some() {
            return false;
        }
        self.open.clear();
        self.record.message = self.notices.last();
        outcome(&mut self.record);
        true
    }

    /// Ends it by its caller's wish; tells whether it had not ended.
    pub(super) fn cancel(&mut self) -> bool {
        let ended = self.end(|record| record.end(Outcome::Cancelled));
        self.cancel.cancel();
        ended
    }

    /// Returns what its client is told of it.
    pub(super) fn told(&self) -> Record {
        let mut record = self.record.clone();
        if record.outcome.is_none() {
            record.message = self.notices.last();
        }
        record
    }

    /// Has the record say what is open.
    fn settle(&mut self) -> bool {
        let slots = self.open.iter().flat_map(|open| &open.slots);
        let asks = slots
            .filter(|slot| slot.reply.is_none())
            .map(|slot| (slot.key.clone(), slot.request.clone()))
            .collect();
        let other = self.record.ask(asks);
        if other {
            self.record.message = self.notices.last();
        }
        other
    }
}
