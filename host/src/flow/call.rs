//! The line every call takes. Each stage consumes the one before, so there is no way around any of them.

use std::sync::Arc;

use super::callbacks::CallCallbacks;
use super::retries::Tries;
use super::{CallError, Host};
use crate::model::{Call, Receipt};
use crate::policy;

impl Host {
    /// Does what a call asks: finds its plugin, asks whether it may, runs it on a tree of its own, and lands what it changed. A
    /// model that may answer the next time is asked again.
    pub async fn call(self: &Arc<Self>, call: Call) -> Result<Receipt, CallError> {
        match Tries::of(&call, self.settings().providers) {
            None => self.once(call).await,
            Some(tries) => Box::pin(self.patiently(call, tries)).await,
        }
    }

    pub(super) async fn once(self: &Arc<Self>, call: Call) -> Result<Receipt, CallError> {
        let step = self.begin(&call);
        let done = self.line(call).await;
        self.end(&step, &done);
        done
    }

    async fn line(self: &Arc<Self>, call: Call) -> Result<Receipt, CallError> {
        let route = self.registry().route(call)?;
        let word = self.take_word(&route)?;
        let permit = policy::admit(route, word)?;
        let callbacks = CallCallbacks::of(self, &permit);
        let (stage, notes) = self.stage(permit).await?;
        let outcome = self.run(stage, callbacks).await?;
        self.settle(outcome, notes).await
    }
}
