//! A bound on what a client may ask before it is answered.

use std::collections::HashSet;
use std::sync::Arc;

use rmcp::model::{ClientNotification, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::{ErrorData, RoleServer};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::failure;
use super::lines::Garbled;

/// Requests that are read and not answered; beyond, the client's pipe fills up and the client waits. Each costs about 8 KiB.
const UNANSWERED: usize = 1024;

/// Answers that wait for a client who does not read; beyond, nothing of it is read either. Fewer would stall a client that
/// asks much before it reads anything.
const UNSENT: usize = 1024;

/// A transport that stops reading while too much is unanswered or unsent, and that survives a client who speaks out of turn.
pub(super) struct Intake<T> {
    inner: T,
    places: Arc<Semaphore>,
    /// For the next request; taken before reading, because a message that was read must not be lost while waiting.
    place: Option<OwnedSemaphorePermit>,
    unsent: Arc<Semaphore>,
    begun: bool,
    /// Requests that are read and not answered.
    open: HashSet<RequestId>,
    /// Hears of lines that the library passes over.
    garbled: Option<UnboundedReceiver<Garbled>>,
}

impl<T> Intake<T> {
    /// Bounds a transport.
    pub(super) fn new(inner: T) -> Self {
        Self {
            inner,
            places: Arc::new(Semaphore::new(UNANSWERED)),
            place: None,
            unsent: Arc::new(Semaphore::new(UNSENT)),
            begun: false,
            open: HashSet::new(),
            garbled: None,
        }
    }

    /// Sends a message as it is.
    fn pass(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), T::Error>> + Send + 'static
    where
        T: Transport<RoleServer>,
    {
        // None is left if the client has been slow for long: the answer waits all the same, and no request is read.
        let place = self.unsent.clone().try_acquire_owned().ok();
        let sent = self.inner.send(message);
        async move {
            let sent = sent.await;
            drop(place);
            sent
        }
    }

    /// Answers each line that was no JSON, too.
    pub(super) fn answering(self, garbled: UnboundedReceiver<Garbled>) -> Self {
        Self {
            garbled: Some(garbled),
            ..self
        }
    }
}

/// Refuses a request whose id another one has that is not answered yet: whoever asked could not tell the answers apart.
fn in_flight(id: &RequestId) -> TxJsonRpcMessage<RoleServer> {
    let error = ErrorData::invalid_request(
        format!("another request with the id {id} is not answered yet: each needs one of its own"),
        None,
    );
    TxJsonRpcMessage::<RoleServer>::error(error, Some(id.clone()))
}

/// Waits for a line that was no JSON: for ever, where nobody looks for one.
async fn hear(garbled: &mut Option<UnboundedReceiver<Garbled>>) -> Garbled {
    let heard = match garbled {
        Some(garbled) => garbled.recv().await,
        None => None,
    };
    match heard {
        Some(heard) => heard,
        None => std::future::pending().await,
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Intake<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        mut message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        match &mut message {
            JsonRpcMessage::Response(answer) => drop(self.open.remove(&answer.id)),
            JsonRpcMessage::Error(answer) => {
                if let Some(id) = &answer.id {
                    self.open.remove(id);
                }
                failure::reword(&mut answer.error);
            }
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => {}
        }
        self.pass(message)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if self.place.is_none() {
                self.place = Some(self.places.clone().acquire_owned().await.ok()?);
            }
            drop(self.unsent.acquire().await.ok()?);
            let received = tokio::select! {
                biased;
                garbled = hear(&mut self.garbled) => Err(garbled),
                message = self.inner.receive() => Ok(message?),
            };
            let mut message = match received {
                Ok(message) => message,
                Err(garbled) => {
                    let error = ErrorData::parse_error(garbled.told(), None);
                    // By a task: who waits for a message may give up waiting.
                    tokio::spawn(self.send(TxJsonRpcMessage::<RoleServer>::error(error, None)));
                    continue;
                }
            };
            match &message {
                JsonRpcMessage::Request(request) => {
                    self.begun = true;
                    if !self.open.insert(request.id.clone()) {
                        tokio::spawn(self.pass(in_flight(&request.id)));
                        continue;
                    }
                    // The place goes with the request, and is free again when its handler is done.
                    message.insert_extension(Arc::new(self.place.take()));
                    return Some(message);
                }
                // The library ends the connection over these, and no client deserves that.
                JsonRpcMessage::Notification(_)
                | JsonRpcMessage::Response(_)
                | JsonRpcMessage::Error(_)
                    if !self.begun => {}
                JsonRpcMessage::Notification(notification) => {
                    // One that is cancelled has no answer.
                    if let ClientNotification::CancelledNotification(cancelled) =
                        &notification.notification
                        && let Some(id) = &cancelled.params.request_id
                    {
                        self.open.remove(id);
                    }
                    return Some(message);
                }
                JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {
                    return Some(message);
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rmcp::transport::async_rw::AsyncRwTransport;
    use tokio::io::AsyncWriteExt as _;
    use tokio::time::timeout;

    use super::*;

    const PING: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
    const OTHER: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n";
    const STRAY: &[u8] = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

    #[tokio::test]
    async fn what_comes_before_the_first_request_is_skipped() {
        let mut intake = Intake::new(AsyncRwTransport::new_server(
            [STRAY, PING, STRAY].concat().leak() as &[u8],
            tokio::io::sink(),
        ));
        assert!(matches!(
            intake.receive().await,
            Some(JsonRpcMessage::Request(_))
        ));
        assert!(matches!(
            intake.receive().await,
            Some(JsonRpcMessage::Notification(_))
        ));
        assert!(intake.receive().await.is_none());
    }

    #[tokio::test]
    async fn a_request_with_the_id_of_one_that_is_open_is_refused() {
        let (sent, mut heard) = tokio::io::duplex(4096);
        let lines = [PING, PING, OTHER].concat().leak() as &[u8];
        let mut intake = Intake::new(AsyncRwTransport::new_server(lines, sent));
        let mut ids = Vec::new();
        while let Some(JsonRpcMessage::Request(request)) = intake.receive().await {
            ids.push(request.id.to_string());
        }
        assert_eq!(ids, ["1", "2"]);
        let mut told = [0; 4096];
        let count = tokio::io::AsyncReadExt::read(&mut heard, &mut told)
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&told[..count]);
        assert!(
            told.contains("\"id\":1") && told.contains("-32600"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn reading_stops_while_too_much_is_unanswered() {
        let (mut client, server) = tokio::io::duplex(64 * (UNANSWERED + 1));
        for id in 0..=UNANSWERED {
            let ping = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\"}}\n");
            client.write_all(ping.as_bytes()).await.unwrap();
        }
        let mut intake = Intake::new(AsyncRwTransport::new_server(server, tokio::io::sink()));
        let mut unanswered = Vec::new();
        for _ in 0..UNANSWERED {
            unanswered.push(intake.receive().await.unwrap());
        }
        let moment = Duration::from_millis(20);
        assert!(
            timeout(moment, intake.receive()).await.is_err(),
            "one more was read"
        );
        unanswered.pop();
        assert!(
            timeout(moment, intake.receive()).await.is_ok(),
            "nothing more is read"
        );
    }
}
