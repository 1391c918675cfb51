//! A fixture made for a host that does not exist yet.

use paracle_plugin_sdk::prelude::*;

struct Future;

impl Plugin for Future {
    const PARACLE_VERSION: &str = ">=99";
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Does nothing; nobody should get this far.
#[derive(Deserialize, JsonSchema)]
struct Noop {}

impl Tool<Future> for Noop {
    const NAME: &str = "noop";
    type Output = ();

    fn call(self, _: &mut Context<'_, Future>) -> Result<(), ToolError> {
        Ok(())
    }
}

paracle_plugin_sdk::export!(tools: [Noop], plugin: Future);
