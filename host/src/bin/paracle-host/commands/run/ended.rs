//! How the execution of an agent or a workflow ended, shown.

use std::sync::Arc;

use paracle_host::flow::Host;
use paracle_host::model::ExecutionId;

use super::receipt::Completion;
use crate::exit::Failure;
use crate::output;

/// Ends an execution, and tells where its changes are.
pub(super) async fn end(
    host: &Arc<Host>,
    id: &ExecutionId,
    success: bool,
    merge: bool,
) -> Completion {
    let completed = host.complete(id, success, success && merge).await;
    Completion::of(completed)
}

/// Tells a person how it ended; what stands in the way of a merge is a failure.
pub(super) fn tell(id: &ExecutionId, completion: &Completion) -> Result<(), Failure> {
    for line in completion.lines(id) {
        output::tell(&output::printable(&line));
    }
    match completion.unmerged(id) {
        Some(failure) => Err(failure),
        None => match completion {
            Completion::Failed(failure) => Err(failure.clone()),
            Completion::Nothing | Completion::Done(_) => Ok(()),
        },
    }
}
