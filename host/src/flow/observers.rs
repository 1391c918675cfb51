//! Telling observer plugins what happened, one event after the other, away from the calls.

use std::sync::{Arc, Weak};

use super::Host;
use crate::model::{Event, Kind};
use crate::observe::Listener;

/// Starts telling events as they come, for as long as the host lives.
pub(super) fn start(host: &Arc<Host>, mut listener: Listener) {
    let host: Weak<Host> = Arc::downgrade(host);
    tokio::spawn(async move {
        while let Some(event) = listener.next().await {
            let Some(host) = host.upgrade() else {
                return;
            };
            tell(&host, &event).await;
        }
    });
}

async fn tell(host: &Host, event: &Event) {
    let registry = host.registry();
    for plugin in registry
        .plugins()
        .filter(|plugin| plugin.info.kind == Kind::Observer)
    {
        if let Err(error) = host.sandbox().observe(plugin, event).await {
            tracing::warn!(plugin = %plugin.info.name, %error, "an observer did not take an event");
        }
    }
}
