//! A model that may answer the next time is asked again: one place for all providers. Each try is a call of its own,
//! with its own record in the audit journal.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{CallError, Host};
use crate::model::{Call, CallId, ChatError, Receipt, Reply, Retries, Verb};
use crate::sandbox::RunError;

/// The tries of one call.
pub(super) struct Tries {
    policy: Retries,
    /// The call as it came.
    call: Call,
    began: Instant,
    /// Why it was made again, each time.
    failed: Vec<ChatError>,
}

impl Tries {
    /// Begins to count; none for what is never made again.
    pub(super) fn of(call: &Call, policy: Retries) -> Option<Self> {
        let asks = match call.verb {
            Verb::Chat { .. } | Verb::Models { .. } => true,
            Verb::Tool { .. }
            | Verb::Resources { .. }
            | Verb::Read { .. }
            | Verb::Prompt { .. }
            | Verb::Complete { .. } => false,
        };
        (asks && policy.most > 0).then(|| Self {
            call: call.clone(),
            policy,
            began: Instant::now(),
            failed: Vec::new(),
        })
    }

    /// Takes what a try came to; where it is to be made again, returns the call and how long to wait before.
    fn again(&mut self, done: &Result<Receipt, CallError>) -> Option<(Call, Duration)> {
        let call = &self.call;
        let error = match done.as_ref().ok().map(|receipt| &receipt.reply)? {
            Reply::Chat(Err(error)) | Reply::Models(Err(error)) => error,
            Reply::Chat(Ok(_))
            | Reply::Models(Ok(_))
            | Reply::Tool(_)
            | Reply::Resources(_)
            | Reply::Read(_)
            | Reply::Prompt(_)
            | Reply::Complete(_) => return None,
        };
        let before = u32::try_from(self.failed.len()).unwrap_or(u32::MAX);
        let wait = self.policy.wait(error, before, chance())?;
        let time = match call.time {
            // What cannot be answered in time is not waited for.
            Some(time) => Some(time.checked_sub(self.began.elapsed() + wait)?),
            None => None,
        };
        tracing::info!(plugin = %call.verb.plugin(), %error, wait_ms = wait.as_millis(), "a model is asked again");
        self.failed.push(error.clone());
        let again = Call {
            id: CallId::generate(),
            time,
            ..call.clone()
        };
        Some((again, wait))
    }

    /// Says in the receipt how often the model was asked, and why.
    fn told(self, mut done: Result<Receipt, CallError>) -> Result<Receipt, CallError> {
        if let (Ok(receipt), Some(last)) = (&mut done, self.failed.last()) {
            let times = self.failed.len() + 1;
            receipt
                .notes
                .push(format!("the model was asked {times} times: {last}"));
        }
        done
    }
}

impl Host {
    /// Makes a call, and again while its provider asks for patience. What ends the call ends the wait.
    pub(super) async fn patiently(
        self: &Arc<Self>,
        call: Call,
        mut tries: Tries,
    ) -> Result<Receipt, CallError> {
        let mut done = self.once(call).await;
        while let Some((call, wait)) = tries.again(&done) {
            tokio::select! {
                biased;
                () = call.cancel.cancelled() => {
                    return Err(CallError::Run(RunError::Cancelled, Box::default()));
                }
                () = tokio::time::sleep(wait) => {}
            }
            let next = Box::pin(self.once(call)).await;
            let refused = match &next {
                Ok(receipt) => receipt.reply.denied().is_some(),
                Err(error) => matches!(error, CallError::Denied(_)),
            };
            if refused {
                // A grant for one call was used up: what the provider said is what the caller has to know.
                break;
            }
            done = next;
        }
        tries.told(done)
    }
}

/// Returns any number; where the system has none, always the same.
fn chance() -> u32 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).unwrap_or_default();
    u32::from_ne_bytes(bytes)
}
