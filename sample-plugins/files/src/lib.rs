//! What an assistant needs to work on a repository: seven tools over `std::fs`, in what was granted and nowhere else.

use paracle_plugin_sdk::prelude::*;

mod edit;
mod glob;
mod list;
mod manage;
mod paths;
mod read;
mod search;
mod write;

/// The plugin: it asks for the workspace, and keeps nothing.
struct Files;

impl Plugin for Files {
    const CAPABILITIES: &[Capability] = &[Capability::FileAccess];
    const TAGS: &[&str] = &["files", "editing", "search"];
    type Config = ();

    fn new((): ()) -> Result<Self, InitError> {
        Ok(Self)
    }
}

paracle_plugin_sdk::export!(
    tools: [
        read::Read,
        write::Write,
        edit::Edit,
        list::List,
        search::Search,
        manage::Move,
        manage::Delete,
    ],
    plugin: Files,
);
