//! How far a call has come. Tools have a shorter way: [`Context::progress`](crate::context::Context::progress).

use super::HOSTED;
use crate::bindings::life_cycle::paracle::plugin::progress as host;

/// Tells the caller how far the call has come.
#[expect(
    clippy::cast_precision_loss,
    reason = "progress of more than 2^53 steps can be off by one"
)]
pub fn report(done: usize, total: Option<usize>, message: &str) {
    if HOSTED {
        let message = (!message.is_empty()).then_some(message);
        host::report(done as f64, total.map(|total| total as f64), message);
    }
}

/// Tells whether the caller gave up. A call that goes on is ended by the host.
pub fn cancelled() -> bool {
    HOSTED && host::cancelled()
}

/// Says that what follows takes long: a caller that knows tasks is answered with one now, and comes back for the result.
///
/// Nothing happens where it knows none, or where the tool's [`TASK`](crate::tool::Tool::TASK) is `Never`.
pub fn continue_as_task() {
    if HOSTED {
        host::continue_as_task();
    }
}
