//! A request that runs: until it is done, asks its client, or becomes a task.

use std::time::Duration;

use rmcp::model::{InputRequiredResult, InputResponses, Task};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};

use super::calling::{self, Made, Work};
use super::failure;
use super::handler::Handler;
use super::talk::{Back, Bound, Step};
use super::tasks::Wanted;

/// How a request that runs is answered.
pub(super) enum Turned {
    /// It is done.
    Done(Box<Made>),
    /// By what it asks.
    Asks(InputRequiredResult),
    /// By a task.
    Task(Task),
}

impl Handler {
    /// Has a request run, or go on with what its client came back with, until it is answered: by what it asks, or for good.
    pub(super) async fn turn(
        &self,
        context: &RequestContext<RoleServer>,
        (state, answers): (Option<String>, Option<InputResponses>),
        work: impl Into<Work>,
        bound: &Bound,
        mut task: Option<Wanted>,
    ) -> Result<Turned, ErrorData> {
        let caller = &self.caller;
        let after = Duration::from_millis(caller.host.settings().mcp.task_after_ms);
        let long = tokio::time::sleep(after);
        tokio::pin!(long);
        let (mut running, round) = match state {
            None => (
                calling::run(caller, context, answers, &self.open.asking, work.into()),
                1,
            ),
            Some(state) => {
                let answers = answers.unwrap_or_default();
                let back = self.open.parked.back(&state, &answers, bound);
                match back.map_err(|reason| ErrorData::invalid_params(reason, None))? {
                    (Back::Again(asked), _) => return Ok(Turned::Asks(asked)),
                    (Back::Running(running), round) => {
                        running.notices.listen(context, &caller.loudness);
                        (running, round)
                    }
                }
            }
        };
        loop {
            let step = tokio::select! {
                biased;
                step = running.step(&context.ct) => step,
                () = &mut long, if task.is_some() => Step::Task,
            };
            match step {
                Step::Done(done) => {
                    running.notices.finish().await;
                    return match done {
                        Ok(made) => Ok(Turned::Done(Box::new(made))),
                        Err(error) => Err(failure::broke(&error.to_string())),
                    };
                }
                Step::Task => {
                    // Where it cannot be a task, or there is no room for one, its client waits for it.
                    let Some(wanted) = task.take() else { continue };
                    let execution = wanted.execution.clone();
                    let open = caller.open();
                    running.go_on_alone();
                    let outcome = move |done| calling::outcome(done, &execution, open);
                    running = match self.open.tasks.adopt(running, wanted, outcome).await {
                        Ok(task) => return Ok(Turned::Task(task)),
                        Err(running) => running,
                    };
                }
                Step::Ask(asked) => {
                    running.notices.finish().await;
                    running = match self.open.parked.park(running, asked, bound, round) {
                        Back::Again(asked) => return Ok(Turned::Asks(asked)),
                        Back::Running(running) => running,
                    };
                    running.notices.listen(context, &caller.loudness);
                }
            }
        }
    }
}
