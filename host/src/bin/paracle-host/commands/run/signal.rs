//! Ctrl-C and a request to end become the call's cancellation, so that it ends in order.

use tokio_util::sync::CancellationToken;

/// Cancels when a person or the system asks the process to end.
pub(super) fn cancel(cancel: CancellationToken) {
    tokio::spawn(async move {
        asked().await;
        tracing::warn!(
            "stopping: the call is cancelled, and nothing that it wrote to its workspace is kept"
        );
        cancel.cancel();
    });
}

#[cfg(unix)]
async fn asked() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        () = interrupted() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // It cannot be heard: then the system ends the process as it always does.
        std::future::pending::<()>().await;
    }
}
