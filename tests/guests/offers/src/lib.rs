//! A fixture of a plugin that offers resources, prompts and suggestions beside its tools, and that changes them while it runs.

mod prompts;
mod resources;
mod tools;

use std::sync::atomic::{AtomicBool, Ordering};

use paracle_plugin_sdk::prelude::*;

/// Whether the plugin offers other things than at first: the instance lives on.
static OTHERS: AtomicBool = AtomicBool::new(false);
/// Whether it fails to list its resources.
static FAILS: AtomicBool = AtomicBool::new(false);

fn changed() -> bool {
    OTHERS.load(Ordering::Relaxed)
}

#[derive(Default)]
struct Offers;

impl Plugin for Offers {
    const CAPABILITIES: &[Capability] = &[Capability::Tools, Capability::Ask];
    const STATEFUL: bool = true;
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

/// Asks for a word.
#[derive(Deserialize, JsonSchema)]
struct Word {
    /// Any word.
    word: String,
}

use tools::{Change, Greet, Long, Picture, Say, Unlike};

paracle_plugin_sdk::export!(tools: [Change, Greet, Long, Picture, Say, Unlike], plugin: Offers, context);
