//! A fixture whose version is no version: Cargo would refuse it in the manifest, so it is changed afterwards.

use paracle_plugin_sdk::prelude::*;

struct BadMeta;

impl Plugin for BadMeta {
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }

    fn describe(info: &mut PluginInfo) {
        info.version = "not-semver".into();
    }
}

/// Does nothing; nobody should get this far.
#[derive(Deserialize, JsonSchema)]
struct Noop {}

impl Tool<BadMeta> for Noop {
    const NAME: &str = "noop";
    type Output = ();

    fn call(self, _: &mut Context<'_, BadMeta>) -> Result<(), ToolError> {
        Ok(())
    }
}

paracle_plugin_sdk::export!(tools: [Noop], plugin: BadMeta);
