//! `observer`: one event after the other.

use super::slot::{Guest, Hosted, NOT_STARTED, with};
use crate::bindings::observer::exports::paracle::plugin::observer as exported;
use crate::host::log;
use crate::observer::{Event, Observer};

impl<H: Hosted<Plugin: Observer>> exported::Guest for Guest<H> {
    fn observe(event: Event) {
        if with::<H, _>(|plugin| plugin.observe(&event)).is_none() {
            log::warn("observer", NOT_STARTED);
        }
    }
}
