//! Tries to leave the workspace, or to change what it may only read.

use paracle_plugin_sdk::prelude::*;

use crate::steps::{Steps, make, open, root};
use crate::{Hostile, links, names, readonly};

/// Tries to leave.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Leave {
    /// `read-only`, `handles`, or a group of names or of links.
    how: String,
}

impl Tool<Hostile> for Leave {
    const NAME: &str = "leave";
    type Output = Json<Steps>;

    fn call(self, _: &mut Context<'_, Hostile>) -> Result<Json<Steps>, ToolError> {
        let root = root()?;
        let mut steps = Steps::default();
        match self.how.as_str() {
            "read-only" => readonly::run(&mut steps, &root),
            // In a workspace that may be written, through a handle that may not.
            "handles" => {
                steps.must("make a file", make(&root, "f"));
                if let Some(file) = steps.must("open it to read", open(&root, "f")) {
                    steps.must_fail("write", file.write(b"x", 0));
                    steps.must_fail("truncate", file.set_size(0));
                    steps.must_fail("write by stream", file.write_via_stream(0));
                    steps.must_fail("append by stream", file.append_via_stream());
                }
            }
            how => {
                if !names::run(&mut steps, &root, how) && !links::run(&mut steps, &root, how) {
                    return Err(ToolError::runtime(format!("no such way: {how}")));
                }
            }
        }
        Ok(Json::new(steps))
    }
}
