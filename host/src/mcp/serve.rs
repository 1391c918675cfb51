//! One connection from its first byte to the end of its execution.

use std::sync::Arc;
use std::time::Duration;

use rmcp::ServiceExt as _;
use rmcp::service::{QuitReason, ServerInitializeError};
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio_util::sync::CancellationToken;

use super::caller::Caller;
use super::handler::Handler;
use super::intake::Intake;
use super::lines::Lines;
use super::open::Open;
use super::{McpError, stdio};
use crate::flow::Host;
use crate::model::{ExecutionId, ExecutionStatus, Members};

/// How long calls may take to end once they are cancelled. The library has waited 5 s for them before (2 s after a signal).
const LAST_CALLS: Duration = Duration::from_secs(2);

/// Serves MCP over this process's standard input and output until the client closes it or the process is asked to stop.
///
/// All calls of the connection belong to one execution, whose branch is made at the first change and kept at the end.
pub async fn serve_stdio(host: Arc<Host>, execution: ExecutionId) -> Result<(), McpError> {
    let (input, output) = stdio::take().map_err(|source| McpError::Stdio { source })?;
    let caller = Caller::new(host.clone(), "stdio".to_owned(), execution.clone());
    let handler = Handler::new(caller.clone(), Open::of(&host)?);
    let stop = CancellationToken::new();
    let _stopper = AbortOnDrop(tokio::spawn(stop_on_signal(stop.clone())));
    let (input, garbled) = Lines::of(input);
    let transport = Intake::new(AsyncRwTransport::new_server(input, output)).answering(garbled);

    // Boxed: the handshake's future is large, and lives on the heap only as long as it lasts.
    let served = match Box::pin(handler.clone().serve_with_ct(transport, stop)).await {
        Ok(running) => match running.waiting().await {
            Ok(QuitReason::JoinError(error)) | Err(error) => Err(McpError::Inside {
                reason: error.to_string(),
            }),
            Ok(_) => Ok(()),
        },
        // A client that goes away before it asked anything, such as a probe.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
            Ok(())
        }
        Err(ServerInitializeError::InitializeFailed(error)) => Err(McpError::Handshake {
            reason: error.message.into_owned(),
        }),
        Err(ServerInitializeError::TransportError { error, .. }) => Err(McpError::Handshake {
            reason: error.error.to_string(),
        }),
        Err(_) => Err(McpError::Handshake {
            reason: "the client began with something else than a request".to_owned(),
        }),
    };

    handler.end().await;
    // Another one, if the client had that end.
    let execution = caller.execution();
    if !caller.idle(LAST_CALLS).await {
        tracing::warn!(%execution, "a call did not end, and what it changes is not kept");
    }
    complete(&host, &execution).await?;
    served
}

/// Completes the connection's execution, and tells the person where its changes are.
pub(super) async fn complete(host: &Arc<Host>, execution: &ExecutionId) -> Result<(), McpError> {
    let completed = host
        .complete(execution, true, false)
        .await
        .map_err(|source| McpError::Complete {
            execution: execution.clone(),
            source,
        })?;
    for (name, completed) in completed.iter().flat_map(Members::iter) {
        let Some(record) = &completed.record else {
            continue;
        };
        let of = name.map_or_else(String::new, |name| format!(" of {name}"));
        let branch = &record.branch;
        let wanted = name.map_or(branch.as_str(), |_| execution.as_str());
        if let Some(held) = &completed.held_back {
            tracing::info!(%execution, "{}", held.told(execution));
        }
        if record.status == ExecutionStatus::Merged {
            tracing::info!(%execution, "the changes of this connection were merged from {branch}{of}");
        } else {
            tracing::info!(
                %execution,
                "the changes of this connection are kept on {branch}{of}: `paracle-host git merge {wanted}` merges them"
            );
        }
    }
    Ok(())
}

/// Stops the connection when the process is asked to end, so that its execution is completed and not left interrupted.
pub(super) async fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    let asked = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = terminate.recv() => Ok(()),
                interrupt = tokio::signal::ctrl_c() => interrupt,
            },
            Err(error) => Err(error),
        }
    };
    #[cfg(not(unix))]
    let asked = tokio::signal::ctrl_c();
    match asked.await {
        Ok(()) => stop.cancel(),
        Err(error) => tracing::debug!(%error, "signals cannot be heard"),
    }
}

/// Ends a task with the scope that started it.
pub(super) struct AbortOnDrop(pub(super) tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
