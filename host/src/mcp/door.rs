//! A door for the tests that feed any bytes to the protocol's reader.

use rmcp::model::JsonRpcMessage;
use rmcp::transport::Transport as _;
use rmcp::transport::async_rw::AsyncRwTransport;

use super::intake::Intake;

/// What a line was read as.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Something to be answered.
    Request,
    /// Something to be heard.
    Notification,
    /// An answer of the client's.
    Answer,
}

/// Reads bytes to their end as the server reads its input, and returns what came through.
#[doc(hidden)]
pub async fn receive_all(bytes: &[u8]) -> Vec<Received> {
    let mut intake = Intake::new(AsyncRwTransport::new_server(bytes, tokio::io::sink()));
    let mut received = Vec::new();
    // Each request's place is free again as soon as it is dropped here.
    while let Some(message) = intake.receive().await {
        received.push(match message {
            JsonRpcMessage::Request(_) => Received::Request,
            JsonRpcMessage::Notification(_) => Received::Notification,
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => Received::Answer,
        });
    }
    received
}
