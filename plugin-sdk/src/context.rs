//! What a tool knows about the call it answers.

use crate::bindings::life_cycle::paracle::plugin::tool_types;
use crate::host::progress;
use crate::plugin::{Capability, Denied};
use crate::tool::ToolError;
use std::path::{Path, PathBuf};
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::DescriptorFlags;

/// The call, the plugin it belongs to, and the way to tell how far it has come.
pub struct Context<'a, P = ()> {
    plugin: &'a mut P,
    call: &'a tool_types::Context,
}

/// A directory that was granted beside the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Where `std::fs` finds it.
    pub path: PathBuf,
    /// Whether it was granted for writing, too.
    pub writable: bool,
}

impl<'a, P> Context<'a, P> {
    /// Joins a plugin and a call.
    pub(crate) fn new(plugin: &'a mut P, call: &'a tool_types::Context) -> Self {
        Self { plugin, call }
    }

    /// Returns the plugin: its configuration, and what it keeps if it is stateful.
    pub fn plugin(&mut self) -> &mut P {
        self.plugin
    }

    /// Returns the call's id.
    pub fn call_id(&self) -> &str {
        &self.call.call_id
    }

    /// Returns the id of the agent that calls, if one does.
    pub fn agent_id(&self) -> Option<&str> {
        self.call.agent_id.as_deref()
    }

    /// Returns the id of the execution that the call belongs to.
    pub fn execution_id(&self) -> Option<&str> {
        self.call.execution_id.as_deref()
    }

    /// Returns the folder of the workspace, or the refusal where the operator has granted none.
    pub fn workspace(&self) -> Result<&'a Path, ToolError> {
        let refusal = || Denied::not_granted(Capability::FileAccess, "the plugin has no workspace");
        Ok(self
            .call
            .workspace
            .as_deref()
            .map(Path::new)
            .ok_or_else(refusal)?)
    }

    /// Returns the directories that were granted beside the workspace, by the names that the plugin has for them.
    pub fn directories(&self) -> Vec<Directory> {
        // On the developer's machine there is no host to grant any.
        if !cfg!(target_arch = "wasm32") {
            return Vec::new();
        }
        let workspace = self.call.workspace.as_deref().map(Path::new);
        preopens::get_directories()
            .into_iter()
            .map(|(directory, path)| Directory {
                path: path.into(),
                writable: directory.get_flags().is_ok_and(|flags| {
                    flags & DescriptorFlags::MUTATE_DIRECTORY == DescriptorFlags::MUTATE_DIRECTORY
                }),
            })
            .filter(|directory| Some(directory.path.as_path()) != workspace)
            .collect()
    }

    /// Tells the caller how far the call has come, and stops where the caller gave up.
    pub fn progress(
        &self,
        done: usize,
        total: Option<usize>,
        message: &str,
    ) -> Result<(), ToolError> {
        progress::report(done, total, message);
        self.check_cancelled()
    }

    /// Stops where the caller gave up: for loops that have nothing to report.
    pub fn check_cancelled(&self) -> Result<(), ToolError> {
        if progress::cancelled() {
            Err(ToolError::Cancelled)
        } else {
            Ok(())
        }
    }
}
