//! A fixture that offers what the conformance suite of the Model Context Protocol asks of a server, all of it from inside the
//! sandbox: what passes there passed through the whole host.
//!
//! Each name, text and schema is the suite's (`@modelcontextprotocol/conformance`, `cargo xtask conformance`).

use paracle_plugin_sdk::prelude::*;

mod asking;
mod content;
mod offered;
mod rounds;
mod schemas;
mod telling;

/// Makes tools without arguments: a sentence, a type, the name, and what a call does.
macro_rules! tools {
    ($($doc:literal $type:ident $name:literal $(needs $needs:ident)? => $call:path;)*) => {$(
        #[doc = $doc]
        #[derive(serde::Deserialize, schemars::JsonSchema)]
        pub(crate) struct $type {}

        impl paracle_plugin_sdk::tool::Tool<$crate::Fixtures> for $type {
            const NAME: &str = $name;
            const ANNOTATIONS: paracle_plugin_sdk::tool::Annotations =
                paracle_plugin_sdk::tool::Annotations::READ_ONLY;
            $(const NEEDS: &[paracle_plugin_sdk::tool::Ability] =
                &[paracle_plugin_sdk::tool::Ability::$needs];)?
            type Output = paracle_plugin_sdk::output::Output;

            fn call(
                self,
                _: &mut paracle_plugin_sdk::context::Context<'_, $crate::Fixtures>,
            ) -> Result<Self::Output, paracle_plugin_sdk::tool::ToolError> {
                $call()
            }
        }
    )*};
}
pub(crate) use tools;

/// The plugin; it keeps nothing.
pub(crate) struct Fixtures;

impl Plugin for Fixtures {
    const CAPABILITIES: &[Capability] = &[Capability::Ask, Capability::Completions];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

paracle_plugin_sdk::export!(
    tools: [
        content::SimpleText, content::Image, content::Audio, content::Embedded, content::Mixed, content::Failing,
        telling::Logging, telling::Progress, telling::LoggingOnce, telling::Reconnection,
        telling::ToolChange, telling::PromptChange,
        schemas::Vocabulary, schemas::CustomHeaders,
        asking::Elicitation, asking::Defaults, asking::Enums, asking::Sampling, asking::MissingCapability, asking::Streaming,
        rounds::Elicitation, rounds::Sampling, rounds::Roots, rounds::RequestState, rounds::Several, rounds::Rounds,
        rounds::Tampered, rounds::Capabilities,
    ],
    plugin: Fixtures,
    context
);
