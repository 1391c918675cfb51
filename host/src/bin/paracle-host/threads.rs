//! Where the process's threads begin, and where they end: nothing before this may start one, because the second wall holds
//! only those that come after it.

use std::time::Duration;

use crate::exit::Failure;
use crate::log;

/// How long a process that is done waits for work that cannot be cancelled, such as a read from a terminal.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Starts the threads and works on them until the work is done.
pub(crate) fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    log::start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(paracle_host::sandbox::worker_threads())
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start threads: {error}")))?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_WORK);
    done
}
