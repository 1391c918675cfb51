//! Telling connections what reads differently: in the legacy era all that subscribed, in the modern one each that listens.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::model::{ResourceUpdatedNotificationParam, SubscriptionFilter};
use rmcp::service::{Peer, SubscriptionContext};
use rmcp::{ErrorData, RoleServer};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::task::AbortOnDropHandle;

use super::caller::{Caller, names};
use super::{own, resources};
use crate::model::{Changed, Grant};

/// Addresses that a connection may be subscribed to.
const SUBSCRIPTIONS: usize = 256;

/// The longest address that a connection may be subscribed to, in bytes.
const LONGEST: usize = 4096;

/// Requests of a caller that may listen at once.
pub(super) const LISTENERS: usize = 16;

type Addresses = Arc<Mutex<BTreeSet<String>>>;

/// What a connection wants to hear.
#[derive(Default)]
pub(super) struct Listening {
    /// The addresses that it subscribed to, in the legacy era.
    addresses: Addresses,
    /// Tells it, in the legacy era.
    teller: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Listening {
    /// Begins to tell a connection of the legacy era, once it is ready to hear.
    pub(super) fn begin(&self, caller: &Caller, peer: Peer<RoleServer>) {
        let changes = caller.host.changes();
        let way = Way::Legacy(peer, self.addresses.clone());
        let teller =
            AbortOnDropHandle::new(tokio::spawn(tell(changes, way, caller.ceiling.clone())));
        *self.teller.lock().unwrap_or_else(PoisonError::into_inner) = Some(teller);
    }

    /// Subscribes a connection of the legacy era to an address.
    pub(super) fn subscribe(&self, caller: &Caller, uri: String) -> Result<(), ErrorData> {
        if !may_hear(caller, &uri) {
            return Err(resources::not_found(&uri));
        }
        let mut addresses = lock(&self.addresses);
        if addresses.len() >= SUBSCRIPTIONS && !addresses.contains(&uri) {
            return Err(ErrorData::invalid_params(
                format!(
                    "{SUBSCRIPTIONS} resources are subscribed to already: unsubscribe from one first"
                ),
                None,
            ));
        }
        addresses.insert(uri);
        Ok(())
    }

    /// Ends such a subscription.
    pub(super) fn unsubscribe(&self, uri: &str) {
        lock(&self.addresses).remove(uri);
    }

    /// Tells a request that listens, until it is cancelled.
    pub(super) async fn listen(
        &self,
        caller: &Caller,
        context: SubscriptionContext,
    ) -> Result<(), ErrorData> {
        let (changes, ceiling) = (caller.host.changes(), caller.ceiling.clone());
        let Ok(_place) = caller.listeners.try_acquire() else {
            return Err(ErrorData::invalid_request(
                format!("{LISTENERS} requests of yours listen already: cancel one first"),
                None,
            ));
        };
        tokio::select! {
            () = context.cancelled() => {}
            () = tell(changes, Way::Modern(&context), ceiling) => {}
        }
        Ok(())
    }
}

/// Returns what a caller may hear of what it wants to.
pub(super) fn accepted(caller: &Caller, requested: &SubscriptionFilter) -> SubscriptionFilter {
    let mut accepted = requested.clone();
    if let Some(uris) = &mut accepted.resource_subscriptions {
        uris.retain(|uri| may_hear(caller, uri));
        uris.truncate(SUBSCRIPTIONS);
    }
    accepted
}

/// Tells whether a resource may be a caller's: another's executions are not, nor what a plugin has that they may not read.
fn may_hear(caller: &Caller, uri: &str) -> bool {
    uri.len() <= LONGEST
        && match own::execution_of(uri) {
            Some(id) => caller.executions().contains(&id),
            None => resources::may_read(caller, uri),
        }
}

fn lock(addresses: &Addresses) -> MutexGuard<'_, BTreeSet<String>> {
    addresses.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a connection is told.
enum Way<'a> {
    Legacy(Peer<RoleServer>, Addresses),
    Modern(&'a SubscriptionContext),
}

/// Tells all that changes, until the connection is gone. Who is too slow to hear each change hears that everything may have
/// changed.
async fn tell(mut changes: Receiver<Changed>, way: Way<'_>, ceiling: Option<Grant>) {
    loop {
        let told = match changes.recv().await {
            // Another plugin may say so of an address than the one that was meant.
            Ok(Changed::Resource {
                plugin: Some(plugin),
                ..
            }) if !names(ceiling.as_ref(), &plugin) => continue,
            Ok(change) => way.tell(&change).await,
            Err(RecvError::Lagged(_)) => way.tell_all().await,
            Err(RecvError::Closed) => return,
        };
        if told.is_err() {
            return;
        }
    }
}

/// The connection is gone.
struct Gone;

impl Way<'_> {
    async fn tell(&self, change: &Changed) -> Result<(), Gone> {
        if !self.wants(change) {
            return Ok(());
        }
        match self {
            Self::Legacy(peer, _) => match change {
                Changed::Tools => peer.notify_tool_list_changed().await,
                Changed::Resources => peer.notify_resource_list_changed().await,
                Changed::Prompts => peer.notify_prompt_list_changed().await,
                Changed::Resource { uri, .. } => {
                    let told = ResourceUpdatedNotificationParam::new(uri.clone());
                    peer.notify_resource_updated(told).await
                }
            }
            .map_err(|_| Gone),
            Self::Modern(context) => {
                let sink = context.sink();
                match change {
                    Changed::Tools => sink.notify_tool_list_changed().await,
                    Changed::Resources => sink.notify_resource_list_changed().await,
                    Changed::Prompts => sink.notify_prompt_list_changed().await,
                    Changed::Resource { uri, .. } => {
                        sink.notify_resource_updated(uri.clone()).await
                    }
                }
                .map_err(|_| Gone)
            }
        }
    }

    async fn tell_all(&self) -> Result<(), Gone> {
        for change in [Changed::Tools, Changed::Resources, Changed::Prompts] {
            self.tell(&change).await?;
        }
        for uri in self.addresses() {
            self.tell(&Changed::Resource { uri, plugin: None }).await?;
        }
        Ok(())
    }

    fn addresses(&self) -> Vec<String> {
        match self {
            Self::Legacy(_, addresses) => lock(addresses).iter().cloned().collect(),
            Self::Modern(context) => context
                .accepted()
                .resource_subscriptions
                .clone()
                .unwrap_or_default(),
        }
    }

    fn wants(&self, change: &Changed) -> bool {
        match (self, change) {
            (Self::Legacy(_, addresses), Changed::Resource { uri, .. }) => {
                lock(addresses).contains(uri)
            }
            (Self::Modern(context), Changed::Resource { uri, .. }) => {
                let accepted = context.accepted().resource_subscriptions.as_ref();
                accepted.is_some_and(|uris| uris.contains(uri))
            }
            (Self::Legacy(..), Changed::Tools | Changed::Resources | Changed::Prompts) => true,
            (Self::Modern(context), Changed::Tools) => {
                context.accepted().tools_list_changed == Some(true)
            }
            (Self::Modern(context), Changed::Resources) => {
                context.accepted().resources_list_changed == Some(true)
            }
            (Self::Modern(context), Changed::Prompts) => {
                context.accepted().prompts_list_changed == Some(true)
            }
        }
    }
}
