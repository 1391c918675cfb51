//! A fixture that pushes at the host: it takes, holds, returns and says more than anybody should, and looks for ways out.

use paracle_plugin_sdk::prelude::*;

mod leave;
mod links;
mod look;
mod names;
mod push;
mod readonly;
mod steps;
mod take;

use leave::Leave;
use look::Look;
use push::Push;
use take::Take;

struct Hostile;

impl Plugin for Hostile {
    const CAPABILITIES: &[Capability] = &[Capability::FileAccess, Capability::Tools];
    /// Whatever the operator writes.
    type Config = Value;

    fn new(_: Value) -> Result<Self, InitError> {
        Ok(Self)
    }
}

paracle_plugin_sdk::export!(tools: [Push, Take, Leave, Look], plugin: Hostile);
