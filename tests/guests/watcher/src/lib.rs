//! A fixture that observes, and never comes back from it.

use paracle_plugin_sdk::observer::{Event, Observer};
use paracle_plugin_sdk::prelude::*;
use std::hint::black_box;

struct Watcher;

impl Plugin for Watcher {
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

impl Observer for Watcher {
    fn on_event(&mut self, _: &Event) {
        loop {
            black_box(0);
        }
    }
}

paracle_plugin_sdk::export!(observer: Watcher);
