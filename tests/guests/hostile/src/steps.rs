//! What was tried, and how each try ended.

use paracle_plugin_sdk::prelude::*;
use wasip2::filesystem::types::{Descriptor, ErrorCode};
use wasip2::filesystem::{preopens, types};

/// One try.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Step {
    what: String,
    /// The error's name, or `done`.
    ended: String,
    held: bool,
}

/// All tries. None may have come through.
#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Steps {
    tried: usize,
    /// Those that came through, or ended in another way than they must.
    broken: Vec<Step>,
}

impl Steps {
    /// Notes a try that must be refused, for whatever reason.
    pub(crate) fn must_fail<T>(&mut self, what: impl Into<String>, tried: Result<T, ErrorCode>) {
        self.note(what, tried.as_ref().err().is_some(), ended(&tried));
    }

    /// Notes a try that must work: the ground that the others stand on.
    pub(crate) fn must<T>(
        &mut self,
        what: impl Into<String>,
        tried: Result<T, ErrorCode>,
    ) -> Option<T> {
        self.note(what, tried.is_ok(), ended(&tried));
        tried.ok()
    }

    fn note(&mut self, what: impl Into<String>, held: bool, ended: String) {
        self.tried += 1;
        if !held && self.broken.len() < 50 {
            let what = what.into().chars().take(120).collect();
            self.broken.push(Step { what, ended, held });
        }
    }
}

fn ended<T>(tried: &Result<T, ErrorCode>) -> String {
    match tried {
        Ok(_) => "done".into(),
        Err(code) => code.name().into(),
    }
}

/// Returns the workspace, as WASI hands it out.
pub(crate) fn root() -> Result<Descriptor, ToolError> {
    let first = preopens::get_directories().into_iter().next();
    first
        .map(|(root, _)| root)
        .ok_or_else(|| ToolError::runtime("there is no workspace"))
}

/// Opens a path to read it.
pub(crate) fn open(dir: &Descriptor, path: &str) -> Result<Descriptor, ErrorCode> {
    let (follow, none) = (types::PathFlags::SYMLINK_FOLLOW, types::OpenFlags::empty());
    dir.open_at(follow, path, none, types::DescriptorFlags::READ)
}

/// Makes a file with a few bytes in it.
pub(crate) fn make(dir: &Descriptor, path: &str) -> Result<Descriptor, ErrorCode> {
    let rights = types::DescriptorFlags::READ | types::DescriptorFlags::WRITE;
    let none = types::PathFlags::empty();
    let file = dir.open_at(none, path, types::OpenFlags::CREATE, rights)?;
    file.write(b"made\n", 0)?;
    Ok(file)
}
