//! A list of steps and how each went.

use paracle_plugin_sdk::prelude::*;
use std::io;
use std::path::PathBuf;

/// How a step went.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Step {
    pub(crate) step: &'static str,
    pub(crate) ok: bool,
    pub(crate) detail: String,
}

/// The steps so far, and the folder they work in.
pub(crate) struct Steps {
    pub(crate) folder: PathBuf,
    pub(crate) done: Vec<Step>,
}

impl Steps {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            done: Vec::new(),
        }
    }

    /// Names something in the folder.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A step that must work and answer `wanted`.
    pub(crate) fn must<T: PartialEq + std::fmt::Debug>(
        &mut self,
        step: &'static str,
        wanted: T,
        f: impl FnOnce(&Self) -> io::Result<T>,
    ) {
        let (ok, detail) = match f(self) {
            Ok(got) if got == wanted => (true, String::new()),
            Ok(got) => (false, format!("got {got:?}, not {wanted:?}")),
            Err(e) => (false, format!("{:?}: {e}", e.kind())),
        };
        self.done.push(Step { step, ok, detail });
    }

    /// A step that must be refused.
    pub(crate) fn must_fail<T: std::fmt::Debug>(
        &mut self,
        step: &'static str,
        f: impl FnOnce(&Self) -> io::Result<T>,
    ) {
        let (ok, detail) = match f(self) {
            Ok(got) => (false, format!("worked: {got:?}")),
            Err(e) => (true, format!("{:?}: {e}", e.kind())),
        };
        self.done.push(Step { step, ok, detail });
    }
}
