//! A fixture that observes, and never comes back from it, unless it is told to say what it heard.

use paracle_plugin_sdk::host::log;
use paracle_plugin_sdk::observer::{Event, Observer};
use paracle_plugin_sdk::prelude::*;
use std::hint::black_box;

struct Watcher {
    says: bool,
}

#[derive(Deserialize, JsonSchema)]
struct Config {
    /// Logs what it hears.
    #[serde(default)]
    says: bool,
}

impl Plugin for Watcher {
    type Config = Config;

    fn new(config: Config) -> Result<Self, InitError> {
        Ok(Self { says: config.says })
    }
}

impl Observer for Watcher {
    fn on_event(&mut self, event: &Event) {
        if self.says {
            log::info(event.event_type.name(), &event.data);
            return;
        }
        loop {
            black_box(0);
        }
    }
}

paracle_plugin_sdk::export!(observer: Watcher);
