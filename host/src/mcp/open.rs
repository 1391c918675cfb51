//! What the callers of one process have open with it: bounded for each of them, and for all together.

use std::sync::Arc;

use super::McpError;
use super::calling::Made;
use super::shares::Shares;
use super::talk::Parked;
use super::tasks::Tasks;
use crate::flow::Host;

/// Calls of one person that may wait for an answer at once.
const ASKING_OF_ONE: usize = 16;

/// Calls that may wait for an answer at once: no more than the sandbox has places for beside its turns.
const ASKING: usize = 48;

/// What is open in one process.
#[derive(Clone)]
pub(super) struct Open {
    /// Requests that wait for their client to come back.
    pub(super) parked: Arc<Parked<Made>>,
    /// Places of calls that wait for an answer, in whatever way.
    pub(super) asking: Shares,
    /// Calls that go on as tasks.
    pub(super) tasks: Arc<Tasks>,
}

impl Open {
    /// Makes it for a host's callers.
    pub(super) fn of(host: &Arc<Host>) -> Result<Self, McpError> {
        let host = host.clone();
        Ok(Self {
            asking: Shares::new(ASKING_OF_ONE, ASKING),
            parked: Parked::new()?,
            tasks: Tasks::new(move || host.kept("tasks"))?,
        })
    }

    /// Ends what waits for a caller that is gone.
    pub(super) async fn end(&self, caller: &str) {
        self.parked.end(Some(caller));
        self.tasks.end(caller).await;
    }
}
