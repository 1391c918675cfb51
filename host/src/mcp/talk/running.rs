//! A request that runs: where it is waited for, and on a task of its own as soon as it may outlive that, as when its answer is a
//! question.

use std::pin::Pin;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Notices;
use crate::mcp::caught::{Panicked, caught};
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
    /// It is done.
    Done(Result<T, Panicked>),
    /// It asks its client.
    Ask(Asked),
    /// It would rather go on as a task.
    Task,
}

/// Who does the work.
enum Work<T> {
    /// Whoever waits.
    Here(Pin<Box<dyn Future<Output = Result<T, Panicked>> + Send>>),
    /// A task.
    Apart(AbortOnDropHandle<Result<T, Panicked>>),
}

/// A request that runs. Dropped, it is cancelled.
pub(in crate::mcp) struct Running<T> {
    work: Work<T>,
    said: mpsc::Receiver<Said>,
    /// Where its notices go.
    pub(in crate::mcp) notices: Notices,
    /// Ends it.
    pub(in crate::mcp) cancel: CancellationToken,
}

impl<T: Send + 'static> Running<T> {
    pub(super) fn new(
        work: impl Future<Output = T> + Send + 'static,
        said: mpsc::Receiver<Said>,
        notices: Notices,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            work: Work::Here(Box::pin(caught(work))),
            said,
            notices,
            cancel,
        }
    }

    /// Has it go on though nobody waits for it.
    pub(in crate::mcp) fn go_on_alone(&mut self) {
        self.work.go_apart();
    }

    fn heard(&mut self, said: Said) -> Step<T> {
        self.work.go_apart();
        match said {
            Said::Ask(asked) => Step::Ask(asked),
            Said::Task => Step::Task,
        }
    }

    /// Waits for what becomes of it next; where the request that it runs for is cancelled, it is, too.
    pub(in crate::mcp) async fn step(&mut self, request: &CancellationToken) -> Step<T> {
        loop {
            tokio::select! {
                biased;
                Some(said) = self.said.recv() => return self.heard(said),
                done = self.work.done() => {
                    // What it said and did not wait for comes before its end.
                    return match self.said.try_recv() {
                        Ok(said) => {
                            self.work = Work::Here(Box::pin(async { done }));
                            self.heard(said)
                        }
                        Err(_) => Step::Done(done),
                    };
                }
                () = request.cancelled(), if !self.cancel.is_cancelled() => self.cancel.cancel(),
            }
        }
    }
}

impl<T: Send + 'static> Work<T> {
    fn go_apart(&mut self) {
        if let Self::Here(work) = self {
            // What is left behind is over already, and never looked at.
            let work = std::mem::replace(work, Box::pin(async { Err(Panicked) }));
            *self = Self::Apart(AbortOnDropHandle::new(tokio::spawn(work)));
        }
    }

    async fn done(&mut self) -> Result<T, Panicked> {
        match self {
            Self::Here(work) => work.await,
            Self::Apart(work) => work.await.unwrap_or(Err(Panicked)),
        }
    }
}
