//! A request that runs: on a task of its own, so that it outlives the answer that is a question.

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Notices;
use crate::mcp::shares::Share;
use crate::model::{ClientReply, NotAvailable, Question};

/// Questions of a running request, and where their answers go. Dropped, they are withdrawn.
pub(in crate::mcp) struct Asked {
    /// What is asked.
    pub(in crate::mcp) questions: Vec<Question>,
    /// Where the answers go, in the order of the questions.
    pub(in crate::mcp) reply: oneshot::Sender<Result<Vec<ClientReply>, NotAvailable>>,
    /// Its place among what waits.
    pub(super) _place: Share,
}

/// What a running request says before its answer.
pub(super) enum Said {
    Ask(Asked),
    Task,
}

/// What becomes of a running request next.
pub(in crate::mcp) enum Step<T> {
    /// It is done. An error is a panic.
    Done(Result<T, tokio::task::JoinError>),
    /// It asks its client.
    Ask(Asked),
    /// It would rather go on as a task.
    Task,
}

/// A request that runs. Dropped, it is cancelled.
pub(in crate::mcp) struct Running<T> {
    work: AbortOnDropHandle<T>,
    said: mpsc::Receiver<Said>,
    /// Where its notices go.
    pub(in crate::mcp) notices: Notices,
    /// Ends it.
    pub(in crate::mcp) cancel: CancellationToken,
}

impl<T: Send + 'static> Running<T> {
    pub(super) fn new(
        work: JoinHandle<T>,
        said: mpsc::Receiver<Said>,
        notices: Notices,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            work: AbortOnDropHandle::new(work),
            said,
            notices,
            cancel,
        }
    }

    /// Waits for what becomes of it next; where the request that it runs for is cancelled, it is, too.
    pub(in crate::mcp) async fn step(&mut self, request: &CancellationToken) -> Step<T> {
        loop {
            tokio::select! {
                biased;
                Some(said) = self.said.recv() => return match said {
                    Said::Ask(asked) => Step::Ask(asked),
                    Said::Task => Step::Task,
                },
                done = &mut self.work => return Step::Done(done),
                () = request.cancelled(), if !self.cancel.is_cancelled() => self.cancel.cancel(),
            }
        }
    }
}
