//! Requests that wait for their client to come back with what it was asked.
//!
//! The client holds a sealed handle: it names the request that waits, the questions that are open, and is bound to the caller
//! and to what was asked for. It is good once, and for as long as a person may think.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rmcp::model::{InputRequiredResult, InputResponses, RequestStateCodec, SealOptions};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::PATIENCE;
use super::running::{Asked, Running};
use super::{input_request, reply_of};
use crate::mcp::McpError;
use crate::model::{ClientReply, Digest, NotAvailable};

/// How often a request may ask: who is asked too often agrees to anything.
const ROUNDS: u32 = 32;

/// What a waiting request is bound to: whose it is, and what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mcp) struct Bound {
    /// Whose it is.
    pub(in crate::mcp) caller: String,
    /// The method and the name that it was called with.
    pub(in crate::mcp) name: String,
    /// Its arguments.
    pub(in crate::mcp) arguments: Digest,
}

impl Bound {
    fn bytes(&self) -> Vec<u8> {
        format!("{}\0{}\0{}", self.caller, self.name, self.arguments).into_bytes()
    }
}

/// What the client's handle says.
#[derive(Debug, Serialize, Deserialize)]
struct Handle {
    id: String,
    round: u32,
}

struct Waiting<T> {
    running: Running<T>,
    asked: Asked,
    /// What was answered of it already.
    answers: HashMap<String, ClientReply>,
    caller: String,
    round: u32,
    until: Instant,
}

/// What a client that came back finds.
pub(in crate::mcp) enum Back<T> {
    /// The request goes on.
    Running(Running<T>),
    /// Something is still open: it is asked again.
    Again(InputRequiredResult),
}

/// The requests that wait.
pub(in crate::mcp) struct Parked<T> {
    seal: RequestStateCodec,
    waiting: Mutex<HashMap<String, Waiting<T>>>,
}

impl<T: Send + 'static> Parked<T> {
    /// Makes a place for requests to wait in.
    pub(in crate::mcp) fn new() -> Result<Arc<Self>, McpError> {
        let inside = |reason: String| McpError::Inside { reason };
        let mut key = [0_u8; 32];
        let filled = rustix::rand::getrandom(&mut key, rustix::rand::GetRandomFlags::empty())
            .map_err(|error| inside(error.to_string()))?;
        if filled < key.len() {
            return Err(inside("the system gave too few random bytes".to_owned()));
        }
        Ok(Arc::new(Self {
            seal: RequestStateCodec::try_new(key).map_err(|error| inside(error.to_string()))?,
            waiting: Mutex::default(),
        }))
    }

    /// Lets a request wait, and makes the answer that is its questions. Where it cannot, the request learns that nobody can be
    /// asked, and goes on.
    pub(in crate::mcp) fn park(
        self: &Arc<Self>,
        running: Running<T>,
        asked: Asked,
        bound: &Bound,
        round: u32,
    ) -> Back<T> {
        let refuse = |asked: Asked, why: String| {
            // Where it does not wait for the answer any more, it was cancelled, and says so itself.
            drop(asked.reply.send(Err(NotAvailable { why })));
        };
        let id = ulid::Ulid::generate().to_string();
        if round > ROUNDS {
            refuse(asked, format!("the request asked {ROUNDS} times already"));
            return Back::Running(running);
        }
        let requests = match requests(&asked, &HashMap::new()) {
            Ok(requests) => requests,
            Err(error) => {
                refuse(asked, error.why);
                return Back::Running(running);
            }
        };
        let mut waiting = self.lock();
        let entry = Waiting {
            running,
            asked,
            answers: HashMap::new(),
            caller: bound.caller.clone(),
            round,
            until: Instant::now() + PATIENCE,
        };
        waiting.insert(id.clone(), entry);
        drop(waiting);
        self.expire(id.clone());
        Back::Again(self.result(requests, &Handle { id, round }, bound))
    }

    /// Takes what a client came back with: the request goes on, or what is missing is asked again.
    pub(in crate::mcp) fn back(
        self: &Arc<Self>,
        state: &str,
        answers: &InputResponses,
        bound: &Bound,
    ) -> Result<(Back<T>, u32), String> {
        let again = "start again: call without `requestState`";
        let opened = self
            .seal
            .open_with(state, &bound.bytes())
            .map_err(|error| {
                format!("`requestState` is not one of this request's: {error}; {again}")
            })?;
        let handle: Handle = serde_json::from_slice(&opened)
            .map_err(|error| format!("`requestState` cannot be read: {error}; {again}"))?;
        let mut waiting = self.lock();
        let gone = || {
            format!(
                "nothing waits for this answer any more: it was given already, too late, or the host was started anew; {again}"
            )
        };
        let mut entry = match waiting.remove(&handle.id) {
            Some(entry) if entry.round == handle.round && entry.caller == bound.caller => entry,
            Some(entry) => {
                waiting.insert(handle.id, entry);
                return Err(gone());
            }
            None => return Err(gone()),
        };
        for question in &entry.asked.questions {
            if let Some(answer) = answers.get(&question.key)
                && let Ok(reply) = reply_of(&question.request, answer.clone())
            {
                entry.answers.insert(question.key.clone(), reply);
            }
        }
        let open = requests(&entry.asked, &entry.answers).map_err(|error| error.why)?;
        if !open.is_empty() {
            entry.round += 1;
            if entry.round > ROUNDS {
                return Err(format!("it was asked {ROUNDS} times; {again}"));
            }
            let round = entry.round;
            let id = handle.id;
            waiting.insert(id.clone(), entry);
            drop(waiting);
            return Ok((
                Back::Again(self.result(open, &Handle { id, round }, bound)),
                round,
            ));
        }
        drop(waiting);
        let Waiting {
            running,
            asked,
            mut answers,
            round,
            ..
        } = entry;
        let keys = asked.questions.iter().map(|question| &question.key);
        let replies: Vec<_> = keys.filter_map(|key| answers.remove(key)).collect();
        drop(asked.reply.send(Ok(replies)));
        Ok((Back::Running(running), round + 1))
    }

    fn result(
        &self,
        requests: BTreeMap<String, rmcp::model::InputRequest>,
        handle: &Handle,
        bound: &Bound,
    ) -> InputRequiredResult {
        let state = serde_json::json!(handle).to_string();
        let bound = bound.bytes();
        let options = SealOptions::new().associated_data(&bound).ttl(PATIENCE);
        let sealed = self.seal.seal_with(state.as_bytes(), &options);
        InputRequiredResult::new(Some(requests), Some(sealed))
    }

    /// Ends a request that nobody came back to.
    fn expire(self: &Arc<Self>, id: String) {
        let parked = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                let until = match parked.upgrade() {
                    None => return,
                    Some(parked) => match parked.lock().get(&id) {
                        None => return,
                        Some(entry) => entry.until,
                    },
                };
                if until <= Instant::now() {
                    break;
                }
                tokio::time::sleep_until(until.into()).await;
            }
            if let Some(parked) = parked.upgrade() {
                drop(parked.lock().remove(&id));
            }
        });
    }

    /// Ends all that waits, or all of one caller.
    pub(in crate::mcp) fn end(&self, caller: Option<&str>) {
        self.lock()
            .retain(|_, entry| caller.is_some_and(|caller| entry.caller != caller));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Waiting<T>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the protocol's requests of the questions that are open.
fn requests(
    asked: &Asked,
    answered: &HashMap<String, ClientReply>,
) -> Result<BTreeMap<String, rmcp::model::InputRequest>, NotAvailable> {
    let open = asked
        .questions
        .iter()
        .filter(|question| !answered.contains_key(&question.key));
    open.map(|question| Ok((question.key.clone(), input_request(question)?)))
        .collect()
}

/// Returns the digest of a request's arguments.
impl Bound {
    /// Binds a request to whoever made it and to what it asks for.
    pub(in crate::mcp) fn to(caller: &str, method: &str, name: &str, arguments: &Value) -> Self {
        Self {
            caller: caller.to_owned(),
            name: format!("{method} {name}"),
            arguments: Digest::of(arguments.to_string().as_bytes()),
        }
    }
}
